//! Which database each actor has: none is shared between two of them.

use super::{Problem, Settings};
use renkei_database::DatabaseUrl;
use std::path::Path;

/// The settings that name one database, before anything is made there. Two names of one database are
/// told when it is opened.
pub(super) fn shared(settings: &Settings, data_dir: &Path) -> Option<Problem> {
    let databases = [
        ("registry.database", &settings.registry.database),
        ("repository.database", &settings.repository.database),
        ("identity.database", &settings.identity.database),
        ("audit.database", &settings.audit.database),
    ]
    .map(|(key, text)| (key, DatabaseUrl::parse(text, data_dir).ok()));
    let is_shared = |(key, url): &(&str, Option<DatabaseUrl>)| {
        url.is_some() && databases.iter().any(|(other, same)| other != key && same == url)
    };
    let keys: Vec<&str> = databases.iter().filter(|d| is_shared(d)).map(|d| d.0).collect();
    (!keys.is_empty()).then(|| Problem::shared(&keys))
}
