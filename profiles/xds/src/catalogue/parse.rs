//! From the slots of a query to typed conditions (ITI TF-2: 3.18.4.1.2.3).

use super::literal::Literal;
use super::slots::{Misread, SlotReader, TooMany};
use super::values::{AllOf, CodeKey, Instant, OneOf, Pattern, TimeRange};
use super::{
    Condition, Filter, MetadataLevel, Need, ParamDef, ParamKind, QueryDef, StoredQuery, Subject,
    TimeAttribute, any_by_id, asked_by, by_id,
};
use crate::iti18::{AdhocQuery, ReturnType};
use crate::rules;
use crate::transaction::{ITI_18, Transaction};
use renkei_metadata::finding::{Checked, Finding};
use renkei_metadata::ids::{Dtm, EntryUuid, HomeCommunityId, Oid, PatientId, UniqueId};
use renkei_metadata::model::{
    AssociationType, AvailabilityStatus, DocumentAvailability, EntryType,
};

/// How many values a query may have in all, unless the setting says otherwise.
pub const QUERY_VALUES: usize = 10_000;

/// Checks a query against its row, whichever transaction asks it, with the default limit of values.
/// There is a value exactly when there is no error; the findings are all there are.
pub fn parse(query: &AdhocQuery) -> Checked<StoredQuery> {
    let transaction = any_by_id(&query.id).map_or(&ITI_18, |def| def.transaction);
    parse_within(transaction, query, QUERY_VALUES)
}

/// Checks a query that `transaction` asks against its row; `max_values` is the setting
/// `limits.query_values`.
pub fn parse_within(
    transaction: &Transaction,
    query: &AdhocQuery,
    max_values: usize,
) -> Checked<StoredQuery> {
    let mut findings = Vec::new();
    let def = by_id(transaction, &query.id);
    let name = def.map_or("AdhocQuery", |d| d.name);
    let return_type = return_type(query, name, &mut findings);
    let home = home(query, name, &mut findings);
    let Some(def) = def else {
        findings.push(unknown_query(transaction, &query.id));
        return Checked::bad(findings);
    };
    let reader = SlotReader { def, query, values_left: max_values, given: Vec::new(), findings };
    let level = MetadataLevel::default();
    let mut parser = Parser { reader, subject: None, filters: Vec::new(), level };
    if query.params.len() > max_values || parser.params().is_err() {
        parser.reader.findings.push(too_many(def, max_values));
        return Checked::bad(parser.reader.findings);
    }
    let Parser { mut reader, subject, filters, level } = parser;
    let unknown_params = unknown_params(&mut reader);
    // Where no patient has to be named, all are meant.
    let is_patient = |p: &&ParamDef| p.kind == ParamKind::PatientId;
    let anyone = def.params.iter().find(is_patient).is_some_and(|p| p.need != Need::Required);
    let subject = subject.or(anyone.then_some(Subject::Anyone));
    let value = match (return_type, subject) {
        (Some(return_type), Some(subject)) if reader.findings.is_empty() => {
            Some(StoredQuery { def, return_type, home, subject, filters, level, unknown_params })
        }
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

fn unknown_query(transaction: &Transaction, id: &str) -> Finding {
    let supported: Vec<String> =
        asked_by(transaction).map(|q| format!("{} ({})", q.id, q.name)).collect();
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

/// The slots that no parameter is called. Of these the schemes beside codes, which old revisions had,
/// are refused: without them the answer would not be what was asked for (ITI TF-2: 3.18.4.1.2.3.4).
fn unknown_params(reader: &mut SlotReader<'_>) -> Vec<String> {
    let (def, query) = (reader.def, reader.query);
    let names = query.params.iter().map(|(name, _)| name);
    let unknown: Vec<String> = names.filter(|name| def.param(name).is_none()).cloned().collect();
    for name in &unknown {
        let param = name.strip_suffix("Scheme").and_then(|name| def.param(name));
        if param.is_some_and(|p| matches!(p.kind, ParamKind::Code(_))) {
            reader.findings.push(reader.about(&rules::QUERY_OLD_SCHEME, name.as_str()));
        }
    }
    unknown
}

struct Parser<'q> {
    reader: SlotReader<'q>,
    subject: Option<Subject>,
    filters: Vec<Filter>,
    level: MetadataLevel,
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
        self.reader.check_combinations();
        Ok(())
    }

    /// A parameter that says with which objects the query begins.
    fn name(&mut self, param: &'static ParamDef) -> Result<(), TooMany> {
        let kinds = param.objects;
        let kind = kinds.first().copied();
        let reader = &mut self.reader;
        let subject = match param.kind {
            ParamKind::PatientId => {
                let slots = reader.slots(param, quoted(|t| PatientId::parse(t).ok()))?;
                slots.one_of().map(Subject::Patients)
            }
            ParamKind::EntryUuid => {
                let slots = reader.slots(param, quoted(|t| EntryUuid::parse(t).ok()))?;
                slots.one_of().map(|ids| Subject::EntryUuids { kinds, ids })
            }
            ParamKind::UniqueId => {
                let slots = reader.slots(param, quoted(|t| UniqueId::parse(t).ok()))?;
                kind.zip(slots.one_of()).map(|(kind, ids)| Subject::UniqueIds { kind, ids })
            }
            ParamKind::LogicalId => {
                let slots = reader.slots(param, quoted(|t| EntryUuid::parse(t).ok()))?;
                kind.zip(slots.one_of()).map(|(kind, ids)| Subject::LogicalIds { kind, ids })
            }
            ParamKind::MetadataLevel
            | ParamKind::Status
            | ParamKind::Availability
            | ParamKind::EntryType
            | ParamKind::SourceId
            | ParamKind::AssociationType
            | ParamKind::Code(_)
            | ParamKind::From(_)
            | ParamKind::To(_)
            | ParamKind::Text(_) => None,
        };
        self.subject = self.subject.take().or(subject);
        Ok(())
    }

    /// A parameter that restricts objects.
    fn restrict(&mut self, param: &'static ParamDef) -> Result<(), TooMany> {
        let reader = &mut self.reader;
        match param.kind {
            ParamKind::PatientId
            | ParamKind::EntryUuid
            | ParamKind::UniqueId
            | ParamKind::LogicalId => {}
            ParamKind::MetadataLevel => {
                self.level = reader.slots(param, level)?.value().unwrap_or_default();
            }
            ParamKind::Status => {
                let statuses = reader.slots(param, status)?.one_of();
                // What may be absent means Approved then (Metadata Update, $XDSAssociationStatus).
                let default = || Some(OneOf::only(AvailabilityStatus::Approved));
                let statuses = statuses.or_else(|| default().filter(|_| param.may_be_absent()));
                self.add(param, statuses.map(Condition::Status));
            }
            ParamKind::Availability => {
                let slots = reader.slots(param, quoted(|t| DocumentAvailability::parse(t).ok()))?;
                self.add(param, slots.one_of().map(Condition::Availability));
            }
            ParamKind::EntryType => {
                let slots = reader.slots(param, quoted(|t| EntryType::parse(t).ok()))?;
                let types = slots.one_of().or_else(|| reader.default_types(param));
                self.add(param, types.map(Condition::EntryType));
            }
            ParamKind::SourceId => {
                let slots = reader.slots(param, quoted(|t| Oid::parse(t).ok()))?;
                self.add(param, slots.one_of().map(Condition::SourceId));
            }
            ParamKind::AssociationType => {
                let slots = reader.slots(param, quoted(|t| AssociationType::parse(t).ok()))?;
                self.add(param, slots.one_of().map(Condition::AssociationType));
            }
            ParamKind::Code(attribute) => {
                let slots = reader.slots(param, quoted(CodeKey::parse))?;
                let condition = |codes: AllOf<_>| Condition::Code(attribute, codes);
                self.add_all(param, slots.all_of(), condition);
            }
            ParamKind::Text(attribute) => {
                let pattern = |text: &str| Pattern::parse(&attribute.compared(text));
                let slots = reader.slots(param, quoted(pattern))?;
                let condition = |patterns: AllOf<_>| Condition::Text(attribute, patterns);
                self.add_all(param, slots.all_of(), condition);
            }
            ParamKind::From(attribute) => {
                let from = reader.slots(param, instant)?.value();
                self.bound(param, attribute, TimeRange { from, to: None });
            }
            ParamKind::To(attribute) => {
                let to = reader.slots(param, instant)?.value();
                self.bound(param, attribute, TimeRange { from: None, to });
            }
        }
        Ok(())
    }

    fn add(&mut self, param: &ParamDef, condition: Option<Condition>) {
        let Some(condition) = condition else { return };
        let excludes = param.excludes;
        let filter = |kind: &_| Filter { kind: *kind, condition: condition.clone(), excludes };
        self.filters.extend(param.objects.iter().map(filter));
    }

    /// Several Slots that exclude are several conditions: each has to hold by itself.
    fn add_all<T: Ord + Clone>(
        &mut self,
        param: &ParamDef,
        groups: Option<AllOf<T>>,
        condition: impl Fn(AllOf<T>) -> Condition,
    ) {
        match groups {
            Some(groups) if param.excludes => {
                for group in groups.groups() {
                    self.add(param, Some(condition(group.clone().into())));
                }
            }
            groups => self.add(param, groups.map(condition)),
        }
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
            self.add(param, Some(Condition::Time(attribute, side)));
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

/// A level of metadata, a number.
fn level(literal: &Literal) -> Result<Option<MetadataLevel>, Misread> {
    MetadataLevel::parse(&literal.text).map(Some).ok_or(Misread)
}

/// A time. In quotes it is wrong but common, and means one thing only.
fn instant(literal: &Literal) -> Result<Option<Instant>, Misread> {
    Dtm::parse(&literal.text).map(|t| Some(Instant::of(&t))).map_err(|_| Misread)
}

#[cfg(test)]
mod tests;
