//! Acknowledgements as they are sent: in the version and the character set of the message answered.

use super::{AckCode, Nak, Problem, internal_error};
use crate::charset::Charset;
use crate::msh::{self, Form, Msh, Stamp, Version, echo};
use crate::text::escape;

/// The most problems that one answer names, a fixed bound.
pub(crate) const MOST_PROBLEMS: usize = 100;

/// The longest MSA-3, in characters: receivers hold an ST to 200 (HL7 V2.5: 2.A.74).
const MSA_TEXT: usize = 180;

/// The acknowledgement that a message was accepted, without frame.
pub fn accept(to: &Msh, stamp: &Stamp) -> Vec<u8> {
    answer(to, AckCode::Accept, &[], stamp)
}

impl Nak {
    /// The acknowledgement to send, without frame: every problem with its place, its code and, in
    /// Japanese and English, what to do.
    pub fn write(&self, stamp: &Stamp) -> Vec<u8> {
        let nobody = Msh { version: Version::V231.code().to_owned(), ..Msh::default() };
        let to = self.to.as_deref().unwrap_or(&nobody);
        if self.problems.is_empty() {
            return answer(to, self.code, &[internal_error()], stamp);
        }
        answer(to, self.code, &self.problems, stamp)
    }
}

/// In the sender's character set when that can carry it, else in UTF-8.
fn answer(to: &Msh, code: AckCode, problems: &[Problem], stamp: &Stamp) -> Vec<u8> {
    let problems = problems.get(..MOST_PROBLEMS).unwrap_or(problems);
    let in_set = |charset: &Charset| {
        let version = to.answered_in();
        let segments = match version {
            Version::V231 => in_231(to, code, problems),
            Version::V25 => in_25(to, code, problems),
        };
        head(to, stamp, Form { version, charset }) + &segments
    };
    let theirs = to.answered_with();
    match theirs.encode(&in_set(&theirs)) {
        Some(octets) => octets.into_owned(),
        None => in_set(&Charset::utf8()).into_bytes(),
    }
}

/// MSH; sender and receiver change places.
fn head(to: &Msh, stamp: &Stamp, form: Form<'_>) -> String {
    let parties = [
        to.receiving_application.as_str(),
        &to.receiving_facility,
        &to.sending_application,
        &to.sending_facility,
    ];
    let kind = match (echo(&to.event).as_str(), form.version) {
        ("", _) => "ACK".to_owned(),
        (event, Version::V231) => format!("ACK^{event}"),
        (event, Version::V25) => format!("ACK^{event}^ACK"),
    };
    msh::write(parties, &kind, stamp, form)
}

/// MSA, and one ERR whose first field repeats: `segment^sequence^field^code` (HL7 V2.3.1: 2.24.2.1).
/// Nothing but MSA-3 has a place for text.
fn in_231(to: &Msh, code: AckCode, problems: &[Problem]) -> String {
    let id = echo(&to.control_id);
    if problems.is_empty() {
        return format!("MSA|{}|{id}\r", code.code());
    }
    let texts: Vec<String> = problems.iter().map(told).collect();
    let text: String = texts.join("; ").chars().take(MSA_TEXT).collect();
    let places: Vec<String> = problems.iter().map(place_and_code).collect();
    format!("MSA|{}|{id}|{}\rERR|{}\r", code.code(), escape(&text), places.join("~"))
}

/// MSA, and an ERR for each problem (HL7 V2.5: 2.15.5; ITI TF-2: C.2.4).
pub(crate) fn in_25(to: &Msh, code: AckCode, problems: &[Problem]) -> String {
    let mut out = format!("MSA|{}|{}\r", code.code(), echo(&to.control_id));
    for problem in problems {
        let (number, name) = problem.code.entry();
        let (place, text) = (problem.location, escape(&told(problem)));
        out.push_str(&format!("ERR||{place}|{number}^{name}^HL70357|E||||{text}\r"));
    }
    out
}

fn told(problem: &Problem) -> String {
    format!("{} / {}", problem.ja, problem.en)
}

/// ELD: the place as far as a field, and the code with its text and table.
fn place_and_code(problem: &Problem) -> String {
    let place = problem.location;
    let (number, name) = problem.code.entry();
    let sequence =
        if place.segment.is_empty() { String::new() } else { place.sequence.to_string() };
    let field = place.field.map(|f| f.to_string()).unwrap_or_default();
    format!("{}^{sequence}^{field}^{number}&{name}&HL70357", place.segment)
}
