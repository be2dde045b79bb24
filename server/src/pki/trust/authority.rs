//! One CA that is trusted.

use super::super::peers::Stamp;
use super::super::{At, NodeName, Pki, PkiError};
use super::crl::{CrlSource, List};
use crate::files;
use crate::settings::StaleCrl;
use chrono::{DateTime, Utc};
use openssl::error::ErrorStack;
use openssl::pkey::{PKey, Public};
use openssl::ssl::SslFiletype;
use openssl::stack::Stack;
use openssl::x509::store::{X509Lookup, X509Store, X509StoreBuilder};
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
    /// What it revoked, if that is asked.
    pub(crate) crl: Option<Crl>,
    certificate: X509,
    /// What a certificate of it is verified against: it alone, and what it revoked.
    store: X509Store,
    /// The same where a list past its time goes on, and none keeps nobody out.
    lenient: X509Store,
}

/// What is known of the list of a CA.
#[derive(Clone, Debug)]
pub(crate) struct Crl {
    /// Where it comes from.
    pub(crate) source: CrlSource,
    /// The last good one.
    pub(crate) list: Option<List>,
}

/// A CA that publishes what it revoked.
#[derive(Clone, Debug)]
pub(in crate::pki) struct Publishing {
    pub(super) name: String,
    pub(super) certificate: X509,
    pub(super) source: CrlSource,
    pub(super) list: Option<List>,
}

impl Publishing {
    /// Whether it is the same source of the same CA.
    pub(super) fn is_same(&self, other: &Self) -> bool {
        (&self.certificate, &self.source) == (&other.certificate, &other.source)
    }
}

/// The file of a CA.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    /// PEM.
    certificate: String,
    /// A file, or a URL.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    crl: Option<String>,
}

impl Authority {
    /// A CA under this name; what it revoked is what `pki` keeps of it.
    pub(in crate::pki) fn new(
        name: &NodeName,
        certificate: X509,
        source: Option<CrlSource>,
        pki: &Pki,
    ) -> Result<Self, ErrorStack> {
        let path = pki.crl_file(name.as_str());
        let crl = source.map(|source| Crl { source, list: List::kept(&path, &certificate) });
        let list = crl.as_ref().and_then(|crl| crl.list.as_ref()).map(|_| path.as_path());
        let (asked, timeless) = (X509VerifyFlags::CRL_CHECK, X509VerifyFlags::NO_CHECK_TIME);
        let (strict, lenient) = match (&crl, list) {
            (None, _) => (X509VerifyFlags::empty(), X509VerifyFlags::empty()),
            (Some(_), None) => (asked, X509VerifyFlags::empty()),
            // The dates of certificates are looked at by whoever asks.
            (Some(_), Some(_)) => (asked, asked | timeless),
        };
        Ok(Self {
            name: name.to_string(),
            subject: certificate::subject(&certificate),
            fingerprint: certificate::fingerprint(&certificate)?,
            expires: pair::time(certificate.not_after()),
            store: store(&certificate, list, strict)?,
            lenient: store(&certificate, list, lenient)?,
            crl,
            certificate,
        })
    }

    /// What it publishes, if anybody asks.
    pub(in crate::pki) fn publishing(&self) -> Option<Publishing> {
        let Crl { source, list } = self.crl.clone()?;
        let (name, certificate) = (self.name.clone(), self.certificate.clone());
        Some(Publishing { name, certificate, source, list })
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
        let certificate = String::from_utf8_lossy(&pem).into_owned();
        let crl = self.crl.as_ref().map(|crl| crl.source.to_string());
        let entry = Entry { certificate, crl };
        let text = toml::to_string(&entry)
            .map_err(|e| PkiError::Peer { path: path.clone(), reason: e.to_string() })?;
        files::write_private(&path, text.as_bytes()).at(&path)
    }

    /// The one of this name; `None` when there is none.
    pub(in crate::pki) fn of_name(name: &NodeName, pki: &Pki) -> Result<Option<Self>, PkiError> {
        let path = file(&pki.authorities_dir(), name.as_str());
        if path.exists() { Self::read(&path, pki).map(Some) } else { Ok(None) }
    }

    /// Trusts it no more.
    pub(in crate::pki) fn remove(&self, dir: &Path) -> Result<(), PkiError> {
        let path = file(dir, &self.name);
        std::fs::remove_file(&path).at(&path)
    }

    /// Reads every file; one that is wrong is reported, and its CA is not trusted.
    pub(in crate::pki) fn all(stamp: &Stamp, pki: &Pki) -> Vec<Self> {
        let read = |path: &PathBuf| match Self::read(path, pki) {
            Ok(authority) => Some(authority),
            Err(error) => {
                tracing::warn!(%error, "CA not read");
                None
            }
        };
        stamp.iter().filter_map(|(path, ..)| read(path)).collect()
    }

    fn read(path: &Path, pki: &Pki) -> Result<Self, PkiError> {
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
        let source = entry.crl.map(|text| text.parse()).transpose();
        let source = source.map_err(|e: super::crl::NotASource| wrong(e.to_string()))?;
        Self::new(&name, certificate, source, pki).at(path)
    }

    /// Whether it publishes what it revoked, and no list of it is good now.
    pub(in crate::pki) fn is_stale(&self, now: DateTime<Utc>) -> bool {
        let is_stale = |crl: &Crl| crl.list.as_ref().is_none_or(|list| list.is_stale(now));
        self.crl.as_ref().is_some_and(is_stale)
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
    /// Where `stale` admits it, a list past its time, or none yet, keeps nobody out who is not on it.
    pub(in crate::pki) fn vouches(
        &self,
        certificate: &X509Ref,
        stale: StaleCrl,
    ) -> Option<Result<(), String>> {
        if !self.signed(certificate) {
            return None;
        }
        let now = Utc::now();
        let store = match stale {
            StaleCrl::Admit if self.is_stale(now) => &self.lenient,
            StaleCrl::Admit | StaleCrl::Refuse => &self.store,
        };
        let verified = X509StoreContext::new().and_then(|mut context| {
            let chain = Stack::new()?;
            context.init(store, certificate, &chain, |context| {
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
pub(super) fn forget() {
    drop(ErrorStack::get());
}

/// What certificates of one CA are verified against, with its list.
fn store(
    certificate: &X509,
    list: Option<&Path>,
    flags: X509VerifyFlags,
) -> Result<X509Store, ErrorStack> {
    let mut param = X509VerifyParam::new()?;
    param.set_purpose(X509PurposeId::SSL_CLIENT)?;
    param.set_auth_level(SECURITY_LEVEL);
    param.set_flags(X509VerifyFlags::PARTIAL_CHAIN | flags)?;
    let mut store = X509StoreBuilder::new()?;
    store.add_cert(certificate.clone())?;
    store.set_param(&param)?;
    // A path that OpenSSL cannot be told has no list, which keeps everybody out.
    if let Some(path) = list.filter(|path| path.to_str().is_some()) {
        store.add_lookup(X509Lookup::file())?.load_crl_file(path, SslFiletype::PEM)?;
    }
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
