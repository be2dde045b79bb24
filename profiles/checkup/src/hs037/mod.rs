//! HS037 健康診断結果報告書: a FHIR R4 document Bundle made from a record, and read back into items.
//!
//! Canonical URLs, code systems and cardinalities follow the implementation guide eCheckupReport
//! (profiles `JP_*_eCheckupGeneral`).

mod absent_reason;
pub mod check;
mod composition;
mod header;
mod insurance;
mod json;
mod narrative;
mod observation;
mod out;
mod plan;
mod read;
mod shown;
pub mod systems;
pub mod years;

use std::borrow::Cow;

use chrono::{DateTime, FixedOffset, SecondsFormat};
use uuid::Uuid;

use crate::identity::Resources;
use crate::programmes::{Programme, programmes};
use crate::record::Record;

use insurance::Coverages;
use out::Json;

pub use crate::practice::{Practice, ReferenceRange};
pub use read::{
    Interpretation, Person, ReadError, Reading, Report, ResultLine, Standing, Unshown,
    UnshownReason, Why, carried, read, read_record,
};

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
    let mut out = Vec::new();
    write(record, options, &mut out);
    out
}

/// Appends the document as UTF-8 JSON to a buffer, which may be used again.
pub fn write(record: &Record, options: &Options<'_>, out: &mut Vec<u8>) {
    let record = printable(record);
    let writer = Writer::new(&record, options);
    let plan = plan::of(&writer);
    let coverages = Coverages::of(&writer);
    Json::new(out).object(|json| {
        writer.begin("Bundle", systems::BUNDLE_PROFILE, json);
        json.key("language").word("ja");
        json.key("identifier").object(|json| {
            json.key("system").word(systems::BUNDLE_IDENTIFIER);
            json.key("value").text(&composition::bundle_identifier(&writer));
        });
        json.key("type").word("document");
        json.key("timestamp").text(&writer.instant);
        json.key("entry").array(|json| {
            let uuid = writer.resources.uuid("composition");
            writer.entry(uuid, json, |json| composition::write(&writer, &plan, &coverages, json));
            header::entries(&writer, json);
            coverages.entries(&writer, json);
            for planned in &plan {
                observation::entry(&writer, &plan, planned, json);
            }
        });
    });
}

/// The document as a tree.
#[cfg(test)]
pub(crate) fn bundle(record: &Record, options: &Options<'_>) -> serde_json::Value {
    serde_json::from_slice(&document(record, options)).unwrap()
}

/// The record without the characters that neither FHIR strings nor XML have (FHIR R4: 2.24.0.1,
/// XML 1.0: 2.2); as good as always the record itself.
fn printable(record: &Record) -> Cow<'_, Record> {
    let is_printable = |letter: char| {
        letter >= ' ' && !matches!(letter, '\u{FFFE}' | '\u{FFFF}')
            || matches!(letter, '\t' | '\n' | '\r')
    };
    // control characters, and the first octet of U+FFFE and U+FFFF among others
    let is_suspect = |byte: u8| byte < b' ' || byte == 0xEF;
    let mut cleaned = Cow::Borrowed(record);
    for (column, field) in record.iter() {
        if field.value.bytes().any(is_suspect) && !field.value.chars().all(is_printable) {
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
    patient: Uuid,
    practitioner: Uuid,
    organization: Uuid,
    encounter: Uuid,
    /// `created_at` with milliseconds, for `instant`.
    instant: String,
    /// `created_at` with seconds, for `dateTime`.
    date_time: String,
    exam_date: &'a str,
    programme: &'static Programme,
}

impl<'a> Writer<'a> {
    fn new(record: &'a Record, options: &Options<'a>) -> Self {
        let resources = Resources::of(record, options.view);
        Self {
            record,
            view: options.view,
            practice: options.practice,
            report_no: options.report_no,
            patient: resources.uuid("patient"),
            practitioner: resources.uuid("practitioner"),
            organization: resources.uuid("organization"),
            encounter: resources.uuid("encounter"),
            resources,
            instant: options.created_at.to_rfc3339_opts(SecondsFormat::Millis, false),
            date_time: options.created_at.to_rfc3339_opts(SecondsFormat::Secs, false),
            exam_date: record.get("exam_date"),
            programme: programmes().for_fhir(record.get("program_code")),
        }
    }

    /// The members every resource begins with.
    fn begin(&self, resource_type: &'static str, profile: &'static str, json: &mut Json<'_>) {
        json.key("resourceType").word(resource_type);
        json.key("meta").object(|json| {
            json.key("lastUpdated").text(&self.instant);
            json.key("profile").array(|json| json.word(profile));
        });
    }

    /// An entry with the members of a resource that `resource` writes.
    fn entry(&self, uuid: Uuid, json: &mut Json<'_>, resource: impl FnOnce(&mut Json<'_>)) {
        json.object(|json| {
            json.key("fullUrl");
            url(uuid, json);
            json.key("resource").object(resource);
        });
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

    fn reference(&self, uuid: Uuid, json: &mut Json<'_>) {
        json.object(|json| self.refer(uuid, json));
    }

    /// The member of a reference.
    fn refer(&self, uuid: Uuid, json: &mut Json<'_>) {
        json.key("reference");
        url(uuid, json);
    }

    /// The day of the checkup as a period.
    fn period(&self, json: &mut Json<'_>) {
        json.key("period").object(|json| {
            json.key("start").text(self.exam_date);
            json.key("end").text(self.exam_date);
        });
    }
}

/// The `fullUrl` of a resource.
fn url(uuid: Uuid, json: &mut Json<'_>) {
    json.text(uuid.urn().encode_lower(&mut Uuid::encode_buffer()));
}

/// The member `coding` of a CodeableConcept, with one code.
fn coding(json: &mut Json<'_>, system: &'static str, code: &str, display: Option<&str>) {
    json.key("coding").array(|json| {
        json.object(|json| {
            json.key("system").word(system);
            json.key("code").text(code);
            if let Some(display) = display {
                json.key("display").text(display);
            }
        });
    });
}

#[cfg(test)]
pub(crate) mod tests;
