//! A document as a list of results with their ranges, for people to read.

use chrono::NaiveDate;
use serde_json::Value;

use super::document::Document;
use super::element::{self, Element};
use super::line::{Interpretation, Reading, ResultLine, Unshown, UnshownReason};
use super::person::{Person, day};
use super::value::{Found, Outcome};
use super::{ReadError, Standing, header, range};
use crate::hs037::header::gender;
use crate::hs037::json::{codings, list, text, text_at};
use crate::record::Record;
use crate::tables::Column;

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
    /// How final the document is.
    pub standing: Standing,
    /// `Bundle.type` is that of a collection of resources, not of a document.
    pub is_collection: bool,
    /// The results in document order.
    pub results: Vec<ResultLine>,
    /// What the document holds beside them.
    pub unshown: Vec<Unshown>,
}

impl Report {
    /// The result of an item by its id.
    pub fn result(&self, id: &str) -> Option<&ResultLine> {
        self.results.iter().find(|line| line.item.is_some_and(|column| column.id == id))
    }

    /// A standard record as a report: the results of its documents in table order, the institution's
    /// own items behind them. A record has no ranges, and of items of one's own neither name nor unit.
    pub fn of_record(record: &Record) -> Self {
        let owned = |id| record.get(id).to_owned();
        let shown = |column: &Column| column.fhir_section.is_some() && !column.own;
        let items = record
            .iter()
            .filter(|(column, field)| shown(column) && !field.value.is_empty())
            .map(|(column, field)| ResultLine::of_item(column, &field.value));
        let institution = record.get("inst_no");
        let own = record
            .own()
            .filter(|(_, field)| !field.value.is_empty())
            .map(|(header, field)| ResultLine::of_own(header, &field.value, institution));
        let results = items.chain(own).collect();
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
            ..Self::default()
        }
    }

    fn add(&mut self, element: &Element<'_>, outcome: Outcome) {
        let why = match outcome {
            Outcome::Found(found) => {
                let line = line(element, found, self.exam_date);
                self.results.push(line);
                return;
            }
            Outcome::UnshownReason(hidden) => hidden,
            Outcome::Form(form) => UnshownReason::Form(form),
            Outcome::Nothing => UnshownReason::NoValue,
        };
        self.unshown.push(Unshown { name: element.name(), why });
    }
}

/// Reads a document.
///
/// # Errors
/// When the bytes are not a document Bundle that begins with a Composition, or when its author has
/// withdrawn it.
pub fn read(bytes: &[u8]) -> Result<Report, ReadError> {
    let document = Document::parse(bytes)?;
    let parts = document.parts();
    let mut report = Report {
        title: text(parts.composition, "title").to_owned(),
        programme: header::programme(&parts).to_owned(),
        exam_date: day(header::exam_date(&parts)),
        institution: text(parts.institution, "name").to_owned(),
        institution_number: header::institution(&parts).to_owned(),
        doctor: header::doctor(&parts),
        person: Person::of(&parts),
        standing: document.standing(),
        is_collection: !document.is_document(),
        ..Report::default()
    };
    for element in element::all(&document) {
        if let Some(outcome) = element.outcome(&document, &parts) {
            report.add(&element, outcome);
        }
    }
    for resource in document.resources() {
        other_resource(resource, &mut report);
    }
    Ok(report)
}

fn line(element: &Element<'_>, found: Found, exam_date: Option<NaiveDate>) -> ResultLine {
    let content = element.content;
    // limits stand in the unit of the value
    let scaled = element.item.filter(|_| !matches!(found.reading, Reading::AsSent(_)));
    let range = range::read(content, scaled);
    let interpretations = list(content, "interpretation").iter();
    let mut letters = interpretations.flat_map(|concept| codings(Some(concept)));
    ResultLine {
        item: element.item,
        code: element.code().to_owned(),
        jlac10: element.jlac10().to_owned(),
        owner: element.owner().to_owned(),
        name: element.name(),
        value: found.value,
        unit: found.unit,
        reading: found.reading,
        standing: element.standing(),
        day: element.day().filter(|day| exam_date.is_some_and(|exam_date| *day != exam_date)),
        low: range.low,
        high: range.high,
        range_text: range.text,
        interpretation: letters.find_map(|coding| Interpretation::from_code(text(coding, "code"))),
    }
}

/// Resources that tell of the circumstances, not of results.
const CIRCUMSTANCES: [&str; 14] = [
    "Bundle",
    "Composition",
    "Patient",
    "RelatedPerson",
    "Practitioner",
    "PractitionerRole",
    "Organization",
    "Encounter",
    "Coverage",
    "Location",
    "Device",
    "Specimen",
    "Provenance",
    "Observation",
];

/// The conclusion of a DiagnosticReport is a text like others; what else a document holds, such as
/// attachments, is counted.
fn other_resource(resource: &Value, report: &mut Report) {
    let kind = text(resource, "resourceType");
    if CIRCUMSTANCES.contains(&kind) {
        return;
    }
    let places = ["/code/coding/0/display", "/code/text", "/content/title", "/description"];
    let names = places.map(|place| text_at(resource, place));
    let name = names.into_iter().find(|name| !name.is_empty()).unwrap_or(kind).to_owned();
    let conclusion = text(resource, "conclusion");
    let standing = Standing::of(text(resource, "status"));
    match standing {
        Standing::EnteredInError => {
            report.unshown.push(Unshown { name, why: UnshownReason::Withdrawn });
        }
        _ if kind == "DiagnosticReport" && !conclusion.trim().is_empty() => {
            let value = conclusion.to_owned();
            report.results.push(ResultLine { name, value, standing, ..ResultLine::default() });
        }
        _ => report.unshown.push(Unshown { name, why: UnshownReason::Form(kind.to_owned()) }),
    }
}
