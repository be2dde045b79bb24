//! The certificate, the key and the trusted CA of a node: a directory as `renkei pki issue` writes it.

use crate::certificate;
use crate::pair::{self, PairError};
use chrono::Utc;
use openssl::pkey::{PKey, Private};
use openssl::ssl::{SslConnector, SslMethod, SslVerifyMode, SslVersion};
use openssl::x509::X509;
use openssl::x509::store::X509StoreBuilder;
use std::io;
use std::path::{Path, PathBuf};

/// Why a directory is no identity.
#[derive(Debug, thiserror::Error)]
pub enum IdentityError {
    /// A file cannot be read.
    #[error("{path}: {error}", path = path.display())]
    Io {
        /// Which.
        path: PathBuf,
        /// Why.
        error: io::Error,
    },
    /// A file does not hold what it should.
    #[error("{path}: {reason}", path = path.display())]
    Content {
        /// Which.
        path: PathBuf,
        /// What is wrong.
        reason: String,
    },
}

impl From<PairError> for IdentityError {
    fn from(PairError { path, reason }: PairError) -> Self {
        Self::Content { path, reason }
    }
}

/// Who we are towards other nodes, and whom we trust.
#[derive(Clone)]
pub struct Identity {
    chain_pem: Vec<u8>,
    key_pem: Vec<u8>,
    chain: Vec<X509>,
    key: PKey<Private>,
    authorities: Vec<X509>,
    subject: String,
}

impl Identity {
    /// Reads `cert.pem` (the certificate, then its chain), `key.pem` (PKCS#8) and `ca.pem` (the CAs
    /// that servers are checked against; the system's own list is not used, ITI TF-2: 3.19.6.1.1).
    /// A certificate that has ended is told here, by its name, and not by whoever refuses it.
    pub fn load(dir: &Path) -> Result<Self, IdentityError> {
        let read = |name: &str| {
            let path = dir.join(name);
            std::fs::read(&path).map_err(|error| IdentityError::Io { path, error })
        };
        let identity = Self::of_pem(dir, read("cert.pem")?, read("key.pem")?, &read("ca.pem")?)?;
        if let Some(leaf) = identity.chain.first() {
            pair::good(&dir.join("cert.pem"), leaf, Utc::now())?;
        }
        Ok(identity)
    }

    /// The same of texts that stand elsewhere than in such files; `place` is named in errors.
    ///
    /// # Errors
    /// When one of them is not what it should be.
    pub fn of_pem(
        place: &Path,
        chain_pem: Vec<u8>,
        key_pem: Vec<u8>,
        ca_pem: &[u8],
    ) -> Result<Self, IdentityError> {
        let authorities = certificate::authorities(ca_pem)
            .map_err(|reason| IdentityError::Content { path: place.join("ca.pem"), reason })?;
        let (chain, key) = pair::fitting(
            (&place.join("cert.pem"), &chain_pem),
            (&place.join("key.pem"), &key_pem),
        )?;
        let subject = chain.first().map(|leaf| certificate::subject(leaf)).unwrap_or_default();
        Ok(Self { chain_pem, key_pem, chain, key, authorities, subject })
    }

    /// The same, which trusts the CAs in a PEM file besides its own.
    ///
    /// # Errors
    /// When the file cannot be read or holds no certificate.
    pub fn trusting(mut self, file: &Path) -> Result<Self, IdentityError> {
        let path = || file.to_owned();
        let pem = std::fs::read(file).map_err(|error| IdentityError::Io { path: path(), error })?;
        let found = certificate::authorities(&pem)
            .map_err(|reason| IdentityError::Content { path: path(), reason })?;
        self.authorities.extend(found);
        Ok(self)
    }

    /// The same, which trusts the CAs of a PEM text and no others; `place` is named in errors.
    ///
    /// # Errors
    /// When it holds no certificate.
    pub fn trusting_only(mut self, place: &Path, pem: &[u8]) -> Result<Self, IdentityError> {
        self.authorities = certificate::authorities(pem)
            .map_err(|reason| IdentityError::Content { path: place.to_owned(), reason })?;
        Ok(self)
    }

    /// The subject of the certificate; the UserID of audit records.
    pub fn subject(&self) -> &str {
        &self.subject
    }

    /// The identity as reqwest takes it, and the CAs.
    pub(crate) fn for_http(
        &self,
    ) -> Result<(reqwest::Identity, Vec<reqwest::Certificate>), reqwest::Error> {
        let identity = reqwest::Identity::from_pkcs8_pem(&self.chain_pem, &self.key_pem)?;
        let authorities = self
            .authorities
            .iter()
            .filter_map(|c| c.to_der().ok())
            .map(|der| reqwest::Certificate::from_der(&der))
            .collect::<Result<_, _>>()?;
        Ok((identity, authorities))
    }

    /// A connector for protocols other than HTTP: the same certificate, CAs and versions.
    pub(crate) fn connector(&self) -> Result<SslConnector, openssl::error::ErrorStack> {
        let mut builder = SslConnector::builder(SslMethod::tls_client())?;
        // `builder` begins with the system's CAs; only ours count.
        let mut store = X509StoreBuilder::new()?;
        for authority in &self.authorities {
            store.add_cert(authority.clone())?;
        }
        builder.set_cert_store(store.build());
        builder.set_verify(SslVerifyMode::PEER);
        builder.set_min_proto_version(Some(SslVersion::TLS1_3))?;
        let mut chain = self.chain.iter();
        if let Some(leaf) = chain.next() {
            builder.set_certificate(leaf)?;
        }
        for further in chain {
            builder.add_extra_chain_cert(further.clone())?;
        }
        builder.set_private_key(&self.key)?;
        Ok(builder.build())
    }
}

impl std::fmt::Debug for Identity {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Identity").field("subject", &self.subject).finish_non_exhaustive()
    }
}
