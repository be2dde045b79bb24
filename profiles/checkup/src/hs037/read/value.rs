//! The value of an Observation or of its component, in whatever form it comes.

use serde_json::Value;

use super::{Reading, UnshownReason, Why, quantity};
use crate::hs037::json::{codings, list, text};
use crate::hs037::systems;
use crate::number::Measured;
use crate::tables::{Column, Kind, ValueType, tables};
use crate::{dates, terms};

/// A value as it is shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Found {
    /// The value, with its comparator.
    pub(super) value: String,
    /// Its unit; empty for none.
    pub(super) unit: String,
    /// How far it is that of the standard record.
    pub(super) reading: Reading,
}

impl Found {
    fn standard(value: impl Into<String>) -> Self {
        Self { value: value.into(), unit: String::new(), reading: Reading::Standard }
    }

    fn as_sent(value: impl Into<String>) -> Self {
        let reading = Reading::AsSent(Why::Form);
        Self { value: value.into(), unit: String::new(), reading }
    }

    /// The value of the standard record; none for what stands as the sender wrote it.
    pub(super) fn for_record(self) -> Option<String> {
        match self.reading {
            Reading::Standard | Reading::Converted { .. } => Some(self.value),
            Reading::AsSent(_) => None,
        }
    }
}

/// What became of a value.
pub(super) enum Outcome {
    /// It can be shown.
    Found(Found),
    /// There is one, in a form (the name of the element) that cannot.
    Form(String),
    /// There is none.
    Nothing,
    /// It must not be shown.
    UnshownReason(UnshownReason),
}

/// The item an Observation or a component tells of; its code may be of any JLAC10 system.
pub(super) fn item(observation: &Value) -> Option<&'static Column> {
    codings(observation.get("code"))
        .iter()
        .filter(|coding| systems::ITEM_CODES.contains(&text(coding, "system")))
        .find_map(|coding| tables().column_of_code(text(coding, "code")))
}

/// Reads `value[x]`, else why there is none.
pub(super) fn read(element: &Value, item: Option<&Column>) -> Outcome {
    let members = element.as_object();
    let is_value = |(key, value): &(&String, &Value)| key.starts_with("value") && !is_empty(value);
    let values = || members.into_iter().flatten().filter(is_value);
    let found = values().find_map(|(key, value)| by_form(key, value, item));
    let found = found.filter(|found| !found.value.is_empty()).or_else(|| absence(element));
    if let Some(found) = found {
        // an item that we do not know has no other form than that in which it was sent
        let reading = if item.is_some() { found.reading } else { Reading::Standard };
        return Outcome::Found(Found { reading, ..found });
    }
    match values().next() {
        Some((form, _)) => Outcome::Form(form.clone()),
        None => Outcome::Nothing,
    }
}

fn is_empty(value: &Value) -> bool {
    value.is_null() || value.as_str().is_some_and(|words| words.trim().is_empty())
}

fn by_form(form: &str, value: &Value, item: Option<&Column>) -> Option<Found> {
    let words = || value.as_str();
    match form {
        "valueQuantity" => quantity::read(value, item),
        "valueCodeableConcept" => concept(value, item),
        "valueString" | "valueDateTime" => words().map(|words| plain(words, item)),
        "valueTime" | "valueInstant" => words().map(Found::as_sent),
        "valueInteger" => quantity::read(&serde_json::json!({ "value": value }), item),
        "valueBoolean" => value.as_bool().map(|yes| Found::as_sent(yes.to_string())),
        "valueRange" => between(value, "low", "high", "–", quantity::as_sent),
        "valueRatio" => between(value, "numerator", "denominator", ":", quantity::as_sent),
        "valuePeriod" => {
            between(value, "start", "end", "–", |day| day.as_str().map(ToOwned::to_owned))
        }
        _ => None,
    }
}

/// Two values with a sign between them.
fn between(
    value: &Value,
    first: &str,
    second: &str,
    sign: &str,
    written: impl Fn(&Value) -> Option<String>,
) -> Option<Found> {
    let [first, second] = [first, second].map(|key| value.get(key).and_then(&written));
    if first.is_none() && second.is_none() {
        return None;
    }
    let text = |part: Option<String>| part.unwrap_or_default();
    Some(Found::as_sent(format!("{}{sign}{}", text(first), text(second))))
}

/// A string or a point in time. A number without a unit is not that of a measured item.
fn plain(words: &str, item: Option<&Column>) -> Found {
    let Some(item) = item else { return Found::standard(words) };
    let is_measured = item.value_type == Some(ValueType::Pq);
    if is_measured && Measured::read(words).is_some() {
        return Found { reading: Reading::AsSent(Why::NoUnit), ..Found::standard(words) };
    }
    let day = if item.kind == Kind::Date { dates::read(words) } else { None };
    Found::standard(day.map_or_else(|| words.to_owned(), |day| day.to_string()))
}

/// The term of the item's value set: by the code of that set, else as the sender words it, and a
/// code without words as it stands.
fn concept(concept: &Value, item: Option<&Column>) -> Option<Found> {
    let codings = list(concept, "coding");
    let of_set = |item: &&Column| {
        let set = &item.value_set;
        let is_of_set = |coding: &&Value| oid(text(coding, "system")) == set && !set.is_empty();
        let coding = codings.iter().find(is_of_set)?;
        tables().code(set, text(coding, "code"))
    };
    if let Some(term) = item.as_ref().and_then(of_set) {
        return Some(Found::standard(&term.term));
    }
    let displays = codings.iter().map(|coding| text(coding, "display"));
    let mut words = displays.chain([text(concept, "text")]);
    if let Some(words) = words.find(|word| !word.trim().is_empty()) {
        return Some(Found::standard(words));
    }
    let code = codings.iter().map(|coding| text(coding, "code")).find(|code| !code.is_empty())?;
    Some(Found::as_sent(code))
}

/// The OID of a system, which some write without `urn:oid:`.
fn oid(system: &str) -> &str {
    system.strip_prefix("urn:oid:").unwrap_or(system)
}

/// Why FHIR says that there is no value, beside the two words of the record.
const ABSENT: [(&str, &str); 12] = [
    ("unknown", "不明"),
    ("asked-unknown", "不明"),
    ("temp-unknown", "未確定"),
    ("not-asked", "未聴取"),
    ("asked-declined", "回答なし"),
    ("masked", "非開示"),
    ("not-applicable", "対象外"),
    ("unsupported", "未対応"),
    ("not-permitted", "不可"),
    ("not-a-number", "数値なし"),
    ("negative-infinity", "下限未満"),
    ("positive-infinity", "上限超"),
];

/// 未実施, 測定不能, or what the sender gives as the reason.
fn absence(element: &Value) -> Option<Found> {
    let Some(reason) = element.get("dataAbsentReason") else {
        let is_cancelled = text(element, "status") == "cancelled";
        return is_cancelled.then(|| Found::standard(terms::NOT_PERFORMED));
    };
    let coding = codings(Some(reason)).first();
    let code = coding.map_or("", |coding| text(coding, "code"));
    let words = text(reason, "text").trim();
    match code {
        "not-performed" => Some(Found::standard(terms::NOT_PERFORMED)),
        "error" => Some(Found::standard(terms::NOT_MEASURABLE)),
        _ if !words.is_empty() => Some(Found::standard(words)),
        _ => {
            let known = ABSENT.iter().find(|(known, _)| *known == code).map(|(_, word)| *word);
            let display = coding.map_or("", |coding| text(coding, "display").trim());
            let other = [display, code].into_iter().find(|word| !word.is_empty());
            known.or(other).map(Found::as_sent)
        }
    }
}
