//! The columns of an object say what its ebRIM says.

use crate::query::read_object;
use crate::store::columns::{EncryptedColumn, frame, framed};
use crate::store::inspect as rows;
use crate::store::key::Id;
use crate::store::labels::{self, Labelled};
use crate::store::links;
use crate::store::lookup::Place;
use crate::store::plain::{self, Plain, PlainAssociation, PlainFolder, PlainSet};
use crate::store::rows::persons;
use crate::store::vault::Vault;
use renkei_database::{DatabaseError, Db};
use renkei_metadata::fragment::Holes;
use renkei_metadata::ids::{EntryUuid, Oid, PatientId};
use renkei_metadata::model::{
    Association, AvailabilityStatus, DocumentAvailability, DocumentEntry, RegistryObject,
    SubmissionSet,
};
use renkei_soap::xml::ns;
use renkei_xds::catalogue::TextAttribute;

/// Whether they do, of the object at this place. One that is gone by now is not looked at, nor what
/// does not open, which is told elsewhere.
pub(super) fn agree(db: &mut Db, vault: &Vault, at: &Place) -> Result<bool, DatabaseError> {
    let Some(sealed) = rows::sealed(db, at.key)? else { return Ok(true) };
    let Ok(fragment) = vault.open_fragment(at.kind, at.key, &sealed) else { return Ok(true) };
    let anybody = anybody();
    let mut xml = format!("<rim:RegistryObjectList xmlns:rim=\"{}\">", ns::RIM);
    let holes = Holes {
        status: AvailabilityStatus::Approved,
        home: None,
        lid: EntryUuid(at.key.0),
        version: 1,
        patient_id: anybody.as_ref(),
        last_update_time: None,
        availability: DocumentAvailability::Online,
    };
    fragment.fill(&holes, &mut xml);
    xml.push_str("</rim:RegistryObjectList>");
    match read_object(&xml) {
        Some(RegistryObject::Entry(e)) => entry(db, vault, at, &e),
        Some(RegistryObject::SubmissionSet(s)) => set(db, vault, at, &s),
        Some(RegistryObject::Folder(f)) => {
            Ok(PlainFolder::stored(db, at)?.is_none_or(|stored| stored == PlainFolder::of(&f)))
        }
        Some(RegistryObject::Association(a)) => association(db, at, &a),
        Some(RegistryObject::Ref(..)) | None => Ok(false),
    }
}

/// A patientId to fill the hole with: what it is, is not looked at.
fn anybody() -> Option<PatientId> {
    PatientId::new("0", Oid::parse("2.999").ok()?).ok()
}

fn entry(db: &mut Db, vault: &Vault, at: &Place, e: &DocumentEntry) -> Result<bool, DatabaseError> {
    let Some(stored) = Plain::stored(db, at)? else { return Ok(true) };
    let Some(texts) = plain::entry_texts(db, at)? else { return Ok(true) };
    let compared = |id: &String| TextAttribute::ReferenceId.compared(id).into_owned();
    let references: Vec<String> = e.reference_ids.iter().map(compared).collect();
    let persons = persons(&e.authors);
    let (by, of) = (EncryptedColumn::AuthorPersons, EncryptedColumn::ReferenceIds);
    let same = stored == Plain::of(e)
        && says(vault, at, by, texts.author_persons.as_deref(), persons)
        && says(vault, at, of, texts.reference_ids.as_deref(), &references);
    if !same {
        return Ok(false);
    }
    for id in &e.reference_ids {
        if !plain::is_referenced(db, at, &vault.reference_hash(id))? {
            return Ok(false);
        }
    }
    // By what it is known its newest version says.
    let known = match texts.latest {
        1 => Some(Labelled::new(texts.lid, e).columns()),
        _ => labels::of_newest(db, texts.lid)?,
    };
    if known.is_some_and(|known| known != texts.labels) {
        return Ok(false);
    }
    // What it has of its SubmissionSet, as long as that is there.
    let Some(set) = plain::set_of(db, at)? else { return Ok(true) };
    let of_set = set.audience.unwrap_or_default();
    let audience = texts.labels.1.unwrap_or_default();
    let mut audience = audience.split('\n').filter(|value| !value.is_empty());
    // A later version goes on to be known to those to whom the earlier ones were sent.
    let sent = match texts.version {
        1 => texts.recipient == set.recipient,
        _ => holds_all(texts.recipient.as_deref(), set.recipient.as_deref()),
    };
    Ok(sent && audience.all(|value| of_set.contains(&frame(value))))
}

/// Whether each of the framed values of `of` is among those of `texts`.
fn holds_all(texts: Option<&str>, of: Option<&str>) -> bool {
    let mut values = of.unwrap_or_default().split('\n').filter(|value| !value.is_empty());
    values.all(|value| texts.unwrap_or_default().contains(&frame(value)))
}

fn set(db: &mut Db, vault: &Vault, at: &Place, s: &SubmissionSet) -> Result<bool, DatabaseError> {
    let Some((stored, author_persons)) = PlainSet::stored(db, at)? else { return Ok(true) };
    let (column, sealed) = (EncryptedColumn::AuthorPersons, author_persons.as_deref());
    Ok(stored == PlainSet::of(s) && says(vault, at, column, sealed, persons(&s.authors)))
}

fn association(db: &mut Db, at: &Place, a: &Association) -> Result<bool, DatabaseError> {
    let Some(stored) = PlainAssociation::stored(db, at)? else { return Ok(true) };
    let Some(link) = links::by_keys(db, &[at.key])?.pop() else { return Ok(true) };
    for (end, id) in [(&link.source, &a.source), (&link.target, &a.target)] {
        // One that is missing is told as that.
        let found = links::id_of(db, end)?;
        if found.is_some() && found != id.uuid().map(Id::from) {
            return Ok(false);
        }
    }
    Ok(Some(stored) == PlainAssociation::of(a))
}

/// Whether a sealed column says this. What does not open is told elsewhere.
fn says<S: AsRef<str>>(
    vault: &Vault,
    at: &Place,
    column: EncryptedColumn,
    sealed: Option<&[u8]>,
    values: impl IntoIterator<Item = S>,
) -> bool {
    let opened = sealed.map(|sealed| vault.open_values(at.kind, column.name(), at.key, sealed));
    match opened.transpose() {
        Ok(opened) => opened == framed(values),
        Err(_) => true,
    }
}
