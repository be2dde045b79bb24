//! The words of exports: judgement lists, names of items, and how coded cells are written.

use hashbrown::HashMap;
use serde::Deserialize;

use super::Tables;
use super::check::JUDGEMENTS;
use super::drafting::Mark;
use super::mistakes::{Mistakes, Row};
use crate::decimal::Decimal;

/// A list of judgements (判定区分) in use.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JudgementList {
    /// OID of the list, or the name of the project's own.
    pub id: String,
    /// Who uses it.
    pub name: String,
    /// Its judgements.
    pub terms: Vec<JudgementTerm>,
}

/// One judgement of a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JudgementTerm {
    /// The letter or number.
    pub code: String,
    /// What it says.
    pub label: String,
    /// The standard term; none when the list says something that is no judgement.
    pub standard: Option<String>,
}

impl JudgementList {
    /// A judgement by its code or by what it says.
    pub fn find(&self, word: &str) -> Option<&JudgementTerm> {
        self.terms.iter().find(|term| term.code == word || term.label == word)
    }
}

/// Names of an item, or of items that share a column.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Synonym {
    /// Ids of the items; empty for columns that are no result.
    pub items: Vec<String>,
    /// How several items share a cell.
    pub sharing: Option<Sharing>,
    /// Between which values the middle of a column usually lies.
    pub typical: Option<(Decimal, Decimal)>,
    /// The names.
    pub names: Vec<SynonymName>,
}

/// A name of an item, and how much it says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SynonymName {
    /// The name.
    pub text: String,
    /// How sure it is.
    pub says: Says,
}

/// What follows from a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Says {
    /// It is this item.
    Item,
    /// `=`: it is this item when nothing else stands in the title.
    Alone,
    /// `?`: it may be this item, and others as well; a person has to say which.
    Perhaps,
    /// `+`: it is this item beside the column that stands beside it in the column table.
    Beside,
}

impl SynonymName {
    fn read(written: &str) -> Self {
        let marks = [('=', Says::Alone), ('?', Says::Perhaps), ('+', Says::Beside)];
        marks
            .into_iter()
            .find_map(|(mark, says)| Some((written.strip_prefix(mark)?, says)))
            .map_or_else(
                || Self { text: written.to_owned(), says: Says::Item },
                |(text, says)| Self { text: text.to_owned(), says },
            )
    }
}

/// How several items share a cell.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Sharing {
    /// Two numbers with a mark between them: `128/82`.
    Pair,
    /// Naked and corrected acuity, of one eye or of both: `0.3(1.2)/0.8`.
    Vision,
    /// One letter for each item: `0010`.
    Positions,
    /// A second column says which item the number belongs to.
    Route,
    /// The cell lists the items that are so.
    Flags,
}

/// One way of writing the terms of a value set.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notation {
    /// Its name.
    pub name: String,
    /// A mark the title must have, or `no_question` when it must not be a numbered question.
    pub title: String,
    /// Words of exports and the standard terms they stand for; none when there is no such term.
    pub words: Vec<(String, Option<String>)>,
}

#[derive(Deserialize)]
struct JudgementRow {
    list: String,
    name: String,
    code: String,
    label: String,
    j1: String,
}

pub(super) fn judgements(mistakes: &Mistakes, tables: &Tables, text: &str) -> Vec<JudgementList> {
    const FILE: &str = "judgements.csv";
    let mut lists: Vec<JudgementList> = Vec::new();
    for Row { row, line } in mistakes.rows::<JudgementRow>(FILE, text) {
        for (column, value) in
            [("list", &row.list), ("name", &row.name), ("code", &row.code), ("label", &row.label)]
        {
            mistakes.demand(FILE, line, column, value);
        }
        let standard = tables.code(JUDGEMENTS, &row.j1).map(|term| term.term.clone());
        if standard.is_none() && !row.j1.is_empty() {
            mistakes.unknown(FILE, line, "j1", &row.j1, "value-sets.csv (kcsv:J1)");
        }
        let term = JudgementTerm { code: row.code, label: row.label, standard };
        match lists.iter_mut().find(|list| list.id == row.list) {
            None => {
                lists.push(JudgementList { id: row.list, name: row.name, terms: vec![term] });
            }
            Some(list) => {
                if list.name != row.name {
                    let (en, ja) = ("a list has one name", "1つの一覧の名前は1つです");
                    mistakes.add(FILE, line, "name", &row.name, (en, ja));
                }
                if list.terms.iter().any(|other| other.code == term.code) {
                    mistakes.twice(FILE, line, "code", &term.code);
                }
                list.terms.push(term);
            }
        }
    }
    lists
}

#[derive(Deserialize)]
struct SynonymRow {
    items: String,
    form: Option<Sharing>,
    typical: String,
    words: String,
}

pub(super) fn synonyms(mistakes: &Mistakes, tables: &Tables, text: &str) -> Vec<Synonym> {
    const FILE: &str = "synonyms.csv";
    let mut found: Vec<Synonym> = Vec::new();
    for Row { row, line } in mistakes.rows::<SynonymRow>(FILE, text) {
        let items: Vec<String> =
            row.items.split('+').filter(|id| !id.is_empty()).map(str::to_owned).collect();
        for id in items.iter().filter(|id| tables.column(id).is_none()) {
            mistakes.unknown(FILE, line, "items", id, "columns.csv");
        }
        if (items.len() > 1) != row.form.is_some() {
            let (en, ja) =
                ("items that share a column have a form", "列を共有する項目だけに form が必要です");
            mistakes.add(FILE, line, "form", &row.items, (en, ja));
        }
        if found.iter().any(|other| other.items == items) {
            mistakes.twice(FILE, line, "items", &row.items);
        }
        let names: Vec<SynonymName> = row.words.split(';').map(SynonymName::read).collect();
        for (index, name) in names.iter().enumerate() {
            mistakes.demand(FILE, line, "words", &name.text);
            if names.iter().take(index).any(|other| other == name) {
                mistakes.twice(FILE, line, "words", &name.text);
            }
        }
        let typical = typical(&row.typical);
        if typical.is_none() && !row.typical.is_empty() {
            let (en, ja) = ("low-high expected, such as 12-45", "12-45 のような範囲が必要です");
            mistakes.add(FILE, line, "typical", &row.typical, (en, ja));
        }
        found.push(Synonym { items, sharing: row.form, typical, names });
    }
    found
}

/// `low-high`; the first may be negative.
fn typical(text: &str) -> Option<(Decimal, Decimal)> {
    let at = text.char_indices().skip(1).find(|(_, letter)| *letter == '-')?.0;
    let low = Decimal::parse(text.get(..at)?)?;
    let high = Decimal::parse(text.get(at..)?.strip_prefix('-')?)?;
    (low <= high).then_some((low, high))
}

#[derive(Deserialize)]
struct NotationRow {
    value_set: String,
    notation: String,
    word: String,
    code: String,
    title: String,
}

pub(super) fn notations(
    mistakes: &Mistakes,
    tables: &Tables,
    text: &str,
) -> HashMap<String, Vec<Notation>> {
    const FILE: &str = "notations.csv";
    let mut found: HashMap<String, Vec<Notation>> = HashMap::new();
    for Row { row, line } in mistakes.rows::<NotationRow>(FILE, text) {
        mistakes.demand(FILE, line, "word", &row.word);
        let term = tables.code(&row.value_set, &row.code);
        if term.is_none() && (!row.code.is_empty() || tables.terms(&row.value_set).is_empty()) {
            let value = format!("{} {}", row.value_set, row.code);
            mistakes.unknown(FILE, line, "code", &value, "value-sets.csv");
            continue;
        }
        let is_mark = Mark::from_name(&row.title).is_some();
        if !is_mark && !matches!(row.title.as_str(), "" | "no_question") {
            let (en, ja) = (
                "a mark of header-words.csv or no_question expected",
                "header-words.csv の印か no_question です",
            );
            mistakes.add(FILE, line, "title", &row.title, (en, ja));
        }
        let set = found.entry(row.value_set).or_default();
        let pair = (row.word, term.map(|term| term.term.clone()));
        match set.iter_mut().find(|notation| notation.name == row.notation) {
            None => {
                set.push(Notation { name: row.notation, title: row.title, words: vec![pair] });
            }
            Some(notation) => {
                if notation.title != row.title {
                    let (en, ja) = ("a notation has one title", "1つの表記の title は1つです");
                    mistakes.add(FILE, line, "title", &row.title, (en, ja));
                }
                if notation.words.iter().any(|(word, _)| *word == pair.0) {
                    mistakes.twice(FILE, line, "word", &pair.0);
                }
                notation.words.push(pair);
            }
        }
    }
    found
}
