//! Random sequences of submissions against a small model of what a registry is.

use super::world::{World, link, member, patient};
use crate::store::key::Id;
use crate::store::{association_number, lookup, set_status_number, status_number};
use proptest::collection::vec;
use proptest::prelude::*;
use renkei_arbitrary::arbitrary;
use renkei_database::{DatabaseError, Db};
use renkei_metadata::ids::{EntryUuid, ObjectId};
use renkei_metadata::model::{
    AssociationType, AvailabilityStatus, DocumentEntry, Submission, SubmissionSetStatus,
};
use renkei_metadata::normalise;
use renkei_xds::iti18::{QueryBuilder, ReturnType};
use std::collections::{BTreeMap, BTreeSet, HashSet};
use uuid::Uuid;

const BOTH: &[AvailabilityStatus] = &[AvailabilityStatus::Approved, AvailabilityStatus::Deprecated];

/// One submission, in relation to what has been registered before.
#[derive(Clone, Debug)]
struct Step {
    /// New documents, complete.
    submission: Submission,
    /// Whose.
    patient: usize,
    /// What the new documents are to others.
    relations: Vec<Relation>,
    /// Which registered document the first one repeats, whoever's it is, and whether its hash is
    /// another.
    repeats: Option<(usize, bool)>,
    /// Which registered document is included by reference.
    refers: Option<usize>,
}

/// An association from a new document to another.
#[derive(Clone, Copy, Debug)]
struct Relation {
    association: AssociationType,
    /// Which of the new documents.
    from: usize,
    to: Other,
}

/// The document at the other end.
#[derive(Clone, Copy, Debug)]
enum Other {
    /// The registered one that came so many before the last; one that does not exist when there are
    /// not so many.
    Registered(usize),
    /// The new one so many behind the first end.
    New(usize),
}

/// Every relationship between documents (ITI TF-3: 4.2.2.2).
const RELATIONS: [AssociationType; 6] = [
    AssociationType::Rplc,
    AssociationType::Xfrm,
    AssociationType::Apnd,
    AssociationType::XfrmRplc,
    AssociationType::Signs,
    AssociationType::IsSnapshotOf,
];

fn relation() -> impl Strategy<Value = Relation> {
    let other = prop_oneof![
        8 => (0..3usize).prop_map(Other::Registered),
        1 => (3..12usize).prop_map(Other::Registered),
        2 => (1..3usize).prop_map(Other::New),
    ];
    let association = prop_oneof![
        9 => prop::sample::select(&RELATIONS[..3]),
        1 => prop::sample::select(&RELATIONS[3..]),
    ];
    (association, 0..3usize, other).prop_map(|(association, from, to)| Relation {
        association,
        from,
        to,
    })
}

fn step() -> impl Strategy<Value = Step> {
    (
        arbitrary::submission(),
        prop_oneof![6 => Just(0), 1 => Just(1usize)],
        vec(relation(), 0..4),
        prop::option::weighted(0.2, (0..6usize, prop::bool::weighted(0.2))),
        prop::option::weighted(0.3, 0..6usize),
    )
        .prop_map(|(submission, patient, relations, repeats, refers)| Step {
            submission,
            patient,
            relations,
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

/// An association as it is stored: source, type, SubmissionSetStatus, target.
type Link = (EntryUuid, AssociationType, Option<SubmissionSetStatus>, EntryUuid);

/// What should be registered.
#[derive(Default)]
struct Model {
    documents: Vec<Document>,
    links: Vec<Link>,
}

impl Model {
    /// The message of a step.
    fn message(&self, step: &Step) -> Submission {
        let mut s = step.submission.clone();
        let p = patient(&step.patient.to_string());
        s.submission_set.patient_id = Some(p.clone());
        s.submission_set.id = ObjectId::Uuid(EntryUuid(Uuid::new_v4()));
        s.associations.retain(|a| a.association_type == AssociationType::HasMember);
        for (e, a) in s.entries.iter_mut().zip(&mut s.associations) {
            e.patient_id = Some(p.clone());
            e.id = ObjectId::Uuid(EntryUuid(Uuid::new_v4()));
            a.id = ObjectId::Uuid(EntryUuid(Uuid::new_v4()));
            (a.source, a.target) = (s.submission_set.id.clone(), e.id.clone());
        }
        if let Some((n, changed)) = step.repeats
            && let Some(old) = self.documents.get(n)
        {
            let e = &mut s.entries[0];
            e.unique_id = old.entry.unique_id.clone();
            e.size = old.entry.size;
            e.hash = if changed { Some(super::world::hash(255)) } else { old.entry.hash.clone() };
        }
        let count = s.entries.len();
        for relation in &step.relations {
            let from = relation.from % count;
            let to = match relation.to {
                Other::Registered(n) => ObjectId::Uuid(
                    self.documents.get(n).map_or(EntryUuid(Uuid::new_v4()), |d| d.id),
                ),
                Other::New(behind) if behind % count == 0 => continue,
                Other::New(behind) => s.entries[(from + behind) % count].id.clone(),
            };
            s.associations.push(link(relation.association, &s.entries[from].id, &to));
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
        let related = relations(message).all(|(_, association, target)| {
            let replaces = replaces(association);
            // No On-Demand entry is ever registered here.
            if association == AssociationType::IsSnapshotOf
                || association == AssociationType::Apnd && self.is_transformation(message, target)
            {
                return false;
            }
            let registered = self.documents.iter().find(|d| d.id == target);
            match registered {
                Some(d) => {
                    d.patient == step.patient
                        && d.status == AvailabilityStatus::Approved
                        && (!replaces || replaced.insert(target))
                }
                None => {
                    let is_new = message.entries.iter().any(|e| e.id.uuid() == Some(target));
                    is_new && !replaces
                }
            }
        });
        let all: Vec<_> = relations(message).collect();
        let once = all.iter().enumerate().all(|(n, relation)| !all[..n].contains(relation));
        let related = related && once && !has_ring(message);
        let unique = message.entries.iter().all(|e| {
            let same = |d: &&Document| d.entry.unique_id == e.unique_id;
            let content = |d: &Document| d.entry.hash == e.hash && d.entry.size == e.size;
            self.documents.iter().filter(same).all(content)
        });
        related && unique
    }

    /// Whether a document is one that transforms another.
    fn is_transformation(&self, message: &Submission, document: EntryUuid) -> bool {
        let is = |from, association| from == document && association == AssociationType::Xfrm;
        self.links.iter().any(|(from, association, ..)| is(*from, *association))
            || relations(message).any(|(from, association, _)| is(from, association))
    }

    fn apply(&mut self, step: &Step, message: &Submission) {
        for id in self.outdated(message) {
            if let Some(d) = self.documents.iter_mut().find(|d| d.id == id) {
                d.status = AvailabilityStatus::Deprecated;
            }
        }
        for e in &message.entries {
            self.documents.push(Document {
                id: e.id.uuid().unwrap(),
                entry: e.clone(),
                patient: step.patient,
                status: AvailabilityStatus::Approved,
            });
        }
        self.links.extend(message.associations.iter().map(|a| {
            let (source, target) = (a.source.uuid().unwrap(), a.target.uuid().unwrap());
            (source, a.association_type, a.submission_set_status, target)
        }));
    }

    /// The registered documents that `message` replaces, and the transformations and addenda that
    /// they, and these in turn, have so far.
    fn outdated(&self, message: &Submission) -> HashSet<EntryUuid> {
        let mut outdated: HashSet<EntryUuid> =
            relations(message).filter(|(_, t, _)| replaces(*t)).map(|(_, _, to)| to).collect();
        loop {
            let depends = |t| matches!(t, AssociationType::Xfrm | AssociationType::Apnd);
            let more =
                self.links.iter().filter(|(_, t, _, to)| depends(*t) && outdated.contains(to));
            let more: Vec<EntryUuid> =
                more.map(|(from, ..)| *from).filter(|from| !outdated.contains(from)).collect();
            if more.is_empty() {
                return outdated;
            }
            outdated.extend(more);
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

fn replaces(association: AssociationType) -> bool {
    matches!(association, AssociationType::Rplc | AssociationType::XfrmRplc)
}

/// The associations of a message that are between documents.
fn relations(
    message: &Submission,
) -> impl Iterator<Item = (EntryUuid, AssociationType, EntryUuid)> + '_ {
    message
        .associations
        .iter()
        .filter(|a| a.association_type != AssociationType::HasMember)
        .map(|a| (a.source.uuid().unwrap(), a.association_type, a.target.uuid().unwrap()))
}

/// Whether some document of a message leads back to itself.
fn has_ring(message: &Submission) -> bool {
    let steps: Vec<(EntryUuid, EntryUuid)> =
        relations(message).map(|(from, _, to)| (from, to)).collect();
    message.entries.iter().filter_map(|e| e.id.uuid()).any(|start| {
        let mut reached = HashSet::new();
        let mut todo = vec![start];
        while let Some(id) = todo.pop() {
            let next = steps.iter().filter(|(from, _)| *from == id).map(|(_, to)| *to);
            todo.extend(next.filter(|to| reached.insert(*to)));
        }
        reached.contains(&start)
    })
}

/// Associations and reference ids are in the tables as the model has them.
async fn compare_tables(w: &World, model: &Model) {
    let read = |db: &mut Db| Ok::<_, DatabaseError>((lookup::links(db)?, lookup::references(db)?));
    let (mut links, mut references) = w.registry.database().read(read).await.unwrap();
    let mut expected: Vec<lookup::Link> = model
        .links
        .iter()
        .map(|(from, association, status, to)| {
            let number = association_number(*association).unwrap();
            (Id::from(*from), number, status.map(set_status_number), Id::from(*to))
        })
        .collect();
    links.sort();
    expected.sort();
    assert_eq!(links, expected);
    let vault = &w.registry.inner.vault;
    let of = |d: &Document| {
        let hashes: BTreeSet<Vec<u8>> =
            d.entry.reference_ids.iter().map(|r| vault.reference_hash(r)).collect();
        hashes.into_iter().map(|hash| (Id::from(d.id), hash)).collect::<Vec<_>>()
    };
    let mut expected: Vec<(Id, Vec<u8>)> = model.documents.iter().flat_map(of).collect();
    references.sort();
    expected.sort();
    assert_eq!(references, expected);
}

async fn compare(w: &World, model: &Model) {
    compare_tables(w, model).await;
    let columns = w.registry.database().read(|db| lookup::columns(db).map_err(DatabaseError::from));
    let mut from_fragments = Vec::new();
    for n in 0..2 {
        let p = patient(&n.to_string());
        let mut found = BTreeMap::new();
        for mut e in w.entries(&QueryBuilder::find_documents(&p, BOTH).everything().build()).await {
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
        let answer = w.enter(message.clone()).await;
        assert_eq!(answer.is_ok(), accepted, "{answer:?}");
        if accepted {
            model.apply(step, &message);
        }
        compare(w, &model).await;
    }
    for document in &model.documents {
        let ids = [document.entry.unique_id.clone()];
        let query = QueryBuilder::get_documents_by_unique_id(&ids)
            .everything()
            .returning(ReturnType::ObjectRef);
        let found = w.query(&query.build()).await.objects;
        let same = |d: &&Document| d.entry.unique_id == ids[0];
        assert_eq!(found.len(), model.documents.iter().filter(same).count());
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 16, max_shrink_iters: 40, ..Default::default() })]
    #[test]
    fn the_registry_holds_what_the_model_holds(steps in vec(step(), 1..10)) {
        let runtime = tokio::runtime::Runtime::new().unwrap();
        runtime.block_on(async {
            for w in World::each() {
                run(&w, &steps).await;
            }
        });
    }
}
