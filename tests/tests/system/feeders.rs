//! Whose identifiers a node feeds, over HL7 v2 (ITI-8, ITI-64) and v3 (ITI-44): those of the authorities that
//! `identity.source_domains` gives it, and those that it gives nobody.

use crate::audit::is_complete;
use crate::discovery::people::card;
use crate::forms::by_form;
use crate::handshake::soon_known;
use crate::patients_v3::{self, fed};
use crate::pixpdq::{asked_for, number, parties, somebody, stamp};
use anyhow::{Context, Result, bail, ensure};
use renkei_hl7v2::ack::{self, AckCode, rows};
use renkei_hl7v2::adt::{
    A40, A43, Announcement, FeedEvent, PersonName, write_a40_in, write_a43_in, write_announcement,
};
use renkei_hl7v2::charset::Charset;
use renkei_hl7v2::msh::Version;
use renkei_hl7v3::iti44::Event;
use renkei_metadata::ids::PatientId;
use renkei_person::Person;
use renkei_soap::words::fill;
use renkei_tests::world::{Caller, PATIENT_FEED_V3};
use renkei_tests::{Form, Start, World, audit, message, sample};
use uuid::Uuid;

on_every_database! { by by_form:
    a_node_announces_and_revises_its_own_people_and_nobody_else_s
    a_node_merges_its_own_people_and_nobody_else_s
    a_node_moves_its_own_numbers_and_nobody_else_s
    what_was_accepted_before_is_answered_as_before
}

/// The numbers of two nodes, and of nobody who is named.
const CLINIC: &str = "2.999.44.1";
const CENTRE: &str = "2.999.44.2";
const NOBODY: &str = "2.999.44.3";

/// A house, and who feeds it.
struct House {
    w: World,
    /// Feeds [`CENTRE`]; the feed of the world feeds [`CLINIC`].
    centre: Caller,
    /// Named for nothing.
    ward: Caller,
}

fn named(start: Start) -> Start {
    let domains = format!("test-feed={CLINIC},centre={CENTRE}");
    start.set("patient.policy=known-only").set(&format!("identity.source_domains={domains}"))
}

fn house(form: Form) -> Result<House> {
    let w = World::start(named(Start::new(form)))?;
    let caller = |name| -> Result<Caller> {
        let caller = w.caller(name, &["feed"])?;
        soon_known(&caller)?;
        Ok(caller)
    };
    let (centre, ward) = (caller("centre")?, caller("ward")?);
    Ok(House { w, centre, ward })
}

/// In which words a message goes.
#[derive(Clone, Copy, Debug)]
enum Wire {
    V2,
    V3,
}

/// Code, place and words of what was wrong.
type Wrong = (String, String, String);

/// Somebody who has these identifiers.
fn of(w: &World, ids: &[&PatientId]) -> Person {
    let identifiers = ids.iter().map(|id| (*id).clone().into()).collect();
    Person { identifiers, ..somebody(w) }
}

/// Sends a message of HL7 v2.
fn sent(w: &World, caller: &Caller, message: Option<Vec<u8>>) -> Result<Vec<Wrong>> {
    let answer = w.feed_as(caller)?.send(&message.context("not written")?)?;
    let ack = ack::read(answer.as_bytes())?;
    ensure!(ack.is_accepted() || ack.code == AckCode::Reject, "{answer}");
    ensure!(ack.is_accepted() == ack.reports.is_empty(), "{answer}");
    Ok(ack.reports.into_iter().map(|r| (r.code, r.location, r.message)).collect())
}

/// Sends a message of HL7 v3.
fn posted(caller: &Caller, feed: &renkei_hl7v3::iti44::Feed) -> Result<Vec<Wrong>> {
    let ack = caller.post(PATIENT_FEED_V3, &fed(feed))?.accepted()?.acknowledgement;
    ensure!(ack.code.is_accepting() == ack.details.is_empty(), "{ack:?}");
    let wrong = ack.details.into_iter().map(|detail| {
        let place = detail.locations.into_iter().next().unwrap_or_default();
        (detail.code.unwrap_or_default(), place, detail.text.unwrap_or_default())
    });
    Ok(wrong.collect())
}

/// Announces somebody, or says what has changed.
fn told(
    w: &World,
    (wire, caller): (Wire, &Caller),
    event: Event,
    person: &Person,
) -> Result<Vec<Wrong>> {
    match wire {
        Wire::V2 => {
            let event = match event {
                Event::Revised => FeedEvent::A08,
                Event::Added | Event::Merged => FeedEvent::A04,
            };
            let person = person.clone();
            let of = Announcement { stamp: stamp(), parties: parties(), event, person };
            sent(w, caller, write_announcement(&of, Version::V25, &Charset::utf8()))
        }
        Wire::V3 => posted(caller, &patients_v3::feed(event, person)?),
    }
}

/// Says that one identifier is another's duplicate.
fn merged(
    w: &World,
    (wire, caller): (Wire, &Caller),
    subsumed: &PatientId,
    survivor: &PatientId,
) -> Result<Vec<Wrong>> {
    match wire {
        Wire::V2 => {
            let blank =
                PersonName { family: " ".into(), given: String::new(), representation: None };
            let of = A40 {
                stamp: stamp(),
                parties: parties(),
                surviving: survivor.clone(),
                subsumed: subsumed.clone(),
                names: vec![blank],
            };
            sent(w, caller, write_a40_in(&of, Version::V25, &Charset::utf8()))
        }
        Wire::V3 => posted(caller, &patients_v3::merge(subsumed, survivor)?),
    }
}

fn accepted(wrong: Result<Vec<Wrong>>) -> Result<()> {
    let wrong = wrong?;
    ensure!(wrong.is_empty(), "{wrong:?}");
    Ok(())
}

/// Whether the one problem is of this row, about a node and an authority, at the end of a place.
fn is_refused(
    wrong: Result<Vec<Wrong>>,
    row: &str,
    (node, authority): (&str, &str),
    place: [&str; 2],
    wire: Wire,
) -> Result<()> {
    let wrong = wrong?;
    let [(code, location, text)] = wrong.as_slice() else { bail!("{wire:?}: {wrong:?}") };
    let place = match wire {
        Wire::V2 => place[0],
        Wire::V3 => place[1],
    };
    ensure!(code == "103" && location.ends_with(place), "{wire:?}: {wrong:?}");
    let row = rows::all().iter().find(|known| known.id == row).context("no such row")?;
    for words in [row.en, row.fix_en, row.ja, row.fix_ja] {
        let words = fill(words, &[("node", node), ("authority", authority)]);
        ensure!(text.contains(&words), "{words}: {text}");
    }
    Ok(())
}

/// The other identifiers of a domain that somebody has; `None` of one who is not known.
fn others(w: &World, id: &PatientId, domain: &str) -> Result<Option<Vec<PatientId>>> {
    let answer = asked_for(&mut w.feed_as(&w.consumer)?, id, &[domain])?;
    let ids = answer.persons.iter().flat_map(|person| &person.identifiers);
    let ids = ids.map(|of| of.id.clone()).collect();
    Ok((answer.ack.code == AckCode::Accept).then_some(ids))
}

fn a_node_announces_and_revises_its_own_people_and_nobody_else_s(form: Form) -> Result<()> {
    let House { w, centre, ward } = house(form)?;
    let row = "feed-not-its-authority";
    for wire in [Wire::V2, Wire::V3] {
        let clinic = (wire, &w.feed);
        let announced =
            |by: (Wire, &Caller), ids: &[&PatientId]| told(&w, by, Event::Added, &of(&w, ids));
        let is_known = |id: &PatientId| Ok::<_, anyhow::Error>(others(&w, id, CLINIC)?.is_some());
        let [own, more, alone] = [number(CLINIC)?, number(CLINIC)?, number(CLINIC)?];
        let [theirs, stranger, home] = [number(CENTRE)?, number(NOBODY)?, w.patient()];
        // Its own, with what else is known of the person.
        accepted(announced(clinic, &[&own]))?;
        let card = card(&format!("138057:1-2:{}:01", Uuid::new_v4().simple()))?.id;
        accepted(announced(clinic, &[&more, &home, &stranger, &card]))?;
        ensure!(is_known(&own)? && is_known(&more)? && is_known(&stranger)?, "{wire:?}");
        accepted(announced(clinic, &[&w.patient()]))?;
        // Somebody else's, be it beside its own: nothing of the message is done.
        let at_first = ["PID^1^3^1^4", "/subject1/patient/id[1]"];
        let at_second = ["PID^1^3^2^4", "/subject1/patient"];
        let others_number = ("test-feed", CENTRE);
        is_refused(announced(clinic, &[&theirs]), row, others_number, at_first, wire)?;
        is_refused(announced(clinic, &[&alone, &theirs]), row, others_number, at_second, wire)?;
        let revised = told(&w, clinic, Event::Revised, &of(&w, &[&alone, &theirs]));
        is_refused(revised, row, others_number, at_second, wire)?;
        ensure!(!is_known(&theirs)? && !is_known(&alone)?, "{wire:?}");
        // Whom nobody is named for, it does not bring alone; whoever is not named does.
        let nobody_s = number(NOBODY)?;
        let refused = announced(clinic, &[&nobody_s]);
        is_refused(refused, row, ("test-feed", NOBODY), at_first, wire)?;
        accepted(announced((wire, &ward), &[&nobody_s]))?;
        accepted(announced((wire, &ward), &[&w.patient()]))?;
        is_refused(announced((wire, &ward), &[&alone]), row, ("ward", CLINIC), at_first, wire)?;
        ensure!(is_known(&nobody_s)? && !is_known(&alone)?, "{wire:?}");
        // Its owner does.
        accepted(announced((wire, &centre), &[&theirs]))?;
        ensure!(is_known(&theirs)?, "{wire:?}");
    }
    let settings = w.renkei.settings();
    let (status, place) = w.renkei.stop()?;
    ensure!(status.success(), "{status}");
    let records = audit::list(&place.data_dir(), &settings)?;
    for transaction in ["ITI-8", "ITI-44"] {
        for (action, count) in [("C", 4), ("U", 1)] {
            let key = format!("110110 {transaction} {action} 8");
            let refused: Vec<_> = records.iter().filter(|r| r.key() == key).collect();
            assert_eq!(refused.len(), count, "{key}");
            for record in refused {
                is_complete(record)?;
                let why = record.description.as_deref().unwrap_or_default();
                ensure!(why.starts_with("not authorized: "), "{record:?}");
                ensure!(!record.objects_of(1).is_empty(), "{record:?}");
            }
        }
    }
    Ok(())
}

fn a_node_merges_its_own_people_and_nobody_else_s(form: Form) -> Result<()> {
    let House { w, centre, ward } = house(form)?;
    let row = "feed-not-its-authority";
    for wire in [Wire::V2, Wire::V3] {
        let (own, theirs) = ((wire, &w.feed), (wire, &centre));
        let announced = |by, domain: &str| -> Result<PatientId> {
            let id = number(domain)?;
            accepted(told(&w, by, Event::Added, &of(&w, &[&id])))?;
            Ok(id)
        };
        let prior = ["MRG^1^1^1^4", "/priorRegisteredRole/id[1]"];
        let survives = ["PID^1^3^1^4", "/subject1/patient/id[1]"];
        // Its own.
        let [old, new] = [announced(own, CLINIC)?, announced(own, CLINIC)?];
        let by_ward = merged(&w, (wire, &ward), &old, &new)?;
        ensure!(by_ward.len() == 2, "both are somebody's: {by_ward:?}");
        assert_eq!(others(&w, &old, CLINIC)?, Some(Vec::new()), "{wire:?}");
        accepted(merged(&w, own, &old, &new))?;
        assert_eq!(others(&w, &old, CLINIC)?.as_deref(), Some(std::slice::from_ref(&new)));
        // Somebody else's, either of the two.
        let [their_old, their_new] = [announced(theirs, CENTRE)?, announced(theirs, CENTRE)?];
        let both = merged(&w, own, &their_old, &their_new)?;
        ensure!(both.len() == 2, "{both:?}");
        let refused = merged(&w, own, &their_old, &new);
        is_refused(refused, row, ("test-feed", CENTRE), prior, wire)?;
        let refused = merged(&w, own, &new, &their_new);
        is_refused(refused, row, ("test-feed", CENTRE), survives, wire)?;
        assert_eq!(others(&w, &their_old, CENTRE)?, Some(Vec::new()), "{wire:?}");
        accepted(merged(&w, theirs, &their_old, &their_new))?;
        // Who is known is not found out by those whose number it is not.
        let never = merged(&w, own, &number(CENTRE)?, &number(CENTRE)?)?;
        ensure!(never.iter().all(|(code, ..)| code == "103"), "{never:?}");
        // The affinity domain's, for which nobody is named.
        let patients = [w.patient(), w.patient()];
        for patient in &patients {
            accepted(told(&w, own, Event::Added, &of(&w, &[patient])))?;
            w.submitted(&sample::one(patient, b"x"), &[b"x"])?;
        }
        let [gone, stays] = &patients;
        let home = w.renkei.ready.assigning_authority.as_str();
        let refused = merged(&w, own, gone, stays);
        is_refused(refused, row, ("test-feed", home), prior, wire)?;
        assert_eq!(w.documents_of(stays)?.len(), 1, "{wire:?}");
        accepted(merged(&w, (wire, &ward), gone, stays))?;
        assert_eq!(w.documents_of(stays)?.len(), 2, "{wire:?}");
    }
    Ok(())
}

/// ITI-64, which HL7 v3 does not have.
fn a_node_moves_its_own_numbers_and_nobody_else_s(form: Form) -> Result<()> {
    let House { w, centre, ward } = house(form)?;
    let row = "feed-not-its-authority";
    let (previous, new, local) = (w.patient(), w.patient(), number(CENTRE)?);
    for patient in [&previous, &new] {
        accepted(told(&w, (Wire::V2, &ward), Event::Added, &of(&w, &[patient])))?;
    }
    let mut submission = sample::one(&previous, b"x");
    for entry in &mut submission.entries {
        entry.source_patient_id = Some(local.to_string());
    }
    w.submitted(&submission, &[b"x"])?;
    let moved = |by: &Caller, local: &PatientId| {
        let mut parties = parties();
        parties.sending_application = "2.999.44.9".to_owned();
        let a43 = A43 {
            stamp: stamp(),
            parties,
            new: new.clone(),
            local: local.clone(),
            previous: previous.clone(),
            subsumed: None,
        };
        sent(&w, by, write_a43_in(&a43, &Charset::utf8()))
    };
    for (node, local, authority) in
        [(&w.feed, &local, CENTRE), (&ward, &local, CENTRE), (&w.feed, &number(NOBODY)?, NOBODY)]
    {
        let wrong = moved(node, local);
        let place = wrong.as_ref().ok().and_then(|all| all.first()).map(|(_, at, _)| at.clone());
        let place = place.context("was accepted")?;
        ensure!(place.starts_with("PID^1^3^"), "{place}");
        is_refused(wrong, row, (&node.name, authority), [&place, ""], Wire::V2)?;
    }
    ensure!(w.documents_of(&new)?.is_empty(), "a refused message moved something");
    accepted(moved(&centre, &local))?;
    assert_eq!(w.documents_of(&new)?.len(), 1);
    Ok(())
}

/// A repeat is answered by what became of the message; another message is measured by what is set now.
fn what_was_accepted_before_is_answered_as_before(form: Form) -> Result<()> {
    let w = World::start(Start::new(form).set("patient.policy=known-only"))?;
    let person = of(&w, &[&number(CENTRE)?]);
    let message = fed(&patients_v3::feed(Event::Added, &person)?);
    let is_accepted = |caller: &Caller, message: &message::Message| -> Result<bool> {
        let answer = caller.post(PATIENT_FEED_V3, message)?.accepted()?;
        Ok(answer.acknowledgement.code.is_accepting())
    };
    ensure!(is_accepted(&w.feed, &message)?, "nobody is named");
    let directory = w.feed.directory.clone();
    let (status, place) = w.renkei.stop()?;
    ensure!(status.success(), "{status}");
    let renkei = named(Start::new(form)).go_in(place)?;
    let feed = Caller::new(&renkei, "test-feed", directory)?;
    ensure!(is_accepted(&feed, &message)?, "a repeat");
    let again = fed(&patients_v3::feed(Event::Added, &person)?);
    ensure!(!is_accepted(&feed, &again)?, "a new message");
    Ok(())
}
