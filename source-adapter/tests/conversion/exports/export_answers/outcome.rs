//! What a conversion gave, and what it should have given.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use chrono::{DateTime, NaiveDate};
use renkei_source_adapter::{Mode, Options, convert_file};

/// Row, column and code.
type Found = (u64, String, String);

/// The records and findings of a conversion.
pub(crate) struct Outcome {
    /// By record number, item by item.
    pub(crate) records: BTreeMap<String, BTreeMap<String, String>>,
    findings: Vec<Found>,
}

impl Outcome {
    /// Converts an export with a map.
    pub(crate) fn of(file: &Path, map: &str) -> Result<Self, String> {
        let place = tempfile::tempdir().unwrap();
        let map_path = place.path().join("map.toml");
        fs::write(&map_path, map).unwrap();
        let out = place.path().join("out");
        let options = Options {
            mode: Mode::RejectRow,
            as_of: NaiveDate::from_ymd_opt(2025, 12, 31).unwrap(),
            created_at: DateTime::parse_from_rfc3339("2025-12-31T09:00:00+09:00").unwrap(),
            documents: false,
            file_set: None,
        };
        convert_file(file, &map_path, &out, &options).map_err(|error| error.to_string())?;
        let mut findings = Vec::new();
        for row in table(&out.join("findings.csv")) {
            let row_number: u64 = row["row"].parse().unwrap();
            // a column that nobody has decided on is told, and is no error
            if row["code"] != "W108" {
                findings.push((row_number, row["column"].clone(), row["code"].clone()));
            }
        }
        findings.sort();
        let records = match out.join("standard.csv") {
            standard if standard.exists() => {
                table(&standard).into_iter().map(|row| (row["record_no"].clone(), row)).collect()
            }
            _ => BTreeMap::new(),
        };
        Ok(Self { records, findings })
    }
}

fn table(path: &Path) -> Vec<BTreeMap<String, String>> {
    let mut reader = csv::Reader::from_path(path).unwrap();
    let titles = reader.headers().unwrap().clone();
    let pair = |row: csv::StringRecord| {
        titles.iter().map(str::to_owned).zip(row.iter().map(str::to_owned)).collect()
    };
    reader.records().map(|row| pair(row.unwrap())).collect()
}

/// What was known before the export was written.
pub(crate) struct Expected {
    records: Vec<BTreeMap<String, String>>,
    findings: Vec<Found>,
    /// Items that are filled though no column carries them: constants and derived ages.
    apart: BTreeSet<String>,
}

impl Expected {
    /// Reads `expected.csv` and `expected-findings.csv`.
    pub(crate) fn read(folder: &Path, map: &str) -> Self {
        let mut findings: Vec<Found> = table(&folder.join("expected-findings.csv"))
            .into_iter()
            .map(|row| (row["row"].parse().unwrap(), row["column"].clone(), row["code"].clone()))
            .collect();
        findings.sort();
        let map: toml::Table = toml::from_str(map).unwrap();
        let constants = map["const"].as_table().unwrap().keys().cloned();
        let derived = ["profile_ver", "record_no", "exam_age", "fy_age"].map(str::to_owned);
        Self {
            records: table(&folder.join("expected.csv")),
            findings,
            apart: constants.chain(derived).collect(),
        }
    }

    /// Everything that is not as expected.
    pub(crate) fn differences(&self, outcome: &Outcome) -> Vec<String> {
        let mut told = Vec::new();
        for finding in self.findings.iter().filter(|found| !outcome.findings.contains(found)) {
            told.push(format!("not found: {finding:?}"));
        }
        for finding in outcome.findings.iter().filter(|found| !self.findings.contains(found)) {
            told.push(format!("found: {finding:?}"));
        }
        for expected in &self.records {
            let number = &expected["record_no"];
            match outcome.records.get(number) {
                Some(record) => self.compare(number, expected, record, &mut told),
                None => told.push(format!("record {number} was not delivered")),
            }
        }
        let known: BTreeSet<&String> = self.records.iter().map(|row| &row["record_no"]).collect();
        for number in outcome.records.keys().filter(|number| !known.contains(number)) {
            told.push(format!("record {number} was delivered"));
        }
        told
    }

    fn compare(
        &self,
        number: &str,
        expected: &BTreeMap<String, String>,
        record: &BTreeMap<String, String>,
        told: &mut Vec<String>,
    ) {
        for (item, value) in expected {
            let given = record.get(item);
            if given != Some(value) {
                told.push(format!("record {number}: {item} is {given:?}, not {value:?}"));
            }
        }
        for (item, value) in record {
            let other = !expected.contains_key(item) && !item.ends_with("__orig");
            if other && !self.apart.contains(item) && !value.is_empty() {
                told.push(format!("record {number}: {item} is {value:?}, not empty"));
            }
        }
    }
}
