//! Exports of checkup systems, converted by the mapping of the sample; what is accepted becomes
//! documents that the consumer's readers take, and its bytes, which lie in the file one behind the
//! other, are an export of this row alone.
#![no_main]

use chrono::{DateTime, NaiveDate};
use libfuzzer_sys::fuzz_target;
use renkei_checkup::cda;
use renkei_checkup::hs037::{self, Options, Practice, View};
use renkei_soap::xml::{Reader, XmlLimits};
use renkei_source_adapter::findings::Finding;
use renkei_source_adapter::{Accepted, Mapping, Mode, Rules, Sink, convert, samples};
use std::io;
use std::sync::LazyLock;

static MAPPING: LazyLock<Mapping> = LazyLock::new(|| {
    let file = samples().iter().find(|s| s.name == "map.toml").expect("the sample's mapping");
    let text = renkei_fuzz::text(file.bytes).expect("UTF-8");
    Mapping::read(file.name, text).expect("the sample's mapping")
});

/// The header line of the sample, which a fuzzer would not find.
static HEADER: LazyLock<Vec<u8>> = LazyLock::new(|| {
    let file = samples().iter().find(|s| s.name == "2023.csv").expect("the sample's export");
    file.bytes.split_inclusive(|b| *b == b'\n').next().unwrap_or_default().to_vec()
});

struct Documents<'a> {
    practice: &'a Practice,
    /// The file behind the rows that came.
    rest: &'a [u8],
    /// The whole file.
    file: &'a [u8],
}

impl Sink for Documents<'_> {
    fn accepted(&mut self, accepted: &Accepted<'_>) -> io::Result<()> {
        let row = accepted.source.row;
        let place = self.rest.windows(row.len()).position(|bytes| bytes == row);
        self.rest = &self.rest[place.expect("bytes of the file") + row.len()..];
        let document = accepted.source.document();
        let alone = convert(|| Ok(&*document), &MAPPING, &rules(), &mut ());
        assert_eq!(alone.expect("an export").accepted, 1);
        let created_at = DateTime::UNIX_EPOCH.fixed_offset();
        for view in [View::Full, View::Statutory] {
            let document = hs037::document(
                accepted.record,
                &Options { view, created_at, practice: self.practice, report_no: None },
            );
            hs037::read(&document).expect("our own document");
        }
        let options = cda::Options { created_on: created_at.date_naive(), practice: self.practice };
        if let Some(document) = cda::document(accepted.record, &options) {
            let text = renkei_fuzz::text(&document).expect("UTF-8");
            let mut reader = Reader::new(text, XmlLimits::default());
            reader.root().expect("our own document");
            reader.finish().expect("our own document");
        }
        Ok(())
    }

    fn findings(&mut self, findings: &[Finding]) -> io::Result<()> {
        for finding in findings {
            assert!(!finding.ja().is_empty() && !finding.en().is_empty());
        }
        Ok(())
    }

    fn discard(&mut self) -> io::Result<()> {
        self.rest = self.file;
        Ok(())
    }
}

fn rules() -> Rules {
    let as_of = NaiveDate::from_ymd_opt(2026, 4, 1).expect("a day");
    Rules { mode: Mode::RejectRow, as_of }
}

fuzz_target!(|data: &[u8]| {
    let file = [HEADER.as_slice(), data].concat();
    let mut sink = Documents { practice: MAPPING.practice(), rest: &file, file: &file };
    let _ = convert(|| Ok(file.as_slice()), &MAPPING, &rules(), &mut sink);
});
