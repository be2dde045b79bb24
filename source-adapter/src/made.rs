//! The documents of a record: one maker for what `convert` writes and what `submit` sends.

use chrono::{DateTime, FixedOffset};
use renkei_checkup::practice::Practice;
use renkei_checkup::{Record, cda, hs037, kcsv, terms};

/// A kind of document.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// The person's row of the institution's export.
    Source,
    /// The standard CSV record.
    Kcsv,
    /// The HS037 Bundle with everything.
    Hs037,
    /// The HS037 Bundle with the statutory items.
    Hs037Statutory,
    /// The 特定健診 CDA document.
    Cda,
}

/// A row, converted.
#[derive(Clone, Copy)]
pub(crate) struct Row<'r> {
    pub(crate) record: &'r Record,
    /// The institution's own number of the checkup.
    pub(crate) report_no: Option<&'r str>,
    /// The original in parts that follow one another: header and row as they were exported.
    pub(crate) source: [&'r [u8]; 2],
}

/// Makes documents, row after row in the same buffers.
pub(crate) struct Maker<'a> {
    created_at: DateTime<FixedOffset>,
    practice: &'a Practice,
    contents: Vec<Content>,
    shortened: cda::Shortened,
}

/// A document that a row may have.
struct Content {
    kind: Kind,
    /// Whether the row has it.
    made: bool,
    bytes: Vec<u8>,
}

impl<'a> Maker<'a> {
    /// Makes documents of these kinds, in this order.
    pub(crate) fn new(
        kinds: &[Kind],
        created_at: DateTime<FixedOffset>,
        practice: &'a Practice,
    ) -> Self {
        let content = |kind: &Kind| Content { kind: *kind, made: false, bytes: Vec::new() };
        let contents = kinds.iter().map(content).collect();
        Self { created_at, practice, contents, shortened: cda::Shortened::default() }
    }

    /// Makes the documents that a row has: the one with the statutory items for 事業者健診, the CDA for
    /// the programmes of that form, the others always.
    pub(crate) fn make(&mut self, row: &Row<'_>) {
        self.shortened.0.clear();
        let mut contents = std::mem::take(&mut self.contents);
        for Content { kind, made, bytes } in &mut contents {
            bytes.clear();
            *made = self.write(*kind, row, bytes);
        }
        self.contents = contents;
    }

    fn write(&mut self, kind: Kind, row: &Row<'_>, out: &mut Vec<u8>) -> bool {
        let Row { record, report_no, source } = *row;
        let (created_at, practice) = (self.created_at, self.practice);
        let mut hs037 = |view| {
            hs037::write(record, &hs037::Options { view, created_at, practice, report_no }, out);
        };
        match kind {
            Kind::Source => source.iter().for_each(|part| out.extend_from_slice(part)),
            Kind::Kcsv => out.extend_from_slice(kcsv::document(record).as_bytes()),
            Kind::Hs037 => hs037(hs037::View::Full),
            Kind::Hs037Statutory => {
                if record.get("program_code") != terms::PROGRAMME_EMPLOYER {
                    return false;
                }
                hs037(hs037::View::Statutory);
            }
            Kind::Cda => {
                let options = cda::Options { created_on: created_at.date_naive(), practice };
                let Some(shortened) = cda::write(record, &options, out) else { return false };
                self.shortened = shortened;
            }
        }
        true
    }

    /// The documents of the row made last.
    pub(crate) fn documents(&self) -> impl Iterator<Item = (Kind, &[u8])> {
        self.contents.iter().filter(|content| content.made).map(|c| (c.kind, c.bytes.as_slice()))
    }

    /// The same, to be kept.
    pub(crate) fn into_documents(self) -> impl Iterator<Item = (Kind, Vec<u8>)> {
        self.contents.into_iter().filter(|content| content.made).map(|c| (c.kind, c.bytes))
    }

    /// Of which items the CDA document of that row says less than the record.
    pub(crate) fn shortened(&self) -> &[&'static str] {
        &self.shortened.0
    }
}
