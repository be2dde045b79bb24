//! Who the patients of our own community are, and what others call them.

use chrono::{DateTime, Utc};
use futures_util::future::BoxFuture;
use renkei_metadata::ids::{HomeCommunityId, PatientId};
use renkei_person::Person;

/// As whom another community knows a patient of ours.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Counterpart {
    /// By this identifier of theirs.
    Patient(PatientId),
    /// It said that it knows nobody like them.
    Nobody,
}

/// What another community told of a patient (ITI TF-2: 3.55.4.2.3.1).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Correlation {
    /// As whom it knows them.
    pub counterpart: Counterpart,
    /// The digest of all that was known of them when it was asked, and of how the community was entered. Somebody
    /// who is described otherwise since then has to be asked for again; so has everybody of another entry.
    pub asked_by: [u8; 32],
    /// How sure it was, in percent.
    pub degree: Option<u8>,
    /// When it was told.
    pub since: DateTime<Utc>,
    /// How long it holds.
    pub until: DateTime<Utc>,
}

impl Correlation {
    /// Whether less than a tenth is left of the time for which it holds.
    pub(super) fn is_ending(&self, now: DateTime<Utc>) -> bool {
        self.until - now < (self.until - self.since) / 10
    }
}

/// The last question about a patient whose answer comes later (ITI TF-2: 3.55.6.2).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Question {
    /// About whom.
    pub patient: PatientId,
    /// Its wsa:MessageID.
    pub message_id: String,
    /// Its HL7 v3 message.
    pub message: String,
    /// The query in that.
    pub query: String,
    /// As of a [`Correlation`].
    pub asked_by: [u8; 32],
    /// Whether it told more than a first question does.
    pub with_more: bool,
    /// What was answered, if that names nobody; `None`: its answer is awaited.
    pub heard: Option<Said>,
    /// How long it is awaited, or what was answered is told.
    pub until: DateTime<Utc>,
}

/// Why an answer names nobody: the id of a row, and its detail.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Said {
    /// The row.
    pub row: String,
    /// What of it is worth telling; never a value of a patient.
    pub detail: String,
}

/// What an answer that came later leaves behind.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Settled {
    /// As whom the community knows the patient, or that it knows nobody.
    Known(Correlation),
    /// What is told instead, and how long.
    Told(Said, DateTime<Utc>),
    /// Nothing: the patient is described otherwise by now.
    Void,
}

/// What is known of the patients could not be read or kept.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the patients of this community cannot be read or kept: {0}")]
pub struct NoPatients(pub String);

/// The patients of our own community, whoever keeps them.
pub trait Patients: Send + Sync {
    /// Who this patient is; `None` when nobody told.
    fn person<'a>(
        &'a self,
        patient: &'a PatientId,
    ) -> BoxFuture<'a, Result<Option<Person>, NoPatients>>;

    /// What `home` told last of this patient, whether it still holds or not.
    fn correlation<'a>(
        &'a self,
        patient: &'a PatientId,
        home: &'a HomeCommunityId,
    ) -> BoxFuture<'a, Result<Option<Correlation>, NoPatients>>;

    /// Keeps what `home` told, in the place of what it told before.
    fn keep<'a>(
        &'a self,
        patient: &'a PatientId,
        home: &'a HomeCommunityId,
        correlation: Correlation,
    ) -> BoxFuture<'a, Result<(), NoPatients>>;

    /// Forgets what `home` told of this patient.
    fn forget<'a>(
        &'a self,
        patient: &'a PatientId,
        home: &'a HomeCommunityId,
    ) -> BoxFuture<'a, Result<(), NoPatients>>;

    /// The last question about this patient to `home` whose answer comes later.
    fn question<'a>(
        &'a self,
        patient: &'a PatientId,
        home: &'a HomeCommunityId,
    ) -> BoxFuture<'a, Result<Option<Question>, NoPatients>>;

    /// The question with this wsa:MessageID, and to whom it went.
    fn question_of<'a>(
        &'a self,
        message_id: &'a str,
    ) -> BoxFuture<'a, Result<Option<(HomeCommunityId, Question)>, NoPatients>>;

    /// Keeps a question to `home` before it goes out; not, and `false`, if the same is awaited.
    fn ask<'a>(
        &'a self,
        home: &'a HomeCommunityId,
        question: Question,
    ) -> BoxFuture<'a, Result<bool, NoPatients>>;

    /// The community took the question: it is awaited until then.
    fn await_answer<'a>(
        &'a self,
        message_id: &'a str,
        until: DateTime<Utc>,
    ) -> BoxFuture<'a, Result<(), NoPatients>>;

    /// The community did not take the question: nothing is awaited.
    fn withdraw<'a>(&'a self, message_id: &'a str) -> BoxFuture<'a, Result<(), NoPatients>>;

    /// Keeps what the answer to a question leaves behind; not, and `false`, if it is awaited no more.
    fn settle<'a>(
        &'a self,
        message_id: &'a str,
        settled: Settled,
    ) -> BoxFuture<'a, Result<bool, NoPatients>>;
}
