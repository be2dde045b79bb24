//! The persons of this community: what the registry has of the patient feed is brought to them, and other
//! communities are answered by them.

mod elsewhere;
mod news;
mod whom;

use crate::metrics::Metrics;
use crate::settings::Settings;
use chrono::Utc;
use futures_util::future::BoxFuture;
use news::Way;
use renkei_context::Ctx;
use renkei_database::DatabaseError;
use renkei_gateway::community::Communities;
use renkei_gateway::initiating;
use renkei_gateway::responding::Untold;
use renkei_gateway::responding::discovery::{Known, Match, Persons as PersonsDoor};
use renkei_hl7v2::authorities::Authorities;
use renkei_hl7v3::iti55::Attribute;
use renkei_identity::{
    Candidates, CrossReference, CrossReferences, Cursor, Identity, IdentityError, Page, Search,
    Searched, Wanted,
};
use renkei_metadata::ids::{HomeCommunityId, Oid, PatientId};
use renkei_person::Person;
use renkei_registry::Registry;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{Mutex, Notify};

/// How long news that another process put down may wait, and what failed for another attempt.
const LOOK: Duration = Duration::from_secs(10);

/// The persons, and the registry that has the news of them. Clones are the same.
#[derive(Clone)]
pub(crate) struct Persons {
    identity: Identity,
    authorities: Authorities,
    /// What of its documents is opened to whoever asks.
    registry: Registry,
    /// The authorities of each node that is named.
    domains: Arc<BTreeMap<String, Vec<Oid>>>,
    /// How other communities are entered.
    communities: Arc<Communities>,
    /// The feed has brought something.
    news: Arc<Notify>,
    /// How news get here, one batch after the other.
    way: Arc<Mutex<Way>>,
}

impl Persons {
    /// Those in `identity`, of whom `registry` has news, and who are looked for in `communities`.
    pub(super) fn new(
        settings: &Settings,
        identity: Identity,
        registry: &Registry,
        communities: Communities,
        metrics: &Metrics,
    ) -> Self {
        let own = settings.ids.assigning_authority.clone();
        let authorities = Authorities::new(own).named(settings.ids.namespaces.clone());
        let way = Way {
            registry: registry.clone(),
            identity: identity.clone(),
            authorities: authorities.clone(),
            metrics: metrics.clone(),
        };
        Self {
            identity,
            authorities,
            registry: registry.clone(),
            domains: Arc::new(super::source_domains(settings)),
            communities: Arc::new(communities),
            news: Arc::default(),
            way: Arc::new(Mutex::new(way)),
        }
    }

    /// What keeps them.
    pub(super) fn identity(&self) -> &Identity {
        &self.identity
    }

    /// Says that the registry has news.
    pub(crate) fn are_told(&self) {
        self.news.notify_one();
    }

    /// Takes news as they come, until the program stops.
    pub(super) async fn keep(self) {
        self.catch_up().await;
        loop {
            if let Err(error) = self.settle().await {
                tracing::error!(%error, "news of the patient feed wait");
                tokio::time::sleep(LOOK).await;
                continue;
            }
            if tokio::time::timeout(LOOK, self.news.notified()).await.is_err() {
                self.way.lock().await.count_failing().await;
            }
        }
    }

    /// Has the records judged that the rules of matching in force have not judged yet: those of a store from before
    /// there were any, and what a process that ended left over.
    async fn catch_up(&self) {
        let mut after = 0;
        loop {
            match self.identity.catch_up(after, Utc::now()).await {
                Ok(None) => return,
                Ok(Some(last)) => after = last,
                Err(error) => {
                    tracing::error!(%error, "records wait to be judged by the rules of matching");
                    tokio::time::sleep(LOOK).await;
                }
            }
        }
    }

    /// Takes all news that the registry has: what was acknowledged is known afterwards, but for what cannot be
    /// taken. News stay with the registry until they are taken; taken again, they change nothing.
    pub(super) async fn settle(&self) -> anyhow::Result<()> {
        self.way.lock().await.settle().await
    }

    /// By which other identifiers a person is known in these domains; none: in all. Of whom the caller may not know,
    /// the identifier is nobody's.
    pub(crate) async fn cross_reference(
        &self,
        ctx: &Ctx,
        id: &PatientId,
        domains: &[Oid],
    ) -> anyhow::Result<CrossReferences> {
        self.settle().await?;
        let found = self.identity.cross_reference(id, domains).await?;
        match &found.of {
            CrossReference::Known(_) if !self.is_known_to(ctx, id).await? => {
                Ok(CrossReferences { of: CrossReference::UnknownId, ..found })
            }
            _ => Ok(found),
        }
    }

    /// The next persons whom all of a search fits, with their identifiers in these domains; none: in all. Of whom the
    /// caller may not know is not counted.
    pub(crate) async fn search(
        &self,
        ctx: &Ctx,
        search: &Search,
        domains: &[Oid],
        after: Cursor,
        limit: usize,
    ) -> anyhow::Result<Searched> {
        self.settle().await?;
        let Some(whom) = self.whom(ctx) else {
            return Ok(self.identity.search(search, domains, after, limit).await?);
        };
        let all = self.identity.search(search, domains, Cursor::default(), usize::MAX).await?;
        let Searched::Found(all) = all else { return Ok(all) };
        let known = whom.of(&self.registry, all.persons).await?;
        Ok(Searched::Found(Page::of(known, after, limit)))
    }

    /// The same with the identifiers of the affinity domain that persons have whom it names by others: links are
    /// certain, so that whoever knows a number of an institution need not know more.
    async fn with_references(&self, ctx: &Ctx, asked: &Person) -> anyhow::Result<Person> {
        let rules = self.identity.rules();
        let mut known = asked.clone();
        for other in asked.identifiers.iter().filter(|of| !rules.trusts(&of.id.authority)) {
            let home = std::slice::from_ref(&rules.home);
            let found = self.cross_reference(ctx, &other.id, home).await?;
            if let CrossReference::Known(ids) = found.of {
                known.identifiers.extend(ids.into_iter().map(Into::into));
            }
        }
        Ok(known)
    }

    async fn found(&self, ctx: &Ctx, asked: &Person) -> anyhow::Result<Match> {
        self.settle().await?;
        let asked = self.with_references(ctx, asked).await?;
        let found = match self.whom(ctx) {
            None => self.identity.find(&asked).await?,
            Some(whom) => {
                let known = self.identity.candidates(&asked).await?;
                let known = self.known(&whom, known).await?;
                match known.is_empty() {
                    true => Candidates::Nobody,
                    false => self.identity.find_among(&asked, move |id| known.contains(id)).await?,
                }
            }
        };
        Ok(match found {
            Candidates::Nobody => Match::Nobody,
            Candidates::One(found) => Match::One(found.id, Box::new(found.person)),
            Candidates::Unclear(wanted) => {
                Match::Unclear(wanted.into_iter().map(attribute).collect())
            }
            Candidates::Several => Match::Several,
        })
    }

    async fn located(&self, ctx: &Ctx, patient: &PatientId) -> anyhow::Result<Option<Known>> {
        self.settle().await?;
        // Whoever was merged is known by the identifier that is left.
        let Some(found) = self.identity.person(patient).await? else { return Ok(None) };
        if !self.is_known_to(ctx, &found.id).await? {
            return Ok(None);
        }
        let told = self.identity.known_elsewhere(&found.id, Utc::now()).await?;
        let table = Arc::clone(&self.communities);
        let look = move || {
            table.reload();
            table.known()
        };
        let entered = tokio::task::spawn_blocking(look).await?;
        let shared = &self.identity.rules().shared;
        // What was told of the person as they were described before, or under another entry, is not told on.
        let holds = |home: &HomeCommunityId, asked_by| {
            let community = entered.communities.get(home);
            let digest = |c: &Arc<_>| initiating::digest(&found.id, &found.person, shared, c);
            community.and_then(digest) == Some(asked_by)
        };
        let elsewhere = told.into_iter().filter(|(home, told)| holds(home, told.asked_by));
        let elsewhere = elsewhere.filter_map(|(home, told)| Some((home, told.theirs?))).collect();
        Ok(Some(Known { here: found.id, elsewhere }))
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

/// Why nothing is told: a database, that of the persons or that of the registry which has the news of them, that
/// takes no more now or is not reached is busy; whoever asks may try again.
fn untold(error: &anyhow::Error) -> Untold {
    let database = error.chain().find_map(|cause| {
        let of_identity = || match cause.downcast_ref() {
            Some(IdentityError::Database(error)) => Some(error),
            _ => None,
        };
        cause.downcast_ref::<DatabaseError>().or_else(of_identity)
    });
    let why = format!("{error:#}");
    if database.is_some_and(DatabaseError::passes) {
        Untold::Busy(why)
    } else {
        Untold::Failed(why)
    }
}

impl PersonsDoor for Persons {
    fn find<'a>(&'a self, ctx: &'a Ctx, asked: &'a Person) -> BoxFuture<'a, Result<Match, Untold>> {
        Box::pin(async move { self.found(ctx, asked).await.map_err(|error| untold(&error)) })
    }

    fn locate<'a>(
        &'a self,
        ctx: &'a Ctx,
        patient: &'a PatientId,
    ) -> BoxFuture<'a, Result<Option<Known>, Untold>> {
        Box::pin(async move { self.located(ctx, patient).await.map_err(|error| untold(&error)) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_passes_is_no_failure() {
        let passes = |error: anyhow::Error| matches!(untold(&error), Untold::Busy(_));
        assert!(passes(IdentityError::Database(DatabaseError::Busy("identity.queue")).into()));
        assert!(passes(DatabaseError::Unavailable.into()), "news wait in the registry");
        assert!(passes(anyhow::Error::from(DatabaseError::Closed).context("news")));
        assert!(!passes(DatabaseError::Panicked.into()));
        assert!(!passes(DatabaseError::Full.into()), "an operator has to make room");
        assert!(!passes(IdentityError::Content.into()));
    }
}
