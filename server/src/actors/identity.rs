//! The persons, opened as the settings have it.

use super::Shared;
use super::limits::database_options;
use crate::persons;
use renkei_identity::Identity;

/// Opens the database of the persons.
pub(super) fn open(shared: &Shared<'_>) -> anyhow::Result<Identity> {
    let Shared { site, settings, keys, .. } = *shared;
    persons::open(site.dir(), settings, keys, database_options(settings))
}
