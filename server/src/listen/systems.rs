//! HTTPS for systems: HTTP/1.1 over mutual TLS.

use super::stream::Stream;
use super::{Bound, DRAIN_SECONDS};
use crate::settings::Limits;
use crate::tls::{Gate, Visitor};
use actix_http::HttpService;
use actix_service::{IntoServiceFactory, ServiceFactoryExt, fn_service, map_config};
use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{AppConfig, Server, ServiceRequest, ServiceResponse};
use actix_web::http::header::ContentType;
use actix_web::middleware::{Next, from_fn};
use actix_web::web::ServiceConfig;
use actix_web::{App, Error, HttpMessage, HttpResponse};
use std::io;
use std::num::NonZero;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpStream;
use tokio_openssl::SslStream;

type Connection = Stream<SslStream<TcpStream>, Arc<Visitor>>;

/// Serves the routes that `configure` adds, to peers that the gate lets in.
///
/// Every request carries its caller ([`crate::tls::caller`]); a peer that is not in the table gets
/// 403 and nothing else. `configure` runs once a worker. The server runs when the value is awaited
/// and stops through its handle.
pub(crate) fn systems<F>(
    bound: Bound,
    gate: Gate,
    limits: &Limits,
    configure: F,
) -> io::Result<Server>
where
    F: Fn(&mut ServiceConfig) + Clone + Send + 'static,
{
    let workers = match limits.workers {
        0 => std::thread::available_parallelism().map_or(1, NonZero::get).min(512),
        n => n,
    };
    let head = Duration::from_secs(limits.handshake_seconds);
    let idle = Duration::from_secs(limits.idle_seconds);
    let builder = Server::build();
    let draining = builder.graceful_shutdown_signal();
    let server = builder
        .workers(workers)
        .max_concurrent_connections(limits.connections.div_ceil(workers))
        .disable_signals()
        .shutdown_timeout(DRAIN_SECONDS)
        .listen("systems", bound.socket, move || {
            let gate = gate.clone();
            let at_door = gate.clone();
            let guard = from_fn(move |request: ServiceRequest, next: Next<_>| {
                admit(gate.clone(), request, next)
            });
            let app = App::new().wrap(guard).configure(configure.clone());
            let app = app.into_factory().map_err(|e: Error| e.error_response());
            let draining = draining.clone();
            let http = HttpService::build()
                .graceful_shutdown_signal(move || {
                    let draining = draining.clone();
                    async move { draining.notified().await }
                })
                .secure()
                .keep_alive(idle)
                .client_request_timeout(head)
                .client_disconnect_timeout(Duration::from_secs(1))
                .on_connect_ext(|connection: &Connection, data| {
                    data.insert(Arc::clone(&connection.visitor));
                })
                .h1(map_config(app, |()| AppConfig::default()))
                .map_err(|error| tracing::debug!(%error, "connection ended"));
            let door = fn_service(move |tcp: TcpStream| {
                let gate = at_door.clone();
                async move {
                    let from = tcp.peer_addr().ok();
                    // Answers are written whole; waiting to join small packets only adds delay.
                    drop(tcp.set_nodelay(true));
                    let (stream, visitor) = gate.enter(tcp, from).await.ok_or(())?;
                    let gone = gate.gone(&visitor);
                    Ok((Stream::new(stream, Arc::new(visitor), idle, gone), from))
                }
            });
            door.and_then(http)
        })?
        .run();
    Ok(server)
}

/// Puts the caller into the request, or answers 403.
async fn admit(
    gate: Gate,
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let visitor = request.conn_data::<Arc<Visitor>>().cloned();
    match visitor.as_deref().and_then(|v| gate.caller(v)) {
        Some(caller) => {
            request.extensions_mut().insert(caller);
            Ok(next.call(request).await?.map_into_boxed_body())
        }
        None => {
            let text = visitor.map(|v| v.unknown()).unwrap_or_default();
            let refusal = HttpResponse::Forbidden()
                .force_close()
                .content_type(ContentType::plaintext())
                .body(text);
            Ok(request.into_response(refusal))
        }
    }
}
