//! Operations as messages, and what is answered.

use super::Server;
use super::reference::{Document, Operation, Version};
use super::seen::Seen;
use anyhow::{Context, Result, bail, ensure};
use chrono::Utc;
use renkei_hl7v2::adt::{
    A40, A43, Parties, PersonName, Representation, write_a40_in, write_a43_in,
};
use renkei_hl7v2::charset::Charset;
use renkei_hl7v2::msh::{Stamp, Version as Hl7};
use renkei_metadata::ids::{EntryUuid, ObjectId, PatientId, RepositoryUniqueId, UniqueId};
use renkei_metadata::model::{
    AssociationType, AvailabilityStatus, DocumentEntry, EntryType, LocalizedText, RegistryObject,
    Submission, SubmissionSet,
};
use renkei_metadata::update::Propagation;
use renkei_tests::message::{self, Message};
use renkei_tests::sample;
use renkei_tests::world::{REGISTRY, REPOSITORY};
use renkei_xds::iti18::QueryBuilder;
use renkei_xds::iti43::DocumentRequest;
use renkei_xds::response::Status;
use renkei_xds::update::UpdateBuilder;
use uuid::Uuid;

/// A message on its way.
pub(super) enum Prepared {
    Soap(&'static str, Message),
    Feed(Vec<u8>),
}

impl Prepared {
    /// Whether it was accepted, and what was said. A refusal is for a reason of the sender's.
    pub(super) fn send(&self, server: &mut Server) -> Result<(bool, String)> {
        match self {
            Self::Soap(path, message) => {
                let answer = server.peer.post(path, message)?.registry()?;
                let inside = ["XDSRegistryError", "XDSRepositoryError", "XDSRegistryBusy"];
                let failed = answer.errors.iter().any(|e| inside.contains(&e.code.as_str()));
                ensure!(!failed, "{answer:?}");
                Ok((answer.status == Status::Success, format!("{answer:?}")))
            }
            Self::Feed(message) => {
                let answer = server.feed.send(message)?;
                let accepted = answer.contains("MSA|AA|");
                ensure!(accepted || answer.contains("MSA|AE|"), "{answer}");
                Ok((accepted, answer))
            }
        }
    }
}

/// What is needed to write messages.
pub(super) struct Writer<'a> {
    pub(super) patients: &'a [PatientId],
    pub(super) repository: &'a RepositoryUniqueId,
    pub(super) seen: &'a Seen,
    pub(super) documents: &'a [Document],
}

impl Writer<'_> {
    pub(super) fn prepare(&self, operation: &Operation, server: &mut Server) -> Result<Prepared> {
        Ok(match operation {
            Operation::Submit { document, relation } => self.submit(document, *relation)?,
            Operation::Update { of, patient, restricted } => {
                let patient_id = Some(self.patients[*patient].clone());
                let title = Some(LocalizedText::ja("訂正された標題"));
                let entry = DocumentEntry { patient_id, title, ..self.version(*of)?.clone() };
                let update = self.by(*patient).entry(entry, Propagation::Yes)?.build();
                let message = match restricted {
                    true => message::update_restricted(&update),
                    false => message::update(&update),
                };
                Prepared::Soap(REGISTRY, message)
            }
            Operation::Status { of, patient, approved } => {
                use AvailabilityStatus::{Approved, Deprecated};
                let [from, to] =
                    if *approved { [Deprecated, Approved] } else { [Approved, Deprecated] };
                let id = self.version(*of)?.id.uuid().context("no UUID")?;
                self.update(self.by(*patient).status(id, from, to))
            }
            Operation::Append { from, to, patient } => {
                let ends = [&self.version(*from)?.id, &self.version(*to)?.id];
                let apnd = sample::association("link", AssociationType::Apnd, ends[0], ends[1]);
                self.update(self.by(*patient).association(apnd))
            }
            Operation::Move { from, to, local } => {
                let a43 = A43 {
                    stamp: Stamp::new(Utc::now(), Uuid::new_v4()),
                    parties: parties(),
                    new: self.patients[*to].clone(),
                    local: PatientId::parse(&local_id(*local))?,
                    previous: self.patients[*from].clone(),
                    subsumed: None,
                };
                let message = write_a43_in(&a43, &Charset::utf8());
                Prepared::Feed(message.context("not written")?)
            }
            Operation::Merge { from, into } => {
                let a40 = A40 {
                    stamp: Stamp::new(Utc::now(), Uuid::new_v4()),
                    parties: parties(),
                    surviving: self.patients[*into].clone(),
                    subsumed: self.patients[*from].clone(),
                    names: vec![PersonName::of("統合 花子", Representation::Ideographic)],
                };
                let message = write_a40_in(&a40, Hl7::V231, &Charset::utf8());
                Prepared::Feed(message.context("not written")?)
            }
            Operation::RemoveDocument(n) => {
                let request = self.request(&self.documents[*n].unique_id);
                Prepared::Soap(REPOSITORY, message::remove_documents(&[request]))
            }
            Operation::RemoveMetadata(n) => {
                let ids = self.brought_with(*n, server)?;
                Prepared::Soap(REGISTRY, message::remove_metadata(&ids))
            }
        })
    }

    fn submit(
        &self,
        document: &Document,
        relation: Option<(AssociationType, Version)>,
    ) -> Result<Prepared> {
        let patient = &self.patients[document.patient];
        let mut s = sample::one(patient, document.content.as_deref().unwrap_or_default());
        s.submission_set.unique_id = document.set.clone();
        rename(&mut s, document.lid);
        let entry = s.entries.first_mut().context("no entry")?;
        entry.unique_id = document.unique_id.clone();
        entry.source_patient_id = Some(local_id(document.local));
        if let Some((kind, to)) = relation {
            let link = sample::association("link", kind, &entry.id, &self.version(to)?.id);
            s.associations.push(link);
        }
        let entry = s.entries.first_mut().context("no entry")?;
        if let Some(content) = &document.content {
            let message = message::provide_and_register(&s, &[content]);
            return Ok(Prepared::Soap(REPOSITORY, message));
        }
        entry.object_type = EntryType::OnDemand;
        (entry.creation_time, entry.hash, entry.size) = (None, None, None);
        entry.repository = Some(self.repository.clone());
        Ok(Prepared::Soap(REGISTRY, message::register_on_demand(&s)))
    }

    fn by(&self, patient: usize) -> UpdateBuilder {
        let set: SubmissionSet = sample::one(&self.patients[patient], b"").submission_set;
        UpdateBuilder::new(SubmissionSet { unique_id: sample::new_oid(), ..set })
    }

    fn update(&self, update: UpdateBuilder) -> Prepared {
        Prepared::Soap(REGISTRY, message::update(&update.build()))
    }

    /// A version as it was answered.
    fn version(&self, (document, version): Version) -> Result<&DocumentEntry> {
        let versions = self.seen.documents.get(&self.documents[document].lid);
        versions.and_then(|v| v.get(&version)).context("a version that was not seen")
    }

    pub(super) fn request(&self, unique_id: &UniqueId) -> DocumentRequest {
        let (repository, unique_id) = (self.repository.clone(), unique_id.clone());
        DocumentRequest { home: None, repository, unique_id }
    }

    /// The ids of all objects of the SubmissionSet that brought a document.
    fn brought_with(&self, document: usize, server: &mut Server) -> Result<Vec<EntryUuid>> {
        let set = &self.documents[document].set;
        let query = QueryBuilder::get_submission_set_and_contents_by_unique_id(set);
        let types = [EntryType::Stable, EntryType::OnDemand];
        let query = message::query(&query.everything().entry_types(&types).build());
        let answer = server.peer.post(REGISTRY, &query)?.query()?;
        let id = |object: &RegistryObject| match object {
            RegistryObject::SubmissionSet(set) => set.id.uuid(),
            RegistryObject::Entry(entry) => entry.id.uuid(),
            RegistryObject::Folder(folder) => folder.id.uuid(),
            RegistryObject::Association(association) => association.id.uuid(),
            RegistryObject::Ref(..) => None,
        };
        let ids: Vec<EntryUuid> = answer.objects.iter().filter_map(id).collect();
        if ids.len() != 3 {
            bail!("{answer:?}");
        }
        Ok(ids)
    }
}

/// Gives the only entry an id of its own.
fn rename(s: &mut Submission, id: EntryUuid) {
    let Some(entry) = s.entries.first_mut() else { return };
    let old = std::mem::replace(&mut entry.id, ObjectId::Uuid(id));
    for a in s.associations.iter_mut().filter(|a| a.target == old) {
        a.target = ObjectId::Uuid(id);
    }
}

fn local_id(local: usize) -> String {
    format!("L{local}^^^&1.2.392.100495.20.3.51.11319900013&ISO")
}

fn parties() -> Parties {
    Parties {
        sending_application: "1.2.3.8".to_owned(),
        sending_facility: "TEST".to_owned(),
        receiving_application: "REGISTRY".to_owned(),
        receiving_facility: "RENKEI".to_owned(),
    }
}
