//! Metadata updates: what is read is read the same when written again, in both transactions.
#![no_main]

use libfuzzer_sys::fuzz_target;
use renkei_metadata::codes::{CodeList, default_xml};
use renkei_metadata::finding::Finding;
use renkei_metadata::rules;
use renkei_soap::xml::Writer;
use renkei_xds::{iti57, iti92};
use std::sync::LazyLock;

static CODES: LazyLock<CodeList> =
    LazyLock::new(|| CodeList::read(default_xml()).expect("our own code list"));

fuzz_target!(|data: &[u8]| {
    let Some(text) = renkei_fuzz::text(data) else { return };
    let read = [
        renkei_fuzz::inside(text, iti57::read_request),
        renkei_fuzz::inside(text, iti92::read_request),
    ];
    for (n, read) in read.into_iter().enumerate() {
        let Some(Ok(checked)) = read else { return };
        let Some(update) = &checked.value else {
            assert!(!checked.findings.is_empty(), "nothing was read and nothing is told");
            return;
        };
        let told = rules::check_update(update, Some(&CODES), &checked.findings);
        if checked.findings.iter().chain(&told).any(Finding::is_error) {
            continue;
        }
        assert!(!update.is_empty(), "an update of nothing passed");
        let mut w = Writer::new();
        iti57::write_request(&mut w, update);
        let written = w.finish();
        let again = match n {
            0 => renkei_fuzz::inside(&written, iti57::read_request),
            _ => renkei_fuzz::inside(&written, iti92::read_request),
        };
        let again = again.expect("our own XML").expect("our own message");
        assert_eq!(again.value.as_ref(), Some(update));
    }
});
