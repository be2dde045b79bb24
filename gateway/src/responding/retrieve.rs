//! Cross Gateway Retrieve (ITI TF-2: 3.39).

use super::others::{Answered, Asking};
use super::rules;
use super::{DocumentResponse, Held, Responding};
use crate::incoming::{Incoming, Share};
use futures_util::future::join_all;
use renkei_context::Ctx;
use renkei_metadata::finding::{Checked, Finding, Rule, Severity};
use renkei_metadata::ids::RepositoryUniqueId;
use renkei_soap::document::Document;
use renkei_xds::iti43::{DocumentPart, DocumentRequest};
use renkei_xds::response::{RegistryResponse, Status, errors_of};
use renkei_xds::transaction::ITI_39;

/// The answer to a retrieval.
pub struct Retrieved {
    /// How it ended.
    pub response: RegistryResponse,
    /// What it lists.
    pub parts: Vec<DocumentPart>,
    /// The documents that are there: those of the repository of this process first.
    pub held: Vec<(String, Document)>,
    /// Those that another repository is sending. There is one at the most, and nobody beside it has documents.
    pub arriving: Vec<Incoming>,
}

/// Requests by the repository that has to have them.
type Asked = Vec<(RepositoryUniqueId, Vec<DocumentRequest>)>;

impl Responding {
    /// Opens the documents asked for (ITI-39) in the repositories of this community, all of them side by
    /// side. Each request has a document or an error; what could not be read is among `requests` as a
    /// finding. `share` is that of an answer in which documents of others are given, too.
    pub async fn retrieve(
        &self,
        ctx: &Ctx,
        requests: Checked<Vec<DocumentRequest>>,
        share: Option<&Share>,
    ) -> Retrieved {
        let Checked { value, mut findings } = requests;
        let mut asked = Asked::new();
        for request in value.unwrap_or_default() {
            match self.wrong_place(&request) {
                Some(finding) => findings.push(finding),
                None => put(&mut asked, request),
            }
        }
        let own = self.inner.repository.as_ref();
        let own_id = own.map(|repository| repository.unique_id().clone());
        let (mine, others): (Asked, Asked) =
            asked.into_iter().partition(|(id, _)| Some(id) == own_id.as_ref());
        let mine = mine.into_iter().flat_map(|(_, requests)| requests).collect::<Vec<_>>();
        let mut permitted = Asked::new();
        for (repository, requests) in others {
            let requests = self.permitted(ctx, &repository, requests, &mut findings).await;
            if !requests.is_empty() {
                permitted.push((repository, requests));
            }
        }
        let others = permitted;
        let senders = others.len().saturating_add(usize::from(!mine.is_empty()));
        let own_share = (senders > 1).then(|| self.inner.spool.share_for_gateway(&ctx.caller.name));
        let share = share.or(own_share.as_ref());
        let held = async {
            match own.filter(|_| !mine.is_empty()) {
                Some(repository) => repository.retrieve(ctx, mine).await,
                None => Held { documents: Vec::new(), findings: Vec::new() },
            }
        };
        let others = (1..).zip(&others).map(|(number, (repository, requests))| {
            let registry = &*self.inner.registry;
            self.inner.others.ask(ctx, Asking { number, repository, requests, share, registry })
        });
        let (held, answered) = futures_util::join!(held, join_all(others));
        self.together(ctx, findings, held, answered)
    }

    /// ITI TF-2: 3.39.4.1.3: a document of no community, or of another one, or of a repository that is
    /// not of this community.
    fn wrong_place(&self, request: &DocumentRequest) -> Option<Finding> {
        let on = |rule: &'static Rule, attribute: &'static str, value: &str| {
            let id = request.unique_id.as_str();
            let finding = Finding::new(rule, format!("Document {id}"));
            Some(finding.attribute(attribute).value(value).location(id))
        };
        match &request.home {
            None => return on(&rules::HOME_MISSING, "HomeCommunityId", ""),
            Some(home) if *home != self.inner.home => {
                return on(&rules::UNKNOWN_COMMUNITY, "HomeCommunityId", home.as_str());
            }
            Some(_) => {}
        }
        let own = self.inner.repository.as_ref();
        let is_here = own.is_some_and(|r| *r.unique_id() == request.repository)
            || self.inner.others.has(&request.repository);
        let id = request.repository.as_str();
        if is_here { None } else { on(&rules::UNKNOWN_REPOSITORY, "RepositoryUniqueId", id) }
    }

    fn together(
        &self,
        ctx: &Ctx,
        mut findings: Vec<Finding>,
        held: Held,
        answered: Vec<Answered>,
    ) -> Retrieved {
        let mut content_ids = (1..).map(|n| format!("document{n}@{}", ctx.request_id));
        let mut content_id = || content_ids.next().unwrap_or_default();
        findings.extend(held.findings);
        let (mut parts, mut own) = (Vec::new(), Vec::new());
        for DocumentResponse { request, made, mime_type, body } in held.documents {
            let content_id = content_id();
            own.push((content_id.clone(), Document { mime_type: mime_type.clone(), body }));
            parts.push(DocumentPart { request, made, mime_type, content_id });
        }
        let mut errors = Vec::new();
        let mut arriving = Vec::new();
        for answer in answered {
            findings.extend(answer.findings);
            errors.extend(answer.errors);
            parts.extend(answer.parts);
            own.extend(answer.whole);
            arriving.extend(answer.rest);
        }
        errors.extend(errors_of(&findings, ITI_39.reporter));
        let failed = errors.iter().any(|e| e.severity == Severity::Error);
        let status = match (failed, parts.is_empty()) {
            (false, _) => Status::Success,
            (true, false) => Status::PartialSuccess,
            (true, true) => Status::Failure,
        };
        Retrieved {
            response: RegistryResponse { status, errors: self.located(errors) },
            parts,
            held: own,
            arriving,
        }
    }
}

fn put(asked: &mut Asked, request: DocumentRequest) {
    match asked.iter_mut().find(|(id, _)| *id == request.repository) {
        Some((_, requests)) => requests.push(request),
        None => asked.push((request.repository.clone(), vec![request])),
    }
}
