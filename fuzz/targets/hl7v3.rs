//! HL7 v3 messages: [ITI-44] to [ITI-47], [ITI-55] and [ITI-56]. What is read can be written, and is read again as it was.
#![no_main]

use libfuzzer_sys::fuzz_target;
use renkei_hl7v3::acknowledgement::AcceptAcknowledgement;
use renkei_hl7v3::iti55::{Answer, Request, TimeToLive};
use renkei_hl7v3::{Read, iti44, iti45, iti47, iti56};
use renkei_soap::xml::{Element, Reader, Writer};
use std::fmt::Debug;

fuzz_target!(|data: &[u8]| {
    let Some(text) = renkei_fuzz::text(data) else { return };
    if let Some(time) = TimeToLive::parse(text) {
        assert_eq!(TimeToLive::parse(&time.to_string()), Some(time));
    }
    again(text, Request::read, |m, w| m.write(w));
    again(text, Answer::read, |m, w| m.write(w));
    again(text, AcceptAcknowledgement::read, |m, w| m.write(w));
    again(text, iti44::Feed::read, |m, w| m.write(w));
    again(text, iti45::Request::read, |m, w| m.write(w));
    again(text, iti45::Answer::read, |m, w| m.write(w));
    again(text, iti47::Request::read, |m, w| m.write(w));
    again(text, iti47::Answer::read, |m, w| m.write(w));
    again(text, iti47::Continuation::read, |m, w| m.write(w));
    again(text, iti56::read_request, |m, w| iti56::write_request(w, m));
    again(text, iti56::read_response, |m, w| iti56::write_response(w, m));
});

fn again<T: PartialEq + Debug, E: Debug>(
    text: &str,
    read: impl Fn(&mut Reader<'_>, &Element) -> Result<Read<T>, E>,
    write: impl Fn(&T, &mut Writer),
) {
    let Some(Ok(first)) = renkei_fuzz::inside(text, &read) else { return };
    let mut w = Writer::new();
    write(&first.message, &mut w);
    let written = w.finish();
    let again = renkei_fuzz::inside(&written, &read).expect("our own XML");
    assert_eq!(again.expect("our own message").message, first.message, "{written}");
}
