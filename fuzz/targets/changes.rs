//! Attributes as people write them into files of document sets and updates.
#![no_main]

use libfuzzer_sys::fuzz_target;
use renkei_metadata::codes::{CodeList, default_xml};
use renkei_metadata::ids::ObjectId;
use renkei_metadata::model::DocumentEntry;
use renkei_metadata::named::Draft;
use renkei_source_adapter::set::changes;
use std::sync::OnceLock;

static CODES: OnceLock<Option<CodeList>> = OnceLock::new();

fuzz_target!(|data: &[u8]| {
    let Some(text) = renkei_fuzz::text(data) else { return };
    let codes = CODES.get_or_init(|| CodeList::read(default_xml()).ok());
    match changes::<DocumentEntry>("changes.toml", text, codes.as_ref()) {
        Ok((changes, _)) => {
            let mut entry = DocumentEntry::draft(ObjectId::Symbol("d".to_owned()));
            // What does not fit is refused, and nothing else happens.
            changes.iter().for_each(|change| drop(change.put_into(&mut entry)));
        }
        Err(mistakes) => assert!(!mistakes.to_string().is_empty()),
    }
});
