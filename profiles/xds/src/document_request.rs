//! xds:DocumentRequest, by which ITI-43 asks for documents and ITI-86 removes them
//! (ITI TF-2: 3.43.4.1.2, 3.86.4.1.2).

use crate::refusal::unreadable;
use crate::rules;
use renkei_metadata::finding::{Checked, Finding, Rule};
use renkei_metadata::ids::{HomeCommunityId, Invalid, RepositoryUniqueId, UniqueId};
use renkei_soap::fault::Fault;
use renkei_soap::xml::{Element, Reader, Writer, ns};

/// One document of a repository.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct DocumentRequest {
    /// The community that the DocumentEntry named, if it did.
    pub home: Option<HomeCommunityId>,
    /// The repository.
    pub repository: RepositoryUniqueId,
    /// The document.
    pub unique_id: UniqueId,
}

/// The element around the requests, and what it is refused with.
pub(crate) struct List {
    pub(crate) element: &'static str,
    /// How many may be in it, and the setting that says so.
    pub(crate) most: usize,
    pub(crate) setting: &'static str,
    pub(crate) nothing: &'static Rule,
    pub(crate) too_many: &'static Rule,
}

/// Reads the requests of the list that the reader is in.
///
/// The value holds those that can be looked up, in order; each of the others has a finding, located
/// at the uniqueId it names, so that the rest can still be done. Of a list that is too long there is
/// no value.
pub(crate) fn read_list(
    r: &mut Reader<'_>,
    list: &List,
) -> Result<Checked<Vec<DocumentRequest>>, Fault> {
    let most = list.most;
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
        findings.push(Finding::new(list.nothing, list.element));
    }
    if count > most {
        let setting = list.setting;
        let limit = Finding::new(list.too_many, list.element).value(count.to_string()).expected(
            format!("at most {most} documents ({setting})"),
            format!("{most}文書以内({setting})"),
        );
        return Ok(Checked::bad(vec![limit]));
    }
    Ok(Checked { value: Some(requests), findings })
}

/// Writes the requests one after the other; the caller has declared `xds`.
pub(crate) fn write_all(w: &mut Writer, requests: &[DocumentRequest]) {
    for request in requests {
        w.start("xds:DocumentRequest");
        write_ids(w, request);
        w.end();
    }
}

/// The identifiers of a DocumentRequest or DocumentResponse, as they stand there.
#[derive(Default)]
pub(crate) struct Ids {
    home: Option<String>,
    repository: String,
    unique_id: String,
}

impl Ids {
    /// Reads one child element to its end; others than identifiers are passed over.
    pub(crate) fn take(&mut self, r: &mut Reader<'_>, field: &Element) -> Result<(), Fault> {
        if field.is(ns::XDSB, "HomeCommunityId") {
            // An empty one counts as absent: some stacks write every element they know.
            self.home = Some(text(r)?).filter(|home| !home.is_empty());
        } else if field.is(ns::XDSB, "RepositoryUniqueId") {
            self.repository = text(r)?;
        } else if field.is(ns::XDSB, "DocumentUniqueId") {
            self.unique_id = text(r)?;
        } else {
            r.skip().map_err(unreadable)?;
        }
        Ok(())
    }

    pub(crate) fn check(
        &self,
        object: &str,
        findings: &mut Vec<Finding>,
    ) -> Option<DocumentRequest> {
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
pub(crate) fn write_ids(w: &mut Writer, request: &DocumentRequest) {
    if let Some(home) = &request.home {
        w.leaf("xds:HomeCommunityId", home.as_str());
    }
    w.leaf("xds:RepositoryUniqueId", request.repository.as_str());
    w.leaf("xds:DocumentUniqueId", request.unique_id.as_str());
}

/// The text of an identifier, without the blanks around it.
pub(crate) fn text(r: &mut Reader<'_>) -> Result<String, Fault> {
    r.value().map(|t| t.trim().to_owned()).map_err(unreadable)
}
