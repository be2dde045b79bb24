//! Bodies of [ITI-41] and [ITI-42] requests.
#![no_main]

use libfuzzer_sys::fuzz_target;
use renkei_soap::limits::MessageLimits;
use renkei_soap::tolerance::Tolerances;
use renkei_xds::{iti41, iti42};

fuzz_target!(|data: &[u8]| {
    let Some(text) = renkei_fuzz::text(data) else { return };
    let limits = MessageLimits::default();
    let _ = renkei_fuzz::inside(text, |r, e| iti42::read_request(r, e).is_ok());
    let _ = renkei_fuzz::inside(text, |r, e| {
        if let Ok(request) = iti41::read_request(r, e, &limits, &mut Tolerances::default()) {
            request.pairing();
        }
    });
});
