//! Which documents are opened to whoever asks. The registry knows; where it does not answer, nothing is handed out.

use crate::Repository;
use crate::registry_client::Unreachable;
use renkei_context::{Action, Ctx, Scope, within};
use renkei_metadata::ids::UniqueId;
use std::collections::HashSet;

/// The documents that are opened.
pub(crate) enum Opened {
    /// Whichever there are.
    All,
    /// These.
    These(HashSet<String>),
}

impl Opened {
    /// Whether the document with this uniqueId is among them.
    pub(crate) fn holds(&self, unique_id: &str) -> bool {
        match self {
            Self::All => true,
            Self::These(ids) => ids.contains(unique_id),
        }
    }
}

impl Repository {
    /// Which of these documents the node that asked first may know of, or change.
    pub(crate) async fn opened(
        &self,
        ctx: &Ctx,
        action: Action,
        documents: &[&UniqueId],
    ) -> Result<Opened, Unreachable> {
        if within(ctx, action) == Scope::Everything {
            return Ok(Opened::All);
        }
        let documents: Vec<UniqueId> = documents.iter().map(|id| (*id).clone()).collect();
        let own = &self.inner.unique_id;
        let opened = self.inner.registry.opens(ctx, action, own, &documents).await;
        opened.map(Opened::These).inspect_err(|error| {
            tracing::warn!(%error, "nobody says who may have documents");
        })
    }
}
