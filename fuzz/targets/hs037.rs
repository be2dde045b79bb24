//! Checkup documents as a consumer gets them.
#![no_main]

use libfuzzer_sys::fuzz_target;
use renkei_checkup::hs037;

fuzz_target!(|data: &[u8]| {
    if let Ok(report) = hs037::read(data) {
        report.result("bmi");
    }
});
