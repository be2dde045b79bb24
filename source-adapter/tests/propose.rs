//! Drafted mappings against the mappings that people wrote: how many columns are right.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stderr,
    clippy::string_slice,
    reason = "a test fails by a panic, its helpers included"
)]

use std::collections::{BTreeSet, HashMap};
use std::fs;
use std::io;
use std::path::Path;

use chrono::NaiveDate;
use renkei_checkup::Record;
use renkei_source_adapter::{
    Accepted, Draft, Finding, Mapping, Mode, Rules, Sample, Sink, convert, propose,
};

mod dialects;

/// The least part of the columns that must be right.
const LEAST: f64 = 0.8;

#[derive(Default)]
struct Kept(HashMap<String, Record>);

impl Sink for Kept {
    fn accepted(&mut self, accepted: &Accepted<'_>) -> io::Result<()> {
        let record = accepted.record.clone();
        self.0.insert(record.get("record_no").to_owned(), record);
        Ok(())
    }

    fn findings(&mut self, _: &[Finding]) -> io::Result<()> {
        Ok(())
    }

    fn discard(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn records(export: &[u8], map: &str) -> HashMap<String, Record> {
    let mapping = Mapping::read("map.toml", map).unwrap_or_else(|errors| panic!("{errors}"));
    let as_of = NaiveDate::from_ymd_opt(2025, 12, 31).unwrap();
    let mut kept = Kept::default();
    convert(|| Ok(export), &mapping, &Rules { mode: Mode::RejectRow, as_of }, &mut kept).unwrap();
    kept.0
}

fn items(value: &toml::Value) -> BTreeSet<String> {
    let texts = |value: &toml::Value| match value {
        toml::Value::String(text) => vec![text.clone()],
        toml::Value::Array(list) => {
            list.iter().map(|text| text.as_str().unwrap().to_owned()).collect()
        }
        _ => Vec::new(),
    };
    let mut found: BTreeSet<String> =
        value.get("to").map(texts).unwrap_or_default().into_iter().collect();
    for key in ["flags", "table"] {
        if let Some(table) = value.get(key).and_then(toml::Value::as_table) {
            found.extend(table.values().map(|id| id.as_str().unwrap().to_owned()));
        }
    }
    found
}

/// The items of each header; none for headers that are left out.
fn truth(map: &toml::Value) -> HashMap<String, BTreeSet<String>> {
    let columns = map["col"].as_array().unwrap();
    columns.iter().map(|col| (col["from"].as_str().unwrap().to_owned(), items(col))).collect()
}

/// The draft with the fixed values of the truth.
fn completed(draft: &Draft, truth: &str) -> String {
    let section = |text: &str| {
        let start = text.find("[const]").unwrap();
        let end = start + text[start..].find("[null]").unwrap();
        (start, end)
    };
    let (start, end) = section(truth);
    let filled: Vec<&str> =
        draft.columns.iter().flat_map(|column| column.items.iter().map(String::as_str)).collect();
    let constants: Vec<&str> = truth[start..end]
        .lines()
        .filter(|line| !filled.contains(&line.split('=').next().unwrap_or_default().trim()))
        .collect();
    let text = draft.toml();
    let (start, end) = section(text);
    format!("{}{}\n{}", &text[..start], constants.join("\n"), &text[end..])
}

struct Score {
    columns: usize,
    right: usize,
    converted: usize,
}

/// Compares a draft with the mapping of the institution, and tells what differs.
fn score(name: &str, export: &[u8], map: &str) -> Score {
    let draft = propose(export, "export.csv").unwrap();
    let expected_map: toml::Value = toml::from_str(map).unwrap();
    let expected = truth(&expected_map);
    let theirs = records(export, map);
    let ours = records(export, &completed(&draft, map));
    let both: Vec<(&Record, &Record)> =
        ours.iter().filter_map(|(number, record)| Some((record, theirs.get(number)?))).collect();
    assert!(!both.is_empty(), "{name}: no row is accepted by both mappings");
    let mut score = Score { columns: draft.columns.len(), right: 0, converted: 0 };
    for column in &draft.columns {
        let found: BTreeSet<String> = column.items.iter().cloned().collect();
        let wanted = expected.get(&column.header).cloned().unwrap_or_default();
        if found != wanted {
            eprintln!(
                "{name}: {} {:?}: {found:?}, not {wanted:?} ({}) {:?}",
                column.column, column.header, column.confidence, column.reasons
            );
            continue;
        }
        score.right += 1;
        let differing = both.iter().find_map(|(ours, theirs)| {
            let id = wanted.iter().find(|id| ours.get(id) != theirs.get(id))?;
            Some((id, ours.get(id).to_owned(), theirs.get(id).to_owned()))
        });
        match differing {
            None => score.converted += 1,
            Some((id, ours, theirs)) => {
                eprintln!("{name}: {:?}: {id} is {ours:?}, not {theirs:?}", column.header);
            }
        }
    }
    let percent = |count: usize| 100.0 * count as f64 / score.columns as f64;
    eprintln!(
        "{name}: {} columns, {} right ({:.1} %), {} with the same values ({:.1} %) in {} of {} rows",
        score.columns,
        score.right,
        percent(score.right),
        score.converted,
        percent(score.converted),
        both.len(),
        theirs.len()
    );
    score
}

fn assert_enough(name: &str, score: &Score) {
    let part = score.right as f64 / score.columns as f64;
    assert!(part >= LEAST, "{name}: {:.1} % of the columns are right", 100.0 * part);
}

#[test]
fn most_columns_of_the_three_institutions_are_right() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/data/checkup");
    if !folder.is_dir() {
        eprintln!("skipped: {} is not there", folder.display());
        return;
    }
    for letter in ["a", "b", "c"] {
        let export = fs::read(folder.join(format!("inst-{letter}-original.csv"))).unwrap();
        let map = fs::read_to_string(folder.join(format!("inst-{letter}-map.toml"))).unwrap();
        assert_enough(letter, &score(letter, &export, &map));
    }
}

#[test]
fn most_columns_of_the_samples_are_right() {
    for (institution, name) in
        [("minato", "2025.csv"), ("hamakaze", "2024.csv"), ("hibari", "2025.csv")]
    {
        let export = Sample::find(institution, name).unwrap();
        let map = Sample::find(institution, "map.toml").unwrap();
        let map = std::str::from_utf8(map.bytes).unwrap();
        assert_enough(institution, &score(institution, export.bytes, map));
    }
}

#[test]
fn most_columns_of_other_dialects_are_right() {
    for dialect in dialects::all() {
        let draft = propose(dialect.export.as_bytes(), "export.csv").unwrap();
        Mapping::read("draft.toml", draft.toml()).unwrap_or_else(|errors| panic!("{errors}"));
        let mut right = 0;
        for (column, (header, wanted)) in draft.columns.iter().zip(&dialect.columns) {
            assert_eq!(column.header, *header);
            let found: BTreeSet<&str> = column.items.iter().map(String::as_str).collect();
            let wanted: BTreeSet<&str> = wanted.split('+').filter(|id| !id.is_empty()).collect();
            if found == wanted {
                right += 1;
            } else {
                eprintln!(
                    "{}: {header:?}: {found:?}, not {wanted:?} ({})",
                    dialect.name, column.confidence
                );
            }
        }
        let part = f64::from(right) / dialect.columns.len() as f64;
        eprintln!(
            "{}: {} columns, {:.1} % right",
            dialect.name,
            dialect.columns.len(),
            100.0 * part
        );
        assert!(part >= LEAST, "{}: {:.1} %", dialect.name, 100.0 * part);
    }
}

#[test]
fn every_draft_is_a_mapping() {
    for sample in renkei_source_adapter::samples().iter().filter(|s| s.name.ends_with(".csv")) {
        let draft = propose(sample.bytes, sample.name).unwrap();
        Mapping::read("draft.toml", draft.toml()).unwrap_or_else(|errors| panic!("{errors}"));
        assert!(draft.toml().contains("要記入"));
        assert!(draft.to_fill_in.iter().any(|id| id == "inst_no"));
    }
}
