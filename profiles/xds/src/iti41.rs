//! Provide and Register Document Set-b (ITI TF-2: 3.41). The answer is a
//! [`RegistryResponse`](crate::response::RegistryResponse).

use crate::refusal::{expect_request, unreadable};
use crate::transaction::ITI_41;
use crate::xop::{ContentReader, write_include};
use crate::{rules, submit};
use renkei_metadata::ebrim;
use renkei_metadata::finding::{Checked, Finding};
use renkei_metadata::model::Submission;
use renkei_soap::fault::Fault;
use renkei_soap::limits::MessageLimits;
use renkei_soap::tolerance::Tolerances;
use renkei_soap::xml::{Element, Reader, Writer, ns};
use std::collections::HashSet;

pub use crate::xop::{Content, References};

/// One xds:Document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Document {
    /// The id of its DocumentEntry in the message, in the form in which ids are compared; empty when it
    /// has none.
    pub id: String,
    /// Its octets.
    pub content: Content,
}

/// A request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// The metadata.
    pub submission: Checked<Submission>,
    /// The documents in message order.
    pub documents: Vec<Document>,
}

impl Request {
    /// The parts that it refers to.
    pub fn references(&self) -> References {
        References::of(self.documents.iter().map(|d| &d.content))
    }

    /// What does not pair: every DocumentEntry has exactly one document, every document exactly one
    /// DocumentEntry (ITI TF-2: 3.41.4.1.3). Nothing is said when there is no metadata to pair with.
    pub fn pairing(&self) -> Vec<Finding> {
        let Some(submission) = &self.submission.value else {
            return Vec::new();
        };
        let entries: Vec<String> = submission.entries.iter().map(|e| e.id.to_string()).collect();
        let known: HashSet<&str> = entries.iter().map(String::as_str).collect();
        let mut given = HashSet::new();
        let mut findings = Vec::new();
        for document in &self.documents {
            let rule = if !known.contains(document.id.as_str()) {
                &rules::DOCUMENT_WITHOUT_METADATA
            } else if !given.insert(document.id.as_str()) {
                &rules::DOCUMENT_TWICE
            } else {
                continue;
            };
            findings.push(
                Finding::new(rule, "Document")
                    .attribute("id")
                    .value(&document.id)
                    .location(&document.id),
            );
        }
        for entry in entries.iter().filter(|id| !given.contains(id.as_str())) {
            let object = format!("DocumentEntry {entry}");
            findings.push(Finding::new(&rules::DOCUMENT_MISSING, object).location(entry));
        }
        findings
    }
}

/// Reads a request; the reader is inside `body` and at its end afterwards. Documents that refer to
/// no part, or two to one part, are faults; inline ones are counted as a tolerance.
pub fn read_request(
    r: &mut Reader<'_>,
    body: &Element,
    limits: &MessageLimits,
    tolerances: &mut Tolerances,
) -> Result<Request, Fault> {
    expect_request(body, ns::XDSB, "ProvideAndRegisterDocumentSetRequest", &ITI_41)?;
    let mut contents = ContentReader::new(limits);
    let mut found: Option<Checked<Submission>> = None;
    let mut documents = Vec::new();
    while let Some(child) = r.next_child().map_err(unreadable)? {
        if child.is(ns::XDSB, "Document") {
            let id = ebrim::comparable_id(child.attr("id").unwrap_or_default());
            documents.push(Document { id, content: contents.read(r, tolerances)? });
        } else if !child.is(ns::LCM, "SubmitObjectsRequest") {
            r.skip().map_err(unreadable)?;
        } else if let Some(first) = &mut found {
            first.findings.push(submit::twice("lcm:SubmitObjectsRequest"));
            r.skip().map_err(unreadable)?;
        } else {
            found = Some(submit::read(r).map_err(unreadable)?);
        }
    }
    let submission = found.unwrap_or_else(|| submit::absent("lcm:SubmitObjectsRequest"));
    Ok(Request { submission, documents })
}

/// Writes a request with its namespaces. `documents` are the id of a DocumentEntry and the
/// Content-ID of the part that holds its document, each.
pub fn write_request(w: &mut Writer, submission: &Submission, documents: &[(String, String)]) {
    w.start("xds:ProvideAndRegisterDocumentSetRequest").attr("xmlns:xds", ns::XDSB);
    submit::write(w, submission);
    for (entry, cid) in documents {
        w.start("xds:Document").attr("id", entry);
        write_include(w, cid);
        w.end();
    }
    w.end();
}

#[cfg(test)]
mod tests;
