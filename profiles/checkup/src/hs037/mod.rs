//! HS037 健康診断結果報告書: a FHIR R4 document Bundle made from a record, and read back into items.
//!
//! Canonical URLs, code systems and cardinalities follow the implementation guide eCheckupReport
//! (profiles `JP_*_eCheckupGeneral`).

mod absent_reason;
pub mod check;
mod header;
mod insurance;
mod json;
mod narrative;
mod observation;
mod read;
mod shown;
pub mod systems;

use std::borrow::Cow;

use chrono::{DateTime, FixedOffset, SecondsFormat};
use serde_json::{Value, json};

use crate::identity::Resources;
use crate::programmes::{Programme, programmes};
use crate::record::Record;

pub use crate::practice::{Practice, ReferenceRange};
pub use read::{Interpretation, Person, ReadError, Report, ResultLine, carried, read, read_record};

/// Which part of a record a document shows. Access is decided per document, so the split is made
/// in the content.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum View {
    /// Everything.
    Full,
    /// The items of 労働安全衛生規則 44条 only, without the items of the insurance.
    Statutory,
}

impl View {
    /// The name of the view in keys.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Full => "full",
            Self::Statutory => "statutory",
        }
    }
}

/// What a document needs besides the record.
#[derive(Clone, Copy, Debug)]
pub struct Options<'a> {
    /// Everything, or the statutory items.
    pub view: View,
    /// When the document is made, with the zone of the institution.
    pub created_at: DateTime<FixedOffset>,
    /// Methods and reference ranges of the institution.
    pub practice: &'a Practice,
    /// The institution's own number of the checkup, stable and unique there; no item of the record.
    pub report_no: Option<&'a str>,
}

/// The document as UTF-8 JSON.
pub fn document(record: &Record, options: &Options<'_>) -> Vec<u8> {
    bundle(record, options).to_string().into_bytes()
}

/// The document Bundle.
pub fn bundle(record: &Record, options: &Options<'_>) -> Value {
    let record = printable(record);
    let writer = Writer::new(&record, options);
    let results = observation::all(&writer);
    let mut entries = header::entries(&writer, &results);
    entries.extend(results.into_iter().map(|result| entry(&result.url, result.resource)));
    json!({
        "resourceType": "Bundle",
        "meta": writer.meta(systems::BUNDLE_PROFILE),
        "language": "ja",
        "identifier": {
            "system": systems::BUNDLE_IDENTIFIER,
            "value": header::bundle_identifier(&writer),
        },
        "type": "document",
        "timestamp": writer.instant,
        "entry": entries,
    })
}

/// The record without the characters that neither FHIR strings nor XML have (FHIR R4: 2.24.0.1,
/// XML 1.0: 2.2); as good as always the record itself.
fn printable(record: &Record) -> Cow<'_, Record> {
    let is_printable = |letter: char| {
        letter >= ' ' && !matches!(letter, '\u{FFFE}' | '\u{FFFF}')
            || matches!(letter, '\t' | '\n' | '\r')
    };
    let mut cleaned = Cow::Borrowed(record);
    for (column, field) in record.iter() {
        if !field.value.chars().all(is_printable) {
            let value: String = field.value.chars().filter(|l| is_printable(*l)).collect();
            cleaned.to_mut().set(column, &value);
        }
    }
    cleaned
}

/// Everything the parts of one document share.
struct Writer<'a> {
    record: &'a Record,
    view: View,
    practice: &'a Practice,
    report_no: Option<&'a str>,
    resources: Resources,
    /// `created_at` with milliseconds, for `instant`.
    instant: String,
    /// `created_at` with seconds, for `dateTime`.
    date_time: String,
    exam_date: &'a str,
    programme: &'static Programme,
}

impl<'a> Writer<'a> {
    fn new(record: &'a Record, options: &Options<'a>) -> Self {
        Self {
            record,
            view: options.view,
            practice: options.practice,
            report_no: options.report_no,
            resources: Resources::of(record, options.view),
            instant: options.created_at.to_rfc3339_opts(SecondsFormat::Millis, false),
            date_time: options.created_at.to_rfc3339_opts(SecondsFormat::Secs, false),
            exam_date: record.get("exam_date"),
            programme: programmes().for_fhir(record.get("program_code")),
        }
    }

    fn meta(&self, profile: &str) -> Value {
        json!({ "lastUpdated": self.instant, "profile": [profile] })
    }

    /// The value of a header item; the insurance is not shown in the statutory view.
    fn insurance(&self, id: &str) -> &'a str {
        match self.view {
            View::Full => self.record.get(id),
            View::Statutory => "",
        }
    }

    /// The insurer, shown as the insurance is.
    fn insurer_number(&self) -> String {
        insurance::insurer_number(self.insurance("insurer_no"))
    }

    fn reference(&self, slot: &str) -> Value {
        json!({ "reference": self.url(slot) })
    }

    /// The `fullUrl` of a place in the document.
    fn url(&self, slot: &str) -> String {
        self.resources.uuid(slot).urn().to_string()
    }
}

fn entry(url: &str, resource: Value) -> Value {
    json!({ "fullUrl": url, "resource": resource })
}

/// Adds a member to a JSON object; other values stay as they are.
fn put(object: &mut Value, key: &str, value: Value) {
    if let Value::Object(members) = object {
        members.insert(key.to_owned(), value);
    }
}

#[cfg(test)]
pub(crate) mod tests;
