use super::*;
use crate::catalogue::literal::VALUE_CHARS;
use crate::catalogue::{self, GET_DOCUMENTS, Subject};
use crate::testing::{read, row_of, valid, written};
use proptest::prelude::*;
use renkei_arbitrary::arbitrary;
use renkei_metadata::ids::{Dtm, EntryUuid, HomeCommunityId, ObjectId, PatientId};
use renkei_metadata::model::{AvailabilityStatus, Code, LocalizedText};

const NAMESPACES: &str = "xmlns:query=\"urn:oasis:names:tc:ebxml-regrep:xsd:query:3.0\" xmlns:rim=\"urn:oasis:names:tc:ebxml-regrep:xsd:rim:3.0\"";

fn example() -> AdhocQuery {
    let patient = PatientId::parse("100234^^^&2.999.1.1&ISO").unwrap();
    let code = Code {
        code: "TOKUTEI".into(),
        scheme: "2.999.30.4".into(),
        display: LocalizedText::ja("特定健康診査結果"),
    };
    QueryBuilder::find_documents(&patient, &[AvailabilityStatus::Approved])
        .codes("$XDSDocumentEntryTypeCode", [&code])
        .time("$XDSDocumentEntryServiceStartTimeFrom", &Dtm::parse("20240401").unwrap())
        .set("$XDSDocumentEntryAuthorPerson", ["%^O'Brien^%"])
        .home(&HomeCommunityId::parse("urn:oid:2.999.5").unwrap())
        .build()
}

#[test]
fn a_request_is_written_as_in_the_standard() {
    let xml = example().xml();
    let expected = [
        &format!("<query:AdhocQueryRequest {NAMESPACES}>"),
        "<query:ResponseOption returnType=\"LeafClass\" returnComposedObjects=\"true\"/>",
        "<rim:AdhocQuery id=\"urn:uuid:14d4debf-8f97-4251-9a74-a90016b0af0d\" home=\"urn:oid:2.999.5\">",
        "<rim:Slot name=\"$XDSDocumentEntryPatientId\"><rim:ValueList><rim:Value>'100234^^^&amp;2.999.1.1&amp;ISO'</rim:Value></rim:ValueList></rim:Slot>",
        "<rim:Slot name=\"$XDSDocumentEntryStatus\"><rim:ValueList><rim:Value>('urn:oasis:names:tc:ebxml-regrep:StatusType:Approved')</rim:Value></rim:ValueList></rim:Slot>",
        "<rim:Slot name=\"$XDSDocumentEntryTypeCode\"><rim:ValueList><rim:Value>('TOKUTEI^^2.999.30.4')</rim:Value></rim:ValueList></rim:Slot>",
        "<rim:Slot name=\"$XDSDocumentEntryServiceStartTimeFrom\"><rim:ValueList><rim:Value>20240401</rim:Value></rim:ValueList></rim:Slot>",
        "<rim:Slot name=\"$XDSDocumentEntryAuthorPerson\"><rim:ValueList><rim:Value>('%^O''Brien^%')</rim:Value></rim:ValueList></rim:Slot>",
        "</rim:AdhocQuery></query:AdhocQueryRequest>",
    ]
    .concat();
    assert_eq!(xml, expected);
    valid("ebRS30/query.xsd", &xml);
}

#[test]
fn long_lists_are_spread_over_values_that_the_schema_allows() {
    let ids: Vec<EntryUuid> = (1..100).map(|i| EntryUuid(uuid(i))).collect();
    let query = QueryBuilder::get_documents(&ids).returning(ReturnType::ObjectRef).build();
    let [(_, values)] = &query.params[..] else { panic!("{query:?}") };
    assert!(values.len() > 10 && values.iter().all(|v| v.len() <= VALUE_CHARS));
    valid("ebRS30/query.xsd", &query.xml());
    let parsed = catalogue::parse(&read(&query.xml(), read_request).unwrap()).value.unwrap();
    let Subject::EntryUuids { ids: read, .. } = parsed.subject else { panic!("{parsed:?}") };
    assert_eq!(read.as_slice(), ids);
    assert_eq!(parsed.return_type, ReturnType::ObjectRef);
}

fn uuid(n: u32) -> uuid::Uuid {
    uuid::Uuid::from_u128(u128::from(n))
}

#[test]
fn requests_without_their_elements_are_faults() {
    let request = |inner: &str| {
        format!("<query:AdhocQueryRequest {NAMESPACES}>{inner}</query:AdhocQueryRequest>")
    };
    let adhoc = "<rim:AdhocQuery id='x'/>";
    for inner in ["", "<query:ResponseOption/>", "<query:ResponseOption/><query:ResponseOption/>"] {
        let fault = read(&request(inner), read_request).expect_err(inner);
        assert_eq!(row_of(&fault), "fault-query-malformed", "{inner}");
    }
    assert!(read(&request(&adhoc.repeat(2)), read_request).is_err());
    let fault = read("<a/>", read_request).unwrap_err();
    assert_eq!(row_of(&fault), "fault-action-not-supported");
    let bare = read(&request(adhoc), read_request).unwrap();
    assert_eq!((bare.id.as_str(), bare.return_type.as_str()), ("x", "RegistryObject"));
}

#[test]
fn no_more_is_kept_than_shows_the_excess() {
    let many = AdhocQuery {
        params: vec![("$a".into(), vec!["1".into(); 7]), ("$b".into(), vec!["2".into(); 7])],
        ..QueryBuilder::new(GET_DOCUMENTS).build()
    };
    let kept = read(&many.xml(), |r, body| read_request_within(&ITI_18, r, body, 3)).unwrap();
    let values: usize = kept.params.iter().map(|(_, v)| v.len()).sum();
    assert_eq!((kept.params.len(), values), (2, 4));
    let slots = AdhocQuery { params: vec![("$a".into(), vec![]); 9], ..many };
    let kept = read(&slots.xml(), |r, body| read_request_within(&ITI_18, r, body, 3)).unwrap();
    assert_eq!(kept.params.len(), 4);
    assert!(catalogue::parse_within(&ITI_18, &kept, 3).value.is_none());
}

#[test]
fn an_answer_without_objects_is_valid_and_read() {
    let error = RegistryError {
        code: "XDSStoredQueryMissingParam".into(),
        context: "$XDSDocumentEntryStatus".into(),
        severity: renkei_metadata::finding::Severity::Error,
        location: String::new(),
    };
    let (head, tail) = response_frame(Status::Failure, std::slice::from_ref(&error));
    let xml = head + &tail;
    assert_eq!(
        xml,
        format!(
            "<query:AdhocQueryResponse {NAMESPACES} xmlns:rs=\"urn:oasis:names:tc:ebxml-regrep:xsd:rs:3.0\" status=\"urn:oasis:names:tc:ebxml-regrep:ResponseStatusType:Failure\"><rs:RegistryErrorList highestSeverity=\"urn:oasis:names:tc:ebxml-regrep:ErrorSeverityType:Error\"><rs:RegistryError errorCode=\"XDSStoredQueryMissingParam\" codeContext=\"$XDSDocumentEntryStatus\" severity=\"urn:oasis:names:tc:ebxml-regrep:ErrorSeverityType:Error\"/></rs:RegistryErrorList><rim:RegistryObjectList></rim:RegistryObjectList></query:AdhocQueryResponse>"
        )
    );
    valid("ebRS30/query.xsd", &xml);
    let answer = read(&xml, read_response).unwrap();
    assert_eq!((answer.status, answer.errors), (Status::Failure, vec![error]));
    assert_eq!((answer.objects, answer.findings), (vec![], vec![]));
    // The schema wants an object list; an answer without one is understood all the same.
    let none = xml.replace("<rim:RegistryObjectList></rim:RegistryObjectList>", "");
    assert!(read(&none, read_response).is_ok());
    assert!(read("<a/>", read_response).is_err());
}

#[test]
fn references_are_answered_and_read() {
    let id = ObjectId::Uuid(EntryUuid(uuid(7)));
    let object = RegistryObject::Ref(id, HomeCommunityId::parse("urn:oid:2.999.5").ok());
    let xml = answer(std::slice::from_ref(&object));
    valid("ebRS30/query.xsd", &xml);
    assert_eq!(read(&xml, read_response).unwrap().objects, [object]);
}

fn answer(objects: &[RegistryObject]) -> String {
    let (head, tail) = response_frame(Status::Success, &[]);
    let objects = written(|w| objects.iter().for_each(|o| ebrim::write_object(w, o)));
    head + &objects + &tail
}

proptest! {
    #[test]
    fn requests_written_are_read(
        id in arbitrary::name(),
        return_type in arbitrary::text(),
        home in prop::option::of(arbitrary::name()),
        params in prop::collection::vec(
            (arbitrary::text(), prop::collection::vec(arbitrary::text(), 0..4)), 0..5
        ),
    ) {
        let query = AdhocQuery { id, return_type, home, params };
        prop_assert_eq!(read(&query.xml(), read_request), Ok(query));
    }

    #[test]
    fn any_text_is_read_or_refused(text in ".{0,200}", inner in "[<>/a-z='\"& ]{0,60}") {
        let wrapped = format!("<query:AdhocQueryRequest {NAMESPACES}><rim:AdhocQuery>{inner}</rim:AdhocQuery></query:AdhocQueryRequest>");
        for xml in [text, wrapped] {
            _ = read(&xml, read_request);
            _ = read(&xml, read_response);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn objects_written_are_read(objects in prop::collection::vec(arbitrary::object(), 0..4)) {
        let answer = read(&answer(&objects), read_response).unwrap();
        prop_assert_eq!(answer.findings, vec![]);
        prop_assert_eq!(answer.objects, objects);
    }
}
