//! A whole export: the conversion runs on a thread of its own and hands each record on as it is
//! ready, so that converting and sending overlap and neither holds the file in memory.

use super::document_set::Converted;
use super::run::{Progress, SubmitReport, Submitter};
use crate::convert::{self, Accepted, ConvertError, Mode, Outcome, Rules, Sink};
use crate::findings::{Finding, RefusedRow};
use crate::mapping::Mapping;
use std::io::{self, Read};
use std::sync::Arc;
use tokio::sync::mpsc;

/// Opens an export; it is read twice when one error refuses the whole file.
pub type OpenExport = Arc<dyn Fn() -> io::Result<Box<dyn Read + Send>> + Send + Sync>;

/// What became of an export.
#[derive(Debug)]
pub struct Exported {
    /// The conversion.
    pub conversion: Outcome,
    /// Rows refused, and why.
    pub refused: Vec<RefusedRow>,
    /// The submission; empty when the file was refused.
    pub report: SubmitReport,
}

/// Records that may wait for a place among those under way.
const AHEAD: usize = 64;

/// Converts and submits an export.
///
/// # Errors
/// When the export cannot be read or the mapping does not fit. Rows that are refused are no error.
pub async fn submit_export(
    submitter: &Submitter,
    open: OpenExport,
    mapping: Arc<Mapping>,
    rules: Rules,
    progress: &(dyn Fn(Progress) + Sync),
) -> Result<Exported, ConvertError> {
    if rules.mode == Mode::RejectFile {
        // Nothing may leave before it is known that nothing is wrong.
        let (conversion, refused) =
            pass(Arc::clone(&open), Arc::clone(&mapping), rules, None).await?;
        if conversion.rejected {
            return Ok(Exported { conversion, refused, report: SubmitReport::default() });
        }
    }
    let (sender, receiver) = mpsc::channel(AHEAD);
    let converting = pass(open, mapping, rules, Some(sender));
    let (converted, report) = tokio::join!(converting, submitter.run(receiver, progress));
    let (conversion, refused) = converted?;
    Ok(Exported { conversion, refused, report })
}

async fn pass(
    open: OpenExport,
    mapping: Arc<Mapping>,
    rules: Rules,
    records: Option<mpsc::Sender<Converted>>,
) -> Result<(Outcome, Vec<RefusedRow>), ConvertError> {
    let work = move || {
        let input = open().map_err(reading)?;
        let mut sink = Forward { records, refused: Vec::new() };
        let outcome = convert::convert(input, &mapping, &rules, &mut sink)?;
        Ok((outcome, sink.refused))
    };
    match tokio::task::spawn_blocking(work).await {
        Ok(result) => result,
        Err(_) => Err(reading(io::Error::other("the conversion was broken off"))),
    }
}

fn reading(source: io::Error) -> ConvertError {
    ConvertError::Io { what: "reading the export".to_owned(), source }
}

/// Hands records on and keeps what was refused.
struct Forward {
    records: Option<mpsc::Sender<Converted>>,
    refused: Vec<RefusedRow>,
}

impl Sink for Forward {
    fn accepted(&mut self, accepted: &Accepted<'_>) -> io::Result<()> {
        match &self.records {
            Some(records) => records
                .blocking_send(Converted {
                    record: accepted.record.clone(),
                    source: accepted.source.document(),
                })
                .map_err(|_| io::Error::other("the submission was broken off")),
            None => Ok(()),
        }
    }

    fn findings(&mut self, findings: &[Finding]) -> io::Result<()> {
        self.refused.extend(findings.iter().filter(|f| f.is_error()).map(RefusedRow::from));
        Ok(())
    }

    fn discard(&mut self) -> io::Result<()> {
        Ok(())
    }
}
