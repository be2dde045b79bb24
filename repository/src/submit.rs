//! Provide and Register Document Set-b (ITI TF-2: 3.41.4.1.3.2): store, then register, then answer.

use crate::confirm::{Confirmation, Group};
use crate::failure::Failure;
use crate::keep::CheckedDocument;
use crate::lease::Moment;
use crate::registry_client::Unreachable;
use crate::store::key::SubmissionId;
use crate::store::settle;
use crate::store::source::{self, Claim};
use crate::store::write::{self, Ready, Settlement, Stored};
use crate::upload::{Received, Upload};
use crate::{Inner, Repository, bind, own_source, rules};
use bytes::Bytes;
use renkei_atna::record::{AuditRecord, Outcome};
use renkei_context::{Ctx, reached};
use renkei_database::Db;
use renkei_metadata::finding::{Checked, Finding, IheCode, Reporter};
use renkei_metadata::ids::{EntryUuid, ObjectId};
use renkei_metadata::model::Submission;
use renkei_metadata::rules::{Column, ID_REPEATED, UNIQUE_ID_REPEATED};
use renkei_sealing::CHUNK;
use renkei_xds::iti41::{Content, Document, Request};
use renkei_xds::response::{RegistryResponse, Status};
use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use tokio::task::JoinHandle;

/// What is answered to a submission.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Provided {
    /// The answer.
    pub response: RegistryResponse,
    /// Whether the registry may have registered it all the same. Repair finds out and records the
    /// one outcome that there was; nobody else may.
    pub open: bool,
}

/// How often a submission is stored again after another one took a uniqueId of it first.
const ATTEMPTS: usize = 4;

impl Repository {
    /// Begins to receive a submission; hand its parts to [`Upload::part`], before or after the
    /// metadata is known.
    pub fn begin(&self, ctx: &Ctx) -> Upload {
        Upload::new(&self.inner, SubmissionId(ctx.new_key()))
    }

    /// Stores the documents that `upload` received, registers them, and answers (ITI-41).
    ///
    /// Success is audited here, together with its effect; a refusal by whoever answers it, unless the
    /// outcome is open. Once the
    /// documents are stored the rest is done even when nobody waits for the answer any more.
    pub async fn provide_and_register(
        &self,
        ctx: &Ctx,
        upload: Upload,
        request: Request,
    ) -> Provided {
        self.try_provide(ctx, upload, request).await.unwrap_or_else(|findings| Provided {
            response: RegistryResponse::failure(&findings, Reporter::Repository),
            open: false,
        })
    }

    async fn try_provide(
        &self,
        ctx: &Ctx,
        mut upload: Upload,
        request: Request,
    ) -> Result<Provided, Vec<Finding>> {
        let checked = check(&self.inner, ctx, &mut upload, request).await;
        let (submission, warnings, documents) = checked?;
        let inner = Arc::clone(&self.inner);
        let ctx = ctx.clone();
        let work = async move {
            let mut submission = submission;
            let symbol = identify(&ctx, &mut submission);
            let submission = Arc::new(submission);
            let set = submission.submission_set.id.clone();
            let registration = Registration {
                inner: &inner,
                ctx: &ctx,
                upload: &upload,
                submission,
                is_first: Arc::default(),
            };
            let mut done = registration.run(documents).await;
            if let (Ok(provided), Some(symbol)) = (&mut done, &symbol) {
                as_sent(&mut provided.response, (&set, symbol));
            }
            done.map(|provided| with_warnings(provided, &warnings)).map_err(|mut errors| {
                errors.splice(0..0, warnings);
                errors
            })
        };
        // The registry may have registered what a client that hung up no longer waits for.
        tokio::spawn(work).await.unwrap_or_else(|error| {
            tracing::error!(%error, "a submission ended unexpectedly");
            Err(vec![Finding::new(&rules::INTERNAL, "Submission")])
        })
    }
}

fn with_warnings(mut provided: Provided, warnings: &[Finding]) -> Provided {
    let own = renkei_xds::response::errors_of(warnings, Reporter::Repository);
    provided.response.errors.splice(0..0, own);
    provided
}

/// Everything that can be said without the registry; all findings at once.
async fn check(
    inner: &Inner,
    ctx: &Ctx,
    upload: &mut Upload,
    request: Request,
) -> Result<(Submission, Vec<Finding>, Vec<CheckedDocument>), Vec<Finding>> {
    let mut findings = request.pairing();
    let Request { submission: Checked { value, findings: read }, documents } = request;
    findings.splice(0..0, read);
    let mut received = HashMap::new();
    for document in documents {
        let id = document.id.clone();
        match receive(ctx, upload, document).await {
            Ok(Some(document)) => {
                received.entry(id).or_insert(document);
            }
            Ok(None) => {}
            Err(finding) => findings.push(*finding),
        }
    }
    findings.extend(upload.take_findings());
    let Some(mut submission) = value else { return Err(findings) };
    findings.extend(own_source::check(ctx, &submission));
    let mut ready = Vec::new();
    for entry in &mut submission.entries {
        findings.extend(bind::check_entry(entry));
        let Some(document) = received.remove(&entry.id.to_string()) else { continue };
        findings.extend(bind::check_document(entry, &document));
        bind::complete(entry, &document, &inner.unique_id, inner.home.as_ref());
        ready.push(CheckedDocument {
            received: document,
            unique_id: entry.unique_id.clone(),
            mime_type: entry.mime_type.as_str().to_owned(),
        });
    }
    let rest = renkei_metadata::rules::check(&submission, Column::XdsDs, None, &findings);
    // Metadata is the registry's to check, which then tells all of it together with what only a
    // registry can find. Who is refused here already hears the rest at once.
    if findings.iter().any(Finding::is_error) || rest.iter().any(names_two_alike) {
        findings.extend(rest);
        return Err(findings);
    }
    Ok((submission, findings, ready))
}

/// Gives a SubmissionSet without documents, which nothing else tells from another of the same uniqueId, the entryUUID
/// by which the registry will know it (ITI TF-3: 4.2.3.1.5); the symbol that it had.
fn identify(ctx: &Ctx, submission: &mut Submission) -> Option<String> {
    let ObjectId::Symbol(symbol) = &submission.submission_set.id else { return None };
    if !submission.entries.is_empty() {
        return None;
    }
    let symbol = ObjectId::Symbol(symbol.clone());
    let id = ObjectId::Uuid(EntryUuid(ctx.ids.new_uuid()));
    for association in &mut submission.associations {
        for end in [&mut association.source, &mut association.target] {
            if *end == symbol {
                *end = id.clone();
            }
        }
    }
    submission.submission_set.id = id;
    Some(symbol.to_string())
}

/// What the registry says of the SubmissionSet, which its sender knows by a symbol.
fn as_sent(response: &mut RegistryResponse, (id, symbol): (&ObjectId, &str)) {
    let id = id.to_string();
    for error in &mut response.errors {
        error.context = error.context.replace(&id, symbol);
        error.location = error.location.replace(&id, symbol);
    }
}

/// Whether documents of the message cannot be told apart, so that they cannot be stored.
fn names_two_alike(finding: &Finding) -> bool {
    [UNIQUE_ID_REPEATED.id, ID_REPEATED.id].contains(&finding.rule.id)
}

/// The octets of a document. `None` when their failure was told already.
async fn receive(
    ctx: &Ctx,
    upload: &mut Upload,
    document: Document,
) -> Result<Option<Received>, Box<Finding>> {
    match document.content {
        Content::Include(cid) => match upload.take(&cid) {
            Some(received) => Ok(Some(received)),
            // The part came, and could not be kept.
            None if upload.lost(&cid) => Ok(None),
            None => Err(Box::new(
                Finding::new(&rules::PART_MISSING, format!("Document {}", document.id))
                    .attribute("xop:Include")
                    .value(&cid)
                    .location(&document.id),
            )),
        },
        Content::Inline(octets) => {
            // No Content-ID contains a blank, so this name is nobody else's.
            let name = format!("inline {}", document.id);
            let mut sink = upload.part(ctx, &name);
            let octets = Bytes::from(octets);
            let mut at = 0;
            while at < octets.len() {
                let end = octets.len().min(at.saturating_add(CHUNK));
                sink.write(octets.slice(at..end)).await;
                at = end;
            }
            sink.finish().await;
            Ok(upload.take(&name))
        }
    }
}

/// A refusal: this submission's own documents go. What fails here is done by the sweeper.
async fn discard(inner: &Inner, id: SubmissionId) {
    let released =
        inner.database.write(move |db| settle::release(db, id, &HashSet::new(), &[])).await;
    if let Err(error) = released {
        tracing::warn!(%error, "a refused submission stays until the sweeper removes it");
    }
    inner.remove_the_rest().await;
}

/// The documents of a submission, and what it says of itself.
type Whole = (Vec<Ready>, Settlement);

/// The part of a submission that goes on without its client.
struct Registration<'a> {
    inner: &'a Arc<Inner>,
    ctx: &'a Ctx,
    upload: &'a Upload,
    submission: Arc<Submission>,
    /// Whether its sourceId became the sender's own by it.
    is_first: Arc<AtomicBool>,
}

impl Registration<'_> {
    async fn run(&self, documents: Vec<CheckedDocument>) -> Result<Provided, Vec<Finding>> {
        let records = self.inner.success_records(self.ctx, &self.submission);
        let begun = Moment::now();
        let warnings = match self.store(documents, &records).await {
            Ok(warnings) => warnings,
            Err(findings) => {
                // A commit without an answer may have happened.
                discard(self.inner, self.upload.id()).await;
                return Err(findings);
            }
        };
        reached("repository.content_stored");
        let provided = if self.is_kept(begun).await {
            self.register(records).await
        } else {
            self.lost("a submission was taken over before it was registered")
        };
        Ok(with_warnings(provided, &warnings))
    }

    /// Makes the documents retrievable; what there is to be warned of.
    async fn store(
        &self,
        documents: Vec<CheckedDocument>,
        records: &[AuditRecord],
    ) -> Result<Vec<Finding>, Vec<Finding>> {
        let id = self.upload.id();
        let failed = |error: Failure| vec![error.finding("Submission")];
        let documents = self.inner.keep(documents).await.map_err(failed)?;
        let settlement = Settlement {
            set_id: self.submission.submission_set.unique_id.to_string(),
            set_uuid: self.submission.submission_set.id.uuid().map(|id| id.0),
            records: self.inner.seal_records(id, records).map_err(failed)?,
        };
        let whole: Arc<Whole> = Arc::new((documents, settlement));
        // The first attempt takes the confirmations that wait into its transaction. If it fails,
        // one of them may be the cause, so that further attempts go alone.
        let group = self.inner.next_group();
        let mut stored = self.store_once(&whole, Some(&group)).await;
        let mut alone = group.is_empty();
        self.inner.confirmed(group, stored.is_ok());
        let mut attempt = 1;
        loop {
            match stored {
                Ok(Stored::Done { retyped }) => {
                    return Ok(bind::retyped(&self.submission, &retyped));
                }
                Ok(Stored::OfAnotherSource) => {
                    return Err(vec![own_source::of_another(&self.submission)]);
                }
                Ok(Stored::Conflicts(found)) => {
                    return Err(bind::conflicts(&self.submission, &found));
                }
                Err(error) if !alone || (error.is_collision() && attempt < ATTEMPTS) => {
                    alone = true;
                    attempt += 1;
                }
                Err(error) => return Err(failed(error)),
            }
            stored = self.store_once(&whole, None).await;
        }
    }

    async fn store_once(
        &self,
        whole: &Arc<Whole>,
        group: Option<&Group>,
    ) -> Result<Stored, Failure> {
        let claim = self.inner.claim(self.upload.id());
        let whole = Arc::clone(whole);
        let confirm = group.map(Group::job);
        let claimed = own_source::claimed(self.ctx, &self.submission);
        let first = Arc::clone(&self.is_first);
        let bound = Arc::clone(&self.inner.bound_sources);
        let job = move |db: &mut Db| {
            if let Some(confirm) = &confirm {
                confirm(db)?;
            }
            let Some(claimed) = &claimed else {
                return write::store(db, &claim, &whole.0, &whole.1);
            };
            let found = source::claim(db, claimed)?;
            if found == Claim::NotOwn {
                return Ok(Stored::OfAnotherSource);
            }
            let stored = write::store(db, &claim, &whole.0, &whole.1)?;
            match (&stored, found) {
                (Stored::Done { .. }, Claim::First) => first.store(true, Ordering::Relaxed),
                (_, Claim::First) => source::release(db, claimed)?,
                (_, Claim::Own) => bound.bind(claimed),
                (_, Claim::NotOwn) => {}
            }
            Ok(stored)
        };
        self.inner.database.write(job).await
    }

    /// A refusal binds nobody: a sourceId that was the sender's own by this submission alone is free again, unless
    /// another of its submissions is under way or succeeded meanwhile.
    async fn unbind(&self) {
        let claimed = own_source::claimed(self.ctx, &self.submission);
        let Some(claimed) = claimed.filter(|_| self.is_first.load(Ordering::Relaxed)) else {
            return;
        };
        if self.inner.bound_sources.holds(&claimed) {
            return;
        }
        let release = move |db: &mut Db| Ok::<_, Failure>(source::release(db, &claimed)?);
        if let Err(error) = self.inner.database.write(release).await {
            tracing::warn!(%error, "a sourceId stays bound though its first submission was refused");
        }
    }

    /// Whether the submission is still this process's own, so that it may be registered. Asked
    /// only after a pause: what counts is asked before the answer.
    async fn is_kept(&self, begun: Moment) -> bool {
        self.inner.is_undisturbed_since(begun)
            || self.inner.owns(self.upload.id()).await.unwrap_or_else(|error| {
                tracing::warn!(%error, "whose a submission is cannot be read");
                true
            })
    }

    async fn register(&self, records: Vec<AuditRecord>) -> Provided {
        let mut asked = self.ask();
        let answer = match tokio::time::timeout(self.ctx.remaining(), &mut asked).await {
            Ok(Ok(Ok(answer))) => answer,
            Ok(Ok(Err(unreachable))) => return self.unknown(&unreachable.to_string()).await,
            Ok(Err(_)) => return self.unknown("the registration ended unexpectedly").await,
            Err(_) => return self.overdue(asked),
        };
        let open = match answer.status {
            Status::Success => {
                reached("repository.registered");
                if let Some(claimed) = own_source::claimed(self.ctx, &self.submission) {
                    self.inner.bound_sources.bind(&claimed);
                }
                return if self.confirm_in_time(records).await {
                    Provided { response: answer, open: false }
                } else {
                    self.lost("registered documents may be gone under an expired lease")
                };
            }
            Status::Failure if is_definite(&answer) => {
                discard(self.inner, self.upload.id()).await;
                self.unbind().await;
                self.record_refusal(&answer).await;
                false
            }
            Status::Failure | Status::PartialSuccess => {
                self.leave_open().await;
                true
            }
        };
        let response = RegistryResponse { status: Status::Failure, ..answer };
        Provided { response: never_without_reason(response), open }
    }

    /// Asks the registry in a task of its own: a deadline ends our waiting, not the registration.
    fn ask(&self) -> JoinHandle<Result<RegistryResponse, Unreachable>> {
        let (inner, ctx) = (Arc::clone(self.inner), self.ctx.clone());
        let submission = Arc::clone(&self.submission);
        tokio::spawn(async move { inner.registry.register(&ctx, &submission).await })
    }

    /// Leaves the confirmation to the next group, or sees to it now: where the registry is another
    /// process, where another process may have taken the submission for abandoned, and where too
    /// many wait. `false` when the documents may be gone.
    ///
    /// A process that stood still longer than its lease may be fenced off while it registers: then
    /// the row is another one's, or gone. A row that is its own after the registry's answer is
    /// safe, since whoever takes it from now on asks the registry afterwards.
    async fn confirm_in_time(&self, records: Vec<AuditRecord>) -> bool {
        let (submission, _active) = (self.upload.id(), self.upload.active());
        let documents = self.submission.entries.iter().map(|e| e.unique_id.to_string()).collect();
        let confirmation = Confirmation { submission, documents, records, _active };
        let own = self.inner.owns(submission).await.unwrap_or_else(|error| {
            tracing::warn!(%error, "whose a registered submission is cannot be read");
            false
        });
        let later = own && self.inner.registry.is_in_process() && self.inner.is_undisturbed();
        let confirmation = if later {
            match self.inner.confirmations.push(confirmation) {
                Ok(()) => return true,
                Err(confirmation) => confirmation,
            }
        } else {
            confirmation
        };
        let kept = self.confirm(confirmation, own).await;
        if kept {
            reached("repository.confirmed");
        }
        kept
    }

    /// Confirms, with the audit records. Should the database fail, the records wait beside the
    /// submission and the sweeper confirms: the success is true all the same if the submission was
    /// this process's `own`. If another one settled it, its documents have to be there and confirmed.
    async fn confirm(&self, confirmation: Confirmation, own: bool) -> bool {
        let Confirmation { submission, documents, records, _active } = confirmation;
        let confirmed = async {
            let rows = self.inner.outbox_rows(&records)?;
            let job = move |db: &mut Db| {
                Ok::<_, Failure>(
                    settle::confirm(db, submission, &rows)?
                        || settle::are_confirmed(db, &documents)?,
                )
            };
            self.inner.database.write(job).await
        };
        confirmed.await.unwrap_or_else(|error: Failure| {
            tracing::error!(%error, "a registered submission waits to be confirmed");
            own
        })
    }

    /// Another process has taken the submission over, and records what becomes of it.
    fn lost(&self, what: &str) -> Provided {
        tracing::error!(submission = %self.upload.id(), "{what}");
        let finding = Finding::new(&rules::INTERNAL, "Submission");
        let response = RegistryResponse::failure(&[finding], Reporter::Repository);
        Provided { response, open: true }
    }

    /// The registry gave no answer: the documents stay until it has been asked.
    async fn unknown(&self, reason: &str) -> Provided {
        tracing::warn!(reason, "the outcome of a registration is not known");
        self.leave_open().await;
        self.open()
    }

    /// The deadline passed while the registry is at work. Until it has ended nobody may settle the
    /// submission: a sweep would not find it registered, and remove what is registered a moment later.
    fn overdue(&self, asked: JoinHandle<Result<RegistryResponse, Unreachable>>) -> Provided {
        tracing::warn!("a registration goes on behind its deadline");
        let (inner, id, active) = (Arc::clone(self.inner), self.upload.id(), self.upload.active());
        tokio::spawn(async move {
            // Whatever it answers is told by the repair that asks it.
            drop(asked.await);
            leave_open(&inner, id).await;
            drop(active);
        });
        self.open()
    }

    /// The answer to a submission whose outcome is open.
    fn open(&self) -> Provided {
        let set = self.submission.submission_set.unique_id.as_str();
        let finding = Finding::new(&rules::REGISTRY_NOT_AVAILABLE, format!("SubmissionSet {set}"))
            .location(self.submission.submission_set.id.to_string());
        let response = RegistryResponse::failure(&[finding], Reporter::Repository);
        Provided { response, open: true }
    }

    async fn leave_open(&self) {
        leave_open(self.inner, self.upload.id()).await;
    }

    async fn record_refusal(&self, answer: &RegistryResponse) {
        let mut codes: Vec<&str> = answer.errors.iter().map(|e| e.code.as_str()).collect();
        codes.dedup();
        let codes = codes.join(" ");
        let outcome = Outcome::SeriousFailure;
        self.inner.record_failed_registration(self.ctx, &self.submission, outcome, codes).await;
    }
}

/// Nobody works on the submission any more: repair may settle it once its grace is over.
async fn leave_open(inner: &Inner, id: SubmissionId) {
    let left = inner.database.write(move |db| settle::leave_open(db, id)).await;
    if let Err(error) = left {
        tracing::warn!(%error, "an open submission keeps its lease until this process ends");
    }
}

/// Whether a failure says that nothing was registered. XDSRegistryError is what a registry answers
/// that does not know itself whether its commit happened.
fn is_definite(answer: &RegistryResponse) -> bool {
    let vague = IheCode::GeneralError.name(Reporter::Registry);
    !answer.errors.is_empty() && answer.errors.iter().all(|e| e.code != vague)
}

fn never_without_reason(answer: RegistryResponse) -> RegistryResponse {
    if answer.status == Status::Failure && answer.errors.is_empty() {
        return RegistryResponse::failure(&[], Reporter::Repository);
    }
    answer
}
