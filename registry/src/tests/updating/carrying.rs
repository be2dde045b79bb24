//! What a new version takes over of the one before it.

use super::*;

#[tokio::test]
async fn a_new_version_is_in_the_folders_and_relations_of_the_one_before() {
    for w in World::each() {
        let p = patient("1");
        let (folder, first) = filed(&w, &p).await;
        let addendum = appended(&w, &p, &first.id).await;
        accept(&w, of(&p, first.clone())).await;
        let second = newest(&w, &p, first.lid.unwrap()).await;
        let all = associations(&w, &p).await;
        let filed = between(&all, AssociationType::HasMember, &folder.id, &second.id);
        let apnd = between(&all, AssociationType::Apnd, &addendum.id, &second.id);
        assert_eq!((filed.len(), apnd.len()), (1, 1));
        // Under ids of their own, and as members of the update's SubmissionSet.
        for new in [&filed[0], &apnd[0]] {
            let holders: Vec<_> = all.iter().filter(|a| a.target == new.id).collect();
            assert_eq!(holders.len(), 1, "{new:?}");
            assert_eq!(holders[0].association_type, AssociationType::HasMember);
        }
        // Those of the version before stay with it.
        assert_eq!(between(&all, AssociationType::HasMember, &folder.id, &first.id).len(), 1);
        assert_eq!(between(&all, AssociationType::Apnd, &addendum.id, &first.id).len(), 1);
        // A later version takes over the newer, not the older.
        accept(&w, of(&p, addendum.clone())).await;
        let newer = newest(&w, &p, addendum.lid.unwrap()).await;
        let all = associations(&w, &p).await;
        assert_eq!(between(&all, AssociationType::Apnd, &newer.id, &second.id).len(), 1);
        assert_eq!(between(&all, AssociationType::Apnd, &newer.id, &first.id), []);
    }
}

#[tokio::test]
async fn without_propagation_a_new_version_starts_alone() {
    for w in World::each() {
        let p = patient("1");
        let (folder, first) = filed(&w, &p).await;
        accept(&w, by(&p).entry(first.clone(), Propagation::No).unwrap()).await;
        let second = newest(&w, &p, first.lid.unwrap()).await;
        let all = associations(&w, &p).await;
        assert_eq!(between(&all, AssociationType::HasMember, &folder.id, &second.id), []);
        // It may be joined by hand, then (NIST test 20006).
        let (folder, first) = filed(&w, &p).await;
        let builder = by(&p).entry(first.clone(), Propagation::No).unwrap();
        let new = builder.clone().build().entries[0].object.id.clone();
        let member = link(AssociationType::HasMember, &folder.id, &new);
        accept(&w, builder.association(member)).await;
        let second = newest(&w, &p, first.lid.unwrap()).await;
        let all = associations(&w, &p).await;
        assert_eq!(between(&all, AssociationType::HasMember, &folder.id, &second.id).len(), 1);
    }
}

#[tokio::test]
async fn a_new_version_of_a_folder_holds_its_documents_or_none() {
    for w in World::each() {
        let p = patient("1");
        for (propagation, held) in [(Propagation::Yes, 1), (Propagation::No, 0)] {
            let (folder, document) = filed(&w, &p).await;
            accept(&w, by(&p).folder(folder.clone(), propagation).unwrap()).await;
            let all_folders = folders(&w, &p).await;
            let second =
                all_folders.iter().find(|f| f.lid == folder.lid && f.version == Some(2)).unwrap();
            let all = associations(&w, &p).await;
            let members = between(&all, AssociationType::HasMember, &second.id, &document.id);
            assert_eq!(members.len(), held, "{propagation:?}");
        }
    }
}

#[tokio::test]
async fn a_folder_and_its_document_are_updated_together() {
    for w in World::each() {
        let p = patient("1");
        let (folder, document) = filed(&w, &p).await;
        let both = of(&p, document.clone()).folder(folder.clone(), Propagation::Yes).unwrap();
        accept(&w, both).await;
        let second = newest(&w, &p, document.lid.unwrap()).await;
        let new = folders(&w, &p).await.pop().unwrap();
        let all = associations(&w, &p).await;
        assert_eq!(between(&all, AssociationType::HasMember, &new.id, &second.id).len(), 1);
        assert_eq!(between(&all, AssociationType::HasMember, &new.id, &document.id), []);
        assert_eq!(between(&all, AssociationType::HasMember, &folder.id, &second.id), []);
    }
}

#[tokio::test]
async fn deprecated_associations_stay_behind() {
    for w in World::each() {
        let p = patient("1");
        let (folder, first) = filed(&w, &p).await;
        let all = associations(&w, &p).await;
        let member = &between(&all, AssociationType::HasMember, &folder.id, &first.id)[0];
        let id = member.id.uuid().unwrap();
        accept(&w, by(&p).status(id, APPROVED, DEPRECATED)).await;
        accept(&w, of(&p, first.clone())).await;
        let second = newest(&w, &p, first.lid.unwrap()).await;
        let all = associations(&w, &p).await;
        assert_eq!(between(&all, AssociationType::HasMember, &folder.id, &second.id), []);
    }
}

#[tokio::test]
async fn the_folder_of_an_updated_document_changes_at_that_moment() {
    use super::super::world::{ctx_at, dtm};
    for w in World::each() {
        let p = patient("1");
        let (folder, first) = filed(&w, &p).await;
        let read = update::read(Checked::good(of(&p, first).build().message()), Form::Full);
        let answer = w.registry.update(&ctx_at("2026-05-01T01:02:03Z"), read).await;
        assert_eq!(answer.errors, []);
        let found = folders(&w, &p).await.into_iter().find(|f| f.id == folder.id).unwrap();
        assert_eq!(found.last_update_time, Some(dtm("20260501010203")));
    }
}
