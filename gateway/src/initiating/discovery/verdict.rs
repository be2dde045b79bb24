//! Whether an answer names our patient. Documents of somebody else are worse than none, so that a match
//! counts only if it is the only one and we see ourselves that it is one.

use super::super::rules;
use super::whom::Whom;
use crate::community::By;
use chrono::NaiveDate;
use renkei_hl7v3::iti55::{Attribute, Candidate, Outcome, Reason};
use renkei_metadata::finding::Rule;
use renkei_metadata::ids::{HomeCommunityId, PatientId};
use renkei_person::{Name, Person, Sex, SharedAuthorities};

/// How sure a responder that says so has to be, in percent.
const SURE: u8 = 80;

/// Why a patient is not known by an identifier of a community.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in super::super) struct Unfound {
    /// The row.
    pub(in super::super) rule: &'static Rule,
    /// What of it is worth telling; never a value of a patient.
    pub(in super::super) detail: String,
}

impl From<&'static Rule> for Unfound {
    fn from(rule: &'static Rule) -> Self {
        Self { rule, detail: String::new() }
    }
}

/// Who of those that `home` found is `whom`.
pub(super) fn judge<'a>(
    shared: &SharedAuthorities,
    whom: &Whom,
    home: &HomeCommunityId,
    outcome: &'a Outcome,
) -> Result<&'a Candidate, Unfound> {
    let candidates = match outcome {
        Outcome::Found(candidates) => candidates,
        Outcome::Requested(attributes) => {
            let codes: Vec<&str> = attributes.iter().map(|a: &Attribute| a.code()).collect();
            return Err(Unfound { rule: &rules::MORE_ASKED, detail: codes.join(" ") });
        }
        Outcome::NotFound => return Err(Unfound::from(&rules::NOBODY)),
        Outcome::Error(Some(Reason::ResponderBusy)) => return Err(Unfound::from(&rules::BUSY)),
        Outcome::Error(Some(Reason::AnswerNotAvailable)) => {
            return Err(Unfound::from(&rules::WITHHELD));
        }
        Outcome::Error(Some(Reason::InternalError) | None) => {
            return Err(Unfound::from(&rules::FAILED));
        }
    };
    // A gateway may answer for communities behind it, which are asked only where they are entered.
    let mut theirs = candidates.iter().filter(|c| c.community.as_str() == home.oid());
    match (theirs.next(), theirs.next()) {
        (Some(only), None) if agrees(shared, whom, only) => Ok(only),
        (Some(_), None) => Err(Unfound::from(&rules::UNLIKE)),
        (Some(_), Some(_)) => Err(Unfound::from(&rules::SEVERAL)),
        (None, _) => Err(Unfound::from(&rules::STRANGE_HOME)),
    }
}

/// Day of birth, sex and one form of the name; and no identifier that communities share is somebody else's: a
/// namesake born on the same day may have one. Who was looked for by such an identifier may be told without the
/// three (`nullFlavor="NA"`, ITI TF-2: 3.55.4.2.2.4), but then by an identifier that was sent: whoever compares
/// cards without 枝番 finds anybody of the family. What is told has to agree all the same.
fn agrees(shared: &SharedAuthorities, whom: &Whom, candidate: &Candidate) -> bool {
    let person = &candidate.person;
    let is_sure = candidate.degree.is_none_or(|degree| degree >= SURE);
    let ours = ids(&whom.person, &whom.patient);
    let theirs = ids(person, &candidate.patient.id);
    let is_another = shared.tell_apart(&ours, &theirs);
    let fits = [
        whom.birth.and_then(|birth| birth.day()).zip(day(person)).map(|(a, b)| a == b),
        whom.sex.zip(person.sex.filter(|sex| *sex != Sex::Unknown)).map(|(a, b)| a == b),
        same_name(&whom.person.names, &person.names),
    ];
    let fits = match whom.by {
        By::Demographics => fits == [Some(true); 3],
        By::Identifier => {
            // A birth that is not told to the day cannot be compared, and is no agreement.
            let is_vague = whom.birth.is_some() && person.birth.is_some() && day(person).is_none();
            let is_named = |id: &&PatientId| whom.named.iter().any(|n| shared.tell_same(&n.id, id));
            let is_positive = fits == [Some(true); 3] || theirs.iter().any(is_named);
            !is_vague && !fits.contains(&Some(false)) && is_positive
        }
    };
    !is_another && is_sure && fits
}

fn day(person: &Person) -> Option<NaiveDate> {
    person.birth.and_then(|birth| birth.day())
}

/// Whether one form of the name is the same; `None` if a side has none.
fn same_name(ours: &[Name], theirs: &[Name]) -> Option<bool> {
    let theirs: Vec<&Name> = theirs.iter().filter(|name| !name.is_empty()).collect();
    let is_told = !ours.is_empty() && !theirs.is_empty();
    is_told.then(|| ours.iter().any(|ours| theirs.iter().any(|name| is_same(ours, name))))
}

fn ids<'a>(person: &'a Person, own: &'a PatientId) -> Vec<&'a PatientId> {
    person.identifiers.iter().map(|known| &known.id).chain([own]).collect()
}

fn is_same(a: &Name, b: &Name) -> bool {
    let form = a.writing.is_none() || b.writing.is_none() || a.writing == b.writing;
    form && a.compared() == b.compared()
}
