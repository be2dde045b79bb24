//! Rows of one submission.

use super::columns::{Hidden, framed};
use super::schema::{association, document_entry, identifier, patient, submission_set};
use super::vault::Vault;
use super::{IdKind, availability_number, kind_number, status_number, type_number};
use diesel::{
    ExpressionMethods, Insertable, NullableExpressionMethods, QueryDsl, QueryResult, RunQueryDsl,
};
use renkei_audit::AuditError;
use renkei_database::{DatabaseError, Db, each};
use renkei_metadata::fragment::Fragment;
use renkei_metadata::ids::{Dtm, PatientId};
use renkei_metadata::model::{
    Association, Author, AvailabilityStatus, Code, DocumentAvailability, DocumentEntry, ObjectKind,
    RegistryObject, SubmissionSet,
};
use renkei_metadata::normalise;
use renkei_sealing::SealError;
use uuid::Uuid;

/// The sealed columns of one object.
pub(crate) struct Sealed {
    fragment: Vec<u8>,
    author_persons: Option<Vec<u8>>,
    reference_ids: Option<Vec<u8>>,
}

/// Seals what is not searched by SQL. Work for the caller's thread: the one writer has others waiting.
pub(crate) fn seal(
    vault: &Vault,
    id: Uuid,
    kind: ObjectKind,
    object: &RegistryObject,
) -> Result<Sealed, SealError> {
    let (authors, references): (&[Author], &[String]) = match object {
        RegistryObject::Entry(e) => (&e.authors, &e.reference_ids),
        RegistryObject::SubmissionSet(s) => (&s.authors, &[]),
        RegistryObject::Folder(_) | RegistryObject::Association(_) | RegistryObject::Ref(..) => {
            (&[], &[])
        }
    };
    let persons = authors.iter().filter_map(|a| a.person.as_deref());
    let references = references.iter().map(String::as_str);
    let of = |hidden: Hidden, values: &mut dyn Iterator<Item = &str>| {
        vault.seal_values(kind, hidden.column(), id, values)
    };
    Ok(Sealed {
        fragment: vault.seal_fragment(kind, id, &Fragment::of(object))?,
        author_persons: of(Hidden::AuthorPersons, &mut { persons })?,
        reference_ids: of(Hidden::ReferenceIds, &mut { references })?,
    })
}

/// HL7's confidentiality codes; every other confidentialityCode says for whom a document is meant.
const HL7_CONFIDENTIALITY: &str = "2.16.840.1.113883.5.25";

/// Why a row could not be written.
#[derive(Debug, thiserror::Error)]
pub(crate) enum WriteError {
    #[error(transparent)]
    Database(#[from] DatabaseError),
    #[error(transparent)]
    Seal(#[from] SealError),
    /// The rules let an object pass that lacks what a column must have.
    #[error("{0} is missing")]
    Missing(&'static str),
    /// The audit record of the change.
    #[error(transparent)]
    Audit(AuditError),
}

impl From<AuditError> for WriteError {
    fn from(error: AuditError) -> Self {
        match error {
            AuditError::Database(e) => Self::Database(e),
            other => Self::Audit(other),
        }
    }
}

impl From<diesel::result::Error> for WriteError {
    fn from(error: diesel::result::Error) -> Self {
        Self::Database(error.into())
    }
}

/// Files a patient identifier unless it is there already.
pub(crate) fn patient(db: &mut Db, vault: &Vault, cx: &PatientId) -> Result<(), WriteError> {
    let hash = vault.hash(cx);
    let sealed = vault.seal_cx(&hash, cx)?;
    let insert = diesel::insert_into(patient::table)
        .values((patient::cx_hash.eq(&hash), patient::cx.eq(&sealed)));
    let added = each!(db, |c| insert.on_conflict(patient::cx_hash).do_nothing().execute(c))?;
    if added > 0 {
        let own = diesel::update(patient::table.filter(patient::cx_hash.eq(&hash)))
            .set(patient::survivor.eq(patient::key.nullable()));
        each!(db, |c| own.execute(c))?;
    }
    Ok(())
}

#[derive(Insertable)]
#[diesel(table_name = identifier)]
struct NewIdentifier<'a> {
    kind: i16,
    value: &'a str,
    patient_key: i64,
    object_id: &'a str,
    object_kind: i16,
}

/// Files an identifier of an object.
pub(crate) fn identify(
    db: &mut Db,
    kind: IdKind,
    value: &str,
    patient_key: i64,
    id: Uuid,
    object: ObjectKind,
) -> QueryResult<()> {
    let row = NewIdentifier {
        kind: kind.number(),
        value,
        patient_key,
        object_id: &id.to_string(),
        object_kind: kind_number(object),
    };
    each!(db, |c| diesel::insert_into(identifier::table).values(&row).execute(c)).map(drop)
}

#[derive(Insertable)]
#[diesel(table_name = document_entry, treat_none_as_default_value = false)]
struct NewEntry<'a> {
    patient_key: i64,
    id: String,
    unique_id: &'a str,
    submission: String,
    status: i16,
    object_type: i16,
    availability: i16,
    version: i32,
    lid: String,
    home: Option<&'a str>,
    repository: &'a str,
    hash: &'a str,
    size: i64,
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
    author_institution: Option<String>,
    recipient: Option<&'a str>,
    audience: Option<String>,
    author_persons: Option<&'a [u8]>,
    reference_ids: Option<&'a [u8]>,
    fragment: &'a [u8],
}

/// Writes a DocumentEntry under its final id. `recipient` is that of its SubmissionSet.
pub(crate) fn entry(
    db: &mut Db,
    patient_key: i64,
    (set, recipient): (Uuid, Option<&str>),
    id: Uuid,
    e: &DocumentEntry,
    sealed: &Sealed,
) -> Result<(), WriteError> {
    let key = |c: &Option<Code>| c.as_ref().map(code_key);
    let time = |t: &Option<Dtm>| t.as_ref().map(Dtm::lowest);
    let row = NewEntry {
        patient_key,
        id: id.to_string(),
        unique_id: e.unique_id.as_str(),
        submission: set.to_string(),
        status: status_number(AvailabilityStatus::Approved),
        object_type: type_number(e.object_type),
        availability: availability_number(e.availability.unwrap_or(DocumentAvailability::Online)),
        version: 1,
        // The first version of an object is its own logical id (ITI TF-2: 3.57.4.1.3.1).
        lid: id.to_string(),
        home: e.home.as_ref().map(|h| h.as_str()),
        repository: e.repository.as_ref().ok_or(WriteError::Missing("repository"))?.as_str(),
        hash: e.hash.as_ref().ok_or(WriteError::Missing("hash"))?.as_str(),
        size: stored_size(e.size.ok_or(WriteError::Missing("size"))?),
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
        author_institution: framed(
            e.authors.iter().flat_map(|a| &a.institutions).filter_map(|i| organization(i)),
        ),
        recipient,
        audience: framed(
            e.confidentiality_codes
                .iter()
                .filter(|c| c.scheme != HL7_CONFIDENTIALITY)
                .map(Code::key),
        ),
        author_persons: sealed.author_persons.as_deref(),
        reference_ids: sealed.reference_ids.as_deref(),
        fragment: &sealed.fragment,
    };
    each!(db, |c| diesel::insert_into(document_entry::table).values(&row).execute(c))?;
    Ok(())
}

#[derive(Insertable)]
#[diesel(table_name = submission_set, treat_none_as_default_value = false)]
struct NewSet<'a> {
    patient_key: i64,
    id: String,
    unique_id: &'a str,
    status: i16,
    home: Option<&'a str>,
    source_id: &'a str,
    submission_time: String,
    content_type_code: Option<String>,
    recipient: Option<&'a str>,
    author_persons: Option<&'a [u8]>,
    fragment: &'a [u8],
}

/// Writes a SubmissionSet under its final id.
pub(crate) fn submission_set(
    db: &mut Db,
    patient_key: i64,
    recipient: Option<&str>,
    id: Uuid,
    s: &SubmissionSet,
    sealed: &Sealed,
) -> Result<(), WriteError> {
    let row = NewSet {
        patient_key,
        id: id.to_string(),
        unique_id: s.unique_id.as_str(),
        status: status_number(AvailabilityStatus::Approved),
        home: s.home.as_ref().map(|h| h.as_str()),
        source_id: s.source_id.as_str(),
        submission_time: s.submission_time.lowest(),
        content_type_code: s.content_type_code.as_ref().map(code_key),
        recipient,
        author_persons: sealed.author_persons.as_deref(),
        fragment: &sealed.fragment,
    };
    each!(db, |c| diesel::insert_into(submission_set::table).values(&row).execute(c))?;
    Ok(())
}

#[derive(Insertable)]
#[diesel(table_name = association, treat_none_as_default_value = false)]
struct NewAssociation<'a> {
    patient_key: i64,
    id: String,
    association_type: &'static str,
    status: i16,
    home: Option<&'a str>,
    source_id: String,
    target_key: i64,
    target_id: String,
    fragment: &'a [u8],
}

/// Writes an Association under its final id; `target_key` is the patient key of its target.
pub(crate) fn association(
    db: &mut Db,
    patient_key: i64,
    target_key: i64,
    [id, source, target]: [Uuid; 3],
    a: &Association,
    sealed: &Sealed,
) -> Result<(), WriteError> {
    let row = NewAssociation {
        patient_key,
        id: id.to_string(),
        association_type: a.association_type.urn(),
        status: status_number(AvailabilityStatus::Approved),
        home: a.home.as_ref().map(|h| h.as_str()),
        source_id: source.to_string(),
        target_key,
        target_id: target.to_string(),
        fragment: &sealed.fragment,
    };
    each!(db, |c| diesel::insert_into(association::table).values(&row).execute(c))?;
    Ok(())
}

/// Sets a document's availabilityStatus to Deprecated.
pub(crate) fn deprecate(db: &mut Db, patient_key: i64, id: &str) -> QueryResult<()> {
    let update = diesel::update(document_entry::table.find((patient_key, id)))
        .set(document_entry::status.eq(status_number(AvailabilityStatus::Deprecated)));
    each!(db, |c| update.execute(c)).map(drop)
}

/// The organizations among intendedRecipient values `XON|XCN|XTN`, framed. Persons are left out.
pub(crate) fn recipients(set: &SubmissionSet) -> Option<String> {
    let xon = |v: &String| organization(v.split('|').next().unwrap_or_default());
    framed(set.intended_recipients.iter().filter_map(xon))
}

/// The id of an organization in an XON: XON.10, with the OID of XON.6.2 when there is one; else its
/// name.
fn organization(xon: &str) -> Option<String> {
    let component = |n: usize| xon.split('^').nth(n).unwrap_or_default();
    let authority = component(5).split('&').nth(1).unwrap_or_default();
    let text = match (component(9), authority) {
        ("", _) => component(0).to_owned(),
        (id, "") => id.to_owned(),
        (id, authority) => format!("{id}^^{authority}"),
    };
    (!text.is_empty()).then_some(text)
}

fn code_key(code: &Code) -> String {
    normalise(&code.key()).into_owned()
}

/// No document of more than 8 EiB has been seen.
pub(crate) fn stored_size(size: u64) -> i64 {
    i64::try_from(size).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::organization;

    #[test]
    fn organizations_are_known_by_their_id() {
        assert_eq!(
            organization("健診機関^^^^^&1.2.392.100495.20.3.21&ISO^^^^1312345678").as_deref(),
            Some("1312345678^^1.2.392.100495.20.3.21")
        );
        assert_eq!(organization("A^^^^^^^^^1.2.3").as_deref(), Some("1.2.3"));
        assert_eq!(organization("A").as_deref(), Some("A"));
        assert_eq!(organization(""), None);
    }
}
