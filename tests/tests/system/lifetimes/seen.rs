//! What a house answers of all its patients, and whether it is what it should be.

use super::reference::House;
use anyhow::{Context, Result, ensure};
use renkei_metadata::ids::{EntryUuid, ObjectId, PatientId};
use renkei_metadata::model::{
    Association, AssociationType, AvailabilityStatus, DocumentEntry, EntryType, RegistryObject,
};
use renkei_tests::message;
use renkei_tests::peer::Peer;
use renkei_tests::world::REGISTRY;
use renkei_xds::iti18::QueryBuilder;
use renkei_xds::response::Status;
use std::collections::{BTreeMap, HashMap, HashSet};

/// Every version of every document, by logicalID and version, and what joins them.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Seen {
    pub(super) documents: BTreeMap<EntryUuid, BTreeMap<u32, DocumentEntry>>,
    sets: Vec<ObjectId>,
    associations: Vec<Association>,
}

impl Seen {
    pub(super) fn of(peer: &mut Peer, patients: &[PatientId]) -> Result<Self> {
        let mut seen = Self::default();
        let types = [EntryType::Stable, EntryType::OnDemand];
        for patient in patients {
            let query = QueryBuilder::get_all(patient, &AvailabilityStatus::ALL);
            let query = message::query(&query.everything().entry_types(&types).build());
            let answer = peer.post(REGISTRY, &query)?.query()?;
            ensure!(answer.status == Status::Success, "{:?}", answer.errors);
            for object in answer.objects {
                match object {
                    RegistryObject::Entry(e) => {
                        let (lid, version) = (e.lid.context("no lid")?, e.version);
                        let versions = seen.documents.entry(lid).or_default();
                        let again = versions.insert(version.context("no version")?, *e);
                        ensure!(again.is_none(), "a version of {lid} twice");
                    }
                    RegistryObject::SubmissionSet(set) => seen.sets.push(set.id),
                    RegistryObject::Association(a) => seen.associations.push(*a),
                    RegistryObject::Folder(_) | RegistryObject::Ref(..) => {}
                }
            }
        }
        seen.sets.sort_by_key(ToString::to_string);
        seen.associations.sort_by_key(|a| a.id.to_string());
        seen.associations.dedup_by(|a, b| a.id == b.id);
        Ok(seen)
    }

    /// What has to be true whatever happened.
    pub(super) fn is_whole(&self) -> Result<()> {
        let entries = self.documents.values().flat_map(BTreeMap::values);
        let patients: HashMap<&ObjectId, Option<&PatientId>> =
            entries.map(|e| (&e.id, e.patient_id.as_ref())).collect();
        let ids: HashSet<&ObjectId> = patients
            .keys()
            .copied()
            .chain(&self.sets)
            .chain(self.associations.iter().map(|a| &a.id))
            .collect();
        for a in &self.associations {
            ensure!(ids.contains(&a.source) && ids.contains(&a.target), "an end of {a:?}");
            let is_set = self.sets.contains(&a.source);
            ensure!(
                is_set || patients.get(&a.source) == patients.get(&a.target),
                "patients: {a:?}"
            );
        }
        let holds = |a: &&Association| {
            a.association_type == AssociationType::HasMember && self.sets.contains(&a.source)
        };
        let held: HashSet<&ObjectId> =
            self.associations.iter().filter(holds).map(|a| &a.target).collect();
        for (lid, versions) in &self.documents {
            for (version, entry) in versions {
                ensure!(held.contains(&entry.id), "no SubmissionSet holds {lid}, {version}");
                let newest = versions.keys().next_back() == Some(version);
                let approved = entry.status == Some(AvailabilityStatus::Approved);
                ensure!(newest || !approved, "{lid} is current in version {version}");
            }
        }
        Ok(())
    }

    /// Whether it is what the reference has.
    pub(super) fn is(&self, house: &House, patients: &[PatientId]) -> Result<()> {
        let registered = house.documents.iter().filter(|d| !d.versions.is_empty()).count();
        ensure!(registered == self.documents.len(), "{} documents", self.documents.len());
        for document in &house.documents {
            let Some(newest) = document.newest() else { continue };
            let lid = &document.lid;
            let versions = self.documents.get(lid).with_context(|| format!("{lid} is gone"))?;
            ensure!(versions.keys().eq(&document.versions), "versions of {lid}: {versions:?}");
            let entry = versions.get(&newest).context("no newest version")?;
            let approved = entry.status == Some(AvailabilityStatus::Approved);
            ensure!(approved == document.approved, "{lid} is {:?}", entry.status);
            let patient = &patients[house.patient(document.patient)];
            ensure!(entry.patient_id.as_ref() == Some(patient), "{lid} is of another patient");
        }
        Ok(())
    }
}
