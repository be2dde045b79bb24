//! Which words of a column stand for which terms.

use std::collections::BTreeMap;

use renkei_checkup::tables::JudgementList;
use renkei_checkup::{Kind, tables};
use unicode_normalization::UnicodeNormalization;

use super::profile::{Profile, ratio};
use crate::mapping::Item;

/// The words of a column and their terms.
#[derive(Clone, Debug, Default)]
pub(super) struct Found {
    /// What is to stand in the vocabulary, in order.
    pub(super) words: Vec<(String, String)>,
    /// Words of the column that stand for nothing known.
    pub(super) unknown: Vec<String>,
    /// The part of the cells whose words are known.
    pub(super) part: f64,
    /// Where the words come from.
    pub(super) source: String,
}

/// Words of which a column of terms has at most this many.
pub(super) const MOST_TERMS: usize = 30;

/// One way of writing the terms of an item.
struct Way {
    name: String,
    words: Vec<(String, String)>,
}

/// The way of writing that the column follows.
pub(super) fn find(item: Item, profile: &Profile) -> Found {
    if item.kind == Kind::Judge {
        return judgements(&[profile]);
    }
    choose(&ways(item), profile)
}

/// The judgement list that all these columns follow: an institution speaks one.
pub(super) fn judgements(profiles: &[&Profile]) -> Found {
    let mut words: BTreeMap<String, usize> = BTreeMap::new();
    for (word, count) in profiles.iter().flat_map(|profile| &profile.words) {
        *words.entry(word.clone()).or_default() += count;
    }
    let all = Profile { filled: words.values().sum(), words, ..Profile::default() };
    let ways: Vec<Way> = tables().judgement_lists().iter().flat_map(ways_of_list).collect();
    choose(&ways, &all)
}

fn ways_of_list(list: &JudgementList) -> [Way; 2] {
    let way = |word: &dyn Fn(usize) -> Option<String>| {
        let term = |(index, term): (usize, &renkei_checkup::tables::JudgementTerm)| {
            Some((word(index)?, term.standard.clone()?))
        };
        list.terms.iter().enumerate().filter_map(term).collect()
    };
    let name = format!("{} ({})", list.name, list.id);
    [
        Way { name: name.clone(), words: way(&|i| list.terms.get(i).map(|t| t.code.clone())) },
        Way { name, words: way(&|i| list.terms.get(i).map(|t| t.label.clone())) },
    ]
}

fn ways(item: Item) -> Vec<Way> {
    let set = &item.value_set;
    let terms = || tables().terms(set).iter();
    let mut ways = vec![
        Way {
            name: format!("用語 / terms of {set}"),
            words: terms().map(|term| (term.term.clone(), term.term.clone())).collect(),
        },
        Way {
            name: format!("コード / codes of {set}"),
            words: terms().map(|term| (term.code.clone(), term.term.clone())).collect(),
        },
    ];
    ways.extend(tables().notations(set).iter().map(|notation| Way {
        name: format!("表記 / notation {}", notation.name),
        words: notation.words.clone(),
    }));
    ways
}

fn fold(word: &str) -> String {
    word.nfkc().collect::<String>().to_lowercase()
}

/// The way with most cells; what it does not have is taken from the others.
fn choose(ways: &[Way], profile: &Profile) -> Found {
    let known = |way: &Way, word: &str| {
        let folded = fold(word);
        way.words.iter().find(|(other, _)| fold(other) == folded).map(|(_, term)| term.clone())
    };
    let cells = |way: &Way| {
        let held = profile.words.iter().filter(|(word, _)| known(way, word).is_some());
        held.map(|(_, count)| *count).sum::<usize>()
    };
    let mut best: Option<(usize, &Way)> = None;
    for way in ways {
        let count = cells(way);
        if best.is_none_or(|(most, _)| count > most) {
            best = Some((count, way));
        }
    }
    let Some((count, way)) = best else { return Found::default() };
    let mut found = Found { source: way.name.clone(), ..Found::default() };
    let mut held = count;
    if count > 0 {
        found.words.clone_from(&way.words);
    } else {
        // nothing to go by: what the standard itself writes
        found.words = ways.iter().take(2).flat_map(|way| way.words.iter().cloned()).collect();
        let mut seen = std::collections::HashSet::new();
        found.words.retain(|(word, _)| seen.insert(word.clone()));
    }
    for (word, count) in &profile.words {
        match known(way, word) {
            // as the column writes it, unless the look-up folds it anyway
            Some(term) => {
                let folded: String = word.nfkc().collect();
                let is_there = |other: &str| other == word || other == folded;
                if !found.words.iter().any(|(other, _)| is_there(other)) {
                    found.words.push((word.clone(), term));
                }
            }
            None => match ways.iter().find_map(|way| known(way, word)) {
                Some(term) => {
                    held += count;
                    found.words.push((word.clone(), term));
                }
                None => found.unknown.push(word.clone()),
            },
        }
    }
    found.part = ratio(held, profile.words.values().sum());
    found
}
