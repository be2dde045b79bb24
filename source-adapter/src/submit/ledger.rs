//! `records.csv`: what became of each record, and under which id the affinity domain knows the person.

use super::notices::CloseCheckup;
use super::outcome::{Done, Failure};
use crate::private::{self, temporary};
use std::fs::File;
use std::io::{self, BufWriter};
use std::path::{Path, PathBuf};

/// The file.
pub const RECORDS: &str = "records.csv";

/// Its columns; the last two are what is to be looked at ([`super::Notices`]).
const COLUMNS: [&str; 8] = [
    "record_no",
    "patient_id",
    "patient",
    "outcome",
    "documents",
    "code",
    "close_checkups",
    "other_patients",
];

/// The file while it grows; it gets its name when [`Self::publish`] is called.
pub(super) struct Ledger {
    folder: PathBuf,
    csv: csv::Writer<BufWriter<File>>,
}

impl Ledger {
    /// Opens it in a folder, which is made if needed; that of an earlier run goes.
    pub(super) fn open(folder: &Path) -> io::Result<Self> {
        private::folder(folder)?;
        private::remove_file(&folder.join(RECORDS))?;
        let file = BufWriter::new(private::file(&folder.join(temporary(RECORDS)))?);
        let mut csv = csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(file);
        csv.write_record(COLUMNS)?;
        Ok(Self { folder: folder.to_owned(), csv })
    }

    /// Adds a record.
    pub(super) fn add(&mut self, done: &Done) -> io::Result<()> {
        let (patient, documents, code) = match &done.outcome {
            Ok(present) => (present.patient.to_string(), present.sent, ""),
            Err(failures) => (String::new(), 0, code(failures)),
        };
        let documents = documents.to_string();
        let close: Vec<String> = done.notices.close.iter().map(CloseCheckup::short).collect();
        let others: Vec<&str> = done.notices.changed.iter().map(|c| &*c.other_patient).collect();
        let (close, others) = (close.join("; "), others.join("; "));
        let Done { record_no, person, .. } = done;
        let word = done.word();
        Ok(self
            .csv
            .write_record([record_no, person, &patient, word, &documents, code, &close, &others])?)
    }

    /// Gives the file its name.
    pub(super) fn publish(self) -> io::Result<()> {
        self.csv.into_inner().map_err(csv::IntoInnerError::into_error)?.into_inner()?;
        private::rename(&self.folder.join(temporary(RECORDS)), &self.folder.join(RECORDS))
    }
}

fn code(failures: &[Failure]) -> &str {
    failures.first().map_or("", |failure| &failure.code)
}
