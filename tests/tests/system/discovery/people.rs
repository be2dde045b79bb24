//! People, how the feed brings them, and how another community asks for them.

use anyhow::{Context, Result, ensure};
use chrono::Utc;
use renkei_hl7v2::adt::{A40, Announcement, FeedEvent, Parties, write_a40_in, write_announcement};
use renkei_hl7v2::charset::Charset;
use renkei_hl7v2::msh::{Stamp, Version};
use renkei_hl7v3::iti55::Request;
use renkei_hl7v3::query::{BirthTime, Query};
use renkei_hl7v3::transmission::{Party, Processing, Transmission};
use renkei_hl7v3::{InstanceId, Time};
use renkei_metadata::ids::Oid;
use renkei_person::{Birth, Identifier, Insured, Name, Person, Sex, Writing};
use renkei_tests::mllp::Feed;
use renkei_tests::{INSURED, World, sample};
use uuid::Uuid;

/// Somebody whom nobody knows yet, and whose name in kana nobody else has.
pub(crate) fn somebody(w: &World) -> Person {
    let kana = Uuid::new_v4().as_u128();
    let letters = [
        "カ", "キ", "ク", "ケ", "コ", "サ", "シ", "ス", "セ", "ソ", "タ", "チ", "ツ", "テ", "ト",
        "ナ",
    ];
    let given: String =
        (0..16).map(|n| letters[usize::try_from(kana >> (4 * n) & 15).unwrap_or(0)]).collect();
    Person {
        identifiers: vec![w.patient().into()],
        names: vec![
            Name::new(Writing::Ideographic, "健診", "花子"),
            Name::new(Writing::Syllabic, "ケンシン", &given),
        ],
        birth: Birth::parse("19750412"),
        sex: Some(Sex::Female),
        ..Person::default()
    }
}

/// The identifier of an insured person.
pub(crate) fn card(text: &str) -> Result<Identifier> {
    let card = Insured::parse(text).context("no card")?;
    Ok(card.identifier(Oid::parse(INSURED)?)?)
}

/// Two persons who are alike in all but their id and the 枝番 of one card: nothing links them.
pub(crate) fn two_alike(w: &World) -> Result<[Person; 2]> {
    let number = Uuid::new_v4().simple().to_string();
    let person = somebody(w);
    let twin = Person { identifiers: somebody(w).identifiers, ..person.clone() };
    let insured = |mut person: Person, branch: &str| -> Result<Person> {
        person.identifiers.push(card(&format!("138057:1-2:{number}:{branch}"))?);
        Ok(person)
    };
    Ok([insured(person, "01")?, insured(twin, "02")?])
}

/// The person, as somebody asks who does not know the card.
pub(crate) fn without_card(mut person: Person) -> Person {
    person.identifiers.truncate(1);
    person
}

fn stamp() -> Stamp {
    Stamp::new(Utc::now(), Uuid::new_v4())
}

fn parties() -> Parties {
    Parties {
        sending_application: "SOURCE".to_owned(),
        sending_facility: "TEST".to_owned(),
        receiving_application: "REGISTRY".to_owned(),
        receiving_facility: "RENKEI".to_owned(),
    }
}

fn sent(w: &World, message: Option<Vec<u8>>) -> Result<()> {
    let ack = Feed::connect(w.feed.connector(), w.feed_port()?)?
        .send(&message.context("not written")?)?;
    ensure!(ack.contains("MSA|AA"), "{ack}");
    Ok(())
}

/// Has the feed bring a person with everything it can say.
pub(crate) fn announce(w: &World, person: &Person) -> Result<()> {
    let (event, person) = (FeedEvent::A04, person.clone());
    let of = Announcement { stamp: stamp(), parties: parties(), event, person };
    sent(w, write_announcement(&of, Version::V25, &Charset::utf8()))
}

/// Has the feed say that one person is another.
pub(crate) fn merge(w: &World, subsumed: &Person, survivor: &Person) -> Result<()> {
    let id = |person: &Person| person.identifiers.first().map(|i| i.id.clone()).context("no id");
    let (surviving, subsumed) = (id(survivor)?, id(subsumed)?);
    let of = A40 { stamp: stamp(), parties: parties(), surviving, subsumed, names: Vec::new() };
    let mut message = String::from_utf8(
        write_a40_in(&of, Version::V231, &Charset::utf8()).context("not written")?,
    )?;
    // A blank stands for the name that a merge need not know.
    message = message.replace("||\rMRG", "|| \rMRG");
    sent(w, Some(message.into_bytes()))
}

/// The question of another community, by everything that is known of the person there; identifiers of this
/// community it does not know.
pub(crate) fn asking(w: &World, person: &Person) -> Result<Request> {
    let oid = |text: &str| Oid::parse(text);
    let (own, other) = (oid(w.home()?.oid())?, oid("2.999.77")?);
    let transmission = Transmission {
        id: InstanceId::new(Uuid::new_v4()),
        created: Time::at(Utc::now().into()),
        processing: Processing::Production,
        receiver: Party { device: own.clone(), community: Some(own) },
        respond_to: None,
        sender: Party { device: other.clone(), community: Some(other.clone()) },
    };
    let mut query = Query::new(InstanceId::new(Uuid::new_v4()));
    let authority = oid(&w.renkei.ready.assigning_authority)?;
    query.identifiers = person.identifiers.clone();
    query.identifiers.retain(|i| i.id.authority != authority);
    query.names = person.names.clone();
    query.birth = person.birth.map(BirthTime::At);
    query.sex = person.sex;
    query.addresses = person.addresses.clone();
    // As communities do: the person as the other one knows them.
    let theirs = sample::patient("2.999.77.1");
    query.identifiers.push(theirs.into());
    Ok(Request::new(transmission, Some(other), query))
}
