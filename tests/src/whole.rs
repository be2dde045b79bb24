//! `renkei check`: whether what is registered is there, and what is there registered.

use crate::{Place, program};
use anyhow::{Context, Result, bail, ensure};
use serde::Deserialize;
use std::time::{Duration, Instant};

/// What the command counts.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
pub struct Counts {
    /// Registered DocumentEntries.
    pub documents: u64,
    /// Submissions that are still being settled.
    pub unsettled: u64,
    /// Entries without content, and content without bytes.
    pub missing: u64,
    /// Content without an entry.
    pub orphaned: u64,
    /// Hashes that differ.
    pub mismatched: u64,
    /// Rows that do not open.
    pub unreadable: u64,
}

impl Counts {
    /// What has to be 0.
    pub fn faults(&self) -> [u64; 4] {
        [self.missing, self.orphaned, self.mismatched, self.unreadable]
    }
}

/// Checks the house in `place`, started with `settings` (`key=value`), running or not.
pub fn check(place: &Place, settings: &[String]) -> Result<Counts> {
    let directory = place.data_dir().display().to_string();
    let mut args = vec!["check", "--json", "--data-dir", &directory];
    for setting in settings {
        args.extend(["--set", setting]);
    }
    let output = program::run(&args)?;
    let text = String::from_utf8_lossy(&output.stdout);
    let errors = String::from_utf8_lossy(&output.stderr);
    let counts: Counts = serde_json::from_str(&text).with_context(|| format!("{text}{errors}"))?;
    let expected = if counts.faults() == [0; 4] { 0 } else { 2 };
    ensure!(output.status.code() == Some(expected), "{:?}: {counts:?}", output.status);
    Ok(counts)
}

/// Checks until nothing is unsettled any more.
pub fn settled(place: &Place, settings: &[String], most: Duration) -> Result<Counts> {
    let until = Instant::now() + most;
    loop {
        let counts = check(place, settings)?;
        if counts.unsettled == 0 {
            return Ok(counts);
        }
        if Instant::now() > until {
            bail!("not settled after {most:?}: {counts:?}");
        }
        std::thread::sleep(Duration::from_millis(100));
    }
}
