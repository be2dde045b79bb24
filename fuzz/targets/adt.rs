//! Patient feeds: a stream of frames, cut at a length that the first byte says, and acknowledgements.
#![no_main]

use bytes::BytesMut;
use chrono::DateTime;
use libfuzzer_sys::fuzz_target;
use renkei_hl7v2::authorities::Authorities;
use renkei_hl7v2::charset::Charset;
use renkei_hl7v2::mllp::MllpCodec;
use renkei_hl7v2::msh::{Msh, Stamp};
use renkei_hl7v2::{ack, adt, text};
use renkei_metadata::ids::{Oid, PatientId};
use tokio_util::codec::Decoder;
use uuid::Uuid;

fuzz_target!(|data: &[u8]| {
    let Some((cut, stream)) = data.split_first() else { return };
    let mut codec = MllpCodec::new(4096);
    let mut buffer = BytesMut::new();
    for chunk in stream.chunks(usize::from(*cut) + 1) {
        buffer.extend_from_slice(chunk);
        loop {
            match codec.decode(&mut buffer) {
                Ok(Some(frame)) => message(&frame),
                Ok(None) => break,
                Err(_) => return,
            }
        }
    }
    message(stream);
});

fn message(frame: &[u8]) {
    let stamp = Stamp::new(DateTime::UNIX_EPOCH, Uuid::nil());
    let written = match adt::read(frame) {
        Ok(feed) => {
            let authority = Oid::parse("1.2.3").expect("an OID");
            let names = ["A", "B=1.2.4"].map(|name| name.parse().expect("a name"));
            match feed.notice(&Authorities::new(authority).named(names)) {
                Ok(notice) => {
                    for id in notice.patients() {
                        assert_eq!(PatientId::parse(&id.to_string()).as_ref(), Ok(id));
                    }
                    ack::accept(&feed.msh, &stamp)
                }
                Err(nak) => nak.write(&stamp),
            }
        }
        Err(nak) => nak.write(&stamp),
    };
    if let Ok(text) = text::decode(frame)
        && let Some(octets) = Charset::japanese_with_supplement().encode(&text)
        && Msh::read(&text).is_some_and(|msh| msh.character_sets == "~ISO IR87~ISO IR159")
    {
        assert_eq!(text::decode(&octets).expect("what was written is read"), text);
    }
    ack::read(&written).expect("our own acknowledgement");
    let _ = ack::read(frame).map(|a| a.text());
}
