//! A node submits under its own sourceIds, and nobody else does (ITI TF-3: 4.2.3.3.9: the sourceId names
//! the Document Source).

use crate::rules;
use crate::store::source::Claimed;
use renkei_context::{Ctx, Sources};
use renkei_metadata::finding::Finding;
use renkei_metadata::model::Submission;
use std::collections::HashSet;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// What is wrong with the sourceId, as far as the sender's certificate says.
pub(crate) fn check(ctx: &Ctx, submission: &Submission) -> Option<Finding> {
    let source_id = submission.submission_set.source_id.as_str();
    let own = match &ctx.origin.grants.sources {
        Sources::Of(ids) => ids.permit(source_id),
        Sources::First { taken } => !taken.contains(source_id),
    };
    (!own).then(|| of_another(submission))
}

/// The sourceId that is to be the sender's own, where its certificate names none.
pub(crate) fn claimed(ctx: &Ctx, submission: &Submission) -> Option<Claimed> {
    match ctx.origin.grants.sources {
        Sources::Of(_) => None,
        Sources::First { .. } => Some(Claimed {
            source_id: submission.submission_set.source_id.as_str().to_owned(),
            node: ctx.origin.name.clone(),
        }),
    }
}

/// SourceIds under which this process was sent more than a first submission, or a first one succeeded: a refusal
/// frees them no more. There are no more of them than nodes.
#[derive(Debug, Default)]
pub(crate) struct BoundSources(Mutex<HashSet<String>>);

impl BoundSources {
    pub(crate) fn bind(&self, claimed: &Claimed) {
        if !self.holds(claimed) {
            self.bound().insert(claimed.source_id.clone());
        }
    }

    pub(crate) fn holds(&self, claimed: &Claimed) -> bool {
        self.bound().contains(&claimed.source_id)
    }

    fn bound(&self) -> MutexGuard<'_, HashSet<String>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The refusal. Whose the sourceId is, is not told, nor which is the sender's own.
pub(crate) fn of_another(submission: &Submission) -> Finding {
    let set = &submission.submission_set;
    let id = set.id.to_string();
    Finding::new(&rules::SOURCE_NOT_OWN, format!("SubmissionSet {id}"))
        .attribute("sourceId")
        .value(set.source_id.as_str())
        .location(id)
}
