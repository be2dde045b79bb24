//! An answer as it comes in: the envelope is read as soon as it is there, the documents go straight into a
//! sink.

use crate::answer::DocumentSink;
use crate::error::ClientError;
use crate::incoming::Incoming;
use crate::progress::Progress;
use bytes::Bytes;
use renkei_metadata::ids::Sha1Hash;
use renkei_soap::envelope::{self, Envelope};
use renkei_soap::fault::{Fault, Subcode};
use renkei_soap::limits::MessageLimits;
use renkei_soap::message::{Event, MessageReader};
use renkei_soap::tolerance::Tolerances;
use renkei_soap::xml::Reader;
use renkei_xds::transaction::Transaction;
use reqwest::StatusCode;
use sha1::{Digest, Sha1};
use std::collections::HashMap;
use std::io;

/// The longest reason of a peer's fault that is kept, bytes.
const LONGEST_REASON: usize = 1000;

/// What was counted while a document went into the sink.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Measured {
    /// Octets.
    pub(crate) size: u64,
    /// SHA-1 of them, if the sink has a use for it.
    pub(crate) sha1: Option<Sha1Hash>,
}

/// The parts of an answer by Content-ID.
pub(crate) type Parts = HashMap<String, Measured>;

/// What the answer is to, and how much of it is read.
pub(crate) struct Expected<'a> {
    /// The transaction.
    pub(crate) transaction: &'static Transaction,
    /// The wsa:MessageID of the request.
    pub(crate) message_id: &'a str,
    /// Bounds.
    pub(crate) limits: &'a MessageLimits,
}

/// Puts a document into a sink and measures it.
pub(crate) struct Meter<'s> {
    sink: &'s mut dyn DocumentSink,
    open: Option<(String, Option<Sha1>, u64)>,
}

impl<'s> Meter<'s> {
    pub(crate) fn new(sink: &'s mut dyn DocumentSink) -> Self {
        Self { sink, open: None }
    }

    pub(crate) async fn begin(&mut self, content_id: String) -> Result<(), ClientError> {
        self.sink.begin(&content_id).await.map_err(put_away)?;
        let hash = self.sink.is_hashed().then(Sha1::new);
        self.open = Some((content_id, hash, 0));
        Ok(())
    }

    pub(crate) async fn data(&mut self, octets: Bytes) -> Result<(), ClientError> {
        if let Some((_, hash, size)) = &mut self.open {
            if let Some(hash) = hash {
                hash.update(&octets);
            }
            *size += octets.len() as u64;
        }
        self.sink.data(octets).await.map_err(put_away)
    }

    pub(crate) async fn end(&mut self) -> Result<Option<(String, Measured)>, ClientError> {
        self.sink.end().await.map_err(put_away)?;
        Ok(self.open.take().map(|(content_id, hash, size)| {
            let sha1 = hash.map(|hash| Sha1Hash::from_digest(hash.finalize().into()));
            (content_id, Measured { size, sha1 })
        }))
    }
}

/// A document that stood in the envelope goes the way of the others.
pub(crate) async fn put(
    sink: &mut dyn DocumentSink,
    content_id: &str,
    octets: Vec<u8>,
) -> Result<Measured, ClientError> {
    let mut meter = Meter::new(sink);
    let size = octets.len() as u64;
    meter.begin(content_id.to_owned()).await?;
    meter.data(octets.into()).await?;
    match meter.end().await? {
        Some((_, measured)) => Ok(measured),
        None => Ok(Measured { size, sha1: None }),
    }
}

/// What a sink may say: that it is full, or that it failed.
fn put_away(error: io::Error) -> ClientError {
    match error.kind() {
        io::ErrorKind::FileTooLarge => ClientError::TooLarge("limits.document_bytes"),
        _ => ClientError::Local(error),
    }
}

/// An answer with an HTTP status of failure that holds no fault has only its status to tell.
fn or_status(error: ClientError, status: StatusCode) -> ClientError {
    match error {
        ClientError::Malformed(_) if !status.is_success() => ClientError::Http(status.as_u16()),
        other => other,
    }
}

/// Receives the whole message. `read` reads the child of the body of the
/// envelope that it is given, before or after the documents have gone
/// into `sink`, as they come.
pub(crate) async fn receive<T>(
    response: Incoming,
    expected: &Expected<'_>,
    sink: &mut dyn DocumentSink,
    progress: &Progress,
    read: impl FnOnce(&mut Reader<'_>, &Envelope, &mut Tolerances) -> Result<T, ClientError>,
) -> Result<(T, Parts), ClientError> {
    let status = response.status;
    let received = receive_message(response, expected, sink, progress, read).await;
    received.map_err(|error| or_status(error, status))
}

async fn receive_message<T>(
    mut response: Incoming,
    expected: &Expected<'_>,
    sink: &mut dyn DocumentSink,
    progress: &Progress,
    read: impl FnOnce(&mut Reader<'_>, &Envelope, &mut Tolerances) -> Result<T, ClientError>,
) -> Result<(T, Parts), ClientError> {
    let limits = expected.limits;
    if !response.is_plain {
        return Err(malformed("it has a Content-Encoding, which was not asked for"));
    }
    let mut reader = MessageReader::new(&response.content_type, limits)
        .map_err(|fault| ClientError::unreadable(&fault, limits))?;
    let mut meter = Meter::new(sink);
    let mut read = Some(read);
    let (mut value, mut parts) = (None, Parts::new());
    loop {
        match reader.next().map_err(|fault| ClientError::unreadable(&fault, limits))? {
            Event::NeedMore => match response.chunk().await {
                Some(Ok(chunk)) => reader.push(chunk),
                None => reader.finish(),
                Some(Err(_)) => return Err(malformed("the connection broke inside the answer")),
            },
            Event::Root(text) => {
                if let Some(read) = read.take() {
                    let tolerances = *reader.tolerances();
                    value = Some(expected.open(&text, response.status, tolerances, read)?);
                }
            }
            Event::PartStart(part) => meter.begin(part.content_id).await?,
            Event::Data(octets) => meter.data(octets).await?,
            Event::PartEnd => parts.extend(meter.end().await?),
            Event::End => break,
        }
        progress.moved();
    }
    let value = value.ok_or_else(|| malformed("it has no envelope"))?;
    Ok((value, parts))
}

impl Expected<'_> {
    /// Opens the envelope, checks that it is the answer, and reads the body with `read`.
    fn open<T>(
        &self,
        root: &str,
        status: StatusCode,
        mut tolerances: Tolerances,
        read: impl FnOnce(&mut Reader<'_>, &Envelope, &mut Tolerances) -> Result<T, ClientError>,
    ) -> Result<T, ClientError> {
        let unreadable = |fault: Fault| ClientError::unreadable(&fault, self.limits);
        let mut reader = Reader::new(root, self.limits.xml);
        let envelope = envelope::open(&mut reader, &mut tolerances).map_err(unreadable)?;
        let is_fault = Fault::is_fault(&envelope.body);
        match envelope.addressing.relates_to.as_deref() {
            Some(id) if id == self.message_id => {}
            // A stack in front of the actor may refuse a message without having read it.
            None if is_fault => {}
            None => return Err(malformed("it has no wsa:RelatesTo")),
            Some(_) => return Err(malformed("its wsa:RelatesTo names another message")),
        }
        if is_fault {
            let fault = Fault::read(&mut reader).map_err(|e| unreadable(Fault::xml(&e)))?;
            return Err(ClientError::Fault(bounded(fault)));
        }
        if !status.is_success() {
            return Err(ClientError::Http(status.as_u16()));
        }
        let value = read(&mut reader, &envelope, &mut tolerances)?;
        envelope::close(&mut reader).map_err(unreadable)?;
        // The body says what the message is; an action beside it that says otherwise is only noted.
        let expected = envelope.addressing.action == self.transaction.response_action;
        let deviations: Vec<_> = tolerances.iter().map(|t| t.name()).collect();
        if !expected || !deviations.is_empty() {
            tracing::debug!(
                transaction = self.transaction.id,
                expected,
                ?deviations,
                "lenient answer"
            );
        }
        Ok(value)
    }
}

/// A peer's words end in reports, which they must not fill.
pub(crate) fn bounded(mut fault: Fault) -> Fault {
    for reason in [&mut fault.en, &mut fault.ja] {
        reason.truncate(reason.floor_char_boundary(LONGEST_REASON));
    }
    fault
}

/// The codes of a fault, for audit records.
pub(crate) fn fault_codes(fault: &Fault) -> String {
    let finer = match &fault.subcode {
        None => return format!("fault {}", fault.code.local()),
        Some(Subcode::ActionNotSupported) => "ActionNotSupported",
        Some(Subcode::MessageAddressingHeaderRequired) => "MessageAddressingHeaderRequired",
        Some(Subcode::InvalidAddressingHeader) => "InvalidAddressingHeader",
        Some(Subcode::EndpointUnavailable) => "EndpointUnavailable",
        Some(Subcode::DuplicateMessageId) => "DuplicateMessageID",
        Some(Subcode::OnlyAnonymousAddressSupported) => "OnlyAnonymousAddressSupported",
        Some(Subcode::NotAuthorized) => "FailedAuthentication",
        Some(Subcode::Other(_)) => "other",
    };
    format!("fault {} {finer}", fault.code.local())
}

pub(crate) fn malformed(why: &str) -> ClientError {
    ClientError::Malformed(why.to_owned())
}
