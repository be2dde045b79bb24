//! Queries for persons in HL7 v2 (ITI-9, ITI-21; ITI TF-2: 3.9.5.1, 3.21.5.1).

use super::{
    Local, MAX_QUERY_BYTES, Peer, Side, blank, detail, ends, object, patient, transaction_code,
};
use crate::record::{AuditRecord, Outcome};
use crate::spec::EventId;
use chrono::{DateTime, Utc};
use uuid::Uuid;

/// A query for persons, between an application and a facility of each side.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PersonQuery<'a> {
    /// Such as `ITI-9` and `PIX Query`.
    pub transaction: (&'a str, &'a str),
    /// Who asks.
    pub sender: &'a Peer,
    /// Who is asked.
    pub receiver: &'a Peer,
    /// What the query calls itself: QPD-2, or QID-1 of what cancels it.
    pub tag: &'a str,
    /// The segment QPD, or QID of what cancels it.
    pub segment: &'a str,
    /// MSH-10.
    pub control_id: &'a str,
}

/// The record of a query for persons on one side; of a patient that is known, by CX. Of several there is a record
/// each, so that each is found by theirs.
#[expect(clippy::too_many_arguments, reason = "each is one fact of the record")]
pub fn person_query(
    query: &PersonQuery<'_>,
    known: Option<&str>,
    side: Side,
    outcome: Outcome,
    at: DateTime<Utc>,
    id: Uuid,
    local: &Local,
    description: Option<String>,
) -> AuditRecord {
    let (code, name) = query.transaction;
    let named = if query.tag.is_empty() { query.control_id } else { query.tag };
    let mut asked = object(named, 2, 24, transaction_code(code, name));
    asked.details.push(detail("MSH-10", query.control_id));
    let end = query.segment.floor_char_boundary(MAX_QUERY_BYTES);
    asked.query = query.segment.get(..end).map(str::to_owned);
    AuditRecord {
        outcome,
        outcome_description: description,
        participants: ends(query.sender, query.receiver, side, local),
        objects: known.map(patient).into_iter().chain([asked]).collect(),
        ..blank(id, at, EventId::Query, Some(transaction_code(code, name)), local)
    }
}
