//! `[null]`: the words that stand for the absence of a value, for the whole file or for one column.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use hashbrown::HashMap;

use super::table::{Located, Table};

/// A word of a list, and whether a cell had it.
#[derive(Debug)]
pub(crate) struct NullWord {
    pub(crate) text: String,
    met: AtomicBool,
}

impl NullWord {
    /// Whether a cell had it.
    pub(crate) fn was_met(&self) -> bool {
        self.met.load(Ordering::Relaxed)
    }
}

/// One list; columns without a list of their own share that of the file.
pub(crate) type NullWords = Arc<Vec<NullWord>>;

/// What a word says about the absence of a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Absence {
    /// Nothing was ordered or reported.
    Blank,
    /// 未実施
    NotPerformed,
    /// 測定不能
    NotMeasurable,
}

/// The keys of `[null]`.
pub(crate) const LISTS: [(&str, Absence); 3] = [
    ("blank", Absence::Blank),
    ("not_performed", Absence::NotPerformed),
    ("not_measurable", Absence::NotMeasurable),
];

/// The lists that hold for a column.
#[derive(Clone, Debug, Default)]
pub(crate) struct Nulls {
    lists: [NullWords; 3],
    /// A bit for each octet with which a word begins: most cells begin with none of them.
    begins: [u64; 4],
}

impl Nulls {
    /// What a trimmed cell says; it is compared as it is.
    pub(crate) fn meaning(&self, word: &str) -> Option<Absence> {
        let (place, bit) = first_octet(word);
        if self.begins.get(place).is_none_or(|bits| bits & bit == 0) {
            return None;
        }
        for (list, (_, absence)) in self.lists.iter().zip(LISTS) {
            if let Some(known) = list.iter().find(|known| known.text == word) {
                known.met.store(true, Ordering::Relaxed);
                return Some(absence);
            }
        }
        None
    }

    /// All words, each with the key of its list.
    pub(crate) fn words(&self) -> impl Iterator<Item = (&'static str, &NullWord)> {
        self.lists
            .iter()
            .zip(LISTS)
            .flat_map(|(list, (key, _))| list.iter().map(move |word| (key, word)))
    }
}

/// The place of the bit of a word's first octet.
fn first_octet(word: &str) -> (usize, u64) {
    let octet = word.as_bytes().first().copied().unwrap_or_default();
    (usize::from(octet >> 6), 1 << (octet & 63))
}

fn begins(nulls: &Nulls) -> [u64; 4] {
    let mut begins = [0; 4];
    for (_, word) in nulls.words() {
        let (place, bit) = first_octet(&word.text);
        if let Some(bits) = begins.get_mut(place) {
            *bits |= bit;
        }
    }
    begins
}

/// The lists of a table; those it does not name are those of `otherwise`.
pub(super) fn read(table: &Table<'_>, otherwise: &Nulls) -> Nulls {
    let mut nulls = otherwise.clone();
    let mut earlier: HashMap<&str, &str> = HashMap::new();
    for (list, (key, _)) in nulls.lists.iter_mut().zip(LISTS) {
        if !table.has(key) {
            continue;
        }
        let words = table.texts(key);
        for Located { value, line } in &words {
            if let Some(first) = earlier.insert(value, key).filter(|first| *first != key) {
                let en = format!("{value:?} stands in {first:?}, too; a word has one meaning");
                let ja = format!("{value:?} は {first} にもあります。意味は1つだけです");
                table.problems.add(*line, &table.key(key), en, ja);
            }
        }
        let word = |word: &Located<&str>| NullWord {
            text: word.value.to_owned(),
            met: AtomicBool::new(false),
        };
        *list = Arc::new(words.iter().map(word).collect());
    }
    nulls.begins = begins(&nulls);
    table.finish();
    nulls
}
