//! Searches of every shape that the catalogue has.

use super::world::{World, ctx, entry, link, member, patient, replacement, submission, with_uuid};
use renkei_context::{Labels, Scope};
use renkei_metadata::ids::{EntryUuid, ObjectId, PatientId};
use renkei_metadata::model::{
    AssociationType, AvailabilityStatus, ObjectKind, RegistryObject, Submission,
    SubmissionSetStatus,
};
use renkei_xds::catalogue::{
    self, Condition, Filter, MetadataLevel, OneOf, QueryDef, StoredQuery, Subject,
};
use renkei_xds::iti18::ReturnType;
use std::collections::BTreeSet;
use std::collections::HashSet;

const ENTRY: ObjectKind = ObjectKind::DocumentEntry;
const SET: ObjectKind = ObjectKind::SubmissionSet;
const FOLDER: ObjectKind = ObjectKind::Folder;
const LINK: ObjectKind = ObjectKind::Association;

/// A query of the catalogue.
pub(super) fn named(name: &str) -> &'static QueryDef {
    catalogue::by_name(name).unwrap()
}

pub(super) fn asking(
    def: &'static QueryDef,
    subject: Subject,
    filters: impl IntoIterator<Item = (ObjectKind, Condition)>,
) -> StoredQuery {
    let filter = |(kind, condition)| Filter { kind, condition, excludes: false };
    StoredQuery {
        def,
        return_type: ReturnType::LeafClass,
        home: None,
        subject,
        filters: filters.into_iter().map(filter).collect(),
        level: MetadataLevel::Newest,
        unknown_params: Vec::new(),
    }
}

pub(super) fn of_patients<'a>(patients: impl IntoIterator<Item = &'a PatientId>) -> Subject {
    Subject::Patients(OneOf::new(patients.into_iter().cloned()).unwrap())
}

pub(super) fn by_uuid(
    kinds: &'static [ObjectKind],
    ids: impl IntoIterator<Item = EntryUuid>,
) -> Subject {
    Subject::EntryUuids { kinds, ids: OneOf::new(ids).unwrap() }
}

pub(super) fn approved(kind: ObjectKind) -> (ObjectKind, Condition) {
    (kind, Condition::Status(OneOf::only(AvailabilityStatus::Approved)))
}

/// What a query finds, read both ways: as objects and as references.
pub(super) async fn find(w: &World, query: &StoredQuery, scope: &Scope) -> Vec<RegistryObject> {
    let mut hits = w.registry.find(&ctx(), query, scope).await.unwrap();
    let mut objects = Vec::new();
    let mut ids = Vec::new();
    loop {
        let page = hits.next_page().await.unwrap();
        if page.is_empty() {
            break;
        }
        ids.extend(page.iter().map(|hit| (hit.kind(), hit.id())));
        objects.extend(page.iter().map(|hit| hit.object().unwrap()));
    }
    assert_eq!(hits.count(), objects.len());
    let distinct: HashSet<_> = ids.iter().collect();
    assert_eq!(distinct.len(), ids.len(), "each once");
    let references = StoredQuery { return_type: ReturnType::ObjectRef, ..query.clone() };
    let mut hits = w.registry.find(&ctx(), &references, scope).await.unwrap();
    let page = hits.next_page().await.unwrap();
    assert_eq!(page.iter().map(|hit| (hit.kind(), hit.id())).collect::<Vec<_>>(), ids);
    objects
}

/// How many SubmissionSets, DocumentEntries, Folders and Associations.
pub(super) fn kinds(objects: &[RegistryObject]) -> [usize; 4] {
    objects.iter().fold([0; 4], |mut n, object| {
        match object {
            RegistryObject::SubmissionSet(_) => n[0] += 1,
            RegistryObject::Entry(_) => n[1] += 1,
            RegistryObject::Folder(_) => n[2] += 1,
            RegistryObject::Association(_) => n[3] += 1,
            RegistryObject::Ref(..) => panic!("{object:?}"),
        }
        n
    })
}

fn unique_ids(objects: &[RegistryObject]) -> BTreeSet<String> {
    let id = |o: &RegistryObject| match o {
        RegistryObject::Entry(e) => Some(e.unique_id.as_str().to_owned()),
        _ => None,
    };
    objects.iter().filter_map(id).collect()
}

/// Registers two new documents of a patient.
async fn two_documents(w: &World, p: &PatientId) -> [EntryUuid; 2] {
    let ((a, a_id), (b, b_id)) = (with_uuid(entry(p)), with_uuid(entry(p)));
    w.accept(submission(p, vec![a, b])).await;
    [a_id, b_id]
}

#[tokio::test]
async fn objects_of_two_kinds_and_two_patients_come_once_each() {
    for w in World::each() {
        let (p, q, other) = (patient("1"), patient("2"), patient("3"));
        for patient in [&p, &q, &other] {
            two_documents(&w, patient).await;
        }
        let filters = || [approved(SET), approved(ENTRY), approved(FOLDER)];
        let both = asking(named("GetAll"), of_patients([&p, &q]), filters());
        // Every association is touched at both its ends, and comes once.
        assert_eq!(kinds(&find(&w, &both, &Scope::Everything).await), [2, 4, 0, 4]);
        let one = asking(named("GetAll"), of_patients([&p]), filters());
        assert_eq!(kinds(&find(&w, &one, &Scope::Everything).await), [1, 2, 0, 2]);
        // A filter restricts its own kind: no set is Deprecated, the documents stay.
        let deprecated = Condition::Status(OneOf::only(AvailabilityStatus::Deprecated));
        let filters = [(SET, deprecated), approved(ENTRY)];
        let query = asking(named("GetAll"), of_patients([&p]), filters);
        assert_eq!(kinds(&find(&w, &query, &Scope::Everything).await), [0, 2, 0, 2]);
    }
}

#[tokio::test]
async fn associations_lead_to_what_is_at_their_other_end() {
    for w in World::each() {
        let p = patient("1");
        let [a, b] = two_documents(&w, &p).await;
        let (new, new_id) = with_uuid(entry(&p));
        w.accept(replacement(&p, new, a)).await;
        let (form, form_id) = with_uuid(entry(&p));
        let mut s = submission(&p, vec![form]);
        s.associations.push(link(AssociationType::Xfrm, &s.entries[0].id, &ObjectId::Uuid(new_id)));
        w.accept(s).await;
        let ask = |def, ids: &[EntryUuid], filters: Vec<(ObjectKind, Condition)>| {
            asking(def, by_uuid(&[ENTRY, FOLDER], ids.iter().copied()), filters)
        };
        let found = |query| {
            let w = &w;
            async move { kinds(&find(w, &query, &Scope::Everything).await) }
        };
        assert_eq!(found(ask(named("GetAssociations"), &[a], vec![])).await, [0, 0, 0, 2]);
        assert_eq!(found(ask(named("GetAssociations"), &[new_id], vec![])).await, [0, 0, 0, 3]);
        assert_eq!(
            found(ask(named("GetDocumentsAndAssociations"), &[a, b], vec![])).await,
            [0, 2, 0, 3]
        );
        // One set holds both, and comes once.
        assert_eq!(found(ask(named("GetSubmissionSets"), &[a, b], vec![])).await, [1, 0, 0, 2]);
        let types = |types: &[AssociationType]| {
            let types = OneOf::new(types.iter().copied()).unwrap();
            vec![(LINK, Condition::AssociationType(types))]
        };
        let (rplc, xfrm) = (AssociationType::Rplc, AssociationType::Xfrm);
        // The document itself comes back when it has a relation, and nothing when it has none.
        let related = |id, wanted: &[AssociationType]| {
            found(ask(named("GetRelatedDocuments"), &[id], types(wanted)))
        };
        assert_eq!(related(new_id, &[rplc, xfrm]).await, [0, 3, 0, 2]);
        assert_eq!(related(new_id, &[rplc]).await, [0, 2, 0, 1]);
        assert_eq!(related(form_id, &[rplc, xfrm]).await, [0, 2, 0, 1]);
        assert_eq!(related(b, &[rplc, xfrm]).await, [0; 4]);
        assert_eq!(related(a, &[AssociationType::HasMember]).await, [0; 4]);
    }
}

/// A submission that is sent to one organization.
fn sent_to(p: &PatientId, recipient: &str) -> Submission {
    let mut s = submission(p, vec![entry(p)]);
    s.submission_set.intended_recipients = vec![format!("X^^^^^^^^^{recipient}")];
    s
}

#[tokio::test]
async fn what_a_caller_may_not_know_of_is_not_there() {
    for w in World::each() {
        let p = patient("1");
        let (mine, theirs) = (sent_to(&p, "1.2.1"), sent_to(&p, "1.2.2"));
        let my_id = BTreeSet::from([mine.entries[0].unique_id.as_str().to_owned()]);
        let (mut shared, foreign) = (sent_to(&p, "1.2.1"), with_uuid(entry(&p)));
        w.accept(mine).await;
        w.accept(theirs).await;
        // A set of mine refers to a document that I may not know of.
        let mut s = sent_to(&p, "1.2.2");
        s.entries = vec![foreign.0];
        s.associations =
            vec![member(&s.submission_set, &s.entries[0].id, SubmissionSetStatus::Original)];
        w.accept(s).await;
        let target = ObjectId::Uuid(foreign.1);
        shared.associations.push(member(
            &shared.submission_set,
            &target,
            SubmissionSetStatus::Reference,
        ));
        w.accept(shared).await;
        let query = asking(named("GetAll"), of_patients([&p]), [approved(ENTRY)]);
        let label = |text: &str| BTreeSet::from([text.to_owned()]);
        let recipient = |text| vec![Labels { recipients: label(text), ..Labels::default() }];
        let all = find(&w, &query, &Scope::Everything).await;
        assert_eq!(kinds(&all), [4, 4, 0, 5]);
        let mine = find(&w, &query, &Scope::of_openings(recipient("1.2.1"))).await;
        assert_eq!(kinds(&mine), [2, 2, 0, 2]);
        assert!(unique_ids(&mine).is_superset(&my_id));
        let nobody = find(&w, &query, &Scope::of_openings(recipient("1.2.3"))).await;
        assert_eq!(kinds(&nobody), [0; 4]);
        let closed = [vec![], vec![Labels::default()]].map(Scope::of_openings);
        for closed in closed.into_iter().chain([Scope::Nothing]) {
            assert_eq!(kinds(&find(&w, &query, &closed).await), [0; 4]);
        }
        let audience = Labels { audiences: label("N^^1.2.3"), ..Labels::default() };
        let meant = find(&w, &query, &Scope::of_openings([audience.clone()])).await;
        assert_eq!(kinds(&meant), [4, 4, 0, 5], "all say for whom they are meant");
        // Both of one opening have to be met, and one of several openings.
        let both = |text| Labels { recipients: label(text), ..audience.clone() };
        let mine = find(&w, &query, &Scope::of_openings([both("1.2.1"), both("1.2.3")])).await;
        assert_eq!(kinds(&mine), [2, 2, 0, 2]);
        let other = Labels { audiences: label("N^^1.2.9"), ..both("1.2.1") };
        assert_eq!(kinds(&find(&w, &query, &Scope::of_openings([other])).await), [0; 4]);
        // By the repository that keeps them, documents are opened, and nothing else that is kept nowhere.
        let kept = entry(&p).repository.unwrap();
        let keeps = |id: &str| vec![Labels { repositories: label(id), ..Labels::default() }];
        let documents = find(&w, &query, &Scope::of_openings(keeps(kept.as_str()))).await;
        assert_eq!(kinds(&documents), [0, 4, 0, 0]);
        let none = find(&w, &query, &Scope::of_openings(keeps("1.2.99"))).await;
        assert_eq!(kinds(&none), [0; 4]);
    }
}
