//! What a source submitted of a checkup, across patients.

use super::carry::Withdrawer;
use super::reasons::Stays;
use super::surroundings::Surroundings;
use crate::submit::Checkup;
use chrono::NaiveDate;
use renkei_metadata::ids::{Oid, PatientId, UniqueId};
use renkei_metadata::model::{AvailabilityStatus, DocumentEntry};
use renkei_xds::iti18::QueryBuilder;
use std::collections::{BTreeMap, BTreeSet};

/// The documents of one checkup that stand under one patient id, in every version.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// Whose they are said to be.
    pub patient: PatientId,
    /// Their entries.
    pub entries: Vec<DocumentEntry>,
}

impl Found {
    /// The documents.
    pub fn documents(&self) -> BTreeSet<&UniqueId> {
        self.entries.iter().map(|e| &e.unique_id).collect()
    }

    /// The entries in force.
    pub fn in_force(&self) -> impl Iterator<Item = &DocumentEntry> {
        self.entries.iter().filter(|e| e.status == Some(AvailabilityStatus::Approved))
    }

    /// Whether it is certain enough that these documents are of this checkup: they have its number, or
    /// the person's number, day and programme, and name or birth date of `person`. Numbers of persons
    /// are given twice sometimes.
    pub(crate) fn is_certain(&self, checkup: &Checkup, person: &[String]) -> bool {
        let has_person =
            |e: &DocumentEntry| e.source_patient_info.iter().any(|line| person.contains(line));
        let has_number = |e: &DocumentEntry| checkup.same_number(e) == Some(true);
        self.entries.iter().all(|e| has_number(e) || has_person(e))
    }

    /// The days of the checkup, as its versions have them.
    pub fn days(&self) -> Vec<String> {
        let day = |e: &DocumentEntry| {
            let text = e.service_start.as_ref()?.as_str().get(..8)?;
            Some(NaiveDate::parse_from_str(text, "%Y%m%d").ok()?.to_string())
        };
        let days: BTreeSet<String> = self.entries.iter().filter_map(day).collect();
        days.into_iter().collect()
    }
}

impl Withdrawer<'_> {
    /// What `source` submitted of a checkup, a value for each patient id. What carries the same ids and
    /// came from another source is left out.
    ///
    /// # Errors
    /// When the registry does not tell.
    pub async fn find(&self, checkup: &Checkup, source: &Oid) -> Result<Vec<Found>, Stays> {
        self.find_but(checkup, source, None).await
    }

    /// The same without what stands under one patient id.
    pub(crate) async fn find_but(
        &self,
        checkup: &Checkup,
        source: &Oid,
        right: Option<&PatientId>,
    ) -> Result<Vec<Found>, Stays> {
        let ids = checkup.reference_ids();
        let query = QueryBuilder::find_documents_of_everybody(&AvailabilityStatus::ALL, ids);
        let mut by_patient: BTreeMap<PatientId, Vec<DocumentEntry>> = BTreeMap::new();
        for entry in self.entries(query.everything()).await? {
            let patient = entry.patient_id.clone().filter(|patient| Some(patient) != right);
            if let (Some(patient), true) = (patient, checkup.is_version_of_anybody(&entry)) {
                by_patient.entry(patient).or_default().push(entry);
            }
        }
        let mut found = Vec::new();
        for (patient, entries) in by_patient {
            let sets = self.sets_of(&entries).await?;
            let entries = own(entries, &sets, source);
            if !entries.is_empty() {
                found.push(Found { patient, entries });
            }
        }
        Ok(found)
    }
}

/// The entries that a submission of this source brought.
pub(super) fn own(
    entries: Vec<DocumentEntry>,
    sets: &Surroundings,
    source: &Oid,
) -> Vec<DocumentEntry> {
    entries.into_iter().filter(|e| sets.holders(&e.id).any(|s| s.source_id == *source)).collect()
}
