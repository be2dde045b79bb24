//! The way to a community: our client there, how many questions it has, and whether it is spared.

use super::breaker::{Attempt, Breaker};
use super::{Gateway, rules};
use crate::community::{Community, Where};
use crate::incoming::Asked;
use renkei_client::{CallOptions, ClientError, ClientOptions, Pigeonhole, SoapClient};
use renkei_metadata::finding::Rule;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// The way to one community, for as long as nothing of its entry changes.
pub(super) struct Link {
    pub(super) community: Arc<Community>,
    /// `None`: what is entered cannot be used, which the log told.
    client: Option<SoapClient>,
    /// That one way answers says nothing of the others.
    breakers: Ways<Breaker>,
    /// Questions of each kind at the same time: who takes his time over documents holds up no query.
    room: Ways<Semaphore>,
    /// Where it answers, if not on the connection.
    answers: Option<Pigeonhole>,
}

/// What a community is asked. Each has an address of its own, which may be dead while the others live.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Way {
    /// ITI-55.
    Discovery,
    /// ITI-38.
    Query,
    /// ITI-39.
    Retrieve,
}

/// One for each way.
struct Ways<T> {
    discovery: Arc<T>,
    query: Arc<T>,
    retrieve: Arc<T>,
}

impl<T> Ways<T> {
    fn new(make: impl Fn() -> T) -> Self {
        let make = || Arc::new(make());
        Self { discovery: make(), query: make(), retrieve: make() }
    }

    fn of(&self, way: Way) -> &Arc<T> {
        match way {
            Way::Discovery => &self.discovery,
            Way::Query => &self.query,
            Way::Retrieve => &self.retrieve,
        }
    }
}

/// A question that may go out.
pub(super) struct Question {
    pub(super) client: SoapClient,
    answers: Option<Pigeonhole>,
    attempt: Attempt,
    room: OwnedSemaphorePermit,
    /// Since when it may, and how long it waited for that.
    since: Instant,
    waited: Duration,
}

/// A question whose answer has begun. It keeps its place among the questions at the same time, and says nothing of the
/// community where nobody waits for its end.
pub(super) struct Pending {
    attempt: Mutex<Option<Attempt>>,
    _room: OwnedSemaphorePermit,
}

impl Asked for Pending {
    fn ended(&self, end: Option<Result<(), &ClientError>>) {
        let is_there = match end {
            Some(Ok(())) => Some(true),
            Some(Err(error)) => reason(error).1,
            None => Some(false),
        };
        let attempt = self.take();
        match is_there {
            Some(true) => attempt.map(Attempt::succeeded),
            Some(false) => attempt.map(|attempt| attempt.failed(Instant::now())),
            None => None,
        };
    }

    fn failed(&self) {
        if let Some(attempt) = self.take() {
            attempt.failed(Instant::now());
        }
    }
}

impl Pending {
    fn take(&self) -> Option<Attempt> {
        self.attempt.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

impl Link {
    /// Lets a question out, or says why not; waits for its turn until `deadline`.
    pub(super) async fn question(
        &self,
        way: Way,
        deadline: Instant,
    ) -> Result<Question, &'static Rule> {
        let client = self.client.clone().ok_or(&rules::NOT_SET_UP)?;
        let answers = self.answers.clone();
        if answers.is_none() && self.community.answers == Where::Elsewhere {
            return Err(&rules::NOT_SET_UP);
        }
        let came = Instant::now();
        let turn =
            tokio::time::timeout_at(deadline.into(), Arc::clone(self.room.of(way)).acquire_owned());
        let Ok(Ok(room)) = turn.await else { return Err(&rules::CROWDED) };
        let since = Instant::now();
        let waited = since.saturating_duration_since(came);
        // Whoever waited for a turn waited for those before, who know better by now.
        let attempt = self.breakers.of(way).admit(Instant::now()).ok_or(&rules::RESTING)?;
        Ok(Question { client, answers, attempt, room, since, waited })
    }
}

impl Question {
    /// How the call is made whose answer comes where this community answers.
    pub(super) fn options(&self, deadline: Option<Instant>) -> CallOptions {
        CallOptions { deadline, answers: self.answers.clone(), ..CallOptions::default() }
    }

    /// It was answered. What comes back keeps its place among the questions at the same time.
    pub(super) fn answered(self) -> OwnedSemaphorePermit {
        self.attempt.succeeded();
        self.room
    }

    /// The answer began, and is judged when it ends.
    pub(super) fn begun(mut self) -> Pending {
        self.attempt.began();
        Pending { attempt: Mutex::new(Some(self.attempt)), _room: self.room }
    }

    /// It was not; what that is called. Who refuses or says too much is there.
    pub(super) fn failed(self, error: &ClientError) -> &'static Rule {
        if matches!(error, ClientError::Timeout) {
            return self.timed_out();
        }
        let (rule, is_there) = reason(error);
        match is_there {
            Some(true) => self.attempt.succeeded(),
            Some(false) => self.attempt.failed(Instant::now()),
            None => {}
        }
        rule
    }

    /// The time was over. Whoever waited for a turn for most of it says nothing of the community.
    pub(super) fn timed_out(self) -> &'static Rule {
        let now = Instant::now();
        if now.saturating_duration_since(self.since) < self.waited {
            return &rules::CROWDED;
        }
        self.attempt.failed(now);
        &rules::SILENT
    }
}

/// What an error is called, and whether the community is there all the same; `None` where it says nothing of it.
fn reason(error: &ClientError) -> (&'static Rule, Option<bool>) {
    match error {
        ClientError::Connect(_) | ClientError::Broken(_) => (&rules::UNREACHABLE, Some(false)),
        ClientError::Tls(_) => (&rules::NOT_TRUSTED, Some(false)),
        ClientError::Timeout => (&rules::SILENT, Some(false)),
        ClientError::Http(403) | ClientError::Fault(_) => (&rules::REFUSED, Some(true)),
        ClientError::Http(_) | ClientError::Malformed(_) => (&rules::UNREADABLE, Some(false)),
        ClientError::TooLarge(_) => (&rules::TOO_MUCH, Some(true)),
        // Ours, and no word on the community.
        ClientError::Audit(_) | ClientError::Local(_) => (&rules::NOT_SET_UP, None),
    }
}

/// Longest time until there is a connection: nobody waits for a host that is off.
const CONNECT: Duration = Duration::from_secs(5);

impl Gateway {
    /// The way to a community, as it is entered now.
    pub(super) fn link(&self, community: &Arc<Community>) -> Arc<Link> {
        let mut links = self.inner.links.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(link) = links.get(&community.home)
            && link.community == *community
        {
            return Arc::clone(link);
        }
        let client = self.client(community).inspect_err(|error| {
            tracing::error!(community = %community.home, %error, "community cannot be asked");
        });
        let link = Arc::new(Link {
            community: Arc::clone(community),
            client: client.ok(),
            breakers: Ways::new(Breaker::default),
            room: Ways::new(|| Semaphore::new(self.inner.config.at_once)),
            answers: match community.answers {
                Where::Connection => None,
                Where::Elsewhere => {
                    self.mailbox().zip(community.peer.as_ref()).map(|(m, p)| m.of(p))
                }
            },
        });
        links.insert(community.home.clone(), Arc::clone(&link));
        // Those that nobody enters any more are not kept.
        let known = self.inner.config.communities.known();
        links.retain(|home, _| known.communities.contains_key(home));
        link
    }

    fn client(&self, community: &Community) -> Result<SoapClient, String> {
        let config = &self.inner.config;
        let place = config.communities.path(&community.home);
        let identity =
            community.identity(&config.identity, &place).map_err(|error| error.to_string())?;
        let options = ClientOptions {
            limits: config.limits,
            connect_timeout: CONNECT,
            request_timeout: config.retrieve_time,
            ..ClientOptions::default()
        };
        let (sink, local) = (Arc::clone(&config.sink), config.local.clone());
        SoapClient::new(&identity, options, sink, local).map_err(|error| error.to_string())
    }
}
