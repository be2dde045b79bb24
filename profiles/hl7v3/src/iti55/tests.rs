//! The messages of ITI-55: read, written, read again, and what is refused.

mod foreign;
mod generated;
mod refused;

use super::{Answer, Attribute, Candidate, Locator, Outcome, Reason, Request, TimeToLive};
use crate::acknowledgement::{AcceptAcknowledgement, AckCode, Detail, Gravity};
use crate::query::{BirthTime, Priority};
use crate::testing::{INTERACTIONS, read, valid, written};
use crate::transmission::Processing;
use crate::{Read, Refusal};
use chrono::{DateTime, Utc};
use renkei_metadata::ids::{Oid, PatientId};
use renkei_person::{Birth, Name, Sex, Writing};
use renkei_soap::fault::Fault;

const REQUEST: &str = include_str!("../../samples/request.xml");
const ONE_MATCH: &str = include_str!("../../samples/one-match.xml");
const REQUESTED: &str = include_str!("../../samples/attributes-requested.xml");
const NO_MATCH: &str = include_str!("../../samples/no-match.xml");
const ERROR: &str = include_str!("../../samples/error.xml");
const ACCEPTED: &str = include_str!("../../samples/accepted.xml");

fn request(xml: &str) -> Read<Request> {
    read(xml, Request::read).unwrap()
}

fn answer(xml: &str) -> Read<Answer> {
    read(xml, Answer::read).unwrap()
}

fn oid(text: &str) -> Oid {
    Oid::parse(text).unwrap()
}

fn schema(name: &str) -> String {
    format!("{INTERACTIONS}/{name}")
}

fn people() -> Vec<Name> {
    vec![
        Name::new(Writing::Ideographic, "健診", "花子"),
        Name::new(Writing::Syllabic, "ケンシン", "ハナコ"),
    ]
}

#[test]
fn a_request_says_who_asks_and_for_whom() {
    let Read { message, passed_over } = request(REQUEST);
    let Request { transmission, authority, query, .. } = &message;
    assert_eq!(passed_over, 0);
    assert_eq!(transmission.id.root(), "6b0f2d1a-4c1e-4f55-8a58-9ad0b2f15502");
    assert_eq!(transmission.created.as_str(), "20250601101500+0900");
    assert_eq!(transmission.processing, Processing::Production);
    assert_eq!(transmission.receiver.device, oid("2.999.392.20.9.1"));
    assert_eq!(transmission.sender.community, Some(oid("2.999.392.10")));
    assert_eq!(*authority, Some(oid("2.999.392.1.1")));
    assert_eq!(
        (query.id.root(), query.id.extension()),
        ("2.999.392.10.9.2", Some("XQ-20250601-1"))
    );
    assert_eq!((query.priority, query.minimum_degree), (Priority::Immediate, Some(80)));
    assert_eq!((query.sex, &query.names), (Some(Sex::Female), &people()));
    assert_eq!(query.birth, Some(BirthTime::At(Birth::parse("19750412").unwrap())));
    let id = PatientId::new("KN00012345", oid("2.999.392.1.1")).unwrap();
    assert_eq!(query.identifiers, [id.into()]);
    let again = written(|w| message.write(w));
    assert_eq!(request(&again).message, message);
    valid(&schema("PRPA_IN201305UV02"), &[again]);
}

#[test]
fn an_answer_is_one_of_five_cases() {
    let found = answer(ONE_MATCH);
    assert_eq!(found.passed_over, 0);
    let Outcome::Found(candidates) = &found.message.outcome else { panic!("{found:?}") };
    let [Candidate { patient, person, degree, community, locator }] = &candidates[..] else {
        panic!("{candidates:?}")
    };
    assert_eq!(patient.id.to_string(), "PHR-778899^^^&2.999.392.20.1&ISO");
    assert_eq!((person.names.clone(), person.sex), (people(), Some(Sex::Female)));
    assert_eq!(person.birth, Birth::parse("19750412"));
    assert_eq!((*degree, community), (Some(98), &oid("2.999.392.20")));
    assert_eq!(*locator, Locator::NotHealthDataLocator);
    assert_eq!(found.message.target.root(), "6b0f2d1a-4c1e-4f55-8a58-9ad0b2f15502");
    assert_eq!(found.message.query_id.extension(), Some("XQ-20250601-1"));

    let several = [candidates[0].clone(), candidates[0].clone()];
    let cases = [
        (REQUESTED, Outcome::Requested(vec![Attribute::Address])),
        (NO_MATCH, Outcome::NotFound),
        (ERROR, Outcome::Error(Some(Reason::AnswerNotAvailable))),
        (ONE_MATCH, Outcome::Found(several.to_vec())),
    ];
    let mut messages = vec![written(|w| found.message.write(w))];
    for (sample, outcome) in cases {
        let mut message = answer(sample).message;
        if let Outcome::Found(_) = outcome {
            message.outcome = outcome.clone();
        }
        assert_eq!(message.outcome, outcome, "{sample}");
        let again = written(|w| message.write(w));
        assert_eq!(answer(&again).message, message);
        messages.push(again);
    }
    for outcome in [Outcome::Error(None), Outcome::Requested(Attribute::ALL.to_vec())] {
        let message = super::Answer { outcome, ..found.message.clone() };
        let again = written(|w| message.write(w));
        assert_eq!(answer(&again).message, message);
        messages.push(again);
    }
    for outcome in [Outcome::Found(Vec::new()), Outcome::Requested(Vec::new())] {
        let xml = written(|w| super::Answer { outcome, ..found.message.clone() }.write(w));
        assert_eq!(answer(&xml).message.outcome, Outcome::NotFound);
        assert!(
            xml.contains("<queryResponseCode code=\"NF\"/>") && !xml.contains("<reasonOf"),
            "{xml}"
        );
        messages.push(xml);
    }
    valid(&schema("PRPA_IN201306UV02"), &messages);
}

#[test]
fn an_answer_repeats_the_query_as_it_came() {
    let asked = request(include_str!("../../samples/foreign-request.xml")).message;
    let copy = asked.copy.as_xml();
    // Elements that nobody here understands are in it too, prefixes and blanks are not.
    assert!(copy.contains("<initialQuantity value=\"10\"></initialQuantity>"), "{copy}");
    assert!(copy.contains("<value xsi:type=\"PN\" use=\"L IDE\"><given>太郎</given>"), "{copy}");
    let mut message = answer(NO_MATCH).message;
    message.query = Some(asked.copy);
    let xml = written(|w| message.write(w));
    assert_eq!(answer(&xml).message, message);
    valid(&schema("PRPA_IN201306UV02"), &[xml]);
    assert_eq!(format!("{:?}", message.query), "Some(QueryCopy)");
}

#[test]
fn what_is_no_xml_is_refused_before_it_is_copied() {
    let good = "<responsePriorityCode code=\"I\"/>";
    for bad in ["<responsePriorityCode co/de='1' code='I'/>", "<v:/x xmlns:v='urn:hl7-org:v3'/>"] {
        let refusal = read(&REQUEST.replace(good, bad), Request::read).unwrap_err();
        let Refusal::Fault(fault) = refusal else { panic!("{refusal:?}") };
        assert!(
            fault.en.contains("the name of an element or attribute is none of XML"),
            "{fault:?}"
        );
    }
}

#[test]
fn an_acknowledgement_is_read_whichever_code_it_says() {
    let accepted = read(ACCEPTED, AcceptAcknowledgement::read).unwrap();
    assert_eq!(accepted.passed_over, 0);
    let mut message = accepted.message;
    assert_eq!(message.acknowledgement.code, AckCode::CommitAccept);
    message.acknowledgement.details = vec![
        Detail {
            gravity: Gravity::Error,
            code: Some("NS250".to_owned()),
            text: Some("Unsupported processing mode".to_owned()),
            locations: Vec::new(),
        },
        Detail {
            gravity: Gravity::Information,
            code: None,
            text: None,
            locations: vec!["/a".to_owned()],
        },
    ];
    let mut messages = Vec::new();
    for code in ["AA", "AE", "AR", "CA", "CE", "CR"] {
        let xml = written(|w| message.write(w)).replace("\"CA\"", &format!("\"{code}\""));
        let again = read(&xml, AcceptAcknowledgement::read).unwrap().message;
        assert_eq!(again.acknowledgement.code.code(), code);
        assert_eq!(again.acknowledgement.code.is_accepting(), code.ends_with('A'));
        assert_eq!(again.acknowledgement.details, message.acknowledgement.details);
        messages.push(xml);
    }
    valid(&schema("MCCI_IN000002UV01"), &messages);
}

#[test]
fn an_answer_goes_back_to_whoever_asked() {
    let asked = request(REQUEST).message;
    let like = answer(ONE_MATCH).message;
    let (id, created) = (like.transmission.id.clone(), like.transmission.created.clone());
    let made = Answer::to(&asked, like.outcome.clone(), id.clone(), created.clone());
    // The sample's sender says its community, which no request names.
    assert_eq!(made.transmission.receiver, asked.transmission.sender);
    assert_eq!(made.transmission.sender, asked.transmission.receiver);
    assert_eq!((&made.target, &made.query_id), (&like.target, &like.query_id));
    let xml = written(|w| made.write(w));
    assert_eq!(answer(&xml).message, made);
    let received = AcceptAcknowledgement::of(
        &asked.transmission,
        AckCode::CommitAccept,
        Vec::new(),
        id,
        created,
    );
    assert_eq!(received.acknowledgement.target, asked.transmission.id);
    assert_eq!(received.transmission, made.transmission);
    valid(&schema("PRPA_IN201306UV02"), &[xml]);
}

#[test]
fn a_time_to_live_is_a_duration_of_the_schema() {
    let now: DateTime<Utc> = "2025-01-31T00:00:00Z".parse().unwrap();
    for (text, until) in [
        ("P0Y0M7D", "2025-02-07T00:00:00Z"),
        (" P1M ", "2025-02-28T00:00:00Z"),
        ("P1Y2M3DT4H5M6.7S", "2026-04-03T04:05:06Z"),
        ("PT0S", "2025-01-31T00:00:00Z"),
        ("PT36H", "2025-02-01T12:00:00Z"),
    ] {
        let ttl = TimeToLive::parse(text).unwrap();
        assert_eq!(ttl.until(now), until.parse::<DateTime<Utc>>().unwrap(), "{text}");
        assert_eq!(TimeToLive::parse(&ttl.to_string()), Some(ttl), "{ttl}");
    }
    assert_eq!(TimeToLive::days(7), TimeToLive::parse("P7D").unwrap());
    assert_eq!(
        TimeToLive::parse(&format!("P{}D", "9".repeat(40))).unwrap().until(now),
        DateTime::<Utc>::MAX_UTC
    );
    for bad in [
        "", "P", "PT", "P1DT", "-P1D", "P1H", "P1S", "PT1D", "1D", "P1M1Y", "P1Y1Y", "P1.5D",
        "PT.5S", "PT5.S", "P７D",
    ] {
        assert_eq!(TimeToLive::parse(bad), None, "{bad}");
    }
}

/// The TimeToLive in the header of an envelope with `blocks` in it.
fn in_header(blocks: &str) -> Result<Option<TimeToLive>, Fault> {
    use renkei_soap::xml::{Reader, XmlLimits};
    let xml = format!(
        "<s:Envelope xmlns:s='http://www.w3.org/2003/05/soap-envelope' xmlns:x='urn:ihe:iti:xcpd:2009'><s:Header>\
         <a:Action xmlns:a='http://www.w3.org/2005/08/addressing' s:mustUnderstand='1'>urn:a</a:Action>{blocks}</s:Header>\
         <s:Body><b/></s:Body></s:Envelope>"
    );
    let mut r = Reader::new(&xml, XmlLimits::default());
    let envelope = renkei_soap::envelope::open(&mut r, &mut Default::default()).unwrap();
    TimeToLive::in_header(&r, &envelope.blocks)
}

#[test]
fn a_time_to_live_is_a_header_block() {
    let week = TimeToLive::days(7);
    let ours = week.header().unwrap();
    let own =
        "<CorrelationTimeToLive xmlns='urn:ihe:iti:xcpd:2009'> P0Y0M7D </CorrelationTimeToLive>";
    for block in ["<x:CorrelationTimeToLive>P7D</x:CorrelationTimeToLive>", own, ours.as_xml()] {
        assert_eq!(in_header(block), Ok(Some(week)), "{block}");
    }
    assert_eq!(in_header(""), Ok(None));
    for bad in [&own.replace('7', "x"), &own.repeat(2)] {
        let fault = in_header(bad).unwrap_err();
        assert!(fault.en.contains("P7D") && fault.ja.contains("P7D"), "{fault:?}");
    }
    let xml = ours.as_xml().to_owned();
    valid(crate::testing::LOCATION, &[xml]);
}
