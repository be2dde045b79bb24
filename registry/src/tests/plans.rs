//! Every search uses its indexes, whatever the number of entries.

use super::world::{World, bring, code, dtm, entry, file, folder, new_oid, patient, submission};
use crate::store::key::Id;
use crate::store::labels::{self, Labelled};
use crate::store::search::{Search, seen};
use diesel::connection::SimpleConnection;
use renkei_context::{Labels, Scope};
use renkei_database::{DatabaseError, Db, Dialect, each};
use renkei_metadata::ids::{EntryUuid, Oid, PatientId, UniqueId};
use renkei_metadata::model::{AssociationType, AvailabilityStatus, DocumentEntry};
use renkei_xds::catalogue::{
    self, FIND_DOCUMENTS_BY_REFERENCE_ID_FOR_PATIENTS, FIND_DOCUMENTS_EXCLUDE,
    FIND_DOCUMENTS_FOR_PATIENTS, FIND_FOLDERS_FOR_PATIENTS, GET_DOCUMENTS, GET_FOLDER_AND_CONTENTS,
    GET_FOLDERS, GET_FOLDERS_FOR_DOCUMENT, GET_RELATED_DOCUMENTS, QUERIES, StoredQuery,
};
use renkei_xds::iti18::{AdhocQuery, QueryBuilder};
use std::collections::BTreeSet;

const PATIENTS: usize = 2_000;

/// 20 000 entries of 2 000 patients: one real submission of ten documents, and copies of its rows
/// under other keys.
async fn fill(w: &World) -> Ids {
    let p = patient("1");
    let referring = |n: usize| DocumentEntry {
        reference_ids: vec![format!("{n}^^^&1.2.3&ISO^urn:ihe:iti:xds:2013:order")],
        ..entry(&p)
    };
    let mut s = submission(&p, (0..10).map(referring).collect());
    let (of_a_year, folder_id) = folder(&p);
    bring(&mut s, of_a_year);
    let document = s.entries[0].id.clone();
    file(&mut s, folder_id, &document);
    let (set, ids) = (
        s.submission_set.unique_id.clone(),
        s.entries.iter().map(|e| e.unique_id.clone()).collect(),
    );
    w.accept(s).await;
    let series = match w.registry.database().dialect() {
        Dialect::Sqlite => {
            "WITH RECURSIVE n(i) AS (SELECT 2 UNION ALL SELECT i + 1 FROM n WHERE i < $N)"
        }
        Dialect::Postgres => "WITH n(i) AS (SELECT * FROM generate_series(2, $N))",
    }
    .replace("$N", &PATIENTS.to_string());
    let hash = match w.registry.database().dialect() {
        Dialect::Sqlite => "CAST('h' || i AS BLOB)",
        Dialect::Postgres => "convert_to('h' || i, 'UTF8')",
    };
    // A copy of a key: made at a time of its own, which is the number of the copy in the third to sixth octet.
    let copy = |column: &str| match w.registry.database().dialect() {
        Dialect::Sqlite => format!(
            "unhex(substr(hex({column}), 1, 4) || printf('%08x', i) || substr(hex({column}), 13, 20))"
        ),
        Dialect::Postgres => format!(
            "decode(substr(encode({column}, 'hex'), 1, 4) || lpad(to_hex(i), 8, '0') || substr(encode({column}, 'hex'), 13, 20), 'hex')"
        ),
    };
    let (key, id, lid) = (copy("key"), copy("id"), copy("lid"));
    let (source_key, target_key) = (copy("source_key"), copy("target_key"));
    let reference = copy("hash");
    let entry = "version, latest, status, object_type, availability, home, repository, hash, size, \
        class_code, type_code, practice_setting_code, facility_type_code, format_code, \
        event_codes, confidentiality_codes, creation_time, service_start, service_stop, \
        author_institution, recipient, audience, author_persons, reference_ids";
    let set_columns = "status, home, source_id, submission_time, content_type_code, author_institution, \
        recipient, audience, author_persons";
    let folder_columns = "version, latest, status, home, codes, last_update_time";
    let sql = [
        format!(
            "INSERT INTO patient (key, cx_hash, cx, survivor) {series} SELECT i, {hash}, cx, i FROM n, patient WHERE key = 1"
        ),
        format!(
            "INSERT INTO fragment (key, sealed) {series} SELECT {key}, sealed FROM n, fragment"
        ),
        format!(
            "INSERT INTO document_entry (patient_key, key, id, unique_id, lid, {entry}) {series} SELECT i, {key}, {id}, unique_id || '.' || i, {lid}, {entry} FROM n, document_entry WHERE patient_key = 1"
        ),
        format!(
            "INSERT INTO association {series} SELECT {key}, {id}, i, association_type, status, set_status, home, source_kind, i, {source_key}, target_kind, i, {target_key} FROM n, association WHERE patient_key = 1"
        ),
        format!(
            "INSERT INTO submission_set (patient_key, key, id, unique_id, {set_columns}) {series} SELECT i, {key}, {id}, unique_id || '.' || i, {set_columns} FROM n, submission_set WHERE patient_key = 1"
        ),
        format!(
            "INSERT INTO folder (patient_key, key, id, unique_id, lid, {folder_columns}) {series} SELECT i, {key}, {id}, unique_id || '.' || i, {lid}, {folder_columns} FROM n, folder WHERE patient_key = 1"
        ),
        format!(
            "INSERT INTO patient_code {series} SELECT attribute, code, i FROM n, patient_code WHERE patient_key = 1"
        ),
        format!(
            "INSERT INTO reference {series} SELECT {reference}, i, {key} FROM n, reference WHERE patient_key = 1"
        ),
        format!(
            "INSERT INTO object {series} SELECT {id}, kind, i, {key} FROM n, object WHERE patient_key = 1"
        ),
        format!(
            "INSERT INTO unique_id {series} SELECT value || '.' || i, kind, patient_key + i - 1, {key} FROM n, unique_id"
        ),
    ];
    let done = w.registry.database().write(move |db: &mut Db| {
        for sql in &sql {
            each!(db, |c| c.batch_execute(sql)).map_err(DatabaseError::from)?;
        }
        Ok::<(), DatabaseError>(())
    });
    done.await.unwrap();
    let find = QueryBuilder::find_documents(&p, &[AvailabilityStatus::Approved]).build();
    let uuids: Vec<EntryUuid> = w.entries(&find).await.iter().filter_map(|e| e.id.uuid()).collect();
    assert_eq!(uuids.len(), 10);
    Ids { p, set, folder: folder_id, documents: ids, uuids }
}

/// A query as the message has it.
fn stored(query: &AdhocQuery) -> StoredQuery {
    catalogue::parse(query).value.unwrap()
}

fn search(w: &World, query: &StoredQuery, scope: &Scope) -> Search {
    let dialect = w.registry.database().dialect();
    Search::new(query, (scope, false), &w.registry.inner.vault, dialect).unwrap()
}

/// `steps` are indexes by which SQLite goes.
async fn assert_indexed(w: &World, query: &StoredQuery, scope: &Scope, steps: &[&str]) {
    let database = w.registry.database();
    for sql in search(w, query, scope).literal(database.dialect()) {
        let plan = database.explain(&sql).await.unwrap();
        let why = format!("{}: {sql}\n{plan}", query.def.name);
        match database.dialect() {
            Dialect::Sqlite => {
                // `k` are the objects that were found, read once.
                let scans = |line: &&str| line.contains("SCAN") && !line.contains("SCAN k");
                assert_eq!(plan.lines().find(scans), None, "{why}");
                for step in steps {
                    assert!(plan.contains(step), "{step}: {why}");
                }
            }
            Dialect::Postgres => {
                assert!(!plan.contains("Seq Scan"), "{why}");
                assert!(plan.contains("Index"), "{why}");
            }
        }
    }
}

const PATIENT: &str = "SEARCH nroot USING INDEX sqlite_autoindex_patient_1 (cx_hash=?)";
const OBJECT: &str = "SEARCH h USING PRIMARY KEY (id=?)";
const UNIQUE_ID: &str = "SEARCH h USING PRIMARY KEY (value=?)";
const OF_PATIENT: &str = "SEARCH o USING";
const BY_KEY: &str = "SEARCH o USING PRIMARY KEY (patient_key=? AND key=?)";
const BY_UNIQUE_ID: &str = "SEARCH o USING INDEX document_entry_unique_id (unique_id=?)";
const BY_SOURCE: &str = "USING INDEX association_source (source_key=?";
const BY_TARGET: &str = "USING INDEX association_target (target_key=?";

/// What a test has to ask about.
struct Ids {
    p: PatientId,
    set: Oid,
    folder: EntryUuid,
    documents: Vec<UniqueId>,
    uuids: Vec<EntryUuid>,
}

/// The queries that begin with ids, and the indexes by which SQLite goes.
fn by_ids(ids: &Ids) -> Vec<(QueryBuilder, &'static [&'static str])> {
    let (uuids, documents) = (&ids.uuids, &ids.documents);
    let one = uuids[0];
    let relations = &[AssociationType::Rplc, AssociationType::Xfrm][..];
    let contents = || QueryBuilder::get_submission_set_and_contents_by_unique_id(&ids.set);
    let format = [&code("format")];
    let own = |query: &str| QueryBuilder::new(query).unique_ids([documents[0].as_str()]);
    let versions = |query: &str| QueryBuilder::new(query).logical_ids(&[one]);
    let folder = ids.folder;
    let of_folder = |query: &str| QueryBuilder::new(query).logical_ids(&[folder]);
    vec![
        (QueryBuilder::get_documents(uuids), &[OBJECT, BY_KEY][..]),
        (QueryBuilder::get_documents(&uuids[..1]), &[OBJECT, BY_KEY]),
        (QueryBuilder::get_documents_by_unique_id(&documents[..5]), &[BY_UNIQUE_ID]),
        (versions(GET_DOCUMENTS), &["SEARCH o USING INDEX document_entry_lid (lid=?)"]),
        (QueryBuilder::get_folders(&[folder, one]), &[OBJECT, BY_KEY]),
        (QueryBuilder::new(GET_FOLDERS).unique_ids([ids.set.as_str()]), &[UNIQUE_ID]),
        (QueryBuilder::get_associations(&uuids[..3]), &[OBJECT, BY_SOURCE, BY_TARGET]),
        (QueryBuilder::get_documents_and_associations(&uuids[..3]), &[BY_SOURCE, BY_TARGET]),
        (QueryBuilder::get_submission_sets(&uuids[..3]), &[OBJECT, BY_TARGET, BY_KEY]),
        (contents().codes("$XDSDocumentEntryFormatCode", format), &[UNIQUE_ID, BY_KEY, BY_SOURCE]),
        (QueryBuilder::get_submission_set_and_contents(one), &[OBJECT, BY_KEY, BY_SOURCE]),
        (QueryBuilder::get_folder_and_contents(folder), &[OBJECT, BY_KEY, BY_SOURCE]),
        (of_folder(GET_FOLDER_AND_CONTENTS), &["folder_lid (lid=?)", BY_KEY, BY_SOURCE]),
        (QueryBuilder::get_folders_for_document(one), &[OBJECT, BY_KEY, BY_TARGET]),
        (own(GET_FOLDERS_FOR_DOCUMENT), &["document_entry_unique_id", BY_KEY, BY_TARGET]),
        (QueryBuilder::get_related_documents(one, relations), &[OBJECT, BY_SOURCE, BY_TARGET]),
        (own(GET_RELATED_DOCUMENTS).association_types(relations), &[BY_SOURCE, BY_TARGET]),
    ]
}

/// The queries that begin with patients.
fn by_patient(ids: &Ids) -> Vec<(QueryBuilder, &'static [&'static str])> {
    let p = &ids.p;
    let approved = [AvailabilityStatus::Approved];
    let both = [AvailabilityStatus::Approved, AvailabilityStatus::Deprecated];
    let find = || QueryBuilder::find_documents(p, &approved);
    let everything = find()
        .time("$XDSDocumentEntryServiceStartTimeFrom", &dtm("2020"))
        .time("$XDSDocumentEntryServiceStartTimeTo", &dtm("2030"))
        .time("$XDSDocumentEntryCreationTimeFrom", &dtm("2020"))
        .codes("$XDSDocumentEntryTypeCode", [&code("type"), &code("x")])
        .codes("$XDSDocumentEntryEventCodeList", [&code("e")])
        .set("$XDSDocumentEntryAuthorPerson", ["%山田%"]);
    let excluding = QueryBuilder::new(FIND_DOCUMENTS_EXCLUDE)
        .patient(p)
        .statuses(&approved)
        .codes("$XDSDocumentEntryClassCodeExclude", [&code("x")])
        .codes("$XDSDocumentEntryEventCodeListExclude", [&code("x")]);
    let reference =
        |id: &str| QueryBuilder::find_documents_by_reference_id(p, &approved, [id.to_owned()]);
    let two = [p, &patient("2")].map(Clone::clone);
    let of_two = |query: &str| QueryBuilder::new(query).patients(&two).statuses(&approved);
    vec![
        (find(), &[PATIENT, OF_PATIENT][..]),
        (QueryBuilder::find_documents(p, &both), &[PATIENT, OF_PATIENT]),
        (everything, &[PATIENT, OF_PATIENT]),
        (excluding, &[PATIENT, OF_PATIENT]),
        (
            reference(REFERENCE),
            &[PATIENT, "SEARCH r EXISTS USING PRIMARY KEY (hash=? AND patient_key=?"],
        ),
        (reference("1^%"), &[PATIENT, OF_PATIENT]),
        (QueryBuilder::find_submission_sets(p), &[PATIENT, OF_PATIENT]),
        (QueryBuilder::find_folders(p, &both), &[PATIENT, OF_PATIENT]),
        (QueryBuilder::get_all(p, &both), &[PATIENT, OF_PATIENT, BY_SOURCE, BY_TARGET]),
        (of_two(FIND_DOCUMENTS_FOR_PATIENTS), &[PATIENT, OF_PATIENT]),
        (of_two(FIND_FOLDERS_FOR_PATIENTS), &[PATIENT, OF_PATIENT]),
        (
            of_two(FIND_DOCUMENTS_BY_REFERENCE_ID_FOR_PATIENTS)
                .set("$XDSDocumentEntryReferenceIdList", [REFERENCE]),
            &[PATIENT, "SEARCH r EXISTS USING PRIMARY KEY (hash=? AND patient_key=?"],
        ),
    ]
}

const REFERENCE: &str = "1^^^&1.2.3&ISO^urn:ihe:iti:xds:2013:order";

/// The queries of all patients.
fn by_nothing() -> Vec<(QueryBuilder, &'static [&'static str])> {
    const CODES: &[&str] = &[
        "SEARCH pc USING PRIMARY KEY (attribute=? AND code=?)",
        "SEARCH o USING PRIMARY KEY (patient_key=?)",
    ];
    let of = |query: &str| QueryBuilder::new(query).statuses(&[AvailabilityStatus::Approved]);
    let documents = || of(FIND_DOCUMENTS_FOR_PATIENTS);
    let mut all: Vec<(QueryBuilder, &'static [&'static str])> =
        ["ClassCode", "EventCodeList", "HealthcareFacilityTypeCode"]
            .map(|name| format!("$XDSDocumentEntry{name}"))
            .map(|name| (documents().codes(&name, [&code("rare"), &code("x")]), CODES))
            .into();
    let since = documents().codes("$XDSDocumentEntryClassCode", [&code("rare")]);
    all.push((
        since.time("$RenkeiRegisteredFrom", &dtm("2100")),
        &["SEARCH o USING INDEX document_entry_registered (<expr>>?)"],
    ));
    let folders = of(FIND_FOLDERS_FOR_PATIENTS);
    all.push((folders.codes("$XDSFolderCodeList", [&code("rare")]), CODES));
    let by_reference = of(FIND_DOCUMENTS_BY_REFERENCE_ID_FOR_PATIENTS);
    all.push((
        by_reference.set("$XDSDocumentEntryReferenceIdList", [REFERENCE]),
        &["SEARCH lr USING PRIMARY KEY (hash=?)", BY_KEY],
    ));
    all
}

/// Every query on every level, for a caller who may know of everything and for one who may not.
async fn assert_all_indexed(w: &World, ids: &Ids) {
    let queries = [by_ids(ids), by_patient(ids), by_nothing()].concat();
    let asked: BTreeSet<_> =
        queries.iter().map(|(q, _)| stored(&q.clone().build()).def.name).collect();
    assert_eq!(asked, QUERIES.iter().map(|q| q.name).collect());
    for (query, steps) in queries {
        assert_indexed(w, &stored(&query.clone().build()), &Scope::Everything, steps).await;
        let everything = stored(&query.everything().build());
        assert_indexed(w, &everything, &Scope::Everything, steps).await;
        let label = |text: &str| BTreeSet::from([text.to_owned()]);
        let both = Labels { recipients: label("a"), audiences: label("b"), ..Labels::default() };
        let own = Labels { submitters: label("node"), ..Labels::default() };
        assert_indexed(w, &everything, &Scope::of_openings([own, both]), &[]).await;
    }
}

#[tokio::test]
async fn usual_queries_are_few_statements_which_stay_prepared() {
    for w in World::each() {
        let p = patient("1");
        let shape =
            |query: QueryBuilder| search(&w, &stored(&query.build()), &Scope::Everything).shape();
        let find = || QueryBuilder::find_documents(&p, &[AvailabilityStatus::Approved]);
        let codes: Vec<_> = ["a", "b", "c", "d", "e"].map(code).into_iter().collect();
        let of = |n: usize| find().codes("$XDSDocumentEntryTypeCode", &codes[..n]);
        let (text, kept) = shape(find());
        assert!(kept && text.contains("nroot.cx_hash = ?") && !text.contains("UNION"), "{text}");
        assert_eq!(shape(of(3)), shape(of(4)));
        assert_ne!(shape(of(4)).0, shape(of(5)).0);
        let ids = |n: usize| (0..n).map(|_| UniqueId::from(new_oid())).collect::<Vec<_>>();
        let by_id = |n| shape(QueryBuilder::get_documents_by_unique_id(&ids(n)));
        assert_eq!(by_id(5), by_id(8));
        assert!(by_id(8).1 && !by_id(9).1, "what peers may vary at will is not kept");
        let contents = QueryBuilder::get_submission_set_and_contents_by_unique_id(&new_oid());
        assert!(shape(contents).1);
    }
}

#[tokio::test]
async fn no_search_reads_a_whole_table() {
    for w in World::each() {
        let ids = fill(&w).await;
        // SQLite must not need statistics; PostgreSQL gathers its own after a while.
        if w.registry.database().dialect() == Dialect::Sqlite {
            assert_all_indexed(&w, &ids).await;
        }
        analyze(&w).await;
        assert_all_indexed(&w, &ids).await;
        assert_of_patient_indexed(&w).await;
        assert_correction_indexed(&w).await;
    }
}

/// Whether a node may know of a patient is asked of each person that is found.
async fn assert_of_patient_indexed(w: &World) {
    let own = Labels { submitters: BTreeSet::from(["mine".to_owned()]), ..Labels::default() };
    let database = w.registry.database();
    let sql = seen::of_patient(&Scope::of_openings([own]), 7, database.dialect());
    let plan = database.explain(&sql.literal(database.dialect())).await.unwrap();
    match database.dialect() {
        Dialect::Sqlite => assert!(plan.contains("SEARCH o USING"), "{plan}"),
        Dialect::Postgres => {
            assert!(!plan.contains("Seq Scan") && plan.contains("Index"), "{plan}")
        }
    }
}

/// What is corrected is corrected for the versions of one document.
async fn assert_correction_indexed(w: &World) {
    let document = Labelled::new(Id(uuid::Uuid::new_v4()), &entry(&patient("1")));
    let database = w.registry.database();
    let sql = labels::labelling(&document).literal(database.dialect());
    let plan = database.explain(&sql).await.unwrap();
    assert!(plan.contains("document_entry_lid") && !plan.contains("Seq Scan"), "{plan}");
}

#[tokio::test]
async fn what_begins_with_ids_does_not_read_a_person_who_has_much() {
    for w in World::each() {
        let ids = fill(&w).await;
        // All patients turn out to be the first one.
        run(&w, "UPDATE patient SET survivor = 1").await;
        run(&w, MOVE_ALL).await;
        analyze(&w).await;
        for (query, steps) in by_ids(&ids) {
            assert_indexed(&w, &stored(&query.build()), &Scope::Everything, steps).await;
        }
        if w.registry.database().dialect() == Dialect::Sqlite {
            assert_all_indexed(&w, &ids).await;
        }
    }
}

/// Files everything under the first patient.
const MOVE_ALL: &str = "UPDATE document_entry SET patient_key = 1; \
    UPDATE submission_set SET patient_key = 1; UPDATE folder SET patient_key = 1; \
    UPDATE object SET patient_key = 1; UPDATE unique_id SET patient_key = 1 WHERE key IS NOT NULL; \
    UPDATE association SET patient_key = 1, source_patient = 1, target_patient = 1; \
    UPDATE reference SET patient_key = 1";

async fn analyze(w: &World) {
    run(w, "ANALYZE").await;
}

async fn run(w: &World, sql: &'static str) {
    super::rows::run(w, sql.to_owned()).await;
}

#[test]
fn both_dialects_have_the_same_migrations() {
    let names = |dialect: &str| {
        let dir = format!("{}/migrations/{dialect}", env!("CARGO_MANIFEST_DIR"));
        let mut names: Vec<String> = std::fs::read_dir(dir)
            .unwrap()
            .map(|e| e.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    };
    assert_eq!(names("sqlite"), names("postgres"));
}
