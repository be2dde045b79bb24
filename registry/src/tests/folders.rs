//! Folders in answers. No submission brings them yet; their rows are put in by hand.

use super::searching::{
    GET_FOLDER_AND_CONTENTS, GET_FOLDERS_FOR_DOCUMENT, asking, by_uuid, find, kinds, of_patients,
};
use super::world::{World, code, dtm, entry, link, new_oid, patient, submission, with_uuid};
use crate::store::key::Key;
use diesel::connection::SimpleConnection;
use renkei_context::{Labels, Scope};
use renkei_database::{DatabaseError, Db, Dialect, each};
use renkei_metadata::fragment::Fragment;
use renkei_metadata::ids::{EntryUuid, ObjectId, PatientId};
use renkei_metadata::model::{AssociationType, Folder, ObjectKind, RegistryObject};
use renkei_xds::catalogue::{self, CodeAttribute, CodeKey, Condition, OneOf, QueryDef};
use std::collections::BTreeSet;
use uuid::Uuid;

const ENTRY: ObjectKind = ObjectKind::DocumentEntry;
const SET: ObjectKind = ObjectKind::SubmissionSet;
const FOLDER: ObjectKind = ObjectKind::Folder;

fn literal(w: &World, bytes: &[u8]) -> String {
    let hex: String = bytes.iter().map(|b| format!("{b:02x}")).collect();
    match w.registry.database().dialect() {
        Dialect::Sqlite => format!("x'{hex}'"),
        Dialect::Postgres => format!("'\\x{hex}'::bytea"),
    }
}

async fn run(w: &World, sql: String) {
    let done = w.registry.database().write(move |db: &mut Db| {
        each!(db, |c| c.batch_execute(&sql)).map_err(DatabaseError::from)
    });
    done.await.unwrap();
}

/// Its key, and the ebRIM of an object under that.
async fn put_fragment(w: &World, kind: ObjectKind, object: &RegistryObject) -> String {
    let key = Key(Uuid::now_v7());
    let sealed = w.registry.inner.vault.seal_fragment(kind, key, &Fragment::of(object)).unwrap();
    let (key, sealed) = (literal(w, key.as_bytes()), literal(w, &sealed));
    run(w, format!("INSERT INTO fragment VALUES ({key}, {sealed})")).await;
    key
}

async fn put_folder(w: &World, p: &PatientId) -> EntryUuid {
    let id = EntryUuid(Uuid::new_v4());
    let unique_id = new_oid();
    let folder = Folder {
        id: ObjectId::Uuid(id),
        lid: None,
        version: None,
        home: None,
        status: None,
        title: None,
        comments: None,
        codes: vec![code("folder")],
        last_update_time: None,
        patient_id: Some(p.clone()),
        unique_id: unique_id.clone(),
        extra: Vec::new(),
    };
    let key = put_fragment(w, FOLDER, &RegistryObject::Folder(Box::new(folder))).await;
    let id_text = literal(w, id.0.as_bytes());
    let hash = literal(w, &w.registry.inner.vault.hash(p));
    let patient = format!("(SELECT key FROM patient WHERE cx_hash = {hash})");
    run(
        w,
        format!(
            "INSERT INTO object VALUES ({id_text}, 2, {patient}, {key});
             INSERT INTO unique_id VALUES ('{unique_id}', 2, {patient}, {key});
             INSERT INTO folder VALUES ({patient}, {key}, {id_text}, '{unique_id}', {id_text}, 3, 1, 0,
             NULL, '\nfolder^^1.2.3\n', '20260402030405')"
        ),
    )
    .await;
    id
}

/// HasMember from one object to another.
async fn put_member(w: &World, source: EntryUuid, target: EntryUuid) -> EntryUuid {
    let id = EntryUuid(Uuid::new_v4());
    let ends = [source, target].map(ObjectId::Uuid);
    let mut a = link(AssociationType::HasMember, &ends[0], &ends[1]);
    a.id = ObjectId::Uuid(id);
    let object = RegistryObject::Association(Box::new(a));
    let key = put_fragment(w, ObjectKind::Association, &object).await;
    let [id_text, source, target] =
        [id, source, target].map(|id: EntryUuid| literal(w, id.0.as_bytes()));
    let ends = format!("object s, object t WHERE s.id = {source} AND t.id = {target}");
    run(
        w,
        format!(
            "INSERT INTO association SELECT {key}, {id_text}, s.patient_key, 0, 0, NULL, NULL,
             s.kind, s.patient_key, s.key, t.kind, t.patient_key, t.key FROM {ends};
             INSERT INTO object SELECT {id_text}, 3, s.patient_key, {key} FROM {ends}"
        ),
    )
    .await;
    id
}

fn query_named(name: &str) -> &'static QueryDef {
    catalogue::by_name(name).unwrap()
}

#[tokio::test]
async fn folders_come_with_what_is_in_them() {
    for w in World::each() {
        let p = patient("1");
        let ((mut a, a_id), (b, _)) = (with_uuid(entry(&p)), with_uuid(entry(&p)));
        a.format_code = Some(code("special"));
        let mut s = submission(&p, vec![a, b]);
        let set = EntryUuid(Uuid::new_v4());
        s.submission_set.id = ObjectId::Uuid(set);
        for member in &mut s.associations {
            member.source = ObjectId::Uuid(set);
        }
        w.accept(s).await;
        let folder = put_folder(&w, &p).await;
        put_member(&w, set, folder).await;
        let filed = put_member(&w, folder, a_id).await;
        put_member(&w, set, filed).await;

        let contents = query_named("GetSubmissionSetAndContents");
        let all = asking(contents, by_uuid(&[SET], [set]), []);
        let found = find(&w, &all, &Scope::Everything).await;
        assert_eq!(kinds(&found), [1, 2, 1, 5]);
        let shown = found.iter().find_map(|o| match o {
            RegistryObject::Folder(f) => Some(f),
            _ => None,
        });
        let shown = shown.unwrap();
        assert_eq!(shown.last_update_time, Some(dtm("20260402030405")));
        assert_eq!((shown.version, shown.patient_id.as_ref()), (Some(3), Some(&p)));

        // Both ends of an association are returned, or it is not.
        let plain = OneOf::only(CodeKey::parse("format^^1.2.3").unwrap());
        let plain = Condition::Code(CodeAttribute::Format, plain.into());
        let some = asking(contents, by_uuid(&[SET], [set]), [(ENTRY, plain)]);
        assert_eq!(kinds(&find(&w, &some, &Scope::Everything).await), [1, 1, 1, 2]);

        let of_folder = asking(&GET_FOLDER_AND_CONTENTS, by_uuid(&[FOLDER], [folder]), []);
        assert_eq!(kinds(&find(&w, &of_folder, &Scope::Everything).await), [0, 1, 1, 1]);
        let holders = asking(&GET_FOLDERS_FOR_DOCUMENT, by_uuid(&[ENTRY], [a_id]), []);
        assert_eq!(kinds(&find(&w, &holders, &Scope::Everything).await), [0, 0, 1, 0]);

        // A folder is known to whoever may know of a document in it.
        let everything = asking(&super::searching::GET_ALL, of_patients([&p]), []);
        let recipient = |text: &str| {
            let recipients = BTreeSet::from([text.to_owned()]);
            Scope::Labelled(Labels { recipients, ..Labels::default() })
        };
        let of_recipient = find(&w, &everything, &recipient("1.2.3.77")).await;
        assert_eq!(kinds(&of_recipient), [1, 2, 1, 5]);
        for query in [&everything, &all, &of_folder, &holders] {
            assert_eq!(kinds(&find(&w, query, &recipient("1.2.3.78")).await), [0; 4]);
        }
    }
}
