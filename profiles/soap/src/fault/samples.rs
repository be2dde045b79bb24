//! Messages that fail, each with the row that says why.

use super::{Fault, rows};
use crate::envelope;
use crate::limits::MessageLimits;
use crate::message::{Event, MessageReader};
use crate::tolerance::Tolerances;
use crate::words::fill;
use crate::xml::{Reader, ns};
use bytes::Bytes;

const SIMPLE: &str = "application/soap+xml";
const MTOM: &str = "multipart/related; boundary=b; type=\"application/xop+xml\"; start=\"<r>\"";

/// What a server says of a message, once it has read everything around and inside the envelope.
fn fault(content_type: &str, octets: &[u8]) -> Option<Fault> {
    let read = || {
        let mut message = MessageReader::new(content_type, &MessageLimits::default())?;
        message.push(Bytes::copy_from_slice(octets));
        message.finish();
        let mut tolerances = Tolerances::new();
        loop {
            match message.next()? {
                Event::Root(text) => {
                    let mut reader = Reader::new(&text, MessageLimits::default().xml);
                    envelope::open(&mut reader, &mut tolerances)?;
                    envelope::close(&mut reader)?;
                }
                Event::End => return Ok(()),
                Event::NeedMore | Event::PartStart(_) | Event::Data(_) | Event::PartEnd => {}
            }
        }
    };
    read().err()
}

/// The one row of a fault.
fn row(fault: &Fault) -> &'static str {
    let rows: Vec<&str> = rows::all().filter(|row| row.is(fault)).map(|row| row.id).collect();
    let [row] = rows.as_slice() else { panic!("{fault:?} is of the rows {rows:?}") };
    row
}

#[test]
fn an_envelope_that_cannot_be_read_names_its_row() {
    let good = format!(
        "<e:Envelope xmlns:e='{}' xmlns:a='{}'><e:Header><a:Action>urn:x</a:Action></e:Header>\
         <e:Body><b/></e:Body></e:Envelope>",
        ns::SOAP12,
        ns::WSA
    );
    assert_eq!(fault(SIMPLE, good.as_bytes()), None);
    let with = |old: &str, new: &str| {
        assert!(good.contains(old), "{old}");
        good.replace(old, new)
    };
    let header = |block: &str| with("</e:Header>", &format!("{block}</e:Header>"));
    let samples = [
        ("fault-xml-markup", with("<b/>", "<![CDATA[")),
        ("fault-xml-tags", with("<b/>", "<b></c>")),
        ("fault-xml-attribute", with("<b/>", "<b c=1/>")),
        ("fault-xml-attribute-twice", with("<b/>", "<b c='1' c='2'/>")),
        ("fault-xml-reference", with("<b/>", "<b>&#x110000;</b>")),
        ("fault-xml-name", with("<b/>", "<b: xmlns:b='urn:x'/>")),
        ("fault-xml-namespace", with("<b/>", "<b xmlns:xml='urn:x'/>")),
        ("fault-xml-doctype", format!("<!DOCTYPE x>{good}")),
        ("fault-xml-entity", with("<b/>", "<b>&auml;</b>")),
        ("fault-xml-prefix", with("<b/>", "<p:b/>")),
        ("fault-xml-character", with("<b/>", "<b>\u{1}</b>")),
        ("fault-xml-outside-root", format!("{good}<b/>")),
        ("fault-xml-truncated", with("</e:Envelope>", "")),
        ("fault-not-an-envelope", with("e:Envelope", "e:Message")),
        ("fault-version-mismatch", with(ns::SOAP12, "http://schemas.xmlsoap.org/soap/envelope/")),
        ("fault-envelope-text", with("<b/>", "b")),
        ("fault-envelope-children", with("</e:Envelope>", "<e:Body/></e:Envelope>")),
        ("fault-body-children", with("<b/>", "<b/><b/>")),
        ("fault-header-blocks", header(&"<x/>".repeat(100))),
        ("fault-not-understood", header("<x xmlns='urn:x' e:mustUnderstand='1'/>")),
        ("fault-addressing-required", with("<a:Action>urn:x</a:Action>", "")),
        (
            "fault-addressing-old",
            header("<o:To xmlns:o='http://schemas.xmlsoap.org/ws/2004/08/addressing'/>"),
        ),
        ("fault-addressing-twice", header("<a:Action>urn:x</a:Action>")),
        ("fault-addressing-action", with("urn:x", " urn:x")),
        ("fault-addressing-id", header("<a:MessageID>7 8</a:MessageID>")),
        ("fault-addressing-no-address", header("<a:ReplyTo/>")),
        (
            "fault-addressing-parameters",
            header(
                "<a:ReplyTo><a:Address>https://x/</a:Address><a:ReferenceParameters/></a:ReplyTo>",
            ),
        ),
        ("fault-addressing-address", header("<a:To>urn:x</a:To>")),
        ("fault-addressing-element", header("<a:MessageID><x/></a:MessageID>")),
        ("fault-over-limit", with("<b/>", &"<b>".repeat(101))),
    ];
    for (id, sample) in samples {
        let fault = fault(SIMPLE, sample.as_bytes()).expect(id);
        assert_eq!(row(&fault), id, "{fault:?}");
    }
}

#[test]
fn a_message_that_is_framed_wrong_names_its_row() {
    let good =
        "--b\r\nContent-ID: <r>\r\n\r\n<e:Envelope/>\r\n--b\r\nContent-ID: <d>\r\n\r\ndoc\r\n--b--";
    let part = |line: &str| good.replace("<d>", &format!("<d>\r\n{line}"));
    let samples = [
        ("fault-content-type-malformed", "application", good.to_owned()),
        ("fault-content-type-other", "text/html", good.to_owned()),
        ("fault-encoding-other", "application/soap+xml; charset=EUC-JP", String::new()),
        ("fault-utf-16-mark-missing", "application/soap+xml; charset=utf-16", "<a/>".to_owned()),
        (
            "fault-boundary-malformed",
            "multipart/related; type=\"application/xop+xml\"",
            String::new(),
        ),
        ("fault-boundary-continued", MTOM, good.replace("doc\r\n--b", "doc\r\n--bc")),
        (
            "fault-line-endings",
            MTOM,
            good.replace("--b\r\nContent-ID: <r>\r\n\r\n", "--b\nContent-ID: <r>\n\n"),
        ),
        ("fault-multipart-truncated", MTOM, good.replace("--b--", "")),
        ("fault-root-type", MTOM, good.replace("<r>", "<r>\r\nContent-Type: application/pdf")),
        ("fault-root-missing", MTOM, "--b--".to_owned()),
        ("fault-content-id-twice", MTOM, good.replace("<d>", "<r>")),
        ("fault-content-id-missing", MTOM, good.replace("Content-ID: <d>", "X: y")),
        ("fault-content-id-malformed", &MTOM.replace("<r>", "<r"), good.to_owned()),
        ("fault-part-header-malformed", MTOM, part("no colon")),
        ("fault-part-encoded", MTOM, part("Content-Encoding: gzip")),
        ("fault-part-of-a-part", MTOM, part("Content-Range: bytes 0-1/2")),
        ("fault-part-nested", MTOM, part("Content-Type: multipart/mixed; boundary=c")),
        ("fault-part-elsewhere", MTOM, part("Content-Type: message/external-body; a=b")),
        ("fault-transfer-encoding", MTOM, part("Content-Transfer-Encoding: uuencode")),
        (
            "fault-base64-malformed",
            MTOM,
            part("Content-Transfer-Encoding: base64").replace("doc", "-"),
        ),
    ];
    for (id, content_type, sample) in samples {
        let sample = sample.replace("<e:Envelope/>", &Fault::endpoint_unavailable().write(None));
        let fault = fault(content_type, sample.as_bytes()).expect(id);
        assert_eq!(row(&fault), id, "{fault:?}");
    }
    let octets: [(&str, &[u8]); 2] =
        [("fault-not-utf-8", b"<a>\xff</a>"), ("fault-not-utf-16", b"\xff\xfe<")];
    for (id, sample) in octets {
        assert_eq!(row(&fault(SIMPLE, sample).expect(id)), id);
    }
}

#[test]
fn a_value_that_cannot_be_read_names_its_row() {
    let read = |text: &str| {
        let mut reader = Reader::new(text, MessageLimits::default().xml);
        reader.root().unwrap();
        Fault::xml(&reader.value().unwrap_err())
    };
    for (id, text) in
        [("fault-xml-comment", "<a>1<!-- x -->2</a>"), ("fault-xml-element", "<a>1<b/></a>")]
    {
        assert_eq!(row(&read(text)), id);
    }
}

#[test]
fn no_fault_can_be_taken_for_another() {
    for one in rows::all() {
        let holes = ["name", "line", "column", "header", "id", "max", "limit", "action", "why"];
        let written = Fault::of(one, &holes.map(|hole| (hole, "x")));
        assert_eq!(row(&written), one.id);
        let text = fill(one.en, &[]);
        assert!(text.is_ascii() && !one.ja.is_ascii(), "{}", one.id);
        for sentence in [one.en, one.fix_en] {
            assert!(sentence.ends_with(['.', '}']), "{}: {sentence}", one.id);
        }
        for sentence in [one.ja, one.fix_ja] {
            assert!(sentence.ends_with('。'), "{}: {sentence}", one.id);
        }
    }
}
