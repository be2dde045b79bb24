//! Bodies of [ITI-43] requests.
#![no_main]

use libfuzzer_sys::fuzz_target;
use renkei_soap::xml::Writer;
use renkei_xds::iti43;

fuzz_target!(|data: &[u8]| {
    let Some(text) = renkei_fuzz::text(data) else { return };
    let Some(Ok(read)) = renkei_fuzz::inside(text, iti43::read_request) else { return };
    let Some(requests) = read.value else {
        assert!(!read.findings.is_empty());
        return;
    };
    let mut w = Writer::new();
    iti43::write_request(&mut w, &requests);
    let written = w.finish();
    let again = renkei_fuzz::inside(&written, iti43::read_request).expect("our own XML");
    if !requests.is_empty() {
        assert_eq!(again.expect("our own request").value, Some(requests));
    }
});
