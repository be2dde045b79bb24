//! The table of peers, known to a running server within a second.

use super::peer::{Key, revoked_suffix};
use super::sightings::Sighting;
use super::trust::{Trust, Verdict, Vouched, is_signed};
use super::{At, Ending, NodeName, Peer, Pki, PkiError, Presented, Sightings, Terms};
use crate::settings::StaleCrl;
use arc_swap::ArcSwap;
use chrono::{DateTime, Utc};
use openssl::x509::X509;
use renkei_context::{Caller, Grants};
use std::collections::{BTreeSet, HashMap};
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime};
use tokio_util::sync::CancellationToken;

/// How often the folder is looked at.
const POLL: Duration = Duration::from_millis(500);
/// How the files of entries end.
pub(super) const ENTRY: &str = "toml";

/// A peer of the table, with what it is entitled to in this house.
#[derive(Debug)]
pub(crate) struct Entered {
    pub(crate) peer: Peer,
    grants: Arc<Grants>,
    /// Whether another certificate has replaced it.
    is_earlier: bool,
    /// When this certificate is let in no more.
    gone: CancellationToken,
    sighting: Arc<Sighting>,
}

impl Entered {
    /// Cancelled when this certificate is let in no more, which ends its connections.
    pub(crate) fn gone(&self) -> CancellationToken {
        self.gone.clone()
    }

    /// It is let in now.
    pub(crate) fn saw(&self) {
        self.sighting.saw();
    }

    /// This peer as the caller of a request from `address`, by the certificate that it presents.
    pub(crate) fn caller(&self, presented: &Presented, address: &str) -> Caller {
        self.known_by(presented.fingerprint.clone(), address)
    }

    fn known_by(&self, fingerprint: String, address: &str) -> Caller {
        Caller {
            name: self.peer.name.clone(),
            subject: self.peer.subject.clone(),
            fingerprint,
            roles: self.peer.roles.clone(),
            grants: Arc::clone(&self.grants),
            address: address.to_owned(),
            is_to_erase: false,
        }
    }

    /// The same on whose behalf another node asks; nobody saw its certificate. That it is a node and not the house
    /// itself is told by what it is known by.
    fn elsewhere(&self) -> Caller {
        let by_print = Some(&self.peer.fingerprint).filter(|print| !print.is_empty());
        self.known_by(by_print.cloned().unwrap_or_else(|| self.peer.known_by()), "")
    }
}

/// What tells one state of the folder from another. A file replaced within one tick of the clock
/// still has another inode.
pub(super) type Stamp = Vec<(PathBuf, SystemTime, u64)>;

/// The peers, and the CAs under which some of them are known.
#[derive(Debug)]
pub(crate) struct PeerTable {
    dir: PathBuf,
    terms: Terms,
    /// The other certificates of the house, and when they end.
    own: Vec<(&'static str, DateTime<Utc>)>,
    known: ArcSwap<HashMap<Key, Arc<Entered>>>,
    last: Mutex<Stamp>,
    revoked: PathBuf,
    /// The house's own CA, if there is one yet.
    house: Option<X509>,
    sightings: Arc<Sightings>,
    trust: Trust,
}

impl PeerTable {
    /// Reads the table of a house, in which entitlements are measured by `terms`.
    pub(crate) fn open(pki: &Pki, terms: Terms) -> Result<Self, PkiError> {
        let (dir, revoked) = (pki.peers_dir(), pki.revoked_dir());
        let stamp = stamp(&dir, ENTRY).at(&dir)?;
        let peers = read_all(&stamp);
        let (own, last) = (Vec::new(), Mutex::new(stamp));
        let house = std::fs::read(pki.authority_file()).ok();
        let house = house.and_then(|pem| X509::from_pem(&pem).ok());
        let (known, sightings) = (ArcSwap::default(), Arc::new(Sightings::open(pki)));
        let trust = Trust::open(pki);
        let table = Self { dir, terms, own, known, last, revoked, house, sightings, trust };
        table.enter(peers);
        Ok(table)
    }

    /// The same, which tells of these certificates, too, when they end.
    pub(crate) fn beside(self, own: Vec<(&'static str, DateTime<Utc>)>) -> Self {
        Self { own, ..self }
    }

    /// The same, which does with the nodes of a CA without a good list of revoked certificates what an operator chose.
    pub(crate) fn with_stale(self, stale: StaleCrl) -> Self {
        Self { trust: self.trust.with_stale(stale), ..self }
    }

    /// All present certificates by their names, and when they end.
    pub(crate) fn ends(&self) -> Vec<(String, DateTime<Utc>)> {
        let known = self.known.load();
        // What replaces an earlier certificate is there already.
        let peers = known.values().filter(|entered| !entered.is_earlier);
        // Of those that a CA vouches for, the CA is told.
        let peers = peers.filter(|entered| entered.peer.ca.is_none());
        let peers = peers.map(|entered| (entered.peer.name.clone(), entered.peer.expires));
        let own = self.own.iter().map(|(name, expires)| ((*name).to_owned(), *expires));
        own.chain(self.trust.ends()).chain(peers).collect()
    }

    /// The nodes of others that are entitled to everything of a kind, which no second administrator approved, and to
    /// what: `NAME: WORDS`.
    pub(crate) fn wide(&self) -> Vec<String> {
        let known = self.known.load();
        let others = known.values().map(|entered| &entered.peer).filter(|peer| !peer.is_own());
        let words = others.map(|peer| (&peer.name, peer.unapproved()));
        let wide = words.filter(|(_, words)| !words.is_empty());
        let mut wide: Vec<String> =
            wide.map(|(name, words)| format!("{name}: {}", words.join(", "))).collect();
        wide.sort();
        wide
    }

    /// The certificates that end soon, the first of them first.
    pub(crate) fn ending(&self, now: DateTime<Utc>) -> Vec<Ending> {
        let ends = self.ends().into_iter();
        let mut ending: Vec<Ending> =
            ends.filter_map(|(name, expires)| Ending::of(&name, expires, now)).collect();
        ending.sort_by(|a, b| (a.days, &a.name).cmp(&(b.days, &b.name)));
        ending
    }

    /// The peer that presents this certificate, unless it has ended; `vouched` is what trusted CAs say of it.
    ///
    /// An unknown one makes the table look at its folders first. That is cheap beside the
    /// handshake that came before, and a stranger is disconnected after each look.
    pub(crate) fn find(
        &self,
        presented: &Presented,
        vouched: Option<&Vouched>,
    ) -> Option<Arc<Entered>> {
        let found = || self.by_print(&presented.fingerprint).or_else(|| self.by_ca(vouched?));
        found().or_else(|| {
            self.reload();
            found()
        })
    }

    fn by_print(&self, fingerprint: &str) -> Option<Arc<Entered>> {
        let now = Utc::now();
        let key = Key::Certificate(fingerprint.to_owned());
        self.known.load().get(&key).filter(|entered| entered.peer.expires > now).cloned()
    }

    fn by_ca(&self, vouched: &Vouched) -> Option<Arc<Entered>> {
        let is_good = vouched.until > Utc::now() && !vouched.gone.is_cancelled();
        let known = self.known.load();
        let key =
            |ca: &String| Key::Subject { ca: ca.clone(), subject: vouched.subject().to_owned() };
        let mut by = vouched.by.iter().filter(|_| is_good);
        by.find_map(|ca| known.get(&key(ca)).cloned())
    }

    /// What trusted CAs say of the certificate of a new connection.
    pub(crate) fn admit(&self, presented: &Presented) -> Verdict {
        self.trust.admit(presented)
    }

    /// When the connection of this certificate ends.
    pub(crate) fn gone(
        &self,
        presented: &Presented,
        vouched: Option<&Vouched>,
    ) -> Option<CancellationToken> {
        let by_ca = || Some(vouched?.gone.clone());
        match self.find(presented, vouched)? {
            entered if entered.peer.ca.is_none() => Some(entered.gone()),
            _ => by_ca(),
        }
    }

    /// The CAs of others.
    pub(crate) fn trust(&self) -> &Trust {
        &self.trust
    }

    /// The peer whose certificate has this fingerprint, unless it has ended.
    pub(crate) fn find_print(&self, fingerprint: &str) -> Option<Arc<Entered>> {
        self.by_print(fingerprint).or_else(|| {
            self.reload();
            self.by_print(fingerprint)
        })
    }

    /// The node of this name, for which `by` asks: one that would be let in now. For those of the house itself the house
    /// alone asks.
    pub(crate) fn named(&self, name: &str, by: &Caller) -> Option<Caller> {
        if NodeName::is_own_text(name) && !NodeName::is_own_text(&by.name) {
            return None;
        }
        self.by_name(name).or_else(|| {
            self.reload();
            self.by_name(name)
        })
    }

    fn by_name(&self, name: &str) -> Option<Caller> {
        let now = Utc::now();
        let is_it = |of: &&Arc<Entered>| of.peer.name == name && !of.is_earlier;
        let found = self.known.load().values().find(is_it).cloned()?;
        let stands = found.peer.ca.as_ref().is_none_or(|ca| self.trust.stands(ca, now));
        (found.peer.expires > now && stands).then(|| found.elsewhere())
    }

    /// Whether the certificate with this fingerprint is let in as it is.
    pub(crate) fn pins(&self, fingerprint: &str) -> bool {
        self.find_print(fingerprint).is_some_and(|entered| entered.peer.pinned)
    }

    /// Whether any is.
    pub(crate) fn has_pins(&self) -> bool {
        self.known.load().values().any(|entered| entered.peer.pinned)
    }

    /// When nodes were seen, and how often they were refused.
    pub(crate) fn sightings(&self) -> &Arc<Sightings> {
        &self.sightings
    }

    /// Counts a refused connection: of the node whose certificate it is or was, else of a stranger.
    pub(crate) fn refused(&self, presented: &Presented) {
        match self.whose(presented) {
            Some(name) => self.sightings.refused(&name),
            None => self.sightings.stranger(presented),
        }
    }

    /// The node that has this certificate, or had it: ended, revoked, or replaced by another one.
    fn whose(&self, presented: &Presented) -> Option<String> {
        let known = self.known.load();
        let key = Key::Certificate(presented.fingerprint.clone());
        let entered = known.get(&key).map(|entered| entered.peer.name.clone());
        entered.or_else(|| self.whose_revoked(&presented.fingerprint)).or_else(|| {
            // What the house signed bears the name of its node and of no other.
            let key = self.house.as_ref().and_then(|house| house.public_key().ok());
            let is_ours = key.is_some_and(|key| is_signed(&presented.certificate, &key));
            let signers = self.trust.signers(presented);
            let is_its = |peer: &Peer| match &peer.ca {
                None => is_ours && !peer.pinned,
                Some(ca) => signers.contains(ca),
            };
            let mut peers = known.values().map(|entered| &entered.peer);
            let found = peers.find(|peer| peer.subject == presented.subject && is_its(peer));
            found.map(|peer| peer.name.clone())
        })
    }

    fn whose_revoked(&self, fingerprint: &str) -> Option<String> {
        let suffix = revoked_suffix(fingerprint);
        let names = std::fs::read_dir(&self.revoked).ok()?.filter_map(|entry| entry.ok());
        let mut names = names.filter_map(|entry| entry.file_name().into_string().ok());
        names.find_map(|name| name.strip_suffix(&suffix).map(str::to_owned))
    }

    /// Looks at the folder and reads it again if something changed.
    pub(crate) fn reload(&self) {
        let trusts_others = self.trust.reload();
        if self.read() || trusts_others {
            self.ask_again();
        }
    }

    /// Ends the connections under trusted CAs for which nobody vouches any more.
    pub(super) fn ask_again(&self) {
        let known = self.known.load();
        self.trust.ask_again(|by, subject| {
            let key = |ca: &String| Key::Subject { ca: ca.clone(), subject: subject.to_owned() };
            by.iter().any(|ca| known.contains_key(&key(ca)))
        });
    }

    /// Reads the folder of peers again if something changed; whether it did.
    fn read(&self) -> bool {
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        match stamp(&self.dir, ENTRY) {
            Ok(now) if now != *last => {
                self.enter(read_all(&now));
                *last = now;
                tracing::info!(peers = self.known.load().len(), "peer table read");
                true
            }
            Ok(_) => false,
            // What is known stays known: a folder that cannot be read is no reason to turn
            // everybody away, and it says so in the log.
            Err(error) => {
                tracing::error!(%error, "peer table cannot be read");
                false
            }
        }
    }

    /// These are let in from now on, and no others: connections of those that were end.
    fn enter(&self, peers: Vec<Peer>) {
        let mut now = entered(peers, &self.terms, &self.sightings);
        let before = self.known.load_full();
        for (key, entered) in &mut now {
            if let Some(known) = before.get(key) {
                entered.gone = known.gone.clone();
            }
        }
        let gone: Vec<Arc<Entered>> = before
            .iter()
            .filter(|(key, _)| !now.contains_key(*key))
            .map(|(_, known)| Arc::clone(known))
            .collect();
        let now = now.into_iter().map(|(key, entered)| (key, Arc::new(entered))).collect();
        self.known.store(Arc::new(now));
        for entered in gone {
            entered.gone.cancel();
        }
    }

    /// Looks at the folder twice a second, for ever, and tells every day which certificates end soon.
    pub(crate) async fn watch(self: Arc<Self>) {
        let mut told = None;
        loop {
            let now = Utc::now();
            if told.replace(now.date_naive()) != Some(now.date_naive()) {
                self.ending(now).iter().for_each(Ending::log);
                for (ca, trouble) in self.trust.troubles() {
                    tracing::error!(ca, "CA {ca}: {trouble}");
                }
            }
            tokio::time::sleep(POLL).await;
            let table = Arc::clone(&self);
            if tokio::task::spawn_blocking(move || table.reload()).await.is_err() {
                tracing::error!("the peer table could not be looked at");
            }
        }
    }
}

/// The files of a kind in a folder.
pub(super) fn stamp(dir: &Path, kind: &str) -> io::Result<Stamp> {
    let mut stamp = Vec::new();
    for entry in std::fs::read_dir(dir)? {
        let path = entry?.path();
        let hidden = path.file_name().is_some_and(|n| n.as_encoded_bytes().starts_with(b"."));
        if hidden || path.extension().is_none_or(|e| e != kind) {
            continue;
        }
        // A file that vanishes between listing and looking is simply gone.
        if let Ok(meta) = std::fs::metadata(&path) {
            stamp.push((path, meta.modified()?, meta.ino()));
        }
    }
    stamp.sort();
    Ok(stamp)
}

/// The peers of a folder, in the order of their names.
pub(crate) fn list(dir: &Path) -> Result<Vec<Peer>, PkiError> {
    Ok(read_all(&stamp(dir, ENTRY).at(dir)?))
}

/// Reads every file; one that is wrong is reported and its peer stays out.
fn read_all(stamp: &Stamp) -> Vec<Peer> {
    let read = |path: &PathBuf| match Peer::read(path) {
        Ok(peer) => Some(peer),
        Err(error) => {
            tracing::warn!(%error, "peer not read");
            None
        }
    };
    stamp.iter().filter_map(|(path, ..)| read(path)).collect()
}

/// By what they are known by, with what they are entitled to beside each other.
fn entered(peers: Vec<Peer>, terms: &Terms, sightings: &Sightings) -> HashMap<Key, Entered> {
    let listed = peers.iter().flat_map(|peer| peer.entitlement.sources()).map(str::to_owned);
    let taken: Arc<BTreeSet<String>> = Arc::new(listed.chain(terms.sources.clone()).collect());
    let enter = |(is_earlier, peer): (bool, Peer)| {
        let terms = if peer.is_own() { &terms.of_house() } else { terms };
        let grants = Arc::new(peer.entitlement.grants(&peer.name, terms, &taken));
        let (gone, sighting) = (CancellationToken::new(), sightings.of(&peer.name));
        (peer.key(), Entered { peer, grants, is_earlier, gone, sighting })
    };
    let earlier: Vec<Peer> = peers.iter().filter_map(Peer::by_earlier).collect();
    let earlier = earlier.into_iter().map(|peer| (true, peer));
    // Of a certificate that stands twice, the entry counts whose present one it is.
    earlier.chain(peers.into_iter().map(|peer| (false, peer))).map(enter).collect()
}
