//! SOAP envelopes with their addressing, on whose behalf they are sent, and faults, which are written again.
#![no_main]

use libfuzzer_sys::fuzz_target;
use renkei_soap::envelope::{self, OnBehalfOf};
use renkei_soap::fault::Fault;
use renkei_soap::tolerance::Tolerances;
use renkei_soap::xml::{Reader, XmlLimits};

fuzz_target!(|data: &[u8]| {
    let Some(text) = renkei_fuzz::text(data) else { return };
    if let Err(refused) = open(text) {
        let written = refused.write(Some("urn:uuid:0"));
        open(&written).expect("our own fault is an envelope");
    }
});

fn open(text: &str) -> Result<(), Fault> {
    let mut reader = Reader::new(text, XmlLimits::default());
    let opened = envelope::open(&mut reader, &mut Tolerances::default())?;
    let named = OnBehalfOf::in_header(&reader, &opened.blocks)?;
    if let Some(named) = named {
        named.header().expect("what was read is XML");
    }
    if Fault::is_fault(&opened.body)
        && let Ok(fault) = Fault::read(&mut reader)
    {
        fault.write(opened.addressing.message_id.as_deref());
    }
    envelope::close(&mut reader)
}
