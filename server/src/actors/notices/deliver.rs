//! One notification on its way: who the person is now, told to one consumer.

use super::v3::Notifier;
use crate::settings::{Consumer, Settings};
use renkei_atna::build::Local;
use renkei_atna::sink::Sink;
use renkei_client::Identity as Credentials;
use renkei_client::mllp::MllpClient;
use renkei_hl7v2::ack::AckCode;
use renkei_hl7v2::adt::Parties;
use renkei_hl7v2::adt::update::UpdateNotification;
use renkei_hl7v2::authorities::Authorities;
use renkei_hl7v2::msh::Stamp;
use renkei_identity::{CrossReference, Identity, IdentityError};
use renkei_metadata::ids::{Oid, PatientId};
use std::collections::BTreeMap;
use std::sync::Arc;
use uuid::Uuid;

/// What tells consumers.
pub(crate) struct Delivery {
    identity: Identity,
    authorities: Authorities,
    /// By address.
    consumers: BTreeMap<String, (Consumer, Way)>,
}

/// How a consumer is told.
enum Way {
    V2(MllpClient),
    V3(Box<Notifier>),
}

/// Why a consumer was not told.
pub(crate) struct Undelivered {
    /// For the log: no words of the other side.
    pub(crate) why: String,
    /// Whether it never will be.
    pub(crate) is_final: bool,
}

impl Delivery {
    /// What tells the consumers of the settings, as `credentials`.
    ///
    /// # Errors
    /// When no TLS can be set up.
    pub(crate) fn new(
        settings: &Settings,
        identity: &Identity,
        credentials: &Credentials,
        sink: &Arc<dyn Sink>,
        local: &Local,
    ) -> anyhow::Result<Self> {
        let own = settings.ids.assigning_authority.clone();
        let authorities = Authorities::new(own).named(settings.ids.namespaces.clone());
        let home = Oid::parse(settings.ids.home_community.oid())
            .map_err(|wrong| anyhow::anyhow!("ids.home_community: {}", wrong.expected))?;
        let way = |consumer: &Consumer| {
            let (sink, local) = (Arc::clone(sink), local.clone());
            anyhow::Ok(match &consumer.device {
                None => Way::V2(MllpClient::new(credentials, &consumer.address(), sink, local)?),
                Some(device) => {
                    let parties = [home.clone(), device.clone()];
                    Way::V3(Box::new(Notifier::new(
                        credentials,
                        &consumer.url,
                        parties,
                        sink,
                        local,
                    )?))
                }
            })
        };
        let consumers = settings.identity.notify.iter().map(|consumer| {
            anyhow::Ok((consumer.url.to_string(), (consumer.clone(), way(consumer)?)))
        });
        Ok(Self {
            identity: identity.clone(),
            authorities,
            consumers: consumers.collect::<Result<_, _>>()?,
        })
    }

    /// Tells the consumer at `to` what identifiers the person has now who has the one in `body`.
    pub(crate) async fn deliver(&self, to: &str, body: &[u8]) -> Result<(), Undelivered> {
        let ended = |why: &str| Undelivered { why: why.to_owned(), is_final: true };
        // A consumer that was taken off the list is told no more.
        let Some((consumer, way)) = self.consumers.get(to) else {
            return Err(ended("not listed in identity.notify any more"));
        };
        let id = std::str::from_utf8(body).ok().and_then(|text| PatientId::parse(text).ok());
        let id = id.ok_or_else(|| ended("a row that names nobody"))?;
        let failed = |error: IdentityError| Undelivered { why: error.to_string(), is_final: false };
        let identifiers = self.now(&id, &consumer.domains).await.map_err(failed)?;
        if identifiers.is_empty() {
            return Ok(());
        }
        match way {
            Way::V2(client) => self.by_v2(client, consumer, identifiers).await,
            Way::V3(notifier) => notifier.tell(&self.authorities, identifiers).await,
        }
    }

    async fn by_v2(
        &self,
        client: &MllpClient,
        consumer: &Consumer,
        identifiers: Vec<PatientId>,
    ) -> Result<(), Undelivered> {
        let stamp = Stamp::new(chrono::Utc::now(), Uuid::new_v4());
        let told = UpdateNotification { stamp, parties: parties(consumer), identifiers };
        let ack = client.notify(&told, &self.authorities).await;
        let ack =
            ack.map_err(|error| Undelivered { why: error.code().to_owned(), is_final: false })?;
        match ack.code {
            AckCode::Accept => Ok(()),
            AckCode::Error => Err(Undelivered { why: "refused (AE)".to_owned(), is_final: true }),
            AckCode::Reject => {
                Err(Undelivered { why: "not taken (AR)".to_owned(), is_final: false })
            }
        }
    }

    /// All identifiers in these domains of whoever has `id` now; none if nobody has it.
    async fn now(&self, id: &PatientId, domains: &[Oid]) -> Result<Vec<PatientId>, IdentityError> {
        let others = |of: PatientId| async move {
            Ok::<_, IdentityError>(match self.identity.cross_reference(&of, domains).await?.of {
                CrossReference::Known(others) => Some(others),
                CrossReference::UnknownId | CrossReference::UnknownDomain => None,
            })
        };
        let Some(mut all) = others(id.clone()).await? else { return Ok(Vec::new()) };
        // One that was merged away leads to the person, and is none of the person's.
        let is_own = match all.first() {
            Some(other) => others(other.clone()).await?.is_some_and(|back| back.contains(id)),
            None => true,
        };
        // The domains of interest may be others than when the row was made.
        if is_own && domains.contains(&id.authority) {
            all.insert(0, id.clone());
        }
        Ok(all)
    }
}

fn parties(consumer: &Consumer) -> Parties {
    Parties {
        sending_application: "PIXPDQ".to_owned(),
        sending_facility: "RENKEI".to_owned(),
        receiving_application: consumer.application().to_owned(),
        receiving_facility: consumer.facility().to_owned(),
    }
}
