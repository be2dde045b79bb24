//! A mapping against the cells of an export.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Read;

use unicode_normalization::UnicodeNormalization;

use super::{Checker, Kind, What};
use crate::cells::{item_of_word, look_up, parts, trim};
use crate::decode::DecodeError;
use crate::mapping::{ColumnRule, Form, SharedVocabulary};
use crate::rows::{Cells, Rows};

/// Different unknown words of a column that are kept.
const MOST_WORDS: usize = 100;

/// Words of the mapping that cells of the export have.
#[derive(Default)]
pub(super) struct Used<'m> {
    /// Source terms, with the place of their vocabulary.
    pub(super) terms: BTreeSet<(usize, &'m str)>,
    pub(super) nulls: BTreeSet<&'m str>,
}

/// What the cells of one rule have that the mapping has not.
#[derive(Default)]
struct Open {
    words: BTreeMap<String, u64>,
    /// Cells with words beyond [`MOST_WORDS`].
    more: u64,
    mismatches: u64,
}

impl Open {
    fn word(&mut self, word: &str) {
        if let Some(count) = self.words.get_mut(word) {
            *count += 1;
        } else if self.words.len() < MOST_WORDS {
            self.words.insert(word.to_owned(), 1);
        } else {
            self.more += 1;
        }
    }
}

/// A rule with the places of its cells.
struct Step<'m> {
    rule: &'m ColumnRule,
    cell: usize,
    by: Option<usize>,
    vocabulary: Option<usize>,
    open: Open,
}

impl<'m> Checker<'m> {
    /// Reads the export and tells what the mapping does not have.
    pub(super) fn export(&mut self, input: impl Read) -> Result<Used<'m>, DecodeError> {
        let mut rows = Rows::new(input, self.mapping);
        let mut used = Used::default();
        match self.rows(&mut rows, &mut used) {
            Err(DecodeError::Undecodable { line, encoding }) => {
                let ja = format!(
                    "{line}行目が {encoding} ではありません。[source] の encoding を確かめてください"
                );
                let en = format!("line {line} is not {encoding}; see `encoding` of [source]");
                let what = What::new("", 0, &ja, &en);
                self.add(Kind::Undecodable, true, None, "source.encoding", what);
                Ok(used)
            }
            Err(other) => Err(other),
            Ok(()) => Ok(used),
        }
    }

    fn rows<R: Read>(
        &mut self,
        rows: &mut Rows<R>,
        used: &mut Used<'m>,
    ) -> Result<(), DecodeError> {
        rows.next_row()?;
        let mut headers: Vec<String> = rows.cells().iter().map(str::to_owned).collect();
        if let Some(first) = headers.first_mut()
            && !self.mapping.byte_order_mark
            && self.mapping.skip_lines == 0
        {
            first.insert_str(0, rows.byte_order_mark());
        }
        let mut steps = self.headers(&headers);
        let mut widths: BTreeMap<usize, u64> = BTreeMap::new();
        while rows.next_row()? {
            let cells = rows.cells();
            let prefix = self.mapping.trailer_prefix.as_deref();
            if prefix.is_some_and(|prefix| cells.get(0).is_some_and(|c| c.starts_with(prefix))) {
                continue;
            }
            self.report.rows += 1;
            if cells.len() != headers.len() {
                if widths.len() < MOST_WORDS || widths.contains_key(&cells.len()) {
                    *widths.entry(cells.len()).or_default() += 1;
                }
                continue;
            }
            for step in &mut steps {
                self.cell(step, cells, used);
            }
        }
        for (width, count) in widths {
            let wanted = headers.len();
            let ja = format!("列数が見出し（{wanted}列）と異なる行です");
            let en = format!("rows whose number of fields is not {wanted}, that of the header");
            let width = width.to_string();
            let what = What::new(&width, count, &ja, &en);
            self.add(Kind::RowWidth, true, None, "", what);
        }
        for step in steps {
            self.open(&step);
        }
        Ok(())
    }

    /// Compares headers, and finds the cells of every rule.
    fn headers(&mut self, headers: &[String]) -> Vec<Step<'m>> {
        let mapping = self.mapping;
        let place = |header: &str| headers.iter().position(|other| other == header);
        for (index, header) in headers.iter().enumerate() {
            if place(header).is_some_and(|first| first < index) {
                let (ja, en) = (
                    "同じ見出しの列が2つあります。出力側で別の名前にしてください",
                    "two columns have this header; give them different names",
                );
                self.add(Kind::DuplicateHeader, true, None, header, What::new("", 0, ja, en));
            }
        }
        let mut known: BTreeSet<&str> = mapping.ignore.iter().map(String::as_str).collect();
        let mut missing: BTreeMap<&str, usize> = BTreeMap::new();
        let mut steps = Vec::new();
        for rule in &mapping.columns {
            let by = match &rule.form {
                Form::Route { by, .. } => Some(by.as_str()),
                _ => None,
            };
            for header in std::iter::once(rule.header.as_str()).chain(by) {
                known.insert(header);
                if place(header).is_none() {
                    missing.entry(header).or_insert(rule.line);
                }
            }
            if let Some(cell) = place(&rule.header) {
                let vocabulary = self.vocabulary_of(&rule.form);
                let by = by.and_then(place);
                steps.push(Step { rule, cell, by, vocabulary, open: Open::default() });
            }
        }
        for (header, line) in missing {
            let (ja, en) = (
                "ファイルにこの見出しがありません（E002）。from を見出しのとおりに直してください",
                "the file has no such header (E002); write `from` as the header is",
            );
            self.add(Kind::MissingHeader, true, Some(line), header, What::new("", 0, ja, en));
        }
        for header in headers.iter().filter(|header| !known.contains(header.as_str())) {
            let (ja, en) = (
                "使われない列です（W108）。[[col]] を書くか ignore に入れてください",
                "this column is not used (W108); write a [[col]] or add it to `ignore`",
            );
            self.add(Kind::UnusedHeader, false, None, header, What::new("", 0, ja, en));
        }
        for header in mapping.ignore.iter().filter(|header| place(header).is_none()) {
            let (ja, en) = ("ファイルにない見出しです", "the file has no such header");
            self.add(Kind::UnusedIgnore, false, None, header, What::new("", 0, ja, en));
        }
        steps
    }

    fn cell(&self, step: &mut Step<'m>, cells: Cells<'_>, used: &mut Used<'m>) {
        let text = trim(cells.get(step.cell).unwrap_or_default());
        let nulls = &self.mapping.nulls;
        let null = [&nulls.blank, &nulls.not_performed, &nulls.not_measurable]
            .into_iter()
            .flatten()
            .find(|word| *word == text);
        if let Some(null) = null {
            used.nulls.insert(null);
            return;
        }
        if text.is_empty() {
            return;
        }
        match &step.rule.form {
            Form::Term { vocabulary, .. } => {
                self.word(step.vocabulary, vocabulary, text, &mut step.open, used);
            }
            Form::Pattern { regex, groups, vocabulary } => {
                let Some(captures) = regex.captures(text) else {
                    step.open.mismatches += 1;
                    return;
                };
                let Some(vocabulary) = vocabulary else { return };
                for item in groups.iter().filter(|item| item.is_term()) {
                    if let Some(part) = captures.name(&item.id) {
                        let part = trim(part.as_str());
                        self.word(step.vocabulary, vocabulary, part, &mut step.open, used);
                    }
                }
            }
            Form::Flags { words, splitter, .. } => {
                for part in parts(text, splitter).filter(|part| item_of_word(words, part).is_none())
                {
                    step.open.word(part);
                }
            }
            Form::Route { table, .. } => {
                let by = trim(step.by.and_then(|by| cells.get(by)).unwrap_or_default());
                if item_of_word(table, by).is_none() {
                    step.open.word(by);
                }
            }
            _ => {}
        }
    }

    fn word(
        &self,
        at: Option<usize>,
        vocabulary: &SharedVocabulary,
        word: &str,
        open: &mut Open,
        used: &mut Used<'m>,
    ) {
        if look_up(vocabulary, word).is_none() {
            open.word(word);
            return;
        }
        let Some((at, named)) = at.and_then(|at| Some((at, self.mapping.vocabularies.get(at)?)))
        else {
            return;
        };
        let find = |word: &str| named.words.iter().find(|(known, _)| known == word);
        let known = find(word).or_else(|| find(&word.nfkc().collect::<String>()));
        if let Some((known, _)) = known {
            used.terms.insert((at, known));
        }
    }

    /// Tells what the cells of a rule have that the mapping has not.
    fn open(&mut self, step: &Step<'_>) {
        let Step { rule, open, .. } = step;
        let (line, header) = (Some(rule.line), rule.header.as_str());
        let strict = !matches!(&rule.form, Form::Term { strict: false, .. });
        let code = if strict { "E014" } else { "W101" };
        for (word, count) in &open.words {
            let ja = format!("用語表にない語です（{code}）。用語表に加えてください");
            let en = format!("the vocabulary does not have this word ({code}); add it");
            let what = What::new(word, *count, &ja, &en);
            self.add(Kind::UnknownTerm, strict, line, header, what);
        }
        if open.more > 0 {
            let (ja, en) = ("ほかにも用語表にない語があります", "more words are not known");
            self.add(Kind::UnknownTerm, strict, line, header, What::new("…", open.more, ja, en));
        }
        if open.mismatches > 0 {
            let (ja, en) = (
                "pattern に合わない値です（E019）",
                "cells that the pattern does not match (E019)",
            );
            self.add(Kind::Pattern, true, line, header, What::new("", open.mismatches, ja, en));
        }
    }
}
