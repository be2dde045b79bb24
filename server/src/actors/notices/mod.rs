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
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

/// The transactions of the rows.
const ITI_10: &str = "ITI-10";
const ITI_46: &str = "ITI-46";
/// Changes that are taken at once.
const BATCH: u16 = 100;
/// Changes that may wait for consumers who have no room for them. Beyond these no others are taken; they wait in the
/// database of the persons, where nothing is lost.
const WAITING: usize = 1_000;
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
    let mut waiting = Waiting::default();
    loop {
        match step(&consumers, &identity, &memory, &mut waiting).await {
            Ok(0) => tokio::time::sleep(LOOK).await,
            Ok(_) => {}
            Err(error) => {
                tracing::error!(%error, "consumers of changed identifiers wait");
                tokio::time::sleep(REST).await;
            }
        }
    }
}

/// What waits for consumers for whom too many rows wait already: they must not keep others from being told.
#[derive(Default)]
struct Waiting {
    /// By the key of the change, who is still to be told of it, by their places. A process that ends tells of them
    /// again, also those who were told: that does no harm.
    changes: BTreeMap<i64, BTreeSet<usize>>,
    /// Who has no room.
    full: BTreeSet<usize>,
}

/// The next changes; a row that is made twice, since this process ended between, does no harm. How many are over, or
/// wait from now on.
async fn step(
    consumers: &[Consumer],
    identity: &Identity,
    memory: &Memory,
    waiting: &mut Waiting,
) -> anyhow::Result<usize> {
    let most = waiting.changes.len() + usize::from(BATCH);
    let changes = identity.changes(u16::try_from(most).unwrap_or(u16::MAX)).await?;
    if !changes.is_empty() {
        reached("notices.taken");
    }
    let there: BTreeSet<i64> = changes.iter().map(|change| change.key).collect();
    waiting.changes.retain(|key, _| there.contains(key));
    let (mut keys, mut full, mut moved) = (Vec::new(), BTreeSet::new(), 0);
    for change in &changes {
        let before = waiting.changes.get(&change.key).cloned();
        if before.is_none() && waiting.changes.len() >= WAITING {
            continue;
        }
        let mut left = BTreeSet::new();
        for at in before.clone().unwrap_or_else(|| (0..consumers.len()).collect()) {
            let Some(consumer) = consumers.get(at) else { continue };
            let Some(id) = told(change, consumer) else { continue };
            if full.contains(&at) || !put(consumer, &id, memory).await? {
                full.insert(at);
                left.insert(at);
            }
        }
        moved += usize::from(before.as_ref() != Some(&left));
        if left.is_empty() {
            waiting.changes.remove(&change.key);
            keys.push(change.key);
        } else {
            waiting.changes.insert(change.key, left);
        }
    }
    say(consumers, &waiting.full, &full);
    waiting.full = full;
    if !keys.is_empty() {
        reached("notices.put");
        identity.changes_told(keys).await?;
    }
    Ok(moved)
}

/// Says who has no room from now on, and who has some again.
fn say(consumers: &[Consumer], before: &BTreeSet<usize>, now: &BTreeSet<usize>) {
    let address = |at: &usize| consumers.get(*at).map(host).unwrap_or_default();
    for host in now.difference(before).map(address) {
        tracing::error!(
            host,
            "changes of identifiers wait: too many wait for this consumer (async.partner_replies)"
        );
    }
    for host in before.difference(now).map(address) {
        tracing::info!(host, "this consumer is told of changes of identifiers again");
    }
}

fn host(consumer: &Consumer) -> String {
    format!("{}://{}", consumer.url.scheme(), consumer.address())
}

/// Makes a row, if there is room for one more of this consumer; whether there was.
async fn put(consumer: &Consumer, id: &PatientId, memory: &Memory) -> Result<bool, ExchangeError> {
    let host = host(consumer);
    match memory.room(&host).await {
        Ok(()) => {
            let there = Addressee { partner: &host, host: &host };
            memory.send(there, &row(consumer, id)).await.map(|()| true)
        }
        Err(ExchangeError::PartnerBusy(_)) => Ok(false),
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
