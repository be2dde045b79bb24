//! HL7 v2 over MLLP and TLS: the patient feed (ITI-8), queries for persons (ITI-9, ITI-21), notifications (ITI-10).

mod feed;
mod persons;

use crate::error::ClientError;
use crate::identity::Identity;
use crate::on_record::{GIVEN_UP, OnRecord};
use crate::response::malformed;
use bytes::{Bytes, BytesMut};
use chrono::{NaiveDate, Utc};
use futures_util::StreamExt;
use openssl::ssl::SslConnector;
use renkei_atna::build::{self, Feed, Identity as IdentityTransaction, Local, Peer, Side};
use renkei_atna::record::{Action, AuditRecord, Outcome};
use renkei_atna::sink::Sink;
use renkei_hl7v2::ack::{self, Ack};
use renkei_hl7v2::adt::{A04, PersonName, Representation, Sex, write_a04};
use renkei_hl7v2::mllp::{MllpCodec, MllpError};
use renkei_hl7v2::msh::Stamp;
use renkei_metadata::ids::PatientId;
use std::io;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;
use tokio_openssl::SslStream;
use tokio_util::codec::{Encoder, FramedRead};
use uuid::Uuid;

/// An application and the facility it belongs to: MSH-3 and MSH-4, or MSH-5 and MSH-6.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Party {
    /// The application.
    pub application: String,
    /// The facility.
    pub facility: String,
}

/// Longest time until there is a connection with TLS.
const CONNECT: Duration = Duration::from_secs(10);
/// Longest time until a message is acknowledged.
const ACKNOWLEDGE: Duration = Duration::from_secs(60);
/// Connections kept for later messages.
const KEPT: usize = 8;
/// Longest acknowledgement, octets.
const LONGEST: usize = 1 << 20;
/// Codes of a refusal that go into its record.
const MOST_CODES: usize = 20;

type Connection = FramedRead<SslStream<TcpStream>, MllpCodec>;

/// Tells a registry or a PIX Manager of patients, and asks for them. Connections are kept and used again; several messages may be
/// under way at once, each on a connection of its own.
pub struct MllpClient {
    connector: SslConnector,
    host: String,
    port: u16,
    idle: Mutex<Vec<Connection>>,
    sink: Arc<dyn Sink>,
    local: Local,
}

impl MllpClient {
    /// A client of the feed at `address`, which is `host:port` or `mllps://host:port`.
    pub fn new(
        identity: &Identity,
        address: &str,
        sink: Arc<dyn Sink>,
        local: Local,
    ) -> Result<Self, ClientError> {
        let bare = address.strip_prefix("mllps://").unwrap_or(address).trim_end_matches('/');
        let (host, port) = bare
            .rsplit_once(':')
            .and_then(|(host, port)| Some((host, port.parse().ok()?)))
            .filter(|(host, _)| !host.is_empty())
            .ok_or_else(|| ClientError::Connect(format!("{address} is not host:port")))?;
        let connector = identity.connector().map_err(|e| ClientError::transport(&e))?;
        Ok(Self {
            connector,
            host: host.trim_start_matches('[').trim_end_matches(']').to_owned(),
            port,
            idle: Mutex::new(Vec::new()),
            sink,
            local,
        })
    }

    /// Sends a message and gives its acknowledgement, whether it accepts or refuses.
    pub async fn announce(&self, message: &A04) -> Result<Ack, ClientError> {
        let given_up = self.recorder(message);
        let ended = self.recorder(message);
        let on_record = OnRecord::new(Arc::clone(&self.sink), move || {
            given_up(Outcome::MajorFailure, Some(GIVEN_UP.to_owned()))
        });
        let answer = self.acknowledged(&write_a04(message), &message.stamp.control_id).await;
        let (outcome, description) = ending(answer.as_ref());
        on_record.settle(vec![ended(outcome, description)]).await?;
        answer
    }

    /// Sends a message and reads its acknowledgement.
    async fn acknowledged(&self, message: &[u8], control_id: &str) -> Result<Ack, ClientError> {
        let frame = self.exchange(message, control_id).await?;
        ack::read(&frame).map_err(|e| ClientError::Malformed(e.to_string()))
    }

    /// Makes the record of an announcement from how it ended.
    fn recorder(
        &self,
        message: &A04,
    ) -> impl FnOnce(Outcome, Option<String>) -> AuditRecord + Send + use<> {
        let party = |facility: &str, application: &str, address: Option<String>| Peer {
            user_id: format!("{facility}|{application}"),
            address,
        };
        let sender = party(&message.sending_facility, &message.sending_application, None);
        let host = Some(self.host.clone());
        let receiver = party(&message.receiving_facility, &message.receiving_application, host);
        let patients = [message.patient.to_string()];
        let control_id = message.stamp.control_id.clone();
        let local = self.local.clone();
        move |outcome, description| {
            let feed = Feed {
                transaction: IdentityTransaction::Feed,
                action: Action::Create,
                sender: &sender,
                receiver: &receiver,
                patients: &patients,
                control_id: &control_id,
            };
            let (at, id) = (Utc::now(), Uuid::new_v4());
            build::patient_feed(&feed, Side::Client, outcome, at, id, &local, description)
        }
    }

    /// Sends a message and gives what acknowledges it.
    async fn exchange(&self, message: &[u8], control_id: &str) -> Result<Bytes, ClientError> {
        // Taken out first: the lock must not be held while the other side thinks.
        let kept = self.kept().pop();
        if let Some(mut connection) = kept {
            match converse(&mut connection, message, control_id).await {
                // The server has closed it meanwhile. A patient may be announced twice.
                Err(ClientError::Broken(_)) => {}
                Err(error) => return Err(error),
                Ok(answer) => {
                    self.keep(connection);
                    return Ok(answer);
                }
            }
        }
        let mut connection = self.connect().await?;
        let answer = converse(&mut connection, message, control_id).await?;
        self.keep(connection);
        Ok(answer)
    }

    async fn connect(&self) -> Result<Connection, ClientError> {
        let open = async {
            let tcp = TcpStream::connect((self.host.as_str(), self.port)).await;
            let tcp = tcp.map_err(|e| ClientError::Connect(e.to_string()))?;
            // It only costs delay if this fails.
            drop(tcp.set_nodelay(true));
            let ssl = self.connector.configure().and_then(|c| c.into_ssl(&self.host));
            let ssl = ssl.map_err(|e| ClientError::transport(&e))?;
            let mut stream = SslStream::new(ssl, tcp).map_err(|e| ClientError::transport(&e))?;
            let shaken = Pin::new(&mut stream).connect().await;
            shaken.map_err(|e| ClientError::transport(&e))?;
            Ok(FramedRead::new(stream, MllpCodec::new(LONGEST)))
        };
        tokio::time::timeout(CONNECT, open).await.map_err(|_| ClientError::Timeout)?
    }

    fn keep(&self, connection: Connection) {
        let mut kept = self.kept();
        if kept.len() < KEPT {
            kept.push(connection);
        }
    }

    fn kept(&self) -> MutexGuard<'_, Vec<Connection>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// How a message ended, by the answer to it: for its record.
fn ending(answer: Result<&Ack, &ClientError>) -> (Outcome, Option<String>) {
    let (outcome, description) = match answer {
        Ok(ack) if ack.is_accepted() => (Outcome::Success, None),
        Ok(ack) => {
            let codes = ack.reports.iter().map(|r| r.code.as_str()).take(MOST_CODES);
            (Outcome::SeriousFailure, Some(codes.collect::<Vec<_>>().join(" ")))
        }
        Err(error) => (Outcome::MajorFailure, Some(error.code().to_owned())),
    };
    (outcome, description.filter(|d| !d.is_empty()))
}

/// One message and what acknowledges it, an answer or no more than that.
async fn converse(
    connection: &mut Connection,
    message: &[u8],
    control_id: &str,
) -> Result<Bytes, ClientError> {
    let mut framed = BytesMut::new();
    MllpCodec::default()
        .encode(message, &mut framed)
        .map_err(|e| ClientError::Local(io::Error::new(io::ErrorKind::InvalidInput, e)))?;
    let exchange = async {
        let stream = connection.get_mut();
        stream.write_all(&framed).await.map_err(|e| broken(e.into()))?;
        stream.flush().await.map_err(|e| broken(e.into()))?;
        match connection.next().await {
            Some(frame) => frame.map_err(broken),
            None => Err(broken(MllpError::Io(io::ErrorKind::UnexpectedEof.into()))),
        }
    };
    let frame =
        tokio::time::timeout(ACKNOWLEDGE, exchange).await.map_err(|_| ClientError::Timeout)??;
    let ack = ack::read(&frame).map_err(|e| ClientError::Malformed(e.to_string()))?;
    // HL7 v2, 2.9.2.2: MSA-2 echoes MSH-10. One of another message acknowledges nothing here.
    if ack.control_id == control_id {
        Ok(frame)
    } else {
        Err(malformed("the acknowledgement is of another message"))
    }
}

fn broken(error: MllpError) -> ClientError {
    match error {
        MllpError::TooLong(_) => ClientError::TooLarge("limits.mllp_frame_bytes"),
        MllpError::Truncated => malformed("the connection ended inside it"),
        // A server that refuses our certificate says so after the handshake (RFC 8446, 4.4.2.4).
        MllpError::Io(error) => ClientError::transport(&error).when_open(),
        MllpError::Unframeable => malformed("it is not framed"),
    }
}

/// The message that announces `patient`. `sex` is `F`, `M` or `O`; other letters say nothing.
pub fn a04(
    patient: &PatientId,
    kanji: &str,
    kana: &str,
    birth: Option<NaiveDate>,
    sex: Option<char>,
    sender: &Party,
) -> A04 {
    let names = [(kanji, Representation::Ideographic), (kana, Representation::Phonetic)];
    A04 {
        stamp: Stamp::new(Utc::now(), Uuid::new_v4()),
        sending_application: sender.application.clone(),
        sending_facility: sender.facility.clone(),
        receiving_application: "REGISTRY".to_owned(),
        receiving_facility: "RENKEI".to_owned(),
        patient: patient.clone(),
        names: names.into_iter().filter_map(|(name, kind)| person_name(name, kind)).collect(),
        birth_date: birth,
        sex: sex.and_then(sex_of),
    }
}

fn person_name(name: &str, representation: Representation) -> Option<PersonName> {
    let name = name.trim();
    if name.is_empty() {
        return None;
    }
    // Japanese names are written family name first; `split` knows the ideographic space.
    let (family, given) = name.split_once(char::is_whitespace).unwrap_or((name, ""));
    Some(PersonName {
        family: family.to_owned(),
        given: given.trim().to_owned(),
        representation: Some(representation),
    })
}

fn sex_of(letter: char) -> Option<Sex> {
    match letter {
        'F' => Some(Sex::Female),
        'M' => Some(Sex::Male),
        'O' => Some(Sex::Other),
        'U' => Some(Sex::Unknown),
        _ => None,
    }
}

#[cfg(test)]
mod tests;
