//! Whether the program asks the same features of every crate as the tests do: otherwise cargo builds that
//! crate, and all that stands on it, once for each.

use anyhow::{Context, Result, ensure};
use std::collections::BTreeSet;

/// Each crate of the program whose features are others among the tests.
pub(crate) fn complaints() -> Result<Vec<String>> {
    let tests = tree(&["--workspace", "--edges", "normal,build,dev"])?;
    let program = tree(&["--package", "renkei", "--edges", "normal,build"])?;
    let apart = program.difference(&tests);
    Ok(apart
        .map(|c| format!("{c}: the tests ask other features of it, it is built twice"))
        .collect())
}

/// The crates of a build, each with its features: `name vVERSION [features]`.
fn tree(words: &[&str]) -> Result<BTreeSet<String>> {
    let words =
        [&["tree", "--locked", "--prefix", "none", "--format", "{p} [{f}]"], words].concat();
    let output = crate::cargo(&words).output().context("could not run cargo tree")?;
    ensure!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8(output.stdout)?;
    // A crate that was listed before is marked.
    Ok(text.lines().map(|line| line.trim_end_matches(" (*)").to_owned()).collect())
}
