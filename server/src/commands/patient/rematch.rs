//! `renkei patient rematch`: rules of matching are tried on all records before they act, and put in force.

use super::desk::Desk;
use super::shown;
use crate::commands::house::HouseArguments;
use crate::{persons, show};
use anyhow::Context;
use chrono::Utc;
use renkei_atna::record::Action;
use renkei_identity::{Rejudged, Rematch, RuleBook};
use renkei_matching::trial::picture;
use serde_json::{Value, json};
use std::path::PathBuf;

/// Which rules.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    #[command(flatten)]
    house: HouseArguments,
    /// The rules (TOML); without it, those of the settings (identity.rules). 規則のファイル。
    #[arg(long, value_name = "F")]
    rules: Option<PathBuf>,
    /// The shares of names (CSV) with these rules; without it, those that come with the program.
    /// 氏名の頻度表。
    #[arg(long, value_name = "F", requires = "rules")]
    terms: Option<PathBuf>,
    /// Say what would change, and change nothing. 変更せず、結果だけを示す。
    #[arg(long)]
    dry_run: bool,
    /// Write the distribution of the scores there (SVG). 点数の分布図の出力先。
    #[arg(long, value_name = "F", requires = "dry_run")]
    picture: Option<PathBuf>,
    /// Report as JSON on standard output. JSONで出力する。
    #[arg(long)]
    json: bool,
}

/// Status 0.
pub(super) fn run(arguments: &Arguments) -> anyhow::Result<u8> {
    let desk = Desk::open(&arguments.house)?;
    let book = match &arguments.rules {
        Some(rules) => persons::rules(rules, arguments.terms.as_deref())?,
        None => persons::rules_of(&desk.dir, &desk.settings)?,
    };
    match arguments.dry_run {
        true => try_on(desk, &book, arguments),
        false => put_in_force(desk, &book, arguments.json),
    }
}

fn try_on(desk: Desk, book: &RuleBook, arguments: &Arguments) -> anyhow::Result<u8> {
    let found = crate::commands::runtime()?.block_on(async {
        let deed = (Action::Read, "名寄せの規則を試行 / rules of matching tried on all records");
        let found = desk.on_record(deed, &[], desk.identity.try_rules(book)).await;
        desk.close().await;
        found
    })?;
    if let Some(path) = &arguments.picture {
        std::fs::write(path, picture::distribution(&found.trial))
            .with_context(|| path.display().to_string())?;
    }
    match arguments.json {
        true => show::json_line(&as_json(&found))?,
        false => tell(&found)?,
    }
    Ok(0)
}

fn put_in_force(desk: Desk, book: &RuleBook, as_json: bool) -> anyhow::Result<u8> {
    crate::commands::runtime()?.block_on(async {
        let deed = format!("名寄せの規則を適用 / rules of matching in force: {}", book.version());
        let work = async {
            desk.identity.put_in_force(book, Utc::now()).await?;
            desk.identity.catch_up_all(Utc::now()).await
        };
        let done = desk.on_record((Action::Update, &deed), &[], work).await;
        desk.close().await;
        done
    })?;
    match as_json {
        true => show::json_line(&json!({ "inForce": book.version() }))?,
        false => show::line(&format!(
            "規則 {version} を適用し、すべての記録を判定し直しました / rules {version} are in force; all records were judged anew",
            version = book.version()
        ))?,
    }
    Ok(0)
}

fn as_json(found: &Rematch) -> Value {
    let change = |((from, to), count): (&(_, _), &u64)| json!({ "from": shown::word(*from), "to": shown::word(*to), "pairs": count });
    let pair = |pair: &Rejudged| {
        json!({
            "pair": pair.pair.iter().map(ToString::to_string).collect::<Vec<_>>(),
            "from": shown::word(pair.from),
            "to": shown::word(pair.to),
            "score": f64::from(pair.score) / 100.0,
        })
    };
    let scores = found.trial.scores.iter().map(|(score, count)| {
        json!({ "score": score, "linked": count.linked, "asked": count.asked, "nothing": count.nothing })
    });
    json!({
        "rules": found.version,
        "records": found.records,
        "compared": found.trial.compared,
        "decided": found.decided,
        "changes": found.changes.iter().map(change).collect::<Vec<_>>(),
        "pairs": found.pairs.iter().map(pair).collect::<Vec<_>>(),
        "scores": scores.collect::<Vec<_>>(),
    })
}

fn tell(found: &Rematch) -> anyhow::Result<()> {
    show::line(&format!(
        "規則 {}: 記録{}件、{}組を比較 / rules {}: {} records, {} pairs compared",
        found.version,
        found.records,
        found.trial.compared,
        found.version,
        found.records,
        found.trial.compared
    ))?;
    show::line("| 現在 / now | 変更後 / then | 組 / pairs |\n| --- | --- | --: |")?;
    for ((from, to), count) in &found.changes {
        show::line(&format!("| {} | {} | {count} |", shown::word(*from), shown::word(*to)))?;
    }
    show::line(&format!(
        "人が判断した{}組は変わりません / {} pairs that somebody decided stay as they are",
        found.decided, found.decided
    ))?;
    for Rejudged { pair: [a, b], from, to, score } in &found.pairs {
        let bits = f64::from(*score) / 100.0;
        show::line(&format!(
            "{a}  {b}  {} → {}  {bits:+.2}",
            shown::word(*from),
            shown::word(*to)
        ))?;
    }
    show::line(found.trial.table().trim_end())?;
    Ok(())
}
