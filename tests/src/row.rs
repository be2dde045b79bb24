//! The rows of docs/ERRORS.md, by which a test names what it provokes and holds the answer against it.

use anyhow::{Context, Result, ensure};
use renkei_metadata::finding::Severity;
use renkei_xds::response::RegistryError;
use std::path::Path;

/// A row of an `rs:RegistryError`.
#[derive(Debug)]
pub struct Row {
    /// `errorCode`.
    pub code: String,
    /// Whether it is a warning.
    pub severity: Severity,
    /// What is wrong and what to do, in Japanese and in English.
    pub words: [String; 4],
}

impl Row {
    /// The row of this name.
    pub fn of(id: &str) -> Result<Self> {
        let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/ERRORS.md");
        let page = std::fs::read_to_string(page)?;
        let start = format!("| `{id}` | ");
        let line = page.lines().find_map(|line| line.strip_prefix(&start));
        let cells: Vec<&str> =
            line.with_context(|| format!("no row {id}"))?.split(" | ").take(5).collect();
        let [code, words @ ..] = <[&str; 5]>::try_from(cells).ok().context("no such table")?;
        let (code, severity) = match code.strip_suffix(" (warning)") {
            Some(code) => (code, Severity::Warning),
            None => (code, Severity::Error),
        };
        Ok(Self { code: code.to_owned(), severity, words: words.map(str::to_owned) })
    }

    /// Whether an error is of this row.
    pub fn is(&self, error: &RegistryError) -> bool {
        error.code == self.code
            && error.severity == self.severity
            && self.words.iter().all(|words| error.context.contains(words))
    }
}

/// The errors among these that are of the row of this name; there have to be some.
pub fn named<'e>(errors: &'e [RegistryError], id: &str) -> Result<Vec<&'e RegistryError>> {
    let row = Row::of(id)?;
    let found: Vec<&RegistryError> = errors.iter().filter(|error| row.is(error)).collect();
    ensure!(!found.is_empty(), "no {id} among {errors:#?}");
    Ok(found)
}
