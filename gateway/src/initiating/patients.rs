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
    /// The digest of all that was known of them when it was asked. Somebody who is described otherwise since
    /// then has to be asked for again.
    pub asked_by: [u8; 32],
    /// How sure it was, in percent.
    pub degree: Option<u8>,
    /// How long it holds.
    pub until: DateTime<Utc>,
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
}
