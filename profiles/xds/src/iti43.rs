//! Retrieve Document Set (ITI TF-2: 3.43).

use crate::refusal::{expect_request, expect_response, unreadable};
use crate::response::RegistryResponse;
use crate::rules;
use crate::transaction::ITI_43;
use crate::xop::{Content, ContentReader, write_include};
use renkei_metadata::finding::{Checked, Finding, Rule};
use renkei_metadata::ids::{HomeCommunityId, Invalid, RepositoryUniqueId, UniqueId};
use renkei_soap::fault::Fault;
use renkei_soap::limits::MessageLimits;
use renkei_soap::tolerance::Tolerances;
use renkei_soap::xml::{Element, Reader, Writer, ns};

/// One document asked for.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct DocumentRequest {
    /// The community that the DocumentEntry named, if it did.
    pub home: Option<HomeCommunityId>,
    /// The repository.
    pub repository: RepositoryUniqueId,
    /// The document.
    pub unique_id: UniqueId,
}

/// One document returned.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DocumentAnswer {
    /// Which of those asked for.
    pub request: DocumentRequest,
    /// Its media type as registered.
    pub mime_type: String,
    /// Its octets.
    pub content: Content,
}

/// An answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Response {
    /// How the request ended; an error's location is the uniqueId of the document it is about.
    pub registry: RegistryResponse,
    /// The documents in message order.
    pub documents: Vec<DocumentAnswer>,
}

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
/// The value holds the requests that can be looked up, in order; each of the others has a finding,
/// located at the uniqueId asked for, so that the rest can still be answered. One answer carries at
/// most `limits.parts` parts, so no more documents may be asked for; then there is no value.
pub fn read_request_within(
    r: &mut Reader<'_>,
    body: &Element,
    limits: &MessageLimits,
) -> Result<Checked<Vec<DocumentRequest>>, Fault> {
    expect_request(body, ns::XDSB, "RetrieveDocumentSetRequest", &ITI_43)?;
    let most = limits.parts.saturating_sub(1);
    let mut findings = Vec::new();
    let mut requests = Vec::new();
    let mut count = 0;
    while let Some(child) = r.next_child().map_err(unreadable)? {
        if !child.is(ns::XDSB, "DocumentRequest") {
            r.skip().map_err(unreadable)?;
            continue;
        }
        count += 1;
        if count > most {
            r.skip().map_err(unreadable)?;
            continue;
        }
        let mut ids = Ids::default();
        while let Some(field) = r.next_child().map_err(unreadable)? {
            ids.take(r, &field)?;
        }
        requests.extend(ids.check(&format!("DocumentRequest {count}"), &mut findings));
    }
    if count == 0 {
        findings.push(Finding::new(&rules::RETRIEVE_NOTHING, "RetrieveDocumentSetRequest"));
    }
    if count > most {
        let limit = Finding::new(&rules::RETRIEVE_TOO_MANY, "RetrieveDocumentSetRequest")
            .value(count.to_string())
            .expected(
                format!("at most {most} documents (limits.parts)"),
                format!("{most}文書以内(limits.parts)"),
            );
        return Ok(Checked::bad(vec![limit]));
    }
    Ok(Checked { value: Some(requests), findings })
}

/// Writes a request with its namespace.
pub fn write_request(w: &mut Writer, requests: &[DocumentRequest]) {
    w.start("xds:RetrieveDocumentSetRequest").attr("xmlns:xds", ns::XDSB);
    for request in requests {
        w.start("xds:DocumentRequest");
        write_ids(w, request);
        w.end();
    }
    w.end();
}

/// Writes an answer with its namespaces. `documents` are the request, the media type as registered,
/// and the Content-ID of the part, each.
pub fn write_response(
    w: &mut Writer,
    registry: &RegistryResponse,
    documents: &[(DocumentRequest, String, String)],
) {
    w.start("xds:RetrieveDocumentSetResponse").attr("xmlns:xds", ns::XDSB);
    registry.write(w);
    for (request, mime_type, cid) in documents {
        w.start("xds:DocumentResponse");
        write_ids(w, request);
        w.leaf("xds:mimeType", mime_type);
        w.start("xds:Document");
        write_include(w, cid);
        w.end().end();
    }
    w.end();
}

/// Reads an answer; the reader is inside `body` and at its end afterwards. An answer that does not
/// say which document is which is a fault.
pub fn read_response(
    r: &mut Reader<'_>,
    body: &Element,
    limits: &MessageLimits,
    tolerances: &mut Tolerances,
) -> Result<Response, Fault> {
    expect_response(body, ns::XDSB, "RetrieveDocumentSetResponse")?;
    let mut contents = ContentReader::new(limits);
    let mut registry = None;
    let mut documents = Vec::new();
    while let Some(child) = r.next_child().map_err(unreadable)? {
        if child.is(ns::RS, "RegistryResponse") && registry.is_none() {
            registry = Some(RegistryResponse::read(r, &child)?);
        } else if child.is(ns::XDSB, "DocumentResponse") {
            documents.push(read_document(r, &mut contents, tolerances)?);
        } else {
            r.skip().map_err(unreadable)?;
        }
    }
    let registry = registry.ok_or_else(|| {
        Fault::sender(
            "The answer has no rs:RegistryResponse.",
            "応答に rs:RegistryResponse がありません。",
        )
    })?;
    Ok(Response { registry, documents })
}

fn read_document(
    r: &mut Reader<'_>,
    contents: &mut ContentReader<'_>,
    tolerances: &mut Tolerances,
) -> Result<DocumentAnswer, Fault> {
    let mut ids = Ids::default();
    let mut mime_type = None;
    let mut content = None;
    while let Some(field) = r.next_child().map_err(unreadable)? {
        if field.is(ns::XDSB, "Document") && content.is_none() {
            content = Some(contents.read(r, tolerances)?);
        } else if field.is(ns::XDSB, "mimeType") {
            mime_type = Some(text(r)?);
        } else {
            ids.take(r, &field)?;
        }
    }
    let mut findings = Vec::new();
    let request = ids.check("DocumentResponse", &mut findings);
    match (request, mime_type, content) {
        (Some(request), Some(mime_type), Some(content)) => {
            Ok(DocumentAnswer { request, mime_type, content })
        }
        _ => {
            let first = findings.first();
            let en = first.map_or("mimeType or Document is missing".to_owned(), Finding::english);
            let ja =
                first.map_or("mimeType または Document がありません".to_owned(), Finding::japanese);
            Err(Fault::sender(
                format!("A DocumentResponse cannot be read: {en}."),
                format!("DocumentResponse を読めません: {ja}。"),
            ))
        }
    }
}

/// The identifiers of a DocumentRequest or DocumentResponse, as they stand there.
#[derive(Default)]
struct Ids {
    home: Option<String>,
    repository: String,
    unique_id: String,
}

impl Ids {
    /// Reads one child element to its end; others than identifiers are passed over.
    fn take(&mut self, r: &mut Reader<'_>, field: &Element) -> Result<(), Fault> {
        if field.is(ns::XDSB, "HomeCommunityId") {
            self.home = Some(text(r)?);
        } else if field.is(ns::XDSB, "RepositoryUniqueId") {
            self.repository = text(r)?;
        } else if field.is(ns::XDSB, "DocumentUniqueId") {
            self.unique_id = text(r)?;
        } else {
            r.skip().map_err(unreadable)?;
        }
        Ok(())
    }

    fn check(&self, object: &str, findings: &mut Vec<Finding>) -> Option<DocumentRequest> {
        let mut wrong = |rule: &'static Rule, name: &'static str, value: &str, why: Invalid| {
            findings.push(
                Finding::new(rule, object)
                    .attribute(name)
                    .value(value)
                    .expected(why.expected, why.expected_ja)
                    .location(&self.unique_id),
            );
        };
        // No document has two outcomes (ITI TF-2: 3.43.5), so the first fault is the one told.
        let home = match self.home.as_deref().map(HomeCommunityId::parse).transpose() {
            Ok(home) => home,
            Err(why) => {
                let value = self.home.as_deref().unwrap_or_default();
                wrong(&rules::RETRIEVE_HOME, "HomeCommunityId", value, why);
                return None;
            }
        };
        let repository = match RepositoryUniqueId::parse(&self.repository) {
            Ok(repository) => repository,
            Err(why) => {
                wrong(&rules::RETRIEVE_REPOSITORY, "RepositoryUniqueId", &self.repository, why);
                return None;
            }
        };
        match UniqueId::parse(&self.unique_id) {
            Ok(unique_id) => Some(DocumentRequest { home, repository, unique_id }),
            Err(why) => {
                wrong(&rules::RETRIEVE_DOCUMENT, "DocumentUniqueId", &self.unique_id, why);
                None
            }
        }
    }
}

/// ITI TF-2: 3.43.4.1.2 gives the order.
fn write_ids(w: &mut Writer, request: &DocumentRequest) {
    if let Some(home) = &request.home {
        w.leaf("xds:HomeCommunityId", home.as_str());
    }
    w.leaf("xds:RepositoryUniqueId", request.repository.as_str());
    w.leaf("xds:DocumentUniqueId", request.unique_id.as_str());
}

fn text(r: &mut Reader<'_>) -> Result<String, Fault> {
    r.text().map(|t| t.trim().to_owned()).map_err(unreadable)
}

#[cfg(test)]
mod tests;
