use super::answer::{self, Page, Status};
use super::demographics::Question as PersonsWanted;
use super::*;
use crate::ack::{AckCode, ErrorCode, Nak};
use crate::adt::Parties;
use crate::adt::update::{self, UpdateNotification};
use crate::authorities::Authorities;
use crate::cx::CxField;
use crate::msh::Stamp;
use chrono::{TimeZone, Utc};
use proptest::prelude::*;
use renkei_metadata::ids::{Oid, PatientId};
use renkei_person::{
    Address, Birth, Contact, ContactSystem, Identifier, Name, Person, Sex, Writing,
};

const Q23: &str = "MSH|^~\\&|PORTAL|KNET|PIXMGR|KNET|20250601100000+0900||QBP^Q23^QBP_Q21|MSG00010|P|2.5||||||UNICODE UTF-8|||ITI-9^IHE\r\
QPD|IHE PIX Query|Q-1|A-100234^^^KENSHIN-A&2.999.392.1.2&ISO^PI|^^^KENSHIN-MPI&2.999.392.1.1&ISO\r\
RCP|I\r";

const Q22: &str = "MSH|^~\\&|PORTAL|KNET|PDSUP|KNET|20250601103000+0900||QBP^Q22^QBP_Q21|MSG00020|P|2.5||||||UNICODE UTF-8|||ITI-21^IHE\r\
QPD|IHE PDQ Query|Q-2|@PID.5.1.1^ケンシン~@PID.7^19750412~@PID.8^F|||||^^^KENSHIN-MPI&2.999.392.1.1&ISO~^^^HOKENJA&2.999.392.1.3&ISO\r\
RCP|I|1^RD\r\
DSC|P0001|I\r";

const J01: &str = "MSH|^~\\&|PORTAL|KNET|PDSUP|KNET|20250601103020+0900||QCN^J01^QCN_J01|MSG00022|P|2.5\r\
QID|Q-2|IHE PDQ Query\r";

fn oid(s: &str) -> Oid {
    Oid::parse(s).unwrap()
}

fn id(text: &str) -> PatientId {
    PatientId::parse(text).unwrap()
}

fn authorities() -> Authorities {
    let names = ["KENSHIN-MPI", "KENSHIN-A=2.999.392.1.2", "HOKENJA=2.999.392.1.3"];
    Authorities::new(oid("2.999.392.1.1")).named(names.map(|name| name.parse().unwrap()))
}

fn stamp() -> Stamp {
    let at = Utc.with_ymd_and_hms(2025, 6, 1, 1, 0, 1).unwrap();
    Stamp { at, control_id: "RSP00010".to_owned() }
}

fn pix(message: &str) -> CrossReferenceQuery {
    match read(message.as_bytes()).unwrap() {
        Query::CrossReference(query) => query,
        other => panic!("{other:?}"),
    }
}

fn pdq(message: &str) -> DemographicsQuery {
    match read(message.as_bytes()).unwrap() {
        Query::Demographics(query) => *query,
        other => panic!("{other:?}"),
    }
}

fn refusal(message: &str) -> Refusal {
    read(message.as_bytes()).unwrap_err()
}

/// Code and places of a refusal.
fn places(nak: &Nak) -> Vec<(u16, String)> {
    nak.problems.iter().map(|p| (p.code.entry().0, p.location.to_string())).collect()
}

fn place(code: u16, at: &str) -> (u16, String) {
    (code, at.to_owned())
}

fn text(octets: Vec<u8>) -> String {
    String::from_utf8(octets).unwrap()
}

#[test]
fn a_query_for_identifiers_is_read() {
    let query = pix(Q23);
    assert_eq!((query.asked.tag(), query.asked.name()), ("Q-1", "IHE PIX Query"));
    let resolved = query.resolve(&authorities()).unwrap();
    assert_eq!(resolved.id, id("A-100234^^^&2.999.392.1.2&ISO"));
    assert_eq!(resolved.domains.oids(), [oid("2.999.392.1.1")]);
    // An older sender's name of the query, a domain by its name alone, and none at all.
    let older =
        Q23.replace("IHE PIX Query", "QRY_1001^Query for Corresponding Identifiers^IHEDEMO");
    assert_eq!(pix(&older).resolve(&authorities()), Ok(resolved.clone()));
    let named = Q23.replace("KENSHIN-A&2.999.392.1.2&ISO", "KENSHIN-A");
    assert_eq!(pix(&named).resolve(&authorities()), Ok(resolved));
    let all = Q23.replace("|^^^KENSHIN-MPI&2.999.392.1.1&ISO", "").replace("RCP|I\r", "");
    assert_eq!(pix(&all).resolve(&authorities()).unwrap().domains.oids(), []);
}

#[test]
fn what_is_found_is_answered_as_the_standard_shows_it() {
    let asked = pix(Q23).asked;
    let ids = [Identifier::from(id("KN00012345^^^&2.999.392.1.1&ISO"))];
    let written = text(answer::cross_references(&asked, &ids, &authorities(), &stamp()));
    assert_eq!(
        written,
        "MSH|^~\\&|PIXMGR|KNET|PORTAL|KNET|20250601010001+0000||RSP^K23^RSP_K23|RSP00010|P|2.5||||||UNICODE UTF-8\r\
         MSA|AA|MSG00010\r\
         QAK|Q-1|OK|IHE PIX Query\r\
         QPD|IHE PIX Query|Q-1|A-100234^^^KENSHIN-A&2.999.392.1.2&ISO^PI|^^^KENSHIN-MPI&2.999.392.1.1&ISO\r\
         PID|||KN00012345^^^KENSHIN-MPI&2.999.392.1.1&ISO^PI||~^^^^^^S\r"
    );
    let nothing = text(answer::cross_references(&asked, &[], &authorities(), &stamp()));
    assert!(nothing.contains("\rMSA|AA|MSG00010\rQAK|Q-1|NF|IHE PIX Query\rQPD|"), "{nothing}");
    assert!(!nothing.contains("\rPID") && !nothing.contains("\rERR"), "{nothing}");
}

#[test]
fn what_is_not_known_is_told_at_its_place() {
    let resolved = pix(Q23).resolve(&authorities()).unwrap();
    let nak = |problems| Refusal::error(&pix(Q23).asked, problems);
    let unknown = nak(vec![resolved.id_unknown()]);
    assert_eq!(places(&unknown.nak), [place(204, "QPD^1^3^1^1")]);
    assert_eq!(places(&nak(vec![resolved.domain_unknown()]).nak), [place(204, "QPD^1^3^1^4")]);
    let written = text(unknown.write(&stamp()));
    assert!(
        written.contains(
            "\rMSA|AE|MSG00010\rERR||QPD^1^3^1^1|204^Unknown key identifier^HL70357|E||||"
        ),
        "{written}"
    );
    assert!(
        written.contains("\rQAK|Q-1|AE|IHE PIX Query\rQPD|IHE PIX Query|Q-1|A-100234^"),
        "{written}"
    );
    // One ERR for each domain.
    let three = Q23.replace(
        "|^^^KENSHIN-MPI&2.999.392.1.1&ISO",
        "|^^^&2.999.1&ISO~^^^KENSHIN-MPI~^^^&2.999.2&ISO",
    );
    let resolved = pix(&three).resolve(&authorities()).unwrap();
    let unknown = [oid("2.999.1"), oid("2.999.2")];
    let told = nak(resolved.domains.unknown(&unknown)).nak;
    assert_eq!(places(&told), [place(204, "QPD^1^4^1"), place(204, "QPD^1^4^3")]);
    // What names no OID, or another one than its name, is told before anybody is asked.
    let unclear = three.replace("&2.999.1&ISO", "WHO").replace("&2.999.2&", "HOKENJA&2.999.2&");
    let unclear = unclear.replace("KENSHIN-A&2.999.392.1.2&ISO", "NEVER");
    let told = pix(&unclear).resolve(&authorities()).unwrap_err().nak;
    let expected = [place(204, "QPD^1^3^1^4"), place(204, "QPD^1^4^1"), place(204, "QPD^1^4^3")];
    assert_eq!(places(&told), expected);
}

#[test]
fn a_query_for_persons_is_read() {
    let query = pdq(Q22);
    let described = &query.criteria.described;
    assert_eq!(described.names[0].family, "ケンシン");
    assert_eq!((described.birth, described.sex), (Birth::parse("19750412"), Some(Sex::Female)));
    assert_eq!((query.quantity, query.pointer.as_deref()), (Some(1), Some("P0001")));
    let wanted = query.wanted(&authorities()).unwrap();
    assert_eq!(wanted.oids(), [oid("2.999.392.1.1"), oid("2.999.392.1.3")]);
    let told = Refusal::error(&query.asked, wanted.unknown(&[oid("2.999.392.1.3")]));
    assert_eq!(places(&told.nak), [place(204, "QPD^1^8^2")]);
    let named = Q22.replace("^^^HOKENJA&2.999.392.1.3&ISO", "^^^NEVER");
    assert_eq!(
        places(&pdq(&named).wanted(&authorities()).unwrap_err().nak),
        [place(204, "QPD^1^8^2")]
    );
}

#[test]
fn parameters_are_understood_as_senders_write_them() {
    let asking = |parameters: &str| {
        pdq(&Q22.replace("@PID.5.1.1^ケンシン~@PID.7^19750412~@PID.8^F", parameters)).criteria
    };
    let numbers = |parameters: &str| -> Vec<String> {
        let ids = asking(parameters).identifiers(&authorities()).unwrap();
        ids.iter().map(|(_, id)| id.to_string()).collect()
    };
    let one = "7^^^&2.999.392.1.2&ISO";
    assert_eq!(numbers("@PID.3.1^7~@PID.3.4^KENSHIN-A&2.999.392.1.2&ISO"), [one]);
    assert_eq!(numbers("@PID.3.4.2^2.999.392.1.2~@PID.3.1^7~@PID.3.4.3^ISO"), [one]);
    assert_eq!(numbers("PID.3.1^7~pid.3.4^KENSHIN-A~@PID.8^"), [one]);
    assert_eq!(numbers("@PID.3.1^7"), ["7^^^&2.999.392.1.1&ISO"], "the affinity domain's");
    let two = ["7^^^&2.999.392.1.2&ISO", "8^^^&2.999.392.1.3&ISO"];
    let told = "@PID.3.1^7~@PID.3.4^KENSHIN-A~@PID.18.1^8~@PID.18.4.1^HOKENJA";
    assert_eq!(numbers(told), two);
    let begun = asking("@PID.5.1^ケン*~@PID.5.2^ハナコ");
    assert_eq!(begun.described.names[0].family, "ケン");
    assert!(begun.family_goes_on && !begun.given_goes_on);
    let lived =
        asking("@PID.11.5^100-0000~@PID.11.3^千代田区~@PID.13.1^03-0000-0000~@PID.6.1^架空");
    let address = Address {
        postal_code: Some("100-0000".to_owned()),
        city: Some("千代田区".to_owned()),
        ..Address::default()
    };
    assert_eq!(lived.described.addresses, [address]);
    assert_eq!(lived.described.contacts[0].value, "03-0000-0000");
    assert_eq!(lived.described.mothers_maiden_name.unwrap().family, "架空");
}

#[test]
fn an_unknown_authority_of_a_parameter_is_told_at_its_place() {
    let asked = Q22.replace("@PID.8^F", "@PID.3.1^7~@PID.3.4^NEVER");
    let problems = pdq(&asked).criteria.identifiers(&authorities()).unwrap_err();
    assert_eq!(problems[0].location.to_string(), "QPD^1^3^3");
    let other = id("7^^^&2.999.8&ISO");
    let problem = Criteria::domain_unknown(3, &other);
    assert_eq!(
        (problem.code, problem.location.to_string()),
        (ErrorCode::UnknownKey, "QPD^1^3^3".into())
    );
}

#[test]
fn a_page_of_persons_says_how_many_there_are_and_how_it_goes_on() {
    let asked = pdq(Q22).asked;
    let person = Person {
        identifiers: vec![id("KN00012345^^^&2.999.392.1.1&ISO").into()],
        names: vec![Name::new(Writing::Ideographic, "健診", "花子")],
        birth: Birth::parse("19750412"),
        sex: Some(Sex::Female),
        ..Person::default()
    };
    let persons = [person];
    let page = Page { persons: &persons, total: 2, left: 1, pointer: Some("P0001") };
    let octets = answer::persons(&asked, &page, &authorities(), &stamp());
    let written = text(octets.clone());
    let (_, body) = written.split_once('\r').unwrap();
    assert_eq!(
        body,
        "MSA|AA|MSG00020\r\
         QAK|Q-2|OK|IHE PDQ Query|2|1|1\r\
         QPD|IHE PDQ Query|Q-2|@PID.5.1.1^ケンシン~@PID.7^19750412~@PID.8^F|||||^^^KENSHIN-MPI&2.999.392.1.1&ISO~^^^HOKENJA&2.999.392.1.3&ISO\r\
         PID|1||KN00012345^^^KENSHIN-MPI&2.999.392.1.1&ISO^PI||健診^花子^^^^^L^I||19750412|F\r\
         DSC|P0001|I\r"
    );
    assert!(written.contains("||RSP^K22^RSP_K21|"), "{written}");
    let read = answer::read(&octets).unwrap();
    assert_eq!((read.status, read.total, read.left), (Some(Status::Found), Some(2), Some(1)));
    assert_eq!((read.pointer.as_deref(), read.persons.len()), (Some("P0001"), 1));
}

#[test]
fn nobody_found_is_no_error() {
    let page = Page { persons: &[], total: 0, left: 0, pointer: None };
    let written = answer::persons(&pdq(Q22).asked, &page, &authorities(), &stamp());
    let read = answer::read(&written).unwrap();
    assert!(read.ack.is_accepted());
    assert_eq!((read.status, read.persons.len()), (Some(Status::NothingFound), 0));
}

#[test]
fn a_cancellation_names_the_query() {
    let Query::Cancel(cancel) = read(J01.as_bytes()).unwrap() else { panic!() };
    assert_eq!((cancel.tag.as_str(), cancel.qid.as_str()), ("Q-2", "QID|Q-2|IHE PDQ Query"));
    let without = refusal(&J01.replace("|Q-2|", "||"));
    assert_eq!(places(&without.nak), [place(101, "QID^1^1")]);
    assert_eq!(places(&refusal(&J01.replace("QID", "ZID")).nak), [place(100, "QID^1")]);
    let long = refusal(&J01.replace("|Q-2|", &format!("|{}|", "9".repeat(40_000))));
    assert_eq!(places(&long.nak), [place(207, "QID^1")]);
}

#[test]
fn what_is_no_query_of_ours_is_rejected_with_its_place() {
    let reject = |message: &str, code, at: &str| {
        let refusal = refusal(message);
        assert_eq!(refusal.nak.code, AckCode::Reject);
        assert_eq!(places(&refusal.nak), [place(code, at)]);
        assert!(text(refusal.write(&stamp())).contains("\rMSA|AR|"));
    };
    reject(&Q23.replace("QBP^Q23", "QBP^ZV1"), 201, "MSH^1^9^1^2");
    reject(&J01.replace("QCN^J01", "QCN^J02"), 201, "MSH^1^9^1^2");
    reject(&Q23.replace("QBP^Q23", "QRY^Q23"), 200, "MSH^1^9^1^1");
    reject(&Q23.replace("|P|2.5|", "|P|2.3.1|"), 203, "MSH^1^12");
    reject(&Q23.replace("|P|2.5|", "|X|2.5|"), 202, "MSH^1^11");
    assert!(is_query(Q23.as_bytes()) && is_query(J01.as_bytes()));
    assert!(!is_query(Q23.replace("QBP^Q23", "ADT^A04").as_bytes()) && !is_query(b"QBP"));
}

#[test]
fn a_query_that_is_wrong_is_answered_as_a_query() {
    let wrong = refusal(&Q22.replace("|1^RD", "|0^RD").replace("@PID.8^F", "@PID.8^Q~@PID.30^Y"));
    let expected = [place(102, "QPD^1^3^3"), place(103, "QPD^1^3^4"), place(102, "RCP^1^2")];
    assert_eq!(places(&wrong.nak), expected);
    let read = answer::read(&wrong.write(&stamp())).unwrap();
    assert_eq!((read.status, read.ack.code), (Some(Status::Error), AckCode::Error));
    assert_eq!(read.ack.reports.len(), 3);
    // Nothing of a query that cannot be read goes back, and it is refused all the same.
    let broken = refusal(&format!("{Q23}x"));
    assert_eq!(broken.asked, None);
    assert!(text(broken.write(&stamp())).contains("||ACK^Q23^ACK|"));
}

#[test]
fn an_answer_has_the_senders_character_set_and_nothing_that_breaks_a_frame() {
    let sets = "|P|2.5||||||~ISO IR87||ISO 2022-1994|";
    let query = Q22.replace("|P|2.5||||||UNICODE UTF-8||", sets);
    let charset = crate::charset::Charset::japanese();
    let octets = charset.encode(&query).unwrap();
    let Query::Demographics(query) = read(&octets).unwrap() else { panic!() };
    assert_eq!(query.criteria.described.names[0].family, "ケンシン");
    let page = Page { persons: &[], total: 0, left: 0, pointer: None };
    let written = answer::persons(&query.asked, &page, &authorities(), &stamp());
    assert!(written.is_ascii());
    assert!(crate::text::decode(&written).unwrap().contains("@PID.5.1.1^ケンシン~"));
    let control = Q23.replace("Q-1", "Q\u{1c}1");
    let resolved = pix(&control);
    let written = answer::cross_references(&resolved.asked, &[], &authorities(), &stamp());
    assert!(!written.contains(&0x1c));
}

/// What only those who keep persons find out, by its row.
#[test]
fn what_is_found_out_later_has_rows_of_its_own() {
    use crate::ack::rows::all;
    let (pix, pdq) = (pix(Q23).resolve(&authorities()).unwrap(), pdq(Q22));
    let samples = [
        ("pixpdq-id-unknown", pix.id_unknown()),
        ("pixpdq-domain-unknown", pix.domain_unknown()),
        ("pixpdq-pointer-unknown", pdq.pointer_unknown()),
        ("pixpdq-parameters-too-few", pdq.too_few()),
        ("pixpdq-parameters-too-wide", pdq.too_wide()),
    ];
    for (id, problem) in samples {
        let rows: Vec<&str> = all().iter().filter(|row| row.is(&problem)).map(|r| r.id).collect();
        assert_eq!(rows, [id]);
    }
}

#[test]
fn a_query_is_bounded() {
    let many = "^^^&2.999.1&ISO~".repeat(65);
    let nak = refusal(&Q23.replace("^^^KENSHIN-MPI&2.999.392.1.1&ISO", &many)).nak;
    assert_eq!(places(&nak), [place(207, "QPD^1^4")]);
    let nak = refusal(&Q22.replace("@PID.8^F", &"@PID.3.1^1~".repeat(100))).nak;
    assert_eq!(places(&nak), [place(207, "QPD^1^3")]);
    let long = refusal(&Q23.replace("A-100234", &"9".repeat(40_000)));
    assert_eq!(places(&long.nak), [place(207, "QPD^1")]);
    assert!(long.write(&stamp()).len() < 40_000);
}

#[test]
fn a_change_of_identifiers_is_told_as_the_standard_shows_it() {
    let notification = UpdateNotification {
        stamp: stamp(),
        parties: parties(),
        identifiers: ["KN00012345^^^&2.999.392.1.1&ISO", "A-100234^^^&2.999.392.1.2&ISO"]
            .map(id)
            .to_vec(),
    };
    let written = text(update::write(&notification, &authorities()));
    assert_eq!(
        written,
        "MSH|^~\\&|A|B|C|D|20250601010001+0000||ADT^A31^ADT_A05|RSP00010|P|2.5||||||UNICODE UTF-8|||ITI-10^IHE\r\
         EVN||20250601010001+0000\r\
         PID|||KN00012345^^^KENSHIN-MPI&2.999.392.1.1&ISO^PI~A-100234^^^KENSHIN-A&2.999.392.1.2&ISO^PI|| \r\
         PV1||N\r"
    );
    let update = update::read(written.as_bytes()).unwrap();
    let ids: Vec<PatientId> =
        update.identifiers.iter().map(|cx| cx.patient_id().unwrap()).collect();
    assert_eq!(ids, notification.identifiers);
    let nak = update::read(Q23.as_bytes()).unwrap_err();
    assert_eq!(places(&nak), [place(201, "MSH^1^9^1^2")]);
    let without = written.replace("PID|||", "PID|||^^^&2.999.1&ISO||").replace("EVN", "ZVN");
    let nak = update::read(without.as_bytes()).unwrap_err();
    assert_eq!(places(&nak), [place(100, "EVN^1"), place(101, "PID^1^3")]);
}

fn parties() -> Parties {
    let [a, b, c, d] = ["A", "B", "C", "D"].map(str::to_owned);
    Parties {
        sending_application: a,
        sending_facility: b,
        receiving_application: c,
        receiving_facility: d,
    }
}

fn word() -> impl Strategy<Value = String> {
    "[!-)+-~あ-んア-ン漢字本美愛]{1,12}".prop_filter("means deletion", |s| s != "\"\"")
}

fn patient_id() -> impl Strategy<Value = PatientId> {
    const DOMAINS: [&str; 3] = ["2.999.392.1.1", "2.999.392.1.2", "2.999.392.1.3"];
    (word(), prop::sample::select(&DOMAINS[..]))
        .prop_map(|(id, authority)| PatientId::new(&id, oid(authority)).unwrap())
}

fn domains() -> impl Strategy<Value = Vec<Oid>> {
    prop::collection::vec(renkei_arbitrary::arbitrary::oid(), 0..4)
}

/// What a query can say of somebody.
fn criteria() -> impl Strategy<Value = Criteria> {
    use prop::option::of;
    use renkei_arbitrary::person::{birth, sex};
    let name = (word(), of(word()));
    let identifiers = prop::collection::vec(patient_id(), 0..3);
    let address = (of(word()), of(word()), prop::collection::vec(word(), 0..4));
    let singles = (of(birth()), of(sex()), of(word()), of((word(), of(word()))));
    (identifiers, of(name), address, singles, any::<[bool; 2]>()).prop_map(
        |(ids, name, (city, postal_code, lines), (birth, sex, phone, mother), goes_on)| {
            let identifiers = ids.iter().map(|id| {
                let cx = CxField { id_type: None, ..CxField::from(id) };
                (0, cx)
            });
            let named = |(family, given): (String, Option<String>)| Name {
                family,
                given: given.into_iter().collect(),
                ..Name::default()
            };
            let has_given = name.as_ref().is_some_and(|(_, given)| given.is_some());
            let has_name = name.is_some();
            let address = Address { city, postal_code, lines, ..Address::default() };
            let system = ContactSystem::Phone;
            let described = Person {
                names: name.map(named).into_iter().collect(),
                birth,
                sex,
                addresses: Some(address).filter(|a| !a.is_empty()).into_iter().collect(),
                contacts: phone
                    .map(|value| Contact { system, value, place: None })
                    .into_iter()
                    .collect(),
                mothers_maiden_name: mother.map(named),
                ..Person::default()
            };
            Criteria {
                identifiers: identifiers.collect(),
                described,
                family_goes_on: has_name && goes_on[0],
                given_goes_on: has_given && goes_on[1],
            }
        },
    )
}

/// Without the places, which a query gives its parameters.
fn placeless(criteria: &Criteria) -> Criteria {
    let identifiers = criteria.identifiers.iter().map(|(_, cx)| (0, cx.clone())).collect();
    Criteria { identifiers, ..criteria.clone() }
}

proptest! {
    #[test]
    fn a_query_for_identifiers_is_read_as_written(
        id in patient_id(),
        domains in domains(),
        tag in word(),
    ) {
        let question = cross_reference::Question {
            stamp: stamp(),
            parties: parties(),
            tag: tag.clone(),
            id,
            domains,
        };
        let Query::CrossReference(query) = read(&cross_reference::write(&question)).unwrap() else {
            panic!("another query")
        };
        prop_assert_eq!(crate::text::unescape(query.asked.tag()), tag);
        let resolved = query.resolve(&authorities()).unwrap();
        prop_assert_eq!(resolved.id, question.id);
        prop_assert_eq!(resolved.domains.oids(), question.domains);
    }

    #[test]
    fn a_query_for_persons_is_read_as_written(
        criteria in criteria().prop_filter("something", |c| *c != Criteria::default()),
        domains in domains(),
        tag in word(),
        quantity in prop::option::of(1u32..),
        pointer in prop::option::of(word()),
    ) {
        let question = PersonsWanted {
            stamp: stamp(),
            parties: parties(),
            tag,
            criteria: criteria.clone(),
            domains: domains.clone(),
            quantity,
            pointer: pointer.clone(),
        };
        let Query::Demographics(query) = read(&demographics::write(&question)).unwrap() else {
            panic!("another query")
        };
        prop_assert_eq!(placeless(&query.criteria), criteria);
        prop_assert_eq!((query.quantity, &query.pointer), (quantity, &pointer));
        prop_assert_eq!(query.wanted(&authorities()).unwrap().oids(), domains);
    }

    #[test]
    fn an_answer_is_read_as_written(
        ids in prop::collection::vec(patient_id(), 0..5),
        persons in prop::collection::vec(renkei_arbitrary::person::person(), 0..4),
        (total, left) in any::<(u64, u64)>(),
        pointer in prop::option::of(word()),
    ) {
        let asked = pix(Q23).asked;
        let ids: Vec<Identifier> = ids.into_iter().map(Identifier::from).collect();
        let octets = answer::cross_references(&asked, &ids, &authorities(), &stamp());
        let told: Vec<PatientId> = answer::read(&octets).unwrap().persons.into_iter()
            .flat_map(|p| p.identifiers).map(|i| i.id).collect();
        prop_assert_eq!(told, ids.into_iter().map(|i| i.id).collect::<Vec<_>>());

        prop_assume!(!format!("{persons:?}").contains(r#""\"\"""#));
        let persons: Vec<Person> = persons.into_iter().map(said_by_v2).collect();
        let page = Page { persons: &persons, total, left, pointer: pointer.as_deref() };
        let octets = answer::persons(&pdq(Q22).asked, &page, &authorities(), &stamp());
        let read = answer::read(&octets).unwrap();
        let told: Vec<Person> = read.persons.into_iter().map(nameless).collect();
        prop_assert_eq!(told, persons.into_iter().map(nameless).collect::<Vec<_>>());
        prop_assert_eq!((read.total, read.left, read.pointer), (Some(total), Some(left), pointer));
    }

    #[test]
    fn a_change_is_read_as_written(ids in prop::collection::vec(patient_id(), 1..6)) {
        let told = UpdateNotification { stamp: stamp(), parties: parties(), identifiers: ids };
        let update = update::read(&update::write(&told, &authorities())).unwrap();
        let read = update.identifiers.iter().map(|cx| cx.patient_id().unwrap());
        prop_assert_eq!(read.collect::<Vec<_>>(), told.identifiers);
    }

    #[test]
    fn a_cancellation_is_read_as_written(tag in word()) {
        let octets = cancel::write(&stamp(), &parties(), &tag);
        let Query::Cancel(cancel) = read(&octets).unwrap() else { panic!("another query") };
        prop_assert_eq!(crate::text::unescape(&cancel.tag), tag);
    }

    #[test]
    fn any_query_is_survived(tail in "[ -~\r\nあ]{0,200}") {
        for head in [Q22, Q23, J01] {
            let head = head.split_once('\r').unwrap().0;
            let outcome = read(format!("{head}\r{tail}").as_bytes());
            let written = outcome.map(|_| Vec::new()).unwrap_or_else(|r| r.write(&stamp()));
            prop_assert!(written.is_empty() || crate::ack::read(&written).is_ok());
            let _outcome = answer::read(format!("{head}\r{tail}").as_bytes());
        }
    }
}

/// HL7 v2 has no address of the birth place.
fn said_by_v2(person: Person) -> Person {
    let place = person.birth_place.and_then(|place| place.name);
    let birth_place =
        place.map(|name| renkei_person::BirthPlace { name: Some(name), address: None });
    Person { birth_place, ..person }
}

/// The names of authorities are those of the one who answers.
fn nameless(mut person: Person) -> Person {
    person.identifiers.iter_mut().for_each(|i| i.authority_name = None);
    person
}
