//! Metadata updates at the registry (ITI-57, ITI-92), on both databases.

mod associations;
mod carrying;
mod patients;
mod racing;
mod refusals;
mod restricted;
mod statuses;
mod versions;

use super::searching::{asking, find, named, of_patients};
use super::world::{
    World, bring, ctx, entry, file, folder, link, new_oid, patient, submission, with_uuid,
};
use renkei_context::Scope;
use renkei_metadata::finding::Checked;
use renkei_metadata::ids::{EntryUuid, ObjectId, PatientId};
use renkei_metadata::model::{
    Association, AssociationType, AvailabilityStatus, DocumentEntry, Folder, RegistryObject,
    Submission, SubmissionSet,
};
use renkei_metadata::update::{self, Form, Propagation, Update};
use renkei_xds::catalogue::{MetadataLevel, StoredQuery};
use renkei_xds::response::{RegistryError, RegistryResponse};
use renkei_xds::update::UpdateBuilder;

const APPROVED: AvailabilityStatus = AvailabilityStatus::Approved;
const DEPRECATED: AvailabilityStatus = AvailabilityStatus::Deprecated;

/// Everything of a patient, every version of it.
async fn everything(w: &World, p: &PatientId) -> Vec<RegistryObject> {
    let level = MetadataLevel::Everything;
    let all = StoredQuery { level, ..asking(named("GetAll"), of_patients([p]), []) };
    find(w, &all, &Scope::Everything).await
}

/// The versions of the patient's documents, the older before the newer.
async fn documents(w: &World, p: &PatientId) -> Vec<DocumentEntry> {
    let mut found: Vec<DocumentEntry> = everything(w, p)
        .await
        .into_iter()
        .filter_map(|o| match o {
            RegistryObject::Entry(e) => Some(*e),
            _ => None,
        })
        .collect();
    found.sort_by_key(|e| e.version);
    found
}

/// The newest version of the document whose first version was `id`.
async fn newest(w: &World, p: &PatientId, id: EntryUuid) -> DocumentEntry {
    documents(w, p).await.into_iter().rfind(|e| e.lid == Some(id)).unwrap()
}

/// The versions of the patient's folders, the older before the newer.
async fn folders(w: &World, p: &PatientId) -> Vec<Folder> {
    let mut found: Vec<Folder> = everything(w, p)
        .await
        .into_iter()
        .filter_map(|o| match o {
            RegistryObject::Folder(f) => Some(*f),
            _ => None,
        })
        .collect();
    found.sort_by_key(|f| f.version);
    found
}

/// The patient's associations, of every status.
async fn associations(w: &World, p: &PatientId) -> Vec<Association> {
    let only = |o| match o {
        RegistryObject::Association(a) => Some(*a),
        _ => None,
    };
    everything(w, p).await.into_iter().filter_map(only).collect()
}

/// The associations of a type from one object to another.
fn between(
    all: &[Association],
    association_type: AssociationType,
    source: &ObjectId,
    target: &ObjectId,
) -> Vec<Association> {
    let same = |a: &&Association| {
        a.association_type == association_type && a.source == *source && a.target == *target
    };
    all.iter().filter(same).cloned().collect()
}

/// A new SubmissionSet of the patient, which brings nothing by itself.
fn set(p: &PatientId) -> SubmissionSet {
    submission(p, Vec::new()).submission_set
}

/// An update of the patient's.
fn by(p: &PatientId) -> UpdateBuilder {
    UpdateBuilder::new(set(p))
}

/// A new version of a document, which takes over the associations.
fn of(p: &PatientId, entry: DocumentEntry) -> UpdateBuilder {
    by(p).entry(entry, Propagation::Yes).unwrap()
}

async fn answer(w: &World, update: impl Into<Asked>) -> RegistryResponse {
    let Asked { message, form } = update.into();
    let read = update::read(Checked::good(message), form);
    match form {
        Form::Full => w.registry.update(&ctx(), read).await,
        Form::Restricted => w.registry.update_restricted(&ctx(), read).await,
    }
}

/// The errors that an update is refused with; none when it takes effect.
async fn errors(w: &World, update: impl Into<Asked>) -> Vec<RegistryError> {
    answer(w, update).await.errors
}

/// Their codes.
async fn codes(w: &World, update: impl Into<Asked>) -> Vec<String> {
    errors(w, update).await.into_iter().map(|e| e.code).collect()
}

/// Carries out what must be accepted.
async fn accept(w: &World, update: impl Into<Asked>) {
    assert_eq!(errors(w, update).await, []);
}

/// A message and the transaction that carries it.
struct Asked {
    message: Submission,
    form: Form,
}

impl From<UpdateBuilder> for Asked {
    fn from(builder: UpdateBuilder) -> Self {
        builder.build().into()
    }
}

impl From<Update> for Asked {
    fn from(update: Update) -> Self {
        Self { message: update.message(), form: Form::Full }
    }
}

impl From<(Submission, Form)> for Asked {
    fn from((message, form): (Submission, Form)) -> Self {
        Self { message, form }
    }
}

/// Registers a document; it is found as the registry answers it.
async fn registered(w: &World, p: &PatientId) -> DocumentEntry {
    let (e, id) = with_uuid(entry(p));
    w.accept(submission(p, vec![e])).await;
    newest(w, p, id).await
}

/// Registers a folder with one document.
async fn filed(w: &World, p: &PatientId) -> (Folder, DocumentEntry) {
    let ((e, id), (f, folder_id)) = (with_uuid(entry(p)), folder(p));
    let mut s = submission(p, vec![e]);
    bring(&mut s, f);
    file(&mut s, folder_id, &ObjectId::Uuid(id));
    w.accept(s).await;
    let folder = folders(w, p).await.into_iter().find(|f| f.lid == Some(folder_id)).unwrap();
    (folder, newest(w, p, id).await)
}

/// Registers an addendum to a registered document.
async fn appended(w: &World, p: &PatientId, to: &ObjectId) -> DocumentEntry {
    let (e, id) = with_uuid(entry(p));
    let mut s = submission(p, vec![e]);
    s.associations.push(link(AssociationType::Apnd, &ObjectId::Uuid(id), to));
    w.accept(s).await;
    newest(w, p, id).await
}
