//! Of whom a node may know: of everybody only if its scope is everything; else of those of whom it may see a document,
//! and of those who have a number of its own (`identity.source_domains`). Whoever else there is, is answered as nobody.

use crate::access::{insurer, named, sent};
use crate::discovery::people::{asking, two_alike, without_card};
use crate::forms::by_form;
use crate::handshake::soon_known;
use crate::patients_v3::{pdq, pix};
use crate::pixpdq::demographics::{answer, described};
use crate::pixpdq::{announced, asked_for, connected, errors, found, number, question, somebody};
use anyhow::{Context, Result, ensure};
use renkei_hl7v2::query::answer::Status;
use renkei_hl7v2::query::demographics::Question;
use renkei_hl7v3::iti45;
use renkei_hl7v3::iti47::{Counts, Wish};
use renkei_hl7v3::iti55::{Attribute, Outcome};
use renkei_hl7v3::query::{BirthTime, Query};
use renkei_metadata::ids::PatientId;
use renkei_person::{Birth, Name, Person, Writing};
use renkei_tests::world::{Caller, XCPD};
use renkei_tests::{Form, Start, World, message};

on_every_database! {
    by_identifiers_a_node_learns_of_those_whose_documents_it_sees
    by_what_they_are_called_a_node_finds_those_whose_documents_it_sees
    another_community_finds_those_whose_documents_it_sees
}

mod in_a_house_of_its_own {
    use super::*;

    on_every_database! { by by_form:
        a_node_knows_those_who_have_a_number_of_its_own
    }
}

const CLINIC: &str = "2.999.61.1";
const NUMBER: &str = "06139977";

fn own(person: &Person) -> Result<PatientId> {
    Ok(person.identifiers.first().context("no id")?.id.clone())
}

/// A node of the insurer, and one of another.
fn insurers(w: &World, roles: &[&str]) -> Result<[Caller; 2]> {
    let of = |number: &str| {
        let scope = format!("insurer={number}");
        w.entitled(&named("insurer"), roles, &["--scope", &scope])
    };
    Ok([of(NUMBER)?, of("06139985")?])
}

/// Sends the insurer a document of somebody.
fn has_document(w: &World, person: &Person) -> Result<()> {
    let to = insurer(NUMBER, "1.2.392.200119.6.101");
    w.submitted(&sent(&own(person)?, "FULL", &[&to]), &[b"x"])
}

fn by_identifiers_a_node_learns_of_those_whose_documents_it_sees(w: &World) -> Result<()> {
    let ([theirs, anothers], [insurer, other]) =
        ([somebody(w), somebody(w)], insurers(w, &["consumer"])?);
    let numbers = [number(CLINIC)?, number(CLINIC)?];
    announced(w, &theirs, &[&numbers[0]])?;
    announced(w, &anothers, &[&numbers[1]])?;
    has_document(w, &theirs)?;
    let nobodys = number(CLINIC)?;
    for (caller, sees) in
        [(&w.consumer, [true, true]), (&insurer, [true, false]), (&other, [false, false])]
    {
        let mut feed = connected(w, caller)?;
        let v2 = |feed: &mut _, id: &PatientId| asked_for(feed, id, &[]);
        let v3 = |id: &PatientId| pix::asked(caller, &pix::request(id, &[])?);
        for ((person, id), sees) in
            [(&theirs, &numbers[0]), (&anothers, &numbers[1])].iter().zip(sees)
        {
            for (id, known_as) in [(*id, own(person)?), (&own(person)?, (*id).clone())] {
                let (by_v2, by_v3) = (v2(&mut feed, id)?, v3(id)?);
                if sees {
                    ensure!(found(&by_v2)? == [known_as], "{by_v2:?}");
                    ensure!(matches!(by_v3.outcome, iti45::Outcome::Found { .. }), "{by_v3:?}");
                } else {
                    // As an identifier that nobody has.
                    let none = PatientId::new(&nobodys.id, id.authority.clone())?;
                    ensure!(errors(&by_v2) == errors(&v2(&mut feed, &none)?), "{by_v2:?}");
                    let nobody = v3(&none)?;
                    ensure!(
                        (&by_v3.outcome, &by_v3.details) == (&nobody.outcome, &nobody.details),
                        "{by_v3:?} {nobody:?}"
                    );
                }
            }
        }
    }
    Ok(())
}

/// Three of one family who are born on one day, the second of whom the insurer has a document, and the third.
fn family(w: &World, born: &str) -> Result<(Name, [Person; 3])> {
    let kana = somebody(w).names.iter().find(|n| n.writing == Some(Writing::Syllabic)).cloned();
    let name = kana.and_then(|n| n.given.first().cloned()).context("no name")?;
    let member = |given: &str| -> Result<Person> {
        let names = vec![Name::new(Writing::Syllabic, &name, given)];
        let person = Person { names, birth: Birth::parse(born), ..somebody(w) };
        announced(w, &person, &[&number(CLINIC)?])?;
        Ok(person)
    };
    let all = [member("イチロウ")?, member("ジロウ")?, member("サブロウ")?];
    for of in &all[1..] {
        has_document(w, of)?;
    }
    Ok((Name { family: name, ..Name::default() }, all))
}

fn by_what_they_are_called_a_node_finds_those_whose_documents_it_sees(w: &World) -> Result<()> {
    let (name, all) = family(w, "19440227")?;
    let [insurer, other] = insurers(w, &["consumer"])?;
    for (caller, count) in [(&w.consumer, 3), (&insurer, 2), (&other, 0)] {
        // One by one: what is hidden is in no count, and no page has a gap for it.
        let described =
            Person { names: vec![name.clone()], birth: all[0].birth, ..Person::default() };
        let mut asked = Question { quantity: Some(1), ..question(described) };
        let mut feed = connected(w, caller)?;
        for left in (0..count).rev() {
            let page = answer(&mut feed, &asked)?;
            ensure!((page.total, page.left) == (Some(count), Some(left)), "{page:?}");
            ensure!(page.persons.len() == 1 && page.pointer.is_some() == (left > 0), "{page:?}");
            asked = Question { stamp: crate::pixpdq::stamp(), pointer: page.pointer, ..asked };
        }
        if count == 0 {
            ensure!(answer(&mut feed, &asked)?.status == Some(Status::NothingFound));
        }
        let birth = all[0].birth.map(BirthTime::At);
        let names = vec![name.clone()];
        let query = Query { names, birth, initial_quantity: Some(1), ..pdq::query() };
        let mut page = pdq::asked(caller, query)?;
        for left in (0..u32::try_from(count)?).rev() {
            let total = u32::try_from(count)?;
            ensure!(page.counts == Some(Counts { total, current: 1, remaining: left }), "{page:?}");
            if left > 0 {
                let wish = Wish::More { start: None, quantity: Some(1) };
                page = pdq::continued(caller, &pdq::more(&page, wish)?)?;
            }
        }
        ensure!(count > 0 || pdq::ids(&page)?.is_empty(), "{page:?}");
    }
    Ok(())
}

fn another_community_finds_those_whose_documents_it_sees(w: &World) -> Result<()> {
    let [gateway, other] = insurers(w, &["gateway"])?;
    let asked = |caller: &Caller, person: &Person| -> Result<Outcome> {
        Ok(caller.post(XCPD, &message::discover(&asking(w, person)?))?.discovered()?.outcome)
    };
    let found_as = |outcome: &Outcome| match outcome {
        Outcome::Found(found) => found.first().map(|of| of.patient.id.clone()),
        _ => None,
    };
    let [known, namesake] = two_alike(w)?;
    for person in [&known, &namesake] {
        crate::discovery::people::announce(w, person)?;
    }
    has_document(w, &known)?;
    let asks = without_card(known.clone());
    // Of two who are alike it may know of one, who then is the one.
    let unclear = asked(&w.gateway, &asks)?;
    ensure!(!matches!(unclear, Outcome::Found(_) | Outcome::NotFound), "{unclear:?}");
    ensure!(found_as(&asked(&gateway, &asks)?) == Some(own(&known)?));
    ensure!(asked(&other, &asks)? == Outcome::NotFound);
    let sexless = Person { sex: None, ..asks };
    ensure!(asked(&gateway, &sexless)? == Outcome::Requested(vec![Attribute::Sex]));
    ensure!(asked(&other, &sexless)? == Outcome::NotFound);
    ensure!(asked(&gateway, &namesake)? == Outcome::NotFound, "by the card of the other");
    // Nor does a number of somebody hidden lead anywhere: it is as if nobody had it.
    let (hidden, number) = (somebody(w), number(CLINIC)?);
    announced(w, &hidden, &[&number])?;
    let known = crate::discovery::people::somebody(w);
    crate::discovery::people::announce(w, &known)?;
    has_document(w, &known)?;
    let asks = Person { identifiers: vec![number.into()], ..known.clone() };
    ensure!(found_as(&asked(&gateway, &asks)?) == Some(own(&known)?));
    ensure!(asked(&w.gateway, &asks)? == Outcome::NotFound, "the number is another's");
    Ok(())
}

fn a_node_knows_those_who_have_a_number_of_its_own(form: Form) -> Result<()> {
    let domains = format!("identity.source_domains=clinic={CLINIC},test-feed={CLINIC}");
    let w = World::start(Start::new(form).set(&domains))?;
    let clinic = w.entitled("clinic", &["consumer"], &[])?;
    soon_known(&clinic)?;
    let (patient, stranger) = (somebody(&w), somebody(&w));
    announced(&w, &patient, &[&number(CLINIC)?])?;
    announced(&w, &stranger, &[])?;
    let mut feed = connected(&w, &clinic)?;
    let of = |feed: &mut _, person| answer(feed, &question(described(person)));
    ensure!(found(&of(&mut feed, &patient)?)?.contains(&own(&patient)?));
    ensure!(of(&mut feed, &stranger)?.status == Some(Status::NothingFound));
    ensure!(found(&asked_for(&mut feed, &own(&patient)?, &[])?)?.len() == 1);
    ensure!(errors(&asked_for(&mut feed, &own(&stranger)?, &[])?) == ["204 QPD^1^3^1^1"]);
    Ok(())
}
