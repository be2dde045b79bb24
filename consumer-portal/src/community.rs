//! The community whose document something is, as people call it.

use renkei_client::Connection;
use renkei_metadata::model::DocumentEntry;
use serde::Serialize;
use std::fmt;

/// Our own, which has no name among those of others.
const OWN: &str = "自コミュニティ / own";

/// A community.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Community {
    /// homeCommunityId; empty where the registry names none, which then is our own.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub home: String,
    /// What people call it; the homeCommunityId where nobody told the name.
    #[serde(rename = "community", skip_serializing_if = "String::is_empty")]
    pub name: String,
    /// Whether it is another than our own.
    #[serde(skip)]
    pub is_another: bool,
}

impl Community {
    /// That of a document (ITI TF-2: 3.18.4.1.2.3.8), with the names that came with the connection.
    pub(crate) fn of(entry: &DocumentEntry, connection: &Connection) -> Self {
        let Some(home) = entry.home.as_ref().map(ToString::to_string) else {
            return Self::default();
        };
        let is_own = connection.home_community_id.as_ref() == Some(&home);
        let otherwise = if is_own { OWN } else { &home };
        let name = connection.communities.get(&home).map_or(otherwise, String::as_str).to_owned();
        Self { is_another: !is_own, name, home }
    }
}

impl fmt::Display for Community {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.name.is_empty() { OWN } else { &self.name })
    }
}
