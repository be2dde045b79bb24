//! Records of one person follow each other, so that each finds what the one before it left.

use renkei_metadata::ids::PatientId;
use std::hash::{DefaultHasher, Hash, Hasher};
use tokio::sync::{Mutex, MutexGuard};

/// Far more than people under way at once; two who share one wait for each other, which is harmless.
const TURNS: usize = 256;

/// Whose turn it is.
pub(super) struct Turns(Vec<Mutex<()>>);

impl Default for Turns {
    fn default() -> Self {
        Self((0..TURNS).map(|_| Mutex::new(())).collect())
    }
}

impl Turns {
    /// Waits for this person's turn.
    pub(super) async fn of(&self, patient: &PatientId) -> Option<MutexGuard<'_, ()>> {
        let mut hasher = DefaultHasher::new();
        patient.id.hash(&mut hasher);
        let place = usize::try_from(hasher.finish() % TURNS as u64).unwrap_or_default();
        match self.0.get(place) {
            Some(turn) => Some(turn.lock().await),
            None => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use renkei_metadata::ids::Oid;

    #[tokio::test]
    async fn one_person_waits_for_itself() {
        let turns = Turns::default();
        let patient = PatientId { id: "a".into(), authority: Oid::parse("2.999.1").unwrap() };
        let first = turns.of(&patient).await;
        assert!(first.is_some());
        let second = tokio::time::timeout(std::time::Duration::from_millis(10), turns.of(&patient));
        assert!(second.await.is_err());
        drop(first);
        assert!(turns.of(&patient).await.is_some());
    }
}
