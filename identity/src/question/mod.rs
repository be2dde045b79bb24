//! Questions for persons to other communities whose answers come later, as messages of their own (ITI TF-2:
//! 3.55.6.2). A question is kept until it is answered, so that no process has to live as long, and nobody is
//! asked the same twice meanwhile. It is void as soon as the person here is described otherwise, or became
//! another.

pub(crate) mod store;
#[cfg(test)]
mod tests;

use crate::correlation::{self, Correlation};
use crate::store::asking_alone;
use crate::store::vault::Vault;
use crate::{Identity, IdentityError};
use chrono::{DateTime, Utc};
use renkei_context::reached;
use renkei_database::Db;
use renkei_metadata::ids::{HomeCommunityId, PatientId};
use std::sync::Arc;

/// The last question about a person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Question {
    /// About whom.
    pub patient: PatientId,
    /// wsa:MessageID of the question, to which its answer relates.
    pub message_id: String,
    /// The HL7 v3 message.
    pub message: String,
    /// Its query.
    pub query: String,
    /// The digest of all that was known of the person when it was asked.
    pub asked_by: [u8; 32],
    /// Whether more was told than for a first question.
    pub with_more: bool,
    /// What was answered, if that names nobody: the row that tells it, and its detail. `None`: it is awaited.
    pub heard: Option<(String, String)>,
    /// How long it is awaited, or what was answered is told.
    pub until: DateTime<Utc>,
}

impl Question {
    /// Whether its answer is awaited at `now`.
    pub fn is_awaited(&self, now: DateTime<Utc>) -> bool {
        self.heard.is_none() && self.until > now
    }
}

/// What an answer leaves behind.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Settled {
    /// As whom the community knows the person, or that it knows nobody.
    Known(Correlation),
    /// What is told instead, and how long.
    Told((String, String), DateTime<Utc>),
    /// Nothing: the person is described otherwise by now.
    Void,
}

impl Identity {
    /// The last question about a person to `home`, whether it is awaited or not.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn question(
        &self,
        patient: &PatientId,
        home: &HomeCommunityId,
    ) -> Result<Option<Question>, IdentityError> {
        let (inner, patient, home) = (Arc::clone(&self.inner), patient.clone(), home.clone());
        let read = move |db: &mut Db| store::of(db, &inner.vault, &patient, &home);
        self.inner.database.read_short(read).await
    }

    /// The question with this wsa:MessageID, and to whom it went.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn question_of(
        &self,
        message_id: &str,
    ) -> Result<Option<(HomeCommunityId, Question)>, IdentityError> {
        let (inner, message_id) = (Arc::clone(&self.inner), message_id.to_owned());
        let read = move |db: &mut Db| store::by_message(db, &inner.vault, &message_id);
        self.inner.database.read_short(read).await
    }

    /// Keeps a question to `home` before it goes out, in the place of the one before. Not if that is awaited
    /// at `now` and says the same; then nothing changes, and the answer is no.
    ///
    /// # Errors
    /// When the database does not take it.
    pub async fn ask(
        &self,
        home: &HomeCommunityId,
        question: Question,
        now: DateTime<Utc>,
    ) -> Result<bool, IdentityError> {
        let (inner, home) = (Arc::clone(&self.inner), home.clone());
        let write = move |db: &mut Db| put(db, &inner.vault, &home, &question, now);
        self.inner.database.write(write).await
    }

    /// The community took the question: it is awaited until then. One that was answered meanwhile stays so.
    ///
    /// # Errors
    /// When the database does not take it.
    pub async fn await_answer(
        &self,
        message_id: &str,
        until: DateTime<Utc>,
    ) -> Result<(), IdentityError> {
        let (inner, message_id) = (Arc::clone(&self.inner), message_id.to_owned());
        let write = move |db: &mut Db| store::await_until(db, &inner.vault, &message_id, until);
        self.inner.database.write(write).await
    }

    /// The community did not take the question: nothing is awaited.
    ///
    /// # Errors
    /// When the database does not take it.
    pub async fn withdraw_question(&self, message_id: &str) -> Result<(), IdentityError> {
        let message_id = message_id.to_owned();
        let write = move |db: &mut Db| store::drop(db, &message_id).map(|_| ());
        self.inner.database.write(write).await
    }

    /// The question was answered: what is left of it is kept in its place, in one transaction. `false`, and
    /// nothing is kept, if it is not awaited at `now` any more: an answer is taken once.
    ///
    /// # Errors
    /// When the database does not take it.
    pub async fn settle_question(
        &self,
        message_id: &str,
        settled: Settled,
        now: DateTime<Utc>,
    ) -> Result<bool, IdentityError> {
        let (inner, message_id) = (Arc::clone(&self.inner), message_id.to_owned());
        let write = move |db: &mut Db| {
            let found = store::by_message(db, &inner.vault, &message_id)?;
            let Some((home, question)) = found.filter(|(_, q)| q.is_awaited(now)) else {
                return Ok(false);
            };
            // Of two processes that hear the answer at once, one takes the row away.
            if store::drop(db, &message_id)? == 0 {
                return Ok(false);
            }
            match settled.clone() {
                Settled::Known(told) => {
                    let of = (&question.patient, &home);
                    correlation::store::forget_ended(db, now)?;
                    correlation::store::keep(db, &inner.vault, of, &told)?;
                }
                Settled::Told(heard, until) => {
                    let told = Question { heard: Some(heard), until, ..question };
                    store::keep(db, &inner.vault, &home, &told)?;
                }
                Settled::Void => {}
            }
            reached("identity.before_settled");
            Ok(true)
        };
        self.inner.database.write(write).await
    }
}

/// Keeps a question; not, and `false`, if the same is awaited.
fn put(
    db: &mut Db,
    vault: &Vault,
    home: &HomeCommunityId,
    question: &Question,
    now: DateTime<Utc>,
) -> Result<bool, IdentityError> {
    asking_alone(db)?;
    store::forget_ended(db, now)?;
    let before = store::of(db, vault, &question.patient, home)?;
    let is_same = |q: &Question| q.is_awaited(now) && q.asked_by == question.asked_by;
    if before.as_ref().is_some_and(is_same) {
        return Ok(false);
    }
    store::keep(db, vault, home, question)?;
    Ok(true)
}
