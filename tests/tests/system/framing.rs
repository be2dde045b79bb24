//! What other stacks send is read as long as it is clear what is meant, and counted for the peer
//! that sends it (ITI TF-2: V.8; RFC 2387; XOP 1.0).

use crate::expect::fault;
use anyhow::{Context, Result, ensure};
use renkei_metadata::model::Submission;
use renkei_soap::fault::FaultCode;
use renkei_tests::message::{self, Message};
use renkei_tests::metrics;
use renkei_tests::world::{Caller, REGISTRY, REPOSITORY};
use renkei_tests::{World, sample};
use renkei_xds::iti18::QueryBuilder;
use renkei_xds::response::Status;
use std::collections::BTreeMap;

/// What is submitted here.
const CONTENT: &[u8] = b"--not a boundary\r\n\r\nnor the end\r\n";
/// `CONTENT` in base64.
const BASE64: &str = "LS1ub3QgYSBib3VuZGFyeQ0KDQpub3IgdGhlIGVuZA0K";
/// The Content-ID of the document.
const CID: &str = "doc1@source.example.jp";

on_every_database! {
    what_is_tolerated_is_accepted_and_counted_for_its_peer
    a_query_may_come_in_parts
    several_documents_may_come_in_any_mixture
    what_is_not_clear_is_refused
    parts_before_the_root_are_for_sources_only
    a_message_may_come_in_chunks_and_ask_first
}

/// A multipart message by hand: Content-Type, and parts as headers and octets.
fn multipart(content_type: &str, boundary: &str, parts: &[(&str, &[u8])]) -> Message {
    let mut body = Vec::new();
    for (headers, content) in parts {
        body.extend_from_slice(format!("\r\n--{boundary}\r\n{headers}\r\n\r\n").as_bytes());
        body.extend_from_slice(content);
    }
    body.extend_from_slice(format!("\r\n--{boundary}--\r\n").as_bytes());
    Message { content_type: content_type.to_owned(), body }
}

/// The Content-Type as the standard has it.
const TYPE: &str = "multipart/related; boundary=\"b\"; type=\"application/xop+xml\"; \
    start=\"<root@x>\"; start-info=\"application/soap+xml\"";
/// The headers of the root part as the standard has them.
const ROOT: &str = "Content-Type: application/xop+xml; charset=UTF-8; type=\"application/soap+xml\"\r\n\
    Content-Transfer-Encoding: binary\r\nContent-ID: <root@x>";
/// The headers of the document's part as the standard has them.
const PART: &str = "Content-Type: text/csv\r\nContent-Transfer-Encoding: binary\r\n\
    Content-ID: <doc1@source.example.jp>";

/// Makes a message of an envelope.
type Make = fn(&str) -> Message;

/// One way to send a document.
struct Variant {
    what: &'static str,
    counted: &'static [&'static str],
    message: Make,
}

/// The document in the envelope.
fn inline(root: &str) -> String {
    let start = root.find("<xop:Include").expect("xop:Include");
    let end = start + root[start..].find("/>").expect("its end") + 2;
    format!("{}\n {BASE64} {}", &root[..start], &root[end..])
}

const VARIANTS: &[Variant] = &[
    Variant {
        what: "as the standard has it",
        counted: &[],
        message: |root| multipart(TYPE, "b", &[(ROOT, root.as_bytes()), (PART, CONTENT)]),
    },
    Variant {
        what: "the document before the root",
        counted: &[],
        message: |root| multipart(TYPE, "b", &[(PART, CONTENT), (ROOT, root.as_bytes())]),
    },
    Variant {
        what: "folded, in another order and other case",
        counted: &[],
        message: |root| {
            let kind = "Multipart/Related; START=\"<root@x>\"; type=\"application/xop+xml\"; \
                Start-Info=\"application/soap+xml\"; boundary=b; action=\"urn:whatever\"";
            let part = "Content-ID:\r\n <doc1@source.example.jp>\r\nX-More: anything";
            multipart(kind, "b", &[(ROOT, root.as_bytes()), (part, CONTENT)])
        },
    },
    Variant {
        what: "a Content-ID that is written in percent",
        counted: &[],
        message: |root| {
            let root = root.replace(&format!("cid:{CID}"), "cid:doc1%40source%2eexample.jp");
            let root =
                root.replace("cid:doc1%40source.example.jp", "cid:doc1%40source%2Eexample.jp");
            multipart(TYPE, "b", &[(ROOT, root.as_bytes()), (PART, CONTENT)])
        },
    },
    Variant {
        what: "a preamble and an epilogue",
        counted: &[],
        message: |root| {
            let mut m = multipart(TYPE, "b", &[(ROOT, root.as_bytes()), (PART, CONTENT)]);
            m.body.splice(0..0, *b"This is a message in parts.");
            m.body.extend_from_slice(b"This was a message in parts.\r\n");
            m
        },
    },
    Variant {
        what: "parameters without quotes",
        counted: &["unquoted-parameter"],
        message: |root| {
            let kind = "multipart/related; boundary=a/b=c; type=application/xop+xml; \
                start=<root@x>; start-info=application/soap+xml";
            multipart(kind, "a/b=c", &[(ROOT, root.as_bytes()), (PART, CONTENT)])
        },
    },
    Variant {
        what: "no start",
        counted: &["missing-start"],
        message: |root| {
            let kind = TYPE.replace(" start=\"<root@x>\";", "");
            multipart(&kind, "b", &[(ROOT, root.as_bytes()), (PART, CONTENT)])
        },
    },
    Variant {
        what: "start-info with an action",
        counted: &["start-info-variant"],
        message: |root| {
            let info = "start-info=\"application/soap+xml; action=\\\"urn:x\\\"\"";
            let kind = TYPE.replace("start-info=\"application/soap+xml\"", info);
            multipart(&kind, "b", &[(ROOT, root.as_bytes()), (PART, CONTENT)])
        },
    },
    Variant {
        what: "a root of another type",
        counted: &["root-type-variant"],
        message: |root| {
            let headers = ROOT.replace("application/xop+xml", "application/soap+xml");
            multipart(TYPE, "b", &[(&headers, root.as_bytes()), (PART, CONTENT)])
        },
    },
    Variant {
        what: "Content-IDs without brackets",
        counted: &["bare-content-id"],
        message: |root| {
            let part = PART.replace(['<', '>'], "");
            multipart(TYPE, "b", &[(ROOT, root.as_bytes()), (&part, CONTENT)])
        },
    },
    Variant {
        what: "headers in lower case",
        counted: &["lower-case-header"],
        message: |root| {
            let part = PART.replace("Content-ID", "content-id");
            multipart(TYPE, "b", &[(ROOT, root.as_bytes()), (&part, CONTENT)])
        },
    },
    Variant {
        what: "a part in base64",
        counted: &["encoded-part"],
        message: |root| {
            let part = PART.replace("binary", "base64");
            multipart(TYPE, "b", &[(ROOT, root.as_bytes()), (&part, BASE64.as_bytes())])
        },
    },
    Variant {
        what: "a byte order mark",
        counted: &["byte-order-mark"],
        message: |root| {
            let root = format!("\u{feff}{root}");
            multipart(TYPE, "b", &[(ROOT, root.as_bytes()), (PART, CONTENT)])
        },
    },
    Variant {
        what: "an envelope in UTF-16",
        counted: &["utf-16"],
        message: |root| {
            let marked = format!("\u{feff}{root}");
            let octets: Vec<u8> = marked.encode_utf16().flat_map(u16::to_be_bytes).collect();
            multipart(TYPE, "b", &[(ROOT, &octets), (PART, CONTENT)])
        },
    },
    Variant {
        what: "a declaration that is not true",
        counted: &["encoding-declaration"],
        message: |root| {
            let root = format!("<?xml version=\"1.0\" encoding=\"utf-16\"?>{root}");
            multipart(TYPE, "b", &[(ROOT, root.as_bytes()), (PART, CONTENT)])
        },
    },
    Variant {
        what: "lines that end in a line feed alone",
        counted: &["bare-line-feed"],
        message: |root| {
            let mut body = Vec::new();
            for (headers, content) in [(ROOT, root.as_bytes()), (PART, CONTENT)] {
                let headers = headers.replace('\r', "");
                body.extend_from_slice(format!("\n--b\n{headers}\n\n").as_bytes());
                body.extend_from_slice(content);
            }
            body.extend_from_slice(b"\n--b--\n");
            Message { content_type: TYPE.to_owned(), body }
        },
    },
    Variant {
        what: "a Content-ID in percent, the URL decoded once",
        counted: &[],
        message: |root| {
            let root = root.replace(&format!("cid:{CID}"), "cid:1-2@urn%253Ax");
            let part = PART.replace(CID, "1-2@urn%3Ax");
            multipart(TYPE, "b", &[(ROOT, root.as_bytes()), (&part, CONTENT)])
        },
    },
    Variant {
        what: "a Content-ID that is a URL",
        counted: &[],
        message: |root| {
            let root = root.replace(&format!("cid:{CID}"), "cid:http%3A%2F%2Fx.example%2F1%2F2");
            let part = PART.replace(CID, "http://x.example/1/2");
            multipart(TYPE, "b", &[(ROOT, root.as_bytes()), (&part, CONTENT)])
        },
    },
    Variant {
        what: "a Content-ID in percent as its URL is, before the root",
        counted: &["encoded-content-id"],
        message: |root| {
            let root = root.replace(&format!("cid:{CID}"), "cid:1-2@urn%3Ax");
            let part = PART.replace(CID, "1-2@urn%3Ax");
            multipart(TYPE, "b", &[(&part, CONTENT), (ROOT, root.as_bytes())])
        },
    },
    Variant {
        what: "a start without brackets, start-info of SOAP 1.1, the name of a file",
        counted: &["bare-content-id", "start-info-variant"],
        message: |root| {
            let kind = "multipart/related; type=\"application/xop+xml\"; start=\"0bfc-field\"; \
                start-info=\"text/xml\"; boundary=66ce22ce-58b1-44cb-9006-field";
            let headers = "Content-Type: application/xop+xml; charset=UTF-8; type=\"text/xml\"\r\n\
                Content-ID: <0bfc-field>";
            let root = root.replace(&format!("cid:{CID}"), "cid:file_0");
            let part = "Content-Type: text/plain\r\nContent-Transfer-Encoding: binary\r\n\
                Content-ID: <file_0>\r\nContent-Disposition: attachment; filename=\"結果 1.txt\"";
            let parts = [(headers, root.as_bytes()), (part, CONTENT)];
            multipart(kind, "66ce22ce-58b1-44cb-9006-field", &parts)
        },
    },
    Variant {
        what: "nothing that must be understood",
        counted: &["no-must-understand"],
        message: |root| {
            let root = root.replace(" soap12:mustUnderstand=\"1\"", "");
            multipart(TYPE, "b", &[(ROOT, root.as_bytes()), (PART, CONTENT)])
        },
    },
    Variant {
        what: "base64 in the envelope",
        counted: &["inline-base64"],
        message: |root| multipart(TYPE, "b", &[(ROOT, inline(root).as_bytes())]),
    },
    Variant {
        what: "base64 in an envelope without parts",
        counted: &["inline-base64", "simple-for-mtom"],
        message: |root| message::simple(&inline(root)),
    },
];

fn what_is_tolerated_is_accepted_and_counted_for_its_peer(w: &World) -> Result<()> {
    let peer = w.caller("test-variants", &["source"])?;
    for variant in VARIANTS {
        let patient = w.patient();
        let sent = sample::one(&patient, CONTENT);
        let root = message::provide_and_register_root(&sent, &["Document01"]);
        let before = metrics::tolerances(&w.renkei, &peer.name)?;
        let message = (variant.message)(&root);
        let reply = peer.post(REPOSITORY, &message).context(variant.what)?;
        let response = reply.registry().context(variant.what)?;
        ensure!(response.status == Status::Success, "{}: {response:?}", variant.what);
        ensure!(w.content(&sent.entries[0].unique_id)? == CONTENT, "{}", variant.what);
        // The answer is framed as the request was.
        let parts = reply.content_type.starts_with("multipart/related");
        assert_eq!(parts, message.content_type.to_lowercase().starts_with("multipart/related"));

        let after = metrics::tolerances(&w.renkei, &peer.name)?;
        let counted = difference(&before, &after);
        let expected: BTreeMap<&str, u32> = variant.counted.iter().map(|name| (*name, 1)).collect();
        ensure!(counted == expected, "{}: {counted:?}, expected {expected:?}", variant.what);
    }
    Ok(())
}

fn difference<'a>(
    before: &BTreeMap<String, u32>,
    after: &'a BTreeMap<String, u32>,
) -> BTreeMap<&'a str, u32> {
    let grown = |(name, count): (&'a String, &u32)| {
        let grown = count - before.get(name).copied().unwrap_or(0);
        (grown > 0).then_some((name.as_str(), grown))
    };
    after.iter().filter_map(grown).collect()
}

fn a_query_may_come_in_parts(w: &World) -> Result<()> {
    let peer = w.caller("test-query-variant", &["consumer"])?;
    let query = QueryBuilder::get_documents_by_unique_id(&[sample::new_unique_id()]).build();
    let root = message::query(&query).body;
    let reply = peer.post(REGISTRY, &multipart(TYPE, "b", &[(ROOT, &root)]))?;
    ensure!(reply.query()?.status == Status::Success);
    let counted = metrics::tolerances(&w.renkei, &peer.name)?;
    assert_eq!(counted, BTreeMap::from([("mtom-for-simple".to_owned(), 1)]));
    Ok(())
}

fn several_documents_may_come_in_any_mixture(w: &World) -> Result<()> {
    let patient = w.patient();
    let mut entries = vec![sample::entry(&patient, b"first"), sample::entry(&patient, CONTENT)];
    entries[1].id = sample::symbol("Document02");
    let sent = sample::submission(&patient, entries);
    let root = message::provide_and_register_root(&sent, &["Document01", "Document02"]);
    // The second one inline, the first one before the root, and the entries' order is not that of
    // the parts.
    let (head, tail) = root.rsplit_once("<xop:Include").context("no second")?;
    let (_, tail) = tail.split_once("/>").context("no end")?;
    let root = format!("{head}{BASE64}{tail}");
    let message = multipart(TYPE, "b", &[(PART, b"first"), (ROOT, root.as_bytes())]);
    let response = w.source.post(REPOSITORY, &message)?.registry()?;
    ensure!(response.status == Status::Success, "{response:?}");
    assert_eq!(w.content(&sent.entries[0].unique_id)?, b"first");
    assert_eq!(w.content(&sent.entries[1].unique_id)?, CONTENT);
    Ok(())
}

fn what_is_not_clear_is_refused(w: &World) -> Result<()> {
    let cases: [(&str, Make); 15] = [
        ("no such root", |root| {
            let kind = TYPE.replace("root@x", "other@x");
            multipart(&kind, "b", &[(ROOT, root.as_bytes()), (PART, CONTENT)])
        }),
        ("no boundary", |root| {
            let kind = TYPE.replace("boundary=\"b\"; ", "");
            multipart(&kind, "b", &[(ROOT, root.as_bytes()), (PART, CONTENT)])
        }),
        ("a wrong boundary", |root| {
            multipart(TYPE, "c", &[(ROOT, root.as_bytes()), (PART, CONTENT)])
        }),
        ("the same Content-ID twice", |root| {
            multipart(TYPE, "b", &[(ROOT, root.as_bytes()), (PART, b"one"), (PART, b"other")])
        }),
        ("a part without Content-ID", |root| {
            let part = "Content-Type: text/csv";
            multipart(TYPE, "b", &[(ROOT, root.as_bytes()), (part, CONTENT)])
        }),
        ("a part in parts", |root| {
            let part = PART.replace("text/csv", "multipart/mixed; boundary=\"c\"");
            multipart(TYPE, "b", &[(ROOT, root.as_bytes()), (&part, CONTENT)])
        }),
        ("an unknown encoding", |root| {
            let part = PART.replace("binary", "quoted-printable");
            multipart(TYPE, "b", &[(ROOT, root.as_bytes()), (&part, CONTENT)])
        }),
        ("base64 that is none", |root| {
            let part = PART.replace("binary", "base64");
            multipart(TYPE, "b", &[(ROOT, root.as_bytes()), (&part, b"!!!!")])
        }),
        ("base64 in the envelope that is none", |root| {
            let root = inline(root).replace(BASE64, "!!!!");
            multipart(TYPE, "b", &[(ROOT, root.as_bytes())])
        }),
        ("a part that nothing refers to", |root| {
            let other = PART.replace("doc1", "doc2");
            multipart(TYPE, "b", &[(ROOT, root.as_bytes()), (PART, CONTENT), (&other, CONTENT)])
        }),
        ("a part that nothing refers to, before the root", |root| {
            let other = PART.replace("doc1", "doc2");
            multipart(TYPE, "b", &[(&other, CONTENT), (ROOT, root.as_bytes()), (PART, CONTENT)])
        }),
        ("a compressed part", |root| {
            let part = format!("{PART}\r\nContent-Encoding: gzip");
            multipart(TYPE, "b", &[(ROOT, root.as_bytes()), (&part, CONTENT)])
        }),
        ("a part that is elsewhere", |root| {
            let part = PART.replace("text/csv", "message/external-body; access-type=URL");
            multipart(TYPE, "b", &[(ROOT, root.as_bytes()), (&part, CONTENT)])
        }),
        ("lines that end in both ways", |root| {
            let mut m = multipart(TYPE, "b", &[(ROOT, root.as_bytes()), (PART, CONTENT)]);
            m.body.splice(0..7, *b"--b\n");
            m
        }),
        ("a reference to elsewhere", |root| {
            let root = root.replace("href=\"cid:", "href=\"file:///etc/passwd?");
            multipart(TYPE, "b", &[(ROOT, root.as_bytes()), (PART, CONTENT)])
        }),
    ];
    for (what, message) in cases {
        let sent = sample::one(&w.patient(), CONTENT);
        let root = message::provide_and_register_root(&sent, &["Document01"]);
        let reply = w.source.post(REPOSITORY, &message(&root)).context(what)?;
        fault(&reply, FaultCode::Sender).context(what)?;
        w.nothing_of(&sent).context(what)?;
    }
    let one = one_part_for_two(w)?;
    fault(&w.source.post(REPOSITORY, &one)?, FaultCode::Sender)?;
    Ok(())
}

/// Two documents that refer to the same part.
fn one_part_for_two(w: &World) -> Result<Message> {
    let patient = w.patient();
    let mut entries = vec![sample::entry(&patient, CONTENT), sample::entry(&patient, CONTENT)];
    entries[1].id = sample::symbol("Document02");
    let sent: Submission = sample::submission(&patient, entries);
    let root = message::provide_and_register_root(&sent, &["Document01", "Document02"]);
    let root = root.replace("doc2", "doc1");
    Ok(multipart(TYPE, "b", &[(ROOT, root.as_bytes()), (PART, CONTENT)]))
}

/// A caller without the right to submit gets no part of its message stored.
fn parts_before_the_root_are_for_sources_only(w: &World) -> Result<()> {
    let sent = sample::one(&w.patient(), CONTENT);
    let root = message::provide_and_register_root(&sent, &["Document01"]);
    let message = multipart(TYPE, "b", &[(PART, CONTENT), (ROOT, root.as_bytes())]);
    let callers: [&Caller; 2] = [&w.consumer, &w.repository];
    for caller in callers {
        fault(&caller.post(REPOSITORY, &message)?, FaultCode::Sender)?;
    }
    w.nothing_of(&sent)
}

/// Java stacks send in chunks, and some ask first whether they may.
fn a_message_may_come_in_chunks_and_ask_first(w: &World) -> Result<()> {
    let sent = sample::one(&w.patient(), CONTENT);
    let message = message::provide_and_register(&sent, &[CONTENT]);
    let mut wire = w.source.connect()?;
    let head = format!(
        "POST {REPOSITORY} HTTP/1.1\r\nhost: localhost\r\ncontent-type: {}\r\n\
         Expect: 100-continue\r\nTransfer-Encoding: chunked\r\n\r\n",
        message.content_type
    );
    wire.send(head.as_bytes())?;
    let go_on = wire.answer()?;
    assert_eq!(go_on.status, 100, "{}", go_on.head);
    for chunk in message.body.chunks(333) {
        wire.send(format!("{:x}\r\n", chunk.len()).as_bytes())?;
        wire.send(chunk)?;
        wire.send(b"\r\n")?;
    }
    wire.send(b"0\r\n\r\n")?;
    let response = renkei_tests::reply::Reply::of(wire.answer()?)?.registry()?;
    ensure!(response.status == Status::Success, "{response:?}");
    assert_eq!(w.content(&sent.entries[0].unique_id)?, CONTENT);
    // The connection is kept for the next message.
    let again = wire.post(REPOSITORY, &message.content_type, &message.body)?;
    assert_eq!(again.status, 200);
    Ok(())
}
