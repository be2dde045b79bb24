//! The persons of a data directory, which a running house and commands beside it open in the same way.

use crate::communities;
use crate::files;
use crate::settings::Settings;
use anyhow::Context as _;
use renkei_database::{DatabaseUrl, Options};
use renkei_identity::{Identity, IdentityConfig, IdentityRules};
use renkei_sealing::KeyRing;
use std::path::Path;

/// Opens the database of the persons.
pub(crate) fn open(
    dir: &Path,
    settings: &Settings,
    keys: &KeyRing,
    database: Options,
) -> anyhow::Result<Identity> {
    let url = DatabaseUrl::parse(&settings.identity.database, dir)?;
    if let DatabaseUrl::Sqlite(path) = &url
        && let Some(folder) = path.parent()
        && !folder.exists()
    {
        files::private_dir(folder).with_context(|| folder.display().to_string())?;
    }
    let rules = IdentityRules {
        home: settings.ids.assigning_authority.clone(),
        shared: communities::shared(settings),
    };
    let identity = Identity::open(IdentityConfig { url, database, rules, keys });
    identity.context("identity.database")
}
