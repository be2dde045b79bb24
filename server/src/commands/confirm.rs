//! Asking before something goes for good.

use anyhow::bail;
use std::io::{self, BufRead, IsTerminal, Write};

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
    write!(out, "{what} [yes/no] ")?;
    out.flush()?;
    let mut answer = String::new();
    io::stdin().lock().read_line(&mut answer)?;
    Ok(is_yes(&answer))
}

/// Only a whole yes is one.
fn is_yes(answer: &str) -> bool {
    matches!(answer.trim(), "yes" | "YES" | "Yes" | "はい")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_whole_yes_is_one() {
        assert!(is_yes("yes\n") && is_yes("はい"));
        for no in ["", "\n", "y", "no", "yes please"] {
            assert!(!is_yes(no), "{no}");
        }
    }
}
