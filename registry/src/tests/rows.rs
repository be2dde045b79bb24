//! Rows that no submission brings, put in by hand.

use super::world::{World, code, dtm, link, new_oid};
use crate::store::codes;
use crate::store::columns::framed;
use crate::store::key::Key;
use crate::store::{association_number, status_number};
use diesel::RunQueryDsl;
use diesel::connection::SimpleConnection;
use diesel::sql_types::BigInt;
use renkei_database::{DatabaseError, Db, Dialect, each};
use renkei_metadata::fragment::Fragment;
use renkei_metadata::ids::{EntryUuid, ObjectId, PatientId};
use renkei_metadata::model::{
    AssociationType, AvailabilityStatus, Code, Folder, ObjectKind, RegistryObject,
};
use renkei_xds::catalogue::CodeAttribute;
use uuid::Uuid;

/// Octets as they are written in SQL.
pub(super) fn literal(w: &World, bytes: &[u8]) -> String {
    let hex: String = bytes.iter().map(|b| format!("{b:02x}")).collect();
    match w.registry.database().dialect() {
        Dialect::Sqlite => format!("x'{hex}'"),
        Dialect::Postgres => format!("'\\x{hex}'::bytea"),
    }
}

/// Runs statements.
pub(super) async fn run(w: &World, sql: String) {
    let done = w.registry.database().write(move |db: &mut Db| {
        each!(db, |c| c.batch_execute(&sql)).map_err(DatabaseError::from)
    });
    done.await.unwrap();
}

/// Changes columns of the rows whose entryUUID is `id`.
pub(super) async fn change(w: &World, table: &str, id: EntryUuid, columns: &str) {
    let id = literal(w, id.0.as_bytes());
    run(w, format!("UPDATE {table} SET {columns} WHERE id = {id}")).await;
}

/// The key of a patient.
pub(super) async fn patient_key(w: &World, p: &PatientId) -> i64 {
    let hash = literal(w, &w.registry.inner.vault.hash(p));
    let sql = format!("(SELECT key FROM patient WHERE cx_hash = {hash})");
    let read = w.registry.database().read(move |db| {
        let key = diesel::select(diesel::dsl::sql::<BigInt>(&sql));
        each!(db, |c| key.get_result::<i64>(c)).map_err(DatabaseError::from)
    });
    read.await.unwrap()
}

/// Its key, and the ebRIM of an object under that.
async fn put_fragment(w: &World, kind: ObjectKind, object: &RegistryObject) -> String {
    let key = Key(Uuid::now_v7());
    let sealed = w.registry.inner.vault.seal_fragment(kind, key, &Fragment::of(object)).unwrap();
    let (key, sealed) = (literal(w, key.as_bytes()), literal(w, &sealed));
    run(w, format!("INSERT INTO fragment VALUES ({key}, {sealed})")).await;
    key
}

/// A folder with one code, changed by `change`.
pub(super) fn folder(p: &PatientId, change: impl FnOnce(&mut Folder)) -> Folder {
    let mut folder = Folder {
        id: ObjectId::Uuid(EntryUuid(Uuid::new_v4())),
        lid: None,
        version: None,
        home: None,
        status: None,
        title: None,
        comments: None,
        codes: vec![code("folder")],
        last_update_time: Some(dtm("20260402030405")),
        patient_id: Some(p.clone()),
        unique_id: new_oid(),
        extra: Vec::new(),
    };
    change(&mut folder);
    folder
}

/// A new folder of a known patient, its third version.
pub(super) async fn put_folder(
    w: &World,
    p: &PatientId,
    change: impl FnOnce(&mut Folder),
) -> EntryUuid {
    let folder = folder(p, change);
    let id = folder.id.uuid().unwrap();
    let codes = framed(folder.codes.iter().map(Code::key));
    let status = status_number(folder.status.unwrap_or(AvailabilityStatus::Approved));
    let time = folder.last_update_time.as_ref().unwrap().lowest();
    let unique_id = folder.unique_id.clone();
    let object = RegistryObject::Folder(Box::new(folder));
    let key = put_fragment(w, ObjectKind::Folder, &object).await;
    let id_text = literal(w, id.0.as_bytes());
    let patient = patient_key(w, p).await;
    let codes_text = codes.as_deref().map_or("NULL".to_owned(), |c| format!("'{c}'"));
    run(
        w,
        format!(
            "INSERT INTO object VALUES ({id_text}, 2, {patient}, {key});
             INSERT INTO unique_id VALUES ('{unique_id}', 2, {patient}, {key});
             INSERT INTO folder VALUES ({patient}, {key}, {id_text}, '{unique_id}', {id_text}, 3, 1,
             {status}, NULL, {codes_text}, '{time}')"
        ),
    )
    .await;
    let noted = w.registry.database().write(move |db: &mut Db| {
        codes::note(db, patient, &[(CodeAttribute::Folder, codes.as_deref())])
            .map_err(DatabaseError::from)
    });
    noted.await.unwrap();
    id
}

/// An association between two registered objects.
pub(super) struct Member {
    pub(super) source: EntryUuid,
    pub(super) target: EntryUuid,
    pub(super) association_type: AssociationType,
    pub(super) status: AvailabilityStatus,
}

impl Member {
    /// HasMember.
    pub(super) fn of(source: EntryUuid, target: EntryUuid) -> Self {
        let (association_type, status) = (AssociationType::HasMember, AvailabilityStatus::Approved);
        Self { source, target, association_type, status }
    }
}

/// Puts an association in.
pub(super) async fn put_member(w: &World, member: Member) -> EntryUuid {
    let id = EntryUuid(Uuid::new_v4());
    let ends = [member.source, member.target].map(ObjectId::Uuid);
    let mut a = link(member.association_type, &ends[0], &ends[1]);
    a.id = ObjectId::Uuid(id);
    let object = RegistryObject::Association(Box::new(a));
    let key = put_fragment(w, ObjectKind::Association, &object).await;
    let [id_text, source, target] =
        [id, member.source, member.target].map(|id| literal(w, id.0.as_bytes()));
    let ends = format!("object s, object t WHERE s.id = {source} AND t.id = {target}");
    let number = association_number(member.association_type).unwrap();
    let status = status_number(member.status);
    run(
        w,
        format!(
            "INSERT INTO association SELECT {key}, {id_text}, s.patient_key, {number}, {status}, NULL,
             NULL, s.kind, s.patient_key, s.key, t.kind, t.patient_key, t.key FROM {ends};
             INSERT INTO object SELECT {id_text}, 3, s.patient_key, {key} FROM {ends}"
        ),
    )
    .await;
    id
}
