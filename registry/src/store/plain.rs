//! The columns of objects, to be compared with their ebRIM.

use super::key::Id;
use super::labels::Columns;
use super::lookup::Place;
use super::rows::{institutions, recipients};
use super::schema::{association, document_entry, folder, reference, submission_set};
use super::{association_number, columns::framed, set_status_number, type_number};
use diesel::{
    BoolExpressionMethods, ExpressionMethods, JoinOnDsl, NullableExpressionMethods,
    OptionalExtension, QueryDsl, QueryResult, RunQueryDsl,
};
use renkei_database::{Db, each};
use renkei_metadata::ids::Dtm;
use renkei_metadata::model::{
    Association, AssociationType, Code, DocumentEntry, Folder, SubmissionSet, SubmissionSetStatus,
};
use renkei_xds::catalogue::comparable;

/// What SQL searches by of a DocumentEntry, and what follows from that alone.
#[derive(Clone, Debug, PartialEq, Eq, diesel::Queryable)]
pub(crate) struct Plain {
    unique_id: String,
    object_type: i16,
    repository: String,
    hash: Option<Vec<u8>>,
    size: Option<i64>,
    class_code: Option<String>,
    type_code: Option<String>,
    practice_setting_code: Option<String>,
    facility_type_code: Option<String>,
    format_code: Option<String>,
    event_codes: Option<String>,
    confidentiality_codes: Option<String>,
    creation_time: Option<String>,
    service_start: Option<String>,
    service_stop: Option<String>,
}

impl Plain {
    /// As they stand in the row.
    pub(crate) fn stored(db: &mut Db, entry: &Place) -> QueryResult<Option<Self>> {
        use document_entry as e;
        let query = e::table.find((entry.patient_key, entry.key)).select((
            e::unique_id,
            e::object_type,
            e::repository,
            e::hash,
            e::size,
            e::class_code,
            e::type_code,
            e::practice_setting_code,
            e::facility_type_code,
            e::format_code,
            e::event_codes,
            e::confidentiality_codes,
            e::creation_time,
            e::service_start,
            e::service_stop,
        ));
        each!(db, |c| query.first(c).optional())
    }

    /// As they should stand there.
    pub(crate) fn of(e: &DocumentEntry) -> Self {
        let time = |at: &Option<Dtm>| at.as_ref().map(Dtm::lowest);
        Self {
            unique_id: e.unique_id.as_str().to_owned(),
            object_type: type_number(e.object_type),
            repository: e.repository.as_ref().map_or("", |r| r.as_str()).to_owned(),
            hash: e.hash.as_ref().map(|h| hex::decode(h.as_str()).unwrap_or_default()),
            size: e.size.map(|size| i64::try_from(size).unwrap_or(i64::MAX)),
            class_code: key(&e.class_code),
            type_code: key(&e.type_code),
            practice_setting_code: key(&e.practice_setting_code),
            facility_type_code: key(&e.facility_type_code),
            format_code: key(&e.format_code),
            event_codes: framed(e.event_codes.iter().map(Code::key)),
            confidentiality_codes: framed(e.confidentiality_codes.iter().map(Code::key)),
            creation_time: time(&e.creation_time),
            service_start: time(&e.service_start),
            service_stop: time(&e.service_stop),
        }
    }
}

/// What the row of a DocumentEntry says besides.
#[derive(Clone, Debug, diesel::Queryable)]
pub(crate) struct EntryTexts {
    pub(crate) lid: Id,
    pub(crate) version: i32,
    pub(crate) latest: i16,
    pub(crate) labels: Columns,
    pub(crate) recipient: Option<String>,
    pub(crate) author_persons: Option<Vec<u8>>,
    pub(crate) reference_ids: Option<Vec<u8>>,
}

pub(crate) fn entry_texts(db: &mut Db, entry: &Place) -> QueryResult<Option<EntryTexts>> {
    use document_entry as e;
    let query = e::table.find((entry.patient_key, entry.key)).select((
        e::lid,
        e::version,
        e::latest,
        (e::author_institution, e::audience),
        e::recipient,
        e::author_persons,
        e::reference_ids,
    ));
    each!(db, |c| query.first(c).optional())
}

/// Whether an entry is found by this keyed hash of a reference id.
pub(crate) fn is_referenced(db: &mut Db, entry: &Place, hash: &[u8]) -> QueryResult<bool> {
    let query = reference::table.find((hash, entry.patient_key, entry.key)).select(reference::key);
    let found: Option<super::key::Key> = each!(db, |c| query.first(c).optional())?;
    Ok(found.is_some())
}

/// What a SubmissionSet says for whom its entries are.
#[derive(Clone, Debug, diesel::Queryable)]
pub(crate) struct SetTexts {
    pub(crate) recipient: Option<String>,
    pub(crate) audience: Option<String>,
}

/// Of the one that an entry came with.
pub(crate) fn set_of(db: &mut Db, entry: &Place) -> QueryResult<Option<SetTexts>> {
    use submission_set as s;
    let source =
        s::patient_key.eq(association::source_patient).and(s::key.eq(association::source_key));
    let is_member =
        association::association_type.nullable().eq(association_number(AssociationType::HasMember));
    let query = association::table
        .inner_join(s::table.on(source))
        .filter(association::target_key.eq(entry.key))
        .filter(is_member)
        .filter(association::set_status.eq(set_status_number(SubmissionSetStatus::Original)))
        .select((s::recipient, s::audience));
    each!(db, |c| query.first(c).optional())
}

/// The plain columns of a SubmissionSet. Of its audience the entries that it came with say something,
/// some of which may be gone.
#[derive(Clone, Debug, PartialEq, Eq, diesel::Queryable)]
pub(crate) struct PlainSet {
    unique_id: String,
    source_id: String,
    submission_time: String,
    content_type_code: Option<String>,
    author_institution: Option<String>,
    recipient: Option<String>,
}

impl PlainSet {
    /// As they stand in the row, and its sealed `author_persons`.
    pub(crate) fn stored(db: &mut Db, set: &Place) -> QueryResult<Option<(Self, Option<Vec<u8>>)>> {
        use submission_set as s;
        let plain = (
            s::unique_id,
            s::source_id,
            s::submission_time,
            s::content_type_code,
            s::author_institution,
            s::recipient,
        );
        let query = s::table.find((set.patient_key, set.key)).select((plain, s::author_persons));
        each!(db, |c| query.first(c).optional())
    }

    /// As they should stand there.
    pub(crate) fn of(s: &SubmissionSet) -> Self {
        Self {
            unique_id: s.unique_id.as_str().to_owned(),
            source_id: s.source_id.as_str().to_owned(),
            submission_time: s.submission_time.lowest(),
            content_type_code: key(&s.content_type_code),
            author_institution: institutions(&s.authors),
            recipient: recipients(s),
        }
    }
}

/// The columns of a Folder. Its lastUpdateTime is its row's alone.
#[derive(Clone, Debug, PartialEq, Eq, diesel::Queryable)]
pub(crate) struct PlainFolder {
    unique_id: String,
    codes: Option<String>,
}

impl PlainFolder {
    /// As they stand in the row.
    pub(crate) fn stored(db: &mut Db, at: &Place) -> QueryResult<Option<Self>> {
        let columns = (folder::unique_id, folder::codes);
        let query = folder::table.find((at.patient_key, at.key)).select(columns);
        each!(db, |c| query.first(c).optional())
    }

    /// As they should stand there.
    pub(crate) fn of(f: &Folder) -> Self {
        let codes = framed(f.codes.iter().map(Code::key));
        Self { unique_id: f.unique_id.as_str().to_owned(), codes }
    }
}

/// The columns of an Association, but for its ends.
#[derive(Clone, Debug, PartialEq, Eq, diesel::Queryable)]
pub(crate) struct PlainAssociation {
    association_type: i16,
    set_status: Option<i16>,
}

impl PlainAssociation {
    /// As they stand in the row.
    pub(crate) fn stored(db: &mut Db, at: &Place) -> QueryResult<Option<Self>> {
        let columns = (association::association_type, association::set_status);
        let query = association::table.find(at.key).select(columns);
        each!(db, |c| query.first(c).optional())
    }

    /// As they should stand there.
    pub(crate) fn of(a: &Association) -> Option<Self> {
        let set_status = a.submission_set_status.map(set_status_number);
        Some(Self { association_type: association_number(a.association_type)?, set_status })
    }
}

fn key(code: &Option<Code>) -> Option<String> {
    code.as_ref().map(|c| comparable(&c.key()).into_owned())
}
