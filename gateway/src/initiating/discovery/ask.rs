//! The message itself: ITI-55 out, its answer in.

use super::whom::Whom;
use chrono::Utc;
use renkei_atna::build;
use renkei_client::{CallOptions, ClientError, SoapClient};
use renkei_hl7v3::iti55::{Answer, Attribute, Outcome, Reason, Request, TimeToLive};
use renkei_hl7v3::transmission::{Party, Processing, Transmission};
use renkei_hl7v3::{InstanceId, Time};
use renkei_metadata::finding::Severity;
use renkei_metadata::ids::{HomeCommunityId, Oid};
use renkei_person::SharedAuthorities;
use renkei_soap::envelope::Envelope;
use renkei_soap::fault::Fault;
use renkei_soap::xml::{Reader, Writer};
use renkei_xds::response::{RegistryError, Status};
use renkei_xds::transaction::ITI_55;
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

    /// Asks the community `home` at `url`.
    pub(super) async fn ask(
        &self,
        client: &SoapClient,
        (home, url): (&HomeCommunityId, &Url),
        (whom, more): (&Whom, &[Attribute]),
        deadline: Option<Instant>,
    ) -> Result<Heard, ClientError> {
        let query = whom.query(InstanceId::new(Uuid::new_v4()), more);
        let request = Request::new(self.transmission(home)?, Some(self.authority.clone()), query);
        let headers = self.keeps.map(|keeps| keeps.header()).transpose();
        let headers = headers.map_err(|error| ClientError::Malformed(error.to_string()))?;
        let headers = headers.into_iter().collect();
        let client = client.with(CallOptions { deadline, headers, ..CallOptions::default() });
        let (id, xml) = (request.query.id.root(), request.copy.as_xml());
        let audit = &ITI_55.audit;
        let about = build::discovery(audit.code, audit.text, id, xml, Some(home.as_str()));
        let write = |w: &mut Writer| request.write(w);
        client.exchange(&ITI_55, url, vec![about], write, read, Heard::ending).await
    }

    fn transmission(&self, home: &HomeCommunityId) -> Result<Transmission, ClientError> {
        let party = |home: &HomeCommunityId| {
            let oid = Oid::parse(home.oid());
            let oid = oid.map_err(|wrong| ClientError::Malformed(wrong.expected.to_owned()))?;
            Ok(Party { device: oid.clone(), community: Some(oid) })
        };
        Ok(Transmission {
            id: InstanceId::new(Uuid::new_v4()),
            created: Time::at(Utc::now().fixed_offset()),
            processing: Processing::Production,
            receiver: party(home)?,
            respond_to: None,
            sender: party(&self.home)?,
        })
    }
}

impl Heard {
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
        Outcome::Error(reason) => vec![RegistryError {
            code: reason.map_or("AE", Reason::code).to_owned(),
            context: String::new(),
            severity: Severity::Error,
            location: String::new(),
        }],
        Outcome::Found(_) | Outcome::Requested(_) | Outcome::NotFound => Vec::new(),
    };
    Ok(Heard { outcome: answer.outcome, keeps, errors })
}
