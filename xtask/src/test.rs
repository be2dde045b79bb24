//! `cargo xtask test`: one release build for demo and tests, both databases, real processes.

use crate::postgres::Postgres;
use crate::programs::{self, Environment, Program, Said};
use crate::results::Collector;
use anyhow::{Context, Result, anyhow, bail};
use std::path::PathBuf;
use std::sync::mpsc::{self, Receiver};
use std::thread;

/// Runs everything; with extra words, what `cargo test` makes of them. Answers whether all passed.
pub(crate) fn run(words: &[String]) -> Result<bool> {
    let (program, failpoints) = build_programs()?;
    let given = std::env::var("RENKEI_TEST_POSTGRES").ok();
    let own = if given.is_none() { Postgres::start()? } else { None };
    let url = given.or_else(|| own.as_ref().map(Postgres::url));
    match &url {
        Some(_) => eprintln!("tests run on SQLite and on PostgreSQL"),
        None => eprintln!("tests run on SQLite only: PostgreSQL is not installed"),
    }
    let mut environment: Environment =
        vec![("RENKEI_BIN", program.into()), ("RENKEI_BIN_FAILPOINTS", failpoints.into())];
    environment.extend(url.map(|url| ("RENKEI_TEST_POSTGRES", url.into())));
    let collector = if words.is_empty() { all(&environment)? } else { some(words, environment)? };
    if words.is_empty() {
        collector.results.save()?;
    }
    let (passed, failed): (Vec<_>, Vec<_>) = collector.results.0.iter().partition(|(_, ok)| **ok);
    for (name, _) in &failed {
        eprintln!("failed: {name}");
    }
    eprintln!("{} passed, {} failed", passed.len(), failed.len());
    Ok(failed.is_empty() && !passed.is_empty())
}

/// Every test program, and the examples in the documentation.
fn all(environment: &Environment) -> Result<Collector> {
    let programs = Program::all()?;
    let (said, heard) = mpsc::channel();
    let collector = thread::scope(|scope| {
        let collector = scope.spawn(move || collect(heard));
        programs::run(programs, environment, &said);
        let words = ["test", "--release", "--workspace", "--doc", "--no-fail-fast"];
        let well = programs::tell("examples", crate::cargo(&words), &said).unwrap_or(false);
        drop(said.send(Said::Ended("examples".to_owned(), well)));
        drop(said);
        collector.join()
    });
    collector.map_err(|_| anyhow!("the outcomes were not collected"))
}

/// What `cargo test` makes of some words.
fn some(words: &[String], environment: Environment) -> Result<Collector> {
    let mut command = crate::cargo(&["test", "--release", "--workspace", "--no-fail-fast"]);
    command.args(words).envs(environment);
    let (said, heard) = mpsc::channel();
    let well = programs::tell("cargo test", command, &said)?;
    said.send(Said::Ended("cargo test".to_owned(), well))?;
    drop(said);
    Ok(collect(heard))
}

/// Shows what is said, and collects the outcomes.
fn collect(heard: Receiver<Said>) -> Collector {
    let mut collector = Collector::default();
    for said in heard {
        match said {
            Said::Line(program, line) => {
                eprintln!("{program}: {line}");
                collector.line(&program, &line);
            }
            Said::Ended(program, well) => collector.ended(&program, well),
        }
    }
    collector
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
