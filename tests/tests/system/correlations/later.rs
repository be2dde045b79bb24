//! A community that answers later for whom it looks (ITI-55 deferred, ITI TF-2: 3.55.6.2).

use super::houses::{in_terms_of, joined, told_of};
use super::stranger::{Hanako, Meeting, Mode, STRANGER};
use super::{both, community, entries, find, on, problems};
use crate::asynchronous::{PATIENCE, to as elsewhere};
use crate::expect::fault;
use anyhow::{Context, Result, ensure};
use chrono::Utc;
use renkei_hl7v3::acknowledgement::{AcceptAcknowledgement, AckCode, Detail};
use renkei_hl7v3::interaction::ITI_55_DEFERRED_ANSWER;
use renkei_hl7v3::iti55::{Answer, Attribute, Candidate, Locator, Outcome, Request, TimeToLive};
use renkei_hl7v3::query::Priority;
use renkei_hl7v3::{InstanceId, Time};
use renkei_metadata::ids::{Oid, PatientId};
use renkei_metadata::model::AvailabilityStatus;
use renkei_person::{Birth, Name, Person, Sex, Writing};
use renkei_soap::envelope::{self, AnswerHeaders};
use renkei_soap::fault::FaultCode;
use renkei_soap::tolerance::Tolerances;
use renkei_soap::xml::{Reader, XmlLimits};
use renkei_tests::community::enter;
use renkei_tests::message::{self, Message};
use renkei_tests::row::Row;
use renkei_tests::world::{Caller, RESPONDING_GATEWAY};
use renkei_tests::{Form, Renkei, Start, World, audit, metrics, sample};
use renkei_xds::iti18::{QueryBuilder, QueryResponse};
use renkei_xds::response::Status;
use renkei_xds::transaction::{ITI_38, ITI_55_DEFERRED};
use std::time::{Duration, Instant};
use uuid::Uuid;

on_every_database! { by on:
    an_answer_that_comes_later_is_taken_once_and_of_its_node
    what_was_answered_later_is_judged_as_ever
    a_question_that_was_not_taken_is_not_awaited
    nobody_is_asked_for_an_answer_that_may_not_be_kept
    a_question_that_may_have_been_taken_is_awaited
    a_restart_between_the_legs_loses_nothing
    what_an_answer_did_is_on_record_and_acknowledged_wherever_the_process_ended
    two_houses_ask_and_answer_later
}

/// Where answers come in.
const LATER: &str = "/xcpd/initiating";

/// How such a community is entered; the node of its gateway is that of the world.
const LATER_OF: &[&str] = &["--discovery-answers", "later", "--peer", "test-gateway"];

/// The house and a stranger that acknowledges what it is asked.
fn meeting(form: Form) -> Result<Meeting> {
    let meeting = Meeting::entered(form, &[], LATER_OF)?;
    meeting.answers(Mode::Acknowledged("CA", None));
    Ok(meeting)
}

/// A question as it was asked: its wsa:MessageID, and what it says.
fn question(text: &str) -> Result<(String, Request)> {
    let mut reader = Reader::new(text, XmlLimits::default());
    let opened = envelope::open(&mut reader, &mut Tolerances::default())?;
    ensure!(opened.addressing.action == ITI_55_DEFERRED.request_action, "{text}");
    let id = opened.addressing.message_id.context("no MessageID")?;
    let request = Request::read(&mut reader, &opened.body);
    Ok((id, request.map_err(|refusal| refusal.into_fault())?.message))
}

/// The last question that the stranger got.
fn asked(meeting: &Meeting) -> Result<(String, Request)> {
    question(meeting.asked().0.last().context("nobody was asked")?)
}

/// The answer, as a message of its own.
fn answer(id: &str, answer: &Answer, keeps: Option<TimeToLive>) -> Result<Message> {
    let blocks: Vec<_> = keeps.map(|keeps| keeps.header()).transpose()?.into_iter().collect();
    let own = message::message_id();
    let elsewhere = Some((own.as_str(), "https://localhost/"));
    let headers = AnswerHeaders { relates_to: Some(id), elsewhere, blocks: &blocks };
    let action = ITI_55_DEFERRED_ANSWER.request_action;
    Ok(message::simple(&envelope::write_response_after(String::new(), action, headers, |w| {
        answer.write(w);
    })))
}

fn to(request: &Request, outcome: Outcome) -> Answer {
    let (id, created) = (InstanceId::new(Uuid::new_v4()), Time::at(Utc::now().into()));
    Answer::to(request, outcome, id, created)
}

/// The patient, as the stranger knows them.
fn hanako(meeting: &Meeting, change: impl Fn(&mut Person)) -> Candidate {
    let mut person = Person {
        names: vec![Name::new(Writing::Syllabic, "ケンシン", "ハナコ")],
        birth: Birth::parse("19750412"),
        sex: Some(Sex::Female),
        ..Person::default()
    };
    change(&mut person);
    Candidate {
        patient: meeting.theirs.clone().into(),
        person,
        degree: Some(98),
        community: Oid::parse(STRANGER.trim_start_matches("urn:oid:")).expect("an OID"),
        locator: Locator::default(),
    }
}

fn acknowledged(caller: &Caller, message: &Message) -> Result<AcceptAcknowledgement> {
    caller.post(LATER, message)?.accepted()
}

/// Sends the answer as the stranger's gateway; it has to be taken.
fn answered(meeting: &Meeting, outcome: Outcome) -> Result<()> {
    answered_for(meeting, outcome, TimeToLive::days(7))
}

/// The same of an answer that holds for so long.
fn answered_for(meeting: &Meeting, outcome: Outcome, keeps: TimeToLive) -> Result<()> {
    let (id, request) = asked(meeting)?;
    let message = answer(&id, &to(&request, outcome), Some(keeps))?;
    let ack = acknowledged(&meeting.house.gateway, &message)?.acknowledgement;
    ensure!(ack.code == AckCode::CommitAccept && ack.details.is_empty(), "{ack:?}");
    Ok(())
}

/// Fails unless nobody awaits the answer; what is said of it, in both languages.
fn not_awaited(caller: &Caller, message: &Message) -> Result<Detail> {
    let ack = acknowledged(caller, message)?.acknowledgement;
    let [detail] = &ack.details[..] else { anyhow::bail!("{ack:?}") };
    ensure!(ack.code == AckCode::CommitError, "{ack:?}");
    let text = detail.text.as_deref().unwrap_or_default();
    ensure!(text.contains(" / ") && text.contains("再送しないでください"), "{text}");
    Ok(detail.clone())
}

/// What a consumer finds: ours alone, and this about the stranger.
fn only_ours(house: &World, meeting: &Meeting, what: &str) -> Result<QueryResponse> {
    let found = find(house, &meeting.patient)?;
    ensure!(entries(&found).len() == 1, "{what}: {found:?}");
    let [error] = &found.errors[..] else { anyhow::bail!("{what}: {found:?}") };
    ensure!(error.location == STRANGER && error.context.contains(what), "{what}: {error:?}");
    ensure!(error.context.contains("見知らぬ町"), "{error:?}");
    Ok(found)
}

/// Fails unless the community was asked, and answers later.
fn is_asked(meeting: &Meeting) -> Result<()> {
    let found = only_ours(&meeting.house, meeting, "was asked for the patient and answers later")?;
    ensure!(found.status == Status::PartialSuccess, "{found:?}");
    Ok(())
}

/// How many such questions were counted.
fn counted(house: &World, row: &str) -> Result<f64> {
    let counted = metrics::counters(&house.renkei, "renkei_community_answers")?;
    let label = format!("result=\"{row}\"");
    let of = |l: &str| l.contains(&label) && l.contains("ITI-55");
    Ok(counted.iter().filter(|(l, _)| of(l)).map(|(_, count)| count).sum())
}

/// Fails unless one such question was counted.
fn is_counted(house: &World, row: &str) -> Result<()> {
    let count = counted(house, row)?;
    ensure!((count - 1.0).abs() < f64::EPSILON, "{row}: {count}");
    Ok(())
}

fn an_answer_that_comes_later_is_taken_once_and_of_its_node(form: Form) -> Result<()> {
    let meeting = meeting(form)?;
    let house = &meeting.house;
    is_asked(&meeting)?;
    is_asked(&meeting)?;
    // Whoever hears that the answer is to come asked nobody anew.
    is_counted(house, "discovery-asked")?;
    let (looked, queried) = meeting.asked();
    ensure!(looked.len() == 1 && queried.is_empty(), "asked twice, or for documents");
    let (id, request) = asked(&meeting)?;
    ensure!(request.query.priority == Priority::Deferred, "{request:?}");
    let there = house.renkei.ready.endpoints.xcpd_initiating.clone().context("no endpoint")?;
    ensure!(request.transmission.respond_to == Some(there), "{request:?}");
    ensure!(looked[0].contains(">P30D</xcpd:CorrelationTimeToLive>"), "{looked:?}");
    let listed = community(house, &["list"])?;
    let listed = &listed["communities"][0];
    ensure!(listed["discoveryAnswers"] == "later" && listed["peer"] == "test-gateway", "{listed}");
    ensure!(listed["correlations"]["asked"] == 1, "{listed}");
    let (status, told) = problems(house)?;
    ensure!(status == Some(0) && told.contains("its reach alone"), "{told}");

    // Of nobody else, and to no other question.
    let keeps = Some(TimeToLive::days(7));
    let found = || Outcome::Found(vec![hanako(&meeting, |_| {})]);
    let good = to(&request, found());
    let message = answer(&id, &good, keeps)?;
    let other = house.caller("another-gateway", &["gateway"])?;
    let told = not_awaited(&other, &message)?;
    let row = Row::of("xcpd-not-awaited")?;
    ensure!(told.code.as_ref() == Some(&row.code), "{told:?}");
    let text = told.text.unwrap_or_default();
    ensure!(row.words.iter().all(|words| text.contains(words)), "{text}");
    fault(&house.consumer.post(LATER, &message)?, FaultCode::Sender)?;
    not_awaited(&house.gateway, &answer(&message::message_id(), &good, keeps)?)?;
    let another = || InstanceId::new(Uuid::new_v4());
    let of_another = Answer { target: another(), ..good.clone() };
    not_awaited(&house.gateway, &answer(&id, &of_another, keeps)?)?;
    let of_another = Answer { query_id: another(), ..good.clone() };
    not_awaited(&house.gateway, &answer(&id, &of_another, keeps)?)?;
    is_asked(&meeting)?;

    let ack = acknowledged(&house.gateway, &message)?;
    ensure!(ack.acknowledgement.code == AckCode::CommitAccept, "{ack:?}");
    ensure!(ack.acknowledgement.target == good.transmission.id, "{ack:?}");
    both(&meeting)?;
    // Who lost the acknowledgement sends the same once more, and hears it again.
    let again = acknowledged(&house.gateway, &message)?;
    ensure!(again == ack, "{again:?}");
    not_awaited(&house.gateway, &answer(&id, &good, keeps)?)?;
    ensure!(meeting.asked().0.len() == 1, "was asked again");
    recorded(house, &request)?;
    let listed = community(house, &["list"])?;
    let counts = &listed["communities"][0]["correlations"];
    ensure!(counts["known"] == 1 && counts["asked"] == 0, "{listed}");

    // Forgetting drops what is awaited, too.
    community(house, &["forget", "--home", STRANGER])?;
    is_asked(&meeting)?;
    let (id, request) = asked(&meeting)?;
    let forgotten = community(house, &["forget", "--home", STRANGER])?;
    ensure!(forgotten["forgotten"] == 1, "{forgotten}");
    not_awaited(&house.gateway, &answer(&id, &to(&request, found()), keeps)?)?;
    is_asked(&meeting)?;
    ensure!(meeting.asked().0.len() == 3, "was not asked anew");
    Ok(())
}

/// The records of ITI-55 of a house, when there are so many.
fn discoveries(house: &World, count: usize) -> Result<Vec<audit::Record>> {
    let records = discoveries_at_least(house, count)?;
    ensure!(records.len() == count, "{records:#?}");
    Ok(records)
}

fn discoveries_at_least(house: &World, count: usize) -> Result<Vec<audit::Record>> {
    let until = Instant::now() + Duration::from_secs(10);
    loop {
        let data = house.renkei.place().data_dir();
        let mut records = audit::list(&data, &house.renkei.settings())?;
        records.retain(|record| record.event_type.as_deref() == Some("ITI-55"));
        if records.len() >= count || Instant::now() > until {
            return Ok(records);
        }
        std::thread::sleep(Duration::from_millis(200));
    }
}

/// The records of the question that was asked last, when there are so many of it. What was acknowledged reaches the
/// persons of a house a moment later, so that it may have asked, or answered, before it knew whom: it asks again then.
fn of_last_question(house: &World, count: usize) -> Result<Vec<audit::Record>> {
    let question = |record: &audit::Record| {
        record.objects.iter().find(|object| object.role == 24).map(|object| object.id.clone())
    };
    let all = discoveries_at_least(house, count)?;
    let last = all.last().and_then(question);
    Ok(all.into_iter().filter(|record| question(record) == last).collect())
}

/// Both messages are on record at the side that asked (ITI TF-2: 3.55.5.1.1): the question, the answer that was
/// taken, and those that were not.
fn recorded(house: &World, request: &Request) -> Result<()> {
    let records = discoveries(house, 8)?;
    let of = |key: &str| records.iter().filter(|r| r.key() == key).collect::<Vec<_>>();
    let (good, bad) = (of("110112 ITI-55 E 0"), of("110112 ITI-55 E 8"));
    let [question, answer] = &good[..] else { anyhow::bail!("{good:#?}") };
    for record in [question, answer] {
        let [query] = &record.objects[..] else { anyhow::bail!("{record:?}") };
        ensure!(query.id == request.query.id.root() && query.role == 24, "{query:?}");
        let home = ("ihe:homeCommunityID".to_owned(), STRANGER.to_owned());
        ensure!(query.details.contains(&home), "{query:?}");
        ensure!(
            query.query.as_deref().is_some_and(|q| q.contains("queryByParameter")),
            "{query:?}"
        );
    }
    let source = answer.participant("110153").context("no source")?;
    ensure!(source.user_id.contains("test-gateway") && source.requestor, "{source:?}");
    let here = house.renkei.ready.endpoints.xcpd_initiating.as_deref();
    let destination = answer.participant("110152").context("no destination")?;
    ensure!(Some(destination.user_id.as_str()) == here, "{destination:?}");
    let told: Vec<_> = bad.iter().filter_map(|r| r.description.as_deref()).collect();
    let count = |what: &str| told.iter().filter(|told| **told == what).count();
    ensure!(count("xcpd-not-awaited") == 5 && count("SOAP fault Sender") == 1, "{told:?}");
    Ok(())
}

fn what_was_answered_later_is_judged_as_ever(form: Form) -> Result<()> {
    let meeting = meeting(form)?;
    let house = &meeting.house;
    let forget = || community(house, &["forget", "--home", STRANGER]).map(drop);
    let like = |change: fn(&mut Person)| Outcome::Found(vec![hanako(&meeting, change)]);
    let twins = Outcome::Found(vec![hanako(&meeting, |_| {}), hanako(&meeting, |_| {})]);
    for (outcome, what) in [
        (twins, "several persons who may be the patient"),
        (like(|p| p.sex = Some(Sex::Male)), "name, birth date or sex differ"),
        (Outcome::NotFound, "knows no patient like this one"),
        (Outcome::Error(None), "because of an error there"),
        (Outcome::Requested(vec![Attribute::Address]), "PatientAddressRequested"),
    ] {
        is_asked(&meeting)?;
        answered(&meeting, outcome)?;
        let looked = meeting.asked().0.len();
        for _ in 0..2 {
            only_ours(house, &meeting, what)?;
        }
        ensure!(meeting.asked().0.len() == looked, "{what}: was asked again");
        forget()?;
    }
    ensure!(meeting.asked().1.is_empty(), "was asked for documents");

    // What is known of the patient is told when it is asked for, once.
    meeting.told_of(&Hanako { address: Some("架空町1-2-3"), ..Hanako::default() })?;
    is_asked(&meeting)?;
    ensure!(!meeting.asked().0.last().is_some_and(|text| text.contains("架空町1-2-3")));
    answered(&meeting, Outcome::Requested(vec![Attribute::Address]))?;
    is_asked(&meeting)?;
    ensure!(meeting.asked().0.last().is_some_and(|text| text.contains("架空町1-2-3")));
    answered(&meeting, Outcome::Requested(vec![Attribute::Address]))?;
    only_ours(house, &meeting, "PatientAddressRequested")?;
    forget()?;

    // Who is described otherwise meanwhile may be somebody else.
    is_asked(&meeting)?;
    let (id, request) = asked(&meeting)?;
    meeting.told_of(&Hanako { address: Some("新町2"), ..Hanako::default() })?;
    let late = to(&request, like(|_| {}));
    not_awaited(&house.gateway, &answer(&id, &late, Some(TimeToLive::days(7)))?)?;
    is_asked(&meeting)?;
    // An answer that does not say how long it holds serves whoever asks again.
    let (id, request) = asked(&meeting)?;
    let answer = answer(&id, &to(&request, like(|_| {})), None)?;
    let ack = acknowledged(&house.gateway, &answer)?;
    ensure!(ack.acknowledgement.code == AckCode::CommitAccept, "{ack:?}");
    both(&meeting)
}

fn a_question_that_was_not_taken_is_not_awaited(form: Form) -> Result<()> {
    let meeting = Meeting::entered(form, &["gateway.discovery_seconds=2"], LATER_OF)?;
    let house = &meeting.house;
    for (number, (mode, row, what)) in [
        (
            Mode::Acknowledged("AE", Some("NS250")),
            "discovery-not-later",
            "does not answer later for whom it looks",
        ),
        (Mode::Acknowledged("CE", None), "community-refused", "refused to answer"),
    ]
    .into_iter()
    .enumerate()
    {
        meeting.answers(mode);
        only_ours(house, &meeting, what)?;
        is_counted(house, row)?;
        ensure!(meeting.asked().0.len() == number + 1, "{what}: was not asked anew");
    }
    let (id, request) = asked(&meeting)?;
    let found = Outcome::Found(vec![hanako(&meeting, |_| {})]);
    not_awaited(&house.gateway, &answer(&id, &to(&request, found), None)?)?;
    let refused = audit::wait_for(&house.renkei, |r| r.description.as_deref() == Some("NS250"))?;
    ensure!(refused.key() == "110112 ITI-55 E 8", "{refused:?}");
    meeting.answers(Mode::Acknowledged("CA", None));
    is_asked(&meeting)
}

fn nobody_is_asked_for_an_answer_that_may_not_be_kept(form: Form) -> Result<()> {
    const FORGETFUL: &str = "gateway.correlation_days=0";
    // It was entered when answers were kept.
    let meeting = Meeting::entered(form, &[FORGETFUL], LATER_OF)?;
    only_ours(&meeting.house, &meeting, "its connection is not set up correctly")?;
    ensure!(meeting.asked().0.is_empty(), "was asked");
    let url = meeting.url();
    let more = [LATER_OF, &["--discovery", &url, "--set", FORGETFUL]].concat();
    let Err(refused) = enter(&meeting.house.renkei, STRANGER, &url, &more) else {
        anyhow::bail!("was entered");
    };
    let told = refused.to_string();
    ensure!(told.contains("gateway.correlation_days is 0") && told.contains("が0のため"), "{told}");
    Ok(())
}

fn a_question_that_may_have_been_taken_is_awaited(form: Form) -> Result<()> {
    let meeting = Meeting::entered(form, &["gateway.discovery_seconds=2"], LATER_OF)?;
    let house = &meeting.house;
    for (number, (mode, row, what)) in [
        (Mode::Silent, "community-silent", "did not answer in time"),
        (Mode::Closed, "community-unreachable", "cannot be reached"),
        (Mode::Garbage, "community-unreadable", "cannot be read"),
    ]
    .into_iter()
    .enumerate()
    {
        meeting.answers(mode);
        only_ours(house, &meeting, what)?;
        is_counted(house, row)?;
        is_asked(&meeting)?;
        ensure!(meeting.asked().0.len() == number + 1, "{what}: was asked again");
        answered(&meeting, Outcome::Found(vec![hanako(&meeting, |_| {})]))?;
        community(house, &["forget", "--home", STRANGER])?;
    }
    Ok(())
}

/// The house of `world` once more, after it was killed.
fn again(form: Form, world: World) -> Result<World> {
    started(Start::new(form), world)
}

/// The same, started so.
fn started(start: Start, world: World) -> Result<World> {
    let settings = world.renkei.settings();
    let World { renkei, source, consumer, repository, administrator, feed, gateway } = world;
    let place = renkei.kill()?;
    let start = settings.iter().fold(start, |start, setting| start.set(setting));
    let renkei: Renkei = start.go_in(place)?;
    Ok(World { renkei, source, consumer, repository, administrator, feed, gateway })
}

fn a_restart_between_the_legs_loses_nothing(form: Form) -> Result<()> {
    let mut meeting = meeting(form)?;
    is_asked(&meeting)?;
    meeting.house = again(form, meeting.house)?;
    is_asked(&meeting)?;
    ensure!(meeting.asked().0.len() == 1, "was asked again");
    answered(&meeting, Outcome::Found(vec![hanako(&meeting, |_| {})]))?;
    both(&meeting)?;
    meeting.house = again(form, meeting.house)?;
    both(&meeting)?;
    ensure!(meeting.asked().0.len() == 1, "was asked again");
    Ok(())
}

/// Where the process is ended that takes an answer.
pub(crate) const STEPS: [&str; 3] =
    ["discovery.before_taken", "discovery.taken", "identity.before_settled"];

fn what_an_answer_did_is_on_record_and_acknowledged_wherever_the_process_ended(
    form: Form,
) -> Result<()> {
    let mut meeting = meeting(form)?;
    // What is on record when it ended, and in the end: questions, their answers, and where that was not kept yet,
    // its repeat.
    for (step, (ended, kept)) in STEPS.into_iter().zip([(2, 3), (5, 5), (7, 8)]) {
        meeting.house = started(Start::new(form).failpoint(step), meeting.house)?;
        is_asked(&meeting)?;
        let (id, request) = asked(&meeting)?;
        let found = Outcome::Found(vec![hanako(&meeting, |_| {})]);
        let message = answer(&id, &to(&request, found), Some(TimeToLive::days(7)))?;
        ensure!(meeting.house.gateway.post(LATER, &message).is_err(), "{step}: was answered");
        meeting.house = again(form, meeting.house)?;
        let records = discoveries(&meeting.house, ended)?;
        let good = records.iter().filter(|r| r.key() == "110112 ITI-55 E 0").count();
        ensure!(good == records.len(), "{step}: {records:#?}");
        if ended == kept {
            both(&meeting)?
        } else {
            is_asked(&meeting)?
        }
        for _ in 0..2 {
            let ack = acknowledged(&meeting.house.gateway, &message)?.acknowledgement;
            ensure!(ack.code == AckCode::CommitAccept && ack.details.is_empty(), "{step}: {ack:?}");
        }
        both(&meeting)?;
        discoveries(&meeting.house, kept)?;
        community(&meeting.house, &["forget", "--home", STRANGER])?;
    }
    Ok(())
}

/// Both sides are ours: what one asks, the other answers later, and both have it on record.
fn two_houses_ask_and_answer_later(form: Form) -> Result<()> {
    let (north, south) = joined(form, &["--discovery-answers", "later", "--peer", "the-south"])?;
    let (here, there) = (north.patient(), south.patient());
    told_of(&north, &here)?;
    told_of(&south, &there)?;
    north.submitted(&sample::one(&here, b"north"), &[b"north"])?;
    south.submitted(&sample::one(&there, b"south"), &[b"south"])?;
    let found = find(&north, &here)?;
    ensure!(found.status == Status::PartialSuccess && entries(&found).len() == 1, "{found:?}");
    let until = Instant::now() + PATIENCE;
    loop {
        let found = find(&north, &here)?;
        if found.errors.is_empty() {
            ensure!(found.status == Status::Success && entries(&found).len() == 2, "{found:?}");
            break;
        }
        ensure!(Instant::now() < until, "{found:?}");
        std::thread::sleep(Duration::from_millis(500));
    }
    two_sides_of_one_question(&north, &south, &there)?;

    // Another node of theirs cannot have its answers sent there (async.allowed_reply_to, NAME=URL).
    let url = north.renkei.ready.endpoints.xcpd_initiating.clone().context("no endpoint")?;
    let query = QueryBuilder::find_documents(&there, &AvailabilityStatus::ALL).build();
    let asked = elsewhere(message::query_by(&ITI_38, &query), &url)?;
    fault(&south.gateway.post(RESPONDING_GATEWAY, &asked)?, FaultCode::Sender)?;
    Ok(())
}

/// The records of both sides, field by field (ITI TF-2: 3.55.5.1).
fn two_sides_of_one_question(north: &World, south: &World, there: &PatientId) -> Result<()> {
    let (asked, answered) = (of_last_question(north, 2)?, of_last_question(south, 1)?);
    let ([question, taken], [given]) = (&asked[..], &answered[..]) else {
        anyhow::bail!("{asked:#?} {answered:#?}")
    };
    ensure!(asked.iter().chain(&answered).all(|r| r.key() == "110112 ITI-55 E 0"), "{asked:#?}");
    // The question is the same on both sides; who is told of stands at the side that tells.
    ensure!(question.objects_of(1).is_empty() && taken.objects_of(1).is_empty(), "{asked:?}");
    ensure!(given.objects_of(1) == [there.to_string()], "{given:?}");
    let [question_query, taken_query, given_query] =
        [question, taken, given].map(|r| r.objects.iter().find(|o| o.role == 24));
    let (sent, came) = (question_query.context("none")?, given_query.context("none")?);
    let taken_query = taken_query.context("none")?;
    ensure!(sent.id == came.id && sent.id == taken_query.id, "{sent:?} {came:?}");
    ensure!((sent.type_code, &sent.id_type) == (came.type_code, &came.id_type), "{came:?}");
    ensure!(sent.details == came.details && sent.details == taken_query.details, "{came:?}");
    let [sent, came] = [sent, came].map(|o| in_terms_of(o.query.as_deref().unwrap_or_default()));
    ensure!(sent == came, "{sent} {came}");
    let at = |record: &audit::Record, role: &str| {
        record.participant(role).map(|p| (p.user_id.clone(), p.requestor))
    };
    let url = |w: &World| {
        let endpoints = w.renkei.ready.endpoints.clone();
        (endpoints.xcpd.unwrap_or_default(), endpoints.xcpd_initiating.unwrap_or_default())
    };
    ensure!(at(question, "110152") == Some((url(south).0, false)), "{question:?}");
    ensure!(at(given, "110152") == Some((url(south).0, false)), "{given:?}");
    ensure!(at(taken, "110152") == Some((url(north).1, false)), "{taken:?}");
    ensure!(at(taken, "110153").is_some_and(|(who, asks)| who.contains("the-south") && asks));
    Ok(())
}
