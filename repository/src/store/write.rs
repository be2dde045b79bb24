//! Documents coming in.

use super::key::{ContentId, LeaseId, SegmentId, SubmissionId};
use super::schema::{content, entry, submission};
use super::{State, chunks, lease};
use crate::content::{Arrival, ContentError, Place};
use crate::failure::Failure;
use crate::intake::Measured;
use diesel::prelude::{
    BoolExpressionMethods, ExpressionMethods, Insertable, OptionalExtension, QueryDsl, Queryable,
    RunQueryDsl,
};
use renkei_database::{Db, each};
use renkei_metadata::ids::UniqueId;
use uuid::Uuid;

/// Who works on a submission.
#[derive(Clone, Debug)]
pub(crate) struct Claim {
    /// The submission.
    pub(crate) submission: SubmissionId,
    /// The process.
    pub(crate) lease: LeaseId,
    /// When, by the database's clock, if the lease is fresh; else the lease is renewed with it.
    pub(crate) at: Option<i64>,
}

/// What a submission says of itself when all of it is there.
#[derive(Clone, Debug)]
pub(crate) struct Settlement {
    /// Its SubmissionSet.uniqueId.
    pub(crate) set_id: String,
    /// Its SubmissionSet.entryUUID, if it is known before the registry has it.
    pub(crate) set_uuid: Option<Uuid>,
    /// The audit records of its success, sealed.
    pub(crate) records: Vec<u8>,
}

/// A document that is ready to be stored.
#[derive(Debug)]
pub(crate) struct Ready {
    /// The pass over its octets.
    pub(crate) measured: Measured,
    /// Its bytes, durable in their home.
    pub(crate) arrival: Arrival,
    /// From its DocumentEntry.
    pub(crate) unique_id: UniqueId,
    /// From its DocumentEntry.
    pub(crate) mime_type: String,
}

/// A uniqueId that is here with other octets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Conflict {
    /// The uniqueId.
    pub(crate) unique_id: UniqueId,
    /// Whether the sizes differ too.
    pub(crate) size: bool,
}

/// A document that is here under another media type than the submission's entry gives.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Retyped {
    /// The uniqueId.
    pub(crate) unique_id: UniqueId,
    /// The media type so far.
    pub(crate) before: String,
}

/// What came of storing a submission.
#[derive(Debug)]
pub(crate) enum Stored {
    /// Everything is retrievable.
    Done {
        /// Those that are here under another media type.
        retyped: Vec<Retyped>,
    },
    /// Nothing was stored.
    Conflicts(Vec<Conflict>),
    /// Nothing was stored: its sourceId is not the sender's.
    OfAnotherSource,
}

#[derive(Insertable)]
#[diesel(table_name = content, treat_none_as_default_value = false)]
struct NewContent<'a> {
    id: ContentId,
    state: i16,
    unique_id: Option<&'a str>,
    mime_type: &'a str,
    size: i64,
    sha1: &'a [u8],
    sha256: &'a [u8],
    chunks: i32,
    home: i16,
    segment: Option<SegmentId>,
    position: i64,
    sealed_size: i64,
    stride: i32,
    key_name: &'a str,
    key_algorithm: &'a str,
    key_bytes: &'a [u8],
    created: i64,
}

#[derive(Queryable)]
struct Present {
    id: ContentId,
    size: i64,
    sha256: Vec<u8>,
    mime_type: String,
}

/// Puts the submission down as the process's own; answers when. The row is there already only after
/// a commit whose answer was lost, and says the same. (Diesel keeps no DO UPDATE prepared.)
fn claim(db: &mut Db, by: &Claim, whole: Option<&Settlement>) -> Result<i64, Failure> {
    let at = match by.at {
        Some(at) => at,
        None => lease::renew(db, by.lease)?,
    };
    let set_id = whole.map(|w| w.set_id.as_str());
    let set_uuid = whole.and_then(|w| w.set_uuid.as_ref()).map(|uuid| uuid.as_bytes().as_slice());
    let records = whole.map(|w| w.records.as_slice());
    each!(db, |c| diesel::insert_into(submission::table)
        .values((
            submission::id.eq(by.submission),
            submission::lease.eq(by.lease),
            submission::since.eq(at),
            submission::set_id.eq(set_id),
            submission::set_uuid.eq(set_uuid),
            submission::records.eq(records),
        ))
        .on_conflict(submission::id)
        .do_nothing()
        .execute(c))?;
    Ok(at)
}

/// Puts down that the submission needs the document, and what its entry says of it. As in [`claim`],
/// a row that is there already says the same: no message has two entries of one uniqueId.
fn hold(
    db: &mut Db,
    by: &Claim,
    content_id: ContentId,
    (set_id, mime_type): (&str, &str),
) -> Result<(), Failure> {
    let said = (entry::set_id.eq(set_id), entry::mime_type.eq(mime_type));
    each!(db, |c| diesel::insert_into(entry::table)
        .values((entry::submission_id.eq(by.submission), entry::content_id.eq(content_id), said))
        .on_conflict((entry::submission_id, entry::content_id))
        .do_nothing()
        .execute(c))?;
    Ok(())
}

/// Makes all documents of a submission retrievable, or none.
///
/// A document that is here already with the same octets is not stored twice; the submission holds
/// the present one (ITI TF-2: 3.41.4.1.3.2).
pub(crate) fn store(
    db: &mut Db,
    by: &Claim,
    documents: &[Ready],
    whole: &Settlement,
) -> Result<Stored, Failure> {
    let (mut conflicts, mut retyped) = (Vec::new(), Vec::new());
    let mut present = Vec::new();
    for document in documents {
        let found = lock_by_unique_id(db, &document.unique_id)?;
        if let Some(row) = &found {
            let unique_id = document.unique_id.clone();
            if row.sha256 != document.measured.sha256 {
                let size = u64::try_from(row.size) != Ok(document.measured.size);
                conflicts.push(Conflict { unique_id, size });
            } else if row.mime_type != document.mime_type {
                retyped.push(Retyped { unique_id, before: row.mime_type.clone() });
            }
        }
        present.push(found);
    }
    if !conflicts.is_empty() {
        return Ok(Stored::Conflicts(conflicts));
    }
    let at = claim(db, by, Some(whole))?;
    for (document, present) in documents.iter().zip(present) {
        let id = match present {
            Some(row) => row.id,
            None => store_one(db, by, at, document)?,
        };
        hold(db, by, id, (&whole.set_id, &document.mime_type))?;
    }
    Ok(Stored::Done { retyped })
}

/// Answers the id of the content.
fn store_one(db: &mut Db, by: &Claim, at: i64, document: &Ready) -> Result<ContentId, Failure> {
    let m = &document.measured;
    let location = &document.arrival.location;
    let (segment, position) = match location.place {
        Place::Rows => (None, 0),
        Place::Segment { segment, position } => (Some(segment), position),
    };
    let row = NewContent {
        id: m.id,
        state: State::Stored.number(),
        unique_id: Some(document.unique_id.as_str()),
        mime_type: &document.mime_type,
        size: signed(m.size)?,
        sha1: &m.sha1,
        sha256: &m.sha256,
        chunks: i32::try_from(m.chunks).map_err(|_| Failure::Incomplete)?,
        home: location.place.number(),
        segment,
        position: signed(position)?,
        sealed_size: signed(location.length)?,
        stride: i32::try_from(location.stride).map_err(|_| Failure::Incomplete)?,
        key_name: &m.key.key_name,
        key_algorithm: &m.key.algorithm,
        key_bytes: &m.key.bytes,
        created: at,
    };
    if location.place == Place::Rows && !chunks::arrived(db, by.lease, m.id)? {
        return Err(ContentError::Swept.into());
    }
    each!(db, |c| diesel::insert_into(content::table).values(&row).execute(c))?;
    Ok(row.id)
}

fn signed(number: u64) -> Result<i64, Failure> {
    i64::try_from(number).map_err(|_| Failure::Incomplete)
}

/// The document of that name, locked until the end of the transaction, so that nobody removes it
/// before this submission holds it.
fn lock_by_unique_id(db: &mut Db, unique_id: &UniqueId) -> Result<Option<Present>, Failure> {
    let query = content::table
        .filter(
            content::unique_id
                .eq(unique_id.as_str())
                .and(content::state.ne(State::Removing.number())),
        )
        .select((content::id, content::size, content::sha256, content::mime_type));
    let found = match db {
        Db::Pg(c) => query.for_update().first::<Present>(c),
        Db::Sqlite(c) => query.first::<Present>(c),
    };
    Ok(found.optional()?)
}
