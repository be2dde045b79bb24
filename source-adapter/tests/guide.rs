//! The examples of docs/MAPPING.md: each is a mapping, and gives the results beside it.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by a panic, its helpers included"
)]

use std::io;

use chrono::NaiveDate;
use renkei_checkup::Record;
use renkei_source_adapter::{Accepted, Finding, Mapping, Mode, Rules, Sink, convert};

const GUIDE: &str = include_str!("../../docs/MAPPING.md");

/// A column that the rest of the mapping reads.
const REST: &str = "脈拍";

/// What an example leaves to the rest of its mapping.
const CONSTANTS: [(&str, &str); 10] = [
    ("report_category", "40"),
    ("program_code", "030"),
    ("inst_no", "1419900129"),
    ("inst_name", "架空健診所"),
    ("patient_id", "1"),
    ("name_kana", "カクウ ハナコ"),
    ("name_kanji", "架空 花子"),
    ("sex", "女"),
    ("birth_date", "1980-04-12"),
    ("exam_date", "2025-05-12"),
];

/// The fenced blocks in order: the word behind the fence, and the text.
fn blocks() -> Vec<(&'static str, String)> {
    let mut found = Vec::new();
    let mut lines = GUIDE.lines();
    while let Some(line) = lines.next() {
        let Some(kind) = line.strip_prefix("```") else { continue };
        let text: Vec<&str> = lines.by_ref().take_while(|line| *line != "```").collect();
        found.push((kind, text.join("\n") + "\n"));
    }
    found
}

/// The example as a whole mapping.
fn completed(example: &str) -> String {
    if example.contains("map_version") {
        return example.to_owned();
    }
    let mut text =
        "map_version = \"1\"\nprofile = \"kcsv/1.0.0\"\n[source]\nencoding = \"utf-8\"\n[const]\n"
            .to_owned();
    for (id, value) in CONSTANTS.iter().filter(|(id, _)| !example.contains(&format!("\"{id}\""))) {
        text.push_str(&format!("{id} = \"{value}\"\n"));
    }
    // a record without any result is refused
    text + example + &format!("\n[[col]]\nfrom = \"{REST}\"\nto = \"pulse\"\nas = \"num\"\n")
}

#[derive(Default)]
struct Kept {
    records: Vec<Record>,
    findings: Vec<String>,
}

impl Sink for Kept {
    fn accepted(&mut self, accepted: &Accepted<'_>) -> io::Result<()> {
        self.records.push(accepted.record.clone());
        Ok(())
    }

    fn findings(&mut self, findings: &[Finding]) -> io::Result<()> {
        self.findings.extend(findings.iter().map(|f| format!("{} {}", f.column, f.code.name())));
        Ok(())
    }

    fn discard(&mut self) -> io::Result<()> {
        *self = Self::default();
        Ok(())
    }
}

#[test]
fn every_example_is_a_mapping() {
    let examples: Vec<String> =
        blocks().into_iter().filter(|(kind, _)| *kind == "toml").map(|(_, text)| text).collect();
    for example in &examples {
        Mapping::read("example", &completed(example)).unwrap_or_else(|e| panic!("{e}\n{example}"));
    }
    for form in [
        "text", "num", "int", "digits", "postal", "date", "kana", "name", "term", "multi",
        "finding", "flags", "regex", "route",
    ] {
        let shown = examples.iter().any(|text| text.contains(&format!("as = \"{form}\"")));
        assert!(shown, "no example of {form}");
    }
}

#[test]
fn every_example_gives_its_results() {
    let blocks = blocks();
    let mut run = 0;
    for example in blocks.windows(3) {
        let [("toml", toml), ("csv", cells), ("results", results)] = example else { continue };
        run += 1;
        let mapping = Mapping::read("example", &completed(toml)).unwrap_or_else(|e| panic!("{e}"));
        let as_of = NaiveDate::from_ymd_opt(2025, 12, 31).unwrap();
        let mut kept = Kept::default();
        // rows of one person on one day are duplicates: each row is an export of its own
        let mut rows = cells.lines();
        let header = rows.next().unwrap();
        for row in rows {
            let export = format!("{header},{REST}\n{row},72\n");
            let rules = Rules { mode: Mode::RejectRow, as_of };
            convert(|| Ok(export.as_bytes()), &mapping, &rules, &mut kept).unwrap();
        }
        for line in results.lines() {
            let (row, rest) = line.split_once(' ').unwrap();
            let (id, value) = rest.split_once('=').unwrap();
            let at = row.parse::<usize>().unwrap() - 1;
            let record =
                kept.records.get(at).unwrap_or_else(|| panic!("{line}: {:?}", kept.findings));
            assert_eq!(record.get(id.trim()), value.trim(), "{line}");
        }
    }
    assert_eq!(run, 13, "the examples of the forms");
}
