//! The message header (ITI TF-2: C.2.2).

use crate::text::escape;
use chrono::{DateTime, Utc};
use uuid::Uuid;

/// MSH-1 and MSH-2, the only delimiters that the profiles allow.
pub const DELIMITERS: &str = "MSH|^~\\&|";

/// A message header. Applications and facilities are kept as they are on the wire, since an answer
/// sends them back.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Msh {
    /// MSH-3.
    pub sending_application: String,
    /// MSH-4.
    pub sending_facility: String,
    /// MSH-5.
    pub receiving_application: String,
    /// MSH-6.
    pub receiving_facility: String,
    /// MSH-7.
    pub time: String,
    /// MSH-9.1, such as `ADT`.
    pub message_type: String,
    /// MSH-9.2, such as `A04`.
    pub event: String,
    /// MSH-10.
    pub control_id: String,
    /// MSH-11.
    pub processing_id: String,
    /// MSH-12, first component.
    pub version: String,
}

impl Msh {
    /// Reads the header at the beginning of a decoded message; nothing is required of its fields.
    /// `None` when the message does not begin with the delimiters of the profiles.
    pub fn read(message: &str) -> Option<Self> {
        let line = message.split('\r').next()?.strip_prefix(DELIMITERS)?;
        // The prefix ate MSH-1 and MSH-2.
        let mut fields = line.split('|');
        let mut next = || within(fields.next().unwrap_or_default());
        let (sending_application, sending_facility) = (next().to_owned(), next().to_owned());
        let (receiving_application, receiving_facility) = (next().to_owned(), next().to_owned());
        let (time, _security, kind) = (next().to_owned(), next(), next());
        let mut kind = kind.split('^');
        let (message_type, event) =
            (kind.next().unwrap_or_default(), kind.next().unwrap_or_default());
        let first = |field: &str| field.split('^').next().unwrap_or_default().to_owned();
        Some(Self {
            sending_application,
            sending_facility,
            receiving_application,
            receiving_facility,
            time,
            message_type: message_type.to_owned(),
            event: event.to_owned(),
            control_id: next().to_owned(),
            processing_id: first(next()),
            version: first(next()),
        })
    }

    /// Reads the header of a message that could not be decoded, so that it can be answered.
    pub fn of_frame(frame: &[u8]) -> Option<Self> {
        const LONGEST: usize = 4096;
        let head = frame.get(..LONGEST).unwrap_or(frame);
        let line = head.split(|b| matches!(b, b'\r' | b'\n')).find(|line| !line.is_empty())?;
        Self::read(&String::from_utf8_lossy(line))
    }

    /// The sender as audit records name it: `facility|application` (ITI TF-2: 3.8.5.1).
    pub fn sender(&self) -> String {
        format!("{}|{}", self.sending_facility, self.sending_application)
    }

    /// The receiver as audit records name it.
    pub fn receiver(&self) -> String {
        format!("{}|{}", self.receiving_facility, self.receiving_application)
    }
}

/// When a message is written, and its name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stamp {
    /// MSH-7.
    pub at: DateTime<Utc>,
    /// MSH-10, at most 20 characters, new in every message of a sender.
    pub control_id: String,
}

impl Stamp {
    /// A stamp whose control id is taken from a new UUID: 80 of its bits, in hexadecimal.
    pub fn new(at: DateTime<Utc>, id: Uuid) -> Self {
        let mut control_id = id.simple().to_string();
        control_id.truncate(20);
        Self { at, control_id: control_id.to_ascii_uppercase() }
    }
}

/// Writes a header: `parties` are MSH-3 to MSH-6 as on the wire, `kind` is MSH-9.
pub(crate) fn write(parties: [&str; 4], kind: &str, stamp: &Stamp) -> String {
    format!(
        "{DELIMITERS}{}|{}||{kind}|{}|P|2.3.1||||||UNICODE UTF-8\r",
        parties.map(echo).join("|"),
        time(stamp.at),
        escape(&stamp.control_id),
    )
}

/// A field as far as it is kept: it goes back to the peer and into audit records, which nobody
/// should be able to fill. No field of the header is defined this long (HL7 v2.3.1: 2.24.1).
fn within(field: &str) -> &str {
    const LONGEST: usize = 250;
    field.get(..field.floor_char_boundary(LONGEST)).unwrap_or_default()
}

/// A field of a peer as it goes back to it: control characters would break the frame.
pub(crate) fn echo(field: &str) -> String {
    field.chars().filter(|c| !c.is_control()).collect()
}

/// A time stamp to the second with its zone.
pub(crate) fn time(at: DateTime<Utc>) -> String {
    at.format("%Y%m%d%H%M%S+0000").to_string()
}
