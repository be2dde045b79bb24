//! `renkei submit`.

mod document_set;

use super::conversion::HowArguments;
use super::elsewhere::ElsewhereArguments;
use super::target::{Client, Target, TargetArguments};
use super::{domain, export_file};
use crate::patient_key;
use crate::progress::Meter;
use crate::show;
use anyhow::{Context as _, ensure};
use renkei_client::mllp::MllpClient;
use renkei_metadata::ids::Oid;
use renkei_source_adapter::submit::{
    Done, Export, Exported, KeyedHash, Options, Seen, SubmitReport, Submitter, Whose, submit_export,
};
use renkei_source_adapter::{Mapping, read_mapping};
use serde_json::json;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// What to submit, and where.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// The export of the institution. 健診機関の出力ファイル。
    #[arg(required_unless_present = "set")]
    pub(crate) file: Option<PathBuf>,
    /// The mapping of its columns (TOML). 列の対応表。
    #[arg(long, value_name = "M", required_unless_present = "set")]
    pub(crate) mapping: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) how: HowArguments,
    /// Instead of an export, the document set that a TOML file describes (docs/SUBMIT-SETS.md).
    /// 健診データの代わりに、TOMLで書いた文書セットを登録する。
    #[arg(long, value_name = "SET", conflicts_with_all = ["file", "mapping", "mode", "as_of", "created_at",
          "report", "concurrency", "source_id", "assigning_authority", "patient_key", "new_patient_key"])]
    pub(crate) set: Option<PathBuf>,
    /// Check the set and show its metadata; send nothing. 送信せず、メタデータを表示する。
    #[arg(long, requires = "set", conflicts_with = "reply_to")]
    pub(crate) check: bool,
    /// sourceId (OID); made from the institution number if not given. 送信元のID。
    #[arg(long, value_name = "OID")]
    pub(crate) source_id: Option<String>,
    /// OID of the patient ids; that of --connect, or of the code list, if not given. 患者IDの発行者。
    #[arg(long = "authority", value_name = "OID")]
    pub(crate) assigning_authority: Option<String>,
    /// File with the key of the patient ids, 64 hexadecimal digits, the same for all sources of the
    /// affinity domain; patient.key of the identity if not given. 患者IDの鍵。
    #[arg(long, value_name = "FILE")]
    pub(crate) patient_key: Option<PathBuf>,
    /// Make a key in the state directory where neither the identity nor it has one. 新しい鍵を作る。
    #[arg(long, conflicts_with = "patient_key")]
    pub(crate) new_patient_key: bool,
    /// Code list of the affinity domain (codes.xml form); that of connect.json if not given. コード表。
    #[arg(long, value_name = "FILE")]
    pub(crate) codes: Option<PathBuf>,
    /// Directory for refusals.csv, refusals.json and records.csv; made if needed. 報告の出力先。
    #[arg(long, value_name = "DIR")]
    pub(crate) report: Option<PathBuf>,
    /// People under way at once. 同時に処理する人数。
    #[arg(long, default_value_t = 4, value_name = "N")]
    pub(crate) concurrency: usize,
    #[command(flatten)]
    pub(crate) elsewhere: ElsewhereArguments,
    #[command(flatten)]
    pub(crate) target: TargetArguments,
}

/// Submits. Status 0 success, 3 partial, 2 failure or refused rows, 1 nobody could be reached.
pub(crate) fn run(arguments: &Arguments) -> anyhow::Result<u8> {
    let target = arguments.target.target()?;
    if let Some(set) = &arguments.set {
        return document_set::run(set, arguments, &target);
    }
    ensure!(
        arguments.elsewhere.addresses().is_none(),
        "--reply-to は --set と一緒に使います / --reply-to goes with --set"
    );
    let export = export(arguments, &target)?;
    let mut meter = Meter::new("");
    let exported = super::runtime()?.block_on(async {
        let client = target.client()?;
        let submitter = submitter(arguments, &target, &client, &export.mapping)?;
        let mut watch = |progress, _: &Done| meter.show(progress);
        let exported = submit_export(&submitter, export, &mut watch).await;
        client.finish().await?;
        anyhow::Ok(exported?)
    })?;
    meter.finish();
    report(&exported, arguments.target.json)?;
    Ok(status(&exported))
}

/// What is to be sent. A file that is not there, or is none, is told before anything else.
fn export(arguments: &Arguments, target: &Target) -> anyhow::Result<Export> {
    let (file, mapping) = (arguments.file.as_ref(), arguments.mapping.as_ref());
    let file = file.context("give the export, or --set / 健診データか --set を指定してください")?;
    let mapping = mapping.context("no --mapping / --mapping を指定してください")?;
    Ok(Export {
        open: export_file::open(file, &target.state_dir)?,
        mapping: Arc::new(read_mapping(mapping)?),
        rules: arguments.how.rules(),
        report: arguments.report.clone(),
    })
}

fn submitter(
    arguments: &Arguments,
    target: &Target,
    client: &Client,
    mapping: &Mapping,
) -> anyhow::Result<Submitter> {
    let named = domain::read(arguments.codes.as_deref(), &target.connection)?;
    let authority = target.connection.assigning_authority.as_ref();
    let authority = arguments.assigning_authority.as_ref().or(authority);
    let authority = authority.map(|oid| Oid::parse(oid)).transpose();
    let authority = authority.context("assigning authority")?.or(named.authority);
    let authority = authority.context("no assigning authority: give --connect or --authority")?;
    let key = key_of_patients(arguments.patient_key.as_deref(), arguments.new_patient_key, target)?;
    let address = target.connection.patient_feed.as_deref();
    let sink = || Arc::clone(&client.sink);
    let feed = address
        .map(|a| MllpClient::new(&target.identity, a, sink(), client.local.clone()))
        .transpose()?;
    let source_id = arguments.source_id.as_deref().map(Oid::parse).transpose();
    Ok(Submitter {
        client: Arc::clone(&client.soap),
        feed: feed.map(Arc::new),
        connection: target.connection.clone(),
        domain: Arc::new(named.domain),
        patients: Arc::new(KeyedHash::new(key, authority)),
        whose: Whose::default(),
        seen: Arc::new(seen(target, key)),
        practice: mapping.practice().clone(),
        options: Options {
            source_id: source_id.context("--source-id")?,
            created_at: arguments.how.created_at(),
            concurrency: arguments.concurrency,
        },
    })
}

/// The file in the state directory that remembers patient ids; only notices need it.
const SEEN: &str = "seen-identities";

/// Without the file only this run is remembered.
pub(super) fn seen(target: &Target, key: [u8; 32]) -> Seen {
    let path = target.state_dir.join(SEEN);
    Seen::open(&path, key).unwrap_or_else(|error| {
        tracing::warn!(%error, file = %path.display(), "changed identities are noticed within this run only");
        Seen::in_memory(key)
    })
}

/// The key of the patient ids: the file given; else the one that came with the identity, so that
/// neither another source nor a run without this state directory makes other ids; else that of the
/// state directory. With another key every person would be another one, so that none is made unless
/// somebody asks for it.
pub(super) fn key_of_patients(
    given: Option<&Path>,
    new: bool,
    target: &Target,
) -> anyhow::Result<[u8; 32]> {
    if let Some(path) = given {
        return patient_key::read(path);
    }
    let issued = target.identity_dir.join(patient_key::FILE);
    if issued.exists() {
        return patient_key::read(&issued);
    }
    let own = target.state_dir.join(patient_key::FILE);
    if !own.exists() && !new {
        anyhow::bail!(
            "{} がありません。別の鍵では、登録済みの全員が別人として登録されます。pki issue で作られたフォルダーをまるごと使うか、--patient-key で元の鍵を指定してください。まだ何も登録していない新しい領域なら --new-patient-key を付けます / {} is missing; under another key everybody would be registered as another person; use the whole folder that `pki issue` made, or give the key by --patient-key; for a new domain without documents say --new-patient-key",
            issued.display(),
            issued.display()
        );
    }
    if !own.exists() {
        let mut key = [0; 32];
        openssl::rand::rand_bytes(&mut key)?;
        patient_key::write(&key, &target.state_dir)?;
    }
    patient_key::read(&own)
}

/// 2 when a row was refused or nothing got through, 3 when some records did or earlier documents could
/// not be withdrawn, 1 when nothing did because nobody could be reached.
fn status(exported: &Exported) -> u8 {
    let report = &exported.report;
    let failed = report.failed > 0;
    if failed && report.submitted + report.repeated == 0 {
        return if report.unreached == report.failed { super::COULD_NOT_RUN } else { 2 };
    }
    match (exported.conversion.errors > 0, failed || report.not_withdrawn > 0) {
        (true, _) => 2,
        (false, true) => 3,
        (false, false) => 0,
    }
}

fn report(exported: &Exported, json: bool) -> anyhow::Result<()> {
    let report = &exported.report;
    if json {
        let word = match status(exported) {
            0 => "success",
            3 => "partial",
            _ => "failure",
        };
        // A failure names its errors, whether the registry refused or we did.
        let rows = exported.refused.iter().map(|r| {
            json!({"code": r.code, "severity": "error", "context": format!("{} / {}", r.ja, r.en),
            "location": r.column, "record_no": r.row.to_string(), "patient_id": r.patient_id})
        });
        let failures = report.failures.iter().map(|f| {
            json!({"code": f.code, "severity": f.severity, "context": f.context,
            "location": f.location, "record_no": f.record_no, "patient_id": f.patient_id})
        });
        let errors: Vec<_> = rows.chain(failures).collect();
        show::json_line(&json!({
            "status": word,
            "errors": errors,
            "submitted": report.submitted,
            "repeated": report.repeated,
            "corrected": report.corrected,
            "documents": report.documents,
            "rows": exported.conversion.rows,
            "lines": exported.conversion.lines,
            "refused_rows": exported.refused,
            "refused_rows_left_out": exported.refused_left_out,
            "failed": report.failed,
            "errors_left_out": exported.refused_left_out + report.failures_left_out,
            "close_checkups": report.close_checkups,
            "close_checkups_left_out": report.close_checkups_left_out,
            "changed_identities": report.changed_identities,
            "changed_identities_left_out": report.changed_identities_left_out,
            "withdrawn": report.withdrawn,
            "not_withdrawn": report.not_withdrawn,
            "withdrawals": report.withdrawals,
            "withdrawals_left_out": report.withdrawals_left_out,
            "patient_ids": report.patient_ids,
        }))?;
        return Ok(());
    }
    for row in &exported.refused {
        show::line(&format!("{}\n      {}", row.ja, row.en))?;
    }
    for failure in &report.failures {
        show::line(&format!(
            "レコード {}（受診番号 {}） / record {} (person {})  {}  {}",
            failure.record_no,
            failure.patient_id,
            failure.record_no,
            failure.patient_id,
            failure.code,
            failure.context
        ))?;
    }
    if let Some(why) = &report.patient_ids.not_asked {
        show::line(&format!(
            "患者IDは照会できなかったため、鍵付きハッシュを使いました(identity.source_domains を拠点の管理者に確認してください) / patient ids are keyed hashes, since the PIX Manager does not answer this source (have identity.source_domains looked at): {why}"
        ))?;
    }
    notices(report)?;
    show::line(&format!(
        "登録 / submitted {}  (訂正 / corrected {})  登録済み / repeated {}  文書 / documents {}  エラー行 / refused rows {}",
        report.submitted,
        report.corrected,
        report.repeated,
        report.documents,
        exported.refused.len() as u64 + exported.refused_left_out
    ))?;
    Ok(())
}

/// What is to be looked at, although it stopped nothing.
fn notices(report: &SubmitReport) -> anyhow::Result<()> {
    let close = report.close_checkups.iter().map(|c| (&c.ja, &c.en));
    let changed = report.changed_identities.iter().map(|c| (&c.ja, &c.en));
    for (ja, en) in close.chain(changed) {
        show::line(&format!("確認 {ja}\n      {en}"))?;
    }
    for withdrawal in &report.withdrawals {
        show::line(&format!("{}\n      {}", withdrawal.ja, withdrawal.en))?;
    }
    let left_out = report.close_checkups_left_out + report.changed_identities_left_out;
    if left_out > 0 {
        show::line(&format!(
            "ほかに確認 {left_out}件（--report の records.csv にあります） / more to look at stands in records.csv of --report"
        ))?;
    }
    Ok(())
}
