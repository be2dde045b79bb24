//! Brings replies to the addresses that their requests named, until they are there, are refused
//! for good, or a day is over.

use super::Shared;
use super::notices::{self, Delivery};
use crate::communities;
use crate::pipeline::reply_to::host_of;
use crate::pki::NodeName;
use anyhow::Context as _;
use renkei_client::{ClientOptions, Identity, ReplySender};
use renkei_context::Roles;
use renkei_exchange::{Due, Memory, Reply};
use renkei_gateway::community::{Communities, Community};
use renkei_identity::Identity as Persons;
use std::sync::Arc;
use std::time::Duration;
use tokio::task::{JoinHandle, JoinSet};
use url::Url;

/// Replies of one database that are on their way at the same time, each to another host. A host that is silent keeps
/// one of these places for as long as a reply may take.
const AT_ONCE: usize = 8;
/// How long a reply that another process put down may wait to be seen.
const LOOK: Duration = Duration::from_secs(10);
/// How long nothing is tried when replies cannot be read.
const BROKEN: Duration = Duration::from_secs(1);
/// How long a reply may take; shorter than its lease.
const LONGEST: Duration = Duration::from_secs(45);
/// How often old answers are forgotten.
const FORGET: Duration = Duration::from_secs(60);

/// Starts what brings the replies of these memories, and what forgets old answers.
pub(super) fn start(
    shared: &Shared<'_>,
    memories: &[Memory],
    persons: Option<&Persons>,
) -> anyhow::Result<Vec<JoinHandle<()>>> {
    let senders = Arc::new(Senders::open(shared, persons)?);
    let mut tasks = vec![tokio::spawn(Arc::clone(&senders.communities).watch())];
    for memory in memories {
        tasks.push(tokio::spawn(forget(memory.clone())));
        tasks.push(tokio::spawn(bring(memory.clone(), Arc::clone(&senders))));
    }
    Ok(tasks)
}

/// As whom replies are brought: to a community that is entered, as what it knows us by (`renkei community add
/// --identity`); to anybody else, as the house itself.
struct Senders {
    identity: Identity,
    house: ReplySender,
    communities: Arc<Communities>,
    /// Who tells consumers of changed identifiers, where persons are kept.
    notices: Option<Delivery>,
}

impl Senders {
    fn open(shared: &Shared<'_>, persons: Option<&Persons>) -> anyhow::Result<Self> {
        let identity = identity(shared)?;
        let notices = persons.map(|persons| {
            Delivery::new(shared.settings, persons, &identity, shared.sink, shared.local)
        });
        let notices = notices.transpose()?;
        let house = ReplySender::new(&identity, &options())?;
        let own = communities::own(shared.settings, &[]);
        let communities = Communities::open(communities::dir(shared.site.dir()), own, "replies")?;
        Ok(Self { identity, house, communities: Arc::new(communities), notices })
    }

    /// The sender of a reply that goes there.
    fn of(&self, to: &str) -> Result<ReplySender, String> {
        let known = self.communities.known();
        let at_home = |community: &&Arc<Community>| {
            community.authorities.is_some() && Url::parse(to).is_ok_and(|to| is_at(community, &to))
        };
        let Some(community) = known.communities.values().find(at_home) else {
            return Ok(self.house.clone());
        };
        let place = self.communities.path(&community.home);
        let identity = community.identity(&self.identity, &place).map_err(|e| e.to_string())?;
        ReplySender::new(&identity, &options()).map_err(|e| e.to_string())
    }
}

/// Whether a community has a gateway at this scheme, host and port.
fn is_at(community: &Community, to: &Url) -> bool {
    let urls = [&community.query, &community.retrieve].into_iter().chain(&community.discovery);
    urls.into_iter().any(|url| url.origin() == to.origin())
}

fn options() -> ClientOptions {
    ClientOptions { call_timeout: LONGEST, ..ClientOptions::default() }
}

/// The house itself trusts its own CA and those of `async.trusted_ca`.
fn identity(shared: &Shared<'_>) -> anyhow::Result<Identity> {
    let name: NodeName = "replies".parse()?;
    let directory = shared.site.pki().own_identity(&name, Roles::new([]))?;
    let mut identity = Identity::load(&directory)?;
    if let Some(file) = &shared.settings.asynchronous.trusted_ca {
        identity = identity.trusting(&shared.site.path(file)).context("async.trusted_ca")?;
    }
    Ok(identity)
}

async fn forget(memory: Memory) {
    loop {
        if let Err(error) = memory.forget().await {
            tracing::warn!(%error, "old answers were not forgotten");
        }
        tokio::time::sleep(FORGET).await;
    }
}

/// Brings what is due, side by side. What is on its way ends with this task.
async fn bring(memory: Memory, senders: Arc<Senders>) {
    let mut under_way = JoinSet::new();
    loop {
        while under_way.try_join_next().is_some() {}
        if under_way.len() >= AT_ONCE {
            under_way.join_next().await;
            continue;
        }
        match memory.take().await {
            Ok(Some(due)) => {
                under_way.spawn(attempt(memory.clone(), Arc::clone(&senders), due));
            }
            Ok(None) => memory.wait(LOOK).await,
            Err(error) => {
                tracing::error!(%error, "replies cannot be brought");
                tokio::time::sleep(BROKEN).await;
            }
        }
    }
}

/// Tries once to bring a reply, and says what became of it.
async fn attempt(memory: Memory, senders: Arc<Senders>, due: Due) {
    let (noted, failed) = match sent(&senders, &due.reply).await {
        Ok(()) => (memory.delivered(&due).await.map(|()| false), None),
        Err(Failed { why, is_final: true }) => {
            (memory.give_up(&due).await.map(|()| false), Some(why))
        }
        Err(Failed { why, is_final: false }) => (memory.put_off(&due).await, Some(why)),
    };
    let (transaction, attempts) = (due.reply.transaction.as_str(), due.attempts);
    let to = Url::parse(&due.reply.to).map(|to| host_of(&to)).unwrap_or_default();
    match (noted, failed) {
        (Err(error), _) => tracing::error!(%error, "what became of a reply was not kept"),
        (Ok(_), None) => {}
        (Ok(true), Some(why)) => {
            tracing::warn!(transaction, to, attempts, error = why, "a reply did not get there yet");
        }
        (Ok(false), Some(why)) => {
            tracing::error!(transaction, to, attempts, error = why, "a reply is given up");
        }
    }
}

/// Why a reply did not get there.
struct Failed {
    why: String,
    /// Whether it never will.
    is_final: bool,
}

async fn sent(senders: &Senders, reply: &Reply) -> Result<(), Failed> {
    if notices::is_notice(&reply.transaction) {
        let unserved = || Failed { why: "persons are not served".to_owned(), is_final: false };
        let notices = senders.notices.as_ref().ok_or_else(unserved)?;
        // Shorter than its lease: nothing newer is told to this consumer meanwhile.
        let told = tokio::time::timeout(LONGEST, notices.deliver(&reply.to, &reply.body)).await;
        let late = |_| Failed { why: "no acknowledgement in time".to_owned(), is_final: false };
        let told = told.map_err(late)?;
        return told.map_err(|failed| Failed { why: failed.why, is_final: failed.is_final });
    }
    let sender = senders.of(&reply.to).map_err(|why| Failed { why, is_final: false })?;
    let sent = sender.send(&reply.to, &reply.content_type, reply.body.clone()).await;
    sent.map_err(|error| Failed { why: error.to_string(), is_final: error.is_final() })
}
