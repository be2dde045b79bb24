//! News of the patient feed on their way from the registry to the persons: nothing that was acknowledged is
//! lost, and one message that cannot be taken holds up no other.

use crate::metrics::Metrics;
use chrono::{TimeDelta, Utc};
use renkei_database::DatabaseError;
use renkei_hl7v2::authorities::Authorities;
use renkei_identity::{Identity, IdentityError, News, Told};
use renkei_registry::{News as Message, Registry};
use std::future::Future;
use uuid::Uuid;

/// News that are taken in one transaction.
const BATCH: u16 = 200;
/// How long news rest that could not be taken; each attempt is one at all of a batch, one by one.
const REST: TimeDelta = TimeDelta::minutes(10);

/// From where to where.
pub(super) struct Way {
    pub(super) registry: Registry,
    pub(super) identity: Identity,
    pub(super) authorities: Authorities,
    pub(super) metrics: Metrics,
}

/// What became of news.
#[derive(Debug, Default, PartialEq, Eq)]
struct Done {
    taken: Vec<Uuid>,
    failed: Vec<Uuid>,
}

impl Way {
    /// Takes all news that there are. Those that cannot be taken are set aside; in time they are tried again.
    pub(super) async fn settle(&self) -> anyhow::Result<()> {
        loop {
            let batch = self.registry.news(BATCH, Utc::now() - REST).await?;
            if batch.news.is_empty() {
                return Ok(());
            }
            let mut done = Done::default();
            let mut told = Vec::new();
            for message in batch.news {
                let key = message.key;
                match read(message, &self.authorities) {
                    Some(news) => told.push((key, news)),
                    None => done.fails(key, &"it cannot be read any more"),
                }
            }
            let take = |told| {
                let identity = self.identity.clone();
                async move { identity.take(told).await }
            };
            let done = taken(done, told, take).await?;
            if !done.failed.is_empty() {
                self.registry.news_failed(done.failed, Utc::now()).await?;
                self.count_failing().await;
            }
            let (registry, taken) = (self.registry.clone(), done.taken);
            let forget = async move { registry.news_told(taken).await };
            if !batch.is_last {
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

    /// Says in the metrics how many are set aside.
    pub(super) async fn count_failing(&self) {
        match self.registry.news_failing().await {
            Ok(count) => self.metrics.news_failing(count),
            Err(error) => tracing::warn!(%error, "news that were set aside are not counted"),
        }
    }
}

fn read(message: Message, authorities: &Authorities) -> Option<Told> {
    let news = News::of_message(&message.message?, authorities)?;
    Some(Told { at: message.at, news })
}

impl Done {
    /// Names the message in the log, and nobody of whom it tells.
    fn fails(&mut self, key: Uuid, why: &dyn std::fmt::Display) {
        tracing::error!(%key, %why, "news of a person cannot be taken; they stay and are tried again");
        self.failed.push(key);
    }
}

/// Takes news in one transaction, as usual; if one of them is in the way, each by itself.
async fn taken<F: Future<Output = Result<(), IdentityError>>>(
    mut done: Done,
    told: Vec<(Uuid, Told)>,
    take: impl Fn(Vec<Told>) -> F,
) -> Result<Done, IdentityError> {
    match take(told.iter().map(|(_, told)| told.clone()).collect()).await {
        Ok(()) => {
            done.taken.extend(told.into_iter().map(|(key, _)| key));
            return Ok(done);
        }
        Err(error) if is_of_all(&error) => return Err(error),
        // Nothing at all: a database that does not take this either is not kept from it by one of the news.
        Err(_) => take(Vec::new()).await?,
    }
    for (key, told) in told {
        match take(vec![told]).await {
            Ok(()) => done.taken.push(key),
            Err(error) if is_of_all(&error) => return Err(error),
            Err(error) => done.fails(key, &error),
        }
    }
    Ok(done)
}

/// Whether the database takes nothing at all now, so that the next ones would fail as well.
const fn is_of_all(error: &IdentityError) -> bool {
    use DatabaseError::{Busy, Closed, Full, Unavailable};
    matches!(error, IdentityError::Database(Busy(_) | Unavailable | Closed | Full))
}

#[cfg(test)]
mod tests {
    use super::*;
    use prometheus_client::registry::Registry as Counters;
    use renkei_atna::record::AuditRecord;
    use renkei_atna::sink::{BoxFuture, NotRecorded, Sink};
    use renkei_audit::AuditContext;
    use renkei_context::Ctx;
    use renkei_database::Options;
    use renkei_database::testing::TestDatabase;
    use renkei_hl7v2::adt;
    use renkei_identity::{IdentityConfig, IdentityRules, RuleBook};
    use renkei_metadata::ids::{Oid, PatientId};
    use renkei_person::{Person, SharedAuthorities};
    use renkei_registry::{PatientPolicy, RegistryConfig, RegistryLimits};
    use renkei_sealing::KeyRing;
    use std::future::ready;
    use std::sync::{Arc, Mutex};
    use std::time::Duration;

    fn told() -> Vec<(Uuid, Told)> {
        let person = |_| Told { at: Utc::now(), news: News::Of(Box::<Person>::default()) };
        (1..=3).map(|n| (Uuid::from_u128(n), person(n))).collect()
    }

    /// How many a database was asked to take at once, of which the answers are these.
    async fn taking(
        answers: Vec<Result<(), IdentityError>>,
    ) -> (Result<Done, IdentityError>, Vec<usize>) {
        let (answers, calls) = (Mutex::new(answers.into_iter()), Mutex::new(Vec::new()));
        let take = |told: Vec<Told>| {
            calls.lock().unwrap().push(told.len());
            ready(answers.lock().unwrap().next().unwrap())
        };
        let done = taken(Done::default(), told(), take).await;
        (done, calls.into_inner().unwrap())
    }

    fn keys(all: &[u128]) -> Vec<Uuid> {
        all.iter().copied().map(Uuid::from_u128).collect()
    }

    #[tokio::test]
    async fn one_that_cannot_be_taken_is_set_aside_alone() {
        let (done, calls) = taking(vec![Ok(())]).await;
        assert_eq!((done.unwrap().taken, calls), (keys(&[1, 2, 3]), vec![3]));
        for broken in [|| IdentityError::Content, || DatabaseError::Panicked.into()] {
            let (done, calls) =
                taking(vec![Err(broken()), Ok(()), Ok(()), Err(broken()), Ok(())]).await;
            let expected = Done { taken: keys(&[1, 3]), failed: keys(&[2]) };
            assert_eq!((done.unwrap(), calls), (expected, vec![3, 0, 1, 1, 1]));
        }
    }

    #[tokio::test]
    async fn none_is_set_aside_because_the_database_is_away() {
        let away: fn() -> Result<(), IdentityError> = || Err(DatabaseError::Unavailable.into());
        let (done, calls) = taking(vec![away()]).await;
        assert!(done.is_err());
        assert_eq!(calls, [3]);
        let content = || Err(IdentityError::Content);
        for answers in [vec![content(), Ok(()), Ok(()), away()], vec![content(), content()]] {
            assert!(taking(answers).await.0.is_err());
        }
    }
    struct Nowhere;

    impl Sink for Nowhere {
        fn record<'a>(&'a self, _: AuditRecord) -> BoxFuture<'a, Result<(), NotRecorded>> {
            Box::pin(ready(Ok(())))
        }
    }

    /// Between the databases of a registry and of persons.
    fn way(keys: &KeyRing, [registry, identity]: &[TestDatabase; 2]) -> Way {
        let home = Oid::parse("2.999.1").unwrap();
        let rules = IdentityRules { home: home.clone(), shared: SharedAuthorities::default() };
        let (url, database) = (identity.url().clone(), Options::default());
        let (domains, tells_changes) = (Vec::new(), false);
        let matching = RuleBook::standard();
        let config =
            IdentityConfig { url, database, rules, domains, matching, tells_changes, keys };
        let registry = RegistryConfig {
            url: registry.url().clone(),
            database: Options::default(),
            home: None,
            policy: PatientPolicy::KnownOnly,
            codes: Arc::default(),
            assigning_authority: home.clone(),
            namespaces: Vec::new(),
            protected: Vec::new(),
            limits: RegistryLimits::default(),
            keys,
            audit: AuditContext::new("test", None, 4),
            sink: Arc::new(Nowhere),
        };
        Way {
            registry: Registry::open(registry).unwrap(),
            identity: Identity::open(config).unwrap(),
            authorities: Authorities::new(home),
            metrics: Metrics::new(&mut Counters::default()),
        }
    }

    #[tokio::test]
    async fn a_message_that_cannot_be_read_stays_and_the_next_one_is_taken() {
        let dir = tempfile::tempdir().unwrap();
        let keys = KeyRing::open_or_create(&dir.path().join("keys")).unwrap();
        let databases = [(); 2].map(|()| TestDatabase::sqlite().unwrap());
        let way = way(&keys, &databases);
        let ctx = Ctx::internal("test", Duration::from_secs(10));
        let id = PatientId::parse("1^^^&2.999.1&ISO").unwrap();
        let message = format!(
            "MSH|^~\\&|A|F|B|F|2026||ADT^A04|1|P|2.3.1\rEVN||2026\rPID|||{id}||Kenshin^Hanako\r"
        );
        let feed = adt::read(message.as_bytes()).unwrap();
        for message in [&b"not a message"[..], message.as_bytes()] {
            way.registry.feed_and_tell(&ctx, &feed, message).await.unwrap();
        }
        way.settle().await.unwrap();
        assert!(way.identity.person(&id).await.unwrap().is_some());
        assert_eq!(way.registry.news_failing().await.unwrap(), 1);
        way.settle().await.unwrap();
        let stays = way.registry.news(9, Utc::now() + REST).await.unwrap();
        assert_eq!(stays.news[0].message.as_deref(), Some(&b"not a message"[..]));
    }
}
