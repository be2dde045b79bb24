//! `renkei convert`.

use crate::show;
use crate::today::as_of;
use chrono::Local;
use clap::ValueEnum;
use renkei_source_adapter::{Options, convert_file};
use std::path::PathBuf;

/// What to convert, by which mapping, and what to write.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// The export of the institution. 健診機関の出力ファイル。
    pub(crate) file: PathBuf,
    /// The mapping of its columns (TOML). 列の対応表。
    #[arg(long, value_name = "M")]
    pub(crate) mapping: PathBuf,
    /// Directory for findings.csv, standard.csv, hashes.csv and documents/; made if needed. 出力先。
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
    /// Also write the HS037 documents of each record. HS037文書も出力する。
    #[arg(long)]
    pub(crate) documents: bool,
    /// Report as JSON on standard output. JSONで出力する。
    #[arg(long)]
    pub(crate) json: bool,
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
    }
    Ok(if report.has_errors() { 2 } else { 0 })
}

impl From<Mode> for renkei_source_adapter::Mode {
    fn from(mode: Mode) -> Self {
        match mode {
            Mode::RejectFile => Self::RejectFile,
            Mode::RejectRow => Self::RejectRow,
        }
    }
}
