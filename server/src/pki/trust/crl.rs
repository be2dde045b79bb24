//! What a CA revoked: its list (RFC 5280: 5), where it comes from, and what is kept of it.

use super::super::{At, Pki, PkiError};
use crate::files;
use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};
use openssl::error::ErrorStack;
use openssl::pkey::{PKey, Public};
use openssl::x509::{X509, X509Crl, X509KeyUsage};
use renkei_client::{certificate, pair};
use serde::{Deserialize, Serialize};
use std::cmp::Ordering;
use std::fmt;
use std::path::{Path, PathBuf};
use std::str::FromStr;
use url::Url;

/// The longest list that is kept, whatever the setting.
const LONGEST: u64 = 256 * 1024 * 1024;

/// Where a CA publishes what it revoked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum CrlSource {
    /// A file that somebody puts there.
    File(PathBuf),
    /// Where it is fetched from.
    Url(Url),
}

/// A text that is neither.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "{0:?}: ファイルか http(s) のURLを指定してください / give a file, or a URL that begins with http:// or https://"
)]
pub(crate) struct NotASource(String);

impl FromStr for CrlSource {
    type Err = NotASource;

    fn from_str(text: &str) -> Result<Self, NotASource> {
        let wrong = || NotASource(text.to_owned());
        match text.split_once("://") {
            Some(("http" | "https", _)) => {
                let url = Url::parse(text).ok().filter(Url::has_host);
                url.map(Self::Url).ok_or_else(wrong)
            }
            Some(_) => Err(wrong()),
            None if text.is_empty() => Err(wrong()),
            None => Ok(Self::File(PathBuf::from(text))),
        }
    }
}

impl fmt::Display for CrlSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(path) => write!(f, "{}", path.display()),
            Self::Url(url) => write!(f, "{url}"),
        }
    }
}

/// What is no list of a CA that may be taken.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum NotTaken {
    #[error("失効リスト(PEM、DER)ではありません / is no CRL in PEM or DER")]
    Form,
    #[error("別の認証局 {0} の失効リストです / is the CRL of another CA, {0}")]
    Other(String),
    #[error("署名がこの認証局のものではありません / is not signed by this CA")]
    Signature,
    #[error(
        "失効リストに署名できる認証局ではありません(keyUsage に cRLSign がない) / the CA may not sign CRLs (keyUsage has no cRLSign)"
    )]
    Mute,
    #[error(
        "発行時刻 {0} が未来です。時計を確認してください / is of {0}, which is to come; look at the clock"
    )]
    Early(String),
    #[error(
        "発行時刻 {0} が、使用中のもの({1})より前です / is of {0}, before that of the one in use ({1})"
    )]
    Older(String, String),
}

/// What is known of a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct List {
    /// When it was made.
    pub(crate) this_update: DateTime<Utc>,
    /// When there is another one; after that, it says nothing any more.
    pub(crate) next_update: Option<DateTime<Utc>>,
    /// How many certificates are on it.
    pub(crate) revoked: usize,
}

impl List {
    /// Reads a list that `ca` signed; with it, its PEM form.
    pub(super) fn read(
        bytes: &[u8],
        ca: &X509,
        now: DateTime<Utc>,
    ) -> Result<(Self, Vec<u8>), NotTaken> {
        let read = Self::parse(bytes, ca, now);
        super::authority::forget();
        read
    }

    fn parse(bytes: &[u8], ca: &X509, now: DateTime<Utc>) -> Result<(Self, Vec<u8>), NotTaken> {
        let crl = X509Crl::from_pem(bytes).or_else(|_| X509Crl::from_der(bytes));
        let crl = crl.map_err(|_| NotTaken::Form)?;
        if !matches!(crl.issuer_name().try_cmp(ca.subject_name()), Ok(Ordering::Equal)) {
            return Err(NotTaken::Other(certificate::name(crl.issuer_name())));
        }
        if !ca.key_usage().is_none_or(|usage| usage.contains(X509KeyUsage::CRL_SIGN)) {
            return Err(NotTaken::Mute);
        }
        let is_signed = |key: PKey<Public>| crl.verify(&key);
        if !matches!(ca.public_key().and_then(is_signed), Ok(true)) {
            return Err(NotTaken::Signature);
        }
        let this_update = pair::time(crl.last_update());
        // As for certificates, a clock may be a little behind.
        if this_update > now + TimeDelta::minutes(5) {
            return Err(NotTaken::Early(second(this_update)));
        }
        let list = Self {
            this_update,
            next_update: crl.next_update().map(pair::time),
            revoked: crl.get_revoked().map_or(0, |revoked| revoked.len()),
        };
        Ok((list, crl.to_pem().map_err(|_: ErrorStack| NotTaken::Form)?))
    }

    /// Whether another one should be there by now.
    pub(crate) fn is_stale(&self, now: DateTime<Utc>) -> bool {
        self.next_update.is_some_and(|next| next <= now)
    }

    /// The one that is kept of a CA, if it is the CA's.
    pub(super) fn kept(path: &Path, ca: &X509) -> Option<Self> {
        if std::fs::metadata(path).ok()?.len() > LONGEST {
            return None;
        }
        let bytes = std::fs::read(path).ok()?;
        match Self::read(&bytes, ca, Utc::now()) {
            Ok((list, _)) => Some(list),
            Err(reason) => {
                tracing::warn!(path = %path.display(), %reason, "CRL not used");
                None
            }
        }
    }
}

/// Takes a new list of the CA `name` in the place of the one that is kept; whether it is another one.
pub(crate) fn take(pki: &Pki, name: &str, ca: &X509, bytes: &[u8]) -> Result<bool, PkiError> {
    let path = pki.crl_file(name);
    let wrong =
        |reason: NotTaken| PkiError::Peer { path: path.clone(), reason: reason.to_string() };
    let (list, pem) = List::read(bytes, ca, Utc::now()).map_err(wrong)?;
    let kept = List::kept(&path, ca);
    if let Some(kept) = kept.filter(|kept| kept.this_update > list.this_update) {
        // Somebody between us and the CA may keep an old one for us.
        let (this, used) = (second(list.this_update), second(kept.this_update));
        return Err(wrong(NotTaken::Older(this, used)));
    }
    if std::fs::read(&path).is_ok_and(|there| there == pem) {
        return Ok(false);
    }
    let dir = pki.crls_dir();
    files::private_dir(&dir).at(&dir)?;
    files::write_private(&path, &pem).at(&path)?;
    Ok(true)
}

/// What became of the last look at a source.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Looked {
    /// When.
    pub(crate) at: DateTime<Utc>,
    /// Why there was no list to take.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) failure: Option<String>,
}

impl Looked {
    /// Writes it down, for `renkei pki trust list`.
    pub(super) fn write(&self, pki: &Pki, name: &str) -> Result<(), PkiError> {
        let (dir, path) = (pki.crls_dir(), pki.looked_file(name));
        files::private_dir(&dir).at(&dir)?;
        let bytes = serde_json::to_vec(self)
            .map_err(|e| PkiError::Peer { path: path.clone(), reason: e.to_string() })?;
        files::write_private(&path, &bytes).at(&path)
    }

    /// The last one of a CA, if a server ever looked.
    pub(crate) fn read(pki: &Pki, name: &str) -> Option<Self> {
        serde_json::from_slice(&std::fs::read(pki.looked_file(name)).ok()?).ok()
    }
}

pub(super) fn second(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Secs, true)
}
