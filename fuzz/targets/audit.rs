//! DICOM audit messages. What is written is free of characters that could mislead a reader of the
//! record, and is read the same ever after.
#![no_main]

use libfuzzer_sys::fuzz_target;
use renkei_atna::xml;
use uuid::Uuid;

fuzz_target!(|data: &[u8]| {
    let Some(text) = renkei_fuzz::text(data) else { return };
    if let Ok(record) = xml::read(text, Uuid::nil()) {
        let written = xml::write(&record);
        let again = xml::read(&written, Uuid::nil()).expect("our own XML");
        assert_eq!(xml::write(&again), written);
    }
});
