//! Weights and shares of names, from a population of which everything is known.

use renkei_matching::{Counts, Form, Observation, Part, Rules, folded, learn};
use renkei_person::Writing;
use renkei_population::{Population, Random};
use std::collections::BTreeMap;

/// The most bits that one field says.
const MOST: f64 = 13.0;

/// Pairs by chance for each record.
const BY_CHANCE: usize = 20;

/// The share from which on a name is listed.
const LISTED: f64 = 0.0002;

/// The weights as rules have them: m from the pairs of one person, u from pairs by chance.
pub(crate) fn weights(population: &Population, rules: &Rules) -> String {
    let records = &population.records;
    let forms: Vec<Form> = records.iter().map(|r| Form::of(&r.person, rules)).collect();
    let mut one = Counts::default();
    for [a, b] in crate::judged::pairs_of_one(population) {
        observe(&forms, [a, b], &mut one);
    }
    let mut two = Counts::default();
    let mut random = Random::new(7);
    for _ in 0..BY_CHANCE * forms.len() {
        let [a, b] = [random.below(forms.len()), random.below(forms.len())];
        let both = records.get(a).zip(records.get(b));
        if both.is_some_and(|(a, b)| a.who != b.who) {
            observe(&forms, [a, b], &mut two);
        }
    }
    let odds = learn(&one, &two, MOST);
    let lines = odds
        .iter()
        .map(|(level, odds)| format!("{level} = {{ m = {:.6e}, u = {:.6e} }}\n", odds.m, odds.u));
    lines.collect()
}

fn observe(forms: &[Form], pair: [usize; 2], counts: &mut Counts) {
    if let [Some(a), Some(b)] = pair.map(|at| forms.get(at)) {
        counts.add(&Observation::of(a, b));
    }
}

/// The shares of names that are common enough.
pub(crate) fn terms(population: &Population) -> String {
    let mut counts: BTreeMap<(&str, &str, String), u32> = BTreeMap::new();
    let mut totals: BTreeMap<(&str, &str), u32> = BTreeMap::new();
    for name in population.records.iter().flat_map(|record| &record.person.names) {
        let writing = match name.writing {
            Some(Writing::Syllabic) => "kana",
            Some(Writing::Ideographic) => "kanji",
            _ => continue,
        };
        for (part, folded) in folded(name) {
            let part = match part {
                Part::Family => "family",
                Part::Given => "given",
            };
            *counts.entry((part, writing, folded)).or_default() += 1;
            *totals.entry((part, writing)).or_default() += 1;
        }
    }
    let mut table = "part,writing,name,share\n".to_owned();
    for ((part, writing, name), count) in counts {
        let total = totals.get(&(part, writing)).copied().unwrap_or(1);
        let share = f64::from(count) / f64::from(total);
        if share >= LISTED {
            table.push_str(&format!("{part},{writing},{name},{share:.6}\n"));
        }
    }
    table
}
