//! Looks for new lists of what trusted CAs revoked, for as long as the server runs.

use super::super::{PeerTable, Pki};
use super::authority::Publishing;
use super::crl::{self, CrlSource, Looked};
use chrono::Utc;
use renkei_client::fetch::fetch;
use std::collections::{BTreeSet, HashMap};
use std::io::Read;
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, SystemTime};
use tokio::task::JoinHandle;
use tokio::time::Instant;

/// How often files are looked at, and clocks.
const POLL: Duration = Duration::from_millis(500);
/// How soon a source is asked again that had nothing to take, or nothing new after the time for it.
const AGAIN: Duration = Duration::from_secs(30);

/// What a list may come to.
#[derive(Clone, Copy, Debug)]
pub(crate) struct CrlLimits {
    /// `tls.crl_bytes`
    pub(crate) bytes: usize,
    /// `tls.crl_seconds`
    pub(crate) every: Duration,
}

/// What tells one state of a file from another.
type Stamp = Option<(SystemTime, u64, u64)>;

/// When a source is looked at next.
struct Due {
    of: Publishing,
    /// Of a file: as it was.
    stamp: Stamp,
    next: Instant,
    /// The look that is under way; whether there was something to take.
    under_way: Option<JoinHandle<bool>>,
}

/// Keeps the lists of all trusted CAs.
pub(crate) struct Keeper {
    pki: Pki,
    table: Arc<PeerTable>,
    limits: CrlLimits,
    due: HashMap<String, Due>,
    /// CAs whose list is past its time.
    stale: BTreeSet<String>,
}

impl Keeper {
    /// A keeper for the CAs of `table`.
    pub(crate) fn new(pki: Pki, table: Arc<PeerTable>, limits: CrlLimits) -> Self {
        let (due, stale) = (HashMap::new(), BTreeSet::new());
        Self { pki, table, limits, due, stale }
    }

    /// For ever.
    pub(crate) async fn run(mut self) {
        loop {
            self.look().await;
            self.tell_stale();
            tokio::time::sleep(POLL).await;
        }
    }

    /// Looks at what is due.
    async fn look(&mut self) {
        let published = self.table.trust().published();
        self.due.retain(|name, _| published.iter().any(|of| of.name == *name));
        for of in published {
            let known = self.due.get(&of.name).is_some_and(|due| due.of.is_same(&of));
            if !known {
                let new =
                    Due { of: of.clone(), stamp: None, next: Instant::now(), under_way: None };
                self.due.insert(of.name.clone(), new);
            }
            if let Some(due) = self.due.get_mut(&of.name) {
                due.of = of;
                due.finish(self.limits.every).await;
                due.begin(&self.pki, &self.table, self.limits.bytes);
            }
        }
    }

    /// When a list comes to the end of its time, or is followed by another one, its nodes are asked about again.
    fn tell_stale(&mut self) {
        let now = Utc::now();
        let published = self.table.trust().published();
        let stale = published.iter().filter(|of| of.list.as_ref().is_some_and(|l| l.is_stale(now)));
        let stale: BTreeSet<String> = stale.map(|of| of.name.clone()).collect();
        for name in stale.difference(&self.stale) {
            tracing::error!(
                ca = name,
                "認証局 {name} の失効リストの期限(nextUpdate)が過ぎました。tls.stale_crl に従います / the CRL of the CA {name} is past its nextUpdate; tls.stale_crl says what becomes of its nodes"
            );
        }
        if stale != self.stale {
            self.stale = stale;
            self.table.ask_again();
        }
    }
}

impl Due {
    /// What became of the look that was under way, and when the next one is.
    async fn finish(&mut self, every: Duration) {
        let Some(task) = self.under_way.take_if(|task| task.is_finished()) else { return };
        let is_well = task.await.unwrap_or(false);
        let now = Utc::now();
        // Whatever a look brought is known by now.
        let list = self.of.list.as_ref().and_then(|list| list.next_update);
        let until = list.and_then(|next| (next - now).to_std().ok());
        let wait = match (is_well, until) {
            (false, _) => AGAIN,
            (true, Some(until)) => every.min(until + Duration::from_secs(1)),
            // There should have been another one, or it says nothing about that.
            (true, None) if list.is_some() => AGAIN,
            (true, None) => every,
        };
        self.next = Instant::now() + wait;
    }

    /// Begins a look, if it is time.
    fn begin(&mut self, pki: &Pki, table: &Arc<PeerTable>, longest: usize) {
        let stamp = match &self.of.source {
            CrlSource::File(path) => stamp(path),
            CrlSource::Url(_) => None,
        };
        let is_due = self.next <= Instant::now() || stamp != self.stamp;
        if self.under_way.is_some() || !is_due {
            return;
        }
        self.stamp = stamp;
        let (of, pki, table) = (self.of.clone(), pki.clone(), Arc::clone(table));
        self.under_way = Some(tokio::spawn(async move {
            let found = match &of.source {
                CrlSource::Url(url) => fetch(url, longest).await.map_err(|e| e.to_string()),
                CrlSource::File(path) => {
                    let path = path.clone();
                    let read = move || read(&path, longest);
                    tokio::task::spawn_blocking(read).await.unwrap_or_else(|e| Err(e.to_string()))
                }
            };
            let kept = tokio::task::spawn_blocking(move || keep(&of, &pki, &table, found));
            kept.await.unwrap_or(false)
        }));
    }
}

/// Keeps what was found, or tells why not; whether there was something to take.
fn keep(of: &Publishing, pki: &Pki, table: &PeerTable, found: Result<Vec<u8>, String>) -> bool {
    // The CA may be trusted no more, or publish elsewhere by now.
    if !table.trust().published().iter().any(|now| now.is_same(of)) {
        return false;
    }
    let taken = found.map_err(|reason| format!("{}: {reason}", of.source)).and_then(|bytes| {
        crl::take(pki, &of.name, &of.certificate, &bytes).map_err(|e| e.to_string())
    });
    let failure = taken.as_ref().err().cloned();
    let is_other = table.trust().looked(&of.name, failure.as_ref());
    match failure.as_ref().filter(|_| is_other) {
        Some(reason) => tracing::warn!(
            ca = of.name,
            "認証局の失効リストを更新できません / the CRL of a CA cannot be renewed: {reason}"
        ),
        None => tracing::debug!(ca = of.name, "CRL looked at"),
    }
    if let Err(error) = (Looked { at: Utc::now(), failure }).write(pki, &of.name) {
        tracing::warn!(%error, "what became of a CRL was not written down");
    }
    if taken.as_ref().is_ok_and(|is_new| *is_new) {
        tracing::info!(ca = of.name, "new CRL");
        table.reload();
    }
    taken.is_ok()
}

/// The octets of a file, if they are not too many.
pub(crate) fn read(path: &Path, longest: usize) -> Result<Vec<u8>, String> {
    let mut bytes = Vec::new();
    let file = std::fs::File::open(path).map_err(|e| e.to_string())?;
    let most = u64::try_from(longest).unwrap_or(u64::MAX);
    file.take(most.saturating_add(1)).read_to_end(&mut bytes).map_err(|e| e.to_string())?;
    match bytes.len() > longest {
        true => Err(format!("{longest} バイトを超えています / is longer than {longest} octets")),
        false => Ok(bytes),
    }
}

fn stamp(path: &Path) -> Stamp {
    let meta = std::fs::metadata(path).ok()?;
    Some((meta.modified().ok()?, meta.ino(), meta.len()))
}
