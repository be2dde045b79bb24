//! `cargo xtask test`: one release build for demo and tests, both databases, real processes.

use crate::postgres::Postgres;
use crate::results::Collector;
use anyhow::{Context, Result, bail};
use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::{Command, Stdio};

/// Runs everything; extra words go to `cargo test`. Answers whether all passed.
pub(crate) fn run(words: &[String]) -> Result<bool> {
    let (program, failpoints) = build_programs()?;
    let given = std::env::var("RENKEI_TEST_POSTGRES").ok();
    let own = if given.is_none() { Postgres::start()? } else { None };
    let url = given.or_else(|| own.as_ref().map(Postgres::url));
    match &url {
        Some(_) => eprintln!("tests run on SQLite and on PostgreSQL"),
        None => eprintln!("tests run on SQLite only: PostgreSQL is not installed"),
    }
    let mut command = crate::cargo(&["test", "--release", "--workspace", "--no-fail-fast"]);
    command.args(words).env("RENKEI_BIN", program).env("RENKEI_BIN_FAILPOINTS", failpoints);
    if let Some(url) = url {
        command.env("RENKEI_TEST_POSTGRES", url);
    }
    let (passed, collector) = watch(command)?;
    if words.is_empty() {
        collector.results.save()?;
    }
    let failed: Vec<&String> =
        collector.results.0.iter().filter(|(_, ok)| !**ok).map(|(name, _)| name).collect();
    for name in &failed {
        eprintln!("failed: {name}");
    }
    eprintln!("{} passed, {} failed", collector.results.0.len() - failed.len(), failed.len());
    Ok(passed && failed.is_empty())
}

/// Builds the program and its twin with failpoints and copies them, so that a later build leaves them
/// alone. Bins and examples of the whole workspace need what its tests need: nothing is compiled twice.
fn build_programs() -> Result<(PathBuf, PathBuf)> {
    let words = ["build", "--release", "--workspace", "--bins", "--examples"];
    if !crate::cargo(&words).status()?.success() {
        bail!("the program does not build");
    }
    let release = crate::target().join("release");
    let copy = |from: &str, to: &str| {
        let to = release.join(to);
        std::fs::copy(release.join(from), &to).context("could not copy the program")?;
        Ok::<_, anyhow::Error>(to)
    };
    Ok((
        copy("renkei", "renkei-under-test")?,
        copy("examples/renkei-failpoints", "renkei-failpoints")?,
    ))
}

/// Runs a command, shows what it says and collects the outcomes.
fn watch(mut command: Command) -> Result<(bool, Collector)> {
    // Standard error carries `Running ...`, standard output the outcomes: one pipe keeps their order.
    let (reader, writer) = std::io::pipe()?;
    command.stdin(Stdio::null()).stdout(writer.try_clone()?).stderr(writer);
    let mut child = command.spawn().context("could not run cargo")?;
    drop(command);
    let mut collector = Collector::default();
    for line in BufReader::new(reader).split(b'\n') {
        let line = line?;
        let line = String::from_utf8_lossy(&line);
        eprintln!("{line}");
        collector.line(&line);
    }
    Ok((child.wait()?.success(), collector))
}
