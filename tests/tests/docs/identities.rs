//! Who somebody is, and by which identifiers: the patient feed over HL7 v3 (ITI-44), and the queries of HL7 v2 (ITI-9,
//! ITI-21) and v3 (ITI-45, ITI-47).

use crate::discovery::wrapped;
use crate::house::patient;
use crate::messages::{Example, seed};
use crate::people::{parties, stamp};
use renkei_hl7v2::adt::{Announcement, FeedEvent, write_announcement};
use renkei_hl7v2::charset::Charset;
use renkei_hl7v2::msh::Version;
use renkei_hl7v2::query::{Criteria, cancel, cross_reference, demographics};
use renkei_hl7v3::InstanceId;
use renkei_hl7v3::iti44::{Event, Feed};
use renkei_hl7v3::query::{BirthTime, Query};
use renkei_hl7v3::{iti45, iti47};
use renkei_metadata::ids::PatientId;
use renkei_person::{Address, Birth, Contact, ContactSystem, Name, Person, Sex, Writing};
use renkei_tests::sample;
use renkei_xds::transaction::{ITI_44_ADDED, ITI_44_MERGED, ITI_44_REVISED, ITI_45, ITI_47};

/// What the answer to a query over HL7 v3 holds that finds somebody.
const FOUND: &str = "<queryResponseCode code=\"OK\"";

/// An identifier of the institution that announces.
fn number(id: &str) -> PatientId {
    PatientId { id: id.to_owned(), authority: sample::oid("2.999.2.3") }
}

fn kana() -> Name {
    Name::new(Writing::Syllabic, "ケンシン", "ジロウ")
}

/// Somebody of whom the other examples do not speak, with a number of the institution.
fn person(born: &str, known_as: &str) -> Person {
    Person {
        identifiers: vec![number(known_as).into()],
        names: vec![Name::new(Writing::Ideographic, "健診", "次郎"), kana()],
        sex: Some(Sex::Male),
        birth: Birth::parse(born),
        ..Person::default()
    }
}

/// ITI-8, with all that it can say of somebody.
pub(crate) fn announced_whole() -> Example {
    let name = "iti-8/A04-whole";
    let person = Person {
        identifiers: vec![patient(1004).into(), number("K-0004").into()],
        names: vec![
            Name::new(Writing::Ideographic, "健診", "三郎"),
            Name::new(Writing::Syllabic, "ケンシン", "サブロウ"),
            Name::new(Writing::Alphabetic, "Kenshin", "Saburo"),
        ],
        sex: Some(Sex::Male),
        birth: Birth::parse("19721123"),
        addresses: vec![Address {
            lines: vec!["1-2-3".to_owned()],
            city: Some("千代田区".to_owned()),
            state: Some("東京都".to_owned()),
            postal_code: Some("100-0001".to_owned()),
            country: Some("JPN".to_owned()),
            ..Address::default()
        }],
        contacts: vec![Contact {
            system: ContactSystem::Phone,
            value: "03-0000-0000".to_owned(),
            place: None,
        }],
        ..Person::default()
    };
    let (stamp, parties, event) = (stamp(name), parties("FEED"), FeedEvent::A04);
    let told = Announcement { stamp, parties, event, person };
    let about = [
        "患者の登録。施設の番号・住所・電話つき",
        "announces a patient with a number of an institution, an address and a telephone",
    ];
    let message = write_announcement(&told, Version::V231, &Charset::utf8()).unwrap_or_default();
    Example::feed(name, about, message)
}

fn feed(name: &str, event: Event, about: [&str; 2], person: Person, ids: [u32; 2]) -> Example {
    let transaction = match event {
        Event::Added => &ITI_44_ADDED,
        Event::Revised => &ITI_44_REVISED,
        Event::Merged => &ITI_44_MERGED,
    };
    let [own, prior] = ids.map(|id| patient(id).into());
    let message = Feed {
        transmission: wrapped(name),
        event,
        ids: vec![own],
        person,
        provider: None,
        prior: if event == Event::Merged { vec![prior] } else { Vec::new() },
    };
    Example::soap(transaction, name, about, &[], |w| message.write(w))
        .ending("<typeCode code=\"CA\"/>")
}

/// ITI-44.
fn announced() -> Vec<Example> {
    vec![
        feed(
            "iti-44/added",
            Event::Added,
            ["患者の登録。施設の番号つき", "announces a patient with a number of an institution"],
            person("19810502", "K-0011"),
            [1011, 0],
        ),
        feed(
            "iti-44/revised",
            Event::Revised,
            ["属性の変更(生年月日)", "changes demographics: the day of birth"],
            person("19810501", "K-0011"),
            [1011, 0],
        ),
        feed(
            "iti-44/added-twice",
            Event::Added,
            ["同じ人の二重登録", "announces the same person under another identifier"],
            person("19810501", "K-0012"),
            [1012, 0],
        ),
        feed(
            "iti-44/merged",
            Event::Merged,
            ["患者の統合: P-1012 を P-1011 に", "a merge: P-1012 becomes P-1011"],
            person("19810501", "K-0011"),
            [1011, 1012],
        ),
    ]
}

/// ITI-9 and ITI-21.
fn asked_by_v2() -> Vec<Example> {
    let tag = |name: &str| seed(name).simple().to_string();
    let references = |name: &str, about, id| {
        let (stamp, parties) = (stamp(name), parties("CONSUMER"));
        let domains = vec![patient(0).authority];
        let question = cross_reference::Question { stamp, parties, tag: tag(name), id, domains };
        Example::feed(name, about, cross_reference::write(&question))
    };
    let name = "iti-21/found";
    let described =
        Person { names: vec![kana()], birth: Birth::parse("19810501"), ..Person::default() };
    let question = demographics::Question {
        stamp: stamp(name),
        parties: parties("CONSUMER"),
        tag: tag(name),
        criteria: Criteria { described, ..Criteria::default() },
        domains: Vec::new(),
        quantity: Some(10),
        pointer: None,
    };
    let about = [
        "カナ氏名と生年月日による患者照会。10件まで",
        "asks for persons by name in kana and day of birth, ten at most",
    ];
    vec![
        references(
            "iti-9/found",
            [
                "施設の番号から、このドメインの患者IDを照会",
                "asks by the number of an institution for the identifier of the affinity domain",
            ],
            number("K-0011"),
        )
        .ending("|OK|"),
        Example::feed(name, about, demographics::write(&question)).ending("|OK|"),
        cancelled(&question.tag),
    ]
}

/// No more of an answer to ITI-21.
fn cancelled(tag: &str) -> Example {
    let name = "iti-21/cancelled";
    let about = [
        "照会の取り消し: 続きは要らない(QCN^J01)",
        "cancels a query: no more of its answer is wanted (QCN^J01)",
    ];
    Example::feed(name, about, cancel::write(&stamp(name), &parties("CONSUMER"), tag))
}

/// ITI-45 and ITI-47.
fn asked_by_v3() -> Vec<Example> {
    let id = |name: &str| InstanceId::new(seed(&format!("{name}/query")));
    let name = "iti-45/found";
    let domains = [patient(0).authority];
    let references = iti45::Request::new(wrapped(name), id(name), number("K-0011").into(), domains);
    let about = [
        "施設の番号から、このドメインの患者IDを照会",
        "asks by the number of an institution for the identifier of the affinity domain",
    ];
    let references = Example::soap(&ITI_45, name, about, &[], |w| references.write(w));
    let name = "iti-47/found";
    let mut query = Query::new(id(name));
    query.names = vec![kana()];
    query.birth = Birth::parse("19810501").map(BirthTime::At);
    query.initial_quantity = Some(10);
    let persons = iti47::Request::new(wrapped(name), query);
    let about = [
        "カナ氏名と生年月日による患者照会。10件まで",
        "asks for persons by name in kana and day of birth, ten at most",
    ];
    let persons = Example::soap(&ITI_47, name, about, &[], |w| persons.write(w));
    vec![references.ending(FOUND), persons.ending(FOUND)]
}

/// Every one, in an order in which they can be sent.
pub(crate) fn told() -> Vec<Example> {
    [announced(), asked_by_v2(), asked_by_v3()].into_iter().flatten().collect()
}
