use super::*;
use proptest::prelude::*;

fn read(value: &str) -> Result<(MediaType, Tolerances), Fault> {
    let mut tolerances = Tolerances::new();
    MediaType::read(value, &mut tolerances).map(|m| (m, tolerances))
}

#[test]
fn reads_parameters_in_any_form() {
    let value = "Multipart/Related;\r\n\tBOUNDARY=uuid:12-34 ; type = \"application/xop+xml\";;\r\n \
                 start-info=\"application/soap+xml; action=\\\"urn:x;y\\\"\"; a=b;";
    let (kind, tolerances) = read(value).unwrap();
    assert_eq!(kind.essence, "multipart/related");
    assert_eq!(kind.parameter("boundary"), Some("uuid:12-34"));
    assert_eq!(kind.parameter("type"), Some("application/xop+xml"));
    assert_eq!(kind.parameter("start-info"), Some("application/soap+xml; action=\"urn:x;y\""));
    assert_eq!(kind.parameter("a"), Some("b"));
    assert_eq!(kind.parameter("start"), None);
    assert_eq!(tolerances.iter().collect::<Vec<_>>(), [Tolerance::UnquotedParameter]);
    assert!(read("application/soap+xml; charset=UTF-8").unwrap().1.is_empty());
}

#[test]
fn refuses_what_has_two_meanings() {
    for bad in [
        "",
        "text",
        "text/",
        "a b/c",
        "a/b; x",
        "a/b; x=",
        "a/b; x=\"y",
        "a/b; x=\"y\\",
        "a/b; x=\"y\"z",
        "a/b; =y",
        "a/b; x=1; X=2",
    ] {
        assert!(read(bad).is_err(), "{bad}");
    }
}

#[test]
fn reads_a_part_header() {
    let mut tolerances = Tolerances::new();
    let block = b"content-type: application/xop+xml;\r\n charset=UTF-8\r\nX-Other: \xe3\x81\x82\r\nContent-ID: <a@b>\r\nContent-Transfer-Encoding: BASE64";
    let header = PartHeader::read(block, &mut tolerances).unwrap();
    assert_eq!(header.content_id.as_deref(), Some("a@b"));
    assert_eq!(header.content_type.as_deref(), Some("application/xop+xml; charset=UTF-8"));
    assert_eq!(header.encoding, TransferEncoding::Base64);
    assert!(tolerances.contains(Tolerance::LowerCaseHeader));
    let none = PartHeader::read(b"", &mut tolerances).unwrap();
    assert_eq!((none.content_id, none.encoding), (None, TransferEncoding::Identity));
}

#[test]
fn refuses_a_bad_part_header() {
    for bad in [
        &b"Content-ID"[..],
        b"Content ID: x",
        b"Content-ID: <a>\r\nContent-Id: <b>",
        b"Content-ID: <>",
        b"Content-ID: a b",
        b"Content-Transfer-Encoding: quoted-printable",
        b"Content-Transfer-Encoding: x-gzip64",
        b"Content-Type: \xff",
        b"Content-ID: <a>\rX: b",
        b"Content-Encoding: gzip",
        b"Content-Encoding: identity, gzip",
        b"Content-Range: bytes 0-9/20",
        b" folded: first",
    ] {
        assert!(PartHeader::read(bad, &mut Tolerances::new()).is_err(), "{bad:?}");
    }
}

#[test]
fn reads_headers_that_do_not_matter_in_any_form() {
    for block in [
        &b"Content-ID: <a>\nX: b"[..],
        b"Content-Disposition: attachment; filename=\x8c\x92\x90f.csv\r\nContent-ID: <a>",
        b"Content-ID: <a>\r\nContent-Encoding: identity\r\nContent-MD5: x",
    ] {
        let header = PartHeader::read(block, &mut Tolerances::new()).unwrap();
        assert_eq!(header.content_id.as_deref(), Some("a"), "{block:?}");
    }
}

#[test]
fn refuses_bad_base64() {
    for pieces in [&["YQ=="][..], &["YQ", "=="], &["Y", "Q", "=", "="], &["YQ==", "\r\n"]] {
        let mut decoder = Base64Decoder::default();
        let all: Vec<u8> =
            pieces.iter().flat_map(|p| decoder.push(p.as_bytes()).unwrap()).collect();
        decoder.finish().unwrap();
        assert_eq!(all, b"a");
    }
    for pieces in [&["YQ"][..], &["YQ==", "YQ=="], &["YQ==", "", "YQ=="], &["Y*=="], &["=", "==="]]
    {
        let mut decoder = Base64Decoder::default();
        let pushed: Result<Vec<_>, _> = pieces.iter().map(|p| decoder.push(p.as_bytes())).collect();
        assert!(pushed.is_err() || decoder.finish().is_err(), "{pieces:?}");
    }
}

proptest! {
    #[test]
    fn a_quoted_parameter_comes_back(value in "[ -~]{1,40}") {
        let quoted = value.replace('\\', "\\\\").replace('"', "\\\"");
        let (kind, tolerances) = read(&format!("a/b; x=\"{quoted}\"; y=z")).unwrap();
        prop_assert_eq!(kind.parameter("x"), Some(value.as_str()));
        prop_assert_eq!(kind.parameter("y"), Some("z"));
        prop_assert!(tolerances.is_empty());
    }

    #[test]
    fn base64_in_pieces_is_base64(octets: Vec<u8>, line in 1usize..80, piece in 1usize..50) {
        let text = STANDARD.encode(&octets);
        let lines: Vec<_> = text.as_bytes().chunks(line).collect();
        let folded = lines.join(&b"\r\n"[..]);
        let mut decoder = Base64Decoder::default();
        let mut out = Vec::new();
        for piece in folded.chunks(piece) {
            out.extend_from_slice(&decoder.push(piece).unwrap());
        }
        decoder.finish().unwrap();
        prop_assert_eq!(out, octets);
    }

    #[test]
    fn arbitrary_values_never_panic(value in ".{0,100}", block: Vec<u8>) {
        read(&value).ok();
        PartHeader::read(&block, &mut Tolerances::new()).ok();
    }
}
