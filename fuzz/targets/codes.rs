//! Code lists.
#![no_main]

use libfuzzer_sys::fuzz_target;
use renkei_metadata::codes::CodeList;

fuzz_target!(|data: &[u8]| {
    let Some(text) = renkei_fuzz::text(data) else { return };
    match CodeList::read(text) {
        Ok(list) => {
            list.contains("classCode", "", "");
            list.mime_types().count();
            for code in list.codes("classCode", "CHECKUP") {
                assert!(list.contains("classCode", &code.code, &code.scheme));
            }
        }
        Err(e) => assert!(!e.to_string().is_empty()),
    }
});
