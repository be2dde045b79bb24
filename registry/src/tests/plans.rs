//! Every search uses its indexes, whatever the number of entries.

use super::world::{World, code, dtm, entry, patient, submission};
use crate::store::search::Search;
use diesel::connection::SimpleConnection;
use renkei_database::{DatabaseError, Db, Dialect, each};
use renkei_metadata::ids::{EntryUuid, Oid, PatientId, UniqueId};
use renkei_metadata::model::AvailabilityStatus;
use renkei_xds::catalogue;
use renkei_xds::iti18::{AdhocQuery, QueryBuilder};

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

/// The plans of all statements of a query.
async fn plans(w: &World, query: &AdhocQuery) -> Vec<(String, String)> {
    let database = w.registry.database();
    let stored = catalogue::parse(query).value.unwrap();
    let patient = stored.patient.as_ref().map(|p| w.registry.inner.vault.hash(p));
    let search = Search::new(&stored, patient, database.dialect()).unwrap();
    let mut plans = Vec::new();
    for leaf in [true, false] {
        for sql in search.literal(leaf, database.dialect()) {
            let plan = database.explain(&sql).await.unwrap();
            plans.push((sql, plan));
        }
    }
    plans
}

/// `first` and `last` are the indexes on which SQLite enters and reaches the objects.
async fn assert_indexed(w: &World, name: &str, query: &AdhocQuery, first: &str, last: &[&str]) {
    let dialect = w.registry.database().dialect();
    for (n, (sql, plan)) in plans(w, query).await.into_iter().enumerate() {
        let why = format!("{name}: {sql}\n{plan}");
        match dialect {
            Dialect::Sqlite => {
                assert!(!plan.contains("SCAN"), "{why}");
                assert!(plan.contains(first), "{first}: {why}");
                let last = last[n % last.len()];
                assert!(plan.contains(last), "{last}: {why}");
            }
            Dialect::Postgres => {
                assert!(!plan.contains("Seq Scan"), "{why}");
                assert!(plan.contains("Index"), "{why}");
            }
        }
    }
}

async fn assert_all_indexed(w: &World, p: &PatientId, set: &Oid, ids: &[UniqueId]) {
    const PATIENT: &str = "SEARCH root USING INDEX sqlite_autoindex_patient_1 (cx_hash=?)";
    const OBJECT: &str = "SEARCH i USING PRIMARY KEY (id=?)";
    const UNIQUE_ID: &str = "SEARCH i USING PRIMARY KEY (value=?)";
    const OF_PATIENT: &str = "SEARCH o USING PRIMARY KEY (patient_key=?)";
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
    let by_unique_id = QueryBuilder::get_documents_by_unique_id(ids);
    for (name, query, first, last) in [
        ("FindDocuments", find(), PATIENT, &[OF_PATIENT][..]),
        ("both statuses", QueryBuilder::find_documents(p, &both), PATIENT, &[OF_PATIENT]),
        ("all parameters", everything, PATIENT, &[OF_PATIENT]),
        ("GetDocuments", QueryBuilder::get_documents(&uuids), OBJECT, &[BY_KEY]),
        ("one document", QueryBuilder::get_documents(&uuids[..1]), OBJECT, &[BY_KEY]),
        ("by uniqueId", by_unique_id, BY_UNIQUE_ID, &[BY_UNIQUE_ID]),
        ("contents", contents, UNIQUE_ID, &[BY_KEY, BY_KEY, BY_SOURCE]),
    ] {
        assert_indexed(w, name, &query.build(), first, last).await;
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
