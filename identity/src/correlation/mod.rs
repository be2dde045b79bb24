//! Who persons are in other communities (ITI TF-2: 3.55.4.2.3.1): what was told when they were looked for
//! there, for as long as it may be kept. It is void as soon as the person here is described otherwise, or
//! became another.

pub(crate) mod store;
#[cfg(test)]
mod tests;

use crate::{Identity, IdentityError, question};
use chrono::{DateTime, Utc};
use renkei_database::Db;
use renkei_metadata::ids::{HomeCommunityId, PatientId};
use std::collections::BTreeMap;
use std::sync::Arc;

/// What a community told of a person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Correlation {
    /// As whom it knows them; `None`: it knows nobody like them.
    pub theirs: Option<PatientId>,
    /// The digest of all that was known of the person when it was asked.
    pub asked_by: [u8; 32],
    /// How sure it was, in percent.
    pub degree: Option<u8>,
    /// When it was told.
    pub since: DateTime<Utc>,
    /// How long it holds.
    pub until: DateTime<Utc>,
}

/// How many correlations with a community are kept.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Count {
    /// Persons whom it knows.
    pub known: u64,
    /// Persons whom it does not know.
    pub nobody: u64,
    /// Persons about whom it was asked and whose answer is to come, or could not be used.
    pub asked: u64,
}

impl Identity {
    /// What `home` told last of a person, whether it still holds or not.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn correlation(
        &self,
        patient: &PatientId,
        home: &HomeCommunityId,
    ) -> Result<Option<Correlation>, IdentityError> {
        let (inner, patient, home) = (Arc::clone(&self.inner), patient.clone(), home.clone());
        let read = move |db: &mut Db| store::of(db, &inner.vault, &patient, &home);
        self.inner.database.read_short(read).await
    }

    /// What other communities that know a person told of them, while it may be kept at `now`; in the order of
    /// their homeCommunityIds. Whether it was told of the person as they are described now, its digest tells.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn known_elsewhere(
        &self,
        patient: &PatientId,
        now: DateTime<Utc>,
    ) -> Result<Vec<(HomeCommunityId, Correlation)>, IdentityError> {
        let (inner, patient) = (Arc::clone(&self.inner), patient.clone());
        let read = move |db: &mut Db| store::known_elsewhere(db, &inner.vault, &patient, now);
        self.inner.database.read_short(read).await
    }

    /// Keeps what `home` told of a person in the place of what it told before, and forgets what holds for nobody
    /// any more at `now`.
    ///
    /// # Errors
    /// When the database does not take it.
    pub async fn correlate(
        &self,
        patient: &PatientId,
        home: &HomeCommunityId,
        correlation: Correlation,
        now: DateTime<Utc>,
    ) -> Result<(), IdentityError> {
        let (inner, patient, home) = (Arc::clone(&self.inner), patient.clone(), home.clone());
        let write = move |db: &mut Db| {
            store::forget_ended(db, now)?;
            store::keep(db, &inner.vault, (&patient, &home), &correlation)
        };
        self.inner.database.write(write).await
    }

    /// Forgets what `home` told of a person, or of everybody, and what it was asked; how much that was.
    ///
    /// # Errors
    /// When the database does not take it.
    pub async fn forget_correlations(
        &self,
        home: &HomeCommunityId,
        patient: Option<&PatientId>,
    ) -> Result<usize, IdentityError> {
        let hash = patient.map(|patient| self.inner.vault.id_hash(patient));
        let home = home.clone();
        let write = move |db: &mut Db| {
            let told = store::forget(db, &home, hash.as_deref())?;
            Ok(told + question::store::forget(db, &home, hash.as_deref())?)
        };
        self.inner.database.write(write).await
    }

    /// How many correlations hold at `now`, of each community that has some.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn correlations(
        &self,
        now: DateTime<Utc>,
    ) -> Result<BTreeMap<String, Count>, IdentityError> {
        self.inner.database.read(move |db: &mut Db| store::counts(db, now)).await
    }
}
