//! Several registries on one database, as processes side by side are.

use super::world::{
    World, ctx, entry, hash, link, member, patient, replacement, submission, with_uuid,
};
use crate::Registry;
use renkei_metadata::finding::Checked;
use renkei_metadata::ids::ObjectId;
use renkei_metadata::model::{AssociationType, Submission, SubmissionSetStatus};
use renkei_xds::iti18::{QueryBuilder, ReturnType};

const ROUNDS: usize = 8;

/// Two registries on each database.
fn each() -> Vec<(World, Registry)> {
    World::each().into_iter().map(|w| w.beside()).collect()
}

/// Registers both at once, one at each registry, and tells the first code of each refusal, sorted.
async fn both(w: &World, other: &Registry, s: Submission, t: Submission) -> [Option<String>; 2] {
    let (c, d) = (ctx(), ctx());
    let (a, b) = tokio::join!(
        w.registry.register(&c, Checked::good(s)),
        other.register(&d, Checked::good(t)),
    );
    let mut codes = [a, b].map(|r| r.errors.into_iter().next().map(|e| e.code));
    codes.sort();
    codes
}

fn one_refused(code: &str) -> [Option<String>; 2] {
    [None, Some(code.to_owned())]
}

#[tokio::test]
async fn two_replacements_of_one_document_give_one() {
    for (w, other) in each() {
        for round in 0..ROUNDS {
            let p = patient(&format!("race{round}"));
            let (old, old_id) = with_uuid(entry(&p));
            w.accept(submission(&p, vec![old])).await;
            let replacement = || replacement(&p, entry(&p), old_id);
            let ends = both(&w, &other, replacement(), replacement()).await;
            assert_eq!(ends, one_refused("XDSRegistryDeprecatedDocumentError"));
        }
    }
}

#[tokio::test]
async fn one_submission_sent_twice_is_registered_once() {
    for (w, other) in each() {
        for round in 0..ROUNDS {
            // Different patients, so that no row lock puts them in order.
            let (p, q) = (patient(&format!("a{round}")), patient(&format!("b{round}")));
            let s = submission(&p, vec![entry(&p)]);
            let mut t = submission(&q, vec![entry(&q)]);
            t.submission_set.unique_id = s.submission_set.unique_id.clone();
            let ends = both(&w, &other, s, t).await;
            assert_eq!(ends, one_refused("XDSDuplicateUniqueIdInRegistry"));
        }
    }
}

#[tokio::test]
async fn one_unique_id_gets_one_content() {
    for (w, other) in each() {
        for round in 0..ROUNDS {
            let (p, q) = (patient(&format!("a{round}")), patient(&format!("b{round}")));
            // In opposite order, so that each has what the other waits for.
            let documents = vec![entry(&p), entry(&p)];
            let mut others: Vec<_> = documents.iter().rev().cloned().collect();
            for e in &mut others {
                (e.patient_id, e.hash) = (Some(q.clone()), Some(hash(2)));
            }
            let (s, t) = (submission(&p, documents), submission(&q, others));
            assert_eq!(both(&w, &other, s, t).await, one_refused("XDSNonIdenticalHash"));
        }
    }
}

#[tokio::test]
async fn one_content_goes_to_both_patients() {
    for (w, other) in each() {
        for round in 0..ROUNDS {
            let (p, q) = (patient(&format!("a{round}")), patient(&format!("b{round}")));
            let documents = vec![entry(&p), entry(&p), entry(&p)];
            let ids: Vec<_> = documents.iter().map(|e| e.unique_id.clone()).collect();
            let mut others: Vec<_> = documents.iter().rev().cloned().collect();
            others.iter_mut().for_each(|e| e.patient_id = Some(q.clone()));
            let (s, t) = (submission(&p, documents), submission(&q, others));
            assert_eq!(both(&w, &other, s, t).await, [None, None]);
            let query = QueryBuilder::get_documents_by_unique_id(&ids);
            let found = w.query(&query.returning(ReturnType::ObjectRef).build()).await;
            assert_eq!(found.objects.len(), 6);
        }
    }
}

/// Each submission holds its own patient and refers to a document of the other's.
#[tokio::test]
async fn references_to_each_other_stop_nobody() {
    for (w, other) in each() {
        let (p, q) = (patient("1"), patient("2"));
        let ((e, e_id), (f, f_id)) = (with_uuid(entry(&p)), with_uuid(entry(&q)));
        w.accept(submission(&p, vec![e])).await;
        w.accept(submission(&q, vec![f])).await;
        for _ in 0..ROUNDS {
            let refer = |patient, id| {
                let mut s = submission(patient, vec![entry(patient)]);
                let id = ObjectId::Uuid(id);
                let reference = SubmissionSetStatus::Reference;
                s.associations.push(member(&s.submission_set, &id, reference));
                s
            };
            let ends = both(&w, &other, refer(&p, f_id), refer(&q, e_id)).await;
            assert_eq!(ends, [None, None]);
        }
    }
}

/// A transformation that is registered beside the replacement of its target is either deprecated with
/// it or refused; it is never current beside it.
#[tokio::test]
async fn no_transformation_outlives_what_it_was_made_of() {
    for (w, other) in each() {
        for round in 0..ROUNDS {
            let p = patient(&format!("race{round}"));
            let (old, old_id) = with_uuid(entry(&p));
            w.accept(submission(&p, vec![old])).await;
            let mut transformation = submission(&p, vec![entry(&p)]);
            let source = transformation.entries[0].id.clone();
            let xfrm = link(AssociationType::Xfrm, &source, &ObjectId::Uuid(old_id));
            transformation.associations.push(xfrm);
            let replacement = replacement(&p, entry(&p), old_id);
            let ends = both(&w, &other, transformation, replacement).await;
            let refused = one_refused("XDSRegistryDeprecatedDocumentError");
            assert!(ends == [None, None] || ends == refused, "{ends:?}");
            let approved = &[renkei_metadata::model::AvailabilityStatus::Approved];
            let current = w.entries(&QueryBuilder::find_documents(&p, approved).build()).await;
            assert_eq!(current.len(), 1);
        }
    }
}
