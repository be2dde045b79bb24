//! 特定健診 electronic standard form, version 8: an HL7 CDA R2 document (hc08_V08.xsd) made from a
//! record.
//!
//! What does not fit the form is left out rather than written wrongly, and told ([`Shortened`]):
//!
//! | Item | Limit | Otherwise |
//! |---|---|---|
//! | 報告区分 | digits | that of the programme |
//! | 記号, 番号 | 20 letters | no `id` of that root; a shortened number would be another person's |
//! | 枝番 | two digits, one is padded | no `id` of that root |
//! | 保険者番号 | up to eight digits, padded | no `id` of that root, no ticket |
//! | 受診券整理番号 | eleven digits | no `participant` |
//! | address | 80 bytes, a full-width letter counting two; no spaces | cut after 40 letters |
//! | postal code | `NNN-NNNN` | no `postalCode` |
//! | telephone | digits, `+ - . ( )` | no `telecom` |
//! | days | a day of the calendar | no element, or no `value` |
//! | a number or term the table does not know | – | `ST` with the text as it is |

mod groups;
mod header;
mod observation;

use chrono::NaiveDate;
use renkei_soap::xml::Writer;

use crate::practice::Practice;
use crate::programmes::{Programme, programmes};
use crate::record::Record;

/// What a document needs besides the record.
#[derive(Clone, Copy, Debug)]
pub struct Options<'a> {
    /// The day on which the document is made.
    pub created_on: NaiveDate,
    /// Methods and reference ranges of the institution.
    pub practice: &'a Practice,
}

/// The document as UTF-8 XML; none for a programme that the form has no section for.
pub fn document(record: &Record, options: &Options<'_>) -> Option<Vec<u8>> {
    let mut out = Vec::new();
    write(record, options, &mut out).map(|_| out)
}

/// Writes the document into a buffer, in the place of what it held; none for a programme that the form
/// has no section for.
pub fn write(record: &Record, options: &Options<'_>, out: &mut Vec<u8>) -> Option<Shortened> {
    let programme = programmes().get(record.get("program_code"))?;
    if programme.cda_section.is_empty() {
        return None;
    }
    let mut buffer = std::mem::take(out);
    buffer.clear();
    let mut document = Document {
        record,
        practice: options.practice,
        programme,
        created_on: options.created_on.format(DAY).to_string(),
        // an empty buffer is text
        xml: Writer::reusing(String::from_utf8(buffer).unwrap_or_default()),
        shortened: Vec::new(),
    };
    document.xml.raw("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    document
        .xml
        .start("ClinicalDocument")
        .attr("xmlns", "urn:hl7-org:v3")
        .attr("xmlns:xsi", "http://www.w3.org/2001/XMLSchema-instance")
        .attr("xsi:schemaLocation", "urn:hl7-org:v3 ../XSD/hc08_V08.xsd");
    document.header();
    document.body();
    document.xml.end().raw("\n");
    *out = document.xml.finish().into_bytes();
    Some(Shortened(document.shortened))
}

/// Ids of the header items of which a document says less than the record: the form has no place for
/// them as they are, and they are cut or left out.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Shortened(pub Vec<&'static str>);

/// Days are written `YYYYMMDD`.
const DAY: &str = "%Y%m%d";
/// 保険者番号.
const INSURER: &str = "1.2.392.200119.6.101";
/// 健診・保健指導機関番号.
const INSTITUTION: &str = "1.2.392.200119.6.102";

/// A document being written.
struct Document<'a> {
    record: &'a Record,
    practice: &'a Practice,
    programme: &'static Programme,
    created_on: String,
    xml: Writer,
    shortened: Vec<&'static str>,
}

#[cfg(test)]
pub(crate) mod tests;
