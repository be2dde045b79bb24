//! What an administrator does about the CAs of others, and the nodes under them.

use super::{At, Authority, CrlSource, Entitlement, NodeName, Peer, Pki, PkiError, list, peers};
use openssl::x509::X509;
use renkei_context::Roles;

/// A node that is known by its subject under a CA of others.
#[derive(Clone, Debug)]
pub(crate) struct Under {
    /// Its name.
    pub(crate) name: NodeName,
    /// The subject of its certificates, as a string (RFC 4514).
    pub(crate) subject: String,
    /// What it may do.
    pub(crate) roles: Roles,
    /// What it is entitled to.
    pub(crate) entitlement: Entitlement,
}

impl Pki {
    /// The CAs of others that are trusted, in the order of their names.
    pub(crate) fn authorities(&self) -> Result<Vec<Authority>, PkiError> {
        let dir = self.authorities_dir();
        match dir.exists() {
            true => Ok(Authority::all(&peers::stamp(&dir, peers::ENTRY).at(&dir)?, self)),
            false => Ok(Vec::new()),
        }
    }

    /// The trusted CA of this name.
    pub(crate) fn authority(&self, name: &NodeName) -> Result<Authority, PkiError> {
        let found = Authority::of_name(name, self)?;
        found.ok_or_else(|| PkiError::NoAuthority { name: name.to_string() })
    }

    /// A CA as it would be trusted under this name; one has one name.
    pub(crate) fn trusting(
        &self,
        name: &NodeName,
        ca: X509,
        crl: Option<CrlSource>,
    ) -> Result<Authority, PkiError> {
        let dir = self.authorities_dir();
        let authority = Authority::new(name, ca, crl, self).at(&dir)?;
        let same = |other: &Authority| {
            other.fingerprint == authority.fingerprint && other.name != authority.name
        };
        match self.authorities()?.into_iter().find(same) {
            Some(other) => Err(PkiError::Trusted { name: other.name }),
            None => Ok(authority),
        }
    }

    /// Trusts it, in the place of an earlier one of its name.
    pub(crate) fn trust(&self, authority: &Authority) -> Result<(), PkiError> {
        let _guard = self.lock()?;
        authority.write(&self.authorities_dir())
    }

    /// Trusts it no more: a running server ends the connections of its nodes within a second.
    pub(crate) fn distrust(&self, authority: &Authority) -> Result<(), PkiError> {
        let _guard = self.lock()?;
        authority.remove(&self.authorities_dir())?;
        for path in [self.crl_file(&authority.name), self.looked_file(&authority.name)] {
            // There need not be any, and without the CA they mean nothing.
            drop(std::fs::remove_file(path));
        }
        Ok(())
    }

    /// The node as it would be entered by its subject under a trusted CA; one subject is of one node.
    pub(crate) fn under(&self, under: &Under, authority: &Authority) -> Result<Peer, PkiError> {
        let Under { name, subject, roles, entitlement } = under;
        let peer = Peer::under(authority, name, subject, roles.clone(), entitlement.clone());
        let same = |other: &Peer| {
            (&other.ca, &other.subject) == (&peer.ca, &peer.subject) && other.name != peer.name
        };
        match list(&self.peers_dir())?.into_iter().find(same) {
            Some(other) => Err(PkiError::Taken { name: other.name }),
            None => Ok(peer),
        }
    }

    /// Enters it.
    pub(crate) fn enter(&self, under: &Under, authority: &Authority) -> Result<Peer, PkiError> {
        let _guard = self.lock()?;
        let peer = self.under(under, authority)?;
        peer.write(&self.peers_dir())?;
        Ok(peer)
    }
}
