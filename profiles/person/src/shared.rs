//! The authorities whose identifiers mean the same person in every community.

use crate::Insured;
use renkei_metadata::ids::{Oid, PatientId};

/// Who gives such identifiers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SharedAuthorities {
    /// Of insured persons, whose identifiers are compared as cards are.
    pub insured: Option<Oid>,
    /// Others; each gives a person one identifier.
    pub others: Vec<Oid>,
}

impl SharedAuthorities {
    /// Whether this authority is one of them.
    pub fn has(&self, authority: &Oid) -> bool {
        self.insured.as_ref() == Some(authority) || self.others.contains(authority)
    }

    /// Whether an identifier is one person's, whoever tells it: one of these authorities gave it, and it is no
    /// card without 枝番, which is a family's.
    pub fn name_one(&self, id: &PatientId) -> bool {
        match self.insured.as_ref() == Some(&id.authority) {
            true => card(id).is_some(),
            false => self.has(&id.authority),
        }
    }

    /// Whether both name one person, and the same: of cards by the same 枝番.
    pub fn tell_same(&self, ours: &PatientId, theirs: &PatientId) -> bool {
        let is_one = ours.authority == theirs.authority && self.name_one(ours);
        match self.insured.as_ref() == Some(&ours.authority) {
            true => is_one && card(ours) == card(theirs),
            false => is_one && ours == theirs,
        }
    }

    /// Whether whoever is called `ours` cannot be whoever is called `theirs`: an authority has another
    /// identifier for each, or they are two people of one card.
    pub fn tell_apart(&self, ours: &[&PatientId], theirs: &[&PatientId]) -> bool {
        let of = |authority: &Oid| {
            [ours, theirs].map(|ids| -> Vec<&PatientId> {
                ids.iter().copied().filter(|id| id.authority == *authority).collect()
            })
        };
        let insured = self.insured.as_ref();
        let differ = |authority: &Oid| {
            let [ours, theirs] = of(authority);
            let neither_lacks = !ours.is_empty() && !theirs.is_empty();
            neither_lacks && !ours.iter().any(|id| theirs.contains(id))
        };
        let mut others = self.others.iter().filter(|authority| Some(*authority) != insured);
        others.any(differ)
            || insured.is_some_and(|authority| {
                let [ours, theirs] = of(authority);
                are_of_one_card(&ours, &theirs)
            })
    }
}

/// Whether they have a card in common and none of its 枝番. Another card tells nothing: people change their
/// insurers.
fn are_of_one_card(ours: &[&PatientId], theirs: &[&PatientId]) -> bool {
    let cards = |ids: &[&PatientId]| -> Vec<_> { ids.iter().filter_map(|id| card(id)).collect() };
    let (ours, theirs) = (cards(ours), cards(theirs));
    ours.iter().any(|(card, _)| {
        let mut same = theirs.iter().filter(|(of, _)| of == card).peekable();
        same.peek().is_some() && !same.any(|both| ours.contains(both))
    })
}

/// A card and the 枝番 of one of its people, as they are compared; a card without names nobody.
fn card(id: &PatientId) -> Option<(String, String)> {
    let key = Insured::parse(&id.id)?.comparison_key();
    let (card, branch) = key.rsplit_once(':')?;
    (!branch.is_empty()).then(|| (card.to_owned(), branch.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    const CARDS: &str = "2.999.3";

    fn ids(texts: &[&str], of: &str) -> Vec<PatientId> {
        let of = Oid::parse(of).unwrap();
        texts.iter().map(|text| PatientId::new(text, of.clone()).unwrap()).collect()
    }

    fn apart(ours: &[&str], theirs: &[&str], of: &str) -> bool {
        let others = ["2.999.4", CARDS].map(|oid| Oid::parse(oid).unwrap()).to_vec();
        let shared = SharedAuthorities { insured: Oid::parse(CARDS).ok(), others };
        let (ours, theirs) = (ids(ours, of), ids(theirs, of));
        let [ours, theirs]: [Vec<_>; 2] = [ours.iter().collect(), theirs.iter().collect()];
        shared.tell_apart(&ours, &theirs)
    }

    #[test]
    fn another_identifier_of_a_shared_authority_is_somebody_else() {
        assert!(apart(&["1"], &["2"], "2.999.4"));
        assert!(!apart(&["1"], &["1"], "2.999.4"));
        assert!(!apart(&["1", "2"], &["2", "3"], "2.999.4"));
        assert!(!apart(&["1"], &[], "2.999.4"), "not known is no other");
        assert!(!apart(&["1"], &["2"], "2.999.5"), "a chart number says nothing elsewhere");
    }

    #[test]
    fn one_person_is_named_by_a_card_with_a_branch_and_by_any_other_shared_identifier() {
        let insured = Oid::parse(CARDS).ok();
        let shared = SharedAuthorities { insured, others: vec![Oid::parse("2.999.4").unwrap()] };
        let names = |text: &str, of: &str| ids(&[text], of).iter().all(|id| shared.name_one(id));
        assert!(names("00138057:12-3:4567:01", CARDS));
        assert!(!names("138057:123:4567:", CARDS), "a family's");
        assert!(names("1", "2.999.4"));
        assert!(!names("1", "2.999.5"), "a chart number says nothing elsewhere");
    }

    #[test]
    fn the_same_person_is_told_by_what_names_one() {
        let insured = Oid::parse(CARDS).ok();
        let shared = SharedAuthorities { insured, others: vec![Oid::parse("2.999.4").unwrap()] };
        let same = |a: &str, b: &str, of: &str| match &ids(&[a, b], of)[..] {
            [a, b] => shared.tell_same(a, b),
            other => panic!("{other:?}"),
        };
        let us = "00138057:12-3:4567:01";
        assert!(same(us, "138057:123:4567:1", CARDS), "written otherwise");
        assert!(!same(us, "138057:123:4567:2", CARDS));
        assert!(!same(us, "138057:123:4567:", CARDS));
        assert!(!same("138057:123:4567:", "138057:123:4567:", CARDS), "a family's");
        assert!(same("138057:123:4567:00", "138057:123:4567:0", CARDS), "the holder's");
        assert!(same("1", "1", "2.999.4"));
        assert!(!same("1", "2", "2.999.4"));
        assert!(!same("1", "1", "2.999.5"), "a chart number says nothing elsewhere");
    }

    #[test]
    fn two_people_of_one_card_are_not_the_same() {
        let us = "00138057:12-3:4567:01";
        assert!(apart(&[us], &["138057:123:4567:2"], CARDS));
        assert!(!apart(&[us], &["138057:123:4567:1"], CARDS), "the same, written otherwise");
        assert!(!apart(&[us], &["06138057:9:1:02"], CARDS), "insurers change");
        assert!(!apart(&[us], &["138057:123:4567:"], CARDS), "a family's");
        assert!(apart(&[us], &["138057:123:4567:00"], CARDS), "the holder");
        assert!(!apart(&[us], &["138057:123:4567:2", us], CARDS));
    }
}
