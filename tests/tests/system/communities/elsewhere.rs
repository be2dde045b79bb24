//! A community that answers in messages of its own (Asynchronous Web Services Exchange, ITI TF-2: V.5): what it sends
//! is read as if it had come on the connection of the question, once, and of its node alone.

use super::meeting::{
    Meeting, STRANGER, answer_with, entry, meet, meet_with, part, success, theirs,
};
use super::{entries, find, retrieve, told};
use crate::expect::row;
use crate::forms::by_form;
use anyhow::{Context, Result, ensure};
use renkei_soap::fault::FaultCode;
use renkei_tests::elsewhere::{Asked, http, multipart, multipart_ends};
use renkei_tests::reply::Reply;
use renkei_tests::row::named;
use renkei_tests::stream::Pattern;
use renkei_tests::wire::{Answer, header};
use renkei_tests::world::{Caller, INITIATING_GATEWAY as INITIATING};
use renkei_tests::{Form, audit, message, sample};
use renkei_xds::iti43;
use renkei_xds::response::Status;
use renkei_xds::transaction::ITI_39;
use std::io::Write;
use std::sync::{Arc, Mutex, OnceLock};

on_every_database! { by by_form:
    an_answer_elsewhere_is_read_once_and_of_its_node
    what_comes_too_late_is_a_fault
    a_document_from_elsewhere_that_is_not_what_its_entry_says_is_left_out
    a_large_document_streams_through_from_elsewhere
}

/// Where answers come in.
const ANSWERS: &str = "/xca/answers";

/// How such a community is entered; the node of its gateway is that of the world.
const ELSEWHERE: &[&str] = &["--answers", "elsewhere", "--peer", "test-gateway"];

/// What is said on the connection of the question.
const ACCEPTED: &[u8] = b"HTTP/1.1 202 Accepted\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";

/// The nodes that bring answers: known when there is a house.
type Callers = Arc<OnceLock<[Caller; 2]>>;

/// The stranger's gateway, and one of somebody else.
fn callers(meeting: &Meeting, callers: &Callers) -> Result<()> {
    let house = &meeting.house;
    let own = Caller::new(&house.renkei, "test-gateway", house.gateway.directory.clone())?;
    let other = house.caller("another-gateway", &["gateway"])?;
    drop(callers.set([own, other]));
    Ok(())
}

/// Posts an answer that was made for the connection.
fn post(caller: &Caller, answer: &[u8]) -> Result<Answer> {
    let at = answer.windows(4).position(|w| w == b"\r\n\r\n").context("no head")?;
    let (head, body) = answer.split_at(at + 4);
    let head = String::from_utf8_lossy(head);
    caller.connect()?.post(ANSWERS, header(&head, "content-type").context("no type")?, body)
}

/// Fails unless the answer was taken.
fn taken(answer: &Answer) -> Result<()> {
    ensure!(answer.status == 202 && answer.body.is_empty(), "{} {}", answer.head, answer.text());
    Ok(())
}

/// Fails unless it is refused by this row, since nobody awaits it.
fn refused(answer: Answer, expected: &str) -> Result<()> {
    let fault = Reply::of(answer)?.fault()?;
    let named = row(&fault)?;
    ensure!(fault.code == FaultCode::Sender && named == expected, "{fault:?}");
    ensure!(fault.ja.contains("再送しないでください"), "{fault:?}");
    Ok(())
}

fn an_answer_elsewhere_is_read_once_and_of_its_node(form: Form) -> Result<()> {
    const UNAWAITED: &str = "fault-not-awaited";
    let (known, asked_of): (Callers, Arc<Mutex<Vec<String>>>) = (Arc::default(), Arc::default());
    let (nodes, envelopes) = (Arc::clone(&known), Arc::clone(&asked_of));
    let failed: Arc<Mutex<Option<String>>> = Arc::default();
    let failure = Arc::clone(&failed);
    let slowly = ["gateway.query_seconds=60"];
    let meeting = meet_with(form, &slowly, ELSEWHERE, move |patient, asked, stream| {
        envelopes.lock().expect("envelopes").push(asked.envelope.clone());
        stream.write_all(ACCEPTED)?;
        drop(stream.shutdown());
        let answers = || -> Result<()> {
            let [own, other] = nodes.get().context("no nodes")?;
            let answer = answer_with(asked, &[entry(patient, b"theirs", Some(STRANGER))?]);
            refused(post(other, &answer)?, UNAWAITED).context("of another node")?;
            let unknown = Asked { message_id: message::message_id(), envelope: String::new() };
            refused(post(own, &answer_with(&unknown, &[]))?, UNAWAITED)
                .context("to another question")?;
            taken(&post(own, &answer)?)?;
            refused(post(own, &answer)?, UNAWAITED).context("again")
        };
        if let Err(error) = answers() {
            *failure.lock().expect("failure") = Some(format!("{error:#}"));
        }
        Ok(())
    })?;
    callers(&meeting, &known)?;
    let house = &meeting.house;
    let found = find(house, &meeting.patient)?;
    ensure!(failed.lock().expect("failure").is_none(), "{failed:?}");
    ensure!(found.status == Status::Success && found.errors.is_empty(), "{found:?}");
    ensure!(entries(&found).len() == 2, "{found:?}");
    let there = house.renkei.ready.endpoints.community_answers.clone().context("no endpoint")?;
    let reply_to = format!("<wsa:ReplyTo><wsa:Address>{there}</wsa:Address></wsa:ReplyTo>");
    let envelopes = asked_of.lock().expect("envelopes").clone();
    ensure!(envelopes.iter().all(|text| text.contains(&reply_to)), "{envelopes:?}");

    // No other role brings answers, whatever they say, and each that was refused is on record.
    let unknown = Asked { message_id: message::message_id(), envelope: String::new() };
    let unreadable = http("application/soap+xml; charset=UTF-8", b"<no");
    for answer in [answer_with(&unknown, &[]), unreadable] {
        let fault = Reply::of(post(&house.consumer, &answer)?)?.fault()?;
        ensure!(row(&fault)? == "fault-not-authorized", "{fault:?}");
    }
    let here = |r: &audit::Record| r.participant("110152").is_some_and(|p| p.user_id == there);
    for who in ["another-gateway", "test-gateway", "test-consumer"] {
        audit::wait_for(&house.renkei, |r| {
            let is_from = r.participant("110153").is_some_and(|p| p.user_id.contains(who));
            r.key() == "110112 ITI-38 E 8" && here(r) && is_from
        })
        .context(who)?;
    }
    // The question is recorded as one that was answered on the connection.
    audit::wait_for(&house.renkei, |r| r.key() == "110112 ITI-38 E 0")?;
    Ok(())
}

fn what_comes_too_late_is_a_fault(form: Form) -> Result<()> {
    let late: Arc<Mutex<Vec<Vec<u8>>>> = Arc::default();
    let kept = Arc::clone(&late);
    let meeting = meet(form, ELSEWHERE, move |patient, asked, stream| {
        let answer = answer_with(asked, &[entry(patient, b"theirs", Some(STRANGER))?]);
        kept.lock().expect("late").push(answer);
        Ok(stream.write_all(ACCEPTED)?)
    })?;
    let house = &meeting.house;
    let found = find(house, &meeting.patient)?;
    let (codes, said) = told(&found);
    ensure!(codes == ["XDSUnavailableCommunity"], "{found:?}");
    ensure!(said.contains("did not answer in time"), "{said}");
    ensure!(entries(&found).len() == 1, "{found:?}");
    let answers = late.lock().expect("late").clone();
    let late = post(&house.gateway, answers.first().context("was not asked")?)?;
    refused(late, "fault-not-awaited")
}

fn a_document_from_elsewhere_that_is_not_what_its_entry_says_is_left_out(form: Form) -> Result<()> {
    let known: Callers = Arc::default();
    let (nodes, sent) = (Arc::clone(&known), Arc::new(Mutex::new(&b"lies"[..])));
    let (content, unique_id) = (Arc::clone(&sent), sample::new_unique_id());
    let asked_for = unique_id.clone();
    let meeting = meet(form, ELSEWHERE, move |patient, asked, stream| {
        stream.write_all(ACCEPTED)?;
        drop(stream.shutdown());
        let answer = if asked.envelope.contains("CrossGatewayQuery") {
            let mut entry = entry(patient, b"true", Some(STRANGER))?;
            entry.unique_id = asked_for.clone();
            answer_with(asked, &[entry])
        } else {
            let parts = [("d@stranger", *content.lock().expect("content"))];
            let listed = [part(theirs(&asked_for)?, "d@stranger")];
            multipart(asked, &ITI_39, &parts, |w| {
                iti43::write_response(w, &success(), &listed);
            })
        };
        let [own, _] = nodes.get().context("no nodes")?;
        taken(&post(own, &answer)?)
    })?;
    callers(&meeting, &known)?;
    let house = &meeting.house;
    ensure!(entries(&find(house, &meeting.patient)?).len() == 2, "no entries");
    let request = [theirs(&unique_id)?];
    let got = retrieve(house, &request)?;
    ensure!(got.documents.is_empty(), "{:?}", got.response);
    ensure!(got.response.errors.len() == 1, "{:?}", got.response);
    named(&got.response.errors, "community-document-differs")?;
    *sent.lock().expect("content") = b"true";
    let got = retrieve(house, &request)?;
    ensure!(got.documents.len() == 1 && got.response.errors.is_empty(), "{:?}", got.response);
    Ok(())
}

/// Octets of the large document.
const LARGE: u64 = 100_000_000;
/// What the house may grow while it passes through.
const GROWTH: u64 = 32 << 20;

fn a_large_document_streams_through_from_elsewhere(form: Form) -> Result<()> {
    let known: Callers = Arc::default();
    let (pattern, unique_id) = (Pattern::new(LARGE)?, sample::new_unique_id());
    let (nodes, sent, asked_for) = (Arc::clone(&known), pattern, unique_id.clone());
    let slowly = ["gateway.retrieve_seconds=60"];
    let meeting = meet_with(form, &slowly, ELSEWHERE, move |_, asked, stream| {
        stream.write_all(ACCEPTED)?;
        drop(stream.shutdown());
        let listed = [part(theirs(&asked_for)?, "d@stranger")];
        let (kind, before, after) = multipart_ends(asked, &ITI_39, "d@stranger", |w| {
            iti43::write_response(w, &success(), &listed);
        });
        let length = before.len() as u64 + sent.size() + after.len() as u64;
        let [own, _] = nodes.get().context("no nodes")?;
        let mut wire = own.connect()?;
        wire.send_head(ANSWERS, &kind, length)?;
        wire.send(&before)?;
        sent.each(|octets| wire.send(octets))?;
        wire.send(&after)?;
        taken(&wire.answer()?)
    })?;
    callers(&meeting, &known)?;
    let renkei = &meeting.house.renkei;
    let before = renkei.resident_bytes()?;
    let mut wire = meeting.house.consumer.connect()?;
    let asked = message::retrieve(&[theirs(&unique_id)?]);
    wire.send_post(INITIATING, &asked.content_type, &asked.body)?;
    let (mut octets, mut most) = (0u64, before);
    wire.answer_to(|_, bytes| {
        octets += bytes.len() as u64;
        if octets % (8 << 20) < bytes.len() as u64 {
            most = most.max(renkei.resident_bytes()?);
        }
        Ok(())
    })?;
    ensure!(octets > LARGE, "{octets} octets");
    ensure!(most < before + GROWTH, "grew by {} MB", (most - before) >> 20);
    Ok(())
}
