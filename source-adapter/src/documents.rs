//! The documents of each record, in a folder named after its number.

use std::io;
use std::path::{Path, PathBuf};

use chrono::{DateTime, FixedOffset};
use renkei_checkup::practice::Practice;

use crate::convert::Accepted;
use crate::made::{Kind, Maker, Row};
use crate::private;
use crate::shortened::Shortened;

/// The whole checkup as HS037.
pub const FULL_DOCUMENT: &str = "hs037.json";
/// The statutory items as HS037.
pub const STATUTORY_DOCUMENT: &str = "hs037-stat.json";
/// The checkup in the 特定健診 form, for programmes that have one.
pub const CDA_DOCUMENT: &str = "cda.xml";
/// The row as the institution exported it, below its header.
pub const SOURCE_DOCUMENT: &str = "source.csv";

const ALL: [&str; 4] = [FULL_DOCUMENT, STATUTORY_DOCUMENT, CDA_DOCUMENT, SOURCE_DOCUMENT];

/// The kinds that are written, each under its name.
const KINDS: [Kind; 4] = [Kind::Hs037, Kind::Hs037Statutory, Kind::Cda, Kind::Source];

/// Writes the documents of the records.
pub(crate) struct Documents<'a> {
    folder: PathBuf,
    maker: Maker<'a>,
    /// HS037 documents written.
    pub(crate) count: u64,
    /// What the 特定健診 documents say less than their records.
    pub(crate) shortened: Shortened,
}

impl<'a> Documents<'a> {
    pub(crate) fn new(
        folder: PathBuf,
        created_at: DateTime<FixedOffset>,
        practice: &'a Practice,
    ) -> Self {
        let maker = Maker::new(&KINDS, created_at, practice);
        Self { folder, maker, count: 0, shortened: Shortened::default() }
    }

    pub(crate) fn write(&mut self, accepted: &Accepted<'_>) -> io::Result<()> {
        let Accepted { record, source, report_no, .. } = *accepted;
        let (report_no, source) = (Some(report_no), [source.header, source.row]);
        self.maker.make(&Row { record, report_no, source });
        let mut path = self.folder.join(record.get("record_no"));
        private::folder(&path)?;
        for (kind, content) in self.maker.documents() {
            path.push(name(kind));
            private::write(&path, content)?;
            path.pop();
            self.count += u64::from(matches!(kind, Kind::Hs037 | Kind::Hs037Statutory));
        }
        self.shortened.add(self.maker.shortened(), record);
        Ok(())
    }
}

fn name(kind: Kind) -> &'static str {
    match kind {
        Kind::Hs037 => FULL_DOCUMENT,
        Kind::Hs037Statutory => STATUTORY_DOCUMENT,
        Kind::Cda => CDA_DOCUMENT,
        Kind::Source => SOURCE_DOCUMENT,
        // the records have a file for all of them
        Kind::Kcsv => crate::output::STANDARD,
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
