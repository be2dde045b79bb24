//! Messages of the feed that name somebody by identifiers of other authorities alone: no concern of the registry, and
//! looked at before it takes them for the persons.

use super::Persons;
use renkei_hl7v2::ack::{AckCode, Location, Nak, Problem, rows};
use renkei_hl7v2::adt::{Merge, Notice, PatientFeed};
use renkei_identity::Standing;
use renkei_metadata::ids::PatientId;

impl Persons {
    /// Whether what a message says is kept for the persons. One that names nobody who can be kept is left to the
    /// registry, which refuses it.
    ///
    /// # Errors
    /// A refusal of a merge that what is known of both identifiers forbids.
    pub(crate) async fn take(&self, feed: &PatientFeed) -> Result<bool, Nak> {
        let Some(notice) = feed.elsewhere(&self.authorities) else { return Ok(true) };
        if !self.keep_of(&notice) {
            return Ok(false);
        }
        let Notice::Merged(merge) = notice else { return Ok(true) };
        match self.against(&merge).await {
            Ok(None) => Ok(true),
            Ok(Some(problem)) => Err(Nak::new(AckCode::Error, Some(&feed.msh), vec![problem])),
            Err(error) => {
                tracing::error!(%error, "a merge was not looked at");
                Err(Nak::internal(&feed.msh))
            }
        }
    }

    /// Whether whom a message names is kept here: what communities share, as a card, is told of persons, and names
    /// none alone.
    fn keep_of(&self, notice: &Notice) -> bool {
        let shared = &self.identity.rules().shared;
        let is_record = |id: &PatientId| !shared.has(&id.authority);
        match notice {
            Notice::Announced(ids) | Notice::Changed(ids) => ids.iter().any(is_record),
            Notice::Merged(Merge { subsumed, surviving }) => {
                [subsumed, surviving].into_iter().all(is_record)
            }
            Notice::Moved(_) => false,
        }
    }

    /// What forbids that two identifiers become one (ITI TF-2: 3.8.4.2.3), when all news before are taken.
    async fn against(&self, merge: &Merge) -> anyhow::Result<Option<Problem>> {
        self.settle().await?;
        let (subsumed, surviving) = (Location::field("MRG", 1), Location::field("PID", 3));
        let problem = match self.identity.standing(&merge.subsumed).await? {
            Standing::Unknown => Some((&rows::PATIENT_UNKNOWN, subsumed)),
            Standing::Became(now) if now == merge.surviving => None,
            Standing::Became(_) => Some((&rows::MERGED_BEFORE, subsumed)),
            Standing::Active => match self.identity.standing(&merge.surviving).await? {
                Standing::Became(_) => Some((&rows::PATIENT_SUBSUMED, surviving)),
                Standing::Active | Standing::Unknown => None,
            },
        };
        Ok(problem.map(|(row, place)| Problem::of(row, place, &[])))
    }
}
