//! Who acts, on whose certificate, when, and under which deadline.
//!
//! Every verb of every actor takes a [`Ctx`] first. It carries the clock and the source of ids, so
//! that a test owns time and identity, and it carries who acts, so that nothing can be done without
//! saying on whose behalf: the node by its certificate, the role that lets it do this, and the person
//! behind it where an assertion names one.

mod caller;
mod clock;
mod day;
pub mod failpoint;
mod grants;
mod ids;
mod may;
mod person;
mod scope;

pub use caller::{Caller, Role, Roles, UnknownRole};
pub use clock::{Clock, FixedClock, SystemClock};
pub use day::{day_in_japan, in_japan};
pub use failpoint::reached;
pub use grants::{Authorities, Grants, Ids as GrantedIds, Institutions, Sources};
pub use ids::{Ids, RandomIds, SequentialIds};
pub use may::{Action, No, Object, RULES, Rule, binds_source, may, within};
pub use person::{Assertion, Code, Person};
pub use scope::{Labels, Scope};

use std::sync::Arc;
use std::time::{Duration, Instant};

/// The message that asked for an operation: what a repeat of it is known by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Message {
    /// Names sender and wsa:MessageID.
    pub key: [u8; 32],
    /// Digest of the envelope.
    pub envelope: [u8; 32],
    /// Digest of the parts beside it, once they are known.
    pub parts: Option<[u8; 32]>,
}

/// The circumstances of one operation.
#[derive(Clone)]
pub struct Ctx {
    /// The peer whose certificate opened the connection.
    pub caller: Arc<Caller>,
    /// Who asked first, where one part of the house asks another one on: its grants decide.
    pub origin: Arc<Caller>,
    /// The role in which it acts: the one of its roles for which the transaction was let through.
    /// `None` before that is decided.
    pub role: Option<Role>,
    /// The person for whom it acts, if an assertion that was accepted names one.
    pub person: Option<Arc<Person>>,
    /// The URL (or MLLP address) under which the caller reached us; audited as the destination.
    pub endpoint: Arc<str>,
    /// Where the answer goes (wsa:ReplyTo), if not back on the connection; audited as who asked.
    pub reply_to: Option<Arc<str>>,
    /// The message that asked for it, where a repeat is to be answered as before.
    pub message: Option<Message>,
    /// Names this request in logs, faults and audit descriptions.
    pub request_id: uuid::Uuid,
    /// When an answer stops being useful; every wait inside the operation ends then.
    pub deadline: Instant,
    /// The only source of wall-clock time.
    pub clock: Arc<dyn Clock>,
    /// The only source of new identifiers.
    pub ids: Arc<dyn Ids>,
}

impl Ctx {
    /// A context for `caller` with the system clock, random ids and `limit` of time.
    pub fn new(caller: Arc<Caller>, endpoint: &str, limit: Duration) -> Self {
        let ids: Arc<dyn Ids> = Arc::new(RandomIds);
        Self {
            origin: Arc::clone(&caller),
            caller,
            role: None,
            person: None,
            endpoint: endpoint.into(),
            reply_to: None,
            message: None,
            request_id: ids.new_uuid(),
            deadline: Instant::now() + limit,
            clock: Arc::new(SystemClock),
            ids,
        }
    }

    /// A context for work the house does by itself (sweeper, sender, start-up repair).
    pub fn internal(name: &str, limit: Duration) -> Self {
        Self::new(Arc::new(Caller::internal(name)), "", limit)
    }

    /// The same operation, done by `caller` in `role` at `endpoint`: what a part of the house asks of
    /// another one, which would be a message if they were apart. The person behind it stays the same.
    #[must_use]
    pub fn passed_on(&self, caller: Arc<Caller>, role: Role, endpoint: &str) -> Self {
        let endpoint = endpoint.into();
        Self { caller, role: Some(role), endpoint, reply_to: None, ..self.clone() }
    }

    /// What the house does of its own accord on the way: nobody else's grants decide about it.
    #[must_use]
    pub fn by_house(&self, part: Arc<Caller>, role: Role, endpoint: &str) -> Self {
        Self { origin: Arc::clone(&part), ..self.passed_on(part, role, endpoint) }
    }

    /// The same request of the same caller, made on behalf of `node`: its grants decide.
    #[must_use]
    pub fn on_behalf_of(&self, node: Arc<Caller>) -> Self {
        Self { origin: node, ..self.clone() }
    }

    /// The node whose submission this is; `None` for one of the house itself.
    pub fn submitter(&self) -> Option<&str> {
        (!self.origin.is_house()).then_some(self.origin.name.as_str())
    }

    /// Time left before the deadline; zero when it has passed.
    pub fn remaining(&self) -> Duration {
        self.deadline.saturating_duration_since(Instant::now())
    }

    /// The current time, UTC.
    pub fn now(&self) -> chrono::DateTime<chrono::Utc> {
        self.clock.now()
    }

    /// A key for a row that is made now, see [`Ids::new_key`].
    pub fn new_key(&self) -> uuid::Uuid {
        self.ids.new_key(self.now())
    }
}
