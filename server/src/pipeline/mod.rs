//! The one way a web-service message goes through the house.
//!
//! TLS peer → framing → SOAP envelope → addressing → role of the caller → the message to its end →
//! the actor's method and its audit, in a task that nobody can cut short → answer. Which transactions
//! an endpoint offers is the routing table below; adding one is a line there and a file beside
//! `iti_18.rs`.

pub(crate) mod access;
mod admission;
mod answer;
mod answers;
mod audit;
mod behalf;
mod buffers;
mod description;
mod documents;
mod exchange;
mod headers;
mod initiating;
mod iti_18;
mod iti_38;
mod iti_39;
mod iti_41;
mod iti_42;
pub(crate) mod iti_43;
mod iti_44;
mod iti_45;
pub(crate) mod iti_47;
mod iti_55;
mod iti_55_deferred;
mod iti_55_later;
mod iti_56;
mod iti_57;
mod iti_61;
mod iti_62;
mod iti_86;
mod iti_92;
mod leaving;
mod on_demand;
mod reach;
mod refusal;
pub(crate) mod reply_to;
mod request;
#[cfg(test)]
mod tests;
mod unfinished;
mod work;

use crate::actors::Memories;
use crate::endpoints;
use crate::house::SharedHouse;
use access::Access;
#[cfg(test)]
use access::Decided;
use actix_web::http::header::ALLOW;
use actix_web::web::{self, Payload, ServiceConfig};
use actix_web::{HttpRequest, HttpResponse};
use exchange::Exchange;
use futures_util::future::LocalBoxFuture;
use renkei_exchange::Memory;
use renkei_soap::fault::Fault;
use renkei_xds::transaction::{
    CallerRole, ITI_18, ITI_38, ITI_39, ITI_41, ITI_42, ITI_43, ITI_44_ADDED, ITI_44_MERGED,
    ITI_44_REVISED, ITI_45, ITI_47, ITI_47_CANCEL, ITI_47_CONTINUE, ITI_51, ITI_55,
    ITI_55_DEFERRED, ITI_55_DEFERRED_ANSWER, ITI_56, ITI_57, ITI_61, ITI_62, ITI_86, ITI_92,
    Transaction,
};
use renkei_xds::wsdl::Service;
use work::Work;

/// How a transaction is run: reads the message to its end and says what remains to be done.
type Run = for<'a> fn(Exchange<'a>) -> LocalBoxFuture<'a, Result<Work, Fault>>;

/// One line of the routing table.
pub(crate) struct Route {
    transaction: &'static Transaction,
    /// What is decided at it.
    #[cfg_attr(not(test), expect(dead_code, reason = "read by docs/ACCESS.md and its test"))]
    access: &'static [Access],
    memory: fn(&Memories) -> Option<&Memory>,
    run: Run,
}

/// A line; without a row of what is decided there it is none.
const fn route(
    transaction: &'static Transaction,
    access: &'static [Access],
    memory: fn(&Memories) -> Option<&Memory>,
    run: Run,
) -> Route {
    assert!(!access.is_empty(), "what is decided at this transaction?");
    Route { transaction, access, memory, run }
}

/// What is decided at each endpoint for web services.
#[cfg(test)]
pub(crate) fn decided() -> Vec<Decided> {
    let all = [
        (&endpoints::REGISTRY, REGISTRY),
        (&endpoints::REPOSITORY, REPOSITORY),
        (&endpoints::PATIENT_FEED_V3, PATIENT_FEED_V3),
        (&endpoints::PIX_V3, PIX_V3),
        (&endpoints::PDQ_V3, PDQ_V3),
        (&endpoints::RESPONDING_GATEWAY, RESPONDING_GATEWAY),
        (&endpoints::INITIATING_GATEWAY, INITIATING_GATEWAY),
        (&endpoints::XCPD, XCPD),
        (&endpoints::XCPD_INITIATING, XCPD_INITIATING),
    ];
    let routes = |(endpoint, routes): (&'static _, &'static [Route])| {
        routes.iter().map(move |route| Decided::of(endpoint, route.transaction, route.access))
    };
    let answers = answers::ASKED.into_iter().map(|transaction| {
        let answer = Decided::of(&endpoints::COMMUNITY_ANSWERS, transaction, access::ANSWERED);
        Decided { roles: ITI_38.may_call, ..answer }
    });
    all.into_iter().flat_map(routes).chain(answers).collect()
}

/// What the registry's endpoint offers.
static REGISTRY: &[Route] = &[
    route(&ITI_18, access::QUERIED, Memories::of_registry, |e| Box::pin(iti_18::run(&ITI_18, e))),
    route(&ITI_42, access::REGISTERED, Memories::of_registry, |e| Box::pin(iti_42::run(e))),
    route(&ITI_51, access::QUERIED, Memories::of_registry, |e| Box::pin(iti_18::run(&ITI_51, e))),
    route(&ITI_57, access::UPDATED, Memories::of_registry, |e| Box::pin(iti_57::run(e))),
    route(&ITI_61, access::REGISTERED_ON_DEMAND, Memories::of_registry, |e| {
        Box::pin(iti_61::run(e))
    }),
    route(&ITI_62, access::REMOVED, Memories::of_registry, |e| Box::pin(iti_62::run(e))),
    route(&ITI_92, access::UPDATED, Memories::of_registry, |e| Box::pin(iti_92::run(e))),
];

/// What the repository's endpoint offers.
static REPOSITORY: &[Route] = &[
    route(&ITI_41, access::SUBMITTED, Memories::of_submissions, |e| Box::pin(iti_41::run(e))),
    route(&ITI_43, access::RETRIEVED, Memories::of_repository, |e| Box::pin(iti_43::run(e))),
    route(&ITI_86, access::REMOVED, Memories::of_repository, |e| Box::pin(iti_86::run(e))),
];

/// At the gateway it is other communities that correct metadata (ITI TF-1: 50, RMU); who administers this one does so
/// at its registry.
static ITI_92_OF_GATEWAYS: Transaction = Transaction { may_call: &[CallerRole::Gateway], ..ITI_92 };

/// What the Responding Gateway's endpoint offers.
static RESPONDING_GATEWAY: &[Route] = &[
    route(&ITI_38, access::QUERIED, Memories::of_registry, |e| Box::pin(iti_38::run(e))),
    route(&ITI_39, access::RETRIEVED, Memories::of_registry, |e| Box::pin(iti_39::run(e))),
    route(&ITI_92_OF_GATEWAYS, access::UPDATED, Memories::of_registry, |e| {
        Box::pin(iti_92::across(e))
    }),
];

/// Consumers alone ask other communities through us: a gateway of one asked this community, and no question
/// goes round (ITI TF-1: 18.2.1).
static ITI_18_OF_CONSUMERS: Transaction =
    Transaction { may_call: &[CallerRole::Consumer], ..ITI_18 };
static ITI_43_OF_CONSUMERS: Transaction =
    Transaction { may_call: &[CallerRole::Consumer], ..ITI_43 };

/// What the Initiating Gateway's endpoint offers.
static INITIATING_GATEWAY: &[Route] = &[
    route(&ITI_18_OF_CONSUMERS, access::QUERIED, Memories::of_registry, |e| {
        Box::pin(initiating::query(e))
    }),
    route(&ITI_43_OF_CONSUMERS, access::RETRIEVED, Memories::of_repository, |e| {
        Box::pin(initiating::retrieve(e))
    }),
];

/// What the endpoint of patient discovery offers.
static XCPD: &[Route] = &[
    route(&ITI_55, access::SOUGHT, Memories::of_registry, |e| Box::pin(iti_55::run(e))),
    route(&ITI_55_DEFERRED, access::SOUGHT_LATER, Memories::of_registry, |e| {
        Box::pin(iti_55_deferred::run(e))
    }),
    route(&ITI_56, access::LOCATED, Memories::of_registry, |e| Box::pin(iti_56::run(e))),
];

/// What the endpoint of the patient feed over HL7 v3 offers.
static PATIENT_FEED_V3: &[Route] = &[
    route(&ITI_44_ADDED, access::FED, Memories::of_registry, |e| Box::pin(iti_44::run(e))),
    route(&ITI_44_REVISED, access::FED, Memories::of_registry, |e| Box::pin(iti_44::run(e))),
    route(&ITI_44_MERGED, access::FED, Memories::of_registry, |e| Box::pin(iti_44::run(e))),
];

/// What a PIX Manager offers.
static PIX_V3: &[Route] = &[route(&ITI_45, access::CROSS_REFERENCED, Memories::of_registry, |e| {
    Box::pin(iti_45::run(e))
})];

/// What a Patient Demographics Supplier offers.
static PDQ_V3: &[Route] = &[
    route(&ITI_47, access::SOUGHT, Memories::of_registry, |e| Box::pin(iti_47::run(e))),
    route(&ITI_47_CONTINUE, access::CONTINUED, Memories::of_registry, |e| {
        Box::pin(iti_47::continued(e))
    }),
    route(&ITI_47_CANCEL, access::CANCELLED, Memories::of_registry, |e| {
        Box::pin(iti_47::continued(e))
    }),
];

/// What those offer who asked there: to take what is answered later.
static XCPD_INITIATING: &[Route] =
    &[route(&ITI_55_DEFERRED_ANSWER, access::ANSWERED, Memories::of_registry, |e| {
        Box::pin(iti_55_later::run(e))
    })];

/// Registers the endpoints of the actors that this program serves.
pub(crate) fn configure(house: &SharedHouse, service: &mut ServiceConfig) {
    if house.registry.is_some() {
        let get = |request: HttpRequest, house: SharedHouse| async move {
            description::answer(Service::Registry, REGISTRY, &request, &house)
        };
        let resource = web::resource(endpoints::REGISTRY.path);
        service.service(resource.route(web::post().to(registry)).route(web::get().to(get)));
    }
    if house.repository.is_some() {
        let get = |request: HttpRequest, house: SharedHouse| async move {
            description::answer(Service::Repository, REPOSITORY, &request, &house)
        };
        let resource = web::resource(endpoints::REPOSITORY.path);
        service.service(resource.route(web::post().to(repository)).route(web::get().to(get)));
    }
    if house.responding.is_some() {
        let get = |request: HttpRequest, house: SharedHouse| async move {
            let service = Service::RespondingGateway;
            description::answer(service, RESPONDING_GATEWAY, &request, &house)
        };
        let resource = web::resource(endpoints::RESPONDING_GATEWAY.path);
        service.service(resource.route(web::post().to(responding)).route(web::get().to(get)));
    }
    if house.feeds {
        let resource = web::resource(endpoints::PATIENT_FEED_V3.path);
        let feed = web::post().to(patient_feed_v3);
        service.service(resource.route(feed).route(web::get().to(no_wsdl)));
    }
    if house.queries {
        let resource = web::resource(endpoints::PIX_V3.path);
        service.service(resource.route(web::post().to(pix_v3)).route(web::get().to(no_wsdl)));
        let resource = web::resource(endpoints::PDQ_V3.path);
        service.service(resource.route(web::post().to(pdq_v3)).route(web::get().to(no_wsdl)));
    }
    if house.discovery.is_some() {
        let resource = web::resource(endpoints::XCPD.path);
        service.service(resource.route(web::post().to(xcpd)).route(web::get().to(no_wsdl)));
    }
    if house.initiating.is_some() {
        let get = |request: HttpRequest, house: SharedHouse| async move {
            let service = Service::InitiatingGateway;
            description::answer(service, INITIATING_GATEWAY, &request, &house)
        };
        let resource = web::resource(endpoints::INITIATING_GATEWAY.path);
        service.service(resource.route(web::post().to(initiating)).route(web::get().to(get)));
        let resource = web::resource(endpoints::COMMUNITY_ANSWERS.path);
        service.service(resource.route(web::post().to(answers::take)));
        let resource = web::resource(endpoints::XCPD_INITIATING.path);
        let later = web::post().to(xcpd_initiating);
        service.service(resource.route(later).route(web::get().to(no_wsdl)));
    }
}

/// HL7 v3 has its WSDL in the Technical Framework; here messages are posted.
async fn no_wsdl() -> HttpResponse {
    HttpResponse::MethodNotAllowed().insert_header((ALLOW, "POST")).finish()
}

async fn xcpd_initiating(request: HttpRequest, body: Payload, house: SharedHouse) -> HttpResponse {
    exchange::handle(XCPD_INITIATING, request, body, &house).await
}

async fn patient_feed_v3(request: HttpRequest, body: Payload, house: SharedHouse) -> HttpResponse {
    exchange::handle(PATIENT_FEED_V3, request, body, &house).await
}

async fn pix_v3(request: HttpRequest, body: Payload, house: SharedHouse) -> HttpResponse {
    exchange::handle(PIX_V3, request, body, &house).await
}

async fn pdq_v3(request: HttpRequest, body: Payload, house: SharedHouse) -> HttpResponse {
    exchange::handle(PDQ_V3, request, body, &house).await
}

async fn registry(request: HttpRequest, body: Payload, house: SharedHouse) -> HttpResponse {
    exchange::handle(REGISTRY, request, body, &house).await
}

async fn repository(request: HttpRequest, body: Payload, house: SharedHouse) -> HttpResponse {
    exchange::handle(REPOSITORY, request, body, &house).await
}

async fn responding(request: HttpRequest, body: Payload, house: SharedHouse) -> HttpResponse {
    exchange::handle(RESPONDING_GATEWAY, request, body, &house).await
}

async fn xcpd(request: HttpRequest, body: Payload, house: SharedHouse) -> HttpResponse {
    exchange::handle(XCPD, request, body, &house).await
}

async fn initiating(request: HttpRequest, body: Payload, house: SharedHouse) -> HttpResponse {
    exchange::handle(INITIATING_GATEWAY, request, body, &house).await
}
