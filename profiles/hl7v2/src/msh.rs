//! The message header (ITI TF-2: C.2.2).

use crate::charset::Charset;
use crate::shift;
use crate::text::escape;
use chrono::{DateTime, Utc};
use uuid::Uuid;

/// MSH-1 and MSH-2, the only delimiters that the profiles allow.
pub const DELIMITERS: &str = "MSH|^~\\&|";

/// The versions in which messages are read and written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Version {
    /// 2.3.1, the version of ITI-8.
    V231,
    /// 2.5, the version of ITI-64 and of every other transaction of HL7 V2.
    V25,
}

impl Version {
    /// MSH-12.1.
    pub const fn code(self) -> &'static str {
        match self {
            Self::V231 => "2.3.1",
            Self::V25 => "2.5",
        }
    }

    /// The version that MSH-12.1 names.
    pub fn of(code: &str) -> Option<Self> {
        [Self::V231, Self::V25].into_iter().find(|v| v.code() == code.trim())
    }
}

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
    /// MSH-18.
    pub character_sets: String,
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
        let (control_id, processing_id, version) =
            (next().to_owned(), first(next()), first(next()));
        // MSH-13 to MSH-17.
        let character_sets = fields.nth(5).map(within).unwrap_or_default();
        Some(Self {
            sending_application,
            sending_facility,
            receiving_application,
            receiving_facility,
            time,
            message_type: message_type.to_owned(),
            event: event.to_owned(),
            control_id,
            processing_id,
            version,
            character_sets: character_sets.to_owned(),
        })
    }

    /// Reads the header of a message that could not be decoded, so that it can be answered.
    pub fn of_frame(frame: &[u8]) -> Option<Self> {
        const LONGEST: usize = 4096;
        let head = frame.get(..LONGEST).unwrap_or(frame);
        Self::read(&String::from_utf8_lossy(&shift::header(head)))
    }

    /// The version in which the message is answered: its own; of others, the nearer one.
    pub(crate) fn answered_in(&self) -> Version {
        let older = ["", "2.1", "2.2", "2.3"].contains(&self.version.trim());
        Version::of(&self.version).unwrap_or(if older { Version::V231 } else { Version::V25 })
    }

    /// The character sets in which the message is answered.
    pub(crate) fn answered_with(&self) -> Charset {
        Charset::read(&self.character_sets).unwrap_or_else(Charset::utf8).of_answer()
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

/// The form of a message that is written.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Form<'a> {
    pub(crate) version: Version,
    pub(crate) charset: &'a Charset,
}

/// Writes a header: `parties` are MSH-3 to MSH-6 as on the wire, `kind` is MSH-9.
pub(crate) fn write(parties: [&str; 4], kind: &str, stamp: &Stamp, form: Form<'_>) -> String {
    format!(
        "{DELIMITERS}{}|{}||{kind}|{}|P|{}{}\r",
        parties.map(echo).join("|"),
        time(stamp.at),
        escape(&stamp.control_id),
        form.version.code(),
        form.charset.fields(),
    )
}

/// The same with MSH-21, which names the transaction: recommended for messages of version 2.5 (ITI TF-2: C.2.2).
pub(crate) fn write_of(
    transaction: &str,
    parties: [&str; 4],
    kind: &str,
    stamp: &Stamp,
    form: Form<'_>,
) -> String {
    // MSH-1 is the first bar itself.
    const BARS: usize = 20;
    let head = write(parties, kind, stamp, form);
    let head = head.trim_end_matches('\r');
    let missing = BARS.saturating_sub(head.matches('|').count());
    format!("{head}{}{transaction}^IHE\r", "|".repeat(missing))
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
