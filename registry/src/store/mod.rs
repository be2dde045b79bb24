//! The tables. Nothing outside this folder knows Diesel or SQL.

pub(crate) mod apply;
pub(crate) mod codes;
pub(crate) mod columns;
pub(crate) mod inspect;
pub(crate) mod key;
pub(crate) mod labels;
pub(crate) mod links;
pub(crate) mod lookup;
pub(crate) mod names;
pub(crate) mod news;
pub(crate) mod patients;
pub(crate) mod plain;
pub(crate) mod rows;
mod schema;
pub(crate) mod search;
pub(crate) mod vault;
pub(crate) mod versions;
pub(crate) mod write;

use diesel_migrations::{EmbeddedMigrations, embed_migrations};
use renkei_database::{Migrations, Tables, statement};
use renkei_metadata::model::{
    AssociationType, AvailabilityStatus, DocumentAvailability, EntryType, ObjectKind,
    SubmissionSetStatus,
};

const SQLITE: EmbeddedMigrations = embed_migrations!("migrations/sqlite");
const POSTGRES: EmbeddedMigrations = embed_migrations!("migrations/postgres");

/// The tables of both databases, with those that other crates keep beside these.
pub(crate) fn migrations() -> Migrations {
    let own = Tables { sqlite: SQLITE, postgres: POSTGRES };
    let tables = vec![own, renkei_audit::outbox::tables(), renkei_exchange::tables()];
    Migrations { actor: "registry", tables }
}

const fn kind_number(kind: ObjectKind) -> i16 {
    match kind {
        ObjectKind::DocumentEntry => 0,
        ObjectKind::SubmissionSet => 1,
        ObjectKind::Folder => 2,
        ObjectKind::Association => 3,
    }
}

const fn kind_of(number: i16) -> ObjectKind {
    match number {
        0 => ObjectKind::DocumentEntry,
        1 => ObjectKind::SubmissionSet,
        2 => ObjectKind::Folder,
        _ => ObjectKind::Association,
    }
}

pub(crate) const fn status_number(status: AvailabilityStatus) -> i16 {
    match status {
        AvailabilityStatus::Approved => 0,
        AvailabilityStatus::Deprecated => 1,
    }
}

pub(crate) const fn status_of(number: i16) -> AvailabilityStatus {
    match number {
        0 => AvailabilityStatus::Approved,
        _ => AvailabilityStatus::Deprecated,
    }
}

const fn type_number(entry_type: EntryType) -> i16 {
    match entry_type {
        EntryType::Stable => 0,
        EntryType::OnDemand => 1,
    }
}

const fn type_of(number: i16) -> EntryType {
    match number {
        0 => EntryType::Stable,
        _ => EntryType::OnDemand,
    }
}

const fn availability_number(availability: DocumentAvailability) -> i16 {
    match availability {
        DocumentAvailability::Online => 0,
        DocumentAvailability::Offline => 1,
    }
}

pub(crate) const fn availability_of(number: i16) -> DocumentAvailability {
    match number {
        0 => DocumentAvailability::Online,
        _ => DocumentAvailability::Offline,
    }
}

/// The number of a type that is stored; the two operations of a metadata update are carried out, not
/// stored (ITI TF-2: 3.57.4.1.3.3).
pub(crate) const fn association_number(association_type: AssociationType) -> Option<i16> {
    match association_type {
        AssociationType::HasMember => Some(0),
        AssociationType::Rplc => Some(1),
        AssociationType::Xfrm => Some(2),
        AssociationType::Apnd => Some(3),
        AssociationType::XfrmRplc => Some(4),
        AssociationType::Signs => Some(5),
        AssociationType::IsSnapshotOf => Some(6),
        AssociationType::UpdateAvailabilityStatus | AssociationType::SubmitAssociation => None,
    }
}

const fn association_of(number: i16) -> AssociationType {
    match number {
        0 => AssociationType::HasMember,
        1 => AssociationType::Rplc,
        2 => AssociationType::Xfrm,
        3 => AssociationType::Apnd,
        4 => AssociationType::XfrmRplc,
        5 => AssociationType::Signs,
        _ => AssociationType::IsSnapshotOf,
    }
}

pub(crate) const fn set_status_number(status: SubmissionSetStatus) -> i16 {
    match status {
        SubmissionSetStatus::Original => 0,
        SubmissionSetStatus::Reference => 1,
    }
}
