//! From verdicts to forms: what stands behind `as`, with its keys, and what of it a person has to say.

use std::collections::{BTreeMap, BTreeSet};

use renkei_checkup::dates::{self, EraDigits};
use renkei_checkup::tables::Sharing;
use renkei_checkup::{Kind, tables};
use unicode_normalization::UnicodeNormalization;

use super::decide::{self, Choice, Verdict, Verdicts};
use super::header::Feature;
use super::nulls::{self, Absence, NoFindings};
use super::privacy::Privacy;
use super::profile::Profile;
use super::score::Shape;
use super::series::Series;
use super::shapes::{self, Apart, Factor};
use super::splits::{self, Splits};
use super::vocabulary::{self, Found, Way};
use super::{Column, Reason};
use crate::mapping::Item;

/// How findings of one cell are parted, and which words are none.
#[derive(Clone, Debug, Default)]
pub(super) struct Findings {
    pub(super) splits: Splits,
    pub(super) words: NoFindings,
}

/// What is done with a column.
#[derive(Clone, Debug)]
pub(super) enum Form {
    Plain(&'static str),
    Date { digits: bool },
    Digits { pad: usize },
    Number { factor: Factor, strip: Vec<String>, open_marks: Vec<String> },
    Term { vocabulary: usize },
    Multi(Findings),
    Finding { findings: Findings, yes: &'static str, no: &'static str },
    Pattern { pattern: String, vocabulary: Option<usize> },
    Flags { words: Vec<(String, Item)>, split: String, none: Vec<String> },
    Route { by: String, table: Vec<(String, Item)>, strip: Vec<String> },
}

impl Form {
    /// The word of `as`.
    pub(super) const fn name(&self) -> &'static str {
        match self {
            Self::Plain(name) => name,
            Self::Date { .. } => "date",
            Self::Digits { .. } => "digits",
            Self::Number { .. } => "num",
            Self::Term { .. } => "term",
            Self::Multi(_) => "multi",
            Self::Finding { .. } => "finding",
            Self::Pattern { .. } => "regex",
            Self::Flags { .. } => "flags",
            Self::Route { .. } => "route",
        }
    }

    pub(super) fn findings(&self) -> Option<&Findings> {
        match self {
            Self::Multi(findings) | Self::Finding { findings, .. } => Some(findings),
            _ => None,
        }
    }

    fn is_number(&self) -> bool {
        matches!(self, Self::Number { .. } | Self::Route { .. })
    }
}

/// A vocabulary of the draft.
#[derive(Debug)]
pub(super) struct DraftVocabulary {
    pub(super) name: String,
    pub(super) found: Found,
    value_set: String,
}

/// A column that fills items.
#[derive(Clone, Debug)]
pub(super) struct Rule {
    pub(super) column: usize,
    pub(super) choice: Choice,
    pub(super) form: Form,
    /// Further columns that are read together with it, and what stands between their cells.
    pub(super) also: Vec<usize>,
    pub(super) join: &'static str,
    /// Words for no value that hold in this column only.
    pub(super) nulls: BTreeMap<String, Absence>,
}

impl Rule {
    fn of(column: usize, choice: &Choice, form: Form) -> Self {
        let choice = choice.clone();
        Self { column, choice, form, also: Vec::new(), join: "", nulls: BTreeMap::new() }
    }

    /// All columns it reads.
    pub(super) fn columns(&self) -> impl Iterator<Item = usize> {
        std::iter::once(self.column).chain(self.also.iter().copied())
    }

    pub(super) fn reads(&self, column: usize) -> bool {
        self.columns().any(|other| other == column)
    }
}

/// The whole draft before it is written.
#[derive(Debug, Default)]
pub(super) struct Plan {
    pub(super) rules: Vec<Rule>,
    /// The candidates of columns that are asked.
    pub(super) asked: Vec<Rule>,
    pub(super) vocabularies: Vec<DraftVocabulary>,
    /// Words for no value in all columns.
    pub(super) nulls: BTreeMap<String, Absence>,
    /// Words for no value of which only the institution knows the meaning.
    pub(super) open_nulls: BTreeSet<String>,
    /// How many different such words may not be told.
    pub(super) untold: usize,
    /// Codes of methods that titles name.
    pub(super) codes: BTreeMap<String, String>,
    pub(super) privacy: Privacy,
}

/// Gives every decided column its form, and every candidate of the others.
pub(super) fn plan(columns: &[Column], verdicts: &Verdicts, series: &[Series]) -> Plan {
    let mut plan = Plan { privacy: Privacy::of(columns, &verdicts.of), ..Plan::default() };
    let judged: Vec<&Profile> = verdicts
        .of
        .iter()
        .zip(columns)
        .filter(|(verdict, _)| is_judged(verdict))
        .map(|(_, column)| &column.profile)
        .collect();
    let judgements = vocabulary::judgements(&judged);
    for series in series {
        plan.series(columns, verdicts, series, &judgements);
    }
    for (index, (verdict, column)) in verdicts.of.iter().zip(columns).enumerate() {
        if plan.rules.iter().any(|rule| rule.reads(index)) {
            continue;
        }
        let choices: &[Choice] = match verdict {
            Verdict::Decided(choice) => std::slice::from_ref(choice),
            Verdict::Asked { choices, .. } => choices,
            Verdict::Unknown(_) | Verdict::Ignored(_) => &[],
        };
        for choice in choices {
            let seen = Seen { columns, verdicts, index, column, judgements: &judgements };
            let Some(form) = plan.form(&seen, choice) else { continue };
            let rule = Rule::of(index, choice, form);
            if matches!(verdict, Verdict::Decided(_)) {
                plan.rules.push(rule);
            } else {
                plan.asked.push(rule);
            }
        }
    }
    for rule in &plan.rules {
        if let (Some(code), [item]) = (&rule.choice.code, rule.choice.target.items.as_slice())
            && *code != item.jlac10
        {
            plan.codes.insert(item.id.clone(), code.clone());
        }
    }
    plan.collect_nulls(columns);
    plan
}

/// Whether a column holds judgements, or may.
fn is_judged(verdict: &Verdict) -> bool {
    let judges = |choice: &Choice| choice.target.items.iter().any(|item| item.kind == Kind::Judge);
    match verdict {
        Verdict::Decided(choice) => judges(choice),
        Verdict::Asked { choices, .. } => choices.iter().any(judges),
        Verdict::Unknown(_) | Verdict::Ignored(_) => false,
    }
}

/// What the form of a column may depend on.
struct Seen<'a> {
    columns: &'a [Column],
    verdicts: &'a Verdicts,
    index: usize,
    column: &'a Column,
    judgements: &'a Found,
}

impl Seen<'_> {
    fn feature(&self, choice: &Choice) -> Feature {
        self.column
            .readings
            .get(choice.reading)
            .map_or_else(Feature::default, |reading| reading.feature.clone())
    }

    /// The words of a coded column; where another column holds the text of its findings, a way of
    /// writing under which people without a finding have one is ruled out.
    fn words(&self, item: Item, choice: &Choice) -> Found {
        let text = self.verdicts.column_of(&format!("{}_txt", item.id));
        let text = text.filter(|text| *text != self.index).and_then(|text| self.columns.get(text));
        let (yes, no) = shapes::yes_and_no(item).unzip();
        let contradicts = |way: &Way| {
            let Some(text) = text else { return false };
            let (mut found, mut empty) = (0, 0);
            for (cell, text) in self.column.rows.iter().zip(&text.rows) {
                let is_finding = !text.is_empty() && !nulls::is_no_finding(text);
                let term = way.term(cell).flatten();
                if is_finding && term == no {
                    return true;
                }
                if term == yes && term.is_some() {
                    found += usize::from(is_finding);
                    empty += usize::from(!is_finding);
                }
            }
            found == 0 && empty > 2
        };
        let feature = self.feature(choice);
        let mut found =
            vocabulary::find_among(item, &feature, &self.column.profile, |way| !contradicts(way));
        // 判定不能 is elsewhere a word for no value, here it is a term
        let absent = self.column.cells.iter().filter(|cell| nulls::is_certain(cell));
        for cell in absent.filter(|cell| tables().term(&item.value_set, cell).is_some()) {
            if !found.words.iter().any(|(word, _)| word == cell) {
                found.words.push((cell.clone(), cell.clone()));
            }
        }
        found
    }
}

fn findings(profile: &Profile) -> Findings {
    let splits = splits::find(profile);
    let split = splits.certain.clone();
    let words = profile.words.keys().flat_map(|word| {
        let mut all = vec![word.as_str()];
        if !split.is_empty() {
            all.extend(word.split(|letter| split.contains(letter)));
        }
        all
    });
    let words = nulls::no_findings(words);
    Findings { words, splits }
}

impl Plan {
    /// Columns that are one item together.
    fn series(
        &mut self,
        columns: &[Column],
        verdicts: &Verdicts,
        series: &Series,
        judgements: &Found,
    ) {
        let Some((first, rest)) = series.members.split_first() else { return };
        let (index, column) = (*first, &series.column);
        let seen = Seen { columns, verdicts, index, column, judgements };
        let Some(mut form) = self.form(&seen, &series.choice) else { return };
        if let Form::Multi(findings) | Form::Finding { findings, .. } = &mut form {
            let parts = series.join.chars().filter(|mark| !findings.splits.certain.contains(*mark));
            let parts: String = parts.collect();
            findings.splits.certain.push_str(&parts);
        }
        let rule = Rule::of(index, &series.choice, form);
        self.rules.push(Rule { also: rest.to_vec(), join: series.join, ..rule });
    }

    fn form(&mut self, seen: &Seen<'_>, choice: &Choice) -> Option<Form> {
        let items = &choice.target.items;
        let item = items.first().copied()?;
        let profile = &seen.column.profile;
        match choice.target.shape {
            Shape::Ignored => None,
            Shape::One => Some(self.one(seen, choice, item)),
            Shape::Finding => {
                let (yes, no) = shapes::yes_and_no(item)?;
                Some(Form::Finding { findings: findings(profile), yes, no })
            }
            Shape::Shared(Sharing::Route) => route(seen, items),
            Shape::Shared(sharing) => match shapes::find(sharing, items, profile)? {
                Apart::Pattern { pattern, coded } => {
                    let vocabulary = coded.then(|| {
                        let letters = shapes::letters(&pattern, profile);
                        let mut found = vocabulary::find(item, &seen.feature(choice), &letters);
                        found.words.retain(|(word, _)| {
                            letters.words.contains_key(word) || word.chars().count() > 1
                        });
                        self.vocabulary(item, found)
                    });
                    Some(Form::Pattern { pattern, vocabulary })
                }
                Apart::Words { words, split, none } => Some(Form::Flags { words, split, none }),
            },
        }
    }

    fn one(&mut self, seen: &Seen<'_>, choice: &Choice, item: Item) -> Form {
        let profile = &seen.column.profile;
        match item.kind {
            Kind::Num => {
                let typical = choice.target.typical;
                let factor = shapes::factor(&seen.feature(choice), profile, item, typical);
                let marks = |flag: bool| {
                    let of = profile.marks.iter().filter(|(_, is_flag)| **is_flag == flag);
                    of.map(|(mark, _)| mark.clone()).collect()
                };
                Form::Number { factor, strip: marks(true), open_marks: marks(false) }
            }
            Kind::Int => Form::Plain("int"),
            Kind::Date => {
                let unread = |cell: &&String| !cell.is_empty() && dates::read(cell).is_none();
                let digits = seen
                    .column
                    .cells
                    .iter()
                    .filter(unread)
                    .any(|cell| dates::read_with(cell, EraDigits::First).is_some());
                Form::Date { digits }
            }
            Kind::Kana => Form::Plain("kana"),
            Kind::Name => Form::Plain("name"),
            Kind::Judge => {
                Form::Term { vocabulary: self.vocabulary(item, seen.judgements.clone()) }
            }
            Kind::Term => {
                let found = seen.words(item, choice);
                Form::Term { vocabulary: self.vocabulary(item, found) }
            }
            Kind::Id if matches!(item.id.as_str(), "postal" | "inst_postal") => {
                Form::Plain("postal")
            }
            // numbers of a fixed length
            Kind::Id if item.max_bytes <= 11 && item.max_bytes != 8 || item.id == "insurer_no" => {
                Form::Digits { pad: item.max_bytes }
            }
            Kind::Multi => Form::Multi(findings(profile)),
            Kind::Id | Kind::Code | Kind::Text => Form::Plain("text"),
        }
    }

    /// The place of a vocabulary: one for each value set and way of writing.
    fn vocabulary(&mut self, item: Item, mut found: Found) -> usize {
        let differs = |known: &Found, found: &Found| {
            found.words.iter().any(|(word, term)| {
                known.words.iter().any(|(other, standard)| other == word && standard != term)
                    || known.asked.iter().any(|asked| asked.word == *word)
            })
        };
        let same = self.vocabularies.iter().position(|known| {
            known.value_set == item.value_set
                && known.found.source == found.source
                && !differs(&known.found, &found)
                && !differs(&found, &known.found)
        });
        if let Some(known) = same.and_then(|at| self.vocabularies.get_mut(at)) {
            for pair in found.words {
                if !known.found.words.contains(&pair) {
                    known.found.words.push(pair);
                }
            }
            for asked in found.asked {
                match known.found.asked.iter_mut().find(|other| other.word == asked.word) {
                    Some(other) => other.count = other.count.max(asked.count),
                    None => known.found.asked.push(asked),
                }
            }
            return same.unwrap_or_default();
        }
        let base = vocabulary_name(item);
        let used = |name: &str| self.vocabularies.iter().any(|known| known.name == name);
        let mut name = base.to_owned();
        let mut number = 2;
        while used(&name) {
            name = format!("{base}_{number}");
            number += 1;
        }
        let value_set = item.value_set.clone();
        if found.words.is_empty() {
            // a mapping has no empty vocabulary; a term of the standard always means itself
            let terms = tables().terms(&value_set).iter().map(|term| &term.term);
            let is_open = |term: &&String| {
                nulls::kind(term).is_none() && found.asked.iter().all(|asked| asked.word != **term)
            };
            found.words = terms.filter(is_open).map(|term| (term.clone(), term.clone())).collect();
        }
        self.vocabularies.push(DraftVocabulary { name, found, value_set });
        self.vocabularies.len() - 1
    }

    /// Whether a decided column leaves words to a person.
    pub(super) fn asks(&self, rule: &Rule) -> bool {
        let vocabulary = |at: usize| {
            self.vocabularies.get(at).is_some_and(|known| !known.found.asked.is_empty())
        };
        match &rule.form {
            Form::Term { vocabulary: at } => vocabulary(*at),
            Form::Pattern { vocabulary: Some(at), .. } => vocabulary(*at),
            Form::Number { open_marks, .. } => !open_marks.is_empty(),
            Form::Date { digits } => *digits,
            form => form.findings().is_some_and(|findings| {
                !findings.words.open.is_empty() || !findings.splits.open.is_empty()
            }),
        }
    }

    /// Words that vocabularies in use look up.
    fn looked_up(&self) -> BTreeSet<String> {
        let folded = |word: &str| word.nfkc().collect::<String>();
        let words = |vocabulary: &DraftVocabulary| -> Vec<String> {
            let known = vocabulary.found.words.iter().map(|(word, _)| folded(word));
            let asked = vocabulary.found.asked.iter().map(|asked| folded(&asked.word));
            known.chain(asked).collect()
        };
        self.vocabularies.iter().flat_map(words).collect()
    }

    /// Words for no value: for all columns where they mean it everywhere, else column by column.
    fn collect_nulls(&mut self, columns: &[Column]) {
        let looked_up = self.looked_up();
        let folded = |word: &str| word.nfkc().collect::<String>();
        let is_finding_word = |word: &str| {
            self.rules
                .iter()
                .filter_map(|rule| rule.form.findings())
                .any(|findings| findings.words.open.contains_key(word))
        };
        let (mut shared, mut own) = (BTreeMap::new(), Vec::new());
        let (mut open, mut untold) = (BTreeSet::new(), 0);
        for (at, rule) in self.rules.iter().enumerate() {
            let is_result = rule.choice.target.items.iter().any(|item| item.pair);
            if !is_result || matches!(rule.form, Form::Plain("text")) {
                continue;
            }
            let read = rule.columns().filter_map(|index| columns.get(index));
            let cells = read.flat_map(|column| column.cells.iter().map(move |cell| (column, cell)));
            for (column, cell) in cells.filter(|(_, cell)| !cell.is_empty()) {
                let kind = nulls::kind(cell);
                let is_word = self.knows(rule, cell);
                match kind {
                    _ if is_word => {}
                    // a word of the tables with something else around it
                    Some(_) if !nulls::is_whole(cell) && !self.privacy.allows_around(cell) => {
                        untold += 1;
                    }
                    Some(kind @ (Absence::NotPerformed | Absence::NotMeasurable)) => {
                        if looked_up.contains(&folded(cell)) {
                            own.push((at, cell.clone(), kind));
                        } else {
                            shared.insert(cell.clone(), kind);
                        }
                    }
                    Some(Absence::Blank) if rule.form.is_number() => {
                        if looked_up.contains(&folded(cell)) || is_finding_word(cell) {
                            own.push((at, cell.clone(), Absence::Blank));
                        } else {
                            shared.insert(cell.clone(), Absence::Blank);
                        }
                    }
                    Some(_) if rule.form.findings().is_none() => {
                        open.insert(cell.clone());
                    }
                    None if rule.form.is_number() && is_odd(cell) => {
                        if self.privacy.allows(cell, column) {
                            open.insert(cell.clone());
                        } else {
                            untold += 1;
                        }
                    }
                    _ => {}
                }
            }
        }
        for (at, word, kind) in own {
            if let Some(rule) = self.rules.get_mut(at) {
                rule.nulls.insert(word, kind);
            }
        }
        self.nulls = shared;
        self.open_nulls = open;
        self.untold = untold;
    }

    /// Whether the vocabulary of a column has a word.
    fn knows(&self, rule: &Rule, word: &str) -> bool {
        let at = match &rule.form {
            Form::Term { vocabulary } => Some(*vocabulary),
            Form::Pattern { vocabulary, .. } => *vocabulary,
            _ => None,
        };
        let folded: String = word.nfkc().collect();
        at.and_then(|at| self.vocabularies.get(at)).is_some_and(|known| {
            let is_word = |other: &str| other == word || other == folded;
            known.found.words.iter().any(|(other, _)| is_word(other))
                || known.found.asked.iter().any(|asked| is_word(&asked.word))
        })
    }
}

/// A number that another column leads to its item.
fn route(seen: &Seen<'_>, items: &[Item]) -> Option<Form> {
    let flag = seen.columns.get(seen.verdicts.flag?)?;
    let item = tables().column("blood_time")?;
    let (fasting, casual) = (items.first().copied()?, items.get(1).copied()?);
    let routes = flag.readings.iter().find_map(|reading| decide::routes(item, reading, flag))?;
    let is_there = |word: &str| flag.profile.words.contains_key(word);
    let is_term = |word: &str| tables().term(&item.value_set, word).is_some();
    let table = routes
        .into_iter()
        .filter(|(word, _)| is_there(word) || !is_term(word))
        .map(|(word, is_fasting)| (word, if is_fasting { fasting } else { casual }));
    let marks = &seen.column.profile.marks;
    Some(Form::Route {
        by: flag.from.clone(),
        table: table.collect(),
        strip: marks.iter().filter(|(_, flag)| **flag).map(|(mark, _)| mark.clone()).collect(),
    })
}

/// A word among numbers that is no number with a slip of the pen.
fn is_odd(cell: &str) -> bool {
    cell.chars().count() <= 10
        && !cell.chars().any(char::is_numeric)
        && renkei_checkup::number::Measured::read(cell).is_none()
}

fn vocabulary_name(item: Item) -> &'static str {
    const NAMES: [(&str, &str); 9] = [
        ("1.2.392.200119.6.1104", "sex"),
        ("kcsv:insured", "insured"),
        ("kcsv:visit", "visit"),
        ("kcsv:J1", "judge"),
        ("1.2.392.200119.6.2001", "special"),
        ("1.2.392.200119.6.2002", "finding"),
        ("1.2.392.200119.6.2003", "yesno"),
        ("1.2.392.200119.6.2102", "urine"),
        ("1.2.392.200119.6.2202", "meal"),
    ];
    NAMES.iter().find(|(set, _)| *set == item.value_set).map_or(&item.id, |(_, name)| name)
}

/// What the title was taken for.
pub(super) fn name_reason(choice: &Choice) -> Reason {
    let name = &choice.name;
    if choice.likeness > 0.99 {
        Reason::new(format!("見出しが「{name}」と一致"), format!("header is {name:?}"))
    } else if choice.likeness > 0.95 {
        Reason::new(format!("見出しが「{name}」に当たる"), format!("header means {name:?}"))
    } else {
        Reason::new(format!("見出しに「{name}」の一部"), format!("header has part of {name:?}"))
    }
}

/// Why a column is what it is.
pub(super) fn reasons(column: &Column, choice: &Choice, rule: Option<&Rule>) -> Vec<Reason> {
    let mut found = vec![name_reason(choice)];
    let reading = column.readings.get(choice.reading);
    if let Some(unit) = reading.and_then(|reading| reading.feature.unit.as_ref()) {
        found.push(Reason::new(format!("単位 {unit}"), format!("unit {unit}")));
    }
    found.push(if column.profile.filled == 0 {
        Reason::new("値がなく確かめられない", "no cell to confirm it")
    } else if choice.cells > 0.7 {
        Reason::new("値の形と範囲が合う", "cells suit it")
    } else {
        Reason::new("値はおおむね合う", "cells mostly suit it")
    });
    if let Some(Rule { form: Form::Route { by, .. }, .. }) = rule {
        found.push(Reason::new(
            format!("空腹時か随時かは「{by}」による"),
            format!("fasting or casual by {by:?}"),
        ));
    }
    if choice.beside {
        found.push(Reason::new("他の列と合う", "other columns speak for it"));
    }
    found
}
