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
    ("pix-failed", "a database that fails"),
    ("pdq-too-many", "two thousand persons who fit"),
];

/// The places where tests are.
const CRATES: [&str; 9] = [
    "profiles",
    "registry",
    "repository",
    "on-demand",
    "gateway",
    "source-adapter",
    "matching",
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
                let test = match name == LISTED {
                    true => listed(tests, id),
                    false => test_that_names(tests, id),
                };
                if let Some(test) = test {
                    found.entry(id).or_default().push((name.clone(), test));
                }
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

/// The first test of a file that names a row: as a text or, of an export, as a value of `Code`. What a helper or a
/// table names is no sample, since nobody knows which test comes there.
fn test_that_names(tests: &str, id: &str) -> Option<String> {
    let names = [format!("\"{id}\""), format!("Code::{id}")];
    let places = names.iter().flat_map(|name| tests.match_indices(name.as_str()));
    let mut around = places.filter_map(|(at, _)| function(tests, at));
    around.find(|name| is_test(tests, name)).map(str::to_owned)
}

/// The function around a place.
fn function(tests: &str, at: usize) -> Option<&str> {
    let before = tests.get(..at)?;
    let mut lines = before.lines().rev();
    lines.find_map(declared)
}

/// The function that a line declares.
fn declared(line: &str) -> Option<&str> {
    let line = line.trim_start();
    let line =
        line.strip_prefix("pub(crate) ").or(line.strip_prefix("pub(super) ")).unwrap_or(line);
    let line = line.strip_prefix("pub ").unwrap_or(line);
    let name = line.strip_prefix("async ").unwrap_or(line).strip_prefix("fn ")?;
    name.split(|c: char| !c.is_alphanumeric() && c != '_').next()
}

/// What makes tests of the functions that it lists.
const LISTS: [&str; 3] = ["on_every_database! {", "in_every_form! {", "in_this_form! {"];

/// Whether a function is a test: it has the attribute, or is in a list of tests.
fn is_test(tests: &str, name: &str) -> bool {
    let lines: Vec<&str> = tests.lines().collect();
    let declaration = lines.iter().position(|line| declared(line) == Some(name));
    let above = declaration.and_then(|at| lines.get(..at)).unwrap_or_default();
    let mut above = above.iter().rev().map(|line| line.trim_start());
    let is_above = |line: &str| line.starts_with("#[") || line.starts_with("///");
    let is_attribute = |line: &str| line.starts_with("#[test]") || line.contains("::test");
    let mut attributes = above.by_ref().take_while(|line| is_above(line));
    attributes.any(is_attribute) || is_listed(tests, name)
}

fn is_listed(tests: &str, name: &str) -> bool {
    let behind = LISTS.iter().flat_map(|list| tests.split(list).skip(1));
    let mut lists = behind.filter_map(|rest| rest.split('}').next());
    lists.any(|list| list.split_whitespace().any(|listed| listed == name))
}

/// What stands behind a row of a list: its test, or why it has none.
fn listed(tests: &str, id: &str) -> Option<String> {
    let (_, rest) = tests.split_once(&format!("\"{id}\""))?;
    rest.split('"').nth(1).map(str::to_owned)
}

#[test]
fn a_sample_is_a_test_and_no_helper() {
    let tests = r#"
        on_every_database! { by form:
            one_in_a_list
        }
        static ROWS: &[&str] = &["row-of-a-table"];
        #[test]
        fn plain() { "row-of-one" }
        fn helper() { "row-of-one", "row-of-a-helper" }
        #[tokio::test]
        /// Said of it.
        async fn waiting() { Code::E001 }
        pub(super) fn one_in_a_list(form: Form) { "row-of-a-list" }
    "#;
    let named = |id| test_that_names(tests, id);
    assert_eq!(named("row-of-one").as_deref(), Some("plain"));
    assert_eq!(named("E001").as_deref(), Some("waiting"));
    assert_eq!(named("row-of-a-list").as_deref(), Some("one_in_a_list"));
    assert_eq!(named("row-of-a-table"), None);
    assert_eq!(named("row-of-a-helper"), None);
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
