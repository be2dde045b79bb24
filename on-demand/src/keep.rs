//! Persistence of Retrieved Documents (ITI TF-2: 3.43.4.2.3): what is given out is stored and registered
//! before it is given out. Asked for again, it is found.

use crate::Inner;
use crate::look::is_approved;
use crate::make::MadeDocument;
use crate::rules::{self, on};
use crate::snapshot;
use renkei_context::{Ctx, reached};
use renkei_metadata::finding::Finding;
use renkei_metadata::ids::UniqueId;
use renkei_metadata::model::{DocumentEntry, EntryType};
use renkei_xds::iti18::QueryBuilder;
use renkei_xds::response::Status;

impl Inner {
    /// Sees to it that the document is the current snapshot of its On-Demand entry.
    pub(crate) async fn keep(
        &self,
        ctx: &Ctx,
        entry: &DocumentEntry,
        made: &MadeDocument,
    ) -> Result<(), Box<Finding>> {
        let _one = tokio::time::timeout(ctx.remaining(), self.keeping.lock())
            .await
            .map_err(|_| on(&rules::OVERDUE, &entry.unique_id))?;
        if self.is_kept(ctx, entry, &made.unique_id).await? {
            return Ok(());
        }
        let codes = &self.config.codes;
        let mut previous = self.approved(ctx, entry, &codes.format).await?;
        let reference = snapshot::reference(&entry.unique_id);
        previous.retain(|one| one.reference_ids.contains(&reference));
        let origin = (&self.config.source_id, codes);
        let submission = snapshot::of(ctx, entry, made, &previous, origin);
        reached("on-demand.snapshot_made");
        let answer = self.config.documents.provide(ctx, submission, made.content.clone()).await;
        reached("on-demand.snapshot_kept");
        if answer.status == Status::Success || self.is_kept(ctx, entry, &made.unique_id).await? {
            return Ok(());
        }
        let codes: Vec<&str> = answer.errors.iter().map(|error| error.code.as_str()).collect();
        tracing::warn!(?codes, "a snapshot was not registered");
        Err(Box::new(on(&rules::NOT_KEPT, &entry.unique_id).value(codes.join(" "))))
    }

    /// Whether the document is registered, and current.
    async fn is_kept(
        &self,
        ctx: &Ctx,
        entry: &DocumentEntry,
        document: &UniqueId,
    ) -> Result<bool, Box<Finding>> {
        let query = QueryBuilder::get_documents_by_unique_id(std::slice::from_ref(document));
        let found = self.ask(ctx, &entry.unique_id, &query.build()).await?;
        Ok(found.iter().any(|one| one.object_type == EntryType::Stable && is_approved(one)))
    }
}
