//! Cross Gateway Patient Discovery at the responding side (ITI-55, ITI TF-2: 3.55): what the feed brought is
//! found by other communities, strictly, or not at all.

pub(crate) mod crash;
pub(crate) mod elsewhere;
pub(crate) mod people;
mod records;
mod refused;

use crate::expect::fault;
use anyhow::{Context, Result, ensure};
use people::{announce, asking, card, merge, somebody, two_alike, without_card};
use renkei_hl7v3::acknowledgement::Gravity;
use renkei_hl7v3::iti55::{Answer, Attribute, Outcome, Reason};
use renkei_hl7v3::problem::rules;
use renkei_person::{Address, Person};
use renkei_soap::fault::FaultCode;
use renkei_tests::world::XCPD;
use renkei_tests::{World, message};

on_every_database! {
    who_was_announced_is_found_by_kana_birth_and_sex
    what_was_corrected_counts_and_what_was_taken_in_leads_on
    a_second_candidate_is_nobody_until_something_tells_them_apart
    an_insured_person_is_found_by_the_card_alone
    the_sex_is_asked_for
    a_request_that_breaks_a_rule_is_told_which
    requests_of_other_stacks_are_understood
    who_is_no_gateway_does_not_ask
}

/// How long an answer may be kept, as it says.
const KEEPS: &str = ">P30D</xcpd:CorrelationTimeToLive>";

fn asked(w: &World, person: &Person) -> Result<Answer> {
    let request = asking(w, person)?;
    let reply = w.gateway.post(XCPD, &message::discover(&request))?;
    let answer = reply.discovered()?;
    let is_found = matches!(answer.outcome, Outcome::Found(_));
    ensure!(reply.envelope.contains(KEEPS) == is_found, "{}", reply.envelope);
    ensure!(answer.target == request.transmission.id, "{answer:?}");
    ensure!(answer.query_id == request.query.id, "{answer:?}");
    let repeated = answer.query.as_ref().map(|copy| copy.as_xml().to_owned());
    ensure!(repeated == Some(as_copied(request.copy.as_xml())), "{repeated:?}");
    Ok(answer)
}

/// A query as it is copied: an element without content has two tags.
fn as_copied(xml: &str) -> String {
    let mut pieces = xml.split("/>").peekable();
    let mut out = String::new();
    while let Some(piece) = pieces.next() {
        out.push_str(piece);
        if pieces.peek().is_some() {
            let open = piece.rfind('<').map_or("", |at| &piece[at + 1..]);
            let name = open.split(' ').next().unwrap_or_default();
            out.push_str(&format!("></{name}>"));
        }
    }
    out
}

/// Fails unless the person is found as this one, in words of this community.
fn finds(w: &World, asked_for: &Person, expected: &Person) -> Result<()> {
    let answer = asked(w, asked_for)?;
    let Outcome::Found(found) = &answer.outcome else { anyhow::bail!("{answer:?}") };
    let [candidate] = found.as_slice() else { anyhow::bail!("{answer:?}") };
    let own = expected.identifiers.first().map(|i| &i.id);
    ensure!(Some(&candidate.patient.id) == own, "{candidate:?}");
    ensure!(format!("urn:oid:{}", candidate.community) == w.renkei.ready.home_community_id);
    ensure!(candidate.degree == Some(100) && answer.details.is_empty(), "{answer:?}");
    ensure!(candidate.person.names == expected.names, "{candidate:?}");
    ensure!((candidate.person.birth, candidate.person.sex) == (expected.birth, expected.sex));
    ensure!(candidate.person.addresses == expected.addresses, "{candidate:?}");
    Ok(())
}

/// Fails unless this is the outcome, with the words of this row in both languages.
fn tells(w: &World, asked_for: &Person, outcome: &Outcome, row: &str) -> Result<()> {
    let answer = asked(w, asked_for)?;
    ensure!(answer.outcome == *outcome, "{answer:?}");
    let [detail] = answer.details.as_slice() else { anyhow::bail!("{answer:?}") };
    ensure!(detail.code.as_deref() == Some(row), "{detail:?}");
    let is_error = matches!(outcome, Outcome::Error(_));
    ensure!((detail.gravity == Gravity::Error) == is_error, "{detail:?}");
    let text = detail.text.clone().unwrap_or_default();
    ensure!(text.contains(" / ") && text.contains('。'), "{text}");
    Ok(())
}

fn nobody(w: &World, asked_for: &Person) -> Result<()> {
    tells(w, asked_for, &Outcome::NotFound, "xcpd-nobody")
}

fn living(mut person: Person, street: &str) -> Person {
    let lines = vec![street.to_owned()];
    person.addresses = vec![Address { lines, ..Address::default() }];
    person
}

fn who_was_announced_is_found_by_kana_birth_and_sex(w: &World) -> Result<()> {
    let person = living(somebody(w), "架空町1-2-3");
    nobody(w, &person)?;
    announce(w, &person)?;
    finds(w, &person, &person)?;
    // Whoever does not know where she lives is not told.
    let elsewhere = Person { addresses: Vec::new(), ..person.clone() };
    finds(w, &elsewhere, &elsewhere)?;
    let day = renkei_person::Birth::parse("19750413");
    nobody(w, &Person { birth: day, ..person.clone() })?;
    nobody(w, &Person { sex: Some(renkei_person::Sex::Male), ..person.clone() })?;
    // The kanji alone are those of others, too.
    let names = person.names.iter().take(1).cloned().collect();
    nobody(w, &Person { names, ..person })
}

fn what_was_corrected_counts_and_what_was_taken_in_leads_on(w: &World) -> Result<()> {
    let person = somebody(w);
    announce(w, &person)?;
    let corrected = Person { birth: renkei_person::Birth::parse("19800229"), ..person.clone() };
    announce(w, &corrected)?;
    nobody(w, &person)?;
    finds(w, &corrected, &corrected)?;
    let survivor = Person { names: somebody(w).names, ..somebody(w) };
    announce(w, &survivor)?;
    merge(w, &corrected, &survivor)?;
    finds(w, &survivor, &survivor)?;
    nobody(w, &corrected)
}

fn a_second_candidate_is_nobody_until_something_tells_them_apart(w: &World) -> Result<()> {
    let [one, twin] = two_alike(w)?;
    announce(w, &one)?;
    announce(w, &twin)?;
    let person = without_card(one.clone());
    let refused = Outcome::Error(Some(Reason::AnswerNotAvailable));
    tells(w, &person, &refused, "xcpd-several")?;
    announce(w, &living(one, "架空町1"))?;
    announce(w, &living(twin.clone(), "架空町2"))?;
    let wanted = Outcome::Requested(vec![Attribute::Address]);
    tells(w, &person, &wanted, "xcpd-more")?;
    let there = living(without_card(twin), "架空町２");
    let expected = living(there.clone(), "架空町2");
    finds(w, &there, &expected)
}

fn an_insured_person_is_found_by_the_card_alone(w: &World) -> Result<()> {
    let number = uuid::Uuid::new_v4().simple().to_string();
    let mut person = somebody(w);
    person.identifiers.push(card(&format!("138057:1-2:{number}:01"))?);
    announce(w, &person)?;
    let by_card = |text: String| -> Result<Person> {
        Ok(Person { identifiers: vec![card(&text)?], ..Person::default() })
    };
    finds(w, &by_card(format!("00138057:１２:{number}:1"))?, &person)?;
    nobody(w, &by_card(format!("00138057:12:{number}:2"))?)?;
    // Somebody else under this number is an error somewhere.
    let other = Person { birth: renkei_person::Birth::parse("20010101"), ..person.clone() };
    nobody(w, &other)
}

fn the_sex_is_asked_for(w: &World) -> Result<()> {
    let person = somebody(w);
    announce(w, &person)?;
    let unsaid = Person { sex: None, ..person };
    let wanted = Outcome::Requested(vec![Attribute::Sex]);
    tells(w, &unsaid, &wanted, "xcpd-more")
}

fn a_request_that_breaks_a_rule_is_told_which(w: &World) -> Result<()> {
    let person = somebody(w);
    let mut request = asking(w, &person)?;
    request.query.birth = None;
    request.query.identifiers.clear();
    request.copy = request.query.to_copy();
    let answer = w.gateway.post(XCPD, &message::discover(&request))?.discovered()?;
    ensure!(answer.outcome == Outcome::Error(None), "{answer:?}");
    let [detail] = answer.details.as_slice() else { anyhow::bail!("{answer:?}") };
    ensure!(detail.text.as_ref().is_some_and(|text| text.contains("livingSubjectBirthTime")));
    // What is no message of this transaction is a fault.
    let wrong = message::simple(
        &String::from_utf8(message::discover(&request).body)?
            .replace("PRPA_IN201305UV02 ", "PRPA_IN201309UV02 ")
            .replace("</PRPA_IN201305UV02>", "</PRPA_IN201309UV02>"),
    );
    let fault = w.gateway.post(XCPD, &wrong)?.fault()?;
    let row = rules::ALL.iter().find(|row| row.id == "hl7v3-message").context("no row")?;
    ensure!(fault.code == FaultCode::Sender && fault.en.contains(row.en), "{fault:?}");
    Ok(())
}

/// A published message of another implementation, as it came (`profiles/hl7v3/samples`).
fn requests_of_other_stacks_are_understood(w: &World) -> Result<()> {
    let foreign = include_str!("../../../../profiles/hl7v3/samples/foreign-request.xml");
    let body =
        foreign.find("<?").and_then(|_| foreign.split_once("?>")).map_or(foreign, |(_, b)| b);
    let (action, id) = (renkei_xds::transaction::ITI_55.request_action, message::message_id());
    let envelope = renkei_soap::envelope::write_request(action, &id, "https://localhost/", |w| {
        w.raw(body);
    });
    let answer = w.gateway.post(XCPD, &message::simple(&envelope))?.discovered()?;
    ensure!(answer.outcome == Outcome::NotFound, "{answer:?}");
    Ok(())
}

fn who_is_no_gateway_does_not_ask(w: &World) -> Result<()> {
    let request = asking(w, &somebody(w))?;
    for caller in [&w.consumer, &w.source, &w.administrator] {
        fault(&caller.post(XCPD, &message::discover(&request))?, FaultCode::Sender)?;
    }
    Ok(())
}
