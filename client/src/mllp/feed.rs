//! What else is told of persons: a whole person, a merge, and notifications.

use super::{MllpClient, ending};
use crate::error::ClientError;
use crate::on_record::{GIVEN_UP, OnRecord};
use chrono::Utc;
use renkei_atna::build::{self, Feed, Identity as IdentityTransaction, Peer, Side};
use renkei_atna::record::{Action, AuditRecord, Outcome};
use renkei_hl7v2::ack::{self, Ack};
use renkei_hl7v2::adt::update::{self, UpdateNotification};
use renkei_hl7v2::adt::{
    self, A40, Announcement, FeedEvent, Parties, write_a40_in, write_announcement,
};
use renkei_hl7v2::authorities::Authorities;
use renkei_hl7v2::charset::Charset;
use renkei_hl7v2::cx::CxField;
use renkei_hl7v2::msh::{Stamp, Version};
use renkei_metadata::ids::PatientId;
use std::sync::Arc;
use uuid::Uuid;

/// What of a message goes on record.
struct Facts<'a> {
    transaction: IdentityTransaction,
    control_id: &'a str,
    parties: &'a Parties,
    /// What is done to whom, a record each.
    done: Vec<(Action, Vec<String>)>,
}

impl MllpClient {
    /// Announces a person with everything that is known, or says what has changed (ITI-8 A01, A04, A05, A08), and
    /// gives the acknowledgement, whether it accepts or refuses.
    ///
    /// # Errors
    /// When the message is not answered, or its record is not kept.
    pub async fn announce_person(&self, told: &Announcement) -> Result<Ack, ClientError> {
        let octets = in_utf8(write_announcement(told, Version::V231, &Charset::utf8()))?;
        let action = match told.event {
            FeedEvent::A08 => Action::Update,
            FeedEvent::A01 | FeedEvent::A04 | FeedEvent::A05 | FeedEvent::A40 | FeedEvent::A43 => {
                Action::Create
            }
        };
        let patients = told.person.identifiers.iter().map(|i| i.id.to_string()).collect();
        let facts = Facts {
            transaction: IdentityTransaction::Feed,
            control_id: &told.stamp.control_id,
            parties: &told.parties,
            done: vec![(action, patients)],
        };
        self.tell(&octets, facts).await
    }

    /// Says that two identifiers are one person (ITI-8 A40): two records, of the one that ends and the one that
    /// stays (ITI TF-2: 3.8.5.1).
    ///
    /// # Errors
    /// As [`Self::announce_person`].
    pub async fn merge(&self, merge: &A40) -> Result<Ack, ClientError> {
        let octets = in_utf8(write_a40_in(merge, Version::V231, &Charset::utf8()))?;
        let one = |id: &PatientId| vec![id.to_string()];
        let facts = Facts {
            transaction: IdentityTransaction::Feed,
            control_id: &merge.stamp.control_id,
            parties: &merge.parties,
            done: vec![
                (Action::Delete, one(&merge.subsumed)),
                (Action::Update, one(&merge.surviving)),
            ],
        };
        self.tell(&octets, facts).await
    }

    /// Tells a consumer which identifiers are one person's (ITI-10).
    ///
    /// # Errors
    /// As [`Self::announce_person`].
    pub async fn notify(
        &self,
        told: &UpdateNotification,
        authorities: &Authorities,
    ) -> Result<Ack, ClientError> {
        let octets = update::write(told, authorities);
        let patients = told.identifiers.iter().map(PatientId::to_string).collect();
        let facts = Facts {
            transaction: IdentityTransaction::Update,
            control_id: &told.stamp.control_id,
            parties: &told.parties,
            done: vec![(Action::Read, patients)],
        };
        self.tell(&octets, facts).await
    }

    /// Sends a message of the feed (ITI-8, ITI-64) as somebody else made it.
    ///
    /// # Errors
    /// As [`Self::announce_person`].
    pub async fn forward(&self, message: &[u8]) -> Result<Ack, ClientError> {
        let feed = match adt::read(message) {
            Ok(feed) => feed,
            // A message that nobody can read is refused here, as it would be there.
            Err(nak) => {
                let refusal = nak.write(&Stamp::new(Utc::now(), Uuid::new_v4()));
                return ack::read(&refusal).map_err(|e| ClientError::Malformed(e.to_string()));
            }
        };
        let action = match feed.event {
            FeedEvent::A08 | FeedEvent::A43 => Action::Update,
            FeedEvent::A01 | FeedEvent::A04 | FeedEvent::A05 | FeedEvent::A40 => Action::Create,
        };
        let named = |all: &[CxField]| -> Vec<String> {
            all.iter()
                .map(|cx| cx.patient_id().map_or(cx.id.clone(), |id| id.to_string()))
                .collect()
        };
        let (own, prior) = (named(&feed.identifiers), named(&feed.prior));
        let done = match feed.event {
            FeedEvent::A40 => vec![(Action::Delete, prior), (Action::Update, own)],
            FeedEvent::A43 => vec![(action, [own, prior].concat())],
            _ => vec![(action, own)],
        };
        let transaction = match feed.event {
            FeedEvent::A43 => IdentityTransaction::LinkChange,
            _ => IdentityTransaction::Feed,
        };
        let msh = &feed.msh;
        let parties = Parties {
            sending_application: msh.sending_application.clone(),
            sending_facility: msh.sending_facility.clone(),
            receiving_application: msh.receiving_application.clone(),
            receiving_facility: msh.receiving_facility.clone(),
        };
        let facts = Facts { transaction, control_id: &msh.control_id, parties: &parties, done };
        self.tell(message, facts).await
    }

    async fn tell(&self, octets: &[u8], facts: Facts<'_>) -> Result<Ack, ClientError> {
        let control_id = facts.control_id.to_owned();
        let [given_up, ended] = [self.records(&facts), self.records(&facts)];
        let on_record = OnRecord::of_several(Arc::clone(&self.sink), move || {
            given_up(Outcome::MajorFailure, Some(GIVEN_UP.to_owned()))
        });
        let answer = self.acknowledged(octets, &control_id).await;
        let (outcome, description) = ending(answer.as_ref());
        on_record.settle(ended(outcome, description)).await?;
        answer
    }

    /// Makes the records of a message from how it ended.
    fn records(
        &self,
        facts: &Facts<'_>,
    ) -> impl FnOnce(Outcome, Option<String>) -> Vec<AuditRecord> + Send + use<> {
        let (sender, receiver) = self.peers(facts.parties);
        let (transaction, done) = (facts.transaction, facts.done.clone());
        let (control_id, local) = (facts.control_id.to_owned(), self.local.clone());
        move |outcome, description| {
            let record = |(action, patients): &(Action, Vec<String>)| {
                let (action, patients) = (*action, patients.as_slice());
                let (sender, receiver, control_id) = (&sender, &receiver, control_id.as_str());
                let feed = Feed { transaction, action, sender, receiver, patients, control_id };
                let (at, id, why) = (Utc::now(), Uuid::new_v4(), description.clone());
                build::patient_feed(&feed, Side::Client, outcome, at, id, &local, why)
            };
            done.iter().map(record).collect()
        }
    }

    /// Both ends of a message as records name them.
    pub(super) fn peers(&self, parties: &Parties) -> (Peer, Peer) {
        let party = |facility: &str, application: &str, address: Option<String>| Peer {
            user_id: format!("{facility}|{application}"),
            address,
        };
        let Parties { sending_application, sending_facility, .. } = parties;
        let Parties { receiving_application, receiving_facility, .. } = parties;
        let sender = party(sending_facility, sending_application, None);
        let host = Some(self.host.clone());
        (sender, party(receiving_facility, receiving_application, host))
    }
}

/// UTF-8 has every character.
fn in_utf8(written: Option<Vec<u8>>) -> Result<Vec<u8>, ClientError> {
    written.ok_or_else(|| ClientError::Malformed("a message that UTF-8 cannot carry".to_owned()))
}
