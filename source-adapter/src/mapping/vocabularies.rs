//! `[vocab.NAME]`: the tables of terms that columns name.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use renkei_checkup::fold::nfkc;

use super::nulls::Nulls;
use super::table::{Located, Table};
use super::{Item, SharedVocabulary, values};

/// A vocabulary: source term to standard term, and which of them cells had.
#[derive(Debug, Default)]
pub(crate) struct Vocabulary {
    words: hashbrown::HashMap<String, Word>,
}

#[derive(Debug)]
struct Word {
    term: String,
    met: AtomicBool,
}

impl Vocabulary {
    /// The standard term of a cell, looked up as it is, then after NFKC.
    pub(crate) fn look_up(&self, cell: &str) -> Option<&str> {
        let word = self.find(cell)?;
        word.met.store(true, Ordering::Relaxed);
        Some(&word.term)
    }

    /// Whether a cell would be found.
    pub(crate) fn knows(&self, cell: &str) -> bool {
        self.find(cell).is_some()
    }

    /// Whether a cell had this source term.
    pub(crate) fn was_met(&self, term: &str) -> bool {
        self.words.get(term).is_some_and(|word| word.met.load(Ordering::Relaxed))
    }

    /// The source terms.
    pub(crate) fn terms(&self) -> impl Iterator<Item = &String> {
        self.words.keys()
    }

    fn find(&self, cell: &str) -> Option<&Word> {
        self.words.get(cell).or_else(|| self.words.get(nfkc(cell).as_ref()))
    }
}

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
        let words = rows.iter().map(|Located { value: (from, to), .. }| {
            ((*from).to_owned(), Word { term: (*to).to_owned(), met: AtomicBool::new(false) })
        });
        self.shared.insert(name, Arc::new(Vocabulary { words: words.collect() }));
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

    /// The vocabulary `vocab` names, for these items of a column with these words for no value.
    pub(super) fn get(
        &mut self,
        table: &Table<'_>,
        items: &[Item],
        nulls: &Nulls,
    ) -> Option<SharedVocabulary> {
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
        one_meaning(table, name.value, shared, nulls);
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

/// A word of `[null]` would never reach the vocabulary of its column.
fn one_meaning(table: &Table<'_>, name: &str, vocabulary: &Vocabulary, nulls: &Nulls) {
    for (list, word) in nulls.words().filter(|(_, word)| vocabulary.knows(&word.text)) {
        let word = &word.text;
        let en = format!(
            "{word:?} stands in [null] {list}, too, so that this column would never read it as a \
             term; take it out of one, or give the column lists of its own: null = {{ {list} = [...] }}"
        );
        let ja = format!(
            "{word:?} は [null] の {list} にもあるため、この列では用語として読まれません。どちらかから除くか、\
             この列だけの null = {{ {list} = [...] }} を書いてください"
        );
        table.problems.add(table.line, &format!("vocab.{name}"), en, ja);
    }
}
