//! Random sequences of submissions against a small model of what a registry is.

use super::world::{World, link, member, patient};
use crate::store::key::Id;
use crate::store::{lookup, status_number};
use proptest::collection::vec;
use proptest::prelude::*;
use renkei_database::DatabaseError;
use renkei_metadata::arbitrary;
use renkei_metadata::ids::{EntryUuid, ObjectId};
use renkei_metadata::model::{
    AssociationType, AvailabilityStatus, DocumentEntry, Submission, SubmissionSetStatus,
};
use renkei_metadata::normalise;
use renkei_xds::iti18::QueryBuilder;
use renkei_xds::response::Status;
use std::collections::{BTreeMap, HashSet};
use uuid::Uuid;

const BOTH: &[AvailabilityStatus] = &[AvailabilityStatus::Approved, AvailabilityStatus::Deprecated];

/// One submission, in relation to what has been registered before.
#[derive(Clone, Debug)]
struct Step {
    /// New documents, complete.
    submission: Submission,
    /// Whose.
    patient: usize,
    /// Which registered documents the new ones replace; one that does not exist when out of range.
    replaces: Vec<Option<usize>>,
    /// Which registered document the first one repeats, and whether its hash is another.
    repeats: Option<(usize, bool)>,
    /// Which registered document is included by reference.
    refers: Option<usize>,
}

fn step() -> impl Strategy<Value = Step> {
    (
        arbitrary::submission(),
        0..2usize,
        vec(prop::option::weighted(0.4, 0..6usize), 3),
        prop::option::weighted(0.3, (0..6usize, prop::bool::weighted(0.3))),
        prop::option::weighted(0.3, 0..6usize),
    )
        .prop_map(|(submission, patient, replaces, repeats, refers)| Step {
            submission,
            patient,
            replaces,
            repeats,
            refers,
        })
}

struct Document {
    id: EntryUuid,
    entry: DocumentEntry,
    patient: usize,
    status: AvailabilityStatus,
}

/// What should be registered.
#[derive(Default)]
struct Model {
    documents: Vec<Document>,
}

impl Model {
    /// The message of a step.
    fn message(&self, step: &Step) -> Submission {
        let mut s = step.submission.clone();
        let p = patient(&step.patient.to_string());
        s.submission_set.patient_id = Some(p.clone());
        s.associations.retain(|a| a.association_type == AssociationType::HasMember);
        for (e, a) in s.entries.iter_mut().zip(&mut s.associations) {
            e.patient_id = Some(p.clone());
            e.id = ObjectId::Uuid(EntryUuid(Uuid::new_v4()));
            a.target = e.id.clone();
        }
        if let Some((n, changed)) = step.repeats
            && let Some(old) = self.documents.get(n)
        {
            let e = &mut s.entries[0];
            e.unique_id = old.entry.unique_id.clone();
            e.size = old.entry.size;
            e.hash = if changed { Some(super::world::hash(255)) } else { old.entry.hash.clone() };
        }
        for (e, target) in s.entries.iter().zip(&step.replaces) {
            if let Some(n) = target {
                let old = self.documents.get(*n).map_or(EntryUuid(Uuid::new_v4()), |d| d.id);
                let rplc = link(AssociationType::Rplc, &e.id, &ObjectId::Uuid(old));
                s.associations.push(rplc);
            }
        }
        if let Some(old) = step.refers.and_then(|n| self.documents.get(n)) {
            let reference = SubmissionSetStatus::Reference;
            let id = ObjectId::Uuid(old.id);
            s.associations.push(member(&s.submission_set, &id, reference));
        }
        s
    }

    /// Whether a registry has to accept the step.
    fn accepts(&self, step: &Step, message: &Submission) -> bool {
        let mut replaced = HashSet::new();
        let targets = step.replaces.iter().take(message.entries.len()).flatten();
        let replaces = targets.into_iter().all(|n| {
            self.documents.get(*n).is_some_and(|d| {
                d.patient == step.patient
                    && d.status == AvailabilityStatus::Approved
                    && replaced.insert(*n)
            })
        });
        let unique = message.entries.iter().all(|e| {
            let same = |d: &&Document| d.entry.unique_id == e.unique_id;
            self.documents
                .iter()
                .filter(same)
                .all(|d| d.entry.hash == e.hash && d.entry.size == e.size)
        });
        replaces && unique
    }

    fn apply(&mut self, step: &Step, message: &Submission) {
        let targets = step.replaces.iter().take(message.entries.len()).flatten();
        for n in targets {
            self.documents[*n].status = AvailabilityStatus::Deprecated;
        }
        for e in &message.entries {
            self.documents.push(Document {
                id: e.id.uuid().unwrap(),
                entry: e.clone(),
                patient: step.patient,
                status: AvailabilityStatus::Approved,
            });
        }
    }

    /// The entries of a patient as answers show them.
    fn shown(&self, patient: usize) -> BTreeMap<EntryUuid, DocumentEntry> {
        let shown = |d: &Document| {
            let mut e = d.entry.clone();
            (e.lid, e.version, e.status) = (Some(d.id), Some(1), Some(d.status));
            e.availability.get_or_insert(renkei_metadata::model::DocumentAvailability::Online);
            (d.id, e)
        };
        self.documents.iter().filter(|d| d.patient == patient).map(shown).collect()
    }
}

async fn compare(w: &World, model: &Model) {
    let columns = w.registry.database().read(|db| lookup::columns(db).map_err(DatabaseError::from));
    let mut from_fragments = Vec::new();
    for n in 0..2 {
        let p = patient(&n.to_string());
        let mut found = BTreeMap::new();
        for mut e in w.entries(&QueryBuilder::find_documents(&p, BOTH).build()).await {
            e.availability.get_or_insert(renkei_metadata::model::DocumentAvailability::Online);
            let before = found.insert(e.id.uuid().unwrap(), e);
            assert!(before.is_none());
        }
        assert_eq!(found, model.shown(n));
        from_fragments.extend(found.into_values());
    }
    from_fragments.sort_by_key(|e| e.id.to_string());
    let rows: Vec<lookup::Columns> = from_fragments
        .iter()
        .map(|e| {
            (
                Id::from(e.id.uuid().unwrap()),
                e.unique_id.as_str().to_owned(),
                e.hash.as_ref().map(|h| hex::decode(h.as_str()).unwrap()),
                e.size.map(|s| i64::try_from(s).unwrap_or(i64::MAX)),
                e.class_code.as_ref().map(|c| normalise(&c.key()).into_owned()),
                e.creation_time.as_ref().map(|t| t.lowest()),
                e.home.as_ref().map(|h| h.as_str().to_owned()),
                status_number(e.status.unwrap()),
            )
        })
        .collect();
    assert_eq!(columns.await.unwrap(), rows);
}

async fn run(w: &World, steps: &[Step]) {
    let mut model = Model::default();
    for step in steps {
        let message = model.message(step);
        let accepted = model.accepts(step, &message);
        let answer = w.register(message.clone()).await;
        let expected = if accepted { Status::Success } else { Status::Failure };
        assert_eq!(answer.status, expected, "{:?}", answer.errors);
        if accepted {
            model.apply(step, &message);
        }
        compare(w, &model).await;
    }
    for document in &model.documents {
        let ids = [document.entry.unique_id.clone()];
        let found = w.entries(&QueryBuilder::get_documents_by_unique_id(&ids).build()).await;
        let same = |d: &&Document| d.entry.unique_id == ids[0];
        assert_eq!(found.len(), model.documents.iter().filter(same).count());
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, max_shrink_iters: 40, ..Default::default() })]
    #[test]
    fn the_registry_holds_what_the_model_holds(steps in vec(step(), 1..7)) {
        let runtime = tokio::runtime::Runtime::new().unwrap();
        runtime.block_on(async {
            for w in World::each() {
                run(&w, &steps).await;
            }
        });
    }
}
