//! ITI-21: who is found, page by page.

use super::{
    CLINIC, NEVER, OTHER, announced, connected, errors, found, number, parties, question, read,
    somebody, stamp,
};
use anyhow::{Context, Result, ensure};
use renkei_hl7v2::ack::AckCode;
use renkei_hl7v2::cx::CxField;
use renkei_hl7v2::query::answer::{Answer, Status};
use renkei_hl7v2::query::demographics::{self, Question};
use renkei_hl7v2::query::{Criteria, cancel};
use renkei_metadata::ids::PatientId;
use renkei_person::{Birth, Name, Person, Writing};
use renkei_tests::mllp::Feed;
use renkei_tests::world::Caller;
use renkei_tests::{Form, Start, World};

on_every_database! {
    somebody_is_found_by_name_birth_and_sex
    somebody_is_found_by_an_identifier
    identifiers_of_the_domains_that_are_wanted_are_told
    many_are_told_page_by_page
    what_is_cancelled_does_not_go_on
    what_leads_to_nobody_is_refused
}

pub(crate) fn answer(feed: &mut Feed, question: &Question) -> Result<Answer> {
    read(&feed.send(&demographics::write(question))?)
}

/// The name in kana, the day of birth and the sex.
pub(crate) fn described(person: &Person) -> Person {
    let kana = person.names.iter().find(|n| n.writing == Some(Writing::Syllabic));
    let names = kana.map(|name| Name { writing: None, ..name.clone() });
    Person {
        names: names.into_iter().collect(),
        birth: person.birth,
        sex: person.sex,
        ..Person::default()
    }
}

fn own(person: &Person) -> Result<PatientId> {
    Ok(person.identifiers.first().context("no id")?.id.clone())
}

fn somebody_is_found_by_name_birth_and_sex(w: &World) -> Result<()> {
    let (person, clinic) = (somebody(w), number(CLINIC)?);
    announced(w, &person, &[&clinic])?;
    let mut feed = connected(w, &w.consumer)?;
    let answer = answer(&mut feed, &question(described(&person)))?;
    let mut both = vec![own(&person)?, clinic];
    both.sort_by_key(ToString::to_string);
    assert_eq!(found(&answer)?, both);
    assert_eq!((answer.total, answer.left, answer.persons.len()), (Some(1), Some(0), 1));
    let told = &answer.persons[0];
    assert_eq!((told.birth, told.sex), (person.birth, person.sex));
    assert_eq!(told.names, person.names);
    // Another day: nobody, which is no error.
    let other = Person { birth: Birth::parse("19291231"), ..described(&person) };
    let nobody = super::demographics::answer(&mut feed, &question(other))?;
    assert_eq!((nobody.ack.code, nobody.status), (AckCode::Accept, Some(Status::NothingFound)));
    Ok(())
}

fn by_identifier(id: &PatientId) -> Question {
    let mut question = question(Person::default());
    question.criteria =
        Criteria { identifiers: vec![(1, CxField::from(id))], ..Criteria::default() };
    question
}

fn somebody_is_found_by_an_identifier(w: &World) -> Result<()> {
    let (person, clinic) = (somebody(w), number(CLINIC)?);
    announced(w, &person, &[&clinic])?;
    let mut feed = connected(w, &w.consumer)?;
    for id in [&clinic, &own(&person)?] {
        let answer = answer(&mut feed, &by_identifier(id))?;
        ensure!(found(&answer)?.contains(&own(&person)?), "{answer:?}");
    }
    let nobody = answer(&mut feed, &by_identifier(&number(CLINIC)?))?;
    assert_eq!(nobody.status, Some(Status::NothingFound), "{nobody:?}");
    let never = answer(&mut feed, &by_identifier(&number(NEVER)?))?;
    assert_eq!(
        (never.ack.code, errors(&never)),
        (AckCode::Error, vec!["204 QPD^1^3^1".to_owned()])
    );
    Ok(())
}

fn identifiers_of_the_domains_that_are_wanted_are_told(w: &World) -> Result<()> {
    let (person, clinic, other) = (somebody(w), number(CLINIC)?, number(OTHER)?);
    announced(w, &person, &[&clinic, &other])?;
    let mut feed = connected(w, &w.consumer)?;
    let wanting = |domains: &[&str]| -> Result<Question> {
        Ok(Question { domains: super::oids(domains)?, ..question(described(&person)) })
    };
    assert_eq!(found(&answer(&mut feed, &wanting(&[OTHER])?)?)?, [other]);
    let unknown = answer(&mut feed, &wanting(&[CLINIC, NEVER])?)?;
    assert_eq!((unknown.ack.code, unknown.status), (AckCode::Error, Some(Status::Error)));
    assert_eq!(errors(&unknown), ["204 QPD^1^8^2"]);
    // Who has no identifier in them is left out.
    let lonely = somebody(w);
    announced(w, &lonely, &[])?;
    let domains = super::oids(&[CLINIC])?;
    let without = Question { domains, ..question(described(&lonely)) };
    assert_eq!(answer(&mut feed, &without)?.status, Some(Status::NothingFound));
    Ok(())
}

/// People of one family, born on one day that nobody else of these tests has.
fn family(w: &World, count: usize, born: &str) -> Result<(Person, Vec<PatientId>)> {
    let family = somebody(w);
    let kana = family.names.iter().find(|n| n.writing == Some(Writing::Syllabic));
    let name = kana.and_then(|n| n.given.first()).context("no name")?.clone();
    let mut ids = Vec::new();
    for given in ["イチロウ", "ジロウ", "サブロウ", "シロウ", "ゴロウ"].into_iter().take(count)
    {
        let names = vec![Name::new(Writing::Syllabic, &name, given)];
        let person = Person { names, birth: Birth::parse(born), ..somebody(w) };
        announced(w, &person, &[])?;
        ids.push(own(&person)?);
    }
    let names = vec![Name { family: name, ..Name::default() }];
    ids.sort_by_key(ToString::to_string);
    Ok((Person { names, birth: Birth::parse(born), ..Person::default() }, ids))
}

fn many_are_told_page_by_page(w: &World) -> Result<()> {
    let (described, all) = family(w, 5, "19440229")?;
    let mut feed = connected(w, &w.consumer)?;
    let mut question = Question { quantity: Some(2), ..question(described) };
    let mut told = Vec::new();
    for (shown, left) in [(2, 3), (2, 1), (1, 0)] {
        let page = answer(&mut feed, &question)?;
        assert_eq!((page.persons.len(), page.total, page.left), (shown, Some(5), Some(left)));
        assert_eq!(page.pointer.is_some(), left > 0, "{page:?}");
        told.extend(found(&page)?);
        question = Question { stamp: stamp(), pointer: page.pointer, ..question };
    }
    told.sort_by_key(ToString::to_string);
    assert_eq!(told, all, "each once");
    // A page that ends with the last one.
    let whole = Question { quantity: Some(5), pointer: None, stamp: stamp(), ..question };
    let page = answer(&mut feed, &whole)?;
    assert_eq!((page.persons.len(), page.left, page.pointer), (5, Some(0), None));
    Ok(())
}

fn what_is_cancelled_does_not_go_on(w: &World) -> Result<()> {
    let (described, _) = family(w, 2, "19440228")?;
    let mut feed = connected(w, &w.consumer)?;
    let asked = Question { quantity: Some(1), ..question(described) };
    let pointer = answer(&mut feed, &asked)?.pointer.context("no pointer")?;
    let on = |pointer: &str| Question {
        stamp: stamp(),
        pointer: Some(pointer.to_owned()),
        ..asked.clone()
    };
    let unknown = |answer: &Answer| {
        assert_eq!((answer.ack.code, answer.status), (AckCode::Error, Some(Status::Error)));
        assert_eq!(errors(answer), ["204 DSC^1^1"]);
    };
    unknown(&answer(&mut feed, &on("P0001"))?);
    // Another question under the same pointer, and another system.
    unknown(&answer(
        &mut feed,
        &Question { quantity: None, tag: "other".to_owned(), ..on(&pointer) },
    )?);
    let second = w.caller("test-second-consumer", &["consumer"])?;
    unknown(&answer(&mut connected(w, &second)?, &on(&pointer))?);
    assert_eq!(answer(&mut feed, &on(&pointer))?.status, Some(Status::Found));
    let ack = feed.send(&cancel::write(&stamp(), &parties(), &asked.tag))?;
    ensure!(ack.contains("MSA|AA|") && ack.contains("||ACK^J01^ACK|"), "{ack}");
    unknown(&answer(&mut feed, &on(&pointer))?);
    Ok(())
}

fn what_leads_to_nobody_is_refused(w: &World) -> Result<()> {
    let mut feed = connected(w, &w.consumer)?;
    let sex = Person { sex: somebody(w).sex, ..Person::default() };
    let refused = answer(&mut feed, &question(sex))?;
    assert_eq!(
        (refused.ack.code, errors(&refused)),
        (AckCode::Error, vec!["101 QPD^1^3".to_owned()])
    );
    let person = question(described(&somebody(w)));
    let written = String::from_utf8(demographics::write(&person))?;
    let strange = read(&feed.send(written.replace("@PID.8^", "@PID.30^").as_bytes())?)?;
    assert_eq!(errors(&strange), ["103 QPD^1^3^4"]);
    Ok(())
}

mod in_a_house_of_its_own {
    use super::*;

    on_every_database! {
        by in_a_house:
        a_query_goes_on_after_a_restart
    }

    fn in_a_house(postgres: bool, test: fn(Form) -> Result<()>) -> Result<()> {
        crate::forms::by_form(postgres, test)
    }

    fn a_query_goes_on_after_a_restart(form: Form) -> Result<()> {
        let w = World::start(Start::new(form))?;
        let (described, all) = family(&w, 2, "19440227")?;
        let asked = Question { quantity: Some(1), ..question(described) };
        let first = answer(&mut connected(&w, &w.consumer)?, &asked)?;
        let pointer = first.pointer.clone();
        ensure!(pointer.is_some(), "{first:?}");
        let consumer = w.consumer.directory.clone();
        let renkei = Start::new(form).go_in(w.renkei.kill()?)?;
        let consumer = Caller::new(&renkei, "test-consumer", consumer)?;
        let address = renkei.ready.endpoints.patient_feed.as_deref().context("no feed")?;
        let port = address.rsplit_once(':').context("no port")?.1.parse()?;
        let mut feed = Feed::connect(consumer.connector(), port)?;
        let on = Question { stamp: stamp(), pointer, ..asked };
        let second = answer(&mut feed, &on)?;
        let mut told = [found(&first)?, found(&second)?].concat();
        told.sort_by_key(ToString::to_string);
        assert_eq!(told, all);
        Ok(())
    }
}
