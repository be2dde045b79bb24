//! Under which id the affinity domain knows the person of a record: as the PIX Manager says (ITI-45), which is told of
//! the institution's own number first (ITI-8); by a keyed hash where there is none, or it does not answer this source.

use super::described::{described, local_id};
use super::run::{Submitter, Trouble};
use chrono::Utc;
use renkei_checkup::Record;
use renkei_client::{CrossReferenced, LookupError, Persons};
use renkei_hl7v2::adt::{Announcement, FeedEvent, Parties};
use renkei_hl7v2::msh::Stamp;
use renkei_metadata::ids::{Oid, PatientId};
use serde::Serialize;
use std::sync::{Mutex, MutexGuard, PoisonError};
use uuid::Uuid;

/// Who said under which ids the people of a run are known.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct PatientIdSources {
    /// Records whose patient id the PIX Manager told.
    pub told: u64,
    /// Records whose patient id is the keyed hash.
    pub hashed: u64,
    /// Why the PIX Manager was not asked any further, if it was not.
    pub not_asked: Option<String>,
}

/// The same of a run that is under way.
#[derive(Debug, Default)]
pub struct Whose(Mutex<PatientIdSources>);

impl Whose {
    fn now(&self) -> MutexGuard<'_, PatientIdSources> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What is known of it.
    pub(super) fn sources(&self) -> PatientIdSources {
        self.now().clone()
    }
}

/// What the PIX Manager says.
enum Answer {
    Is(PatientId),
    /// Nothing, or that it does not know the institution's number.
    Nobody(Option<String>),
}

impl Submitter {
    /// The id of the person of a record.
    pub(super) async fn whose(&self, record: &Record) -> Result<PatientId, Trouble> {
        let hash = self.patients.patient_id(record);
        let told = match local_id(record).filter(|_| self.asks()) {
            Some(local) => self.tell_and_ask(record, &local, &hash).await?,
            None => None,
        };
        let mut sources = self.whose.now();
        match told {
            Some(id) => {
                sources.told += 1;
                Ok(id)
            }
            None => {
                sources.hashed += 1;
                Ok(hash)
            }
        }
    }

    fn asks(&self) -> bool {
        let can = self.connection.pix.is_some() && self.feed.is_some();
        can && self.whose.now().not_asked.is_none()
    }

    /// Tells of the institution's number and the card, by which the person may be somebody who is known already, and
    /// asks who it is.
    async fn tell_and_ask(
        &self,
        record: &Record,
        local: &PatientId,
        hash: &PatientId,
    ) -> Result<Option<PatientId>, Trouble> {
        // A registry without PIX Manager has no use for a person without an id of its own.
        match self.announce(record, [local.clone()]).await {
            Err(Trouble::Patient(why)) => {
                self.stop_asking(why);
                return Ok(None);
            }
            told => told?,
        }
        match self.cross_referenced(local, hash).await? {
            Answer::Is(id) => Ok(Some(id)),
            Answer::Nobody(None) => Ok(None),
            Answer::Nobody(Some(why)) => {
                self.stop_asking(why);
                Ok(None)
            }
        }
    }

    fn stop_asking(&self, why: String) {
        self.whose.now().not_asked.get_or_insert(why);
    }

    async fn cross_referenced(
        &self,
        local: &PatientId,
        hash: &PatientId,
    ) -> Result<Answer, Trouble> {
        let own = std::slice::from_ref(&hash.authority);
        let persons = Persons::of(&self.client, &self.connection);
        let ids = match persons.cross_references(local, own).await {
            Ok(CrossReferenced::Known(ids)) => ids,
            Ok(CrossReferenced::NoneThere) => return Ok(Answer::Nobody(None)),
            Err(error @ LookupError::Refused(_)) => {
                return Ok(Answer::Nobody(Some(error.to_string())));
            }
            Err(LookupError::Client(error)) => return Err(error.into()),
            Err(LookupError::NotServed { transaction }) => {
                return Err(Trouble::NoAddress(transaction));
            }
        };
        let mut ids: Vec<PatientId> =
            ids.into_iter().filter(|id| id.authority == hash.authority).collect();
        if let Some(at) = ids.iter().position(|id| id == hash) {
            return Ok(Answer::Is(ids.swap_remove(at)));
        }
        match ids.len() {
            0 => Ok(Answer::Nobody(None)),
            1 => Ok(Answer::Is(ids.remove(0))),
            _ => Err(Trouble::SeveralIds(ids.len())),
        }
    }

    /// ITI-8: the registry takes documents only of people it knows.
    pub(super) async fn announce(
        &self,
        record: &Record,
        ids: impl IntoIterator<Item = PatientId>,
    ) -> Result<(), Trouble> {
        let Some(feed) = &self.feed else { return Ok(()) };
        let insured = self.connection.insured_authority.as_deref();
        let insured = insured.and_then(|oid| Oid::parse(oid).ok());
        let message = Announcement {
            stamp: Stamp::new(Utc::now(), Uuid::new_v4()),
            parties: Parties {
                sending_application: "CHECKUP".to_owned(),
                sending_facility: record.get("inst_no").to_owned(),
                receiving_application: "REGISTRY".to_owned(),
                receiving_facility: "RENKEI".to_owned(),
            },
            event: FeedEvent::A04,
            person: described(record, ids, insured.as_ref()),
        };
        let ack = feed.announce_person(&message).await?;
        if ack.is_accepted() { Ok(()) } else { Err(Trouble::Patient(ack.text())) }
    }
}
