//! Numbers of documents. None comes from `record_no`, which two deliveries of a year share.

use uuid::Uuid;

use super::checkup::{by_institution, given};
use super::encoding::{Encoder, Key};
use crate::Record;
use crate::hs037::View;

/// The document of a checkup that shows this content. Another content is another document; the same
/// gives the same again, whenever it is made.
pub fn document(record: &Record, report_no: Option<&str>, view: View, content: Key) -> Uuid {
    let mut name = by_institution(record, report_no);
    name.extend_from_slice(view.name().as_bytes());
    name.extend_from_slice(content.as_bytes());
    Uuid::new_v5(&Uuid::NAMESPACE_OID, &name)
}

/// The years that `Bundle.identifier` can hold (`20[2-3][0-9]`).
const YEARS: std::ops::RangeInclusive<u16> = 2020..=2039;

/// The year in `Bundle.identifier`: that of the checkup, else the nearest that the profile takes. The
/// number behind it tells documents apart, so that an old checkup may have a later year.
pub fn bundle_year(record: &Record) -> u16 {
    let year = record.get("exam_date").get(..4).and_then(|year| year.parse().ok());
    year.unwrap_or(*YEARS.start()).clamp(*YEARS.start(), *YEARS.end())
}

/// Derived numbers begin with 0 to 8, those of documents with the statutory items with 9.
const DERIVED: u64 = 90_000_000;
const STATUTORY: u64 = 90_000_000;
/// As many as a number behind that 9 can have.
const BEHIND_NINE: u64 = 10_000_000;

/// The eight digits of `Composition.identifier`: the institution's own number of the checkup, else
/// digits derived from that, or from the checkup, which are the same when the record is corrected. The
/// document with the statutory items is another one, and its number begins with 9.
pub fn composition_number(record: &Record, report_no: Option<&str>, view: View) -> String {
    let number = match view {
        View::Full => {
            own_number(report_no, 8).unwrap_or_else(|| derived(record, report_no, view) % DERIVED)
        }
        View::Statutory => {
            let number = own_number(report_no, 7)
                .unwrap_or_else(|| derived(record, report_no, view) % BEHIND_NINE);
            STATUTORY + number
        }
    };
    format!("{number:08}")
}

/// The institution's number, when it is one of so many digits.
fn own_number(report_no: Option<&str>, digits: usize) -> Option<u64> {
    let number = given(report_no)?;
    let fits = number.len() <= digits && number.bytes().all(|digit| digit.is_ascii_digit());
    if fits { number.parse().ok() } else { None }
}

fn derived(record: &Record, report_no: Option<&str>, view: View) -> u64 {
    let checkup = hex::encode(by_institution(record, report_no));
    let mut encoder = Encoder::new("composition");
    encoder.field(view.name()).field(&checkup);
    encoder.digest().iter().take(8).fold(0, |sum, octet| (sum << 8) | u64::from(*octet))
}
