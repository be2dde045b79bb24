//! The one way a web-service message goes through the house.
//!
//! TLS peer → framing → SOAP envelope → addressing → role of the caller → the message to its end →
//! the actor's method and its audit, in a task that nobody can cut short → answer. Which transactions
//! an endpoint offers is the routing table below; adding one is a line there and a file beside
//! `iti_18.rs`.

mod admission;
mod answer;
mod answers;
mod audit;
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
    memory: fn(&Memories) -> Option<&Memory>,
    run: Run,
}

/// What the registry's endpoint offers.
static REGISTRY: &[Route] = &[
    Route {
        transaction: &ITI_18,
        memory: Memories::of_registry,
        run: |e| Box::pin(iti_18::run(&ITI_18, e)),
    },
    Route {
        transaction: &ITI_42,
        memory: Memories::of_registry,
        run: |e| Box::pin(iti_42::run(e)),
    },
    Route {
        transaction: &ITI_51,
        memory: Memories::of_registry,
        run: |e| Box::pin(iti_18::run(&ITI_51, e)),
    },
    Route {
        transaction: &ITI_57,
        memory: Memories::of_registry,
        run: |e| Box::pin(iti_57::run(e)),
    },
    Route {
        transaction: &ITI_61,
        memory: Memories::of_registry,
        run: |e| Box::pin(iti_61::run(e)),
    },
    Route {
        transaction: &ITI_62,
        memory: Memories::of_registry,
        run: |e| Box::pin(iti_62::run(e)),
    },
    Route {
        transaction: &ITI_92,
        memory: Memories::of_registry,
        run: |e| Box::pin(iti_92::run(e)),
    },
];

/// What the repository's endpoint offers.
static REPOSITORY: &[Route] = &[
    Route {
        transaction: &ITI_41,
        memory: Memories::of_submissions,
        run: |e| Box::pin(iti_41::run(e)),
    },
    Route {
        transaction: &ITI_43,
        memory: Memories::of_repository,
        run: |e| Box::pin(iti_43::run(e)),
    },
    Route {
        transaction: &ITI_86,
        memory: Memories::of_repository,
        run: |e| Box::pin(iti_86::run(e)),
    },
];

/// At the gateway it is other communities that correct metadata (ITI TF-1: 50, RMU); who administers this one does so
/// at its registry.
static ITI_92_OF_GATEWAYS: Transaction = Transaction { may_call: &[CallerRole::Gateway], ..ITI_92 };

/// What the Responding Gateway's endpoint offers.
static RESPONDING_GATEWAY: &[Route] = &[
    Route {
        transaction: &ITI_38,
        memory: Memories::of_registry,
        run: |e| Box::pin(iti_38::run(e)),
    },
    Route {
        transaction: &ITI_39,
        memory: Memories::of_registry,
        run: |e| Box::pin(iti_39::run(e)),
    },
    Route {
        transaction: &ITI_92_OF_GATEWAYS,
        memory: Memories::of_registry,
        run: |e| Box::pin(iti_92::across(e)),
    },
];

/// Consumers alone ask other communities through us: a gateway of one asked this community, and no question
/// goes round (ITI TF-1: 18.2.1).
static ITI_18_OF_CONSUMERS: Transaction =
    Transaction { may_call: &[CallerRole::Consumer], ..ITI_18 };
static ITI_43_OF_CONSUMERS: Transaction =
    Transaction { may_call: &[CallerRole::Consumer], ..ITI_43 };

/// What the Initiating Gateway's endpoint offers.
static INITIATING_GATEWAY: &[Route] = &[
    Route {
        transaction: &ITI_18_OF_CONSUMERS,
        memory: Memories::of_registry,
        run: |e| Box::pin(initiating::query(e)),
    },
    Route {
        transaction: &ITI_43_OF_CONSUMERS,
        memory: Memories::of_repository,
        run: |e| Box::pin(initiating::retrieve(e)),
    },
];

/// What the endpoint of patient discovery offers.
static XCPD: &[Route] = &[
    Route {
        transaction: &ITI_55,
        memory: Memories::of_registry,
        run: |e| Box::pin(iti_55::run(e)),
    },
    Route {
        transaction: &ITI_55_DEFERRED,
        memory: Memories::of_registry,
        run: |e| Box::pin(iti_55_deferred::run(e)),
    },
    Route {
        transaction: &ITI_56,
        memory: Memories::of_registry,
        run: |e| Box::pin(iti_56::run(e)),
    },
];

/// What the endpoint of the patient feed over HL7 v3 offers.
static PATIENT_FEED_V3: &[Route] = &[
    Route {
        transaction: &ITI_44_ADDED,
        memory: Memories::of_registry,
        run: |e| Box::pin(iti_44::run(e)),
    },
    Route {
        transaction: &ITI_44_REVISED,
        memory: Memories::of_registry,
        run: |e| Box::pin(iti_44::run(e)),
    },
    Route {
        transaction: &ITI_44_MERGED,
        memory: Memories::of_registry,
        run: |e| Box::pin(iti_44::run(e)),
    },
];

/// What a PIX Manager offers.
static PIX_V3: &[Route] = &[Route {
    transaction: &ITI_45,
    memory: Memories::of_registry,
    run: |e| Box::pin(iti_45::run(e)),
}];

/// What a Patient Demographics Supplier offers.
static PDQ_V3: &[Route] = &[
    Route {
        transaction: &ITI_47,
        memory: Memories::of_registry,
        run: |e| Box::pin(iti_47::run(e)),
    },
    Route {
        transaction: &ITI_47_CONTINUE,
        memory: Memories::of_registry,
        run: |e| Box::pin(iti_47::continued(e)),
    },
    Route {
        transaction: &ITI_47_CANCEL,
        memory: Memories::of_registry,
        run: |e| Box::pin(iti_47::continued(e)),
    },
];

/// What those offer who asked there: to take what is answered later.
static XCPD_INITIATING: &[Route] = &[Route {
    transaction: &ITI_55_DEFERRED_ANSWER,
    memory: Memories::of_registry,
    run: |e| Box::pin(iti_55_later::run(e)),
}];

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
