//! Mapping files.
#![no_main]

use libfuzzer_sys::fuzz_target;
use renkei_source_adapter::mapping::Mapping;

fuzz_target!(|data: &[u8]| {
    let Some(text) = renkei_fuzz::text(data) else { return };
    if let Err(mistakes) = Mapping::read("map.toml", text) {
        assert!(!mistakes.to_string().is_empty());
    }
});
