//! Consumers who are told whose identifiers changed (ITI-10, ITI TF-2: 3.10.4.1; ITI-46, 3.46.4.1).
//!
//! What changed stands in the database of the persons until it is a row for each consumer whom it concerns, beside
//! the replies of the registry, which are tried until they are there, are refused for good, or a day is over. A row
//! names one identifier of the person; what the others are is looked up when it is sent, so that nothing old is told,
//! whatever order rows are in.

mod deliver;
mod v3;

pub(super) use deliver::Delivery;

use crate::settings::Consumer;
use renkei_context::reached;
use renkei_exchange::{Addressee, ExchangeError, Memory, Reply};
use renkei_identity::{Change, Identity};
use renkei_metadata::ids::PatientId;
use std::time::Duration;

/// The transactions of the rows.
const ITI_10: &str = "ITI-10";
const ITI_46: &str = "ITI-46";
/// Changes that are taken at once.
const BATCH: u16 = 100;
/// How often changes are looked for; commands beside this process make some, too.
const LOOK: Duration = Duration::from_secs(1);
/// How long to wait for a database, or for room.
const REST: Duration = Duration::from_secs(10);

/// Whether a row of this transaction is a notification.
pub(super) fn is_notice(transaction: &str) -> bool {
    [ITI_10, ITI_46].contains(&transaction)
}

/// Makes rows of changes until the program stops.
pub(super) async fn distribute(consumers: Vec<Consumer>, identity: Identity, memory: Memory) {
    loop {
        match step(&consumers, &identity, &memory).await {
            Ok(0) => tokio::time::sleep(LOOK).await,
            Ok(_) => {}
            Err(error) => {
                tracing::error!(%error, "consumers of changed identifiers wait");
                tokio::time::sleep(REST).await;
            }
        }
    }
}

/// The next changes; a row that is made twice, since this process ended between, does no harm.
async fn step(
    consumers: &[Consumer],
    identity: &Identity,
    memory: &Memory,
) -> anyhow::Result<usize> {
    let changes = identity.changes(BATCH).await?;
    if !changes.is_empty() {
        reached("notices.taken");
    }
    for change in &changes {
        for consumer in consumers {
            if let Some(id) = told(change, consumer) {
                put(consumer, &id, memory).await?;
            }
        }
    }
    let keys: Vec<i64> = changes.iter().map(|change| change.key).collect();
    if !keys.is_empty() {
        reached("notices.put");
        identity.changes_told(keys).await?;
    }
    Ok(changes.len())
}

/// Makes a row, unless too many wait for this consumer: it must not keep others from being told.
async fn put(consumer: &Consumer, id: &PatientId, memory: &Memory) -> Result<(), ExchangeError> {
    let host = format!("{}://{}", consumer.url.scheme(), consumer.address());
    match memory.room(&host).await {
        Ok(()) => memory.send(Addressee { partner: &host, host: &host }, &row(consumer, id)).await,
        Err(error @ ExchangeError::PartnerBusy(_)) => {
            tracing::error!(%error, host, "a consumer is not told of a change of identifiers");
            Ok(())
        }
        Err(error) => Err(error),
    }
}

/// By which identifier a consumer is told of a change, if it concerns it.
fn told(change: &Change, consumer: &Consumer) -> Option<PatientId> {
    change.changed.within(&consumer.domains)?.into_iter().next()
}

fn row(consumer: &Consumer, id: &PatientId) -> Reply {
    Reply {
        transaction: if consumer.device.is_some() { ITI_46 } else { ITI_10 }.to_owned(),
        to: consumer.url.to_string(),
        content_type: "text/plain".to_owned(),
        body: id.to_string().into_bytes(),
    }
}
