//! Who is worth comparing with whom: persons who have a key in common.
//!
//! A person has several keys, so that an error in one field leaves the others. What too many persons have (鈴木 and a
//! given name of its time) is not compared as it is but under finer keys; what is still too large is left out and
//! counted, never compared without bound and never forgotten in silence.

use crate::form::Form;
use crate::form::names::Written;
use chrono::Datelike;
use std::collections::BTreeSet;
use std::hash::{DefaultHasher, Hash, Hasher};

/// A key, and the finer ones that stand for it where too many have it.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Key {
    /// What persons have in common.
    pub text: String,
    /// The same with something more, each time.
    pub finer: Vec<String>,
}

/// The keys of a person: a bounded number, since of names, numbers and identifiers only so many are looked at.
pub fn keys(form: &Form) -> BTreeSet<Key> {
    let born = Born::of(form);
    let mut keys = Keys { born, keys: BTreeSet::new() };
    keys.identifiers(form);
    keys.names(form);
    keys.places(form);
    keys.keys
}

/// The parts of a day of birth that outlast an error in the others.
#[derive(Default)]
struct Born {
    day: Option<String>,
    year: String,
    /// Month and day in whichever order.
    within: String,
}

impl Born {
    fn of(form: &Form) -> Self {
        let Some(birth) = form.birth else { return Self::default() };
        let first = birth.first();
        let within = birth.day().map(|day| {
            let (low, high) = (day.month().min(day.day()), day.month().max(day.day()));
            format!("{low}/{high}")
        });
        Self {
            day: birth.day().map(|day| day.to_string()),
            year: first.year().to_string(),
            within: within.unwrap_or_default(),
        }
    }
}

struct Keys {
    born: Born,
    keys: BTreeSet<Key>,
}

impl Keys {
    /// A key of this kind; an empty part makes none.
    fn add(&mut self, kind: &str, parts: &[&str]) {
        if parts.iter().any(|part| part.is_empty()) {
            return;
        }
        let text = format!("{kind}\n{}", parts.join("\n"));
        let by = [("year", &self.born.year), ("within", &self.born.within)];
        let finer = by.iter().filter(|(_, part)| !part.is_empty());
        let finer = finer.map(|(by, part)| format!("{text}\n{by}\n{part}")).collect();
        self.keys.insert(Key { text, finer });
    }

    fn identifiers(&mut self, form: &Form) {
        for (card, branch) in &form.identifiers.cards {
            self.add("insured", &[card, branch]);
            for name in &form.names.kana {
                self.add("card", &[card, &name.given.folded]);
            }
        }
        for id in form.identifiers.personal.iter().chain(&form.identifiers.own) {
            self.add("id", &[&id.to_string()]);
        }
    }

    fn names(&mut self, form: &Form) {
        for (writing, names) in
            [("kana", &form.names.kana), ("kanji", &form.names.kanji), ("latin", &form.names.latin)]
        {
            for name in names {
                self.name(writing, name);
            }
        }
    }

    /// The whole name in whichever order and division, and each part with the day of birth.
    fn name(&mut self, writing: &str, name: &Written) {
        let mut letters: Vec<char> = name.family.folded.chars().collect();
        letters.extend(name.given.folded.chars());
        letters.sort_unstable();
        let letters: String = letters.into_iter().collect();
        self.add(&format!("name {writing}"), &[&letters]);
        let day = self.born.day.clone().unwrap_or_default();
        // A part that stands in the other's place is found all the same.
        self.add(&format!("born {writing}"), &[&day, &name.family.folded]);
        self.add(&format!("born {writing}"), &[&day, &name.given.folded]);
    }

    fn places(&mut self, form: &Form) {
        for telephone in &form.telephones {
            self.add("telephone", &[&telephone.0]);
        }
        let names = form.names.kana.iter().chain(&form.names.kanji);
        let given: BTreeSet<&str> = names.map(|name| name.given.folded.as_str()).collect();
        for residence in &form.residences {
            for given in &given {
                self.add("house", &[&residence.postal, &residence.house, given]);
                self.add("town", &[&residence.town, given]);
            }
            let year = self.born.year.clone();
            self.add("house", &[&residence.postal, &residence.house, &year]);
        }
    }
}

/// What blocking made of a set of persons.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Pairs {
    /// Who is compared with whom: places in the set, the lower first; each pair once, in order.
    pub pairs: Vec<(u32, u32)>,
    /// Blocks that were too large and were divided by finer keys.
    pub divided: usize,
    /// Blocks that were too large even so, and were left out.
    pub left_out: usize,
    /// The persons of the largest of these; 0 for none.
    pub largest: usize,
}

/// The pairs of a set of persons, at most `largest` of one key. For a whole store; a single person is looked up by
/// [`keys`].
pub fn pairs(forms: &[Form], largest: usize) -> Pairs {
    let mut out = Pairs::default();
    let mut coarse: Vec<(u64, u32)> = Vec::new();
    for (at, form) in (0_u32..).zip(forms) {
        coarse.extend(keys(form).iter().map(|key| (hashed(&key.text), at)));
    }
    let mut finer = Vec::new();
    let mut too_large = BTreeSet::new();
    for block in blocks(&mut coarse) {
        if block.len() <= largest {
            out.add(block);
        } else {
            out.divided += 1;
            too_large.extend(block.iter().map(|(key, _)| *key));
        }
    }
    for (at, form) in (0_u32..).zip(forms).filter(|_| !too_large.is_empty()) {
        for key in keys(form).iter().filter(|key| too_large.contains(&hashed(&key.text))) {
            finer.extend(key.finer.iter().map(|text| (hashed(text), at)));
        }
    }
    for block in blocks(&mut finer) {
        if block.len() <= largest {
            out.add(block);
        } else {
            out.left_out += 1;
            out.largest = out.largest.max(block.len());
        }
    }
    out.pairs.sort_unstable();
    out.pairs.dedup();
    out
}

/// Those of one key each.
fn blocks(list: &mut Vec<(u64, u32)>) -> impl Iterator<Item = &[(u64, u32)]> {
    list.sort_unstable();
    list.dedup();
    list.chunk_by(|(a, _), (b, _)| a == b)
}

impl Pairs {
    fn add(&mut self, block: &[(u64, u32)]) {
        for (n, (_, a)) in block.iter().enumerate() {
            self.pairs.extend(block.iter().skip(n + 1).map(|(_, b)| (*a, *b)));
        }
        // The same pair comes from many blocks: made one now and then, so that memory follows the pairs.
        if self.pairs.len() > 2 * self.pairs.capacity() / 3 && self.pairs.len() > 1 << 24 {
            self.pairs.sort_unstable();
            self.pairs.dedup();
        }
    }
}

/// Two texts with one hash are compared, and found to be two persons.
fn hashed(text: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    text.hash(&mut hasher);
    hasher.finish()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Rules;
    use crate::tests::person;
    use renkei_person::{Birth, Person};

    fn form(person: &Person) -> Form {
        Form::of(person, &Rules::standard().unwrap())
    }

    fn meet(a: &Person, b: &Person) -> bool {
        {
            let texts = |person| keys(&form(person)).into_iter().map(|key| key.text);
            let ours: BTreeSet<String> = texts(a).collect();
            texts(b).any(|key| ours.contains(&key))
        }
    }

    #[test]
    fn one_error_leaves_a_key() {
        let whole = person();
        assert!(meet(&whole, &whole));
        let born = |birth: &str| Person { birth: Birth::parse(birth), ..person() };
        assert!(meet(&whole, &born("19800101")));
        let mut renamed = person();
        for name in &mut renamed.names {
            name.family = "別".to_owned();
        }
        assert!(meet(&whole, &renamed));
        let moved = Person { addresses: Vec::new(), contacts: Vec::new(), ..person() };
        assert!(meet(&whole, &moved));
        assert!(!meet(&whole, &Person::default()));
    }

    #[test]
    fn a_block_that_is_too_large_is_divided_and_what_remains_is_counted() {
        let born = |birth: &str| Person {
            names: person().names,
            birth: Birth::parse(birth),
            ..Person::default()
        };
        // A year and a day in the year of their own, but for two.
        let forms: Vec<Form> = ["19500101", "19510202", "19520303", "19530404", "19530404"]
            .iter()
            .map(|birth| form(&born(birth)))
            .collect();
        assert_eq!(pairs(&forms, 5).pairs.len(), 10);
        let divided = pairs(&forms, 4);
        assert_eq!(divided.pairs, [(3, 4)]);
        assert!(divided.divided > 0 && divided.left_out == 0);
        let nobody = pairs(&forms, 1);
        assert_eq!((nobody.pairs.len(), nobody.largest), (0, 2));
        assert!(nobody.left_out > 0, "what is left out is counted");
    }
}
