//! What a test run said, by test: kept in the target directory for `accept`.

use anyhow::{Context, Result};
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

/// Outcome by full name, `crate::module::test`.
#[derive(Default)]
pub(crate) struct Results(pub(crate) BTreeMap<String, bool>);

/// Reads the lines of test programs as they come.
#[derive(Default)]
pub(crate) struct Collector {
    /// By the program that speaks, the crate whose tests it runs now: `cargo test` runs many.
    crates: BTreeMap<String, String>,
    /// The programs that named a test that failed.
    failing: BTreeSet<String>,
    pub(crate) results: Results,
}

impl Collector {
    /// Takes one line of standard output or standard error of `program`.
    pub(crate) fn line(&mut self, program: &str, line: &str) {
        let line = line.trim();
        if line.starts_with("Running ") || line.starts_with("Doc-tests ") {
            // `Running unittests src/lib.rs (target/release/deps/renkei_soap-0123abcd)`
            let file = line.rsplit('/').next().unwrap_or_default();
            let file = file.strip_prefix("Doc-tests ").unwrap_or(file);
            let name = file.rsplit_once('-').map_or(file, |(name, _)| name);
            self.crates.insert(program.to_owned(), name.to_owned());
        } else if let Some(rest) = line.strip_prefix("test ")
            && let Some((name, outcome)) = rest.rsplit_once(" ... ")
        {
            let passed = outcome == "ok";
            if passed || outcome.starts_with("FAILED") {
                if !passed {
                    self.failing.insert(program.to_owned());
                }
                let of = self.crates.get(program).map_or(program, String::as_str);
                self.results.0.insert(format!("{of}::{name}"), passed);
            }
        }
    }

    /// A program has ended. One that ended badly and named no test that failed, failed as a whole.
    pub(crate) fn ended(&mut self, program: &str, well: bool) {
        if !well && !self.failing.contains(program) {
            self.results.0.insert(format!("{program} ended badly"), false);
        }
    }
}

fn file() -> PathBuf {
    crate::target().join("test-results.txt")
}

impl Results {
    /// Keeps the results.
    pub(crate) fn save(&self) -> Result<()> {
        let lines: String = self
            .0
            .iter()
            .map(|(name, ok)| format!("{} {name}\n", if *ok { "ok" } else { "FAILED" }))
            .collect();
        std::fs::create_dir_all(crate::target())?;
        std::fs::write(file(), lines).context("could not keep the test results")
    }

    /// Reads what was kept.
    pub(crate) fn load() -> Result<Self> {
        let text = std::fs::read_to_string(file())
            .context("no results of a test run; run `cargo xtask test` first")?;
        let line = |l: &str| l.split_once(' ').map(|(ok, name)| (name.to_owned(), ok == "ok"));
        Ok(Self(text.lines().filter_map(line).collect()))
    }
}
