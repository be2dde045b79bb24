//! A condition says the same in SQL and in memory.

use super::rows::{self, Member, change, put_folder, put_member};
use super::searching::{asking, by_uuid, of_patients};
use super::world::{
    World, code, ctx, entry, link, new_oid, patient, replacement, submission, with_uuid,
};
use crate::labels;
use proptest::collection::vec;
use proptest::option::of;
use proptest::prelude::*;
use proptest::sample::{select, subsequence};
use proptest::test_runner::{Config, TestRunner};
use renkei_context::{Labels, Scope};
use renkei_metadata::ids::{Dtm, EntryUuid, ObjectId, Oid, PatientId};
use renkei_metadata::model::{
    Association, AssociationType, Author, AvailabilityStatus, Code, DocumentAvailability,
    DocumentEntry, EntryType, Folder, ObjectKind, RegistryObject, Submission, SubmissionSet,
};
use renkei_xds::catalogue::{
    AllOf, Candidate, CodeAttribute, CodeKey, Condition, Filter, Instant, Link, MetadataLevel,
    OneOf, Part, Pattern, QueryDef, StoredQuery, Subject, TextAttribute, TimeAttribute, TimeRange,
    Way,
};
use renkei_xds::transaction::ITI_18;
use std::collections::BTreeSet;
use uuid::Uuid;

static DOCUMENTS: QueryDef = finds(&[Part::Objects(ObjectKind::DocumentEntry, &[Way::Named])]);
static SETS: QueryDef = finds(&[Part::Objects(ObjectKind::SubmissionSet, &[Way::Named])]);
static FOLDERS: QueryDef = finds(&[Part::Objects(ObjectKind::Folder, &[Way::Named])]);
static LINKS: QueryDef = finds(&[Part::Links(&[Link::Touching])]);

const fn finds(answer: &'static [Part]) -> QueryDef {
    QueryDef {
        id: "",
        name: "Find",
        transaction: &ITI_18,
        answer,
        single_patient: false,
        params: &[],
        section: "",
    }
}

const AVAILABILITIES: [DocumentAvailability; 2] =
    [DocumentAvailability::Online, DocumentAvailability::Offline];
const CODES: [&str; 6] = ["a", "A", "a%", "a_", "ガ", "カ\u{3099}"];
const TIMES: [&str; 5] = ["2024", "20240601", "2025", "20250101000001", "202606"];
const NAMES: [&str; 5] = ["a^b", "ab^b", "A^b", "ガ^b", "カ\u{3099}^b"];
const REFERENCES: [&str; 5] = ["a", "ab", "b", r"a\T\", r"a\X26\"];

fn reference(id: &str) -> String {
    format!("{id}^^^&1.2.3&ISO^urn:ihe:iti:xds:2013:accession")
}

fn a_code() -> impl Strategy<Value = Code> {
    (select(&CODES[..]), any::<bool>()).prop_map(|(text, other)| Code {
        scheme: if other { "1.2.4".into() } else { "1.2.3".into() },
        ..code(text)
    })
}

fn a_time() -> impl Strategy<Value = Dtm> {
    select(&TIMES[..]).prop_map(|t| Dtm::parse(t).unwrap())
}

fn authors() -> impl Strategy<Value = Vec<Author>> {
    let author = (of(select(&NAMES[..])), select(&CODES[..2])).prop_map(|(person, place)| Author {
        person: person.map(str::to_owned),
        institutions: vec![place.to_owned()],
        ..Author::default()
    });
    vec(author, 0..3)
}

fn document() -> impl Strategy<Value = DocumentEntry> {
    let one = (a_code(), a_code(), a_code(), a_code(), a_code());
    let codes = (one, vec(a_code(), 0..3), vec(a_code(), 1..3));
    let times = (a_time(), of(a_time()), of(a_time()));
    let references = subsequence(&REFERENCES[..], 0..3);
    let more = (references, of(select(&AVAILABILITIES[..])));
    (codes, times, authors(), more).prop_map(|(codes, times, authors, (references, available))| {
        let mut e = entry(&patient("?"));
        let (one, events, confidentiality) = codes;
        (e.class_code, e.type_code, e.format_code) = (Some(one.0), Some(one.1), Some(one.2));
        (e.practice_setting_code, e.facility_type_code) = (Some(one.3), Some(one.4));
        (e.event_codes, e.confidentiality_codes) = (events, confidentiality);
        e.creation_time = Some(times.0);
        // No visit ends before it begins (ITI TF-2: 3.42.4.1.3.3.6).
        let ordered = times.1.as_ref().zip(times.2.as_ref()).is_none_or(|(a, b)| a <= b);
        (e.service_start, e.service_stop) =
            if ordered { (times.1, times.2) } else { (times.2, times.1) };
        e.authors = authors;
        e.availability = available;
        e.reference_ids = references.into_iter().map(reference).collect();
        e
    })
}

fn groups<T: Ord + Clone + std::fmt::Debug>(
    value: impl Strategy<Value = T>,
) -> impl Strategy<Value = AllOf<T>> {
    vec(vec(value, 1..4), 1..3).prop_map(|groups| {
        AllOf::new(groups.into_iter().map(|g| OneOf::new(g).unwrap()).collect()).unwrap()
    })
}

fn keys() -> impl Strategy<Value = AllOf<CodeKey>> {
    groups(a_code().prop_map(|c| CodeKey::of(&c)))
}

fn range() -> impl Strategy<Value = TimeRange> {
    let instant = || of(a_time().prop_map(|t| Instant::of(&t)));
    (instant(), instant()).prop_map(|(from, to)| TimeRange { from, to })
}

fn statuses() -> impl Strategy<Value = Condition> {
    subsequence(&AvailabilityStatus::ALL[..], 1..3)
        .prop_map(|s| Condition::Status(OneOf::new(s).unwrap()))
}

fn names() -> impl Strategy<Value = AllOf<Pattern>> {
    let exact = select(&NAMES[..]).prop_map(str::to_owned);
    let pattern = prop_oneof![exact, "[ab%_^Aガ]{1,4}"];
    groups(pattern.prop_map(|p| Pattern::parse(&p).unwrap()))
}

fn references() -> impl Strategy<Value = AllOf<Pattern>> {
    let pattern = prop_oneof![
        select(&REFERENCES[..]).prop_map(reference),
        "[ab%_]{1,2}".prop_map(|p| reference(&p)),
    ];
    let compared = |p: String| TextAttribute::ReferenceId.compared(&p).into_owned();
    groups(pattern.prop_map(move |p| Pattern::parse(&compared(p)).unwrap()))
}

fn of_documents() -> impl Strategy<Value = Condition> {
    use CodeAttribute as C;
    use TimeAttribute as T;
    let coded = vec![
        C::Class,
        C::Type,
        C::Format,
        C::PracticeSetting,
        C::FacilityType,
        C::Event,
        C::Confidentiality,
    ];
    let types = [EntryType::Stable, EntryType::OnDemand];
    prop_oneof![
        statuses(),
        subsequence(AVAILABILITIES.to_vec(), 1..3)
            .prop_map(|a| Condition::Availability(OneOf::new(a).unwrap())),
        subsequence(types.to_vec(), 1..3)
            .prop_map(|t| Condition::EntryType(OneOf::new(t).unwrap())),
        (select(coded), keys()).prop_map(|(a, k)| Condition::Code(a, k)),
        (select(vec![T::Creation, T::ServiceStart, T::ServiceStop]), range())
            .prop_map(|(a, r)| Condition::Time(a, r)),
        names().prop_map(|p| Condition::Text(TextAttribute::AuthorPerson, p)),
        references().prop_map(|p| Condition::Text(TextAttribute::ReferenceId, p)),
    ]
}

fn of_sets() -> impl Strategy<Value = Condition> {
    let source = select(vec!["1.2.3.5", "1.2.3.6"]).prop_map(|s| Oid::parse(s).unwrap());
    prop_oneof![
        statuses(),
        source.prop_map(|s| Condition::SourceId(OneOf::only(s))),
        keys().prop_map(|k| Condition::Code(CodeAttribute::ContentType, k)),
        range().prop_map(|r| Condition::Time(TimeAttribute::Submission, r)),
        names().prop_map(|p| Condition::Text(TextAttribute::AuthorPerson, p)),
    ]
}

fn of_folders() -> impl Strategy<Value = Condition> {
    prop_oneof![
        statuses(),
        keys().prop_map(|k| Condition::Code(CodeAttribute::Folder, k)),
        range().prop_map(|r| Condition::Time(TimeAttribute::LastUpdate, r)),
    ]
}

fn of_links() -> impl Strategy<Value = Condition> {
    let types = subsequence(AssociationType::ALL.to_vec(), 1..4);
    prop_oneof![statuses(), types.prop_map(|t| Condition::AssociationType(OneOf::new(t).unwrap())),]
}

/// Up to two conditions on objects of one kind, each asked for or excluded.
fn filters(
    kind: ObjectKind,
    condition: impl Strategy<Value = Condition>,
) -> impl Strategy<Value = Vec<Filter>> {
    let filter = (condition, prop::bool::weighted(0.3));
    let filter = filter.prop_map(move |(condition, excludes)| Filter { kind, condition, excludes });
    vec(filter, 0..3)
}

fn scope() -> impl Strategy<Value = Scope> {
    let some = |texts: &[&str]| {
        let texts: Vec<String> = texts.iter().map(|t| (*t).to_owned()).collect();
        subsequence(texts, 0..=1).prop_map(BTreeSet::from_iter)
    };
    let labels = (some(&["1.2.1", "1.2.2"]), some(&CODES[..2]), some(&["a^^1.2.3", "ガ^^1.2.4"]));
    let opening = labels.prop_map(|(recipients, institutions, audiences)| Labels {
        recipients,
        institutions,
        audiences,
        ..Labels::default()
    });
    prop_oneof![2 => Just(Scope::Everything), 3 => vec(opening, 0..3).prop_map(Scope::of_openings)]
}

/// What stands in the registry after a submission: its folder and an association of any type.
#[derive(Clone, Debug)]
struct Filed {
    codes: Vec<Code>,
    changed: Dtm,
    folder: AvailabilityStatus,
    link: AvailabilityStatus,
    association_type: AssociationType,
}

fn filed() -> impl Strategy<Value = Filed> {
    let status = || select(&AvailabilityStatus::ALL[..]);
    let stored = vec![AssociationType::HasMember, AssociationType::Rplc, AssociationType::Signs];
    (vec(a_code(), 1..3), a_time(), status(), status(), select(stored)).prop_map(
        |(codes, changed, folder, link, association_type)| Filed {
            codes,
            changed,
            folder,
            link,
            association_type,
        },
    )
}

/// What is asked.
#[derive(Clone, Debug)]
struct Ask {
    filters: Vec<Filter>,
    level: MetadataLevel,
    scope: Scope,
}

fn ask() -> impl Strategy<Value = Ask> {
    use ObjectKind as K;
    let filters = (
        filters(K::DocumentEntry, of_documents()),
        filters(K::SubmissionSet, of_sets()),
        filters(K::Folder, of_folders()),
        filters(K::Association, of_links()),
    );
    let level = select(vec![MetadataLevel::Newest, MetadataLevel::Everything]);
    (filters, level, scope()).prop_map(|(f, level, scope)| Ask {
        filters: [f.0, f.1, f.2, f.3].concat(),
        level,
        scope,
    })
}

/// One submission and what is asked of it.
#[derive(Clone, Debug)]
struct Case {
    documents: Vec<DocumentEntry>,
    set: (Vec<Author>, Code, Dtm, &'static str),
    filed: Vec<Filed>,
    asked: Vec<Ask>,
}

fn case() -> impl Strategy<Value = Case> {
    let set = (authors(), a_code(), a_time(), select(vec!["1.2.1", "1.2.2"]));
    (vec(document(), 1..7), set, vec(filed(), 0..4), vec(ask(), 12))
        .prop_map(|(documents, set, filed, asked)| Case { documents, set, filed, asked })
}

/// What is in the registry, as it is in memory.
struct Known {
    p: PatientId,
    entries: Vec<(DocumentEntry, SubmissionSet)>,
    /// Each holds the first document, over the association beside it.
    folders: Vec<(Folder, Association)>,
}

/// Registers the submission for a new patient; its first document is replaced by a copy. Then some of
/// the documents go Offline, and one becomes an earlier version.
async fn registered(w: &World, case: &Case) -> Known {
    let p = patient(&Uuid::new_v4().to_string());
    let new = |e: &DocumentEntry| {
        let (mut e, id) = with_uuid(e.clone());
        e.patient_id = Some(p.clone());
        e.unique_id = new_oid().into();
        e.availability = None;
        (e, id)
    };
    let entries: Vec<_> = case.documents.iter().map(new).collect();
    let first = entries[0].1;
    let copy = new(&case.documents[0]).0;
    let of_case = |mut s: Submission| {
        let (authors, content_type, time, recipient) = case.set.clone();
        s.submission_set.authors = authors;
        s.submission_set.content_type_code = Some(content_type);
        s.submission_set.submission_time = time;
        s.submission_set.intended_recipients = vec![format!("X^^^^^^^^^{recipient}")];
        s
    };
    let s = of_case(submission(&p, entries.into_iter().map(|(e, _)| e).collect()));
    let t = of_case(replacement(&p, copy, first));
    let mut all = Vec::new();
    for s in [&s, &t] {
        all.extend(s.entries.iter().map(|e| (e.clone(), s.submission_set.clone())));
    }
    all[0].0.status = Some(AvailabilityStatus::Deprecated);
    w.accept(s).await;
    w.accept(t).await;
    for ((e, _), wanted) in all.iter_mut().zip(&case.documents) {
        if wanted.availability == Some(DocumentAvailability::Offline) {
            e.availability = wanted.availability;
            change(w, "document_entry", e.id.uuid().unwrap(), "availability = 1").await;
        }
    }
    if let [_, .., (earlier, _), _] = &mut all[..] {
        change(w, "document_entry", earlier.id.uuid().unwrap(), "latest = 0").await;
        earlier.lid = earlier.id.uuid();
    }
    let mut folders = Vec::new();
    for filed in &case.filed {
        folders.push(put_in_folder(w, &p, first, filed).await);
    }
    Known { p, entries: all, folders }
}

/// Puts a document in a new folder, and relates it to it in another way.
async fn put_in_folder(
    w: &World,
    p: &PatientId,
    document: EntryUuid,
    filed: &Filed,
) -> (Folder, Association) {
    let folder = rows::folder(p, |f| {
        f.codes = filed.codes.clone();
        f.last_update_time = Some(filed.changed.clone());
        f.status = Some(filed.folder);
    });
    let source = put_folder(w, p, |f| *f = folder.clone()).await;
    let association_type = filed.association_type;
    put_member(w, Member::of(source, document)).await;
    let other = Member { source, target: document, association_type, status: filed.link };
    let id = put_member(w, other).await;
    let ends = [source, document].map(ObjectId::Uuid);
    let mut association = link(association_type, &ends[0], &ends[1]);
    association.id = ObjectId::Uuid(id);
    association.status = Some(filed.link);
    (folder, association)
}

/// The ids of what is found.
async fn found(w: &World, def: &'static QueryDef, subject: Subject, ask: &Ask) -> BTreeSet<String> {
    let query =
        StoredQuery { filters: ask.filters.clone(), level: ask.level, ..asking(def, subject, []) };
    let mut hits = w.registry.find(&ctx(), &query, &ask.scope).await.unwrap();
    let page = hits.next_page().await.unwrap();
    page.iter()
        .map(|hit| match hit.object().unwrap() {
            RegistryObject::Entry(e) => e.unique_id.to_string(),
            RegistryObject::SubmissionSet(s) => s.unique_id.to_string(),
            RegistryObject::Folder(f) => f.id.to_string(),
            RegistryObject::Association(a) => a.id.to_string(),
            other @ RegistryObject::Ref(..) => panic!("{other:?}"),
        })
        .collect()
}

/// The labels of a set: its recipients, the institutions of its authors, the audiences of its entries.
fn labels_of(all: &[(DocumentEntry, SubmissionSet)], set: &SubmissionSet) -> Labels {
    let mut own = Labels::default();
    for (entry, _) in all.iter().filter(|(_, s)| s.unique_id == set.unique_id) {
        let as_set = DocumentEntry { authors: set.authors.clone(), ..entry.clone() };
        let labels = labels(&as_set, set);
        own.recipients.extend(labels.recipients);
        own.institutions.extend(labels.institutions);
        own.audiences.extend(labels.audiences);
    }
    own
}

async fn same_in_sql_and_in_memory(w: &World, case: &Case) {
    let known = registered(w, case).await;
    let all = &known.entries;
    for ask in &case.asked {
        let query = StoredQuery {
            filters: ask.filters.clone(),
            level: ask.level,
            ..asking(&DOCUMENTS, of_patients([&known.p]), [])
        };
        let all_versions = ask.level == MetadataLevel::Everything;
        let seen = |e: &DocumentEntry, s: &SubmissionSet| ask.scope.permits(&labels(e, s));
        // Here an earlier version is what has a logicalID.
        let documents = all.iter().filter(|(e, s)| {
            query.passes(Candidate::Entry(e)) && seen(e, s) && (all_versions || e.lid.is_none())
        });
        let expected = documents.map(|(e, _)| e.unique_id.to_string()).collect();
        let of = || of_patients([&known.p]);
        assert_eq!(found(w, &DOCUMENTS, of(), ask).await, expected, "{ask:?}");
        let sets = all.iter().filter(|(_, s)| {
            query.passes(Candidate::SubmissionSet(s)) && ask.scope.permits(&labels_of(all, s))
        });
        let expected = sets.map(|(_, s)| s.unique_id.to_string()).collect();
        assert_eq!(found(w, &SETS, of(), ask).await, expected, "{ask:?}");

        // A folder is known to whoever may know of the document in it.
        let in_folders = seen(&all[0].0, &all[0].1);
        let folders: Vec<_> = known
            .folders
            .iter()
            .filter(|(f, _)| query.passes(Candidate::Folder(f)) && in_folders)
            .collect();
        let expected = folders.iter().map(|(f, _)| f.id.to_string()).collect();
        assert_eq!(found(w, &FOLDERS, of(), ask).await, expected, "{ask:?}");
        let ids: Vec<EntryUuid> = folders.iter().filter_map(|(f, _)| f.id.uuid()).collect();
        if ids.is_empty() {
            continue;
        }
        let links = folders.iter().filter(|(_, a)| query.passes(Candidate::Association(a)));
        let expected: BTreeSet<_> = links.map(|(_, a)| a.id.to_string()).collect();
        let mut actual = found(w, &LINKS, by_uuid(&[ObjectKind::Folder], ids), ask).await;
        // Each folder holds its document by a membership that is Approved, too.
        let others: BTreeSet<_> = known.folders.iter().map(|(_, a)| a.id.to_string()).collect();
        actual.retain(|id| others.contains(id));
        assert_eq!(actual, expected, "{ask:?}");
    }
}

#[test]
fn conditions_hold_in_memory_as_they_do_in_sql() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    for w in runtime.block_on(async { World::each() }) {
        let config = Config { cases: 24, failure_persistence: None, ..Config::default() };
        let mut runner = TestRunner::new(config);
        let run = |case| {
            runtime.block_on(same_in_sql_and_in_memory(&w, &case));
            Ok(())
        };
        runner.run(&case(), run).unwrap();
    }
}

#[test]
fn a_symbol_is_no_label() {
    // An entry that is not registered yet is judged by the same labels.
    let p = patient("1");
    let s = submission(&p, vec![entry(&p)]);
    assert!(matches!(s.entries[0].id, ObjectId::Symbol(_)));
    let labels = labels(&s.entries[0], &s.submission_set);
    assert_eq!(labels.recipients, BTreeSet::from(["1.2.3.77".to_owned()]));
    assert_eq!(labels.audiences, BTreeSet::from(["N^^1.2.3".to_owned()]));
}
