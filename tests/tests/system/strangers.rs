//! What programs of other makers send: read where it is clear what is meant, refused by the real cause
//! where it is not. `framing.rs` has what concerns the parts of a message.

use crate::expect::{fault, refused_with};
use anyhow::{Context, Result, ensure};
use renkei_metadata::model::{LocalizedText, RegistryObject};
use renkei_soap::fault::FaultCode;
use renkei_tests::message::{self, Message};
use renkei_tests::reply::Reply;
use renkei_tests::wire::Answer;
use renkei_tests::world::{Caller, REGISTRY, REPOSITORY};
use renkei_tests::{World, sample};
use renkei_xds::iti18::QueryBuilder;
use renkei_xds::response::Status;
use renkei_xds::transaction::{ITI_41, ITI_43};

on_every_database! {
    the_charset_of_http_decides_and_not_the_declaration
    a_header_that_changes_what_a_body_means_is_followed_or_refused
    a_uuid_in_upper_case_is_the_same_id_everywhere
    line_breaks_around_a_value_are_not_part_of_it
    a_comment_inside_an_identifier_is_refused
    a_part_of_a_query_is_refused_by_its_name
    an_empty_home_community_counts_as_none
    telephone_numbers_come_back_as_they_were_sent
    what_is_accepted_can_be_given_back
}

fn query() -> Message {
    let query = QueryBuilder::get_documents_by_unique_id(&[sample::new_unique_id()]);
    message::query(&query.build())
}

/// Sends a message with further headers.
fn with_headers(caller: &Caller, path: &str, headers: &str, m: &Message) -> Result<Answer> {
    let mut wire = caller.connect()?;
    let head = format!(
        "POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: {}\r\nContent-Length: {}\r\n{headers}\r\n",
        m.content_type,
        m.body.len()
    );
    wire.send(head.as_bytes())?;
    wire.send(&m.body)?;
    wire.answer()
}

/// A submission of one document as text, with its content.
fn submission(w: &World) -> (renkei_metadata::model::Submission, String) {
    let sent = sample::one(&w.patient(), CONTENT);
    let root = message::provide_and_register_root(&sent, &["Document01"]);
    (sent, root)
}

const CONTENT: &[u8] = b"a,b\r\n";

/// Sends a root with the one document of [`submission`].
fn send(w: &World, root: &str) -> Result<Reply> {
    let cids = message::cids(1);
    let parts: Vec<(&str, &[u8])> = cids.iter().map(|c| (c.as_str(), CONTENT)).collect();
    w.source.post(REPOSITORY, &message::multipart(root, &parts, ITI_41.request_action))
}

fn the_charset_of_http_decides_and_not_the_declaration(w: &World) -> Result<()> {
    for declared in ["utf-16", "ASCII", "utf8", "Shift_JIS"] {
        let mut message = query();
        let declaration = format!("<?xml version=\"1.0\" encoding=\"{declared}\"?>\n");
        message.body.splice(0..0, declaration.into_bytes());
        let answer = w.consumer.post(REGISTRY, &message).context(declared)?.query()?;
        ensure!(answer.status == Status::Success, "{declared}: {answer:?}");
    }
    let text = String::from_utf8(query().body)?;
    let marked = format!("\u{feff}<?xml version=\"1.0\" encoding=\"utf-16\"?>{text}");
    let body: Vec<u8> = marked.encode_utf16().flat_map(u16::to_le_bytes).collect();
    for kind in ["application/soap+xml; charset=utf-16", "application/soap+xml"] {
        let message = Message { content_type: kind.to_owned(), body: body.clone() };
        ensure!(w.consumer.post(REGISTRY, &message)?.query()?.status == Status::Success);
    }
    Ok(())
}

fn a_header_that_changes_what_a_body_means_is_followed_or_refused(w: &World) -> Result<()> {
    let message = query();
    for harmless in [
        "Content-Encoding: identity\r\n",
        "Content-Encoding: Identity, identity\r\n",
        "Content-Transfer-Encoding: binary\r\nMIME-Version: 1.0\r\n",
        "SOAPAction: \"urn:x\"\r\n",
        "Content-MD5: Q2hlY2sgSW50ZWdyaXR5IQ==\r\n",
    ] {
        let answer = with_headers(&w.consumer, REGISTRY, harmless, &message)?;
        let answered = Reply::of(answer)?.query().context(harmless)?;
        ensure!(answered.status == Status::Success, "{harmless}");
    }
    for (header, status) in [
        ("Content-Encoding: gzip", 415),
        ("Content-Encoding: identity, br", 415),
        ("Content-Transfer-Encoding: base64", 415),
        ("Content-Range: bytes 0-99/200", 400),
        ("Expect: a-miracle", 417),
        ("Content-Type: text/plain", 400),
    ] {
        let answer = with_headers(&w.consumer, REGISTRY, &format!("{header}\r\n"), &message)?;
        ensure!(answer.status == status, "{header}: {}", answer.head);
        let coding = answer.header("accept-encoding").map(str::to_owned);
        ensure!(coding.as_deref() == (status == 415).then_some("identity"), "{}", answer.head);
        let fault = Reply::of(answer)?.fault()?;
        let (name, _) = header.split_once(':').context("no name")?;
        ensure!(fault.code == FaultCode::Sender, "{fault:?}");
        ensure!(fault.en.contains(name) && fault.ja.contains(name), "{fault:?}");
    }
    Ok(())
}

fn a_uuid_in_upper_case_is_the_same_id_everywhere(w: &World) -> Result<()> {
    let (sent, root) = submission(w);
    let id = uuid::Uuid::new_v4();
    let upper = format!("urn:uuid:{}", id.to_string().to_uppercase());
    let response = send(w, &root.replace("Document01", &upper))?.registry()?;
    ensure!(response.status == Status::Success, "{response:?}");
    let patient = sent.submission_set.patient_id.as_ref().context("no patient")?;
    let entry = w.document_of(patient)?;
    ensure!(entry.id.to_string() == format!("urn:uuid:{id}"), "{}", entry.id);
    ensure!(w.content(&entry.unique_id)? == CONTENT);
    // And in a query, whose own id is one, too.
    let query = QueryBuilder::get_documents(&[entry.id.uuid().context("no UUID")?]).build();
    let mut message = message::query(&query);
    let text = String::from_utf8(message.body)?;
    ensure!(text.contains(&id.to_string()) && text.contains(&query.id), "{text}");
    let shouted = query.id.replace("urn:uuid:", "").to_uppercase();
    let text = text.replace(&id.to_string(), &id.to_string().to_uppercase());
    message.body = text.replace(query.id.trim_start_matches("urn:uuid:"), &shouted).into_bytes();
    let found = w.consumer.post(REGISTRY, &message)?.query()?.objects;
    ensure!(matches!(found.as_slice(), [RegistryObject::Entry(_)]), "{found:?}");
    Ok(())
}

fn line_breaks_around_a_value_are_not_part_of_it(w: &World) -> Result<()> {
    let cases = [
        (
            "urn:ihe:iti:xds:2013:referenceIdList",
            "R-1^^^&amp;1.2.3&amp;ISO^urn:ihe:iti:xds:2013:accession",
        ),
        ("legalAuthenticator", "D1^試験^一郎^^^^^^&amp;1.2.3&amp;ISO"),
    ];
    for (name, value) in cases {
        let value = value.replace("&amp;", "&");
        for (before, after) in [("", ""), ("\n  ", "\n"), ("\r\n", "\t")] {
            let (sent, root) = submission(w);
            let slot = format!(
                "<rim:Slot name=\"{name}\"><rim:ValueList><rim:Value>{before}<![CDATA[{value}]]>{after}\
                 </rim:Value></rim:ValueList></rim:Slot><rim:Slot name=\"creationTime\""
            );
            let root = root.replacen("<rim:Slot name=\"creationTime\"", &slot, 1);
            let response = send(w, &root)?.registry()?;
            ensure!(response.status == Status::Success, "{name}: {response:?}");
            let patient = sent.submission_set.patient_id.as_ref().context("no patient")?;
            let entry = w.document_of(patient)?;
            let stored = entry.legal_authenticator.iter().chain(&entry.reference_ids);
            ensure!(stored.eq([&value]), "{name}: {entry:?}");
        }
        // Inside, it is no such value.
        let (sent, root) = submission(w);
        let broken = value.replacen('^', "\n^", 1).replace('&', "&amp;");
        let slot = format!(
            "<rim:Slot name=\"{name}\"><rim:ValueList><rim:Value>{broken}</rim:Value></rim:ValueList>\
             </rim:Slot><rim:Slot name=\"creationTime\""
        );
        let root = root.replacen("<rim:Slot name=\"creationTime\"", &slot, 1);
        let response = send(w, &root)?.registry()?;
        let error = refused_with(&response, "XDSRepositoryMetadataError")?;
        let short = name.rsplit(':').next().unwrap_or(name);
        ensure!(error.context.contains(short), "{error:?}");
        w.nothing_of(&sent)?;
    }
    Ok(())
}

fn a_comment_inside_an_identifier_is_refused(w: &World) -> Result<()> {
    let (sent, root) = submission(w);
    let root = root.replacen("T-0001^", "T-<!-- -->0001^", 1);
    let reply = send(w, &root)?;
    let fault = fault(&reply, FaultCode::Sender)?;
    ensure!(fault.en.contains("comment") && fault.ja.contains("コメント"), "{fault:?}");
    w.nothing_of(&sent)
}

fn a_part_of_a_query_is_refused_by_its_name(w: &World) -> Result<()> {
    let root = String::from_utf8(query().body)?;
    for (caller, path) in [(&w.consumer, REGISTRY), (&w.consumer, REPOSITORY)] {
        let root = if path == REPOSITORY {
            let retrieve = message::retrieve(&[w.request(&sample::new_unique_id())?]);
            let text = String::from_utf8(retrieve.body)?;
            let start = text.find("<soap12:Envelope").context("no envelope")?;
            let end = text.rfind("</soap12:Envelope>").context("no end")?;
            format!("{}</soap12:Envelope>", &text[start..end])
        } else {
            root.clone()
        };
        let message = message::multipart(&root, &[("stray@x", b"x")], ITI_43.request_action);
        let fault = fault(&caller.post(path, &message)?, FaultCode::Sender)?;
        ensure!(fault.en.contains("stray@x") && fault.ja.contains("stray@x"), "{fault:?}");
    }
    Ok(())
}

fn an_empty_home_community_counts_as_none(w: &World) -> Result<()> {
    let (sent, root) = submission(w);
    let response = send(
        w,
        &root.replace("objectType=\"urn:uuid:7edca82f", "home=\"\" objectType=\"urn:uuid:7edca82f"),
    )?;
    ensure!(response.registry()?.status == Status::Success);
    let mut message = message::retrieve(&[w.request(&sent.entries[0].unique_id)?]);
    let text = String::from_utf8(message.body)?;
    let repository = "<xds:RepositoryUniqueId>";
    ensure!(text.contains(repository), "{text}");
    let with_home = format!("<xds:HomeCommunityId/>{repository}");
    message.body = text.replacen(repository, &with_home, 1).into_bytes();
    let got = w.consumer.post(REPOSITORY, &message)?.retrieved()?;
    ensure!(got.response.status == Status::Success, "{:?}", got.response);
    let mut message = query();
    let text = String::from_utf8(message.body)?;
    message.body = text.replacen("<rim:AdhocQuery ", "<rim:AdhocQuery home=\"\" ", 1).into_bytes();
    ensure!(w.consumer.post(REGISTRY, &message)?.query()?.status == Status::Success);
    Ok(())
}

fn telephone_numbers_come_back_as_they_were_sent(w: &World) -> Result<()> {
    let numbers = [
        "^PRS^PH^^81^^(03) 5555 0101",
        "^PRS^PH^^^^+81 3 5555 0102",
        "^WPN^FX^^81^3^55550103^07",
        "^NET^Internet^rika@kaku.example",
    ];
    let patient = w.patient();
    let mut sent = sample::one(&patient, CONTENT);
    sent.entries[0].authors[0].telecommunications = numbers.map(str::to_owned).to_vec();
    w.submitted(&sent, &[CONTENT])?;
    assert_eq!(w.document_of(&patient)?.authors[0].telecommunications, numbers);
    let mut bare = sample::one(&w.patient(), CONTENT);
    bare.entries[0].authors[0].telecommunications = vec!["03-5555-0104".to_owned()];
    let response = w.submit(&bare, &[CONTENT])?;
    let error = refused_with(&response, "XDSRegistryMetadataError")?;
    ensure!(error.context.contains("authorTelecommunication"), "{error:?}");
    w.nothing_of(&bare)
}

/// A text that the schema has no room for would make every answer of its patient invalid.
fn what_is_accepted_can_be_given_back(w: &World) -> Result<()> {
    let patient = w.patient();
    let mut sent = sample::one(&patient, CONTENT);
    sent.entries[0].comments = Some(LocalizedText::ja("長".repeat(1024)));
    sent.entries[0].authors[0].roles = vec!["役".repeat(256)];
    w.submitted(&sent, &[CONTENT])?;
    let query =
        QueryBuilder::find_documents(&patient, &renkei_metadata::model::AvailabilityStatus::ALL);
    let reply = w.consumer.post(REGISTRY, &message::query(&query.build()))?;
    reply.valid_by("ebRS30/query.xsd")?;
    let mut comments = sample::one(&w.patient(), CONTENT);
    comments.entries[0].comments = Some(LocalizedText::ja("長".repeat(1025)));
    let mut role = sample::one(&w.patient(), CONTENT);
    role.entries[0].authors[0].roles = vec!["役".repeat(257)];
    for (sent, attribute) in [(comments, "comments"), (role, "authorRole")] {
        let response = w.submit(&sent, &[CONTENT])?;
        let [error] = response.errors.as_slice() else { anyhow::bail!("{response:?}") };
        ensure!(error.context.contains(attribute), "{error:?}");
        w.nothing_of(&sent)?;
    }
    Ok(())
}
