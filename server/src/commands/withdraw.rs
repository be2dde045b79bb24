//! `renkei withdraw`: what this source submitted earlier goes, after somebody has seen it and said yes.

mod consent;
mod keys;
mod run;

use super::target::TargetArguments;
use super::{domain, submit};
use crate::show;
use anyhow::Context as _;
use chrono::NaiveDate;
use renkei_metadata::ids::{Oid, PatientId};
use renkei_source_adapter::withdraw::{Withdrawal, WithdrawalOutcome, Withdrawer};
use run::{Listed, Run};
use serde_json::json;
use std::path::PathBuf;

/// What to withdraw, and where.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// The export that was submitted; without it one checkup is named by --institution and --report-no,
    /// or by --institution, --person, --day and --programme. 登録した出力ファイル。
    #[arg(requires = "mapping")]
    file: Option<PathBuf>,
    /// The mapping of its columns (TOML). 列の対応表。
    #[arg(long, value_name = "M", requires = "file")]
    mapping: Option<PathBuf>,
    /// The row of this number alone. 行番号。
    #[arg(long, value_name = "N", requires = "file")]
    record_no: Option<String>,
    /// The institution's own number of the checkup. 健診の番号。
    #[arg(long, value_name = "N")]
    report_no: Option<String>,
    /// The person's number at the institution. 受診番号。
    #[arg(long, value_name = "N")]
    person: Option<String>,
    /// The day of the checkup (YYYY-MM-DD). 受診日。
    #[arg(long, value_name = "DATE")]
    day: Option<NaiveDate>,
    /// The programme of the checkup; without a file. 健診プログラム。
    #[arg(long, value_name = "CODE", conflicts_with = "file")]
    programme: Option<String>,
    /// The institution's number; without a file. 健診機関番号。
    #[arg(long, value_name = "N", conflicts_with = "file")]
    institution: Option<String>,
    /// What stands under this patient id alone, as ID^^^&OID&ISO. 患者ID(CX)。
    #[arg(long, value_name = "ID",
          value_parser = |s: &str| PatientId::parse(s).map_err(|e| e.to_string()))]
    patient: Option<PatientId>,
    /// sourceId (OID) under which it was submitted; made from the institution number if not given.
    /// 送信元のID。
    #[arg(long, value_name = "OID")]
    source_id: Option<String>,
    /// File with the key of the patient ids, as for submit. 患者IDの鍵。
    #[arg(long, value_name = "FILE")]
    patient_key: Option<PathBuf>,
    /// Code list of the affinity domain (codes.xml form); that of connect.json if not given. コード表。
    #[arg(long, value_name = "FILE")]
    codes: Option<PathBuf>,
    /// Show what would go, and end. 対象を表示するだけ。
    #[arg(long)]
    dry_run: bool,
    /// Ask nobody. 確認せずに実行する。
    #[arg(long)]
    yes: bool,
    #[command(flatten)]
    target: TargetArguments,
}

/// Withdraws. Status 0 success, 3 some documents are left, 2 all are, or a row was refused, 1 nothing was
/// done.
pub(crate) fn run(arguments: &Arguments) -> anyhow::Result<u8> {
    if !arguments.dry_run {
        consent::can_be_given(arguments.yes)?;
    }
    let target = arguments.target.target()?;
    let keys = keys::of(arguments, &target)?;
    let named = domain::read(arguments.codes.as_deref(), &target.connection)?;
    let source_id = arguments.source_id.as_deref().map(Oid::parse).transpose();
    let key = submit::key_of_patients(arguments.patient_key.as_deref(), false, &target);
    let seen = key.ok().map(|key| submit::seen(&target, key));
    let source_id = source_id.context("--source-id")?;
    let (listed, done) = super::runtime()?.block_on(async {
        let client = target.client()?;
        let run = Run {
            withdrawer: Withdrawer {
                client: &client.soap,
                connection: &target.connection,
                domain: &named.domain,
            },
            source_id,
            only: arguments.patient.clone(),
            seen,
        };
        let done = withdraw(arguments, &run, &keys).await;
        client.finish().await?;
        done
    })?;
    let Some(done) = done else { return Ok(super::COULD_NOT_RUN) };
    let status = status(&listed, &done, &keys);
    report(arguments, &keys, (&listed, &done), status)?;
    Ok(status)
}

/// What was listed, and what became of it; nothing when whoever was asked said no.
async fn withdraw(
    arguments: &Arguments,
    run: &Run<'_>,
    keys: &keys::Named,
) -> anyhow::Result<(Vec<Listed>, Option<Vec<Withdrawal>>)> {
    let (listed, mut done) = run.list(&keys.keys).await;
    if !arguments.target.json {
        consent::show(&listed)?;
    }
    if arguments.dry_run || listed.is_empty() {
        return Ok((listed, Some(done)));
    }
    if !consent::ask(arguments.yes, &listed)? {
        return Ok((listed, None));
    }
    done.extend(run.withdraw(&listed).await);
    Ok((listed, Some(done)))
}

fn status(listed: &[Listed], done: &[Withdrawal], keys: &keys::Named) -> u8 {
    let left = |w: &&Withdrawal| w.outcome != WithdrawalOutcome::Removed;
    match (done.iter().filter(left).count(), keys.refused.is_empty()) {
        (_, false) => 2,
        (0, true) => 0,
        (left, true) if left == done.len() && left >= listed.len() => 2,
        (_, true) => 3,
    }
}

fn report(
    arguments: &Arguments,
    keys: &keys::Named,
    (listed, done): (&[Listed], &[Withdrawal]),
    status: u8,
) -> anyhow::Result<()> {
    let is = |outcome| move |w: &&Withdrawal| w.outcome == outcome;
    let removed: u64 =
        done.iter().filter(is(WithdrawalOutcome::Removed)).map(|w| w.documents).sum();
    let left = done.iter().filter(|w| w.outcome != WithdrawalOutcome::Removed).count();
    let documents: usize = listed.iter().map(|l| l.documents).sum();
    if arguments.target.json {
        let word = match status {
            0 => "success",
            3 => "partial",
            _ => "failure",
        };
        let would_go: Vec<_> = listed.iter().map(Listed::json).collect();
        show::json_line(&json!({
            "status": word,
            "dry_run": arguments.dry_run,
            "named": keys.keys.len(),
            "found": would_go,
            "documents": documents,
            "removed": removed,
            "left": left,
            "withdrawals": done,
            "refused_rows": keys.refused,
            "refused_rows_left_out": keys.refused_left_out,
        }))?;
        return Ok(());
    }
    for row in &keys.refused {
        show::line(&format!("{}\n      {}", row.ja, row.en))?;
    }
    for withdrawal in done.iter().filter(|w| w.outcome != WithdrawalOutcome::Removed) {
        show::line(&format!("{}\n      {}", withdrawal.ja, withdrawal.en))?;
    }
    show::line(&format!(
        "対象の文書 / documents found {documents}  削除 / removed {removed}  残り / left (checkups) {left}"
    ))?;
    Ok(())
}
