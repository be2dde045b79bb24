//! Every stored query as it is asked: what it finds, what it leaves out, whom it is recorded for.

use super::rows::{Member, change, patient_key, put_folder, put_member, run};
use super::world::{
    World, code, ctx, dtm, entry, patient, read, replacement, submission, with_uuid,
};
use renkei_metadata::ids::{EntryUuid, ObjectId, PatientId};
use renkei_metadata::model::{
    AssociationType, AvailabilityStatus, Code, EntryType, RegistryObject,
};
use renkei_xds::catalogue::{
    FIND_DOCUMENTS_BY_REFERENCE_ID_FOR_PATIENTS, FIND_DOCUMENTS_EXCLUDE,
    FIND_DOCUMENTS_FOR_PATIENTS, FIND_FOLDERS_FOR_PATIENTS, GET_DOCUMENTS, GET_FOLDERS,
};
use renkei_xds::iti18::{QueryBuilder, QueryResponse, ReturnType};
use renkei_xds::response::Status;
use uuid::Uuid;

const APPROVED: &[AvailabilityStatus] = &[AvailabilityStatus::Approved];

fn id(object: &RegistryObject) -> EntryUuid {
    let id = match object {
        RegistryObject::Entry(e) => &e.id,
        RegistryObject::SubmissionSet(s) => &s.id,
        RegistryObject::Folder(f) => &f.id,
        RegistryObject::Association(a) => &a.id,
        RegistryObject::Ref(id, _) => id,
    };
    id.uuid().unwrap()
}

fn sorted(mut ids: Vec<EntryUuid>) -> Vec<EntryUuid> {
    ids.sort();
    ids
}

/// What a query finds, the same as objects and as references.
async fn found(w: &World, query: QueryBuilder) -> Vec<EntryUuid> {
    let mut answers = Vec::new();
    for returns in [ReturnType::LeafClass, ReturnType::ObjectRef] {
        let answer = asked(w, query.clone().returning(returns)).await;
        assert_eq!(answer.status, Status::Success, "{:?}", answer.errors);
        answers.push(sorted(answer.objects.iter().map(id).collect()));
    }
    assert_eq!(answers[0], answers[1]);
    answers.pop().unwrap()
}

async fn asked(w: &World, query: QueryBuilder) -> QueryResponse {
    let query = query.build();
    let transaction = renkei_xds::catalogue::any_by_id(&query.id).unwrap().transaction;
    let answer = match transaction.id {
        "ITI-51" => w.registry.query_patients(&ctx(), &query).await,
        _ => w.registry.query(&ctx(), &query).await,
    };
    read(answer).await
}

/// A patient with a submission of two documents, one of them in a folder, and one that replaces the
/// other.
struct File {
    p: PatientId,
    set: EntryUuid,
    filed: EntryUuid,
    old: EntryUuid,
    new: EntryUuid,
    folder: EntryUuid,
    membership: EntryUuid,
}

async fn file(w: &World, id: &str) -> File {
    let p = patient(id);
    let ((mut a, filed), (b, old)) = (with_uuid(entry(&p)), with_uuid(entry(&p)));
    a.reference_ids = vec![format!("{id}^^^&1.2.3&ISO^urn:ihe:iti:xds:2013:order")];
    a.event_codes = vec![code("e"), code(id)];
    let mut s = submission(&p, vec![a, b]);
    let set = EntryUuid(Uuid::new_v4());
    s.submission_set.id = ObjectId::Uuid(set);
    for member in &mut s.associations {
        member.source = ObjectId::Uuid(set);
    }
    w.accept(s).await;
    let (c, new) = with_uuid(entry(&p));
    w.accept(replacement(&p, c, old)).await;
    let folder = put_folder(w, &p, |f| f.codes = vec![code("f"), code(id)]).await;
    put_member(w, Member::of(set, folder)).await;
    let membership = put_member(w, Member::of(folder, filed)).await;
    put_member(w, Member::of(set, membership)).await;
    File { p, set, filed, old, new, folder, membership }
}

/// How many SubmissionSets, DocumentEntries, Folders and Associations an answer holds.
async fn counts(w: &World, query: QueryBuilder) -> [usize; 4] {
    super::searching::kinds(&asked(w, query).await.objects)
}

#[tokio::test]
async fn every_query_finds_its_objects() {
    for w in World::each() {
        let f = file(&w, "1").await;
        file(&w, "2").await;
        let sets = QueryBuilder::find_submission_sets(&f.p);
        assert_eq!(counts(&w, sets.clone()).await, [2, 0, 0, 0]);
        let from = |t| sets.clone().time("$XDSSubmissionSetSubmissionTimeFrom", &dtm(t));
        assert_eq!(counts(&w, from("20260401120000")).await, [2, 0, 0, 0]);
        assert_eq!(counts(&w, from("20260401120001")).await, [0; 4]);
        let source = |id: &str| sets.clone().set("$XDSSubmissionSetSourceId", ["1.9", id]);
        assert_eq!(counts(&w, source("1.2.3.5")).await, [2, 0, 0, 0]);
        assert_eq!(counts(&w, source("1.2.3.6")).await, [0; 4]);
        let folders = QueryBuilder::find_folders(&f.p, APPROVED);
        assert_eq!(found(&w, folders.clone()).await, [f.folder]);
        let codes = |c: &str| folders.clone().codes("$XDSFolderCodeList", [&code(c)]);
        assert_eq!(found(&w, codes("1").codes("$XDSFolderCodeList", [&code("f")])).await.len(), 1);
        assert_eq!(found(&w, codes("2")).await, []);
        let all = QueryBuilder::get_all(&f.p, &AvailabilityStatus::ALL);
        assert_eq!(counts(&w, all).await, [2, 3, 1, 7]);
        // Associations come with one end in the answer (ITI TF-2: 3.18.4.1.2.3.7.4).
        assert_eq!(counts(&w, QueryBuilder::get_all(&f.p, APPROVED)).await, [2, 2, 1, 7]);
        let by_reference =
            |id: &str| QueryBuilder::find_documents_by_reference_id(&f.p, APPROVED, [id]);
        assert_eq!(found(&w, by_reference("1^%order")).await, [f.filed]);
        let exact = "1^^^&1.2.3&ISO^urn:ihe:iti:xds:2013:order";
        assert_eq!(found(&w, by_reference(exact)).await, [f.filed]);
        assert_eq!(found(&w, by_reference("1^^^&1.2.3&ISO")).await, []);
        assert_eq!(found(&w, QueryBuilder::get_folders(&[f.folder, f.set])).await, [f.folder]);
        let links = QueryBuilder::get_associations(&[f.membership]);
        assert_eq!(counts(&w, links).await, [0, 0, 0, 1], "the set's hold on a membership");
        let links = QueryBuilder::get_associations(&[f.set, f.folder, f.new]);
        assert_eq!(counts(&w, links).await, [0, 0, 0, 7]);
        let documents = QueryBuilder::get_documents_and_associations(&[f.filed]);
        assert_eq!(counts(&w, documents).await, [0, 1, 0, 2]);
        let sets = QueryBuilder::get_submission_sets(&[f.filed, f.folder, f.new]);
        assert_eq!(counts(&w, sets).await, [2, 0, 0, 3]);
        let contents = QueryBuilder::get_submission_set_and_contents(f.set);
        assert_eq!(counts(&w, contents).await, [1, 2, 1, 5]);
        let contents = QueryBuilder::get_folder_and_contents(f.folder);
        assert_eq!(counts(&w, contents.clone()).await, [0, 1, 1, 1]);
        let format = "$XDSDocumentEntryFormatCode";
        let nothing = contents.codes(format, [&code("other")]);
        assert_eq!(counts(&w, nothing).await, [0, 0, 1, 0]);
        let folders = |id| QueryBuilder::get_folders_for_document(id);
        assert_eq!(found(&w, folders(f.filed)).await, [f.folder]);
        assert_eq!(found(&w, folders(f.new)).await, []);
        let related = |id| QueryBuilder::get_related_documents(id, &[AssociationType::Rplc]);
        assert_eq!(counts(&w, related(f.old)).await, [0, 2, 0, 1]);
        assert_eq!(counts(&w, related(f.filed)).await, [0; 4]);
    }
}

#[tokio::test]
async fn what_is_excluded_is_left_out() {
    for w in World::each() {
        let f = file(&w, "1").await;
        let ask = || QueryBuilder::new(FIND_DOCUMENTS_EXCLUDE).patient(&f.p).statuses(APPROVED);
        let both = sorted(vec![f.filed, f.new]);
        assert_eq!(found(&w, ask()).await, both);
        let events = "$XDSDocumentEntryEventCodeListExclude";
        // What has no such attribute is not left out.
        assert_eq!(found(&w, ask().codes(events, [&code("e")])).await, [f.new]);
        assert_eq!(found(&w, ask().codes(events, [&code("x"), &code("1")])).await, [f.new]);
        let slots = ask().codes(events, [&code("x")]).codes(events, [&code("e")]);
        assert_eq!(found(&w, slots).await, [f.new]);
        assert_eq!(found(&w, ask().codes(events, [&code("x")])).await, both);
        let class = "$XDSDocumentEntryClassCodeExclude";
        assert_eq!(found(&w, ask().codes(class, [&code("class")])).await, []);
        let persons = "$XDSDocumentEntryAuthorPersonExclude";
        assert_eq!(found(&w, ask().set(persons, ["%山田%"])).await, []);
        assert_eq!(found(&w, ask().set(persons, ["山田%"])).await, both);
        let references = "$XDSDocumentEntryReferenceIdListExclude";
        assert_eq!(found(&w, ask().set(references, ["1^%"])).await, [f.new]);
        let exact = "1^^^&1.2.3&ISO^urn:ihe:iti:xds:2013:order";
        assert_eq!(found(&w, ask().set(references, [exact])).await, [f.new]);
        change(&w, "document_entry", f.new, "object_type = 1, hash = NULL, size = NULL").await;
        let types = "$XDSDocumentEntryTypeExclude";
        let without = |t: EntryType| ask().set(types, [t.urn()]);
        assert_eq!(found(&w, without(EntryType::Stable)).await, [f.new]);
        assert_eq!(found(&w, without(EntryType::OnDemand)).await, [f.filed]);
    }
}

#[tokio::test]
async fn on_demand_entries_are_found_by_those_who_ask_for_them() {
    for w in World::each() {
        let f = file(&w, "1").await;
        change(&w, "document_entry", f.new, "object_type = 1, hash = NULL, size = NULL").await;
        let find = || QueryBuilder::find_documents(&f.p, APPROVED);
        assert_eq!(found(&w, find()).await, [f.filed]);
        assert_eq!(found(&w, find().entry_types(&[EntryType::OnDemand])).await, [f.new]);
        let both = find().entry_types(&[EntryType::OnDemand, EntryType::Stable]);
        assert_eq!(found(&w, both).await.len(), 2);
        let related = || QueryBuilder::get_related_documents(f.old, &[AssociationType::Rplc]);
        assert_eq!(counts(&w, related()).await, [0; 4], "its other end is not meant");
        let both = related().entry_types(&[EntryType::OnDemand, EntryType::Stable]);
        assert_eq!(counts(&w, both).await, [0, 2, 0, 1]);
        assert_eq!(found(&w, QueryBuilder::get_documents(&[f.new])).await, [f.new]);
    }
}

#[tokio::test]
async fn the_level_decides_which_versions_and_states_are_seen() {
    for w in World::each() {
        let f = file(&w, "1").await;
        // `old` as an earlier version of `filed`.
        let lid = super::rows::literal(&w, f.filed.0.as_bytes());
        let filed = format!("lid = {lid}, version = 2");
        change(&w, "document_entry", f.filed, &filed).await;
        let old = format!("lid = {lid}, version = 1, latest = 0");
        change(&w, "document_entry", f.old, &old).await;
        let by_lid = || QueryBuilder::new(GET_DOCUMENTS).logical_ids(&[f.filed]);
        assert_eq!(found(&w, by_lid()).await, [f.filed]);
        assert_eq!(found(&w, by_lid().everything()).await, sorted(vec![f.filed, f.old]));
        assert_eq!(found(&w, QueryBuilder::get_documents(&[f.old])).await, []);
        let all = QueryBuilder::get_documents(&[f.old]).everything();
        assert_eq!(found(&w, all).await, [f.old]);
        let find = || QueryBuilder::find_documents(&f.p, &AvailabilityStatus::ALL);
        assert_eq!(found(&w, find()).await.len(), 2);
        assert_eq!(found(&w, find().everything()).await.len(), 3);

        change(&w, "document_entry", f.new, "availability = 1").await;
        assert_eq!(found(&w, find()).await, [f.filed]);
        let offline = "urn:ihe:iti:2010:DocumentAvailability:Offline";
        let offline = find().set("$XDSDocumentEntryDocumentAvailability", [offline]);
        assert_eq!(found(&w, offline.clone()).await, []);
        assert_eq!(found(&w, offline.everything()).await, [f.new]);

        change(&w, "association", f.membership, "status = 1").await;
        let contents = || QueryBuilder::get_folder_and_contents(f.folder);
        assert_eq!(counts(&w, contents()).await, [0, 0, 1, 0]);
        assert_eq!(counts(&w, contents().everything()).await, [0, 1, 1, 1]);
        // The second level alone means Approved associations still.
        let second = || contents().set("$MetadataLevel", ["2"]);
        assert_eq!(counts(&w, second()).await, [0, 0, 1, 0]);
        let folders = || QueryBuilder::get_folders_for_document(f.filed);
        assert_eq!(found(&w, folders()).await, []);
        assert_eq!(found(&w, folders().everything()).await, [f.folder]);
        let set = QueryBuilder::get_submission_set_and_contents(f.set);
        assert_eq!(counts(&w, set.clone()).await, [1, 1, 1, 2]);
        assert_eq!(counts(&w, set.everything()).await, [1, 2, 1, 5]);

        change(&w, "folder", f.folder, "status = 1").await;
        let by_lid = || QueryBuilder::new(GET_FOLDERS).logical_ids(&[f.folder]);
        assert_eq!(found(&w, by_lid()).await, []);
        assert_eq!(found(&w, by_lid().everything()).await, [f.folder]);
        let deprecated = &[AvailabilityStatus::Deprecated];
        let find = || QueryBuilder::find_folders(&f.p, deprecated);
        assert_eq!(found(&w, find()).await, []);
        assert_eq!(found(&w, find().everything()).await, [f.folder]);
    }
}

#[tokio::test]
async fn several_patients_or_none_are_asked_for_at_once() {
    for w in World::each() {
        let (a, b, c) = (file(&w, "1").await, file(&w, "2").await, file(&w, "3").await);
        let documents = || QueryBuilder::new(FIND_DOCUMENTS_FOR_PATIENTS).statuses(APPROVED);
        let two = sorted(vec![a.filed, a.new, b.filed, b.new]);
        assert_eq!(found(&w, documents().patients([&a.p, &b.p])).await, two);
        let events = "$XDSDocumentEntryEventCodeList";
        let of = |codes: &[&str]| {
            let codes: Vec<Code> = codes.iter().map(|c| code(c)).collect();
            documents().codes(events, &codes)
        };
        assert_eq!(found(&w, of(&["1", "3"])).await, sorted(vec![a.filed, c.filed]));
        let all = sorted(vec![a.filed, b.filed, c.filed]);
        assert_eq!(found(&w, of(&["e", "1", "2"])).await, all, "each once");
        assert_eq!(found(&w, of(&["e"]).codes(events, [&code("2")])).await, [b.filed]);
        for (name, value) in [
            ("$XDSDocumentEntryClassCode", "class"),
            ("$XDSDocumentEntryHealthcareFacilityTypeCode", "facility"),
        ] {
            let query = documents().codes(name, [&code(value), &code("x")]);
            assert_eq!(found(&w, query).await.len(), 6, "{name}");
            assert_eq!(found(&w, documents().codes(name, [&code("x")])).await, []);
        }
        let folders = || QueryBuilder::new(FIND_FOLDERS_FOR_PATIENTS).statuses(APPROVED);
        let ids = sorted(vec![a.folder, b.folder]);
        assert_eq!(found(&w, folders().patients([&a.p, &b.p])).await, ids);
        let codes = [code("1"), code("2")];
        assert_eq!(found(&w, folders().codes("$XDSFolderCodeList", &codes)).await, ids);
        let by_reference =
            || QueryBuilder::new(FIND_DOCUMENTS_BY_REFERENCE_ID_FOR_PATIENTS).statuses(APPROVED);
        let name = "$XDSDocumentEntryReferenceIdList";
        let exact = "2^^^&1.2.3&ISO^urn:ihe:iti:xds:2013:order";
        assert_eq!(found(&w, by_reference().set(name, [exact])).await, [b.filed]);
        let pattern = || by_reference().set(name, ["%order"]);
        let of_two = sorted(vec![a.filed, c.filed]);
        assert_eq!(found(&w, pattern().patients([&a.p, &c.p])).await, of_two);
        let refused = asked(&w, pattern()).await;
        assert_eq!((refused.status, refused.objects.len()), (Status::Failure, 0));
        let nothing = asked(&w, documents()).await;
        assert_eq!(nothing.errors[0].code, "XDSStoredQueryMissingParam");
    }
}

#[tokio::test]
async fn there_is_a_record_for_each_patient() {
    for w in World::each() {
        let patients = [patient("1"), patient("2")];
        let documents = || QueryBuilder::new(FIND_DOCUMENTS_FOR_PATIENTS).statuses(APPROVED);
        asked(&w, documents().patients(&patients)).await;
        asked(&w, documents().codes("$XDSDocumentEntryClassCode", [&code("x")])).await;
        let records = w.records.0.lock().unwrap();
        let objects: Vec<usize> = records.iter().map(|r| r.objects.len()).collect();
        assert_eq!(objects, [2, 2, 1]);
        let named: Vec<&str> = records[..2].iter().map(|r| r.objects[0].id.as_str()).collect();
        assert_eq!(named, patients.each_ref().map(ToString::to_string));
        assert!(records.iter().all(|r| r.event_type.as_ref().unwrap().code == "ITI-51"));
    }
}

#[tokio::test]
async fn after_a_merge_everything_is_the_survivors() {
    for w in World::each() {
        let (a, b) = (file(&w, "1").await, file(&w, "2").await);
        let (old, new) = (patient_key(&w, &a.p).await, patient_key(&w, &b.p).await);
        run(&w, format!("UPDATE patient SET survivor = {new} WHERE key = {old}")).await;
        let find = |p: &PatientId| QueryBuilder::find_documents(p, APPROVED);
        assert_eq!(found(&w, find(&a.p)).await, []);
        let all = sorted(vec![a.filed, a.new, b.filed, b.new]);
        assert_eq!(found(&w, find(&b.p)).await, all);
        // Both are one patient now.
        let ids = [a.filed, b.filed, a.new];
        for query in [
            QueryBuilder::get_documents(&ids),
            QueryBuilder::get_submission_sets(&ids),
            QueryBuilder::get_all(&b.p, APPROVED),
            QueryBuilder::get_folders(&[a.folder]),
            QueryBuilder::new(FIND_DOCUMENTS_FOR_PATIENTS)
                .statuses(APPROVED)
                .codes("$XDSDocumentEntryEventCodeList", [&code("1")]),
        ] {
            let objects = asked(&w, query).await.objects;
            assert!(!objects.is_empty());
            for object in objects {
                let shown = match &object {
                    RegistryObject::Entry(e) => e.patient_id.as_ref(),
                    RegistryObject::SubmissionSet(s) => s.patient_id.as_ref(),
                    RegistryObject::Folder(f) => f.patient_id.as_ref(),
                    RegistryObject::Association(_) | RegistryObject::Ref(..) => continue,
                };
                assert_eq!(shown, Some(&b.p), "{object:?}");
            }
        }
    }
}

#[tokio::test]
async fn leaves_of_two_patients_are_not_mixed_by_any_query_of_ids() {
    for w in World::each() {
        let (a, b) = (file(&w, "1").await, file(&w, "2").await);
        for query in [
            QueryBuilder::get_documents(&[a.filed, b.filed]),
            QueryBuilder::get_folders(&[a.folder, b.folder]),
            QueryBuilder::get_documents_and_associations(&[a.filed, b.filed]),
            QueryBuilder::get_submission_sets(&[a.filed, b.filed]),
        ] {
            let answer = asked(&w, query.clone()).await;
            assert_eq!((answer.status, answer.objects.len()), (Status::Failure, 0));
            assert_eq!(answer.errors[0].code, "XDSResultNotSinglePatient");
            let references = asked(&w, query.returning(ReturnType::ObjectRef)).await;
            assert_eq!(references.status, Status::Success);
        }
        let links = asked(&w, QueryBuilder::get_associations(&[a.set, b.set])).await;
        assert_eq!(links.status, Status::Success, "associations show no patient");
        assert!(links.objects.iter().all(|o| matches!(o, RegistryObject::Association(_))));
    }
}
