//! A draft, finished with the answers of a person who knows the mapping: nothing that the draft
//! decided is replaced, so that what it decided wrongly shows in the values.

use std::collections::{BTreeMap, BTreeSet};
use std::io;

use chrono::NaiveDate;
use renkei_checkup::{Record, tables};
use renkei_source_adapter::{Accepted, Finding, Mapping, Mode, Rules, Sink, convert};
use toml::{Table, Value};

/// The `[[col]]` of a mapping.
pub(crate) fn columns(map: &Table) -> Vec<Table> {
    let list = map.get("col").and_then(Value::as_array).cloned().unwrap_or_default();
    list.into_iter().filter_map(|value| value.as_table().cloned()).collect()
}

fn texts(value: Option<&Value>) -> Vec<String> {
    match value {
        Some(Value::String(text)) => vec![text.clone()],
        Some(Value::Array(list)) => {
            list.iter().filter_map(Value::as_str).map(str::to_owned).collect()
        }
        _ => Vec::new(),
    }
}

/// The titles a `[[col]]` reads.
pub(crate) fn titles(column: &Table) -> Vec<String> {
    texts(column.get("from"))
}

/// The items a `[[col]]` fills.
pub(crate) fn items(column: &Table) -> BTreeSet<String> {
    let mut found: BTreeSet<String> = texts(column.get("to")).into_iter().collect();
    for key in ["flags", "table"] {
        let table = column.get(key).and_then(Value::as_table);
        found.extend(
            table.into_iter().flat_map(|t| t.values()).map(|id| id.as_str().unwrap().to_owned()),
        );
    }
    found
}

const PERSONAL: [&str; 12] = [
    "patient_id",
    "employee_no",
    "card_number",
    "name_kana",
    "name_kanji",
    "birth_date",
    "address",
    "tel",
    "dr_name",
    "dr_judge",
    "remarks",
    "past_hist_txt",
];

/// A draft with its answers.
pub(crate) struct Finished {
    map: Table,
    /// Answers that were given.
    pub(crate) answers: usize,
}

/// What the finished draft converts.
#[derive(Default)]
pub(crate) struct Values {
    pub(crate) expected: usize,
    pub(crate) records: usize,
    pub(crate) wrong: Vec<String>,
    /// What says who the people are, and what was written about them.
    pub(crate) personal: BTreeSet<String>,
    pub(crate) refused: Vec<String>,
}

impl Finished {
    pub(crate) fn new(draft: &str, truth: &Table) -> Self {
        let mut finished = Self { map: toml::from_str(draft).unwrap(), answers: 0 };
        let decided = columns(&finished.map);
        let filled: BTreeSet<String> = decided.iter().flat_map(items).collect();
        finished.constants(truth, &filled);
        finished.nulls(truth);
        for key in ["short_rows", "report_no"] {
            if let Some(value) = truth.get("source").and_then(|source| source.get(key)) {
                finished.answers += 1;
                finished.section("source").insert(key.to_owned(), value.clone());
            }
        }
        let mut all: Vec<Value> = Vec::new();
        for mut column in decided {
            let same = columns(truth).into_iter().find(|other| titles(other) == titles(&column));
            if let Some(same) = same {
                finished.words(&column, &same, truth);
                finished.answers += finish(&mut column, &same);
            }
            all.push(Value::Table(column));
        }
        let is_there = |column: &Table| {
            all.iter().filter_map(Value::as_table).any(|other| {
                titles(other) == titles(column) && !items(other).is_disjoint(&items(column))
            })
        };
        let missing: Vec<Table> =
            columns(truth).into_iter().filter(|column| !is_there(column)).collect();
        for mut column in missing {
            finished.answers += 1;
            if let Some(name) = column.get("vocab").and_then(Value::as_str).map(str::to_owned) {
                let words = truth["vocab"][&name].clone();
                let name = format!("answer_{name}");
                finished.section("vocab").insert(name.clone(), words);
                column.insert("vocab".to_owned(), Value::String(name));
            }
            all.push(Value::Table(column));
        }
        finished.map.insert("col".to_owned(), Value::Array(all));
        if let Some(own) = truth.get("item") {
            finished.map.insert("item".to_owned(), own.clone());
        }
        finished
    }

    fn section(&mut self, name: &str) -> &mut Table {
        let entry = self.map.entry(name).or_insert_with(|| Value::Table(Table::new()));
        entry.as_table_mut().unwrap()
    }

    fn constants(&mut self, truth: &Table, filled: &BTreeSet<String>) {
        for section in ["const", "jlac10"] {
            let Some(given) = truth.get(section).and_then(Value::as_table) else { continue };
            for (key, value) in given {
                if section == "jlac10" || !filled.contains(key) {
                    self.answers += 1;
                    self.section(section).entry(key.clone()).or_insert_with(|| value.clone());
                }
            }
        }
    }

    /// Words of `[null]` that the draft left open.
    fn nulls(&mut self, truth: &Table) {
        let Some(given) = truth.get("null").and_then(Value::as_table) else { return };
        let known: BTreeSet<String> =
            self.section("null").values().flat_map(|list| texts(Some(list))).collect();
        let looked_up: BTreeSet<String> = self
            .section("vocab")
            .values()
            .filter_map(Value::as_table)
            .flat_map(|table| table.keys().cloned())
            .collect();
        for (key, words) in given {
            for word in texts(Some(words)) {
                if known.contains(&word) || looked_up.contains(&word) {
                    continue;
                }
                self.answers += 1;
                let list = self.section("null").entry(key.clone());
                let list = list.or_insert_with(|| Value::Array(Vec::new()));
                list.as_array_mut().unwrap().push(Value::String(word));
            }
        }
    }

    /// Words of a vocabulary that the draft left open.
    fn words(&mut self, column: &Table, same: &Table, truth: &Table) {
        let name = |column: &Table| column.get("vocab").and_then(Value::as_str).map(str::to_owned);
        let (Some(own), Some(theirs)) = (name(column), name(same)) else { return };
        let theirs = truth["vocab"][&theirs].as_table().unwrap().clone();
        let own = self.section("vocab")[&own].as_table_mut().unwrap();
        let mut added = 0;
        for (word, term) in theirs {
            if !own.contains_key(&word) {
                added = 1;
                own.insert(word, term);
            }
        }
        self.answers += added;
    }

    /// Converts an export.
    pub(crate) fn convert(&self, export: &[u8]) -> Converted {
        converted(export, &toml::to_string(&self.map).unwrap())
    }

    /// Converts an export with both mappings.
    pub(crate) fn compare(&self, export: &[u8], truth: &str) -> Values {
        let ours = converted(export, &toml::to_string(&self.map).unwrap());
        let theirs = converted(export, truth);
        let mut values = Values { expected: theirs.records.len(), ..Values::default() };
        values.refused = ours.findings;
        for (number, theirs) in &theirs.records {
            let Some(ours) = ours.records.get(number) else { continue };
            values.records += 1;
            for id in PERSONAL {
                values.personal.insert(theirs.get(id).to_owned());
                values.personal.insert(theirs.get(&format!("{id}__orig")).to_owned());
            }
            for item in tables().columns() {
                let (ours, theirs) = (ours.get(&item.id), theirs.get(&item.id));
                if ours != theirs {
                    let id = &item.id;
                    values.wrong.push(format!("{number}: {id} is {ours:?}, not {theirs:?}"));
                }
            }
        }
        values
    }
}

/// Keys of a decided column that the draft left open.
fn finish(column: &mut Table, same: &Table) -> usize {
    let mut added = 0;
    for key in ["none", "strip", "as_value"] {
        let known = texts(column.get(key));
        for word in texts(same.get(key)).into_iter().filter(|word| !known.contains(word)) {
            added = 1;
            let list = column.entry(key).or_insert_with(|| Value::Array(Vec::new()));
            list.as_array_mut().unwrap().push(Value::String(word));
        }
    }
    for key in ["era", "null"] {
        if let (None, Some(value)) = (column.get(key), same.get(key)) {
            added = 1;
            column.insert(key.to_owned(), value.clone());
        }
    }
    if let (Some(Value::String(own)), Some(Value::String(theirs))) =
        (column.get_mut("split"), same.get("split"))
    {
        for mark in theirs.chars().filter(|mark| !own.contains(*mark)).collect::<Vec<_>>() {
            added = 1;
            own.push(mark);
        }
    }
    added
}

#[derive(Default)]
pub(crate) struct Converted {
    pub(crate) records: BTreeMap<String, Record>,
    pub(crate) findings: Vec<String>,
}

impl Sink for Converted {
    fn accepted(&mut self, accepted: &Accepted<'_>) -> io::Result<()> {
        let record = accepted.record.clone();
        self.records.insert(record.get("record_no").to_owned(), record);
        Ok(())
    }

    fn findings(&mut self, findings: &[Finding]) -> io::Result<()> {
        self.findings.extend(findings.iter().map(|finding| format!("{finding:?}")));
        Ok(())
    }

    fn discard(&mut self) -> io::Result<()> {
        self.records.clear();
        Ok(())
    }
}

/// The records that a mapping gives.
pub(crate) fn converted(export: &[u8], map: &str) -> Converted {
    let mapping = Mapping::read("map.toml", map).unwrap_or_else(|errors| panic!("{errors}\n{map}"));
    let as_of = NaiveDate::from_ymd_opt(2025, 12, 31).unwrap();
    let mut converted = Converted::default();
    let rules = Rules { mode: Mode::RejectRow, as_of };
    convert(|| Ok(export), &mapping, &rules, &mut converted).unwrap();
    converted
}
