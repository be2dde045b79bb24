//! The lease of this process: as long as it is renewed, nobody else settles its submissions.

use crate::Inner;
use crate::failure::Failure;
use crate::store;
use crate::store::write::Claim;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant, SystemTime};
use uuid::Uuid;

/// Names this process among those that share the database, and knows when that was last said.
pub(crate) struct Lease {
    id: Uuid,
    renewal: Mutex<Option<Renewal>>,
}

/// When the lease was renewed: by the database's clock, and by both of this machine, taken before
/// the database was asked.
#[derive(Clone, Copy, Debug)]
struct Renewal {
    at: i64,
    monotonic: Instant,
    wall: SystemTime,
}

impl Renewal {
    /// How long ago that was. A machine that was suspended shows it on one of its clocks alone.
    fn age(&self) -> Duration {
        let slept = self.wall.elapsed().unwrap_or_default();
        self.monotonic.elapsed().max(slept)
    }
}

impl Lease {
    pub(crate) fn new(id: Uuid) -> Self {
        Self { id, renewal: Mutex::new(None) }
    }

    pub(crate) fn id(&self) -> Uuid {
        self.id
    }

    // The value is copied whole, which a panic cannot leave half done: a poisoned lock is used on.
    fn renewal(&self) -> Option<Renewal> {
        *self.renewal.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The time by the database's clock, if the lease was renewed within `span`.
    fn now_within(&self, span: Duration) -> Option<i64> {
        let renewal = self.renewal()?;
        let age = renewal.age();
        let micros = i64::try_from(age.as_micros()).ok()?;
        (age < span).then(|| renewal.at.saturating_add(micros))
    }
}

impl Inner {
    /// The claim of this process on a submission.
    pub(crate) fn claim(&self, submission: Uuid) -> Claim {
        let at = self.lease.now_within(self.timing.lease / 2);
        Claim { submission, lease: self.lease.id, at }
    }

    /// Whether nobody can have taken a submission of this process for abandoned.
    pub(crate) fn is_undisturbed(&self) -> bool {
        self.lease.now_within(self.timing.lease / 2).is_some()
    }

    /// Says that this process is there.
    pub(crate) async fn renew(&self) {
        let (monotonic, wall) = (Instant::now(), SystemTime::now());
        let id = self.lease.id;
        match self.database.write(move |db| store::lease::renew(db, id)).await {
            Ok(at) => {
                let renewal = Renewal { at, monotonic, wall };
                *self.lease.renewal.lock().unwrap_or_else(PoisonError::into_inner) = Some(renewal);
            }
            Err::<_, Failure>(error) => {
                tracing::warn!(%error, "the lease of this process could not be renewed");
            }
        }
    }
}
