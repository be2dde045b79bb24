//! Where the actors of a house are reached: the `connect.json` that `renkei pki issue` writes beside a
//! certificate, or the ready line that `renkei serve` prints.

use renkei_context::Role;
use renkei_metadata::ids::RepositoryUniqueId;
use serde::{Deserialize, Deserializer, Serialize};
use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use url::Url;

/// The longest file that is read: many times what one holds.
const LONGEST: u64 = 1024 * 1024;

/// Why a file does not say where to connect.
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
    /// It is neither a connect.json nor a ready line.
    #[error(
        "{path}: neither a connect.json nor a ready line / connect.json でも起動行でもありません: {error}",
        path = path.display()
    )]
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

/// The code list of an affinity domain, as it came with an identity.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CodesFile {
    /// Where it is; relative to the file that names it.
    pub file: PathBuf,
    /// SHA-256 of its octets, lower-case hexadecimal: whoever has another list, or another version
    /// of it, hears of that before anything is sent.
    pub sha256: String,
}

/// Addresses and identifiers of a house. What it does not serve is `None`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Connection {
    /// ITI-18, ITI-42.
    pub registry: Option<Url>,
    /// ITI-41, ITI-43.
    pub repository: Option<Url>,
    /// Where each repository of the community is, by its repositoryUniqueId; empty where there is but
    /// one, and nobody has to choose.
    pub repositories: BTreeMap<String, Url>,
    /// ITI-8: `host:port`.
    pub patient_feed: Option<String>,
    /// ITI-44.
    pub patient_feed_v3: Option<Url>,
    /// ITI-45.
    pub pix: Option<Url>,
    /// ITI-47.
    pub pdq: Option<Url>,
    /// `urn:oid:...`.
    pub home_community_id: Option<String>,
    /// OID.
    pub repository_unique_id: Option<String>,
    /// OID of the patient ids.
    pub assigning_authority: Option<String>,
    /// OID of the identifiers of insured persons.
    pub insured_authority: Option<String>,
    /// The arc of the affinity domain's own identifiers, OID.
    pub oid_root: Option<String>,
    /// The affinity domain's codes.
    pub codes: Option<CodesFile>,
    /// What the house lets this node do; empty where nobody told it.
    pub roles: Vec<Role>,
    /// What the house calls the communities that it asks, by their homeCommunityId.
    pub communities: BTreeMap<String, String>,
}

/// No repository is known under an id.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{} / {}", self.ja(), self.en())]
pub struct UnknownRepository(pub RepositoryUniqueId);

impl UnknownRepository {
    /// What is wrong and what to do, in Japanese.
    pub fn ja(&self) -> String {
        let id = &self.0;
        format!(
            "リポジトリ {id} の接続先が分かりません。connect.json の repositories に加えるよう拠点の管理者に\
             依頼してください"
        )
    }

    /// What is wrong and what to do, in English.
    pub fn en(&self) -> String {
        let id = &self.0;
        format!(
            "where the repository {id} is reached is not known; ask the operator of the house to add it \
             to repositories of connect.json"
        )
    }
}

/// Both forms: a ready line says whether the house is ready, a `connect.json` has nobody to ask.
#[derive(Deserialize)]
struct ConnectionFile {
    #[serde(default = "yes")]
    ready: bool,
    #[serde(default)]
    error: Option<String>,
    #[serde(default)]
    endpoints: Endpoints,
    #[serde(default, deserialize_with = "urls")]
    repositories: BTreeMap<String, Url>,
    #[serde(default)]
    home_community_id: Option<String>,
    #[serde(default)]
    repository_unique_id: Option<String>,
    #[serde(default)]
    assigning_authority: Option<String>,
    #[serde(default)]
    insured_authority: Option<String>,
    #[serde(default)]
    oid_root: Option<String>,
    #[serde(default)]
    codes: Option<CodesFile>,
    #[serde(default)]
    roles: Vec<String>,
    #[serde(default)]
    communities: BTreeMap<String, String>,
}

const fn yes() -> bool {
    true
}

#[derive(Deserialize, Default)]
struct Endpoints {
    #[serde(default, deserialize_with = "url")]
    registry: Option<Url>,
    #[serde(default, deserialize_with = "url")]
    repository: Option<Url>,
    #[serde(default)]
    patient_feed: Option<String>,
    #[serde(default, deserialize_with = "url")]
    patient_feed_v3: Option<Url>,
    #[serde(default, deserialize_with = "url")]
    pix_v3: Option<Url>,
    #[serde(default, deserialize_with = "url")]
    pdq_v3: Option<Url>,
}

fn url<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Url>, D::Error> {
    let text = Option::<String>::deserialize(deserializer)?;
    text.map(|t| Url::parse(&t).map_err(serde::de::Error::custom)).transpose()
}

fn urls<'de, D: Deserializer<'de>>(deserializer: D) -> Result<BTreeMap<String, Url>, D::Error> {
    let texts = BTreeMap::<String, String>::deserialize(deserializer)?.into_iter();
    let parsed = texts.map(|(id, url)| Ok((id, Url::parse(&url)?)));
    parsed.collect::<Result<_, url::ParseError>>().map_err(serde::de::Error::custom)
}

impl Connection {
    /// Where the documents of a repository are retrieved: from the one of this id, or from the only
    /// one there is (ITI TF-2: 3.43.4.1.2).
    ///
    /// # Errors
    /// When there are several and none of them has the id, or when there is none.
    pub fn holder(&self, id: &RepositoryUniqueId) -> Result<&Url, UnknownRepository> {
        let only = self.repository.as_ref().filter(|_| self.repositories.is_empty());
        let known = self.repositories.get(id.as_str()).or(only);
        known.ok_or_else(|| UnknownRepository(id.clone()))
    }

    /// Asks `repository` for everything, whatever else is known.
    pub fn ask_only(&mut self, repository: Url) {
        self.repositories.clear();
        self.repository = Some(repository);
    }

    /// Reads a `connect.json`, or the file into which a ready line was saved; lines behind the ready
    /// line are ignored.
    ///
    /// # Errors
    /// When the file cannot be read or is neither of them.
    pub fn read(path: &Path) -> Result<Self, ConnectionError> {
        let io = |error| ConnectionError::Io { path: path.to_owned(), error };
        let mut text = String::new();
        let file = File::open(path).map_err(io)?;
        file.take(LONGEST).read_to_string(&mut text).map_err(io)?;
        let told = match serde_json::from_str::<ConnectionFile>(&text) {
            // Something may have been saved behind a line that is whole.
            Err(_) if text.lines().count() > 1 => {
                let line = text.lines().next().unwrap_or_default();
                // What is wrong with many lines is told by all of them.
                serde_json::from_str(line).or_else(|_| serde_json::from_str(&text))
            }
            other => other,
        };
        let told = told.map_err(|error| ConnectionError::Json { path: path.to_owned(), error })?;
        if !told.ready {
            let error = told.error.unwrap_or_default();
            return Err(ConnectionError::NotReady { path: path.to_owned(), error });
        }
        let (endpoints, codes) = (told.endpoints, told.codes);
        let folder = path.parent().unwrap_or(Path::new(""));
        // The address of MLLP is written `mllps://host:port`; the scheme says no more than we know.
        let feed = endpoints.patient_feed;
        Ok(Self {
            registry: endpoints.registry,
            repository: endpoints.repository,
            repositories: told.repositories,
            patient_feed: feed.map(|f| f.strip_prefix("mllps://").unwrap_or(&f).to_owned()),
            patient_feed_v3: endpoints.patient_feed_v3,
            pix: endpoints.pix_v3,
            pdq: endpoints.pdq_v3,
            home_community_id: told.home_community_id,
            repository_unique_id: told.repository_unique_id,
            assigning_authority: told.assigning_authority,
            insured_authority: told.insured_authority,
            oid_root: told.oid_root,
            codes: codes.map(|c| CodesFile { file: folder.join(c.file), ..c }),
            // A role that a later house has is none of ours.
            roles: told.roles.iter().filter_map(|role| role.parse().ok()).collect(),
            communities: told.communities,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Connection, ConnectionError> {
        let path = std::env::temp_dir().join(format!("ready-{}", uuid::Uuid::new_v4()));
        std::fs::write(&path, text).unwrap();
        let result = Connection::read(&path);
        std::fs::remove_file(path).unwrap();
        result
    }

    #[test]
    fn reads_what_is_served() {
        let c = read(concat!(
            r#"{"ready":true,"version":"0.1.0","pid":1,"data_dir":"/d","ca":"/d/ca.pem","endpoints":"#,
            r#"{"registry":"https://h:1/xds/registry","repository":null,"patient_feed":"mllps://h:2","#,
            r#""pix_v3":"https://h:1/patients/pix","pdq_v3":"https://h:1/patients/pdq","portal":null},"insured_authority":"1.5","home_community_id":"urn:oid:1.2","repository_unique_id":"1.3","assigning_authority":"1.4"}"#,
            "\nmore"
        ))
        .unwrap();
        assert_eq!(c.registry.unwrap().as_str(), "https://h:1/xds/registry");
        assert_eq!((c.repository, c.patient_feed.as_deref()), (None, Some("h:2")));
        assert_eq!(c.repository_unique_id.as_deref(), Some("1.3"));
        assert_eq!(c.pix.unwrap().path(), "/patients/pix");
        assert_eq!(c.pdq.unwrap().path(), "/patients/pdq");
        assert_eq!(c.insured_authority.as_deref(), Some("1.5"));
    }

    #[test]
    fn reads_what_came_with_a_certificate() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("connect.json");
        let text = serde_json::json!({
            "endpoints": {"registry": "https://h:1/x", "repository": null, "patient_feed": "mllps://h:2"},
            "home_community_id": "urn:oid:1.2", "oid_root": "1.2.3", "ca": "ca.pem",
            "codes": {"file": "codes.xml", "sha256": "ab"},
            "roles": ["source", "administrator", "of-a-later-house"],
            "communities": {"urn:oid:1.9": "北のPHR"},
        });
        std::fs::write(&path, serde_json::to_string_pretty(&text).unwrap()).unwrap();
        let c = Connection::read(&path).unwrap();
        assert_eq!(c.patient_feed.as_deref(), Some("h:2"));
        assert_eq!(c.oid_root.as_deref(), Some("1.2.3"));
        assert_eq!(c.communities.get("urn:oid:1.9").map(String::as_str), Some("北のPHR"));
        let codes = CodesFile { file: folder.path().join("codes.xml"), sha256: "ab".into() };
        assert_eq!(c.codes, Some(codes));
        assert_eq!(c.roles, [Role::Source, Role::Administrator]);
        assert_eq!(c.assigning_authority, None);
    }

    #[test]
    fn documents_are_retrieved_where_they_are() {
        let id = |id| RepositoryUniqueId::parse(id).unwrap();
        let mut c = read(
            r#"{"endpoints":{"repository":"https://h:1/x"},
                "repositories":{"1.3":"https://h:1/x","1.4":"https://other:2/y"}}"#,
        )
        .unwrap();
        assert_eq!(c.holder(&id("1.4")).unwrap().as_str(), "https://other:2/y");
        assert_eq!(c.holder(&id("1.3")).unwrap().as_str(), "https://h:1/x");
        let unknown = c.holder(&id("1.5")).unwrap_err();
        assert!(unknown.to_string().contains("1.5"), "{unknown}");
        c.ask_only(Url::parse("https://z:3/").unwrap());
        assert_eq!(c.holder(&id("1.5")).unwrap().as_str(), "https://z:3/");
        assert!(Connection::default().holder(&id("1.3")).is_err());
    }

    #[test]
    fn tells_what_is_wrong() {
        let error = read(r#"{"ready":false,"error":"unknown setting x"}"#).unwrap_err();
        assert!(error.to_string().ends_with("unknown setting x"));
        assert!(read("").unwrap_err().to_string().contains("nor a ready line"));
        assert!(read("[1]\n[2]").unwrap_err().to_string().contains("nor a ready line"));
        let absent = Connection::read(Path::new("/nonexistent/x"));
        assert!(matches!(absent, Err(ConnectionError::Io { .. })));
    }
}
