use super::*;
use crate::envelope;
use crate::multipart::{MultipartWriter, simple_content_type};
use proptest::prelude::*;
use uuid::Uuid;

/// A whole message, put together from the events.
#[derive(Debug, Default, PartialEq, Eq)]
struct Seen {
    root: Option<String>,
    parts: Vec<(String, Option<String>, Vec<u8>)>,
    /// Whether parts came before the root.
    root_after: usize,
    tolerances: Tolerances,
}

fn read(
    content_type: &str,
    chunks: impl IntoIterator<Item = Bytes>,
    limits: &MessageLimits,
) -> Result<Seen, Fault> {
    let mut reader = MessageReader::new(content_type, limits)?;
    let mut chunks = chunks.into_iter();
    let mut seen = Seen::default();
    loop {
        match reader.next()? {
            Event::NeedMore => match chunks.next() {
                Some(chunk) => reader.push(chunk),
                None => reader.finish(),
            },
            Event::Root(text) => {
                assert!(seen.root.replace(text).is_none(), "two roots");
                seen.root_after = seen.parts.len();
            }
            Event::PartStart(h) => seen.parts.push((h.content_id, h.content_type, Vec::new())),
            Event::Data(octets) => {
                assert!(!octets.is_empty());
                seen.parts.last_mut().unwrap().2.extend_from_slice(&octets);
            }
            Event::PartEnd => {}
            Event::End => {
                assert_eq!(reader.next().unwrap(), Event::End);
                seen.tolerances = *reader.tolerances();
                return Ok(seen);
            }
        }
    }
}

fn in_chunks(text: &[u8], size: usize) -> Vec<Bytes> {
    text.chunks(size.max(1)).map(Bytes::copy_from_slice).collect()
}

fn whole(content_type: &str, text: &[u8]) -> Result<Seen, Fault> {
    read(content_type, in_chunks(text, usize::MAX), &MessageLimits::default())
}

const TYPE: &str = "multipart/related; boundary=\"b\"; type=\"application/xop+xml\"; start=\"<r>\"; start-info=\"application/soap+xml\"";

/// Line breaks as on the wire.
fn crlf(text: &str) -> Vec<u8> {
    text.replace('\n', "\r\n").into_bytes()
}

const GOLDEN: &str = "--MIMEBoundary_41_0001
Content-Type: application/xop+xml; charset=UTF-8; type=\"application/soap+xml\"
Content-Transfer-Encoding: binary
Content-ID: <root.41@source.example.jp>

<s:Envelope xmlns:s=\"http://www.w3.org/2003/05/soap-envelope\" xmlns:a=\"http://www.w3.org/2005/08/addressing\">
<s:Header><a:Action s:mustUnderstand=\"1\">urn:ihe:iti:2007:ProvideAndRegisterDocumentSet-b</a:Action></s:Header>
<s:Body><p:Request xmlns:p=\"urn:ihe:iti:xds-b:2007\"><x:Include xmlns:x=\"http://www.w3.org/2004/08/xop/include\" href=\"cid:doc1%40x\"/></p:Request></s:Body>
</s:Envelope>
--MIMEBoundary_41_0001
Content-Type: text/xml
Content-Transfer-Encoding: binary
Content-ID: <doc1@x>

<健診結果>
--MIMEBoundary_41_000 --not a delimiter
</健診結果>

--MIMEBoundary_41_0001
Content-Type: application/pdf
Content-Transfer-Encoding: base64
Content-ID: <doc2@x>

5YGl6Ki6
57WQ5p6c
--MIMEBoundary_41_0001--
";
const GOLDEN_TYPE: &str = "multipart/related; boundary=\"MIMEBoundary_41_0001\"; type=\"application/xop+xml\"; start=\"<root.41@source.example.jp>\"; start-info=\"application/soap+xml\"; action=\"urn:ihe:iti:2007:ProvideAndRegisterDocumentSet-b\"";

#[test]
fn reads_a_golden_message_at_every_split() {
    let text = crlf(GOLDEN);
    let expected = whole(GOLDEN_TYPE, &text).unwrap();
    let root = expected.root.as_deref().unwrap();
    assert!(root.starts_with("<s:Envelope") && root.ends_with("</s:Envelope>"));
    let kinds: Vec<_> =
        expected.parts.iter().map(|(id, kind, _)| (id.as_str(), kind.as_deref())).collect();
    assert_eq!(kinds, [("doc1@x", Some("text/xml")), ("doc2@x", Some("application/pdf"))]);
    assert_eq!(
        expected.parts[0].2,
        "<健診結果>\r\n--MIMEBoundary_41_000 --not a delimiter\r\n</健診結果>\r\n".as_bytes()
    );
    assert_eq!(expected.parts[1].2, "健診結果".as_bytes());
    assert_eq!(expected.tolerances.iter().collect::<Vec<_>>(), [Tolerance::EncodedPart]);
    for at in 0..text.len() {
        let (a, b) = text.split_at(at);
        let chunks = [Bytes::copy_from_slice(a), Bytes::copy_from_slice(b)];
        assert_eq!(
            read(GOLDEN_TYPE, chunks, &MessageLimits::default()).as_ref(),
            Ok(&expected),
            "{at}"
        );
    }
    let single = read(GOLDEN_TYPE, in_chunks(&text, 1), &MessageLimits::default());
    assert_eq!(single.as_ref(), Ok(&expected));
}

#[test]
fn every_truncation_is_a_fault() {
    let text = crlf(GOLDEN);
    let end = text.len() - 2;
    for at in 0..end {
        assert!(whole(GOLDEN_TYPE, &text[..at]).is_err(), "{at}");
    }
    assert!(whole(GOLDEN_TYPE, &text[..end]).is_ok());
}

#[test]
fn finds_the_root_by_start_wherever_it_stands() {
    let text = crlf(
        "preamble\n--b  \t\nContent-ID: <d>\n\ndoc\n--b\nContent-ID: <r>\n\nroot\n--b--\nepilogue",
    );
    let seen = whole(TYPE, &text).unwrap();
    assert_eq!((seen.root.as_deref(), seen.root_after), (Some("root"), 1));
    assert_eq!(seen.parts, [("d".to_owned(), None, b"doc".to_vec())]);
    let fault = whole(&TYPE.replace("<r>", "<other>"), &text).unwrap_err();
    assert!(fault.en.contains("start"), "{fault}");
}

#[test]
fn takes_the_first_part_without_start() {
    let text = crlf("--b\n\nroot\n--b\nContent-ID: <d>\n\ndoc\n--b--");
    let seen = whole("multipart/related; boundary=b", &text).unwrap();
    assert_eq!((seen.root.as_deref(), seen.root_after), (Some("root"), 0));
    let noted: Vec<_> = seen.tolerances.iter().collect();
    assert_eq!(
        noted,
        [Tolerance::MissingStart, Tolerance::StartInfoVariant, Tolerance::RootTypeVariant]
    );
}

#[test]
fn notes_how_a_peer_deviates() {
    let kind = "multipart/related; START=r; start-info=\"application/soap+xml; action=\\\"urn:x\\\"\"; \
                boundary=uuid:1; type=application/xop+xml";
    let text = crlf(
        "--uuid:1\ncontent-id: r\ncontent-type: application/xop+xml\n\n\u{feff}<a/>\n--uuid:1--",
    );
    let seen = whole(kind, &text).unwrap();
    assert_eq!(seen.root.as_deref(), Some("<a/>"));
    let noted: Vec<_> = seen.tolerances.iter().collect();
    assert_eq!(
        noted,
        [
            Tolerance::UnquotedParameter,
            Tolerance::StartInfoVariant,
            Tolerance::BareContentId,
            Tolerance::LowerCaseHeader,
            Tolerance::ByteOrderMark
        ]
    );
}

#[test]
fn keeps_empty_parts_and_line_breaks_of_the_content() {
    for (body, expected) in [
        ("\n--b", ""),
        ("\n\n--b", ""),
        ("\n\n\n--b", "\r\n"),
        ("\n--c\n--b", "--c"),
        ("\n-\n--b", "-"),
    ] {
        let text = crlf(&format!(
            "--b\nContent-ID: <r>\n\nroot\n--b\nContent-ID: <d>\n{body}\nContent-ID: <e>\n\n.\n--b--"
        ));
        for size in [1, 2, 3, usize::MAX] {
            let seen = read(TYPE, in_chunks(&text, size), &MessageLimits::default()).unwrap();
            assert_eq!(seen.parts[0].2, expected.as_bytes(), "{body:?} {size}");
            assert_eq!(seen.parts.len(), 2);
        }
    }
}

#[test]
fn reads_lines_that_end_in_a_line_feed_alone() {
    let text = "preamble\n--b\nContent-ID: <r>\nX: y\n\nroot\r\n\n--b  \nContent-ID: <d>\n\n\
                --c\n\r\n\n--b\nContent-ID: <e>\n\n--b--\n";
    for size in [1, 2, 3, usize::MAX] {
        let chunks = in_chunks(text.as_bytes(), size);
        let seen = read(TYPE, chunks, &MessageLimits::default()).unwrap();
        assert_eq!(seen.root.as_deref(), Some("root\r\n"));
        let parts: Vec<_> = seen.parts.iter().map(|p| p.2.as_slice()).collect();
        assert_eq!(parts, [&b"--c\n\r\n"[..], b""]);
        assert!(seen.tolerances.contains(Tolerance::BareLineFeed));
    }
    // In a message with CRLF a line feed is content, wherever it stands; in a header it is a line.
    let text = "--b\r\nContent-ID: <r>\nX: y\r\n\r\nroot\n--b\n\r\n--b--";
    let seen = whole(TYPE, text.as_bytes()).unwrap();
    assert_eq!(seen.root.as_deref(), Some("root\n--b\n"));
    assert!(seen.tolerances.contains(Tolerance::BareLineFeed));
    assert!(
        !whole(TYPE, &crlf("--b\nContent-ID: <r>\n\na\n--b--"))
            .unwrap()
            .tolerances
            .contains(Tolerance::BareLineFeed)
    );
}

#[test]
fn refuses_lines_that_leave_the_end_of_a_part_open() {
    for text in [
        "--b\nContent-ID: <r>\n\nroot\r\n--b--",
        "--b\nContent-ID: <r>\n\r\nroot\n--b--",
        "--b\r\nContent-ID: <r>\n\nroot\r\n--b--",
    ] {
        for size in [1, 2, usize::MAX] {
            let chunks = in_chunks(text.as_bytes(), size);
            let fault = read(TYPE, chunks, &MessageLimits::default()).unwrap_err();
            assert!(fault.en.contains("CRLF") && fault.ja.contains("CRLF"), "{text:?}: {fault}");
        }
    }
}

#[test]
fn reads_an_envelope_in_either_encoding_of_xml() {
    let utf16 = |text: &str| -> Vec<u8> {
        format!("\u{feff}{text}").encode_utf16().flat_map(u16::to_le_bytes).collect()
    };
    let xml = "<?xml version=\"1.0\" encoding=\"utf-16\"?><健診/>";
    for kind in ["application/soap+xml", "application/soap+xml; charset=utf-16"] {
        assert_eq!(whole(kind, &utf16(xml)).unwrap().root.as_deref(), Some(xml));
    }
    for kind in ["", "; charset=utf-16", "; charset=UTF-8"] {
        let head =
            format!("--b\r\nContent-ID: <r>\r\nContent-Type: application/xop+xml{kind}\r\n\r\n");
        for octets in [utf16(xml), xml.as_bytes().to_vec()] {
            let text = [head.as_bytes(), &octets, b"\r\n--b--"].concat();
            let seen = whole(TYPE, &text);
            let marked = octets.first() == Some(&0xff);
            if kind.contains("utf-16") && !marked {
                assert!(seen.unwrap_err().en.contains("mark"));
            } else {
                assert_eq!(seen.unwrap().root.as_deref(), Some(xml), "{kind}");
            }
        }
    }
}

#[test]
fn refuses_malformed_multiparts() {
    let good = "--b\nContent-ID: <r>\n\nroot\n--b\nContent-ID: <d>\n\ndoc\n--b--";
    assert!(whole(TYPE, &crlf(good)).is_ok());
    for (bad, why) in [
        (good.replace("<d>", "<r>"), "same Content-ID"),
        (good.replace("Content-ID: <d>", "X: y"), "no Content-ID"),
        (
            good.replace("<d>", "<d>\nContent-Type: Multipart/mixed; boundary=c"),
            "itself a multipart",
        ),
        (
            good.replace("<d>", "<d>\nContent-Transfer-Encoding: quoted-printable"),
            "Transfer-Encoding",
        ),
        (good.replace("<d>", "<d>\nContent-Transfer-Encoding: base64"), "base64"),
        (good.replace("<d>", "<d>\nContent-Type: message/external-body; a=b"), "elsewhere"),
        (good.replace("<d>", "<d>\nContent-Encoding: gzip"), "Content-Encoding gzip"),
        (good.replace("<d>", "<d>\nContent-Range: bytes 0-1/2"), "Content-Range"),
        (good.replace("<r>", "<r>\nContent-Type: application/pdf"), "root part"),
        (good.replace("<r>", "<r>\nContent-Type: application/xop+xml; charset=Shift_JIS"), "UTF-8"),
        (good.replace("root\n--b", "root\n--bc"), "goes on"),
        (good.replace("--b--", "--c--"), "closing"),
        (good.replace("--b--", ""), "closing"),
        ("--b--".to_owned(), "no root"),
        (String::new(), "closing"),
    ] {
        let fault = whole(TYPE, &crlf(&bad)).expect_err(why);
        assert!(fault.en.contains(why), "{why}: {fault}");
        assert_eq!(fault.http_status(), 400);
        assert!(!fault.ja.is_empty());
    }
    let latin = [&b"--b\r\nContent-ID: <r>\r\n\r\n"[..], b"caf\xe9", b"\r\n--b--"].concat();
    assert!(whole(TYPE, &latin).unwrap_err().en.contains("UTF-8"));
}

#[test]
fn refuses_other_media_types() {
    for bad in [
        "",
        "application/json",
        "multipart/form-data; boundary=b",
        "multipart/related",
        "multipart/related; boundary=\"\"",
        "multipart/related; boundary=\"b \"",
        "multipart/related; boundary=\"a\u{3042}\"",
        "multipart/related; boundary=b; type=\"text/html\"",
        "application/soap+xml; charset=Shift_JIS",
    ] {
        assert!(MessageReader::new(bad, &MessageLimits::default()).is_err(), "{bad}");
    }
    let boundary = |n| format!("multipart/related; boundary={}", "b".repeat(n));
    assert!(MessageReader::new(&boundary(70), &MessageLimits::default()).is_ok());
    assert!(MessageReader::new(&boundary(71), &MessageLimits::default()).is_err());
    assert!(MessageReader::new(&boundary(9000), &MessageLimits::default()).is_err());
}

#[test]
fn reads_simple_soap_and_its_versions() {
    let xml = envelope::write_request("urn:x", "urn:uuid:1", "http://x/", |w| {
        w.start("b").end();
    });
    let seen = whole(&simple_content_type(Some("urn:x")), xml.as_bytes()).unwrap();
    assert_eq!(seen.root.as_deref(), Some(xml.as_str()));
    assert!(seen.tolerances.is_empty());
    // SOAP 1.1 goes through, for the envelope to name the version; SOAP 1.2 as text/xml does not.
    assert!(whole("text/xml", xml.as_bytes()).unwrap_err().en.contains("application/soap+xml"));
    let old = format!("<Envelope xmlns='{}'/>", ns::SOAP11);
    assert_eq!(whole("text/xml; charset=utf-8", old.as_bytes()).unwrap().root, Some(old));
    assert!(whole("application/soap+xml", b"\xff").unwrap_err().en.contains("UTF-8"));
}

fn small() -> MessageLimits {
    MessageLimits {
        root_bytes: 10,
        parts: 3,
        part_header_bytes: 160,
        message_bytes: 1000,
        ..MessageLimits::default()
    }
}

#[test]
fn names_each_limit() {
    let parts = |n: usize| {
        let many: String = (1..n).map(|i| format!("--b\nContent-ID: <{i}>\n\n.\n")).collect();
        crlf(&format!("--b\nContent-ID: <r>\n\nroot\n{many}--b--"))
    };
    let message = |root: usize, header: usize, document: usize| {
        let (root, header) = ("r".repeat(root), "h".repeat(header));
        let document = "d".repeat(document);
        crlf(&format!(
            "--b\nContent-ID: <r>\n\n{root}\n--b\nContent-ID: <d>\nX: {header}\n\n{document}\n--b--"
        ))
    };
    let spare = |n: usize| {
        let spare = "s".repeat(n);
        crlf(&format!("{spare}\n--b\nContent-ID: <r>\n\nroot\n--b--"))
    };
    let after = |n: usize| [message(1, 1, 1), vec![b'e'; n]].concat();
    for (good, bad, name) in [
        (parts(3), parts(4), "limits.parts = 3"),
        (message(10, 1, 1), message(11, 1, 1), "limits.root_bytes = 10"),
        (message(1, 100, 1), message(1, 200, 1), "limits.part_header_bytes = 160"),
        (message(1, 1, 500), message(1, 1, 1000), "limits.message_bytes = 1000"),
        (spare(150), spare(170), "limits.part_header_bytes = 160"),
        (after(150), after(170), "limits.part_header_bytes = 160"),
    ] {
        for size in [1, 7, usize::MAX] {
            read(TYPE, in_chunks(&good, size), &small()).expect(name);
            let fault = read(TYPE, in_chunks(&bad, size), &small()).expect_err(name);
            assert!(fault.en.contains(name) && fault.ja.contains(name), "{name}: {fault}");
        }
    }
    let fault = read("application/soap+xml", in_chunks(&[b'x'; 11], 4), &small()).unwrap_err();
    assert!(fault.en.contains("limits.root_bytes"), "{fault}");
}

#[test]
fn endless_headers_and_padding_are_refused_early() {
    for (start, more) in [("--b\r\nX: ", "x"), ("--b", " "), ("", "x"), ("--b\r\n", "X: y\r\n")] {
        let chunks = std::iter::once(start).chain(std::iter::repeat_n(more, 100_000));
        let chunks = chunks.map(|c| Bytes::from_static(c.as_bytes()));
        let mut taken = 0;
        let fault = read(TYPE, chunks.inspect(|_| taken += 1), &MessageLimits::default());
        assert!(fault.is_err());
        assert!(taken < 10_000, "{start:?}: {taken}");
    }
}

#[test]
fn holds_no_document() {
    let mut reader = MessageReader::new(TYPE, &MessageLimits::default()).unwrap();
    let head = crlf("--b\nContent-ID: <r>\n\nroot\n--b\nContent-ID: <d>\n\n");
    reader.push(Bytes::from(head));
    assert_eq!(reader.next().unwrap(), Event::Root("root".into()));
    assert!(matches!(reader.next().unwrap(), Event::PartStart(_)));
    // After each chunk no more than the beginning of a delimiter is kept back.
    for _ in 0..100 {
        reader.push(Bytes::from(vec![b'\r'; 1000]));
        let mut got = 0;
        while let Event::Data(octets) = reader.next().unwrap() {
            got += octets.len();
        }
        assert!(got > 900, "{got}");
    }
}

#[test]
fn repeats_a_fault() {
    let mut reader = MessageReader::new(TYPE, &MessageLimits::default()).unwrap();
    reader.push(Bytes::from_static(b"--bx"));
    let fault = reader.next().unwrap_err();
    reader.push(Bytes::from_static(b"\r\n--b--"));
    reader.finish();
    assert_eq!(reader.next().unwrap_err(), fault);
}

/// Of [`Uuid::from_u128`] 1.
const BOUNDARY: &str = "MIMEBoundary_00000000000000000000000000000001";

/// Documents made of what is hard to tell from a delimiter.
fn document() -> impl Strategy<Value = Vec<u8>> {
    let piece = prop_oneof![
        Just(b"\r\n".to_vec()),
        Just(b"\r".to_vec()),
        Just(b"--".to_vec()),
        Just(b"\r\n--MIMEBoundary_".to_vec()),
        Just(b"\r\n--MIMEBoundary_0000000000000000000000000000000".to_vec()),
        Just(b"\r\n\r\n--M".to_vec()),
        prop::collection::vec(any::<u8>(), 0..40),
    ];
    prop::collection::vec(piece, 0..12)
        .prop_map(|p| p.concat())
        .prop_filter("no boundary", |d| memchr::memmem::find(d, BOUNDARY.as_bytes()).is_none())
}

proptest! {
    #[test]
    fn what_is_written_is_read(
        root in "<a>[ -~あ-ん\\r\\n]{0,80}",
        documents in prop::collection::vec(document(), 0..6),
        sizes in prop::collection::vec(1usize..90, 1..20),
    ) {
        let writer = MultipartWriter::new(Uuid::from_u128(1));
        let mut text = writer.root(&root).to_vec();
        for (i, octets) in documents.iter().enumerate() {
            text.extend_from_slice(&writer.part_start(&format!("doc{i}@x"), "text/xml"));
            text.extend_from_slice(octets);
        }
        text.extend_from_slice(&writer.close());
        let mut rest = text.as_slice();
        let mut chunks = Vec::new();
        for size in sizes.iter().cycle() {
            if rest.is_empty() { break }
            let (chunk, after) = rest.split_at((*size).min(rest.len()));
            chunks.push(Bytes::copy_from_slice(chunk));
            rest = after;
        }
        let seen = read(&writer.content_type(Some("urn:x")), chunks, &MessageLimits::default()).unwrap();
        prop_assert_eq!(seen.root, Some(root));
        prop_assert!(seen.tolerances.is_empty());
        let read_back: Vec<_> = seen.parts.into_iter().map(|p| p.2).collect();
        prop_assert_eq!(read_back, documents);
    }

    #[test]
    fn arbitrary_bytes_never_panic(
        kind in prop_oneof![Just(TYPE.to_owned()), Just("application/soap+xml".to_owned()), ".{0,60}"],
        octets: Vec<u8>,
        size in 1usize..20,
    ) {
        read(&kind, in_chunks(&octets, size), &small()).ok();
    }

    /// Damage to a good message reaches deeper than noise does, and no chunking changes the outcome.
    #[test]
    fn a_damaged_message_reads_the_same_in_any_chunks(
        at in 0usize..1200,
        cut in 0usize..40,
        put in prop_oneof![
            prop::collection::vec(any::<u8>(), 0..8),
            Just(b"\r\n--MIMEBoundary_41_0001".to_vec()),
            Just(b"\r\n--MIMEBoundary_41_0001--".to_vec()),
            Just(b"\r\n\r\n".to_vec()),
        ],
        size in 1usize..40,
    ) {
        let mut text = crlf(GOLDEN);
        let at = at.min(text.len());
        text.splice(at..(at + cut).min(text.len()), put);
        let once = whole(GOLDEN_TYPE, &text);
        let chunked = read(GOLDEN_TYPE, in_chunks(&text, size), &MessageLimits::default());
        prop_assert_eq!(once, chunked);
    }
}
