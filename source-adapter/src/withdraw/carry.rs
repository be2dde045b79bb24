//! The steps of a withdrawal.

use super::found::Found;
use super::reasons::{Stays, Trouble};
use super::removal::removal;
use super::surroundings::uuids;
use crate::submit::Domain;
use chrono::Utc;
use renkei_client::{Connection, SoapClient};
use renkei_context::reached;
use renkei_metadata::finding::IheCode;
use renkei_metadata::ids::{Dtm, EntryUuid, ObjectId, Oid, UniqueId};
use renkei_metadata::model::{
    AvailabilityStatus, DocumentEntry, LocalizedText, RegistryObject, SubmissionSet,
};
use renkei_xds::iti18::{QueryBuilder, ReturnType};
use renkei_xds::iti43::DocumentRequest;
use renkei_xds::iti86;
use renkei_xds::response::{RegistryError, RegistryResponse, Status};
use renkei_xds::update::UpdateBuilder;
use std::collections::{BTreeMap, BTreeSet};
use url::Url;
use uuid::Uuid;

/// The title of the SubmissionSet by which entries are deprecated, for people; and for us, who remove it
/// with them.
const NOTE: &str = "健診結果の取り下げ";

/// How often a removal is planned anew because something was registered meanwhile.
const OVERTAKEN: u32 = 3;

/// Finds and withdraws what a source submitted.
#[derive(Clone, Copy)]
pub struct Withdrawer<'a> {
    /// SOAP.
    pub client: &'a SoapClient,
    /// Where the registry and the repositories are.
    pub connection: &'a Connection,
    /// The affinity domain there.
    pub domain: &'a Domain,
}

/// What became of a withdrawal.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Withdrawn {
    /// Entries that were in force and are Deprecated now.
    pub deprecated: u64,
    /// Documents that are gone for good.
    pub removed: u64,
    /// Why the others stay.
    pub stays: Option<Stays>,
}

impl Withdrawer<'_> {
    /// Withdraws what was found.
    pub async fn withdraw(&self, found: &Found, source: &Oid) -> Withdrawn {
        let mut done = Withdrawn::default();
        done.stays = self.steps(found, source, &mut done).await.err();
        done
    }

    async fn steps(&self, found: &Found, source: &Oid, done: &mut Withdrawn) -> Result<(), Stays> {
        done.deprecated = self.deprecate(found, source).await?;
        reached("withdraw.deprecated");
        let mut overtaken = 0;
        loop {
            let around = self.surroundings(found, source).await?;
            let ids = removal(&found.entries, &around, source)?;
            self.remove_documents(found).await?;
            reached("withdraw.documents_removed");
            match self.remove_metadata(found, &ids).await {
                Err(Trouble::Refused(errors)) if overtaken < OVERTAKEN && is_other(&errors) => {
                    overtaken += 1;
                    // Another run may have come first.
                    if self.registered(found).await?.is_empty() {
                        break;
                    }
                }
                other => {
                    other?;
                    break;
                }
            }
        }
        done.removed = found.documents().len() as u64;
        Ok(())
    }

    /// What is registered of these entries now.
    async fn registered(&self, found: &Found) -> Result<Vec<DocumentEntry>, Trouble> {
        let ids = uuids(found.entries.iter().map(|e| &e.id));
        self.entries(QueryBuilder::get_documents(&ids).everything()).await
    }

    /// ITI-57: what is in force is not any more (ITI TF-2: 3.57.4.1.3.3.2).
    async fn deprecate(&self, found: &Found, source: &Oid) -> Result<u64, Trouble> {
        let (approved, deprecated) = (AvailabilityStatus::Approved, AvailabilityStatus::Deprecated);
        let ids = uuids(found.in_force().map(|e| &e.id));
        if ids.is_empty() {
            return Ok(0);
        }
        let update = UpdateBuilder::new(self.note(found, source));
        let update = ids.iter().fold(update, |u, id| u.status(*id, approved, deprecated)).build();
        let refused = match done(self.client.update(self.registry()?, &update).await?) {
            Err(Trouble::Refused(errors)) => errors,
            other => return other.map(|()| ids.len() as u64),
        };
        // Another run may have come first.
        let is_in_force = |e: &DocumentEntry| e.status == Some(approved);
        match self.registered(found).await?.iter().any(is_in_force) {
            true => Err(Trouble::Refused(refused)),
            false => Ok(ids.len() as u64),
        }
    }

    fn note(&self, found: &Found, source: &Oid) -> SubmissionSet {
        SubmissionSet {
            id: ObjectId::Symbol("SubmissionSet01".to_owned()),
            lid: None,
            version: None,
            home: None,
            status: None,
            title: Some(LocalizedText::ja(NOTE)),
            comments: None,
            authors: found.entries.first().map(|e| e.authors.clone()).unwrap_or_default(),
            content_type_code: Some(self.domain.codes().delivery.clone()),
            intended_recipients: Vec::new(),
            patient_id: Some(found.patient.clone()),
            source_id: source.clone(),
            submission_time: Dtm::from_utc(Utc::now()),
            unique_id: Oid::from_uuid(Uuid::new_v4()),
            extra: Vec::new(),
        }
    }

    pub(super) fn is_note(&self, set: &SubmissionSet) -> bool {
        set.title.as_ref().is_some_and(|title| title.text() == NOTE)
    }

    /// ITI-86: the documents, but for those that somebody else's entries name, too.
    async fn remove_documents(&self, found: &Found) -> Result<(), Trouble> {
        let shared = self.shared(found).await?;
        let mut by_repository: BTreeMap<String, (&Url, Vec<DocumentRequest>)> = BTreeMap::new();
        let mut seen = BTreeSet::new();
        for entry in &found.entries {
            let id = &entry.unique_id;
            let Some(repository) = &entry.repository else { continue };
            if shared.contains(id) || !seen.insert(id) {
                continue;
            }
            let holder = self.connection.holder(repository)?;
            let group = by_repository.entry(repository.to_string());
            group.or_insert_with(|| (holder, Vec::new())).1.push(DocumentRequest {
                home: None,
                repository: repository.clone(),
                unique_id: id.clone(),
            });
        }
        for (url, requests) in by_repository.values() {
            let answer = self.client.remove_documents(url, requests).await?;
            let stays = iti86::left(requests, &answer);
            if !stays.into_iter().all(|request| is_gone(&answer, request)) {
                return Err(Trouble::Refused(answer.errors));
            }
        }
        Ok(())
    }

    /// The documents that entries name which were not found to be of this checkup.
    async fn shared(&self, found: &Found) -> Result<BTreeSet<UniqueId>, Trouble> {
        let own: BTreeSet<&ObjectId> = found.entries.iter().map(|e| &e.id).collect();
        let ids: Vec<UniqueId> = found.documents().into_iter().cloned().collect();
        let mut shared = BTreeSet::new();
        if self.all_are(&own, &ids).await? {
            return Ok(shared);
        }
        for id in ids {
            if !self.all_are(&own, std::slice::from_ref(&id)).await? {
                shared.insert(id);
            }
        }
        Ok(shared)
    }

    /// Whether every entry of these documents is among `own`.
    async fn all_are(&self, own: &BTreeSet<&ObjectId>, ids: &[UniqueId]) -> Result<bool, Trouble> {
        let query = QueryBuilder::get_documents_by_unique_id(ids).everything();
        let named = self.ask(query.returning(ReturnType::ObjectRef)).await?;
        Ok(named.iter().all(|o| !matches!(o, RegistryObject::Ref(id, _) if !own.contains(id))))
    }

    /// ITI-62: all of it, or nothing.
    async fn remove_metadata(&self, found: &Found, ids: &[EntryUuid]) -> Result<(), Trouble> {
        let patients = std::slice::from_ref(&found.patient);
        done(self.client.remove_metadata(self.registry()?, ids, patients).await?)
    }

    /// Asks for entries.
    pub(crate) async fn entries(&self, query: QueryBuilder) -> Result<Vec<DocumentEntry>, Trouble> {
        let entries = self.ask(query).await?.into_iter().filter_map(|o| match o {
            RegistryObject::Entry(e) => Some(*e),
            _ => None,
        });
        Ok(entries.collect())
    }

    /// Asks the registry (ITI-18, ITI-51).
    pub(super) async fn ask(&self, query: QueryBuilder) -> Result<Vec<RegistryObject>, Trouble> {
        let answer = self.client.query(self.registry()?, &query.build()).await?;
        match answer.status {
            Status::Success => Ok(answer.objects),
            _ => Err(Trouble::Refused(answer.errors)),
        }
    }

    fn registry(&self) -> Result<&Url, Trouble> {
        self.connection.registry.as_ref().ok_or(Trouble::NoAddress("registry"))
    }
}

fn done(answer: RegistryResponse) -> Result<(), Trouble> {
    match answer.status {
        Status::Success => Ok(()),
        _ => Err(Trouble::Refused(answer.errors)),
    }
}

/// Whether a document that was not removed is not there any more: an attempt that was broken off
/// removed it.
fn is_gone(answer: &RegistryResponse, request: &DocumentRequest) -> bool {
    let id = request.unique_id.as_str();
    answer.errors.iter().any(|error| {
        IheCode::DocumentUniqueIdError.is_named(&error.code)
            && (error.location == id || error.context.contains(id))
    })
}

/// Whether something else is registered around the documents than was a moment ago.
fn is_other(errors: &[RegistryError]) -> bool {
    let codes =
        [IheCode::ReferencesExist, IheCode::UnreferencedObject, IheCode::UnresolvedReference];
    errors.iter().any(|error| codes.iter().any(|code| code.is_named(&error.code)))
}
