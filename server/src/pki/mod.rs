//! The development PKI of a house: one CA, the server's certificate, certificates of peers, and the
//! table of peers that may connect.
//!
//! A chain to the CA is not enough to be let in: a peer is known by its certificate's fingerprint
//! (ITI TF-2: 3.19.6.1 leaves authorization to the node; trusting whatever a CA signs is discouraged).

mod authority;
mod certificate;
mod csr;
mod days;
mod ending;
mod entitlement;
mod foreign;
mod name;
mod peer;
mod peers;
mod presented;
mod sightings;
mod trust;
mod trusting;

pub(crate) use csr::SigningRequest;
pub(crate) use days::Days;
pub(crate) use ending::Ending;
#[cfg(test)]
pub(crate) use entitlement::SIGHTS;
pub(crate) use entitlement::{
    Entitlement, Id, Node, NotANode, NotASight, NotAnId, OfInstitution, Sight, Terms,
};
pub(crate) use foreign::read as read_foreign;
pub(crate) use name::{DESK, NodeName, NotAName};
pub(crate) use peer::{Earlier, Peer};
pub(crate) use peers::{PeerTable, list};
pub(crate) use presented::Presented;
pub(crate) use sightings::{Kept, Row, Sightings, Strangers};
pub(crate) use trust::{
    Authority, Crl, CrlLimits, CrlSource, Keeper, Lists, Looked, NotASource, Verdict, Vouched,
    read_authority, read_crl, take_crl,
};
pub(crate) use trusting::Under;

use crate::files;
use authority::Authority as HouseAuthority;
use certificate::{Issued, Request, Usage};
use chrono::{DateTime, Utc};
use openssl::pkcs12::Pkcs12;
use openssl::pkey::PKey;
use openssl::stack::Stack;
use openssl::x509::X509;
use renkei_client::pair::{self, PairError};
use renkei_context::{Role, Roles};
use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};

/// Why something of the PKI cannot be made or read.
#[derive(Debug, thiserror::Error)]
pub(crate) enum PkiError {
    /// The file system.
    #[error("{path}: {error}")]
    Io { path: PathBuf, error: io::Error },
    /// OpenSSL, or a file that does not hold what it should.
    #[error("{path}: {error}")]
    Openssl { path: PathBuf, error: openssl::error::ErrorStack },
    /// Files of another node where those of a node shall be written.
    #[error(
        "{path}: {other} の証明書があります。別の --out を指定してください / holds the certificate of {other}; give another --out"
    )]
    Occupied { path: PathBuf, other: String },
    /// What is no request for a certificate, or none that may be granted.
    #[error("{path}: {reason}")]
    Request { path: PathBuf, reason: String },
    /// A key or a certificate with a key where a node that has its own key is to find its certificate.
    #[error(
        "{path}: 別の鍵のファイルがあります。移すか、別の --out を指定してください / is of another key; move it away, or give another --out"
    )]
    OtherKey { path: PathBuf },
    /// A certificate or key that cannot be presented.
    #[error(transparent)]
    Pair(#[from] PairError),
    /// One half of the server's own pair.
    #[error(
        "{given} だけが設定されています。{missing} も設定してください / {given} is set without {missing}; set both or neither"
    )]
    Half { given: &'static str, missing: &'static str },
    /// A certificate that is of another node already.
    #[error(
        "この証明書はノード {name} のものとして登録済みです / this certificate is entered as that of the node {name}"
    )]
    Taken { name: String },
    /// A CA that is trusted already.
    #[error(
        "この認証局は {name} という名前で登録済みです / this CA is trusted already, under the name {name}"
    )]
    Trusted { name: String },
    /// A CA that is not trusted.
    #[error(
        "{name}: 信頼している認証局にありません(`renkei pki trust list` で確認できます) / is no CA that is trusted (see `renkei pki trust list`)"
    )]
    NoAuthority { name: String },
    /// A peer file that cannot be read.
    #[error("{path}: {reason}")]
    Peer { path: PathBuf, reason: String },
}

/// Attaches a path to an error.
trait At<T> {
    fn at(self, path: &Path) -> Result<T, PkiError>;
}

impl<T> At<T> for io::Result<T> {
    fn at(self, path: &Path) -> Result<T, PkiError> {
        self.map_err(|error| PkiError::Io { path: path.to_owned(), error })
    }
}

impl<T> At<T> for Result<T, openssl::error::ErrorStack> {
    fn at(self, path: &Path) -> Result<T, PkiError> {
        self.map_err(|error| PkiError::Openssl { path: path.to_owned(), error })
    }
}

/// The folder `pki` of a data directory.
#[derive(Clone, Debug)]
pub(crate) struct Pki {
    dir: PathBuf,
}

/// The files that the server presents and trusts.
#[derive(Clone, Debug)]
pub(crate) struct ServerFiles {
    /// The server's certificate, PEM.
    pub(crate) certificate: PathBuf,
    /// Its key, PEM.
    pub(crate) key: PathBuf,
    /// The CA whose clients are let into the handshake, PEM.
    pub(crate) authority: PathBuf,
}

impl ServerFiles {
    /// The house's own certificates by the words for them, and when they end.
    pub(crate) fn ends(&self) -> Result<Vec<(&'static str, DateTime<Utc>)>, PkiError> {
        let files = [(ending::SERVER, &self.certificate), (ending::AUTHORITY, &self.authority)];
        let end = |(name, path): (&'static str, &PathBuf)| {
            let certificate = X509::from_pem(&std::fs::read(path).at(path)?).at(path)?;
            Ok((name, pair::time(certificate.not_after())))
        };
        files.into_iter().map(end).collect()
    }

    /// Whether the two belong together and the certificate is good now; it and its chain if so.
    fn check(&self, now: DateTime<Utc>) -> Result<Vec<X509>, PkiError> {
        let read = |path: &PathBuf| std::fs::read(path).at(path);
        let (chain, key) = (read(&self.certificate)?, read(&self.key)?);
        let (chain, _) = pair::fitting((&self.certificate, &chain), (&self.key, &key))?;
        if let Some(leaf) = chain.first() {
            pair::good(&self.certificate, leaf, now)?;
        }
        Ok(chain)
    }
}

/// What to issue.
#[derive(Clone, Debug)]
pub(crate) struct Issue {
    /// The name of the node; one node has one certificate.
    pub(crate) name: NodeName,
    /// What it may do.
    pub(crate) roles: Roles,
    /// What it is entitled to.
    pub(crate) entitlement: Entitlement,
    /// For how many days.
    pub(crate) days: u32,
    /// Password of `identity.p12`; empty for none.
    pub(crate) password: String,
    /// Host names and addresses under which it listens for replies, or serves; usually none. A gateway has
    /// those of its own machine besides.
    pub(crate) hosts: Vec<String>,
    /// For how many days more the certificate is let in that this one replaces; usually none.
    pub(crate) overlap_days: u32,
    /// The key that the node made itself; without it, one is made for it.
    pub(crate) csr: Option<SigningRequest>,
}

/// A node that has a certificate of others.
#[derive(Clone, Debug)]
pub(crate) struct Pinned {
    /// Its name.
    pub(crate) name: NodeName,
    /// What it may do.
    pub(crate) roles: Roles,
    /// What it is entitled to.
    pub(crate) entitlement: Entitlement,
    /// For how many days more the certificate is let in that this one replaces.
    pub(crate) overlap_days: u32,
}

impl Pki {
    /// The PKI of a data directory; folders are made, the CA when it is first needed.
    pub(crate) fn open(data_dir: &Path) -> Result<Self, PkiError> {
        let pki = Self { dir: data_dir.join("pki") };
        files::private_dir(&pki.peers_dir()).at(&pki.dir)?;
        Ok(pki)
    }

    /// The certificate of the CA, PEM.
    pub(crate) fn authority_file(&self) -> PathBuf {
        self.dir.join("ca.pem")
    }

    /// One file a peer.
    pub(crate) fn peers_dir(&self) -> PathBuf {
        self.dir.join("peers")
    }

    /// One file a trusted CA of others.
    fn authorities_dir(&self) -> PathBuf {
        self.dir.join("authorities")
    }

    /// What trusted CAs revoked.
    fn crls_dir(&self) -> PathBuf {
        self.dir.join("crls")
    }

    /// The last good list of the CA `name`.
    fn crl_file(&self, name: &str) -> PathBuf {
        self.crls_dir().join(format!("{name}.pem"))
    }

    /// What became of the last look for one.
    fn looked_file(&self, name: &str) -> PathBuf {
        self.crls_dir().join(format!("{name}.json"))
    }

    /// What was issued to nodes that are let in no more.
    fn revoked_dir(&self) -> PathBuf {
        self.dir.join("revoked")
    }

    /// When nodes were seen.
    fn sightings_file(&self) -> PathBuf {
        self.dir.join("seen.json")
    }

    /// The server's certificate for `host`, made or renewed when needed.
    pub(crate) fn server(&self, host: &str) -> Result<ServerFiles, PkiError> {
        let _guard = self.lock()?;
        let authority = HouseAuthority::open_or_create(&self.dir)?;
        let found = ServerFiles {
            certificate: self.dir.join("server.pem"),
            key: self.dir.join("server.key"),
            authority: self.authority_file(),
        };
        let fits = std::fs::read(&found.certificate)
            .ok()
            .filter(|_| found.key.exists())
            .and_then(|pem| X509::from_pem(&pem).ok())
            .is_some_and(|c| certificate::serves(&c, host) && authority.signed(&c));
        if !fits {
            let issued = authority
                .issue(&Request { name: host, usage: Usage::Server { host }, days: SERVER_DAYS })
                .at(&found.certificate)?;
            // The key first: a crash between the two leaves a pair that does not fit, and a pair
            // whose certificate is missing or old is made anew.
            drop(std::fs::remove_file(&found.certificate));
            files::write_private(&found.key, &issued.key_pem).at(&found.key)?;
            files::write_public(&found.certificate, &issued.certificate_pem)
                .at(&found.certificate)?;
        }
        Ok(found)
    }

    /// The pair that an operator names for the server, or the made one; what cannot be presented is refused by name.
    pub(crate) fn presented(
        &self,
        host: &str,
        given: (Option<PathBuf>, Option<PathBuf>),
    ) -> Result<ServerFiles, PkiError> {
        let files = match given {
            (None, None) => self.server(host)?,
            (Some(certificate), Some(key)) => {
                let _guard = self.lock()?;
                HouseAuthority::open_or_create(&self.dir)?;
                ServerFiles { certificate, key, authority: self.authority_file() }
            }
            (Some(_), None) => {
                return Err(PkiError::Half { given: "tls.certificate", missing: "tls.key" });
            }
            (None, Some(_)) => {
                return Err(PkiError::Half { given: "tls.key", missing: "tls.certificate" });
            }
        };
        let chain = files.check(Utc::now())?;
        self.keep_vouching(&files, &chain)?;
        if let Some(leaf) = chain.first()
            && !certificate::names_host(leaf, host)
        {
            tracing::warn!(
                certificate = %files.certificate.display(),
                host,
                "サーバー証明書に public_host の名前がありません。相手は接続を拒否します / the server's certificate does not name public_host, so that peers refuse it"
            );
        }
        Ok(files)
    }

    /// Keeps who vouches for a server certificate of others, for the `ca.pem` of nodes.
    fn keep_vouching(&self, files: &ServerFiles, chain: &[X509]) -> Result<(), PkiError> {
        let path = self.vouching_file();
        let (leaf, issuers) = chain.split_at(chain.len().min(1));
        let vouching = if issuers.is_empty() { leaf } else { issuers };
        if files.certificate == self.dir.join("server.pem") {
            drop(std::fs::remove_file(&path));
            return Ok(());
        }
        let pems: Result<Vec<Vec<u8>>, _> = vouching.iter().map(|c| c.to_pem()).collect();
        files::write_public(&path, &pems.at(&path)?.concat()).at(&path)
    }

    fn vouching_file(&self) -> PathBuf {
        self.dir.join("server-ca.pem")
    }

    /// Issues a certificate for a peer into `out` and enters it in the table of peers.
    ///
    /// `out` receives `cert.pem`, `key.pem`, `ca.pem` and `identity.p12`; of a node that has its own key, what
    /// holds none. A peer of the same name is replaced: its old certificate is let in for `overlap_days` more, and the
    /// one before that no longer. Files of a peer of another name are not written over.
    pub(crate) fn issue(&self, issue: &Issue, out: &Path) -> Result<Peer, PkiError> {
        let _guard = self.lock()?;
        is_free_for(&issue.name, out)?;
        let authority = HouseAuthority::open_or_create(&self.dir)?;
        let hosts = hosts(issue);
        let usage = Usage::Client { hosts: &hosts };
        let request = Request { name: issue.name.as_str(), usage, days: issue.days };
        let certificate = match &issue.csr {
            Some(csr) => {
                holds_no_other_key(csr, out)?;
                authority.certify(&request, csr.key()).at(out)?
            }
            None => {
                let issued = authority.issue(&request).at(out)?;
                keep_key(issue, &issued, &authority, out)?;
                issued.certificate
            }
        };
        let mut trusted = authority.certificate().to_pem().at(out)?;
        trusted.extend(std::fs::read(self.vouching_file()).unwrap_or_default());
        put(out, "ca.pem", &trusted, files::write_public)?;
        put(out, "cert.pem", &certificate.to_pem().at(out)?, files::write_public)?;
        let (roles, entitlement) = (issue.roles.clone(), issue.entitlement.clone());
        let peer = Peer::of(&issue.name, roles, entitlement, &certificate).at(out)?;
        let peer = self.overlapping(peer, &issue.name, issue.overlap_days)?;
        peer.write(&self.peers_dir())?;
        Ok(peer)
    }

    /// Whether `issue` may write into `out`, as far as that is known before.
    pub(crate) fn may_write(issue: &Issue, out: &Path) -> Result<(), PkiError> {
        is_free_for(&issue.name, out)
    }

    /// The same beside the certificate of this name that it replaces, for so many days.
    fn overlapping(&self, peer: Peer, name: &NodeName, days: u32) -> Result<Peer, PkiError> {
        let replaced = match days {
            0 => None,
            // A node that was known by its subject had no certificate that stood here.
            _ => self.peer(name)?.filter(|peer| peer.ca.is_none()),
        };
        // One that is entered again is no other one.
        let replaced = replaced.filter(|replaced| replaced.fingerprint != peer.fingerprint);
        Ok(match replaced {
            Some(replaced) => peer.after(&replaced, days, Utc::now()),
            None => peer,
        })
    }

    /// The node as it would be entered with a certificate of others; one certificate is of one node.
    pub(crate) fn pinned(&self, pinned: &Pinned, certificate: &X509) -> Result<Peer, PkiError> {
        let dir = self.peers_dir();
        let Pinned { name, roles, entitlement, overlap_days } = pinned;
        let peer = Peer::of(name, roles.clone(), entitlement.clone(), certificate).at(&dir)?;
        let same = |other: &Peer| other.fingerprint == peer.fingerprint && other.name != peer.name;
        if let Some(other) = list(&dir)?.into_iter().find(same) {
            return Err(PkiError::Taken { name: other.name });
        }
        self.overlapping(peer.pinned(), name, *overlap_days)
    }

    /// Enters it.
    pub(crate) fn pin(&self, pinned: &Pinned, certificate: &X509) -> Result<Peer, PkiError> {
        let _guard = self.lock()?;
        let peer = self.pinned(pinned, certificate)?;
        peer.write(&self.peers_dir())?;
        Ok(peer)
    }

    /// The node of this name, if it may connect.
    pub(crate) fn peer(&self, name: &NodeName) -> Result<Option<Peer>, PkiError> {
        Peer::of_name(name, &self.peers_dir())
    }

    /// Enters that `by` approved what a node is entitled to of everything of a kind; `None` when there is no such node.
    pub(crate) fn approve(&self, name: &NodeName, by: &str) -> Result<Option<Peer>, PkiError> {
        let _guard = self.lock()?;
        let Some(peer) = self.peer(name)? else { return Ok(None) };
        let peer = peer.approved(by, Utc::now());
        peer.write(&self.peers_dir())?;
        Ok(Some(peer))
    }

    /// Lets a node in no more: a running server ends its connections within a second. `None` when there is no such
    /// node. What was issued to it stays on file in `revoked`.
    pub(crate) fn revoke(&self, name: &NodeName) -> Result<Option<Peer>, PkiError> {
        let _guard = self.lock()?;
        Peer::revoke(name, &self.peers_dir(), &self.revoked_dir())
    }

    /// The directory of an identity of the house itself, issued or renewed when needed.
    pub(crate) fn own_identity(&self, name: &NodeName, roles: Roles) -> Result<PathBuf, PkiError> {
        self.identity_of(name, roles, Entitlement::of_house())
    }

    /// The same for a node that the house itself makes for others, and that is entitled as they are.
    pub(crate) fn identity_of(
        &self,
        name: &NodeName,
        roles: Roles,
        entitlement: Entitlement,
    ) -> Result<PathBuf, PkiError> {
        let out = self.dir.join("own").join(name.as_str());
        let name = &name.own();
        let fits = std::fs::read(out.join("cert.pem"))
            .ok()
            .filter(|_| out.join("key.pem").exists())
            .and_then(|pem| X509::from_pem(&pem).ok())
            .filter(|c| !certificate::ends_soon(c))
            .and_then(|c| Peer::of(name, roles.clone(), entitlement.clone(), &c).ok())
            .is_some_and(|p| p.is_entered(&self.peers_dir()));
        if !fits {
            let (password, hosts) = (String::new(), Vec::new());
            let (name, days) = (name.clone(), SERVER_DAYS);
            let issue = Issue {
                name,
                roles,
                entitlement,
                days,
                password,
                hosts,
                overlap_days: 0,
                csr: None,
            };
            self.issue(&issue, &out)?;
        }
        Ok(out)
    }

    /// One process at a time changes files here; a server may run while `pki issue` does.
    fn lock(&self) -> Result<File, PkiError> {
        let path = self.dir.join("lock");
        let file =
            File::options().create(true).truncate(false).write(true).open(&path).at(&path)?;
        file.lock().at(&path)?;
        Ok(file)
    }
}

/// Where the node listens. A gateway serves as well as it calls, and always on its own machine.
fn hosts(issue: &Issue) -> Vec<String> {
    let own: &[&str] = match issue.roles.has(Role::Gateway) {
        true => &["localhost", "127.0.0.1", "::1"],
        false => &[],
    };
    let mut hosts: Vec<String> = own.iter().map(|host| (*host).to_owned()).collect();
    hosts.extend(issue.hosts.iter().filter(|host| !own.contains(&host.as_str())).cloned());
    hosts
}

/// Whether `out` holds nothing, or files of the node itself.
fn is_free_for(name: &NodeName, out: &Path) -> Result<(), PkiError> {
    let path = out.join("cert.pem");
    let there = std::fs::read(&path).ok().and_then(|pem| X509::from_pem(&pem).ok());
    let other = there.as_ref().and_then(certificate::common_name);
    match other.filter(|other| other != name.as_str()) {
        Some(other) => Err(PkiError::Occupied { path, other }),
        None => Ok(()),
    }
}

/// Writes the files of a node that hold its key.
fn keep_key(
    issue: &Issue,
    issued: &Issued,
    authority: &HouseAuthority,
    out: &Path,
) -> Result<(), PkiError> {
    let mut chain = Stack::new().at(out)?;
    chain.push(authority.certificate().clone()).at(out)?;
    let p12 = Pkcs12::builder()
        .name(issue.name.as_str())
        .pkey(&issued.key)
        .cert(&issued.certificate)
        .ca(chain)
        .build2(&issue.password)
        .and_then(|p| p.to_der())
        .at(out)?;
    put(out, "key.pem", &issued.key_pem, files::write_private)?;
    put(out, "identity.p12", &p12, files::write_private)
}

fn put(
    out: &Path,
    name: &str,
    bytes: &[u8],
    write: impl Fn(&Path, &[u8]) -> io::Result<()>,
) -> Result<(), PkiError> {
    files::private_dir(out).at(out)?;
    let path = out.join(name);
    write(&path, bytes).at(&path)
}

/// A certificate beside a key that is not its own would let nobody in: what is there has to be the node's own key.
fn holds_no_other_key(csr: &SigningRequest, out: &Path) -> Result<(), PkiError> {
    let (key, p12) = (out.join("key.pem"), out.join("identity.p12"));
    let there = std::fs::read(&key).ok().map(|pem| PKey::private_key_from_pem(&pem).ok());
    let is_other = there.is_some_and(|key| !key.is_some_and(|key| key.public_eq(csr.key())));
    match (is_other, p12.exists()) {
        (true, _) => Err(PkiError::OtherKey { path: key }),
        (false, true) => Err(PkiError::OtherKey { path: p12 }),
        (false, false) => Ok(()),
    }
}

/// Days for which the house's own certificates are good (ITI TF-2: 3.19.6.1 recommends two years
/// at most).
const SERVER_DAYS: u32 = 365;

#[cfg(test)]
mod tests;
