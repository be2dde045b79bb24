//! What a node says is its own: the repositories that it registers for, the sourceId, the institutions of authors, and
//! the community.

use crate::rules;
use renkei_context::{Action, Ctx, Object, Scope, may, within};
use renkei_metadata::finding::{Finding, Rule};
use renkei_metadata::ids::{HomeCommunityId, ObjectId};
use renkei_metadata::model::{ObjectKind, Submission};
use renkei_metadata::organization;
use std::collections::{HashMap, HashSet};

/// The entries of repositories that are not the sender's (ITI TF-3: 4.2.3.2.18). Who is no repository registers nothing
/// at all, be it without a document.
pub(super) fn repositories(ctx: &Ctx, s: &Submission) -> Vec<Finding> {
    let may = |id: Option<&str>| may(ctx, Action::Register, Object::Repository(id)).is_ok();
    if s.entries.is_empty() && !may(None) {
        let set = (ObjectKind::SubmissionSet, &s.submission_set.id);
        return vec![about(&rules::REPOSITORY_NOT_OWN, set).attribute("repositoryUniqueId")];
    }
    let of_entries =
        s.entries.iter().filter_map(|e| Some((&e.id, e.repository.as_ref()?.as_str())));
    let others = of_entries.filter(|(_, repository)| !may(Some(repository)));
    others.map(|(id, repository)| in_other(id, repository)).collect()
}

/// Those that the entries of an update name. They are refused unless what it updates was there: by the entry of a
/// document that it keeps in a repository a node is handed that document (ITI-43), and may erase it (ITI-86). Whoever
/// may change everything may say so of every repository.
pub(crate) fn repositories_of_update(ctx: &Ctx, s: &Submission) -> HashSet<String> {
    if within(ctx, Action::Change) == Scope::Everything {
        return HashSet::new();
    }
    let named = s.entries.iter().filter_map(|e| Some(e.repository.as_ref()?.as_str()));
    let is_other = |id: &&str| may(ctx, Action::Register, Object::Repository(Some(id))).is_err();
    named.filter(is_other).map(str::to_owned).collect()
}

/// The refusal of a repository that an entry names.
pub(crate) fn in_other(entry: &ObjectId, repository: &str) -> Finding {
    about(&rules::REPOSITORY_NOT_OWN, (ObjectKind::DocumentEntry, entry))
        .attribute("repositoryUniqueId")
        .value(repository)
}

/// A sourceId that is not that of whoever sent it first (ITI TF-3: 4.2.3.3.9). Whose it is, is not told.
pub(super) fn source(ctx: &Ctx, s: &Submission) -> Option<Finding> {
    let (set, id) = (&s.submission_set, s.submission_set.source_id.as_str());
    may(ctx, Action::Register, Object::Source(id)).is_err().then(|| {
        about(&rules::SOURCE_NOT_OWN, (ObjectKind::SubmissionSet, &set.id))
            .attribute("sourceId")
            .value(id)
    })
}

/// The institutions of authors that are not those of whoever sent it first (ITI TF-3: 4.2.3.1.4.2).
pub(super) fn institutions(ctx: &Ctx, s: &Submission) -> Vec<Finding> {
    others(ctx, s).map(|(kind, id, xon)| of_other((kind, id), xon)).collect()
}

/// Those that an update names, by the objects that do. They are refused unless what it updates had them: whoever
/// corrects a document keeps what others wrote.
pub(crate) fn institutions_of_update(ctx: &Ctx, s: &Submission) -> Others {
    let mut found = Others::new();
    for (_, id, xon) in others(ctx, s) {
        found.entry(id.clone()).or_default().push(xon.to_owned());
    }
    found
}

/// Institutions of others (XON), by the objects that name them.
pub(crate) type Others = HashMap<ObjectId, Vec<String>>;

fn others<'s>(
    ctx: &'s Ctx,
    s: &'s Submission,
) -> impl Iterator<Item = (ObjectKind, &'s ObjectId, &'s str)> {
    let may = |id: String| may(ctx, Action::Register, Object::Institution(&id)).is_ok();
    organization::of_authors(s).filter(move |(.., xon)| !organization::id_of(xon).is_none_or(may))
}

/// The refusal of an institution that an object names.
pub(crate) fn of_other(object: (ObjectKind, &ObjectId), xon: &str) -> Finding {
    about(&rules::INSTITUTION_NOT_OWN, object).attribute("authorInstitution").value(xon)
}

/// The objects that say they are of another community than `own` (ITI TF-3: 4.2.3.2.12). What the house
/// sends itself is not looked at.
pub(crate) fn communities(
    ctx: &Ctx,
    own: Option<&HomeCommunityId>,
    s: &Submission,
) -> Vec<Finding> {
    let set = &s.submission_set;
    let set = (ObjectKind::SubmissionSet, &set.id, &set.home);
    let entries = s.entries.iter().map(|e| (ObjectKind::DocumentEntry, &e.id, &e.home));
    let folders = s.folders.iter().map(|f| (ObjectKind::Folder, &f.id, &f.home));
    let links = s.associations.iter().map(|a| (ObjectKind::Association, &a.id, &a.home));
    let all = std::iter::once(set).chain(entries).chain(folders).chain(links);
    let others = all.filter_map(|(kind, id, home)| {
        let is_refused = |home: &&HomeCommunityId| {
            let stated = Object::Community(home.as_str(), own.map(HomeCommunityId::as_str));
            may(ctx, Action::Register, stated).is_err()
        };
        let home = home.as_ref().filter(is_refused)?;
        let finding = about(&rules::COMMUNITY_NOT_OWN, (kind, id));
        let finding = finding.attribute("homeCommunityId").value(home.as_str());
        Some(match own {
            Some(own) => finding.expected(own.to_string(), own.to_string()),
            None => finding,
        })
    });
    others.collect()
}

fn about(rule: &'static Rule, (kind, id): (ObjectKind, &ObjectId)) -> Finding {
    Finding::new(rule, format!("{kind} {id}")).location(id.to_string())
}
