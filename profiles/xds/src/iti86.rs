//! Remove Documents (ITI TF-2: 3.86, of the supplement Remove Metadata and Documents). The answer is
//! a [`RegistryResponse`](crate::response::RegistryResponse): what could not be removed has an error
//! that names its uniqueId, the rest is gone.

use crate::document_request::{self, DocumentRequest, List};
use crate::refusal::expect_request;
use crate::response::{RegistryError, RegistryResponse, Status};
use crate::rules;
use crate::transaction::ITI_86;
use renkei_metadata::finding::{Checked, Severity};
use renkei_soap::fault::Fault;
use renkei_soap::limits::MessageLimits;
use renkei_soap::xml::{Element, Reader, Writer, ns};

const ELEMENT: &str = "RemoveDocumentsRequest";

/// Reads a request under the default limits; the reader is inside `body` and at its end afterwards.
/// See [`read_request_within`].
pub fn read_request(
    r: &mut Reader<'_>,
    body: &Element,
) -> Result<Checked<Vec<DocumentRequest>>, Fault> {
    read_request_within(r, body, &MessageLimits::default())
}

/// Reads a request; the reader is inside `body` and at its end afterwards.
///
/// The value holds the documents that can be looked up; each of the others has a finding, located at
/// the uniqueId it names. Of a request for more than `limits.removals` documents there is no value.
pub fn read_request_within(
    r: &mut Reader<'_>,
    body: &Element,
    limits: &MessageLimits,
) -> Result<Checked<Vec<DocumentRequest>>, Fault> {
    expect_request(body, ns::RMD, ELEMENT, &ITI_86)?;
    let list = List {
        element: ELEMENT,
        most: limits.removals,
        setting: "limits.removals",
        nothing: &rules::REMOVE_NOTHING,
        too_many: &rules::REMOVE_TOO_MANY,
    };
    document_request::read_list(r, &list)
}

/// Which of the documents asked for stayed where they were, by the answer: each has an error that names
/// it (ITI TF-2: 3.86.4.2.2).
pub fn left<'r>(
    requests: &'r [DocumentRequest],
    answer: &RegistryResponse,
) -> Vec<&'r DocumentRequest> {
    let names = |error: &RegistryError, id: &str| {
        let named = error.location == id || is_in(&error.context, id);
        error.severity == Severity::Error && named
    };
    let stayed = |request: &&DocumentRequest| match answer.status {
        Status::Success => false,
        Status::Failure => true,
        Status::PartialSuccess => {
            answer.errors.iter().any(|error| names(error, request.unique_id.as_str()))
        }
    };
    requests.iter().filter(stayed).collect()
}

/// Whether the text names the id, and not one that it is a part of.
fn is_in(text: &str, id: &str) -> bool {
    let goes_on = |c: Option<char>| c.is_some_and(|c| c.is_ascii_alphanumeric() || c == '^');
    text.match_indices(id).any(|(at, _)| {
        let before = text.get(..at).and_then(|t| t.chars().next_back());
        let behind = text.get(at + id.len()..).unwrap_or_default();
        let dot = behind.starts_with('.') && goes_on(behind.chars().nth(1));
        !goes_on(before) && before != Some('.') && !goes_on(behind.chars().next()) && !dot
    })
}

/// Writes a request with its namespaces.
pub fn write_request(w: &mut Writer, requests: &[DocumentRequest]) {
    w.start("rmd:RemoveDocumentsRequest").attr("xmlns:rmd", ns::RMD).attr("xmlns:xds", ns::XDSB);
    document_request::write_all(w, requests);
    w.end();
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{read, valid_as, written};
    use proptest::prelude::*;
    use renkei_arbitrary::arbitrary;
    use renkei_metadata::finding::IheCode;
    use renkei_metadata::ids::{RepositoryUniqueId, UniqueId};

    /// The element as the WSDL of the transaction declares it.
    const SCHEMA: &str = r#"<xsd:schema xmlns:xsd="http://www.w3.org/2001/XMLSchema" xmlns:xds="urn:ihe:iti:xds-b:2007" elementFormDefault="qualified" targetNamespace="urn:ihe:iti:rmd:2017"><xsd:import namespace="urn:ihe:iti:xds-b:2007" schemaLocation="IHE/IHEXDSB.xsd"/><xsd:element name="RemoveDocumentsRequest" type="xds:RetrieveDocumentSetRequestType"/></xsd:schema>"#;

    fn request(unique_id: &str) -> DocumentRequest {
        DocumentRequest {
            home: None,
            repository: RepositoryUniqueId::parse("2.999.10.1").unwrap(),
            unique_id: UniqueId::parse(unique_id).unwrap(),
        }
    }

    #[test]
    fn a_request_is_written_as_in_the_standard() {
        let requests = [request("2.999.20.1.7001"), request("2.999.20.1.7002")];
        let xml = written(|w| write_request(w, &requests));
        assert_eq!(
            xml,
            "<rmd:RemoveDocumentsRequest xmlns:rmd=\"urn:ihe:iti:rmd:2017\" xmlns:xds=\"urn:ihe:iti:xds-b:2007\">\
             <xds:DocumentRequest><xds:RepositoryUniqueId>2.999.10.1</xds:RepositoryUniqueId>\
             <xds:DocumentUniqueId>2.999.20.1.7001</xds:DocumentUniqueId></xds:DocumentRequest>\
             <xds:DocumentRequest><xds:RepositoryUniqueId>2.999.10.1</xds:RepositoryUniqueId>\
             <xds:DocumentUniqueId>2.999.20.1.7002</xds:DocumentUniqueId></xds:DocumentRequest>\
             </rmd:RemoveDocumentsRequest>"
        );
        valid_as("rmd.xsd", SCHEMA, &xml);
        assert_eq!(read(&xml, read_request).unwrap(), Checked::good(requests.to_vec()));
    }

    #[test]
    fn nothing_too_much_and_what_cannot_be_looked_up_are_told() {
        let limits = MessageLimits { removals: 2, ..MessageLimits::default() };
        let ask = |n: usize| {
            let xml = written(|w| write_request(w, &vec![request("2.999.1"); n]));
            read(&xml, |r, body| read_request_within(r, body, &limits)).unwrap()
        };
        assert_eq!(ask(0).findings[0].rule.id, "remove-nothing");
        assert_eq!(ask(2).value.map(|v| v.len()), Some(2));
        let refused = ask(3);
        assert_eq!(refused.value, None);
        assert_eq!(refused.findings[0].rule.id, "remove-too-many");
        assert!(refused.findings[0].english().contains("at most 2 documents (limits.removals)"));

        let xml = "<RemoveDocumentsRequest xmlns='urn:ihe:iti:rmd:2017' xmlns:x='urn:ihe:iti:xds-b:2007'>\
                   <x:DocumentRequest><x:RepositoryUniqueId> 2.999.10.1\n</x:RepositoryUniqueId><x:DocumentUniqueId>2.999.1</x:DocumentUniqueId></x:DocumentRequest>\
                   <x:DocumentRequest><x:RepositoryUniqueId>2.999.10.1</x:RepositoryUniqueId><x:DocumentUniqueId>a b</x:DocumentUniqueId></x:DocumentRequest>\
                   </RemoveDocumentsRequest>";
        let checked = read(xml, read_request).unwrap();
        assert_eq!(checked.findings[0].rule.code, IheCode::DocumentUniqueIdError);
        assert_eq!(checked.findings[0].location, "a b");
        assert_eq!(checked.value, Some(vec![request("2.999.1")]));
    }

    #[test]
    fn what_stayed_is_named_by_place_or_words() {
        let error = |context: &str, location: &str, severity| RegistryError {
            code: "XDSRemoveDocumentsError".into(),
            context: context.into(),
            severity,
            location: location.into(),
        };
        let requests = ["2.999.1", "2.999.10", "2.999.1.5", "2.999.3"].map(request);
        let told = |status, errors| {
            let left = left(&requests, &RegistryResponse { status, errors });
            left.into_iter().map(|r| r.unique_id.as_str()).collect::<Vec<_>>()
        };
        let errors = vec![
            error("Document 2.999.10 is locked.", "", Severity::Error),
            error("gone", "2.999.3", Severity::Error),
            error("2.999.1.5 (2.999.1)", "", Severity::Warning),
        ];
        assert_eq!(told(Status::PartialSuccess, errors.clone()), ["2.999.10", "2.999.3"]);
        assert_eq!(told(Status::Failure, errors.clone()).len(), 4);
        assert_eq!(told(Status::Success, errors[2..].to_vec()), Vec::<&str>::new());
    }

    #[test]
    fn another_element_is_another_transaction() {
        let xml = "<RemoveDocumentsRequest xmlns='urn:ihe:iti:xds-b:2007'/>";
        assert!(read(xml, read_request).is_err());
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
            prop_assert_eq!(read(&xml, read_request).unwrap(), Checked::good(requests));
        }

        #[test]
        fn any_text_is_read_or_refused(inner in "[<>/a-zA-Z='\" &]{0,80}|.{0,80}") {
            _ = read(&format!("<RemoveDocumentsRequest xmlns='urn:ihe:iti:rmd:2017'>{inner}</RemoveDocumentsRequest>"), read_request);
        }
    }
}
