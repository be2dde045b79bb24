//! An entry of the table of peers: a file each.

use super::{At, Authority, Entitlement, NodeName, PkiError};
use crate::files;
use chrono::{DateTime, TimeDelta, Utc};
use openssl::error::ErrorStack;
use openssl::x509::X509Ref;
use renkei_client::{certificate, pair};
use renkei_context::{Role, Roles};
use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};

/// The longest file that is read.
const LONGEST: u64 = 64 * 1024;

/// A node that may connect.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Peer {
    /// Its name.
    pub(crate) name: String,
    /// SHA-256 of its certificate, lower-case hexadecimal; empty where a CA is named.
    pub(crate) fingerprint: String,
    /// The subject of its certificate.
    pub(crate) subject: String,
    /// The trusted CA of which every certificate of that subject is let in.
    pub(crate) ca: Option<String>,
    /// What it may do.
    pub(crate) roles: Roles,
    /// What it is entitled to.
    pub(crate) entitlement: Entitlement,
    /// When its certificate ends, or that of the CA that is named.
    pub(crate) expires: DateTime<Utc>,
    /// The certificate before it, while both are let in.
    pub(crate) earlier: Option<Earlier>,
    /// What a second administrator signed off of it.
    pub(crate) approved: Option<Approved>,
    /// Whether its certificate is let in as it is, whoever signed it (ITI TF-2: 3.19.6.1.2).
    pub(crate) pinned: bool,
}

/// What of a node's entitlement to everything of a kind a second administrator signed off. Issued again, it is to be
/// signed off again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Approved {
    /// Who did.
    pub(crate) by: String,
    /// When.
    pub(crate) at: DateTime<Utc>,
    /// The words, as they are told at every start without it.
    pub(crate) words: Vec<String>,
}

/// A certificate that another one has replaced, and that is let in until its node has changed over.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Earlier {
    /// SHA-256 of it, lower-case hexadecimal.
    pub(crate) fingerprint: String,
    /// How long it is let in; not longer than it is good for.
    pub(crate) until: DateTime<Utc>,
    /// Whether it is let in as it is, whoever signed it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(crate) pinned: bool,
}

/// The file of a peer.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    #[serde(default, skip_serializing_if = "String::is_empty")]
    fingerprint: String,
    subject: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    ca: Option<String>,
    roles: Vec<String>,
    expires: String,
    /// A file without one is of a node that is entitled to the least.
    #[serde(default)]
    entitled: Entitlement,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    earlier: Option<Earlier>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    approved: Option<Approved>,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pinned: bool,
}

impl Peer {
    /// The peer that presents `certificate`.
    pub(super) fn of(
        name: &NodeName,
        roles: Roles,
        entitlement: Entitlement,
        certificate: &X509Ref,
    ) -> Result<Self, ErrorStack> {
        Ok(Self {
            name: name.to_string(),
            fingerprint: certificate::fingerprint(certificate)?,
            subject: certificate::subject(certificate),
            ca: None,
            roles,
            entitlement,
            expires: pair::time(certificate.not_after()),
            earlier: None,
            approved: None,
            pinned: false,
        })
    }

    /// The peer that presents any certificate of `subject` that `authority` signed.
    pub(super) fn under(
        authority: &Authority,
        name: &NodeName,
        subject: &str,
        roles: Roles,
        entitlement: Entitlement,
    ) -> Self {
        Self {
            name: name.to_string(),
            fingerprint: String::new(),
            subject: subject.to_owned(),
            ca: Some(authority.name.clone()),
            roles,
            entitlement,
            expires: authority.expires,
            earlier: None,
            approved: None,
            pinned: false,
        }
    }

    /// By what it is known, for people.
    pub(crate) fn known_by(&self) -> String {
        match &self.ca {
            None => format!("{} (SHA-256 {})", self.subject, self.fingerprint),
            Some(ca) => format!("{} (CA {ca})", self.subject),
        }
    }

    /// By what it is known.
    pub(super) fn key(&self) -> Key {
        match &self.ca {
            None => Key::Certificate(self.fingerprint.clone()),
            Some(ca) => Key::Subject { ca: ca.clone(), subject: self.subject.clone() },
        }
    }

    /// The words for everything of a kind that it is entitled to without a second administrator's approval.
    pub(crate) fn unapproved(&self) -> Vec<&'static str> {
        let approved: &[String] = self.approved.as_ref().map_or(&[], |approved| &approved.words);
        let mut words = self.entitlement.wide();
        words.retain(|word| !approved.iter().any(|approved| approved == word));
        words
    }

    /// The same, of which `by` has approved all that needs it.
    pub(super) fn approved(self, by: &str, at: DateTime<Utc>) -> Self {
        let words = self.entitlement.wide().into_iter().map(str::to_owned).collect();
        Self { approved: Some(Approved { by: by.to_owned(), at, words }), ..self }
    }

    /// The same, let in whoever signed its certificate.
    pub(super) fn pinned(self) -> Self {
        Self { pinned: true, ..self }
    }

    /// The same with the certificate that it replaces, which is let in for so many days more.
    pub(super) fn after(self, replaced: &Self, days: u32, now: DateTime<Utc>) -> Self {
        let until = replaced.expires.min(now + TimeDelta::days(i64::from(days)));
        let (fingerprint, pinned) = (replaced.fingerprint.clone(), replaced.pinned);
        let earlier = Earlier { fingerprint, until, pinned };
        Self { earlier: Some(earlier), ..self }
    }

    /// The same as it is known by its earlier certificate.
    pub(super) fn by_earlier(&self) -> Option<Self> {
        let Earlier { fingerprint, until, pinned } = self.earlier.clone()?;
        Some(Self { fingerprint, ca: None, expires: until, earlier: None, pinned, ..self.clone() })
    }

    /// Enters it, in the place of an older entry of its name.
    pub(super) fn write(&self, dir: &Path) -> Result<(), PkiError> {
        let path = self.path(dir);
        let entry = Entry {
            fingerprint: self.fingerprint.clone(),
            subject: self.subject.clone(),
            ca: self.ca.clone(),
            roles: self.roles.iter().map(|r| r.name().to_owned()).collect(),
            expires: self.expires.to_rfc3339(),
            entitled: self.entitlement.clone(),
            earlier: self.earlier.clone(),
            approved: self.approved.clone(),
            pinned: self.pinned,
        };
        let text = toml::to_string(&entry)
            .map_err(|e| PkiError::Peer { path: path.clone(), reason: e.to_string() })?;
        files::write_private(&path, text.as_bytes()).at(&path)
    }

    /// Takes the entry of `name` out of the table and keeps it in `revoked`, under its name and the beginning of its
    /// fingerprint; `None` when there is none.
    pub(super) fn revoke(
        name: &NodeName,
        dir: &Path,
        revoked: &Path,
    ) -> Result<Option<Self>, PkiError> {
        let Some(peer) = Self::of_name(name, dir)? else { return Ok(None) };
        let path = peer.path(dir);
        files::private_dir(revoked).at(revoked)?;
        let known_by = peer.ca.as_ref().unwrap_or(&peer.fingerprint);
        let kept = revoked.join(format!("{name}{}", revoked_suffix(known_by)));
        std::fs::rename(&path, &kept).at(&path)?;
        Ok(Some(peer))
    }

    /// The entry of `name`; `None` when there is none.
    pub(super) fn of_name(name: &NodeName, dir: &Path) -> Result<Option<Self>, PkiError> {
        let path = dir.join(format!("{name}.toml"));
        if path.exists() { Self::read(&path).map(Some) } else { Ok(None) }
    }

    /// Whether the table holds exactly this peer.
    pub(super) fn is_entered(&self, dir: &Path) -> bool {
        Self::read(&self.path(dir)).is_ok_and(|p| p == *self)
    }

    fn path(&self, dir: &Path) -> PathBuf {
        dir.join(format!("{}.toml", self.name))
    }

    pub(super) fn read(path: &Path) -> Result<Self, PkiError> {
        let wrong = |reason: String| PkiError::Peer { path: path.to_owned(), reason };
        let name: NodeName = path
            .file_stem()
            .and_then(|n| n.to_str())
            .unwrap_or_default()
            .parse()
            .map_err(|e: super::NotAName| wrong(e.to_string()))?;
        if std::fs::metadata(path).at(path)?.len() > LONGEST {
            return Err(wrong("too long for the file of a peer".to_owned()));
        }
        let text = std::fs::read_to_string(path).at(path)?;
        let entry: Entry = toml::from_str(&text).map_err(|e| wrong(e.message().to_owned()))?;
        if entry.fingerprint.is_empty() == entry.ca.is_none() {
            return Err(wrong("one of fingerprint and ca is needed, and not both".to_owned()));
        }
        let roles: Result<Vec<Role>, _> = entry.roles.iter().map(|r| r.parse()).collect();
        let expires = DateTime::parse_from_rfc3339(&entry.expires)
            .map_err(|e| wrong(format!("expires: {e}")))?;
        Ok(Self {
            name: name.to_string(),
            fingerprint: entry.fingerprint.to_ascii_lowercase(),
            subject: entry.subject,
            ca: entry.ca,
            roles: Roles::new(roles.map_err(|e| wrong(e.to_string()))?),
            entitlement: entry.entitled,
            expires: expires.with_timezone(&Utc),
            earlier: entry.earlier,
            approved: entry.approved,
            pinned: entry.pinned,
        })
    }

    /// Whether it is a part of the house itself.
    pub(crate) fn is_own(&self) -> bool {
        NodeName::is_own_text(&self.name)
    }
}

/// By what a certificate leads to its peer.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum Key {
    /// SHA-256 of it.
    Certificate(String),
    /// Its subject, and a CA that vouches for it.
    Subject { ca: String, subject: String },
}

/// How the file of a revoked certificate ends, after the name of its node.
pub(super) fn revoked_suffix(fingerprint: &str) -> String {
    let print: String = fingerprint.chars().take(16).collect();
    format!("-{print}.toml")
}
