//! `manifest.toml`: the profile, and the tables it is made of.

use serde::Deserialize;
use toml::Spanned;

use super::Files;
use super::mistakes::Mistakes;
use crate::kcsv;

const FILE: &str = "manifest.toml";

/// The profile and its tables.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Manifest {
    /// Identity of the profile, [`kcsv::PROFILE`].
    pub profile: String,
    /// The tables.
    pub tables: Vec<TableFile>,
}

/// One table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TableFile {
    /// The data file.
    pub file: String,
    /// Its version.
    pub version: String,
    /// Its rows, without the header.
    pub rows: u64,
    /// Where its facts come from.
    pub source: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    profile: Spanned<String>,
    table: Vec<WrittenTable>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenTable {
    file: Spanned<String>,
    version: Spanned<String>,
    rows: Spanned<u64>,
    source: Spanned<String>,
}

/// Reads the manifest and compares it with the files.
pub(super) fn read(mistakes: &Mistakes, files: &Files<'_>) -> Manifest {
    let text = files.manifest;
    let line = |at: usize| {
        let before = text.as_bytes().iter().take(at).filter(|byte| **byte == b'\n').count();
        u64::try_from(before).unwrap_or(u64::MAX).saturating_add(1)
    };
    let written: Written = match toml::from_str(text) {
        Ok(written) => written,
        Err(error) => {
            let at = error.span().map_or(0, |span| span.start);
            mistakes.add(FILE, line(at), "", "", (error.message(), "構文または項目の誤りです"));
            return Manifest::default();
        }
    };
    if written.profile.get_ref() != kcsv::PROFILE {
        let (en, ja) =
            (format!("{} expected", kcsv::PROFILE), format!("{} が必要です", kcsv::PROFILE));
        let at = line(written.profile.span().start);
        mistakes.add(FILE, at, "profile", written.profile.get_ref(), (&en, &ja));
    }
    let mut tables: Vec<TableFile> = Vec::new();
    for table in written.table {
        let at = line(table.file.span().start);
        let (name, rows) = (table.file.get_ref(), *table.rows.get_ref());
        if tables.iter().any(|other| other.file == *name) {
            mistakes.twice(FILE, at, "file", name);
        }
        match files.get(name).map(count_rows) {
            None => {
                let (en, ja) = ("no such table is read", "読み込まれる表ではありません");
                mistakes.add(FILE, at, "file", name, (en, ja));
            }
            Some(found) if found != rows => {
                let en = format!("{name} has {found} rows; correct `rows` and raise `version`");
                let ja = format!("{name} は{found}行です。rows を訂正し version を上げます");
                let at = line(table.rows.span().start);
                mistakes.add(FILE, at, "rows", &rows.to_string(), (&en, &ja));
            }
            Some(_) => {}
        }
        if !is_version(table.version.get_ref()) {
            let (en, ja) = ("a version such as 1.0.0 expected", "1.0.0 のような版が必要です");
            let at = line(table.version.span().start);
            mistakes.add(FILE, at, "version", table.version.get_ref(), (en, ja));
        }
        mistakes.demand(FILE, line(table.source.span().start), "source", table.source.get_ref());
        tables.push(TableFile {
            file: table.file.into_inner(),
            version: table.version.into_inner(),
            rows,
            source: table.source.into_inner(),
        });
    }
    for name in files.names().filter(|name| !tables.iter().any(|table| table.file == *name)) {
        let (en, ja) = ("has no [[table]]", "[[table]] がありません");
        mistakes.add(FILE, 1, "table", name, (en, ja));
    }
    Manifest { profile: written.profile.into_inner(), tables }
}

fn is_version(text: &str) -> bool {
    let mut parts = 0;
    let numbers = text.split('.').all(|part| {
        parts += 1;
        !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit())
    });
    numbers && parts == 3
}

fn count_rows(text: &str) -> u64 {
    let rows = csv::Reader::from_reader(text.as_bytes()).into_byte_records().count();
    u64::try_from(rows).unwrap_or(u64::MAX)
}

impl<'a> Files<'a> {
    fn all(&self) -> impl Iterator<Item = (&'static str, &'a str)> {
        let read = [
            ("columns.csv", self.columns),
            ("value-sets.csv", self.value_sets),
            ("item-methods.csv", self.methods),
            ("judgements.csv", self.judgements),
            ("synonyms.csv", self.synonyms),
            ("notations.csv", self.notations),
            ("finding-words.csv", self.finding_words),
        ];
        read.into_iter().chain(self.others.iter().copied())
    }

    fn names(&self) -> impl Iterator<Item = &'static str> {
        self.all().map(|(name, _)| name)
    }

    /// The text of a table.
    pub(super) fn get(&self, file: &str) -> Option<&'a str> {
        self.all().find(|(name, _)| *name == file).map(|(_, text)| text)
    }
}
