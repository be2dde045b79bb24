//! What somebody is looked for by.

use crate::ack::rows;
use crate::ack::{Location, Problem};
use crate::authorities::Authorities;
use crate::cx::CxField;
use crate::query::domains::completed;
use renkei_metadata::ids::PatientId;
use renkei_person::Person;

/// What somebody is looked for by; all of it has to hold.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Criteria {
    /// `@PID.3` and `@PID.18`, each with the repetition of QPD-3 in which its number stands.
    pub identifiers: Vec<(usize, CxField)>,
    /// All else. A name says not how it is written: it is that of any writing.
    pub described: Person,
    /// Whether the family name may go on (`ケン*`).
    pub family_goes_on: bool,
    /// Whether the given name may go on.
    pub given_goes_on: bool,
}

impl Criteria {
    /// The identifiers with what these authorities complete, each with its repetition.
    ///
    /// # Errors
    /// Each authority that cannot be told, and each identifier that is none, with its repetition of QPD-3.
    pub fn identifiers(
        &self,
        authorities: &Authorities,
    ) -> Result<Vec<(usize, PatientId)>, Vec<Problem>> {
        let (mut ids, mut problems) = (Vec::new(), Vec::new());
        for (repetition, cx) in &self.identifiers {
            let place = Location::field("QPD", 3).repetition(*repetition);
            match completed(cx, authorities).map(|(cx, _)| cx.patient_id()) {
                Ok(Ok(id)) => ids.push((*repetition, id)),
                Ok(Err(invalid)) => {
                    let values =
                        [("expected", invalid.expected), ("expected_ja", invalid.expected_ja)];
                    problems.push(Problem::of(&rows::ID_MALFORMED, place, &values));
                }
                Err(what) => problems.push(what.problem(place, 3)),
            }
        }
        if problems.is_empty() { Ok(ids) } else { Err(problems) }
    }

    /// Nobody here has an identifier of this authority, which repetition `repetition` of QPD-3 names.
    pub fn domain_unknown(repetition: usize, id: &PatientId) -> Problem {
        let place = Location::field("QPD", 3).repetition(repetition);
        crate::query::domains::domain_unknown(place, 3, id.authority.as_str())
    }
}
