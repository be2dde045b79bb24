//! Converts a file into a folder and reports what happened.

use std::fs::{self, File};
use std::io::{self, Read};
use std::path::Path;

use chrono::{DateTime, FixedOffset, NaiveDate};
use renkei_checkup::kcsv;
use serde::Serialize;

use crate::convert::{ConvertError, Mode, Rules, convert};
use crate::file_set::{FileSet, FileSetOptions};
use crate::findings::{RefusedRow, Severity};
use crate::mapping::Mapping;
use crate::output::{DOCUMENTS, Extras, FINDINGS, HASHES, OutputFolder, STANDARD};
use crate::private::temporary;
use crate::refusals::{REFUSALS_CSV, REFUSALS_JSON};
use crate::rows::Lines;
use crate::shortened::ShortenedItem;

/// How to convert a file.
#[derive(Clone, Debug)]
pub struct Options {
    /// What one error does.
    pub mode: Mode,
    /// "Today" of the check for dates in the future.
    pub as_of: NaiveDate,
    /// Time of creation in the documents.
    pub created_at: DateTime<FixedOffset>,
    /// Whether to write the documents of each record.
    pub documents: bool,
    /// How to make archives of 特定健診 files, if at all.
    pub file_set: Option<FileSetOptions>,
}

/// What a conversion did.
#[derive(Clone, Debug, Serialize)]
pub struct ConvertReport {
    /// Name of the export.
    pub input: String,
    /// Version of the mapping.
    pub mapping_version: String,
    /// Profile of the standard records.
    pub profile: &'static str,
    /// What one error did.
    pub mode: Mode,
    /// Where every physical line of the export went; none where it was refused before its end.
    pub lines: Option<Lines>,
    /// Data rows of the export.
    pub rows: u64,
    /// Rows without an error.
    pub accepted: u64,
    /// Rows with an error.
    pub refused: u64,
    /// Findings that refuse.
    pub errors: u64,
    /// Findings that do not.
    pub warnings: u64,
    /// Whether nothing may be delivered.
    pub rejected: bool,
    /// HS037 documents written.
    pub documents: u64,
    /// Archives of 特定健診 files written.
    pub file_sets: Vec<FileSet>,
    /// Accepted records that no archive has, since their programme has no 特定健診 form.
    pub without_cda: u64,
    /// Records in archives for an insurer whose people are insured with another one: to be looked
    /// at before the archive is sent.
    pub other_insurer: u64,
    /// Items that the 特定健診 documents cut or leave out, since the form has no place for them as they are.
    pub shortened: Vec<ShortenedItem>,
    /// Hash of the export.
    pub input_sha256: String,
    /// Hash of standard.csv; none when the file was rejected.
    pub standard_sha256: Option<String>,
    /// Names in the output folder.
    pub files: Vec<String>,
    /// The findings in the order of findings.csv, at most as many as a report lists.
    pub findings: Vec<RefusedRow>,
    /// Findings that findings.csv has and this report has not.
    pub findings_left_out: u64,
}

impl ConvertReport {
    /// Whether an error was found.
    pub fn has_errors(&self) -> bool {
        self.errors > 0
    }

    /// The findings that refused a row or the file.
    pub fn refused_rows(&self) -> impl Iterator<Item = &RefusedRow> {
        self.findings.iter().filter(|finding| finding.code.severity() == Severity::Error)
    }
}

/// Reads a mapping file.
pub fn read_mapping(path: &Path) -> Result<Mapping, ConvertError> {
    let bytes =
        fs::read(path).map_err(|source| failed("読み込めません / cannot be read", path, source))?;
    Ok(Mapping::read_bytes(&path.display().to_string(), &bytes)?)
}

/// Converts an export into `out_dir`: `findings.csv`, `hashes.csv` and the refusals always;
/// `standard.csv` and, when asked for, `documents/` and the archives of 特定健診 files unless the file
/// is rejected.
pub fn convert_file(
    path: &Path,
    mapping_path: &Path,
    out_dir: &Path,
    options: &Options,
) -> Result<ConvertReport, ConvertError> {
    convert_input(|| File::open(path), path, mapping_path, out_dir, options)
}

/// As [`convert_file`], for a caller that watches how far the export at `path` is read, each time it
/// is opened.
pub fn convert_input<R: Read>(
    mut open: impl FnMut() -> io::Result<R>,
    path: &Path,
    mapping_path: &Path,
    out_dir: &Path,
    options: &Options,
) -> Result<ConvertReport, ConvertError> {
    let mapping = read_mapping(mapping_path)?;
    let extras = Extras {
        created_at: options.created_at,
        mapping: &mapping,
        documents: options.documents,
        file_set: options.file_set.as_ref(),
    };
    for kept in [path, mapping_path] {
        if would_overwrite(kept, out_dir) {
            return Err(ConvertError::Overwrites(kept.display().to_string()));
        }
    }
    let writing = |source| failed("書き込めません / cannot be written", out_dir, source);
    let mut folder = OutputFolder::open(out_dir, extras).map_err(writing)?;
    let rules = Rules { mode: options.mode, as_of: options.as_of };
    let open = || {
        open().map_err(|error| {
            let text = format!("{}: {error}", path.display());
            io::Error::new(error.kind(), text)
        })
    };
    let outcome = convert(open, &mapping, &rules, &mut folder)?;
    let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let findings = std::mem::take(&mut folder.reported);
    let findings_left_out = folder.left_out;
    let finished =
        folder.finish(outcome.rejected, &name, &outcome.input_sha256).map_err(writing)?;
    Ok(ConvertReport {
        input: name,
        mapping_version: mapping.version().to_owned(),
        profile: kcsv::PROFILE,
        mode: options.mode,
        lines: outcome.lines,
        rows: outcome.rows,
        accepted: outcome.accepted,
        refused: outcome.rows - outcome.accepted,
        errors: outcome.errors,
        warnings: outcome.warnings,
        rejected: outcome.rejected,
        documents: finished.documents,
        file_sets: finished.file_sets,
        without_cda: finished.without_cda,
        other_insurer: finished.other_insurer,
        shortened: finished.shortened,
        input_sha256: outcome.input_sha256.to_string(),
        standard_sha256: finished.standard_sha256.map(|hash| hash.to_string()),
        files: finished.names,
        findings,
        findings_left_out,
    })
}

/// Whether a file lies where the conversion writes: what it writes there replaces what was there.
fn would_overwrite(file: &Path, out_dir: &Path) -> bool {
    let (Ok(file), Ok(out)) = (file.canonicalize(), out_dir.canonicalize()) else { return false };
    let Ok(below) = file.strip_prefix(&out) else { return false };
    let mut parts = below.components();
    let first = parts.next().map(|part| part.as_os_str().to_string_lossy().into_owned());
    let first = first.unwrap_or_default();
    let is_alone = parts.next().is_none();
    let names = [STANDARD, FINDINGS, HASHES, REFUSALS_CSV, REFUSALS_JSON];
    let is_ours = |name: &str| first == name || first == temporary(name);
    (is_alone && names.into_iter().any(is_ours)) || (!is_alone && is_ours(DOCUMENTS))
}

fn failed(what: &str, path: &Path, source: io::Error) -> ConvertError {
    ConvertError::io(format!("{what}: {}", path.display()), source)
}
