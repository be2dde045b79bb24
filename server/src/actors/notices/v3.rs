//! PIXV3 Update Notification (ITI-46, ITI TF-2: 3.46.4.1): the identifiers of a person, as a revised record that has
//! nothing else.

use super::deliver::Undelivered;
use chrono::Utc;
use renkei_atna::build::Local;
use renkei_atna::sink::Sink;
use renkei_client::{ClientOptions, Identity, SoapClient};
use renkei_hl7v2::authorities::Authorities;
use renkei_hl7v3::acknowledgement::AckCode;
use renkei_hl7v3::iti44::{Event, Feed, RoleId};
use renkei_hl7v3::transmission::{Party, Processing, Transmission};
use renkei_hl7v3::{InstanceId, Time};
use renkei_metadata::ids::{Oid, PatientId};
use renkei_person::Person;
use std::sync::Arc;
use std::time::Duration;
use url::Url;
use uuid::Uuid;

/// How long a consumer may take.
const LONGEST: Duration = Duration::from_secs(30);

/// What tells one consumer.
pub(super) struct Notifier {
    client: SoapClient,
    url: Url,
    /// The manager, and the consumer.
    parties: [Oid; 2],
}

impl Notifier {
    /// What tells a consumer at `url` as `credentials`.
    ///
    /// # Errors
    /// When no TLS can be set up.
    pub(super) fn new(
        credentials: &Identity,
        url: &Url,
        parties: [Oid; 2],
        sink: Arc<dyn Sink>,
        local: Local,
    ) -> anyhow::Result<Self> {
        let options = ClientOptions { call_timeout: LONGEST, ..ClientOptions::default() };
        let client = SoapClient::new(credentials, options, sink, local)?;
        Ok(Self { client, url: url.clone(), parties })
    }

    /// Tells the consumer that these are the identifiers of a person.
    pub(super) async fn tell(
        &self,
        authorities: &Authorities,
        identifiers: Vec<PatientId>,
    ) -> Result<(), Undelivered> {
        let told = self.notification(authorities, identifiers);
        let failed = |why: &str, is_final| Err(Undelivered { why: why.to_owned(), is_final });
        match self.client.notify_patient(&self.url, &told).await {
            // Senders write either kind of code (ITI TF-2: O.1.2).
            Ok(ack) => match ack.code {
                AckCode::CommitAccept | AckCode::ApplicationAccept => Ok(()),
                AckCode::CommitError | AckCode::ApplicationError => failed("refused (CE)", true),
                AckCode::CommitReject | AckCode::ApplicationReject => {
                    failed("not taken (CR)", false)
                }
            },
            Err(error) => failed(error.code(), false),
        }
    }

    fn notification(&self, authorities: &Authorities, identifiers: Vec<PatientId>) -> Feed {
        let [sender, receiver] =
            self.parties.clone().map(|device| Party { device, community: None });
        // A manager tells the name of each authority (ITI TF-2: E.2).
        let id = |id: PatientId| RoleId {
            authority_name: Some(authorities.name_of(&id.authority)),
            ..RoleId::from(id)
        };
        Feed {
            transmission: Transmission {
                id: InstanceId::new(Uuid::new_v4()),
                created: Time::at(Utc::now().fixed_offset()),
                processing: Processing::Production,
                receiver,
                respond_to: None,
                sender,
            },
            event: Event::Revised,
            ids: identifiers.into_iter().map(id).collect(),
            person: Person::default(),
            provider: None,
            prior: Vec::new(),
        }
    }
}
