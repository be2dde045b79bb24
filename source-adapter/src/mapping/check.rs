//! What a mapping leaves open, alone and against an export, before anything is converted.

mod export;

use std::collections::BTreeSet;
use std::io::{self, Read};
use std::sync::Arc;

use chrono::NaiveDate;

use renkei_checkup::programmes::{self, programmes};
use renkei_checkup::{Requirement, check_digit, tables, terms};
use serde::Serialize;

use super::coverage;
use super::{Form, Mapping, MappingError, SharedVocabulary};
use crate::convert::ConvertError;
use crate::rows::Lines;
use crate::table::Table;

pub use super::coverage::{Coverage, Law, Part};
/// What was found.
#[derive(Clone, Debug, Default, Serialize)]
pub struct CheckReport {
    /// Mistakes of the mapping file; with any, nothing else is looked at.
    pub mistakes: Vec<Mistake>,
    /// What the mapping leaves open.
    pub findings: Vec<CheckFinding>,
    /// Which items it can fill.
    pub coverage: Vec<Coverage>,
    /// Rows of the export.
    pub rows: u64,
    /// Rows that would be accepted.
    pub accepted: u64,
    /// Where every physical line of the export went; none without one, or where it is refused.
    pub lines: Option<Lines>,
}

/// Opens the export; it is read more than once.
pub type OpenExport<'o> = &'o mut dyn FnMut() -> io::Result<Box<dyn Read>>;

/// A mistake of the mapping file.
#[derive(Clone, Debug, Serialize)]
pub struct Mistake {
    /// 1-based line.
    pub line: usize,
    /// The key.
    pub key: String,
    /// What is wrong, and what would be right.
    pub ja: String,
    /// The same in English.
    pub en: String,
}

impl From<&MappingError> for Mistake {
    fn from(error: &MappingError) -> Self {
        let MappingError { line, key, en, ja } = error;
        Self { line: *line, key: key.clone(), ja: ja.clone(), en: en.clone() }
    }
}

/// What a mapping leaves open.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// The export cannot be decoded.
    Undecodable,
    /// The file is not one table with one row a checkup.
    NotOneTable,
    /// A mapped header is not in the export, or several times, or elsewhere.
    MissingHeader,
    /// A header of the export is neither mapped nor ignored.
    UnusedHeader,
    /// A header of `ignore` or `unknown` is not in the export.
    UnusedIgnore,
    /// Cells with broken quotes.
    Quoting,
    /// Rows with another number of fields.
    RowWidth,
    /// A word that the vocabulary does not have.
    UnknownTerm,
    /// A cell that the pattern does not match.
    Pattern,
    /// A word that is no finding stands where one is expected, and the mapping says nothing of it.
    UndecidedWord,
    /// A cell or a record that the conversion finds fault with.
    Value,
    /// A required item that nothing fills.
    Required,
    /// A constant that is no number or code of its kind.
    Constant,
    /// A vocabulary that no column names.
    UnusedVocabulary,
    /// A source term that no cell has.
    UnusedTerm,
    /// A word of `[null]` that no cell has.
    UnusedNull,
    /// A method or a range of an item that nothing fills.
    UnusedPractice,
}

/// One thing that a mapping leaves open.
#[derive(Clone, Debug, Serialize)]
pub struct CheckFinding {
    /// What it is.
    pub kind: Kind,
    /// Whether it makes the conversion refuse rows or the file.
    pub refuses: bool,
    /// Line of the mapping; none for what the export alone has.
    pub line: Option<usize>,
    /// The header, the item or the key.
    pub place: String,
    /// The word.
    pub value: String,
    /// How many cells or rows.
    pub count: u64,
    /// What it means and what to do.
    pub ja: String,
    /// The same in English.
    pub en: String,
}

impl CheckReport {
    /// Whether rows or the file would be refused.
    pub fn refuses(&self) -> bool {
        !self.mistakes.is_empty() || self.findings.iter().any(|finding| finding.refuses)
    }
}

/// Checks a mapping, and the export if there is one: by converting it as if on the day `as_of`. `file`
/// names the mapping.
///
/// # Errors
///
/// When the export cannot be read. What is wrong with its content is a finding.
pub fn check(
    file: &str,
    text: &str,
    export: Option<OpenExport<'_>>,
    as_of: NaiveDate,
) -> Result<CheckReport, ConvertError> {
    let mapping = match Mapping::read(file, text) {
        Ok(mapping) => mapping,
        Err(errors) => {
            let mistakes = errors.errors.iter().map(Mistake::from).collect();
            return Ok(CheckReport { mistakes, ..CheckReport::default() });
        }
    };
    let mut checker = Checker { mapping: &mapping, report: CheckReport::default() };
    checker.coverage();
    checker.constants();
    checker.practice();
    let with_export = export.is_some();
    if let Some(open) = export {
        checker.unmet_titles(open)?;
        checker.export(open, as_of)?;
    }
    checker.vocabularies(with_export);
    let mut report = checker.report;
    report.findings.sort_by_key(|finding| (!finding.refuses, finding.kind, finding.line));
    Ok(report)
}

struct Checker<'m> {
    mapping: &'m Mapping,
    report: CheckReport,
}

impl<'m> Checker<'m> {
    fn add(&mut self, kind: Kind, refuses: bool, line: Option<usize>, place: &str, what: What<'_>) {
        self.report.findings.push(CheckFinding {
            kind,
            refuses,
            line,
            place: place.to_owned(),
            value: what.value.to_owned(),
            count: what.count,
            ja: what.ja.to_owned(),
            en: what.en.to_owned(),
        });
    }

    /// The programme says which law; when each row says it, both.
    fn coverage(&mut self) {
        let mapping = self.mapping;
        let from_column = mapping
            .columns
            .iter()
            .any(|rule| rule.form.items().iter().any(|item| item.id == "program_code"));
        let laws: &[Law] = match mapping.constant("program_code") {
            Some(code) if code == terms::PROGRAMME_SPECIFIC => &[Law::Specific],
            None if from_column => &[Law::Industrial, Law::Specific],
            _ => &[Law::Industrial],
        };
        self.report.coverage = coverage::of(mapping, laws);
        let missing: BTreeSet<String> = self
            .report
            .coverage
            .iter()
            .filter(|coverage| coverage.applies)
            .flat_map(|coverage| coverage.required.missing.clone())
            .collect();
        for id in missing {
            let Some(item) = tables().column(&id) else { continue };
            // an item that one of two laws demands is refused only in the rows of that law
            let always = [item.industrial, item.specific] == [Requirement::Required; 2];
            let refuses = always || !from_column;
            let name = &item.name_ja;
            let ja = format!(
                "必須項目「{name}」が設定されません。[const] か [[col]] で指定してください"
            );
            let en = format!("{} is required; fill it by [const] or [[col]]", item.name_en);
            self.add(Kind::Required, refuses, None, &id, What::new("", 0, &ja, &en));
        }
    }

    /// Numbers without their check digit, which refuse every row, and codes nobody knows.
    fn constants(&mut self) {
        let mapping = self.mapping;
        let insurer = |n: &str| check_digit::insurer_number(&format!("{n:0>8}"));
        let institution =
            |n: &str| !mapping.check_institution_number || check_digit::institution_number(n);
        let programme = |code: &str| programmes().get(code).is_some();
        // 90 is その他 of the form, which has no name in the table of documents
        let category = |code: &str| {
            code == "90" || programmes().category_name(programmes::Form::Cda, code).is_some()
        };
        type Right<'r> = &'r dyn Fn(&str) -> bool;
        let rules: [(&str, bool, Right<'_>); 4] = [
            ("insurer_no", true, &insurer),
            ("inst_no", true, &institution),
            ("program_code", false, &programme),
            ("report_category", false, &category),
        ];
        for (id, refuses, is_right) in rules {
            let Some(value) = mapping.constant(id).filter(|value| !is_right(value)) else {
                continue;
            };
            let (ja, en) = if refuses {
                (
                    "検証番号が正しくありません。全ての行が拒否されます（E016）。番号を確認してください",
                    "the check digit is wrong; every row will be refused (E016); compare the number",
                )
            } else {
                (
                    "コード表にない値です。文書では「その他」として扱われます。コードを確認してください",
                    "is in no table of codes; documents will say \"other\"; compare the code",
                )
            };
            self.add(Kind::Constant, refuses, None, id, What::new(value, 0, ja, en));
        }
    }

    /// Methods and ranges of items that nothing fills.
    fn practice(&mut self) {
        let filled: BTreeSet<usize> = self
            .mapping
            .columns
            .iter()
            .flat_map(|rule| rule.form.items())
            .chain(self.mapping.constants.iter().map(|(item, _)| *item))
            .map(|item| item.position)
            .collect();
        for (item, key, line) in &self.mapping.practised {
            if !filled.contains(&item.position) {
                let (ja, en) = ("この項目はどの列からも設定されません", "nothing fills this item");
                let what = What::new(&item.id, 0, ja, en);
                self.add(Kind::UnusedPractice, false, Some(*line), key, what);
            }
        }
    }

    fn vocabulary_of(&self, form: &Form) -> Option<usize> {
        let shared = match form {
            Form::Term { vocabulary, .. } => vocabulary,
            Form::Pattern { vocabulary: Some(vocabulary), .. } => vocabulary,
            _ => return None,
        };
        let is_it = |other: &SharedVocabulary| Arc::ptr_eq(other, shared);
        self.mapping.vocabularies.iter().position(|named| is_it(&named.shared))
    }

    /// Vocabularies nobody names; after an export was converted also words that no cell had.
    fn vocabularies(&mut self, with_export: bool) {
        let mapping = self.mapping;
        let named: BTreeSet<usize> =
            mapping.columns.iter().filter_map(|rule| self.vocabulary_of(&rule.form)).collect();
        let (ja, en) = ("このファイルには現れない語です", "no cell of the file has it");
        let converted = with_export && self.report.lines.is_some();
        for (at, vocabulary) in mapping.vocabularies.iter().enumerate() {
            let key = format!("vocab.{}", vocabulary.name);
            let first = vocabulary.words.first().map(|(_, line)| *line);
            if !named.contains(&at) {
                let (ja, en) = ("どの [[col]] も使いません", "no [[col]] names it");
                self.add(Kind::UnusedVocabulary, false, first, &key, What::new("", 0, ja, en));
                continue;
            }
            let unmet =
                vocabulary.words.iter().filter(|(word, _)| !vocabulary.shared.was_met(word));
            for (word, line) in unmet.filter(|_| converted) {
                let what = What::new(word, 0, ja, en);
                self.add(Kind::UnusedTerm, false, Some(*line), &key, what);
            }
        }
        let unmet =
            mapping.nulls.words().filter(|(_, word)| !word.text.is_empty() && !word.was_met());
        for (list, word) in unmet.filter(|_| converted) {
            let what = What::new(&word.text, 0, ja, en);
            self.add(Kind::UnusedNull, false, None, &format!("null.{list}"), what);
        }
    }

    /// Titles that are left out on purpose, or undecided, and that the export does not have.
    fn unmet_titles(&mut self, open: OpenExport<'_>) -> Result<(), ConvertError> {
        let input = open().map_err(crate::convert::input_failed)?;
        // what is wrong with the header is told by the conversion
        let Ok(header) = Table::new(input, self.mapping).header() else { return Ok(()) };
        let source = &self.mapping.source;
        for (key, titles) in [("ignore", &source.ignore), ("unknown", &source.unknown)] {
            for title in titles.iter().filter(|title| header.headers.all(title).is_empty()) {
                let ja = format!("ファイルにない見出しです（{key}）");
                let en = format!("the file has no such header ({key})");
                self.add(
                    Kind::UnusedIgnore,
                    false,
                    None,
                    title.as_str(),
                    What::new("", 0, &ja, &en),
                );
            }
        }
        Ok(())
    }
}

/// The texts of a finding.
struct What<'a> {
    value: &'a str,
    count: u64,
    ja: &'a str,
    en: &'a str,
}

impl<'a> What<'a> {
    const fn new(value: &'a str, count: u64, ja: &'a str, en: &'a str) -> Self {
        Self { value, count, ja, en }
    }
}

#[cfg(test)]
mod tests;
