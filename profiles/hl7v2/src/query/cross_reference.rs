//! ITI-9, PIX Query: the other identifiers of whoever has one (ITI TF-2: 3.9.4.1).

use super::domains::{Domains, completed};
use super::{Asked, Refusal, Transaction};
use crate::ack::rows;
use crate::ack::{Location, Problem};
use crate::adt::Parties;
use crate::adt::pid::repeats;
use crate::adt::read::missing;
use crate::authorities::Authorities;
use crate::charset::Charset;
use crate::cx::CxField;
use crate::msh::{self, Form, Stamp, Version};
use crate::text::escape;
use hl7_parser::Message;
use renkei_metadata::ids::{Oid, PatientId};

/// A fixed bound: the most repetitions of a field of QPD.
pub(super) const MOST: usize = 64;

/// A query.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CrossReferenceQuery {
    /// What the answer repeats.
    pub asked: Asked,
    /// QPD-3: the identifier that is known.
    pub id: CxField,
    /// QPD-4: whose identifiers are wanted; of all, if there are none.
    pub domains: Vec<CxField>,
}

/// A query with its authorities.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Resolved {
    /// The identifier that is known.
    pub id: PatientId,
    /// Whose identifiers are wanted.
    pub domains: Domains,
}

pub(super) fn read(
    asked: Asked,
    message: &Message<'_>,
    mut problems: Vec<Problem>,
) -> Result<CrossReferenceQuery, Refusal> {
    let qpd = message.segment("QPD");
    let read = |field| -> Vec<CxField> {
        qpd.into_iter().flat_map(|qpd| repeats(qpd, field)).map(CxField::read).collect()
    };
    let (ids, domains) = (read(3), read(4));
    let filled = ids.iter().filter(|cx| !cx.id.is_empty()).count();
    if qpd.is_some() && filled == 0 {
        problems.push(missing("QPD", 3));
    }
    if filled > 1 {
        let place = Location::field("QPD", 3).repetition(2);
        let values = [("count", filled.to_string())];
        let values = values.each_ref().map(|(name, value)| (*name, value.as_str()));
        problems.push(Problem::of(&rows::QUERY_ID_TWICE, place, &values));
    }
    problems.extend(too_many(4, domains.len()));
    if !problems.is_empty() {
        return Err(Refusal::error(&asked, problems));
    }
    let id = ids.into_iter().find(|cx| !cx.id.is_empty()).unwrap_or_default();
    Ok(CrossReferenceQuery { asked, id, domains })
}

/// A field of QPD that has more repetitions than are looked at.
pub(super) fn too_many(field: u8, count: usize) -> Option<Problem> {
    if count <= MOST {
        return None;
    }
    let [field_text, count, max] = [field.to_string(), count.to_string(), MOST.to_string()];
    let values = [("field", field_text.as_str()), ("count", &count), ("max", &max)];
    Some(Problem::of(&rows::QUERY_TOO_MANY, Location::field("QPD", field), &values))
}

impl CrossReferenceQuery {
    /// The same with what these authorities complete.
    ///
    /// # Errors
    /// A refusal that names each authority that cannot be told, and an identifier that is none.
    pub fn resolve(&self, authorities: &Authorities) -> Result<Resolved, Refusal> {
        let domains = Domains::resolve(4, &self.domains, authorities);
        let mut problems = Vec::new();
        let id = match completed(&self.id, authorities) {
            Ok((cx, _)) => cx.patient_id().map_err(|invalid| {
                let place = Location::component("QPD", 3, 1);
                let values = [("expected", invalid.expected), ("expected_ja", invalid.expected_ja)];
                problems.push(Problem::of(&rows::ID_MALFORMED, place, &values));
            }),
            Err(what) => {
                problems.push(what.problem(Location::component("QPD", 3, 4), 3));
                Err(())
            }
        };
        problems.extend(domains.problems.iter().cloned());
        match id {
            Ok(id) if problems.is_empty() => Ok(Resolved { id, domains }),
            _ => Err(Refusal::error(&self.asked, problems)),
        }
    }
}

impl Resolved {
    /// Nobody here has the identifier (case 3 of ITI TF-2: 3.9.4.2.2.6).
    pub fn id_unknown(&self) -> Problem {
        let values = [("authority", self.id.authority.as_str())];
        Problem::of(&rows::QUERY_ID_UNKNOWN, Location::component("QPD", 3, 1), &values)
    }

    /// Nobody here has an identifier of its authority (case 4).
    pub fn domain_unknown(&self) -> Problem {
        let place = Location::component("QPD", 3, 4);
        super::domains::domain_unknown(place, 3, self.id.authority.as_str())
    }
}

/// What a query of this program says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Question {
    /// When and under which control id.
    pub stamp: Stamp,
    /// MSH-3 to MSH-6.
    pub parties: Parties,
    /// QPD-2, at most 32 characters, new in each query.
    pub tag: String,
    /// QPD-3.
    pub id: PatientId,
    /// QPD-4; none for all.
    pub domains: Vec<Oid>,
}

/// Writes a query, without frame, in UTF-8.
pub fn write(question: &Question) -> Vec<u8> {
    let id = CxField::from(&question.id).write();
    let domains = written_domains(&question.domains);
    let qpd = format!("{id}|{domains}");
    let transaction = Transaction::CrossReference;
    let head = written_head(transaction, &question.stamp, &question.parties);
    let (name, tag) = (transaction.query_name(), escape(&question.tag));
    format!("{head}QPD|{name}|{tag}|{}\rRCP|I\r", qpd.trim_end_matches('|')).into_bytes()
}

/// MSH of a query.
pub(super) fn written_head(of: Transaction, stamp: &Stamp, parties: &Parties) -> String {
    let parties = parties.fields().map(|p| escape(p));
    let parties = parties.each_ref().map(String::as_str);
    let form = Form { version: Version::V25, charset: &Charset::utf8() };
    let kind = format!("QBP^{}^QBP_Q21", of.event());
    msh::write_of(of.code(), parties, &kind, stamp, form)
}

/// Domains as QPD names them: CX with its fourth component alone.
pub(super) fn written_domains(domains: &[Oid]) -> String {
    let cx = |oid: &Oid| format!("^^^&{oid}&ISO");
    domains.iter().map(cx).collect::<Vec<_>>().join("~")
}
