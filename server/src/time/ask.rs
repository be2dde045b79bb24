//! One question to one time server.

use super::TimeServer;
use renkei_ntp::{Answer, Question, Sample, Unusable};
use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::{Duration, Instant};
use tokio::net::{UdpSocket, lookup_host};
use tokio::time::{timeout, timeout_at};

/// How long an address, and an answer, is waited for.
const PATIENCE: Duration = Duration::from_secs(2);
/// Addresses of one name that are tried.
const ADDRESSES: usize = 4;
/// More than any answer that is understood.
const ROOM: usize = 1024;

/// Why a server gave no time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum Trouble {
    /// Its name has no address.
    #[error("its name has no address")]
    Unknown,
    /// Nothing listens there, or there is no way.
    #[error("it cannot be reached")]
    Unreachable,
    /// No answer.
    #[error("it does not answer")]
    Silent,
    /// An answer of no use.
    #[error("{0}")]
    Unusable(Unusable),
}

impl From<io::Error> for Trouble {
    fn from(_: io::Error) -> Self {
        Self::Unreachable
    }
}

/// What a server says.
#[derive(Clone, Copy, Debug)]
pub(super) struct Heard {
    pub(super) answer: Answer,
    pub(super) sample: Sample,
}

/// What became of a question.
pub(super) struct Asked {
    /// Whether it never left this machine.
    pub(super) is_own: bool,
    pub(super) outcome: Result<Heard, Trouble>,
}

/// Asks a server. Its name is looked up each time: servers move.
pub(super) async fn ask(server: &TimeServer) -> Asked {
    let found = timeout(PATIENCE, lookup_host((server.host.as_str(), server.port))).await;
    let addresses: Vec<SocketAddr> = match found {
        Ok(Ok(found)) => found.take(ADDRESSES).collect(),
        Ok(Err(_)) | Err(_) => Vec::new(),
    };
    let is_own = !addresses.is_empty() && addresses.iter().all(|a| a.ip().is_loopback());
    let mut outcome = Err(Trouble::Unknown);
    for address in addresses {
        outcome = exchange(address).await;
        if !matches!(outcome, Err(Trouble::Unreachable | Trouble::Silent)) {
            break;
        }
    }
    Asked { is_own, outcome }
}

async fn exchange(address: SocketAddr) -> Result<Heard, Trouble> {
    let any: IpAddr = match address {
        SocketAddr::V4(_) => Ipv4Addr::UNSPECIFIED.into(),
        SocketAddr::V6(_) => Ipv6Addr::UNSPECIFIED.into(),
    };
    // A port of its own for each question, connected: the kernel drops what comes from elsewhere.
    let socket = UdpSocket::bind((any, 0)).await?;
    socket.connect(address).await?;
    let mut nonce = [0; 8];
    openssl::rand::rand_bytes(&mut nonce).map_err(|_| Trouble::Unreachable)?;
    let question = Question::new(u64::from_be_bytes(nonce));
    let sent = chrono::Utc::now().timestamp_nanos_opt().ok_or(Trouble::Unreachable)?;
    let started = Instant::now();
    socket.send(&question.octets()).await?;
    let mut trouble = Trouble::Silent;
    let mut room = [0; ROOM];
    loop {
        let came = timeout_at((started + PATIENCE).into(), socket.recv(&mut room)).await;
        let Ok(came) = came else { return Err(trouble) };
        let took = started.elapsed();
        match Answer::read(room.get(..came?).unwrap_or_default(), &question) {
            Ok(answer) => return Ok(Heard { answer, sample: answer.compared(sent, took) }),
            // Anybody can send this under the address of the server; its own answer may still come.
            Err(forged @ (Unusable::Origin | Unusable::Mode | Unusable::Short)) => {
                trouble = Trouble::Unusable(forged);
            }
            Err(unusable) => return Err(Trouble::Unusable(unusable)),
        }
    }
}
