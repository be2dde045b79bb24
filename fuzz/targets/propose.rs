//! Exports of which nothing is known: what is drafted from them is a mapping.
#![no_main]

use libfuzzer_sys::fuzz_target;
use renkei_source_adapter::{Mapping, propose};

fuzz_target!(|data: &[u8]| {
    let Ok(draft) = propose(data, "export.csv") else { return };
    if draft.columns.iter().any(|column| !column.items.is_empty()) {
        Mapping::read("draft.toml", draft.toml()).expect("our own draft");
    }
});
