//! Documents and their metadata, checked against one another (ITI TF-2: 3.41.4.1.3).

use crate::rules;
use crate::store::write::{Conflict, Retyped};
use crate::upload::Received;
use renkei_metadata::finding::Finding;
use renkei_metadata::ids::{HomeCommunityId, RepositoryUniqueId, Sha1Hash};
use renkei_metadata::model::{DocumentEntry, EntryType, Submission};

fn on(rule: &'static renkei_metadata::finding::Rule, entry: &DocumentEntry) -> Finding {
    let id = entry.id.to_string();
    Finding::new(rule, format!("DocumentEntry {id}")).location(id)
}

/// What the repository finds in an entry without its document.
pub(crate) fn check_entry(entry: &DocumentEntry) -> Option<Finding> {
    (entry.object_type != EntryType::Stable).then(|| {
        on(&rules::NOT_STABLE, entry)
            .attribute("objectType")
            .value(entry.object_type.urn())
            .expected(EntryType::Stable.urn(), EntryType::Stable.urn())
    })
}

/// Hash and size, where the sender gave them, are those of the octets that arrived.
pub(crate) fn check_document(entry: &DocumentEntry, document: &Received) -> Vec<Finding> {
    let measured = &document.measured;
    let hash = Sha1Hash::from_digest(measured.sha1);
    let mut findings = Vec::new();
    if let Some(given) = entry.hash.as_ref().filter(|given| **given != hash) {
        let expected = hash.as_str().to_owned();
        let finding = on(&rules::HASH_DIFFERS, entry).attribute("hash").value(given.as_str());
        findings.push(finding.expected(expected.clone(), expected));
    }
    if let Some(given) = entry.size.filter(|given| *given != measured.size) {
        let expected = measured.size.to_string();
        let finding = on(&rules::SIZE_DIFFERS, entry).attribute("size").value(given.to_string());
        findings.push(finding.expected(expected.clone(), expected));
    }
    findings
}

/// Adds what only the repository knows: its own id (replacing any other), hash and size where the
/// sender gave none, and its community (ITI TF-2: 3.41.4.1.3.2).
pub(crate) fn complete(
    entry: &mut DocumentEntry,
    document: &Received,
    repository: &RepositoryUniqueId,
    home: Option<&HomeCommunityId>,
) {
    entry.repository = Some(repository.clone());
    let measured = &document.measured;
    entry.hash.get_or_insert_with(|| Sha1Hash::from_digest(measured.sha1));
    entry.size.get_or_insert(measured.size);
    if entry.home.is_none() {
        entry.home = home.cloned();
    }
}

/// Documents whose uniqueId is here with other octets.
pub(crate) fn conflicts(submission: &Submission, conflicts: &[Conflict]) -> Vec<Finding> {
    let mut findings = Vec::new();
    for conflict in conflicts {
        let entries = submission.entries.iter().filter(|e| e.unique_id == conflict.unique_id);
        for entry in entries {
            let rules = [
                Some(&rules::NON_IDENTICAL_HASH),
                conflict.size.then_some(&rules::NON_IDENTICAL_SIZE),
            ];
            findings.extend(
                rules.into_iter().flatten().map(|rule| {
                    on(rule, entry).attribute("uniqueId").value(entry.unique_id.as_str())
                }),
            );
        }
    }
    findings
}

/// Documents that are here with the same octets under another media type. Both entries are right to
/// be registered (ITI TF-2: 3.41.4.1.3.2), but a retrieval names a document, not an entry, so that it
/// can tell one type alone: the last.
pub(crate) fn retyped(submission: &Submission, retyped: &[Retyped]) -> Vec<Finding> {
    let of = |one: &Retyped| {
        let entry = submission.entries.iter().find(|e| e.unique_id == one.unique_id)?;
        let types = format!("{} (before: {})", entry.mime_type.as_str(), one.before);
        Some(on(&rules::MEDIA_TYPE_CHANGED, entry).attribute("mimeType").value(types))
    };
    retyped.iter().filter_map(of).collect()
}
