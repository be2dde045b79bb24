//! From the slots of a query to typed conditions (ITI TF-2: 3.18.4.1.2.3).

use super::literal::Literal;
use super::slots::{Misread, SlotReader, TooMany};
use super::values::{CodeKey, Instant, OneOf, Pattern, TimeRange};
use super::{
    Condition, Filter, Need, ParamDef, ParamKind, QUERIES, QueryDef, StoredQuery, Subject,
    TimeAttribute, by_id,
};
use crate::iti18::{AdhocQuery, ReturnType};
use crate::rules;
use renkei_metadata::finding::{Checked, Finding};
use renkei_metadata::ids::{Dtm, EntryUuid, HomeCommunityId, Invalid, Oid, PatientId, UniqueId};
use renkei_metadata::model::{AssociationType, AvailabilityStatus, EntryType};

/// How many values a query may have in all, unless the setting says otherwise.
pub const QUERY_VALUES: usize = 10_000;

/// Checks a query against its row, with the default limit of values. There is a value exactly when
/// there is no error; the findings are all there are.
pub fn parse(query: &AdhocQuery) -> Checked<StoredQuery> {
    parse_within(query, QUERY_VALUES)
}

/// Checks a query against its row; `max_values` is the setting `limits.query_values`.
pub fn parse_within(query: &AdhocQuery, max_values: usize) -> Checked<StoredQuery> {
    let mut findings = Vec::new();
    let name = by_id(&query.id).map_or("AdhocQuery", |d| d.name);
    let return_type = return_type(query, name, &mut findings);
    let home = home(query, name, &mut findings);
    let Some(def) = by_id(&query.id) else {
        findings.push(unknown_query(&query.id));
        return Checked::bad(findings);
    };
    let reader = SlotReader { def, query, values_left: max_values, findings };
    let mut parser = Parser { reader, subject: None, filters: Vec::new(), chosen: 0 };
    if query.params.len() > max_values || parser.params().is_err() {
        parser.reader.findings.push(too_many(def, max_values));
        return Checked::bad(parser.reader.findings);
    }
    let Parser { reader, subject, filters, .. } = parser;
    let value = match (return_type, subject) {
        (Some(return_type), Some(subject)) if reader.findings.is_empty() => Some(StoredQuery {
            def,
            return_type,
            home,
            subject,
            filters,
            unknown_params: unknown_params(def, query),
        }),
        _ => None,
    };
    Checked { value, findings: reader.findings }
}

fn return_type(query: &AdhocQuery, name: &str, findings: &mut Vec<Finding>) -> Option<ReturnType> {
    let found = ReturnType::parse(&query.return_type);
    if found.is_none() {
        findings.push(
            Finding::new(&rules::QUERY_RETURN_TYPE, name)
                .attribute("returnType")
                .value(&query.return_type)
                .expected("LeafClass or ObjectRef", "LeafClass または ObjectRef")
                .location("ResponseOption/@returnType"),
        );
    }
    found
}

fn home(query: &AdhocQuery, name: &str, findings: &mut Vec<Finding>) -> Option<HomeCommunityId> {
    let home = query.home.as_deref()?.trim();
    match HomeCommunityId::parse(home) {
        Ok(home) => Some(home),
        Err(e) => {
            findings.push(
                Finding::new(&rules::QUERY_HOME, name)
                    .attribute("home")
                    .value(home)
                    .expected(e.expected, e.expected_ja)
                    .location("AdhocQuery/@home"),
            );
            None
        }
    }
}

fn unknown_query(id: &str) -> Finding {
    let supported: Vec<String> = QUERIES.iter().map(|q| format!("{} ({})", q.id, q.name)).collect();
    let supported = supported.join(", ");
    Finding::new(&rules::QUERY_UNKNOWN, "AdhocQuery")
        .attribute("id")
        .value(id)
        .expected(format!("one of {supported}"), format!("次のいずれか: {supported}"))
        .location("AdhocQuery/@id")
}

fn too_many(def: &QueryDef, max: usize) -> Finding {
    Finding::new(&rules::QUERY_TOO_MANY_VALUES, def.name).expected(
        format!("at most {max} values (limits.query_values)"),
        format!("{max}個以内の値(limits.query_values)"),
    )
}

fn unknown_params(def: &QueryDef, query: &AdhocQuery) -> Vec<String> {
    let names = query.params.iter().map(|(name, _)| name);
    names.filter(|name| def.param(name).is_none()).cloned().collect()
}

struct Parser<'q> {
    reader: SlotReader<'q>,
    subject: Option<Subject>,
    filters: Vec<Filter>,
    /// How many of the parameters that exclude one another were given.
    chosen: usize,
}

impl Parser<'_> {
    fn params(&mut self) -> Result<(), TooMany> {
        for param in self.reader.def.params {
            if param.kind.names_objects() {
                self.name(param)?;
            } else {
                self.restrict(param)?;
            }
        }
        self.reader.check_choice(self.chosen);
        Ok(())
    }

    /// A parameter that says with which objects the query begins.
    fn name(&mut self, param: &'static ParamDef) -> Result<(), TooMany> {
        let kinds = param.objects;
        let (given, subject) = match param.kind {
            ParamKind::PatientId => {
                let slots = self.reader.slots(param, quoted(|t| PatientId::parse(t).ok()))?;
                (slots.is_given(), slots.one_of().map(Subject::Patients))
            }
            ParamKind::EntryUuid => {
                let slots = self.reader.slots(param, quoted(|t| EntryUuid::parse(t).ok()))?;
                let ids = |ids| Subject::EntryUuids { kinds, ids };
                (slots.is_given(), slots.one_of().map(ids))
            }
            ParamKind::UniqueId => {
                let slots = self.reader.slots(param, quoted(|t| UniqueId::parse(t).ok()))?;
                let ids = |(kind, ids)| Subject::UniqueIds { kind, ids };
                (slots.is_given(), kinds.first().copied().zip(slots.one_of()).map(ids))
            }
            ParamKind::Status
            | ParamKind::EntryType
            | ParamKind::SourceId
            | ParamKind::AssociationType
            | ParamKind::Code(_)
            | ParamKind::From(_)
            | ParamKind::To(_)
            | ParamKind::Text(_) => (false, None),
        };
        if given && param.need == Need::Choice {
            self.chosen += 1;
        }
        self.subject = self.subject.take().or(subject);
        Ok(())
    }

    /// A parameter that restricts objects.
    fn restrict(&mut self, param: &'static ParamDef) -> Result<(), TooMany> {
        let reader = &mut self.reader;
        let condition = match param.kind {
            ParamKind::PatientId | ParamKind::EntryUuid | ParamKind::UniqueId => None,
            ParamKind::Status => reader.slots(param, status)?.one_of().map(Condition::Status),
            ParamKind::EntryType => {
                let slots = reader.slots(param, quoted(|t| EntryType::parse(t).ok()))?;
                // ITI TF-2: 3.18.4.1.2.3.7.1: without the parameter a consumer means Stable entries.
                let types = slots.one_of().unwrap_or(OneOf::only(EntryType::Stable));
                Some(Condition::EntryType(types))
            }
            ParamKind::SourceId => {
                let slots = reader.slots(param, quoted(|t| Oid::parse(t).ok()))?;
                slots.one_of().map(Condition::SourceId)
            }
            ParamKind::AssociationType => {
                let slots = reader.slots(param, quoted(|t| AssociationType::parse(t).ok()))?;
                slots.one_of().map(Condition::AssociationType)
            }
            ParamKind::Code(attribute) => {
                let slots = reader.slots(param, quoted(CodeKey::parse))?;
                slots.all_of().map(|codes| Condition::Code(attribute, codes))
            }
            ParamKind::Text(attribute) => {
                let pattern = |text: &str| Pattern::parse(&attribute.compared(text));
                let slots = reader.slots(param, quoted(pattern))?;
                slots.all_of().map(|patterns| Condition::Text(attribute, patterns))
            }
            ParamKind::From(attribute) => {
                let from = reader.slots(param, instant)?.value();
                self.bound(param, attribute, TimeRange { from, to: None });
                None
            }
            ParamKind::To(attribute) => {
                let to = reader.slots(param, instant)?.value();
                self.bound(param, attribute, TimeRange { from: None, to });
                None
            }
        };
        if let Some(condition) = condition {
            self.add(param, &condition);
        }
        Ok(())
    }

    fn add(&mut self, param: &ParamDef, condition: &Condition) {
        let filter = |kind: &_| Filter { kind: *kind, condition: condition.clone() };
        self.filters.extend(param.objects.iter().map(filter));
    }

    /// Adds one side of a range of time, whose other side may be there already.
    fn bound(&mut self, param: &ParamDef, attribute: TimeAttribute, side: TimeRange) {
        if side == TimeRange::default() {
            return;
        }
        let mut joined = false;
        for filter in &mut self.filters {
            match &mut filter.condition {
                Condition::Time(other, range)
                    if *other == attribute && param.objects.contains(&filter.kind) =>
                {
                    range.from = range.from.take().or_else(|| side.from.clone());
                    range.to = range.to.take().or_else(|| side.to.clone());
                    joined = true;
                }
                _ => {}
            }
        }
        if !joined {
            self.add(param, &Condition::Time(attribute, side));
        }
    }
}

/// A value in quotes.
fn quoted<T>(parse: impl Fn(&str) -> Option<T>) -> impl Fn(&Literal) -> Result<Option<T>, Misread> {
    move |literal| match parse(&literal.text) {
        Some(value) if literal.quoted => Ok(Some(value)),
        _ => Err(Misread),
    }
}

/// A status; a text that is none is passed over (ITI TF-2: 3.18.4.1.2.3.7).
fn status(literal: &Literal) -> Result<Option<AvailabilityStatus>, Misread> {
    if literal.quoted { Ok(AvailabilityStatus::parse(&literal.text).ok()) } else { Err(Misread) }
}

/// A time. In quotes it is wrong but common, and means one thing only.
fn instant(literal: &Literal) -> Result<Option<Instant>, Misread> {
    Dtm::parse(&literal.text).map(|t| Some(Instant::of(&t))).map_err(|_| Misread)
}

impl ParamKind {
    /// The spelling that is right, in both languages.
    pub const fn expected(self) -> Invalid {
        let (expected, expected_ja) = match self {
            Self::PatientId => (
                "a CX value in single quotes: 'ID^^^&OID&ISO'",
                "単一引用符で囲んだCX値: 'ID^^^&OID&ISO'",
            ),
            Self::Status => (
                "a list of status URNs: ('urn:oasis:names:tc:ebxml-regrep:StatusType:Approved')",
                "ステータスURNのリスト: ('urn:oasis:names:tc:ebxml-regrep:StatusType:Approved')",
            ),
            Self::Code(_) => (
                "a list of codes with their schemes: ('code^^scheme')",
                "コードとコード体系のリスト: ('code^^scheme')",
            ),
            Self::Text(_) => (
                "a list of patterns of 1 to 256 characters: ('%name%')",
                "1〜256文字のパターンのリスト: ('%name%')",
            ),
            Self::From(_) | Self::To(_) => (
                "a UTC time without quotes: YYYY[MM[DD[hh[mm[ss]]]]]",
                "引用符なしのUTC日時: YYYY[MM[DD[hh[mm[ss]]]]]",
            ),
            Self::EntryType => (
                "a list of objectTypes of DocumentEntries: ('urn:uuid:7edca82f-054d-47f2-a032-9b2a5b5186c1')",
                "DocumentEntryのobjectTypeのリスト: ('urn:uuid:7edca82f-054d-47f2-a032-9b2a5b5186c1')",
            ),
            Self::SourceId => {
                ("OIDs in single quotes: ('1.2.3')", "単一引用符で囲んだOID: ('1.2.3')")
            }
            Self::AssociationType => (
                "a list of association types: ('urn:ihe:iti:2007:AssociationType:RPLC')",
                "関連タイプのリスト: ('urn:ihe:iti:2007:AssociationType:RPLC')",
            ),
            Self::EntryUuid => (
                "entryUUIDs in single quotes: 'urn:uuid:8-4-4-4-12 hexadecimal digits'",
                "単一引用符で囲んだentryUUID: 'urn:uuid:8-4-4-4-12桁の16進数'",
            ),
            Self::UniqueId => (
                "uniqueIds in single quotes, each 1 to 128 printable ASCII characters",
                "単一引用符で囲んだuniqueId(印字可能ASCII 1〜128文字)",
            ),
        };
        Invalid { expected, expected_ja }
    }
}

#[cfg(test)]
mod tests;
