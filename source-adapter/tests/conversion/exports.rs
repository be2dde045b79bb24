//! Twenty exports, each like another real layout (`exports/*/about.md`), converted with a map
//! written by hand and with a draft that a person finished. Both must give the values that were
//! known before the export was written, and never another one in silence.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

mod export_answers;

use export_answers::outcome::{Expected, Outcome};
use export_answers::{Answers, Columns, Finished};

/// One folder of `exports/`.
struct Export {
    name: String,
    folder: PathBuf,
    file: PathBuf,
    map: String,
}

impl Export {
    fn all() -> Vec<Self> {
        let place = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/exports");
        let mut folders: Vec<PathBuf> =
            fs::read_dir(place).unwrap().map(|entry| entry.unwrap().path()).collect();
        folders.sort();
        let only = std::env::var("EXPORT").unwrap_or_default();
        let asked = |export: &Self| export.name.starts_with(&only);
        folders.into_iter().filter(|path| path.is_dir()).map(Self::read).filter(asked).collect()
    }

    fn read(folder: PathBuf) -> Self {
        let name = folder.file_name().unwrap().to_str().unwrap().to_owned();
        let file = fs::read_dir(&folder)
            .unwrap()
            .map(|entry| entry.unwrap().path())
            .find(|path| path.file_stem().is_some_and(|stem| stem == "export"))
            .unwrap();
        let map = fs::read_to_string(folder.join("map.toml")).unwrap();
        Self { name, folder, file, map }
    }
}

#[test]
fn there_are_twenty_exports_and_each_says_what_it_imitates() {
    let exports = Export::all();
    if std::env::var("EXPORT").is_ok() {
        return;
    }
    assert_eq!(exports.len(), 20);
    for export in exports {
        let about = fs::read_to_string(export.folder.join("about.md")).unwrap();
        assert!(about.lines().count() >= 2, "{}", export.name);
    }
}

#[test]
fn maps_written_by_hand_give_the_expected_values() {
    let mut told = Vec::new();
    for export in Export::all() {
        let expected = Expected::read(&export.folder, &export.map);
        match Outcome::of(&export.file, &export.map) {
            Ok(outcome) => {
                let wrong = expected.differences(&outcome);
                eprintln!(
                    "{}: {} records, {} wrong",
                    export.name,
                    outcome.records.len(),
                    wrong.len()
                );
                told.extend(wrong.into_iter().map(|wrong| format!("{}: {wrong}", export.name)));
            }
            Err(error) => told.push(format!("{}: {error}", export.name)),
        }
    }
    assert!(told.is_empty(), "{}", told.join("\n"));
}

/// What the draft of one export was worth.
struct Row {
    name: String,
    columns: Columns,
    answers: usize,
    /// Values and findings that are not as expected.
    values: usize,
}

#[test]
fn drafts_finished_by_a_person_give_the_expected_values() {
    let mut rows = Vec::new();
    let mut told = Vec::new();
    for export in Export::all() {
        let answers = Answers::read(&export.folder.join("answers.toml"));
        let expected = Expected::read(&export.folder, &export.map);
        let finished = match Finished::draft(&export.file, &answers) {
            Ok(finished) => finished,
            Err(error) => {
                told.push(format!("{}: {error}", export.name));
                continue;
            }
        };
        let columns = Columns::of(&finished, &export.map);
        let values = match Outcome::of(&export.file, &finished.map) {
            Ok(outcome) => expected.differences(&outcome),
            Err(error) => vec![error],
        };
        finished.keep(&export.name);
        let name = export.name.clone();
        let wrong = columns.wrong.iter().chain(&values);
        told.extend(wrong.map(|wrong| format!("{name}: {wrong}")));
        rows.push(Row { name, columns, answers: finished.answers, values: values.len() });
    }
    table(&rows);
    assert!(told.is_empty(), "{}", told.join("\n"));
}

fn table(rows: &[Row]) {
    eprintln!("export | columns | right | asked | wrong | left out | answers | wrong values");
    let mut sums = [0; 7];
    for row in rows {
        let columns = &row.columns;
        let wrong = columns.wrong.len();
        let counts = [columns.all, columns.right, columns.asked, wrong, columns.left_out];
        let cells = [counts.as_slice(), &[row.answers, row.values]].concat();
        let text: Vec<String> = cells.iter().map(ToString::to_string).collect();
        eprintln!("{} | {}", row.name, text.join(" | "));
        for (sum, cell) in sums.iter_mut().zip(cells) {
            *sum += cell;
        }
    }
    eprintln!("sum | {}", sums.map(|sum| sum.to_string()).join(" | "));
}

/// Titles of a map and the items each fills.
fn titles(map: &toml::Table) -> BTreeMap<Vec<String>, BTreeSet<String>> {
    let mut found: BTreeMap<Vec<String>, BTreeSet<String>> = BTreeMap::new();
    let columns = map.get("col").and_then(toml::Value::as_array).cloned().unwrap_or_default();
    for column in &columns {
        let column = column.as_table().unwrap();
        found.entry(from(column)).or_default().extend(items(column));
    }
    found
}

/// The titles that a `[[col]]` reads.
fn from(column: &toml::Table) -> Vec<String> {
    texts(column.get("from").expect("from"))
}

fn texts(value: &toml::Value) -> Vec<String> {
    match value {
        toml::Value::String(text) => vec![text.clone()],
        toml::Value::Array(list) => {
            list.iter().map(|text| text.as_str().unwrap().to_owned()).collect()
        }
        toml::Value::Table(table) => {
            table.values().map(|text| text.as_str().unwrap().to_owned()).collect()
        }
        _ => Vec::new(),
    }
}

/// The items that a `[[col]]` fills.
fn items(column: &toml::Table) -> BTreeSet<String> {
    ["to", "flags", "table"].iter().filter_map(|key| column.get(*key)).flat_map(texts).collect()
}
