//! SOAP messages, MTOM or plain, in chunks of a length that the first byte says. However a message
//! is cut, the same has to be read.
#![no_main]

use bytes::Bytes;
use libfuzzer_sys::fuzz_target;
use renkei_soap::limits::MessageLimits;
use renkei_soap::message::{Event, MessageReader};

fuzz_target!(|data: &[u8]| {
    let Some((cut, rest)) = data.split_first() else { return };
    let Some(line) = rest.iter().position(|b| *b == b'\n') else { return };
    let (declared, body) = (&rest[..line], &rest[line + 1..]);
    let Some(declared) = renkei_fuzz::text(declared) else { return };
    let whole = read(declared, body, body.len().max(1));
    let pieces = read(declared, body, usize::from(*cut) + 1);
    // A refusal ends the reading where the chunk ends, so that only what is accepted compares.
    if let (Some(whole), Some(pieces)) = (&whole, &pieces) {
        assert_eq!(whole, pieces);
    }
    assert_eq!(whole.is_some(), pieces.is_some());
});

/// Everything in the message, parts joined; `None` when it is refused.
fn read(declared: &str, body: &[u8], cut: usize) -> Option<Vec<String>> {
    let mut reader = MessageReader::new(declared, &MessageLimits::default()).ok()?;
    let mut chunks = body.chunks(cut);
    let mut found = Vec::new();
    let mut part = Vec::new();
    let mut finished = false;
    loop {
        match reader.next().ok()? {
            Event::NeedMore => match chunks.next() {
                Some(chunk) => reader.push(Bytes::copy_from_slice(chunk)),
                None => {
                    assert!(!finished, "waits for more after the end");
                    finished = true;
                    reader.finish();
                }
            },
            Event::Root(text) => found.push(text),
            Event::PartStart(headers) => found.push(format!("{headers:?}")),
            Event::Data(bytes) => part.extend_from_slice(&bytes),
            Event::PartEnd => found.push(format!("{:?}", std::mem::take(&mut part))),
            Event::End => return Some(found),
        }
    }
}
