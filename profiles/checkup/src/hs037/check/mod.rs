//! Whether a document keeps the profiles of HS037 (eCheckupReport).
//!
//! What a single element must hold is a row of `rows`; what holds between elements is a row of
//! `laws`. Both are read by [`check`] and tested row by row.

mod document;
mod laws;
mod path;
mod rows;
mod rules;
mod target;

use std::fmt;

use serde_json::Value;

use document::Checked;
pub use target::Target;

/// One departure from the profiles.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Violation {
    /// The element, as in `Bundle.entry[1].resource.name[0].text`.
    pub path: String,
    /// The rule that is broken, as in `Patient.name.text: 1..1`.
    pub rule: String,
    /// What stands there; empty when nothing does.
    pub found: String,
    /// What should stand there: a cardinality, a value, a pattern.
    pub expected: String,
    /// The same as a sentence.
    pub ja: String,
    /// The same as a sentence.
    pub en: String,
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {} / {} ({})", self.path, self.ja, self.en, self.rule)
    }
}

/// All departures of a document from the profiles, in document order; none for a good one. A required
/// element may say why it has no value instead of having one.
pub fn check(bundle: &Value) -> Vec<Violation> {
    let document = Checked::new(bundle);
    let mut found = Vec::new();
    for part in document.parts() {
        for rule in rules::all().filter(|rule| rule.target.covers(part.target)) {
            rule.check(&document, part, &mut found);
        }
    }
    for law in &laws::LAWS {
        found.extend((law.broken)(&document).into_iter().map(|broken| broken.violation(law)));
    }
    found
}

/// A value for people: short, and in one line.
fn shown(value: Option<&Value>) -> String {
    const LONGEST: usize = 80;
    let text = match value {
        None | Some(Value::Null) => return String::new(),
        Some(Value::String(text)) => text.clone(),
        Some(other) => other.to_string(),
    };
    match text.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text,
    }
}

#[cfg(test)]
mod tests;
