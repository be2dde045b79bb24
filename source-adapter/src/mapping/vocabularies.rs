//! `[vocab.NAME]`: the tables of terms that columns name.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use super::table::{Located, Table};
use super::{Item, SharedVocabulary, Vocabulary, values};

/// A vocabulary as it stands in the file.
#[derive(Debug)]
pub(crate) struct NamedVocabulary {
    pub(crate) name: String,
    /// The source terms, each with its line.
    pub(crate) words: Vec<(String, usize)>,
    pub(crate) shared: SharedVocabulary,
}

/// The vocabularies of the file, checked against the items that use them.
#[derive(Default)]
pub(super) struct Vocabularies<'a> {
    rows: HashMap<&'a str, Vec<Located<(&'a str, &'a str)>>>,
    shared: HashMap<&'a str, SharedVocabulary>,
    checked: HashSet<(String, &'static str)>,
}

impl<'a> Vocabularies<'a> {
    pub(super) fn add(&mut self, name: &'a str, rows: Vec<Located<(&'a str, &'a str)>>) {
        let terms: Vocabulary = rows
            .iter()
            .map(|Located { value: (from, to), .. }| ((*from).to_owned(), (*to).to_owned()))
            .collect();
        self.shared.insert(name, Arc::new(terms));
        self.rows.insert(name, rows);
    }

    /// All vocabularies, by name.
    pub(super) fn into_named(self) -> Vec<NamedVocabulary> {
        let Self { rows, shared, .. } = self;
        let mut named: Vec<NamedVocabulary> = rows
            .into_iter()
            .filter_map(|(name, rows)| {
                let words = rows.iter().map(|row| (row.value.0.to_owned(), row.line)).collect();
                let shared = Arc::clone(shared.get(name)?);
                Some(NamedVocabulary { name: name.to_owned(), words, shared })
            })
            .collect();
        named.sort_by_key(|vocabulary| vocabulary.words.first().map(|(_, line)| *line));
        named
    }

    /// The vocabulary `vocab` names, for these items.
    pub(super) fn get(&mut self, table: &Table<'_>, items: &[Item]) -> Option<SharedVocabulary> {
        let name = table.text("vocab")?;
        let Some(shared) = self.shared.get(name.value) else {
            let mut known: Vec<&str> = self.shared.keys().copied().collect();
            known.sort_unstable();
            let known = known.join(", ");
            let (en, ja) = if known.is_empty() {
                ("write it".to_owned(), "追加してください".to_owned())
            } else {
                (format!("there are {known}"), format!("あるのは {known}"))
            };
            let en = format!("there is no [vocab.{}]; {en}", name.value);
            let ja = format!("[vocab.{}] がありません。{ja}", name.value);
            table.problems.add(name.line, &table.key("vocab"), en, ja);
            return None;
        };
        let rows = self.rows.get(name.value).map_or(&[][..], Vec::as_slice);
        if rows.is_empty() {
            let en =
                format!("[vocab.{}] has no terms; write \"source term\" = \"term\"", name.value);
            let ja = format!(
                "[vocab.{}] が空です。\"元の語\" = \"標準の語\" を書いてください",
                name.value
            );
            table.problems.add(name.line, &table.key("vocab"), en, ja);
            return None;
        }
        for item in items {
            if !self.checked.insert((name.value.to_owned(), item.value_set.as_str())) {
                continue;
            }
            for Located { value: (from, to), line } in rows {
                if let Some((en, ja)) = values::mistake_in_term(item, to) {
                    table.problems.add(*line, &format!("vocab.{}.{from}", name.value), en, ja);
                }
            }
        }
        Some(Arc::clone(shared))
    }
}
