use super::*;
use crate::testing::{LOCATION, read, valid, written};

const REQUEST: &str = include_str!("../../samples/location-request.xml");
const RESPONSE: &str = include_str!("../../samples/location-response.xml");

#[test]
fn a_request_names_the_person() {
    let asked = read(REQUEST, read_request).unwrap();
    assert_eq!(asked.message.id.to_string(), "KN00012345^^^&2.999.392.1.1&ISO");
    assert_eq!(asked.passed_over, 0);
    let again = written(|w| write_request(w, &asked.message));
    assert_eq!(read(&again, read_request).unwrap(), asked);
    valid(LOCATION, &[again]);
    let foreign = include_str!("../../samples/foreign-location-request.xml");
    assert_eq!(read(foreign, read_request).unwrap(), asked);
}

#[test]
fn an_answer_names_the_communities() {
    let found = read(RESPONSE, read_response).unwrap();
    let [location] = &found.message[..] else { panic!("{found:?}") };
    assert_eq!(location.home.as_str(), "urn:oid:2.999.392.20");
    assert_eq!(location.patient.id.id, "PHR-778899");
    assert_eq!(location.requested.id.id, "KN00012345");
    let two = [location.clone(), location.clone()];
    let again = written(|w| write_response(w, &two));
    assert_eq!(read(&again, read_response).unwrap().message, two);
    valid(LOCATION, &[again]);
    let none = written(|w| write_response(w, &[]));
    assert_eq!(read(&none, read_response).unwrap().message, []);
}

#[test]
fn what_is_wrong_is_told_by_element() {
    let refused = |xml: &str| read(xml, read_response).unwrap_err();
    let home = refused(&RESPONSE.replace("urn:oid:", ""));
    assert!(home.en.contains("PatientLocationResponse/HomeCommunityId has a value"), "{home}");
    assert!(home.en.contains("(2.999.392.20)") && home.ja.contains("値を解釈できません"), "{home}");
    let id = refused(&RESPONSE.replace(" extension=\"PHR-778899\"", ""));
    assert!(id.en.contains("PatientLocationResponse/CorrespondingPatientId"), "{id}");
    assert!(refused(REQUEST).en.contains("PatientLocationQueryRequest is not the message"));
    let twice = REQUEST.replace(
        "<RequestedPatientId",
        "<RequestedPatientId root=\"2.999\" extension=\"1\"/><RequestedPatientId",
    );
    assert!(read(&twice, read_request).unwrap_err().en.contains("is there more than once"));
}
