//! On-Demand DocumentEntries (ITI TF-2: 3.61) and their snapshots.

use super::world::{World, ctx, entry, hash, link, patient, replacement, submission, with_uuid};
use renkei_atna::record::Outcome;
use renkei_metadata::finding::Checked;
use renkei_metadata::ids::{EntryUuid, ObjectId, PatientId};
use renkei_metadata::model::{
    AssociationType, AvailabilityStatus, DocumentEntry, EntryType, Submission,
};
use renkei_xds::iti18::QueryBuilder;
use renkei_xds::response::Status;

/// An entry without content.
fn on_demand(p: &PatientId) -> DocumentEntry {
    DocumentEntry {
        object_type: EntryType::OnDemand,
        creation_time: None,
        hash: None,
        size: None,
        ..entry(p)
    }
}

/// The codes for which ITI-61 refuses.
async fn refused(w: &World, s: Submission) -> Vec<String> {
    let answer = w.registry.register_on_demand(&ctx(), Checked::good(s)).await;
    answer.errors.into_iter().map(|e| e.code).collect()
}

async fn accepted(w: &World, s: Submission) {
    let answer = w.registry.register_on_demand(&ctx(), Checked::good(s)).await;
    assert_eq!(answer.status, Status::Success, "{:?}", answer.errors);
}

async fn shown(w: &World, p: &PatientId, kind: EntryType) -> Vec<EntryUuid> {
    let query = QueryBuilder::find_documents(p, &[AvailabilityStatus::Approved])
        .set("$XDSDocumentEntryType", [kind.urn()]);
    let entries = w.entries(&query.build()).await;
    entries.iter().filter_map(|e| e.id.uuid()).collect()
}

#[tokio::test]
async fn an_on_demand_entry_is_registered_without_content_and_found_by_its_type() {
    for w in World::each() {
        let p = patient("1");
        let (e, id) = with_uuid(on_demand(&p));
        accepted(&w, submission(&p, vec![e.clone()])).await;
        assert_eq!(shown(&w, &p, EntryType::OnDemand).await, [id]);
        assert_eq!(shown(&w, &p, EntryType::Stable).await, []);
        assert_eq!(w.outbox().await, 1);
        // The same document again is one more entry; another type of the same id is another document.
        let mut again = on_demand(&p);
        again.unique_id = e.unique_id.clone();
        accepted(&w, submission(&p, vec![again])).await;
        let mut stable = entry(&p);
        stable.unique_id = e.unique_id;
        assert_eq!(
            w.refuse(submission(&p, vec![stable.clone()])).await,
            ["XDSRegistryMetadataError"]
        );
        stable.unique_id = entry(&p).unique_id;
        w.accept(submission(&p, vec![stable.clone()])).await;
        let mut again = on_demand(&p);
        again.unique_id = stable.unique_id;
        let codes = refused(&w, submission(&p, vec![again])).await;
        assert_eq!(codes, ["XDSRegistryMetadataError"]);
    }
}

#[tokio::test]
async fn each_transaction_brings_one_type() {
    for w in World::each() {
        let p = patient("1");
        let codes = refused(&w, submission(&p, vec![entry(&p)])).await;
        assert_eq!(codes, ["XDSRegistryMetadataError"; 4]);
        let record = w.records.0.lock().unwrap().pop().unwrap();
        assert_eq!(record.event_type.map(|t| t.code).as_deref(), Some("ITI-61"));
        assert_eq!(record.outcome, Outcome::SeriousFailure);
        let codes = w.refuse(submission(&p, vec![on_demand(&p)])).await;
        assert_eq!(codes, ["XDSRegistryMetadataError"; 4]);
        let mut e = on_demand(&p);
        e.repository = None;
        assert_eq!(refused(&w, submission(&p, vec![e])).await, ["XDSRegistryMetadataError"]);
        let mut e = on_demand(&p);
        e.hash = Some(hash(1));
        assert_eq!(refused(&w, submission(&p, vec![e])).await, ["XDSRegistryMetadataError"]);
    }
}

#[tokio::test]
async fn a_snapshot_is_one_of_an_on_demand_entry() {
    for w in World::each() {
        let p = patient("1");
        let ((e, id), (stable, stable_id)) = (with_uuid(on_demand(&p)), with_uuid(entry(&p)));
        accepted(&w, submission(&p, vec![e])).await;
        w.accept(submission(&p, vec![stable])).await;
        let snapshot = |of| {
            let mut s = submission(&p, vec![entry(&p)]);
            let source = s.entries[0].id.clone();
            s.associations.push(link(AssociationType::IsSnapshotOf, &source, &ObjectId::Uuid(of)));
            s
        };
        assert_eq!(w.refuse(snapshot(stable_id)).await, ["XDSRegistryMetadataError"]);
        w.accept(snapshot(id)).await;
        // An On-Demand entry is replaced as any other.
        accepted(&w, replacement(&p, on_demand(&p), id)).await;
        assert_eq!(w.refuse(snapshot(id)).await, ["XDSRegistryDeprecatedDocumentError"]);
        assert_eq!(shown(&w, &p, EntryType::OnDemand).await.len(), 1);
    }
}
