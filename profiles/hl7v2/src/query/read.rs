//! A query as it is read: what it must have, and which one it is.

use super::asked::{LONGEST, repeated};
use super::{
    Asked, Cancel, CrossReferenceQuery, DemographicsQuery, Refusal, Transaction, cancel,
    cross_reference, demographics,
};
use crate::ack::rows::{self, Row};
use crate::ack::{AckCode, Location, Nak, Problem};
use crate::adt::read::{again, header_problems, missing, missing_segment, not_a_message};
use crate::msh::{Msh, Version};
use crate::{structure, text};
use hl7_parser::Message;

/// A message that asks for persons.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Query {
    /// ITI-9.
    CrossReference(CrossReferenceQuery),
    /// ITI-21, from the beginning or continued.
    Demographics(Box<DemographicsQuery>),
    /// QCN^J01: nobody wants the rest of an answer.
    Cancel(Cancel),
}

/// Whether a frame is a query by its header: any QBP or QCN.
pub fn is_query(frame: &[u8]) -> bool {
    Msh::of_frame(frame).is_some_and(|msh| matches!(msh.message_type.as_str(), "QBP" | "QCN"))
}

/// Reads a query without frame; a refusal names every problem found.
///
/// # Errors
/// A refusal in the form of an answer, as far as the query could be read.
pub fn read(frame: &[u8]) -> Result<Query, Refusal> {
    let text =
        text::decode(frame).map_err(|nak| Nak { to: Msh::of_frame(frame).map(Box::new), ..nak })?;
    let msh = Msh::read(&text).ok_or_else(not_a_message)?;
    let kind = supported(&msh)?;
    let message = structure::split(&text).map_err(|broken| Nak::broken(broken, &msh))?;
    let mut problems = header_problems(&msh);
    problems.extend(repeated(&message).into_iter().map(|(n, c)| again(n, c)));
    match kind {
        Kind::Cancel => cancel::read(msh, &message, problems).map(Query::Cancel),
        Kind::Query(transaction) => {
            let asked = Asked::of(transaction, msh, &message);
            qpd_problems(&message, &mut problems);
            query(asked, &message, problems)
        }
    }
}

fn query(asked: Asked, message: &Message<'_>, problems: Vec<Problem>) -> Result<Query, Refusal> {
    match asked.transaction {
        Transaction::CrossReference => {
            cross_reference::read(asked, message, problems).map(Query::CrossReference)
        }
        Transaction::Demographics => {
            let query = demographics::read(asked, message, problems)?;
            Ok(Query::Demographics(Box::new(query)))
        }
    }
}

enum Kind {
    Query(Transaction),
    Cancel,
}

/// Whether the message is of a kind, version and purpose that is read here.
fn supported(msh: &Msh) -> Result<Kind, Nak> {
    let reject = |row: &'static Row, place, events: &str| {
        let values = [("events", events), ("versions", Version::V25.code())];
        Err(Nak::new(AckCode::Reject, Some(msh), vec![Problem::of(row, place, &values)]))
    };
    let event = Location::component("MSH", 9, 2);
    let kind = match (msh.message_type.as_str(), msh.event.as_str()) {
        ("QBP", code) => match Transaction::ALL.into_iter().find(|t| t.event() == code) {
            Some(transaction) => Kind::Query(transaction),
            None => return reject(&rows::EVENT, event, "Q22, Q23"),
        },
        ("QCN", "J01") => Kind::Cancel,
        ("QCN", _) => return reject(&rows::EVENT, event, "J01"),
        _ => return reject(&rows::MESSAGE_TYPE, Location::component("MSH", 9, 1), ""),
    };
    if Version::of(&msh.version) != Some(Version::V25) {
        return reject(&rows::VERSION, Location::field("MSH", 12), "");
    }
    if !matches!(msh.processing_id.as_str(), "P" | "T" | "D" | "") {
        return reject(&rows::PROCESSING_ID, Location::field("MSH", 11), "");
    }
    Ok(kind)
}

/// What both queries have: QPD with a tag, of a length that can go back, and an answer at once.
fn qpd_problems(message: &Message<'_>, problems: &mut Vec<Problem>) {
    let Some(qpd) = message.segment("QPD") else {
        problems.push(missing_segment("QPD"));
        return;
    };
    if qpd.raw_value().len() > LONGEST {
        problems.push(too_long("QPD"));
    }
    if qpd.field(2).is_none_or(|tag| tag.raw_value().trim().is_empty()) {
        problems.push(missing("QPD", 2));
    }
    let priority =
        message.segment("RCP").and_then(|rcp| rcp.field(1)).map(|f| f.raw_value().trim());
    if !matches!(priority, None | Some("" | "I")) {
        problems.push(Problem::of(&rows::PRIORITY, Location::field("RCP", 1), &[]));
    }
}

pub(super) fn too_long(segment: &'static str) -> Problem {
    let (max, place) = (LONGEST.to_string(), Location::segment(segment));
    Problem::of(&rows::QUERY_TOO_LONG, place, &[("segment", segment), ("max", &max)])
}
