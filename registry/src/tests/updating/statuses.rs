//! Changes of availabilityStatus.

use super::*;

#[tokio::test]
async fn documents_folders_and_associations_are_deprecated_and_approved_again() {
    for w in World::each() {
        let p = patient("1");
        let (folder, document) = filed(&w, &p).await;
        let all = associations(&w, &p).await;
        let member = &between(&all, AssociationType::HasMember, &folder.id, &document.id)[0];
        for id in [&document.id, &folder.id, &member.id] {
            let id = id.uuid().unwrap();
            for statuses in [[APPROVED, DEPRECATED], [DEPRECATED, APPROVED]] {
                accept(&w, by(&p).status(id, statuses[0], statuses[1])).await;
                let status = everything(&w, &p).await.into_iter().find_map(|o| match o {
                    RegistryObject::Entry(e) if e.id.uuid() == Some(id) => e.status,
                    RegistryObject::Folder(f) if f.id.uuid() == Some(id) => f.status,
                    RegistryObject::Association(a) if a.id.uuid() == Some(id) => a.status,
                    _ => None,
                });
                assert_eq!(status, Some(statuses[1]), "{id}");
            }
        }
    }
}

#[tokio::test]
async fn the_status_of_a_version_before_the_latest_never_changes() {
    for w in World::each() {
        let p = patient("1");
        let first = registered(&w, &p).await;
        accept(&w, of(&p, first.clone())).await;
        let id = first.id.uuid().unwrap();
        let update = by(&p).status(id, DEPRECATED, APPROVED);
        assert_eq!(codes(&w, update).await, ["XDSMetadataUpdateError"]);
    }
}

/// The new version is made first, and the status is that of the new version, whichever of the two the
/// operation names (NIST tests 20003, 20004).
#[tokio::test]
async fn an_update_and_a_status_of_one_object_come_one_after_the_other() {
    for w in World::each() {
        let p = patient("1");
        for by_old_id in [true, false] {
            let (folder, document) = filed(&w, &p).await;
            let status = |update: UpdateBuilder, old: &ObjectId, new: ObjectId| {
                let mut update = update.build();
                let target = if by_old_id { old.clone() } else { new };
                let set = update.submission_set.id.clone();
                let id = ObjectId::Symbol("status".into());
                let statuses = [APPROVED, DEPRECATED];
                let change = update::StatusChange::new(&target, statuses, (&set, id));
                update.statuses.push(change);
                update
            };
            let update = of(&p, document.clone());
            let new = update.clone().build().entries[0].object.id.clone();
            accept(&w, status(update, &document.id, new)).await;
            let found = newest(&w, &p, document.lid.unwrap()).await;
            assert_eq!((found.version, found.status), (Some(2), Some(DEPRECATED)));

            let update = by(&p).folder(folder.clone(), Propagation::Yes).unwrap();
            let new = update.clone().build().folders[0].object.id.clone();
            accept(&w, status(update, &folder.id, new)).await;
            let found = folders(&w, &p).await;
            let found = found.iter().rfind(|f| f.lid == folder.lid).unwrap();
            assert_eq!((found.version, found.status), (Some(2), Some(DEPRECATED)));

            // A new version is Approved, whatever the operation takes it for.
            let document = registered(&w, &p).await;
            let wrong = of(&p, document.clone());
            let id = document.id.uuid().unwrap();
            let wrong = wrong.status(id, DEPRECATED, APPROVED);
            assert_eq!(codes(&w, wrong).await, ["XDSMetadataUpdateError"]);
            assert_eq!(newest(&w, &p, document.lid.unwrap()).await, document);
        }
    }
}

#[tokio::test]
async fn a_submission_set_and_what_it_holds_keep_their_status() {
    for w in World::each() {
        let p = patient("1");
        let document = registered(&w, &p).await;
        let all = associations(&w, &p).await;
        let member = all.iter().find(|a| a.target == document.id).unwrap();
        for id in [&member.source, &member.id] {
            let update = by(&p).status(id.uuid().unwrap(), APPROVED, DEPRECATED);
            let errors = errors(&w, update).await;
            assert_eq!(errors[0].code, "XDSMetadataUpdateError");
            assert!(errors[0].context.contains(&id.to_string()), "{:?}", errors[0]);
        }
    }
}
