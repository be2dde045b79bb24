//! Twenty exports, each like another real layout (`exports/*/about.md`), converted with a map
//! written by hand. It must give the values that were known before the export was written, and never
//! another one in silence.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stderr,
    reason = "a test fails by a panic, its helpers included"
)]

use std::fs;
use std::path::{Path, PathBuf};

mod export_answers;

use export_answers::outcome::{Expected, Outcome};

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
