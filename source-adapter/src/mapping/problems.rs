//! Mistakes in a mapping file, all told at once.

use std::cell::RefCell;
use std::collections::HashMap;
use std::fmt;
use std::ops::Range;

use super::{Item, mistakes};
use renkei_metadata::words::Words;

/// One mistake.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MappingError {
    /// 1-based line of the file.
    pub line: usize,
    /// The key, with its table: `col[3].vocab`.
    pub key: String,
    /// What is wrong, and what would be right.
    pub en: String,
    /// The same in Japanese.
    pub ja: String,
}

/// All mistakes of a file; never empty.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub struct MappingErrors {
    /// The file as the caller names it.
    pub file: String,
    /// In the order of the file.
    pub errors: Vec<MappingError>,
}

impl fmt::Display for MappingErrors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, error) in self.errors.iter().enumerate() {
            let end = if index == 0 { "" } else { "\n" };
            let MappingError { line, key, en, ja } = error;
            write!(f, "{end}{}:{line}: {key}: {en} / {ja}", self.file)?;
        }
        Ok(())
    }
}

/// Collects mistakes while a file is read, and knows what the file declares on its own.
pub(crate) struct Problems {
    /// Own items by the name that `to` gives them.
    pub(crate) own: RefCell<HashMap<String, Item>>,
    /// Where each line ends.
    ends: Vec<usize>,
    found: RefCell<Vec<MappingError>>,
}

impl Problems {
    pub(crate) fn new(text: &str) -> Self {
        let ends = text.match_indices('\n').map(|(at, _)| at).collect();
        Self { own: RefCell::default(), ends, found: RefCell::new(Vec::new()) }
    }

    /// The line on which a span begins.
    pub(crate) fn line(&self, span: &Range<usize>) -> usize {
        1 + self.ends.partition_point(|end| *end < span.start)
    }

    pub(crate) fn add(&self, line: usize, key: &str, en: impl Into<String>, ja: impl Into<String>) {
        let error = MappingError { line, key: key.to_owned(), en: en.into(), ja: ja.into() };
        self.found.borrow_mut().push(error);
    }

    /// A mistake of a row; `values` fill its holes.
    pub(crate) fn tell(
        &self,
        line: usize,
        key: &str,
        row: &'static Words,
        values: &[(&str, &str)],
    ) {
        self.add(line, key, row.english(values), row.japanese(values));
    }

    /// A mistake in the TOML itself, by what is written there: the parser's `message` is in one language and
    /// not for everybody.
    pub(crate) fn syntax(&self, text: &str, span: &Range<usize>, message: &str) {
        let line = self.line(span);
        let written = text.lines().nth(line - 1).unwrap_or_default().trim();
        let value = written.split_once('=').map_or("", |(_, value)| value.trim());
        let row = if message.contains("duplicate key") {
            let list = ["[col]", "[range]", "[item]"].iter().any(|name| written.starts_with(name));
            if list { &mistakes::TABLE_TWICE } else { &mistakes::KEY_TWICE }
        } else if value.starts_with(char::is_alphabetic) {
            &mistakes::UNQUOTED
        } else {
            &mistakes::SYNTAX
        };
        let key = match written.split_once('=') {
            Some((key, _)) => key.trim(),
            None => written,
        };
        let key: String = key.chars().take(40).collect();
        let key = if key.is_empty() { "TOML".to_owned() } else { key };
        self.tell(line, &key, row, &[]);
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.found.borrow().is_empty()
    }

    pub(crate) fn into_errors(self, file: &str) -> MappingErrors {
        let mut errors = self.found.into_inner();
        errors.sort_by_key(|error| error.line);
        // What stands once in a file may be read for several objects.
        errors.dedup();
        MappingErrors { file: file.to_owned(), errors }
    }
}
