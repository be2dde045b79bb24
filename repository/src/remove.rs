//! Remove Documents (ITI TF-2: 3.86): what an administrator names goes for good.
//!
//! A document goes for all entries that tell of it, however often it was submitted. The registry hears
//! nothing of it (3.86.4.1.3): its entries stay until they are removed by ITI-62, and the repository
//! remembers why they have no document. The same uniqueId may be submitted again.

use crate::failure::Failure;
use crate::retrieve::{on, unknown_repository};
use crate::store::removal::{self, ByName};
use crate::{Inner, Repository, rules};
use renkei_audit::outbox;
use renkei_context::{Action, Ctx, reached};
use renkei_database::{DatabaseError, Db};
use renkei_metadata::finding::{Finding, Rule};
use renkei_xds::iti43::DocumentRequest;
use std::collections::HashSet;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// How long a document that was just submitted may take to be settled: an answer of ITI-41 may be a
/// moment ahead of its confirmation.
const SETTLING: Duration = Duration::from_secs(2);
const PAUSE: Duration = Duration::from_millis(50);

/// How long the answer waits for the octets, whose keys are gone, to be overwritten. What is not done
/// by then is done by the next sweep.
const OVERWRITING: Duration = Duration::from_secs(10);

/// The outcome of a removal: each document was removed or has a finding.
#[derive(Debug)]
pub struct Removed {
    /// Located at the DocumentUniqueId.
    pub findings: Vec<Finding>,
    /// In the order of the request, each once.
    pub documents: Vec<DocumentRequest>,
}

impl Repository {
    /// Removes the documents named (ITI-86). Nobody can open them any more when this returns, and
    /// what was removed is audited with its effect; what was not, by whoever answers it.
    pub async fn remove_documents(&self, ctx: &Ctx, requests: Vec<DocumentRequest>) -> Removed {
        let inner = &self.inner;
        let mut seen = HashSet::new();
        let (mine, others): (Vec<_>, Vec<_>) = requests
            .into_iter()
            .filter(|r| seen.insert((r.repository.clone(), r.unique_id.clone())))
            .partition(|r| r.repository == inner.unique_id);
        let mut findings: Vec<Finding> = others.iter().map(unknown_repository).collect();
        if mine.is_empty() {
            return Removed { findings, documents: Vec::new() };
        }
        let wanted: Vec<_> = mine.iter().map(|r| &r.unique_id).collect();
        let Ok(opened) = self.opened(ctx, Action::Change, &wanted).await else {
            findings.extend(mine.iter().map(|r| on(&rules::BUSY, r)));
            return Removed { findings, documents: Vec::new() };
        };
        let permitted = |r: &&DocumentRequest| opened.holds(r.unique_id.as_str());
        let going: Vec<DocumentRequest> = mine.iter().filter(permitted).cloned().collect();
        inner.await_settlement(ctx, &going).await;
        let all = findings.is_empty() && going.len() == mine.len();
        let mut removed = match inner.remove(ctx, &going, all).await {
            Ok(outcomes) => outcomes.into_iter(),
            Err(error) => {
                findings.extend(mine.iter().map(|r| failed(&error, r)));
                return Removed { findings, documents: Vec::new() };
            }
        };
        reached("repository.documents_removed");
        let mut documents = Vec::new();
        for request in mine {
            // What is not permitted is not there.
            let outcome = if permitted(&&request) { removed.next().map(refusal) } else { None };
            match outcome.unwrap_or(Some(&rules::NOT_HERE)) {
                None => documents.push(request),
                Some(rule) => findings.push(named(rule, &request)),
            }
        }
        if !documents.is_empty() {
            // The log and the octets; done in part, it is done again.
            _ = tokio::time::timeout(OVERWRITING, inner.remove_the_rest()).await;
        }
        Removed { findings, documents }
    }
}

impl Inner {
    /// Waits for submissions that the registry has and nobody has confirmed yet.
    async fn await_settlement(&self, ctx: &Ctx, requests: &[DocumentRequest]) {
        self.confirm_what_waits().await;
        let until = Instant::now() + SETTLING.min(ctx.remaining());
        loop {
            let ids: Vec<String> = requests.iter().map(|r| r.unique_id.to_string()).collect();
            let read = self.database.read(move |db| removal::any_unsettled(db, &ids)).await;
            // The removal itself looks again.
            if !matches!(read, Ok(true)) || Instant::now() >= until {
                return;
            }
            tokio::time::sleep(PAUSE).await;
        }
    }

    /// Takes the keys away and records it in one transaction; what came of each request. When these are
    /// `all` of the message and all are removed, it is known as carried out from then on: of what was
    /// done in part a repeat hears anew what is not there.
    async fn remove(
        self: &Arc<Self>,
        ctx: &Ctx,
        requests: &[DocumentRequest],
        all: bool,
    ) -> Result<Vec<ByName>, Failure> {
        let (inner, ctx, requests) = (Arc::clone(self), ctx.clone(), requests.to_vec());
        let job = move |db: &mut Db| {
            let mut outcomes = Vec::new();
            for request in &requests {
                outcomes.push(removal::by_name(db, request.unique_id.as_str())?);
            }
            let each = requests.iter().zip(&outcomes);
            let removed: Vec<&DocumentRequest> =
                each.filter(|(_, o)| **o == ByName::Removed).map(|(r, _)| r).collect();
            if !removed.is_empty() {
                let record = inner.removal_record(&ctx, &removed);
                outbox::insert_sealed(db, &outbox::seal(&inner.outbox, &record)?)?;
            }
            let whole = all && removed.len() == requests.len();
            if let Some(message) = ctx.message.as_ref().filter(|_| whole) {
                renkei_exchange::mark(db, message)?;
            }
            reached("repository.removal_before_commit");
            Ok::<_, Failure>(outcomes)
        };
        self.database.write(job).await
    }
}

/// Why a document was not removed.
fn refusal(outcome: ByName) -> Option<&'static Rule> {
    match outcome {
        ByName::Removed => None,
        ByName::Unsettled => Some(&rules::REMOVE_UNSETTLED),
        ByName::Before => Some(&rules::REMOVED_BEFORE),
        ByName::Unknown => Some(&rules::NOT_HERE),
    }
}

fn named(rule: &'static Rule, request: &DocumentRequest) -> Finding {
    on(rule, request).attribute("DocumentUniqueId").value(request.unique_id.as_str())
}

fn failed(error: &Failure, request: &DocumentRequest) -> Finding {
    let rule = match error {
        Failure::Database(DatabaseError::Busy(_)) => &rules::BUSY,
        Failure::Database(_)
        | Failure::Seal(_)
        | Failure::Audit(_)
        | Failure::Content(_)
        | Failure::Incomplete => {
            tracing::error!(%error, "documents were not removed");
            &rules::REMOVE_FAILED
        }
    };
    named(rule, request)
}
