//! One CA that is trusted.

use super::super::peers::Stamp;
use super::super::{At, NodeName, PkiError};
use crate::files;
use chrono::{DateTime, Utc};
use openssl::error::ErrorStack;
use openssl::pkey::{PKey, Public};
use openssl::stack::Stack;
use openssl::x509::store::{X509Store, X509StoreBuilder};
use openssl::x509::verify::{X509VerifyFlags, X509VerifyParam};
use openssl::x509::{X509, X509PurposeId, X509Ref, X509StoreContext, X509VerifyResult};
use renkei_client::{certificate, pair};
use serde::{Deserialize, Serialize};
use std::fmt;
use std::path::{Path, PathBuf};

/// The longest file that is read.
const LONGEST: u64 = 1024 * 1024;
/// What OpenSSL calls 112 bits, as at the handshake.
const SECURITY_LEVEL: i32 = 2;

/// A CA of others that is trusted.
pub(crate) struct Authority {
    /// What it is called here.
    pub(crate) name: String,
    /// Its subject.
    pub(crate) subject: String,
    /// SHA-256 of its certificate, lower-case hexadecimal.
    pub(crate) fingerprint: String,
    /// When its certificate ends.
    pub(crate) expires: DateTime<Utc>,
    certificate: X509,
    /// What a certificate of it is verified against: it alone.
    store: X509Store,
}

/// The file of a CA.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    /// PEM.
    certificate: String,
}

impl Authority {
    /// A CA under this name.
    pub(crate) fn new(name: &NodeName, certificate: X509) -> Result<Self, ErrorStack> {
        Ok(Self {
            name: name.to_string(),
            subject: certificate::subject(&certificate),
            fingerprint: certificate::fingerprint(&certificate)?,
            expires: pair::time(certificate.not_after()),
            store: store(&certificate)?,
            certificate,
        })
    }

    /// Its certificate.
    pub(crate) fn certificate(&self) -> &X509 {
        &self.certificate
    }

    /// Enters it, in the place of an older one of its name.
    pub(in crate::pki) fn write(&self, dir: &Path) -> Result<(), PkiError> {
        files::private_dir(dir).at(dir)?;
        let path = file(dir, &self.name);
        let pem = self.certificate.to_pem().at(&path)?;
        let entry = Entry { certificate: String::from_utf8_lossy(&pem).into_owned() };
        let text = toml::to_string(&entry)
            .map_err(|e| PkiError::Peer { path: path.clone(), reason: e.to_string() })?;
        files::write_private(&path, text.as_bytes()).at(&path)
    }

    /// The one of this name; `None` when there is none.
    pub(in crate::pki) fn of_name(name: &NodeName, dir: &Path) -> Result<Option<Self>, PkiError> {
        let path = file(dir, name.as_str());
        if path.exists() { Self::read(&path).map(Some) } else { Ok(None) }
    }

    /// Trusts it no more.
    pub(in crate::pki) fn remove(&self, dir: &Path) -> Result<(), PkiError> {
        let path = file(dir, &self.name);
        std::fs::remove_file(&path).at(&path)
    }

    /// Reads every file; one that is wrong is reported, and its CA is not trusted.
    pub(in crate::pki) fn all(stamp: &Stamp) -> Vec<Self> {
        let read = |path: &PathBuf| match Self::read(path) {
            Ok(authority) => Some(authority),
            Err(error) => {
                tracing::warn!(%error, "CA not read");
                None
            }
        };
        stamp.iter().filter_map(|(path, ..)| read(path)).collect()
    }

    fn read(path: &Path) -> Result<Self, PkiError> {
        let wrong = |reason: String| PkiError::Peer { path: path.to_owned(), reason };
        let stem = path.file_stem().and_then(|name| name.to_str()).unwrap_or_default();
        let name: NodeName =
            stem.parse().map_err(|e: super::super::NotAName| wrong(e.to_string()))?;
        if std::fs::metadata(path).at(path)?.len() > LONGEST {
            return Err(wrong("too long for the file of a CA".to_owned()));
        }
        let text = std::fs::read_to_string(path).at(path)?;
        let entry: Entry = toml::from_str(&text).map_err(|e| wrong(e.message().to_owned()))?;
        let certificate = X509::from_pem(entry.certificate.as_bytes()).at(path)?;
        Self::new(&name, certificate).at(path)
    }

    /// Whether its key made the signature of a certificate.
    pub(in crate::pki) fn signed(&self, certificate: &X509Ref) -> bool {
        let is_named = self.certificate.issued(certificate) == X509VerifyResult::OK;
        let key = self.certificate.public_key().ok().filter(|_| is_named);
        key.is_some_and(|key| is_signed(certificate, &key))
    }

    /// Whether it stands by a certificate that it signed, in OpenSSL's words if not; `None` when it did not sign it.
    ///
    /// The handshake verified the chain. What is verified again is that this CA and no other one signed the certificate, that
    /// it is a client's and good now: a session that is resumed has no chain any more.
    pub(in crate::pki) fn vouches(&self, certificate: &X509Ref) -> Option<Result<(), String>> {
        if !self.signed(certificate) {
            return None;
        }
        let verified = X509StoreContext::new().and_then(|mut context| {
            let chain = Stack::new()?;
            context.init(&self.store, certificate, &chain, |context| {
                Ok(match context.verify_cert()? {
                    true => X509VerifyResult::OK,
                    false => context.error(),
                })
            })
        });
        forget();
        Some(match verified {
            Ok(X509VerifyResult::OK) => Ok(()),
            Ok(found) => Err(found.error_string().to_owned()),
            Err(error) => Err(error.to_string()),
        })
    }
}

/// Whether `key` made the signature of a certificate.
pub(in crate::pki) fn is_signed(certificate: &X509Ref, key: &PKey<Public>) -> bool {
    let is_signed = certificate.verify(key).unwrap_or(false);
    forget();
    is_signed
}

/// What OpenSSL has to say of a refusal waits in the queue of the thread, where the next read of a connection would take
/// it for its own.
fn forget() {
    drop(ErrorStack::get());
}

/// What certificates of one CA are verified against.
fn store(certificate: &X509) -> Result<X509Store, ErrorStack> {
    let mut param = X509VerifyParam::new()?;
    param.set_purpose(X509PurposeId::SSL_CLIENT)?;
    param.set_auth_level(SECURITY_LEVEL);
    param.set_flags(X509VerifyFlags::PARTIAL_CHAIN)?;
    let mut store = X509StoreBuilder::new()?;
    store.add_cert(certificate.clone())?;
    store.set_param(&param)?;
    Ok(store.build())
}

fn file(dir: &Path, name: &str) -> PathBuf {
    dir.join(format!("{name}.toml"))
}

impl fmt::Debug for Authority {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Authority").field("name", &self.name).finish_non_exhaustive()
    }
}
