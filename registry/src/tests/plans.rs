//! Every search uses its indexes, whatever the number of entries.

use super::world::{World, code, dtm, entry, new_oid, patient, submission};
use crate::store::search::Search;
use diesel::connection::SimpleConnection;
use renkei_context::{Labels, Scope};
use renkei_database::{DatabaseError, Db, Dialect, each};
use renkei_metadata::ids::{EntryUuid, Oid, PatientId, UniqueId};
use renkei_metadata::model::{AvailabilityStatus, ObjectKind};
use renkei_xds::catalogue::{self, StoredQuery};
use renkei_xds::iti18::{AdhocQuery, QueryBuilder};
use std::collections::BTreeSet;

const PATIENTS: usize = 2_000;

/// 20 000 entries of 2 000 patients: one real submission of ten documents, and copies of its rows
/// under other keys.
async fn fill(w: &World) -> (PatientId, Oid, Vec<UniqueId>) {
    let p = patient("1");
    let s = submission(&p, (0..10).map(|_| entry(&p)).collect());
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
    // A copy of a key: its last four octets are the number of the copy.
    let copy = |column: &str| match w.registry.database().dialect() {
        Dialect::Sqlite => format!("unhex(substr(hex({column}), 1, 24) || printf('%08x', i))"),
        Dialect::Postgres => format!(
            "decode(substr(encode({column}, 'hex'), 1, 24) || lpad(to_hex(i), 8, '0'), 'hex')"
        ),
    };
    let (key, id, lid) = (copy("key"), copy("id"), copy("lid"));
    let (source_key, target_key) = (copy("source_key"), copy("target_key"));
    let entry = "version, latest, status, object_type, availability, home, repository, hash, size, \
        class_code, type_code, practice_setting_code, facility_type_code, format_code, \
        event_codes, confidentiality_codes, creation_time, service_start, service_stop, \
        author_institution, recipient, audience, author_persons, reference_ids";
    let set_columns = "status, home, source_id, submission_time, content_type_code, author_institution, \
        recipient, audience, author_persons";
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
        // No submission brings folders yet.
        "INSERT INTO folder SELECT patient_key, key, id, unique_id, id, 1, 1, status, home, NULL, \
         submission_time FROM submission_set"
            .to_owned(),
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
    (p, set, ids)
}

/// A query as the message has it.
fn stored(query: &AdhocQuery) -> StoredQuery {
    catalogue::parse(query).value.unwrap()
}

fn search(w: &World, query: &StoredQuery, scope: &Scope) -> Search {
    let dialect = w.registry.database().dialect();
    Search::new(query, scope, &w.registry.inner.vault, dialect).unwrap()
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

async fn assert_all_indexed(w: &World, p: &PatientId, set: &Oid, ids: &[UniqueId]) {
    const PATIENT: &str = "SEARCH nroot USING INDEX sqlite_autoindex_patient_1 (cx_hash=?)";
    const OBJECT: &str = "SEARCH h USING PRIMARY KEY (id=?)";
    const UNIQUE_ID: &str = "SEARCH h USING PRIMARY KEY (value=?)";
    const OF_PATIENT: &str = "SEARCH o USING";
    const BY_KEY: &str = "SEARCH o USING PRIMARY KEY (patient_key=? AND key=?)";
    const BY_UNIQUE_ID: &str = "SEARCH o USING INDEX document_entry_unique_id (unique_id=?)";
    const BY_SOURCE: &str = "USING INDEX association_source (source_key=? AND association_type=?)";
    let approved = [AvailabilityStatus::Approved];
    let both = [AvailabilityStatus::Approved, AvailabilityStatus::Deprecated];
    let find = || QueryBuilder::find_documents(p, &approved);
    let all = w.entries(&find().build()).await;
    let uuids: Vec<EntryUuid> = all.iter().filter_map(|e| e.id.uuid()).collect();
    assert_eq!(uuids.len(), 10);
    let everything = find()
        .time("$XDSDocumentEntryServiceStartTimeFrom", &dtm("2020"))
        .time("$XDSDocumentEntryServiceStartTimeTo", &dtm("2030"))
        .time("$XDSDocumentEntryCreationTimeFrom", &dtm("2020"))
        .codes("$XDSDocumentEntryTypeCode", [&code("type"), &code("x")])
        .codes("$XDSDocumentEntryEventCodeList", [&code("e")])
        .set("$XDSDocumentEntryAuthorPerson", ["%山田%"]);
    let contents = QueryBuilder::get_submission_set_and_contents_by_unique_id(set)
        .codes("$XDSDocumentEntryFormatCode", [&code("format")]);
    let by_unique_id = QueryBuilder::get_documents_by_unique_id(&ids[..5]);
    let open = Scope::Everything;
    for (query, steps) in [
        (find(), &[PATIENT, OF_PATIENT][..]),
        (QueryBuilder::find_documents(p, &both), &[PATIENT, OF_PATIENT]),
        (everything, &[PATIENT, OF_PATIENT]),
        (QueryBuilder::get_documents(&uuids), &[OBJECT, BY_KEY]),
        (QueryBuilder::get_documents(&uuids[..1]), &[OBJECT, BY_KEY]),
        (by_unique_id, &[BY_UNIQUE_ID]),
        (contents, &[UNIQUE_ID, BY_KEY, BY_SOURCE]),
    ] {
        assert_indexed(w, &stored(&query.build()), &open, steps).await;
    }
    assert_hand_made_indexed(w, p, &uuids).await;
}

/// Shapes of queries that the catalogue does not have yet, and a caller who may not know of all.
async fn assert_hand_made_indexed(w: &World, p: &PatientId, uuids: &[EntryUuid]) {
    use super::searching as hand_made;
    const ENDS: &[&str] = &["association_source (source_key=?", "association_target (target_key=?"];
    let kinds = &[ObjectKind::DocumentEntry, ObjectKind::Folder];
    let some = || hand_made::by_uuid(kinds, uuids[..3].iter().copied());
    let two = patient("2");
    let statuses = [ObjectKind::SubmissionSet, ObjectKind::DocumentEntry].map(hand_made::approved);
    let label = |text: &str| BTreeSet::from([text.to_owned()]);
    let labels = Labels { recipients: label("a"), audiences: label("b"), ..Labels::default() };
    for scope in [Scope::Everything, Scope::Labelled(labels)] {
        let patients = hand_made::of_patients([p, &two]);
        let all = hand_made::asking(&hand_made::GET_ALL, patients, statuses.clone());
        assert_indexed(w, &all, &scope, ENDS).await;
        for def in [
            &hand_made::GET_ASSOCIATIONS,
            &hand_made::GET_DOCUMENTS_AND_ASSOCIATIONS,
            &hand_made::GET_RELATED_DOCUMENTS,
        ] {
            assert_indexed(w, &hand_made::asking(def, some(), []), &scope, ENDS).await;
        }
        for def in [&hand_made::GET_SUBMISSION_SETS, &hand_made::GET_FOLDER_AND_CONTENTS] {
            assert_indexed(w, &hand_made::asking(def, some(), []), &scope, &[]).await;
        }
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
        let (p, set, ids) = fill(&w).await;
        // SQLite must not need statistics; PostgreSQL gathers its own after a while.
        if w.registry.database().dialect() == Dialect::Sqlite {
            assert_all_indexed(&w, &p, &set, &ids).await;
        }
        let analyze =
            |db: &mut Db| each!(db, |c| c.batch_execute("ANALYZE")).map_err(DatabaseError::from);
        w.registry.database().write(analyze).await.unwrap();
        assert_all_indexed(&w, &p, &set, &ids).await;
    }
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
