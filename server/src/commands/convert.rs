//! `renkei convert`.

use super::conversion::ConversionArguments;
use super::export_file;
use crate::progress::Meter;
use crate::show;
use clap::ValueEnum;
use renkei_checkup::archive::PartyKind;
use renkei_checkup::tables;
use renkei_source_adapter::submit::Progress;
use renkei_source_adapter::{
    FileSetErrors, FileSetOptions, FileSetRequest, Options, ShortenedItem, convert_input,
};
use std::cell::RefCell;
use std::io::{self, IsTerminal, Read};
use std::path::PathBuf;
use std::rc::Rc;

/// What to convert, by which mapping, and what to write.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    #[command(flatten)]
    pub(crate) conversion: ConversionArguments,
    /// Directory for findings.csv, standard.csv, hashes.csv, documents/ and file sets; made if needed. 出力先。
    #[arg(long, value_name = "DIR")]
    pub(crate) out: PathBuf,
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

/// Converts. Status 0 without an error finding, 2 with one.
pub(crate) fn run(arguments: &Arguments) -> anyhow::Result<u8> {
    let conversion = &arguments.conversion;
    let rules = conversion.how.rules();
    let options = Options {
        mode: rules.mode,
        as_of: rules.as_of,
        created_at: conversion.how.created_at(),
        documents: arguments.documents,
        file_set: arguments.file_set.options()?,
    };
    let ConversionArguments { file, mapping, .. } = conversion;
    let progress = Rc::new(RefCell::new(meter(arguments.json)));
    let size = std::fs::metadata(file).map_or(0, |about| about.len());
    let open = export_file::open(file, &std::env::temp_dir())?;
    let watch = || open().map(|export| Watched::new(export, size, &progress));
    let report = convert_input(watch, file, mapping, &arguments.out, &options);
    progress.borrow_mut().finish();
    let report = report?;
    if arguments.json {
        show::json_line(&serde_json::to_value(&report)?)?;
    } else {
        for finding in &report.findings {
            show::line(&format!("{}\n      {}", finding.ja, finding.en))?;
        }
        if report.findings_left_out > 0 {
            show::line(&format!(
                "ほかに{}件（refusals.csv にあります） / more findings stand in refusals.csv",
                report.findings_left_out
            ))?;
        }
        show::line(&format!(
            "{}行 / rows  受理 / accepted {}  エラー / errors {}  警告 / warnings {}  {}",
            report.rows,
            report.accepted,
            report.errors,
            report.warnings,
            if report.rejected { "ファイルを受理しません / file rejected" } else { "" }
        ))?;
        if let Some(lines) = report.lines {
            show::line(&lines.sentence())?;
        }
        for set in &report.file_sets {
            show::line(&format!("{}  {}件 / records", set.folder, set.records))?;
        }
        if report.without_cda > 0 {
            show::line(&format!(
                "特定健診の様式がない健診 {}件 / records of programmes without this form",
                report.without_cda
            ))?;
        }
        if report.other_insurer > 0 {
            show::line(&format!(
                "注意: 送付先と異なる保険者の記録 {}件 / caution: records of people insured elsewhere",
                report.other_insurer
            ))?;
        }
        shortened(&report.shortened)?;
    }
    Ok(if report.has_errors() { 2 } else { 0 })
}

fn meter(silent: bool) -> Meter {
    if silent || !io::stderr().is_terminal() { Meter::silent() } else { Meter::new("") }
}

/// What the 特定健診 documents say less than the records, and of whom.
fn shortened(items: &[ShortenedItem]) -> anyhow::Result<()> {
    for ShortenedItem { item, records, first } in items {
        let name = tables().column(item).map_or(item.as_str(), |column| &column.name_ja);
        show::line(&format!(
            "警告: {name} が特定健診 CDA の様式に収まらず、切り詰めたか省いた記録 {records}件 / \
             records whose {item} the CDA form has no place for, cut or left out"
        ))?;
        let named: Vec<String> = first
            .iter()
            .map(|record| format!("{}: {}", record.record_no, record.patient_id))
            .collect();
        let more = if u64::try_from(named.len()).is_ok_and(|n| n < *records) { " …" } else { "" };
        show::line(&format!(
            "      記録番号: 受診者ID / record: person  {}{more}",
            named.join(", ")
        ))?;
    }
    Ok(())
}

/// An export that is being read; on a terminal one sees how far.
struct Watched {
    export: Box<dyn Read + Send>,
    /// Octets; 0 where nobody knows.
    size: u64,
    read: u64,
    lines: u64,
    meter: Rc<RefCell<Meter>>,
}

impl Watched {
    fn new(export: Box<dyn Read + Send>, size: u64, meter: &Rc<RefCell<Meter>>) -> Self {
        Self { export, size, read: 0, lines: 0, meter: Rc::clone(meter) }
    }
}

impl Read for Watched {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let read = self.export.read(out)?;
        let lines = out.iter().take(read).filter(|byte| **byte == b'\n').count();
        self.lines += lines as u64;
        self.read += read as u64;
        // nearly every line is a row
        let expected =
            u128::from(self.lines) * u128::from(self.size) / u128::from(self.read.max(1));
        let expected = u64::try_from(expected).ok().filter(|_| self.size > 0);
        self.meter.borrow_mut().show(Progress { finished: self.lines, expected });
        Ok(read)
    }
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
