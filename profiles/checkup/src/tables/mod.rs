//! The tables of items, terms, methods, judgements and names, read once from the data files of the
//! crate. `tables/manifest.toml` names the profile, and each file with its version.

mod check;
mod column;
pub mod drafting;
mod finding_words;
mod manifest;
mod mistakes;
mod names;

use std::sync::LazyLock;

use hashbrown::HashMap;
use serde::Deserialize;

pub use column::{Column, GroupRole, Kind, Requirement, Section, ValueType};
pub use finding_words::{FindingWord, WordMeaning};
pub use manifest::{Manifest, TableFile};
pub use mistakes::{TableError, TableErrors};
pub use names::{JudgementList, JudgementTerm, Notation, Says, Sharing, Synonym, SynonymName};

use mistakes::{Mistakes, Row};

/// The data files as they are read.
#[derive(Clone, Debug)]
pub struct Files<'a> {
    /// `manifest.toml`.
    pub manifest: &'a str,
    /// `columns.csv`: the items.
    pub columns: &'a str,
    /// `value-sets.csv`: the terms of coded items.
    pub value_sets: &'a str,
    /// `item-methods.csv`: the method behind each item code.
    pub methods: &'a str,
    /// `judgements.csv`: the judgement lists in use, and their standard terms.
    pub judgements: &'a str,
    /// `synonyms.csv`: how exports name the items.
    pub synonyms: &'a str,
    /// `notations.csv`: how exports write coded cells.
    pub notations: &'a str,
    /// `finding-words.csv`: words that are no findings where one is expected.
    pub finding_words: &'a str,
    /// Tables with a reader of their own, of which the manifest has a row, by file name.
    pub others: Vec<(&'static str, &'a str)>,
}

impl Files<'static> {
    /// The files of this build.
    pub fn of_this_build() -> Self {
        Self {
            manifest: include_str!("../../tables/manifest.toml"),
            columns: include_str!("../../tables/columns.csv"),
            value_sets: include_str!("../../tables/value-sets.csv"),
            methods: include_str!("../../tables/item-methods.csv"),
            judgements: include_str!("../../tables/judgements.csv"),
            synonyms: include_str!("../../tables/synonyms.csv"),
            notations: include_str!("../../tables/notations.csv"),
            finding_words: include_str!("../../tables/finding-words.csv"),
            others: vec![
                ("programmes.csv", include_str!("../../tables/programmes.csv")),
                ("report-categories.csv", include_str!("../../tables/report-categories.csv")),
                ("companions.csv", include_str!("../../tables/companions.csv")),
                ("cda-groups.csv", include_str!("../../tables/cda-groups.csv")),
                ("units.csv", include_str!("../../tables/units.csv")),
                ("unit-factors.csv", include_str!("../../tables/unit-factors.csv")),
                ("header-words.csv", include_str!("../../tables/header-words.csv")),
                ("header-units.csv", include_str!("../../tables/header-units.csv")),
                ("cell-words.csv", include_str!("../../tables/cell-words.csv")),
                ("draft-questions.csv", include_str!("../../tables/draft-questions.csv")),
            ],
        }
    }
}

/// The tables in force.
///
/// A mistake in the data files is found by the tests of this crate, so a build that passed them
/// has none.
pub fn tables() -> &'static Tables {
    static TABLES: LazyLock<Tables> =
        LazyLock::new(|| Tables::read_with(&Mistakes::default(), &Files::of_this_build()));
    &TABLES
}

/// One code of a value set.
#[derive(Clone, Debug, Deserialize)]
pub struct Term {
    value_set: String,
    /// The code.
    pub code: String,
    /// The display term, as in the standard record.
    pub term: String,
}

/// The method and official name behind a 17-digit item code.
#[derive(Clone, Debug, Deserialize)]
pub struct Method {
    jlac10: String,
    /// Name of the item under this code.
    pub item_name: String,
    /// Method code (1.2.392.200119.6.1007).
    pub method_code: String,
    /// Method name.
    pub method_name: String,
}

/// All tables, with their look-ups.
#[derive(Debug, Default)]
pub struct Tables {
    manifest: Manifest,
    columns: Vec<Column>,
    by_id: HashMap<String, usize>,
    by_code: HashMap<String, usize>,
    value_sets: HashMap<String, Vec<Term>>,
    methods: HashMap<String, Method>,
    judgement_lists: Vec<JudgementList>,
    synonyms: Vec<Synonym>,
    notations: HashMap<String, Vec<Notation>>,
    finding_words: finding_words::FindingWords,
    drafting: drafting::Drafting,
}

impl Tables {
    /// Reads and checks all tables.
    ///
    /// # Errors
    ///
    /// Every mistake of every file, with its line and column.
    pub fn read(files: &Files<'_>) -> Result<Self, TableErrors> {
        let mistakes = Mistakes::default();
        let tables = Self::read_with(&mistakes, files);
        mistakes.into_result(tables)
    }

    fn read_with(mistakes: &Mistakes, files: &Files<'_>) -> Self {
        let mut tables = Self::default();
        tables.add_terms(mistakes, files.value_sets);
        tables.add_methods(mistakes, files.methods);
        for column in tables.add_columns(mistakes, files.columns) {
            check::column(mistakes, &tables, &column);
        }
        check::methods(mistakes, &tables, files.methods);
        tables.judgement_lists = names::judgements(mistakes, &tables, files.judgements);
        tables.synonyms = names::synonyms(mistakes, &tables, files.synonyms);
        tables.notations = names::notations(mistakes, &tables, files.notations);
        tables.finding_words = finding_words::read(mistakes, files.finding_words);
        tables.drafting = drafting::read(mistakes, &tables, files);
        tables.manifest = manifest::read(mistakes, files);
        tables
    }

    fn add_terms(&mut self, mistakes: &Mistakes, text: &str) {
        const FILE: &str = "value-sets.csv";
        for Row { row, line } in mistakes.rows::<Term>(FILE, text) {
            for (column, value) in
                [("value_set", &row.value_set), ("code", &row.code), ("term", &row.term)]
            {
                mistakes.demand(FILE, line, column, value);
            }
            let set = self.value_sets.entry(row.value_set.clone()).or_default();
            if set.iter().any(|other| other.code == row.code) {
                mistakes.twice(FILE, line, "code", &row.code);
            }
            if set.iter().any(|other| other.term == row.term) {
                mistakes.twice(FILE, line, "term", &row.term);
            }
            set.push(row);
        }
    }

    fn add_methods(&mut self, mistakes: &Mistakes, text: &str) {
        const FILE: &str = "item-methods.csv";
        for Row { row, line } in mistakes.rows::<Method>(FILE, text) {
            mistakes.demand(FILE, line, "method_code", &row.method_code);
            mistakes.demand(FILE, line, "method_name", &row.method_name);
            if let Some(first) = self.methods.insert(row.jlac10.clone(), row) {
                mistakes.twice(FILE, line, "jlac10", &first.jlac10);
            }
        }
    }

    fn add_columns(&mut self, mistakes: &Mistakes, text: &str) -> Vec<Row<Column>> {
        let mut rows = mistakes.rows::<Column>(check::COLUMNS, text);
        for (position, Row { row, line }) in rows.iter_mut().enumerate() {
            row.position = position;
            if self.by_id.insert(row.id.clone(), position).is_some() {
                mistakes.twice(check::COLUMNS, *line, "id", &row.id);
            }
            for code in row.codes() {
                if self.by_code.insert(code.to_owned(), position).is_some() {
                    mistakes.twice(check::COLUMNS, *line, "jlac10", code);
                }
            }
            self.columns.push(row.clone());
        }
        rows
    }

    /// Profile and versions of the tables.
    pub fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    /// All items in their order.
    pub fn columns(&self) -> &[Column] {
        &self.columns
    }

    /// An item by id.
    pub fn column(&self, id: &str) -> Option<&Column> {
        self.by_id.get(id).and_then(|position| self.columns.get(*position))
    }

    /// An item by 17-digit code, alternatives included.
    pub fn column_of_code(&self, jlac10: &str) -> Option<&Column> {
        self.by_code.get(jlac10).and_then(|position| self.columns.get(*position))
    }

    /// The UCUM code of a unit as printed; none for a unit that no item of the table has.
    pub fn ucum(&self, unit: &str) -> Option<&str> {
        let unit = unit.trim();
        let is_it = |item: &&Column| {
            !unit.is_empty() && (item.unit_display == unit || item.unit_ucum == unit)
        };
        self.columns.iter().find(is_it).map(|item| item.unit_ucum.as_str())
    }

    /// The terms of a value set, in code order; empty when there is no such set.
    pub fn terms(&self, value_set: &str) -> &[Term] {
        self.value_sets.get(value_set).map_or(&[], Vec::as_slice)
    }

    /// A code of a value set by its term.
    pub fn term(&self, value_set: &str, term: &str) -> Option<&Term> {
        self.terms(value_set).iter().find(|row| row.term == term)
    }

    /// A term of a value set by its code.
    pub fn code(&self, value_set: &str, code: &str) -> Option<&Term> {
        self.terms(value_set).iter().find(|row| row.code == code)
    }

    /// The method behind an item code.
    pub fn method(&self, jlac10: &str) -> Option<&Method> {
        self.methods.get(jlac10)
    }

    /// The judgement lists in use, the likeliest first.
    pub fn judgement_lists(&self) -> &[JudgementList] {
        &self.judgement_lists
    }

    /// How exports name items, and groups of items that share a column.
    pub fn synonyms(&self) -> &[Synonym] {
        &self.synonyms
    }

    /// The words by which a mapping is drafted.
    pub fn drafting(&self) -> &drafting::Drafting {
        &self.drafting
    }

    /// How exports write the terms of a value set; empty when nothing but its terms and codes is
    /// known.
    pub fn notations(&self, value_set: &str) -> &[Notation] {
        self.notations.get(value_set).map_or(&[], Vec::as_slice)
    }

    /// What a part of a cell says when it is no finding, however it is spelt.
    pub fn finding_word(&self, part: &str) -> Option<FindingWord> {
        self.finding_words.get(part)
    }
}

#[cfg(test)]
mod tests;
