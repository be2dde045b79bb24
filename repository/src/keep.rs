//! The octets of a submission find their home.

use crate::Inner;
use crate::content::ContentStore;
use crate::failure::Failure;
use crate::store::write::Ready;
use crate::upload::{Octets, Received};
use futures_util::future::try_join_all;
use renkei_context::reached;
use renkei_metadata::ids::UniqueId;

/// A document that was checked and whose octets may still be in memory.
#[derive(Debug)]
pub(crate) struct CheckedDocument {
    /// Its octets.
    pub(crate) received: Received,
    /// From its DocumentEntry.
    pub(crate) unique_id: UniqueId,
    /// From its DocumentEntry.
    pub(crate) mime_type: String,
}

impl Inner {
    /// Makes all octets of a submission durable, with one flush where the home can.
    pub(crate) async fn keep(
        &self,
        documents: Vec<CheckedDocument>,
    ) -> Result<Vec<Ready>, Failure> {
        let ready = documents.into_iter().map(|document| async {
            let CheckedDocument { received: Received { measured, octets }, unique_id, mime_type } =
                document;
            let arrival = match octets {
                Octets::Kept(arrival) => arrival,
                Octets::Held(chunks) => self.content.put(measured.id, chunks).await?,
            };
            Ok::<_, Failure>(Ready { measured, arrival, unique_id, mime_type })
        });
        let ready = try_join_all(ready).await?;
        reached("repository.content_kept");
        Ok(ready)
    }
}
