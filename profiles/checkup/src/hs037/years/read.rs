//! Reads a document of the years: each checkup as the source document would be read, beside its source.

use std::collections::HashMap;

use serde_json::{Value, json};

use super::reference;
use super::{CHECKUP, Reason, SECTION, Source};
use crate::hs037::json::{codings, list, text, text_at};
use crate::hs037::{self, Report};

/// A document of the years.
#[derive(Clone, Debug, PartialEq)]
pub struct Years {
    /// The uniqueId of the On-Demand entry that it was made for.
    pub on_demand: String,
    /// The person's id.
    pub patient_id: String,
    /// The assigning authority of that id.
    pub authority: String,
    /// The checkups in the order of the document.
    pub checkups: Vec<Checkup>,
    /// What is not in it.
    pub missing: Vec<Missing>,
}

/// A checkup and where it comes from.
#[derive(Clone, Debug, PartialEq)]
pub struct Checkup {
    /// The document that it was taken from.
    pub source: Source,
    /// What that document says.
    pub report: Report,
}

/// A document that is not in the years.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Missing {
    /// The document.
    pub source: Source,
    /// Why.
    pub reason: Reason,
    /// The same with its circumstances, for people; empty when there is no more to say.
    pub why: String,
}

/// Why bytes are not a document of the years.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{} / {}", self.ja(), self.en())]
pub enum ReadError {
    /// Not JSON.
    Json {
        /// 1-based line.
        line: usize,
        /// 1-based column.
        column: usize,
    },
    /// JSON, but not a document Bundle of this form.
    NotYears,
    /// A section without its source.
    NoSource {
        /// Its title.
        section: String,
    },
    /// A checkup that cannot be read.
    Checkup {
        /// The uniqueId of its source.
        document: String,
        /// Why.
        error: hs037::ReadError,
    },
}

impl ReadError {
    /// What is wrong and what to do, in Japanese.
    pub fn ja(&self) -> String {
        match self {
            Self::Json { line, column } => {
                format!("{line}行{column}列: JSON ではありません。もう一度取得してください")
            }
            Self::NotYears => "健診の経年記録ではありません。formatCode を確認してください".into(),
            Self::NoSource { section } => {
                format!("{section}: 元の文書が示されていません。作成元に確認してください")
            }
            Self::Checkup { document, error } => format!("{document}: {}", error.ja()),
        }
    }

    /// What is wrong and what to do, in English.
    pub fn en(&self) -> String {
        match self {
            Self::Json { line, column } => {
                format!("line {line}, column {column}: not JSON; retrieve it again")
            }
            Self::NotYears => "not a record of checkups over the years; see its formatCode".into(),
            Self::NoSource { section } => {
                format!("{section}: does not tell its source document; ask its maker")
            }
            Self::Checkup { document, error } => format!("{document}: {}", error.en()),
        }
    }
}

/// Reads a document.
///
/// # Errors
/// When the bytes are none, or a checkup in it cannot be read.
pub fn read(bytes: &[u8]) -> Result<Years, ReadError> {
    let bundle: Value = serde_json::from_slice(bytes)
        .map_err(|error| ReadError::Json { line: error.line(), column: error.column() })?;
    let document = Document::of(&bundle).ok_or(ReadError::NotYears)?;
    let value = |pointer| reference::value(document.composition, pointer);
    let (mut checkups, mut missing) = (Vec::new(), Vec::new());
    for section in list(document.composition, "section") {
        let code = codings(section.get("code"))
            .iter()
            .find(|coding| text(coding, "system") == SECTION)
            .map_or("", |coding| text(coding, "code"));
        if code == CHECKUP {
            checkups.push(document.checkup(section)?);
        } else if let Some(reason) = Reason::ALL.into_iter().find(|reason| reason.code() == code) {
            missing.extend(document.missing(section, reason)?);
        }
    }
    Ok(Years {
        on_demand: value("/identifier/value").ok_or(ReadError::NotYears)?,
        patient_id: value("/subject/identifier/value").ok_or(ReadError::NotYears)?,
        authority: value("/subject/identifier/system").ok_or(ReadError::NotYears)?,
        checkups,
        missing,
    })
}

struct Document<'a> {
    composition: &'a Value,
    entries: HashMap<&'a str, &'a Value>,
}

impl<'a> Document<'a> {
    fn of(bundle: &'a Value) -> Option<Self> {
        let is_document =
            text(bundle, "resourceType") == "Bundle" && text(bundle, "type") == "document";
        let composition = list(bundle, "entry").first()?.get("resource")?;
        let entries = list(bundle, "entry").iter().map(|entry| (text(entry, "fullUrl"), entry));
        (is_document && text(composition, "resourceType") == "Composition")
            .then(|| Self { composition, entries: entries.collect() })
    }

    /// The entries of a section, in its order.
    fn entries(&self, section: &'a Value) -> impl Iterator<Item = &'a Value> {
        let references = list(section, "entry").iter().map(|entry| text(entry, "reference"));
        references.filter_map(|reference| self.entries.get(reference).copied())
    }

    fn checkup(&self, section: &'a Value) -> Result<Checkup, ReadError> {
        let no_source = || ReadError::NoSource { section: text(section, "title").to_owned() };
        let mut entries = self.entries(section);
        let source = entries.next().and_then(|entry| reference::read(entry.get("resource")?));
        let source = source.ok_or_else(no_source)?;
        let entries: Vec<&Value> = entries.collect();
        let bundle = json!({ "resourceType": "Bundle", "type": "document", "entry": entries });
        let report = hs037::read(bundle.to_string().as_bytes())
            .map_err(|error| ReadError::Checkup { document: source.unique_id.clone(), error })?;
        Ok(Checkup { source, report })
    }

    fn missing(&self, section: &'a Value, reason: Reason) -> Result<Vec<Missing>, ReadError> {
        let one = |entry: &Value| {
            let why = text_at(entry, "/resource/description").to_owned();
            Some(Missing { source: reference::read(entry.get("resource")?)?, reason, why })
        };
        let no_source = || ReadError::NoSource { section: text(section, "title").to_owned() };
        self.entries(section).map(|entry| one(entry).ok_or_else(no_source)).collect()
    }
}
