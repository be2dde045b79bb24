//! What an inspection says of objects that open and of those that do not.

use super::world::*;
use crate::inspect::{Entered, InspectedEntry, Inspection, Position};
use diesel::RunQueryDsl;
use renkei_database::DatabaseError;
use renkei_metadata::ids::{EntryUuid, ObjectId, RepositoryUniqueId};

async fn all(inspection: &Inspection) -> (u64, Vec<InspectedEntry>, Vec<String>) {
    let (mut rows, mut entries, mut unreadable) = (0, Vec::new(), Vec::new());
    let mut position = Some(Position::default());
    while let Some(at) = position {
        let (page, next) = inspection.page(at).await.unwrap();
        rows += page.rows;
        entries.extend(page.entries);
        unreadable.extend(page.unreadable);
        position = next;
    }
    (rows, entries, unreadable)
}

/// Everything that an inspection finds wrong with objects that open, and what does not.
pub(super) async fn contradictions(w: &World) -> Vec<String> {
    let inspection = w.inspection(&RepositoryUniqueId::parse("2.999.77").unwrap());
    let (mut found, mut position) = (Vec::new(), Some(Position::default()));
    while let Some(at) = position {
        let (page, next) = inspection.page(at).await.unwrap();
        found.extend(page.contradictions.iter().map(|(id, what)| format!("{id}: {what:?}")));
        found.extend(page.unreadable);
        position = next;
    }
    inspection.close().await;
    found
}

#[tokio::test]
async fn every_row_is_opened_once_and_what_does_not_open_is_named() {
    for w in World::each() {
        let (p, other) = (patient("1"), patient("2"));
        let first = entry(&p);
        w.accept(submission(&p, vec![first.clone(), entry(&p)])).await;
        // More than a page holds.
        for _ in 0..3 {
            w.accept(submission(&other, (0..80).map(|_| entry(&other)).collect())).await;
        }
        let repository = first.repository.clone().unwrap();
        let inspection = w.inspection(&repository);
        let (rows, entries, unreadable) = all(&inspection).await;
        // Entries, their memberships, sets, patients.
        assert_eq!((rows, entries.len()), (242 + 242 + 4 + 2, 242));
        assert_eq!(unreadable, Vec::<String>::new());
        let one = entries.iter().find(|e| e.unique_id == first.unique_id.as_str()).unwrap();
        assert_eq!(one.size, first.size);

        let asked = vec![one.unique_id.clone(), "2.25.1".to_owned()];
        assert_eq!(inspection.are_entered(asked).await.unwrap(), [Entered::Yes, Entered::No]);
        let elsewhere = w.inspection(&RepositoryUniqueId::parse("2.999.77").unwrap());
        assert_eq!(all(&elsewhere).await.1, []);

        let sql = "UPDATE fragment SET sealed = (SELECT max(cx_hash) FROM patient) \
                   WHERE key = (SELECT key FROM document_entry WHERE patient_key = \
                   (SELECT min(patient_key) FROM document_entry) ORDER BY key LIMIT 1)";
        let sql = sql.replace("max(cx_hash) FROM patient", "cx_hash FROM patient LIMIT 1");
        w.registry
            .database()
            .write(move |db| Ok::<_, DatabaseError>(diesel::sql_query(&sql).execute(db)?))
            .await
            .unwrap();
        let (_, entries, unreadable) = all(&inspection).await;
        assert_eq!((entries.len(), unreadable.len()), (242, 1));
        assert!(unreadable[0].starts_with("urn:uuid:"), "{unreadable:?}");
    }
}

#[tokio::test]
async fn encrypted_columns_are_opened_too() {
    for w in World::each() {
        let p = patient("1");
        let mut e = entry(&p);
        e.reference_ids = vec!["7^^^&1.2.3&ISO^urn:x".to_owned()];
        let repository = e.repository.clone().unwrap();
        w.accept(submission(&p, vec![e])).await;
        w.accept(submission(&p, vec![entry(&p)])).await;
        let inspection = w.inspection(&repository);
        assert_eq!(all(&inspection).await.2, Vec::<String>::new());
        for (sql, unreadable) in [
            ("UPDATE document_entry SET reference_ids = id WHERE reference_ids IS NOT NULL", 1),
            ("UPDATE document_entry SET author_persons = id", 2),
            ("UPDATE submission_set SET author_persons = id", 4),
        ] {
            w.registry
                .database()
                .write(move |db| Ok::<_, DatabaseError>(diesel::sql_query(sql).execute(db)?))
                .await
                .unwrap();
            assert_eq!(all(&inspection).await.2.len(), unreadable, "{sql}");
        }
    }
}

/// What each object is found by, and what scopes go by.
#[tokio::test]
async fn a_column_that_differs_from_the_metadata_is_told() {
    use super::rows::{change, literal, run};
    const ENTRY: usize = 0;
    const SET: usize = 1;
    const FOLDER: usize = 2;
    const MEMBER: usize = 3;
    for w in World::each() {
        let p = patient("1");
        let mut known = 0;
        for (of, table, columns) in [
            (ENTRY, "document_entry", "class_code = 'x'"),
            (ENTRY, "document_entry", "author_institution = 'x'"),
            (ENTRY, "document_entry", "recipient = 'x'"),
            (ENTRY, "document_entry", "audience = 'x'"),
            (ENTRY, "document_entry", "author_persons = NULL"),
            (ENTRY, "document_entry", "reference_ids = NULL"),
            (ENTRY, "reference", ""),
            (SET, "submission_set", "unique_id = '2.25.9'"),
            (SET, "submission_set", "source_id = '2.25.9'"),
            (SET, "submission_set", "submission_time = '20000101000000'"),
            (SET, "submission_set", "content_type_code = 'x'"),
            (SET, "submission_set", "author_institution = 'x'"),
            (SET, "submission_set", "author_persons = NULL"),
            (FOLDER, "folder", "unique_id = '2.25.9'"),
            (FOLDER, "folder", "codes = 'x'"),
            (MEMBER, "association", "set_status = 1"),
            (MEMBER, "association", "association_type = 4"),
            (MEMBER, "association", "source_kind = target_kind, source_key = target_key"),
        ] {
            let ids = [(); 4].map(|()| EntryUuid(uuid::Uuid::new_v4()));
            let [id, set, _, of_entry] = ids.map(ObjectId::Uuid);
            let mut e = entry(&p);
            (e.id, e.reference_ids) = (id.clone(), vec!["7^^^&1.2.3&ISO^urn:x".to_owned()]);
            let mut s = submission(&p, vec![e]);
            (s.submission_set.id, s.associations[0].source) = (set.clone(), set);
            s.associations[0].id = of_entry;
            s.submission_set.authors = s.entries[0].authors.clone();
            let (mut f, _) = folder(&p);
            f.id = ObjectId::Uuid(ids[FOLDER]);
            bring(&mut s, f);
            file(&mut s, ids[FOLDER], &id);
            w.accept(s).await;
            assert_eq!(contradictions(&w).await.len(), known, "before {table} {columns}");
            match table {
                "reference" => {
                    let id = literal(&w, ids[of].0.as_bytes());
                    let key = format!("(SELECT key FROM document_entry WHERE id = {id})");
                    run(&w, format!("DELETE FROM reference WHERE key = {key}")).await;
                }
                _ => change(&w, table, ids[of], columns).await,
            }
            let found = contradictions(&w).await;
            let told = format!("{}: Columns", ids[of]);
            assert!(found.contains(&told), "{table} {columns}: {found:?}");
            known = found.len();
        }
    }
}
