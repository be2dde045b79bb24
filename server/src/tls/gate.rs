//! The gate behind the handshake: who is on the other side, and may it be here at all.

use super::{Acceptor, Handshake};
use crate::pki::{PeerTable, Presented, Verdict, Vouched};
use actix_web::{HttpMessage, HttpRequest};
use chrono::{DateTime, Utc};
use openssl::ssl::SslRef;
use renkei_context::Caller;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use tokio::net::TcpStream;
use tokio::sync::mpsc;
use tokio_openssl::SslStream;
use tokio_util::sync::CancellationToken;

/// A node that could not be authenticated (ITI TF-2: 3.19, 3.20.4.1.1.1: Node Authentication Failure).
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct NodeFailure {
    /// When.
    pub(crate) at: DateTime<Utc>,
    /// The URL or address that it tried to reach.
    pub(crate) endpoint: Arc<str>,
    /// Its network address.
    pub(crate) address: Option<String>,
    /// The subject of its certificate, if it presented one.
    pub(crate) subject: Option<String>,
    /// Why it was refused.
    pub(crate) reason: String,
}

/// Where failures are reported; what does not fit in is counted in the log.
#[derive(Clone, Debug)]
pub(crate) struct Alarm(mpsc::Sender<NodeFailure>);

/// Failures that may wait to be recorded. More means that somebody knocks faster than the disk
/// writes; the knocking itself is on record by then.
const WAITING: usize = 1024;

impl Alarm {
    /// An alarm, and where its failures come out.
    pub(crate) fn new() -> (Self, mpsc::Receiver<NodeFailure>) {
        let (sender, receiver) = mpsc::channel(WAITING);
        (Self(sender), receiver)
    }

    fn raise(&self, failure: NodeFailure) {
        tracing::warn!(
            endpoint = &*failure.endpoint,
            address = failure.address,
            subject = failure.subject,
            reason = failure.reason,
            "node refused"
        );
        if self.0.try_send(failure).is_err() {
            tracing::error!("node refused, but not recorded: too many at once");
        }
    }
}

/// The other side of one connection, as the handshake left it.
#[derive(Debug)]
pub(crate) struct Visitor {
    presented: Presented,
    /// What trusted CAs say of its certificate.
    verdict: Verdict,
    address: String,
    reported: AtomicBool,
}

/// Lets peers of the table in, on one endpoint.
#[derive(Clone)]
pub(crate) struct Gate {
    acceptor: Acceptor,
    peers: Arc<PeerTable>,
    alarm: Alarm,
    endpoint: Arc<str>,
}

impl Gate {
    /// A gate; `endpoint` is what failures name as the place that was tried.
    pub(crate) fn new(
        acceptor: Acceptor,
        peers: Arc<PeerTable>,
        alarm: Alarm,
        endpoint: &str,
    ) -> Self {
        Self { acceptor, peers, alarm, endpoint: endpoint.into() }
    }

    /// Shakes hands; a refusal is reported and `None`.
    pub(crate) async fn enter(
        &self,
        tcp: TcpStream,
        from: Option<SocketAddr>,
    ) -> Option<(SslStream<TcpStream>, Visitor)> {
        let address = from.map(|a| a.ip().to_canonical().to_string());
        match self.acceptor.accept(tcp).await {
            Ok(stream) => {
                let visitor = Visitor::of(stream.ssl(), address.unwrap_or_default(), &self.peers)?;
                Some((stream, visitor))
            }
            Err(Handshake::Refused { presented, reason }) => {
                self.report(address, presented.as_deref(), reason);
                None
            }
            Err(Handshake::Ended(reason)) => {
                tracing::debug!(address, reason, "no handshake");
                None
            }
        }
    }

    /// The caller behind a connection, now: a peer that was taken out of the table is gone, however
    /// old its connection. An unknown one is reported once a connection.
    pub(crate) fn caller(&self, visitor: &Visitor) -> Option<Arc<Caller>> {
        match self.peers.find(&visitor.presented, visitor.vouched()) {
            Some(peer) => {
                peer.saw();
                Some(Arc::new(peer.caller(&visitor.presented, &visitor.address)))
            }
            None => {
                if !visitor.reported.swap(true, Ordering::Relaxed) {
                    self.report(
                        Some(visitor.address.clone()).filter(|a| !a.is_empty()),
                        Some(&visitor.presented),
                        visitor.why(),
                    );
                }
                None
            }
        }
    }

    /// When the peer behind a connection is let in no more. One that is not let in now is told so by whoever serves it.
    pub(crate) fn gone(&self, visitor: &Visitor) -> CancellationToken {
        self.peers.gone(&visitor.presented, visitor.vouched()).unwrap_or_default()
    }

    fn report(&self, address: Option<String>, presented: Option<&Presented>, reason: String) {
        if let Some(presented) = presented {
            self.peers.refused(presented);
        }
        let subject = presented.map(|presented| presented.subject.clone());
        let endpoint = Arc::clone(&self.endpoint);
        self.alarm.raise(NodeFailure { at: Utc::now(), endpoint, address, subject, reason });
    }
}

impl Visitor {
    /// `None` when there is no certificate, which the handshake does not let happen.
    fn of(ssl: &SslRef, address: String, peers: &PeerTable) -> Option<Self> {
        let certificate = ssl.peer_certificate()?;
        let presented = Presented::of(&certificate)?;
        let verdict = peers.admit(&presented);
        Some(Self { presented, verdict, address, reported: AtomicBool::new(false) })
    }

    fn vouched(&self) -> Option<&Vouched> {
        match &self.verdict {
            Verdict::Vouched(vouched) => Some(vouched),
            Verdict::Unknown | Verdict::Refused(_) => None,
        }
    }

    /// Why it is not let in.
    fn why(&self) -> String {
        match &self.verdict {
            Verdict::Refused(reason) => format!("its CA does not stand by it: {reason}"),
            Verdict::Unknown | Verdict::Vouched(_) => {
                "certificate is not in the peer table".to_owned()
            }
        }
    }

    /// What a peer that is not let in is told, to pass on to its administrator.
    pub(crate) fn unknown(&self) -> String {
        if let Verdict::Refused(reason) = &self.verdict {
            return format!(
                "証明書 {subject}(SHA-256 {print})は、認証局により有効と確認できません({reason})。認証局に確認してください。\n\
                 Certificate {subject} (SHA-256 {print}) is not confirmed by its CA ({reason}); ask the CA.\n",
                subject = self.presented.subject,
                print = self.presented.fingerprint,
            );
        }
        format!(
            "証明書 {subject}(SHA-256 {print})は登録されていません。管理者に登録を依頼してください。\n\
             Certificate {subject} (SHA-256 {print}) is not registered here; ask the administrator to register it.\n",
            subject = self.presented.subject,
            print = self.presented.fingerprint,
        )
    }
}

/// The caller of a request that came through the systems listener.
pub(crate) fn caller(request: &HttpRequest) -> Option<Arc<Caller>> {
    request.extensions().get::<Arc<Caller>>().cloned()
}
