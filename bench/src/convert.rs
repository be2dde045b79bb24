//! Converting an export beside reading it: the same bytes decoded and split into cells, nothing more.
//!
//! Both sides run on one thread, and count that thread's processor time: the figure is per core,
//! and hardly depends on what else runs on the machine.

use crate::Plan;
use crate::report::{self, Figure, Goal, Pairs};
use anyhow::{Context, Result, ensure};
use chrono::{DateTime, NaiveDate};
use encoding_rs::{DecoderResult, Encoding, SHIFT_JIS, UTF_8};
use renkei_source_adapter::{Mode, Options, convert_file};
use renkei_tests::large::Large;
use std::cell::Cell;
use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

/// Rows of the export from which documents are made: each becomes several files.
const DOCUMENT_ROWS: usize = 2_000;
/// Rows a second of one core, for the standard CSV alone and with all documents.
const LEAST: f64 = 60_000.0;
const LEAST_WITH_DOCUMENTS: f64 = 1_500.0;

/// Both encodings; findings, standard CSV and hashes, then with all documents.
pub(crate) fn run(plan: Plan) -> Result<()> {
    let goal = Some(Goal { must: 0.10, aim: 0.15 });
    for (name, encoding) in [("CP932", SHIFT_JIS), ("UTF-8", UTF_8)] {
        let export = Export::new(plan.rows, encoding)?;
        let mut pairs = Pairs::default();
        export.convert(false)?;
        for _ in 0..plan.pairs {
            pairs.push(export.convert(false)?, export.read()?);
        }
        let megabytes = export.bytes as f64 / 1e6;
        let each = export.bytes as f64 / plan.rows as f64;
        report::ratio(
            &format!("rows converted, {name}, {} rows, {megabytes:.0} MB", plan.rows),
            "reading",
            goal,
            &pairs,
        );
        report::least(LEAST, "rows/s", &pairs);
        report::bytes(each, &pairs);
    }
    let export = Export::new(DOCUMENT_ROWS, SHIFT_JIS)?;
    let mut pairs = Pairs::default();
    for _ in 0..plan.pairs {
        pairs.push(export.convert(true)?, export.convert(false)?);
    }
    let what = format!("rows converted, with all documents, CP932, {DOCUMENT_ROWS} rows");
    report::ratio(&what, "converting without", None, &pairs);
    report::least(LEAST_WITH_DOCUMENTS, "rows/s", &pairs);
    Ok(())
}

struct Export {
    /// The results of all runs stay in it to the end: a file system is slow to make files where it has
    /// just removed some.
    folder: tempfile::TempDir,
    runs: Cell<u32>,
    export: PathBuf,
    mapping: PathBuf,
    encoding: &'static Encoding,
    rows: usize,
    bytes: u64,
}

impl Export {
    fn new(rows: usize, encoding: &'static Encoding) -> Result<Self> {
        let folder = tempfile::tempdir()?;
        let (export, mapping) = Large { rows, encoding, broken: false }.write(folder.path())?;
        let bytes = export.metadata()?.len();
        Ok(Self { folder, runs: Cell::new(0), export, mapping, encoding, rows, bytes })
    }

    fn convert(&self, documents: bool) -> Result<Figure> {
        let options = Options {
            mode: Mode::RejectFile,
            as_of: NaiveDate::from_ymd_opt(2025, 12, 31).context("a day")?,
            created_at: DateTime::UNIX_EPOCH.fixed_offset(),
            documents,
            file_set: None,
        };
        // a new folder each time: removing what an earlier run left is no converting
        let out = self.folder.path().join(self.runs.replace(self.runs.get() + 1).to_string());
        let convert = || convert_file(&self.export, &self.mapping, &out, &options);
        let (report, figure) = self.timed(convert)?;
        ensure!(report?.accepted == u64::try_from(self.rows)?, "rows were refused");
        Ok(figure)
    }

    fn read(&self) -> Result<Figure> {
        let (records, figure) = self.timed(|| count_records(&self.export, self.encoding))?;
        ensure!(records? == self.rows + 1, "not all rows were read");
        Ok(figure)
    }

    fn timed<T>(&self, work: impl FnOnce() -> T) -> Result<(T, Figure)> {
        let before = processor_seconds()?;
        let result = work();
        let used = processor_seconds()? - before;
        Ok((result, Figure::bare(self.rows as f64 / used)))
    }
}

/// Processor time of this thread.
fn processor_seconds() -> Result<f64> {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat")?;
    let nanoseconds: f64 = text.split_whitespace().next().context("no processor time")?.parse()?;
    Ok(nanoseconds / 1e9)
}

fn count_records(path: &Path, encoding: &'static Encoding) -> Result<usize> {
    let text = Text::new(File::open(path)?, encoding);
    let mut csv = csv::ReaderBuilder::new().has_headers(false).from_reader(text);
    let mut record = csv::StringRecord::new();
    let mut records = 0;
    while csv.read_record(&mut record)? {
        records += 1;
    }
    Ok(records)
}

/// A file as UTF-8.
struct Text {
    file: File,
    decoder: encoding_rs::Decoder,
    raw: Vec<u8>,
    text: String,
    given: usize,
    ended: bool,
}

impl Text {
    fn new(file: File, encoding: &'static Encoding) -> Self {
        let size = 64 * 1024;
        let decoder = encoding.new_decoder_without_bom_handling();
        let text = String::with_capacity(3 * size);
        Self { file, decoder, raw: vec![0; size], text, given: 0, ended: false }
    }
}

impl Read for Text {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        while self.given == self.text.len() && !self.ended {
            let read = self.file.read(&mut self.raw)?;
            self.ended = read == 0;
            self.text.clear();
            self.given = 0;
            let raw = self.raw.get(..read).unwrap_or_default();
            let text = &mut self.text;
            let (result, _) =
                self.decoder.decode_to_string_without_replacement(raw, text, self.ended);
            if result != DecoderResult::InputEmpty {
                return Err(io::Error::other("the export is not in its encoding"));
            }
        }
        let mut rest = self.text.as_bytes().get(self.given..).unwrap_or_default();
        let read = rest.read(out)?;
        self.given += read;
        Ok(read)
    }
}
