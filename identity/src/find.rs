//! Whether somebody whom others describe is a person here (ITI TF-2: 3.55.4.1.3, 3.55.4.2.2).
//!
//! Strictly: by an identifier that communities share, or by a name in kana, the day of birth and the sex, in
//! both cases without a second candidate and without a contradiction. What would be a guess is no match; it
//! is said what could tell several candidates apart.

use crate::compare::{self, Clue};
use crate::{IdentityError, IdentityRules};
use renkei_metadata::ids::PatientId;
use renkei_person::{Person, Sex};
use std::collections::BTreeSet;

/// A person who is known here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// The identifier of the affinity domain that the person has now.
    pub id: PatientId,
    /// Who it is. The identifiers are those of other authorities.
    pub person: Person,
}

/// What would tell candidates apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Wanted {
    /// The sex.
    Sex,
    /// An address.
    Address,
    /// A telephone number.
    Telephone,
    /// The name of the mother before she married.
    MothersMaidenName,
}

/// Who it may be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Candidates {
    /// Nobody who is known here, as far as can be told.
    Nobody,
    /// This person, and no other.
    One(Box<Found>),
    /// Several, whom these would tell apart; one at least.
    Unclear(Vec<Wanted>),
    /// Several, and nothing that could be asked for tells them apart.
    Several,
}

/// Persons who have one of some clues.
pub(crate) struct Pool {
    /// Each with its cluster: what is cross-referenced is one person.
    pub(crate) found: Vec<(i64, Found)>,
    /// Whether there are more, which nobody looked at.
    pub(crate) is_cut: bool,
}

/// Who may be somebody, by any of the clues by which [`find`] looks, whether or not it is them.
pub(crate) fn candidates(
    rules: &IdentityRules,
    asked: &Person,
    mut with_clues: impl FnMut(&BTreeSet<Clue>) -> Result<Pool, IdentityError>,
) -> Result<Vec<PatientId>, IdentityError> {
    let mut ids = Vec::new();
    for clues in [compare::by_identifiers(rules, asked), compare::by_demographics(asked)] {
        if !clues.is_empty() {
            ids.extend(with_clues(&clues)?.found.into_iter().map(|(_, found)| found.id));
        }
    }
    Ok(ids)
}

/// Looks for somebody; `with_clues` gives who has one of the clues.
pub(crate) fn find(
    rules: &IdentityRules,
    asked: &Person,
    mut with_clues: impl FnMut(&BTreeSet<Clue>) -> Result<Pool, IdentityError>,
) -> Result<Candidates, IdentityError> {
    let identifiers = compare::by_identifiers(rules, asked);
    if !identifiers.is_empty() {
        let named = with_clues(&identifiers)?;
        // Who is named and contradicts is somebody else under the same number, or an error: a further look
        // for the name would be a guess.
        if !named.found.is_empty() {
            return Ok(decide(rules, asked, named));
        }
        // An identifier of ours that nobody has is not that of a namesake.
        if asked.identifiers.iter().any(|i| i.id.authority == rules.home) {
            return Ok(Candidates::Nobody);
        }
    }
    let demographics = compare::by_demographics(asked);
    if demographics.is_empty() {
        return Ok(Candidates::Nobody);
    }
    let alike = with_clues(&demographics)?;
    Ok(match (asked.sex, decide(rules, asked, alike)) {
        (_, Candidates::Nobody) | (Some(Sex::Other | Sex::Unknown), _) => Candidates::Nobody,
        (None, _) => Candidates::Unclear(vec![Wanted::Sex]),
        // A person whose sex is not known here may be it, or not.
        (sex, Candidates::One(found)) if found.person.sex != sex => Candidates::Nobody,
        (_, decided) => decided,
    })
}

fn decide(rules: &IdentityRules, asked: &Person, pool: Pool) -> Candidates {
    if pool.is_cut {
        return Candidates::Several;
    }
    let mut left = pool.found;
    left.retain(|(_, found)| !contradicts(rules, asked, &found.person));
    let mut seen = BTreeSet::new();
    left.retain(|(cluster, _)| seen.insert(*cluster));
    let mut left: Vec<Found> = left.into_iter().map(|(_, found)| found).collect();
    if left.len() > 1 {
        let told: BTreeSet<usize> =
            Attribute::ALL.iter().filter_map(|a| a.only(asked, &left)).collect();
        let mut told = told.into_iter();
        match (told.next(), told.next()) {
            (Some(at), None) => left = left.into_iter().skip(at).take(1).collect(),
            // The address of the one and the telephone number of another.
            (Some(_), Some(_)) => return Candidates::Several,
            (None, _) => {
                let wanted: Vec<Wanted> =
                    Attribute::ALL.iter().filter_map(|a| a.wanted(asked, &left)).collect();
                return match wanted.is_empty() {
                    true => Candidates::Several,
                    false => Candidates::Unclear(wanted),
                };
            }
        }
    }
    left.into_iter().next().map_or(Candidates::Nobody, |found| Candidates::One(Box::new(found)))
}

/// Whether both cannot be the same: another sex, another birth, another name in kana, another number under an
/// authority that communities share or on one card.
fn contradicts(rules: &IdentityRules, asked: &Person, known: &Person) -> bool {
    let certain = |sex: Option<Sex>| sex.filter(|s| matches!(s, Sex::Female | Sex::Male));
    let sex = certain(asked.sex).zip(certain(known.sex)).is_some_and(|(a, b)| a != b);
    let births = asked.birth.zip(known.birth);
    let birth = births.is_some_and(|(a, b)| a.last() < b.first() || b.last() < a.first());
    let (names, others) = (compare::kana(asked), compare::kana(known));
    let name = !names.is_empty() && !others.is_empty() && names.is_disjoint(&others);
    let [asked, known] = [asked, known].map(|p| p.identifiers.iter().map(|i| &i.id));
    let number = rules.shared.tell_apart(&asked.collect::<Vec<_>>(), &known.collect::<Vec<_>>());
    sex || birth || name || number
}

/// An attribute that may tell candidates apart, in the forms in which it is compared.
struct Attribute {
    wanted: Wanted,
    forms: fn(&Person) -> BTreeSet<String>,
}

impl Attribute {
    const ALL: [Self; 3] = [
        Self {
            wanted: Wanted::Address,
            forms: |p| p.addresses.iter().map(compare::address).collect(),
        },
        Self {
            wanted: Wanted::Telephone,
            forms: |p| p.contacts.iter().filter_map(compare::contact).collect(),
        },
        Self {
            wanted: Wanted::MothersMaidenName,
            forms: |p| p.mothers_maiden_name.iter().map(compare::name).collect(),
        },
    ];

    /// The place of the one candidate who has what was asked, when all others have something else.
    fn only(&self, asked: &Person, candidates: &[Found]) -> Option<usize> {
        let asked = (self.forms)(asked);
        let forms: Vec<_> = candidates.iter().map(|found| (self.forms)(&found.person)).collect();
        if forms.iter().any(BTreeSet::is_empty) {
            return None;
        }
        let mut alike = forms.iter().enumerate().filter(|(_, f)| !f.is_disjoint(&asked));
        let (at, _) = alike.next()?;
        alike.next().is_none().then_some(at)
    }

    /// Whether it was not told and would tell the candidates apart: each has it, none as another.
    fn wanted(&self, asked: &Person, candidates: &[Found]) -> Option<Wanted> {
        let mut seen = BTreeSet::new();
        let told_apart = candidates.iter().all(|found| {
            let forms = (self.forms)(&found.person);
            !forms.is_empty() && forms.into_iter().all(|form| seen.insert(form))
        });
        ((self.forms)(asked).is_empty() && told_apart).then_some(self.wanted)
    }
}
