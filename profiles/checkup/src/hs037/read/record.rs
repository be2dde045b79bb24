//! A document as a standard record, and what of a record a document carries.

use super::document::Document;
use super::header::{self, Shown};
use super::value::Outcome;
use super::{ReadError, element};
use crate::hs037::View;
use crate::hs037::insurance::insurer_number;
use crate::kcsv;
use crate::programmes::programmes;
use crate::record::Record;
use crate::tables::{Column, tables};

/// The item whose value is the name of a Practitioner.
const DOCTOR: &str = "dr_name";

/// Reads an HS037 document into the record that the standard CSV holds.
///
/// What a document does not carry stays empty ([`carried`] tells what that is). Where vendors
/// differ, all forms are taken: text of a finding as component or as Observation of its own, item
/// codes of any method and JLAC10 system, report categories of any edition, units that lead to that
/// of the item. A value in another unit, or withdrawn, or of another person, is no value of a record.
///
/// # Errors
/// When the bytes are not a document Bundle that begins with a Composition, or when its author has
/// withdrawn it.
pub fn read_record(bytes: &[u8]) -> Result<Record, ReadError> {
    let document = Document::parse(bytes)?;
    let parts = document.parts();
    let mut record = Record::new();
    record.set_id("profile_ver", kcsv::PROFILE);
    for item in &header::ITEMS {
        record.set_id(item.id, &(item.read)(&parts));
    }
    for element in element::all(&document) {
        let Some(item) = element.item else { continue };
        let Some(Outcome::Found(found)) = element.outcome(&document, &parts) else { continue };
        // of two Observations of one item the first one counts
        if record.value(item).is_empty()
            && let Some(value) = found.for_record()
        {
            record.set(item, &value);
        }
    }
    if record.get(DOCTOR).is_empty() {
        record.set_id(DOCTOR, &header::doctor(&parts));
    }
    Ok(record)
}

/// What of a record its document carries: reading the document gives exactly this.
pub fn carried(record: &Record, view: View) -> Record {
    let mut rest = Record::new();
    rest.set_id("profile_ver", kcsv::PROFILE);
    for item in &header::ITEMS {
        let shown = match item.shown {
            Shown::Always => true,
            Shown::Insured(with) => view == View::Full && is_filled(record, with),
        };
        if shown {
            rest.set_id(item.id, record.get(item.id));
        }
    }
    let insurer = rest.get("insurer_no").to_owned();
    rest.set_id("insurer_no", &insurer_number(&insurer));
    // the document says of which programme it is, and its category follows from that
    let programme = programmes().for_fhir(record.get("program_code"));
    rest.set_id("program_code", &programme.code);
    rest.set_id("report_category", &programme.report_category);
    for column in tables().columns().iter().filter(|column| is_result(column)) {
        if view == View::Full || column.statutory {
            rest.set(column, record.value(column));
        }
    }
    rest
}

/// An item needs another one, and that one the insurer.
fn is_filled(record: &Record, id: &str) -> bool {
    !record.get(id).is_empty() && !record.get("insurer_no").is_empty()
}

fn is_result(column: &Column) -> bool {
    column.fhir_section.is_some() || column.id == DOCTOR
}
