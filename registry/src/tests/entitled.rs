//! What a node is entitled to decides what it is answered, and what it may change. What is hidden from it
//! is not there: a house with it and one without it give the same answers.

use super::world::{
    AUTHORITY, World, bring, code, ctx, entry, file, folder, link, patient, read, submission,
    with_uuid,
};
use crate::{PatientPolicy, RegistryLimits};
use renkei_context::{
    Action, Caller, Ctx, GrantedIds, Grants, Institutions, Labels, Role, Roles, Scope, Sources,
    within,
};
use renkei_metadata::finding::Checked;
use renkei_metadata::ids::{EntryUuid, HomeCommunityId, ObjectId, Oid, PatientId};
use renkei_metadata::model::{
    AssociationType, Author, AvailabilityStatus, DocumentEntry, RegistryObject, Submission,
    SubmissionSetStatus,
};
use renkei_metadata::update::{Form, Propagation};
use renkei_xds::catalogue::{FIND_DOCUMENTS_FOR_PATIENTS, FIND_FOLDERS_FOR_PATIENTS, any_by_id};
use renkei_xds::iti18::{QueryBuilder, ReturnType};
use renkei_xds::response::{RegistryResponse, Status};
use renkei_xds::update::UpdateBuilder;
use std::collections::{BTreeSet, HashSet};
use std::sync::Arc;
use uuid::Uuid;

/// What a node does, which sees and changes what it submitted itself.
pub(super) fn of_node(name: &str) -> Ctx {
    let own = Labels { submitters: BTreeSet::from([name.to_owned()]), ..Labels::default() };
    let scope = Scope::of_openings([own]);
    let grants = Grants { sees: scope.clone(), changes: scope, ..Grants::of_house() };
    of(name, grants)
}

pub(super) fn of(name: &str, grants: Grants) -> Ctx {
    let caller = Arc::new(Caller {
        fingerprint: "ab".repeat(32),
        roles: Roles::new([Role::Source, Role::Consumer, Role::Repository]),
        grants: Arc::new(grants),
        ..Caller::internal(name)
    });
    Ctx { caller: Arc::clone(&caller), origin: caller, ..ctx() }
}

pub(super) async fn accept(w: &World, by: &Ctx, s: &Submission) {
    let answer = w.registry.register(by, Checked::good(s.clone())).await;
    assert_eq!(answer.status, Status::Success, "{:?}", answer.errors);
}

/// A case: every second submission is mine, and some of theirs lead to what is mine.
struct Case {
    patient: PatientId,
    mine: Vec<Submission>,
    theirs: Vec<Submission>,
    /// Ids of all objects, of mine and theirs, and of none.
    ids: Vec<EntryUuid>,
}

/// Every id is final, so that two houses give none of their own.
fn fixed(mut s: Submission) -> Submission {
    let set = ObjectId::Uuid(EntryUuid(Uuid::new_v4()));
    let before = std::mem::replace(&mut s.submission_set.id, set.clone());
    let mut names = vec![(before, set)];
    for a in &mut s.associations {
        let id = ObjectId::Uuid(EntryUuid(Uuid::new_v4()));
        names.push((std::mem::replace(&mut a.id, id.clone()), id));
    }
    for a in &mut s.associations {
        for end in [&mut a.source, &mut a.target] {
            if let Some((_, id)) = names.iter().find(|(before, _)| before == end) {
                *end = id.clone();
            }
        }
    }
    s
}

fn ids(s: &Submission) -> impl Iterator<Item = EntryUuid> + '_ {
    let set = std::iter::once(&s.submission_set.id);
    let entries = s.entries.iter().map(|e| &e.id);
    let folders = s.folders.iter().map(|f| &f.id);
    let links = s.associations.iter().map(|a| &a.id);
    set.chain(entries).chain(folders).chain(links).filter_map(ObjectId::uuid)
}

/// The bits of `number` decide what the case has.
fn case(number: usize) -> Case {
    let patient = patient(&format!("case{number}"));
    let bit = |n: usize| number >> n & 1 == 1;
    let document = || {
        let (entry, id) = with_uuid(entry(&patient));
        (DocumentEntry { authors: Vec::new(), ..entry }, id)
    };
    let (first, first_id) = document();
    let mut mine = submission(&patient, vec![first]);
    let (shared, shared_id) = folder(&patient);
    if bit(0) {
        bring(&mut mine, shared);
        file(&mut mine, shared_id, &ObjectId::Uuid(first_id));
    }
    let (second, second_id) = document();
    let mut later = submission(&patient, vec![second]);
    if bit(1) {
        let old = ObjectId::Uuid(first_id);
        later.associations.push(link(AssociationType::Rplc, &ObjectId::Uuid(second_id), &old));
    }
    let (other, other_id) = document();
    let mut theirs = submission(&patient, vec![other]);
    let (own, own_id) = folder(&patient);
    // A folder of theirs with a document of mine would be no secret: I see what is in it.
    if bit(2) {
        bring(&mut theirs, own);
        file(&mut theirs, own_id, &ObjectId::Uuid(other_id));
    }
    if bit(0) && bit(4) {
        file(&mut theirs, shared_id, &ObjectId::Uuid(other_id));
    }
    if bit(5) {
        let kind = if bit(3) { AssociationType::Xfrm } else { AssociationType::Apnd };
        let target = ObjectId::Uuid(second_id);
        theirs.associations.push(link(kind, &ObjectId::Uuid(other_id), &target));
    }
    let set = theirs.submission_set.clone();
    let reference = SubmissionSetStatus::Reference;
    theirs.associations.push(super::world::member(&set, &ObjectId::Uuid(second_id), reference));
    let (mine, theirs) = (vec![fixed(mine), fixed(later)], vec![fixed(theirs)]);
    let nothing = EntryUuid(Uuid::new_v4());
    let ids = mine.iter().chain(&theirs).flat_map(ids).chain([nothing]).collect();
    Case { patient, mine, theirs, ids }
}

/// Every stored query about the case.
fn queries(case: &Case) -> Vec<QueryBuilder> {
    let all = &AvailabilityStatus::ALL;
    let patient = &case.patient;
    let types = [AssociationType::Apnd, AssociationType::Xfrm, AssociationType::Rplc];
    let several = |query| QueryBuilder::new(query).patients([patient]).statuses(all);
    let mut queries = vec![
        QueryBuilder::get_all(patient, all),
        QueryBuilder::find_documents(patient, all),
        QueryBuilder::find_submission_sets(patient),
        QueryBuilder::find_folders(patient, all),
        several(FIND_DOCUMENTS_FOR_PATIENTS),
        several(FIND_FOLDERS_FOR_PATIENTS),
        QueryBuilder::get_documents(&case.ids),
        QueryBuilder::get_folders(&case.ids),
        QueryBuilder::get_associations(&case.ids),
        QueryBuilder::get_documents_and_associations(&case.ids),
        QueryBuilder::get_submission_sets(&case.ids),
    ];
    let of_one = |id: &EntryUuid| {
        [
            QueryBuilder::get_submission_set_and_contents(*id),
            QueryBuilder::get_folder_and_contents(*id),
            QueryBuilder::get_folders_for_document(*id),
            QueryBuilder::get_related_documents(*id, &types),
        ]
    };
    let references = queries.clone().into_iter().map(|q| q.returning(ReturnType::ObjectRef));
    let later = queries.clone().into_iter().map(QueryBuilder::everything);
    let more: Vec<_> = references.chain(later).collect();
    queries.extend(more);
    queries.extend(case.ids.iter().flat_map(of_one).map(QueryBuilder::everything));
    queries
}

async fn asked(w: &World, by: &Ctx, query: &QueryBuilder) -> String {
    let query = query.clone().build();
    let answer = match any_by_id(&query.id).unwrap().transaction.id {
        "ITI-51" => w.registry.query_patients(by, &query).await,
        _ => w.registry.query(by, &query).await,
    };
    format!("{:?}", read(answer).await)
}

#[tokio::test]
async fn a_house_with_what_is_hidden_answers_as_one_without_it() {
    for (with, without) in World::each().into_iter().zip(World::each()) {
        for number in [0b00_0011, 0b11_0001, 0b10_1111, 0b00_0100, 0b11_1111] {
            let (mine, theirs) = (of_node("mine"), of("theirs", Grants::of_house()));
            let case = case(number);
            for w in [&with, &without] {
                accept(w, &mine, &case.mine[0]).await;
                accept(w, &mine, &case.mine[1]).await;
            }
            for s in &case.theirs {
                accept(&with, &theirs, s).await;
            }
            for query in queries(&case) {
                let (one, other) =
                    (asked(&with, &mine, &query).await, asked(&without, &mine, &query).await);
                let [one, other] = [one, other].map(|answer| but_made_ids(&answer, &case.ids));
                assert_eq!(one, other, "case {number}: {query:?}");
            }
            // Whoever sees everything is answered more, or the case shows nothing.
            let all = QueryBuilder::get_all(&case.patient, &AvailabilityStatus::ALL);
            assert_ne!(asked(&with, &ctx(), &all).await, asked(&with, &mine, &all).await);
        }
    }
}

/// An answer but for the ids that a registry made itself: of what a replacement takes over (ITI TF-2:
/// 3.42.4.1.3.5).
fn but_made_ids(answer: &str, sent: &[EntryUuid]) -> String {
    const BEFORE: &str = "EntryUuid(";
    let mut parts = answer.split(BEFORE);
    let mut out = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (id, rest) = part.split_once(')').unwrap();
        let is_sent = sent.iter().any(|sent| sent.0.to_string() == id);
        out += BEFORE;
        out += if is_sent { id } else { "made" };
        out += rest;
    }
    out
}

/// What is said of a target, but for its id.
fn told(answer: &RegistryResponse, target: EntryUuid) -> String {
    assert_eq!(answer.status, Status::Failure);
    format!("{answer:?}").replace(&target.to_string(), "TARGET")
}

#[tokio::test]
async fn what_may_not_be_changed_is_answered_like_what_does_not_exist() {
    for w in World::each() {
        let (p, mine) = (patient("1"), of_node("mine"));
        let (hidden, hidden_id) = with_uuid(entry(&p));
        let mut theirs = submission(&p, vec![hidden]);
        let (folder, folder_id) = folder(&p);
        bring(&mut theirs, folder);
        file(&mut theirs, folder_id, &ObjectId::Uuid(hidden_id));
        accept(&w, &of("theirs", Grants::of_house()), &theirs).await;
        let none = EntryUuid(Uuid::new_v4());
        let register = async |s: Submission| w.registry.register(&mine, Checked::good(s)).await;
        for kind in [AssociationType::Rplc, AssociationType::Apnd, AssociationType::HasMember] {
            let (new, new_id) = with_uuid(entry(&p));
            let joined = |target: EntryUuid| {
                let mut s = submission(&p, vec![new.clone()]);
                let (new, target) = (ObjectId::Uuid(new_id), ObjectId::Uuid(target));
                let mut a = match kind {
                    AssociationType::HasMember => link(kind, &target, &new),
                    _ => link(kind, &new, &target),
                };
                a.id = ObjectId::Symbol("link".into());
                s.associations.push(a);
                s
            };
            let of = if kind == AssociationType::HasMember { folder_id } else { hidden_id };
            let answers = [register(joined(of)).await, register(joined(none)).await];
            assert_eq!(told(&answers[0], of), told(&answers[1], none), "{kind:?}");
        }
        let updated = async |lid: EntryUuid| {
            let set = submission(&p, Vec::new()).submission_set;
            let mut version = entry(&p);
            (version.lid, version.id) = (Some(lid), ObjectId::Symbol("new".into()));
            version.version = Some(1);
            let update = UpdateBuilder::new(set).entry(version, Propagation::Yes).unwrap().build();
            w.registry.update(&mine, Checked::good(update)).await
        };
        assert_eq!(told(&updated(hidden_id).await, hidden_id), told(&updated(none).await, none));
        let removed =
            async |id: EntryUuid| w.registry.remove_metadata(&mine, Checked::good(vec![id])).await;
        assert_eq!(told(&removed(hidden_id).await, hidden_id), told(&removed(none).await, none));
    }
}

#[tokio::test]
async fn an_association_that_is_hidden_is_not_named_when_it_keeps_an_object() {
    for w in World::each() {
        let (p, mine) = (patient("1"), of_node("mine"));
        let (document, id) = with_uuid(entry(&p));
        accept(&w, &mine, &submission(&p, vec![document.clone()])).await;
        let (other, other_id) = with_uuid(entry(&p));
        let mut theirs = submission(&p, vec![other]);
        let (other, own) = (ObjectId::Uuid(other_id), ObjectId::Uuid(id));
        theirs.associations.push(link(AssociationType::Apnd, &other, &own));
        let theirs = fixed(theirs);
        accept(&w, &of("theirs", Grants::of_house()), &theirs).await;
        let hidden: Vec<String> = ids(&theirs).map(|id| id.to_string()).collect();
        let removed = async |by: &Ctx| {
            let answer = w.registry.remove_metadata(by, Checked::good(vec![id])).await;
            assert_eq!(answer.status, Status::Failure);
            let told = answer.errors.first().map(|e| e.context.clone()).unwrap_or_default();
            assert!(crate::rules::REMOVAL_OF_REFERENCED.is_told_in(&told), "{told}");
            hidden.iter().filter(|id| told.contains(*id)).count()
        };
        let administrator = of("administrator", Grants::of_house());
        assert_eq!(removed(&mine).await, 0);
        assert_eq!(removed(&administrator).await, 1);

        let q = patient("2");
        accept(&w, &mine, &submission(&q, vec![entry(&q)])).await;
        let moved = async |by: &Ctx| {
            let new = ObjectId::Symbol("new".into());
            let version =
                DocumentEntry { lid: Some(id), id: new, version: Some(1), ..document.clone() };
            let version = DocumentEntry { patient_id: Some(q.clone()), ..version };
            let set = submission(&q, Vec::new()).submission_set;
            let update = UpdateBuilder::new(set).entry(version, Propagation::Yes).unwrap().build();
            let answer = w.registry.update(by, Checked::good(update)).await;
            assert_eq!(rows(&answer), ["update-still-connected"], "{answer:?}");
            let told = format!("{answer:?}");
            hidden.iter().filter(|id| told.contains(*id)).count()
        };
        assert_eq!(moved(&mine).await, 0);
        assert_eq!(moved(&administrator).await, 1);
    }
}

#[tokio::test]
async fn whoever_submitted_a_document_sees_its_later_versions() {
    for w in World::each() {
        let (p, mine) = (patient("1"), of_node("mine"));
        let (first, id) = with_uuid(entry(&p));
        accept(&w, &mine, &submission(&p, vec![first.clone()])).await;
        let set = submission(&p, Vec::new()).submission_set;
        let mut version = first;
        (version.lid, version.id) = (Some(id), ObjectId::Symbol("new".into()));
        version.title = None;
        version.version = Some(1);
        let update = UpdateBuilder::new(set).entry(version, Propagation::Yes).unwrap().build();
        let administrator = of("administrator", Grants::of_house());
        let answer = w.registry.update(&administrator, Checked::good(update)).await;
        assert_eq!(answer.status, Status::Success, "{answer:?}");
        let query = QueryBuilder::find_documents(&p, &AvailabilityStatus::ALL).everything().build();
        let found = read(w.registry.query(&mine, &query).await).await;
        assert_eq!(found.objects.len(), 2);
        let others = read(w.registry.query(&of_node("other"), &query).await).await;
        assert_eq!(others.objects.len(), 0);
    }
}

#[tokio::test]
async fn a_repository_registers_for_itself_and_for_this_community() {
    for w in World::each() {
        let p = patient("1");
        let rows = async |by: &Ctx, s: Submission| {
            let answer = w.registry.register(by, Checked::good(s)).await;
            let known = crate::rules::all().iter();
            let told = |e: &str| known.clone().find(|rule| rule.is_told_in(e)).map(|rule| rule.id);
            answer.errors.iter().filter_map(|e| told(&e.context)).collect::<Vec<_>>()
        };
        let repositories = GrantedIds::Listed(BTreeSet::from(["1.2.3.9".to_owned()]));
        let by = of("repository", Grants { repositories, ..Grants::of_house() });
        let s = submission(&p, vec![entry(&p)]);
        assert_eq!(rows(&by, s).await, ["repository-not-own"]);
        let any = of("any", Grants::of_house());
        let mut s = submission(&p, vec![entry(&p)]);
        s.entries[0].home = HomeCommunityId::parse("urn:oid:1.2.3.99").ok();
        assert_eq!(rows(&any, s).await, ["community-not-own"]);
        let mut s = submission(&p, vec![entry(&p)]);
        s.entries[0].event_codes = vec![code("event")];
        assert_eq!(rows(&any, s).await, Vec::<&str>::new());
    }
}

const ISSUER: &str = "1.2.392.200119.6.102";

/// What a node of an institution does, which may see and change everything.
fn of_institution(number: &str) -> Ctx {
    let institutions = Institutions::Listed(
        BTreeSet::from([format!("{number}^^{ISSUER}")]),
        Arc::new(BTreeSet::from([ISSUER.to_owned()])),
    );
    of("centre", Grants { institutions, ..Grants::of_house() })
}

/// Authors of these institutions.
fn authors(numbers: &[&str]) -> Vec<Author> {
    let xon = |number: &&str| format!("架空^^^^^&{ISSUER}&ISO^^^^{number}");
    let of = |number| Author { institutions: vec![xon(number)], ..Author::default() };
    numbers.iter().map(of).collect()
}

/// The rows of the errors.
pub(super) fn rows(answer: &RegistryResponse) -> Vec<&'static str> {
    let known = crate::rules::all().iter().chain(crate::update::rules::all());
    let told = |e: &str| known.clone().find(|rule| rule.is_told_in(e)).map(|rule| rule.id);
    answer.errors.iter().filter_map(|e| told(&e.context)).collect()
}

#[tokio::test]
async fn a_node_of_an_institution_registers_its_own_authors_alone() {
    for w in World::each() {
        let p = patient("1");
        let by = of_institution("0119900025");
        let registered = async |number: &str| {
            let authors = authors(&[number]);
            let s = submission(&p, vec![DocumentEntry { authors, ..entry(&p) }]);
            w.registry.register(&by, Checked::good(s)).await
        };
        assert_eq!(registered("0119900025").await.status, Status::Success);
        let refused = registered("0119900033").await;
        assert_eq!(rows(&refused), ["registered-institution-not-own"], "{refused:?}");
    }
}

#[tokio::test]
async fn a_node_of_an_institution_brings_no_author_of_another_by_an_update() {
    const OWN: &str = "0119900025";
    const OTHER: &str = "0119900033";
    const THIRD: &str = "0119900041";
    for w in World::each() {
        let p = patient("1");
        let by = of_institution(OWN);
        let (first, id) = with_uuid(entry(&p));
        let first = DocumentEntry { authors: authors(&[OTHER]), ..first };
        accept(&w, &of("house", Grants::of_house()), &submission(&p, vec![first.clone()])).await;
        let mut before = 1;
        let mut updated = async |form: Form, of_set: &[&str], of_entry: &[&str]| {
            let mut set = submission(&p, Vec::new()).submission_set;
            set.authors = authors(of_set);
            let mut version = DocumentEntry { authors: authors(of_entry), ..first.clone() };
            (version.lid, version.id) = (Some(id), ObjectId::Symbol("new".into()));
            version.version = Some(before);
            let update = UpdateBuilder::new(set).entry(version, Propagation::Yes).unwrap().build();
            let answer = match form {
                Form::Full => w.registry.update(&by, Checked::good(update)).await,
                Form::Restricted => w.registry.update_restricted(&by, Checked::good(update)).await,
            };
            before += u32::from(answer.status == Status::Success);
            (rows(&answer), answer.errors.len())
        };
        let refused = |n: usize| (vec!["registered-institution-not-own"; n], n);
        for form in [Form::Full, Form::Restricted] {
            // The SubmissionSet may name those of what it updates.
            assert_eq!(updated(form, &[OWN, OTHER], &[OTHER, OWN]).await, refused(0), "{form:?}");
            assert_eq!(updated(form, &[], &[OTHER, THIRD]).await, refused(1), "{form:?}");
            let more = updated(form, &[THIRD], &[OTHER, THIRD, "0119900058"]).await;
            assert_eq!(more, refused(3), "{form:?}");
        }
        let (approved, deprecated) = (AvailabilityStatus::Approved, AvailabilityStatus::Deprecated);
        let query = QueryBuilder::find_documents(&p, &[approved]).everything().build();
        let found = read(w.registry.query(&by, &query).await).await.objects;
        let newest = found.iter().find_map(|object| match object {
            RegistryObject::Entry(e) => e.id.uuid(),
            _ => None,
        });
        let status = async |of_set: &[&str], from, to| {
            let mut set = submission(&p, Vec::new()).submission_set;
            set.authors = authors(of_set);
            let update = UpdateBuilder::new(set).status(newest.unwrap(), from, to).build();
            rows(&w.registry.update(&by, Checked::good(update)).await)
        };
        let none: [&str; 0] = [];
        assert_eq!(status(&[THIRD], approved, deprecated).await, refused(1).0);
        assert_eq!(status(&[OTHER], approved, deprecated).await, none);
        assert_eq!(status(&[OWN], deprecated, approved).await, none);
        // What it took away it does not bring again.
        assert_eq!(updated(Form::Full, &[], &[OWN]).await, refused(0));
        assert_eq!(updated(Form::Full, &[], &[OWN, OTHER]).await, refused(1));
    }
}

#[tokio::test]
async fn nobody_registers_under_a_source_id_that_another_node_was_issued_for() {
    const OF_ANOTHER: &str = "1.2.3.5";
    for w in World::each() {
        let p = patient("1");
        let registered = async |sources: Sources, source_id: &str| {
            let by = of("repository", Grants { sources, ..Grants::of_house() });
            let mut s = submission(&p, vec![entry(&p)]);
            s.submission_set.source_id = Oid::parse(source_id).unwrap();
            rows(&w.registry.register(&by, Checked::good(s)).await)
        };
        let first = || {
            let taken = Arc::new(BTreeSet::from([OF_ANOTHER.to_owned()]));
            Sources::First { taken }
        };
        let own = || Sources::Of(GrantedIds::Listed(BTreeSet::from(["1.2.3.6".to_owned()])));
        let refused = ["registered-source-not-own"];
        assert_eq!(registered(first(), OF_ANOTHER).await, refused);
        assert_eq!(registered(first(), "1.2.3.7").await, Vec::<&str>::new());
        assert_eq!(registered(own(), "1.2.3.6").await, Vec::<&str>::new());
        assert_eq!(registered(own(), "1.2.3.7").await, refused);
        // What the house registers itself is under whatever it has to be.
        w.accept(submission(&p, vec![entry(&p)])).await;
    }
}

#[tokio::test]
async fn a_patient_of_whom_nothing_is_opened_is_nobody() {
    for w in World::each_with(PatientPolicy::KnownOnly, RegistryLimits::default()) {
        for (id, by) in [("mine", "mine"), ("theirs", "theirs")] {
            let announced = super::feeding::feed("A04", &format!("{id}^^^&{AUTHORITY}&ISO"));
            w.registry.feed(&ctx(), &announced).await.unwrap();
            let s = submission(&patient(id), vec![entry(&patient(id))]);
            accept(&w, &of(by, Grants::of_house()), &s).await;
        }
        let asked = async |by: &Ctx, id: &str| {
            let query =
                QueryBuilder::get_all(&patient(id), &[AvailabilityStatus::Deprecated]).build();
            let answer = w.registry.query(by, &query).await;
            format!("{:?}", read(answer).await.errors).replace(id, "ID")
        };
        let (mine, house) = (of_node("mine"), of("house", Grants::of_house()));
        let unknown = asked(&mine, "unknown").await;
        assert!(unknown.contains("XDSUnknownPatientId"), "{unknown}");
        assert_eq!(asked(&mine, "theirs").await, unknown);
        assert_eq!(asked(&mine, "mine").await, "[]");
        assert_eq!(asked(&house, "theirs").await, "[]");
        let all = ["mine", "theirs", "unknown"].map(patient);
        let opened =
            async |by: &Ctx| w.registry.opens_of(&within(by, Action::See), &all).await.unwrap();
        assert_eq!(opened(&mine).await, HashSet::from([patient("mine")]));
        assert_eq!(opened(&house).await.len(), 2);
        assert!(w.registry.opens_of(&Scope::Nothing, &all).await.unwrap().is_empty());
    }
}
