//! Where the actors of a house are reached: the ready line that `renkei serve` prints.

use serde::{Deserialize, Deserializer};
use std::io;
use std::path::{Path, PathBuf};
use url::Url;

/// Why a saved ready line cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ConnectionError {
    /// It cannot be read.
    #[error("{path}: {error}", path = path.display())]
    Io {
        /// Which file.
        path: PathBuf,
        /// Why.
        error: io::Error,
    },
    /// It is not a ready line.
    #[error("{path}: not a ready line: {error}", path = path.display())]
    Json {
        /// Which file.
        path: PathBuf,
        /// Why.
        error: serde_json::Error,
    },
    /// It is the line of a start that failed.
    #[error("{path}: the house did not start: {error}", path = path.display())]
    NotReady {
        /// Which file.
        path: PathBuf,
        /// What the house said.
        error: String,
    },
}

/// Addresses and identifiers of a house. What it does not serve is `None`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Connection {
    /// ITI-18, ITI-42.
    pub registry: Option<Url>,
    /// ITI-41, ITI-43.
    pub repository: Option<Url>,
    /// ITI-8: `host:port`.
    pub patient_feed: Option<String>,
    /// `urn:oid:...`.
    pub home_community_id: Option<String>,
    /// OID.
    pub repository_unique_id: Option<String>,
    /// OID of the patient ids.
    pub assigning_authority: Option<String>,
}

#[derive(Deserialize)]
struct ReadyLine {
    ready: bool,
    #[serde(default)]
    error: Option<String>,
    #[serde(default)]
    endpoints: Endpoints,
    #[serde(default)]
    home_community_id: Option<String>,
    #[serde(default)]
    repository_unique_id: Option<String>,
    #[serde(default)]
    assigning_authority: Option<String>,
}

#[derive(Deserialize, Default)]
struct Endpoints {
    #[serde(default, deserialize_with = "url")]
    registry: Option<Url>,
    #[serde(default, deserialize_with = "url")]
    repository: Option<Url>,
    #[serde(default)]
    patient_feed: Option<String>,
}

fn url<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Url>, D::Error> {
    let text = Option::<String>::deserialize(deserializer)?;
    text.map(|t| Url::parse(&t).map_err(serde::de::Error::custom)).transpose()
}

impl Connection {
    /// Reads the file into which the line was saved; further lines are ignored.
    pub fn from_ready_line(path: &Path) -> Result<Self, ConnectionError> {
        let text = std::fs::read_to_string(path)
            .map_err(|error| ConnectionError::Io { path: path.to_owned(), error })?;
        let line = text.lines().next().unwrap_or_default();
        let line: ReadyLine = serde_json::from_str(line)
            .map_err(|error| ConnectionError::Json { path: path.to_owned(), error })?;
        if !line.ready {
            let error = line.error.unwrap_or_default();
            return Err(ConnectionError::NotReady { path: path.to_owned(), error });
        }
        // The address of MLLP is written `mllps://host:port`; the scheme says no more than we know.
        let feed = line.endpoints.patient_feed;
        Ok(Self {
            registry: line.endpoints.registry,
            repository: line.endpoints.repository,
            patient_feed: feed.map(|f| f.strip_prefix("mllps://").unwrap_or(&f).to_owned()),
            home_community_id: line.home_community_id,
            repository_unique_id: line.repository_unique_id,
            assigning_authority: line.assigning_authority,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Connection, ConnectionError> {
        let path = std::env::temp_dir().join(format!("ready-{}", uuid::Uuid::new_v4()));
        std::fs::write(&path, text).unwrap();
        let result = Connection::from_ready_line(&path);
        std::fs::remove_file(path).unwrap();
        result
    }

    #[test]
    fn reads_what_is_served() {
        let c = read(concat!(
            r#"{"ready":true,"version":"0.1.0","pid":1,"data_dir":"/d","ca":"/d/ca.pem","endpoints":"#,
            r#"{"registry":"https://h:1/xds/registry","repository":null,"patient_feed":"mllps://h:2","#,
            r#""portal":null},"home_community_id":"urn:oid:1.2","repository_unique_id":"1.3","assigning_authority":"1.4"}"#,
            "\nmore"
        ))
        .unwrap();
        assert_eq!(c.registry.unwrap().as_str(), "https://h:1/xds/registry");
        assert_eq!((c.repository, c.patient_feed.as_deref()), (None, Some("h:2")));
        assert_eq!(c.repository_unique_id.as_deref(), Some("1.3"));
    }

    #[test]
    fn tells_what_is_wrong() {
        let error = read(r#"{"ready":false,"error":"unknown setting x"}"#).unwrap_err();
        assert!(error.to_string().ends_with("unknown setting x"));
        assert!(read("").unwrap_err().to_string().contains("not a ready line"));
        let absent = Connection::from_ready_line(Path::new("/nonexistent/x"));
        assert!(matches!(absent, Err(ConnectionError::Io { .. })));
    }
}
