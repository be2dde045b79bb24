//! From choices to forms: what stands behind `as`, with its keys.

use std::collections::BTreeSet;

use renkei_checkup::tables::Sharing;
use renkei_checkup::{Kind, tables, terms};

use super::assign::{Choice, Choices};
use super::profile::Profile;
use super::score::Shape;
use super::shapes::{self, Apart};
use super::vocabulary::{self, Found};
use super::{Column, ProposedColumn, Reason, nulls, units};
use crate::mapping::Item;

/// What is done with a column.
#[derive(Debug)]
pub(super) enum Form {
    Plain(&'static str),
    Digits { pad: usize },
    Number { factor: Option<shapes::Factor> },
    Term { vocabulary: usize, strict: bool },
    Multi { split: String, none: Vec<String> },
    Finding { split: String, none: Vec<String>, yes: &'static str, no: &'static str },
    Pattern { pattern: String, vocabulary: Option<usize> },
    Flags { words: Vec<(String, Item)>, split: String, none: Vec<String> },
    Route { by: String, table: Vec<(String, Item)> },
}

impl Form {
    /// The word of `as`.
    pub(super) const fn name(&self) -> &'static str {
        match self {
            Self::Plain(name) => name,
            Self::Digits { .. } => "digits",
            Self::Number { .. } => "num",
            Self::Term { .. } => "term",
            Self::Multi { .. } => "multi",
            Self::Finding { .. } => "finding",
            Self::Pattern { .. } => "regex",
            Self::Flags { .. } => "flags",
            Self::Route { .. } => "route",
        }
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
#[derive(Debug)]
pub(super) struct Rule {
    pub(super) column: usize,
    pub(super) items: Vec<Item>,
    pub(super) form: Form,
}

/// The whole draft before it is written.
#[derive(Debug, Default)]
pub(super) struct Plan {
    pub(super) rules: Vec<Rule>,
    pub(super) vocabularies: Vec<DraftVocabulary>,
    pub(super) blank: BTreeSet<String>,
    pub(super) not_performed: BTreeSet<String>,
    pub(super) not_measurable: BTreeSet<String>,
    /// Words among numbers that are taken for "not measurable" because nothing else is known.
    pub(super) guessed: BTreeSet<String>,
}

/// Decides the form of every chosen column.
pub(super) fn plan(columns: &[Column], choices: &Choices) -> Plan {
    let mut plan = Plan::default();
    let judged: Vec<&Profile> = chosen(columns, choices)
        .filter(|(_, _, choice)| choice.target.items.iter().any(|item| item.kind == Kind::Judge))
        .map(|(_, column, _)| &column.profile)
        .collect();
    let judgements = vocabulary::judgements(&judged);
    for (index, column, choice) in chosen(columns, choices) {
        let form = plan.form(columns, choices, column, choice, &judgements);
        let Some(form) = form else { continue };
        let items = choice.target.items.clone();
        plan.rules.push(Rule { column: index, items, form });
    }
    plan.collect_nulls(columns);
    plan
}

fn chosen<'a>(
    columns: &'a [Column],
    choices: &'a Choices,
) -> impl Iterator<Item = (usize, &'a Column, &'a Choice)> {
    columns
        .iter()
        .zip(&choices.of)
        .enumerate()
        .filter_map(|(index, (column, choice))| Some((index, column, choice.as_ref()?)))
        .filter(|(_, _, choice)| choice.target.shape != Shape::Ignored)
}

/// The marks that institutions put between findings.
const BETWEEN: [char; 8] = ['／', '/', '；', ';', '|', '、', '，', ','];

fn splitter(profile: &Profile) -> (String, Vec<String>) {
    let split = shapes::separators(profile, &BETWEEN);
    let none = profile.words.keys().filter(|word| nulls::is_nothing(word)).cloned().collect();
    (split, none)
}

impl Plan {
    fn form(
        &mut self,
        columns: &[Column],
        choices: &Choices,
        column: &Column,
        choice: &Choice,
        judgements: &Found,
    ) -> Option<Form> {
        let items = &choice.target.items;
        let item = items.first().copied()?;
        let profile = &column.profile;
        match choice.target.shape {
            Shape::Ignored => None,
            Shape::One => Some(self.one(column, choice, item, judgements)),
            Shape::Finding => {
                let (yes, no) = shapes::yes_and_no(item)?;
                let (split, none) = splitter(profile);
                Some(Form::Finding { split, none, yes, no })
            }
            Shape::Shared(Sharing::Route) => {
                let flag = columns.get(choices.flag?)?;
                let found = vocabulary::find(tables().column("blood_time")?, &flag.profile);
                let casual = items.get(1).copied()?;
                let table = found
                    .words
                    .into_iter()
                    .map(|(word, term)| (word, if term == terms::FASTING { item } else { casual }));
                Some(Form::Route { by: flag.header.clone(), table: table.collect() })
            }
            Shape::Shared(sharing) => match shapes::find(sharing, items, profile)? {
                Apart::Pattern { pattern, coded } => {
                    let vocabulary = coded.then(|| {
                        let letters = shapes::letters(&pattern, profile);
                        let mut found = vocabulary::find(item, &letters);
                        found.words.retain(|(word, _)| letters.words.contains_key(word));
                        self.vocabulary(item, found)
                    });
                    Some(Form::Pattern { pattern, vocabulary })
                }
                Apart::Words { words, split, none } => Some(Form::Flags { words, split, none }),
            },
        }
    }

    fn one(&mut self, column: &Column, choice: &Choice, item: Item, judgements: &Found) -> Form {
        let profile = &column.profile;
        match item.kind {
            Kind::Num => {
                let typical = choice.target.typical;
                let factor = shapes::factor(&column.feature, profile, item, typical);
                Form::Number { factor: factor.filter(|f| units::decimal(f.by).is_some()) }
            }
            Kind::Int => Form::Plain("int"),
            Kind::Date => Form::Plain("date"),
            Kind::Kana => Form::Plain("kana"),
            Kind::Name => Form::Plain("name"),
            Kind::Term | Kind::Judge => {
                let found = match item.kind {
                    Kind::Judge => judgements.clone(),
                    _ => vocabulary::find(item, profile),
                };
                // a judgement the list does not have is no reason to refuse a result
                let strict = item.kind == Kind::Term || found.unknown.is_empty();
                Form::Term { vocabulary: self.vocabulary(item, found), strict }
            }
            Kind::Id if matches!(item.id.as_str(), "postal" | "inst_postal") => {
                Form::Plain("postal")
            }
            // numbers of a fixed length
            Kind::Id if item.max_bytes <= 11 && item.max_bytes != 8 || item.id == "insurer_no" => {
                Form::Digits { pad: item.max_bytes }
            }
            Kind::Multi => {
                let (split, none) = splitter(profile);
                Form::Multi { split, none }
            }
            Kind::Id | Kind::Code | Kind::Text => Form::Plain("text"),
        }
    }

    /// The place of a vocabulary: one for each value set and way of writing.
    fn vocabulary(&mut self, item: Item, found: Found) -> usize {
        let conflicts = |known: &Found| {
            found.words.iter().any(|(word, term)| {
                known.words.iter().any(|(other, standard)| other == word && standard != term)
            })
        };
        let same = self.vocabularies.iter_mut().position(|known| {
            known.value_set == item.value_set
                && known.found.source == found.source
                && !conflicts(&known.found)
        });
        if let Some(known) = same.and_then(|at| self.vocabularies.get_mut(at)) {
            for pair in found.words {
                if !known.found.words.contains(&pair) {
                    known.found.words.push(pair);
                }
            }
            for word in found.unknown {
                if !known.found.unknown.contains(&word) {
                    known.found.unknown.push(word);
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
        self.vocabularies.push(DraftVocabulary { name, found, value_set });
        self.vocabularies.len() - 1
    }

    fn collect_nulls(&mut self, columns: &[Column]) {
        let mut meant: BTreeSet<&str> = BTreeSet::new();
        for rule in &self.rules {
            let Some(column) = columns.get(rule.column) else { continue };
            if !matches!(rule.form, Form::Number { .. } | Form::Plain(_) | Form::Route { .. }) {
                meant.extend(column.profile.words.keys().map(String::as_str));
            }
        }
        for rule in &self.rules {
            let Some(column) = columns.get(rule.column) else { continue };
            let is_text = rule.items.iter().all(|item| !item.pair) || rule.form.name() == "text";
            let numeric = matches!(rule.form, Form::Number { .. } | Form::Route { .. });
            for cell in column.cells.iter().filter(|cell| !cell.is_empty()) {
                match nulls::kind(cell) {
                    Some(nulls::Kind::NotPerformed) if !is_text => {
                        self.not_performed.insert(cell.clone());
                    }
                    Some(nulls::Kind::NotMeasurable) if !is_text => {
                        self.not_measurable.insert(cell.clone());
                    }
                    Some(nulls::Kind::Blank) if numeric && !meant.contains(cell.as_str()) => {
                        self.blank.insert(cell.clone());
                    }
                    None if numeric && is_odd(cell) && !meant.contains(cell.as_str()) => {
                        self.guessed.insert(cell.clone());
                    }
                    _ => {}
                }
            }
        }
    }

    /// What is told of every column.
    pub(super) fn proposed(&self, columns: &[Column], choices: &Choices) -> Vec<ProposedColumn> {
        columns
            .iter()
            .zip(&choices.of)
            .enumerate()
            .map(|(index, (column, choice))| {
                let rule = self.rules.iter().find(|rule| rule.column == index);
                ProposedColumn {
                    column: index + 1,
                    header: column.header.clone(),
                    items: rule.map_or_else(Vec::new, |rule| {
                        rule.items.iter().map(|item| item.id.clone()).collect()
                    }),
                    form: rule.map(|rule| rule.form.name()),
                    confidence: choice.as_ref().map_or(0, confidence),
                    reasons: choice.as_ref().map_or_else(
                        || vec![Reason::new("似た名前の項目がない", "no item has a like name")],
                        |choice| reasons(column, choice, rule),
                    ),
                }
            })
            .collect()
    }
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

fn confidence(choice: &Choice) -> u8 {
    let unsure = if choice.margin < 0.04 { 0.1 } else { 0.0 };
    let percent = ((choice.total - unsure) * 100.0).round().clamp(0.0, 99.0);
    // at most 99, so the conversion keeps it
    percent as u8
}

fn reasons(column: &Column, choice: &Choice, rule: Option<&Rule>) -> Vec<Reason> {
    let name = &choice.name;
    let mut found = vec![if choice.header > 0.99 {
        Reason::new(format!("見出しが「{name}」と一致"), format!("header is {name:?}"))
    } else if choice.header > 0.8 {
        Reason::new(format!("見出しが「{name}」に近い"), format!("header is close to {name:?}"))
    } else {
        Reason::new(format!("見出しに「{name}」の一部"), format!("header has part of {name:?}"))
    }];
    if choice.target.shape == Shape::Ignored {
        return found;
    }
    if let Some(unit) = &column.feature.unit {
        found.push(Reason::new(format!("単位 {unit}"), format!("unit {unit}")));
    }
    found.push(if column.profile.filled == 0 {
        Reason::new("値がなく確かめられない", "no cell to confirm it")
    } else if choice.cells > 0.7 {
        Reason::new("値の形と範囲が合う", "cells suit it")
    } else if choice.cells >= 0.0 {
        Reason::new("値はおおむね合う", "cells mostly suit it")
    } else {
        Reason::new("値に合わないものがある", "some cells do not suit it")
    });
    if let Some(Rule { form: Form::Number { factor: Some(factor) }, .. }) = rule
        && !factor.stated
    {
        let (unit, by) = (factor.unit, factor.by);
        let ja = format!("値から単位を {unit} と推定（{by} 倍）");
        found.push(Reason::new(ja, format!("the values look like {unit}, times {by}")));
    }
    if choice.beside {
        found.push(Reason::new("隣の列と並びが合う", "stands beside a like column"));
    }
    if choice.margin < 0.04 {
        found.push(Reason::new("他の項目とも紛らわしい", "another item is as likely"));
    }
    found
}
