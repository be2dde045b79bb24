//! What a client reads: answers to submissions, queries and retrievals.
#![no_main]

use libfuzzer_sys::fuzz_target;
use renkei_soap::limits::MessageLimits;
use renkei_soap::tolerance::Tolerances;
use renkei_xds::response::RegistryResponse;
use renkei_xds::{iti18, iti43};

fuzz_target!(|data: &[u8]| {
    let Some(text) = renkei_fuzz::text(data) else { return };
    let limits = MessageLimits::default();
    let _ = renkei_fuzz::inside(text, |r, e| RegistryResponse::read(r, e).is_ok());
    let _ = renkei_fuzz::inside(text, |r, e| iti18::read_response(r, e).is_ok());
    let mut tolerances = Tolerances::default();
    let _ = renkei_fuzz::inside(text, |r, e| {
        iti43::read_response(r, e, &limits, &mut tolerances).is_ok()
    });
});
