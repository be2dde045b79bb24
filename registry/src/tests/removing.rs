//! ITI-62 Remove Metadata: what may go, what goes with it, and what it leaves (ITI TF-2: 3.62).

use super::world::*;
use renkei_metadata::finding::{Checked, Finding};
use renkei_metadata::ids::{EntryUuid, ObjectId};
use renkei_metadata::model::AssociationType::{self, *};
use renkei_metadata::model::{AvailabilityStatus, Submission, SubmissionSetStatus};
use renkei_xds::iti18::QueryBuilder;
use renkei_xds::response::{RegistryResponse, Status};
use uuid::Uuid;

fn new_id() -> EntryUuid {
    EntryUuid(Uuid::new_v4())
}

/// A submission whose ids are all chosen by its sender, so that a test can name them.
struct Sent {
    set: EntryUuid,
    /// The first document.
    document: EntryUuid,
    /// Its associations in message order; the membership of the document comes first.
    links: Vec<EntryUuid>,
}

impl Sent {
    /// All of it.
    fn all(&self) -> Vec<EntryUuid> {
        [vec![self.set, self.document], self.links.clone()].concat()
    }
}

/// Gives every object an id of its own.
fn named(mut s: Submission) -> (Submission, Sent) {
    let mut names = std::collections::HashMap::new();
    let mut name = |id: &mut ObjectId| {
        let new = match id {
            ObjectId::Uuid(uuid) => *uuid,
            ObjectId::Symbol(symbol) => *names.entry(symbol.clone()).or_insert_with(new_id),
        };
        *id = ObjectId::Uuid(new);
        new
    };
    let set = name(&mut s.submission_set.id);
    let documents: Vec<EntryUuid> = s.entries.iter_mut().map(|e| name(&mut e.id)).collect();
    let mut links = Vec::new();
    for a in &mut s.associations {
        links.push(name(&mut a.id));
        name(&mut a.source);
        name(&mut a.target);
    }
    (s, Sent { set, document: documents.first().copied().unwrap_or(set), links })
}

async fn sent(w: &World, s: Submission) -> Sent {
    let (s, sent) = named(s);
    w.accept(s).await;
    sent
}

/// A repository that lost the answer asks after an administrator removed one document of the set, and
/// again after the rest.
#[tokio::test]
async fn a_set_was_taken_whatever_was_removed_since() {
    for w in World::each() {
        let p = patient("1");
        let s = submission(&p, vec![entry(&p), entry(&p)]);
        let documents = [s.entries[0].unique_id.clone(), s.entries[1].unique_id.clone()];
        let set = s.submission_set.unique_id.clone();
        let (s, ids) = named(s);
        let ObjectId::Uuid(other) = s.entries[1].id.clone() else { panic!("named above") };
        w.accept(s).await;
        removed(&w, &[ids.document, ids.links[0]]).await;
        assert!(w.registry.took(&set, None, &documents).await.unwrap());
        assert!(!w.registry.has_entries(&documents[..1]).await.unwrap());
        assert!(w.registry.has_entries(&documents).await.unwrap());
        removed(&w, &[ids.set, other, ids.links[1]]).await;
        assert!(w.registry.took(&set, None, &documents).await.unwrap());
        assert!(!w.registry.has_entries(&documents).await.unwrap());
    }
}

/// What a code says of a patient is gone with the last document that has it.
#[tokio::test]
async fn the_codes_of_a_patient_go_with_the_last_document() {
    for w in World::each() {
        let p = patient("1");
        let with = |events: &[&str]| {
            let mut e = entry(&p);
            e.event_codes = events.iter().map(|event| code(event)).collect();
            submission(&p, vec![e])
        };
        let one = sent(&w, with(&["a"])).await;
        let other = sent(&w, with(&["a", "b"])).await;
        // classCode, healthcareFacilityTypeCode, two of eventCodeList.
        assert_eq!(w.rows("patient_code").await, 4);
        removed(&w, &other.all()).await;
        assert_eq!(w.rows("patient_code").await, 3);
        removed(&w, &one.all()).await;
        assert_eq!(w.rows("patient_code").await, 0);
    }
}

/// A new document of patient 1.
async fn one(w: &World) -> Sent {
    let p = patient("1");
    sent(w, submission(&p, vec![entry(&p)])).await
}

/// A new document of patient 1 that is this to another.
async fn related(w: &World, kind: AssociationType, to: EntryUuid) -> Sent {
    let p = patient("1");
    let mut s = submission(&p, vec![entry(&p)]);
    s.associations.push(link(kind, &s.entries[0].id, &ObjectId::Uuid(to)));
    sent(w, s).await
}

async fn remove(w: &World, ids: &[EntryUuid]) -> RegistryResponse {
    w.registry.remove_metadata(&ctx(), Checked::good(ids.to_vec())).await
}

async fn removed(w: &World, ids: &[EntryUuid]) {
    let answer = remove(w, ids).await;
    assert_eq!(answer.status, Status::Success, "{:?}", answer.errors);
}

/// The codes of a refusal, each once, with the objects it names.
async fn refused(w: &World, ids: &[EntryUuid]) -> Vec<(String, EntryUuid)> {
    let before = everything(w).await;
    let answer = remove(w, ids).await;
    assert_eq!(answer.status, Status::Failure);
    assert_eq!(everything(w).await, before, "a refusal changes nothing");
    let told =
        |e: renkei_xds::response::RegistryError| (e.code, EntryUuid::parse(&e.location).unwrap());
    answer.errors.into_iter().map(told).collect()
}

fn codes(told: &[(String, EntryUuid)]) -> Vec<&str> {
    let mut codes: Vec<&str> = told.iter().map(|(code, _)| code.as_str()).collect();
    codes.sort_unstable();
    codes.dedup();
    codes
}

/// How many rows there are of everything that a removal takes away.
async fn everything(w: &World) -> Vec<i64> {
    let mut counts = Vec::new();
    for table in
        ["document_entry", "submission_set", "folder", "association", "fragment", "reference"]
    {
        counts.push(w.rows(table).await);
    }
    counts
}

#[tokio::test]
async fn a_whole_submission_leaves_nothing_but_its_names() {
    for w in World::each() {
        let p = patient("1");
        let mut e = entry(&p);
        e.reference_ids = vec!["7^^^&1.2.3&ISO^urn:ihe:iti:xds:2013:order".into()];
        let unique_id = e.unique_id.clone();
        let mut s = submission(&p, vec![e]);
        let (new, folder_id) = folder(&p);
        let folder_unique_id = new.unique_id.clone();
        bring(&mut s, new);
        let document = s.entries[0].id.clone();
        file(&mut s, folder_id, &document);
        let (s, sent) = named(s);
        let again = s.clone();
        w.accept(s).await;
        let ids = [sent.all(), vec![folder_id]].concat();
        removed(&w, &ids).await;

        assert_eq!(everything(&w).await, [0; 6]);
        let found = w.query(&QueryBuilder::get_documents_by_unique_id(&[unique_id]).build()).await;
        assert_eq!(found.objects, []);
        // Neither entryUUIDs nor the uniqueIds of SubmissionSets and Folders are free again.
        let codes = w.refuse(again.clone()).await;
        assert!(codes.contains(&"XDSRegistryMetadataError".to_owned()), "{codes:?}");
        assert!(codes.contains(&"XDSDuplicateUniqueIdInRegistry".to_owned()), "{codes:?}");
        let mut same_folder = submission(&p, vec![entry(&p)]);
        let (mut new, _) = folder(&p);
        new.unique_id = folder_unique_id;
        bring(&mut same_folder, new);
        assert_eq!(w.refuse(same_folder).await, ["XDSDuplicateUniqueIdInRegistry"]);
        // That of a document is, with any content.
        let mut e = entry(&p);
        e.unique_id = again.entries[0].unique_id.clone();
        e.hash = Some(hash(99));
        w.accept(submission(&p, vec![e])).await;
    }
}

#[tokio::test]
async fn what_is_not_there_cannot_go() {
    for w in World::each() {
        let sent = one(&w).await;
        let unknown = new_id();
        let told = refused(&w, &[sent.all(), vec![unknown]].concat()).await;
        assert_eq!(told, [("UnresolvedReferenceException".to_owned(), unknown)]);
        removed(&w, &sent.all()).await;
        let told = refused(&w, &sent.all()).await;
        assert_eq!(codes(&told), ["UnresolvedReferenceException"]);
        assert_eq!(told.len(), 3);
    }
}

/// The steps of the connectathon's tests for a document, a folder, and both.
#[tokio::test]
async fn nothing_loses_an_end_and_nothing_is_left_alone() {
    for w in World::each() {
        let (p, original) = (patient("1"), ObjectId::Symbol("Document0".into()));
        let mut s = submission(&p, vec![entry(&p)]);
        let (new, folder_id) = folder(&p);
        bring(&mut s, new);
        file(&mut s, folder_id, &original);
        let sent = sent(&w, s).await;
        let [of_document, of_folder, membership, of_membership] = sent.links[..] else { panic!() };

        assert_eq!(codes(&refused(&w, &[sent.set]).await), ["ReferencesExistException"]);
        assert_eq!(codes(&refused(&w, &[sent.document]).await), ["ReferencesExistException"]);
        let told = refused(&w, &[of_document]).await;
        assert_eq!(told, [("XDSUnreferencedObjectException".to_owned(), sent.document)]);
        let told = refused(&w, &[of_membership]).await;
        assert_eq!(told, [("XDSUnreferencedObjectException".to_owned(), membership)]);
        assert_eq!(
            refused(&w, &[membership]).await,
            [("ReferencesExistException".to_owned(), membership),]
        );
        let objects = [sent.document, folder_id, of_document, of_folder, membership, of_membership];
        let told = refused(&w, &objects).await;
        assert_eq!(told, [("XDSUnreferencedObjectException".to_owned(), sent.set)]);

        removed(&w, &[membership, of_membership]).await;
        removed(&w, &[folder_id, of_folder]).await;
        removed(&w, &[sent.set, sent.document, of_document]).await;
        assert_eq!(everything(&w).await, [0; 6]);
    }
}

#[tokio::test]
async fn every_reason_is_told_at_once() {
    for w in World::each() {
        let (a, b) = (one(&w).await, one(&w).await);
        let addendum = related(&w, Apnd, b.document).await;
        let unknown = new_id();
        let told = refused(&w, &[a.set, b.links[0], addendum.links[1], unknown]).await;
        let all = [
            "ReferencesExistException",
            "UnresolvedReferenceException",
            "XDSUnreferencedObjectException",
        ];
        assert_eq!(codes(&told), all);
        assert_eq!(told.len(), 5, "{told:?}");
    }
}

#[tokio::test]
async fn an_addendum_that_stays_keeps_what_it_adds_to() {
    for w in World::each() {
        for kind in [Apnd, Xfrm, Signs] {
            let original = one(&w).await;
            let addendum = related(&w, kind, original.document).await;
            let of_both = addendum.links[1];
            let told = refused(&w, &[of_both]).await;
            assert_eq!(told, [("ReferencesExistException".to_owned(), of_both)]);
            assert_eq!(codes(&refused(&w, &original.all()).await), ["ReferencesExistException"]);
            let with_link = [original.all(), vec![of_both]].concat();
            assert_eq!(codes(&refused(&w, &with_link).await), ["ReferencesExistException"]);
            removed(&w, &addendum.all()).await;
            removed(&w, &original.all()).await;
        }
        assert_eq!(everything(&w).await, [0; 6]);
    }
}

#[tokio::test]
async fn a_replaced_document_that_stays_keeps_its_replacement() {
    for w in World::each() {
        for kind in [Rplc, XfrmRplc] {
            let original = one(&w).await;
            let new = related(&w, kind, original.document).await;
            let of_both = new.links[1];
            assert_eq!(codes(&refused(&w, &[of_both]).await), ["ReferencesExistException"]);
            assert_eq!(codes(&refused(&w, &new.all()).await), ["ReferencesExistException"]);
            assert_eq!(codes(&refused(&w, &original.all()).await), ["ReferencesExistException"]);
            removed(&w, &[original.all(), vec![of_both]].concat()).await;
            removed(&w, &[new.set, new.document, new.links[0]]).await;
        }
        assert_eq!(everything(&w).await, [0; 6]);
    }
}

/// A document with an addendum is replaced: the addendum is no longer current and may lose what it adds
/// to.
#[tokio::test]
async fn several_branches_go_in_several_orders() {
    for w in World::each() {
        let branches = || async {
            let original = one(&w).await;
            let addendum = related(&w, Apnd, original.document).await;
            let new = related(&w, XfrmRplc, original.document).await;
            (original, addendum, new)
        };
        let (original, addendum, new) = branches().await;
        assert_eq!(codes(&refused(&w, &original.all()).await), ["ReferencesExistException"]);
        removed(&w, &[addendum.links[1]]).await;
        removed(&w, &[original.all(), vec![new.links[1]]].concat()).await;
        removed(&w, &[addendum.set, addendum.document, addendum.links[0]]).await;
        removed(&w, &[new.set, new.document, new.links[0]]).await;
        let (original, addendum, new) = branches().await;
        removed(&w, &[original.all(), addendum.all(), new.all()].concat()).await;
        assert_eq!(everything(&w).await, [0; 6]);
    }
}

/// A document that another SubmissionSet refers to stays with it.
#[tokio::test]
async fn a_reference_holds_a_document() {
    for w in World::each() {
        let (p, other) = (patient("1"), patient("2"));
        let original = one(&w).await;
        let mut s = submission(&other, vec![entry(&other)]);
        let id = ObjectId::Uuid(original.document);
        let reference = member(&s.submission_set, &id, SubmissionSetStatus::Reference);
        s.associations.push(reference);
        let referring = sent(&w, s).await;
        removed(&w, &[original.set, original.links[0]]).await;
        assert_eq!(
            w.entries(&QueryBuilder::find_documents(&p, &AvailabilityStatus::ALL).build())
                .await
                .len(),
            1
        );
        let told = refused(&w, &referring.all()).await;
        assert_eq!(told, [("XDSUnreferencedObjectException".to_owned(), original.document)]);
        removed(&w, &[referring.all(), vec![original.document]].concat()).await;
        assert_eq!(everything(&w).await, [0; 6]);
    }
}

#[tokio::test]
async fn a_removal_is_on_record_with_patient_and_objects() {
    for w in World::each() {
        let sent = one(&w).await;
        let before = w.outbox().await;
        removed(&w, &sent.all()).await;
        assert_eq!(w.outbox().await, before + 1);
        refused(&w, &sent.all()[..1]).await;
        assert_eq!(w.outbox().await, before + 1);
        let records = w.records.0.lock().unwrap();
        let refusal = records.last().unwrap();
        assert_eq!(refusal.event_type.as_ref().unwrap().code, "ITI-62");
        assert_eq!(refusal.outcome_description.as_deref(), Some("UnresolvedReferenceException"));
        let object = refusal.objects.last().unwrap();
        assert_eq!((object.id.as_str(), object.life_cycle), (&*sent.set.to_string(), Some(15)));
    }
}

/// What was found while the message was read refuses it, together with what the registry finds.
#[tokio::test]
async fn nothing_goes_by_a_message_that_says_more() {
    for w in World::each() {
        let sent = one(&w).await;
        let query = Finding::new(&renkei_xds::rules::REMOVAL_BY_QUERY, "RemoveObjectsRequest");
        let unknown = new_id();
        let ids = [sent.all(), vec![unknown]].concat();
        let request = Checked { value: Some(ids), findings: vec![query] };
        let answer = w.registry.remove_metadata(&ctx(), request).await;
        let told: Vec<&str> = answer.errors.iter().map(|e| e.code.as_str()).collect();
        assert_eq!(told, ["XDSRegistryMetadataError", "UnresolvedReferenceException"]);
        assert_eq!(w.rows("document_entry").await, 1);
    }
}
