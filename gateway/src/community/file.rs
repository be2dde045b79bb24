//! The file of a community: TOML, private, since it may hold a key.

use super::{By, Community, NotAManner, NotAQuirk, Presented, Quirk, When, Where};
use renkei_client::certificate;
use renkei_metadata::ids::HomeCommunityId;
use serde::{Deserialize, Serialize};
use url::Url;

/// The longest file that is read.
pub(super) const LONGEST: u64 = 256 * 1024;

/// Why a text is no community. Whoever tells it names the file.
#[derive(Debug, thiserror::Error)]
pub enum NotRead {
    /// The file system.
    #[error("読み取れません({0}) / cannot be read ({0})")]
    Io(#[from] std::io::Error),
    /// It is not TOML, or not of this form.
    #[error("形式が正しくありません: {0} / is not the file of a community: {0}")]
    Form(String),
    /// Its `home` is none.
    #[error(
        "home {0:?} は urn:oid: に続くOIDで指定してください / home {0:?}: expected urn:oid: and an OID"
    )]
    Home(String),
    /// It is called otherwise than its community.
    #[error("ファイル名はhomeCommunityIdのOIDと一致させてください({0}) / it has to be called {0}")]
    Name(String),
    /// An address is none that a gateway can have.
    #[error(
        "{0} {1:?} は https:// で始まるURLで指定してください / {0} {1:?}: expected an https URL"
    )]
    Url(&'static str, String),
    /// The CAs or the certificate cannot be read.
    #[error("{0} の証明書を読み取れません({1}) / {0}: no certificate ({1})")]
    Certificate(&'static str, String),
    /// Certificate and key stand together, with the CA of whoever issued them.
    #[error("certificate、key、ca は揃えて記入してください / certificate needs key and ca")]
    Half,
    /// Neither of the ways to be asked for patients.
    #[error(transparent)]
    Manner(#[from] NotAManner),
    /// An answer that comes later has to be asked for somewhere, and to come from somebody.
    #[error(
        "discovery_answers = \"later\" には discovery と peer も必要です / needs discovery and peer"
    )]
    Later,
    /// An answer that comes elsewhere has to come from somebody.
    #[error("answers = \"elsewhere\" には peer も必要です / needs peer")]
    Elsewhere,
    /// A quirk is none.
    #[error(transparent)]
    Quirk(#[from] NotAQuirk),
    /// It would lead back to us.
    #[error(transparent)]
    Loop(#[from] super::Loop),
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    home: String,
    name: String,
    query: String,
    retrieve: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    discovery: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    discovery_by: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    discovery_answers: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    answers: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    peer: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    locations: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    ca: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    certificate: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    key: Option<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    quirk: Vec<QuirkEntry>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct QuirkEntry {
    name: String,
    reason: String,
    until: String,
}

impl Community {
    /// The text of its file.
    ///
    /// # Errors
    /// When it has no form as TOML.
    pub fn to_text(&self) -> Result<String, NotRead> {
        let presented = self.presented.as_ref();
        let quirk = |quirk: &Quirk| QuirkEntry {
            name: quirk.kind.name().to_owned(),
            reason: quirk.reason.clone(),
            until: quirk.until.to_string(),
        };
        let entry = Entry {
            home: self.home.to_string(),
            name: self.name.clone(),
            query: self.query.to_string(),
            retrieve: self.retrieve.to_string(),
            discovery: self.discovery.as_ref().map(Url::to_string),
            discovery_by: unusual(self.discovery_by, By::name),
            discovery_answers: unusual(self.discovery_answers, When::name),
            answers: unusual(self.answers, Where::name),
            peer: self.peer.clone(),
            locations: self.locations.as_ref().map(Url::to_string),
            ca: self.authorities.clone(),
            certificate: presented.map(|p| p.certificate.clone()),
            key: presented.map(|p| p.key.clone()),
            quirk: self.quirks.iter().map(quirk).collect(),
        };
        toml::to_string(&entry).map_err(|e| NotRead::Form(e.to_string()))
    }

    /// Reads the text of a file.
    ///
    /// # Errors
    /// The first thing that is wrong with it.
    pub fn of_text(text: &str) -> Result<Self, NotRead> {
        let entry: Entry =
            toml::from_str(text).map_err(|e| NotRead::Form(e.message().to_owned()))?;
        let home =
            HomeCommunityId::parse(&entry.home).map_err(|_| NotRead::Home(entry.home.clone()))?;
        let discovery = entry.discovery.map(|text| https("discovery", text)).transpose()?;
        let discovery_by = entry.discovery_by.as_deref().map(str::parse).transpose()?;
        let answers = entry.discovery_answers.as_deref().map(str::parse).transpose()?;
        let answers = answers.unwrap_or_default();
        if answers == When::Later && (discovery.is_none() || entry.peer.is_none()) {
            return Err(NotRead::Later);
        }
        let place = entry.answers.as_deref().map(str::parse).transpose()?.unwrap_or_default();
        if place == Where::Elsewhere && entry.peer.is_none() {
            return Err(NotRead::Elsewhere);
        }
        let locations = entry.locations.map(|text| https("locations", text)).transpose()?;
        let presented = match (entry.certificate, entry.key, &entry.ca) {
            (None, None, _) => None,
            (Some(certificate), Some(key), Some(_)) => Some(Presented { certificate, key }),
            _ => return Err(NotRead::Half),
        };
        let is_good = |name, pem: Option<&String>| match pem
            .map(|pem| certificate::subjects(pem.as_bytes()))
        {
            Some(Err(why)) => Err(NotRead::Certificate(name, why)),
            Some(Ok(_)) | None => Ok(()),
        };
        is_good("ca", entry.ca.as_ref())?;
        is_good("certificate", presented.as_ref().map(|p| &p.certificate))?;
        let quirks = entry.quirk.iter().map(|q| Quirk::new(&q.name, &q.until, &q.reason));
        Ok(Self {
            home,
            name: entry.name,
            query: https("query", entry.query)?,
            retrieve: https("retrieve", entry.retrieve)?,
            discovery,
            discovery_by: discovery_by.unwrap_or_default(),
            discovery_answers: answers,
            answers: place,
            peer: entry.peer,
            locations,
            authorities: entry.ca,
            presented,
            quirks: quirks.collect::<Result<_, _>>()?,
        })
    }
}

/// The name of what is not as usual.
fn unusual<T: Default + PartialEq + Copy>(value: T, name: fn(T) -> &'static str) -> Option<String> {
    (value != T::default()).then(|| name(value).to_owned())
}

fn https(name: &'static str, text: String) -> Result<Url, NotRead> {
    match Url::parse(&text) {
        Ok(url) if url.scheme() == "https" && url.has_host() => Ok(url),
        Ok(_) | Err(_) => Err(NotRead::Url(name, text)),
    }
}
