//! `cargo xtask bench`: builds the program and the load generator and runs the latter; `cargo xtask bench
//! beside` has the test of large transfers judge latencies.

use anyhow::Result;

/// As released; what makes the load is built as well as that, which it need not be for tests.
const PROFILE: &str = "measured";

/// Passes the words on; answers whether the run went through.
pub(crate) fn run(words: &[String]) -> Result<bool> {
    let built = crate::cargo(&["build", "--profile", PROFILE, "--package", "renkei"]).status()?;
    if !built.success() {
        return Ok(false);
    }
    let program = crate::target().join(PROFILE).join("renkei");
    let mut command = match words {
        [beside] if beside == "beside" => {
            let words =
                ["test", "--profile", PROFILE, "--package", "renkei-tests", "--test", "streams"];
            let mut command = crate::cargo(&words);
            command.args(["--", "--nocapture"]).env("RENKEI_QUIET_MACHINE", "1");
            command
        }
        _ => {
            let run = ["run", "--profile", PROFILE, "--quiet", "--package", "renkei-bench", "--"];
            let mut command = crate::cargo(&run);
            command.args(words);
            command
        }
    };
    Ok(command.env("RENKEI_BIN", program).status()?.success())
}
