//! `renkei convert`.

use crate::show;
use crate::today::as_of;
use chrono::Local;
use clap::ValueEnum;
use renkei_checkup::archive::PartyKind;
use renkei_source_adapter::{FileSetErrors, FileSetOptions, FileSetRequest, Options, convert_file};
use std::path::PathBuf;

/// What to convert, by which mapping, and what to write.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// The export of the institution. 健診機関の出力ファイル。
    pub(crate) file: PathBuf,
    /// The mapping of its columns (TOML). 列の対応表。
    #[arg(long, value_name = "M")]
    pub(crate) mapping: PathBuf,
    /// Directory for findings.csv, standard.csv, hashes.csv, documents/ and file sets; made if needed. 出力先。
    #[arg(long, value_name = "DIR")]
    pub(crate) out: PathBuf,
    /// Whether an error refuses the whole file or its row. エラー時の扱い。
    #[arg(long, value_enum, default_value_t = Mode::RejectFile)]
    pub(crate) mode: Mode,
    /// The day on which the file is judged (YYYY-MM-DD); today if not given. 基準日。
    #[arg(long, value_name = "DATE")]
    pub(crate) as_of: Option<chrono::NaiveDate>,
    /// The time written into documents (RFC 3339); now if not given. 作成日時。
    #[arg(long, value_name = "TIME")]
    pub(crate) created_at: Option<chrono::DateTime<chrono::FixedOffset>>,
    /// Also write the documents of each record: HS037, 特定健診 CDA, its row. 文書も出力する。
    #[arg(long)]
    pub(crate) documents: bool,
    #[command(flatten)]
    pub(crate) file_set: FileSetArguments,
    /// Report as JSON on standard output. JSONで出力する。
    #[arg(long)]
    pub(crate) json: bool,
}

/// The 特定健診 files to send to one receiver.
#[derive(Debug, clap::Args)]
pub(crate) struct FileSetArguments {
    /// Also write the 特定健診 files, a folder for each archive to send. 送付用アーカイブも出力する。
    #[arg(long, requires = "receiver")]
    pub(crate) file_set: bool,
    /// Number of the receiver: insurer (8), institution (10) or agency (8). 送付先の番号。
    #[arg(long, value_name = "ID", requires = "file_set")]
    pub(crate) receiver: Option<String>,
    /// What the receiver is; by the length of its number if not given. 送付先の種別。
    #[arg(long, value_enum, requires = "file_set")]
    pub(crate) receiver_kind: Option<ReceiverKind>,
    /// Number of the delivery on its day, 0 to 9. 同日送信回数。
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub(crate) sequence: u32,
    /// 実施区分, 1 to 9; 1 for 特定健診 and 4 for 事業者健診 if not given. 実施区分。
    #[arg(long, value_name = "X", requires = "file_set")]
    pub(crate) service_event: Option<u32>,
    /// Leave out the summary, as a delivery of results alone may. 集計情報を省く。
    #[arg(long, requires = "file_set")]
    pub(crate) results_only: bool,
    /// The ministry's schema files (version 8), to copy into each archive. スキーマのフォルダー。
    #[arg(long, value_name = "DIR", requires = "file_set")]
    pub(crate) schemas: Option<PathBuf>,
}

/// Who receives a file set.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum ReceiverKind {
    /// 保険者
    Insurer,
    /// 代行機関
    Agency,
    /// 健診機関
    Institution,
}

/// What an error refuses.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
#[value(rename_all = "snake_case")]
pub(crate) enum Mode {
    /// The whole file.
    RejectFile,
    /// The row.
    RejectRow,
}

/// Converts. Status 0 without an error finding, 2 with one.
pub(crate) fn run(arguments: &Arguments) -> anyhow::Result<u8> {
    let options = Options {
        mode: arguments.mode.into(),
        as_of: as_of(arguments.as_of),
        created_at: arguments.created_at.unwrap_or_else(|| Local::now().fixed_offset()),
        documents: arguments.documents,
        file_set: arguments.file_set.options()?,
    };
    let report = convert_file(&arguments.file, &arguments.mapping, &arguments.out, &options)?;
    if arguments.json {
        show::json_line(&serde_json::to_value(&report)?)?;
    } else {
        for finding in &report.findings {
            show::line(&format!("{}\n      {}", finding.ja, finding.en))?;
        }
        show::line(&format!(
            "{}行 / rows  受理 / accepted {}  エラー / errors {}  警告 / warnings {}  {}",
            report.rows,
            report.accepted,
            report.errors,
            report.warnings,
            if report.rejected { "ファイルを受理しません / file rejected" } else { "" }
        ))?;
        for set in &report.file_sets {
            show::line(&format!("{}  {}件 / records", set.folder, set.records))?;
        }
        if report.without_cda > 0 {
            show::line(&format!(
                "特定健診の様式がない健診 {}件 / records of programmes without this form",
                report.without_cda
            ))?;
        }
    }
    Ok(if report.has_errors() { 2 } else { 0 })
}

impl FileSetArguments {
    fn options(&self) -> Result<Option<FileSetOptions>, FileSetErrors> {
        if !self.file_set {
            return Ok(None);
        }
        let request = FileSetRequest {
            receiver: self.receiver.clone().unwrap_or_default(),
            receiver_kind: self.receiver_kind.map(Into::into),
            sequence: self.sequence,
            service_event: self.service_event,
            results_only: self.results_only,
            schemas: self.schemas.clone(),
        };
        FileSetOptions::check(request).map(Some)
    }
}

impl From<ReceiverKind> for PartyKind {
    fn from(kind: ReceiverKind) -> Self {
        match kind {
            ReceiverKind::Insurer => Self::Insurer,
            ReceiverKind::Agency => Self::Agency,
            ReceiverKind::Institution => Self::Institution,
        }
    }
}

impl From<Mode> for renkei_source_adapter::Mode {
    fn from(mode: Mode) -> Self {
        match mode {
            Mode::RejectFile => Self::RejectFile,
            Mode::RejectRow => Self::RejectRow,
        }
    }
}
