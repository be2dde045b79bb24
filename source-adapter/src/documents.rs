//! The documents of each record, in a folder named after its number.

use std::io;
use std::path::{Path, PathBuf};

use chrono::{DateTime, FixedOffset};
use renkei_checkup::practice::Practice;
use renkei_checkup::{cda, hs037, terms};

use crate::convert::Accepted;
use crate::private;

/// The whole checkup as HS037.
pub const FULL_DOCUMENT: &str = "hs037.json";
/// The statutory items as HS037.
pub const STATUTORY_DOCUMENT: &str = "hs037-stat.json";
/// The checkup in the 特定健診 form, for programmes that have one.
pub const CDA_DOCUMENT: &str = "cda.xml";
/// The row as the institution exported it, below its header.
pub const SOURCE_DOCUMENT: &str = "source.csv";

const ALL: [&str; 4] = [FULL_DOCUMENT, STATUTORY_DOCUMENT, CDA_DOCUMENT, SOURCE_DOCUMENT];

/// Writes the documents of the records.
pub(crate) struct Documents<'a> {
    pub(crate) folder: PathBuf,
    pub(crate) created_at: DateTime<FixedOffset>,
    pub(crate) practice: &'a Practice,
    /// HS037 documents written.
    pub(crate) count: u64,
}

impl Documents<'_> {
    pub(crate) fn write(&mut self, accepted: &Accepted<'_>) -> io::Result<()> {
        let record = accepted.record;
        let folder = self.folder.join(record.get("record_no"));
        private::folder(&folder)?;
        let hs037 = |view| {
            let (created_at, practice) = (self.created_at, self.practice);
            hs037::document(record, &hs037::Options { view, created_at, practice, report_no: None })
        };
        private::write(&folder.join(FULL_DOCUMENT), &hs037(hs037::View::Full))?;
        self.count += 1;
        if record.get("program_code") == terms::PROGRAMME_EMPLOYER {
            let path = folder.join(STATUTORY_DOCUMENT);
            private::write(&path, &hs037(hs037::View::Statutory))?;
            self.count += 1;
        }
        let created_on = self.created_at.date_naive();
        let options = cda::Options { created_on, practice: self.practice };
        if let Some(document) = cda::document(record, &options) {
            private::write(&folder.join(CDA_DOCUMENT), &document)?;
        }
        private::write(&folder.join(SOURCE_DOCUMENT), &accepted.source.document())
    }
}

/// Removes the documents of a conversion and the folders that are empty then; anything else that
/// lies there is not ours and stays.
pub(crate) fn remove(folder: &Path) -> io::Result<()> {
    for (name, record) in private::entries(folder)? {
        if !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_digit()) {
            private::remove_ours(&record, |name| ALL.contains(&name))?;
        }
    }
    private::remove_empty(folder)
}
