//! Checkup documents as a consumer gets them: as a report, by the rules of the profiles, and as a
//! record, which can be written as a document again.
#![no_main]

use chrono::DateTime;
use libfuzzer_sys::fuzz_target;
use renkei_checkup::hs037::{self, Options, Practice, View};
use std::sync::LazyLock;

static PRACTICE: LazyLock<Practice> = LazyLock::new(Practice::default);

fuzz_target!(|data: &[u8]| {
    if let Ok(report) = hs037::read(data) {
        report.result("bmi");
    }
    if let Ok(bundle) = serde_json::from_slice(data) {
        hs037::check::check(&bundle);
    }
    let Ok(record) = hs037::read_record(data) else { return };
    let created_at = DateTime::UNIX_EPOCH.fixed_offset();
    for view in [View::Full, View::Statutory] {
        let document = hs037::document(
            &record,
            &Options { view, created_at, practice: &PRACTICE, report_no: None },
        );
        hs037::read_record(&document).expect("our own document");
    }
});
