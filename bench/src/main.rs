//! Benchmarks: each figure beside a reference measured in the same run, in interleaved pairs.
//!
//! W(n) is nginx serving n static bytes with the same certificates, protocol and connections; F(n)
//! is appending n bytes to a file and flushing it; R is the bare SQL. Ratios carry from one machine
//! to another, the figures themselves do not.

mod communities;
mod convert;
mod distance;
mod fill;
mod flush;
mod hidden;
mod load;
mod nginx;
mod query;
mod report;
mod retrieve;
mod scene;
mod scopes;
mod size;
mod submit;

use anyhow::{Result, ensure};
use renkei_tests::process::Form;
use scene::Scene;
use std::process::ExitCode;
use std::time::Duration;

/// How much is measured.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Plan {
    /// Interleaved pairs per ratio; at least five.
    pub(crate) pairs: usize,
    /// Length of each half of a pair.
    pub(crate) each: Duration,
    /// Entries in the registry for ITI-18.
    pub(crate) entries: usize,
    /// Entries in the registry at which the same look-ups are compared, the smallest first.
    pub(crate) sizes: &'static [usize],
    /// Rows of the export that is converted.
    pub(crate) rows: usize,
}

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(e) => {
            eprintln!("error: {e:#}");
            ExitCode::FAILURE
        }
    }
}

/// A part of the benchmark.
type Part = fn(&Scene, Plan) -> Result<()>;

/// The parts that need a server, by the words that choose them.
const PARTS: [(&str, Part); 6] = [
    ("submit", submit::run),
    ("retrieve", retrieve::run),
    ("query", query::run),
    ("size", size::run),
    ("scopes", scopes::run),
    ("communities", communities::run),
];
/// The part that needs none.
const CONVERT: &str = "convert";

/// `--quick` measures less; `--postgres` measures on the PostgreSQL server that `RENKEI_TEST_POSTGRES` names, what does not
/// look into the file of a SQLite database; words choose parts, no word means all.
fn run() -> Result<()> {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let (options, chosen): (Vec<&str>, Vec<&str>) =
        words.iter().map(String::as_str).partition(|w| w.starts_with("--"));
    let known = |w: &&str| *w == CONVERT || PARTS.iter().any(|(name, _)| name == w);
    let is_option = |option: &&str| ["--quick", "--postgres"].contains(option);
    ensure!(options.iter().all(is_option), "the options are --quick and --postgres");
    let form = Form { postgres: options.contains(&"--postgres"), ..Form::PLAIN };
    ensure!(
        chosen.iter().all(known),
        "the parts are submit, retrieve, query, size, scopes, communities and convert"
    );
    let plan = if !options.contains(&"--quick") {
        Plan {
            pairs: 5,
            each: Duration::from_secs(2),
            entries: 10_000,
            sizes: &[10_000, 100_000, 1_000_000],
            rows: 100_000,
        }
    } else {
        Plan {
            pairs: 5,
            each: Duration::from_millis(400),
            entries: 1_000,
            sizes: &[10_000, 100_000],
            rows: 10_000,
        }
    };
    let is_chosen = |name: &str| chosen.is_empty() || chosen.contains(&name);
    ensure!(
        !form.postgres || !is_chosen("query"),
        "query reads the file of a SQLite database: choose other parts with --postgres"
    );
    report::machine();
    if is_chosen(CONVERT) {
        convert::run(plan)?;
    }
    if !PARTS.iter().any(|(name, _)| is_chosen(name)) {
        return Ok(());
    }
    let scene = Scene::new(form)?;
    report::method(&plan, &scene);
    for (name, part) in PARTS {
        if is_chosen(name) {
            part(&scene, plan)?;
        }
    }
    report::memory(&scene)
}
