//! The other communities of a data directory, and who we are towards them.

use crate::pki::{NodeName, Pki};
use crate::settings::Settings;
use anyhow::Context as _;
use renkei_client::Identity;
use renkei_context::{Role, Roles};
use renkei_gateway::community::Own;
use renkei_gateway::initiating::Asker;
use std::path::{Path, PathBuf};

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
    let shared = settings.identity.shared_authorities.iter();
    let shared = shared.chain(&settings.identity.insured_authority).cloned().collect();
    Asker::new(home, authority, shared, settings.gateway.correlation_days)
}

/// What our gateway shows others that did not issue it a certificate: one of our own CA.
pub(crate) fn identity(pki: &Pki) -> anyhow::Result<Identity> {
    let name: NodeName = "gateway".parse()?;
    let directory = pki.own_identity(&name, Roles::new([Role::Gateway]))?;
    Identity::load(&directory).context("gateway")
}
