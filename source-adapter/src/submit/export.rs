//! A whole export: the conversion runs on a thread of its own and hands each row on as it is
//! ready, so that converting and sending overlap and neither holds the file in memory.

use super::document_set::Converted;
use super::ledger::Ledger;
use super::outcome::{Done, SubmitReport};
use super::run::Submitter;
use crate::convert::{self, Accepted, ConvertError, Mode, Outcome, Rules, Sink};
use crate::findings::{Finding, RefusedRow};
use crate::mapping::Mapping;
use crate::output::REPORTED_FINDINGS;
use crate::refusals::Refusals;
use std::io::{self, Read};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use tokio::sync::mpsc;

/// Opens an export; it is read twice when one error refuses the whole file.
pub type OpenExport = Arc<dyn Fn() -> io::Result<Box<dyn Read + Send>> + Send + Sync>;

/// An export to be submitted.
#[derive(Clone)]
pub struct Export {
    /// Its content.
    pub open: OpenExport,
    /// Its size in octets, where it is known; the time left is estimated by it.
    pub size: Option<u64>,
    /// What its columns mean.
    pub mapping: Arc<Mapping>,
    /// How it is judged.
    pub rules: Rules,
    /// Where `refusals.csv`, `refusals.json` and `records.csv` go, if they are wanted.
    pub report: Option<PathBuf>,
}

/// What became of an export.
#[derive(Debug)]
pub struct Exported {
    /// The conversion.
    pub conversion: Outcome,
    /// Rows refused, and why: at most `limits.reported_findings`.
    pub refused: Vec<RefusedRow>,
    /// How many more refusals there are.
    pub refused_left_out: u64,
    /// The submission; empty when the file was refused.
    pub report: SubmitReport,
}

/// What has happened so far; for a progress bar.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Progress {
    /// Records finished, however.
    pub finished: u64,
    /// Records there will be: counted where the export was read before, else estimated.
    pub expected: Option<u64>,
}

/// Records that may wait for a place among those under way.
const AHEAD: usize = 64;

/// Converts and submits an export; `watch` hears of each record that is done.
///
/// # Errors
/// When the export cannot be read, the mapping does not fit or the report cannot be written. Rows
/// that are refused are no error.
pub async fn submit_export(
    submitter: &Submitter,
    export: Export,
    watch: &mut dyn FnMut(Progress, &Done),
) -> Result<Exported, ConvertError> {
    let mut ledger =
        export.report.as_deref().map(Ledger::open).transpose().map_err(writing_report)?;
    let mut counted = None;
    if export.rules.mode == Mode::RejectFile {
        // Nothing may leave before it is known that nothing is wrong.
        let first = pass(export.clone(), Handing::default(), None).await?;
        if first.conversion.rejected {
            ledger.map_or(Ok(()), Ledger::publish).map_err(writing_report)?;
            return Ok(first.exported(SubmitReport::default()));
        }
        counted = Some(first);
    }
    let (sender, receiver) = mpsc::channel(AHEAD);
    let handing = Handing::default();
    let expected = |finished: u64| match &counted {
        Some(first) => Some(first.conversion.accepted),
        None => export.size.and_then(|size| handing.expected(size)).map(|n| n.max(finished)),
    };
    let mut finished = 0;
    let mut told = Ok(());
    let mut done = |done: &Done| {
        finished += 1;
        if let (Some(ledger), true) = (&mut ledger, told.is_ok()) {
            told = ledger.add(done);
        }
        watch(Progress { finished, expected: expected(finished) }, done);
    };
    // The second reading finds what the first has reported.
    let second = Export { report: export.report.clone().filter(|_| counted.is_none()), ..export };
    let converting = pass(second, handing.clone(), Some(sender));
    let (converted, report) = tokio::join!(converting, submitter.run(receiver, &mut done));
    let converted = converted?;
    told.and_then(|()| ledger.map_or(Ok(()), Ledger::publish)).map_err(writing_report)?;
    if let Some(first) = counted
        && first.conversion.input_sha256 != converted.conversion.input_sha256
    {
        return Err(reading(io::Error::other("the export changed while it was read")));
    }
    Ok(converted.exported(report))
}

/// What one reading of the export gave.
struct Passed {
    conversion: Outcome,
    refused: Vec<RefusedRow>,
    left_out: u64,
}

impl Passed {
    fn exported(self, report: SubmitReport) -> Exported {
        let Self { conversion, refused, left_out } = self;
        Exported { conversion, refused, refused_left_out: left_out, report }
    }
}

async fn pass(
    export: Export,
    handing: Handing,
    rows: Option<mpsc::Sender<Converted>>,
) -> Result<Passed, ConvertError> {
    let work = move || {
        let Export { open, mapping, rules, report, .. } = export;
        let refusals = report.map(|folder| Refusals::open(&folder, &mapping)).transpose();
        let refusals = refusals.map_err(writing_report)?;
        let mut sink = Forward { rows, handing, refused: Vec::new(), left_out: 0, refusals };
        let conversion = convert::convert(|| open(), &mapping, &rules, &mut sink)?;
        let Forward { refused, left_out, refusals, .. } = sink;
        refusals.map_or(Ok(()), Refusals::publish).map_err(writing_report)?;
        Ok(Passed { conversion, refused, left_out })
    };
    match tokio::task::spawn_blocking(work).await {
        Ok(result) => result,
        Err(_) => Err(reading(io::Error::other("the conversion was broken off"))),
    }
}

fn reading(source: io::Error) -> ConvertError {
    ConvertError::Io {
        what: "出力ファイルを読み込めません / the export cannot be read".to_owned(),
        source,
    }
}

fn writing_report(source: io::Error) -> ConvertError {
    ConvertError::Io {
        what: "報告を書き込めません / the report cannot be written".to_owned(),
        source,
    }
}

/// How many rows were handed on, how long they were, and how long the header is.
#[derive(Clone, Default)]
struct Handing(Arc<[AtomicU64; 3]>);

impl Handing {
    fn count(&self, header: usize, row: usize) {
        let [rows, sum, head] = &*self.0;
        rows.fetch_add(1, Ordering::Relaxed);
        sum.fetch_add(row as u64, Ordering::Relaxed);
        head.store(header as u64, Ordering::Relaxed);
    }

    /// The rows of a file of this size, if all are as long as those so far.
    fn expected(&self, size: u64) -> Option<u64> {
        let [rows, sum, head] = self.0.each_ref().map(|counter| counter.load(Ordering::Relaxed));
        let all = u128::from(rows) * u128::from(size.saturating_sub(head));
        all.checked_div(u128::from(sum)).and_then(|n| u64::try_from(n).ok())
    }
}

/// Hands rows on and keeps what was refused.
struct Forward {
    rows: Option<mpsc::Sender<Converted>>,
    handing: Handing,
    refused: Vec<RefusedRow>,
    left_out: u64,
    refusals: Option<Refusals>,
}

impl Sink for Forward {
    fn accepted(&mut self, accepted: &Accepted<'_>) -> io::Result<()> {
        let Some(rows) = &self.rows else { return Ok(()) };
        self.handing.count(accepted.source.header.len(), accepted.source.row.len());
        let (record, source) = (accepted.record.clone(), accepted.source.document());
        rows.blocking_send(Converted { record, source })
            .map_err(|_| io::Error::other("the submission was broken off"))
    }

    fn findings(&mut self, findings: &[Finding]) -> io::Result<()> {
        for finding in findings {
            if let Some(refusals) = &mut self.refusals {
                refusals.add(finding)?;
            }
            if finding.is_error() && self.refused.len() < REPORTED_FINDINGS {
                self.refused.push(finding.into());
            } else {
                self.left_out += u64::from(finding.is_error());
            }
        }
        Ok(())
    }

    fn discard(&mut self) -> io::Result<()> {
        self.refused.clear();
        self.left_out = 0;
        self.refusals.as_mut().map_or(Ok(()), Refusals::discard)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::findings::Code;

    #[test]
    fn the_rows_to_come_are_estimated_by_those_that_came() {
        let handing = Handing::default();
        assert_eq!(handing.expected(1_000), None);
        handing.count(200, 90);
        handing.count(200, 110);
        assert_eq!(handing.expected(1_200), Some(10));
    }

    #[test]
    fn a_thousand_refusals_are_told_and_the_rest_counted() {
        let handing = Handing::default();
        let mut sink =
            Forward { rows: None, handing, refused: Vec::new(), left_out: 0, refusals: None };
        let (error, warning) =
            (Finding::new(1, "x", Code::E010, ""), Finding::new(1, "x", Code::W102, ""));
        for _ in 0..1_003 {
            sink.findings(&[error.clone(), warning.clone()]).unwrap();
        }
        assert_eq!((sink.refused.len(), sink.left_out), (1_000, 3));
    }
}
