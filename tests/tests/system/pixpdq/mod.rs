//! PIX and PDQ over HL7 v2: ITI-9 (ITI TF-2: 3.9), ITI-21 (ITI TF-2: 3.21), by MLLP and TLS.

pub(crate) mod demographics;
mod identifiers;
pub(crate) mod notices;
mod records;
mod strangers;

use crate::discovery::people::{self, announce};
use anyhow::{Context, Result, ensure};
use renkei_hl7v2::ack::AckCode;
use renkei_hl7v2::adt::Parties;
use renkei_hl7v2::msh::Stamp;
use renkei_hl7v2::query::answer::{self, Answer, Status};
use renkei_hl7v2::query::demographics::Question;
use renkei_hl7v2::query::{Criteria, cross_reference};
use renkei_metadata::ids::{Oid, PatientId};
use renkei_person::{Birth, Identifier, Name, Person, Writing};
use renkei_tests::World;
use renkei_tests::mllp::Feed;
use renkei_tests::world::Caller;
use uuid::Uuid;

/// The number of an institution.
const CLINIC: &str = "2.999.31.1";
/// Another institution's.
const OTHER: &str = "2.999.31.2";
/// A domain of which nobody has told.
const NEVER: &str = "2.999.31.99";

pub(crate) fn parties() -> Parties {
    Parties {
        sending_application: "PORTAL".to_owned(),
        sending_facility: "TEST".to_owned(),
        receiving_application: "PIXPDQ".to_owned(),
        receiving_facility: "RENKEI".to_owned(),
    }
}

pub(crate) fn stamp() -> Stamp {
    Stamp::new(chrono::Utc::now(), Uuid::new_v4())
}

fn tag() -> String {
    Uuid::new_v4().simple().to_string()
}

/// A new number of this authority.
pub(crate) fn number(authority: &str) -> Result<PatientId> {
    Ok(PatientId::new(&Uuid::new_v4().simple().to_string(), Oid::parse(authority)?)?)
}

fn oids(texts: &[&str]) -> Result<Vec<Oid>> {
    texts.iter().map(|text| Ok(Oid::parse(text)?)).collect()
}

/// A connection of its own.
pub(crate) fn connected(w: &World, caller: &Caller) -> Result<Feed> {
    w.feed_as(caller)
}

/// The answer to a query for the other identifiers of somebody.
pub(crate) fn asked_for(feed: &mut Feed, id: &PatientId, domains: &[&str]) -> Result<Answer> {
    let (stamp, parties, tag) = (stamp(), parties(), tag());
    let id = id.clone();
    let question = cross_reference::Question { stamp, parties, tag, id, domains: oids(domains)? };
    read(&feed.send(&cross_reference::write(&question))?)
}

fn read(answer: &str) -> Result<Answer> {
    answer::read(answer.as_bytes()).with_context(|| answer.to_owned())
}

/// A question for persons, from the beginning.
pub(crate) fn question(described: Person) -> Question {
    let criteria = Criteria { described, ..Criteria::default() };
    let (stamp, parties, tag) = (stamp(), parties(), tag());
    let domains = Vec::new();
    Question { stamp, parties, tag, criteria, domains, quantity: None, pointer: None }
}

/// Somebody whom no rule of matching takes for another: a name and a day of birth of their own.
pub(crate) fn somebody(w: &World) -> Person {
    let person = people::somebody(w);
    let letters: Vec<char> = "架空仮名試験甲乙丙丁戊己庚辛壬癸".chars().collect();
    let number = usize::try_from(Uuid::new_v4().as_u128() >> 72).unwrap_or(0);
    let kanji = |at: u32| letters[(number >> (4 * at)) % letters.len()];
    let named = |from: u32| (from..from + 4).map(kanji).collect::<String>();
    let mut names = person.names.clone();
    names[0] = Name::new(Writing::Ideographic, &named(0), &named(4));
    let born = format!("{}{:02}{:02}", 1930 + number % 71, 1 + number % 12, 1 + number % 28);
    Person { names, birth: Birth::parse(&born), ..person }
}

/// The identifiers of an answer, which has to say that some were found.
pub(crate) fn found(answer: &Answer) -> Result<Vec<PatientId>> {
    ensure!(answer.ack.code == AckCode::Accept, "{answer:?}");
    ensure!(answer.status == Some(Status::Found), "{answer:?}");
    let mut ids: Vec<PatientId> =
        answer.persons.iter().flat_map(|p| &p.identifiers).map(|i| i.id.clone()).collect();
    ids.sort_by_key(ToString::to_string);
    Ok(ids)
}

/// Code and place of each error of an answer that refuses.
pub(crate) fn errors(answer: &Answer) -> Vec<String> {
    answer.ack.reports.iter().map(|r| format!("{} {}", r.code, r.location)).collect()
}

/// Has the feed bring somebody, with these numbers besides that of the affinity domain.
pub(crate) fn announced(w: &World, person: &Person, numbers: &[&PatientId]) -> Result<()> {
    let more = numbers.iter().map(|id| Identifier::from((*id).clone()));
    let identifiers = person.identifiers.iter().cloned().chain(more).collect();
    announce(w, &Person { identifiers, ..person.clone() })
}
