//! Acknowledgements in original mode, written and read (ITI TF-2: C.2.3, C.2.4).

use crate::msh::{self, Msh, Stamp, echo};
use crate::structure::{self, MAX_PARTS};
use crate::text::{self, escape, unescape};
use hl7_parser::message::Segment;
use std::fmt;

/// MSA-1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AckCode {
    /// AA.
    Accept,
    /// AE: the message is wrong.
    Error,
    /// AR: the message is of a kind that is not handled here, or cannot be handled now.
    Reject,
}

impl AckCode {
    /// The code on the wire.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Accept => "AA",
            Self::Error => "AE",
            Self::Reject => "AR",
        }
    }

    fn from_code(code: &str) -> Option<Self> {
        match code {
            "AA" | "CA" => Some(Self::Accept),
            "AE" | "CE" => Some(Self::Error),
            "AR" | "CR" => Some(Self::Reject),
            _ => None,
        }
    }
}

/// HL7 table 0357, ERR-3.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ErrorCode {
    /// 100.
    SegmentSequence,
    /// 101.
    RequiredField,
    /// 102.
    DataType,
    /// 103.
    TableValue,
    /// 200.
    MessageType,
    /// 201.
    EventCode,
    /// 202.
    ProcessingId,
    /// 203.
    VersionId,
    /// 204: an unknown patient identifier or assigning authority.
    UnknownKey,
    /// 205.
    DuplicateKey,
    /// 206.
    Locked,
    /// 207.
    Internal,
}

impl ErrorCode {
    /// The number and the text of the table.
    pub const fn entry(self) -> (u16, &'static str) {
        match self {
            Self::SegmentSequence => (100, "Segment sequence error"),
            Self::RequiredField => (101, "Required field missing"),
            Self::DataType => (102, "Data type error"),
            Self::TableValue => (103, "Table value not found"),
            Self::MessageType => (200, "Unsupported message type"),
            Self::EventCode => (201, "Unsupported event code"),
            Self::ProcessingId => (202, "Unsupported processing id"),
            Self::VersionId => (203, "Unsupported version id"),
            Self::UnknownKey => (204, "Unknown key identifier"),
            Self::DuplicateKey => (205, "Duplicate key identifier"),
            Self::Locked => (206, "Application record locked"),
            Self::Internal => (207, "Application internal error"),
        }
    }
}

/// ERR-2: a place in the message. Segments of one name and repetitions are counted from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Location {
    segment: &'static str,
    sequence: usize,
    field: Option<u8>,
    repetition: usize,
    component: Option<u8>,
}

impl Location {
    /// A whole segment.
    pub const fn segment(segment: &'static str) -> Self {
        Self { segment, sequence: 1, field: None, repetition: 1, component: None }
    }

    /// A field.
    pub const fn field(segment: &'static str, field: u8) -> Self {
        Self { field: Some(field), ..Self::segment(segment) }
    }

    /// A component of the first repetition of a field.
    pub const fn component(segment: &'static str, field: u8, component: u8) -> Self {
        Self { field: Some(field), component: Some(component), ..Self::segment(segment) }
    }

    /// The same place in another segment of that name.
    pub const fn sequence(self, sequence: usize) -> Self {
        Self { sequence, ..self }
    }

    /// The same place in another repetition.
    pub const fn repetition(self, repetition: usize) -> Self {
        Self { repetition, ..self }
    }
}

impl fmt::Display for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}^{}", self.segment, self.sequence)?;
        if let Some(field) = self.field {
            write!(f, "^{field}")?;
            if self.repetition > 1 || self.component.is_some() {
                write!(f, "^{}", self.repetition)?;
            }
        }
        self.component.map_or(Ok(()), |c| write!(f, "^{c}"))
    }
}

/// One thing that is wrong: an ERR segment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// ERR-2.
    pub location: Location,
    /// ERR-3.
    pub code: ErrorCode,
    /// What is wrong and what to do, English. Never a name, address or result.
    pub en: String,
    /// The same in Japanese.
    pub ja: String,
}

/// A refusal, ready to be sent; it always says why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Nak {
    /// [`AckCode::Error`] or [`AckCode::Reject`].
    pub code: AckCode,
    /// The header of the message refused, if it could be read.
    pub to: Option<Box<Msh>>,
    /// What is wrong, all at once.
    pub problems: Vec<Problem>,
}

impl Nak {
    /// A refusal of the message that `to` heads.
    pub fn new(code: AckCode, to: Option<&Msh>, problems: Vec<Problem>) -> Self {
        Self { code, to: to.map(|msh| Box::new(msh.clone())), problems }
    }

    /// The message is right, but it cannot be handled now.
    pub fn internal(to: &Msh) -> Self {
        Self::new(AckCode::Reject, Some(to), vec![internal_error()])
    }

    /// A message longer than `max` bytes; nothing of it was read.
    pub fn too_long(max: usize) -> Self {
        let problem = Problem {
            location: Location::segment("MSH"),
            code: ErrorCode::Internal,
            en: format!("the message has more than {max} bytes (limits.mllp_frame_bytes)"),
            ja: format!("メッセージが{max}バイトを超えています(limits.mllp_frame_bytes)"),
        };
        Self::new(AckCode::Reject, None, vec![problem])
    }

    pub(crate) fn broken(broken: structure::Broken, to: &Msh) -> Self {
        let (code, en, ja) = match broken {
            structure::Broken::TooManyParts => (
                ErrorCode::Internal,
                format!("the message has more than {MAX_PARTS} parts, a fixed bound"),
                format!("メッセージの要素が{MAX_PARTS}個を超えています(固定の上限)"),
            ),
            structure::Broken::Segment(number) => (
                ErrorCode::SegmentSequence,
                format!("line {number} is no segment; begin it with three letters and a bar"),
                format!(
                    "{number}行目がセグメントではありません。3文字の名前と縦棒で始めてください"
                ),
            ),
        };
        let problem = Problem { location: Location::segment("MSH"), code, en, ja };
        Self::new(AckCode::Error, Some(to), vec![problem])
    }

    /// The acknowledgement to send, without frame: an ERR segment for each problem, Japanese and
    /// English in ERR-8.
    pub fn write(&self, stamp: &Stamp) -> Vec<u8> {
        let blank = Msh::default();
        let mut out = head(self.to.as_deref().unwrap_or(&blank), self.code, stamp);
        let fallback = [internal_error()];
        let problems = if self.problems.is_empty() { &fallback[..] } else { &self.problems };
        for p in problems {
            let (number, text) = p.code.entry();
            let message = escape(&format!("{} / {}", p.ja, p.en));
            out.push_str(&format!("ERR||{}|{number}^{text}^HL70357|E||||{message}\r", p.location));
        }
        out.into_bytes()
    }
}

impl fmt::Display for Nak {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code.code())?;
        for p in &self.problems {
            write!(f, "; {} {}: {}", p.location, p.code.entry().0, p.en)?;
        }
        Ok(())
    }
}

impl std::error::Error for Nak {}

fn internal_error() -> Problem {
    Problem {
        location: Location::segment("MSH"),
        code: ErrorCode::Internal,
        en: "the message could not be processed; send it again later".into(),
        ja: "メッセージを処理できませんでした。しばらくしてから再送してください".into(),
    }
}

/// The acknowledgement that a message was accepted, without frame.
pub fn accept(to: &Msh, stamp: &Stamp) -> Vec<u8> {
    head(to, AckCode::Accept, stamp).into_bytes()
}

/// MSH and MSA; sender and receiver change places.
fn head(to: &Msh, code: AckCode, stamp: &Stamp) -> String {
    let parties = [
        to.receiving_application.as_str(),
        &to.receiving_facility,
        &to.sending_application,
        &to.sending_facility,
    ];
    let kind = match echo(&to.event).as_str() {
        "" => "ACK".to_owned(),
        event => format!("ACK^{event}"),
    };
    let msh = msh::write(parties, &kind, stamp);
    format!("{msh}MSA|{}|{}\r", code.code(), echo(&to.control_id))
}

/// An acknowledgement as it was received.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ack {
    /// MSA-1.
    pub code: AckCode,
    /// MSA-2: the control id of the message acknowledged.
    pub control_id: String,
    /// What the receiver reports as wrong.
    pub reports: Vec<Report>,
}

impl Ack {
    /// Whether the message was accepted.
    pub fn is_accepted(&self) -> bool {
        self.code == AckCode::Accept
    }

    /// The messages of all reports, one after the other; empty when there are none.
    pub fn text(&self) -> String {
        let messages: Vec<&str> = self.reports.iter().map(|r| r.message.as_str()).collect();
        messages.join("; ")
    }
}

/// An ERR segment as it was received.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    /// ERR-2, such as `PID^1^3`; ERR-1 from receivers that write version 2.3.1.
    pub location: String,
    /// ERR-3.1.
    pub code: String,
    /// ERR-8, else MSA-3, else the text of the code.
    pub message: String,
}

/// Why an answer is no acknowledgement.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AckError {
    /// Not a message of HL7 v2.
    #[error("the answer is no HL7 v2 message")]
    NotHl7,
    /// No MSA segment.
    #[error("the answer has no MSA segment")]
    NoMsa,
    /// MSA-1 is unknown.
    #[error("the answer has {0:?} in MSA-1; expected AA, AE or AR")]
    Code(String),
    /// A segment of which an acknowledgement has one: which of the answers is meant is not known.
    #[error("the answer has more than one {0} segment")]
    Repeated(&'static str),
}

/// Reads an acknowledgement without frame.
pub fn read(frame: &[u8]) -> Result<Ack, AckError> {
    let text = text::decode(frame).map_err(|_| AckError::NotHl7)?;
    Msh::read(&text).ok_or(AckError::NotHl7)?;
    let message = structure::split(&text).map_err(|_| AckError::NotHl7)?;
    if let Some((name, _)) = structure::repeated(&message, &["MSH", "MSA"]).first() {
        return Err(AckError::Repeated(name));
    }
    let msa = message.segment("MSA").ok_or(AckError::NoMsa)?;
    let code = value(msa, 1);
    let code = AckCode::from_code(&code).ok_or(AckError::Code(code))?;
    let spoken = value(msa, 3);
    let reports = message.segments.iter().filter(|s| s.name == "ERR").map(|err| {
        let first = |field| err.field(field).and_then(|f| f.component(1)).map(|c| c.raw_value());
        let text = err.field(3).and_then(|f| f.component(2)).map(|c| unescape(c.raw_value()));
        let or = |a: String, b: String| if a.is_empty() { b } else { a };
        Report {
            location: or(value(err, 2), value(err, 1)),
            code: first(3).unwrap_or_default().to_owned(),
            message: or(or(value(err, 8), spoken.clone()), text.unwrap_or_default()),
        }
    });
    Ok(Ack { code, control_id: value(msa, 2), reports: reports.collect() })
}

fn value(segment: &Segment<'_>, field: usize) -> String {
    segment.field(field).map(|f| unescape(f.raw_value())).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::{TimeZone, Utc};

    fn stamp() -> Stamp {
        let at = Utc.with_ymd_and_hms(2025, 6, 1, 0, 30, 1).unwrap();
        Stamp { at, control_id: "ACK00001".into() }
    }

    fn asked() -> Msh {
        let text = "MSH|^~\\&|CHECKUP|CLINIC-A&2.999&ISO|PIXMGR|KNET|20250601||ADT^A04^ADT_A01|MSG00001|P|2.3.1\r";
        Msh::read(text).unwrap()
    }

    #[test]
    fn an_acceptance_swaps_the_parties_as_they_were_written() {
        let written = String::from_utf8(accept(&asked(), &stamp())).unwrap();
        assert_eq!(
            written,
            "MSH|^~\\&|PIXMGR|KNET|CHECKUP|CLINIC-A&2.999&ISO|20250601003001+0000||ACK^A04|ACK00001|P|2.3.1||||||UNICODE UTF-8\rMSA|AA|MSG00001\r"
        );
        let ack = read(written.as_bytes()).unwrap();
        assert_eq!((ack.code, ack.control_id.as_str()), (AckCode::Accept, "MSG00001"));
        assert_eq!(ack.reports, []);
        assert!(ack.is_accepted() && ack.text().is_empty());
    }

    #[test]
    fn a_refusal_is_read_as_it_was_written() {
        let problem = |component, en: &str, ja: &str| Problem {
            location: Location::component("MSH", 9, component),
            code: ErrorCode::EventCode,
            en: en.into(),
            ja: ja.into(),
        };
        let problems = vec![problem(2, "send A01 | A04", "A01かA04"), problem(3, "b", "う")];
        let nak = Nak::new(AckCode::Reject, Some(&asked()), problems);
        let written = String::from_utf8(nak.write(&stamp())).unwrap();
        assert!(
            written.contains(
                "\rERR||MSH^1^9^1^2|201^Unsupported event code^HL70357|E||||A01かA04 / send A01 \\F\\ A04\r"
            ),
            "{written}"
        );
        let ack = read(written.as_bytes()).unwrap();
        assert_eq!(ack.code, AckCode::Reject);
        assert_eq!(ack.reports.len(), 2);
        assert_eq!(ack.reports[0].location, "MSH^1^9^1^2");
        assert_eq!(ack.reports[0].code, "201");
        assert_eq!(ack.reports[0].message, "A01かA04 / send A01 | A04");
        assert!(!ack.is_accepted());
        assert_eq!(ack.text(), "A01かA04 / send A01 | A04; う / b");
    }

    #[test]
    fn a_refusal_without_header_or_reason_still_says_something() {
        let written = Nak::new(AckCode::Reject, None, Vec::new()).write(&stamp());
        let ack = read(&written).unwrap();
        assert_eq!(ack.reports[0].code, "207");
        assert!(!ack.reports[0].message.is_empty());
    }

    #[test]
    fn control_characters_of_a_peer_do_not_come_back() {
        let msh = Msh { control_id: "1\u{1c}2".into(), event: "\u{b}".into(), ..asked() };
        let written = accept(&msh, &stamp());
        assert!(!written.contains(&0x1c) && !written.contains(&0x0b));
    }

    #[test]
    fn a_peer_cannot_fill_its_answer() {
        let long = "a^".repeat(1 << 20);
        let msh = Msh::read(&format!("MSH|^~\\&|{long}|{long}|{long}|{long}|||{long}|{long}\r"));
        let refusal =
            Nak::broken(structure::Broken::TooManyParts, msh.as_ref().unwrap()).write(&stamp());
        assert!(refusal.len() < 4096);
        assert_eq!(read(&refusal).unwrap().code, AckCode::Error);
    }

    #[test]
    fn what_is_no_acknowledgement_is_named() {
        assert_eq!(read(b"HTTP/1.1 400"), Err(AckError::NotHl7));
        assert_eq!(read(b"MSH|^~\\&|A\r"), Err(AckError::NoMsa));
        assert_eq!(read(b"MSH|^~\\&|A\rMSA|XX|1\r"), Err(AckError::Code("XX".into())));
        let two = read(b"MSH|^~\\&|A\rMSA|AA|1\rMSA|AE|1\r");
        assert_eq!(two, Err(AckError::Repeated("MSA")), "accepted and refused");
    }
}
