//! The patient feed: who there is (ITI-8), and to whom a local identifier belongs (ITI-64).

use crate::house::patient;
use crate::identities;
use crate::messages::{Example, seed};
use chrono::{TimeZone, Utc};
use renkei_hl7v2::adt::{
    A04, A40, A43, Parties, PersonName, Representation, Sex, write_a04_in, write_a40_in,
    write_a43_in,
};
use renkei_hl7v2::charset::Charset;
use renkei_hl7v2::msh::{Stamp, Version};
use renkei_metadata::ids::PatientId;
use renkei_tests::sample;

/// The number of the person at the institution that registers a document from elsewhere.
pub(crate) fn local() -> PatientId {
    PatientId { id: "T-0002".to_owned(), authority: sample::oid("2.999.2.3") }
}

pub(crate) fn stamp(name: &str) -> Stamp {
    let at = Utc.with_ymd_and_hms(2026, 4, 1, 0, 0, 0).single().unwrap_or_default();
    Stamp::new(at, seed(name))
}

pub(crate) fn parties(sender: &str) -> Parties {
    Parties {
        sending_application: sender.to_owned(),
        sending_facility: "EXAMPLE".to_owned(),
        receiving_application: "REGISTRY".to_owned(),
        receiving_facility: "RENKEI".to_owned(),
    }
}

/// ADT^A01, A04, A05 or A08: a person in a version and a character set.
fn person(
    event: &str,
    name: &str,
    patient: PatientId,
    family: [&str; 2],
    form: (Version, Charset),
) -> Vec<u8> {
    let of = |family: &str, given: &str, representation| PersonName {
        family: family.to_owned(),
        given: given.to_owned(),
        representation: Some(representation),
    };
    let who = parties("FEED");
    let a04 = A04 {
        stamp: stamp(name),
        sending_application: who.sending_application,
        sending_facility: who.sending_facility,
        receiving_application: who.receiving_application,
        receiving_facility: who.receiving_facility,
        patient,
        names: vec![
            of(family[0], "花子", Representation::Ideographic),
            of(family[1], "ハナコ", Representation::Phonetic),
        ],
        birth_date: chrono::NaiveDate::from_ymd_opt(1980, 4, 1),
        sex: Some(Sex::Female),
    };
    let message = write_a04_in(&a04, form.0, &form.1).unwrap_or_default();
    replaced(&message, "A04", event)
}

/// Every `from` of the head as `to`. ISO-2022-JP is written in octets of ASCII, too.
fn replaced(message: &[u8], from: &str, to: &str) -> Vec<u8> {
    let text = String::from_utf8_lossy(message);
    text.replace(&format!("^{from}^"), &format!("^{to}^"))
        .replace(&format!("EVN|{from}|"), &format!("EVN|{to}|"))
        .into_bytes()
}

/// ITI-8.
pub(crate) fn announced() -> Vec<Example> {
    let older = || (Version::V231, Charset::utf8());
    let kenshin = ["健診", "ケンシン"];
    let announce = |event: &str, number: u32, about: [&str; 2]| {
        let name = format!("iti-8/{event}");
        let message = person(event, &name, patient(number), kenshin, older());
        Example::feed(&name, about, message)
    };
    let changed = (Version::V25, Charset::japanese());
    let changed = person("A08", "iti-8/A08", patient(1001), ["検診", "ケンシン"], changed);
    let merge = A40 {
        stamp: stamp("iti-8/A40"),
        parties: parties("FEED"),
        surviving: patient(1001),
        subsumed: patient(1002),
        names: vec![PersonName::of("検診 花子", Representation::Ideographic)],
    };
    let merge = write_a40_in(&merge, Version::V231, &Charset::utf8()).unwrap_or_default();
    vec![
        announce("A01", 1001, ["患者の登録(入院)", "announces a patient (admission)"]),
        announce("A04", 1002, ["患者の登録(外来)", "announces a patient (registration)"]),
        announce("A05", 1003, ["患者の登録(予約)", "announces a patient (pre-admission)"]),
        Example::feed(
            "iti-8/A08",
            ["属性の変更、HL7 2.5、ISO-2022-JP", "changes demographics; HL7 2.5, ISO-2022-JP"],
            changed,
        ),
        Example::feed(
            "iti-8/A40",
            ["患者の統合: P-1002 を P-1001 に", "a merge: P-1002 becomes P-1001"],
            merge,
        ),
        identities::announced_whole(),
    ]
}

/// ITI-64.
pub(crate) fn moved() -> Vec<Example> {
    let a43 = A43 {
        stamp: stamp("iti-64/A43"),
        parties: parties("2.999.1.4"),
        new: patient(1003),
        local: local(),
        previous: patient(1001),
        subsumed: None,
    };
    let message = write_a43_in(&a43, &Charset::utf8()).unwrap_or_default();
    let about = [
        "施設内の番号を別の患者に付け替え、その文書も移す",
        "moves a local identifier, and the documents under it, to another patient",
    ];
    vec![Example::feed("iti-64/A43", about, message)]
}

/// A merge of a patient whom nobody announced.
pub(crate) fn refused() -> Example {
    let name = "errors/feed";
    let merge = A40 {
        stamp: stamp(name),
        parties: parties("FEED"),
        surviving: patient(1001),
        subsumed: patient(1999),
        names: vec![PersonName::of("健診 花子", Representation::Ideographic)],
    };
    let message = write_a40_in(&merge, Version::V231, &Charset::utf8()).unwrap_or_default();
    let about = ["届出のない患者の統合", "a merge of a patient whom nobody announced"];
    Example::feed(name, about, message).ending("MSA|AE|")
}
