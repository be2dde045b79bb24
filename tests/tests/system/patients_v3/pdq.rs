//! ITI-47 (ITI TF-2: 3.47): persons are found by what is known of them, page by page.

use super::{fed, feed, says, transmission};
use crate::discovery::people::somebody;
use crate::expect::fault;
use anyhow::{Context, Result, bail, ensure};
use renkei_hl7v3::InstanceId;
use renkei_hl7v3::iti44::Event;
use renkei_hl7v3::iti47::{Answer, Continuation, Counts, Outcome, Request, Wish};
use renkei_hl7v3::query::{BirthTime, Query};
use renkei_metadata::ids::{Oid, PatientId};
use renkei_person::{Birth, Name, Person, Sex, Writing};
use renkei_soap::fault::FaultCode;
use renkei_tests::world::{Caller, PATIENT_FEED_V3, PDQ_V3};
use renkei_tests::{World, message};
use renkei_xds::transaction::{ITI_47, ITI_47_CANCEL, ITI_47_CONTINUE};
use uuid::Uuid;

on_every_database! {
    a_person_is_found_by_each_of_what_is_known
    pages_follow_each_other_until_there_are_no_more
    so_long_a_query_is_not_kept
    what_cannot_be_answered_is_told_by_its_row
    who_is_no_consumer_does_not_look
    queries_of_other_stacks_are_understood
}

fn announced(w: &World, person: &Person) -> Result<PatientId> {
    let answer = w.feed.post(PATIENT_FEED_V3, &fed(&feed(Event::Added, person)?))?.accepted()?;
    ensure!(answer.acknowledgement.code.is_accepting(), "{answer:?}");
    Ok(person.identifiers.first().context("no id")?.id.clone())
}

fn asking(query: Query) -> Result<Request> {
    Ok(Request::new(transmission()?, query))
}

pub(crate) fn query() -> Query {
    Query::new(InstanceId::new(Uuid::new_v4()))
}

pub(crate) fn asked(caller: &Caller, query: Query) -> Result<Answer> {
    let request = asking(query)?;
    let message = message::hl7v3(ITI_47.request_action, |w| request.write(w));
    let answer = caller.post(PDQ_V3, &message)?.discovered_by_demographics()?;
    ensure!(answer.target == request.transmission.id, "{answer:?}");
    ensure!(answer.query_id == request.query.id && answer.query.is_some(), "{answer:?}");
    Ok(answer)
}

pub(crate) fn more(answer: &Answer, wish: Wish) -> Result<Continuation> {
    let target = Some(answer.transmission.id.clone());
    Ok(Continuation {
        transmission: transmission()?,
        target,
        query_id: answer.query_id.clone(),
        wish,
    })
}

pub(crate) fn continued(caller: &Caller, wanted: &Continuation) -> Result<Answer> {
    let message = message::hl7v3(ITI_47_CONTINUE.request_action, |w| wanted.write(w));
    let answer = caller.post(PDQ_V3, &message)?.discovered_by_demographics()?;
    ensure!(answer.target == wanted.transmission.id, "{answer:?}");
    Ok(answer)
}

pub(crate) fn ids(answer: &Answer) -> Result<Vec<PatientId>> {
    match &answer.outcome {
        Outcome::Found(found) => {
            ensure!(found.iter().all(|one| one.degree == Some(100) && one.provider.is_some()));
            Ok(found
                .iter()
                .flat_map(|one| one.identifiers().next())
                .map(|of| of.id.clone())
                .collect())
        }
        Outcome::NotFound => Ok(Vec::new()),
        Outcome::Error => bail!("{answer:?}"),
    }
}

fn a_person_is_found_by_each_of_what_is_known(w: &World) -> Result<()> {
    let person = somebody(w);
    let own = announced(w, &person)?;
    let kana = person.names.get(1).context("no kana")?.clone();
    let by_name = Query { names: vec![kana.clone()], ..query() };
    assert_eq!(ids(&asked(&w.consumer, by_name.clone())?)?, std::slice::from_ref(&own));
    // The beginning of the given name, and the day of birth.
    let given: String = kana.given.concat().chars().take(9).collect();
    let beginning = Name::new(Writing::Syllabic, "ケンシン", &given);
    let birth = person.birth.map(BirthTime::At);
    let pattern = Query { names: vec![beginning], birth, is_pattern: true, ..query() };
    let answer = asked(&w.consumer, pattern.clone())?;
    assert_eq!(ids(&answer)?, std::slice::from_ref(&own));
    assert_eq!(answer.counts, Some(Counts { total: 1, current: 1, remaining: 0 }));
    let Outcome::Found(found) = &answer.outcome else { bail!("{answer:?}") };
    let one = &found[0].person;
    assert_eq!((&one.names, one.birth, one.sex), (&person.names, person.birth, person.sex));
    ensure!(ids(&asked(&w.consumer, Query { is_pattern: false, ..pattern.clone() })?)?.is_empty());
    let starred = vec![Name::new(Writing::Syllabic, "*", &format!("{given}*"))];
    let starred = Query { names: starred, is_pattern: false, ..pattern.clone() };
    assert_eq!(ids(&asked(&w.consumer, starred)?)?, std::slice::from_ref(&own));
    ensure!(ids(&asked(&w.consumer, Query { sex: Some(Sex::Male), ..pattern })?)?.is_empty());
    // By the identifier, and of a domain in which the person has none.
    let by_id = Query { identifiers: vec![own.clone().into()], ..query() };
    assert_eq!(ids(&asked(&w.consumer, by_id)?)?, std::slice::from_ref(&own));
    let none =
        Query {
            names: vec![Name::new(Writing::Syllabic, "ダレモ", "イナイ")], birth, ..query()
        };
    let answer = asked(&w.consumer, none)?;
    ensure!(answer.outcome == Outcome::NotFound && answer.counts == Some(Counts::default()));
    Ok(())
}

fn pages_follow_each_other_until_there_are_no_more(w: &World) -> Result<()> {
    let not_continued = |answer: &Answer| told(answer, "pdq-not-continued");
    let family = somebody(w).names.get(1).context("no kana")?.given.concat();
    let mut all = Vec::new();
    for (given, day) in [("アキ", 1), ("イクコ", 7), ("ウメ", 12), ("エミリ", 18), ("オト", 25)]
    {
        let mut person = somebody(w);
        person.names = vec![Name::new(Writing::Syllabic, &family, given)];
        person.birth = Birth::parse(&format!("19{}03{day:02}", 40 + day));
        all.push(announced(w, &person)?);
    }
    let names = vec![Name::new(Writing::Syllabic, &family, "")];
    let first =
        asked(&w.consumer, Query { names: names.clone(), initial_quantity: Some(2), ..query() })?;
    assert_eq!(first.counts, Some(Counts { total: 5, current: 2, remaining: 3 }));
    let next = more(&first, Wish::More { start: Some(3), quantity: Some(2) })?;
    let second = continued(&w.consumer, &next)?;
    assert_eq!(second.counts, Some(Counts { total: 5, current: 2, remaining: 1 }));
    let last = more(&second, Wish::More { start: None, quantity: None })?;
    let third = continued(&w.consumer, &last)?;
    assert_eq!(third.counts, Some(Counts { total: 5, current: 1, remaining: 0 }));
    let mut told = [ids(&first)?, ids(&second)?, ids(&third)?].concat();
    told.sort_by(|a, b| a.id.cmp(&b.id));
    all.sort_by(|a, b| a.id.cmp(&b.id));
    assert_eq!(told, all, "each of them once");
    not_continued(&continued(
        &w.consumer,
        &more(&third, Wish::More { start: None, quantity: None })?,
    )?)?;

    // Given up, out of turn, or another's.
    let first =
        asked(&w.consumer, Query { names: names.clone(), initial_quantity: Some(2), ..query() })?;
    let next = Wish::More { start: Some(3), quantity: None };
    let out_of_turn = more(&first, Wish::More { start: Some(5), quantity: None })?;
    not_continued(&continued(&w.consumer, &out_of_turn)?)?;
    let behind_another =
        Continuation { target: Some(third.transmission.id.clone()), ..more(&first, next)? };
    not_continued(&continued(&w.consumer, &behind_another)?)?;
    let other = w.caller("test-other-consumer", &["consumer"])?;
    not_continued(&continued(&other, &more(&first, next)?)?)?;
    let cancel = more(&first, Wish::NoMore)?;
    let message = message::hl7v3(ITI_47_CANCEL.request_action, |out| cancel.write(out));
    let ack = w.consumer.post(PDQ_V3, &message)?.accepted()?.acknowledgement;
    ensure!(ack.code.is_accepting() && ack.target == cancel.transmission.id, "{ack:?}");
    not_continued(&continued(&w.consumer, &more(&first, next)?)?)
}

/// It is answered whole, or not at all.
fn so_long_a_query_is_not_kept(w: &World) -> Result<()> {
    let kana = somebody(w).names.get(1).context("no kana")?.clone();
    for day in ["19750412", "19750413"] {
        let person = Person { names: vec![kana.clone()], birth: Birth::parse(day), ..somebody(w) };
        announced(w, &person)?;
    }
    let others = (0..60).map(|n| Name::new(Writing::Syllabic, "ダレモ", &"イナイ".repeat(60 + n)));
    let names: Vec<Name> = std::iter::once(kana).chain(others).collect();
    let long = |most| Query { names: names.clone(), initial_quantity: most, ..query() };
    assert_eq!(ids(&asked(&w.consumer, long(None))?)?.len(), 2);
    told(&asked(&w.consumer, long(Some(1)))?, "pdq-too-long")
}

/// Fails unless the query was refused by this row alone.
fn told(answer: &Answer, row: &str) -> Result<()> {
    ensure!(answer.outcome == Outcome::Error, "{answer:?}");
    let [detail] = answer.details.as_slice() else { bail!("{answer:?}") };
    says(detail, row)
}

fn what_cannot_be_answered_is_told_by_its_row(w: &World) -> Result<()> {
    let person = somebody(w);
    announced(w, &person)?;
    let names = person.names.clone();
    let elsewhere = Oid::parse("2.999.392.45.77")?;
    let known = person.identifiers.first().context("no id")?.id.authority.clone();
    let of_two = Query { names, ..query() }.in_domains([known, elsewhere]);
    let answer = asked(&w.consumer, of_two)?;
    told(&answer, "pix-domain-unknown")?;
    let place = "/PRPA_IN201305UV02/controlActProcess/queryByParameter/parameterList/otherIDsScopingOrganization[2]/value";
    ensure!(answer.details[0].locations == [place], "{answer:?}");
    let stranger = PatientId::new("1", Oid::parse("2.999.392.45.77")?)?;
    let by_stranger = Query { identifiers: vec![stranger.into()], ..query() };
    let answer = asked(&w.consumer, by_stranger)?;
    told(&answer, "pix-domain-unknown")?;
    let place = "/PRPA_IN201305UV02/controlActProcess/queryByParameter/parameterList/livingSubjectId/value[@root='2.999.392.45.77']";
    ensure!(answer.details[0].locations == [place], "{answer:?}");
    let mother = Some(Name::new(Writing::Syllabic, "ケンシン", "ハハ"));
    let vague = Query { mothers_maiden_name: mother, ..query() };
    told(&asked(&w.consumer, vague)?, "pdq-too-little")?;
    let request = asking(Query { sex: Some(Sex::Female), ..query() })?;
    let message = message::hl7v3(ITI_47.request_action, |out| request.write(out));
    let answer = w.consumer.post(PDQ_V3, &message)?.discovered_by_demographics()?;
    let [detail] = answer.details.as_slice() else { bail!("{answer:?}") };
    ensure!(detail.code.as_deref() == Some("SYN113"), "{detail:?}");
    let text = detail.text.clone().unwrap_or_default();
    ensure!(text.contains("names nothing that a person is found by"), "{text}");
    Ok(())
}

fn who_is_no_consumer_does_not_look(w: &World) -> Result<()> {
    let person = somebody(w);
    let own = announced(w, &person)?;
    let request = asking(Query { identifiers: vec![own.into()], ..query() })?;
    for caller in [&w.administrator, &w.feed, &w.gateway, &w.repository] {
        let message = message::hl7v3(ITI_47.request_action, |out| request.write(out));
        fault(&caller.post(PDQ_V3, &message)?, FaultCode::Sender)?;
    }
    let message = message::hl7v3(ITI_47.request_action, |out| request.write(out));
    let answer = w.source.post(PDQ_V3, &message)?.discovered_by_demographics()?;
    told(&answer, "pix-not-own-domain")
}

/// A message with every trait of those that another implementation publishes (`profiles/hl7v3/samples`).
fn queries_of_other_stacks_are_understood(w: &World) -> Result<()> {
    let foreign = include_str!("../../../../profiles/hl7v3/samples/foreign-pdq-query.xml");
    let (_, body) = foreign.split_once("-->").context("no comment")?;
    let own = format!("\"{}\"", w.patient().authority);
    let body = body.replace("\"2.999.392.1.1\"", &own).replace("\"2.999.392.1.2\"", &own);
    let message = message::hl7v3(ITI_47.request_action, |out| {
        out.raw(&body);
    });
    let answer = w.consumer.post(PDQ_V3, &message)?.discovered_by_demographics()?;
    ensure!(answer.outcome == Outcome::NotFound, "{answer:?}");
    Ok(())
}
