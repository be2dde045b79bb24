//! Exports as institutions really send them, each with what must come of it.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use chrono::NaiveDate;
use renkei_checkup::tables;
use renkei_source_adapter::{Accepted, Finding, Mapping, Mode, Rules, Sink, convert};
use serde::Deserialize;

#[derive(Deserialize)]
struct Cases {
    case: Vec<Case>,
}

/// A case; the head of `cases.toml` explains the keys.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    id: String,
    #[allow(dead_code, reason = "for the reader of the file")]
    group: String,
    about: String,
    file: Option<String>,
    map: Option<String>,
    mode: Option<String>,
    accepted: Option<Vec<u64>>,
    #[serde(default)]
    refused: bool,
    #[serde(default)]
    mistake: bool,
    #[serde(default)]
    findings: Vec<(u64, String, String)>,
    #[serde(default)]
    named: Vec<String>,
    lines: Option<BTreeMap<String, u64>>,
    #[serde(default)]
    cells: BTreeMap<String, BTreeMap<String, String>>,
}

/// What a conversion gave.
#[derive(Default)]
struct Taken {
    records: BTreeMap<u64, BTreeMap<String, String>>,
    findings: Vec<(u64, String, String)>,
    said: Vec<String>,
}

impl Sink for Taken {
    fn accepted(&mut self, accepted: &Accepted<'_>) -> io::Result<()> {
        let record = accepted.record;
        let mut cells = BTreeMap::new();
        for column in tables().columns() {
            cells.insert(column.id.clone(), record.value(column).to_owned());
            cells.insert(format!("{}__orig", column.id), record.original(column).to_owned());
        }
        self.records.insert(record.get("record_no").parse().unwrap(), cells);
        Ok(())
    }

    fn findings(&mut self, findings: &[Finding]) -> io::Result<()> {
        for finding in findings {
            let (column, code) = (finding.column.clone(), finding.code.name().to_owned());
            self.findings.push((finding.row, column, code));
            self.said.push(finding.ja());
            self.said.push(finding.en());
        }
        Ok(())
    }

    fn discard(&mut self) -> io::Result<()> {
        *self = Self::default();
        Ok(())
    }
}

fn folder() -> Option<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/data/checkup/broken");
    folder.is_dir().then_some(folder)
}

/// What differs from what must come of a case.
fn differences(case: &Case, folder: &Path) -> Vec<String> {
    let with = |end: &str| folder.join(format!("{}{end}", case.id));
    let map = case.map.as_ref().map_or_else(|| with("-map.toml"), |map| folder.join(map));
    let export = case.file.as_ref().map_or_else(
        || if with(".csv").is_file() { with(".csv") } else { with(".tsv") },
        |file| folder.join(file),
    );
    let mut wrong = Vec::new();
    let named = |said: &str, wrong: &mut Vec<String>| {
        for word in case.named.iter().filter(|word| !said.contains(word.as_str())) {
            wrong.push(format!("{word:?} is not named in {said}"));
        }
    };
    let mapping = match Mapping::read("map.toml", &fs::read_to_string(&map).unwrap()) {
        Ok(mapping) => mapping,
        Err(errors) => {
            if !case.mistake {
                wrong.push(format!("the map is refused: {errors}"));
            }
            named(&errors.to_string(), &mut wrong);
            return wrong;
        }
    };
    if case.mistake {
        return vec!["the map should be refused".to_owned()];
    }
    let mode: Mode = case.mode.as_deref().unwrap_or("reject_row").parse().unwrap();
    let as_of = NaiveDate::from_ymd_opt(2025, 12, 31).unwrap();
    let mut taken = Taken::default();
    let rules = Rules { mode, as_of };
    let outcome = convert(|| File::open(&export), &mapping, &rules, &mut taken).unwrap();
    if outcome.rejected != case.refused {
        wrong.push(format!("refused: {}", outcome.rejected));
    }
    named(&taken.said.join("\n"), &mut wrong);
    let mut expected = case.findings.clone();
    expected.sort();
    taken.findings.sort();
    let missing = expected.iter().any(|finding| !taken.findings.contains(finding));
    // of a file that is refused as a whole the other findings are not fixed
    if missing || (!case.refused && expected != taken.findings) {
        wrong.push(format!("findings {:?}, not {expected:?}", taken.findings));
    }
    if let Some(accepted) = &case.accepted {
        let found: Vec<u64> = taken.records.keys().copied().collect();
        if found != *accepted {
            wrong.push(format!("accepted {found:?}, not {accepted:?}: {:?}", taken.said));
        }
    }
    if let Some(lines) = &case.lines {
        let found = serde_json::to_value(outcome.lines).unwrap();
        if found != serde_json::to_value(lines).unwrap() {
            wrong.push(format!("lines {found}, not {lines:?}"));
        }
    }
    for (number, record) in &taken.records {
        let cells = [case.cells.get(&number.to_string()), case.cells.get("*")];
        for (item, value) in cells.into_iter().flatten().flatten() {
            if record.get(item) != Some(value) {
                wrong.push(format!("{number}.{item} = {:?}, not {value:?}", record.get(item)));
            }
        }
    }
    wrong
}

#[test]
fn every_case_comes_out_as_it_must() {
    let Some(folder) = folder() else {
        eprintln!("the exports are not here");
        return;
    };
    let cases: Cases =
        toml::from_str(&fs::read_to_string(folder.join("cases.toml")).unwrap()).unwrap();
    let mut failed = 0;
    for case in &cases.case {
        let wrong = differences(case, &folder);
        if !wrong.is_empty() {
            failed += 1;
            eprintln!("{} ({}):", case.id, case.about);
            wrong.iter().for_each(|line| eprintln!("    {line}"));
        }
    }
    assert_eq!(failed, 0, "of {} cases", cases.case.len());
}
