//! Layers of settings and what is wrong with them.

use super::kind::{Form, Kind};
use super::mistakes;
use renkei_soap::words::Words;
use std::collections::BTreeMap;
use std::fmt;

/// One place that gives settings: a file or the command line.
#[derive(Debug, Default)]
pub(super) struct Layer {
    /// `--set`, or the path of the file.
    pub(super) origin: String,
    /// Texts by dotted key; a list is joined by commas.
    values: BTreeMap<String, String>,
}

impl Layer {
    /// Reads a file. The keys of nested tables are joined by dots.
    pub(super) fn from_toml(origin: String, text: &str) -> Result<Self, Problem> {
        let table: toml::Table = text.parse().map_err(|e: toml::de::Error| {
            // The parser's message holds no value beyond the line that it quotes; the first line
            // tells place and reason.
            let place = e.span().map(|s| line_of(text, s.start)).unwrap_or(1);
            Problem::file(&origin, place, e.message())
        })?;
        let mut layer = Self { origin, values: BTreeMap::new() };
        layer.flatten("", &table);
        Ok(layer)
    }

    /// Reads `key=value` words of the command line; a later one wins.
    pub(super) fn from_words(words: &[String], problems: &mut Vec<Problem>) -> Self {
        let mut layer = Self { origin: "--set".to_owned(), values: BTreeMap::new() };
        for word in words {
            match word.split_once('=') {
                Some((key, value)) => {
                    layer.values.insert(key.trim().to_owned(), plain(value.trim()));
                }
                None => problems.push(Problem::word(word)),
            }
        }
        layer
    }

    fn flatten(&mut self, prefix: &str, table: &toml::Table) {
        for (name, value) in table {
            let key = if prefix.is_empty() { name.clone() } else { format!("{prefix}.{name}") };
            match value {
                // Nesting is bounded: the TOML parser refuses deep documents.
                toml::Value::Table(inner) if !inner.is_empty() => self.flatten(&key, inner),
                other => {
                    self.values.insert(key, text_of(other));
                }
            }
        }
    }
}

/// A list given on the command line may be written as in TOML.
fn plain(value: &str) -> String {
    let as_toml = format!("x = {value}");
    match as_toml.parse::<toml::Table>().ok().and_then(|t| t.get("x").cloned()) {
        Some(list @ toml::Value::Array(_)) => text_of(&list),
        Some(toml::Value::String(text)) => text,
        _ => value.to_owned(),
    }
}

fn text_of(value: &toml::Value) -> String {
    match value {
        toml::Value::String(text) => text.clone(),
        toml::Value::Array(items) => items.iter().map(text_of).collect::<Vec<_>>().join(","),
        other => other.to_string(),
    }
}

fn line_of(text: &str, offset: usize) -> usize {
    text.bytes().take(offset).filter(|b| *b == b'\n').count() + 1
}

/// Something wrong with the settings.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Problem {
    en: String,
    ja: String,
}

impl Problem {
    fn of(row: &'static Words, values: &[(&str, &str)]) -> Self {
        Self { en: row.english(values), ja: row.japanese(values) }
    }

    fn file(origin: &str, line: usize, message: &str) -> Self {
        let message = message.lines().next().unwrap_or_default();
        let values = [("origin", origin), ("line", &line.to_string()), ("message", message)];
        Self::of(&mistakes::NOT_TOML, &values)
    }

    fn word(word: &str) -> Self {
        Self::of(&mistakes::NOT_A_PAIR, &[("word", word)])
    }

    /// A file that cannot be read or written.
    pub(super) fn io(path: &str, error: &std::io::Error) -> Self {
        Self::of(&mistakes::FILE, &[("path", path), ("error", &error.to_string())])
    }

    /// Settings that name one database.
    pub(super) fn shared(keys: &[&str]) -> Self {
        let values = [("keys", keys.join(", ")), ("keys_ja", keys.join("、"))];
        let values = values.each_ref().map(|(name, value)| (*name, value.as_str()));
        Self::of(&mistakes::SHARED, &values)
    }

    fn unknown(key: &str, origin: &str) -> Self {
        Self::of(&mistakes::UNKNOWN, &[("key", key), ("origin", origin)])
    }

    fn value<T>(key: &str, origin: &str, kind: &Kind<T>, value: &str) -> Self {
        let quoted = if kind.secret { String::new() } else { format!(" {value:?}") };
        let values = [
            ("key", key),
            ("quoted", &quoted),
            ("origin", origin),
            ("expected", &kind.expected.en),
            ("expected_ja", &kind.expected.ja),
        ];
        Self::of(&mistakes::VALUE, &values)
    }

    /// Its row.
    #[cfg(test)]
    pub(crate) fn row(&self) -> Option<&'static str> {
        mistakes::ROWS.iter().find(|row| row.fit(&self.en, &self.ja)).map(|row| row.id)
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} / {}", self.en, self.ja)
    }
}

/// The layers while they are read, strongest first, and the problems found on the way.
#[derive(Debug)]
pub(crate) struct Reading {
    pub(super) layers: Vec<Layer>,
    pub(super) problems: Vec<Problem>,
}

impl Reading {
    /// The value of a key: of the strongest layer that gives it, or the default.
    ///
    /// `None` means that a problem was noted.
    pub(super) fn value<T>(
        &mut self,
        key: &'static str,
        kind: &Kind<T>,
        default: &'static str,
    ) -> Option<T> {
        let (origin, text) = self.given(key).unwrap_or(("default", default));
        match kind.parse(text) {
            Some(value) => Some(value),
            None => {
                let problem = Problem::value(key, origin, kind, text);
                self.problems.push(problem);
                None
            }
        }
    }

    /// What the strongest layer that gives `key` says, with its origin.
    pub(super) fn given(&self, key: &str) -> Option<(&str, &str)> {
        self.layers
            .iter()
            .find_map(|l| l.values.get(key).map(|text| (l.origin.as_str(), text.as_str())))
    }

    /// Notes every key that no row defines.
    pub(super) fn refuse_unknown(&mut self, known: &[&str]) {
        for layer in &self.layers {
            for key in layer.values.keys().filter(|k| !known.contains(&k.as_str())) {
                self.problems.push(Problem::unknown(key, &layer.origin));
            }
        }
    }

    /// Sets a value in the weakest layer.
    pub(super) fn supply(&mut self, key: &str, value: String) {
        let mut layer = Layer { origin: "founded".to_owned(), values: BTreeMap::new() };
        // An id that a layer leaves empty counts as not given.
        for l in &mut self.layers {
            l.values.retain(|k, v| k != key || !v.is_empty());
        }
        layer.values.insert(key.to_owned(), value);
        self.layers.push(layer);
    }
}

/// A text as a TOML value.
pub(super) fn literal(form: Form, text: &str) -> String {
    let quote = |t: &str| toml::Value::String(t.to_owned()).to_string();
    match form {
        Form::Bare => text.to_owned(),
        Form::Quoted => quote(text),
        Form::List => {
            let items: Vec<String> =
                text.split(',').filter(|t| !t.is_empty()).map(|t| quote(t.trim())).collect();
            format!("[{}]", items.join(", "))
        }
    }
}
