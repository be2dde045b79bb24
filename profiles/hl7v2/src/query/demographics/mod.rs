//! ITI-21, Patient Demographics Query: who is described so (ITI TF-2: 3.21.4.1).

mod criteria;
mod parameter;

pub use criteria::Criteria;

use super::cross_reference::{too_many, written_domains, written_head};
use super::domains::Domains;
use super::{Asked, Refusal, Transaction};
use crate::ack::rows;
use crate::ack::{Location, Problem};
use crate::adt::Parties;
use crate::adt::pid::repeats;
use crate::adt::read::missing;
use crate::authorities::Authorities;
use crate::cx::CxField;
use crate::msh::Stamp;
use crate::text::{escape, unescape};
use hl7_parser::Message;
use renkei_metadata::ids::Oid;

/// A query, from the beginning or continued.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DemographicsQuery {
    /// What the answer repeats.
    pub asked: Asked,
    /// QPD-3: all of it has to hold.
    pub criteria: Criteria,
    /// QPD-8: whose identifiers are wanted; of all, if there are none.
    pub domains: Vec<CxField>,
    /// RCP-2: how many persons at once.
    pub quantity: Option<u32>,
    /// DSC-1: where the last answer ended.
    pub pointer: Option<String>,
}

pub(super) fn read(
    asked: Asked,
    message: &Message<'_>,
    mut problems: Vec<Problem>,
) -> Result<DemographicsQuery, Refusal> {
    let qpd = message.segment("QPD");
    let parameters: Vec<_> = qpd.into_iter().flat_map(|qpd| repeats(qpd, 3)).collect();
    let domains = qpd.into_iter().flat_map(|qpd| repeats(qpd, 8)).map(CxField::read);
    let domains: Vec<CxField> = domains.collect();
    problems.extend(too_many(3, parameters.len()));
    problems.extend(too_many(8, domains.len()));
    let criteria = match problems.iter().any(|p| rows::QUERY_TOO_MANY.is(p)) {
        true => Criteria::default(),
        false => parameter::read(&parameters, &mut problems),
    };
    if qpd.is_some() && criteria == Criteria::default() && problems.is_empty() {
        problems.push(missing("QPD", 3));
    }
    let quantity = quantity(message).unwrap_or_else(|problem| {
        problems.push(problem);
        None
    });
    let pointer = message.segment("DSC").and_then(|dsc| dsc.field(1)).map(|f| f.raw_value());
    let pointer = pointer.map(|raw| unescape(raw).trim().to_owned()).filter(|p| !p.is_empty());
    match problems.is_empty() {
        true => Ok(DemographicsQuery { asked, criteria, domains, quantity, pointer }),
        false => Err(Refusal::error(&asked, problems)),
    }
}

/// RCP-2, a quantity of records.
fn quantity(message: &Message<'_>) -> Result<Option<u32>, Problem> {
    let field = message.segment("RCP").and_then(|rcp| rcp.field(2));
    let part = |n| field.and_then(|f| f.component(n)).map(|c| c.raw_value().trim());
    let wrong = || Problem::of(&rows::QUANTITY, Location::field("RCP", 2), &[]);
    match (part(1).unwrap_or_default(), part(2).unwrap_or_default()) {
        ("" | "\"\"", _) => Ok(None),
        (number, "RD" | "") => {
            let number = number.parse().ok().filter(|n| *n > 0);
            number.map(Some).ok_or_else(wrong)
        }
        _ => Err(wrong()),
    }
}

impl DemographicsQuery {
    /// The domains whose identifiers are wanted, as far as these authorities can tell them.
    ///
    /// # Errors
    /// A refusal that names each that cannot be told (case 3 of ITI TF-2: 3.21.4.2.2.8).
    pub fn wanted(&self, authorities: &Authorities) -> Result<Domains, Refusal> {
        let domains = Domains::resolve(8, &self.domains, authorities);
        match domains.problems.is_empty() {
            true => Ok(domains),
            false => Err(Refusal::error(&self.asked, domains.problems.clone())),
        }
    }

    /// Nothing is left under the pointer.
    pub fn pointer_unknown(&self) -> Problem {
        Problem::of(&rows::POINTER_UNKNOWN, Location::field("DSC", 1), &[])
    }

    /// What was said leads to nobody: not because nobody is like that, but because it is too little.
    pub fn too_few(&self) -> Problem {
        Problem::of(&rows::PARAMETERS_TOO_FEW, Location::field("QPD", 3), &[])
    }

    /// So many may be meant that nobody looks through them.
    pub fn too_wide(&self) -> Problem {
        Problem::of(&rows::PARAMETERS_TOO_WIDE, Location::field("QPD", 3), &[])
    }
}

/// What a query of this program says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Question {
    /// When and under which control id.
    pub stamp: Stamp,
    /// MSH-3 to MSH-6; the last two choose the supplier.
    pub parties: Parties,
    /// QPD-2, at most 32 characters: new in each query, the same in what continues it.
    pub tag: String,
    /// QPD-3.
    pub criteria: Criteria,
    /// QPD-8; none for all.
    pub domains: Vec<Oid>,
    /// RCP-2.
    pub quantity: Option<u32>,
    /// DSC-1.
    pub pointer: Option<String>,
}

/// Writes a query, without frame, in UTF-8: the whole of it, continued or not (ITI TF-2: 3.21.4.1.2.4).
pub fn write(question: &Question) -> Vec<u8> {
    let parameters = parameter::write(&question.criteria);
    let domains = written_domains(&question.domains);
    let transaction = Transaction::Demographics;
    let head = written_head(transaction, &question.stamp, &question.parties);
    let (name, tag) = (transaction.query_name(), escape(&question.tag));
    let qpd = format!("QPD|{name}|{tag}|{parameters}|||||{domains}");
    let quantity = question.quantity.map(|n| format!("|{n}^RD")).unwrap_or_default();
    let pointer = question.pointer.as_ref().map(|p| format!("DSC|{}|I\r", escape(p)));
    let pointer = pointer.unwrap_or_default();
    format!("{head}{}\rRCP|I{quantity}\r{pointer}", qpd.trim_end_matches('|')).into_bytes()
}
