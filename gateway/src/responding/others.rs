//! The other repositories of this community, which are asked by ITI-43.

use super::{Registry, rules};
use crate::incoming::{Expected, Expecting, Gathered, Incoming, Lost, Share, Terms};
use crate::logged::logged;
use renkei_client::{Document, Listing, Retrieval, SoapClient};
use renkei_context::Ctx;
use renkei_metadata::finding::{Finding, Rule};
use renkei_metadata::ids::{RepositoryUniqueId, UniqueId};
use renkei_xds::iti43::{DocumentPart, DocumentRequest};
use renkei_xds::response::{RegistryError, is_told};
use renkei_xds::transaction::ITI_43;
use std::collections::hash_map::Entry;
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use url::Url;

/// The other repositories, and the client that asks them.
#[derive(Default)]
pub struct Others {
    client: Option<SoapClient>,
    urls: BTreeMap<RepositoryUniqueId, Url>,
}

/// What another repository answers, as far as it is known before the answer begins.
#[derive(Default)]
pub(super) struct Answered {
    pub(super) findings: Vec<Finding>,
    pub(super) errors: Vec<RegistryError>,
    /// The documents that come.
    pub(super) parts: Vec<DocumentPart>,
    /// Those of them that are there.
    pub(super) whole: Vec<(String, Document)>,
    /// Those that still arrive.
    pub(super) rest: Option<Incoming>,
}

/// Whom to ask what.
pub(super) struct Asking<'a> {
    /// Which of those that are asked for one answer, from 1.
    pub(super) number: usize,
    pub(super) repository: &'a RepositoryUniqueId,
    pub(super) requests: &'a [DocumentRequest],
    /// Of an answer that others are given in, too.
    pub(super) share: Option<&'a Share>,
    /// Who knows what their entries say.
    pub(super) registry: &'a dyn Registry,
}

impl Others {
    /// The repositories at `urls`, asked by `client`.
    pub fn new(client: SoapClient, urls: BTreeMap<RepositoryUniqueId, Url>) -> Self {
        Self { client: Some(client), urls }
    }

    /// There are none.
    pub fn none() -> Self {
        Self::default()
    }

    /// Whether this repository is one of them.
    pub(super) fn has(&self, repository: &RepositoryUniqueId) -> bool {
        self.urls.contains_key(repository)
    }

    /// Asks a repository. Its list is waited for as long as the caller waits; its documents may take longer, as long
    /// as they move, if nobody else is given in the answer.
    pub(super) async fn ask(&self, ctx: &Ctx, asking: Asking<'_>) -> Answered {
        let Asking { repository, requests, share, .. } = asking;
        let (Some(client), Some(url)) = (&self.client, self.urls.get(repository)) else {
            return silent(requests);
        };
        let terms = Terms::new(ctx.deadline, share);
        let mut retrieval = client.retrieve_streaming(&ITI_43, url, requests);
        let list = tokio::time::timeout_at(terms.deadline.into(), retrieval.list()).await;
        // What is dropped before its end ends, and is recorded as a failure.
        let Ok(list) = list else { return silent(requests) };
        let Some(listing) = list else {
            end(retrieval, repository, terms).await;
            return silent(requests);
        };
        let errors = &listing.response.errors;
        let is_listed = |r: &DocumentRequest| listing.documents.iter().any(|d| d.request == *r);
        let missing = requests.iter().filter(|r| !is_listed(r) && !is_told(errors, r));
        let mut answered = silent(missing);
        answered.errors.clone_from(&listing.response.errors);
        if listing.documents.is_empty() {
            end(retrieval, repository, terms).await;
        } else {
            answered.take(ctx, &asking, listing, retrieval, terms).await;
        }
        answered
    }
}

async fn end(retrieval: Retrieval, repository: &RepositoryUniqueId, terms: Terms<'_>) {
    let end = tokio::time::timeout_at(terms.deadline.into(), retrieval.end()).await;
    let error = match end {
        Ok(Ok(_)) => return,
        Ok(Err(error)) => logged(&error),
        Err(_) => "no end".to_owned(),
    };
    tracing::warn!(error, repository = repository.as_str(), "no whole answer");
}

impl Answered {
    /// What is listed, under Content-IDs of ours.
    async fn take(
        &mut self,
        ctx: &Ctx,
        asking: &Asking<'_>,
        listing: Listing,
        retrieval: Retrieval,
        terms: Terms<'_>,
    ) {
        let mut names: HashMap<String, Expecting> = HashMap::new();
        let listed: Vec<UniqueId> =
            listing.documents.iter().map(|d| d.request.unique_id.clone()).collect();
        let contents = asking.registry.contents(&listed);
        let contents = tokio::time::timeout_at(terms.deadline.into(), contents).await;
        let mut contents = contents.unwrap_or_default().into_iter();
        for (number, listed) in (1..).zip(listing.documents) {
            let name = format!("repository{}-{number}@{}", asking.number, ctx.request_id);
            let (request, made, mime_type) = (listed.request, listed.made, listed.mime_type);
            let content = contents.next().unwrap_or_default();
            // What was made for this answer is not what an entry had.
            let expected = match &made {
                Some(_) => Expected::default(),
                None => Expected { size: content.size, hash: content.hash },
            };
            let expecting = Expecting { name: name.clone(), request: request.clone(), expected };
            let Entry::Vacant(free) = names.entry(listed.content_id) else {
                // One part is not two documents.
                self.findings.push(about(&rules::REPOSITORY_SILENT, &request));
                continue;
            };
            free.insert(expecting);
            self.parts.push(DocumentPart { request, made, mime_type, content_id: name });
        }
        let incoming = Incoming::new(retrieval, names, Arc::new(()));
        let Gathered { whole, rest, lost } = incoming.gathered(terms).await;
        for (document, lost) in lost {
            self.findings.push(about(named(lost), &document.request));
            self.parts.retain(|part| part.content_id != document.name);
        }
        self.whole = whole.into_iter().map(|(e, document)| (e.name, document)).collect();
        self.rest = rest;
    }
}

/// What the loss of a document of another repository is called.
const fn named(lost: Lost) -> &'static Rule {
    match lost {
        Lost::Missing | Lost::Silent => &rules::REPOSITORY_SILENT,
        Lost::Differs => &rules::REPOSITORY_DIFFERS,
        Lost::Broken => &rules::REPOSITORY_BROKEN,
        Lost::Large => &rules::REPOSITORY_LARGE,
    }
}

/// There is no document, and nothing was said of it.
fn silent<'a>(requests: impl IntoIterator<Item = &'a DocumentRequest>) -> Answered {
    let findings = requests.into_iter().map(|r| about(&rules::REPOSITORY_SILENT, r)).collect();
    Answered { findings, ..Answered::default() }
}

fn about(rule: &'static Rule, request: &DocumentRequest) -> Finding {
    let id = request.unique_id.as_str();
    Finding::new(rule, format!("Document {id}")).value(request.repository.as_str()).location(id)
}
