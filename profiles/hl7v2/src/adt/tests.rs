use super::*;
use crate::ack::{AckCode, ErrorCode, Nak};
use crate::authorities::Authorities;
use crate::charset::Charset;
use crate::msh::{Stamp, Version};
use crate::text::unescape;
use chrono::NaiveDate;
use chrono::{TimeZone, Utc};
use proptest::prelude::*;
use renkei_metadata::ids::{Oid, PatientId};
use renkei_person::{Birth, BirthPlace, ContactSystem, Name, Place, Writing};

const A04: &str = "MSH|^~\\&|CHECKUP|CLINIC-A|PIXMGR|KNET|20250601093000+0900||ADT^A04^ADT_A01|MSG00001|P|2.3.1||||||UNICODE UTF-8\r\
EVN|A04|20250601093000\r\
PID|||A-100234^^^KENSHIN-A&2.999.392.1.2&ISO^PI~77^^^&2.999.9&ISO||健診^花子^^^^^L^I~ケンシン^ハナコ^^^^^L^P~KENSHIN^HANAKO^^^^^L^A||19750412|F|||架空町1-2-3^^千代田区^東京都^100-0000^JPN^H||03-0000-0000\r\
PV1||O\r";

fn oid(s: &str) -> Oid {
    Oid::parse(s).unwrap()
}

fn of(authority: &str) -> Authorities {
    Authorities::new(oid(authority))
}

/// The patients that a message announces to the registry of `authority`.
fn announced(message: &str, authority: &str) -> Result<Vec<PatientId>, Nak> {
    match read(message.as_bytes())?.notice(&of(authority))? {
        Notice::Announced(ids) => Ok(ids),
        other => panic!("{other:?}"),
    }
}

fn refusal(message: &str) -> Nak {
    read(message.as_bytes()).unwrap_err()
}

fn problem(message: &str) -> (AckCode, u16, String) {
    let nak = refusal(message);
    assert_eq!(nak.problems.len(), 1, "{nak}");
    assert!(!nak.problems[0].en.is_empty() && !nak.problems[0].ja.is_empty());
    (nak.code, nak.problems[0].code.entry().0, nak.problems[0].location.to_string())
}

#[test]
fn a_registration_is_read() {
    let feed = read(A04.as_bytes()).unwrap();
    assert_eq!(feed.event, FeedEvent::A04);
    assert_eq!(feed.msh.sender(), "CLINIC-A|CHECKUP");
    assert_eq!(feed.identifiers.len(), 2);
    assert_eq!(feed.identifiers[0].namespace.as_deref(), Some("KENSHIN-A"));
    let person = feed.person(&of("2.999.392.1.2"));
    assert_eq!(person.identifiers.len(), 2);
    assert_eq!(person.identifiers[0].authority_name.as_deref(), Some("KENSHIN-A"));
    assert_eq!(person.names[0], Name::new(Writing::Ideographic, "健診", "花子"));
    assert_eq!(person.names[1].writing, Some(Writing::Syllabic));
    assert_eq!(person.birth, Birth::parse("19750412"));
    assert_eq!(person.sex, Some(renkei_person::Sex::Female));
    assert_eq!(person.addresses[0].city.as_deref(), Some("千代田区"));
    assert_eq!(person.addresses[0].place, Some(Place::Home));
    let phone = &person.contacts[0];
    assert_eq!((phone.system, phone.place), (ContactSystem::Phone, Some(Place::Home)));
    assert_eq!(phone.value, "03-0000-0000");
}

#[test]
fn only_identifiers_of_the_affinity_domain_count() {
    let ids = announced(A04, "2.999.392.1.2").unwrap();
    assert_eq!(ids.len(), 1);
    assert_eq!(ids[0].to_string(), "A-100234^^^&2.999.392.1.2&ISO");
    let nak = announced(A04, "2.999.1").unwrap_err();
    assert_eq!((nak.code, nak.problems[0].code), (AckCode::Error, ErrorCode::UnknownKey));
    assert_eq!(nak.to.unwrap().control_id, "MSG00001");
}

#[test]
fn who_is_named_by_others_alone_is_told_apart_from_our_patients() {
    let elsewhere =
        |message: &str, own: &str| read(message.as_bytes()).unwrap().elsewhere(&of(own));
    let ids = |ids: &[&str]| ids.iter().map(|id| PatientId::parse(id).unwrap()).collect::<Vec<_>>();
    let both = ids(&["A-100234^^^&2.999.392.1.2&ISO", "77^^^&2.999.9&ISO"]);
    assert_eq!(elsewhere(A04, "2.999.1"), Some(Notice::Announced(both.clone())));
    assert_eq!(elsewhere(&A04.replace("A04", "A08"), "2.999.1"), Some(Notice::Changed(both)));
    assert_eq!(elsewhere(A04, "2.999.9"), None, "one of ours");
    // Nobody can be told by a name that is not known, or by what is no identifier.
    let nameless = A04.replace("&2.999.392.1.2&ISO", "").replace("&2.999.9&ISO", "WHO");
    assert_eq!(elsewhere(&nameless, "2.999.1"), None);
    let (old, new) = ("1^^^&2.999.9&ISO", "2^^^&2.999.9&ISO");
    let merge = |pid3: &str, mrg: &str| elsewhere(&joining("A40^ADT_A39", pid3, mrg), "2.999.1");
    let [subsumed, surviving] = [old, new].map(|id| PatientId::parse(id).unwrap());
    assert_eq!(merge(new, old), Some(Notice::Merged(Merge { subsumed, surviving })));
    for (pid3, mrg) in
        [(new, new), (new, "1^^^&2.999.8&ISO"), (new, "1"), ("2~2^^^&2.999.8&ISO", old)]
    {
        assert_eq!(merge(pid3, mrg), None, "{pid3} {mrg}");
    }
    assert_eq!(elsewhere(&joining("A43^ADT_A43", new, old), "2.999.1"), None);
}

#[test]
fn a_missing_authority_is_completed_and_a_given_one_is_kept() {
    let message = A04.replace("A-100234^^^KENSHIN-A&2.999.392.1.2&ISO^PI", "A-100234");
    assert_eq!(announced(&message, "2.999.5").unwrap()[0].id, "A-100234");
    assert_eq!(announced(&message, "2.999.9").unwrap()[1].id, "77");
    let message = A04.replace("KENSHIN-A&2.999.392.1.2&ISO", "&2.999.392.1.2");
    assert_eq!(announced(&message, "2.999.392.1.2").unwrap()[0].id, "A-100234");
}

#[test]
fn an_authority_may_be_named_by_its_namespace_alone() {
    let message = A04.replace("KENSHIN-A&2.999.392.1.2&ISO", "KENSHIN-A");
    let feed = read(message.as_bytes()).unwrap();
    let named = of("2.999.392.1.2").named(["KENSHIN-A".parse().unwrap()]);
    let Notice::Announced(ids) = feed.notice(&named).unwrap() else { panic!("{feed:?}") };
    assert_eq!(ids[0].to_string(), "A-100234^^^&2.999.392.1.2&ISO");
    let nak = feed.notice(&of("2.999.392.1.2")).unwrap_err();
    assert!(nak.problems[0].en.contains("ids.namespaces"), "{nak}");
    // The name of one authority beside the OID of another.
    let other = of("2.999.5").named(["KENSHIN-A".parse().unwrap()]);
    let nak = read(A04.as_bytes()).unwrap().notice(&other).unwrap_err();
    assert_eq!(nak.problems[0].code, ErrorCode::UnknownKey);
    assert_eq!(nak.problems[0].location.to_string(), "PID^1^3^1^4");
}

#[test]
fn separators_in_an_identifier_are_escaped_and_mean_themselves() {
    for (sent, id) in [(r"W\E\1", r"W\1"), (r"W\T\1", "W&1"), (r"W\1", r"W\1"), (r"W\S\1", "W^1")] {
        let message = A04.replace("A-100234", sent);
        let ids = announced(&message, "2.999.392.1.2").unwrap();
        assert_eq!(ids[0].id, id);
        let text = format!("{sent}^^^&2.999.392.1.2&ISO");
        assert_eq!(PatientId::parse(&text).as_ref(), Ok(&ids[0]), "as in metadata");
    }
    let nak = announced(&A04.replace("A-100234", "A&100234"), "2.999.392.1.2").unwrap_err();
    assert_eq!(nak.problems[0].location.to_string(), "PID^1^3^1^1");
}

fn joining(event: &str, pid3: &str, mrg: &str) -> String {
    format!(
        "MSH|^~\\&|PIXMGR|KNET|REGISTRY|KNET|20250601||ADT^{event}|MSG00002|P|2.5\rEVN||20250601\r\
         PID|||{pid3}|| \rMRG|{mrg}\r"
    )
}

#[test]
fn a_merge_names_who_survives() {
    let (old, new, local) = ("1^^^&2.999.1&ISO", "2^^^&2.999.1&ISO", "L^^^&2.999.9&ISO");
    let notice = |pid3: &str, mrg: &str| {
        read(joining("A40^ADT_A39", pid3, mrg).as_bytes()).unwrap().notice(&of("2.999.1"))
    };
    let Notice::Merged(merge) = notice(&format!("{local}~{new}"), old).unwrap() else { panic!() };
    assert_eq!((merge.surviving.id.as_str(), merge.subsumed.id.as_str()), ("2", "1"));
    let places = |pid3: &str, mrg: &str| -> Vec<String> {
        let nak = notice(pid3, mrg).unwrap_err();
        assert_eq!(nak.code, AckCode::Error);
        nak.problems.iter().map(|p| p.location.to_string()).collect()
    };
    assert_eq!(places(new, new), ["MRG^1^1"]);
    assert_eq!(places(local, old), ["PID^1^3^1^4"]);
    assert_eq!(places(local, local), ["PID^1^3^1^4", "MRG^1^1^1^4"]);
    assert_eq!(places(&format!("{old}~{new}"), "3"), ["PID^1^3^2"]);
    let nak = refusal(&joining("A40", new, "").replace("MRG|\r", ""));
    assert_eq!(nak.problems[0].location.to_string(), "MRG^1");
    let nak = refusal(&(joining("A40", new, old) + "MRG|3\r"));
    assert_eq!(nak.problems[0].location.to_string(), "MRG^2");
}

#[test]
fn a_move_names_what_moves_from_where_to_where() {
    let local = |n: u8| format!("L{n}^^^&2.999.9&ISO");
    let notice = |pid3: &str, mrg: &str| {
        read(joining("A43^ADT_A43", pid3, mrg).as_bytes()).unwrap().notice(&of("2.999.1"))
    };
    let (pid3, mrg) = (format!("2^^^&2.999.1&ISO~{}", local(1)), format!("1~{}", local(2)));
    let Notice::Moved(link) = notice(&pid3, &mrg).unwrap() else { panic!() };
    assert_eq!((link.new.id.as_str(), link.previous.id.as_str()), ("2", "1"));
    let subsumed = link.subsumed.as_ref().map(|id| id.id.as_str());
    assert_eq!((link.local.id.as_str(), subsumed), ("L1", Some("L2")));
    let Notice::Moved(link) = notice(&pid3, "1").unwrap() else { panic!() };
    assert_eq!(link.subsumed, None);
    assert_eq!(notice("2", "1").unwrap_err().problems[0].location.to_string(), "PID^1^3^2");
}

#[test]
fn a_message_that_begins_inside_another_is_refused_with_it() {
    let second = A04.replace("MSG00001", "MSG00002");
    for first in [A04, A04.trim_end()] {
        let message = format!("{first}\u{b}{second}");
        assert_eq!(problem(&message), (AckCode::Error, 100, "MSH^2".to_owned()));
        let nak = refusal(&message);
        assert_eq!(nak.to.as_ref().unwrap().control_id, "MSG00001", "it is on record");
        assert!(nak.problems[0].en.contains("1C 0D"), "{nak}");
    }
}

#[test]
fn a_malformed_identifier_is_located_by_its_repetition() {
    let message = A04.replace("77^^^", r"7\X0D\7^^^");
    let nak = announced(&message, "2.999.9").unwrap_err();
    assert_eq!(nak.problems[0].location.to_string(), "PID^1^3^2^1");
}

#[test]
fn every_event_of_the_feed_is_read_and_others_are_rejected() {
    for event in FeedEvent::ALL {
        for version in ["2.3.1", "2.5"] {
            let message = A04.replace("ADT^A04^ADT_A01", &format!("ADT^{}", event.code()));
            let message = message.replace("|2.3.1|", &format!("|{version}|")) + "MRG|1\r";
            assert_eq!(read(message.as_bytes()).unwrap().event, event);
        }
    }
    let at = |component: &str| format!("MSH^1^9^1^{component}");
    let a13 = A04.replace("ADT^A04^ADT_A01", "ADT^A13");
    assert_eq!(problem(&a13), (AckCode::Reject, 201, at("2")));
    let oru = A04.replace("ADT^A04^ADT_A01", "ORU^R01");
    assert_eq!(problem(&oru), (AckCode::Reject, 200, at("1")));
}

#[test]
fn other_versions_and_purposes_are_rejected() {
    let v24 = A04.replace("|2.3.1|", "|2.4|");
    assert_eq!(problem(&v24), (AckCode::Reject, 203, "MSH^1^12".into()));
    let purpose = A04.replace("|P|2.3.1|", "|X|2.3.1|");
    assert_eq!(problem(&purpose), (AckCode::Reject, 202, "MSH^1^11".into()));
}

#[test]
fn all_missing_fields_are_named_at_once() {
    let nak = refusal(
        "MSH|^~\\&|CHECKUP||PIXMGR|KNET|20250601||ADT^A04|MSG00001|P|2.3.1\rEVN|A04\rPID|||^^^&2.999&ISO||^\r",
    );
    let places: Vec<String> = nak.problems.iter().map(|p| p.location.to_string()).collect();
    assert_eq!(places, ["MSH^1^4", "EVN^1^2", "PID^1^3", "PID^1^5"]);
    assert!(nak.problems.iter().all(|p| p.code == ErrorCode::RequiredField));
    assert_eq!(nak.to.unwrap().control_id, "MSG00001");
}

#[test]
fn missing_segments_are_named() {
    let nak = refusal("MSH|^~\\&|A|B|C|D|20250601||ADT^A04|1|P|2.3.1\r");
    let places: Vec<String> = nak.problems.iter().map(|p| p.location.to_string()).collect();
    assert_eq!(places, ["EVN^1", "PID^1"]);
}

#[test]
fn a_second_person_or_message_is_refused_and_named() {
    let places = |message: &str| -> Vec<String> {
        let nak = refusal(message);
        assert_eq!(
            (nak.code, nak.to.as_ref().unwrap().control_id.as_str()),
            (AckCode::Error, "MSG00001")
        );
        assert!(nak.problems.iter().all(|p| p.code == ErrorCode::SegmentSequence));
        nak.problems.iter().map(|p| p.location.to_string()).collect()
    };
    let second = A04.replace("MSG00001", "MSG00002").replace("A-100234", "A-100235");
    assert_eq!(places(&format!("{A04}{second}")), ["MSH^2", "EVN^2", "PID^2"]);
    assert_eq!(places(&format!("{A04}MSH|^~\\&|A|B|C|D|1||ORU^R01|2|P|2.5\r")), ["MSH^2"]);
    for pid in ["PID|||2^^^&2.999.392.1.2&ISO||a^b\r", "pid|2\r"] {
        assert_eq!(places(&format!("{A04}{pid}")), ["PID^2"]);
    }
    // A line break between two messages is missing: the second's header hangs on the last segment.
    let joined = format!("{}{second}", A04.trim_end_matches('\r'));
    assert_eq!(places(&joined), ["EVN^2", "PID^2"]);
}

#[test]
fn what_follows_the_message_is_refused() {
    for tail in ["\u{1c}", "\0\0", "MSH", "\u{b}MSH|^~\\&|A\r"] {
        let nak = refusal(&format!("{A04}{tail}"));
        assert_eq!(nak.problems[0].code, ErrorCode::SegmentSequence, "{tail:?}");
    }
}

#[test]
fn what_is_no_message_is_refused() {
    for message in ["", "hello", "MSH|^~\\@|A|B", "PID|1\r"] {
        assert_eq!(refusal(message).problems[0].code, ErrorCode::SegmentSequence, "{message:?}");
    }
}

#[test]
fn a_message_in_the_wrong_character_set_is_answered_to_its_sender() {
    let mut message = A04.replace("健診", "X").into_bytes();
    let at = message.iter().position(|b| *b == b'X').unwrap();
    message[at] = 0xff;
    let nak = read(&message).unwrap_err();
    assert_eq!(nak.problems[0].code, ErrorCode::DataType);
    assert_eq!(nak.to.unwrap().control_id, "MSG00001");
}

#[test]
fn line_feeds_and_foreign_segments_are_tolerated() {
    let message = A04.replace('\r', "\r\n") + "ZZ1|x\n\nOBX|1\n";
    assert_eq!(read(message.as_bytes()).unwrap().described.names.len(), 3);
}

#[test]
fn what_is_said_of_persons_reads_as_the_whole_message() {
    let header = |sets: &str| format!("MSH|^~\\&|A|B|C|D|2025||ADT^A04|1|P|2.3.1||||||{sets}\r");
    let pid = "PID|||7^^^&2.999.1&ISO||健診^花子\r";
    let other = format!("OBX|1|ED|||{}\nZPI|PID|\rPV1||O\r", "A".repeat(100_000));
    let message =
        [header("UNICODE UTF-8"), "EVN||2025\n".to_owned(), other.clone(), pid.to_owned()];
    let shifting = header("~ISO IR87");
    let japanese = [
        shifting.as_bytes(),
        b"EVN||2025\r\x1b(BPID|||7^^^&2.999.1&ISO||\x1b$B;3K\\\x1b(B^\x1b$BH~0&\r",
        other.as_bytes(),
    ];
    for whole in [message.concat().into_bytes(), japanese.concat()] {
        let said = of_persons(&whole);
        assert!(said.len() < 200, "{}", said.len());
        assert_eq!(read(&said).unwrap(), read(&whole).unwrap());
    }
}

#[test]
fn a_whole_name_is_split_at_its_blank() {
    let name = PersonName::of("健診\u{3000}花子 ", Representation::Ideographic);
    assert_eq!((name.family.as_str(), name.given.as_str()), ("健診", "花子"));
    assert_eq!(PersonName::of("プリンス", Representation::Phonetic).given, "");
}

/// Letters of JIS X 0208, which every set here but ASCII has.
fn text() -> impl Strategy<Value = String> {
    "[!-~あ-んア-ン漢字本美愛]{1,12}".prop_filter("means deletion", |s| s != "\"\"")
}

fn names() -> impl Strategy<Value = Vec<PersonName>> {
    let representation = prop::option::of(prop::sample::select(&Representation::ALL[..]));
    let name = (text(), text(), representation)
        .prop_map(|(family, given, representation)| PersonName { family, given, representation });
    prop::collection::vec(name, 1..4)
}

fn named(names: &[PersonName]) -> Vec<Name> {
    let name = |name: &PersonName| {
        let writing = name.representation.map(|r| match r {
            Representation::Ideographic => Writing::Ideographic,
            Representation::Phonetic => Writing::Syllabic,
            Representation::Alphabetic => Writing::Alphabetic,
        });
        Name { writing, ..Name::new(Writing::Ideographic, &name.family, &name.given) }
    };
    names.iter().map(name).collect()
}

/// A person, of whom HL7 v2 can say everything.
fn person() -> impl Strategy<Value = Person> {
    let said = renkei_arbitrary::person::person().prop_map(|person| {
        let place = person.birth_place.and_then(|place| place.name);
        let birth_place = place.map(|name| BirthPlace { name: Some(name), address: None });
        Person { birth_place, ..person }
    });
    // Two quotes mean that something is to be deleted (HL7 V2.5: 2.5.3).
    said.prop_filter("no deletion", |person| !format!("{person:?}").contains(r#""\"\"""#))
}

fn patient() -> impl Strategy<Value = PatientId> {
    text().prop_map(|id| PatientId::new(&id, oid("2.999.1")).unwrap())
}

fn stamp() -> Stamp {
    let at = Utc.with_ymd_and_hms(2025, 6, 1, 0, 30, 1).unwrap();
    Stamp::new(at, uuid::Uuid::from_u128(7))
}

/// Every version and set in which messages are written.
fn forms() -> impl Iterator<Item = (Version, Charset)> {
    [Version::V231, Version::V25].into_iter().flat_map(|version| {
        let sets = [Charset::utf8(), Charset::japanese(), Charset::japanese_with_supplement()];
        sets.map(|set| (version, set))
    })
}

proptest! {
    #[test]
    fn what_is_written_is_read(
        parties in [text(), text(), text(), text()],
        patient in patient(),
        names in names(),
        day in prop::option::of(0..40_000_i32),
        sex in prop::option::of(prop::sample::select(&Sex::ALL[..])),
    ) {
        let [sending_application, sending_facility, receiving_application, receiving_facility] =
            parties;
        let a04 = super::A04 {
            stamp: stamp(),
            sending_application,
            sending_facility,
            receiving_application,
            receiving_facility,
            patient,
            names,
            birth_date: day.and_then(|d| NaiveDate::from_num_days_from_ce_opt(700_000 + d)),
            sex,
        };
        let forms = forms().map(|(version, set)| write_a04_in(&a04, version, &set).unwrap());
        for octets in forms.chain([write_a04(&a04)]) {
            let feed = read(&octets).unwrap();
            prop_assert_eq!(feed.event, FeedEvent::A04);
            prop_assert_eq!(unescape(&feed.msh.sending_application), &*a04.sending_application);
            let notice = feed.notice(&of("2.999.1")).unwrap();
            prop_assert_eq!(notice, Notice::Announced(vec![a04.patient.clone()]));
            prop_assert_eq!(&feed.described.names, &named(&a04.names));
            prop_assert_eq!(feed.described.birth, a04.birth_date.and_then(Birth::on));
            let sex = feed.described.sex.map(|sex| format!("{sex:?}"));
            prop_assert_eq!(sex, a04.sex.map(|sex| format!("{sex:?}")));
        }
    }

    #[test]
    fn a_person_is_written_and_read_without_loss(person in person(), own in patient()) {
        let identifiers = [own.into()].into_iter().chain(person.identifiers).collect();
        let mut person = Person { identifiers, ..person };
        person.names.push(Name::new(Writing::Ideographic, "健診", "花子"));
        let parties = Parties {
            sending_application: "A".to_owned(),
            sending_facility: "B".to_owned(),
            receiving_application: "C".to_owned(),
            receiving_facility: "D".to_owned(),
        };
        let event = FeedEvent::A08;
        let written = Announcement { stamp: stamp(), parties, event, person: person.clone() };
        for version in [Version::V231, Version::V25] {
            let octets = write_announcement(&written, version, &Charset::utf8()).unwrap();
            let feed = read(&octets).unwrap();
            prop_assert_eq!(feed.event, event);
            prop_assert_eq!(feed.person(&of("2.999.1")), person.clone());
        }
    }

    #[test]
    fn what_joins_identifiers_is_read_as_written(
        pair in (patient(), patient()).prop_filter("two", |(a, b)| a != b),
        locals in [text(), text()],
        parties in [text(), text(), text(), text()],
        names in names(),
        takes_in in any::<bool>(),
    ) {
        let (surviving, subsumed) = pair;
        let [a, b, c, d] = parties;
        let parties = Parties {
            sending_application: a,
            sending_facility: b,
            receiving_application: c,
            receiving_facility: d,
        };
        let merge = Merge { subsumed: subsumed.clone(), surviving: surviving.clone() };
        let a40 = A40 { stamp: stamp(), parties: parties.clone(), surviving, subsumed, names };
        let [local, other] = locals.map(|id| PatientId::new(&id, oid("2.999.9")).unwrap());
        let a43 = A43 {
            stamp: stamp(),
            parties,
            new: merge.surviving.clone(),
            local: local.clone(),
            previous: merge.subsumed.clone(),
            subsumed: takes_in.then(|| other.clone()),
        };
        let (new, previous) = (merge.surviving.clone(), merge.subsumed.clone());
        let moved = LinkChange { new, previous, local, subsumed: takes_in.then_some(other) };
        for (version, set) in forms() {
            let feed = read(&write_a40_in(&a40, version, &set).unwrap()).unwrap();
            prop_assert_eq!(feed.notice(&of("2.999.1")).unwrap(), Notice::Merged(merge.clone()));
            prop_assert_eq!(&feed.described.names, &named(&a40.names));
            let feed = read(&write_a43_in(&a43, &set).unwrap()).unwrap();
            prop_assert_eq!(feed.notice(&of("2.999.1")).unwrap(), Notice::Moved(moved.clone()));
        }
    }

    #[test]
    fn any_text_is_survived(tail in "[ -~\r\nあ]{0,200}") {
        let _outcome = read(tail.as_bytes());
        let head = "MSH|^~\\&|A|B|C|D|1||ADT^A40|1|P|2.3.1\r";
        let _outcome = read(format!("{head}{tail}").as_bytes());
    }
}
