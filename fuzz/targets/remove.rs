//! Bodies of [ITI-62] and [ITI-86] requests.
#![no_main]

use libfuzzer_sys::fuzz_target;
use renkei_soap::xml::Writer;
use renkei_xds::{iti62, iti86};

fuzz_target!(|data: &[u8]| {
    let Some(text) = renkei_fuzz::text(data) else { return };
    if let Some(Ok(read)) = renkei_fuzz::inside(text, iti62::read_request) {
        let ids = read.value.unwrap_or_default();
        assert!(!ids.is_empty() || !read.findings.is_empty());
        let mut w = Writer::new();
        iti62::write_request(&mut w, &ids);
        let written = w.finish();
        let again = renkei_fuzz::inside(&written, iti62::read_request).expect("our own XML");
        assert_eq!(again.expect("our own request").value, Some(ids));
    }
    if let Some(Ok(read)) = renkei_fuzz::inside(text, iti86::read_request) {
        let requests = read.value.unwrap_or_default();
        assert!(!requests.is_empty() || !read.findings.is_empty());
        let mut w = Writer::new();
        iti86::write_request(&mut w, &requests);
        let written = w.finish();
        let again = renkei_fuzz::inside(&written, iti86::read_request).expect("our own XML");
        assert_eq!(again.expect("our own request").value, Some(requests));
    }
});
