//! ITI-45 (ITI TF-2: 3.45): the identifiers that other domains have for a person, and each case in which there are
//! none.

use super::{fed, feed, merge, pdq, says, transmission};
use crate::discovery::people::{asking, card, somebody};
use crate::expect::fault;
use anyhow::{Context, Result, bail, ensure};
use renkei_hl7v3::InstanceId;
use renkei_hl7v3::iti44::Event;
use renkei_hl7v3::iti45::{Answer, Outcome, Request};
use renkei_hl7v3::query::Query;
use renkei_hl7v3::{iti47, iti55};
use renkei_metadata::ids::{Oid, PatientId};
use renkei_person::{Birth, Person};
use renkei_soap::fault::FaultCode;
use renkei_tests::world::{Caller, PATIENT_FEED_V3, PIX_V3, XCPD};
use renkei_tests::{Form, Start, World, message, sample};
use renkei_xds::transaction::ITI_45;
use uuid::Uuid;

on_every_database! {
    each_case_has_its_code_and_its_place
    several_identifiers_of_a_domain_are_all_told
    who_became_another_leads_on_and_is_told_no_more
    who_is_named_by_others_alone_is_known
    other_communities_are_answered_from_the_cross_references
    who_is_no_consumer_does_not_ask
    queries_of_other_stacks_are_understood
}

/// The domain of an institution, of which nobody else knows numbers.
const INSTITUTION: &str = "2.999.392.45.1";

/// The number of a person in a domain.
fn number(domain: &str) -> Result<PatientId> {
    Ok(PatientId::new(&Uuid::new_v4().simple().to_string(), Oid::parse(domain)?)?)
}

/// A person whom an institution and the affinity domain know, announced.
fn announced(w: &World) -> Result<(Person, PatientId)> {
    let (mut person, local) = (somebody(w), number(INSTITUTION)?);
    person.identifiers.push(local.clone().into());
    person.identifiers.push(card(&format!("138057:1-2:{}:01", Uuid::new_v4().simple()))?);
    let answer = w.feed.post(PATIENT_FEED_V3, &fed(&feed(Event::Added, &person)?))?.accepted()?;
    ensure!(answer.acknowledgement.code.is_accepting(), "{answer:?}");
    Ok((person, local))
}

pub(crate) fn request(patient: &PatientId, domains: &[&str]) -> Result<Request> {
    let domains = domains.iter().map(|d| Oid::parse(d)).collect::<Result<Vec<_>, _>>()?;
    let id = InstanceId::new(Uuid::new_v4());
    Ok(Request::new(transmission()?, id, patient.clone().into(), domains))
}

pub(crate) fn asked(caller: &Caller, request: &Request) -> Result<Answer> {
    let message = message::hl7v3(ITI_45.request_action, |w| request.write(w));
    let answer = caller.post(PIX_V3, &message)?.cross_referenced()?;
    ensure!(answer.target == request.transmission.id, "{answer:?}");
    ensure!(answer.query_id == request.query_id, "{answer:?}");
    ensure!(answer.query.is_some(), "the query is not repeated: {answer:?}");
    Ok(answer)
}

fn found(answer: &Answer) -> Result<Vec<PatientId>> {
    let Outcome::Found { identifiers, .. } = &answer.outcome else { bail!("{answer:?}") };
    ensure!(identifiers.iter().all(|of| of.authority_name.is_some()), "{answer:?}");
    ensure!(answer.details.is_empty(), "{answer:?}");
    Ok(identifiers.iter().map(|of| of.id.clone()).collect())
}

/// Fails unless the query was refused by these rows, at these places.
fn refused(answer: &Answer, rows: &[(&str, &str)]) -> Result<()> {
    ensure!(answer.outcome == Outcome::Error, "{answer:?}");
    ensure!(answer.details.len() == rows.len(), "{answer:?}");
    for (detail, (row, place)) in answer.details.iter().zip(rows) {
        says(detail, row)?;
        let list = "/PRPA_IN201309UV02/controlActProcess/queryByParameter/parameterList/";
        ensure!(detail.locations == [format!("{list}{place}")], "{detail:?}");
    }
    Ok(())
}

/// The first five cases of ITI TF-2: 3.45.4.2.3.
fn each_case_has_its_code_and_its_place(w: &World) -> Result<()> {
    let (person, local) = announced(w)?;
    let own = person.identifiers.first().context("no id")?.id.clone();
    let home = own.authority.to_string();
    // 1: found in a domain that was asked for.
    assert_eq!(
        found(&asked(&w.consumer, &request(&local, &[&home])?)?)?,
        std::slice::from_ref(&own)
    );
    assert_eq!(
        found(&asked(&w.consumer, &request(&own, &[INSTITUTION])?)?)?,
        std::slice::from_ref(&local)
    );
    // 2: in all of them, but for the one that was asked about.
    let all = found(&asked(&w.consumer, &request(&local, &[])?)?)?;
    let others = person.identifiers.iter().map(|of| &of.id).filter(|id| **id != local);
    ensure!(all.len() == 2 && others.into_iter().all(|id| all.contains(id)), "{all:?}");
    // 3: known, and nothing in that domain.
    let alone = somebody(w);
    w.feed.post(PATIENT_FEED_V3, &fed(&feed(Event::Added, &alone)?))?.accepted()?;
    let alone = alone.identifiers.first().context("no id")?.id.clone();
    let answer = asked(&w.consumer, &request(&alone, &[INSTITUTION])?)?;
    ensure!(answer.outcome == Outcome::NotFound && answer.details.is_empty(), "{answer:?}");
    // 4: nobody announced it.
    let never = asked(&w.consumer, &request(&number(INSTITUTION)?, &[&home])?)?;
    refused(&never, &[("pix-patient-unknown", "patientIdentifier/value")])?;
    // 5: a domain of which nothing is known, each.
    let wrong = ["2.999.392.45.77", home.as_str(), "2.999.392.45.78"];
    let places = ["dataSource[1]/value", "dataSource[3]/value"];
    let rows = places.map(|place| ("pix-domain-unknown", place));
    refused(&asked(&w.consumer, &request(&local, &wrong)?)?, &rows)?;
    let stranger = sample::patient("2.999.392.45.79");
    let rows = [("pix-domain-unknown", "patientIdentifier/value")];
    refused(&asked(&w.consumer, &request(&stranger, &[&home])?)?, &rows)
}

/// Case 6.
fn several_identifiers_of_a_domain_are_all_told(w: &World) -> Result<()> {
    let (mut person, local) = announced(w)?;
    let second = number(INSTITUTION)?;
    person.identifiers.push(second.clone().into());
    w.feed.post(PATIENT_FEED_V3, &fed(&feed(Event::Revised, &person)?))?.accepted()?;
    let own = person.identifiers.first().context("no id")?.id.clone();
    let mut all = found(&asked(&w.consumer, &request(&own, &[INSTITUTION])?)?)?;
    all.sort_by(|a, b| a.id.cmp(&b.id));
    let mut both = vec![local, second];
    both.sort_by(|a, b| a.id.cmp(&b.id));
    assert_eq!(all, both);
    Ok(())
}

/// After a merge (ITI-44), of a chain too.
fn who_became_another_leads_on_and_is_told_no_more(w: &World) -> Result<()> {
    let ((old, clinic), (new, other)) = (announced(w)?, announced(w)?);
    let id = |of: &Person| of.identifiers.first().map(|of| of.id.clone()).context("no id");
    let (old, new) = (id(&old)?, id(&new)?);
    let last = somebody(w);
    w.feed.post(PATIENT_FEED_V3, &fed(&feed(Event::Added, &last)?))?.accepted()?;
    let last = id(&last)?;
    for (subsumed, survivor) in [(&old, &new), (&new, &last)] {
        let ack = w.feed.post(PATIENT_FEED_V3, &fed(&merge(subsumed, survivor)?))?.accepted()?;
        ensure!(ack.acknowledgement.code.is_accepting(), "{ack:?}");
    }
    let home = last.authority.to_string();
    for known in [&clinic, &other, &old, &new] {
        let answer = asked(&w.consumer, &request(known, &[&home])?)?;
        assert_eq!(found(&answer)?, std::slice::from_ref(&last), "by {known}");
    }
    let mut numbers = found(&asked(&w.consumer, &request(&old, &[INSTITUTION])?)?)?;
    numbers.sort_by(|a, b| a.id.cmp(&b.id));
    let mut both = vec![clinic, other];
    both.sort_by(|a, b| a.id.cmp(&b.id));
    assert_eq!(numbers, both);
    Ok(())
}

/// An institution that knows nothing of the affinity domain feeds its own numbers.
fn who_is_named_by_others_alone_is_known(w: &World) -> Result<()> {
    let local = number(INSTITUTION)?;
    // Called as nobody else is.
    let person = somebody(w);
    let kana = person.names.get(1).context("no kana")?.clone();
    let identifiers = vec![local.clone().into()];
    let person = Person { identifiers, names: vec![kana], birth: None, ..person };
    let ack = w.feed.post(PATIENT_FEED_V3, &fed(&feed(Event::Added, &person)?))?.accepted()?;
    ensure!(ack.acknowledgement.code.is_accepting(), "{ack:?}");
    let home = w.renkei.ready.assigning_authority.as_str();
    let answer = asked(&w.consumer, &request(&local, &[home])?)?;
    ensure!(answer.outcome == Outcome::NotFound, "{answer:?}");
    Ok(())
}

/// Whoever knows the number of an institution need not know more (ITI-55).
fn other_communities_are_answered_from_the_cross_references(w: &World) -> Result<()> {
    let (person, local) = announced(w)?;
    let own = person.identifiers.first().context("no id")?.id.clone();
    let by_number = Person { identifiers: vec![local.into()], ..Person::default() };
    let discovered = |person: &Person| {
        let request = asking(w, person)?;
        w.gateway.post(XCPD, &message::discover(&request))?.discovered()
    };
    let answer = discovered(&by_number)?;
    let iti55::Outcome::Found(found) = &answer.outcome else { bail!("{answer:?}") };
    ensure!(found.len() == 1 && found[0].patient.id == own, "{answer:?}");
    // Somebody else under the same number is an error somewhere.
    let other = Person { birth: Birth::parse("20010101"), ..by_number };
    let answer = discovered(&other)?;
    ensure!(answer.outcome == iti55::Outcome::NotFound, "{answer:?}");
    Ok(())
}

/// A source without a domain of its own asks in vain.
fn who_is_no_consumer_does_not_ask(w: &World) -> Result<()> {
    let (_, local) = announced(w)?;
    let asks = request(&local, &[])?;
    for caller in [&w.administrator, &w.feed, &w.gateway, &w.repository] {
        let message = message::hl7v3(ITI_45.request_action, |out| asks.write(out));
        fault(&caller.post(PIX_V3, &message)?, FaultCode::Sender)?;
    }
    let rows = [("pix-not-own-domain", "patientIdentifier/value")];
    refused(&asked(&w.source, &asks)?, &rows)
}

/// A message with every trait of those that another implementation publishes (`profiles/hl7v3/samples`).
fn queries_of_other_stacks_are_understood(w: &World) -> Result<()> {
    let foreign = include_str!("../../../../profiles/hl7v3/samples/foreign-pix-query.xml");
    let (_, body) = foreign.split_once("-->").context("no comment")?;
    let message = message::hl7v3(ITI_45.request_action, |out| {
        out.raw(body);
    });
    let answer = w.consumer.post(PIX_V3, &message)?.cross_referenced()?;
    ensure!(answer.outcome == Outcome::Error && !answer.details.is_empty(), "{answer:?}");
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

    /// And by no others, of persons whom it knows as well.
    fn a_source_asks_by_its_own_numbers(form: Form) -> Result<()> {
        let own_domain =
            format!("identity.source_domains=test-source={INSTITUTION},test-feed={INSTITUTION}");
        let w = World::start(Start::new(form).set(&own_domain))?;
        let (person, local) = announced(&w)?;
        let own = person.identifiers.first().context("no id")?.id.clone();
        let home = own.authority.to_string();
        assert_eq!(
            found(&asked(&w.source, &request(&local, &[&home])?)?)?,
            std::slice::from_ref(&own)
        );
        let rows = [("pix-not-own-domain", "patientIdentifier/value")];
        refused(&asked(&w.source, &request(&own, &[])?)?, &rows)?;
        let query = |ids: &[&PatientId]| Query {
            identifiers: ids.iter().map(|id| (*id).clone().into()).collect(),
            ..pdq::query()
        };
        let answer = pdq::asked(&w.source, query(&[&local]))?;
        ensure!(matches!(&answer.outcome, iti47::Outcome::Found(found) if found.len() == 1));
        let answer = pdq::asked(&w.source, query(&[&own]))?;
        ensure!(answer.outcome == iti47::Outcome::Error, "{answer:?}");
        says(answer.details.first().context("no detail")?, "pix-not-own-domain")?;
        // All that is asked has to fit: one's own number opens nobody else.
        let (other, _) = announced(&w)?;
        let other = other.identifiers.first().context("no id")?.id.clone();
        let answer = pdq::asked(&w.source, query(&[&other, &local]))?;
        ensure!(answer.outcome == iti47::Outcome::NotFound, "{answer:?}");
        Ok(())
    }
}
