//! The plain columns of a DocumentEntry, to be compared with its ebRIM.

use super::lookup::Place;
use super::schema::document_entry;
use super::{columns::framed, type_number};
use diesel::{OptionalExtension, QueryDsl, QueryResult, RunQueryDsl};
use renkei_database::{Db, each};
use renkei_metadata::ids::Dtm;
use renkei_metadata::model::{Code, DocumentEntry};
use renkei_xds::catalogue::comparable;

/// What SQL searches by and what follows from the object alone.
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
        let key = |code: &Option<Code>| code.as_ref().map(|c| comparable(&c.key()).into_owned());
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
