//! What a person who reads results is told beside them: documents that are not shown, and what to mind
//! in those that are.

use renkei_metadata::model::DocumentEntry;
use serde::Serialize;

/// Which document, as its entry tells.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct About {
    /// uniqueId.
    pub document: String,
    /// Day of the checkup, `YYYY-MM-DD`; empty when the entry has none.
    pub date: String,
    /// Name of the institution; empty when the entry has none.
    pub institution: String,
    /// Title.
    pub title: String,
    /// Code of the format.
    pub format: String,
}

impl About {
    pub(crate) fn of(entry: &DocumentEntry) -> Self {
        let institution = entry.authors.iter().find_map(|author| author.institutions.first());
        let name = institution.map_or("", |xon| xon.split('^').next().unwrap_or_default());
        Self {
            document: entry.unique_id.to_string(),
            date: day(entry),
            institution: renkei_hl7v2::text::unescape(name),
            title: entry.title.as_ref().map_or_else(String::new, |title| title.text().to_owned()),
            format: entry.format_code.as_ref().map_or_else(String::new, |code| code.code.clone()),
        }
    }
}

fn day(entry: &DocumentEntry) -> String {
    let time = entry.service_start.as_ref().map_or("", |time| time.as_str());
    match (time.get(..4), time.get(4..6), time.get(6..8)) {
        (Some(year), Some(month), Some(day)) => format!("{year}-{month}-{day}"),
        _ => time.to_owned(),
    }
}

/// A document that is not shown, and why.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct NotShown {
    /// Which.
    #[serde(flatten)]
    pub about: About,
    /// Short name of the reason.
    pub code: &'static str,
    /// What is wrong and what to do, in Japanese.
    pub ja: String,
    /// What is wrong and what to do, in English.
    pub en: String,
    /// uniqueId of another document of the checkup, which is shown instead.
    pub shown_instead: Option<String>,
}

/// What to mind in a document that is shown.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Remark {
    /// Which.
    #[serde(flatten)]
    pub about: About,
    /// Short name.
    pub code: &'static str,
    /// In Japanese.
    pub ja: String,
    /// In English.
    pub en: String,
}

impl Remark {
    pub(crate) fn new(
        about: &About,
        code: &'static str,
        ja: impl Into<String>,
        en: impl Into<String>,
    ) -> Self {
        Self { about: about.clone(), code, ja: ja.into(), en: en.into() }
    }
}
