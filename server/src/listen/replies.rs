//! HTTPS for replies to this node's own requests: HTTP/1.1 over mutual TLS, for peers with a certificate of
//! the trusted CA. There is no table of peers: whether a message is awaited is said by what it relates to.

use super::stream::Stream;
use super::{Bound, DRAIN_SECONDS};
use crate::tls::Acceptor;
use actix_http::HttpService;
use actix_service::{IntoServiceFactory, ServiceFactoryExt, fn_service, map_config};
use actix_web::dev::{AppConfig, Server};
use actix_web::web::ServiceConfig;
use actix_web::{App, Error};
use renkei_client::certificate;
use std::io;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpStream;
use tokio_openssl::SslStream;
use tokio_util::sync::CancellationToken;

/// Connections that may be open at the same time.
const CONNECTIONS: usize = 64;
/// How long a connection may be silent.
const IDLE: Duration = Duration::from_secs(60);
/// How long the head of a request may take.
const HEAD: Duration = Duration::from_secs(10);

/// The subject of the certificate on the other side.
#[derive(Clone, Debug)]
pub(crate) struct Sender(pub(crate) Arc<str>);

type Connection = Stream<SslStream<TcpStream>, Sender>;

/// Serves the routes that `configure` adds. The server runs when the value is awaited and stops through
/// its handle.
pub(crate) fn replies<F>(bound: Bound, acceptor: Acceptor, configure: F) -> io::Result<Server>
where
    F: Fn(&mut ServiceConfig) + Clone + Send + 'static,
{
    let server = Server::build()
        .workers(1)
        .max_concurrent_connections(CONNECTIONS)
        .disable_signals()
        .shutdown_timeout(DRAIN_SECONDS)
        .listen("replies", bound.socket, move || {
            let app = App::new().configure(configure.clone());
            let app = app.into_factory().map_err(|e: Error| e.error_response());
            let http = HttpService::build()
                .secure()
                .keep_alive(IDLE)
                .client_request_timeout(HEAD)
                .client_disconnect_timeout(Duration::from_secs(1))
                .on_connect_ext(|connection: &Connection, data| {
                    data.insert(connection.visitor.clone());
                })
                .h1(map_config(app, |()| AppConfig::default()))
                .map_err(|error| tracing::debug!(%error, "connection ended"));
            let acceptor = acceptor.clone();
            let door = fn_service(move |tcp: TcpStream| {
                let acceptor = acceptor.clone();
                async move {
                    let from = tcp.peer_addr().ok();
                    let stream = acceptor.accept(tcp).await.map_err(|handshake| {
                        tracing::warn!(?from, ?handshake, "no connection");
                    })?;
                    let peer = stream.ssl().peer_certificate().ok_or(())?;
                    let sender = Sender(certificate::subject(&peer).into());
                    Ok((Stream::new(stream, sender, IDLE, CancellationToken::new()), from))
                }
            });
            door.and_then(http)
        })?
        .run();
    Ok(server)
}
