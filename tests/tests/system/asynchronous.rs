//! Answers in messages of their own (ITI TF-2: V.5): only to listed addresses, kept until they are
//! there; and repeats of a message, which get the same answer and do nothing twice.

mod updates;

use crate::expect::{fault, row};
use anyhow::{Context, Result, ensure};
use renkei_metadata::ids::RepositoryUniqueId;
use renkei_metadata::model::AvailabilityStatus;
use renkei_soap::envelope::ANONYMOUS;
use renkei_soap::fault::{FaultCode, Subcode};
use renkei_tests::forge::Forged;
use renkei_tests::message::{self, Message};
use renkei_tests::receiver::Receiver;
use renkei_tests::reply::Reply;
use renkei_tests::wire::Answer;
use renkei_tests::world::{Caller, INITIATING_GATEWAY, REGISTRY, REPOSITORY, RESPONDING_GATEWAY};
use renkei_tests::{Form, Renkei, Start, World, community, sample};
use renkei_xds::iti18::QueryBuilder;
use renkei_xds::response::Status;
use renkei_xds::transaction::{ITI_38, ITI_39};
use std::net::TcpListener;
use std::time::{Duration, Instant};
use tempfile::TempDir;
use updates::metadata_is_registered_and_updated_by_answers_elsewhere;

/// How long a reply may take on a slow machine.
pub(crate) const PATIENCE: Duration = Duration::from_secs(90);

/// The message with another address for its answer.
pub(crate) fn to(message: Message, reply_to: &str) -> Result<Message> {
    let anonymous = format!("<wsa:Address>{ANONYMOUS}</wsa:Address>");
    let at = message.body.windows(anonymous.len()).position(|w| w == anonymous.as_bytes());
    let at = at.context("no ReplyTo")?;
    let mut body = message.body;
    let there = format!("<wsa:Address>{reply_to}</wsa:Address>");
    body.splice(at..at + anonymous.len(), there.into_bytes());
    Ok(Message { body, ..message })
}

/// The wsa:MessageID of a message.
pub(crate) fn id_of(message: &Message) -> Result<String> {
    let text = String::from_utf8_lossy(&message.body);
    let id = text.split("<wsa:MessageID>").nth(1).and_then(|t| t.split('<').next());
    Ok(id.context("no MessageID")?.to_owned())
}

fn post(caller: &Caller, path: &str, message: &Message) -> Result<Answer> {
    caller.connect()?.post(path, &message.content_type, &message.body)
}

pub(crate) fn accepted(caller: &Caller, path: &str, message: &Message) -> Result<()> {
    let answer = post(caller, path, message)?;
    ensure!(answer.status == 202 && answer.body.is_empty(), "{} {}", answer.head, answer.text());
    Ok(())
}

/// A house that may reply to `receiver`.
fn house(
    form: Form,
    receiver: &Receiver,
    requester: &Requester,
    (other, settings): (&str, &[&str]),
) -> Result<World> {
    let file = requester.folder.path().join("trusted.pem");
    std::fs::write(&file, requester.authority.certificate.to_pem()?)?;
    let start = Start::new(form)
        .set(&format!("async.allowed_reply_to={},{other}", receiver.url("/replies")))
        .set(&format!("async.trusted_ca={}", file.display()));
    World::start(settings.iter().fold(start, |start, setting| start.set(setting)))
}

/// A listener whose certificate is of a CA of its own, for nodes of the house.
pub(crate) struct Requester {
    folder: TempDir,
    authority: Forged,
    house: Forged,
}

impl Requester {
    fn new() -> Result<Self> {
        Ok(Self {
            folder: TempDir::new()?,
            authority: Forged::authority("receivers")?,
            house: Forged::authority("nobody yet")?,
        })
    }
}

/// Starts a house and the listener to which it may reply. The listener lets nodes in by the house's CA,
/// which there is only then.
pub(crate) fn both(form: Form) -> Result<Option<(World, Receiver, Requester)>> {
    both_with(form, &[])
}

/// The same with further settings.
fn both_with(form: Form, settings: &[&str]) -> Result<Option<(World, Receiver, Requester)>> {
    both_beside(form, "https://other.example/", settings)
}

/// The same where the house may reply to another address, too.
fn both_beside(
    form: Form,
    other: &str,
    settings: &[&str],
) -> Result<Option<(World, Receiver, Requester)>> {
    if !Form::all().contains(&form) {
        return Ok(None);
    }
    let mut requester = Requester::new()?;
    // Its port is known before there is a house.
    let early = Receiver::listen(0, &requester.authority, &requester.house)?;
    let w = house(form, &early, &requester, (other, settings))?;
    requester.house = Forged::authority_of(&w.renkei.place().data_dir())?;
    let port = early.port();
    drop(early);
    let receiver = Receiver::listen_again(port, &requester.authority, &requester.house)?;
    Ok(Some((w, receiver, requester)))
}

fn answers_go_to_the_address_that_was_named(form: Form) -> Result<()> {
    let Some((w, receiver, _)) = both(form)? else { return Ok(()) };
    let there = receiver.url("/replies/1");
    let patient = w.patient();
    let sent = sample::one(&patient, b"async");
    let submission = to(message::provide_and_register(&sent, &[b"async"]), &there)?;
    accepted(&w.source, REPOSITORY, &submission)?;
    let reply = receiver.next(PATIENCE)?;
    ensure!(reply.path == "/replies/1", "{}", reply.path);
    ensure!(reply.from == "own.replies", "{}", reply.from);
    ensure!(reply.reply.registry()?.status == Status::Success);
    let addressing = reply.reply.addressing()?;
    ensure!(addressing.relates_to == Some(id_of(&submission)?), "{addressing:?}");
    ensure!(addressing.to.as_deref() == Some(there.as_str()), "{addressing:?}");
    ensure!(addressing.message_id.is_some(), "{addressing:?}");

    let query = QueryBuilder::find_documents(&patient, &AvailabilityStatus::ALL).build();
    accepted(&w.consumer, REGISTRY, &to(message::query(&query), &there)?)?;
    let found = receiver.next(PATIENCE)?.reply.query()?;
    ensure!(found.objects.len() == 1, "{found:?}");

    let wanted = w.request(&sent.entries[0].unique_id)?;
    accepted(&w.consumer, REPOSITORY, &to(message::retrieve(&[wanted]), &there)?)?;
    let got = receiver.next(PATIENCE)?.reply.retrieved()?;
    ensure!(got.documents[0].content == b"async");

    let mut registered = sample::one(&patient, b"elsewhere");
    registered.entries[0].repository = Some(RepositoryUniqueId(sample::new_oid()));
    accepted(&w.repository, REGISTRY, &to(message::register(&registered), &there)?)?;
    ensure!(receiver.next(PATIENCE)?.reply.registry()?.status == Status::Success);
    let found = w.documents_of(&patient)?;
    ensure!(found.len() == 2, "{found:?}");

    let wanted = w.request(&sent.entries[0].unique_id)?;
    accepted(&w.administrator, REPOSITORY, &to(message::remove_documents(&[wanted]), &there)?)?;
    ensure!(receiver.next(PATIENCE)?.reply.registry()?.status == Status::Success);
    let ids = [found[0].id.uuid().context("no entryUUID")?];
    accepted(&w.administrator, REGISTRY, &to(message::remove_metadata(&ids), &there)?)?;
    // A refusal is a reply like any other: the entry is a member of its SubmissionSet.
    ensure!(receiver.next(PATIENCE)?.reply.registry()?.status == Status::Failure);
    ensure!(w.documents_of(&patient)?.len() == 2);
    Ok(())
}

/// Each transaction of the Responding Gateway (ITI TF-2: 3.38.4.1.2, 3.39.4.1.2).
fn another_community_is_answered_there_too(form: Form) -> Result<()> {
    let Some((w, receiver, _)) = both(form)? else { return Ok(()) };
    let there = receiver.url("/replies/xca");
    let patient = w.patient();
    let sent = sample::one(&patient, b"across");
    w.submitted(&sent, &[b"across"])?;
    let query = QueryBuilder::find_documents(&patient, &AvailabilityStatus::ALL).build();
    let asked = to(message::query_by(&ITI_38, &query), &there)?;
    accepted(&w.gateway, RESPONDING_GATEWAY, &asked)?;
    let reply = receiver.next(PATIENCE)?.reply;
    let addressing = reply.addressing()?;
    ensure!(addressing.action == ITI_38.response_action, "{addressing:?}");
    ensure!(addressing.relates_to == Some(id_of(&asked)?), "{addressing:?}");
    ensure!(reply.query()?.objects.len() == 1);

    let wanted = w.request_across(&sent.entries[0].unique_id)?;
    let missing = w.request(&sent.entries[0].unique_id)?;
    let asked = to(message::retrieve_by(&ITI_39, &[wanted, missing]), &there)?;
    accepted(&w.gateway, RESPONDING_GATEWAY, &asked)?;
    let reply = receiver.next(PATIENCE)?.reply;
    ensure!(reply.addressing()?.action == ITI_39.response_action);
    let got = reply.retrieved()?;
    ensure!(got.response.status == Status::PartialSuccess, "{:?}", got.response);
    ensure!(got.documents[0].content == b"across");

    let refused = message::restricted_message(&sent);
    accepted(&w.gateway, RESPONDING_GATEWAY, &to(refused, &there)?)?;
    ensure!(receiver.next(PATIENCE)?.reply.registry()?.status == Status::Failure);
    Ok(())
}

/// At the Initiating Gateway, of this community and of another (ITI TF-2: 3.18.4.1.2, 3.43.4.1.2).
fn the_answer_of_several_communities_goes_there_as_one(form: Form) -> Result<()> {
    const AUTHORITY: &str = "ids.assigning_authority=1.2.392.200119.9.77";
    let Some((w, receiver, _)) = both_with(form, &[AUTHORITY])? else { return Ok(()) };
    let other = World::start(Start::new(form).set(AUTHORITY))?;
    let identity = other.renkei.identities().issue("a-gateway", &["gateway"])?;
    let url = other.renkei.ready.endpoints.responding_gateway.clone().context("no gateway")?;
    let more = ["--identity", &identity.display().to_string()];
    community::enter(&w.renkei, &other.renkei.ready.home_community_id, &url, &more)?;
    community::noticed(&w.renkei)?;
    let there = receiver.url("/replies/all");
    let patient = w.patient();
    let mut wanted = Vec::new();
    for (world, content) in [(&w, b"ours"), (&other, b"more")] {
        let sent = sample::one(&patient, content);
        world.submitted(&sent, &[content])?;
        wanted.push(world.request_across(&sent.entries[0].unique_id)?);
    }
    let query = QueryBuilder::find_documents(&patient, &AvailabilityStatus::ALL).build();
    let asked = to(message::query(&query), &there)?;
    accepted(&w.consumer, INITIATING_GATEWAY, &asked)?;
    let reply = receiver.next(PATIENCE)?.reply;
    ensure!(reply.addressing()?.relates_to == Some(id_of(&asked)?));
    let found = reply.query()?;
    ensure!(found.status == Status::Success && found.objects.len() == 2, "{found:?}");

    let asked = to(message::retrieve(&wanted), &there)?;
    accepted(&w.consumer, INITIATING_GATEWAY, &asked)?;
    let reply = receiver.next(PATIENCE)?.reply;
    ensure!(reply.addressing()?.relates_to == Some(id_of(&asked)?));
    let got = reply.retrieved()?;
    ensure!(got.response.status == Status::Success, "{:?}", got.response);
    let mut came: Vec<&[u8]> = got.documents.iter().map(|d| &d.content[..]).collect();
    came.sort_unstable();
    assert_eq!(came, [&b"more"[..], b"ours"]);
    Ok(())
}

fn a_receiver_that_fails_first_gets_the_reply_later(form: Form) -> Result<()> {
    let Some((w, receiver, _)) = both(form)? else { return Ok(()) };
    receiver.fail(2);
    let patient = w.patient();
    let query = QueryBuilder::find_documents(&patient, &AvailabilityStatus::ALL).build();
    let asked = to(message::query(&query), &receiver.url("/replies"))?;
    accepted(&w.consumer, REGISTRY, &asked)?;
    let reply = receiver.next(PATIENCE)?.reply;
    ensure!(reply.addressing()?.relates_to == Some(id_of(&asked)?));
    ensure!(reply.query()?.status == Status::Success);
    ensure!(receiver.failures_left() == 0);
    Ok(())
}

/// A query for nothing, and its wsa:MessageID.
fn asking(there: &str) -> Result<(Message, String)> {
    let ids = [sample::new_unique_id()];
    let query = QueryBuilder::get_documents_by_unique_id(&ids).build();
    let asked = to(message::query(&query), there)?;
    let id = id_of(&asked)?;
    Ok((asked, id))
}

fn a_receiver_that_refuses_a_reply_is_not_called_with_it_again(form: Form) -> Result<()> {
    // A reply that waits still would leave no room for the next.
    let Some((w, receiver, _requester)) = both_with(form, &["async.partner_replies=1"])? else {
        return Ok(());
    };
    receiver.refuse(1);
    let (refused, _) = asking(&receiver.url("/replies"))?;
    accepted(&w.consumer, REGISTRY, &refused)?;
    let until = Instant::now() + PATIENCE;
    let given_up = loop {
        let log = w.renkei.place().read_log();
        if let Some(line) = log.lines().find(|line| line.contains("a reply is given up")) {
            break line.to_owned();
        }
        ensure!(Instant::now() < until, "was not given up: {log}");
        std::thread::sleep(Duration::from_millis(50));
    };
    let at = receiver.url("");
    for what in ["ERROR", "ITI-18", &at, "HTTP", "400"] {
        ensure!(given_up.contains(what), "{what}: {given_up}");
    }
    ensure!(receiver.failures_left() == 0);
    let (next, id) = asking(&receiver.url("/replies"))?;
    accepted(&w.consumer, REGISTRY, &next)?;
    ensure!(receiver.next(PATIENCE)?.reply.addressing()?.relates_to == Some(id));
    Ok(())
}

/// How long whoever calls a host that is silent waits for its handshake, in seconds.
const SILENCE: u64 = 10;

fn an_address_that_is_silent_delays_and_displaces_nobody_else(form: Form) -> Result<()> {
    // Connections come to it, and nobody answers.
    let silent = TcpListener::bind(("127.0.0.1", 0))?;
    let address = format!("https://localhost:{}/", silent.local_addr()?.port());
    let few = ["async.partner_replies=4"];
    let Some((w, receiver, _requester)) = both_beside(form, &address, &few)? else {
        return Ok(());
    };
    let other = w.caller("another-consumer", &["consumer"])?;
    let (theirs, id) = asking(&receiver.url("/replies"))?;
    let began = Instant::now();
    for _ in 0..4 {
        accepted(&w.consumer, REGISTRY, &asking(&address)?.0)?;
    }
    let refused = Reply::of(post(&w.consumer, REGISTRY, &asking(&address)?.0)?)?;
    let told = fault(&refused, FaultCode::Receiver)?;
    assert_eq!(row(&told)?, "fault-reply-refused");
    ensure!(told.en.contains("async.partner_replies: test-consumer"), "{told:?}");
    accepted(&other, REGISTRY, &theirs)?;
    let reply = receiver.next(Duration::from_secs(SILENCE - 2))?.reply;
    ensure!(reply.addressing()?.relates_to == Some(id));
    let calls = 1 + began.elapsed().as_secs() / SILENCE;
    silent.set_nonblocking(true)?;
    let called = std::iter::from_fn(|| silent.accept().ok()).count() as u64;
    ensure!(called >= 1 && called <= calls, "was called {called} times at once");
    Ok(())
}

/// The message with an address for faults.
fn faults_to(message: Message, fault_to: &str) -> Result<Message> {
    let text = String::from_utf8_lossy(&message.body).into_owned();
    let with = format!("<wsa:FaultTo><wsa:Address>{fault_to}</wsa:Address></wsa:FaultTo><wsa:To>");
    ensure!(text.contains("<wsa:To>"), "no To");
    Ok(Message { body: text.replacen("<wsa:To>", &with, 1).into_bytes(), ..message })
}

fn a_fault_goes_to_the_address_for_faults(form: Form) -> Result<()> {
    // One reply may have a kilobyte, which the answer to this does not fit in.
    let small = "async.reply_bytes=1024";
    let Some((w, receiver, _)) = both_with(form, &[small])? else { return Ok(()) };
    let (replies, faults) = (receiver.url("/replies/1"), receiver.url("/replies/faults"));
    let (patient, content) = (w.patient(), vec![b'x'; 4096]);
    let sent = sample::one(&patient, &content);
    w.submitted(&sent, &[&content])?;
    let wanted = w.request(&sent.entries[0].unique_id)?;
    let asked = faults_to(to(message::retrieve(&[wanted]), &replies)?, &faults)?;
    accepted(&w.consumer, REPOSITORY, &asked)?;
    let received = receiver.next(PATIENCE)?;
    ensure!(received.path == "/replies/faults", "{}", received.path);
    ensure!(received.reply.fault()?.en.contains("async.reply_bytes"));
    let addressing = received.reply.addressing()?;
    ensure!(addressing.relates_to == Some(id_of(&asked)?), "{addressing:?}");
    ensure!(addressing.to.as_deref() == Some(faults.as_str()), "{addressing:?}");
    // What is no fault goes where answers go.
    let ids = [sample::new_unique_id()];
    let query = QueryBuilder::get_documents_by_unique_id(&ids).build();
    let asked = faults_to(to(message::query(&query), &replies)?, &faults)?;
    accepted(&w.consumer, REGISTRY, &asked)?;
    let received = receiver.next(PATIENCE)?;
    ensure!(received.path == "/replies/1", "{}", received.path);
    // Without an address of their own, faults go there, too.
    let wanted = w.request(&sent.entries[0].unique_id)?;
    accepted(&w.consumer, REPOSITORY, &to(message::retrieve(&[wanted]), &replies)?)?;
    let received = receiver.next(PATIENCE)?;
    ensure!(received.path == "/replies/1", "{}", received.path);
    ensure!(received.reply.fault()?.en.contains("async.reply_bytes"));
    Ok(())
}

fn nothing_is_done_whose_answer_has_no_room(form: Form) -> Result<()> {
    let Some((w, receiver, _requester)) = both_with(form, &["async.replies=1"])? else {
        return Ok(());
    };
    let there = receiver.url("/replies/full");
    drop(receiver);
    let sent = |content: &[u8]| -> Result<_> {
        let patient = w.patient();
        let submission = sample::one(&patient, content);
        let message = message::provide_and_register(&submission, &[content]);
        Ok((submission, to(message, &there)?))
    };
    let (_, first) = sent(b"first")?;
    accepted(&w.source, REPOSITORY, &first)?;
    let (submission, second) = sent(b"second")?;
    let reply = Reply::of(post(&w.source, REPOSITORY, &second)?)?;
    let told = fault(&reply, FaultCode::Receiver)?;
    ensure!(told.en.contains("async.replies"), "{told:?}");
    assert_eq!(row(&told)?, "fault-reply-refused");
    w.nothing_of(&submission)
}

fn a_reply_outlives_the_program(form: Form) -> Result<()> {
    let Some((w, receiver, requester)) = both(form)? else { return Ok(()) };
    let there = receiver.url("/replies");
    let port = receiver.port();
    drop(receiver);
    let patient = w.patient();
    let sent = sample::one(&patient, b"killed");
    let submission = to(message::provide_and_register(&sent, &[b"killed"]), &there)?;
    accepted(&w.source, REPOSITORY, &submission)?;
    let settings = w.renkei.settings();
    let World { renkei, .. } = w;
    let place = renkei.kill()?;
    let receiver = Receiver::listen_again(port, &requester.authority, &requester.house)?;
    let again = settings.iter().fold(Start::new(form), |start, setting| start.set(setting));
    let _renkei: Renkei = again.go_in(place)?;
    let reply = receiver.next(PATIENCE)?.reply;
    ensure!(reply.registry()?.status == Status::Success);
    ensure!(reply.addressing()?.relates_to == Some(id_of(&submission)?));
    Ok(())
}

fn a_repeat_is_answered_as_before_and_done_once(form: Form) -> Result<()> {
    let Some(w) = World::shared(form)? else { return Ok(()) };
    let patient = w.patient();
    let sent = sample::one(&patient, b"once");
    let message = message::provide_and_register(&sent, &[b"once"]);
    let first = post(&w.source, REPOSITORY, &message)?;
    ensure!(Reply::of(first)?.registry()?.status == Status::Success);
    for _ in 0..3 {
        let again = Reply::of(post(&w.source, REPOSITORY, &message)?)?;
        ensure!(again.registry()?.status == Status::Success);
        ensure!(again.addressing()?.relates_to == Some(id_of(&message)?));
    }
    w.document_of(&patient)?;
    // Another message under the id, and the same from another node, are others.
    let text = String::from_utf8_lossy(&message.body).replace("試験の登録", "別の登録");
    let other = Message { body: text.into_bytes(), content_type: message.content_type.clone() };
    let told = fault(&Reply::of(post(&w.source, REPOSITORY, &other)?)?, FaultCode::Sender)?;
    ensure!(told.subcode == Some(Subcode::DuplicateMessageId), "{told:?}");
    // So is the same envelope with another document beside it, or with none.
    let document = b"\r\n\r\nonce\r\n--";
    let at = message.body.windows(document.len()).position(|w| w == document);
    let at = at.context("no document")? + 4;
    for instead in [&b"else"[..], b""] {
        let mut body = message.body.clone();
        body.splice(at..at + 4, instead.iter().copied());
        let other = Message { body, content_type: message.content_type.clone() };
        let told = fault(&Reply::of(post(&w.source, REPOSITORY, &other)?)?, FaultCode::Sender)?;
        assert_eq!(row(&told)?, "fault-duplicate-message-id");
    }
    let stranger = w.caller("test-repeater", &["source"])?;
    let response = Reply::of(post(&stranger, REPOSITORY, &message)?)?.registry()?;
    ensure!(response.status == Status::Failure, "{response:?}");
    Ok(())
}

fn repeats_at_the_same_moment_are_done_once(form: Form) -> Result<()> {
    let Some(w) = World::shared(form)? else { return Ok(()) };
    let patient = w.patient();
    let sent = sample::one(&patient, b"parallel");
    let message = message::provide_and_register(&sent, &[b"parallel"]);
    let statuses = std::thread::scope(|scope| {
        let calls: Vec<_> = (0..6)
            .map(|_| scope.spawn(|| Reply::of(post(&w.source, REPOSITORY, &message)?)?.registry()))
            .collect();
        calls.into_iter().map(|c| c.join().expect("no panic")).collect::<Result<Vec<_>>>()
    })?;
    ensure!(statuses.iter().all(|r| r.status == Status::Success), "{statuses:?}");
    w.document_of(&patient)?;
    Ok(())
}

fn a_repeat_after_a_restart_is_answered_as_before(form: Form) -> Result<()> {
    if !Form::all().contains(&form) {
        return Ok(());
    }
    let w = World::start(Start::new(form))?;
    let sent = sample::one(&w.patient(), b"restart");
    let message = message::provide_and_register(&sent, &[b"restart"]);
    ensure!(
        Reply::of(post(&w.source, REPOSITORY, &message)?)?.registry()?.status == Status::Success
    );
    let directory = w.source.directory.clone();
    let World { renkei, .. } = w;
    let place = renkei.kill()?;
    let renkei = Start::new(form).go_in(place)?;
    let source = Caller::new(&renkei, "test-source", directory)?;
    let again = Reply::of(post(&source, REPOSITORY, &message)?)?.registry()?;
    ensure!(again.status == Status::Success && again.errors.is_empty(), "{again:?}");
    Ok(())
}

/// Two processes on one database know nothing of what is under way in the other.
#[test]
fn a_repeat_at_another_door_hears_what_the_first_heard() -> Result<()> {
    let form = Form { postgres: true, wired: false };
    if !Form::all().contains(&form) {
        return Ok(());
    }
    let w = World::start(Start::new(form))?;
    let other = Start::new(form).beside(&w.renkei)?;
    let there = Caller::new(&other, "test-source", w.source.directory.clone())?;
    for n in 0..6 {
        let content = format!("door {n}").into_bytes();
        let patient = w.patient();
        let message = message::provide_and_register(&sample::one(&patient, &content), &[&content]);
        let statuses = std::thread::scope(|scope| {
            let calls: Vec<_> = [&w.source, &there, &w.source, &there]
                .map(|caller| {
                    let message = &message;
                    scope.spawn(move || Reply::of(post(caller, REPOSITORY, message)?)?.registry())
                })
                .into_iter()
                .collect();
            calls.into_iter().map(|c| c.join().expect("no panic")).collect::<Result<Vec<_>>>()
        })?;
        ensure!(statuses.iter().all(|r| r.status == Status::Success), "{statuses:?}");
        w.document_of(&patient)?;
    }
    Ok(())
}

/// A process that ends between a removal and its answer has said that it was carried out.
#[test]
fn a_removal_whose_answer_was_lost_is_repeated() -> Result<()> {
    let w = World::start(Start::new(Form::PLAIN).failpoint("repository.documents_removed"))?;
    let patient = w.patient();
    let sent = sample::one(&patient, b"gone");
    w.submitted(&sent, &[b"gone"])?;
    let request = w.request(&sent.entries[0].unique_id)?;
    let message = message::remove_documents(&[request]);
    ensure!(post(&w.administrator, REPOSITORY, &message).is_err(), "an answer");
    let directory = w.administrator.directory.clone();
    let World { mut renkei, .. } = w;
    renkei.wait(Duration::from_secs(10))?;
    let renkei = Start::new(Form::PLAIN).go_in(renkei.into_place())?;
    let administrator = Caller::new(&renkei, "test-administrator", directory)?;
    let again = Reply::of(post(&administrator, REPOSITORY, &message)?)?.registry()?;
    ensure!(again.status == Status::Success && again.errors.is_empty(), "{again:?}");
    Ok(())
}

/// The tests above, in one form of the program.
macro_rules! in_this_form {
    ($module:ident, $postgres:literal, $($name:ident)*) => {
        mod $module {
            use renkei_tests::Form;
            $(
                #[test]
                fn $name() -> anyhow::Result<()> {
                    super::$name(Form { postgres: $postgres, wired: false })
                }
            )*
        }
    };
}

in_this_form! { sqlite, false,
    answers_go_to_the_address_that_was_named
    metadata_is_registered_and_updated_by_answers_elsewhere
    another_community_is_answered_there_too
    the_answer_of_several_communities_goes_there_as_one
    a_receiver_that_fails_first_gets_the_reply_later
    a_receiver_that_refuses_a_reply_is_not_called_with_it_again
    an_address_that_is_silent_delays_and_displaces_nobody_else
    a_fault_goes_to_the_address_for_faults
    nothing_is_done_whose_answer_has_no_room
    a_reply_outlives_the_program
    a_repeat_is_answered_as_before_and_done_once
    repeats_at_the_same_moment_are_done_once
    a_repeat_after_a_restart_is_answered_as_before
}

in_this_form! { postgres, true,
    answers_go_to_the_address_that_was_named
    metadata_is_registered_and_updated_by_answers_elsewhere
    another_community_is_answered_there_too
    the_answer_of_several_communities_goes_there_as_one
    a_receiver_that_fails_first_gets_the_reply_later
    a_receiver_that_refuses_a_reply_is_not_called_with_it_again
    an_address_that_is_silent_delays_and_displaces_nobody_else
    a_fault_goes_to_the_address_for_faults
    nothing_is_done_whose_answer_has_no_room
    a_reply_outlives_the_program
    a_repeat_is_answered_as_before_and_done_once
    repeats_at_the_same_moment_are_done_once
    a_repeat_after_a_restart_is_answered_as_before
}

#[test]
fn addresses_that_are_not_listed_are_refused() -> Result<()> {
    let Some((w, receiver, _)) = both(Form::PLAIN)? else { return Ok(()) };
    let query = || {
        let query = QueryBuilder::get_documents_by_unique_id(&[sample::new_unique_id()]);
        message::query(&query.build())
    };
    let elsewhere = receiver.url("/other");
    let below = receiver.url("/replies/../other");
    for address in [
        elsewhere.as_str(),
        &below,
        "https://127.0.0.1:1/replies",
        "http://other.example/",
        "https://other.example:444/",
    ] {
        let reply = w.consumer.post(REGISTRY, &to(query(), address)?)?;
        let told = fault(&reply, FaultCode::Sender)?;
        ensure!(told.en.contains("async.allowed_reply_to"), "{told:?}");
        ensure!(told.subcode == Some(Subcode::OnlyAnonymousAddressSupported), "{told:?}");
    }
    let message = to(query(), &receiver.url("/replies"))?;
    let text = String::from_utf8(message.body.clone())?;
    let with = format!("<wsa:FaultTo><wsa:Address>{elsewhere}</wsa:Address></wsa:FaultTo><wsa:To>");
    let body = text.replacen("<wsa:To>", &with, 1).into_bytes();
    let reply = w.consumer.post(REGISTRY, &Message { body, ..message })?;
    ensure!(fault(&reply, FaultCode::Sender)?.en.contains("FaultTo"));
    Ok(())
}
