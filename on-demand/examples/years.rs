//! Writes the record over the years of the HS037 documents that are named, newest first, for the FHIR
//! validator of the gate: `cargo run --package renkei-on-demand --example years -- OUT FILE...`.

use chrono::DateTime;
use renkei_checkup::hs037::years::{About, MIME_TYPE, Reason, Source, Writer};
use std::path::PathBuf;

fn main() -> std::io::Result<()> {
    let mut files = std::env::args_os().skip(1).map(PathBuf::from);
    let out = files.next().unwrap_or_default();
    let about =
        About { on_demand: "2.25.1", patient_id: "1", authority: "2.25.2", maker: "2.25.3" };
    let mut writer = Writer::new(about);
    for (number, file) in (10..).zip(files) {
        let content = std::fs::read(file)?;
        let source = Source {
            unique_id: format!("2.25.{number}"),
            repository: "2.25.3".to_owned(),
            sha1: [0; 20],
            size: content.len() as u64,
            mime_type: MIME_TYPE.to_owned(),
            title: format!("健康診断結果 {number}"),
            created: DateTime::UNIX_EPOCH,
        };
        writer.add(&source, &content);
        let elsewhere = Source {
            unique_id: format!("{}.1", source.unique_id),
            repository: "2.25.4".to_owned(),
            ..source
        };
        writer.leave_out(&elsewhere, Reason::Elsewhere, "");
    }
    std::fs::write(out, writer.finish().content)
}
