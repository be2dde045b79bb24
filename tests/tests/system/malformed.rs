//! What is wrong with the envelope or its addressing is a fault (SOAP 1.2 Part 1, 5.4;
//! WS-Addressing 1.0 SOAP Binding, 6; ITI TF-2: V.3), and what is too large is refused by the name
//! of its limit, without being held in memory.

use crate::expect::fault;
use anyhow::{Context, Result, ensure};
use renkei_metadata::model::AvailabilityStatus;
use renkei_soap::fault::{Detail, FaultCode, Subcode};
use renkei_soap::xml::ns;
use renkei_tests::message::{self, Message};
use renkei_tests::world::{REGISTRY, REPOSITORY};
use renkei_tests::{Form, Start, World, sample};
use renkei_xds::iti18::QueryBuilder;
use renkei_xds::transaction::{ITI_18, ITI_41, ITI_42};

// Parts of it may have been stored. All other messages here are refused before a database is asked.
on_every_database! {
    a_message_that_breaks_off_leaves_nothing
}

/// The shared program.
fn world() -> Result<&'static World> {
    World::shared(Form::PLAIN)?.context("no program")
}

/// A valid query as text.
fn query(w: &World) -> String {
    let query = QueryBuilder::find_documents(&w.patient(), &AvailabilityStatus::ALL);
    String::from_utf8(message::query(&query.build()).body).expect("UTF-8")
}

/// What a valid query becomes when its first `from` is `to`.
fn changed(w: &World, from: &str, to: &str) -> Result<Message> {
    let text = query(w);
    ensure!(text.contains(from), "{from} is not in {text}");
    Ok(message::simple(&text.replacen(from, to, 1)))
}

#[test]
fn what_is_no_xml_is_the_senders_fault() -> Result<()> {
    let w = world()?;
    let text = query(w);
    let billion = "<!DOCTYPE a [<!ENTITY x \"xxxxxxxxxx\"><!ENTITY y \"&x;&x;&x;&x;\">]>";
    let external = "<!DOCTYPE a [<!ENTITY x SYSTEM \"file:///etc/passwd\">]>";
    let entity = text.replacen("</rim:Value>", "&unknown;</rim:Value>", 1);
    let unclosed = text.replacen("</soap12:Body>", "", 1);
    let prefix = text.replacen("<soap12:Body>", "<soap12:Body><nobody:x/>", 1);
    let cases: [(&str, String, &str); 9] = [
        ("a document type", format!("<!DOCTYPE a>{text}"), "DOCTYPE"),
        ("entities of its own", format!("{billion}{text}"), "DOCTYPE"),
        ("an external entity", format!("{external}{text}"), "DOCTYPE"),
        ("an undefined entity", entity, "unknown"),
        ("an open element", unclosed, ""),
        ("an undeclared prefix", prefix, "nobody"),
        ("nothing", String::new(), ""),
        ("no XML at all", "kensa,kekka\r\n1,2\r\n".to_owned(), ""),
        ("two roots", format!("{text}{text}"), ""),
    ];
    for (what, body, told) in cases {
        let reply = w.consumer.post(REGISTRY, &message::simple(&body))?;
        let fault = fault(&reply, FaultCode::Sender).context(what)?;
        ensure!(fault.en.contains(told) && fault.ja.contains(told), "{what}: {fault:?}");
        ensure!(!reply.envelope.contains("root:"), "{what}: a file was read");
    }
    Ok(())
}

#[test]
fn other_encodings_are_the_senders_fault() -> Result<()> {
    let w = world()?;
    let mut broken = query(w).into_bytes();
    let at = broken.len() / 2;
    broken[at] = 0xff;
    let utf16: Vec<u8> = query(w).encode_utf16().flat_map(u16::to_le_bytes).collect();
    for body in [broken, utf16] {
        let message = Message { body, ..message::simple("") };
        fault(&w.consumer.post(REGISTRY, &message)?, FaultCode::Sender)?;
    }
    let declared = Message {
        content_type: "application/soap+xml; charset=Shift_JIS".to_owned(),
        ..message::simple(&query(w))
    };
    fault(&w.consumer.post(REGISTRY, &declared)?, FaultCode::Sender)?;
    // HTTP says nothing, so that the XML's own word counts.
    let declared = format!("<?xml version=\"1.0\" encoding=\"EUC-JP\"?>{}", query(w));
    let content_type = "application/soap+xml".to_owned();
    let message = Message { content_type, ..message::simple(&declared) };
    let reply = w.consumer.post(REGISTRY, &message)?;
    ensure!(fault(&reply, FaultCode::Sender)?.en.contains("EUC-JP"));
    Ok(())
}

#[test]
fn another_version_of_soap_is_named() -> Result<()> {
    let w = world()?;
    let soap11 = "http://schemas.xmlsoap.org/soap/envelope/";
    let text = query(w).replace(ns::SOAP12, soap11);
    for content_type in ["text/xml; charset=UTF-8", "application/soap+xml; charset=UTF-8"] {
        let content_type = content_type.to_owned();
        let message = Message { content_type, body: text.clone().into_bytes() };
        let reply = w.consumer.post(REGISTRY, &message)?;
        fault(&reply, FaultCode::VersionMismatch)?;
        // SOAP 1.2 Part 1, 5.4.7.
        ensure!(reply.envelope.contains("SupportedEnvelope"), "{}", reply.envelope);
    }
    let unheard = message::simple(&query(w).replace(ns::SOAP12, "urn:x:soap"));
    fault(&w.consumer.post(REGISTRY, &unheard)?, FaultCode::VersionMismatch)?;
    Ok(())
}

#[test]
fn other_media_types_are_the_senders_fault() -> Result<()> {
    let w = world()?;
    let types = [
        "text/html",
        "application/json",
        "multipart/form-data; boundary=x",
        "",
        "soap",
        "multipart/related",
        "text/xml",
        "multipart/related; boundary=\"x\"; type=\"text/html\"",
    ];
    for content_type in types {
        let content_type = content_type.to_owned();
        let message = Message { content_type, ..message::simple(&query(w)) };
        fault(&w.consumer.post(REGISTRY, &message)?, FaultCode::Sender)
            .with_context(|| format!("{:?}", message.content_type))?;
    }
    Ok(())
}

#[test]
fn addressing_is_checked() -> Result<()> {
    let w = world()?;
    let action =
        format!("<wsa:Action soap12:mustUnderstand=\"1\">{}</wsa:Action>", ITI_18.request_action);
    let twice = format!("{action}{action}");
    let spaced = action.replace("urn:", " urn:");
    let required = Subcode::MessageAddressingHeaderRequired;
    let invalid = Subcode::InvalidAddressingHeader;
    let old = "http://schemas.xmlsoap.org/ws/2004/08/addressing";
    let elsewhere = Subcode::OnlyAnonymousAddressSupported;
    let cases = [
        (action.as_str(), "", &required, "Action"),
        (&action, &twice, &invalid, "Action"),
        (&action, &spaced, &invalid, "Action"),
        ("<wsa:To>https://localhost/</wsa:To>", "<wsa:To>here</wsa:To>", &invalid, "To"),
        ("<wsa:To>", "<wsa:To>https://localhost/</wsa:To><wsa:To>", &invalid, "To"),
        (ns::WSA, old, &invalid, "Action"),
        (
            "http://www.w3.org/2005/08/addressing/anonymous",
            "https://client.example.jp/answers",
            &elsewhere,
            "ReplyTo",
        ),
    ];
    for (from, to, subcode, header) in cases {
        let reply = w.consumer.post(REGISTRY, &changed(w, from, to)?)?;
        let fault = fault(&reply, FaultCode::Sender)?;
        assert_eq!(fault.subcode.as_ref(), Some(subcode), "{fault:?}");
        ensure!(fault.en.contains(header), "{fault:?}");
        let action = "http://www.w3.org/2005/08/addressing/fault";
        assert_eq!(reply.addressing()?.action, action);
    }
    Ok(())
}

#[test]
fn a_request_needs_a_message_id() -> Result<()> {
    let w = world()?;
    let text = query(w);
    let (before, rest) = text.split_once("<wsa:MessageID>").context("no MessageID")?;
    let (_, after) = rest.split_once("</wsa:MessageID>").context("no end of MessageID")?;
    let reply = w.consumer.post(REGISTRY, &message::simple(&format!("{before}{after}")))?;
    let fault = fault(&reply, FaultCode::Sender)?;
    assert_eq!(fault.subcode, Some(Subcode::MessageAddressingHeaderRequired), "{fault:?}");
    ensure!(fault.en.contains("MessageID") && fault.ja.contains("MessageID"), "{fault:?}");
    Ok(())
}

#[test]
fn an_answer_names_the_message_that_it_answers() -> Result<()> {
    let w = world()?;
    let message = changed(w, ITI_18.request_action, "urn:x:nothing")?;
    let text = String::from_utf8(message.body.clone())?;
    let id = text.split("<wsa:MessageID>").nth(1).and_then(|t| t.split('<').next());
    let reply = w.consumer.post(REGISTRY, &message)?;
    assert_eq!(reply.addressing()?.relates_to.as_deref(), id);
    Ok(())
}

#[test]
fn an_action_has_its_place_and_its_body() -> Result<()> {
    let w = world()?;
    let unknown = changed(w, ITI_18.request_action, "urn:ihe:iti:2007:Unknown")?;
    let of_the_repository = changed(w, ITI_18.request_action, ITI_41.request_action)?;
    let cases = [
        (&unknown, REGISTRY, "urn:ihe:iti:2007:Unknown"),
        (&of_the_repository, REGISTRY, ITI_41.request_action),
        (&message::simple(&query(w)), REPOSITORY, ITI_18.request_action),
    ];
    for (message, path, action) in cases {
        let reply = w.consumer.post(path, message)?;
        let fault = fault(&reply, FaultCode::Sender)?;
        assert_eq!(fault.subcode, Some(Subcode::ActionNotSupported));
        assert_eq!(fault.detail, Some(Detail::ProblemAction(action.to_owned())));
    }
    // The action of ITI-42 with the body of ITI-18.
    let message = changed(w, ITI_18.request_action, ITI_42.request_action)?;
    let reply = w.repository.post(REGISTRY, &message)?;
    assert_eq!(fault(&reply, FaultCode::Sender)?.subcode, Some(Subcode::ActionNotSupported));
    Ok(())
}

#[test]
fn the_body_holds_one_element_and_the_header_comes_first() -> Result<()> {
    let w = world()?;
    let text = query(w);
    let header = text.find("<soap12:Header>").context("no header")?
        ..text.find("<soap12:Body>").context("no body")?;
    let without_header = text.replacen(&text[header.clone()], "", 1);
    let reply = w.consumer.post(REGISTRY, &message::simple(&without_header))?;
    let missing = fault(&reply, FaultCode::Sender)?;
    assert_eq!(missing.subcode, Some(Subcode::MessageAddressingHeaderRequired));
    for (from, to) in [
        ("</soap12:Body>", "<x/></soap12:Body>"),
        ("</soap12:Body>", "</soap12:Body><soap12:Body/>"),
        ("<soap12:Body>", "<soap12:Body>text"),
        ("<soap12:Body>", "<soap12:Body/><soap12:Body>"),
        ("soap12:Envelope", "soap12:Umschlag"),
    ] {
        let text = if from == "soap12:Envelope" {
            text.replace(from, to)
        } else {
            text.replacen(from, to, 1)
        };
        let reply = w.consumer.post(REGISTRY, &message::simple(&text))?;
        fault(&reply, FaultCode::Sender).with_context(|| to.to_owned())?;
    }
    Ok(())
}

#[test]
fn unknown_headers_are_ignored_unless_they_must_be_understood() -> Result<()> {
    let w = world()?;
    let header = |attribute: &str| {
        let block =
            format!("<x:Trace xmlns:x=\"urn:x:trace\" {attribute}>1</x:Trace></soap12:Header>");
        changed(w, "</soap12:Header>", &block)
    };
    w.consumer.post(REGISTRY, &header("")?)?.query()?;
    w.consumer.post(REGISTRY, &header("soap12:mustUnderstand=\"0\"")?)?.query()?;
    for yes in ["1", "true"] {
        let message = header(&format!("soap12:mustUnderstand=\"{yes}\""))?;
        let reply = w.consumer.post(REGISTRY, &message)?;
        let fault = fault(&reply, FaultCode::MustUnderstand)?;
        ensure!(fault.en.contains("urn:x:trace"), "{fault:?}");
        // SOAP 1.2 Part 1, 5.4.8.
        let (header, _) = reply.envelope.split_once("<soap12:Body>").context("no body")?;
        ensure!(header.contains("NotUnderstood") && header.contains("=\"urn:x:trace\""));
    }
    // Not addressed to us: SOAP 1.2 Part 1, 2.3.
    let other = "soap12:mustUnderstand=\"1\" soap12:role=\"http://www.w3.org/2003/05/soap-envelope/role/none\"";
    w.consumer.post(REGISTRY, &header(other)?)?.query()?;
    Ok(())
}

#[test]
fn there_is_nothing_beside_the_endpoints() -> Result<()> {
    let w = world()?;
    for path in ["/", "/metrics", REGISTRY] {
        ensure!(matches!(w.consumer.connect()?.get(path)?.status, 404 | 405), "{path}");
    }
    for path in ["/", "/xds", "/metrics"] {
        let answer = w.consumer.connect()?.post(path, "application/soap+xml", b"<x/>")?;
        assert_eq!(answer.status, 404, "{path}");
    }
    Ok(())
}

fn a_message_that_breaks_off_leaves_nothing(w: &World) -> Result<()> {
    let patient = w.patient();
    let content = vec![b'x'; 600_000];
    let sent = sample::one(&patient, &content);
    let message = message::provide_and_register(&sent, &[&content]);
    for part in [100, 3_000, message.body.len() - 3] {
        let mut wire = w.source.connect()?;
        wire.send_head(REPOSITORY, &message.content_type, message.body.len() as u64)?;
        wire.send(&message.body[..part])?;
        drop(wire);
        // The length says that it is whole, the delimiters that it is not.
        let cut = Message {
            content_type: message.content_type.clone(),
            body: message.body[..part].to_vec(),
        };
        fault(&w.source.post(REPOSITORY, &cut)?, FaultCode::Sender)?;
    }
    w.nothing_of(&sent)?;
    w.submitted(&sent, &[&content])
}

#[test]
fn limits_are_refused_by_their_names_in_flat_memory() -> Result<()> {
    let start = Start::new(Form::PLAIN)
        .set("limits.root_bytes=1048576")
        .set("limits.inline_document_bytes=65536")
        .set("limits.part_header_bytes=1024")
        .set("limits.message_bytes=16777216");
    let w = World::start(start)?;
    let patient = w.patient();
    let sent = sample::one(&patient, b"x");
    let root = message::provide_and_register_root(&sent, &["Document01"]);
    let document =
        |parts: &[(&str, &[u8])]| message::multipart(&root, parts, ITI_41.request_action);
    let cid = message::cids(1).concat();
    w.submitted(&sample::one(&w.patient(), b"warm"), &[b"warm"])?;
    let before = w.renkei.resident_bytes()?;

    let cids = message::cids(1000);
    let parts: Vec<(&str, &[u8])> = cids.iter().map(|c| (c.as_str(), &b"x"[..])).collect();
    let many = message::provide_and_register_root(&sent, &vec!["Document01"; parts.len()]);
    let many = message::multipart(&many, &parts, ITI_41.request_action);
    is_limit(&w, &many, "limits.parts")?;
    let mut long_header = document(&[(&cid, b"x")]);
    let text = String::from_utf8(long_header.body)?;
    let header = format!("X-Long: {}\r\nContent-ID: <{cid}>", "x".repeat(1024));
    long_header.body = text.replace(&format!("Content-ID: <{cid}>"), &header).into_bytes();
    is_limit(&w, &long_header, "limits.part_header_bytes")?;
    let inline = "eHh4".repeat(65_536 / 3 + 1);
    let include = format!(
        "<xop:Include xmlns:xop=\"{}\" href=\"cid:{}\"/>",
        ns::XOP,
        cid.replace('@', "%40")
    );
    let include = if root.contains(&include) { include } else { include.replace("%40", "@") };
    ensure!(root.contains(&include), "{root}");
    let over = root.replace(&include, &inline);
    is_limit(
        &w,
        &message::multipart(&over, &[], ITI_41.request_action),
        "limits.inline_document_bytes",
    )?;
    for (inner, limit) in [
        (format!("{}{}", "<a>".repeat(101), "</a>".repeat(101)), "limits.xml_depth"),
        (
            format!("<a {}/>", (0..300).map(|n| format!("a{n}=\"\" ")).collect::<String>()),
            "limits.xml_attributes",
        ),
        (format!("<{}/>", "a".repeat(2000)), "limits.xml_name_bytes"),
    ] {
        let text = query(&w).replacen("<soap12:Header>", &format!("<soap12:Header>{inner}"), 1);
        let reply = w.consumer.post(REGISTRY, &message::simple(&text))?;
        told(&reply.fault()?, limit)?;
    }

    // Far more than memory may grow; the answer comes before the end is sent.
    let mib = vec![b' '; 1 << 20];
    endless(&w, "application/soap+xml", query(&w).as_bytes(), &mib, "limits.root_bytes")?;
    let mtom = document(&[(&cid, b"x")]);
    let text = String::from_utf8_lossy(&mtom.body);
    let open = &mtom.body[..text.rfind("\r\n\r\n").context("no part")? + 4];
    endless(&w, &mtom.content_type, open, &mib, "limits.message_bytes")?;
    let start = String::from_utf8_lossy(&mtom.body).find("<soap12:Envelope").context("no root")?;
    let open = &mtom.body[..start];
    endless(&w, &mtom.content_type, open, &mib, "limits.root_bytes")?;

    let grown = w.renkei.resident_bytes()?.saturating_sub(before) >> 20;
    ensure!(grown < 24, "memory grew by {grown} MiB");
    w.nothing_of(&sent)?;
    w.submitted(&sent, &[b"x"])
}

/// Fails unless a message to the repository is refused by the name of this limit.
fn is_limit(w: &World, message: &Message, limit: &str) -> Result<()> {
    let reply = w.source.post(REPOSITORY, message).context(limit.to_owned())?;
    told(&fault(&reply, FaultCode::Sender)?, limit)
}

fn told(fault: &renkei_soap::fault::Fault, limit: &str) -> Result<()> {
    for text in [&fault.en, &fault.ja] {
        ensure!(text.contains(limit), "{limit} is not in: {text}");
    }
    Ok(())
}

/// Sends `begin` and then `more`, again and again up to 200 MiB, until there is an answer: a refusal
/// by the name of this limit.
fn endless(w: &World, content_type: &str, begin: &[u8], more: &[u8], limit: &str) -> Result<()> {
    let mut wire = w.source.connect()?;
    wire.send_head(REPOSITORY, content_type, 200 << 20)?;
    wire.send(begin)?;
    let mut sent = begin.len();
    while !wire.answered()? {
        ensure!(sent < 100 << 20, "{limit}: no answer after {sent} bytes");
        wire.send(more)?;
        sent += more.len();
    }
    let reply = renkei_tests::reply::Reply::of(wire.answer()?)?;
    told(&fault(&reply, FaultCode::Sender)?, limit)
}
