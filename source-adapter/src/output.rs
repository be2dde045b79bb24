//! The files of a conversion. They grow under temporary names and get their own only when they may
//! be used; whatever is left over is removed.

use std::fs::{self, DirBuilder, File};
use std::io::{self, BufWriter, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use renkei_checkup::hash::Sha256Hex;
use renkei_checkup::hs037::{self, View};
use renkei_checkup::{Record, kcsv, terms};

use crate::convert::{Accepted, Sink};
use crate::findings::{Finding, RefusedRow};
use crate::mapping::Mapping;
use crate::refusals::{REFUSALS_CSV, REFUSALS_JSON, Refusals};

/// The standard CSV.
pub const STANDARD: &str = "standard.csv";
/// The findings.
pub const FINDINGS: &str = "findings.csv";
/// The hashes.
pub const HASHES: &str = "hashes.csv";
/// One folder per record.
pub const DOCUMENTS: &str = "documents";
/// The whole checkup as HS037.
pub const FULL_DOCUMENT: &str = "hs037.json";
/// The statutory items as HS037.
pub const STATUTORY_DOCUMENT: &str = "hs037-stat.json";

/// Findings a report lists: `limits.reported_findings`; findings.csv has all of them.
pub const REPORTED_FINDINGS: usize = 1000;

/// How the documents of the records are written.
pub(crate) type DocumentOptions<'a> = hs037::Options<'a>;

/// The folder of one conversion, while it runs.
pub(crate) struct OutputFolder<'a> {
    folder: PathBuf,
    documents: Option<DocumentOptions<'a>>,
    files: Files,
    refusals: Refusals,
    /// The first findings, for the report.
    pub(crate) reported: Vec<RefusedRow>,
    /// How many more there are.
    pub(crate) left_out: u64,
    /// Documents written.
    pub(crate) document_count: u64,
    _leftovers: Leftovers,
}

/// Removes the temporary files when the conversion ends, however it ends.
struct Leftovers(PathBuf);

impl Drop for Leftovers {
    fn drop(&mut self) {
        // what cannot be removed now is removed by the next conversion
        remove_temporary(&self.0).unwrap_or_default();
    }
}

/// What a finished conversion leaves in its folder.
pub(crate) struct Finished {
    /// Hash of the standard CSV; none when the file was rejected.
    pub(crate) standard_sha256: Option<Sha256Hex>,
    /// Names of the files and folders.
    pub(crate) names: Vec<&'static str>,
}

struct Files {
    standard: kcsv::Writer<BufWriter<File>>,
    hashes: BufWriter<File>,
    findings: csv::Writer<BufWriter<File>>,
}

/// Makes a folder for its owner alone; one that exists keeps its mode.
pub(crate) fn private_folder(folder: &Path) -> io::Result<()> {
    DirBuilder::new().recursive(true).mode(0o700).create(folder)
}

/// Makes a file for its owner alone: names and results stand in it.
pub(crate) fn private_file(path: &Path) -> io::Result<File> {
    File::options().write(true).create(true).truncate(true).mode(0o600).open(path)
}

pub(crate) fn temporary(name: &str) -> String {
    format!(".{name}.part")
}

impl<'a> OutputFolder<'a> {
    /// Makes the folder, removes what an earlier conversion left in it, opens the files.
    pub(crate) fn open(
        folder: &Path,
        mapping: &Mapping,
        documents: Option<DocumentOptions<'a>>,
    ) -> io::Result<Self> {
        private_folder(folder)?;
        for name in [STANDARD, HASHES, FINDINGS] {
            remove_file(&folder.join(name))?;
        }
        remove_documents(&folder.join(DOCUMENTS))?;
        remove_temporary(folder)?;
        Ok(Self {
            folder: folder.to_owned(),
            documents,
            files: Files::open(folder)?,
            refusals: Refusals::open(folder, mapping)?,
            reported: Vec::new(),
            left_out: 0,
            document_count: 0,
            _leftovers: Leftovers(folder.to_owned()),
        })
    }

    /// Gives the files their names: the findings and the hashes always, by which the sender finds
    /// again what was refused; the rest unless the file was rejected.
    pub(crate) fn finish(
        self,
        rejected: bool,
        input_name: &str,
        input_sha256: &Sha256Hex,
    ) -> io::Result<Finished> {
        let Self { folder, files, refusals, document_count, _leftovers, .. } = self;
        let Files { standard, hashes, findings } = files;
        let publish = |name: &str| fs::rename(folder.join(temporary(name)), folder.join(name));
        close(findings)?;
        publish(FINDINGS)?;
        refusals.publish()?;
        let mut names = vec![FINDINGS, HASHES, REFUSALS_CSV, REFUSALS_JSON];
        if rejected {
            write_hashes(&folder, input_name, input_sha256, None)?;
            return Ok(Finished { standard_sha256: None, names });
        }
        let standard_sha256 = standard.finish()?;
        hashes.into_inner()?;
        write_hashes(&folder, input_name, input_sha256, Some(&standard_sha256))?;
        if document_count > 0 {
            publish(DOCUMENTS)?;
            names.push(DOCUMENTS);
        }
        publish(STANDARD)?;
        names.push(STANDARD);
        Ok(Finished { standard_sha256: Some(standard_sha256), names })
    }

    fn write_documents(&mut self, record: &Record) -> io::Result<()> {
        let Some(options) = self.documents else { return Ok(()) };
        let folder = self.folder.join(temporary(DOCUMENTS)).join(record.get("record_no"));
        private_folder(&folder)?;
        let write = |name, options| {
            private_file(&folder.join(name))?.write_all(&hs037::document(record, &options))
        };
        write(FULL_DOCUMENT, options)?;
        self.document_count += 1;
        if record.get("program_code") == terms::PROGRAMME_EMPLOYER {
            let options = DocumentOptions { view: View::Statutory, ..options };
            write(STATUTORY_DOCUMENT, options)?;
            self.document_count += 1;
        }
        Ok(())
    }
}

/// File hashes first, then those of the records, which were collected on the way. Of a file that
/// was rejected there is nothing but its own hash.
fn write_hashes(
    folder: &Path,
    input_name: &str,
    input_sha256: &Sha256Hex,
    standard_sha256: Option<&Sha256Hex>,
) -> io::Result<()> {
    let mut out = csv_writer(private_file(&folder.join(HASHES))?);
    out.write_record(["file", "level", "record_no", "sha256"])?;
    out.write_record([input_name, "file", "", input_sha256.as_str()])?;
    let Some(standard_sha256) = standard_sha256 else {
        close(out)?;
        return Ok(());
    };
    out.write_record([STANDARD, "file", "", standard_sha256.as_str()])?;
    let mut out = close(out)?;
    let mut records = File::open(folder.join(temporary(HASHES)))?;
    io::copy(&mut records, &mut out)?;
    Ok(())
}

fn close(csv: csv::Writer<BufWriter<File>>) -> io::Result<File> {
    let buffered = csv.into_inner().map_err(csv::IntoInnerError::into_error)?;
    Ok(buffered.into_inner()?)
}

impl Files {
    fn open(folder: &Path) -> io::Result<Self> {
        let create = |name| private_file(&folder.join(temporary(name)));
        let mut findings = csv_writer(create(FINDINGS)?);
        findings.write_record(["row", "column", "code", "severity", "value"])?;
        Ok(Self {
            standard: kcsv::Writer::new(BufWriter::new(create(STANDARD)?))?,
            hashes: BufWriter::new(create(HASHES)?),
            findings,
        })
    }
}

fn csv_writer(file: File) -> csv::Writer<BufWriter<File>> {
    csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(BufWriter::new(file))
}

impl Sink for OutputFolder<'_> {
    fn accepted(&mut self, accepted: &Accepted<'_>) -> io::Result<()> {
        let Accepted { record, line, .. } = *accepted;
        self.files.standard.line(line)?;
        let (number, hash) = (record.get("record_no"), kcsv::record_hash(line));
        write!(self.files.hashes, "{STANDARD},record,{number},{hash}{}", kcsv::LINE_END)?;
        self.write_documents(record)
    }

    fn findings(&mut self, findings: &[Finding]) -> io::Result<()> {
        for finding in findings {
            let row = finding.row.to_string();
            let code = finding.code;
            let severity = code.severity().letter();
            let fields = [&row, finding.column.as_str(), code.name(), severity, &finding.value];
            self.files.findings.write_record(fields)?;
            self.refusals.add(finding)?;
            if self.reported.len() < REPORTED_FINDINGS {
                self.reported.push(finding.into());
            } else {
                self.left_out += 1;
            }
        }
        Ok(())
    }

    fn discard(&mut self) -> io::Result<()> {
        remove_temporary(&self.folder)?;
        self.files = Files::open(&self.folder)?;
        self.refusals.discard()?;
        self.reported.clear();
        (self.left_out, self.document_count) = (0, 0);
        Ok(())
    }
}

fn remove_temporary(folder: &Path) -> io::Result<()> {
    for name in [STANDARD, HASHES, FINDINGS] {
        remove_file(&folder.join(temporary(name)))?;
    }
    remove_documents(&folder.join(temporary(DOCUMENTS)))
}

pub(crate) fn remove_file(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

/// Removes the documents of a conversion and the folders that are empty then; anything else that
/// lies there is not ours and stays.
fn remove_documents(folder: &Path) -> io::Result<()> {
    let records = match fs::read_dir(folder) {
        Ok(records) => records,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(error),
    };
    for record in records {
        let record = record?.path();
        let name = record.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        if !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_digit()) {
            remove_file(&record.join(FULL_DOCUMENT))?;
            remove_file(&record.join(STATUTORY_DOCUMENT))?;
            remove_empty(&record)?;
        }
    }
    remove_empty(folder)
}

fn remove_empty(folder: &Path) -> io::Result<()> {
    match fs::remove_dir(folder) {
        Err(error)
            if !matches!(
                error.kind(),
                io::ErrorKind::NotFound | io::ErrorKind::DirectoryNotEmpty
            ) =>
        {
            Err(error)
        }
        _ => Ok(()),
    }
}
