use super::*;
use crate::msh::Stamp;
use chrono::{TimeZone, Utc};

fn stamp() -> Stamp {
    let at = Utc.with_ymd_and_hms(2025, 6, 1, 0, 30, 1).unwrap();
    Stamp { at, control_id: "ACK00001".into() }
}

fn asked_in(version: &str, sets: &str) -> Msh {
    let head =
        "MSH|^~\\&|CHECKUP|CLINIC-A&2.999&ISO|PIXMGR|KNET|20250601||ADT^A04^ADT_A01|MSG00001|P";
    Msh::read(&format!("{head}|{version}||||||{sets}\r")).unwrap()
}

fn asked() -> Msh {
    asked_in("2.3.1", "")
}

fn nak(to: &Msh) -> Nak {
    let problem = |component, en: &str, ja: &str| Problem {
        location: Location::component("MSH", 9, component),
        code: ErrorCode::EventCode,
        en: en.into(),
        ja: ja.into(),
    };
    let problems = vec![problem(2, "send A01 | A04", "A01かA04"), problem(3, "b", "う")];
    Nak::new(AckCode::Reject, Some(to), problems)
}

fn text(octets: Vec<u8>) -> String {
    String::from_utf8(octets).unwrap()
}

#[test]
fn an_acceptance_swaps_the_parties_as_they_were_written() {
    let written = text(accept(&asked(), &stamp()));
    assert_eq!(
        written,
        "MSH|^~\\&|PIXMGR|KNET|CHECKUP|CLINIC-A&2.999&ISO|20250601003001+0000||ACK^A04|ACK00001|P|2.3.1\rMSA|AA|MSG00001\r"
    );
    let ack = read(written.as_bytes()).unwrap();
    assert_eq!((ack.code, ack.control_id.as_str()), (AckCode::Accept, "MSG00001"));
    assert_eq!(ack.reports, []);
    assert!(ack.is_accepted() && ack.text().is_empty());
}

#[test]
fn a_refusal_in_version_2_5_has_a_segment_for_each_problem() {
    let written = text(nak(&asked_in("2.5", "UNICODE UTF-8")).write(&stamp()));
    assert!(
        written.contains("||ACK^A04^ACK|ACK00001|P|2.5||||||UNICODE UTF-8\rMSA|AR|MSG00001\rERR|")
    );
    assert!(
        written.contains(
            "\rERR||MSH^1^9^1^2|201^Unsupported event code^HL70357|E||||A01かA04 / send A01 \\F\\ A04\r"
        ),
        "{written}"
    );
    let ack = read(written.as_bytes()).unwrap();
    assert_eq!(ack.code, AckCode::Reject);
    assert_eq!(ack.reports.len(), 2);
    assert_eq!(ack.reports[0].location, "MSH^1^9^1^2");
    assert_eq!(ack.reports[0].code, "201");
    assert_eq!(ack.reports[0].message, "A01かA04 / send A01 | A04");
    assert!(!ack.is_accepted());
    assert_eq!(ack.text(), "A01かA04 / send A01 | A04; う / b");
}

#[test]
fn a_refusal_in_version_2_3_1_has_one_segment_and_speaks_in_msa_3() {
    let written = text(nak(&asked()).write(&stamp()));
    let event = "MSH^1^9^201&Unsupported event code&HL70357";
    let told = "A01かA04 / send A01 \\F\\ A04; う / b";
    assert!(written.contains("||ACK^A04|ACK00001|P|2.3.1||||||UNICODE UTF-8\r"), "{written}");
    assert!(
        written.ends_with(&format!("MSA|AR|MSG00001|{told}\rERR|{event}~{event}\r")),
        "{written}"
    );
    let ack = read(written.as_bytes()).unwrap();
    assert_eq!((ack.reports.len(), ack.reports[1].code.as_str()), (2, "201"));
    assert_eq!(ack.reports[0].location, "MSH^1^9");
    assert_eq!(ack.text(), "A01かA04 / send A01 | A04; う / b");

    let written = text(Nak::internal(&asked()).write(&stamp()));
    assert!(written.ends_with("\rERR|^^^207&Application internal error&HL70357\r"), "{written}");
}

#[test]
fn other_versions_are_answered_in_the_nearer_one() {
    for (asked, answered) in
        [("2.1", "2.3.1"), ("", "2.3.1"), ("2.4", "2.5"), ("2.5.1", "2.5"), ("x", "2.5")]
    {
        let written = text(accept(&asked_in(asked, ""), &stamp()));
        assert!(written.contains(&format!("|P|{answered}\r")), "{asked}: {written}");
    }
}

#[test]
fn an_answer_is_in_the_senders_character_set_when_it_can_carry_it() {
    for version in ["2.3.1", "2.5"] {
        let octets = nak(&asked_in(version, "~ISO IR87~ISO IR159")).write(&stamp());
        let sets = b"|~ISO IR87~ISO IR159||ISO 2022-1994\r";
        assert!(octets.windows(sets.len()).any(|w| w == sets) && octets.is_ascii());
        assert_eq!(read(&octets).unwrap().text(), "A01かA04 / send A01 | A04; う / b");
        // 髙 is in neither set.
        let msh = Msh { sending_facility: "髙".into(), ..asked_in(version, "~ISO IR87") };
        assert!(text(accept(&msh, &stamp())).contains("|UNICODE UTF-8\r"));
        let ascii = asked_in(version, "ISO IR14");
        assert!(text(accept(&ascii, &stamp())).contains(&format!("|P|{version}\r")));
    }
}

#[test]
fn a_receiver_that_speaks_in_msa_3_alone_is_heard() {
    let ack = read(b"MSH|^~\\&|A\rMSA|AE|1|no such patient\r").unwrap();
    assert_eq!(ack.text(), "no such patient");
}

#[test]
fn a_refusal_without_header_or_reason_still_says_something() {
    let written = Nak::new(AckCode::Reject, None, Vec::new()).write(&stamp());
    let ack = read(&written).unwrap();
    assert_eq!(ack.reports[0].code, "207");
    assert!(!ack.reports[0].message.is_empty());
}

#[test]
fn control_characters_of_a_peer_do_not_come_back() {
    let msh = Msh { control_id: "1\u{1c}2".into(), event: "\u{b}".into(), ..asked() };
    let written = accept(&msh, &stamp());
    assert!(!written.contains(&0x1c) && !written.contains(&0x0b));
}

#[test]
fn a_peer_cannot_fill_its_answer() {
    let long = "a^".repeat(1 << 20);
    let msh = Msh::read(&format!("MSH|^~\\&|{long}|{long}|{long}|{long}|||{long}|{long}\r"));
    let refusal =
        Nak::broken(structure::Broken::TooManyParts, msh.as_ref().unwrap()).write(&stamp());
    assert!(refusal.len() < 4096);
    assert_eq!(read(&refusal).unwrap().code, AckCode::Error);
}

#[test]
fn what_is_no_acknowledgement_is_named() {
    assert_eq!(read(b"HTTP/1.1 400"), Err(AckError::NotHl7));
    assert_eq!(read(b"MSH|^~\\&|A\r"), Err(AckError::NoMsa));
    assert_eq!(read(b"MSH|^~\\&|A\rMSA|XX|1\r"), Err(AckError::Code("XX".into())));
    let two = read(b"MSH|^~\\&|A\rMSA|AA|1\rMSA|AE|1\r");
    assert_eq!(two, Err(AckError::Repeated("MSA")), "accepted and refused");
}
