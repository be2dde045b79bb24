use super::*;
use crate::envelope;
use crate::tolerance::Tolerances;
use crate::xml::{Reader, XmlLimits, ns};

fn through_the_wire(fault: &Fault) -> (envelope::Addressing, Fault) {
    let xml = fault.write(Some("urn:uuid:1"));
    let mut reader = Reader::new(&xml, XmlLimits::default());
    let opened = envelope::open(&mut reader, &mut Tolerances::new()).unwrap();
    assert!(Fault::is_fault(&opened.body), "{xml}");
    let read = Fault::read(&mut reader).unwrap();
    envelope::close(&mut reader).unwrap();
    (opened.addressing, read)
}

#[test]
fn what_is_written_is_read() {
    let name = QName { namespace: "urn:example:x".into(), local: "Code".into() };
    let faults = [
        Fault::new(FaultCode::Sender, "a < b", "甲 & 乙"),
        Fault::internal("abc"),
        Fault::limit("limits.parts", 1000),
        Fault::version_mismatch(),
        Fault::addressing_header_required("Action"),
        Fault::addressing_header(&rows::ADDRESSING_TWICE, "To"),
        Fault::action_not_supported("urn:x"),
        Fault::endpoint_unavailable(),
        Fault::duplicate_message_id(),
        Fault::only_anonymous_reply_to(),
        Fault::not_authorized(),
        Fault::new(FaultCode::Sender, "x", "y")
            .with_subcode(Subcode::Other(Box::new(name.clone()))),
    ];
    for fault in faults {
        let (addressing, read) = through_the_wire(&fault);
        assert_eq!(read, fault);
        assert_eq!(addressing.action, fault.action());
        assert_eq!(addressing.relates_to.as_deref(), Some("urn:uuid:1"));
    }
}

#[test]
fn must_understand_names_the_blocks_in_the_header() {
    let name = QName { namespace: "urn:example:x".into(), local: "Tx".into() };
    let fault = Fault::not_understood(vec![name]);
    let xml = fault.write(None);
    assert!(
        xml.contains(
            "<soap12:NotUnderstood xmlns:n=\"urn:example:x\" qname=\"n:Tx\"/></soap12:Header>"
        ),
        "{xml}"
    );
    let (_, read) = through_the_wire(&fault);
    assert_eq!((read.code, read.en), (FaultCode::MustUnderstand, fault.en));
}

#[test]
fn version_mismatch_offers_soap_1_2() {
    let xml = Fault::version_mismatch().write(None);
    assert!(xml.contains("<soap12:Upgrade><soap12:SupportedEnvelope qname=\"soap12:Envelope\"/>"));
}

#[test]
fn status_and_action_follow_the_code() {
    assert_eq!(Fault::new(FaultCode::Sender, "", "").http_status(), 400);
    assert_eq!(Fault::not_authorized().http_status(), 400);
    assert_eq!(Fault::endpoint_unavailable().http_status(), 500);
    assert_eq!(Fault::version_mismatch().http_status(), 500);
    assert_eq!(Fault::not_understood(vec![]).http_status(), 500);
    assert_eq!(Fault::limit("x", 1).action(), SOAP_FAULT_ACTION);
    assert_eq!(Fault::endpoint_unavailable().action(), ADDRESSING_FAULT_ACTION);
}

#[test]
fn reads_the_fault_of_another_stack() {
    let xml = format!(
        "<Fault xmlns=\"{}\" xmlns:w=\"{}\"><Code><Value xmlns:e=\"{0}\"> e:Sender </Value><Subcode>\
         <Value>w:ActionNotSupported</Value></Subcode></Code><Reason>\
         <Text xml:lang=\"en-US\">No.</Text></Reason><Node>urn:x</Node></Fault>",
        ns::SOAP12,
        ns::WSA
    );
    let mut reader = Reader::new(&xml, XmlLimits::default());
    reader.root().unwrap();
    let fault = Fault::read(&mut reader).unwrap();
    assert_eq!(fault.code, FaultCode::Sender);
    assert_eq!(fault.subcode, Some(Subcode::ActionNotSupported));
    assert_eq!((fault.en.as_str(), fault.ja.as_str()), ("No.", "No."));
}

#[test]
fn never_sends_back_more_than_an_excerpt() {
    let long = "x".repeat(100_000);
    assert!(Fault::action_not_supported(&long).write(None).len() < 4096);
    let xml = format!("<a>&{long};</a>");
    let mut reader = Reader::new(&xml, XmlLimits::default());
    let error = reader.root().and_then(|_| reader.finish()).unwrap_err();
    assert!(Fault::xml(&error).write(None).len() < 4096);
}

#[test]
fn every_reason_is_in_both_languages() {
    for text in
        ["<!DOCTYPE a><a/>", "<a>&x;</a>", "<p:a/>", "<a>\u{1}</a>", "<a/><b/>", "<a>", "<a></b>"]
    {
        let mut reader = Reader::new(text, XmlLimits::default());
        let fault = Fault::xml(&reader.root().and_then(|_| reader.finish()).unwrap_err());
        assert!(fault.en.contains("line 1") && fault.ja.contains("1 行"), "{fault:?}");
    }
}
