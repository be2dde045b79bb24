//! ITI-9: the six cases of ITI TF-2: 3.9.4.2.2.6, and who may ask.

use super::{
    CLINIC, NEVER, OTHER, announced, asked_for, connected, errors, found, number, somebody,
};
use crate::discovery::people::{card, merge};
use anyhow::{Context, Result, ensure};
use renkei_hl7v2::ack::{AckCode, rows};
use renkei_hl7v2::cx::CxField;
use renkei_hl7v2::query::answer::Status;
use renkei_hl7v2::query::demographics::{self, Question};
use renkei_hl7v2::query::{Criteria, cancel};
use renkei_metadata::ids::PatientId;
use renkei_person::{Identifier, Person};
use renkei_tests::{Form, Start, World};
use uuid::Uuid;

on_every_database! {
    who_has_an_identifier_has_others
    what_is_not_known_is_told_at_its_place
    who_became_another_is_found_by_both
    who_is_named_by_others_alone_is_known
    who_is_named_by_a_card_alone_is_nobody
    a_merge_elsewhere_is_held_to_what_is_known
    only_consumers_ask
}

fn who_has_an_identifier_has_others(w: &World) -> Result<()> {
    let (person, clinic, other) = (somebody(w), number(CLINIC)?, number(OTHER)?);
    let second = number(OTHER)?;
    announced(w, &person, &[&clinic, &other, &second])?;
    let own = person.identifiers.first().context("no id")?.id.clone();
    let home = w.renkei.ready.assigning_authority.as_str();
    let mut feed = connected(w, &w.consumer)?;
    // Case 1: by the institution's number, the affinity domain's, and the other way round.
    assert_eq!(found(&asked_for(&mut feed, &clinic, &[home])?)?, std::slice::from_ref(&own));
    assert_eq!(found(&asked_for(&mut feed, &own, &[CLINIC])?)?, std::slice::from_ref(&clinic));
    // Case 6: several of one domain, and those of all.
    let sorted = |mut ids: Vec<_>| {
        ids.sort_by_key(ToString::to_string);
        ids
    };
    let two = sorted(vec![other.clone(), second.clone()]);
    assert_eq!(found(&asked_for(&mut feed, &own, &[OTHER])?)?, two);
    let all = sorted(vec![own.clone(), other.clone(), second]);
    assert_eq!(found(&asked_for(&mut feed, &clinic, &[])?)?, all);
    let answer = asked_for(&mut feed, &clinic, &[home])?;
    let name = answer.persons.first().and_then(|p| p.identifiers.first());
    ensure!(name.is_some_and(|i| i.authority_name.is_some()), "all of CX.4 is told: {answer:?}");
    // Case 2: known, and nothing in the domains that are asked for.
    let lonely = somebody(w);
    announced(w, &lonely, &[])?;
    let own = lonely.identifiers.first().context("no id")?.id.clone();
    let nothing = asked_for(&mut feed, &own, &[CLINIC])?;
    assert_eq!((nothing.ack.code, nothing.status), (AckCode::Accept, Some(Status::NothingFound)));
    ensure!(nothing.persons.is_empty() && nothing.ack.reports.is_empty(), "{nothing:?}");
    Ok(())
}

fn what_is_not_known_is_told_at_its_place(w: &World) -> Result<()> {
    let (person, clinic) = (somebody(w), number(CLINIC)?);
    announced(w, &person, &[&clinic])?;
    let mut feed = connected(w, &w.consumer)?;
    let refused = |answer: &super::Answer, expected: &[&str]| {
        ensure!(answer.ack.code == AckCode::Error, "{answer:?}");
        ensure!(answer.status == Some(Status::Error), "{answer:?}");
        assert_eq!(errors(answer), expected);
        ensure!(answer.ack.reports.iter().all(|r| r.message.contains(" / ")), "{answer:?}");
        Ok(())
    };
    refused(&asked_for(&mut feed, &number(CLINIC)?, &[])?, &["204 QPD^1^3^1^1"])?;
    refused(&asked_for(&mut feed, &w.patient(), &[])?, &["204 QPD^1^3^1^1"])?;
    refused(&asked_for(&mut feed, &number(NEVER)?, &[])?, &["204 QPD^1^3^1^4"])?;
    let answer = asked_for(&mut feed, &clinic, &[NEVER, CLINIC, "2.999.31.98"])?;
    refused(&answer, &["204 QPD^1^4^1", "204 QPD^1^4^3"])?;
    let answer = asked_for(&mut feed, &number(NEVER)?, &[NEVER])?;
    refused(&answer, &["204 QPD^1^3^1^4", "204 QPD^1^4^1"])
}

fn who_became_another_is_found_by_both(w: &World) -> Result<()> {
    let (old, new) = (somebody(w), somebody(w));
    let (clinic, other) = (number(CLINIC)?, number(OTHER)?);
    announced(w, &old, &[&clinic])?;
    announced(w, &new, &[&other])?;
    merge(w, &old, &new)?;
    let mut feed = connected(w, &w.consumer)?;
    assert_eq!(found(&asked_for(&mut feed, &clinic, &[OTHER])?)?, [other]);
    let survivor = new.identifiers.first().context("no id")?.id.clone();
    let home = w.renkei.ready.assigning_authority.as_str();
    assert_eq!(found(&asked_for(&mut feed, &clinic, &[home])?)?, [survivor]);
    Ok(())
}

/// An institution that knows nothing of the affinity domain feeds its own numbers (ITI TF-2: 3.8.4.1.3).
fn who_is_named_by_others_alone_is_known(w: &World) -> Result<()> {
    let (mut person, clinic) = (somebody(w), number(CLINIC)?);
    person.identifiers = Vec::new();
    announced(w, &person, &[&clinic])?;
    let mut feed = connected(w, &w.consumer)?;
    let home = w.renkei.ready.assigning_authority.as_str();
    let nothing = asked_for(&mut feed, &clinic, &[home])?;
    assert_eq!(nothing.status, Some(Status::NothingFound), "{nothing:?}");
    Ok(())
}

/// What communities share is told of persons, and of several at times: it names no record (ITI TF-2: 3.8.4.1.3).
fn who_is_named_by_a_card_alone_is_nobody(w: &World) -> Result<()> {
    let card = || card(&format!("138057:1-2:{}:01", Uuid::new_v4().simple()));
    let (one, other) = (card()?, card()?);
    let refused = |done: Result<()>| -> Result<()> {
        let told = done.err().context("was accepted")?.to_string();
        ensure!(told.contains("MSA|AE|") && told.contains("204"), "{told}");
        Ok(())
    };
    let of = |card: &Identifier| Person { identifiers: vec![card.clone()], ..somebody(w) };
    refused(announced(w, &of(&one), &[]))?;
    refused(merge(w, &of(&one), &of(&other)))?;
    // Not even a record of its own has it.
    let nobody = asked_for(&mut connected(w, &w.consumer)?, &one.id, &[])?;
    assert_eq!(errors(&nobody), ["204 QPD^1^3^1^1"]);
    Ok(())
}

/// The conflicts of a merge, between identifiers of an institution (ITI TF-2: 3.8.4.2.3).
fn a_merge_elsewhere_is_held_to_what_is_known(w: &World) -> Result<()> {
    let of = |id: &PatientId| Person { identifiers: vec![id.clone().into()], ..somebody(w) };
    let [old, new, third] = [number(CLINIC)?, number(CLINIC)?, number(CLINIC)?];
    let refused = |subsumed: &PatientId, survivor: &PatientId, what: &str| -> Result<()> {
        let told = merge(w, &of(subsumed), &of(survivor)).err().context("was accepted")?;
        let told = told.to_string();
        ensure!(told.contains("MSA|AE|") && told.contains(what), "{what}: {told}");
        Ok(())
    };
    announced(w, &of(&third), &[])?;
    refused(&old, &third, "ERR|MRG^1^1^204&")?;
    announced(w, &of(&old), &[])?;
    // Nobody has to have told of the one that stays.
    merge(w, &of(&old), &of(&new))?;
    // What stands is confirmed to whoever says it again.
    merge(w, &of(&old), &of(&new))?;
    refused(&old, &third, "ERR|MRG^1^1^205&")?;
    refused(&third, &old, "ERR|PID^1^3^204&")?;
    // Nothing of it changed: the one that was refused is found by itself.
    let mut feed = connected(w, &w.consumer)?;
    let nothing = asked_for(&mut feed, &third, &[CLINIC])?;
    assert_eq!(nothing.status, Some(Status::NothingFound), "{nothing:?}");
    assert_eq!(found(&asked_for(&mut feed, &old, &[CLINIC])?)?, [new]);
    Ok(())
}

fn only_consumers_ask(w: &World) -> Result<()> {
    let own = w.patient();
    for (caller, row) in [(&w.feed, "pixpdq-not-a-consumer"), (&w.source, "pixpdq-not-its-domain")]
    {
        let mut feed = connected(w, caller)?;
        let answer = asked_for(&mut feed, &own, &[])?;
        assert_eq!((answer.ack.code, answer.status), (AckCode::Reject, Some(Status::Rejected)));
        let row = rows::all().iter().find(|r| r.id == row).context("no row")?;
        ensure!(answer.ack.text().contains(row.en), "{answer:?}");
        let cancelled = feed.send(&cancel::write(&super::stamp(), &super::parties(), "Q-1"))?;
        ensure!(cancelled.contains("MSA|AR|") && cancelled.contains(row.en), "{cancelled}");
    }
    // The feed is refused as before to who may ask alone.
    let mut feed = connected(w, &w.consumer)?;
    let refused = feed.send(&renkei_tests::sample::a04(&own, "通知", "ツウチ"))?;
    ensure!(refused.contains("MSA|AR|"), "{refused}");
    Ok(())
}

mod in_a_house_of_its_own {
    use super::*;

    on_every_database! {
        by in_a_house:
        a_source_asks_by_its_own_numbers
    }

    fn in_a_house(postgres: bool, test: fn(Form) -> Result<()>) -> Result<()> {
        crate::forms::by_form(postgres, test)
    }

    /// Another domain of the source.
    const BRANCH: &str = "2.999.31.77";

    fn a_source_asks_by_its_own_numbers(form: Form) -> Result<()> {
        let w = World::start(Start::new(form).set(&format!(
            "identity.source_domains=test-source={CLINIC},{BRANCH},test-feed={CLINIC},{BRANCH}"
        )))?;
        let (person, clinic, other) = (somebody(&w), number(CLINIC)?, number(OTHER)?);
        let branch = number(BRANCH)?;
        announced(&w, &person, &[&clinic, &other, &branch])?;
        let own = person.identifiers.first().context("no id")?.id.clone();
        let home = w.renkei.ready.assigning_authority.clone();
        let mut feed = connected(&w, &w.source)?;
        assert_eq!(found(&asked_for(&mut feed, &clinic, &[&home])?)?, std::slice::from_ref(&own));
        // A source of several domains asks by the numbers of each, and is told of all of them.
        let mut known = vec![own.clone(), clinic.clone()];
        known.sort_by_key(ToString::to_string);
        assert_eq!(found(&asked_for(&mut feed, &branch, &[])?)?, known);
        for id in [&own, &other] {
            let refused = asked_for(&mut feed, id, &[])?;
            assert_eq!(refused.ack.code, AckCode::Reject, "{refused:?}");
            assert_eq!(errors(&refused), ["103 QPD^1^3"]);
        }
        // By a number of its own nobody is found who does not have it.
        let stranger = somebody(&w);
        announced(&w, &stranger, &[&number(OTHER)?])?;
        let theirs = stranger.identifiers.first().context("no id")?.id.clone();
        let by = |ids: &[&PatientId]| {
            let ids = ids.iter().map(|id| (1, CxField::from(*id)));
            let criteria = Criteria { identifiers: ids.collect(), ..Criteria::default() };
            Question { criteria, ..super::super::question(Person::default()) }
        };
        for ids in [[&theirs, &clinic], [&clinic, &theirs]] {
            let answer = super::super::read(&feed.send(&demographics::write(&by(&ids)))?)?;
            assert_eq!(answer.status, Some(Status::NothingFound), "{answer:?}");
        }
        let both = super::super::read(&feed.send(&demographics::write(&by(&[&own, &clinic])))?)?;
        ensure!(found(&both)?.contains(&own), "{both:?}");
        Ok(())
    }
}
