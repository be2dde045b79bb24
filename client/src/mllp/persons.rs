//! Questions for persons: ITI-9, ITI-21, and what ends the latter.

use super::{MllpClient, ending};
use crate::error::ClientError;
use crate::on_record::{GIVEN_UP, OnRecord};
use chrono::Utc;
use renkei_atna::build::{self, PersonQuery, Side};
use renkei_atna::record::{AuditRecord, Outcome};
use renkei_hl7v2::ack::Ack;
use renkei_hl7v2::adt::Parties;
use renkei_hl7v2::msh::Stamp;
use renkei_hl7v2::query::answer::{self, Answer};
use renkei_hl7v2::query::{cancel, cross_reference, demographics};
use std::sync::Arc;
use uuid::Uuid;

const DEMOGRAPHICS: (&str, &str) = ("ITI-21", "Patient Demographics Query");

/// What of a question goes on record.
struct Facts<'a> {
    transaction: (&'static str, &'static str),
    stamp: &'a Stamp,
    parties: &'a Parties,
    tag: &'a str,
    /// Whom it is about, as far as that is known before.
    patient: Option<String>,
}

impl MllpClient {
    /// Asks for the other identifiers of whoever has one (ITI-9). An identifier that nobody has, and a domain that
    /// is not known, are refusals: they stand in the acknowledgement of the answer.
    ///
    /// # Errors
    /// When there is no answer, or its record is not kept.
    pub async fn cross_references(
        &self,
        question: &cross_reference::Question,
    ) -> Result<Answer, ClientError> {
        let facts = Facts {
            transaction: ("ITI-9", "PIX Query"),
            stamp: &question.stamp,
            parties: &question.parties,
            tag: &question.tag,
            patient: Some(question.id.to_string()),
        };
        self.ask(&cross_reference::write(question), facts).await
    }

    /// Asks who is described so (ITI-21), or for what comes behind the pointer of the last answer.
    ///
    /// # Errors
    /// As [`Self::cross_references`].
    pub async fn persons(&self, question: &demographics::Question) -> Result<Answer, ClientError> {
        let named = question.criteria.identifiers.iter().find_map(|(_, cx)| cx.patient_id().ok());
        let facts = Facts {
            transaction: DEMOGRAPHICS,
            stamp: &question.stamp,
            parties: &question.parties,
            tag: &question.tag,
            patient: named.map(|id| id.to_string()),
        };
        self.ask(&demographics::write(question), facts).await
    }

    /// Says that the rest of an answer is not wanted. Nobody is told of in it: the record names the query alone.
    ///
    /// # Errors
    /// When it is not acknowledged, or its record is not kept.
    pub async fn cancel(
        &self,
        stamp: &Stamp,
        parties: &Parties,
        tag: &str,
    ) -> Result<Ack, ClientError> {
        let facts = Facts { transaction: DEMOGRAPHICS, stamp, parties, tag, patient: None };
        let octets = cancel::write(stamp, parties, tag);
        let sent = self.acknowledged(&octets, &stamp.control_id);
        self.recorded(&octets, &facts, sent, |ack| ack).await
    }

    async fn ask(&self, octets: &[u8], facts: Facts<'_>) -> Result<Answer, ClientError> {
        let sent = async {
            let frame = self.exchange(octets, &facts.stamp.control_id).await?;
            answer::read(&frame).map_err(|e| ClientError::Malformed(e.to_string()))
        };
        self.recorded(octets, &facts, sent, |answer| &answer.ack).await
    }

    /// Waits for the answer of a message, and puts on record how it ended.
    async fn recorded<T>(
        &self,
        octets: &[u8],
        facts: &Facts<'_>,
        sent: impl Future<Output = Result<T, ClientError>>,
        ack: impl FnOnce(&T) -> &Ack,
    ) -> Result<T, ClientError> {
        let [given_up, ended] = [self.recording(octets, facts), self.recording(octets, facts)];
        let on_record = OnRecord::new(Arc::clone(&self.sink), move || {
            given_up(Outcome::MajorFailure, Some(GIVEN_UP.to_owned()))
        });
        let answer = sent.await;
        let (outcome, description) = ending(answer.as_ref().map(ack));
        on_record.settle(vec![ended(outcome, description)]).await?;
        answer
    }

    /// Makes the record of a question from how it ended.
    fn recording(
        &self,
        octets: &[u8],
        facts: &Facts<'_>,
    ) -> impl FnOnce(Outcome, Option<String>) -> AuditRecord + Send + use<> {
        let (sender, receiver) = self.peers(facts.parties);
        let (transaction, patient) = (facts.transaction, facts.patient.clone());
        let (control_id, tag) = (facts.stamp.control_id.clone(), facts.tag.to_owned());
        let (local, segment) = (self.local.clone(), segment(octets));
        move |outcome, description| {
            let query = PersonQuery {
                transaction,
                sender: &sender,
                receiver: &receiver,
                tag: &tag,
                segment: &segment,
                control_id: &control_id,
            };
            let (at, id, known) = (Utc::now(), Uuid::new_v4(), patient.as_deref());
            build::person_query(&query, known, Side::Client, outcome, at, id, &local, description)
        }
    }
}

/// QPD of a message that was written in UTF-8, or QID of what cancels one.
fn segment(octets: &[u8]) -> String {
    let text = String::from_utf8_lossy(octets);
    let names = |line: &&str| ["QPD|", "QID|"].iter().any(|name| line.starts_with(name));
    text.split('\r').find(names).unwrap_or_default().to_owned()
}
