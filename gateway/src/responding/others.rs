//! The other repositories of this community, which are asked by ITI-43.

use super::rules;
use super::{Arriving, Broken};
use crate::logged::logged;
use futures_util::stream::{self, StreamExt};
use renkei_client::{Listed, Retrieval, SoapClient};
use renkei_context::Ctx;
use renkei_metadata::finding::{Finding, Severity};
use renkei_metadata::ids::RepositoryUniqueId;
use renkei_soap::document::Document;
use renkei_xds::iti43::DocumentRequest;
use renkei_xds::response::RegistryError;
use renkei_xds::transaction::ITI_43;
use std::collections::BTreeMap;
use url::Url;

/// The other repositories, and the client that asks them.
#[derive(Default)]
pub struct Others {
    client: Option<SoapClient>,
    urls: BTreeMap<RepositoryUniqueId, Url>,
}

/// What another repository answers, as far as it is known before its documents come.
#[derive(Default)]
pub(super) struct Answered {
    pub(super) findings: Vec<Finding>,
    pub(super) errors: Vec<RegistryError>,
    pub(super) documents: Option<Coming>,
}

/// Documents that another repository is sending.
pub(super) struct Coming {
    retrieval: Retrieval,
    /// Which documents.
    pub(super) listed: Vec<Listed>,
    /// The Content-ID there, and that of the part in our answer.
    pub(super) names: Vec<(String, String)>,
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

    /// Asks a repository. Its list is waited for as long as the caller waits; its documents may take
    /// longer, as long as they move.
    pub(super) async fn ask(
        &self,
        ctx: &Ctx,
        repository: &RepositoryUniqueId,
        requests: &[DocumentRequest],
    ) -> Answered {
        let (Some(client), Some(url)) = (&self.client, self.urls.get(repository)) else {
            return silent(requests);
        };
        let mut retrieval = client.retrieve_streaming(&ITI_43, url, requests);
        let list = tokio::time::timeout(ctx.remaining(), retrieval.list()).await;
        // What is dropped before its end ends, and is recorded as a failure.
        let Ok(list) = list else { return silent(requests) };
        let Some(listing) = list else {
            if let Err(error) = retrieval.end().await {
                tracing::warn!(
                    error = logged(&error),
                    repository = repository.as_str(),
                    "no answer"
                );
            }
            return silent(requests);
        };
        let errors = listing.response.errors;
        let told = errors.iter().any(|e| e.severity == Severity::Error);
        let came = |r: &&DocumentRequest| !listing.documents.iter().any(|d| d.request == **r);
        let missing: Vec<DocumentRequest> =
            requests.iter().filter(came).filter(|_| !told).cloned().collect();
        let mut answered = Answered { errors, ..silent(&missing) };
        if listing.documents.is_empty() {
            if let Err(error) = retrieval.end().await {
                tracing::warn!(
                    error = logged(&error),
                    repository = repository.as_str(),
                    "no whole answer"
                );
            }
        } else {
            let names = Vec::with_capacity(listing.documents.len());
            answered.documents = Some(Coming { retrieval, listed: listing.documents, names });
        }
        answered
    }
}

/// There is no document, and nothing was said of it.
fn silent(requests: &[DocumentRequest]) -> Answered {
    let finding = |request: &DocumentRequest| {
        let id = request.unique_id.as_str();
        Finding::new(&rules::REPOSITORY_SILENT, format!("Document {id}"))
            .attribute("RepositoryUniqueId")
            .value(request.repository.as_str())
            .location(id)
    };
    Answered { findings: requests.iter().map(finding).collect(), ..Answered::default() }
}

impl Coming {
    /// The documents under their new Content-IDs, whole or broken.
    pub(super) fn into_stream(self) -> Arriving {
        stream::unfold(Some(self), |coming| async { coming?.step().await }).boxed()
    }

    async fn step(mut self) -> Option<(Result<(String, Document), Broken>, Option<Self>)> {
        while let Some((content_id, document)) = self.retrieval.next().await {
            if let Some(at) = self.names.iter().position(|(theirs, _)| *theirs == content_id) {
                let (_, own) = self.names.swap_remove(at);
                return Some((Ok((own, document)), Some(self)));
            }
        }
        let missing = self.names.len();
        match self.retrieval.end().await {
            Ok(_) if missing == 0 => None,
            Ok(_) => Some((Err(Broken(format!("{missing} documents did not come"))), None)),
            Err(error) => Some((Err(Broken(logged(&error))), None)),
        }
    }
}
