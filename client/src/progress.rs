//! How long nothing may move.

use std::future::Future;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::time::{Instant, timeout_at};

/// Nothing moved for too long.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Stalled;

/// When an exchange last moved. Clones tell the same.
#[derive(Clone)]
pub(crate) struct Progress(Arc<Mutex<Instant>>);

impl Progress {
    /// Moves now.
    pub(crate) fn new() -> Self {
        Self(Arc::new(Mutex::new(Instant::now())))
    }

    /// Something was sent or received.
    pub(crate) fn moved(&self) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Instant::now();
    }

    fn last(&self) -> Instant {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits for `work`, as long as it moves at least once in `longest`.
    pub(crate) async fn watch<T>(
        &self,
        longest: Duration,
        work: impl Future<Output = T>,
    ) -> Result<T, Stalled> {
        tokio::pin!(work);
        loop {
            let deadline = self.last() + longest;
            match timeout_at(deadline, &mut work).await {
                Ok(value) => return Ok(value),
                Err(_) if self.last() + longest > deadline => {}
                Err(_) => return Err(Stalled),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::time::sleep;

    const LONGEST: Duration = Duration::from_millis(200);

    #[tokio::test]
    async fn what_moves_may_take_its_time_and_what_stands_may_not() {
        let progress = Progress::new();
        let walk = async {
            for _ in 0..6 {
                sleep(LONGEST / 2).await;
                progress.moved();
            }
        };
        assert_eq!(progress.watch(LONGEST, walk).await, Ok(()));
        assert_eq!(progress.watch(LONGEST, sleep(LONGEST * 3)).await, Err(Stalled));
    }
}
