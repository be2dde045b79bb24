//! Listeners: HTTPS and MLLP for systems, plain HTTP on loopback for the administrator.

mod admin;
mod mllp;
mod replies;
mod stream;
mod systems;

pub(crate) use admin::{Readiness, admin};
pub(crate) use mllp::{FrameHandler, MllpListener};
pub(crate) use replies::{Sender, replies};
pub(crate) use systems::systems;

use std::io;
use std::net::{SocketAddr, TcpListener};

/// Seconds for which a server waits for requests under way when it stops.
pub(crate) const DRAIN_SECONDS: u64 = 8;

/// A bound socket and where it is; port 0 has become a real one.
#[derive(Debug)]
pub(crate) struct Bound {
    /// The socket.
    pub(crate) socket: TcpListener,
    /// Its address.
    pub(crate) address: SocketAddr,
}

/// Binds `address`, or says which could not be bound.
pub(crate) fn bind(setting: &str, address: Option<SocketAddr>) -> io::Result<Option<Bound>> {
    let Some(address) = address else { return Ok(None) };
    let name = |e: io::Error| {
        io::Error::new(
            e.kind(),
            format!(
                "{setting} = {address}: {e} (待ち受けできません。使用中でないアドレスとポートを指定してください / cannot listen there; give an address and port that are free)"
            ),
        )
    };
    let socket = TcpListener::bind(address).map_err(name)?;
    socket.set_nonblocking(true).map_err(name)?;
    let address = socket.local_addr().map_err(name)?;
    Ok(Some(Bound { socket, address }))
}

#[cfg(test)]
mod tests;
