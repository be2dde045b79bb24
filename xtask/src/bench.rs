//! `cargo xtask bench`: builds the program and the load generator and runs the latter; `cargo xtask bench
//! beside` has the test of large transfers judge latencies.

use anyhow::Result;

/// Passes the words on; answers whether the run went through.
pub(crate) fn run(words: &[String]) -> Result<bool> {
    let built = crate::cargo(&["build", "--release", "--package", "renkei"]).status()?;
    if !built.success() {
        return Ok(false);
    }
    let program = crate::target().join("release/renkei");
    let mut command = match words {
        [beside] if beside == "beside" => {
            let words = ["test", "--release", "--package", "renkei-tests", "--test", "streams"];
            let mut command = crate::cargo(&words);
            command.args(["--", "--nocapture"]).env("RENKEI_QUIET_MACHINE", "1");
            command
        }
        _ => {
            let run = ["run", "--release", "--quiet", "--package", "renkei-bench", "--"];
            let mut command = crate::cargo(&run);
            command.args(words);
            command
        }
    };
    Ok(command.env("RENKEI_BIN", program).status()?.success())
}
