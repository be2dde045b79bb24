//! The record over the years: read and checked as a consumer gets it, and made of a document as it came.
#![no_main]

use chrono::DateTime;
use libfuzzer_sys::fuzz_target;
use renkei_checkup::hs037::years::{self, About, Source, Writer};

fuzz_target!(|data: &[u8]| {
    drop(years::read(data));
    if let Ok(bundle) = serde_json::from_slice(data) {
        years::check(&bundle);
    }
    let about = About { on_demand: "1.2", patient_id: "1", authority: "1.3", maker: "1.4" };
    let mut writer = Writer::new(about);
    let source = Source {
        unique_id: "1.5".to_owned(),
        repository: "1.4".to_owned(),
        sha1: [0; 20],
        size: data.len() as u64,
        mime_type: years::MIME_TYPE.to_owned(),
        title: String::new(),
        created: DateTime::UNIX_EPOCH,
    };
    writer.add(&source, data);
    let made = writer.finish();
    serde_json::from_slice::<serde_json::Value>(&made.content).expect("our own document");
});
