//! What the registry's answers show that a person should look at.

use super::document_set::DocumentSet;
use super::domain::PROGRAMME;
use super::notices::{CLOSE_DAYS, ChangedIdentity, CloseCheckup, KnownBy};
use super::plan::is_approved;
use chrono::NaiveDate;
use renkei_checkup::Record;
use renkei_metadata::ids::PatientId;
use renkei_metadata::model::DocumentEntry;
use std::collections::BTreeSet;

/// Letters of an institution's name that are repeated.
const NAME: usize = 80;

/// The checkups of this person's, of the same programme and not far away, that are not this one.
pub(super) fn close(
    record: &Record,
    set: &DocumentSet,
    present: &[DocumentEntry],
) -> Vec<CloseCheckup> {
    let Some(day) = day(record.get("exam_date")) else { return Vec::new() };
    let programme = record.get("program_code");
    let near = |entry: &&DocumentEntry| {
        let same = entry.event_codes.iter().any(|c| c.code == programme && c.scheme == PROGRAMME);
        is_approved(entry) && same && !set.checkup.is_version(entry)
    };
    // Each checkup has several documents.
    let others: BTreeSet<(NaiveDate, String)> = present
        .iter()
        .filter(near)
        .filter_map(|entry| Some((day_of(entry)?, institution(entry))))
        .filter(|(other, _)| (*other - day).num_days().abs() <= CLOSE_DAYS)
        .collect();
    let told = |(other, other_institution): (NaiveDate, String)| {
        CloseCheckup {
            record_no: record.get("record_no").to_owned(),
            patient_id: record.get("patient_id").to_owned(),
            patient: set.patient_id.to_string(),
            program_code: programme.to_owned(),
            day: day.to_string(),
            other_day: other.to_string(),
            other_institution,
            ja: String::new(),
            en: String::new(),
        }
        .told()
    };
    others.into_iter().map(told).collect()
}

/// The documents of a number under another patient id; `None` when nothing stands there any more.
/// `standing` is what the registry has of it in force, or nothing when it did not answer.
pub(super) fn changed(
    record: &Record,
    patient: &PatientId,
    other: &PatientId,
    known_by: KnownBy,
    standing: Option<&[DocumentEntry]>,
) -> Option<ChangedIdentity> {
    if standing.is_some_and(<[DocumentEntry]>::is_empty) {
        return None;
    }
    let entries = standing.unwrap_or_default().iter();
    let days: BTreeSet<NaiveDate> = entries.filter_map(day_of).collect();
    let changed = ChangedIdentity {
        record_no: record.get("record_no").to_owned(),
        patient_id: record.get("patient_id").to_owned(),
        known_by,
        patient: patient.to_string(),
        other_patient: other.to_string(),
        documents: standing.map(|entries| entries.len() as u64),
        days: days.iter().map(NaiveDate::to_string).collect(),
        ja: String::new(),
        en: String::new(),
    };
    Some(changed.told())
}

fn day(text: &str) -> Option<NaiveDate> {
    NaiveDate::parse_from_str(text, "%Y-%m-%d").ok()
}

/// The day of a checkup's document, which has no time in it.
fn day_of(entry: &DocumentEntry) -> Option<NaiveDate> {
    let text = entry.service_start.as_ref()?.as_str();
    NaiveDate::parse_from_str(text.get(..8)?, "%Y%m%d").ok()
}

/// Name and number of the institution that wrote a document (XON, ITI TF-3: Table 4.2.3.1.7-2).
fn institution(entry: &DocumentEntry) -> String {
    let xon = entry.authors.iter().flat_map(|author| &author.institutions).next();
    let mut parts = xon.map_or("", String::as_str).split('^');
    let (name, number) = (parts.next().unwrap_or_default(), parts.nth(8).unwrap_or_default());
    let escapes = [("\\F\\", "|"), ("\\S\\", "^"), ("\\R\\", "~"), ("\\T\\", "&"), ("\\E\\", "\\")];
    let name = escapes.iter().fold(name.to_owned(), |name, (from, to)| name.replace(from, to));
    let text = format!("{name} {number}");
    text.trim().chars().filter(|letter| !letter.is_control()).take(NAME).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use renkei_metadata::model::Author;

    #[test]
    fn an_institution_is_told_by_name_and_number() {
        let with = |xon: &str| {
            let author = Author { institutions: vec![xon.to_owned()], ..Author::default() };
            let mut entry = crate::submit::tests::an_entry();
            entry.authors = vec![author];
            institution(&entry)
        };
        assert_eq!(with("架空健診所^^^^^&1.2&ISO^^^^1419900129"), "架空健診所 1419900129");
        assert_eq!(with("A\\T\\B"), "A&B");
        assert_eq!(with(""), "");
        assert_eq!(with(&"長".repeat(300)).chars().count(), NAME);
    }
}
