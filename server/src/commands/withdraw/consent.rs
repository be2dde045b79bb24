//! Showing what would go, and asking.

use super::run::Listed;
use crate::commands::confirm::confirmed;
use crate::show;
use anyhow::ensure;
use std::io::{self, IsTerminal};

/// Lines that are shown; a person reads no more.
const SHOWN: usize = 1_000;

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

/// Asks, unless `yes` was said.
pub(super) fn ask(yes: bool, listed: &[Listed]) -> anyhow::Result<bool> {
    let documents: usize = listed.iter().map(|l| l.documents).sum();
    let n = listed.len();
    let what = format!(
        "健診 {n}件の文書 {documents}件を取り下げ、完全に削除します。元に戻せません。よろしいですか / {documents} documents of {n} checkups will be withdrawn and erased, which cannot be undone; go on?"
    );
    let confirmed = confirmed(yes, &what)?;
    if !confirmed {
        show::line("何も取り下げていません / nothing was withdrawn")?;
    }
    Ok(confirmed)
}
