//! Mistakes in a mapping file, all told at once.

use std::cell::RefCell;
use std::fmt;
use std::ops::Range;

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

/// Collects mistakes while a file is read.
pub(super) struct Problems {
    /// Where each line ends.
    ends: Vec<usize>,
    found: RefCell<Vec<MappingError>>,
}

impl Problems {
    pub(super) fn new(text: &str) -> Self {
        let ends = text.match_indices('\n').map(|(at, _)| at).collect();
        Self { ends, found: RefCell::new(Vec::new()) }
    }

    /// The line on which a span begins.
    pub(super) fn line(&self, span: &Range<usize>) -> usize {
        1 + self.ends.partition_point(|end| *end < span.start)
    }

    pub(super) fn add(&self, line: usize, key: &str, en: impl Into<String>, ja: impl Into<String>) {
        let error = MappingError { line, key: key.to_owned(), en: en.into(), ja: ja.into() };
        self.found.borrow_mut().push(error);
    }

    pub(super) fn is_empty(&self) -> bool {
        self.found.borrow().is_empty()
    }

    pub(super) fn into_errors(self, file: &str) -> MappingErrors {
        let mut errors = self.found.into_inner();
        errors.sort_by_key(|error| error.line);
        MappingErrors { file: file.to_owned(), errors }
    }
}
