//! Acknowledgements in original mode (ITI TF-2: C.2.3, C.2.4): what they say.

pub(crate) mod read;
pub mod rows;
pub(crate) mod write;

pub use read::{Ack, AckError, Report, read};
pub use write::accept;

use crate::msh::Msh;
use crate::structure::{self, MAX_PARTS};
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

/// A place in the message: ERR-2, or ERR-1 of version 2.3.1. Segments of one name and repetitions are
/// counted from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Location {
    segment: &'static str,
    sequence: usize,
    field: Option<u8>,
    /// Told only where it was said, or where a component follows.
    repetition: Option<usize>,
    component: Option<u8>,
}

impl Location {
    /// No place: the fault is not in the message.
    pub const fn none() -> Self {
        Self::segment("")
    }

    /// A whole segment.
    pub const fn segment(segment: &'static str) -> Self {
        Self { segment, sequence: 1, field: None, repetition: None, component: None }
    }

    /// A field.
    pub const fn field(segment: &'static str, field: u8) -> Self {
        Self { field: Some(field), ..Self::segment(segment) }
    }

    /// A component of the first repetition of a field.
    pub const fn component(segment: &'static str, field: u8, component: u8) -> Self {
        Self { field: Some(field), component: Some(component), ..Self::segment(segment) }
    }

    /// The segment, and which repetition of its field, from 1; the first, unless another was said.
    pub const fn repeated_in(&self) -> (&'static str, usize) {
        match self.repetition {
            Some(n) => (self.segment, n),
            None => (self.segment, 1),
        }
    }

    /// The same place in another segment of that name.
    pub const fn sequence(self, sequence: usize) -> Self {
        Self { sequence, ..self }
    }

    /// The same place in another repetition.
    pub const fn repetition(self, repetition: usize) -> Self {
        Self { repetition: Some(repetition), ..self }
    }
}

impl fmt::Display for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.segment.is_empty() {
            return Ok(());
        }
        write!(f, "{}^{}", self.segment, self.sequence)?;
        if let Some(field) = self.field {
            write!(f, "^{field}")?;
            if self.repetition.is_some() || self.component.is_some() {
                write!(f, "^{}", self.repetition.unwrap_or(1))?;
            }
        }
        self.component.map_or(Ok(()), |c| write!(f, "^{c}"))
    }
}

/// One thing that is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// Where.
    pub location: Location,
    /// Of which kind it is.
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

    /// The kinds of what is wrong, for auditors: never a value.
    pub fn kinds(&self) -> String {
        let kinds: Vec<&str> = self.problems.iter().map(|p| p.code.entry().1).collect();
        kinds.join("; ")
    }

    /// The message is right, but it cannot be handled now.
    pub fn internal(to: &Msh) -> Self {
        Self::new(AckCode::Reject, Some(to), vec![internal_error()])
    }

    /// A message longer than `max` bytes; nothing of it was read.
    pub fn too_long(max: usize) -> Self {
        let max = max.to_string();
        let problem = Problem::of(&rows::TOO_LONG, Location::none(), &[("max", &max)]);
        Self::new(AckCode::Reject, None, vec![problem])
    }

    pub(crate) fn broken(broken: structure::Broken, to: &Msh) -> Self {
        let place = Location::segment("MSH");
        let problem = match broken {
            structure::Broken::TooManyParts => {
                Problem::of(&rows::TOO_MANY_PARTS, place, &[("max", &MAX_PARTS.to_string())])
            }
            structure::Broken::Segment(number) => {
                Problem::of(&rows::NOT_A_SEGMENT, place, &[("line", &number.to_string())])
            }
        };
        Self::new(AckCode::Error, Some(to), vec![problem])
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
    Problem::of(&rows::INTERNAL, Location::none(), &[])
}

#[cfg(test)]
mod samples;
#[cfg(test)]
mod tests;
