//! The TLS handshake, server side.

use super::suites::{self, Suites};
use crate::pki::{PeerTable, Presented, ServerFiles};
use openssl::error::ErrorStack;
use openssl::ex_data::Index;
use openssl::ssl::{
    AlpnError, ErrorCode, Ssl, SslAcceptor, SslFiletype, SslVerifyMode, select_next_proto,
};
use openssl::stack::Stack;
use openssl::x509::{X509, X509Ref, X509StoreContext, X509StoreContextRef, X509VerifyResult};
use renkei_client::certificate;
use std::io;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::net::TcpStream;
use tokio_openssl::SslStream;

/// Why the acceptor cannot be made.
#[derive(Debug, thiserror::Error)]
pub(crate) enum TlsError {
    /// OpenSSL.
    #[error("TLS: {0}")]
    Openssl(#[from] ErrorStack),
    /// The file of the CA.
    #[error("TLS: {0}")]
    Io(#[from] io::Error),
}

/// How a handshake ended that opened no connection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Handshake {
    /// The nodes could not agree or the peer could not be authenticated: worth an alert.
    Refused {
        /// The certificate that was presented, if it came so far.
        presented: Option<Box<Presented>>,
        /// Why, in OpenSSL's words.
        reason: String,
    },
    /// The peer went away or was too slow: no more than a port scan.
    Ended(String),
}

/// What the verification found wrong; shared with the callback through the connection.
type Verdict = Arc<Mutex<Option<(Option<Presented>, String)>>>;

/// Accepts connections of peers that present a certificate of the trusted CA.
#[derive(Clone)]
pub(crate) struct Acceptor {
    inner: Arc<SslAcceptor>,
    verdict: Index<Ssl, Verdict>,
    time: Duration,
    /// The CAs of the house.
    own: Arc<[X509]>,
    peers: Option<Arc<PeerTable>>,
}

impl Acceptor {
    /// An acceptor for the server's files; `time` bounds each handshake. What `peers` lets in as it is needs no CA, and the
    /// CAs that it trusts count beside the house's own.
    pub(crate) fn new(
        files: &ServerFiles,
        suites: Suites,
        time: Duration,
        peers: Option<Arc<PeerTable>>,
    ) -> Result<Self, TlsError> {
        let mut builder = suites::acceptor(suites)?;
        builder.set_private_key_file(&files.key, SslFiletype::PEM)?;
        builder.set_certificate_chain_file(&files.certificate)?;
        builder.check_private_key()?;
        builder.set_ca_file(&files.authority)?;
        let own: Arc<[X509]> = X509::stack_from_pem(&std::fs::read(&files.authority)?)?.into();
        for authority in own.iter() {
            builder.add_client_ca(authority)?;
        }
        // Without a context id, OpenSSL answers a peer that resumes a session with an alert.
        builder.set_session_id_context(b"renkei-systems")?;
        builder.set_alpn_select_callback(|_, offered| {
            select_next_proto(b"\x08http/1.1", offered).ok_or(AlpnError::NOACK)
        });
        let verdict: Index<Ssl, Verdict> = Ssl::new_ex_index()?;
        let ssl_of = X509StoreContext::ssl_idx()?;
        let mode = SslVerifyMode::PEER | SslVerifyMode::FAIL_IF_NO_PEER_CERT;
        let table = peers.clone();
        builder.set_verify_callback(mode, move |good, context| {
            if !good && table.as_deref().is_some_and(|table| is_pinned(context, table)) {
                context.set_error(X509VerifyResult::OK);
                return true;
            }
            if !good {
                let reason = context.error().error_string().to_owned();
                let found = (leaf(context).and_then(Presented::of), reason);
                if let Some(place) = context.ex_data(ssl_of).and_then(|ssl| ssl.ex_data(verdict)) {
                    *place.lock().unwrap_or_else(PoisonError::into_inner) = Some(found);
                }
            }
            good
        });
        Ok(Self { inner: Arc::new(builder.build()), verdict, time, own, peers })
    }

    /// Shakes hands. The connection that comes out has a peer whose certificate was verified.
    pub(crate) async fn accept(&self, tcp: TcpStream) -> Result<SslStream<TcpStream>, Handshake> {
        let ended = |e: &dyn std::fmt::Display| Handshake::Ended(e.to_string());
        let verdict: Verdict = Arc::default();
        let mut ssl = Ssl::new(self.inner.context()).map_err(|e| ended(&e))?;
        ssl.set_ex_data(self.verdict, Arc::clone(&verdict));
        self.trust_others(&mut ssl).map_err(|e| ended(&e))?;
        let mut stream = SslStream::new(ssl, tcp).map_err(|e| ended(&e))?;
        match tokio::time::timeout(self.time, Pin::new(&mut stream).accept()).await {
            Ok(Ok(())) => Ok(stream),
            Ok(Err(error)) if error.code() == ErrorCode::SSL => {
                let found = verdict.lock().unwrap_or_else(PoisonError::into_inner).take();
                Err(match found {
                    Some((presented, reason)) => {
                        Handshake::Refused { presented: presented.map(Box::new), reason }
                    }
                    None => Handshake::Refused { presented: None, reason: reason(&error) },
                })
            }
            Ok(Err(error)) => Err(ended(&error)),
            Err(_) => Err(Handshake::Ended("handshake timed out".to_owned())),
        }
    }
}

impl Acceptor {
    /// Has this handshake end well for certificates of others, too, where there are any.
    fn trust_others(&self, ssl: &mut Ssl) -> Result<(), ErrorStack> {
        let Some(peers) = self.peers.as_deref() else { return Ok(()) };
        let trust = peers.trust();
        if trust.is_any() {
            ssl.set_verify_cert_store(trust.store(&self.own)?)?;
        }
        if trust.is_any() || peers.has_pins() {
            // A peer presents nothing to a list without its own CA (RFC 8446: 4.2.4); without a list, it does.
            ssl.set_client_ca_list(Stack::new()?);
        }
        Ok(())
    }
}

/// Whether what was found is only that nobody whom we trust signed a certificate that is let in as it is, or that it was
/// not made for clients. Its dates, its key and that the peer has it count all the same.
fn is_pinned(context: &X509StoreContextRef, table: &PeerTable) -> bool {
    // X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT, DEPTH_ZERO_SELF_SIGNED_CERT, SELF_SIGNED_CERT_IN_CHAIN,
    // UNABLE_TO_GET_ISSUER_CERT_LOCALLY, UNABLE_TO_VERIFY_LEAF_SIGNATURE, INVALID_PURPOSE, CERT_UNTRUSTED
    const UNVOUCHED: [i32; 7] = [2, 18, 19, 20, 21, 26, 27];
    let print = leaf(context).and_then(|leaf| certificate::fingerprint(leaf).ok());
    UNVOUCHED.contains(&context.error().as_raw()) && print.is_some_and(|print| table.pins(&print))
}

/// The first certificate of the chain is the peer's own; the current one may be its CA.
fn leaf(context: &X509StoreContextRef) -> Option<&X509Ref> {
    context.chain().and_then(|c| c.get(0)).or_else(|| context.current_cert())
}

fn reason(error: &openssl::ssl::Error) -> String {
    error
        .ssl_error()
        .and_then(|stack| stack.errors().first())
        .and_then(|e| e.reason())
        .unwrap_or("handshake failed")
        .to_owned()
}
