//! What an answer says of an On-Demand document that was made for it (ITI TF-2: 3.43.4.2.2).

use crate::document_request::text;
use crate::rules;
use renkei_metadata::finding::{Finding, Rule};
use renkei_metadata::ids::{Invalid, RepositoryUniqueId, UniqueId};
use renkei_soap::fault::Fault;
use renkei_soap::xml::{Element, Reader, Writer, ns};

/// An On-Demand document as it was made for an answer.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Made {
    /// NewDocumentUniqueId: the same one stands for the same octets.
    pub unique_id: UniqueId,
    /// NewRepositoryUniqueId: where it can be retrieved again, if it was persisted.
    pub repository: Option<RepositoryUniqueId>,
}

/// The new identifiers of a DocumentResponse, as they stand there.
#[derive(Default)]
pub(super) struct NewIds {
    repository: Option<String>,
    unique_id: Option<String>,
}

impl NewIds {
    /// Reads one child element to its end, if it is one of them.
    pub(super) fn take(&mut self, r: &mut Reader<'_>, field: &Element) -> Result<bool, Fault> {
        if field.is(ns::XDSB, "NewRepositoryUniqueId") {
            self.repository = Some(text(r)?);
        } else if field.is(ns::XDSB, "NewDocumentUniqueId") {
            self.unique_id = Some(text(r)?);
        } else {
            return Ok(false);
        }
        Ok(true)
    }

    /// What was made. A place without a document says nothing.
    pub(super) fn check(&self, findings: &mut Vec<Finding>) -> Option<Made> {
        let mut wrong = |rule: &'static Rule, name: &'static str, value: &str, why: Invalid| {
            let finding = Finding::new(rule, "DocumentResponse").attribute(name).value(value);
            findings.push(finding.expected(why.expected, why.expected_ja));
        };
        let new = self.unique_id.as_deref()?;
        let unique_id = UniqueId::parse(new)
            .map_err(|why| wrong(&rules::RETRIEVE_DOCUMENT, "NewDocumentUniqueId", new, why));
        let place = self.repository.as_deref().map(|id| {
            RepositoryUniqueId::parse(id).map_err(|why| {
                wrong(&rules::RETRIEVE_REPOSITORY, "NewRepositoryUniqueId", id, why);
            })
        });
        Some(Made { unique_id: unique_id.ok()?, repository: place.transpose().ok()? })
    }
}

impl Made {
    /// Writes the identifiers, which stand behind those of the request.
    pub(super) fn write(&self, w: &mut Writer) {
        if let Some(repository) = &self.repository {
            w.leaf("xds:NewRepositoryUniqueId", repository.as_str());
        }
        w.leaf("xds:NewDocumentUniqueId", self.unique_id.as_str());
    }
}
