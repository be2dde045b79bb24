//! The message itself: ITI-55 out, its answer in.

use super::whom::Whom;
use chrono::Utc;
use renkei_atna::build;
use renkei_atna::record::Object;
use renkei_client::{CallOptions, ClientError, SoapClient};
use renkei_hl7v3::acknowledgement::{AcceptAcknowledgement, Acknowledgement};
use renkei_hl7v3::iti55::{Answer, Attribute, Outcome, Reason, Request, TimeToLive};
use renkei_hl7v3::query::Priority;
use renkei_hl7v3::transmission::{Party, Processing, Transmission};
use renkei_hl7v3::{InstanceId, Time};
use renkei_metadata::finding::Severity;
use renkei_metadata::ids::{HomeCommunityId, Oid};
use renkei_person::SharedAuthorities;
use renkei_soap::envelope::{Envelope, HeaderElement};
use renkei_soap::fault::Fault;
use renkei_soap::xml::{Reader, Writer};
use renkei_xds::response::{RegistryError, Status};
use renkei_xds::transaction::{ITI_55, ITI_55_DEFERRED};
use std::time::Instant;
use url::Url;
use uuid::Uuid;

/// Who asks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asker {
    /// Our community.
    home: HomeCommunityId,
    /// The authority of our patient ids, by which we may be asked in return (ITI TF-2: 3.55.4.1.2.4).
    authority: Oid,
    /// The authorities whose identifiers mean the same person in every community.
    pub(super) shared: SharedAuthorities,
    /// How long a correlation may be kept, by others and by us.
    pub(super) keeps: Option<TimeToLive>,
}

/// What was answered.
pub(super) struct Heard {
    pub(super) outcome: Outcome,
    /// How long it may be kept; without it, it is for the use at hand alone (ITI TF-2: 3.55.4.1.2.3).
    pub(super) keeps: Option<TimeToLive>,
    /// What the record of the call says.
    errors: Vec<RegistryError>,
}

/// What became of a question whose answer comes later.
pub(super) enum Taken {
    /// It is looked into.
    Yes,
    /// This community does not answer later (ITI TF-2: 3.55.4.1.3).
    NotLater,
    /// No.
    Refused,
}

/// What a question is called, by those who wait for its answer.
pub(super) struct Called {
    /// wsa:MessageID.
    pub(super) message_id: String,
    /// The HL7 v3 message.
    pub(super) message: Uuid,
    /// Its query.
    pub(super) query: Uuid,
}

impl Asker {
    /// The community `home`, whose patient ids are of `authority`; identifiers of `shared` authorities are
    /// told, and a correlation may be kept for so many days.
    pub fn new(
        home: HomeCommunityId,
        authority: Oid,
        shared: SharedAuthorities,
        days: u32,
    ) -> Self {
        Self { home, authority, shared, keeps: (days > 0).then(|| TimeToLive::days(days)) }
    }

    /// Asks the community `home` at `url`, in the way of `call`.
    pub(super) async fn ask(
        &self,
        client: &SoapClient,
        (home, url): (&HomeCommunityId, &Url),
        (whom, more): (&Whom, &[Attribute]),
        call: CallOptions,
    ) -> Result<Heard, ClientError> {
        let query = whom.query(InstanceId::new(Uuid::new_v4()), more);
        let transmission = self.transmission(home, Uuid::new_v4())?;
        let request = Request::new(transmission, Some(self.authority.clone()), query);
        let client = client.with(CallOptions { headers: self.headers()?, ..call });
        let about = vec![about(home, &request)];
        let write = |w: &mut Writer| request.write(w);
        client.exchange(&ITI_55, url, about, write, read, Heard::ending).await
    }

    /// Asks it to answer later, at `answers` (ITI TF-2: 3.55.6.2).
    pub(super) async fn ask_later(
        &self,
        client: &SoapClient,
        (home, url): (&HomeCommunityId, &Url),
        (whom, more): (&Whom, &[Attribute]),
        (called, answers): (&Called, &Url),
        deadline: Instant,
    ) -> Result<Taken, ClientError> {
        let mut query = whom.query(InstanceId::new(called.query), more);
        query.priority = Priority::Deferred;
        let mut transmission = self.transmission(home, called.message)?;
        transmission.respond_to = Some(answers.to_string());
        let request = Request::new(transmission, Some(self.authority.clone()), query);
        let message_id = Some(called.message_id.clone());
        let (deadline, headers) = (Some(deadline), self.headers()?);
        let call = CallOptions { deadline, headers, message_id, ..CallOptions::default() };
        let client = client.with(call);
        let about = vec![about(home, &request)];
        let write = |w: &mut Writer| request.write(w);
        let target = request.transmission.id.clone();
        let read = |r: &mut Reader<'_>, e: &Envelope| acknowledged(r, e, &target);
        let told = client.exchange(&ITI_55_DEFERRED, url, about, write, read, Told::ending).await;
        told.map(|told| told.taken)
    }

    /// How long others may keep what we tell goes along.
    fn headers(&self) -> Result<Vec<HeaderElement>, ClientError> {
        let headers = self.keeps.map(|keeps| keeps.header()).transpose();
        let headers = headers.map_err(|error| ClientError::Malformed(error.to_string()))?;
        Ok(headers.into_iter().collect())
    }

    fn transmission(&self, home: &HomeCommunityId, id: Uuid) -> Result<Transmission, ClientError> {
        let party = |home: &HomeCommunityId| {
            let oid = Oid::parse(home.oid());
            let oid = oid.map_err(|wrong| ClientError::Malformed(wrong.expected.to_owned()))?;
            Ok(Party { device: oid.clone(), community: Some(oid) })
        };
        Ok(Transmission {
            id: InstanceId::new(id),
            created: Time::at(Utc::now().fixed_offset()),
            processing: Processing::Production,
            receiver: party(home)?,
            respond_to: None,
            sender: party(&self.home)?,
        })
    }
}

/// What the records of a call are about (ITI TF-2: 3.55.5.1.1).
fn about(home: &HomeCommunityId, request: &Request) -> Object {
    let (id, xml) = (request.query.id.root(), request.copy.as_xml());
    let audit = &ITI_55.audit;
    build::discovery(audit.code, audit.text, id, xml, Some(home.as_str()))
}

/// An acknowledgement.
struct Told {
    taken: Taken,
    /// What the record of the call says.
    errors: Vec<RegistryError>,
}

impl Told {
    fn ending(&self) -> (Status, &[RegistryError]) {
        let status = if self.errors.is_empty() { Status::Success } else { Status::Failure };
        (status, &self.errors)
    }
}

/// The code of `Unsupported processing mode` (ITI TF-2: 3.55.4.1.3).
const NOT_LATER: &str = "NS250";

fn acknowledged(
    r: &mut Reader<'_>,
    envelope: &Envelope,
    target: &InstanceId,
) -> Result<Told, Fault> {
    let read = AcceptAcknowledgement::read(r, &envelope.body);
    let Acknowledgement { code, target: of, details } =
        read.map_err(|refusal| refusal.into_fault())?.message.acknowledgement;
    if of != *target {
        return Err(Fault::sender(
            "It acknowledges another message.",
            "別のメッセージに対する受信確認です。",
        ));
    }
    if code.is_accepting() {
        return Ok(Told { taken: Taken::Yes, errors: Vec::new() });
    }
    let never = details.iter().any(|detail| detail.code.as_deref() == Some(NOT_LATER));
    let (taken, code) = match never {
        true => (Taken::NotLater, NOT_LATER),
        false => (Taken::Refused, code.code()),
    };
    Ok(Told { taken, errors: vec![error(code)] })
}

fn error(code: &str) -> RegistryError {
    RegistryError {
        code: code.to_owned(),
        context: String::new(),
        severity: Severity::Error,
        location: String::new(),
    }
}

impl Heard {
    /// What it asks for of which more is known than was told. A second question is the last: whoever asks for
    /// more again cannot tell (ITI TF-2: 3.55.4.2.3).
    pub(super) fn wants_of(&self, whom: &Whom) -> Option<Vec<Attribute>> {
        match &self.outcome {
            Outcome::Requested(more) if whom.knows_any(more) => Some(more.clone()),
            Outcome::Requested(_) | Outcome::Found(_) | Outcome::NotFound | Outcome::Error(_) => {
                None
            }
        }
    }

    fn ending(&self) -> (Status, &[RegistryError]) {
        let status = if self.errors.is_empty() { Status::Success } else { Status::Failure };
        (status, &self.errors)
    }
}

fn read(r: &mut Reader<'_>, envelope: &Envelope) -> Result<Heard, Fault> {
    // What cannot be read says nothing of how long the answer holds.
    let keeps = TimeToLive::in_header(r, &envelope.blocks).ok().flatten();
    let answer = Answer::read(r, &envelope.body).map_err(|refusal| refusal.into_fault())?.message;
    let errors = match &answer.outcome {
        Outcome::Error(reason) => vec![error(reason.map_or("AE", Reason::code))],
        Outcome::Found(_) | Outcome::Requested(_) | Outcome::NotFound => Vec::new(),
    };
    Ok(Heard { outcome: answer.outcome, keeps, errors })
}
