//! A mapping against an export: the conversion itself, with a sink that counts what it finds.

use std::collections::BTreeMap;
use std::io;

use chrono::NaiveDate;

use super::{Checker, Kind, OpenExport, What};
use crate::convert::{Accepted, ConvertError, Mode, Rules, Sink, convert};
use crate::findings::{Code, Finding};
use crate::mapping::Form;

/// Different values of a column and code that are kept.
const MOST_VALUES: usize = 100;
/// Columns and codes that are kept.
const MOST_PLACES: usize = 2_000;

/// What the conversion found, counted.
#[derive(Default)]
struct Counted {
    places: BTreeMap<(Code, String), Place>,
    /// Findings in further places.
    more: u64,
}

/// The findings of one code under one title.
#[derive(Default)]
struct Place {
    /// For each value how many there are, and the first of them, for its words.
    values: BTreeMap<String, (u64, Finding)>,
    /// Findings with values beyond [`MOST_VALUES`].
    more: u64,
}

impl Sink for Counted {
    fn accepted(&mut self, _: &Accepted<'_>) -> io::Result<()> {
        Ok(())
    }

    fn findings(&mut self, findings: &[Finding]) -> io::Result<()> {
        for finding in findings {
            let key = (finding.code, finding.column.clone());
            if self.places.len() >= MOST_PLACES && !self.places.contains_key(&key) {
                self.more += 1;
                continue;
            }
            let place = self.places.entry(key).or_default();
            if let Some((count, _)) = place.values.get_mut(&finding.value) {
                *count += 1;
            } else if place.values.len() < MOST_VALUES {
                place.values.insert(finding.value.clone(), (1, finding.clone()));
            } else {
                place.more += 1;
            }
        }
        Ok(())
    }

    fn discard(&mut self) -> io::Result<()> {
        *self = Self::default();
        Ok(())
    }
}

/// What it is, where the mapping is to blame or the export.
fn kind(code: Code) -> Kind {
    match code {
        Code::E001 => Kind::Undecodable,
        Code::E002 => Kind::MissingHeader,
        Code::E003 => Kind::RowWidth,
        Code::E004 => Kind::Quoting,
        Code::E005 => Kind::NotOneTable,
        Code::E014 | Code::W101 => Kind::UnknownTerm,
        Code::E019 => Kind::Pattern,
        Code::E021 => Kind::UndecidedWord,
        Code::W108 => Kind::UnusedHeader,
        _ => Kind::Value,
    }
}

/// What a finding says, without its row.
fn texts(finding: &Finding) -> (String, String) {
    let (texts, code) = (finding.code.texts(), finding.code.name());
    let expected = |text: &str, before: &str| {
        if text.is_empty() { String::new() } else { format!("{before}{text}") }
    };
    let ja = expected(finding.expected_ja(), "。期待する値: ");
    let en = expected(finding.expected_en(), "; expected ");
    (
        format!("{}（{code}）{ja}。{}", texts.ja, texts.fix_ja),
        format!("{} ({code}){en}; {}", texts.en, texts.fix_en),
    )
}

impl Checker<'_> {
    /// Converts the export and tells what the conversion would tell, each thing once.
    pub(super) fn export(
        &mut self,
        open: OpenExport<'_>,
        as_of: NaiveDate,
    ) -> Result<(), ConvertError> {
        let mut counted = Counted::default();
        let rules = Rules { mode: Mode::RejectRow, as_of };
        let outcome = convert(open, self.mapping, &rules, &mut counted)?;
        self.report.rows = outcome.rows;
        self.report.accepted = outcome.accepted;
        for ((code, title), place) in &counted.places {
            self.place(*code, title, place);
        }
        if counted.more > 0 {
            let what = What::new("…", counted.more, "ほかにもあります", "there are more");
            self.add(Kind::Value, true, None, "", what);
        }
        self.report.lines = outcome.lines;
        Ok(())
    }

    fn place(&mut self, code: Code, title: &str, place: &Place) {
        let line = self.line_of(title);
        for (value, (count, first)) in &place.values {
            let (ja, en) = texts(first);
            let what = What::new(value, *count, &ja, &en);
            self.add(kind(code), first.is_error(), line, title, what);
        }
        if let Some((_, first)) = place.values.values().next().filter(|_| place.more > 0) {
            let texts = code.texts();
            let what = What::new("…", place.more, texts.ja, texts.en);
            self.add(kind(code), first.is_error(), line, title, what);
        }
    }

    /// The line of the `[[col]]` that reads a title.
    fn line_of(&self, title: &str) -> Option<usize> {
        let reads = |rule: &&crate::mapping::ColumnRule| {
            let by = match &rule.form {
                Form::Route { by, .. } => Some(by),
                _ => None,
            };
            rule.from.titles().iter().chain(by).any(|other| other.as_str() == title)
        };
        self.mapping.columns.iter().find(reads).map(|rule| rule.line)
    }
}
