//! How often names occur: that two people are called 佐藤 says less than that they are called 勅使河原.

use crate::weight::Weight;
use renkei_person::Writing;
use std::collections::HashMap;

/// Which part of a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Part {
    /// The family name.
    Family,
    /// The given names.
    Given,
}

/// The shares of names, as they are compared, among all names of that part and writing.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Terms {
    rarities: HashMap<(Part, Writing, String), Weight>,
    /// Of a name that is not listed, by part.
    unlisted: [Weight; 2],
}

/// One name that is common enough to be listed.
#[derive(Clone, Debug, PartialEq)]
pub struct Term {
    /// Which part.
    pub part: Part,
    /// In which writing.
    pub writing: Writing,
    /// The name as it is compared.
    pub name: String,
    /// Its share; above 0, 1 at most.
    pub share: f64,
}

impl Terms {
    /// The terms of a list. `usual` is how probable it is that two people have the same family name, and the same
    /// given name; `least` the share of a name that is not listed.
    pub fn new(list: &[Term], usual: [f64; 2], least: f64) -> Self {
        let usual_of = |part| match part {
            Part::Family => usual[0],
            Part::Given => usual[1],
        };
        let rarity = |term: &Term| {
            let key = (term.part, term.writing, term.name.clone());
            (key, Weight::ratio(usual_of(term.part), term.share.max(least)))
        };
        let rarities = list.iter().map(rarity).collect();
        Self { rarities, unlisted: usual.map(|usual| Weight::ratio(usual, least)) }
    }

    /// How much more than usual it says that two people have this name; nothing is known of names in Latin letters.
    pub(crate) fn rarity(&self, part: Part, writing: Writing, folded: &str) -> Weight {
        if writing == Writing::Alphabetic || folded.is_empty() {
            return Weight::ZERO;
        }
        let listed = self.rarities.get(&(part, writing, folded.to_owned())).copied();
        let [family, given] = self.unlisted;
        listed.unwrap_or(match part {
            Part::Family => family,
            Part::Given => given,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rare_name_says_more() {
        let sato = Term {
            part: Part::Family,
            writing: Writing::Syllabic,
            name: "サトー".to_owned(),
            share: 0.016,
        };
        let terms = Terms::new(&[sato], [0.002, 0.004], 0.0001);
        let rarity = |name| terms.rarity(Part::Family, Writing::Syllabic, name);
        assert_eq!(rarity("サトー"), Weight::bits(-3.0));
        assert_eq!(rarity("テシガワラ"), Weight::bits(4.32));
        assert_eq!(terms.rarity(Part::Family, Writing::Alphabetic, "SATO"), Weight::ZERO);
        assert_eq!(Terms::default().rarity(Part::Given, Writing::Syllabic, "x"), Weight::ZERO);
    }
}
