//! What two descriptions of persons have in common, before anybody weighs it.

mod birth;
mod names;

use crate::form::Form;
use crate::form::identifiers::Identifiers;
use crate::level::{Field, Level};
use crate::weight::Weight;
use renkei_metadata::ids::PatientId;

/// A level for each field that both descriptions have. The same whichever of the two comes first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Observation {
    levels: [Option<Level>; Field::ALL.len()],
    /// How rare the family name is that both share, and the given name.
    rarities: [Weight; 2],
}

impl Observation {
    /// Compares two persons.
    pub fn of(a: &Form, b: &Form) -> Self {
        let [family, given] = names::levels(a, b);
        let levels = [
            family.map(|(level, _)| level),
            given.map(|(level, _)| level),
            a.birth.zip(b.birth).map(|(a, b)| birth::level(a, b)),
            a.sex.zip(b.sex).map(|(a, b)| if a == b { Level::SexSame } else { Level::SexOther }),
            residence(a, b),
            telephone(a, b),
            insured(&a.identifiers, &b.identifiers),
            personal(&a.identifiers.personal, &b.identifiers.personal),
            meet(&a.identifiers.own, &b.identifiers.own).then_some(Level::OwnSame),
        ];
        let rarity = |part: Option<(Level, Weight)>| {
            part.filter(|(level, _)| level.shares_a_name()).map_or(Weight::ZERO, |(_, w)| w)
        };
        Self { levels, rarities: [rarity(family), rarity(given)] }
    }

    /// What was observed, in the order of the fields.
    pub fn levels(&self) -> impl Iterator<Item = Level> {
        self.levels.iter().copied().flatten()
    }

    /// Whether this was observed.
    pub fn has(&self, level: Level) -> bool {
        self.levels().any(|observed| observed == level)
    }

    /// How much more than usual it says that both have the name of this field.
    pub(crate) fn rarity(&self, field: Field) -> Weight {
        let [family, given] = self.rarities;
        match field {
            Field::Family => family,
            Field::Given => given,
            _ => Weight::ZERO,
        }
    }
}

fn residence(a: &Form, b: &Form) -> Option<Level> {
    let pairs = a.residences.iter().flat_map(|ours| b.residences.iter().map(move |t| (ours, t)));
    let level = pairs.map(|(a, b)| {
        if a.shares_house(b) && a.rest == b.rest {
            Level::ResidenceSame
        } else if a.shares_house(b) {
            Level::ResidenceHouse
        } else if a.shares_town(b) {
            Level::ResidenceTown
        } else if a.shares_area(b) {
            Level::ResidenceArea
        } else {
            Level::ResidenceOther
        }
    });
    level.min()
}

fn telephone(a: &Form, b: &Form) -> Option<Level> {
    let (ours, theirs) = (&a.telephones, &b.telephones);
    let mut shared = ours.iter().filter(|number| theirs.contains(number)).peekable();
    if shared.peek().is_none() {
        let told = !ours.is_empty() && !theirs.is_empty();
        return told.then_some(Level::TelephoneOther);
    }
    let is_mobile = shared.any(|number| number.is_mobile());
    Some(if is_mobile { Level::TelephoneMobile } else { Level::TelephoneSame })
}

/// Cards in common, and whether they name the same person of it.
fn insured(a: &Identifiers, b: &Identifiers) -> Option<Level> {
    let pairs = a.cards.iter().flat_map(|ours| b.cards.iter().map(move |theirs| (ours, theirs)));
    let level = pairs.map(|((card, branch), (other, theirs))| match card == other {
        false => Level::InsuredOther,
        true if branch.is_empty() || theirs.is_empty() => Level::InsuredCard,
        true if branch == theirs => Level::InsuredSame,
        true => Level::InsuredBranch,
    });
    // Two people of one card are that, whatever other card they had.
    let said = |level: &Level| match level {
        Level::InsuredSame => 0,
        Level::InsuredBranch => 1,
        Level::InsuredCard => 2,
        _ => 3,
    };
    level.min_by_key(said)
}

/// The same identifier of an authority, or none in common though one gave both an identifier.
fn personal(ours: &[PatientId], theirs: &[PatientId]) -> Option<Level> {
    let of_one = |id: &PatientId| {
        let by_it = |other: &&PatientId| other.authority == id.authority;
        let same = theirs.iter().any(|other| other == id);
        let known = theirs.iter().any(|other| by_it(&other));
        let ours_too = || ours.iter().filter(by_it).any(|own| theirs.contains(own));
        (same, known && !ours_too())
    };
    let all: Vec<_> = ours.iter().map(of_one).collect();
    // That one authority tells them apart weighs more than that another does not.
    if all.iter().any(|(_, differs)| *differs) {
        return Some(Level::PersonalOther);
    }
    all.iter().any(|(same, _)| *same).then_some(Level::PersonalSame)
}

fn meet<T: PartialEq>(a: &[T], b: &[T]) -> bool {
    a.iter().any(|one| b.contains(one))
}
