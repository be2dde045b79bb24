//! What the source asks the registry: the On-Demand entry, and what is approved for its readers.

use crate::Inner;
use crate::rules::{self, on};
use renkei_context::Ctx;
use renkei_metadata::finding::Finding;
use renkei_metadata::ids::UniqueId;
use renkei_metadata::model::{AvailabilityStatus, Code, DocumentEntry, EntryType, RegistryObject};
use renkei_xds::iti18::{AdhocQuery, QueryBuilder};
use std::cmp::Reverse;

impl Inner {
    /// The On-Demand entry of a uniqueId, if it is one of ours; the current one of several.
    pub(crate) async fn entry(
        &self,
        ctx: &Ctx,
        document: &UniqueId,
    ) -> Result<Option<DocumentEntry>, Box<Finding>> {
        let query = QueryBuilder::get_documents_by_unique_id(std::slice::from_ref(document));
        let mut found = self.ask(ctx, document, &query.build()).await?;
        found.retain(|entry| {
            entry.object_type == EntryType::OnDemand
                && entry.repository.as_ref() == Some(&self.config.repository)
        });
        found.sort_by_key(|entry| (is_approved(entry), entry.version));
        Ok(found.pop())
    }

    /// The approved checkups for the readers of an entry, newest first.
    pub(crate) async fn sources(
        &self,
        ctx: &Ctx,
        entry: &DocumentEntry,
    ) -> Result<Vec<DocumentEntry>, Box<Finding>> {
        let mut found = self.approved(ctx, entry, &self.config.codes.source).await?;
        found.sort_by_cached_key(|source| {
            let day = source.service_start.as_ref().map(|day| day.lowest());
            let made = source.creation_time.as_ref().map(|time| time.lowest());
            Reverse((day, made, source.unique_id.as_str().to_owned()))
        });
        found.dedup_by(|one, other| one.unique_id == other.unique_id);
        Ok(found)
    }

    /// The approved documents of a format for the person and the readers of an entry.
    pub(crate) async fn approved(
        &self,
        ctx: &Ctx,
        entry: &DocumentEntry,
        format: &Code,
    ) -> Result<Vec<DocumentEntry>, Box<Finding>> {
        let Some(patient) = &entry.patient_id else { return Ok(Vec::new()) };
        let query = QueryBuilder::find_documents(patient, &[AvailabilityStatus::Approved])
            .codes("$XDSDocumentEntryFormatCode", [format])
            .codes("$XDSDocumentEntryConfidentialityCode", entry.audience())
            .build();
        self.ask(ctx, &entry.unique_id, &query).await
    }

    /// The entries of an answer; a finding about `document` when there is none.
    pub(crate) async fn ask(
        &self,
        ctx: &Ctx,
        document: &UniqueId,
        query: &AdhocQuery,
    ) -> Result<Vec<DocumentEntry>, Box<Finding>> {
        match self.config.registry.query(ctx, query).await {
            Ok(objects) => Ok(objects.into_iter().filter_map(entry_of).collect()),
            Err(error) => {
                tracing::warn!(%error, "the registry could not be asked for a document on demand");
                Err(on(&rules::REGISTRY_SILENT, document))
            }
        }
    }
}

/// Whether it is current.
pub(crate) fn is_approved(entry: &DocumentEntry) -> bool {
    entry.status == Some(AvailabilityStatus::Approved)
}

fn entry_of(object: RegistryObject) -> Option<DocumentEntry> {
    match object {
        RegistryObject::Entry(entry) => Some(*entry),
        RegistryObject::SubmissionSet(_)
        | RegistryObject::Folder(_)
        | RegistryObject::Association(_)
        | RegistryObject::Ref(..) => None,
    }
}
