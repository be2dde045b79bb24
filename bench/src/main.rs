//! Benchmarks: each figure beside a reference measured in the same run, in interleaved pairs.
//!
//! W(n) is nginx serving n static bytes with the same certificates, protocol and connections; F(n)
//! is appending n bytes to a file and flushing it; R is the bare SQL. Ratios carry from one machine
//! to another, the figures themselves do not.

mod flush;
mod load;
mod nginx;
mod query;
mod report;
mod retrieve;
mod scene;
mod submit;

use anyhow::Result;
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

fn run() -> Result<()> {
    let quick = std::env::args().any(|a| a == "--quick");
    let plan = if quick {
        Plan { pairs: 5, each: Duration::from_millis(400), entries: 1_000 }
    } else {
        Plan { pairs: 5, each: Duration::from_secs(2), entries: 10_000 }
    };
    let scene = Scene::new()?;
    report::machine(&plan, &scene);
    submit::run(&scene, plan)?;
    retrieve::run(&scene, plan)?;
    query::run(&scene, plan)?;
    report::memory(&scene)?;
    Ok(())
}
