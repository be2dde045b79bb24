//! QCN^J01: the rest of an answer is not wanted any more (ITI TF-2: 3.21.4.1.2.5; HL7 V2.5: 5.4.6).

use super::Refusal;
use super::asked::LONGEST;
use super::read::too_long;
use crate::ack::{AckCode, Nak, Problem};
use crate::adt::Parties;
use crate::adt::pid::filled;
use crate::adt::read::{missing, missing_segment};
use crate::charset::Charset;
use crate::msh::{self, Form, Msh, Stamp, Version, echo};
use crate::text::escape;
use hl7_parser::Message;

/// A cancellation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cancel {
    /// The header, for the answer and the audit record.
    pub msh: Msh,
    /// QID-1: QPD-2 of the query, as [`Asked::tag`](super::Asked::tag) gives it.
    pub tag: String,
    /// QID as it stands in the message, without its end: what the audit record shows.
    pub qid: String,
}

pub(super) fn read(
    msh: Msh,
    message: &Message<'_>,
    mut problems: Vec<Problem>,
) -> Result<Cancel, Refusal> {
    let qid = message.segment("QID");
    let tag = qid.and_then(|qid| qid.field(1)).map(|tag| tag.raw_value());
    let tag = tag.filter(|tag| filled(tag).is_some()).unwrap_or_default();
    let whole = qid.map(|qid| qid.raw_value()).unwrap_or_default();
    match qid {
        None => problems.push(missing_segment("QID")),
        Some(_) if whole.len() > LONGEST => problems.push(too_long("QID")),
        Some(_) if tag.is_empty() => problems.push(missing("QID", 1)),
        Some(_) => {}
    }
    match problems.is_empty() {
        true => Ok(Cancel { tag: echo(tag), qid: echo(whole), msh }),
        false => Err(Nak::new(AckCode::Error, Some(&msh), problems).into()),
    }
}

/// Writes a cancellation of the query that `tag` names, without frame, in UTF-8.
pub fn write(stamp: &Stamp, parties: &Parties, tag: &str) -> Vec<u8> {
    let form = Form { version: Version::V25, charset: &Charset::utf8() };
    let parties = parties.fields().map(|p| escape(p));
    let head = msh::write(parties.each_ref().map(String::as_str), "QCN^J01^QCN_J01", stamp, form);
    format!("{head}QID|{}|IHE PDQ Query\r", escape(tag)).into_bytes()
}
