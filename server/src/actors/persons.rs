//! The persons of this community: what the registry has of the patient feed is brought to them, and other
//! communities are answered by them.

use crate::settings::Settings;
use futures_util::future::BoxFuture;
use renkei_gateway::responding::discovery::{Match, Persons as PersonsDoor};
use renkei_hl7v2::authorities::Authorities;
use renkei_hl7v3::iti55::Attribute;
use renkei_identity::{Candidates, Identity, News, Told, Wanted};
use renkei_person::Person;
use renkei_registry::Registry;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{Mutex, Notify};

/// News that are taken in one transaction.
const BATCH: u16 = 200;
/// How long news that another process put down may wait, and what failed for another attempt.
const LOOK: Duration = Duration::from_secs(10);

/// The persons, and the registry that has the news of them. Clones are the same.
#[derive(Clone)]
pub(crate) struct Persons {
    identity: Identity,
    registry: Registry,
    authorities: Arc<Authorities>,
    /// The feed has brought something.
    news: Arc<Notify>,
    /// News are taken one batch after the other.
    turn: Arc<Mutex<()>>,
}

impl Persons {
    /// Those in `identity`, of whom `registry` has news.
    pub(super) fn new(settings: &Settings, identity: Identity, registry: &Registry) -> Self {
        let own = settings.ids.assigning_authority.clone();
        let authorities = Authorities::new(own).named(settings.ids.namespaces.clone());
        Self {
            identity,
            registry: registry.clone(),
            authorities: Arc::new(authorities),
            news: Arc::default(),
            turn: Arc::default(),
        }
    }

    /// What keeps them.
    pub(super) fn identity(&self) -> &Identity {
        &self.identity
    }

    /// Says that the registry has news.
    pub(super) fn are_told(&self) {
        self.news.notify_one();
    }

    /// Takes news as they come, until the program stops.
    pub(super) async fn keep(self) {
        loop {
            if let Err(error) = self.settle().await {
                tracing::error!(%error, "news of the patient feed wait");
                tokio::time::sleep(LOOK).await;
                continue;
            }
            drop(tokio::time::timeout(LOOK, self.news.notified()).await);
        }
    }

    /// Takes all news that the registry has: what was acknowledged is known afterwards. News stay with the
    /// registry until they are taken; taken again, they change nothing.
    pub(super) async fn settle(&self) -> anyhow::Result<()> {
        let _turn = self.turn.lock().await;
        loop {
            let news = self.registry.news(BATCH).await?;
            let is_last = news.len() < usize::from(BATCH);
            if news.is_empty() {
                return Ok(());
            }
            let keys = news.iter().map(|one| one.key).collect();
            let told = news.into_iter().filter_map(|one| {
                let news = News::of_message(&one.message, &self.authorities);
                if news.is_none() {
                    tracing::error!(key = %one.key, "a message of the feed cannot be read any more");
                }
                Some(Told { at: one.at, news: news? })
            });
            self.identity.take(told.collect()).await?;
            let forget = {
                let registry = self.registry.clone();
                async move { registry.news_told(keys).await }
            };
            if !is_last {
                forget.await?;
                continue;
            }
            // Nobody waits for it: it goes with the next commit.
            tokio::spawn(async move {
                if let Err(error) = forget.await {
                    tracing::warn!(%error, "news that were taken will be taken again");
                }
            });
            return Ok(());
        }
    }

    async fn found(&self, asked: &Person) -> anyhow::Result<Match> {
        self.settle().await?;
        Ok(match self.identity.find(asked).await? {
            Candidates::Nobody => Match::Nobody,
            Candidates::One(found) => Match::One(found.id, Box::new(found.person)),
            Candidates::Unclear(wanted) => {
                Match::Unclear(wanted.into_iter().map(attribute).collect())
            }
            Candidates::Several => Match::Several,
        })
    }
}

fn attribute(wanted: Wanted) -> Attribute {
    match wanted {
        Wanted::Sex => Attribute::Sex,
        Wanted::Address => Attribute::Address,
        Wanted::Telephone => Attribute::Telecom,
        Wanted::MothersMaidenName => Attribute::MothersMaidenName,
    }
}

impl PersonsDoor for Persons {
    fn find<'a>(&'a self, asked: &'a Person) -> BoxFuture<'a, Result<Match, String>> {
        Box::pin(async move { self.found(asked).await.map_err(|error| format!("{error:#}")) })
    }
}
