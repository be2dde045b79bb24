//! A whole export, read twice: first to know what is wrong with it, so that nothing leaves before, then
//! to send it. The second time the conversion runs on a thread of its own and hands each row on as it
//! is ready: converting and sending overlap, and neither holds the file in memory.

use super::document_set::Converted;
use super::domain::{Domain, DomainError, MissingCode, PROGRAMME, REPORT_CATEGORY};
use super::entry::day;
use super::ledger::Ledger;
use super::outcome::{Done, SubmitReport};
use super::run::Submitter;
use crate::convert::{self, Accepted, ConvertError, Outcome, Rules, Sink};
use crate::findings::{Finding, RefusedRow};
use crate::mapping::Mapping;
use crate::output::REPORTED_FINDINGS;
use crate::refusals::Refusals;
use renkei_checkup::dates::fiscal_year;
use std::collections::BTreeSet;
use std::io::{self, Read};
use std::path::PathBuf;
use std::sync::Arc;
use tokio::sync::mpsc;

/// Opens an export; it is read more than once.
pub type OpenExport = Arc<dyn Fn() -> io::Result<Box<dyn Read + Send>> + Send + Sync>;

/// An export to be submitted.
#[derive(Clone)]
pub struct Export {
    /// Its content, the same each time.
    pub open: OpenExport,
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
    /// Rows refused, and why: at most as many as a report lists.
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
    /// Records there will be, where that is known.
    pub expected: Option<u64>,
}

/// Why nothing, or not everything, of an export could be submitted.
#[derive(Debug, thiserror::Error)]
pub enum SubmitError {
    /// It cannot be converted, or the report cannot be written.
    #[error(transparent)]
    Convert(#[from] ConvertError),
    /// The affinity domain has no place for it.
    #[error(transparent)]
    Domain(#[from] DomainError),
}

/// Records that may wait for a place among those under way.
const AHEAD: usize = 64;

/// Converts and submits an export; `watch` hears of each record that is done.
///
/// # Errors
/// When the export cannot be read, the mapping does not fit, the domain lacks a code or the report
/// cannot be written. Rows that are refused are no error.
pub async fn submit_export(
    submitter: &Submitter,
    export: Export,
    watch: &mut dyn FnMut(Progress, &Done),
) -> Result<Exported, SubmitError> {
    let mut ledger =
        export.report.as_deref().map(Ledger::open).transpose().map_err(writing_report)?;
    let looked = look(export.clone()).await?;
    if looked.conversion.rejected {
        ledger.map_or(Ok(()), Ledger::publish).map_err(writing_report)?;
        return Ok(looked.exported(SubmitReport::default()));
    }
    looked.kinds.fit(&submitter.domain)?;
    let expected = Some(looked.conversion.accepted);
    let mut finished = 0;
    let mut told = Ok(());
    let mut done = |done: &Done| {
        finished += 1;
        if let (Some(ledger), true) = (&mut ledger, told.is_ok()) {
            told = ledger.add(done);
        }
        watch(Progress { finished, expected }, done);
    };
    let (sender, receiver) = mpsc::channel(AHEAD);
    let handing_on = hand_on(export, looked.conversion.clone(), sender);
    let (handed_on, report) = tokio::join!(handing_on, submitter.run(receiver, &mut done));
    handed_on?;
    told.and_then(|()| ledger.map_or(Ok(()), Ledger::publish)).map_err(writing_report)?;
    Ok(looked.exported(report))
}

/// The first reading: everything is judged and told, nothing is handed on.
async fn look(export: Export) -> Result<Looked, ConvertError> {
    apart(move || {
        let Export { open, mapping, rules, report } = export;
        let refusals = report.map(|folder| Refusals::open(&folder, &mapping)).transpose();
        let refusals = refusals.map_err(writing_report)?;
        let mut sink = Look { refusals, ..Look::default() };
        let conversion = convert::convert(|| open(), &mapping, &rules, &mut sink)?;
        let Look { refused, left_out, refusals, kinds } = sink;
        refusals.map_or(Ok(()), Refusals::publish).map_err(writing_report)?;
        Ok(Looked { conversion, refused, left_out, kinds })
    })
    .await
}

/// The second reading: what was accepted is handed on. What is wrong was told by the first.
async fn hand_on(
    export: Export,
    looked: Outcome,
    rows: mpsc::Sender<Converted>,
) -> Result<Outcome, ConvertError> {
    apart(move || {
        let input = (export.open)().map_err(reading)?;
        let Export { mapping, rules, .. } = export;
        convert::convert_again(input, &mapping, &rules, &looked, &mut HandOn { rows })
    })
    .await
}

/// Runs a conversion on a thread of its own.
async fn apart<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, ConvertError> + Send + 'static,
) -> Result<T, ConvertError> {
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

/// What the first reading gave.
struct Looked {
    conversion: Outcome,
    refused: Vec<RefusedRow>,
    left_out: u64,
    kinds: Kinds,
}

impl Looked {
    fn exported(self, report: SubmitReport) -> Exported {
        let Self { conversion, refused, left_out, .. } = self;
        Exported { conversion, refused, refused_left_out: left_out, report }
    }
}

/// Keeps what was refused, and which kinds of checkups there are.
#[derive(Default)]
struct Look {
    refused: Vec<RefusedRow>,
    left_out: u64,
    refusals: Option<Refusals>,
    kinds: Kinds,
}

impl Sink for Look {
    fn accepted(&mut self, accepted: &Accepted<'_>) -> io::Result<()> {
        self.kinds.add(accepted);
        Ok(())
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

    fn file_findings(&mut self, findings: &[Finding]) -> io::Result<()> {
        if let Some(refusals) = &mut self.refusals {
            refusals.add_of_file(findings)?;
        }
        let errors: Vec<RefusedRow> =
            findings.iter().filter(|finding| finding.is_error()).map(RefusedRow::from).collect();
        self.refused.splice(0..0, errors);
        let surplus = self.refused.len().saturating_sub(REPORTED_FINDINGS);
        self.refused.truncate(REPORTED_FINDINGS);
        self.left_out += surplus as u64;
        Ok(())
    }

    fn discard(&mut self) -> io::Result<()> {
        self.refused.clear();
        self.left_out = 0;
        self.kinds = Kinds::default();
        self.refusals.as_mut().map_or(Ok(()), Refusals::discard)
    }
}

/// Hands rows on.
struct HandOn {
    rows: mpsc::Sender<Converted>,
}

impl Sink for HandOn {
    fn accepted(&mut self, accepted: &Accepted<'_>) -> io::Result<()> {
        let (record, source) = (accepted.record.clone(), accepted.source.document());
        let report_no = accepted.report_no.to_owned();
        self.rows
            .blocking_send(Converted { record, source, report_no })
            .map_err(|_| io::Error::other("the submission was broken off"))
    }

    fn findings(&mut self, _: &[Finding]) -> io::Result<()> {
        Ok(())
    }

    fn discard(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Programmes, report categories and fiscal years of an export: they stand in the metadata as codes, and
/// the domain has to know them.
#[derive(Default)]
struct Kinds(BTreeSet<(String, String, Option<i32>)>);

impl Kinds {
    /// More than there are of all together.
    const MOST: usize = 1_000;

    fn add(&mut self, accepted: &Accepted<'_>) {
        let item = |id| accepted.record.get(id);
        let (programme, category) = (item("program_code"), item("report_category"));
        let year = day(accepted.record).ok().map(fiscal_year);
        let is_last =
            self.0.last().is_some_and(|(p, c, y)| p == programme && c == category && *y == year);
        if !is_last && self.0.len() < Self::MOST {
            self.0.insert((programme.to_owned(), category.to_owned(), year));
        }
    }

    fn fit(&self, domain: &Domain) -> Result<(), DomainError> {
        let codes = self.0.iter().flat_map(|(programme, category, year)| {
            let codes = [
                domain.event(programme, PROGRAMME, ""),
                domain.event(category, REPORT_CATEGORY, ""),
            ];
            codes.into_iter().chain(year.map(|year| domain.year(year)))
        });
        let missing: BTreeSet<MissingCode> = codes.filter_map(Result::err).collect();
        match missing.is_empty() {
            true => Ok(()),
            false => Err(DomainError::Missing(missing.into_iter().collect())),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::findings::Code;

    #[test]
    fn a_thousand_refusals_are_told_and_the_rest_counted() {
        let mut sink = Look::default();
        let (error, warning) =
            (Finding::new(1, "x", Code::E010, ""), Finding::new(1, "x", Code::W102, ""));
        for _ in 0..1_003 {
            sink.findings(&[error.clone(), warning.clone()]).unwrap();
        }
        assert_eq!((sink.refused.len(), sink.left_out), (1_000, 3));
    }

    #[test]
    fn a_programme_or_year_that_the_domain_does_not_know_is_told() {
        let kind = |programme: &str, year| (programme.to_owned(), "40".to_owned(), Some(year));
        let domain = Domain::of_project().unwrap();
        Kinds([kind("030", 2025)].into()).fit(&domain).unwrap();
        let error = Kinds([kind("030", 1900), kind("999", 2025)].into()).fit(&domain).unwrap_err();
        assert!(error.to_string().contains("codeList KENSHIN-1900, eventCodeList 999"), "{error}");
    }
}
