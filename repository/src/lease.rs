//! The lease of this process: as long as it is renewed, nobody else settles its submissions.

use crate::Inner;
use crate::failure::Failure;
use crate::store::key::{LeaseId, SubmissionId};
use crate::store::write::Claim;
use crate::store::{self, settle};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant, SystemTime};

/// Names this process among those that share the database, and knows when that was last said.
pub(crate) struct Lease {
    id: LeaseId,
    renewal: Mutex<Option<Renewal>>,
}

/// When the lease was renewed: by the database's clock, and by both of this machine, taken before
/// the database was asked.
#[derive(Clone, Copy, Debug)]
struct Renewal {
    at: i64,
    asked: Moment,
}

/// A point in time by both clocks of this machine.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Moment {
    monotonic: Instant,
    wall: SystemTime,
}

impl Moment {
    pub(crate) fn now() -> Self {
        Self { monotonic: Instant::now(), wall: SystemTime::now() }
    }

    /// How long ago that was. A machine that was suspended shows it on one of its clocks alone.
    fn age(&self) -> Duration {
        let slept = self.wall.elapsed().unwrap_or_default();
        self.monotonic.elapsed().max(slept)
    }
}

impl Lease {
    pub(crate) fn new(id: LeaseId) -> Self {
        Self { id, renewal: Mutex::new(None) }
    }

    pub(crate) fn id(&self) -> LeaseId {
        self.id
    }

    // The value is copied whole, which a panic cannot leave half done: a poisoned lock is used on.
    fn renewal(&self) -> Option<Renewal> {
        *self.renewal.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The time by the database's clock, if the lease was renewed within `span`.
    fn now_within(&self, span: Duration) -> Option<i64> {
        let renewal = self.renewal()?;
        let age = renewal.asked.age();
        let micros = i64::try_from(age.as_micros()).ok()?;
        (age < span).then(|| renewal.at.saturating_add(micros))
    }
}

impl Inner {
    /// The claim of this process on a submission.
    pub(crate) fn claim(&self, submission: SubmissionId) -> Claim {
        let at = self.lease.now_within(self.timing.lease / 2);
        Claim { submission, lease: self.lease.id, at }
    }

    /// Whether nobody can have taken a submission of this process for abandoned.
    pub(crate) fn is_undisturbed(&self) -> bool {
        self.lease.now_within(self.timing.lease / 2).is_some()
    }

    /// Whether this process went on without a break since `moment`, so that nobody can have taken
    /// what it stored since for abandoned.
    pub(crate) fn is_undisturbed_since(&self, moment: Moment) -> bool {
        moment.age() < self.timing.lease / 2 && self.is_undisturbed()
    }

    /// Whether the database says that the submission is still this process's own.
    pub(crate) async fn owns(&self, submission: SubmissionId) -> Result<bool, Failure> {
        let own = self.lease.id;
        self.database.read_short(move |db| settle::is_own(db, submission, own)).await
    }

    /// Says that this process is there.
    pub(crate) async fn renew(&self) {
        let asked = Moment::now();
        let id = self.lease.id;
        match self.database.write(move |db| store::lease::renew(db, id)).await {
            Ok(at) => {
                let renewal = Renewal { at, asked };
                *self.lease.renewal.lock().unwrap_or_else(PoisonError::into_inner) = Some(renewal);
            }
            Err::<_, Failure>(error) => {
                tracing::warn!(%error, "the lease of this process could not be renewed");
            }
        }
    }
}
