//! Other communities, as an operator enters them.

use crate::{Renkei, program};
use anyhow::{Result, ensure};
use std::time::Duration;

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

/// Waits until a house that runs has noticed what was entered: within a second, as it looks twice in one. A busy
/// machine may be late.
pub fn noticed() {
    std::thread::sleep(Duration::from_secs(3));
}
