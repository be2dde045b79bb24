//! Drafted mappings against the mappings that people wrote. What a draft decides must be as the truth
//! has it, in every column and in every value; what it asks is counted.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use renkei_source_adapter::propose::State;
use renkei_source_adapter::{Draft, Mapping, ProposeOptions, Sample, propose, propose_with};

mod answers;
mod as_sent;
mod dialects;

use answers::Finished;

/// The least part of the columns that must be right without an answer.
const LEAST: f64 = 0.8;

/// What a draft was worth.
#[derive(Default)]
struct Score {
    columns: usize,
    right: usize,
    asked: usize,
    words: usize,
    wrong: Vec<String>,
}

impl Score {
    /// Compares the columns of a draft with the items that each title has.
    fn of(draft: &Draft, wanted: impl Fn(&str) -> BTreeSet<String>) -> Self {
        let mut score = Self { columns: draft.columns.len(), ..Self::default() };
        for column in &draft.columns {
            let found: BTreeSet<String> = column.items.iter().cloned().collect();
            let wanted = wanted(&column.header);
            let is_decided = matches!(column.state, State::Decided | State::WordsAsked);
            score.words += usize::from(column.state == State::WordsAsked);
            if found == wanted {
                score.right += 1;
            } else if is_decided && !found.is_subset(&wanted) {
                score.wrong.push(format!("{:?}: {found:?}, not {wanted:?}", column.header));
            } else {
                score.asked += 1;
            }
        }
        score
    }

    fn tell(&self, name: &str, more: &str) {
        eprintln!(
            "{name} | {} | {} ({:.0} %) | {} | {} | {} | {more}",
            self.columns,
            self.right,
            100.0 * self.right as f64 / self.columns as f64,
            self.asked,
            self.words,
            self.wrong.len()
        );
        for wrong in &self.wrong {
            eprintln!("  wrong: {wrong}");
        }
    }

    fn assert_good(&self, name: &str) {
        assert!(self.wrong.is_empty(), "{name}: {:?}", self.wrong);
        let part = self.right as f64 / self.columns as f64;
        assert!(part >= LEAST, "{name}: {:.1} % of the columns are right", 100.0 * part);
    }
}

/// The items of each title in a mapping.
fn truth(map: &toml::Table) -> BTreeMap<String, BTreeSet<String>> {
    let mut found: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for column in answers::columns(map) {
        for title in answers::titles(&column) {
            found.entry(title).or_default().extend(answers::items(&column));
        }
    }
    found
}

fn check(name: &str, export: &[u8], map: &str) {
    compare(name, export, map, ProposeOptions::default()).assert_good(name);
}

/// Compares columns and values of a draft with those of a mapping.
fn compare(name: &str, export: &[u8], map: &str, options: ProposeOptions) -> Score {
    let draft = propose_with(export, "export.csv", options).unwrap();
    let truth_map: toml::Table = toml::from_str(map).unwrap();
    let truth = truth(&truth_map);
    let score = Score::of(&draft, |header| truth.get(header).cloned().unwrap_or_default());
    let finished = Finished::new(draft.toml(), &truth_map);
    let values = finished.compare(export, map);
    let more = format!(
        "{} | {} of {} | {}",
        finished.answers,
        values.records,
        values.expected,
        values.wrong.len()
    );
    score.tell(name, &more);
    // a short number may stand in an item code
    let is_short = |word: &str| word.chars().count() < 4 || word.parse::<u32>().is_ok();
    for word in values.personal.iter().filter(|word| !is_short(word)) {
        let is_title = draft.columns.iter().any(|column| column.header.contains(word));
        assert!(is_title || !draft.toml().contains(word), "{name}: {word} stands in the draft");
    }
    assert!(values.wrong.is_empty(), "{name}: {:?}", values.wrong);
    assert!(10 * values.records >= 9 * values.expected, "{name}: {:?}", values.refused);
    score
}

fn heading() {
    eprintln!(
        "export | columns | right | asked | with words asked | wrong | answers | records | wrong values"
    );
}

#[test]
fn nothing_that_is_decided_is_wrong_for_the_three_institutions() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/data/checkup");
    if !folder.is_dir() {
        eprintln!("skipped: {} is not there", folder.display());
        return;
    }
    heading();
    for letter in ["a", "b", "c"] {
        let export = fs::read(folder.join(format!("inst-{letter}-original.csv"))).unwrap();
        let map = fs::read_to_string(folder.join(format!("inst-{letter}-map.toml"))).unwrap();
        check(letter, &export, &map);
    }
}

#[test]
fn nothing_that_is_decided_is_wrong_for_the_samples() {
    heading();
    for (institution, name) in
        [("minato", "2025.csv"), ("hamakaze", "2024.csv"), ("hibari", "2025.csv")]
    {
        let export = Sample::find(institution, name).unwrap();
        let map = Sample::find(institution, "map.toml").unwrap();
        check(institution, export.bytes, std::str::from_utf8(map.bytes).unwrap());
    }
}

#[test]
fn nothing_that_is_decided_is_wrong_for_twenty_other_exports() {
    heading();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/exports");
    let mut folders: Vec<_> =
        fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    folders.sort();
    for folder in folders.into_iter().filter(|path| path.is_dir()) {
        let name = folder.file_name().unwrap().to_str().unwrap().to_owned();
        let file = fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path());
        let file = file.into_iter().find(|path| path.file_stem().is_some_and(|s| s == "export"));
        let map = fs::read_to_string(folder.join("map.toml")).unwrap();
        // titles that are numbers are found by nobody
        let is_numbered = name.starts_with("09");
        let options = ProposeOptions { skip_rows: is_numbered.then_some(0), header_rows: None };
        let score = compare(&name, &fs::read(file.unwrap()).unwrap(), &map, options);
        assert!(score.wrong.is_empty(), "{name}: {:?}", score.wrong);
    }
}

#[test]
fn nothing_that_is_decided_is_wrong_for_other_dialects() {
    heading();
    for dialect in dialects::all() {
        let draft = propose(dialect.export.as_bytes(), "export.csv").unwrap();
        Mapping::read("draft.toml", draft.toml()).unwrap_or_else(|errors| panic!("{errors}"));
        let columns: BTreeMap<&str, &str> = dialect.columns.iter().copied().collect();
        let score = Score::of(&draft, |header| {
            let ids = columns[header].split('+').filter(|id| !id.is_empty());
            ids.map(str::to_owned).collect()
        });
        score.tell(dialect.name, "");
        score.assert_good(dialect.name);
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
