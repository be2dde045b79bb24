//! Answers to queries: RSP^K23 (ITI TF-2: 3.9.4.2.2), RSP^K22 (ITI TF-2: 3.21.4.2.2).

use super::Asked;
use crate::ack::read::{of_message, value};
use crate::ack::write::{MOST_PROBLEMS, in_25};
use crate::ack::{Ack, AckCode, AckError, Nak, Problem};
use crate::adt::pid;
use crate::authorities::Authorities;
use crate::charset::Charset;
use crate::cx::CxField;
use crate::msh::{self, Form, Msh, Stamp, Version};
use crate::text::escape;
use crate::{structure, text};
use hl7_parser::message::Segment;
use renkei_person::{Identifier, Person};

/// A fixed bound: the most persons that are read of one answer.
const MOST_PERSONS: usize = 1_000;

/// How many there are, of whom an answer holds some.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page<'a> {
    /// Those in the answer.
    pub persons: &'a [Person],
    /// All that were found.
    pub total: u64,
    /// Those that were neither told before nor are told now.
    pub left: u64,
    /// What the rest is asked for by, if there is one.
    pub pointer: Option<&'a str>,
}

/// Writes the answer to an ITI-9 query: the identifiers that were found, or that there are none.
pub fn cross_references(
    asked: &Asked,
    ids: &[Identifier],
    authorities: &Authorities,
    stamp: &Stamp,
) -> Vec<u8> {
    let written: Vec<String> =
        ids.iter().map(|id| pid::write_identifier(&full(id, authorities))).collect();
    // A name is required and nobody is named: an empty one, and one of the type S (ITI TF-2: 3.9.4.2.2.5).
    let pid = match ids.is_empty() {
        true => String::new(),
        false => format!("PID|||{}||~^^^^^^S\r", written.join("~")),
    };
    answer(asked, found(ids.is_empty()), "", &pid, stamp)
}

/// Writes the answer to an ITI-21 query.
pub fn persons(
    asked: &Asked,
    page: &Page<'_>,
    authorities: &Authorities,
    stamp: &Stamp,
) -> Vec<u8> {
    let counts = format!("|{}|{}|{}", page.total, page.persons.len(), page.left);
    let mut data = String::new();
    for (n, person) in page.persons.iter().enumerate() {
        let identifiers = person.identifiers.iter().map(|id| full(id, authorities)).collect();
        let written = pid::write(&Person { identifiers, ..person.clone() });
        let rest = written.strip_prefix("PID|").unwrap_or_default();
        data.push_str(&format!("PID|{}{rest}\r", n + 1));
    }
    if let Some(pointer) = page.pointer {
        data.push_str(&format!("DSC|{}|I\r", escape(pointer)));
    }
    answer(asked, found(page.persons.is_empty()), &counts, &data, stamp)
}

/// An identifier with all of CX.4 (ITI TF-2: E.1.1).
fn full(identifier: &Identifier, authorities: &Authorities) -> Identifier {
    let authority_name = Some(authorities.name_of(&identifier.id.authority));
    Identifier { authority_name, ..identifier.clone() }
}

const fn found(nothing: bool) -> Status {
    if nothing { Status::NothingFound } else { Status::Found }
}

/// The answer that refuses.
pub(super) fn write_refused(asked: &Asked, nak: &Nak, stamp: &Stamp) -> Vec<u8> {
    let problems = nak.problems.get(..MOST_PROBLEMS).unwrap_or(&nak.problems);
    let status = match nak.code {
        AckCode::Reject => Status::Rejected,
        AckCode::Error | AckCode::Accept => Status::Error,
    };
    written(asked, (nak.code, problems), status, ["", ""], stamp)
}

fn answer(asked: &Asked, status: Status, counts: &str, data: &str, stamp: &Stamp) -> Vec<u8> {
    written(asked, (AckCode::Accept, &[]), status, [counts, data], stamp)
}

/// MSH, MSA, ERR, QAK, QPD and what was found; in the sender's character set when that can carry it, else in
/// UTF-8.
fn written(
    asked: &Asked,
    (code, problems): (AckCode, &[Problem]),
    status: Status,
    [counts, data]: [&str; 2],
    stamp: &Stamp,
) -> Vec<u8> {
    let to = &asked.msh;
    let parties = [
        to.receiving_application.as_str(),
        &to.receiving_facility,
        &to.sending_application,
        &to.sending_facility,
    ];
    let in_set = |charset: &Charset| {
        let form = Form { version: Version::V25, charset };
        let head = msh::write(parties, asked.transaction.answer(), stamp, form);
        let told = in_25(to, code, problems);
        let qak = format!("QAK|{}|{}|{}{counts}\r", asked.tag(), status.code(), asked.name());
        let qpd = match asked.qpd.is_empty() {
            true => String::new(),
            false => format!("{}\r", asked.qpd),
        };
        [head, told, qak, qpd, data.to_owned()].concat()
    };
    let theirs = to.answered_with();
    match theirs.encode(&in_set(&theirs)) {
        Some(octets) => octets.into_owned(),
        None => in_set(&Charset::utf8()).into_bytes(),
    }
}

/// QAK-2 (HL7 table 0208).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// OK.
    Found,
    /// NF.
    NothingFound,
    /// AE.
    Error,
    /// AR.
    Rejected,
}

impl Status {
    const ALL: [Self; 4] = [Self::Found, Self::NothingFound, Self::Error, Self::Rejected];

    /// The code on the wire.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Found => "OK",
            Self::NothingFound => "NF",
            Self::Error => "AE",
            Self::Rejected => "AR",
        }
    }
}

/// An answer as it was received.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// MSA and ERR.
    pub ack: Ack,
    /// QAK-2; none where there is a plain acknowledgement alone.
    pub status: Option<Status>,
    /// QAK-4: how many were found in all.
    pub total: Option<u64>,
    /// QAK-6: how many are left.
    pub left: Option<u64>,
    /// Who was found. Of ITI-9 it is one without a name.
    pub persons: Vec<Person>,
    /// DSC-1: what the rest is asked for by.
    pub pointer: Option<String>,
}

/// Reads an answer without frame.
///
/// # Errors
/// When it is no answer, or has more persons than are read of one.
pub fn read(frame: &[u8]) -> Result<Answer, AckError> {
    let text = text::decode(frame).map_err(|_| AckError::NotHl7)?;
    Msh::read(&text).ok_or(AckError::NotHl7)?;
    let message = structure::split(&text).map_err(|_| AckError::NotHl7)?;
    if let Some((name, _)) = structure::repeated(&message, &["QAK", "DSC"]).first() {
        return Err(AckError::Repeated(name));
    }
    let qak = message.segment("QAK");
    let said = |field| qak.map(|qak| value(qak, field)).unwrap_or_default();
    let count = |field| said(field).trim().parse().ok();
    let (status, total, left) = (said(2), count(4), count(6));
    let status = Status::ALL.into_iter().find(|s| s.code() == status.trim());
    let pids: Vec<&Segment<'_>> = message.segments.iter().filter(|s| s.name == "PID").collect();
    if pids.len() > MOST_PERSONS {
        return Err(AckError::TooMany(MOST_PERSONS));
    }
    let pointer = message.segment("DSC").map(|dsc| value(dsc, 1).trim().to_owned());
    Ok(Answer {
        ack: of_message(&message)?,
        status,
        total,
        left,
        persons: pids.into_iter().map(person).collect(),
        pointer: pointer.filter(|p| !p.is_empty()),
    })
}

fn person(segment: &Segment<'_>) -> Person {
    let identifiers = pid::repeats(segment, 3).map(CxField::read).filter_map(|cx| {
        let authority_name = cx.namespace.clone();
        Some(Identifier { id: cx.patient_id().ok()?, authority_name })
    });
    Person { identifiers: identifiers.collect(), ..pid::read(segment) }
}
