//! What the registry says to a repository that has lost an answer.

use super::world::*;

#[tokio::test]
async fn a_set_is_taken_with_documents_that_are_known() {
    for w in World::each() {
        let p = patient("1");
        let (one, other) = (entry(&p), entry(&p));
        let (a, b) = (one.unique_id.clone(), other.unique_id.clone());
        let (first, second) = (submission(&p, vec![one]), submission(&p, vec![other]));
        let set = first.submission_set.unique_id.clone();
        let unknown = second.submission_set.unique_id.clone();
        w.accept(first).await;
        assert!(w.registry.took(&set, std::slice::from_ref(&a)).await.unwrap());
        assert!(w.registry.took(&set, &[]).await.unwrap());
        assert!(!w.registry.took(&unknown, &[]).await.unwrap());
        assert!(!w.registry.took(&unknown, std::slice::from_ref(&a)).await.unwrap());
        assert!(!w.registry.took(&set, &[a.clone(), b.clone()]).await.unwrap(), "no entry names b");
        assert!(w.registry.has_entries(&[b.clone(), a]).await.unwrap(), "one of them");
        assert!(!w.registry.has_entries(std::slice::from_ref(&b)).await.unwrap());
        assert!(!w.registry.has_entries(&[]).await.unwrap());
        w.accept(second).await;
        assert!(w.registry.took(&unknown, std::slice::from_ref(&b)).await.unwrap());
    }
}
