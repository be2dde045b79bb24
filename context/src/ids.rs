//! New identifiers, injected.

use std::sync::atomic::{AtomicU64, Ordering};
use uuid::Uuid;

/// Makes identifiers that did not exist before.
pub trait Ids: Send + Sync {
    /// A new UUID.
    fn new_uuid(&self) -> Uuid;
}

/// Random version 4 UUIDs, so that nobody can guess a neighbour's. They come from a generator of each
/// thread (ChaCha, seeded by the operating system), not from a call of the kernel each.
#[derive(Clone, Copy, Debug, Default)]
pub struct RandomIds;

impl Ids for RandomIds {
    fn new_uuid(&self) -> Uuid {
        Uuid::new_v4()
    }
}

/// 1, 2, 3, ... as UUIDs; for tests.
#[derive(Debug, Default)]
pub struct SequentialIds(AtomicU64);

impl Ids for SequentialIds {
    fn new_uuid(&self) -> Uuid {
        Uuid::from_u128(u128::from(self.0.fetch_add(1, Ordering::Relaxed)) + 1)
    }
}
