//! The documents made of the sample exports keep the profiles of HS037, and give the record back.

use std::io;

use chrono::{DateTime, NaiveDate};
use renkei_checkup::hs037::check::check;
use renkei_checkup::hs037::{self, Options, View, carried, read_record};
use renkei_source_adapter::{
    Accepted, Finding, Mapping, Mode, Rules, Sample, Sink, convert, samples,
};

/// Checks the documents of each row.
struct Checked<'a> {
    mapping: &'a Mapping,
    documents: usize,
}

impl Sink for Checked<'_> {
    fn accepted(&mut self, accepted: &Accepted<'_>) -> io::Result<()> {
        let created_at = DateTime::parse_from_rfc3339("2025-06-20T10:15:30+09:00").unwrap();
        for view in [View::Full, View::Statutory] {
            let practice = self.mapping.practice();
            let options = Options { view, created_at, practice, report_no: None };
            let document = hs037::document(accepted.record, &options);
            assert_eq!(read_record(&document).unwrap(), carried(accepted.record, view));
            let broken = check(&serde_json::from_slice(&document).unwrap());
            assert_eq!(broken, []);
            self.documents += 1;
        }
        Ok(())
    }

    fn findings(&mut self, _: &[Finding]) -> io::Result<()> {
        Ok(())
    }

    fn discard(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[test]
fn documents_of_the_samples_keep_the_profile() {
    let as_of = NaiveDate::from_ymd_opt(2025, 12, 31).unwrap();
    let rules = Rules { mode: Mode::RejectRow, as_of };
    let mut documents = 0;
    for export in samples().iter().filter(|sample| sample.name.ends_with(".csv")) {
        let map = Sample::find(export.institution, "map.toml").unwrap();
        let map = std::str::from_utf8(map.bytes).unwrap();
        let mapping = Mapping::read("map.toml", map).unwrap_or_else(|errors| panic!("{errors}"));
        let mut checked = Checked { mapping: &mapping, documents: 0 };
        convert(|| Ok(export.bytes), &mapping, &rules, &mut checked).unwrap();
        documents += checked.documents;
    }
    assert!(documents > 50, "{documents}");
}
