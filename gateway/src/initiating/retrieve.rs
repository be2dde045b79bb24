//! ITI-43 in, ITI-39 out: each document comes from the community that its request names, and streams
//! through.

use super::link::{Pending, Way};
use super::merge::{self, called};
use super::said::{self, Said};
use super::{Gateway, rules};
use crate::community::Community;
use crate::incoming::{Asked, Expected, Expecting, Gathered, Incoming, Lost, Share, Tell, Terms};
use crate::logged::logged;
use futures_util::StreamExt;
use futures_util::future;
use futures_util::stream::{self, BoxStream};
use renkei_client::{Document, Listed, Listing, Retrieval};
use renkei_context::Ctx;
use renkei_metadata::finding::{Finding, Reporter, Rule};
use renkei_metadata::ids::RepositoryUniqueId;
use renkei_xds::iti43::{DocumentPart, DocumentRequest};
use renkei_xds::response::{RegistryError, errors_of, is_told};
use renkei_xds::transaction::ITI_39;
use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::Arc;
use std::time::Instant;

/// Who has what was asked for.
#[derive(Debug, Default)]
pub struct Sorted {
    /// What is ours.
    pub own: Vec<DocumentRequest>,
    /// What others have.
    pub elsewhere: Vec<(Arc<Community>, Vec<DocumentRequest>)>,
    /// What nobody has, located at its uniqueId.
    pub findings: Vec<Finding>,
}

/// What others sent, as far as it is known before their documents come.
#[derive(Default)]
pub struct Delivery {
    /// The documents that come.
    pub parts: Vec<DocumentPart>,
    /// Errors and warnings.
    pub errors: Vec<RegistryError>,
    /// What became of each community that was asked.
    pub said: Vec<Said>,
    /// Why the first of those that do not come does not.
    lost: Option<&'static Rule>,
    whole: Vec<(String, Document)>,
    incoming: Vec<Incoming>,
}

/// A community that is asked.
struct Asking<'a> {
    community: &'a Arc<Community>,
    requests: &'a [DocumentRequest],
    terms: Terms<'a>,
}

/// A community that began to answer.
struct Answering {
    listing: Listing,
    retrieval: Retrieval,
    pending: Pending,
}

impl Gateway {
    /// Room and time of an answer that gives documents of more than one sender.
    pub fn share(&self, ctx: &Ctx) -> Share {
        self.inner.config.spool.share(&ctx.caller.name)
    }

    /// What is told of documents of our own that are not there when the answer begins.
    pub fn late(&self, own: &[DocumentRequest]) -> Vec<Finding> {
        let late = |request: &DocumentRequest| {
            let id = request.unique_id.as_str();
            Finding::new(&rules::SILENT, self.own().as_str()).value(id).location(id)
        };
        own.iter().map(late).collect()
    }

    /// Sorts requests by the community that they name. One without is ours if its repository is
    /// (`is_ours`): an object of ours may have been found elsewhere than here (ITI TF-2: 3.43.4.1.2).
    pub fn sort(
        &self,
        ctx: &Ctx,
        asked: &[DocumentRequest],
        is_ours: impl Fn(&RepositoryUniqueId) -> bool,
    ) -> Sorted {
        let known = self.known_to(ctx);
        let mut sorted = Sorted::default();
        for request in asked {
            let wrong = |rule| {
                let finding = Finding::new(rule, request.unique_id.as_str());
                let home = request.home.as_ref().map_or("", |home| home.as_str());
                finding
                    .attribute("HomeCommunityId")
                    .value(home)
                    .location(request.unique_id.as_str())
            };
            let community = match &request.home {
                Some(home) if home == self.own() => None,
                None if is_ours(&request.repository) => None,
                None => {
                    sorted.findings.push(wrong(&rules::HOME_NEEDED));
                    continue;
                }
                Some(home) => match known.communities.get(home) {
                    Some(community) => Some(community),
                    None => {
                        let is_broken = known.is_broken(home);
                        let rule = if is_broken { &rules::NOT_SET_UP } else { &rules::UNKNOWN };
                        sorted.findings.push(wrong(rule));
                        continue;
                    }
                },
            };
            let Some(community) = community else {
                sorted.own.push(request.clone());
                continue;
            };
            match sorted.elsewhere.iter_mut().find(|(c, _)| c.home == community.home) {
                Some((_, requests)) => requests.push(request.clone()),
                None => sorted.elsewhere.push((Arc::clone(community), vec![request.clone()])),
            }
        }
        sorted
    }

    /// Asks others for documents, side by side. With a `share`, which is for an answer of more than one sender, it returns
    /// when each has sent what it sends, or did not in time; without, when the one has begun.
    pub async fn retrieve(
        &self,
        ctx: &Ctx,
        elsewhere: &[(Arc<Community>, Vec<DocumentRequest>)],
        share: Option<&Share>,
    ) -> Delivery {
        let deadline = ctx.deadline.min(Instant::now() + self.inner.config.retrieve_time);
        let terms = Terms::new(deadline, share);
        let asked = (1..).zip(elsewhere).map(|(number, (community, requests))| async move {
            let asking = Asking { community, requests, terms };
            let begun = self.begin(&asking).await;
            let share = match begun {
                Ok(begun) => Ok(self.take(ctx, number, &asking, begun).await),
                Err(rule) => Err(rule),
            };
            (asking, share)
        });
        let mut delivery = Delivery::default();
        for (Asking { community, requests, .. }, share) in future::join_all(asked).await {
            let word = match share {
                Ok(share) => {
                    let word = match (share.lost, share.errors.is_empty()) {
                        (Some(rule), _) if share.parts.is_empty() => rule.id,
                        (_, false) => said::ANSWERED_WITH_ERRORS,
                        (_, true) => said::ANSWERED,
                    };
                    delivery.add(share);
                    word
                }
                Err(rule) => {
                    let told = requests.iter().map(|r| about(rule, community, r));
                    let told: Vec<Finding> = told.collect();
                    delivery.errors.extend(errors_of(&told, Reporter::Repository));
                    rule.id
                }
            };
            self.inner.config.observer.asked(community.home.as_str(), ITI_39.id, word);
            delivery.said.push(Said::of(community, word));
        }
        delivery
    }

    async fn begin(&self, asking: &Asking<'_>) -> Result<Answering, &'static Rule> {
        let Asking { community, requests, terms: Terms { deadline, .. } } = *asking;
        let link = self.link(community);
        let question = link.question(Way::Retrieve, deadline).await?;
        let client = question.client.with(question.options(None));
        let mut retrieval = client.retrieve_streaming(&ITI_39, &community.retrieve, requests);
        let error = match tokio::time::timeout_at(deadline.into(), retrieval.list()).await {
            Err(_) => return Err(question.timed_out()),
            Ok(Some(listing)) => {
                return Ok(Answering { listing, retrieval, pending: question.begun() });
            }
            Ok(None) => match tokio::time::timeout_at(deadline.into(), retrieval.end()).await {
                Err(_) => return Err(question.timed_out()),
                Ok(Err(error)) => error,
                Ok(Ok(_)) => {
                    // Which document is which has to be known before the first leaves here.
                    tracing::warn!(community = %community.home, "documents before their list");
                    drop(question.answered());
                    return Err(&rules::UNREADABLE);
                }
            },
        };
        let why = logged(&error);
        tracing::warn!(community = %community.home, error = why, "no answer to ITI-39");
        Err(question.failed(&error))
    }

    /// What a community sends.
    async fn take(
        &self,
        ctx: &Ctx,
        number: usize,
        asking: &Asking<'_>,
        begun: Answering,
    ) -> Delivery {
        let Asking { community, requests, terms } = *asking;
        let deadline = terms.deadline;
        let Answering { listing, retrieval, pending } = begun;
        let Listing { response, documents, unasked } = listing;
        let mut findings: Vec<Finding> =
            unasked.iter().map(|r| about(&rules::DOCUMENT_UNASKED, community, r)).collect();
        let is_listed = |r: &DocumentRequest| {
            let same = |d: &Listed| {
                d.request.unique_id == r.unique_id && d.request.repository == r.repository
            };
            documents.iter().any(same)
        };
        let missing = requests.iter().filter(|r| !is_listed(r) && !is_told(&response.errors, r));
        findings.extend(missing.map(|r| about(&rules::DOCUMENT_UNANSWERED, community, r)));
        if merge::has_failed(&response.errors) {
            findings.push(merge::told(&rules::OWN_DOCUMENT_ERRORS, community));
        }
        let errors = response.errors.into_iter().map(|error| merge::placed(error, community));
        let mut share = Delivery { errors: errors.collect(), ..Delivery::default() };
        if documents.is_empty() {
            // It is over, and on record. Whoever does not end it costs nobody more than its deadline.
            let end = tokio::time::timeout_at(deadline.into(), retrieval.end()).await;
            pending.ended(end.as_ref().ok().map(|end| end.as_ref().map(drop)));
        } else {
            let place = format!("elsewhere{number}");
            let home = community.home.as_str();
            let seen = |request: &DocumentRequest| self.inner.seen.of(home, request);
            let Announced { names, parts, twice } =
                announced(documents, seen, |number| format!("{place}-{number}@{}", ctx.request_id));
            share.parts = parts;
            findings.extend(twice.iter().map(|r| about(&rules::DOCUMENT_UNANSWERED, community, r)));
            let incoming = Incoming::new(retrieval, names, Arc::new(pending));
            let Gathered { whole, rest, lost } = incoming.gathered(terms).await;
            for (document, lost) in lost {
                findings.push(about(named(lost), community, &document.request));
                share.lost.get_or_insert(named(lost));
                share.parts.retain(|part| part.content_id != document.name);
            }
            share.whole = whole.into_iter().map(|(e, document)| (e.name, document)).collect();
            share.incoming.extend(rest);
        }
        share.errors.extend(errors_of(&findings, Reporter::Repository));
        share
    }
}

/// The documents that a community lists.
#[derive(Default)]
struct Announced {
    /// What they have to be, by the Content-IDs under which they come.
    names: HashMap<String, Expecting>,
    /// Each under a Content-ID of ours.
    parts: Vec<DocumentPart>,
    /// Those that are to come in the part of another: one part is not two documents.
    twice: Vec<DocumentRequest>,
}

/// What comes of `documents`; `seen` is what their entries said, `called` gives Content-IDs of ours.
fn announced(
    documents: Vec<Listed>,
    seen: impl Fn(&DocumentRequest) -> Expected,
    called: impl Fn(usize) -> String,
) -> Announced {
    let mut announced = Announced::default();
    for (number, document) in (1..).zip(documents) {
        let Listed { request, made, mime_type, content_id: theirs } = document;
        let Entry::Vacant(free) = announced.names.entry(theirs) else {
            announced.twice.push(request);
            continue;
        };
        let content_id = called(number);
        // What was made for this answer is not what the entry had.
        let expected = if made.is_some() { Expected::default() } else { seen(&request) };
        let name = content_id.clone();
        free.insert(Expecting { name, request: request.clone(), expected });
        announced.parts.push(DocumentPart { request, made, mime_type, content_id });
    }
    announced
}

impl Delivery {
    fn add(&mut self, share: Self) {
        self.parts.extend(share.parts);
        self.errors.extend(share.errors);
        self.whole.extend(share.whole);
        self.incoming.extend(share.incoming);
    }

    /// The documents under the Content-IDs of [`Delivery::parts`]: those that are there, then those that
    /// arrive, which are one community's. An error breaks the answer off. `tell` hears of a document
    /// that is not what its entry said.
    pub fn documents(self, tell: Tell) -> BoxStream<'static, Result<(String, Document), String>> {
        let whole = stream::iter(self.whole.into_iter().map(Ok));
        let incoming = stream::iter(self.incoming);
        whole.chain(incoming.flat_map(move |incoming| incoming.documents(tell.clone()))).boxed()
    }
}

/// What the loss of a document of a community is called.
const fn named(lost: Lost) -> &'static Rule {
    match lost {
        Lost::Differs => &rules::DOCUMENT_DIFFERS,
        Lost::Broken => &rules::DOCUMENT_BROKEN,
        Lost::Missing => &rules::DOCUMENT_UNANSWERED,
        Lost::Silent => &rules::SILENT,
        Lost::Large => &rules::DOCUMENT_LARGE,
    }
}

/// What is told of one document of a community.
pub(super) fn about(
    rule: &'static Rule,
    community: &Community,
    request: &DocumentRequest,
) -> Finding {
    let id = request.unique_id.as_str();
    Finding::new(rule, called(community)).attribute("DocumentUniqueId").value(id).location(id)
}

#[cfg(test)]
mod tests {
    use super::*;
    use renkei_metadata::ids::UniqueId;

    #[test]
    fn one_part_is_not_two_documents() {
        let listed = |unique_id: &str, content_id: &str| Listed {
            request: DocumentRequest {
                home: None,
                repository: RepositoryUniqueId::parse("1.2.3.4").unwrap(),
                unique_id: UniqueId::parse(unique_id).unwrap(),
            },
            made: None,
            mime_type: "text/plain".to_owned(),
            content_id: content_id.to_owned(),
        };
        let documents = vec![listed("1.2.1", "a"), listed("1.2.2", "a"), listed("1.2.3", "b")];
        let seen = |_: &DocumentRequest| Expected::default();
        let found = announced(documents, seen, |number| format!("{number}@here"));
        let parts: Vec<&str> = found.parts.iter().map(|p| p.content_id.as_str()).collect();
        assert_eq!(parts, ["1@here", "3@here"]);
        let lost: Vec<&str> = found.twice.iter().map(|r| r.unique_id.as_str()).collect();
        assert_eq!(lost, ["1.2.2"]);
        let mut coming: Vec<&str> = found.names.values().map(|e| e.name.as_str()).collect();
        coming.sort_unstable();
        assert_eq!(coming, parts, "each part that is listed comes");
    }
}
