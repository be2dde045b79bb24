//! Which words of a column stand for which terms: decided only where every way of writing that fits
//! the column says the same, and asked otherwise.

use std::collections::{BTreeMap, BTreeSet};

use renkei_checkup::tables::JudgementList;
use renkei_checkup::tables::drafting::Mark;
use renkei_checkup::{Kind, tables};
use unicode_normalization::UnicodeNormalization;

use super::header::Feature;
use super::profile::{Profile, ratio};
use crate::mapping::Item;

/// The words of a column and their terms.
#[derive(Clone, Debug, Default)]
pub(super) struct Found {
    /// What is certain, in order.
    pub(super) words: Vec<(String, String)>,
    /// Words of the column that are not, and what each may stand for.
    pub(super) asked: Vec<Asked>,
    /// The judgement lists that fit; none for other terms.
    pub(super) lists: Vec<&'static JudgementList>,
    /// The part of the cells whose words are known.
    pub(super) part: f64,
    /// Where the words come from.
    pub(super) source: String,
}

/// A word a person has to decide on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Asked {
    pub(super) word: String,
    /// Nothing when no way of writing knows it.
    pub(super) terms: Vec<String>,
    /// How often it comes.
    pub(super) count: usize,
}

/// Words of which a column of terms has at most this many.
pub(super) const MOST_TERMS: usize = 30;

/// Whether a way of writing is the standard's own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Own {
    Terms,
    Codes,
    No,
}

/// One way of writing the terms of an item.
#[derive(Clone, Debug)]
pub(super) struct Way {
    name: String,
    own: Own,
    words: Vec<(String, Option<String>)>,
}

impl Way {
    /// What a word stands for; the inner none when the way has the word but the standard no term.
    pub(super) fn term(&self, word: &str) -> Option<Option<&str>> {
        let folded = fold(word);
        let row = self.words.iter().find(|(other, _)| fold(other) == folded)?;
        Some(row.1.as_deref())
    }
}

/// The words of a column, by the ways of writing that `keep` does not rule out.
pub(super) fn find_among(
    item: Item,
    feature: &Feature,
    profile: &Profile,
    keep: impl Fn(&Way) -> bool,
) -> Found {
    if item.kind == Kind::Judge {
        return judgements(&[profile]);
    }
    choose(&ways(item, feature), profile, keep)
}

/// The words of a column.
pub(super) fn find(item: Item, feature: &Feature, profile: &Profile) -> Found {
    find_among(item, feature, profile, |_| true)
}

fn ways(item: Item, feature: &Feature) -> Vec<Way> {
    let set = &item.value_set;
    let terms = || tables().terms(set).iter();
    let mut ways = vec![
        Way {
            name: format!("用語 / terms of {set}"),
            own: Own::Terms,
            words: terms().map(|term| (term.term.clone(), Some(term.term.clone()))).collect(),
        },
        Way {
            name: format!("コード / codes of {set}"),
            own: Own::Codes,
            words: terms().map(|term| (term.code.clone(), Some(term.term.clone()))).collect(),
        },
    ];
    let suits = |title: &str| match Mark::from_name(title) {
        Some(mark) => feature.marks.contains(&mark),
        None => title.is_empty() || !feature.is_question,
    };
    ways.extend(tables().notations(set).iter().filter(|way| suits(&way.title)).map(|notation| {
        Way {
            name: format!("表記 / notation {}", notation.name),
            own: Own::No,
            words: notation.words.clone(),
        }
    }));
    ways
}

fn fold(word: &str) -> String {
    word.nfkc().collect::<String>().to_lowercase()
}

/// Whether a word is a code: a letter or two, or a number.
fn is_code(word: &str) -> bool {
    word.is_ascii() && word.len() <= 2
}

/// What a set of ways says of a word.
fn said<'w>(ways: impl Iterator<Item = &'w Way>, word: &str) -> BTreeSet<Option<&'w str>> {
    ways.filter_map(|way| way.term(word)).collect()
}

fn only(terms: &BTreeSet<Option<&str>>) -> Option<String> {
    match (terms.len(), terms.first()) {
        (1, Some(Some(term))) => Some((*term).to_owned()),
        _ => None,
    }
}

fn choose(ways: &[Way], profile: &Profile, keep: impl Fn(&Way) -> bool) -> Found {
    let knows_all = |way: &&Way| profile.words.keys().all(|word| way.term(word).is_some());
    let kept = || ways.iter().filter(|way| keep(way));
    let fitting: Vec<&Way> =
        if profile.words.is_empty() { Vec::new() } else { kept().filter(knows_all).collect() };
    let among: Vec<&Way> = if fitting.is_empty() { kept().collect() } else { fitting.clone() };
    let mut found = Found::default();
    if let Some(way) = fitting.first() {
        found.source.clone_from(&way.name);
    }
    let mut known = 0;
    for (word, count) in &profile.words {
        let terms = said(among.iter().copied(), word);
        known += if terms.iter().any(Option::is_some) { *count } else { 0 };
        // a digit or a letter says nothing by itself, only as part of a whole scale
        let alone = fitting.is_empty() && is_code(word);
        match only(&terms).filter(|_| !alone) {
            Some(term) => found.words.push((written(&found.words, word), term)),
            None => found.asked.push(Asked {
                word: word.clone(),
                terms: terms.into_iter().flatten().map(str::to_owned).collect(),
                count: *count,
            }),
        }
    }
    found.part = ratio(known, profile.words.values().sum());
    ask_codes_together(&mut found, profile);
    if let [way] = fitting.as_slice() {
        whole_scale(&mut found, way, profile);
    }
    found
}

/// The codes of a column are one scale: where one of them is asked, all are.
fn ask_codes_together(found: &mut Found, profile: &Profile) {
    if !found.asked.iter().any(|asked| is_code(&asked.word)) {
        return;
    }
    let words = std::mem::take(&mut found.words);
    for (word, term) in words {
        if !is_code(&word) {
            found.words.push((word, term));
            continue;
        }
        let folded = fold(&word);
        let seen = profile.words.iter().filter(|(other, _)| fold(other) == folded);
        let count = seen.map(|(_, count)| *count).sum();
        found.asked.push(Asked { word, terms: vec![term], count });
    }
    found.asked.sort_by(|one, other| one.word.cmp(&other.word));
}

/// What else the standard's own words of a scale are, where every word of the column is one of that
/// scale alone. Of codes most must be there: a few of them are many scales.
fn whole_scale(found: &mut Found, way: &Way, profile: &Profile) {
    let is_most = 2 * profile.words.len() > way.words.len();
    let is_own = match way.own {
        Own::Terms => true,
        Own::Codes => is_most,
        Own::No => false,
    };
    if !is_own {
        return;
    }
    for (word, term) in &way.words {
        let is_there = found.words.iter().any(|(other, _)| fold(other) == fold(word));
        if let Some(term) = term.as_ref().filter(|_| !is_there) {
            found.words.push((word.clone(), term.clone()));
        }
    }
}

/// A word as the vocabulary has it: the look-up folds it anyway.
fn written(words: &[(String, String)], word: &str) -> String {
    let folded: String = word.nfkc().collect();
    let is_there = words.iter().any(|(other, _)| *other == folded);
    if is_there { word.to_owned() } else { folded }
}

/// The judgement list that all these columns follow: an institution speaks one. Words are their own
/// meaning; letters and numbers are only when one list alone has them, and most of that list.
pub(super) fn judgements(profiles: &[&Profile]) -> Found {
    let mut words: BTreeMap<String, usize> = BTreeMap::new();
    for (word, count) in profiles.iter().flat_map(|profile| &profile.words) {
        *words.entry(word.clone()).or_default() += count;
    }
    let all: usize = words.values().sum();
    let labels = label_way();
    let mut found =
        Found { source: "判定の用語 / judgement terms".to_owned(), ..Found::default() };
    let mut known = 0;
    let mut codes: Vec<(&String, usize)> = Vec::new();
    for (word, count) in &words {
        match only(&said(labels.iter(), word)) {
            Some(term) => {
                known += count;
                found.words.push((written(&found.words, word), term));
            }
            None => codes.push((word, *count)),
        }
    }
    let has = |list: &JudgementList, word: &str| {
        list.terms.iter().any(|term| fold(&term.code) == fold(word))
    };
    found.lists = tables()
        .judgement_lists()
        .iter()
        .filter(|list| !codes.is_empty() && codes.iter().all(|(word, _)| has(list, word)))
        .collect();
    let decided = match found.lists.as_slice() {
        [list] if 2 * codes.len() > list.terms.len() => Some(*list),
        _ => None,
    };
    if !found.lists.is_empty() {
        known += codes.iter().map(|(_, count)| count).sum::<usize>();
    }
    match decided {
        Some(list) => {
            found.source = format!("{} ({})", list.name, list.id);
            for (word, count) in codes {
                let term = list.terms.iter().find(|term| fold(&term.code) == fold(word));
                match term.and_then(|term| term.standard.clone()) {
                    Some(standard) => found.words.push((written(&found.words, word), standard)),
                    None => {
                        found.asked.push(Asked { word: word.clone(), terms: Vec::new(), count })
                    }
                }
            }
        }
        None => found.asked.extend(codes.iter().map(|(word, count)| Asked {
            word: (*word).clone(),
            terms: standards(&found.lists, word),
            count: *count,
        })),
    }
    let standard = || tables().terms(&judgement_set()).iter();
    let is_own = |word: &String| standard().any(|term| fold(&term.term) == fold(word));
    let is_whole = !words.is_empty() && words.keys().all(is_own);
    for term in standard().filter(|_| is_whole) {
        if !found.words.iter().any(|(word, _)| *word == term.term) {
            found.words.push((term.term.clone(), term.term.clone()));
        }
    }
    found.part = ratio(known, all);
    found
}

fn judgement_set() -> String {
    tables().column("j_total").map_or(String::new(), |column| column.value_set.clone())
}

/// What a code stands for in each of these lists.
fn standards(lists: &[&JudgementList], word: &str) -> Vec<String> {
    let terms = lists.iter().flat_map(|list| &list.terms);
    let of_word = terms.filter(|term| fold(&term.code) == fold(word));
    let standards: BTreeSet<&String> = of_word.filter_map(|term| term.standard.as_ref()).collect();
    standards.into_iter().cloned().collect()
}

/// What the judgements of all lists say in words.
fn label_way() -> Vec<Way> {
    let lists = tables().judgement_lists().iter();
    let mut ways: Vec<Way> = lists
        .map(|list| {
            let words = list.terms.iter().map(|term| (term.label.clone(), term.standard.clone()));
            Way { name: list.name.clone(), own: Own::No, words: words.collect() }
        })
        .collect();
    let terms = tables().terms(&judgement_set()).iter();
    let words = terms.map(|term| (term.term.clone(), Some(term.term.clone()))).collect();
    ways.push(Way { name: String::new(), own: Own::Terms, words });
    ways
}

/// Whether most words are judgements in words.
pub(super) fn are_judgement_terms(profile: &Profile) -> bool {
    let labels = label_way();
    profile.part(|word| !is_code(word) && labels.iter().any(|way| way.term(word).is_some())) > 0.5
}

/// Whether the words are the letters or numbers of a judgement list.
pub(super) fn are_judgement_codes(profile: &Profile) -> bool {
    let is_short = |word: &String| word.chars().count() <= 2;
    !profile.words.is_empty()
        && profile.words.keys().all(is_short)
        && tables().judgement_lists().iter().any(|list| {
            let has = |word: &String| list.terms.iter().any(|t| fold(&t.code) == fold(word));
            profile.words.keys().all(has)
        })
}

#[cfg(test)]
mod tests {
    use super::{Found, find, judgements};
    use crate::propose::header::Feature;
    use crate::propose::profile::Profile;
    use renkei_checkup::tables;

    fn profile(cells: &[&str]) -> Profile {
        Profile::of(&cells.iter().map(|cell| (*cell).to_owned()).collect::<Vec<_>>())
    }

    fn of(id: &str, title: &str, cells: &[&str]) -> Found {
        find(tables().column(id).unwrap(), &Feature::of(title), &profile(cells))
    }

    fn term(found: &Found, word: &str) -> Option<String> {
        found.words.iter().find(|(other, _)| other == word).map(|(_, term)| term.clone())
    }

    #[test]
    fn words_with_one_meaning_are_decided() {
        let found = of("sex", "性別", &["1", "2", "1"]);
        assert_eq!((term(&found, "1").as_deref(), found.asked.len()), (Some("男"), 0));
        let found = of("q08", "Q08", &["1", "2", "3"]);
        assert_eq!(term(&found, "3").as_deref(), Some("いいえ"));
        let found = of("u_sugar", "尿糖", &["(-)", "(2+)"]);
        assert_eq!(term(&found, "(2+)").as_deref(), Some("＋＋"));
        assert_eq!(term(&found, "(3+)"), None, "no cell has it");
        let found = of("blood_time", "空腹区分", &["Y"]);
        assert_eq!(term(&found, "Y").as_deref(), Some("食後10時間以上"));
    }

    #[test]
    fn a_part_of_several_scales_is_asked() {
        for (id, title, cells) in [
            ("sex", "性別", vec!["1", "1"]),
            ("sex", "性別", vec!["0", "1"]),
            ("q08", "Q08", vec!["1", "2"]),
            ("q08", "喫煙", vec!["1", "2", "3"]),
            ("ecg", "心電図", vec!["1", "2"]),
            ("u_sugar", "尿糖", vec!["1", "2"]),
            ("fundus_kw", "KW", vec!["1"]),
            ("mets", "メタボ", vec!["1", "2", "3"]),
            ("blood_time", "食後区分", vec!["食後"]),
            ("blood_time", "採血区分", vec!["2", "3"]),
            ("blood_time", "空腹", vec!["1", "2"]),
            ("blood_time", "空腹", vec!["1", "2", "3"]),
            ("blood_time", "空腹", vec!["2", "7"]),
        ] {
            let found = of(id, title, &cells);
            assert!(!found.asked.is_empty(), "{title} {cells:?}: {:?}", found.words);
        }
    }

    #[test]
    fn words_that_no_cell_has_are_not_written() {
        for (id, title, cells) in [
            ("mets", "メタボ", vec!["該当", "予備群"]),
            ("ecg", "心電図", vec!["あり", "なし"]),
            ("q16", "Q16", vec!["1", "2", "3"]),
            ("u_sugar", "尿糖", vec!["-", "+", "2+"]),
        ] {
            let found = of(id, title, &cells);
            for (word, _) in &found.words {
                assert!(cells.contains(&word.as_str()), "{title}: {word}");
            }
        }
        let found = of("sex", "性別", &["男", "男"]);
        assert_eq!(term(&found, "女").as_deref(), Some("女"), "the standard's own words are");
    }

    #[test]
    fn codes_are_asked_all_or_none() {
        let found = of("q08", "喫煙", &["1", "2", "3"]);
        let asked: Vec<&str> = found.asked.iter().map(|asked| asked.word.as_str()).collect();
        assert_eq!(asked, ["1", "2", "3"]);
        let found = of("fundus_kw", "KW", &["0", "1", "7"]);
        assert!(found.words.is_empty() && found.asked.len() == 3, "{found:?}");
    }

    #[test]
    fn judgements_are_decided_only_by_one_list() {
        let digits = judgements(&[&profile(&["1", "2", "3", "4", "5"])]);
        assert!(digits.lists.len() >= 5 && digits.asked.len() == 5, "{digits:?}");
        assert!(!digits.words.iter().any(|(word, _)| word == "4"));
        let letters = judgements(&[&profile(&["A", "B", "C", "D1"])]);
        assert!(letters.lists.len() > 1 && term(&letters, "A").is_none());
        let own = judgements(&[&profile(&["A1", "A2", "A3", "B1", "G1", "G2"])]);
        assert_eq!(term(&own, "G2").as_deref(), Some("要精検"));
        let few = judgements(&[&profile(&["A1", "G2"])]);
        assert!(term(&few, "G2").is_none(), "most of the list must be there");
        let words = judgements(&[&profile(&["異常なし", "要精密検査", "治療中"])]);
        assert_eq!((term(&words, "要精密検査").as_deref(), words.asked.len()), (Some("要精検"), 0));
    }
}
