//! Other communities, as an operator enters them.

use crate::{Renkei, program};
use anyhow::{Result, ensure};
use chrono::{DateTime, SecondsFormat, Utc};
use std::time::{Duration, Instant};

/// Has a house ask the community `home` at `url`, for queries and retrievals; `more` are further options.
/// Wait until it is [`noticed`].
///
/// # Errors
/// When the command refuses it.
pub fn enter(renkei: &Renkei, home: &str, url: &str, more: &[&str]) -> Result<()> {
    let data = renkei.place().data_dir().display().to_string();
    let words = ["community", "add", "--data-dir", &data, "--home", home];
    let words = [&words[..], &["--query", url, "--retrieve", url], more].concat();
    let output = program::run(&words)?;
    ensure!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    Ok(())
}

/// Who reads what is entered as soon as it is there, as the log names them. Others look when they are asked.
const READERS: [&str; 2] = ["initiating_gateway", "replies"];

/// How long that may take: a second, and a busy machine may be late.
const NOTICED: Duration = Duration::from_secs(5);

/// Waits until a house that runs goes by what is entered: its log says of which state of the folder it is.
///
/// # Errors
/// When it does not.
pub fn noticed(renkei: &Renkei) -> Result<()> {
    let (files, newest) = entered(renkei)?;
    let state = format!("files={files} newest=\"{newest}\"");
    let until = Instant::now() + NOTICED;
    loop {
        let log = renkei.place().read_log();
        let read = log.lines().filter(|line| line.contains("communities read"));
        let read: Vec<&str> = read.collect();
        let last = |reader: &str| {
            let reader = format!("reader=\"{reader}\"");
            read.iter().rev().find(|line| line.contains(&reader))
        };
        let mut last = READERS.iter().filter_map(|reader| last(reader)).peekable();
        if last.peek().is_some() && last.all(|line| line.contains(&state)) {
            return Ok(());
        }
        ensure!(Instant::now() < until, "not noticed: {state}\n{}", read.join("\n"));
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// How many files there are, and when the last of them was written.
fn entered(renkei: &Renkei) -> Result<(usize, String)> {
    let folder = renkei.place().data_dir().join("communities");
    let mut written = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        let hidden = path.file_name().is_some_and(|n| n.as_encoded_bytes().starts_with(b"."));
        if !hidden && path.extension().is_some_and(|e| e == "toml") {
            written.push(DateTime::<Utc>::from(path.metadata()?.modified()?));
        }
    }
    let newest = written.iter().max().map(|at| at.to_rfc3339_opts(SecondsFormat::Nanos, true));
    Ok((written.len(), newest.unwrap_or_else(|| "none".to_owned())))
}
