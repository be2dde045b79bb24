//! The standard CSV: a record that is read is read the same when written again.
#![no_main]

use libfuzzer_sys::fuzz_target;
use renkei_checkup::kcsv;

fuzz_target!(|data: &[u8]| {
    // A fuzzer would not find the long header line, so it is given.
    let mut file = kcsv::header().as_bytes().to_vec();
    file.extend_from_slice(b"\r\n");
    file.extend_from_slice(data);
    let _ = kcsv::Reader::new(data).map(|mut r| while let Ok(Some(_)) = r.next_record() {});
    let Ok(mut reader) = kcsv::Reader::new(file.as_slice()) else { return };
    while let Ok(Some(record)) = reader.next_record() {
        let document = kcsv::document(&record);
        let mut again = kcsv::Reader::new(document.as_bytes()).expect("our own header");
        let read = again.next_record().expect("our own line").expect("one record");
        assert_eq!(kcsv::document(&read), document);
    }
});
