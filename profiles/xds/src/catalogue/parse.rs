//! From the slots of a query to conditions on attributes (ITI TF-2: 3.18.4.1.2.3).

use super::literal::{Literal, Misspelt, split};
use super::{
    Attribute, Condition, Need, ParamDef, ParamKind, QUERIES, QueryDef, StoredQuery, by_id,
};
use crate::iti18::{AdhocQuery, ReturnType};
use crate::rules;
use renkei_metadata::finding::{Checked, Finding, Rule};
use renkei_metadata::ids::{Dtm, EntryUuid, HomeCommunityId, Invalid, PatientId, UniqueId};
use renkei_metadata::model::{AvailabilityStatus, EntryType};
use renkei_metadata::normalise;

/// How many values a query may have in all, unless the setting says otherwise.
pub const QUERY_VALUES: usize = 10_000;

/// The longest pattern, in characters.
const PATTERN_CHARS: usize = 256;

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
    let mut parser = Parser { def, query, max_values, left: max_values, findings };
    let Ok((patient, conditions)) = parser.params() else {
        parser.findings.push(too_many(def, max_values));
        return Checked::bad(parser.findings);
    };
    let value = match return_type {
        Some(return_type) if parser.findings.is_empty() => Some(StoredQuery {
            def,
            return_type,
            home,
            patient,
            conditions,
            unknown_params: unknown_params(def, query),
        }),
        _ => None,
    };
    Checked { value, findings: parser.findings }
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

/// The limit of values was reached.
struct TooMany;

struct Parser<'q> {
    def: &'static QueryDef,
    query: &'q AdhocQuery,
    max_values: usize,
    left: usize,
    findings: Vec<Finding>,
}

/// What one parameter was given.
#[derive(Default)]
struct Given {
    /// The usable values of each slot, in canonical spelling, each once.
    slots: Vec<Vec<String>>,
    /// How many values there were, usable or not.
    count: usize,
    /// Whether a finding says already what is wrong.
    faulty: bool,
}

impl Parser<'_> {
    fn params(&mut self) -> Result<(Option<PatientId>, Vec<Condition>), TooMany> {
        if self.query.params.len() > self.max_values {
            return Err(TooMany);
        }
        let mut patient = None;
        let mut conditions = Vec::new();
        let mut chosen = Vec::new();
        for param in self.def.params {
            let given = self.read(param)?;
            if given.count > 0 && param.need == Need::Choice {
                chosen.push(param.name);
            }
            self.check_number(param, &given);
            match param.kind {
                ParamKind::PatientId => {
                    let first = given.slots.iter().flatten().next();
                    patient = first.and_then(|cx| PatientId::parse(cx).ok());
                }
                _ => add(&mut conditions, param, given.slots),
            }
        }
        self.check_choice(&chosen);
        Ok((patient, conditions))
    }

    fn read(&mut self, param: &'static ParamDef) -> Result<Given, TooMany> {
        let query = self.query;
        let mut given = Given::default();
        for (_, values) in query.params.iter().filter(|(name, _)| name == param.name) {
            let mut slot = Vec::new();
            for value in values {
                self.read_value(param, value, &mut slot, &mut given)?;
            }
            // Sorted, so that a long list loses its repeats in little time.
            slot.sort_unstable();
            slot.dedup();
            if !slot.is_empty() {
                given.slots.push(slot);
            }
        }
        Ok(given)
    }

    fn read_value(
        &mut self,
        param: &'static ParamDef,
        value: &str,
        slot: &mut Vec<String>,
        given: &mut Given,
    ) -> Result<(), TooMany> {
        let literals = match split(value, self.left) {
            Ok(literals) => literals,
            Err(Misspelt::TooMany) => return Err(TooMany),
            Err(Misspelt::Syntax) => {
                self.left = self.left.checked_sub(1).ok_or(TooMany)?;
                given.count += 1;
                given.faulty = true;
                self.wrong(param, value, param.kind.expected());
                return Ok(());
            }
        };
        // An empty Value counts too, lest there be any number of them.
        self.left = self.left.checked_sub(literals.len().max(1)).ok_or(TooMany)?;
        for literal in literals {
            if literal.text.is_empty() && param.need != Need::Optional {
                continue;
            }
            given.count += 1;
            match param.kind.read(&literal) {
                Ok(Some(canonical)) => slot.push(canonical),
                Ok(None) => {}
                Err(expected) => {
                    given.faulty = true;
                    self.wrong(param, &literal.text, expected);
                }
            }
        }
        Ok(())
    }

    fn check_number(&mut self, param: &'static ParamDef, given: &Given) {
        let usable = given.slots.iter().any(|s| !s.is_empty());
        if param.need == Need::Required && !usable && !given.faulty {
            let expected = param.kind.expected();
            self.findings.push(
                self.about(&rules::QUERY_PARAM_MISSING, param.name)
                    .expected(expected.expected, expected.expected_ja),
            );
        }
        if !param.multiple && given.count > 1 {
            self.findings.push(
                self.about(&rules::QUERY_PARAM_NUMBER, param.name)
                    .value(given.count.to_string())
                    .expected("one value", "値一つ"),
            );
        } else if !param.and_or && given.slots.len() > 1 {
            self.findings.push(
                self.about(&rules::QUERY_PARAM_REPEATED, param.name)
                    .value(given.slots.len().to_string())
                    .expected("one slot", "Slot一つ"),
            );
        }
    }

    fn check_choice(&mut self, chosen: &[&str]) {
        let choice = self.def.params.iter().filter(|p| p.need == Need::Choice);
        let names: Vec<&str> = choice.map(|p| p.name).collect();
        let rule = match chosen.len() {
            _ if names.is_empty() => return,
            0 => &rules::QUERY_CHOICE_MISSING,
            1 => return,
            _ => &rules::QUERY_CHOICE_NUMBER,
        };
        self.findings.push(self.about(rule, names.join(", ")));
    }

    fn wrong(&mut self, param: &'static ParamDef, value: &str, expected: Invalid) {
        let mut finding = self
            .about(&rules::QUERY_VALUE, param.name)
            .expected(expected.expected, expected.expected_ja);
        if !param.attribute.is_personal() {
            finding = finding.value(value);
        }
        self.findings.push(finding);
    }

    fn about(&self, rule: &'static Rule, param: impl Into<String>) -> Finding {
        let param = param.into();
        Finding::new(rule, self.def.name).location(&param).attribute(param)
    }
}

/// Adds what the slots of one parameter demand.
fn add(conditions: &mut Vec<Condition>, param: &ParamDef, mut slots: Vec<Vec<String>>) {
    let attribute = param.attribute;
    if param.kind == ParamKind::EntryType && slots.is_empty() {
        // ITI TF-2: 3.18.4.1.2.3.7.1: without the parameter a consumer means Stable entries.
        slots.push(vec![EntryType::Stable.urn().to_owned()]);
    }
    if slots.len() > 1 {
        conditions.push(Condition::AllOf { attribute, groups: slots });
        return;
    }
    let Some(values) = slots.pop() else {
        return;
    };
    match param.kind {
        ParamKind::From => bound(conditions, attribute, |from, _| *from = values.first().cloned()),
        ParamKind::To => bound(conditions, attribute, |_, to| *to = values.first().cloned()),
        ParamKind::Like => conditions.push(Condition::Like { attribute, patterns: values }),
        _ => conditions.push(Condition::In { attribute, any_of: values }),
    }
}

/// Sets one side of the range of `attribute`, which the other side may have made already.
fn bound(
    conditions: &mut Vec<Condition>,
    attribute: Attribute,
    set: impl FnOnce(&mut Option<String>, &mut Option<String>),
) {
    for condition in conditions.iter_mut() {
        match condition {
            Condition::Between { attribute: other, from, to } if *other == attribute => {
                return set(from, to);
            }
            _ => {}
        }
    }
    let (mut from, mut to) = (None, None);
    set(&mut from, &mut to);
    conditions.push(Condition::Between { attribute, from, to });
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
            Self::Code => (
                "a list of codes with their schemes: ('code^^scheme')",
                "コードとコード体系のリスト: ('code^^scheme')",
            ),
            Self::Like => (
                "a list of patterns of 1 to 256 characters: ('%name%')",
                "1〜256文字のパターンのリスト: ('%name%')",
            ),
            Self::From | Self::To => (
                "a UTC time without quotes: YYYY[MM[DD[hh[mm[ss]]]]]",
                "引用符なしのUTC日時: YYYY[MM[DD[hh[mm[ss]]]]]",
            ),
            Self::EntryType => (
                "a list of objectTypes of DocumentEntries: ('urn:uuid:7edca82f-054d-47f2-a032-9b2a5b5186c1')",
                "DocumentEntryのobjectTypeのリスト: ('urn:uuid:7edca82f-054d-47f2-a032-9b2a5b5186c1')",
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

    /// The canonical spelling of a value; `None` for one that is to be passed over.
    fn read(self, literal: &Literal) -> Result<Option<String>, Invalid> {
        let text = literal.text.as_str();
        let canonical = match self {
            // A date in quotes is wrong but common, and means one thing only.
            Self::From | Self::To => Dtm::parse(text).ok().map(|t| t.lowest()),
            _ if !literal.quoted => None,
            Self::PatientId => PatientId::parse(text).ok().map(|p| p.to_string()),
            Self::Status => {
                return Ok(AvailabilityStatus::parse(text).ok().map(|s| s.urn().to_owned()));
            }
            Self::Code => code(text),
            Self::Like => pattern(text),
            Self::EntryType => EntryType::parse(text).ok().map(|t| t.urn().to_owned()),
            Self::EntryUuid => EntryUuid::parse(text).ok().map(|u| u.to_string()),
            Self::UniqueId => UniqueId::parse(text).ok().map(|u| u.to_string()),
        };
        canonical.map(Some).ok_or(self.expected())
    }
}

/// CE.1 and CE.3 are required, CE.2 is empty (ITI TF-2: 3.18.4.1.2.3.4).
fn code(text: &str) -> Option<String> {
    let (code, scheme) = text.split_once("^^")?;
    let plain = |s: &str| !s.is_empty() && !s.contains('^');
    (plain(code) && plain(scheme)).then(|| normalise(text).into_owned())
}

fn pattern(text: &str) -> Option<String> {
    let length = text.chars().take(PATTERN_CHARS + 1).count();
    (1..=PATTERN_CHARS).contains(&length).then(|| normalise(text).into_owned())
}

#[cfg(test)]
mod tests;
