//! How persons are announced and asked for.

use super::scene::{LATER, Scene, refused, without};
use super::{About, How, Met, Probe};
use crate::discovery::elsewhere::deferred;
use crate::discovery::people::asking;
use crate::locations;
use crate::patients_v3::{self, fed, pdq, pix};
use crate::pixpdq::demographics::{answer, described};
use crate::pixpdq::{announced, asked_for, connected, parties, question, somebody, stamp};
use anyhow::{Context, Result, ensure};
use renkei_hl7v2::ack::{self, rows};
use renkei_hl7v2::adt::{A43, Announcement, FeedEvent, write_a43_in, write_announcement};
use renkei_hl7v2::charset::Charset;
use renkei_hl7v2::msh::Version;
use renkei_hl7v2::query::answer::{Answer, Status};
use renkei_hl7v3::acknowledgement::AckCode;
use renkei_hl7v3::interaction::ITI_55_DEFERRED_ANSWER;
use renkei_hl7v3::iti44::Event;
use renkei_hl7v3::iti47::{self, Continuation, Wish};
use renkei_hl7v3::query::Query;
use renkei_hl7v3::{InstanceId, Time, iti45, iti55};
use renkei_metadata::ids::PatientId;
use renkei_person::Person;
use renkei_soap::envelope::{self, AnswerHeaders};
use renkei_soap::words::fill;
use renkei_tests::message::{self, Message};
use renkei_tests::world::{Caller, PATIENT_FEED_V3, PDQ_V3, PIX_V3, XCPD};
use renkei_xds::transaction::{
    ITI_38, ITI_39, ITI_45, ITI_47, ITI_47_CANCEL, ITI_47_CONTINUE, ITI_55, ITI_55_DEFERRED,
};
use uuid::Uuid;

const AUTHORITY: &str = "an identifier of an authority";
const A_PERSON: &str = "a person";
const IDENTIFIERS: &str = "identifiers of a person";
const OWN_QUERY: &str = "a query of one's own";
const UNASKED: &str = "an answer to what nobody asked";

pub(super) static PROBES: &[(&str, &str, &str, Probe)] = &[
    ("patient_feed_v3", "ITI-44 PRPA_IN201301UV02", AUTHORITY, |s, c, _| {
        fed_v3(s, c, Event::Added)
    }),
    ("patient_feed_v3", "ITI-44 PRPA_IN201302UV02", AUTHORITY, |s, c, _| {
        fed_v3(s, c, Event::Revised)
    }),
    ("patient_feed_v3", "ITI-44 PRPA_IN201304UV02", AUTHORITY, |s, c, _| {
        fed_v3(s, c, Event::Merged)
    }),
    ("patient_feed", "ITI-8", AUTHORITY, fed_v2),
    ("patient_feed", "ITI-64", AUTHORITY, moved_v2),
    ("pix_v3", "ITI-45", IDENTIFIERS, cross_referenced_v3),
    ("pixpdq_v2", "ITI-9", IDENTIFIERS, cross_referenced_v2),
    ("pdq_v3", "ITI-47 PRPA", A_PERSON, sought_v3),
    ("pdq_v3", "ITI-47 QUQI_IN000003UV01_Continue", OWN_QUERY, continued),
    ("pdq_v3", "ITI-47 QUQI_IN000003UV01_Cancel", OWN_QUERY, cancelled),
    ("pixpdq_v2", "ITI-21", A_PERSON, sought_v2),
    ("xcpd", "ITI-55 PRPA_IN201305UV02:Cross", A_PERSON, discovered),
    ("xcpd", "ITI-55 PRPA_IN201305UV02:Deferred", A_PERSON, discovered_later),
    ("xcpd", "ITI-56", "where a person is known", located),
    ("xcpd_initiating", "ITI-55", UNASKED, answered_later),
    ("community_answers", "ITI-38", UNASKED, |s, c, _| answered(s, c, ITI_38.response_action)),
    ("community_answers", "ITI-39", UNASKED, |s, c, _| answered(s, c, ITI_39.response_action)),
    ("community_answers", "ITI-55", UNASKED, |s, c, _| answered(s, c, ITI_55.response_action)),
];

/// Somebody with a number of the institution, of whom there is a document of it, or of whom nobody has heard.
fn person(s: &Scene, about: About) -> Result<(Person, PatientId, PatientId)> {
    let (person, number) = (somebody(&s.w), s.number()?);
    let own = person.identifiers.first().context("no id")?.id.clone();
    if about == About::What {
        announced(&s.w, &person, &[])?;
        s.w.submitted(&s.set_of(&own), &[b"x"])?;
    }
    Ok((person, own, number))
}

fn ids(all: &[&PatientId]) -> Vec<String> {
    all.iter().flat_map(|id| [id.to_string(), id.id.clone()]).collect()
}

/// Somebody with a number of the institution.
fn numbered(s: &Scene, number: &PatientId) -> Person {
    Person { identifiers: vec![number.clone().into()], ..somebody(&s.w) }
}

fn fed_v3(s: &Scene, caller: &Caller, event: Event) -> Result<Met> {
    let (number, before) = (s.number()?, s.number()?);
    let feed = match event {
        Event::Added => patients_v3::feed(event, &numbered(s, &number))?,
        Event::Revised | Event::Merged => {
            for number in [&number, &before] {
                let added = patients_v3::feed(Event::Added, &numbered(s, number))?;
                s.w.feed.post(PATIENT_FEED_V3, &fed(&added))?.accepted()?;
            }
            match event {
                Event::Merged => patients_v3::merge(&before, &number)?,
                Event::Added | Event::Revised => patients_v3::feed(event, &numbered(s, &number))?,
            }
        }
    };
    let reply = caller.post(PATIENT_FEED_V3, &fed(&feed))?;
    if let Some(met) = refused(&reply) {
        return Ok(met);
    }
    let ack = reply.accepted()?.acknowledgement;
    let how = if ack.code.is_accepting() { How::Done } else { How::Refused };
    Ok(Met { how, text: format!("{:?}", ack.details) })
}

/// How an acknowledgement of HL7 v2 is met.
fn acknowledged(answer: &str, not_its_role: &str) -> Result<Met> {
    let ack = ack::read(answer.as_bytes())?;
    let row = rows::all().iter().find(|row| row.id == not_its_role).context("no such row")?;
    let text = format!("{:?}", ack.reports);
    let how = match ack.is_accepted() {
        true => How::Done,
        false if text.contains(row.en) => How::NotItsRole,
        false => How::Refused,
    };
    Ok(Met { how, text })
}

fn fed_v2(s: &Scene, caller: &Caller, _: About) -> Result<Met> {
    let person = numbered(s, &s.number()?);
    let (stamp, parties, event) = (stamp(), parties(), FeedEvent::A04);
    let of = Announcement { stamp, parties, event, person };
    let message = write_announcement(&of, Version::V25, &Charset::utf8()).context("not written")?;
    acknowledged(&s.w.feed_as(caller)?.send(&message)?, "feed-not-a-source")
}

/// A number of the institution from one person of the domain to another.
fn moved_v2(s: &Scene, caller: &Caller, _: About) -> Result<Met> {
    let (previous, new, local) = (s.patient()?, s.patient()?, s.number()?);
    let of = Person { identifiers: vec![previous.clone().into()], ..somebody(&s.w) };
    announced(&s.w, &of, &[&local])?;
    let of = A43 { stamp: stamp(), parties: parties(), previous, new, local, subsumed: None };
    let message = write_a43_in(&of, &Charset::utf8()).context("not written")?;
    acknowledged(&s.w.feed_as(caller)?.send(&message)?, "feed-not-a-source")
}

/// How an answer of HL7 v2 to a query is met.
fn queried_v2(answer: &Answer, ids: &[String]) -> Result<Met> {
    let row = rows::all().iter().find(|row| row.id == "pixpdq-not-a-consumer").context("no row")?;
    let text = format!("{:?}", answer.ack.reports);
    let how = match answer.status {
        _ if text.contains(&fill(row.en, &[])) => How::NotItsRole,
        Some(Status::Found) => How::Done,
        Some(Status::NothingFound) => How::Nothing,
        _ => How::Refused,
    };
    Ok(Met { how, text: without(text, ids) })
}

fn cross_referenced_v2(s: &Scene, caller: &Caller, about: About) -> Result<Met> {
    let (_, own, _) = known_by_number(s, about)?;
    let answer = asked_for(&mut connected(&s.w, caller)?, &own, &[])?;
    queried_v2(&answer, &ids(&[&own]))
}

fn known_by_number(s: &Scene, about: About) -> Result<(Person, PatientId, PatientId)> {
    let (person, own, number) =
        (somebody(&s.w), s.w.patient(), crate::pixpdq::number("2.999.71.9")?);
    let person = Person { identifiers: vec![own.clone().into()], ..person };
    if about == About::What {
        feed_of_nobody(s, &person, &number)?;
        s.w.submitted(&s.set_of(&own), &[b"x"])?;
    }
    Ok((person, own, number))
}

/// Announces somebody by a number of nobody who is named.
fn feed_of_nobody(s: &Scene, person: &Person, number: &PatientId) -> Result<()> {
    announced(&s.w, person, &[number])
}

fn cross_referenced_v3(s: &Scene, caller: &Caller, about: About) -> Result<Met> {
    let (_, own, _) = known_by_number(s, about)?;
    let request = pix::request(&own, &[])?;
    let message = message::hl7v3(ITI_45.request_action, |w| request.write(w));
    let reply = caller.post(PIX_V3, &message)?;
    if let Some(met) = refused(&reply) {
        return Ok(met);
    }
    let answer = reply.cross_referenced()?;
    let how = match answer.outcome {
        iti45::Outcome::Found { .. } => How::Done,
        iti45::Outcome::NotFound => How::Nothing,
        iti45::Outcome::Error => How::Refused,
    };
    Ok(Met { how, text: without(format!("{:?}", answer.details), &ids(&[&own])) })
}

fn sought_v2(s: &Scene, caller: &Caller, about: About) -> Result<Met> {
    let (person, own, number) = person(s, about)?;
    let found = answer(&mut connected(&s.w, caller)?, &question(described(&person)))?;
    queried_v2(&found, &ids(&[&own, &number]))
}

fn query_for(person: &Person) -> Query {
    let kana = person.names.iter().filter(|name| name.writing.is_some()).cloned();
    let birth = person.birth.map(renkei_hl7v3::query::BirthTime::At);
    Query { names: kana.skip(1).collect(), birth, ..pdq::query() }
}

/// How an answer to ITI-47 is met.
fn demographics(caller: &Caller, message: &Message, ids: &[String]) -> Result<Met> {
    let reply = caller.post(PDQ_V3, message)?;
    if let Some(met) = refused(&reply) {
        return Ok(met);
    }
    let answer = reply.discovered_by_demographics()?;
    let how = match answer.outcome {
        iti47::Outcome::Found(_) => How::Done,
        iti47::Outcome::NotFound => How::Nothing,
        iti47::Outcome::Error => How::Refused,
    };
    let text = format!("{:?} {:?}", answer.counts, answer.details);
    Ok(Met { how, text: without(text, ids) })
}

fn sought_v3(s: &Scene, caller: &Caller, about: About) -> Result<Met> {
    let (person, own, number) = person(s, about)?;
    let request = iti47::Request::new(patients_v3::transmission()?, query_for(&person));
    let message = message::hl7v3(ITI_47.request_action, |w| request.write(w));
    demographics(caller, &message, &ids(&[&own, &number]))
}

/// What goes on of a query that the right node began, or of none.
fn begun(s: &Scene, about: About, wish: Wish) -> Result<Continuation> {
    let (one, ..) = person(s, About::What)?;
    let (two, own, _) = person(s, About::Nothing)?;
    let two = Person { names: one.names.clone(), birth: one.birth, ..two };
    announced(&s.w, &two, &[])?;
    s.w.submitted(&s.set_of(&own), &[b"x"])?;
    let answer = pdq::asked(&s.right, Query { initial_quantity: Some(1), ..query_for(&one) })?;
    let mut more = pdq::more(&answer, wish)?;
    if about == About::Nothing {
        more.query_id = InstanceId::new(Uuid::new_v4());
    }
    Ok(more)
}

fn continued(s: &Scene, caller: &Caller, about: About) -> Result<Met> {
    let more = begun(s, about, Wish::More { start: None, quantity: Some(1) })?;
    let message = message::hl7v3(ITI_47_CONTINUE.request_action, |w| more.write(w));
    demographics(caller, &message, &[])
}

fn cancelled(s: &Scene, caller: &Caller, about: About) -> Result<Met> {
    let more = begun(s, about, Wish::NoMore)?;
    let message = message::hl7v3(ITI_47_CANCEL.request_action, |w| more.write(w));
    let reply = caller.post(PDQ_V3, &message)?;
    if let Some(met) = refused(&reply) {
        return Ok(met);
    }
    let ack = reply.accepted()?.acknowledgement;
    let how = if ack.code.is_accepting() { How::Done } else { How::Refused };
    // Whoever did not begin it has ended nothing.
    if caller.name != s.right.name {
        let on = Continuation {
            transmission: patients_v3::transmission()?,
            wish: Wish::More { start: None, quantity: Some(1) },
            ..more
        };
        let message = message::hl7v3(ITI_47_CONTINUE.request_action, |w| on.write(w));
        let met = demographics(&s.right, &message, &[])?;
        ensure!(met.how == How::Done, "another's query was ended: {met:?}");
    }
    Ok(Met { how, text: format!("{:?}", ack.details) })
}

fn discovered(s: &Scene, caller: &Caller, about: About) -> Result<Met> {
    let (person, own, number) = person(s, about)?;
    let reply = caller.post(XCPD, &message::discover(&asking(&s.w, &person)?))?;
    if let Some(met) = refused(&reply) {
        return Ok(met);
    }
    let answer = reply.discovered()?;
    let how = match answer.outcome {
        iti55::Outcome::Found(_) => How::Done,
        iti55::Outcome::NotFound => How::Nothing,
        _ => How::Refused,
    };
    Ok(Met { how, text: without(format!("{:?}", answer.details), &ids(&[&own, &number])) })
}

fn discovered_later(s: &Scene, caller: &Caller, about: About) -> Result<Met> {
    let (person, ..) = person(s, about)?;
    let asked = deferred(asking(&s.w, &person)?, LATER);
    let reply = caller.post(XCPD, &message::discover_by(ITI_55_DEFERRED.request_action, &asked))?;
    if let Some(met) = refused(&reply) {
        return Ok(met);
    }
    let ack = reply.accepted()?.acknowledgement;
    let how = if ack.code == AckCode::CommitAccept { How::Taken } else { How::Refused };
    Ok(Met { how, text: format!("{:?}", ack.details) })
}

fn located(s: &Scene, caller: &Caller, about: About) -> Result<Met> {
    let (_, own, _) = person(s, about)?;
    let reply = caller.post(XCPD, &locations::query(&own))?;
    if let Some(Met { how, text }) = refused(&reply) {
        return Ok(Met { how, text: without(text, &ids(&[&own])) });
    }
    Ok(Met { how: How::Done, text: String::new() })
}

fn answer_of(action: &str, write: impl FnOnce(&mut renkei_soap::xml::Writer)) -> Message {
    let (own, asked) = (message::message_id(), message::message_id());
    let elsewhere = Some((own.as_str(), "https://localhost/"));
    let headers = AnswerHeaders { relates_to: Some(&asked), elsewhere, blocks: &[] };
    message::simple(&envelope::write_response_after(String::new(), action, headers, write))
}

fn answered_later(s: &Scene, caller: &Caller, _: About) -> Result<Met> {
    let request = asking(&s.w, &somebody(&s.w))?;
    let (id, created) = (InstanceId::new(Uuid::new_v4()), Time::at(chrono::Utc::now().into()));
    let answer = iti55::Answer::to(&request, iti55::Outcome::NotFound, id, created);
    let message = answer_of(ITI_55_DEFERRED_ANSWER.request_action, |w| answer.write(w));
    let reply = caller.post("/xcpd/initiating", &message)?;
    if let Some(met) = refused(&reply) {
        return Ok(met);
    }
    let ack = reply.accepted()?.acknowledgement;
    let how = if ack.code.is_accepting() { How::Done } else { How::Refused };
    Ok(Met { how, text: String::new() })
}

fn answered(_: &Scene, caller: &Caller, action: &str) -> Result<Met> {
    let message = answer_of(action, |w| _ = w.leaf("x", ""));
    refused(&caller.post("/xca/answers", &message)?).context("it was taken")
}
