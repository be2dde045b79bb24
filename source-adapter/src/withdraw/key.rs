//! By what a checkup is named that is to be withdrawn: as a row of an export tells it, or by hand.

use super::carry::Withdrawn;
use super::found::Found;
use super::reasons::Reason;
use super::report::Withdrawal;
use crate::convert::{Accepted, Sink};
use crate::findings::{Finding, RefusedRow};
use crate::output::REPORTED_FINDINGS;
use crate::submit::{Checkup, Domain, person};
use renkei_checkup::Record;
use renkei_metadata::ids::Oid;
use std::io;

/// The source's own key of a checkup.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Key {
    /// The number of the row in its export; empty without one.
    pub record_no: String,
    /// The institution.
    pub institution: String,
    /// The institution's own number of the checkup; empty if there is none.
    pub report_no: String,
    /// The person's number there.
    pub person: String,
    /// The day, `YYYY-MM-DD`.
    pub day: String,
    /// The programme.
    pub programme: String,
    /// Name and birth date, where a row of an export tells them.
    pub known_by: Vec<String>,
}

impl Key {
    fn of(accepted: &Accepted<'_>) -> Self {
        let item = |id| accepted.record.get(id).to_owned();
        Self {
            record_no: item("record_no"),
            institution: item("inst_no"),
            report_no: accepted.report_no.trim().to_owned(),
            person: item("patient_id"),
            day: item("exam_date"),
            programme: item("program_code"),
            known_by: person(accepted.record),
        }
    }

    /// Of what was found, what is withdrawn, and what is left because it may be somebody else's: whoever
    /// names no patient means one checkup of one person.
    pub fn certain(&self, checkup: &Checkup, found: Vec<Found>) -> (Vec<Found>, Vec<Withdrawal>) {
        let several = found.len() > 1;
        let has_number = |f: &Found| f.entries.iter().all(|e| checkup.same_number(e) == Some(true));
        let (mut certain, mut left) = (Vec::new(), Vec::new());
        for found in found {
            let reason = match self.known_by.is_empty() {
                false if found.is_certain(checkup, &self.known_by) => None,
                false => Some(Reason::OtherPerson),
                true if several && !has_number(&found) => Some(Reason::SeveralPatients),
                true => None,
            };
            let Some(reason) = reason else {
                certain.push(found);
                continue;
            };
            let done = Withdrawn { stays: Some(reason.into()), ..Withdrawn::default() };
            left.push(Withdrawal::of((&self.record_no, &self.person), &found, &done));
        }
        (certain, left)
    }

    /// The checkup as `source` knows it.
    pub fn checkup(&self, source: &Oid, domain: &Domain) -> Checkup {
        Checkup::of(&self.record(), &self.report_no, source, domain)
    }

    /// A record with these items alone.
    pub(super) fn record(&self) -> Record {
        let mut record = Record::new();
        for (id, value) in [
            ("inst_no", &self.institution),
            ("patient_id", &self.person),
            ("exam_date", &self.day),
            ("program_code", &self.programme),
        ] {
            record.set_id(id, value);
        }
        record
    }

    /// Whether it names a checkup: by its number, or by person, day and programme.
    pub fn is_whole(&self) -> bool {
        let by_day = [&self.person, &self.day, &self.programme];
        let named = !self.report_no.is_empty() || by_day.iter().all(|part| !part.is_empty());
        !self.institution.is_empty() && named
    }
}

/// Which rows of an export are meant: those that have everything that is said here.
#[derive(Clone, Debug, Default)]
pub struct Selection {
    /// The number of the row.
    pub record_no: Option<String>,
    /// The number of the checkup.
    pub report_no: Option<String>,
    /// The person's number.
    pub person: Option<String>,
    /// The day.
    pub day: Option<String>,
}

impl Selection {
    pub(super) fn has(&self, key: &Key) -> bool {
        let parts = [
            (&self.record_no, &key.record_no),
            (&self.report_no, &key.report_no),
            (&self.person, &key.person),
            (&self.day, &key.day),
        ];
        parts.into_iter().all(|(wanted, own)| wanted.as_ref().is_none_or(|wanted| wanted == own))
    }
}

/// The keys of an export, about 500 bytes a row, and what is wrong with the others.
#[derive(Debug, Default)]
pub struct Keys {
    /// Which rows are meant.
    pub selection: Selection,
    /// Theirs.
    pub keys: Vec<Key>,
    /// Rows that cannot be read: at most as many as a report lists.
    pub refused: Vec<RefusedRow>,
    /// How many more there are.
    pub refused_left_out: u64,
}

impl Sink for Keys {
    fn accepted(&mut self, accepted: &Accepted<'_>) -> io::Result<()> {
        let key = Key::of(accepted);
        if self.selection.has(&key) {
            self.keys.push(key);
        }
        Ok(())
    }

    fn findings(&mut self, findings: &[Finding]) -> io::Result<()> {
        for finding in findings.iter().filter(|finding| finding.is_error()) {
            if self.refused.len() < REPORTED_FINDINGS {
                self.refused.push(finding.into());
            } else {
                self.refused_left_out += 1;
            }
        }
        Ok(())
    }

    fn file_findings(&mut self, findings: &[Finding]) -> io::Result<()> {
        self.findings(findings)
    }

    fn discard(&mut self) -> io::Result<()> {
        let selection = std::mem::take(&mut self.selection);
        *self = Self { selection, ..Self::default() };
        Ok(())
    }
}
