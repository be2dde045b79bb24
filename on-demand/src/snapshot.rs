//! The Stable document that a retrieval leaves behind (ITI TF-2: 3.43.4.2.3).

use crate::codes::Codes;
use crate::entry::submission;
use crate::make::MadeDocument;
use renkei_context::Ctx;
use renkei_metadata::ids::{Dtm, ObjectId, Oid, UniqueId};
use renkei_metadata::model::{Association, AssociationType, DocumentEntry, EntryType, Submission};
use uuid::Uuid;

/// CXi type of the uniqueId of an XDS document (ITI TF-3: Table 4.2.3.1.7-2).
const UNIQUE_ID: &str = "urn:ihe:iti:xds:2013:uniqueId";

/// Says of a snapshot which On-Demand document it is one of, so that it is found by that.
pub(crate) fn reference(on_demand: &UniqueId) -> String {
    format!("{on_demand}^^^^{UNIQUE_ID}")
}

/// The submission of a snapshot of the On-Demand `entry`, in place of `previous`. The same snapshot in
/// place of the same ones has the same uniqueId: whoever did not hear that it was registered cannot
/// register it twice.
pub(crate) fn of(
    ctx: &Ctx,
    entry: &DocumentEntry,
    made: &MadeDocument,
    previous: &[DocumentEntry],
    (source_id, codes): (&Oid, &Codes),
) -> Submission {
    let mut name = format!("snapshot|{}", made.unique_id);
    for one in previous {
        name.push('|');
        name.push_str(&one.id.to_string());
    }
    let set = Oid::from_uuid(Uuid::new_v5(&Uuid::NAMESPACE_OID, name.as_bytes()));
    let stable = DocumentEntry {
        id: ObjectId::Symbol("Document01".to_owned()),
        lid: None,
        version: None,
        home: None,
        status: None,
        object_type: EntryType::Stable,
        creation_time: Some(Dtm::from_utc(ctx.now())),
        availability: None,
        service_start: made.days.as_ref().map(|(first, _)| first.clone()),
        service_stop: made.days.as_ref().map(|(_, last)| last.clone()),
        reference_ids: vec![reference(&entry.unique_id)],
        unique_id: made.unique_id.clone(),
        ..entry.clone()
    };
    let title = "オンデマンド文書のスナップショット";
    let mut submission = submission(ctx, stable, set, title, (source_id, codes));
    let source = ObjectId::Symbol("Document01".to_owned());
    let snapshot = (AssociationType::IsSnapshotOf, &entry.id);
    let replaced = previous.iter().map(|one| (AssociationType::Rplc, &one.id));
    for (number, (kind, target)) in (2..).zip(std::iter::once(snapshot).chain(replaced)) {
        submission.associations.push(Association::numbered(number, kind, &source, target));
    }
    submission
}
