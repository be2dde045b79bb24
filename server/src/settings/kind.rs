//! Kinds of values: how a text becomes a value, what is expected of it, and how it is written.

use crate::pki::NodeName;
use crate::time::TimeServer;
use renkei_hl7v2::authorities::NamedAuthority;
use renkei_metadata::ids::{HomeCommunityId, Oid, RepositoryUniqueId};
use renkei_metadata::update::EntryAttribute;
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::str::FromStr;

/// Where repositories are reached, by their ids.
pub(crate) type Repositories = BTreeMap<RepositoryUniqueId, url::Url>;

/// Where replies may go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ReplyAddress {
    /// The node whose answers go there; `None`: those of any.
    pub(crate) peer: Option<NodeName>,
    /// What lies below it belongs to it.
    pub(crate) url: url::Url,
}

/// Who is told of changed identifiers, and of which domains.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Consumer {
    /// `mllps://host:port/APPLICATION/FACILITY` (ITI-10), or an address of HTTPS (ITI-46).
    pub(crate) url: url::Url,
    /// What the consumer calls itself in HL7 v3; `None`: it is told by HL7 v2.
    pub(crate) device: Option<Oid>,
    /// The domains of interest.
    pub(crate) domains: Vec<Oid>,
}

impl Consumer {
    /// `host:port`.
    pub(crate) fn address(&self) -> String {
        let port = self.url.port_or_known_default().unwrap_or_default();
        format!("{}:{port}", self.url.host_str().unwrap_or_default())
    }

    /// MSH-5 of what it is told.
    pub(crate) fn application(&self) -> &str {
        self.segment(0).unwrap_or("CONSUMER")
    }

    /// MSH-6.
    pub(crate) fn facility(&self) -> &str {
        self.segment(1).unwrap_or("RENKEI")
    }

    fn segment(&self, at: usize) -> Option<&str> {
        self.url.path_segments()?.nth(at).filter(|segment| !segment.is_empty())
    }
}

/// How a value is written in TOML.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Form {
    /// A number.
    Bare,
    /// A string.
    Quoted,
    /// An array of strings.
    List,
}

/// What is expected of a value, in both languages.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Expected {
    pub(crate) en: Cow<'static, str>,
    pub(crate) ja: Cow<'static, str>,
}

/// Reads a text; `None` when it is not a value.
type Parse<T> = Box<dyn Fn(&str) -> Option<T>>;

/// How a text becomes a `T`.
pub(crate) struct Kind<T> {
    pub(crate) form: Form,
    pub(crate) expected: Expected,
    /// Whether the value may hold a password and is therefore never quoted in an error.
    pub(crate) secret: bool,
    parse: Parse<T>,
}

impl<T> Kind<T> {
    fn new(
        form: Form,
        en: impl Into<Cow<'static, str>>,
        ja: impl Into<Cow<'static, str>>,
        parse: impl Fn(&str) -> Option<T> + 'static,
    ) -> Self {
        let expected = Expected { en: en.into(), ja: ja.into() };
        Self { form, expected, secret: false, parse: Box::new(parse) }
    }

    /// The value of a text, if it is one.
    pub(crate) fn parse(&self, text: &str) -> Option<T> {
        (self.parse)(text)
    }
}

/// A whole number from `min` to `max`; `_` may group its digits.
pub(crate) fn whole<T: TryFrom<u64> + 'static>(min: u64, max: u64) -> Kind<T> {
    let en = format!("a whole number from {min} to {max}");
    let ja = format!("{min}以上{max}以下の整数");
    Kind::new(Form::Bare, en, ja, move |text| {
        let number: u64 = text.replace('_', "").parse().ok()?;
        (min..=max).contains(&number).then(|| T::try_from(number).ok()).flatten()
    })
}

/// One of the words of an enum.
pub(crate) fn word<T: FromStr + 'static>(words: &'static [&'static str]) -> Kind<T> {
    let en = format!("one of {}", words.join(", "));
    let ja = format!("{} のいずれか", words.join("、"));
    Kind::new(Form::Quoted, en, ja, |text| text.parse().ok())
}

/// A list of words of an enum; a text separates them by commas.
pub(crate) fn words<T: FromStr + PartialEq + 'static>(
    words: &'static [&'static str],
) -> Kind<Vec<T>> {
    let en = format!("a list of {}", words.join(", "));
    let ja = format!("{} の一覧", words.join("、"));
    Kind::new(Form::List, en, ja, |text| {
        let mut found = Vec::new();
        for item in text.split(',').map(str::trim).filter(|t| !t.is_empty()) {
            let item = item.parse().ok()?;
            if !found.contains(&item) {
                found.push(item);
            }
        }
        Some(found)
    })
}

/// A list of attributes of a DocumentEntry; a text separates them by commas.
pub(crate) fn attributes() -> Kind<Vec<EntryAttribute>> {
    Kind::new(
        Form::List,
        "a list of attributes of a DocumentEntry such as typeCode",
        "typeCode のような DocumentEntry の属性名の一覧",
        |text| {
            let names = text.split(',').map(str::trim).filter(|t| !t.is_empty());
            names.map(|name| EntryAttribute::parse(name).ok()).collect()
        },
    )
}

/// `true` or `false`.
pub(crate) fn yes_or_no() -> Kind<bool> {
    Kind::new(Form::Bare, "true or false", "true または false", |text| text.parse().ok())
}

/// A host name or an IP address, as it stands in URLs and in the certificate.
pub(crate) fn host() -> Kind<String> {
    Kind::new(
        Form::Quoted,
        "a host name or an IP address",
        "ホスト名またはIPアドレス",
        |text| url::Host::parse(text).ok().map(|_| text.to_owned()),
    )
}

/// `address:port`; nothing means that this is not served.
pub(crate) fn address() -> Kind<Option<SocketAddr>> {
    Kind::new(
        Form::Quoted,
        "an IP address and a port such as 127.0.0.1:8443 (port 0 takes a free one), or nothing",
        "127.0.0.1:8443 のようなIPアドレスとポート(0は空きポート)、または空",
        |text| if text.is_empty() { Some(None) } else { text.parse().ok().map(Some) },
    )
}

/// An [`address`] that only this machine can reach.
pub(crate) fn loopback() -> Kind<Option<SocketAddr>> {
    Kind::new(
        Form::Quoted,
        "a loopback address and a port such as 127.0.0.1:8445, or nothing",
        "127.0.0.1:8445 のようなループバックアドレスとポート、または空",
        |text| match text {
            "" => Some(None),
            _ => text.parse().ok().filter(|a: &SocketAddr| a.ip().is_loopback()).map(Some),
        },
    )
}

/// The URL of a database.
pub(crate) fn database() -> Kind<String> {
    let mut kind = Kind::new(
        Form::Quoted,
        "sqlite:FILE (relative to the data directory) or postgres://...",
        "sqlite:ファイル名(データディレクトリからの相対)または postgres://...",
        |text| {
            let file = text.strip_prefix("sqlite:").is_some_and(|f| !f.is_empty());
            let server = ["postgres://", "postgresql://"].iter().any(|s| text.starts_with(s));
            (file || server).then(|| text.to_owned())
        },
    );
    kind.secret = true;
    kind
}

/// An `https` URL, or nothing.
pub(crate) fn https() -> Kind<Option<url::Url>> {
    Kind::new(
        Form::Quoted,
        "an https:// URL, or nothing",
        "https:// のURL、または空",
        |text| {
            if text.is_empty() {
                return Some(None);
            }
            url::Url::parse(text).ok().filter(|u| u.scheme() == "https" && u.has_host()).map(Some)
        },
    )
}

/// Where replies may go: a list of `https` URLs, each for everybody or, as `NAME=https://...`, for one node.
pub(crate) fn reply_addresses() -> Kind<Vec<ReplyAddress>> {
    Kind::new(
        Form::List,
        "a list of https:// URLs, each alone or as NAME=https://...",
        "https:// のURLの一覧(それぞれ単独、または ノード名=https://...)",
        |text| {
            let items = text.split(',').map(str::trim).filter(|t| !t.is_empty());
            items.map(reply_address).collect()
        },
    )
}

fn reply_address(text: &str) -> Option<ReplyAddress> {
    // An address may have an equals sign of its own; a name has no colon.
    let (peer, url) = match text.split_once('=') {
        Some((name, url)) if !name.contains(':') => (Some(name.trim().parse().ok()?), url.trim()),
        Some(_) | None => (None, text),
    };
    let url = url::Url::parse(url).ok().filter(|u| u.scheme() == "https" && u.has_host())?;
    Some(ReplyAddress { peer, url })
}

/// Consumers of notifications, no address twice.
pub(crate) fn consumers() -> Kind<Vec<Consumer>> {
    let (en, ja) = (
        "a list of mllps://HOST:PORT/APPLICATION/FACILITY#OID+OID or https://HOST:PORT/PATH#DEVICE/OID+OID, each address once",
        "mllps://ホスト:ポート/アプリケーション/施設#OID+OID または https://ホスト:ポート/パス#機器のOID/OID+OID の一覧(アドレスの重複不可)",
    );
    Kind::new(Form::List, en, ja, |text| {
        let mut found: Vec<Consumer> = Vec::new();
        for item in text.split(',').map(str::trim).filter(|t| !t.is_empty()) {
            let consumer = consumer(item)?;
            if found.iter().any(|other| other.url == consumer.url) {
                return None;
            }
            found.push(consumer);
        }
        Some(found)
    })
}

fn consumer(text: &str) -> Option<Consumer> {
    let (url, interest) = text.split_once('#')?;
    let url = url::Url::parse(url).ok()?;
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '/' | '-' | '_' | '.');
    let oid = |text: &str| Oid::parse(text.trim()).ok();
    let is_named = url.username().is_empty() && url.password().is_none();
    if !url.has_host() || !is_named {
        return None;
    }
    let (device, domains) = match url.scheme() {
        "mllps" => {
            let is_one = url.port().is_some() && url.query().is_none();
            (is_one && url.path().chars().all(plain)).then_some((None, interest))?
        }
        "https" => {
            let (device, domains) = interest.split_once('/')?;
            (Some(oid(device)?), domains)
        }
        _ => return None,
    };
    let domains: Option<Vec<Oid>> = domains.split('+').map(oid).collect();
    Some(Consumer { url, device, domains: domains? })
}

/// Repositories by their ids, each as `OID=https://...`; none twice.
pub(crate) fn repositories() -> Kind<Repositories> {
    Kind::new(
        Form::List,
        "a list of OID=https://... with each OID once",
        "OID=https://... の一覧(同じOIDは1回だけ)",
        |text| {
            let mut found = Repositories::new();
            for item in text.split(',').map(str::trim).filter(|t| !t.is_empty()) {
                let (id, url) = item.split_once('=')?;
                let id = RepositoryUniqueId::parse(id.trim()).ok()?;
                let url = url::Url::parse(url.trim()).ok()?;
                let is_new = found.insert(id, url.clone()).is_none();
                if !is_new || url.scheme() != "https" || !url.has_host() {
                    return None;
                }
            }
            Some(found)
        },
    )
}

/// A path relative to the data directory, or nothing.
pub(crate) fn path() -> Kind<Option<PathBuf>> {
    Kind::new(
        Form::Quoted,
        "a path, absolute or relative to the data directory, or nothing",
        "絶対パスまたはデータディレクトリからの相対パス、または空",
        |text| Some((!text.is_empty()).then(|| PathBuf::from(text))),
    )
}

/// A directive of the log filter.
pub(crate) fn log_filter() -> Kind<String> {
    Kind::new(
        Form::Quoted,
        "error, warn, info, debug, trace, or target=level pairs",
        "error、warn、info、debug、trace、または target=level の並び",
        |text| tracing_subscriber::EnvFilter::try_new(text).ok().map(|_| text.to_owned()),
    )
}

/// An OID.
pub(crate) fn oid() -> Kind<Oid> {
    Kind::new(Form::Quoted, "an OID of at most 64 characters", "64文字以内のOID", |text| {
        Oid::parse(text).ok()
    })
}

/// Time servers, none twice; a text separates them by commas.
pub(crate) fn time_servers() -> Kind<Vec<TimeServer>> {
    let (en, ja) =
        ("a list of HOST or HOST:PORT, each once", "HOST または HOST:PORT の一覧(重複不可)");
    Kind::new(Form::List, en, ja, |text| {
        let mut found: Vec<TimeServer> = Vec::new();
        for item in text.split(',').map(str::trim).filter(|t| !t.is_empty()) {
            let server: TimeServer = item.parse().ok()?;
            // The same one twice would be a majority of its own.
            if found.contains(&server) {
                return None;
            }
            found.push(server);
        }
        Some(found)
    })
}

/// An OID, or nothing.
pub(crate) fn optional_oid() -> Kind<Option<Oid>> {
    let (en, ja) = ("an OID of at most 64 characters, or nothing", "64文字以内のOID、または空");
    Kind::new(Form::Quoted, en, ja, |text| match text {
        "" => Some(None),
        _ => Oid::parse(text).ok().map(Some),
    })
}

/// A list of OIDs.
pub(crate) fn oids() -> Kind<Vec<Oid>> {
    Kind::new(Form::List, "a list of OIDs", "OIDの一覧", |text| {
        let items = text.split(',').map(str::trim).filter(|t| !t.is_empty());
        items.map(|item| Oid::parse(item).ok()).collect()
    })
}

/// Names of authorities; a text separates them by commas. One name is one authority.
pub(crate) fn named_authorities() -> Kind<Vec<NamedAuthority>> {
    let (en, ja) = (
        "a list of NAME or NAME=OID, each name once",
        "NAME または NAME=OID の一覧(名前の重複不可)",
    );
    Kind::new(Form::List, en, ja, |text| {
        let mut found: Vec<NamedAuthority> = Vec::new();
        for item in text.split(',').map(str::trim).filter(|t| !t.is_empty()) {
            let named: NamedAuthority = item.parse().ok()?;
            if found.iter().any(|other| other.name == named.name) {
                return None;
            }
            found.push(named);
        }
        Some(found)
    })
}

/// Sources and the authorities of their identifiers: `NODE=OID,OID,NODE=OID`, or `NODE` alone. A row for each pair.
pub(crate) fn sources() -> Kind<Vec<NamedAuthority>> {
    let (en, ja) = (
        "a list of NODE or NODE=OID, or NODE=OID,OID for several, each pair once",
        "NODE または NODE=OID(複数は NODE=OID,OID)の一覧(組の重複不可)",
    );
    Kind::new(Form::List, en, ja, |text| {
        let mut found: Vec<NamedAuthority> = Vec::new();
        for item in text.split(',').map(str::trim).filter(|t| !t.is_empty()) {
            let named = match (found.last(), Oid::parse(item)) {
                (Some(before), Ok(more)) if before.authority.is_some() => {
                    NamedAuthority { name: before.name.clone(), authority: Some(more) }
                }
                _ => item.parse().ok()?,
            };
            if found.contains(&named) {
                return None;
            }
            found.push(named);
        }
        Some(found)
    })
}

/// The OID of a repository.
pub(crate) fn repository_id() -> Kind<RepositoryUniqueId> {
    Kind::new(Form::Quoted, "an OID of at most 64 characters", "64文字以内のOID", |text| {
        RepositoryUniqueId::parse(text).ok()
    })
}

/// `urn:oid:` and an OID; a bare OID is understood.
pub(crate) fn home_community() -> Kind<HomeCommunityId> {
    Kind::new(Form::Quoted, "urn:oid: and an OID", "urn:oid: に続くOID", |text| {
        HomeCommunityId::parse(text)
            .or_else(|_| HomeCommunityId::parse(&format!("urn:oid:{text}")))
            .ok()
    })
}
