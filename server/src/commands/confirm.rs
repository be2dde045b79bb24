//! Asking before something goes for good.

use anyhow::bail;
use std::io::{self, BufRead, IsTerminal, Read, Write};

/// The longest answer that is read.
const LONGEST: u64 = 64;

/// Whether whoever runs the command wants it: `--yes` says so, else a person is asked. `what` says what
/// will happen, and was shown. A script cannot be asked.
pub(super) fn confirmed(yes: bool, what: &str) -> anyhow::Result<bool> {
    if yes {
        return Ok(true);
    }
    if !io::stdin().is_terminal() {
        bail!(
            "確認が必要です。端末で実行するか、--yes を付けてください / this has to be confirmed: run it on a terminal, or say --yes"
        );
    }
    let mut out = io::stderr().lock();
    write!(out, "{what} [y/N] ")?;
    out.flush()?;
    let mut answer = String::new();
    io::stdin().lock().take(LONGEST).read_line(&mut answer)?;
    Ok(is_yes(&answer))
}

/// Whatever is no yes is a no.
fn is_yes(answer: &str) -> bool {
    ["y", "yes", "はい"].contains(&answer.trim().to_lowercase().as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whatever_is_no_yes_is_a_no() {
        for yes in ["y\n", "YES\r\n", " はい"] {
            assert!(is_yes(yes), "{yes}");
        }
        for no in ["", "\n", "n", "no", "yes please", "いいえ"] {
            assert!(!is_yes(no), "{no}");
        }
    }
}
