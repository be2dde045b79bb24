//! ebRIM: what is read without an error, and passes the rules, is read the same when written again.
#![no_main]

use libfuzzer_sys::fuzz_target;
use renkei_metadata::codes::{CodeList, default_xml};
use renkei_metadata::ebrim;
use renkei_metadata::finding::Finding;
use renkei_metadata::fragment::Fragment;
use renkei_metadata::rules::{self, Column};
use renkei_soap::xml::{Writer, ns};
use std::sync::LazyLock;

static CODES: LazyLock<CodeList> =
    LazyLock::new(|| CodeList::read(default_xml()).expect("our own code list"));

fuzz_target!(|data: &[u8]| {
    let Some(text) = renkei_fuzz::text(data) else { return };
    let _ = renkei_fuzz::inside(text, |r, e| ebrim::read_objects(r, e).is_ok());
    let Some(Ok(read)) = renkei_fuzz::inside(text, ebrim::read_submission) else { return };
    let Some(submission) = &read.value else {
        assert!(!read.findings.is_empty(), "nothing was read and nothing is told");
        return;
    };
    rules::check(submission, Column::XdsDs, Some(&CODES), &read.findings);
    let told = rules::check(submission, Column::XdsDr, Some(&CODES), &read.findings);
    if read.findings.iter().chain(&told).any(Finding::is_error) {
        return;
    }
    let mut w = Writer::new();
    ebrim::write_submission(&mut w, submission);
    let written = w.finish().replacen(
        "<rim:RegistryObjectList",
        &format!("<rim:RegistryObjectList xmlns:rim=\"{}\"", ns::RIM),
        1,
    );
    let again = renkei_fuzz::inside(&written, ebrim::read_submission).expect("our own XML");
    assert_eq!(again.expect("our own ebRIM").value.as_ref(), Some(submission));
    for entry in &submission.entries {
        let object = renkei_metadata::model::RegistryObject::Entry(Box::new(entry.clone()));
        let bytes = Fragment::of(&object).as_bytes().to_vec();
        Fragment::from_bytes(bytes).expect("our own fragment");
    }
});
