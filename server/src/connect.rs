//! `connect.json`: what a new node has to know about the house besides its certificate.
//!
//! It can be written before the house runs for the first time: addresses come from the settings,
//! identifiers are made then and kept for the house.

use crate::endpoints::Endpoints;
use crate::settings::Settings;
use crate::{code_list, communities, files, running};
use anyhow::Context as _;
use openssl::x509::X509;
use renkei_client::{CodesFile, certificate};
use renkei_context::{Role, Roles};
use renkei_metadata::codes::CodeList;
use serde::Serialize;
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// Its name.
pub(crate) const FILE: &str = "connect.json";

/// The CA's certificate, beside it.
const CA: &str = "ca.pem";

#[derive(Serialize)]
struct Connect<'a> {
    made_by: String,
    endpoints: Endpoints,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    repositories: BTreeMap<String, String>,
    home_community_id: String,
    repository_unique_id: String,
    assigning_authority: String,
    insured_authority: String,
    oid_root: Option<String>,
    ca: &'a str,
    ca_sha256: String,
    codes: CodesFile,
    roles: Vec<&'static str>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    communities: BTreeMap<String, String>,
}

/// What was written.
pub(crate) struct Written {
    /// The file.
    pub(crate) path: PathBuf,
    /// Settings that say a free port, so that the address behind them is not known yet.
    pub(crate) unknown: Vec<&'static str>,
}

impl Written {
    /// What a person has to do about addresses that are not known, if there are any.
    pub(crate) fn advice(&self) -> Option<String> {
        (!self.unknown.is_empty()).then(|| {
            format!(
                "{}: {} のポートが 0 のため、接続先が決まっていません。ポートを決めるか --set で指定してもう一度発行するか、renkei serve の起動行を --connect に渡してください / {} has port 0, so that the address is not known yet; set a port, give it with --set and issue again, or hand the ready line of renkei serve to --connect",
                self.path.display(),
                self.unknown.join("、"),
                self.unknown.join(", "),
            )
        })
    }
}

/// Writes it and the code list into the directory of an identity, which holds the CA already.
pub(crate) fn write(
    out: &Path,
    data_dir: &Path,
    settings: &Settings,
    roles: &Roles,
) -> anyhow::Result<Written> {
    let codes = code_list::text(data_dir, settings)?;
    let list = CodeList::read(&codes).context("codes.file")?;
    let ca = std::fs::read(out.join(CA)).with_context(|| out.join(CA).display().to_string())?;
    let (endpoints, unknown) = running::announced(settings);
    let connect = Connect {
        made_by: format!("renkei {}", env!("CARGO_PKG_VERSION")),
        repositories: endpoints.repositories(settings),
        endpoints,
        home_community_id: settings.ids.home_community.to_string(),
        repository_unique_id: settings.ids.repository.to_string(),
        assigning_authority: settings.ids.assigning_authority.to_string(),
        insured_authority: settings.insured_authority().to_string(),
        oid_root: list.oid_root().map(ToString::to_string),
        ca: CA,
        ca_sha256: certificate::fingerprint(&*X509::from_pem(&ca)?)?,
        codes: CodesFile {
            file: PathBuf::from(code_list::FILE),
            sha256: hex::encode(Sha256::digest(codes.as_bytes())),
        },
        roles: roles.iter().map(Role::name).collect(),
        communities: communities::names(data_dir, settings)?,
    };
    let path = out.join(code_list::FILE);
    files::write_public(&path, codes.as_bytes()).with_context(|| path.display().to_string())?;
    let path = out.join(FILE);
    let mut text = serde_json::to_vec_pretty(&connect)?;
    text.push(b'\n');
    files::write_public(&path, &text).with_context(|| path.display().to_string())?;
    Ok(Written { path, unknown })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pki::{Issue, Pki};
    use crate::settings::Sources;
    use renkei_client::Connection;
    use renkei_metadata::ids::RepositoryUniqueId;

    fn settings(data_dir: &Path, set: &[&str]) -> Settings {
        Settings::load(&Sources {
            data_dir: data_dir.to_owned(),
            config: None,
            set: set.iter().map(|word| (*word).to_owned()).collect(),
        })
        .unwrap()
    }

    fn issued(set: &[&str]) -> (tempfile::TempDir, Written) {
        let dir = tempfile::TempDir::new().unwrap();
        let issue = Issue {
            name: "clinic".parse().unwrap(),
            roles: Roles::new([Role::Source]),
            entitlement: Default::default(),
            days: 1,
            password: String::new(),
            hosts: Vec::new(),
            overlap_days: 0,
            csr: None,
        };
        let out = dir.path().join("out");
        Pki::open(dir.path()).unwrap().issue(&issue, &out).unwrap();
        let settings = settings(dir.path(), set);
        let written = write(&out, dir.path(), &settings, &issue.roles).unwrap();
        (dir, written)
    }

    #[test]
    fn a_house_that_never_ran_is_told_as_it_will_be() {
        let (dir, written) = issued(&["public_host=hub.example"]);
        assert_eq!(written.advice(), None);
        let connection = Connection::read(&written.path).unwrap();
        let registry = connection.registry.unwrap();
        assert_eq!(registry.as_str(), "https://hub.example:8443/xds/registry");
        assert_eq!(connection.patient_feed.as_deref(), Some("hub.example:2575"));
        // the ids are those of the first start
        let ids = settings(dir.path(), &[]).ids;
        assert_eq!(connection.assigning_authority, Some(ids.assigning_authority.to_string()));
        assert_eq!(connection.repository_unique_id, Some(ids.repository.to_string()));
        let codes = connection.codes.unwrap();
        let list = std::fs::read(&codes.file).unwrap();
        assert_eq!(hex::encode(Sha256::digest(&list)), codes.sha256);
        assert!(connection.oid_root.is_some());
        assert_eq!(connection.roles, [Role::Source]);
    }

    #[test]
    fn several_repositories_are_told_by_their_ids() {
        let set = ["community.repositories=1.2.3=https://other.example/xds"];
        let (_dir, written) = issued(&set);
        let connection = Connection::read(&written.path).unwrap();
        let own = RepositoryUniqueId::parse(&connection.repository_unique_id.clone().unwrap());
        assert_eq!(connection.holder(&own.unwrap()).ok(), connection.repository.as_ref());
        let other = RepositoryUniqueId::parse("1.2.3").unwrap();
        assert_eq!(connection.holder(&other).unwrap().as_str(), "https://other.example/xds");
    }

    #[test]
    fn a_free_port_is_not_known_and_told() {
        let (_dir, written) = issued(&["listen.systems=127.0.0.1:0", "actors=registry,repository"]);
        let advice = written.advice().unwrap();
        assert!(advice.contains("listen.systems") && !advice.contains("listen.mllp"), "{advice}");
        let connection = Connection::read(&written.path).unwrap();
        assert_eq!((connection.registry, connection.patient_feed), (None, None));
    }
}
