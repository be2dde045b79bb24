//! Showing what would go, and asking.

use super::run::Listed;
use crate::show;
use anyhow::ensure;
use std::io::{self, BufRead, IsTerminal, Write};

/// Lines that are shown; a person reads no more.
const SHOWN: usize = 1_000;

/// The longest answer that is read.
const ANSWER: u64 = 64;

/// Whether somebody can be asked, or need not be.
pub(super) fn can_be_given(yes: bool) -> anyhow::Result<()> {
    ensure!(
        yes || io::stdin().is_terminal(),
        "確認する相手（端末）がないため、何も取り下げていません。--dry-run で対象を確かめ、--yes を付けて実行してください / nobody can be asked without a terminal, and nothing was withdrawn; look at what would go with --dry-run, and say --yes"
    );
    Ok(())
}

/// Shows what would go.
pub(super) fn show(listed: &[Listed]) -> io::Result<()> {
    for listed in listed.iter().take(SHOWN) {
        let (ja, en) = &listed.about;
        show::line(&format!("{ja}\n      {en}"))?;
    }
    let more = listed.len().saturating_sub(SHOWN);
    if more > 0 {
        show::line(&format!("ほかに {more}件 / and {more} more"))?;
    }
    Ok(())
}

/// Asks.
pub(super) fn ask(listed: &[Listed]) -> io::Result<bool> {
    let documents: usize = listed.iter().map(|l| l.documents).sum();
    let mut out = io::stderr().lock();
    write!(
        out,
        "健診 {n}件の文書 {documents}件を取り下げ、完全に削除します。元に戻せません。よろしいですか / {documents} documents of {n} checkups will be withdrawn and erased, which cannot be undone; go on? [y/N] ",
        n = listed.len()
    )?;
    out.flush()?;
    let mut answer = String::new();
    io::Read::take(io::stdin().lock(), ANSWER).read_line(&mut answer)?;
    let yes = ["y", "yes", "はい"].contains(&answer.trim().to_lowercase().as_str());
    if !yes {
        writeln!(out, "何も取り下げていません / nothing was withdrawn")?;
    }
    Ok(yes)
}
