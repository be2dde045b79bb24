//! The CAs of others that are trusted (ITI TF-2: 3.19.6.1.1): one file each, known to a running server within a second.
//!
//! Such a CA lets nobody in by itself. It vouches for the subject of a certificate, and a node is let in that is entered
//! by that subject under that CA: a renewed certificate of the same subject goes on. It has to have signed the node's
//! certificate itself; where a CA below it does so, that one is the CA to trust.

mod authority;
mod crl;
mod file;
mod keeper;
mod troubles;

pub(super) use authority::is_signed;
pub(crate) use authority::{Authority, Crl};
pub(crate) use crl::{CrlSource, Looked, NotASource, take as take_crl};
pub(crate) use file::read_authority;
pub(crate) use keeper::{CrlLimits, Keeper, read as read_crl};
pub(crate) use troubles::Lists;

use super::peers::{Stamp, stamp};
use super::{Pki, Presented};
use crate::settings::StaleCrl;
use arc_swap::ArcSwap;
use chrono::{DateTime, Utc};
use openssl::error::ErrorStack;
use openssl::x509::X509;
use openssl::x509::store::{X509Store, X509StoreBuilder};
use openssl::x509::verify::X509VerifyFlags;
use renkei_client::{certificate, pair};
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError, Weak};
use tokio_util::sync::CancellationToken;

/// A certificate for which trusted CAs vouch, as long as a connection needs it.
#[derive(Debug)]
pub(crate) struct Vouched {
    presented: Presented,
    /// The names of those CAs.
    pub(super) by: Vec<String>,
    /// When it ends.
    pub(super) until: DateTime<Utc>,
    /// When nobody vouches for it any more, or its node is let in no more.
    pub(super) gone: CancellationToken,
}

impl Vouched {
    /// Its subject.
    pub(super) fn subject(&self) -> &str {
        &self.presented.subject
    }
}

/// What the trusted CAs say of a certificate.
#[derive(Clone, Debug)]
pub(crate) enum Verdict {
    /// None of them signed it.
    Unknown,
    /// One signed it, and does not stand by it: why, in OpenSSL's words.
    Refused(String),
    /// They stand by it.
    Vouched(Arc<Vouched>),
}

/// The trusted CAs, as a running server knows them.
#[derive(Debug)]
pub(crate) struct Trust {
    pki: Pki,
    stale: StaleCrl,
    known: ArcSwap<Vec<Authority>>,
    last: Mutex<[Stamp; 2]>,
    /// Why the last look for a list failed, by the names of CAs.
    failures: Mutex<BTreeMap<String, String>>,
    /// The certificates of open connections.
    vouched: Mutex<Vec<Weak<Vouched>>>,
}

impl Trust {
    /// Reads those of `pki`.
    pub(super) fn open(pki: &Pki) -> Self {
        let trust = Self {
            pki: pki.clone(),
            stale: StaleCrl::Refuse,
            known: ArcSwap::default(),
            last: Mutex::default(),
            failures: Mutex::default(),
            vouched: Mutex::default(),
        };
        trust.reload();
        trust
    }

    /// Looks at the folder, and reads it again if something changed; whether it did.
    pub(super) fn reload(&self) -> bool {
        drop(self.connected());
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        // Without a folder no CA was ever trusted, and no list kept.
        let look = |dir: PathBuf, kind| match dir.exists() {
            true => stamp(&dir, kind),
            false => Ok(Stamp::default()),
        };
        let lists = || look(self.pki.crls_dir(), "pem");
        let now = look(self.pki.authorities_dir(), "toml").and_then(|all| Ok([all, lists()?]));
        match now {
            Ok(now) if now != *last => {
                let known = Authority::all(&now[0], &self.pki);
                tracing::info!(authorities = known.len(), "trusted CAs read");
                self.known.store(Arc::new(known));
                *last = now;
                true
            }
            Ok(_) => false,
            Err(error) => {
                tracing::error!(%error, "the trusted CAs cannot be read");
                false
            }
        }
    }

    /// Does with the nodes of a CA without a good list what an operator chose.
    pub(super) fn with_stale(self, stale: StaleCrl) -> Self {
        Self { stale, ..self }
    }

    /// The CAs that publish what they revoked.
    fn published(&self) -> Vec<authority::Publishing> {
        self.known.load().iter().filter_map(Authority::publishing).collect()
    }

    /// Remembers what became of the last look for the list of a CA; whether that is another thing than before.
    fn looked(&self, name: &str, failure: Option<&String>) -> bool {
        let mut failures = self.failures.lock().unwrap_or_else(PoisonError::into_inner);
        let before = match failure {
            Some(reason) => failures.insert(name.to_owned(), reason.clone()),
            None => failures.remove(name),
        };
        before.as_ref() != failure
    }

    /// Whether any CA is trusted.
    pub(crate) fn is_any(&self) -> bool {
        !self.known.load().is_empty()
    }

    /// What a handshake verifies against: these, and `own`.
    pub(crate) fn store(&self, own: &[X509]) -> Result<X509Store, ErrorStack> {
        let mut store = X509StoreBuilder::new()?;
        for certificate in own {
            store.add_cert(certificate.clone())?;
        }
        for authority in self.known.load().iter() {
            store.add_cert(authority.certificate().clone())?;
        }
        // A CA that another one certified is trusted for itself.
        store.set_flags(X509VerifyFlags::PARTIAL_CHAIN)?;
        Ok(store.build())
    }

    /// Whether the nodes of a CA are let in at all.
    pub(super) fn stands(&self, name: &str, now: DateTime<Utc>) -> bool {
        let is_good = |ca: &Authority| {
            ca.expires > now && (self.stale == StaleCrl::Admit || !ca.is_stale(now))
        };
        self.known.load().iter().any(|ca| ca.name == name && is_good(ca))
    }

    /// When each ends, by the word for it.
    pub(super) fn ends(&self) -> Vec<(String, DateTime<Utc>)> {
        let known = self.known.load();
        known
            .iter()
            .map(|ca| (format!("{}{}", super::ending::TRUSTED, ca.name), ca.expires))
            .collect()
    }

    /// Who vouches for a certificate now; whoever holds the answer hears when it ends.
    fn judge(&self, presented: &Presented) -> Verdict {
        let (mut by, mut refused) = (Vec::new(), None);
        let mut until = DateTime::<Utc>::MIN_UTC;
        // Nobody comes in by a subject that only reads like the one that was entered.
        let is_plain = certificate::is_plain(presented.certificate.subject_name());
        for authority in self.known.load().iter().filter(|_| is_plain) {
            match authority.vouches(&presented.certificate, self.stale) {
                None => {}
                Some(Ok(())) => {
                    until = until.max(authority.expires);
                    by.push(authority.name.clone());
                }
                Some(Err(reason)) => refused = Some(reason),
            }
        }
        match (by.is_empty(), refused) {
            (true, Some(reason)) => Verdict::Refused(reason),
            (true, None) => Verdict::Unknown,
            // One that is revoked by one of two CAs with the same key is revoked.
            (false, Some(reason)) => Verdict::Refused(reason),
            (false, None) => {
                let until = until.min(pair::time(presented.certificate.not_after()));
                let (presented, gone) = (presented.clone(), CancellationToken::new());
                Verdict::Vouched(Arc::new(Vouched { presented, by, until, gone }))
            }
        }
    }

    /// The same for a new connection, which ends when the answer would be another one.
    pub(crate) fn admit(&self, presented: &Presented) -> Verdict {
        if !self.is_any() {
            return Verdict::Unknown;
        }
        // Whoever asks again has to find what was answered by what was known before.
        let mut open = self.vouched.lock().unwrap_or_else(PoisonError::into_inner);
        let verdict = self.judge(presented);
        if let Verdict::Vouched(vouched) = &verdict {
            open.push(Arc::downgrade(vouched));
        }
        verdict
    }

    /// Asks again for the certificates of all open connections. Those of which `stands` does not hold, with the names
    /// of the CAs that still vouch for them, end.
    pub(super) fn ask_again(&self, stands: impl Fn(&[String], &str) -> bool) {
        for vouched in self.connected() {
            let stands = match self.judge(&vouched.presented) {
                Verdict::Vouched(now) => stands(&now.by, vouched.subject()),
                Verdict::Refused(_) | Verdict::Unknown => false,
            };
            if !stands {
                vouched.gone.cancel();
            }
        }
    }

    /// Those of connections that are still there; the others are forgotten.
    fn connected(&self) -> Vec<Arc<Vouched>> {
        let mut open = self.vouched.lock().unwrap_or_else(PoisonError::into_inner);
        open.retain(|vouched| vouched.strong_count() > 0);
        open.iter().filter_map(Weak::upgrade).collect()
    }

    /// The CAs that signed a certificate, whether or not they stand by it.
    pub(super) fn signers(&self, presented: &Presented) -> Vec<String> {
        let known = self.known.load();
        let signed = known.iter().filter(|ca| ca.signed(&presented.certificate));
        signed.map(|ca| ca.name.clone()).collect()
    }
}
