//! MLLP over mutual TLS: HL7 v2 messages in, acknowledgements out.

use super::Bound;
use crate::settings::Limits;
use crate::tls::Gate;
use bytes::{Bytes, BytesMut};
use futures_util::StreamExt;
use futures_util::future::BoxFuture;
use renkei_context::Caller;
use renkei_hl7v2::ack::Nak;
use renkei_hl7v2::mllp::{MllpCodec, MllpError};
use renkei_hl7v2::msh::Stamp;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio_openssl::SslStream;
use tokio_util::codec::{Encoder, FramedRead};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// Answers one message.
pub(crate) trait FrameHandler: Send + Sync + 'static {
    /// The acknowledgement to `frame`, which is sent without looking at it. Every message gets one:
    /// a refusal is a negative acknowledgement.
    fn handle(&self, caller: Arc<Caller>, frame: Bytes) -> BoxFuture<'_, Vec<u8>>;
}

/// A listener at work.
pub(crate) struct MllpListener {
    closing: CancellationToken,
    connections: TaskTracker,
}

/// What a connection needs to know.
struct Rules {
    gate: Gate,
    handler: Arc<dyn FrameHandler>,
    longest: usize,
    idle: Duration,
}

impl MllpListener {
    /// Starts to accept; must be called inside the runtime.
    pub(crate) fn start(
        bound: Bound,
        gate: Gate,
        limits: &Limits,
        handler: Arc<dyn FrameHandler>,
    ) -> io::Result<Self> {
        let listener = TcpListener::from_std(bound.socket)?;
        let closing = CancellationToken::new();
        let connections = TaskTracker::new();
        let rules = Arc::new(Rules {
            gate,
            handler,
            longest: limits.mllp_frame_bytes,
            idle: Duration::from_secs(limits.idle_seconds),
        });
        let places = Arc::new(Semaphore::new(limits.connections));
        tokio::spawn(accept(listener, rules, places, closing.clone(), connections.clone()));
        Ok(Self { closing, connections })
    }

    /// Stops to accept and waits until every message that has arrived is acknowledged.
    pub(crate) async fn drain(self) {
        self.closing.cancel();
        self.connections.close();
        self.connections.wait().await;
    }
}

async fn accept(
    listener: TcpListener,
    rules: Arc<Rules>,
    places: Arc<Semaphore>,
    closing: CancellationToken,
    connections: TaskTracker,
) {
    loop {
        // A connection waits in the backlog until there is a place for it.
        let Ok(place) = Arc::clone(&places).acquire_owned().await else { return };
        let accepted = tokio::select! {
            () = closing.cancelled() => return,
            accepted = listener.accept() => accepted,
        };
        match accepted {
            Ok((tcp, from)) => {
                let (rules, closing) = (Arc::clone(&rules), closing.clone());
                connections.spawn(async move {
                    converse(&rules, tcp, from, &closing).await;
                    drop(place);
                });
            }
            Err(error) => {
                // Out of file descriptors, mostly; the next try may find one.
                tracing::error!(%error, "MLLP connection not accepted");
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
        }
    }
}

/// One message after the other, each acknowledged before the next is read.
async fn converse(rules: &Rules, tcp: TcpStream, from: SocketAddr, closing: &CancellationToken) {
    drop(tcp.set_nodelay(true));
    let Some((stream, visitor)) = rules.gate.enter(tcp, Some(from)).await else { return };
    let gone = rules.gate.gone(&visitor);
    let mut frames = FramedRead::new(stream, MllpCodec::new(rules.longest));
    loop {
        let next = tokio::select! {
            biased;
            () = closing.cancelled() => break,
            // It is told nothing: whoever has its key may not be who it was.
            () = gone.cancelled() => return,
            next = tokio::time::timeout(rules.idle, frames.next()) => next,
        };
        let frame = match next {
            Ok(Some(Ok(frame))) => frame,
            Ok(Some(Err(error))) => {
                tracing::warn!(%error, from = %from.ip(), "MLLP connection closed");
                if let MllpError::TooLong(most) = error {
                    refuse_long(frames.get_mut(), most).await;
                }
                break;
            }
            // Nothing more, or nothing for a long time.
            Ok(None) | Err(_) => break,
        };
        let Some(caller) = rules.gate.caller(&visitor) else { break };
        let answer = rules.handler.handle(caller, frame).await;
        let sent = tokio::time::timeout(rules.idle, send(frames.get_mut(), &answer)).await;
        if !matches!(sent, Ok(Ok(()))) {
            tracing::warn!(from = %from.ip(), "MLLP acknowledgement not sent");
            break;
        }
    }
    let dropped = frames.decoder().dropped();
    if dropped > 0 {
        tracing::info!(dropped, from = %from.ip(), "octets between MLLP blocks were dropped");
    }
    // Says goodbye, so that the peer may resume its session; whether it listens is its business.
    drop(tokio::time::timeout(Duration::from_secs(1), frames.get_mut().shutdown()).await);
}

/// Says which limit was hit, and reads on for a moment: a connection that is closed on a peer that
/// still writes is reset, and the peer would not see the answer.
async fn refuse_long(stream: &mut SslStream<TcpStream>, most: usize) {
    let stamp = Stamp::new(chrono::Utc::now(), uuid::Uuid::new_v4());
    let refuse = async {
        send(stream, &Nak::too_long(most).write(&stamp)).await?;
        stream.shutdown().await?;
        let mut rest = [0; 16 * 1024];
        while stream.read(&mut rest).await? > 0 {}
        Ok::<(), MllpError>(())
    };
    // Whether the peer takes the answer is its business.
    drop(tokio::time::timeout(Duration::from_secs(2), refuse).await);
}

async fn send(stream: &mut SslStream<TcpStream>, answer: &[u8]) -> Result<(), MllpError> {
    let mut framed = BytesMut::new();
    MllpCodec::default().encode(answer, &mut framed)?;
    stream.write_all(&framed).await?;
    stream.flush().await?;
    Ok(())
}
