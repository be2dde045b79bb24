use super::*;
use crate::response::{RegistryError, Status};
use crate::testing::{read, row_of, valid, written};
use proptest::prelude::*;
use renkei_arbitrary::arbitrary;
use renkei_metadata::finding::Severity;
use renkei_metadata::ids::{HomeCommunityId, RepositoryUniqueId, UniqueId};

fn read_requests(xml: &str) -> Checked<Vec<DocumentRequest>> {
    read(xml, read_request).unwrap()
}

fn read_answer(xml: &str) -> Result<Response, Fault> {
    let limits = MessageLimits::default();
    read(xml, |r, body| read_response(r, body, &limits, &mut Tolerances::new()))
}

fn request(unique_id: &str) -> DocumentRequest {
    DocumentRequest {
        home: HomeCommunityId::parse("urn:oid:2.999.5").ok(),
        repository: RepositoryUniqueId::parse("2.999.10.1").unwrap(),
        unique_id: UniqueId::parse(unique_id).unwrap(),
    }
}

#[test]
fn a_request_is_written_as_in_the_standard() {
    let local = DocumentRequest { home: None, ..request("2.999.20.1.9999") };
    let requests = [request("2.999.20.1.7001"), local];
    let xml = written(|w| write_request(w, &requests));
    assert_eq!(
        xml,
        "<xds:RetrieveDocumentSetRequest xmlns:xds=\"urn:ihe:iti:xds-b:2007\">\
         <xds:DocumentRequest><xds:HomeCommunityId>urn:oid:2.999.5</xds:HomeCommunityId>\
         <xds:RepositoryUniqueId>2.999.10.1</xds:RepositoryUniqueId>\
         <xds:DocumentUniqueId>2.999.20.1.7001</xds:DocumentUniqueId></xds:DocumentRequest>\
         <xds:DocumentRequest><xds:RepositoryUniqueId>2.999.10.1</xds:RepositoryUniqueId>\
         <xds:DocumentUniqueId>2.999.20.1.9999</xds:DocumentUniqueId></xds:DocumentRequest>\
         </xds:RetrieveDocumentSetRequest>"
    );
    valid("IHE/IHEXDSB.xsd", &xml);
    assert_eq!(read_requests(&xml), Checked::good(requests.to_vec()));
}

fn part(request: DocumentRequest, mime_type: &str, content_id: &str) -> DocumentPart {
    let (mime_type, content_id) = (mime_type.to_owned(), content_id.to_owned());
    DocumentPart { request, made: None, mime_type, content_id }
}

fn answered(part: DocumentPart, content: Content) -> DocumentAnswer {
    let DocumentPart { request, made, mime_type, .. } = part;
    DocumentAnswer { request, made, mime_type, content }
}

#[test]
fn what_was_made_for_an_answer_is_named_in_it() {
    let made = |repository: Option<&str>| Made {
        unique_id: UniqueId::parse("2.25.99").unwrap(),
        repository: repository.map(|id| RepositoryUniqueId::parse(id).unwrap()),
    };
    let registry = RegistryResponse { status: Status::Success, errors: vec![] };
    for made in [made(None), made(Some("2.999.10.1"))] {
        let part = DocumentPart { made: Some(made), ..part(request("2.999.1"), "a/b", "c") };
        let xml = written(|w| write_response(w, &registry, std::slice::from_ref(&part)));
        let include =
            "<xop:Include xmlns:xop=\"http://www.w3.org/2004/08/xop/include\" href=\"cid:c\"/>";
        valid("IHE/IHEXDSB.xsd", &xml.replace(include, "QUJD"));
        let documents = vec![answered(part, Content::Include("c".to_owned()))];
        assert_eq!(read_answer(&xml), Ok(Response { registry: registry.clone(), documents }));
        let fault = read_answer(&xml.replace("2.25.99", "2.25. 99")).unwrap_err();
        assert!(fault.ja.contains("NewDocumentUniqueId"), "{}", fault.ja);
    }
}

#[test]
fn an_answer_is_written_as_in_the_standard() {
    let registry = RegistryResponse {
        status: Status::PartialSuccess,
        errors: vec![RegistryError {
            code: "XDSDocumentUniqueIdError".into(),
            context: "Document not available".into(),
            severity: Severity::Error,
            location: "2.999.20.1.9999".into(),
        }],
    };
    let document = part(request("2.999.20.1.7001"), "text/xml", "doc1.43r@repository.example.jp");
    let xml = written(|w| write_response(w, &registry, std::slice::from_ref(&document)));
    let include = "<xop:Include xmlns:xop=\"http://www.w3.org/2004/08/xop/include\" href=\"cid:doc1.43r@repository.example.jp\"/>";
    assert_eq!(
        xml,
        format!(
            "<xds:RetrieveDocumentSetResponse xmlns:xds=\"urn:ihe:iti:xds-b:2007\"><rs:RegistryResponse xmlns:rs=\"urn:oasis:names:tc:ebxml-regrep:xsd:rs:3.0\" status=\"urn:ihe:iti:2007:ResponseStatusType:PartialSuccess\"><rs:RegistryErrorList highestSeverity=\"urn:oasis:names:tc:ebxml-regrep:ErrorSeverityType:Error\"><rs:RegistryError errorCode=\"XDSDocumentUniqueIdError\" codeContext=\"Document not available\" location=\"2.999.20.1.9999\" severity=\"urn:oasis:names:tc:ebxml-regrep:ErrorSeverityType:Error\"/></rs:RegistryErrorList></rs:RegistryResponse><xds:DocumentResponse><xds:HomeCommunityId>urn:oid:2.999.5</xds:HomeCommunityId><xds:RepositoryUniqueId>2.999.10.1</xds:RepositoryUniqueId><xds:DocumentUniqueId>2.999.20.1.7001</xds:DocumentUniqueId><xds:mimeType>text/xml</xds:mimeType><xds:Document>{include}</xds:Document></xds:DocumentResponse></xds:RetrieveDocumentSetResponse>"
        )
    );
    // The schema knows base64 only; xop:Include stands for it (XOP 1.0, 2).
    valid("IHE/IHEXDSB.xsd", &xml.replace(include, "QUJD"));
    let answer = |content| Response {
        registry: registry.clone(),
        documents: vec![answered(document.clone(), content)],
    };
    let cid = document.content_id.clone();
    assert_eq!(read_answer(&xml), Ok(answer(Content::Include(cid))));
    let inline = xml.replace(include, "QUJD");
    assert_eq!(read_answer(&inline), Ok(answer(Content::Inline(b"ABC".to_vec()))));
}

#[test]
fn what_cannot_be_looked_up_is_told_and_the_rest_is_kept() {
    let one = |home: &str, repository: &str, id: &str| {
        format!(
            "<DocumentRequest>{home}<RepositoryUniqueId> {repository}\n</RepositoryUniqueId><DocumentUniqueId>{id}</DocumentUniqueId></DocumentRequest>"
        )
    };
    let xml = [
        "<RetrieveDocumentSetRequest xmlns='urn:ihe:iti:xds-b:2007'>",
        &one("", "2.999.10.1", "2.999.1"),
        &one("", "not an oid", "2.999.2"),
        &one("<HomeCommunityId>2.999.5</HomeCommunityId>", "2.999.10.1", "2.999.3"),
        &one("", "2.999.10.1", "a b"),
        "<DocumentRequest/></RetrieveDocumentSetRequest>",
    ]
    .concat();
    let checked = read_requests(&xml);
    let told: Vec<_> = checked.findings.iter().map(|f| (f.rule.id, f.location.as_str())).collect();
    assert_eq!(
        told,
        [
            ("retrieve-repository", "2.999.2"),
            ("retrieve-home", "2.999.3"),
            ("retrieve-document", "a b"),
            ("retrieve-repository", ""),
        ]
    );
    let kept = checked.value.unwrap();
    assert_eq!(kept, [DocumentRequest { home: None, ..request("2.999.1") }]);
}

#[test]
fn at_least_one_document_and_no_more_than_an_answer_carries() {
    let ask = |n: usize, limits: &MessageLimits| {
        let xml = written(|w| write_request(w, &vec![request("2.999.1"); n]));
        read(&xml, |r, body| read_request_within(&ITI_43, r, body, limits)).unwrap()
    };
    let limits = MessageLimits { parts: 3, ..MessageLimits::default() };
    assert_eq!(ask(0, &limits).findings[0].rule.id, "retrieve-nothing");
    assert_eq!(ask(2, &limits).value.map(|v| v.len()), Some(2));
    let refused = ask(3, &limits);
    assert_eq!(refused.value, None);
    assert_eq!(refused.findings[0].rule.id, "retrieve-too-many");
    assert!(refused.findings[0].english().contains("at most 2 documents (limits.parts)"));
}

#[test]
fn other_bodies_and_nameless_documents_are_faults() {
    let fault = read("<a/>", read_request).unwrap_err();
    assert_eq!(fault.subcode, Some(renkei_soap::fault::Subcode::ActionNotSupported));
    assert!(read_answer("<a/>").is_err());
    let answer = |inner: &str| {
        format!(
            "<x:RetrieveDocumentSetResponse xmlns:x='urn:ihe:iti:xds-b:2007'>{inner}</x:RetrieveDocumentSetResponse>"
        )
    };
    let success = written(|w| {
        RegistryResponse { status: Status::Success, errors: vec![] }.write(w);
    });
    assert!(read_answer(&answer(&success)).is_ok());
    assert_eq!(row_of(&read_answer(&answer("")).unwrap_err()), "fault-answer-element");
    let nameless = format!(
        "{success}<x:DocumentResponse><x:mimeType>text/xml</x:mimeType><x:Document/></x:DocumentResponse>"
    );
    assert_eq!(row_of(&read_answer(&answer(&nameless)).unwrap_err()), "fault-answer-document");
    let empty = format!(
        "{success}<x:DocumentResponse><x:RepositoryUniqueId>1.2</x:RepositoryUniqueId><x:DocumentUniqueId>1</x:DocumentUniqueId></x:DocumentResponse>"
    );
    assert!(read_answer(&answer(&empty)).unwrap_err().ja.contains("mimeType"));
}

fn requests() -> impl Strategy<Value = DocumentRequest> {
    (prop::option::of(arbitrary::home()), arbitrary::oid(), "[!-~]{1,128}").prop_map(
        |(home, oid, id)| DocumentRequest {
            home,
            repository: RepositoryUniqueId(oid),
            unique_id: UniqueId::parse(&id).unwrap(),
        },
    )
}

proptest! {
    #[test]
    fn requests_written_are_read(requests in prop::collection::vec(requests(), 1..6)) {
        let xml = written(|w| write_request(w, &requests));
        prop_assert_eq!(read_requests(&xml), Checked::good(requests));
    }

    #[test]
    fn answers_written_are_read(
        requests in prop::collection::vec((requests(), "[a-z]{1,9}/[a-z+]{1,9}"), 0..6),
        status in prop::sample::select(&Status::ALL[..]),
    ) {
        let registry = RegistryResponse { status, errors: vec![] };
        let documents: Vec<DocumentPart> = requests
            .into_iter()
            .enumerate()
            .map(|(i, (request, mime))| part(request, &mime, &format!("文書 {i}%@x")))
            .collect();
        let xml = written(|w| write_response(w, &registry, &documents));
        let expected = documents
            .into_iter()
            .map(|part| {
                let cid = part.content_id.clone();
                answered(part, Content::Include(cid))
            })
            .collect();
        prop_assert_eq!(read_answer(&xml), Ok(Response { registry, documents: expected }));
    }

    #[test]
    fn any_text_is_read_or_refused(inner in "[<>/a-zA-Z='\" &]{0,80}|.{0,80}") {
        for root in ["RetrieveDocumentSetRequest", "RetrieveDocumentSetResponse"] {
            let xml = format!("<{root} xmlns='urn:ihe:iti:xds-b:2007'>{inner}</{root}>");
            _ = read(&xml, read_request);
            _ = read_answer(&xml);
        }
    }
}
