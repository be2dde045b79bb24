//! What the registry says to a repository that has lost an answer.

use super::world::*;
use diesel::RunQueryDsl;
use renkei_database::DatabaseError;

async fn change(w: &World, sql: &'static str) {
    let done = w
        .registry
        .database()
        .write(move |db| Ok::<_, DatabaseError>(diesel::sql_query(sql).execute(db)?));
    done.await.unwrap();
}

#[tokio::test]
async fn a_set_holds_its_own_documents() {
    for w in World::each() {
        let p = patient("1");
        let (one, other) = (entry(&p), entry(&p));
        let (a, b) = (one.unique_id.clone(), other.unique_id.clone());
        let (first, second) = (submission(&p, vec![one]), submission(&p, vec![other]));
        let set = first.submission_set.unique_id.clone();
        let unknown = second.submission_set.unique_id.clone();
        w.accept(first).await;
        assert!(w.registry.holds(&set, std::slice::from_ref(&a)).await.unwrap());
        assert!(w.registry.holds(&set, &[]).await.unwrap());
        assert!(!w.registry.holds(&unknown, &[]).await.unwrap());
        w.accept(second).await;
        assert!(w.registry.holds(&unknown, std::slice::from_ref(&b)).await.unwrap());
        assert!(!w.registry.holds(&set, &[a, b]).await.unwrap(), "one is another set's");
    }
}

#[tokio::test]
async fn a_set_that_was_removed_is_not_held() {
    for w in World::each() {
        let p = patient("1");
        let one = entry(&p);
        let document = one.unique_id.clone();
        let s = submission(&p, vec![one]);
        let set = s.submission_set.unique_id.clone();
        w.accept(s).await;
        change(&w, "UPDATE unique_id SET patient_key = NULL, key = NULL WHERE kind = 1").await;
        assert!(!w.registry.holds(&set, &[document]).await.unwrap());
        assert!(!w.registry.holds(&set, &[]).await.unwrap());
    }
}
