//! Brings replies to the addresses that their requests named, until they are there or a day is over.

use super::Shared;
use crate::pki::NodeName;
use anyhow::Context as _;
use renkei_client::{ClientOptions, Identity, ReplySender};
use renkei_context::Roles;
use renkei_exchange::{Due, ExchangeError, Memory};
use std::time::Duration;
use tokio::task::JoinHandle;

/// Replies of one database that are on their way at the same time.
const AT_ONCE: usize = 2;
/// How long a reply that another process put down may wait to be seen.
const LOOK: Duration = Duration::from_secs(10);
/// How long a reply may take; shorter than its lease.
const LONGEST: Duration = Duration::from_secs(45);
/// How often old answers are forgotten.
const FORGET: Duration = Duration::from_secs(60);

/// Starts what brings the replies of these memories, and what forgets old answers.
pub(super) fn start(
    shared: &Shared<'_>,
    memories: &[Memory],
) -> anyhow::Result<Vec<JoinHandle<()>>> {
    let sender = sender(shared)?;
    let mut tasks = Vec::new();
    for memory in memories {
        tasks.push(tokio::spawn(forget(memory.clone())));
        for _ in 0..AT_ONCE {
            tasks.push(tokio::spawn(bring(memory.clone(), sender.clone())));
        }
    }
    Ok(tasks)
}

/// The house itself calls, and trusts its own CA and those of `async.trusted_ca`.
fn sender(shared: &Shared<'_>) -> anyhow::Result<ReplySender> {
    let name: NodeName = "replies".parse()?;
    let directory = shared.site.pki().own_identity(&name, Roles::new([]))?;
    let mut identity = Identity::load(&directory)?;
    if let Some(file) = &shared.settings.asynchronous.trusted_ca {
        identity = identity.trusting(&shared.site.path(file)).context("async.trusted_ca")?;
    }
    let options = ClientOptions { call_timeout: LONGEST, ..ClientOptions::default() };
    Ok(ReplySender::new(&identity, &options)?)
}

async fn forget(memory: Memory) {
    loop {
        if let Err(error) = memory.forget().await {
            tracing::warn!(%error, "old answers were not forgotten");
        }
        tokio::time::sleep(FORGET).await;
    }
}

async fn bring(memory: Memory, sender: ReplySender) {
    loop {
        let brought = match memory.take().await {
            Ok(Some(due)) => attempt(&memory, &sender, &due).await,
            Ok(None) => {
                memory.wait(LOOK).await;
                Ok(())
            }
            Err(error) => Err(error),
        };
        if let Err(error) = brought {
            tracing::error!(%error, "replies cannot be brought");
            tokio::time::sleep(LOOK).await;
        }
    }
}

async fn attempt(memory: &Memory, sender: &ReplySender, due: &Due) -> Result<(), ExchangeError> {
    let reply = &due.reply;
    let transaction = reply.transaction.as_str();
    match sender.send(&reply.to, &reply.content_type, reply.body.clone()).await {
        Ok(()) => memory.delivered(due).await,
        Err(error) => {
            let attempts = due.attempts;
            if memory.put_off(due).await? {
                tracing::warn!(transaction, attempts, %error, "a reply did not get there yet");
            } else {
                tracing::error!(transaction, attempts, %error, "a reply is given up");
            }
            Ok(())
        }
    }
}
