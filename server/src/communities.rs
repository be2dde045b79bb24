//! The other communities of a data directory, and who we are towards them.

use crate::files;
use crate::pki::{NodeName, Pki};
use crate::settings::Settings;
use anyhow::{Context as _, ensure};
use renkei_client::Identity;
use renkei_context::{Role, Roles};
use renkei_gateway::community::{
    By, Community, Known, Own, Presented, Quirk, When, Where, file_name,
};
use renkei_gateway::initiating::Asker;
use renkei_metadata::ids::HomeCommunityId;
use renkei_person::SharedAuthorities;
use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};
use url::Url;

/// The folder with a file for each.
pub(crate) fn dir(data_dir: &Path) -> PathBuf {
    data_dir.join("communities")
}

/// What is our own; `listening` are ports that are known only to a running house.
pub(crate) fn own(settings: &Settings, listening: &[u16]) -> Own {
    let listen = &settings.listen;
    let set = [listen.systems, listen.mllp, listen.people, listen.admin].into_iter().flatten();
    let ports = set.map(|address| address.port()).filter(|port| *port != 0);
    Own {
        home: settings.ids.home_community.clone(),
        host: settings.house.public_host.clone(),
        ports: ports.chain(listening.iter().copied()).collect(),
    }
}

/// As whom we look for patients of ours elsewhere.
pub(crate) fn asker(settings: &Settings) -> Asker {
    let ids = &settings.ids;
    let (home, authority) = (ids.home_community.clone(), ids.assigning_authority.clone());
    Asker::new(home, authority, shared(settings), settings.gateway.correlation_days)
}

/// Whose identifiers mean the same person in every community.
pub(crate) fn shared(settings: &Settings) -> SharedAuthorities {
    let identity = &settings.identity;
    SharedAuthorities {
        insured: identity.insured_authority.clone(),
        others: identity.shared_authorities.clone(),
    }
}

/// What our gateway shows others that did not issue it a certificate: one of our own CA.
pub(crate) fn identity(pki: &Pki) -> anyhow::Result<Identity> {
    let name: NodeName = "gateway".parse()?;
    let directory = pki.own_identity(&name, Roles::new([Role::Gateway]))?;
    Identity::load(&directory).context("gateway")
}

/// What people call the communities that are entered, by their homeCommunityId.
pub(crate) fn names(
    data_dir: &Path,
    settings: &Settings,
) -> anyhow::Result<BTreeMap<String, String>> {
    let known = Known::read(&dir(data_dir), &own(settings, &[]))?;
    let named = known.communities.values().map(|c| (c.home.to_string(), c.name.clone()));
    Ok(named.collect())
}

/// What is to be entered of another community.
pub(crate) struct Entry<'a> {
    pub(crate) home: HomeCommunityId,
    /// What people call it.
    pub(crate) name: Option<&'a str>,
    /// Where it takes ITI-38.
    pub(crate) query: Url,
    /// Where it takes ITI-39.
    pub(crate) retrieve: Url,
    /// Where it takes ITI-55; without it, it is asked with our patient ids.
    pub(crate) discovery: Option<Url>,
    /// By what it is asked there.
    pub(crate) discovery_by: By,
    /// When it answers that.
    pub(crate) discovery_answers: When,
    /// Where it answers.
    pub(crate) answers: Where,
    /// As which node it connects here.
    pub(crate) peer: Option<NodeName>,
    /// Where it takes ITI-56, if elsewhere than ITI-55.
    pub(crate) locations: Option<Url>,
    /// The CAs that vouch for it.
    pub(crate) ca: Option<&'a Path>,
    /// Directory with the certificate that it issued for us.
    pub(crate) identity: Option<&'a Path>,
    /// What is forgiven it.
    pub(crate) quirks: Vec<Quirk>,
}

/// Takes back what was entered of a community; false if nothing was.
pub(crate) fn leave(data_dir: &Path, home: &HomeCommunityId) -> io::Result<bool> {
    match std::fs::remove_file(dir(data_dir).join(file_name(home))) {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(error),
    }
}

/// What is to be entered, as far as a gateway of the house could use it.
pub(crate) fn checked(
    data_dir: &Path,
    settings: &Settings,
    entry: Entry<'_>,
) -> anyhow::Result<Community> {
    let read =
        |path: &Path| std::fs::read_to_string(path).with_context(|| path.display().to_string());
    let given = |name: &str| entry.identity.map(|dir| read(&dir.join(name))).transpose();
    let presented = given("cert.pem")?.zip(given("key.pem")?);
    let authorities = match entry.ca {
        Some(path) => Some(read(path)?),
        None => given("ca.pem")?,
    };
    let name = entry.name.map(str::trim).filter(|name| !name.is_empty());
    let community = Community {
        name: name.unwrap_or(entry.home.as_str()).to_owned(),
        home: entry.home,
        query: entry.query,
        retrieve: entry.retrieve,
        discovery: entry.discovery,
        discovery_by: entry.discovery_by,
        discovery_answers: entry.discovery_answers,
        answers: entry.answers,
        peer: entry.peer.map(|name| name.to_string()),
        locations: entry.locations,
        authorities,
        presented: presented.map(|(certificate, key)| Presented { certificate, key }),
        quirks: entry.quirks,
    };
    own(settings, &[]).check(&community)?;
    ensure!(
        community.discovery_answers == When::Now || settings.gateway.correlation_days > 0,
        "gateway.correlation_days が0のため、後から届く回答(--discovery-answers later)を保持できません。1以上にしてください / an answer that comes later cannot be kept, since gateway.correlation_days is 0; set 1 at least"
    );
    let path = dir(data_dir).join(file_name(&community.home));
    // What a running gateway could not use is not entered.
    let text = community.to_text()?;
    Community::of_text(&text)?;
    community.identity(&identity(&Pki::open(data_dir)?)?, &path)?;
    Ok(community)
}

/// Enters a community in a data directory, in the place of what was entered of it.
pub(crate) fn enter(data_dir: &Path, community: &Community) -> anyhow::Result<()> {
    let (dir, text) = (dir(data_dir), community.to_text()?);
    let path = dir.join(file_name(&community.home));
    files::private_dir(&dir).with_context(|| dir.display().to_string())?;
    files::write_private(&path, text.as_bytes()).with_context(|| path.display().to_string())
}
