//! What other stacks send, though nobody here would.

use super::*;
use renkei_person::{Contact, ContactSystem, Insured, Place};

#[test]
fn a_request_of_another_stack_is_understood_and_the_rest_counted() {
    let Read { message, passed_over } =
        request(include_str!("../../../samples/foreign-request.xml"));
    // receiver's telecom, the organisation's name, the element of another namespace
    assert_eq!(passed_over, 3);
    let Request { transmission, authority, query, .. } = &message;
    assert_eq!(transmission.id.extension(), Some("35423"));
    assert_eq!(transmission.processing, Processing::Training);
    assert_eq!(transmission.sender.device, oid("2.999.392.30.9.2"));
    assert_eq!(transmission.sender.community, Some(oid("2.999.392.30")));
    assert_eq!(transmission.respond_to.as_deref(), Some("https://ig.example.jp/answers"));
    assert_eq!(*authority, Some(oid("2.999.392.30.1")));
    assert_eq!((query.priority, query.minimum_degree), (Priority::Deferred, Some(100)));
    assert_eq!(query.match_algorithm.as_deref(), Some("exact"));
    assert_eq!(query.birth, Some(BirthTime::Between(Birth::parse("1963"), None)));
    let [own, card] = &query.identifiers[..] else { panic!("{query:?}") };
    assert_eq!(own.id.id, "1234");
    assert_eq!(card.authority_name.as_deref(), Some("保険者"));
    assert_eq!(Insured::parse(&card.id.id).unwrap().comparison_key(), "06139992:123:4567:1");
    let names = [
        Name::new(Writing::Ideographic, "健診", "太郎"),
        Name::new(Writing::Syllabic, "ケンシン", "タロウ"),
    ];
    assert_eq!(query.names, names);
    let [whole, parts] = &query.addresses[..] else { panic!("{query:?}") };
    assert_eq!(whole.lines, ["東京都千代田区架空町1-2-3"]);
    assert_eq!(
        (&parts.lines[..], parts.postal_code.as_deref()),
        (&["1-2".to_owned()][..], Some("100-0000"))
    );
    let phone = |value: &str, place| Contact {
        system: ContactSystem::Phone,
        value: value.to_owned(),
        place,
    };
    let contacts = [phone("+81-3-0000-0000", Some(Place::Mobile)), phone("090-0000-0000", None)];
    assert_eq!(query.contacts, contacts);
}

#[test]
fn an_answer_of_another_stack_is_understood_and_the_rest_counted() {
    let Read { message, passed_over } = answer(include_str!("../../../samples/foreign-answer.xml"));
    // confidentialityCode, deceasedInd, maritalStatusCode, an id without extension, the father, a quantity
    assert_eq!(passed_over, 6);
    assert_eq!(message.details[0].text.as_deref(), Some("照会方法にご注意ください"));
    assert_eq!((&message.query, message.query_id.extension()), (&None, Some("XQ-20250601-1")));
    let Outcome::Found(candidates) = &message.outcome else { panic!("{message:?}") };
    let [james, nameless] = &candidates[..] else { panic!("{candidates:?}") };
    assert_eq!((james.patient.id.id.as_str(), james.degree), ("34827K410", Some(92)));
    assert_eq!(james.locator, Locator::SupportsHealthDataLocator);
    let name = &james.person.names[0];
    assert_eq!(
        (name.family.as_str(), &name.given[..]),
        ("Jones", &["James".to_owned(), "T".to_owned()][..])
    );
    assert_eq!(james.person.contacts[0].value, "+1-481-555-7684;ext=2342");
    assert_eq!(james.person.addresses[0].city.as_deref(), Some("架空市"));
    assert_eq!(james.person.identifiers[0].id.id, "38273D433");
    assert_eq!(james.person.identifiers.len(), 1);
    assert_eq!(james.person.mothers_maiden_name.as_ref().unwrap().family, "Smith");
    assert_eq!((nameless.person.names.len(), nameless.degree), (0, None));
    assert_eq!(nameless.community, oid("2.999.392.31"));
    let again = written(|w| message.write(w));
    assert_eq!(answer(&again).message, message);
    valid(&schema("PRPA_IN201306UV02"), &[again]);
}

#[test]
fn a_request_with_names_of_no_writing_and_ids_one_by_one_is_understood() {
    let xml = include_str!("../../../samples/foreign-request-plain.xml");
    let Read { message, passed_over } = request(xml);
    assert_eq!(passed_over, 1, "the receiver's telecom");
    let query = &message.query;
    let ids: Vec<_> = query.identifiers.iter().map(|known| known.id.id.as_str()).collect();
    assert_eq!(ids, ["1234", "58910"]);
    assert_eq!(
        query.names,
        [Name { writing: None, ..Name::new(Writing::Alphabetic, "Kenshin", "Hanako") }]
    );
    assert_eq!((query.sex, query.minimum_degree), (Some(Sex::Female), Some(0)));
    assert_eq!(query.birth, Some(BirthTime::At(Birth::parse("19750412").unwrap())));
    assert_eq!(query.match_algorithm.as_deref(), Some("phonetic"));
    assert_eq!(query.priority, Priority::Immediate);
    let again = written(|w| message.write(w));
    assert_eq!(request(&again).message, message);
    valid(&schema("PRPA_IN201305UV02"), &[again]);
}

#[test]
fn two_candidates_of_one_community_are_told_apart() {
    let xml = include_str!("../../../samples/foreign-candidates.xml");
    let Read { message, passed_over } = answer(xml);
    assert_eq!(passed_over, 1, "the sender's telecom");
    let Outcome::Found(candidates) = &message.outcome else { panic!("{message:?}") };
    let [first, second] = &candidates[..] else { panic!("{candidates:?}") };
    let told = |of: &Candidate| (of.patient.id.id.clone(), of.degree, of.locator);
    assert_eq!(told(first), ("K410".to_owned(), Some(92), Locator::SupportsHealthDataLocator));
    assert_eq!(told(second), ("R534".to_owned(), Some(85), Locator::NotHealthDataLocator));
    // The community has the OID of its patient ids.
    assert_eq!(first.community, first.patient.id.authority);
    assert_eq!(first.community, second.community);
    let ids: Vec<_> = first.person.identifiers.iter().map(|known| known.id.id.as_str()).collect();
    assert_eq!(ids, ["D433", "000-00-6345"]);
    let numbers: Vec<_> = first.person.contacts.iter().map(|c| c.value.as_str()).collect();
    assert_eq!(numbers, ["+81-3-0000-7684;ext=2342", "+81-90-0000-4352"]);
    assert_eq!(first.person.addresses[0].state.as_deref(), Some("東京都"));
    let again = written(|w| message.write(w));
    assert_eq!(answer(&again).message, message);
}

#[test]
fn codes_that_are_not_the_standards_are_no_answer() {
    let told = ERROR.replace("\"AnswerNotAvailable\"", "\"PolicyNationalExtension\"");
    assert_eq!(answer(&told).message.outcome, Outcome::Error(Some(Reason::AnswerNotAvailable)));
    let asked = REQUESTED.replace("\"PatientAddressRequested\"", "\"ShoeSizeRequested\"");
    let asked = answer(&asked);
    assert_eq!((asked.message.outcome, asked.passed_over), (Outcome::NotFound, 1));
}

#[test]
fn an_error_is_one_whichever_part_says_so() {
    for (part, with) in
        [("\"AA\"", "\"AE\""), ("\"AA\"", "\"AR\""), ("\"NF\"", "\"QE\""), ("\"NF\"", "\"AE\"")]
    {
        let xml = NO_MATCH.replace(part, with);
        assert_eq!(answer(&xml).message.outcome, Outcome::Error(None), "{with}");
    }
}
