//! The tables. Nothing outside this folder knows Diesel or SQL.

pub(crate) mod columns;
pub(crate) mod lookup;
mod schema;
pub(crate) mod search;
mod statement;
pub(crate) mod vault;
pub(crate) mod write;

use diesel_migrations::{EmbeddedMigrations, embed_migrations};
use renkei_database::Migrations;
use renkei_metadata::model::{AvailabilityStatus, DocumentAvailability, EntryType, ObjectKind};

const SQLITE: EmbeddedMigrations = embed_migrations!("migrations/sqlite");
const POSTGRES: EmbeddedMigrations = embed_migrations!("migrations/postgres");

/// The migrations of both databases.
pub(crate) fn migrations() -> Migrations {
    Migrations { sqlite: SQLITE, postgres: POSTGRES }
}

/// Which name space an identifier is of: `identifier.kind`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum IdKind {
    /// entryUUID or the id of an association, without `urn:uuid:`.
    Entry,
    /// uniqueId of a DocumentEntry.
    Document,
    /// uniqueId of a SubmissionSet or Folder.
    Package,
}

impl IdKind {
    const fn number(self) -> i16 {
        match self {
            Self::Entry => 0,
            Self::Document => 1,
            Self::Package => 2,
        }
    }
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
