//! Acknowledgements as they are received.

use super::AckCode;
use crate::msh::Msh;
use crate::structure;
use crate::text::{self, unescape};
use hl7_parser::Message;
use hl7_parser::message::{Repeat, Segment};

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
        let mut messages: Vec<&str> = self.reports.iter().map(|r| r.message.as_str()).collect();
        // MSA-3 tells of all problems at once.
        messages.dedup();
        messages.join("; ")
    }
}

/// One problem as it was received.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    /// ERR-2, such as `PID^1^3`; the first parts of ERR-1 in version 2.3.1.
    pub location: String,
    /// ERR-3.1; ERR-1.4.1 in version 2.3.1.
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
    /// More persons than are read of one answer.
    #[error("the answer has more than {0} persons")]
    TooMany(usize),
}

/// Reads an acknowledgement without frame.
pub fn read(frame: &[u8]) -> Result<Ack, AckError> {
    let text = text::decode(frame).map_err(|_| AckError::NotHl7)?;
    Msh::read(&text).ok_or(AckError::NotHl7)?;
    of_message(&structure::split(&text).map_err(|_| AckError::NotHl7)?)
}

/// What a message says as an acknowledgement.
pub(crate) fn of_message(message: &Message<'_>) -> Result<Ack, AckError> {
    if let Some((name, _)) = structure::repeated(message, &["MSH", "MSA"]).first() {
        return Err(AckError::Repeated(name));
    }
    let msa = message.segment("MSA").ok_or(AckError::NoMsa)?;
    let code = value(msa, 1);
    let code = AckCode::from_code(&code).ok_or(AckError::Code(code))?;
    let spoken = value(msa, 3);
    let errors = message.segments.iter().filter(|s| s.name == "ERR");
    let mut reports: Vec<Report> = errors.flat_map(|err| reports(err, &spoken)).collect();
    if reports.is_empty() && code != AckCode::Accept && !spoken.is_empty() {
        reports.push(Report { location: String::new(), code: String::new(), message: spoken });
    }
    Ok(Ack { code, control_id: value(msa, 2), reports })
}

/// One problem of version 2.5; of version 2.3.1, one for each repetition of ERR-1.
fn reports(err: &Segment<'_>, spoken: &str) -> Vec<Report> {
    let filled = |field| err.field(field).is_some_and(|f| !f.is_empty());
    if filled(3) || !filled(1) {
        return vec![report(err, spoken)];
    }
    err.field(1)
        .into_iter()
        .flat_map(|field| &field.repeats)
        .map(|r| old_report(r, spoken))
        .collect()
}

fn report(err: &Segment<'_>, spoken: &str) -> Report {
    let part = |n| err.field(3).and_then(|f| f.component(n)).map(|c| unescape(c.raw_value()));
    let texts = [value(err, 8), spoken.to_owned(), part(2).unwrap_or_default()];
    Report {
        location: value(err, 2),
        code: part(1).unwrap_or_default(),
        message: texts.into_iter().find(|t| !t.is_empty()).unwrap_or_default(),
    }
}

/// ELD: `segment^sequence^field^code`.
fn old_report(eld: &Repeat<'_>, spoken: &str) -> Report {
    let part = |component, sub| {
        let found = eld.component(component).and_then(|c| c.subcomponent(sub));
        found.map(|s| unescape(s.value)).unwrap_or_default()
    };
    let place = [part(1, 1), part(2, 1), part(3, 1)].join("^");
    Report {
        location: place.trim_end_matches('^').to_owned(),
        code: part(4, 1),
        message: if spoken.is_empty() { part(4, 2) } else { spoken.to_owned() },
    }
}

pub(crate) fn value(segment: &Segment<'_>, field: usize) -> String {
    segment.field(field).map(|f| unescape(f.raw_value())).unwrap_or_default()
}
