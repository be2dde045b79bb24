//! A node submits under its own sourceIds, and nobody else does (ITI TF-3: 4.2.3.3.9: the sourceId names
//! the Document Source), and for its own institutions.

use crate::rules;
use crate::store::source::Claimed;
use renkei_context::{Action, Ctx, Object, binds_source, may};
use renkei_metadata::finding::Finding;
use renkei_metadata::ids::ObjectId;
use renkei_metadata::model::{ObjectKind, Submission};
use renkei_metadata::organization;
use std::collections::HashSet;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// What is wrong with the sourceId, and with the institutions of authors, as far as the sender's certificate says.
pub(crate) fn check(ctx: &Ctx, submission: &Submission) -> Vec<Finding> {
    let may = |id: String| may(ctx, Action::Submit, Object::Institution(&id)).is_ok();
    let others = organization::of_authors(submission)
        .filter(|(.., xon)| !organization::id_of(xon).is_none_or(may))
        .map(|(kind, id, xon)| of_another_institution((kind, id), xon));
    source(ctx, submission).into_iter().chain(others).collect()
}

fn of_another_institution((kind, id): (ObjectKind, &ObjectId), xon: &str) -> Finding {
    Finding::new(&rules::INSTITUTION_NOT_OWN, format!("{kind} {id}"))
        .attribute("authorInstitution")
        .value(xon)
        .location(id.to_string())
}

fn source(ctx: &Ctx, submission: &Submission) -> Option<Finding> {
    let source_id = submission.submission_set.source_id.as_str();
    let decided = may(ctx, Action::Submit, Object::Source(source_id));
    decided.is_err().then(|| of_another(submission))
}

/// The sourceId that is to be the sender's own, where its certificate names none.
pub(crate) fn claimed(ctx: &Ctx, submission: &Submission) -> Option<Claimed> {
    binds_source(ctx).then(|| Claimed {
        source_id: submission.submission_set.source_id.as_str().to_owned(),
        node: ctx.origin.name.clone(),
    })
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
