//! Registered objects as they were registered, read again from their ebRIM.

use crate::query::read_object;
use crate::store::inspect;
use crate::store::key::{Id, Key};
use crate::store::labels::Labelled;
use crate::store::lookup::Place;
use crate::store::vault::{Vault, VaultError};
use crate::store::versions::{Joint, Latest};
use crate::store::write::WriteError;
use renkei_database::Db;
use renkei_metadata::fragment::Holes;
use renkei_metadata::ids::{EntryUuid, HomeCommunityId, PatientId};
use renkei_metadata::model::{
    Association, AvailabilityStatus, DocumentAvailability, DocumentEntry, Folder, ObjectKind,
    RegistryObject,
};
use renkei_soap::xml::ns;

/// The newest version of a document, as an answer would show it to whom `patient` is its patient;
/// `home` is the community of objects that were submitted without one.
pub(super) fn entry(
    db: &mut Db,
    vault: &Vault,
    latest: &Latest,
    patient: Option<&PatientId>,
    home: Option<&HomeCommunityId>,
) -> Result<DocumentEntry, WriteError> {
    let own = own_home(latest.home.as_deref())?;
    let holes = Holes {
        home: own.as_ref().or(home),
        patient_id: patient,
        availability: latest.availability,
        version: u32::try_from(latest.version).map_err(|_| VaultError::Content)?,
        ..holes(latest.state.status(), latest.lid)
    };
    match object(db, vault, (ObjectKind::DocumentEntry, latest.place.key), &holes)? {
        RegistryObject::Entry(entry) => Ok(*entry),
        _ => Err(VaultError::Content.into()),
    }
}

/// By what the document `lid` is known while this is its newest version.
pub(crate) fn labelled(
    db: &mut Db,
    vault: &Vault,
    (lid, version): (Id, &Place),
) -> Result<Labelled, WriteError> {
    let holes = holes(AvailabilityStatus::Deprecated, lid);
    match object(db, vault, (version.kind, version.key), &holes)? {
        RegistryObject::Entry(entry) => Ok(Labelled::new(lid, &entry)),
        _ => Err(VaultError::Content.into()),
    }
}

/// The newest version of a folder, but for its patient and its times.
pub(super) fn folder(db: &mut Db, vault: &Vault, latest: &Latest) -> Result<Folder, WriteError> {
    let home = own_home(latest.home.as_deref())?;
    let holes = Holes { home: home.as_ref(), ..holes(latest.state.status(), latest.lid) };
    match object(db, vault, (ObjectKind::Folder, latest.place.key), &holes)? {
        RegistryObject::Folder(folder) => Ok(*folder),
        _ => Err(VaultError::Content.into()),
    }
}

/// A registered association.
pub(super) fn association(
    db: &mut Db,
    vault: &Vault,
    joint: &Joint,
) -> Result<Association, WriteError> {
    let home = own_home(joint.home.as_deref())?;
    let holes = Holes { home: home.as_ref(), ..holes(AvailabilityStatus::Approved, joint.id) };
    match object(db, vault, (ObjectKind::Association, joint.key), &holes)? {
        RegistryObject::Association(association) => Ok(*association),
        _ => Err(VaultError::Content.into()),
    }
}

fn own_home(text: Option<&str>) -> Result<Option<HomeCommunityId>, VaultError> {
    text.map(|text| HomeCommunityId::parse(text).map_err(|_| VaultError::Content)).transpose()
}

fn holes(status: AvailabilityStatus, lid: Id) -> Holes<'static> {
    Holes {
        status,
        home: None,
        lid: EntryUuid(lid.0),
        version: 1,
        patient_id: None,
        last_update_time: None,
        availability: DocumentAvailability::Online,
    }
}

fn object(
    db: &mut Db,
    vault: &Vault,
    (kind, key): (ObjectKind, Key),
    holes: &Holes<'_>,
) -> Result<RegistryObject, WriteError> {
    let sealed = inspect::sealed(db, key)?.ok_or(WriteError::Missing("the ebRIM of an object"))?;
    let mut xml = format!("<rim:RegistryObjectList xmlns:rim=\"{}\">", ns::RIM);
    vault.open_fragment(kind, key, &sealed)?.fill(holes, &mut xml);
    xml.push_str("</rim:RegistryObjectList>");
    Ok(read_object(&xml).ok_or(VaultError::Content)?)
}
