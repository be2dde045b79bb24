//! `cargo xtask bench`: builds the program and the load generator and runs the latter.

use anyhow::Result;

/// Passes the words on; answers whether the run went through.
pub(crate) fn run(words: &[String]) -> Result<bool> {
    let built = crate::cargo(&["build", "--release", "--package", "renkei"]).status()?;
    if !built.success() {
        return Ok(false);
    }
    let program = crate::target().join("release/renkei");
    let status = crate::cargo(&["run", "--release", "--quiet", "--package", "renkei-bench", "--"])
        .args(words)
        .env("RENKEI_BIN", program)
        .status()?;
    Ok(status.success())
}
