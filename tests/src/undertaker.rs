//! Cleans up after this process, however it ends: test binaries drop no statics, and a test run may
//! be killed.

use anyhow::{Context, Result};
use std::io::Write;
use std::process::{Child, ChildStdin, Command, Stdio};

/// A shell that waits for the end of its input, and then does what it was told.
pub struct Undertaker {
    input: Option<ChildStdin>,
    child: Child,
}

impl Undertaker {
    /// Starts waiting. `script` runs when the value is dropped or this process has ended.
    pub fn wait_with(script: &str) -> Result<Self> {
        let mut child = Command::new("sh")
            .args(["-c", &format!("cat > /dev/null\n{script}")])
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .context("could not run sh")?;
        let input = child.stdin.take();
        Ok(Self { input, child })
    }
}

impl Drop for Undertaker {
    fn drop(&mut self) {
        if let Some(mut input) = self.input.take() {
            // Closing says it; an error means that the shell is gone already.
            drop(input.flush());
        }
        drop(self.child.wait());
    }
}
