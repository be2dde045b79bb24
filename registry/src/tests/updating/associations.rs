//! Submitted associations.

use super::super::world::replacement;
use super::*;
use renkei_context::Labels;
use std::collections::BTreeSet;

#[tokio::test]
async fn an_association_joins_what_is_registered_and_is_part_of_the_update() {
    for w in World::each() {
        let p = patient("1");
        let (a, b) = (registered(&w, &p).await, registered(&w, &p).await);
        let mut apnd = link(AssociationType::Apnd, &a.id, &b.id);
        apnd.documentation = Some(super::super::world::code("why"));
        accept(&w, by(&p).association(apnd.clone())).await;
        let all = associations(&w, &p).await;
        let found = between(&all, AssociationType::Apnd, &a.id, &b.id);
        assert_eq!(found.len(), 1);
        assert_eq!(
            (&found[0].documentation, found[0].status),
            (&apnd.documentation, Some(APPROVED))
        );
        assert_eq!(all.iter().filter(|m| m.target == found[0].id).count(), 1);
        // Deprecated and approved again (NIST test 20001); not twice at a time (20008).
        let id = found[0].id.uuid().unwrap();
        assert_eq!(codes(&w, by(&p).association(apnd.clone())).await, ["XDSMetadataUpdateError"]);
        accept(&w, by(&p).status(id, APPROVED, DEPRECATED)).await;
        accept(&w, by(&p).association(apnd)).await;
        let again = by(&p).status(id, DEPRECATED, APPROVED);
        assert_eq!(codes(&w, again).await, ["XDSMetadataUpdateError"]);
    }
}

#[tokio::test]
async fn a_membership_that_exists_is_not_submitted_again() {
    for w in World::each() {
        let p = patient("1");
        let (folder, document) = filed(&w, &p).await;
        let member = link(AssociationType::HasMember, &folder.id, &document.id);
        assert_eq!(codes(&w, by(&p).association(member)).await, ["XDSMetadataUpdateError"]);
        let other = registered(&w, &p).await;
        let member = link(AssociationType::HasMember, &folder.id, &other.id);
        let twice = by(&p).association(member.clone()).association(member.clone());
        assert_eq!(codes(&w, twice).await, ["XDSMetadataUpdateError"]);
        accept(&w, by(&p).association(member)).await;
    }
}

#[tokio::test]
async fn both_ends_are_registered_current_and_of_the_right_kind() {
    for w in World::each() {
        let p = patient("1");
        let (folder, a) = filed(&w, &p).await;
        let b = registered(&w, &p).await;
        let old = registered(&w, &p).await;
        accept(&w, of(&p, old.clone())).await;
        let all = associations(&w, &p).await;
        let member = all.iter().find(|m| m.target == b.id).unwrap();
        let unknown = ObjectId::Uuid(EntryUuid(uuid::Uuid::new_v4()));
        let has_member = AssociationType::HasMember;
        let apnd = AssociationType::Apnd;
        let snapshot = AssociationType::IsSnapshotOf;
        for (association_type, source, target, code) in [
            (apnd, &unknown, &b.id, "UnresolvedReferenceException"),
            (apnd, &a.id, &unknown, "UnresolvedReferenceException"),
            (apnd, &a.id, &old.id, "XDSMetadataUpdateError"),
            (apnd, &a.id, &folder.id, "XDSRegistryMetadataError"),
            (apnd, &a.id, &member.id, "XDSRegistryMetadataError"),
            (apnd, &a.id, &member.source, "XDSRegistryMetadataError"),
            (apnd, &a.id, &a.id, "XDSRegistryMetadataError"),
            (has_member, &a.id, &b.id, "XDSRegistryMetadataError"),
            (has_member, &folder.id, &folder.id, "XDSRegistryMetadataError"),
            (has_member, &member.source, &b.id, "XDSRegistryMetadataError"),
            (snapshot, &a.id, &b.id, "XDSRegistryMetadataError"),
        ] {
            let update = by(&p).association(link(association_type, source, target));
            let found = codes(&w, update).await;
            assert!(found.iter().all(|c| c == code) && !found.is_empty(), "{found:?} {code}");
        }
    }
}

/// NIST test 21004.
#[tokio::test]
async fn deprecated_ends_are_approved_first() {
    for w in World::each() {
        let p = patient("1");
        let (a, b) = (registered(&w, &p).await, registered(&w, &p).await);
        let ids = [&a.id, &b.id].map(|id| id.uuid().unwrap());
        for id in ids {
            accept(&w, by(&p).status(id, APPROVED, DEPRECATED)).await;
        }
        let apnd = link(AssociationType::Apnd, &a.id, &b.id);
        for (id, refusals) in [(ids[0], 2), (ids[1], 1)] {
            let found = codes(&w, by(&p).association(apnd.clone())).await;
            assert_eq!(found, vec!["XDSMetadataUpdateError"; refusals]);
            accept(&w, by(&p).status(id, DEPRECATED, APPROVED)).await;
        }
        accept(&w, by(&p).association(apnd)).await;
    }
}

#[tokio::test]
async fn a_submitted_replacement_replaces() {
    for w in World::each() {
        let p = patient("1");
        let old = registered(&w, &p).await;
        let addendum = appended(&w, &p, &old.id).await;
        let new = registered(&w, &p).await;
        let rplc = link(AssociationType::Rplc, &new.id, &old.id);
        let other = registered(&w, &p).await;
        let second = link(AssociationType::Rplc, &other.id, &old.id);
        let both = by(&p).association(rplc.clone()).association(second);
        assert_eq!(codes(&w, both).await, ["XDSRegistryDeprecatedDocumentError"]);
        accept(&w, by(&p).association(rplc)).await;
        for (document, status) in [(old, DEPRECATED), (addendum, DEPRECATED), (new, APPROVED)] {
            assert_eq!(newest(&w, &p, document.lid.unwrap()).await.status, Some(status));
        }
    }
}

/// The new document is the current version (ITI TF-3: 4.2.2.2.3), whatever it was before, and so is what
/// adds to it.
#[tokio::test]
async fn what_transforms_or_adds_to_the_document_that_it_replaces_stays_current() {
    for w in World::each() {
        for relation in [AssociationType::Xfrm, AssociationType::Apnd] {
            let p = patient(&format!("{relation:?}"));
            let (old, new) = (registered(&w, &p).await, registered(&w, &p).await);
            accept(&w, by(&p).association(link(relation, &new.id, &old.id))).await;
            let other = appended(&w, &p, &old.id).await;
            // By a longer way, too: it adds to what falls.
            let both = link(AssociationType::Apnd, &new.id, &other.id);
            if relation == AssociationType::Apnd {
                accept(&w, by(&p).association(both)).await;
            }
            let signed = registered(&w, &p).await;
            accept(&w, by(&p).association(link(AssociationType::Xfrm, &signed.id, &new.id))).await;
            accept(&w, by(&p).association(link(AssociationType::Rplc, &new.id, &old.id))).await;
            let expected =
                [(old, DEPRECATED), (other, DEPRECATED), (new, APPROVED), (signed, APPROVED)];
            for (document, status) in expected {
                let found = newest(&w, &p, document.lid.unwrap()).await.status;
                assert_eq!(found, Some(status), "{relation:?}");
            }
            assert_eq!(super::super::inspecting::contradictions(&w).await, Vec::<String>::new());
        }
    }
}

/// NIST tests 20100a, 20100b.
#[tokio::test]
async fn nothing_joins_objects_of_two_patients() {
    for w in World::each() {
        let (p, q) = (patient("1"), patient("2"));
        let (folder, a) = filed(&w, &p).await;
        let b = registered(&w, &q).await;
        for link in [
            link(AssociationType::Apnd, &a.id, &b.id),
            link(AssociationType::Apnd, &b.id, &a.id),
            link(AssociationType::HasMember, &folder.id, &b.id),
        ] {
            for patient in [&p, &q] {
                let found = codes(&w, by(patient).association(link.clone())).await;
                assert!(
                    !found.is_empty()
                        && found.iter().all(|c| c == "XDSPatientIDReconciliationError"),
                    "{found:?}"
                );
            }
        }
    }
}

/// An addendum gets a new version in the request that replaces what it adds to: that version falls,
/// unless it does not take the relationship over.
#[tokio::test]
async fn what_falls_is_the_version_that_the_update_brings() {
    for w in World::each() {
        let p = patient("1");
        for (propagation, status) in [(Propagation::Yes, DEPRECATED), (Propagation::No, APPROVED)] {
            let (old, new) = (registered(&w, &p).await, registered(&w, &p).await);
            let addendum = appended(&w, &p, &old.id).await;
            let rplc = link(AssociationType::Rplc, &new.id, &old.id);
            let update = by(&p).entry(addendum.clone(), propagation).unwrap();
            accept(&w, update.association(rplc)).await;
            let versions = documents(&w, &p).await.into_iter().filter(|e| e.lid == addendum.lid);
            let found: Vec<_> = versions.map(|e| (e.version, e.status)).collect();
            assert_eq!(found, [(Some(1), Some(DEPRECATED)), (Some(2), Some(status))]);
            let contradictions = super::super::inspecting::contradictions(&w).await;
            assert_eq!(contradictions, Vec::<String>::new());
        }
    }
}

#[tokio::test]
async fn a_deprecated_relationship_makes_nothing_fall() {
    for w in World::each() {
        let p = patient("1");
        let (old, new) = (registered(&w, &p).await, registered(&w, &p).await);
        let addendum = appended(&w, &p, &old.id).await;
        let all = associations(&w, &p).await;
        let apnd = &between(&all, AssociationType::Apnd, &addendum.id, &old.id)[0];
        accept(&w, by(&p).status(apnd.id.uuid().unwrap(), APPROVED, DEPRECATED)).await;
        accept(&w, by(&p).association(link(AssociationType::Rplc, &new.id, &old.id))).await;
        assert_eq!(newest(&w, &p, old.lid.unwrap()).await.status, Some(DEPRECATED));
        assert_eq!(newest(&w, &p, addendum.lid.unwrap()).await.status, Some(APPROVED));
    }
}

#[tokio::test]
async fn of_two_associations_that_are_alike_one_becomes_approved_again() {
    for w in World::each() {
        let p = patient("1");
        let (a, b) = (registered(&w, &p).await, registered(&w, &p).await);
        for _ in 0..2 {
            accept(&w, by(&p).association(link(AssociationType::Apnd, &a.id, &b.id))).await;
            let all = associations(&w, &p).await;
            let found = between(&all, AssociationType::Apnd, &a.id, &b.id);
            let current = found.iter().find(|a| a.status == Some(APPROVED)).unwrap();
            accept(&w, by(&p).status(current.id.uuid().unwrap(), APPROVED, DEPRECATED)).await;
        }
        let all = associations(&w, &p).await;
        let again = between(&all, AssociationType::Apnd, &a.id, &b.id);
        let ids: Vec<EntryUuid> = again.iter().filter_map(|a| a.id.uuid()).collect();
        let approve = |update: UpdateBuilder, id| update.status(id, DEPRECATED, APPROVED);
        let both = approve(approve(by(&p), ids[0]), ids[1]);
        assert_eq!(codes(&w, both).await, ["XDSMetadataUpdateError"]);
        accept(&w, approve(by(&p), ids[1])).await;
    }
}

#[tokio::test]
async fn a_relationship_that_was_withdrawn_says_nothing_any_more() {
    for w in World::each() {
        let p = patient("1");
        let (original, made) = (registered(&w, &p).await, registered(&w, &p).await);
        let xfrm = link(AssociationType::Xfrm, &made.id, &original.id);
        accept(&w, by(&p).association(xfrm)).await;
        let all = associations(&w, &p).await;
        let xfrm = &between(&all, AssociationType::Xfrm, &made.id, &original.id)[0];
        accept(&w, by(&p).status(xfrm.id.uuid().unwrap(), APPROVED, DEPRECATED)).await;
        // It is no transformation any more: there may be additions, by either transaction.
        appended(&w, &p, &made.id).await;
        let other = registered(&w, &p).await;
        accept(&w, by(&p).association(link(AssociationType::Apnd, &other.id, &made.id))).await;
        // Nor does it fall with what it was made of.
        w.accept(replacement(&p, entry(&p), original.id.uuid().unwrap())).await;
        for (document, status) in [(original, DEPRECATED), (made, APPROVED), (other, APPROVED)] {
            assert_eq!(newest(&w, &p, document.lid.unwrap()).await.status, Some(status));
        }
    }
}

#[tokio::test]
async fn nobody_knows_of_a_folder_by_a_membership_that_was_withdrawn() {
    for w in World::each() {
        let p = patient("1");
        let (folder, document) = filed(&w, &p).await;
        let recipients = BTreeSet::from(["1.2.3.77".to_owned()]);
        let scope = Scope::of_openings([Labels { recipients, ..Labels::default() }]);
        let level = MetadataLevel::Everything;
        let all = StoredQuery { level, ..asking(named("GetAll"), of_patients([&p]), []) };
        let known = async || {
            let found = find(&w, &all, &scope).await;
            found.iter().any(|o| matches!(o, RegistryObject::Folder(_)))
        };
        assert!(known().await);
        let links = associations(&w, &p).await;
        let member = &between(&links, AssociationType::HasMember, &folder.id, &document.id)[0];
        accept(&w, by(&p).status(member.id.uuid().unwrap(), APPROVED, DEPRECATED)).await;
        assert!(!known().await);
    }
}

#[tokio::test]
async fn no_relationship_closes_a_ring() {
    let ring = ["XDSRegistryMetadataError"];
    for w in World::each() {
        let p = patient("1");
        let mut d = Vec::new();
        for _ in 0..3 {
            d.push(registered(&w, &p).await);
        }
        let xfrm = |from: usize, to: usize| link(AssociationType::Xfrm, &d[from].id, &d[to].id);
        // Both by one update, or one after the other.
        let both = by(&p).association(xfrm(0, 1)).association(xfrm(1, 0));
        assert_eq!(codes(&w, both).await, ring);
        accept(&w, by(&p).association(xfrm(0, 1)).association(xfrm(1, 2))).await;
        let back = link(AssociationType::Signs, &d[2].id, &d[0].id);
        assert_eq!(codes(&w, by(&p).association(back.clone())).await, ring);
        // Nor by one that becomes current again.
        let all = associations(&w, &p).await;
        let middle = between(&all, AssociationType::Xfrm, &d[1].id, &d[2].id)[0].id.uuid().unwrap();
        accept(&w, by(&p).status(middle, APPROVED, DEPRECATED)).await;
        accept(&w, by(&p).association(back)).await;
        assert_eq!(codes(&w, by(&p).status(middle, DEPRECATED, APPROVED)).await, ring);
        // A new version stands for the one before.
        accept(&w, of(&p, d[0].clone())).await;
        let new = newest(&w, &p, d[0].lid.unwrap()).await;
        let over = link(AssociationType::Signs, &d[1].id, &new.id);
        assert_eq!(codes(&w, by(&p).association(over)).await, ring);
        let update = of(&p, d[1].clone());
        accept(&w, update.status(middle, DEPRECATED, APPROVED)).await;
        assert_eq!(super::super::inspecting::contradictions(&w).await, Vec::<String>::new());
    }
}

#[tokio::test]
async fn it_is_told_when_more_hangs_together_than_is_looked_at() {
    use crate::{PatientPolicy, RegistryLimits};
    let limits = RegistryLimits { query_results: 2, ..RegistryLimits::default() };
    for w in World::each_with(PatientPolicy::AcceptAny, limits) {
        let p = patient("1");
        let mut ids = Vec::new();
        for n in 0..4 {
            let (e, id) = with_uuid(entry(&p));
            let mut s = submission(&p, vec![e]);
            if n > 0 {
                let [new, old] = [id, ids[n - 1]].map(ObjectId::Uuid);
                s.associations.push(link(AssociationType::Apnd, &new, &old));
            }
            w.accept(s).await;
            ids.push(id);
        }
        let (e, id) = with_uuid(entry(&p));
        w.accept(submission(&p, vec![e])).await;
        let [new, last, second] = [id, ids[3], ids[1]].map(ObjectId::Uuid);
        let long = by(&p).association(link(AssociationType::Signs, &new, &last));
        assert_eq!(codes(&w, long).await, ["XDSTooManyResults"]);
        accept(&w, by(&p).association(link(AssociationType::Signs, &new, &second))).await;
    }
}
