//! The domains whose identifiers are wanted: QPD-4 of ITI-9, QPD-8 of ITI-21.

use crate::ack::rows;
use crate::ack::{Location, Problem};
use crate::authorities::{Authorities, Contradiction};
use crate::cx::CxField;
use renkei_metadata::ids::Oid;

/// Domains by their OIDs, with the repetitions in which they stand.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Domains {
    field: u8,
    known: Vec<(usize, Oid)>,
    /// What is wrong with some of them.
    pub(super) problems: Vec<Problem>,
}

impl Domains {
    /// Completes domains as they stand in `field` of QPD; one that names no OID is a problem.
    pub(super) fn resolve(field: u8, all: &[CxField], authorities: &Authorities) -> Self {
        let mut domains = Self { field, ..Self::default() };
        for (n, cx) in all.iter().enumerate().filter(|(_, cx)| **cx != CxField::default()) {
            match authority(cx, authorities) {
                Ok(oid) => domains.known.push((n + 1, oid)),
                Err(what) => {
                    let place = domains.place(n + 1);
                    domains.problems.push(what.problem(place, field));
                }
            }
        }
        domains
    }

    /// The domains, in their order.
    pub fn oids(&self) -> Vec<Oid> {
        self.known.iter().map(|(_, oid)| oid.clone()).collect()
    }

    /// Says of each of these that it is not known here (case 5 of ITI TF-2: 3.9.4.2.2.6, case 3 of
    /// 3.21.4.2.2.8).
    pub fn unknown(&self, unknown: &[Oid]) -> Vec<Problem> {
        let named = self.known.iter().filter(|(_, oid)| unknown.contains(oid));
        named.map(|(n, oid)| domain_unknown(self.place(*n), self.field, oid.as_str())).collect()
    }

    fn place(&self, repetition: usize) -> Location {
        Location::field("QPD", self.field).repetition(repetition)
    }
}

/// Why an authority is not known by its OID.
pub(super) enum NoAuthority {
    /// A name that is not configured, or an OID that is none.
    Unknown(String),
    /// The name of one beside the OID of another.
    Contradicted,
}

impl NoAuthority {
    pub(super) fn problem(&self, place: Location, field: u8) -> Problem {
        match self {
            Self::Unknown(said) => domain_unknown(place, field, said),
            Self::Contradicted => Problem::of(&rows::AUTHORITY_CONTRADICTED, place, &[]),
        }
    }
}

/// The authority of CX.4 alone.
fn authority(cx: &CxField, authorities: &Authorities) -> Result<Oid, NoAuthority> {
    if cx.namespace.is_none() && cx.universal_id.is_none() {
        return Err(NoAuthority::Unknown("(CX.4)".to_owned()));
    }
    completed(cx, authorities).map(|(_, oid)| oid)
}

/// An identifier with its authority, which is the affinity domain's where none is named.
pub(super) fn completed(
    cx: &CxField,
    authorities: &Authorities,
) -> Result<(CxField, Oid), NoAuthority> {
    let mut cx = cx.clone();
    authorities.complete(&mut cx).map_err(|Contradiction| NoAuthority::Contradicted)?;
    let said = cx.universal_id.as_ref().or(cx.namespace.as_ref()).cloned().unwrap_or_default();
    let iso = cx.universal_id_type.as_deref().is_none_or(|t| t.eq_ignore_ascii_case("ISO"));
    let oid = cx.universal_id.as_deref().filter(|_| iso).map(Oid::parse);
    match oid {
        Some(Ok(oid)) => Ok((cx, oid)),
        Some(Err(_)) | None => Err(NoAuthority::Unknown(said)),
    }
}

/// The words for a domain that is not known.
pub(super) fn domain_unknown(place: Location, field: u8, said: &str) -> Problem {
    const LONGEST: usize = 100;
    let said: String = said.chars().take(LONGEST).collect();
    let values = [("authority", said.as_str()), ("field", &field.to_string())];
    Problem::of(&rows::QUERY_DOMAIN_UNKNOWN, place, &values)
}
