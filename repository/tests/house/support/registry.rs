//! A registry that answers as a test wants.

use super::*;
use renkei_context::{Action, Scope, within};
use renkei_repository::Taken;
use std::collections::HashSet;

/// What the registry answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    Success,
    Refusal(&'static str),
    Silence,
}

/// Something to do while the registry is asked.
pub type Probe = Arc<dyn Fn() -> BoxFuture<'static, ()> + Send + Sync>;

/// A registry that remembers what it was asked.
pub struct FakeRegistry {
    pub answer: Mutex<Answer>,
    /// The SubmissionSets and documents that it holds; a silent one may have registered all the same.
    pub registered: Mutex<Vec<String>>,
    /// The entryUUIDs of SubmissionSets, as far as a test says them.
    pub sets: Mutex<HashMap<Oid, EntryUuid>>,
    pub asks: Mutex<Result<(), ()>>,
    pub asks_entries: Mutex<Result<(), ()>>,
    pub seen: Mutex<Vec<Submission>>,
    /// Whether it is a part of the repository's process.
    pub in_process: AtomicBool,
    /// Looked at while ITI-42 is under way.
    pub probe: Mutex<Option<Probe>>,
    /// Looked at between the registry's answer to a repair and its arrival.
    pub after_asked: Mutex<Option<Probe>>,
}

impl Default for FakeRegistry {
    fn default() -> Self {
        Self {
            answer: Mutex::new(Answer::Success),
            registered: Mutex::default(),
            sets: Mutex::default(),
            asks: Mutex::new(Ok(())),
            asks_entries: Mutex::new(Ok(())),
            seen: Mutex::default(),
            in_process: AtomicBool::new(false),
            probe: Mutex::default(),
            after_asked: Mutex::default(),
        }
    }
}

impl FakeRegistry {
    /// Registers the submission, whatever it answers.
    pub fn take(&self, submission: &Submission) {
        let ids = submission.entries.iter().map(|e| e.unique_id.to_string());
        let set = submission.submission_set.unique_id.to_string();
        self.registered.lock().unwrap().extend(ids.chain([set]));
    }

    /// An administrator removes what has this uniqueId.
    pub fn forget(&self, id: &str) {
        self.registered.lock().unwrap().retain(|known| known != id);
    }

    /// Registers what it was asked to and did not answer.
    pub fn take_last(&self) {
        let last = self.seen.lock().unwrap().last().cloned().unwrap();
        self.take(&last);
    }
}

impl RegistryClient for FakeRegistry {
    fn register<'a>(
        &'a self,
        _ctx: &'a Ctx,
        submission: &'a Submission,
    ) -> BoxFuture<'a, Result<RegistryResponse, Unreachable>> {
        Box::pin(async move {
            self.seen.lock().unwrap().push(submission.clone());
            let probe = self.probe.lock().unwrap().clone();
            if let Some(probe) = probe {
                probe().await;
            }
            let answer = self.answer.lock().unwrap().clone();
            let errors = match answer {
                Answer::Success => {
                    self.take(submission);
                    vec![error("XDSExtraMetadataNotSaved", Severity::Warning)]
                }
                Answer::Refusal(code) => vec![error(code, Severity::Error)],
                Answer::Silence => return Err(Unreachable("no route".to_owned())),
            };
            let status = if answer == Answer::Success { Status::Success } else { Status::Failure };
            Ok(RegistryResponse { status, errors })
        })
    }

    fn took<'a>(
        &'a self,
        _ctx: &'a Ctx,
        set: &'a Oid,
        id: Option<EntryUuid>,
        documents: &'a [UniqueId],
    ) -> BoxFuture<'a, Result<Taken, Unreachable>> {
        Box::pin(async move {
            self.asks.lock().unwrap().map_err(|()| Unreachable("no route".to_owned()))?;
            let mut all = documents.iter().map(UniqueId::as_str).chain([set.as_str()]);
            let whole = {
                let known = self.registered.lock().unwrap();
                all.all(|id| known.iter().any(|k| k == id))
            };
            let whole = whole
                && self
                    .sets
                    .lock()
                    .unwrap()
                    .get(set)
                    .is_none_or(|its| id.is_none_or(|id| *its == id));
            let probe = self.after_asked.lock().unwrap().clone();
            if let Some(probe) = probe {
                probe().await;
            }
            Ok(match (whole, self.is_in_process()) {
                (true, _) => Taken::Yes,
                (false, true) => Taken::No,
                (false, false) => Taken::NotSeen,
            })
        })
    }

    fn opens<'a>(
        &'a self,
        ctx: &'a Ctx,
        action: Action,
        _repository: &'a RepositoryUniqueId,
        documents: &'a [UniqueId],
    ) -> BoxFuture<'a, Result<HashSet<String>, Unreachable>> {
        Box::pin(async move {
            self.asks.lock().unwrap().map_err(|()| Unreachable("no route".to_owned()))?;
            // A submitter is shown the documents whose uniqueId ends as its name does.
            let Scope::Labelled(openings) = within(ctx, action) else { return Ok(HashSet::new()) };
            let names: Vec<&String> = openings.iter().flat_map(|o| &o.submitters).collect();
            let all = documents.iter().map(|id| id.as_str().to_owned());
            Ok(all.filter(|id| names.iter().any(|name| id.ends_with(name.as_str()))).collect())
        })
    }

    fn has_entries<'a>(
        &'a self,
        _ctx: &'a Ctx,
        documents: &'a [UniqueId],
    ) -> BoxFuture<'a, Result<bool, Unreachable>> {
        Box::pin(async move {
            self.asks_entries.lock().unwrap().map_err(|()| Unreachable("no route".to_owned()))?;
            let known = self.registered.lock().unwrap();
            Ok(documents.iter().any(|id| known.iter().any(|k| k == id.as_str())))
        })
    }

    fn endpoint(&self) -> String {
        "https://registry.example/xds/registry".to_owned()
    }

    fn is_in_process(&self) -> bool {
        self.in_process.load(Ordering::Relaxed)
    }
}

fn error(code: &str, severity: Severity) -> RegistryError {
    RegistryError {
        code: code.to_owned(),
        context: "as the registry said it".to_owned(),
        severity,
        location: "there".to_owned(),
    }
}
