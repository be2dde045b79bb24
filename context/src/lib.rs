//! Who acts, on whose certificate, when, and under which deadline.
//!
//! Every verb of every actor takes a [`Ctx`] first. It carries the clock and the source of ids, so
//! that a test owns time and identity, and it carries the caller, so that nothing can be done
//! without saying on whose behalf.

mod caller;
mod clock;
mod failpoint;
mod ids;

pub use caller::{Caller, Role, Roles, UnknownRole};
pub use clock::{Clock, FixedClock, SystemClock};
pub use failpoint::reached;
pub use ids::{Ids, RandomIds, SequentialIds};

use std::sync::Arc;
use std::time::{Duration, Instant};

/// The circumstances of one operation.
#[derive(Clone)]
pub struct Ctx {
    /// The peer whose certificate opened the connection.
    pub caller: Arc<Caller>,
    /// The URL (or MLLP address) under which the caller reached us; audited as the destination.
    pub endpoint: Arc<str>,
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
            caller,
            endpoint: endpoint.into(),
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

    /// Time left before the deadline; zero when it has passed.
    pub fn remaining(&self) -> Duration {
        self.deadline.saturating_duration_since(Instant::now())
    }

    /// The current time, UTC.
    pub fn now(&self) -> chrono::DateTime<chrono::Utc> {
        self.clock.now()
    }
}
