//! Generators of updates for property tests.

use super::{NewAssociation, NewVersion, Propagation, StatusChange, Update};
use crate::arbitrary;
use crate::ids::{EntryUuid, ObjectId};
use crate::model::AvailabilityStatus;
use proptest::collection::vec;
use proptest::prelude::{Just, Strategy, any, prop_oneof};
use uuid::Uuid;

fn propagation() -> impl Strategy<Value = Propagation> {
    prop_oneof![Just(Propagation::Yes), Just(Propagation::No)]
}

/// Gives each object of an update an id and a logicalID that nothing else in it has.
struct Ids(u128);

impl Ids {
    fn next(&mut self) -> EntryUuid {
        self.0 = self.0.wrapping_add(1);
        EntryUuid(Uuid::from_u128(self.0))
    }

    fn symbol(&mut self, name: &str) -> ObjectId {
        ObjectId::Symbol(format!("{name}{}", self.next().0.simple()))
    }
}

/// An update whose operations are well formed each; what it is about need not be registered.
pub fn update() -> impl Strategy<Value = Update> {
    let entries = vec((arbitrary::entry(), any::<u32>(), propagation()), 0..3);
    let folders = vec((arbitrary::folder(), any::<u32>(), propagation()), 0..3);
    let associations = vec(arbitrary::association(), 0..3);
    let statuses = vec((any::<u128>(), any::<bool>()), 0..3);
    (arbitrary::submission_set(), entries, folders, associations, statuses, any::<u128>()).prop_map(
        |(submission_set, entries, folders, associations, statuses, seed)| {
            let mut ids = Ids(seed);
            let set = submission_set.id.clone();
            let entries = entries.into_iter().map(|(mut e, previous, propagation)| {
                (e.id, e.lid) = (ids.symbol("Document"), Some(ids.next()));
                let member = (&set, ids.symbol("member"));
                NewVersion::of_entry(e, previous, propagation, member)
            });
            let entries = entries.collect();
            let folders = folders.into_iter().map(|(mut f, previous, propagation)| {
                (f.id, f.lid) = (ids.symbol("Folder"), Some(ids.next()));
                let member = (&set, ids.symbol("member"));
                NewVersion::of_folder(f, previous, propagation, member)
            });
            let folders = folders.collect();
            let associations = associations.into_iter().map(|mut a| {
                a.id = ids.symbol("association");
                NewAssociation::new(a, (&set, ids.symbol("submit")))
            });
            let associations = associations.collect();
            let statuses = statuses.into_iter().map(|(target, deprecated)| {
                let mut statuses = AvailabilityStatus::ALL;
                if deprecated {
                    statuses.reverse();
                }
                let target = ObjectId::Uuid(EntryUuid(Uuid::from_u128(target)));
                StatusChange::new(&target, statuses, (&set, ids.symbol("status")))
            });
            let statuses = statuses.collect();
            Update { submission_set, entries, folders, associations, statuses }
        },
    )
}
