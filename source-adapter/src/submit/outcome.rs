//! What became of the records of a run, one by one and in sum.

use super::document_set::DocumentSet;
use super::notices::{ChangedIdentity, CloseCheckup, Notices};
use super::whose::PatientIdSources;
use crate::output::REPORTED_FINDINGS;
use crate::withdraw::{Withdrawal, WithdrawalOutcome};
use renkei_metadata::ids::PatientId;
use serde::Serialize;

/// A reason why a record could not be submitted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Failure {
    /// Its number in the export.
    pub record_no: String,
    /// The person's number at the institution.
    pub patient_id: String,
    /// errorCode of the registry or repository, or what kind of call failed.
    pub code: String,
    /// URN-free severity: always `error`.
    pub severity: &'static str,
    /// What the peer said, or why it could not be reached.
    pub context: String,
    /// Which object.
    pub location: String,
}

impl Failure {
    /// [`Self::code`] of a call that reached nobody.
    pub const CONNECTION: &str = "connection";
}

/// A checkup whose documents the registry has now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Present {
    /// Whose.
    pub patient: PatientId,
    /// Whether there is a document with the statutory items alone.
    pub statutory: bool,
    /// Documents sent now; none when all were there.
    pub sent: u64,
    /// Whether one of them replaced an earlier version.
    pub corrected: bool,
}

impl Present {
    /// What is there once these documents of a set were sent.
    pub(super) fn of(set: &DocumentSet, sent: u64, corrected: bool) -> Self {
        let (patient, statutory) = (set.patient_id.clone(), set.is_statutory());
        Self { patient, statutory, sent, corrected }
    }
}

/// What became of one record.
#[derive(Clone, Debug)]
pub struct Done {
    /// Its number in the export.
    pub record_no: String,
    /// The person's number at the institution.
    pub person: String,
    /// What is there now, or what failed; never an empty list.
    pub outcome: Result<Present, Vec<Failure>>,
    /// What is to be looked at, although it stopped nothing.
    pub notices: Notices,
}

impl Done {
    /// `submitted`, `corrected`, `repeated` or `failed`.
    pub fn word(&self) -> &'static str {
        match &self.outcome {
            Ok(present) if present.sent == 0 => "repeated",
            Ok(present) if present.corrected => "corrected",
            Ok(_) => "submitted",
            Err(_) => "failed",
        }
    }
}

/// What a run did.
#[derive(Clone, Debug, Default, Serialize)]
pub struct SubmitReport {
    /// Who said under which patient ids the people are known.
    pub patient_ids: PatientIdSources,
    /// Document sets sent and accepted.
    pub submitted: u64,
    /// Document sets that were there already.
    pub repeated: u64,
    /// Of those submitted, how many replaced an earlier version.
    pub corrected: u64,
    /// Documents sent and accepted.
    pub documents: u64,
    /// Records that were refused or failed.
    pub failed: u64,
    /// Of those, how many because nobody could be reached.
    pub unreached: u64,
    /// Why, for the first of them: at most as many as a report lists.
    pub failures: Vec<Failure>,
    /// How many more reasons there are.
    pub failures_left_out: u64,
    /// Checkups of one programme that are close to each other: at most as many as a report lists.
    pub close_checkups: Vec<CloseCheckup>,
    /// How many more there are.
    pub close_checkups_left_out: u64,
    /// Numbers of the institution that went under another patient id before; as many.
    pub changed_identities: Vec<ChangedIdentity>,
    /// How many more there are.
    pub changed_identities_left_out: u64,
    /// Documents removed for good, since their checkup stands under another patient id now.
    pub withdrawn: u64,
    /// Checkups of which documents under an earlier patient id are left.
    pub not_withdrawn: u64,
    /// What was withdrawn, and what was not and why; as many as a report lists.
    pub withdrawals: Vec<Withdrawal>,
    /// How many more there are.
    pub withdrawals_left_out: u64,
}

impl SubmitReport {
    /// Adds a record.
    pub(super) fn count(&mut self, done: &Done) {
        match &done.outcome {
            Ok(present) if present.sent == 0 => self.repeated += 1,
            Ok(present) => {
                self.submitted += 1;
                self.documents += present.sent;
                self.corrected += u64::from(present.corrected);
            }
            Err(failures) => {
                self.failed += 1;
                let unreached = failures.iter().all(|f| f.code == Failure::CONNECTION);
                self.unreached += u64::from(unreached);
                add(failures, &mut self.failures, &mut self.failures_left_out);
            }
        }
        let Notices { close, changed, withdrawn } = &done.notices;
        for withdrawal in withdrawn {
            match withdrawal.outcome {
                WithdrawalOutcome::Removed => self.withdrawn += withdrawal.documents,
                WithdrawalOutcome::Deprecated | WithdrawalOutcome::Left => self.not_withdrawn += 1,
            }
        }
        add(withdrawn, &mut self.withdrawals, &mut self.withdrawals_left_out);
        add(close, &mut self.close_checkups, &mut self.close_checkups_left_out);
        add(changed, &mut self.changed_identities, &mut self.changed_identities_left_out);
    }
}

/// Adds to a list as long as there is room, and counts the rest.
fn add<T: Clone>(more: &[T], list: &mut Vec<T>, left_out: &mut u64) {
    let room = REPORTED_FINDINGS.saturating_sub(list.len());
    list.extend(more.iter().take(room).cloned());
    *left_out += more.len().saturating_sub(room) as u64;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_thousand_reasons_are_told_and_the_rest_counted() {
        let failure = Failure {
            record_no: "1".into(),
            patient_id: "P1".into(),
            code: Failure::CONNECTION.into(),
            severity: "error",
            context: String::new(),
            location: String::new(),
        };
        let outcome = Err(vec![failure.clone(), failure]);
        let notices = Notices::default();
        let done = Done { record_no: "1".into(), person: String::new(), outcome, notices };
        let mut report = SubmitReport::default();
        for _ in 0..501 {
            report.count(&done);
        }
        assert_eq!((report.failed, report.unreached), (501, 501));
        assert_eq!((report.failures.len(), report.failures_left_out), (1000, 2));
    }
}
