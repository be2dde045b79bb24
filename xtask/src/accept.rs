//! `cargo xtask accept`: each thing the program promises, with the tests that prove it.

use crate::results::Results;
use anyhow::{Context, Result};
use serde::Deserialize;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Requirements {
    requirement: Vec<Requirement>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Requirement {
    /// A short name.
    id: String,
    /// The promise, one sentence.
    says: String,
    /// Tests that prove it; a name ending in `::*` means every test below, at least one.
    tests: Vec<String>,
}

/// Prints a row per promise; answers whether all hold.
pub(crate) fn run(words: &[String]) -> Result<bool> {
    if !words.iter().any(|w| w == "--last") {
        crate::test::run(&[])?;
    }
    let path = crate::root().join("docs/requirements.toml");
    let text = std::fs::read_to_string(&path).context("docs/requirements.toml")?;
    let requirements: Requirements = toml::from_str(&text).context("docs/requirements.toml")?;
    let results = Results::load()?;
    let mut kept = 0;
    for row in &requirements.requirement {
        let missing: Vec<&String> = row.tests.iter().filter(|t| !proved(&results, t)).collect();
        let holds = missing.is_empty() && !row.tests.is_empty();
        kept += usize::from(holds);
        eprintln!("{}  {}  {}", if holds { "pass" } else { "FAIL" }, row.id, row.says);
        for test in missing {
            eprintln!("        not proved by {test}");
        }
    }
    eprintln!("{kept} of {} promises hold", requirements.requirement.len());
    Ok(kept == requirements.requirement.len())
}

fn proved(results: &Results, test: &str) -> bool {
    match test.strip_suffix('*') {
        None => results.0.get(test).copied().unwrap_or(false),
        Some(prefix) => {
            let mut all = results.0.iter().filter(|(name, _)| name.starts_with(prefix)).peekable();
            all.peek().is_some() && all.all(|(_, ok)| *ok)
        }
    }
}
