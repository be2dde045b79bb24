//! Asking where else a patient is known (ITI-56; XCPD supplement, Health Data Locator option): of a community
//! that knows the patient, and that says of itself that it tells.

use super::ask::Asker;
use super::verdict::{Unfound, judge};
use super::whom::Whom;
use crate::community::Community;
use renkei_atna::build;
use renkei_client::{CallOptions, ClientError, SoapClient};
use renkei_hl7v3::iti55::Locator;
use renkei_hl7v3::iti56::{self, Location};
use renkei_metadata::finding::Rule;
use renkei_metadata::ids::PatientId;
use renkei_person::{Identifier, Person};
use renkei_soap::envelope::Envelope;
use renkei_soap::fault::Fault;
use renkei_soap::xml::{Reader, Writer};
use renkei_xds::response::{RegistryError, Status};
use renkei_xds::transaction::ITI_56;
use url::Url;

/// What a community says of a patient whom it knows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Whereabouts {
    /// As whom it knows them.
    pub theirs: PatientId,
    /// Where they are known, as it tells; `None` when it tells nobody (NotHealthDataLocator).
    pub told: Option<Vec<Location>>,
}

/// Why a community says nothing of a patient.
#[derive(Debug)]
pub enum Silent {
    /// It knows nobody who is the patient, or we do not know enough to tell: the row, and what of it is worth
    /// telling.
    Unfound(&'static Rule, String),
    /// It did not answer, or not as it should.
    Failed(ClientError),
}

impl From<Unfound> for Silent {
    fn from(Unfound { rule, detail }: Unfound) -> Self {
        Self::Unfound(rule, detail)
    }
}

impl From<ClientError> for Silent {
    fn from(error: ClientError) -> Self {
        Self::Failed(error)
    }
}

impl Silent {
    /// Whether the community knows nobody who is the patient: an answer like any other.
    pub fn is_nobody(&self) -> bool {
        matches!(self, Self::Unfound(rule, _) if super::is_nobody(rule))
    }
}

/// Asks `community`, at its address for discovery `url`, as whom it knows `patient`, described by `person`; and,
/// if it says that it tells, where else they are known.
///
/// # Errors
/// When it does not say as whom it knows the patient, or not where.
pub async fn locate(
    client: &SoapClient,
    asker: &Asker,
    (community, url): (&Community, &Url),
    (patient, person): (&PatientId, Person),
) -> Result<Whereabouts, Silent> {
    let whom = Whom::of(patient, person, &asker.shared, community.discovery_by);
    let whom = whom.map_err(Unfound::from)?;
    let there = (&community.home, url);
    let mut heard = asker.ask(client, there, (&whom, &[]), CallOptions::default()).await?;
    if let Some(more) = heard.wants_of(&whom) {
        heard = asker.ask(client, there, (&whom, &more), CallOptions::default()).await?;
    }
    let found = judge(&asker.shared, &whom, &community.home, &heard.outcome)?;
    let told = match found.locator {
        Locator::NotHealthDataLocator => None,
        Locator::SupportsHealthDataLocator => {
            let url = community.locations.as_ref().unwrap_or(url);
            Some(ask(client, url, &found.patient).await?)
        }
    };
    Ok(Whereabouts { theirs: found.patient.id.clone(), told })
}

async fn ask(
    client: &SoapClient,
    url: &Url,
    patient: &Identifier,
) -> Result<Vec<Location>, ClientError> {
    let mut query = Writer::new();
    iti56::write_request(&mut query, patient);
    let about = build::location_query(&patient.id.to_string(), &query.finish());
    let write = |w: &mut Writer| iti56::write_request(w, patient);
    let mut locations = client.exchange(&ITI_56, url, about, write, read, ending).await?;
    // An answer about somebody else is none.
    locations.retain(|location| location.requested.id == patient.id);
    Ok(locations)
}

fn read(r: &mut Reader<'_>, envelope: &Envelope) -> Result<Vec<Location>, Fault> {
    Ok(iti56::read_response(r, &envelope.body)?.message)
}

fn ending(_: &Vec<Location>) -> (Status, &[RegistryError]) {
    (Status::Success, &[])
}
