//! The administrator's listener: plain HTTP, loopback only.

use super::Bound;
use crate::pki::PeerTable;
use crate::time::Clock;
use actix_web::dev::Server;
use actix_web::http::header::ContentType;
use actix_web::web::{Data, get};
use actix_web::{App, HttpResponse, HttpServer};
use prometheus_client::encoding::text::encode;
use prometheus_client::registry::Registry;
use serde_json::{Map, Value};
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// Whether the house takes requests: after its start, until it begins to stop.
#[derive(Clone, Debug, Default)]
pub(crate) struct Readiness(Arc<AtomicBool>);

impl Readiness {
    /// Says whether requests are taken from now on.
    pub(crate) fn set(&self, ready: bool) {
        self.0.store(ready, Ordering::Release);
    }

    fn get(&self) -> bool {
        self.0.load(Ordering::Acquire)
    }
}

/// Serves `/health/live`, `/health/ready` and `/metrics`.
pub(crate) fn admin(
    bound: Bound,
    readiness: Readiness,
    clock: Clock,
    peers: Arc<PeerTable>,
    metrics: Arc<Registry>,
) -> io::Result<Server> {
    let (metrics, peers) = (Data::from(metrics), Data::from(peers));
    let server = HttpServer::new(move || {
        App::new()
            .app_data(Data::new(readiness.clone()))
            .app_data(Data::new(clock.clone()))
            .app_data(metrics.clone())
            .app_data(peers.clone())
            .route("/health/live", get().to(live))
            .route("/health/ready", get().to(ready))
            .route("/metrics", get().to(scrape))
    })
    .workers(1)
    .max_connections(64)
    .disable_signals()
    .shutdown_timeout(1)
    .listen(bound.socket)?
    .run();
    Ok(server)
}

async fn live() -> HttpResponse {
    HttpResponse::Ok().content_type(ContentType::json()).body(r#"{"status":"live"}"#)
}

async fn ready(
    readiness: Data<Readiness>,
    clock: Data<Clock>,
    peers: Data<PeerTable>,
) -> HttpResponse {
    // A wrong clock needs somebody, but requests are taken: a supervisor shall not stop the house for it.
    let crls = peers.trust().troubles();
    let (mut answer, status) = match (readiness.get(), clock.is_alarming() || !crls.is_empty()) {
        (true, false) => (HttpResponse::Ok(), "ready"),
        (true, true) => (HttpResponse::Ok(), "degraded"),
        (false, _) => (HttpResponse::ServiceUnavailable(), "not ready"),
    };
    let mut told = Map::new();
    told.insert("status".to_owned(), status.into());
    told.extend(clock.health());
    let ending = peers.ending(chrono::Utc::now());
    if !ending.is_empty() {
        let days = ending.into_iter().map(|ending| (ending.name, ending.days.into()));
        told.insert("ending".to_owned(), Value::Object(days.collect()));
    }
    if !crls.is_empty() {
        let crls = crls.into_iter().map(|(name, trouble)| (name, trouble.into()));
        told.insert("crls".to_owned(), Value::Object(crls.collect()));
    }
    // As at every start: what is wide open is seen by whoever looks after the house.
    let wide = peers.wide();
    if !wide.is_empty() {
        told.insert("wide".to_owned(), wide.into());
    }
    answer.content_type(ContentType::json()).body(Value::Object(told).to_string())
}

async fn scrape(metrics: Data<Registry>) -> HttpResponse {
    let mut text = String::new();
    match encode(&mut text, &metrics) {
        Ok(()) => HttpResponse::Ok()
            .content_type("application/openmetrics-text; version=1.0.0; charset=utf-8")
            .body(text),
        Err(_) => HttpResponse::InternalServerError().finish(),
    }
}
