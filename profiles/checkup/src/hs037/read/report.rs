//! A document as a list of results with their ranges, for people to read.

use chrono::NaiveDate;
use serde_json::Value;

use super::document::{Document, Parts};
use super::{ReadError, header, value};
use crate::dates;
use crate::hs037::header::gender;
use crate::hs037::json::{coding, codings, list, text, text_at};
use crate::number::Measured;
use crate::record::Record;
use crate::tables::Column;

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
    /// A value of the standard record.
    fn of_item(column: &'static Column, value: &str) -> Self {
        let measured = Measured::parse(value).is_some();
        Self {
            item: Some(column),
            code: column.jlac10.clone(),
            name: column.name_ja.clone(),
            value: value.to_owned(),
            unit: if measured { column.unit_display.clone() } else { String::new() },
            low: None,
            high: None,
            interpretation: None,
        }
    }

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
    /// 健診機関番号 (ten digits).
    pub institution_number: String,
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

    /// A standard record as a report: the results of its documents in table order. A record has no
    /// ranges.
    pub fn of_record(record: &Record) -> Self {
        let owned = |id| record.get(id).to_owned();
        let results = record
            .iter()
            .filter(|(column, field)| column.fhir_section.is_some() && !field.value.is_empty())
            .map(|(column, field)| ResultLine::of_item(column, &field.value))
            .collect();
        Self {
            title: owned("checkup_name"),
            programme: owned("program_code"),
            exam_date: day(record.get("exam_date")),
            institution: owned("inst_name"),
            institution_number: owned("inst_no"),
            doctor: owned("dr_name"),
            person: Person {
                name: owned("name_kanji"),
                kana: owned("name_kana"),
                gender: gender(record.get("sex")).to_owned(),
                birth_date: day(record.get("birth_date")),
            },
            results,
        }
    }
}

/// Reads a document.
///
/// # Errors
/// When the bytes are not a document Bundle that begins with a Composition.
pub fn read(bytes: &[u8]) -> Result<Report, ReadError> {
    let document = Document::parse(bytes)?;
    let parts = document.parts();
    let mut results = Vec::new();
    for observation in document.resources() {
        if text(observation, "resourceType") == "Observation" {
            add_results(observation, &mut results);
        }
    }
    Ok(Report {
        title: text(parts.composition, "title").to_owned(),
        programme: header::programme(&parts).to_owned(),
        exam_date: day(header::exam_date(&parts)),
        institution: text(parts.institution, "name").to_owned(),
        institution_number: header::institution(&parts).to_owned(),
        doctor: header::doctor(&parts),
        person: person(&parts),
        results,
    })
}

fn person(parts: &Parts<'_>) -> Person {
    Person {
        name: header::name(parts.patient, "IDE"),
        kana: header::name(parts.patient, "SYL"),
        gender: text(parts.patient, "gender").to_owned(),
        birth_date: day(text(parts.patient, "birthDate")),
    }
}

fn day(text: &str) -> Option<NaiveDate> {
    text.get(..10).and_then(dates::parse_standard)
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
    let item = value::item(observation);
    let code = observation.get("code").and_then(coding)?;
    let value = match item {
        Some(item) => value::standard(observation, item),
        None => value::as_sent(observation),
    }?;
    let range = list(observation, "referenceRange").first();
    let limit = |key| range.and_then(|r| r.get(key)).and_then(|q| value::number_text(q, item));
    let name = match text(code, "display") {
        "" => item.map_or("", |column| &column.name_ja),
        display => display,
    };
    Some(ResultLine {
        item,
        code: text(code, "code").to_owned(),
        name: name.to_owned(),
        value,
        unit: text_at(observation, "/valueQuantity/unit").to_owned(),
        low: limit("low"),
        high: limit("high"),
        interpretation: codings(list(observation, "interpretation").first())
            .first()
            .and_then(|c| Interpretation::from_code(text(c, "code"))),
    })
}
