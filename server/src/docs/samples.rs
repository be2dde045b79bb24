//! Which test provokes which row: those that name it. A test that names a row holds what failed against it.

use super::errors::tables;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// Rows that no test provokes, and why; one that a test names has no need of it.
static UNPROVOKED: &[(&str, &str)] = &[
    ("fault-internal", "a defect of the program; no message causes it"),
    ("fault-overdue", "a look-up that takes too long cannot be arranged from outside"),
    ("fault-endpoint-unavailable", "a database or the audit journal fails"),
    ("repository-busy", "more at once than the database takes, which is a matter of moments"),
    ("repository-out-of-space", "a full disk"),
    ("remove-failed", "a database that fails"),
    ("discovery-unready", "a database that fails"),
];

/// The places where tests are.
const CRATES: [&str; 8] = [
    "profiles",
    "registry",
    "repository",
    "on-demand",
    "gateway",
    "source-adapter",
    "server",
    "tests",
];

/// Where the registry lists its rows, each with its test.
const LISTED: &str = "registry/src/tests/samples.rs";

/// A function of a test: its file and its name.
type Test = (String, String);

/// The tests that name each row.
pub(super) struct Samples(BTreeMap<&'static str, Vec<Test>>);

impl Samples {
    /// Looks through the tests of the house.
    pub(super) fn find() -> Self {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
        let mut files = Vec::new();
        CRATES.iter().for_each(|folder| collect(&root.join(folder), &mut files));
        files.sort();
        let mut found: BTreeMap<&'static str, Vec<Test>> = BTreeMap::new();
        let rows: Vec<(&'static str, &'static str)> =
            tables().iter().flat_map(|table| &table.rows).map(|row| (row.id, row.within)).collect();
        for file in files {
            let text = std::fs::read_to_string(&file).unwrap();
            let name = file.strip_prefix(&root).unwrap().display().to_string();
            let Some(tests) = tests_of(&name, &text) else { continue };
            for (id, _) in rows.iter().filter(|(_, within)| name.contains(within)) {
                let Some(at) = named(tests, id) else { continue };
                let test = match name == LISTED {
                    true => listed(tests, at),
                    false => function(tests, at),
                };
                found.entry(id).or_default().push((name.clone(), test));
            }
        }
        Self(found)
    }

    /// What docs/ERRORS.md says of a row.
    pub(super) fn of(&self, id: &str) -> String {
        let found = self.0.get(id).and_then(|tests| tests.first());
        match found {
            Some((_, why)) if why.contains(' ') => return format!("none: {why}"),
            Some((file, test)) => return format!("`{file}`: `{test}`"),
            None => {}
        }
        let unprovoked = UNPROVOKED.iter().find(|(row, _)| *row == id);
        unprovoked.map(|(_, why)| format!("none: {why}")).unwrap_or_default()
    }
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let is = |name: &str| path.ends_with(name);
        if path.is_dir() && !is("target") && !is("server/src/docs") && !is("node_modules") {
            collect(&path, files);
        } else if path.extension().is_some_and(|e| e == "rs") {
            files.push(path);
        }
    }
}

/// What of a file is tests.
fn tests_of<'t>(name: &str, text: &'t str) -> Option<&'t str> {
    let whole =
        name.contains("/tests/") || name.ends_with("/tests.rs") || name.ends_with("/samples.rs");
    if whole {
        return Some(text);
    }
    text.find("#[cfg(test)]\nmod tests {").and_then(|at| text.get(at..))
}

/// Where a row is named: as a text or, of an export, as a value of `Code`.
fn named(tests: &str, id: &str) -> Option<usize> {
    let text = tests.find(&format!("\"{id}\""));
    text.or_else(|| tests.find(&format!("Code::{id}")))
}

/// The function around a place, else the one that follows.
fn function(tests: &str, at: usize) -> String {
    let is_test = |line: &&str| line.trim_start().starts_with("fn ") || line.contains("async fn ");
    let (before, after) = tests.split_at(at);
    let line = before.lines().rev().find(is_test).or_else(|| after.lines().find(is_test));
    let name = line.and_then(|line| line.split("fn ").nth(1)).unwrap_or_default();
    name.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect()
}

/// What stands behind a row of a list: its test, or why it has none.
fn listed(tests: &str, at: usize) -> String {
    let behind = tests.get(at..).and_then(|rest| rest.split('"').nth(3));
    behind.unwrap_or_default().to_owned()
}

#[test]
fn every_row_is_provoked_by_a_test_or_says_why_none_can() {
    let samples = Samples::find();
    let rows: Vec<&str> =
        tables().iter().flat_map(|table| table.rows.iter().map(|row| row.id)).collect();
    let bare: Vec<&&str> = rows.iter().filter(|id| samples.of(id).is_empty()).collect();
    assert!(bare.is_empty(), "no test names {bare:#?}");
    for (id, _) in UNPROVOKED {
        assert!(rows.contains(id), "there is no row {id}");
    }
}
