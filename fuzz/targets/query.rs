//! Stored queries: the message, and what its parameters mean.
#![no_main]

use libfuzzer_sys::fuzz_target;
use renkei_xds::{catalogue, iti18};

fuzz_target!(|data: &[u8]| {
    let Some(text) = renkei_fuzz::text(data) else { return };
    let Some(Ok(query)) = renkei_fuzz::inside(text, iti18::read_request) else { return };
    let checked = catalogue::parse(&query);
    assert!(checked.value.is_some() || !checked.findings.is_empty());
    let written = query.xml();
    let again = renkei_fuzz::inside(&written, iti18::read_request).expect("our own XML");
    assert_eq!(again.expect("our own query"), query);
});
