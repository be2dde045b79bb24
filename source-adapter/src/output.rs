//! The files of a conversion. They grow under temporary names and get their own only when they may
//! be used; whatever is left over is removed.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use chrono::{DateTime, FixedOffset};
use renkei_checkup::hash::Sha256Hex;
use renkei_checkup::kcsv;

use crate::convert::{Accepted, Sink};
use crate::documents::{self, Documents};
use crate::file_set::{self, FileSet, FileSetOptions, FileSets};
use crate::findings::{Finding, RefusedRow};
use crate::mapping::Mapping;
use crate::private::{self, temporary};
use crate::refusals::{REFUSALS_CSV, REFUSALS_JSON, Refusals};
use crate::shortened::{Shortened, ShortenedItem};

/// The standard CSV.
pub const STANDARD: &str = "standard.csv";
/// The findings.
pub const FINDINGS: &str = "findings.csv";
/// The hashes.
pub const HASHES: &str = "hashes.csv";
/// One folder per record.
pub const DOCUMENTS: &str = "documents";
/// Archives to send, while they grow; each has a name of its own.
const FILE_SETS: &str = "file-sets";

/// Octets of the standard CSV that are written at once.
const WRITTEN_AT_ONCE: usize = 128 * 1024;

/// Findings a report lists, a fixed bound; findings.csv has all of them.
pub const REPORTED_FINDINGS: usize = 1000;

/// What is written of each record besides its line.
pub(crate) struct Extras<'a> {
    pub(crate) created_at: DateTime<FixedOffset>,
    pub(crate) mapping: &'a Mapping,
    pub(crate) documents: bool,
    pub(crate) file_set: Option<&'a FileSetOptions>,
}

impl<'a> Extras<'a> {
    fn documents(&self, folder: &Path) -> Option<Documents<'a>> {
        let folder = folder.join(temporary(DOCUMENTS));
        let practice = self.mapping.practice();
        self.documents.then(|| Documents::new(folder, self.created_at, practice))
    }

    fn file_sets(&self, folder: &Path) -> Option<FileSets<'a>> {
        self.file_set.map(|options| FileSets {
            folder: folder.join(temporary(FILE_SETS)),
            options,
            delivery: options.delivery(self.created_at.date_naive()),
            practice: self.mapping.practice(),
            begun: BTreeMap::new(),
            left_out: 0,
            other_insurer: 0,
            shortened: Shortened::default(),
            document: Vec::new(),
        })
    }
}

/// The folder of one conversion, while it runs.
pub(crate) struct OutputFolder<'a> {
    folder: PathBuf,
    extras: Extras<'a>,
    files: Files,
    documents: Option<Documents<'a>>,
    file_sets: Option<FileSets<'a>>,
    refusals: Refusals,
    /// The findings of the file as a whole, which stand before those of its rows.
    of_file: Vec<Finding>,
    /// The first findings, for the report.
    pub(crate) reported: Vec<RefusedRow>,
    /// How many more there are.
    pub(crate) left_out: u64,
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
#[derive(Default)]
pub(crate) struct Finished {
    /// Hash of the standard CSV; none when the file was rejected.
    pub(crate) standard_sha256: Option<Sha256Hex>,
    /// HS037 documents written.
    pub(crate) documents: u64,
    /// Archives written.
    pub(crate) file_sets: Vec<FileSet>,
    /// Records of programmes that have no CDA form, when archives were asked for.
    pub(crate) without_cda: u64,
    /// Records in archives for an insurer whose people are insured with another one.
    pub(crate) other_insurer: u64,
    /// What the 特定健診 documents say less than their records.
    pub(crate) shortened: Vec<ShortenedItem>,
    /// Names of the files and folders.
    pub(crate) names: Vec<String>,
}

struct Files {
    standard: kcsv::Writer<BufWriter<File>>,
    hashes: BufWriter<File>,
    findings: csv::Writer<BufWriter<File>>,
}

impl<'a> OutputFolder<'a> {
    /// Makes the folder, removes what an earlier conversion left in it, opens the files.
    pub(crate) fn open(folder: &Path, extras: Extras<'a>) -> io::Result<Self> {
        private::folder(folder)?;
        for name in [STANDARD, HASHES, FINDINGS] {
            private::remove_file(&folder.join(name))?;
        }
        documents::remove(&folder.join(DOCUMENTS))?;
        let file_sets = extras.file_sets(folder);
        if let Some(file_sets) = &file_sets {
            file_sets.remove_earlier(folder)?;
        }
        remove_temporary(folder)?;
        Ok(Self {
            folder: folder.to_owned(),
            files: Files::open(folder, extras.mapping)?,
            of_file: Vec::new(),
            refusals: Refusals::open(folder, extras.mapping)?,
            documents: extras.documents(folder),
            file_sets,
            extras,
            reported: Vec::new(),
            left_out: 0,
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
        let Self { folder, files, refusals, of_file, documents, file_sets, _leftovers, .. } = self;
        let Files { standard, hashes, findings } = files;
        let publish =
            |name: &str| private::rename(&folder.join(temporary(name)), &folder.join(name));
        close(findings)?;
        if !of_file.is_empty() {
            let titles = findings_csv(&[], true)?.len();
            private::insert(
                &folder.join(temporary(FINDINGS)),
                titles,
                &findings_csv(&of_file, false)?,
            )?;
        }
        publish(FINDINGS)?;
        refusals.publish()?;
        let mut finished = Finished::default();
        finished.names.extend([FINDINGS, HASHES, REFUSALS_CSV, REFUSALS_JSON].map(str::to_owned));
        if rejected {
            write_hashes(&folder, input_name, input_sha256, None)?;
            return Ok(finished);
        }
        let standard_sha256 = standard.finish()?;
        hashes.into_inner()?;
        write_hashes(&folder, input_name, input_sha256, Some(&standard_sha256))?;
        finished.standard_sha256 = Some(standard_sha256);
        if let Some(documents) = documents {
            finished.documents = documents.count;
            finished.shortened = documents.shortened.into_items();
        }
        if finished.documents > 0 {
            publish(DOCUMENTS)?;
            finished.names.push(DOCUMENTS.to_owned());
        }
        if let Some(mut file_sets) = file_sets {
            finished.without_cda = file_sets.left_out;
            finished.other_insurer = file_sets.other_insurer;
            file_sets.finish()?;
            // documents and archives hold the same
            if finished.shortened.is_empty() {
                finished.shortened = std::mem::take(&mut file_sets.shortened).into_items();
            }
            finished.file_sets = file_sets.publish(&folder)?;
            finished.names.extend(finished.file_sets.iter().map(|set| set.folder.clone()));
        }
        publish(STANDARD)?;
        finished.names.push(STANDARD.to_owned());
        Ok(finished)
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
    let mut out = csv_writer(private::file(&folder.join(HASHES))?);
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
    fn open(folder: &Path, mapping: &Mapping) -> io::Result<Self> {
        let create = |name| private::file(&folder.join(temporary(name)));
        let mut findings = csv_writer(create(FINDINGS)?);
        findings.write_record(FINDING_COLUMNS)?;
        Ok(Self {
            standard: kcsv::Writer::new(
                BufWriter::with_capacity(WRITTEN_AT_ONCE, create(STANDARD)?),
                mapping.own_items(),
            )?,
            hashes: BufWriter::new(create(HASHES)?),
            findings,
        })
    }
}

const FINDING_COLUMNS: [&str; 5] = ["row", "column", "code", "severity", "value"];

fn write_finding<W: Write>(csv: &mut csv::Writer<W>, finding: &Finding) -> io::Result<()> {
    let (row, code) = (finding.row.to_string(), finding.code);
    let severity = code.severity().letter();
    csv.write_record([&row, finding.column.as_str(), code.name(), severity, &finding.value])?;
    Ok(())
}

/// Lines of findings.csv.
fn findings_csv(findings: &[Finding], titles: bool) -> io::Result<Vec<u8>> {
    let mut csv =
        csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(Vec::new());
    if titles {
        csv.write_record(FINDING_COLUMNS)?;
    }
    for finding in findings {
        write_finding(&mut csv, finding)?;
    }
    csv.into_inner().map_err(csv::IntoInnerError::into_error)
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
        if let Some(documents) = &mut self.documents {
            documents.write(accepted)?;
        }
        if let Some(file_sets) = &mut self.file_sets
            && let Some((path, hash)) = file_sets.write(record)?
        {
            write!(self.files.hashes, "{path},document,{number},{hash}{}", kcsv::LINE_END)?;
        }
        Ok(())
    }

    fn findings(&mut self, findings: &[Finding]) -> io::Result<()> {
        for finding in findings {
            write_finding(&mut self.files.findings, finding)?;
            self.refusals.add(finding)?;
            if self.reported.len() < REPORTED_FINDINGS {
                self.reported.push(finding.into());
            } else {
                self.left_out += 1;
            }
        }
        Ok(())
    }

    fn file_findings(&mut self, findings: &[Finding]) -> io::Result<()> {
        self.refusals.add_of_file(findings)?;
        self.of_file = findings.to_vec();
        let told = findings.len().min(REPORTED_FINDINGS);
        self.reported.splice(0..0, findings.iter().take(told).map(RefusedRow::from));
        let surplus = self.reported.len().saturating_sub(REPORTED_FINDINGS);
        self.reported.truncate(REPORTED_FINDINGS);
        self.left_out += (findings.len() - told + surplus) as u64;
        Ok(())
    }

    fn discard(&mut self) -> io::Result<()> {
        remove_temporary(&self.folder)?;
        self.files = Files::open(&self.folder, self.extras.mapping)?;
        self.of_file.clear();
        self.refusals.discard()?;
        self.documents = self.extras.documents(&self.folder);
        self.file_sets = self.extras.file_sets(&self.folder);
        self.reported.clear();
        self.left_out = 0;
        Ok(())
    }
}

fn remove_temporary(folder: &Path) -> io::Result<()> {
    for name in [STANDARD, HASHES, FINDINGS] {
        private::remove_file(&folder.join(temporary(name)))?;
    }
    documents::remove(&folder.join(temporary(DOCUMENTS)))?;
    file_set::remove_temporary(&folder.join(temporary(FILE_SETS)))
}
