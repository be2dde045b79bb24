//! What another community asks of people: ITI-55 and ITI-56.

use crate::house::{home, patient};
use crate::messages::{Example, seed};
use chrono::{TimeZone, Utc};
use renkei_hl7v3::iti55::Request;
use renkei_hl7v3::iti56;
use renkei_hl7v3::query::{BirthTime, Query};
use renkei_hl7v3::transmission::{Party, Processing, Transmission};
use renkei_hl7v3::{InstanceId, Time};
use renkei_metadata::ids::Oid;
use renkei_person::{Birth, Identifier, Name, Sex, Writing};
use renkei_tests::sample;
use renkei_xds::transaction::{ITI_55, ITI_56};

/// The community that asks, and how it calls the person itself.
const ASKING: &str = "2.999.77";

/// The wrapper of the message of an example.
pub(crate) fn wrapped(name: &str) -> Transmission {
    let party = |oid: Oid| Party { device: oid.clone(), community: Some(oid) };
    let own = home().and_then(|home| Oid::parse(home.oid()).ok());
    let at = Utc.with_ymd_and_hms(2026, 4, 1, 0, 0, 0).single().unwrap_or_default();
    Transmission {
        id: InstanceId::new(seed(&format!("{name}/message"))),
        created: Time::at(at.fixed_offset()),
        processing: Processing::Production,
        receiver: party(own.unwrap_or_else(|| sample::oid(ASKING))),
        respond_to: None,
        sender: party(sample::oid(ASKING)),
    }
}

/// A woman born on the day of everybody in the examples, by her kana, with an identifier or two.
fn asking(name: &str, about: [&str; 2], given: &str, identifiers: Vec<Identifier>) -> Example {
    let transmission = wrapped(name);
    let theirs = sample::oid(&format!("{ASKING}.1"));
    let mut query = Query::new(InstanceId::new(seed(&format!("{name}/query"))));
    query.identifiers = identifiers;
    query.identifiers.push(Identifier::from(renkei_metadata::ids::PatientId {
        id: "7001".to_owned(),
        authority: theirs,
    }));
    query.names = vec![Name::new(Writing::Syllabic, "ケンシン", given)];
    query.birth = Birth::parse("19800401").map(BirthTime::At);
    query.sex = Some(Sex::Female);
    let request = Request::new(transmission, Some(sample::oid(&format!("{ASKING}.1"))), query);
    Example::soap(&ITI_55, name, about, &[], |w| request.write(w))
}

/// ITI-56: which communities hold data of a patient, by what the house calls them.
fn locating(name: &str, about: [&str; 2], number: u32) -> Example {
    let patient = patient(number).into();
    Example::soap(&ITI_56, name, about, &[], |w| iti56::write_request(w, &patient))
}

/// ITI-55 and ITI-56.
pub(crate) fn asked() -> Vec<Example> {
    vec![
        asking(
            "iti-55/found",
            [
                "共有IDと氏名・生年月日・性別による患者照会。1件を返す",
                "asks for a person by an identifier that both know, name, birth and sex: one is answered",
            ],
            "ハナコ",
            vec![patient(1001).into()],
        )
        .ending("<queryResponseCode code=\"OK\""),
        asking(
            "iti-55/nobody",
            ["該当者なし", "nobody is known like that"],
            "ハナヨ",
            Vec::new(),
        )
        .ending("<queryResponseCode code=\"NF\""),
        locating(
            "iti-56/known",
            [
                "患者のデータを持つコミュニティの照会(gateway.tells_locations = true の拠点)。ここで知られているのはこの拠点だけ",
                "asks which communities hold data of a patient, of a house that tells it (gateway.tells_locations = true): here only the house itself",
            ],
            1001,
        )
        .ending("<HomeCommunityId>urn:oid:2.999.1</HomeCommunityId>"),
    ]
}

/// What tells no single person.
pub(crate) fn refused() -> Vec<Example> {
    let about = [
        "同じカナ氏名・生年月日・性別の人が複数いる患者照会",
        "asks for a person of whom there are several with this kana, birth and sex",
    ];
    vec![
        asking("errors/several-people", about, "ハナコ", Vec::new()).ending("AnswerNotAvailable"),
        locating(
            "errors/not-located",
            ["誰のものでもない患者IDによるITI-56", "ITI-56 by a patient id that is nobody's"],
            9999,
        )
        .ending("xcpd-not-located"),
    ]
}
