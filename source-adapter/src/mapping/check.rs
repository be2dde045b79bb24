//! What a mapping leaves open, alone and against an export, before anything is converted.

mod export;

use std::collections::BTreeSet;
use std::io::Read;
use std::sync::Arc;

use renkei_checkup::programmes::{self, programmes};
use renkei_checkup::{Requirement, check_digit, tables, terms};
use serde::Serialize;

use super::coverage;
use super::{Form, Mapping, MappingError, SharedVocabulary};
use crate::decode::DecodeError;

pub use super::coverage::{Coverage, Law, Part};
use export::Used;

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
}

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
    /// Two columns have one header.
    DuplicateHeader,
    /// A mapped header is not in the export.
    MissingHeader,
    /// A header of the export is neither mapped nor ignored.
    UnusedHeader,
    /// A header of `ignore` is not in the export.
    UnusedIgnore,
    /// Rows with another number of fields.
    RowWidth,
    /// A word that the vocabulary does not have.
    UnknownTerm,
    /// A cell that the pattern does not match.
    Pattern,
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

/// Checks a mapping, and the export if there is one. `file` names the mapping.
///
/// The export is read row by row; what is kept of it is bounded.
///
/// # Errors
///
/// When the export cannot be read. What is wrong with its content is a finding.
pub fn check(
    file: &str,
    text: &str,
    export: Option<impl Read>,
) -> Result<CheckReport, DecodeError> {
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
    let used = match export {
        Some(export) => Some(checker.export(export)?),
        None => None,
    };
    checker.vocabularies(used.as_ref());
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

    /// Vocabularies nobody names; with an export also words that no cell has.
    fn vocabularies(&mut self, used: Option<&Used<'_>>) {
        let mapping = self.mapping;
        let named: BTreeSet<usize> =
            mapping.columns.iter().filter_map(|rule| self.vocabulary_of(&rule.form)).collect();
        for (at, vocabulary) in mapping.vocabularies.iter().enumerate() {
            let key = format!("vocab.{}", vocabulary.name);
            let first = vocabulary.words.first().map(|(_, line)| *line);
            if !named.contains(&at) {
                let (ja, en) = ("どの [[col]] も使いません", "no [[col]] names it");
                self.add(Kind::UnusedVocabulary, false, first, &key, What::new("", 0, ja, en));
                continue;
            }
            let Some(used) = used else { continue };
            for (word, line) in &vocabulary.words {
                if !used.terms.contains(&(at, word.as_str())) {
                    let (ja, en) = ("このファイルには現れない語です", "no cell of the file has it");
                    let what = What::new(word, 0, ja, en);
                    self.add(Kind::UnusedTerm, false, Some(*line), &key, what);
                }
            }
        }
        let Some(used) = used else { return };
        let nulls = &mapping.nulls;
        for (key, words) in [
            ("null.blank", &nulls.blank),
            ("null.not_performed", &nulls.not_performed),
            ("null.not_measurable", &nulls.not_measurable),
        ] {
            for word in words.iter().filter(|w| !w.is_empty() && !used.nulls.contains(w.as_str())) {
                let (ja, en) = ("このファイルには現れない語です", "no cell of the file has it");
                self.add(Kind::UnusedNull, false, None, key, What::new(word, 0, ja, en));
            }
        }
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
