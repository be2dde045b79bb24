//! The 特定健診 files of a conversion, as archives to send (送付用アーカイブ): one folder for each
//! institution and 実施区分 with the exchange index, the summary and a CDA document per record.

use std::collections::BTreeMap;
use std::fmt;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use chrono::NaiveDate;
use renkei_checkup::archive::{
    self, Archive, ArchiveError, Delivery, Party, PartyKind, Sequence, ServiceEvent,
};
use renkei_checkup::hash::Sha256Hex;
use renkei_checkup::practice::Practice;
use renkei_checkup::programmes::programmes;
use renkei_checkup::{Record, cda};
use serde::Serialize;

use crate::private;
use crate::shortened::Shortened;

/// The schema files an archive refers to; more may lie beside them.
const SCHEMA_FILES: [&str; 8] = [
    "ix08_V08.xsd",
    "su08_V08.xsd",
    "co08_V08.xsd",
    "hc08_V08.xsd",
    "coreschemas/datatypes_hcgv08.xsd",
    "coreschemas/datatypes-base_hcgv08.xsd",
    "coreschemas/narrativeBlock_hcgv08.xsd",
    "coreschemas/voc_hcgv08.xsd",
];
const CORE_SCHEMAS: &str = "coreschemas";

/// A file set as somebody asks for it.
#[derive(Clone, Debug, Default)]
pub struct FileSetRequest {
    /// Number of the receiver.
    pub receiver: String,
    /// What the receiver is; by the length of its number when not given.
    pub receiver_kind: Option<PartyKind>,
    /// Number of the delivery on its day.
    pub sequence: u32,
    /// 実施区分; that of the programme when not given.
    pub service_event: Option<u32>,
    /// Leave the summary out.
    pub results_only: bool,
    /// Folder of the ministry's schema files, to copy.
    pub schemas: Option<PathBuf>,
}

/// Why there can be no archive.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FileSetError {
    /// A number that does not fit, of the request or of a record.
    #[error(transparent)]
    Archive(#[from] ArchiveError),
    /// A folder that does not hold the schema files.
    #[error(
        "{} has no {file}; give the folder of the schema files of version 8 / \
         {} に {file} がありません。第8版スキーマのフォルダーを指定してください",
        folder.display(), folder.display()
    )]
    Schema {
        /// The folder.
        folder: PathBuf,
        /// What is missing.
        file: &'static str,
    },
    /// Where an archive of this delivery would be made, files lie that no conversion made.
    #[error(
        "{} holds files that no conversion made; move them away or take another --sequence / \
         {} に変換以外で置かれたファイルがあります。移動するか、同日送信回数を変えてください",
        folder.display(), folder.display()
    )]
    Occupied {
        /// The folder.
        folder: PathBuf,
    },
}

impl From<FileSetError> for io::Error {
    /// As a [`crate::Sink`] gives it; [`FileSetError::inside`] takes it out again.
    fn from(error: FileSetError) -> Self {
        Self::other(error)
    }
}

impl FileSetError {
    /// The error inside, if it is one of these; else the error as it was.
    pub(crate) fn inside(error: io::Error) -> Result<Self, io::Error> {
        error.downcast()
    }
}

/// Everything that is wrong with a request; never empty.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub struct FileSetErrors(Vec<FileSetError>);

impl fmt::Display for FileSetErrors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let lines: Vec<String> = self.0.iter().map(ToString::to_string).collect();
        f.write_str(&lines.join("\n"))
    }
}

/// A file set that can be made.
#[derive(Clone, Debug)]
pub struct FileSetOptions {
    receiver: Party,
    sequence: Sequence,
    service_event: Option<ServiceEvent>,
    results_only: bool,
    schemas: Option<PathBuf>,
}

impl FileSetOptions {
    /// Checks a request.
    ///
    /// # Errors
    /// With everything that is wrong: numbers that do not fit, schema files that are missing.
    pub fn check(request: FileSetRequest) -> Result<Self, FileSetErrors> {
        let mut errors = Vec::new();
        let receiver = noted(&mut errors, Party::parse(&request.receiver, request.receiver_kind));
        let sequence = noted(&mut errors, Sequence::new(request.sequence));
        let service_event = request.service_event.map(ServiceEvent::new).transpose();
        let service_event = noted(&mut errors, service_event);
        if let Some(folder) = &request.schemas {
            let missing = SCHEMA_FILES.into_iter().filter(|file| !folder.join(file).is_file());
            let error = |file| FileSetError::Schema { folder: folder.clone(), file };
            errors.extend(missing.map(error));
        }
        match (receiver, sequence, service_event) {
            (Some(receiver), Some(sequence), Some(service_event)) if errors.is_empty() => {
                let (results_only, schemas) = (request.results_only, request.schemas);
                Ok(Self { receiver, sequence, service_event, results_only, schemas })
            }
            _ => Err(FileSetErrors(errors)),
        }
    }

    /// What is made on a day.
    pub(crate) fn delivery(&self, created_on: NaiveDate) -> Delivery {
        Delivery { receiver: self.receiver.clone(), created_on, sequence: self.sequence }
    }
}

fn noted<T>(errors: &mut Vec<FileSetError>, result: Result<T, ArchiveError>) -> Option<T> {
    result.map_err(|error| errors.push(error.into())).ok()
}

/// One archive that was made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct FileSet {
    /// Its folder.
    pub folder: String,
    /// Records in it.
    pub records: u32,
}

/// Writes the archives of a conversion, record by record.
pub(crate) struct FileSets<'a> {
    /// Where they lie while they grow.
    pub(crate) folder: PathBuf,
    pub(crate) options: &'a FileSetOptions,
    pub(crate) delivery: Delivery,
    pub(crate) practice: &'a Practice,
    /// The archives begun, each with its records, by folder name.
    pub(crate) begun: BTreeMap<String, (Archive, u32)>,
    /// Records of programmes that have no CDA form.
    pub(crate) left_out: u64,
    /// Records of people insured elsewhere than with the insurer that receives them.
    pub(crate) other_insurer: u64,
    /// What the documents say less than their records.
    pub(crate) shortened: Shortened,
    /// The document being written.
    pub(crate) document: Vec<u8>,
}

impl FileSets<'_> {
    /// Writes a record's document; gives back where and its hash, or nothing for a programme that
    /// has no form.
    pub(crate) fn write(&mut self, record: &Record) -> io::Result<Option<(String, Sha256Hex)>> {
        let options =
            cda::Options { created_on: self.delivery.created_on, practice: self.practice };
        let Some(shortened) = cda::write(record, &options, &mut self.document) else {
            self.left_out += 1;
            return Ok(None);
        };
        self.shortened.add(&shortened.0, record);
        if self.delivery.receiver.is_other_insurer(record.get("insurer_no")) {
            self.other_insurer += 1;
        }
        let archive = self.archive(record).map_err(FileSetError::Archive)?;
        let name = archive.folder_name();
        let data = format!("{name}/{}", archive::DATA);
        let (archive, records) = self.begun.entry(name).or_insert((archive, 0));
        if *records == 0 {
            private::folder(&self.folder.join(&data))?;
        }
        let file = archive.checkup_file_name(*records + 1).map_err(FileSetError::Archive)?;
        let path = format!("{data}/{file}");
        private::write(&self.folder.join(&path), &self.document)?;
        *records += 1;
        Ok(Some((path, Sha256Hex::of(&self.document))))
    }

    /// The archive a record belongs to.
    fn archive(&self, record: &Record) -> Result<Archive, ArchiveError> {
        let sender = Party::institution(record.get("inst_no"))?;
        let programme = record.get("program_code");
        let of_programme = || {
            let row = programmes().get(programme).and_then(|row| row.service_event);
            let programme = programme.to_owned();
            let event = row.ok_or(ArchiveError::NoServiceEvent { programme })?;
            ServiceEvent::new(event.into())
        };
        let event = self.options.service_event.map_or_else(of_programme, Ok)?;
        Ok(Archive { sender, delivery: self.delivery.clone(), service_event: event })
    }

    /// Writes what each archive has besides its records.
    pub(crate) fn finish(&self) -> io::Result<()> {
        for (name, (archive, records)) in &self.begun {
            let folder = self.folder.join(name);
            private::write(&folder.join(archive::INDEX), &archive.index(*records))?;
            if !self.options.results_only {
                private::write(&folder.join(archive::SUMMARY), &archive.summary(*records))?;
            }
            if let Some(schemas) = &self.options.schemas {
                let to = folder.join(archive::SCHEMAS);
                copy_schemas(schemas, &to)?;
                copy_schemas(&schemas.join(CORE_SCHEMAS), &to.join(CORE_SCHEMAS))?;
            }
        }
        Ok(())
    }

    /// Gives the archives their places in the output folder.
    pub(crate) fn publish(self, out: &Path) -> io::Result<Vec<FileSet>> {
        let mut made = Vec::new();
        for (name, (_, records)) in self.begun {
            private::rename(&self.folder.join(&name), &out.join(&name))?;
            made.push(FileSet { folder: name, records });
        }
        Ok(made)
    }

    /// Removes what an earlier conversion made of the same delivery; told now when something else
    /// would be in the way of the archives in the end.
    pub(crate) fn remove_earlier(&self, out: &Path) -> io::Result<()> {
        for (name, folder) in private::entries(out)? {
            if self.delivery.has_folder(&name) {
                remove_archive(&folder)?;
                if folder.exists() {
                    return Err(FileSetError::Occupied { folder }.into());
                }
            }
        }
        Ok(())
    }
}

fn copy_schemas(from: &Path, to: &Path) -> io::Result<()> {
    private::folder(to)?;
    for (name, path) in private::entries(from)? {
        if is_schema(&name) && path.is_file() {
            io::copy(&mut fs::File::open(path)?, &mut private::file(&to.join(name))?)?;
        }
    }
    Ok(())
}

fn is_schema(name: &str) -> bool {
    Path::new(name).extension().is_some_and(|extension| extension == "xsd")
}

/// Removes the archives that were being made.
pub(crate) fn remove_temporary(folder: &Path) -> io::Result<()> {
    for (_, archive) in private::entries(folder)? {
        remove_archive(&archive)?;
    }
    private::remove_empty(folder)
}

/// Removes the files of an archive and the folders that are empty then; anything else stays.
fn remove_archive(folder: &Path) -> io::Result<()> {
    let schemas = folder.join(archive::SCHEMAS);
    private::remove_ours(&folder.join(archive::DATA), archive::is_checkup_file)?;
    private::remove_ours(&schemas.join(CORE_SCHEMAS), is_schema)?;
    private::remove_ours(&schemas, is_schema)?;
    private::remove_ours(folder, |name| matches!(name, archive::INDEX | archive::SUMMARY))
}
