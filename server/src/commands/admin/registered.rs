//! What is registered now: whoever changes something begins with that.

use anyhow::{Context as _, bail};
use renkei_client::SoapClient;
use renkei_metadata::ids::{EntryUuid, ObjectId, PatientId};
use renkei_metadata::model::{
    Association, AvailabilityStatus, DocumentEntry, Folder, RegistryObject, SubmissionSet,
};
use renkei_xds::catalogue::{GET_DOCUMENTS, GET_FOLDERS};
use renkei_xds::iti18::QueryBuilder;
use renkei_xds::response::Status;
use url::Url;

/// A registry that is asked.
pub(super) struct Registry<'c> {
    pub(super) client: &'c SoapClient,
    pub(super) url: &'c Url,
}

/// An object that may have versions.
#[derive(Clone, Debug)]
pub(super) enum Versioned {
    Entry(Box<DocumentEntry>),
    Folder(Box<Folder>),
}

impl Versioned {
    pub(super) fn status(&self) -> Option<AvailabilityStatus> {
        match self {
            Self::Entry(entry) => entry.status,
            Self::Folder(folder) => folder.status,
        }
    }

    pub(super) fn patient(&self) -> Option<&PatientId> {
        match self {
            Self::Entry(entry) => entry.patient_id.as_ref(),
            Self::Folder(folder) => folder.patient_id.as_ref(),
        }
    }

    pub(super) fn id(&self) -> &ObjectId {
        match self {
            Self::Entry(entry) => &entry.id,
            Self::Folder(folder) => &folder.id,
        }
    }

    fn version(&self) -> Option<u32> {
        match self {
            Self::Entry(entry) => entry.version,
            Self::Folder(folder) => folder.version,
        }
    }

    fn logical_id(&self) -> Option<EntryUuid> {
        match self {
            Self::Entry(entry) => entry.lid,
            Self::Folder(folder) => folder.lid,
        }
    }
}

impl From<Versioned> for RegistryObject {
    fn from(object: Versioned) -> Self {
        match object {
            Versioned::Entry(entry) => Self::Entry(entry),
            Versioned::Folder(folder) => Self::Folder(folder),
        }
    }
}

impl Registry<'_> {
    /// What a query answers, whatever its state.
    pub(super) async fn ask(&self, query: QueryBuilder) -> anyhow::Result<Vec<RegistryObject>> {
        let answer = self.client.query(self.url, &query.everything().build()).await?;
        if answer.status != Status::Success {
            let told: Vec<String> =
                answer.errors.iter().map(|e| format!("{} {}", e.code, e.context)).collect();
            bail!("{}", told.join("; "));
        }
        Ok(answer.objects)
    }

    /// The documents and folders with these entryUUIDs, of whichever version.
    pub(super) async fn versions(&self, ids: &[EntryUuid]) -> anyhow::Result<Vec<Versioned>> {
        let mut found = versioned(self.ask(QueryBuilder::get_documents(ids)).await?);
        if found.len() < ids.len() {
            found.extend(versioned(self.ask(QueryBuilder::get_folders(ids)).await?));
        }
        Ok(found)
    }

    /// The newest version of the document or folder with this id, which is the entryUUID of any version, or
    /// the logicalID.
    pub(super) async fn newest(&self, id: EntryUuid) -> anyhow::Result<Versioned> {
        let named = self.versions(&[id]).await?;
        let logical = named.first().and_then(Versioned::logical_id).unwrap_or(id);
        let mut all = named;
        for query in [GET_DOCUMENTS, GET_FOLDERS] {
            let query = QueryBuilder::new(query).logical_ids(&[logical]);
            all.extend(versioned(self.ask(query).await?));
        }
        let newest = all.into_iter().max_by_key(Versioned::version);
        newest.with_context(|| {
            format!("{id}: 文書もフォルダーも見つかりません / there is no document or folder with this id")
        })
    }

    /// The associations that begin or end at one of these objects.
    pub(super) async fn associations(&self, ids: &[EntryUuid]) -> anyhow::Result<Vec<Association>> {
        let found = self.ask(QueryBuilder::get_associations(ids)).await?;
        let link = |object| match object {
            RegistryObject::Association(link) => Some(*link),
            RegistryObject::Entry(_)
            | RegistryObject::Folder(_)
            | RegistryObject::SubmissionSet(_)
            | RegistryObject::Ref(..) => None,
        };
        Ok(found.into_iter().filter_map(link).collect())
    }

    /// The SubmissionSet that brought an object.
    pub(super) async fn brought_by(&self, id: EntryUuid) -> anyhow::Result<Option<SubmissionSet>> {
        let found = self.ask(QueryBuilder::get_submission_sets(&[id])).await?;
        Ok(found.into_iter().find_map(|object| match object {
            RegistryObject::SubmissionSet(set) => Some(*set),
            RegistryObject::Entry(_)
            | RegistryObject::Folder(_)
            | RegistryObject::Association(_)
            | RegistryObject::Ref(..) => None,
        }))
    }
}

fn versioned(objects: Vec<RegistryObject>) -> Vec<Versioned> {
    let one = |object| match object {
        RegistryObject::Entry(entry) => Some(Versioned::Entry(entry)),
        RegistryObject::Folder(folder) => Some(Versioned::Folder(folder)),
        RegistryObject::SubmissionSet(_)
        | RegistryObject::Association(_)
        | RegistryObject::Ref(..) => None,
    };
    objects.into_iter().filter_map(one).collect()
}
