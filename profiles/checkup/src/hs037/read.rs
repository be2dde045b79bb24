//! Reads an HS037 document into items, leniently: what another vendor left out is left out here.

use chrono::NaiveDate;
use serde_json::Value;

use super::systems;
use crate::dates;
use crate::decimal::Decimal;
use crate::number::{Comparator, Measured};
use crate::tables::{Column, ValueType, tables};

/// Where a value stands against its reference range.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Interpretation {
    /// L
    Low,
    /// N
    Normal,
    /// H
    High,
    /// LX: below what can be entered.
    OffLow,
    /// HX: above what can be entered.
    OffHigh,
}

impl Interpretation {
    /// The code of `ObservationInterpretation`.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Low => "L",
            Self::Normal => "N",
            Self::High => "H",
            Self::OffLow => "LX",
            Self::OffHigh => "HX",
        }
    }

    /// Whether the value lies outside its range.
    pub const fn is_abnormal(self) -> bool {
        !matches!(self, Self::Normal)
    }

    fn from_code(code: &str) -> Option<Self> {
        match code {
            "L" => Some(Self::Low),
            "N" => Some(Self::Normal),
            "H" => Some(Self::High),
            "LX" => Some(Self::OffLow),
            "HX" => Some(Self::OffHigh),
            _ => None,
        }
    }
}

/// One result of a document.
#[derive(Clone, Debug, PartialEq)]
pub struct ResultLine {
    /// The item of our table; none for an item we do not know.
    pub item: Option<&'static Column>,
    /// The code as sent.
    pub code: String,
    /// The name as sent, else that of the table.
    pub name: String,
    /// The value as in the standard record, or as sent when the item is not known.
    pub value: String,
    /// Unit as printed; empty when the value has none.
    pub unit: String,
    /// Least normal value.
    pub low: Option<String>,
    /// Greatest normal value.
    pub high: Option<String>,
    /// Against the range.
    pub interpretation: Option<Interpretation>,
}

impl ResultLine {
    /// Id in the column table; empty for an item we do not know.
    pub fn id(&self) -> &'static str {
        self.item.map_or("", |column| &column.id)
    }
}

/// The person of a document.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Person {
    /// Name in kanji.
    pub name: String,
    /// Name in katakana.
    pub kana: String,
    /// FHIR gender.
    pub gender: String,
    /// Day of birth.
    pub birth_date: Option<NaiveDate>,
}

/// A document read.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Report {
    /// `Composition.title`.
    pub title: String,
    /// 健診プログラムサービスコード.
    pub programme: String,
    /// Day of the checkup.
    pub exam_date: Option<NaiveDate>,
    /// Name of the institution.
    pub institution: String,
    /// Name of the examining doctor.
    pub doctor: String,
    /// The person.
    pub person: Person,
    /// The results in document order.
    pub results: Vec<ResultLine>,
}

impl Report {
    /// The result of an item by its id.
    pub fn result(&self, id: &str) -> Option<&ResultLine> {
        self.results.iter().find(|line| line.item.is_some_and(|column| column.id == id))
    }
}

/// Why bytes are not an HS037 document.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// Not JSON.
    #[error("the document is not JSON (line {line}, column {column})")]
    Json {
        /// 1-based line.
        line: usize,
        /// 1-based column.
        column: usize,
    },
    /// JSON, but not a document Bundle with a Composition first.
    #[error("the document is not a FHIR document Bundle that begins with a Composition")]
    NotADocument,
}

/// Reads a document.
pub fn read(bytes: &[u8]) -> Result<Report, ReadError> {
    let bundle: Value = serde_json::from_slice(bytes)
        .map_err(|error| ReadError::Json { line: error.line(), column: error.column() })?;
    let resources: Vec<&Value> =
        list(&bundle, "entry").iter().filter_map(|entry| entry.get("resource")).collect();
    let is_bundle =
        text(&bundle, "resourceType") == "Bundle" && text(&bundle, "type") == "document";
    let composition = resources
        .first()
        .filter(|first| is_bundle && text(first, "resourceType") == "Composition")
        .ok_or(ReadError::NotADocument)?;
    let mut report = Report {
        title: text(composition, "title").to_owned(),
        programme: programme(composition).to_owned(),
        exam_date: composition.pointer("/event/0/period/start").and_then(day),
        ..Report::default()
    };
    for resource in resources {
        match text(resource, "resourceType") {
            "Patient" => report.person = person(resource),
            "Practitioner" if report.doctor.is_empty() => {
                report.doctor = names(resource, "IDE").to_owned();
            }
            "Organization" if !is_insurer(resource) && report.institution.is_empty() => {
                report.institution = text(resource, "name").to_owned();
            }
            "Encounter" if report.exam_date.is_none() => {
                report.exam_date = resource.pointer("/period/start").and_then(day);
            }
            "Observation" => add_results(resource, &mut report.results),
            _ => {}
        }
    }
    Ok(report)
}

fn programme(composition: &Value) -> &str {
    composition.pointer("/event/0/code/0/coding/0").map_or("", |coding| text(coding, "code"))
}

fn is_insurer(organization: &Value) -> bool {
    list(organization, "type")
        .iter()
        .any(|kind| coding(kind).is_some_and(|c| text(c, "code") == "ins"))
}

fn person(patient: &Value) -> Person {
    Person {
        name: names(patient, "IDE").to_owned(),
        kana: names(patient, "SYL").to_owned(),
        gender: text(patient, "gender").to_owned(),
        birth_date: patient.get("birthDate").and_then(day),
    }
}

/// The text of the name in one form (IDE or SYL).
fn names<'a>(resource: &'a Value, form: &str) -> &'a str {
    let has_form = |name: &&Value| {
        list(name, "extension").iter().any(|extension| {
            text(extension, "url") == systems::NAME_FORM && text(extension, "valueCode") == form
        })
    };
    list(resource, "name").iter().find(has_form).map_or("", |name| text(name, "text"))
}

/// A 一連検査グループ has no value of its own; its members are entries of the Bundle.
fn add_results(observation: &Value, results: &mut Vec<ResultLine>) {
    let is_group = !list(observation, "hasMember").is_empty();
    if !is_group {
        results.extend(result(observation));
    }
    results.extend(list(observation, "component").iter().filter_map(result));
}

fn result(observation: &Value) -> Option<ResultLine> {
    let code = observation.get("code").and_then(coding)?;
    let item = match text(code, "system") {
        systems::ITEM_CODE => tables().column_of_code(text(code, "code")),
        _ => None,
    };
    let value = value(observation, item)?;
    let range = list(observation, "referenceRange").first();
    let limit = |key| range.and_then(|r| r.get(key)).and_then(|q| quantity_value(q, item));
    let name = match text(code, "display") {
        "" => item.map_or("", |column| &column.name_ja),
        display => display,
    };
    Some(ResultLine {
        item,
        code: text(code, "code").to_owned(),
        name: name.to_owned(),
        value,
        unit: observation.get("valueQuantity").map_or("", |q| text(q, "unit")).to_owned(),
        low: limit("low"),
        high: limit("high"),
        interpretation: list(observation, "interpretation")
            .first()
            .and_then(coding)
            .and_then(|c| Interpretation::from_code(text(c, "code"))),
    })
}

fn value(observation: &Value, item: Option<&'static Column>) -> Option<String> {
    if let Some(quantity) = observation.get("valueQuantity") {
        let comparator = Comparator::from_symbol(text(quantity, "comparator"));
        let value = quantity_value(quantity, item)?;
        return Some(format!("{}{value}", comparator.map_or("", Comparator::symbol)));
    }
    if let Some(concept) = observation.get("valueCodeableConcept") {
        return Some(concept_text(concept));
    }
    let plain = ["valueString", "valueDateTime"].into_iter().find_map(|key| observation.get(key));
    if let Some(plain) = plain {
        return plain.as_str().map(str::to_owned);
    }
    observation.get("dataAbsentReason").map(|reason| absent_text(reason).to_owned())
}

/// The number with the decimals of the item.
fn quantity_value(quantity: &Value, item: Option<&Column>) -> Option<String> {
    let number = quantity.get("value")?.as_number()?.to_string();
    let decimals = item.filter(|column| column.value_type == Some(ValueType::Pq))?.decimals;
    match (decimals, Decimal::parse(&number)) {
        (Some(decimals), Some(value)) => {
            Some(Measured { comparator: None, value: value.round(decimals) }.to_string())
        }
        _ => Some(number),
    }
}

fn concept_text(concept: &Value) -> String {
    let Some(coding) = coding(concept) else { return text(concept, "text").to_owned() };
    let set = text(coding, "system").strip_prefix("urn:oid:").unwrap_or_default();
    match tables().code(set, text(coding, "code")) {
        Some(term) => term.term.clone(),
        None if text(coding, "display").is_empty() => text(concept, "text").to_owned(),
        None => text(coding, "display").to_owned(),
    }
}

fn absent_text(reason: &Value) -> &str {
    match coding(reason).map(|c| text(c, "code")) {
        Some("not-performed") => crate::terms::NOT_PERFORMED,
        Some("error") => crate::terms::NOT_MEASURABLE,
        _ => text(reason, "text"),
    }
}

fn coding(concept: &Value) -> Option<&Value> {
    list(concept, "coding").first()
}

fn text<'a>(object: &'a Value, key: &str) -> &'a str {
    object.get(key).and_then(Value::as_str).unwrap_or_default()
}

fn list<'a>(object: &'a Value, key: &str) -> &'a [Value] {
    object.get(key).and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

fn day(value: &Value) -> Option<NaiveDate> {
    value.as_str().and_then(|text| text.get(..10)).and_then(dates::parse_standard)
}
