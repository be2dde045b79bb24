//! The patients of the Initiating Gateway are the persons of this process.

use super::persons::Persons;
use chrono::Utc;
use futures_util::future::BoxFuture;
use renkei_gateway::initiating::{Correlation, Counterpart, NoPatients, Patients};
use renkei_identity::IdentityError;
use renkei_identity::correlation::Correlation as Kept;
use renkei_metadata::ids::{HomeCommunityId, PatientId};
use renkei_person::Person;

/// Who the persons are, here and elsewhere.
pub(super) struct Elsewhere(Persons);

impl Elsewhere {
    pub(super) fn new(persons: &Persons) -> Self {
        Self(persons.clone())
    }
}

fn failed(error: IdentityError) -> NoPatients {
    NoPatients(error.to_string())
}

impl Patients for Elsewhere {
    fn person<'a>(
        &'a self,
        patient: &'a PatientId,
    ) -> BoxFuture<'a, Result<Option<Person>, NoPatients>> {
        Box::pin(async move {
            // What the feed was told is known here, too.
            let told = self.0.settle().await;
            told.map_err(|error| NoPatients(format!("{error:#}")))?;
            let found = self.0.identity().person(patient).await.map_err(failed)?;
            Ok(found.map(|found| found.person))
        })
    }

    fn correlation<'a>(
        &'a self,
        patient: &'a PatientId,
        home: &'a HomeCommunityId,
    ) -> BoxFuture<'a, Result<Option<Correlation>, NoPatients>> {
        Box::pin(async move {
            let kept = self.0.identity().correlation(patient, home).await.map_err(failed)?;
            Ok(kept.map(|Kept { theirs, asked_by, degree, until }| {
                let counterpart = theirs.map_or(Counterpart::Nobody, Counterpart::Patient);
                Correlation { counterpart, asked_by, degree, until }
            }))
        })
    }

    fn keep<'a>(
        &'a self,
        patient: &'a PatientId,
        home: &'a HomeCommunityId,
        correlation: Correlation,
    ) -> BoxFuture<'a, Result<(), NoPatients>> {
        Box::pin(async move {
            let Correlation { counterpart, asked_by, degree, until } = correlation;
            let theirs = match counterpart {
                Counterpart::Patient(theirs) => Some(theirs),
                Counterpart::Nobody => None,
            };
            let kept = Kept { theirs, asked_by, degree, until };
            self.0.identity().correlate(patient, home, kept, Utc::now()).await.map_err(failed)
        })
    }

    fn forget<'a>(
        &'a self,
        patient: &'a PatientId,
        home: &'a HomeCommunityId,
    ) -> BoxFuture<'a, Result<(), NoPatients>> {
        Box::pin(async move {
            self.0
                .identity()
                .forget_correlations(home, Some(patient))
                .await
                .map(drop)
                .map_err(failed)
        })
    }
}
