//! What the registry says to a repository that has lost an answer.

use super::world::*;
use renkei_metadata::ids::{EntryUuid, ObjectId};
use renkei_metadata::model::Submission;
use uuid::Uuid;

/// Gives the SubmissionSet an entryUUID.
fn named(submission: &mut Submission, id: EntryUuid) {
    let (set, id) = (submission.submission_set.id.clone(), ObjectId::Uuid(id));
    for association in &mut submission.associations {
        if association.source == set {
            association.source = id.clone();
        }
    }
    submission.submission_set.id = id;
}

#[tokio::test]
async fn a_set_is_taken_with_documents_that_are_known() {
    for w in World::each() {
        let p = patient("1");
        let (one, other) = (entry(&p), entry(&p));
        let (a, b) = (one.unique_id.clone(), other.unique_id.clone());
        let (mut first, second) = (submission(&p, vec![one]), submission(&p, vec![other]));
        let set = first.submission_set.unique_id.clone();
        let unknown = second.submission_set.unique_id.clone();
        let its = EntryUuid(Uuid::from_u128(6));
        named(&mut first, its);
        w.accept(first).await;
        assert!(w.registry.took(&set, None, std::slice::from_ref(&a)).await.unwrap());
        assert!(w.registry.took(&set, None, &[]).await.unwrap());
        assert!(!w.registry.took(&unknown, None, &[]).await.unwrap());
        assert!(!w.registry.took(&unknown, None, std::slice::from_ref(&a)).await.unwrap());
        assert!(
            !w.registry.took(&set, None, &[a.clone(), b.clone()]).await.unwrap(),
            "no entry names b"
        );
        assert!(w.registry.took(&set, Some(its), &[]).await.unwrap());
        let another = EntryUuid(Uuid::from_u128(7));
        assert!(!w.registry.took(&set, Some(another), &[]).await.unwrap(), "of somebody else");
        assert!(w.registry.has_entries(&[b.clone(), a]).await.unwrap(), "one of them");
        assert!(!w.registry.has_entries(std::slice::from_ref(&b)).await.unwrap());
        assert!(!w.registry.has_entries(&[]).await.unwrap());
        w.accept(second).await;
        assert!(w.registry.took(&unknown, None, std::slice::from_ref(&b)).await.unwrap());
    }
}
