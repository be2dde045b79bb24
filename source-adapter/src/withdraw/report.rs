//! What became of the documents of one checkup under one patient id, for reports.

use super::carry::Withdrawn;
use super::found::Found;
use super::reasons::Stays;
use serde::Serialize;

/// How a withdrawal ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum WithdrawalOutcome {
    /// Nothing is left of them.
    Removed,
    /// They are there, and none is in force.
    Deprecated,
    /// They stand as they stood.
    Left,
}

/// Of which record, whose documents, and what became of them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Withdrawal {
    /// The number of the row in its export; empty without one.
    pub record_no: String,
    /// The person's number at the institution.
    pub patient_id: String,
    /// The patient id under which the documents stand or stood; empty where nobody could tell.
    pub patient: String,
    /// The days of the checkup.
    pub days: Vec<String>,
    /// How many documents.
    pub documents: u64,
    /// What became of them.
    pub outcome: WithdrawalOutcome,
    /// Why they were not removed, as [`Reason::name`](super::Reason::name); empty if they were.
    pub reason: &'static str,
    /// What happened and what to do.
    pub ja: String,
    /// The same in English.
    pub en: String,
}

impl Withdrawal {
    /// Tells what became of `found`.
    pub fn of((record_no, person): (&str, &str), found: &Found, done: &Withdrawn) -> Self {
        let in_force = found.in_force().count() as u64;
        let outcome = match &done.stays {
            None => WithdrawalOutcome::Removed,
            Some(_) if done.deprecated == in_force => WithdrawalOutcome::Deprecated,
            Some(_) => WithdrawalOutcome::Left,
        };
        let told = Self {
            record_no: record_no.to_owned(),
            patient_id: person.to_owned(),
            patient: found.patient.to_string(),
            days: found.days(),
            documents: found.documents().len() as u64,
            outcome,
            reason: "",
            ja: String::new(),
            en: String::new(),
        };
        told.because(done.stays.as_ref())
    }

    /// Tells that nobody could say what there is.
    pub fn unknown((record_no, person): (&str, &str), stays: &Stays) -> Self {
        let told = Self {
            record_no: record_no.to_owned(),
            patient_id: person.to_owned(),
            patient: String::new(),
            days: Vec::new(),
            documents: 0,
            outcome: WithdrawalOutcome::Left,
            reason: "",
            ja: String::new(),
            en: String::new(),
        };
        told.because(Some(stays))
    }

    /// As a line says whose documents are meant.
    pub fn about(&self) -> (String, String) {
        let Self { record_no, patient_id, patient, documents, days, .. } = self;
        let days = days.join(", ");
        (
            format!(
                "レコード {record_no}（受診番号 {patient_id}）: 患者ID {patient} の文書 {documents}件 ({days})"
            ),
            format!(
                "record {record_no} (person {patient_id}): {documents} documents of {patient} ({days})"
            ),
        )
    }

    fn because(mut self, stays: Option<&Stays>) -> Self {
        let (ja, en) = self.about();
        let Some(Stays { reason, detail }) = stays else {
            self.ja = format!("{ja} を取り下げ、完全に削除しました");
            self.en = format!("{en} are withdrawn and gone for good");
            return self;
        };
        let texts = reason.texts();
        let detail = if detail.is_empty() { String::new() } else { format!(" [{detail}]") };
        self.reason = texts.name;
        self.ja = format!("{ja}: {}{detail}。{}", texts.ja, texts.fix_ja);
        self.en = format!("{en}: {}{detail}; {}", texts.en, texts.fix_en);
        self
    }
}
