//! Retrieve Document Set (ITI TF-2: 3.43) and Cross Gateway Retrieve (ITI TF-2: 3.39), which differ in
//! their actions: the messages.

mod made;

pub use crate::document_request::DocumentRequest;
pub use made::Made;

use crate::document_request::{self, Ids, List, text, write_ids};
use crate::refusal::{expect_request, expect_response, unreadable};
use crate::response::RegistryResponse;
use crate::rules;
use crate::transaction::{ITI_43, Transaction};
use crate::xop::{Content, ContentReader, write_include};
use made::NewIds;
use renkei_metadata::finding::{Checked, Finding};
use renkei_soap::fault::{Fault, rows};
use renkei_soap::limits::MessageLimits;
use renkei_soap::tolerance::Tolerances;
use renkei_soap::xml::{Element, Reader, Writer, ns};

/// One document returned.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DocumentAnswer {
    /// Which of those asked for.
    pub request: DocumentRequest,
    /// What was made of it, if it is an On-Demand document.
    pub made: Option<Made>,
    /// Its media type as registered.
    pub mime_type: String,
    /// Its octets.
    pub content: Content,
}

/// One document of an answer, whose octets come in a part of their own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DocumentPart {
    /// Which of those asked for.
    pub request: DocumentRequest,
    /// What was made of it, if it is an On-Demand document.
    pub made: Option<Made>,
    /// Its media type as registered.
    pub mime_type: String,
    /// The Content-ID of the part.
    pub content_id: String,
}

/// An answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Response {
    /// How the request ended; an error's location is the uniqueId of the document it is about.
    pub registry: RegistryResponse,
    /// The documents in message order.
    pub documents: Vec<DocumentAnswer>,
}

/// Reads a request of ITI-43 under the default limits; the reader is inside `body` and at its end afterwards.
/// See [`read_request_within`].
pub fn read_request(
    r: &mut Reader<'_>,
    body: &Element,
) -> Result<Checked<Vec<DocumentRequest>>, Fault> {
    read_request_within(&ITI_43, r, body, &MessageLimits::default())
}

/// Reads a request of `transaction`; the reader is inside `body` and at its end afterwards.
///
/// The value holds the requests that can be looked up, in order; each of the others has a finding,
/// located at the uniqueId asked for, so that the rest can still be answered. One answer carries at
/// most `limits.parts` parts, so no more documents may be asked for; then there is no value.
pub fn read_request_within(
    transaction: &Transaction,
    r: &mut Reader<'_>,
    body: &Element,
    limits: &MessageLimits,
) -> Result<Checked<Vec<DocumentRequest>>, Fault> {
    expect_request(body, ns::XDSB, "RetrieveDocumentSetRequest", transaction)?;
    let list = List {
        element: "RetrieveDocumentSetRequest",
        most: limits.parts.saturating_sub(1),
        setting: "limits.parts",
        nothing: &rules::RETRIEVE_NOTHING,
        too_many: &rules::RETRIEVE_TOO_MANY,
    };
    document_request::read_list(r, &list)
}

/// Writes a request with its namespace.
pub fn write_request(w: &mut Writer, requests: &[DocumentRequest]) {
    w.start("xds:RetrieveDocumentSetRequest").attr("xmlns:xds", ns::XDSB);
    document_request::write_all(w, requests);
    w.end();
}

/// Writes an answer with its namespaces.
pub fn write_response(w: &mut Writer, registry: &RegistryResponse, documents: &[DocumentPart]) {
    w.start("xds:RetrieveDocumentSetResponse").attr("xmlns:xds", ns::XDSB);
    registry.write(w);
    for DocumentPart { request, made, mime_type, content_id } in documents {
        w.start("xds:DocumentResponse");
        write_ids(w, request);
        if let Some(made) = made {
            made.write(w);
        }
        w.leaf("xds:mimeType", mime_type);
        w.start("xds:Document");
        write_include(w, content_id);
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
    let registry = registry
        .ok_or_else(|| Fault::of(&rows::ANSWER_ELEMENT, &[("name", "RegistryResponse")]))?;
    Ok(Response { registry, documents })
}

fn read_document(
    r: &mut Reader<'_>,
    contents: &mut ContentReader<'_>,
    tolerances: &mut Tolerances,
) -> Result<DocumentAnswer, Fault> {
    let (mut ids, mut new) = (Ids::default(), NewIds::default());
    let mut mime_type = None;
    let mut content = None;
    while let Some(field) = r.next_child().map_err(unreadable)? {
        if field.is(ns::XDSB, "Document") && content.is_none() {
            content = Some(contents.read(r, tolerances)?);
        } else if field.is(ns::XDSB, "mimeType") {
            mime_type = Some(text(r)?);
        } else if !new.take(r, &field)? {
            ids.take(r, &field)?;
        }
    }
    let mut findings = Vec::new();
    let request = ids.check("DocumentResponse", &mut findings);
    let made = new.check(&mut findings);
    match (request, mime_type, content) {
        (Some(request), Some(mime_type), Some(content)) if findings.is_empty() => {
            Ok(DocumentAnswer { request, made, mime_type, content })
        }
        _ => {
            let first = findings.first();
            let en = first.map_or("mimeType or Document is missing".to_owned(), Finding::english);
            let ja =
                first.map_or("mimeType または Document がありません".to_owned(), Finding::japanese);
            Err(Fault::of(&rows::ANSWER_DOCUMENT, &[("why", &en), ("why_ja", &ja)]))
        }
    }
}

#[cfg(test)]
mod tests;
