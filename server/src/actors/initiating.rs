//! The Initiating Gateway, opened with the door to the registry that it works beside.

use super::Shared;
use super::limits::message_limits;
use super::patients::Elsewhere;
use super::persons::Persons;
use super::tally::Tally;
use crate::communities;
use crate::endpoints::{self, Addresses};
use crate::metrics::Metrics;
use futures_util::StreamExt;
use futures_util::future::BoxFuture;
use renkei_client::Mailbox;
use renkei_context::{Caller, Ctx, Role};
use renkei_gateway::community::Communities;
use renkei_gateway::initiating::{Config, Discovery, Gateway, OwnAnswer, OwnRegistry};
use renkei_registry::{QueryAnswer, Registry};
use renkei_xds::iti18::AdhocQuery;
use std::sync::Arc;
use std::time::Duration;
use url::Url;

/// Opens the gateway.
pub(super) fn open(
    shared: &Shared<'_>,
    addresses: &Addresses,
    registry: &Registry,
    persons: Option<&Persons>,
    metrics: &Metrics,
) -> anyhow::Result<Gateway> {
    let Shared { site, settings, .. } = *shared;
    // A free port is known only now.
    let listening = [&addresses.systems, &addresses.mllp].into_iter().flatten();
    let listening = listening.filter_map(|url| Url::parse(url).ok()?.port());
    let own = communities::own(settings, &listening.collect::<Vec<_>>());
    let registry = Inside {
        registry: registry.clone(),
        endpoint: addresses.url(&endpoints::REGISTRY).unwrap_or_default(),
    };
    let limits = &settings.gateway;
    Ok(Gateway::new(Config {
        communities: Arc::new(Communities::open(
            communities::dir(site.dir()),
            own,
            "initiating_gateway",
        )?),
        identity: communities::identity(site.pki())?,
        registry: Some(Arc::new(registry)),
        discovery: persons.map(|persons| Discovery {
            patients: Arc::new(Elsewhere::new(persons)),
            asker: communities::asker(settings),
            time: Duration::from_secs(limits.discovery_seconds),
            answers: addresses
                .url(&endpoints::XCPD_INITIATING)
                .and_then(|url| Url::parse(&url).ok()),
        }),
        sink: Arc::clone(shared.sink),
        local: shared.local.clone(),
        limits: message_limits(settings),
        most_objects: settings.limits.query_references.max(settings.limits.query_results),
        query_time: Duration::from_secs(limits.query_seconds),
        retrieve_time: Duration::from_secs(limits.retrieve_seconds),
        spool: shared.spool.clone(),
        at_once: limits.at_once,
        mailbox: addresses
            .url(&endpoints::COMMUNITY_ANSWERS)
            .and_then(|url| Url::parse(&url).ok())
            .map(Mailbox::new),
        observer: Arc::new(Tally::new(metrics, persons)),
    }))
}

/// The name under which the gateway acts in the house.
const NAME: &str = "initiating-gateway";

/// The registry of this process.
struct Inside {
    registry: Registry,
    endpoint: String,
}

impl OwnRegistry for Inside {
    fn query<'a>(&'a self, ctx: &'a Ctx, query: &'a AdhocQuery) -> BoxFuture<'a, OwnAnswer> {
        Box::pin(async move {
            // The registry's caller is the gateway, as it would be over the network.
            let caller = Arc::new(Caller::internal(NAME));
            let ctx = ctx.passed_on(caller, Role::Gateway, &self.endpoint);
            let QueryAnswer { status, errors, mut body } =
                self.registry.query_beside(&ctx, query).await;
            let mut objects = Vec::new();
            while let Some(piece) = body.next().await {
                match piece {
                    Ok(piece) => objects.extend_from_slice(&piece),
                    Err(error) => {
                        tracing::error!(%error, "our own answer broke off");
                        return OwnAnswer { status, errors, objects: None };
                    }
                }
            }
            OwnAnswer { status, errors, objects: String::from_utf8(objects).ok() }
        })
    }
}
