//! When each node was last seen, and how often it was refused: counted in memory, and written down every few seconds.
//!
//! There is a row for each name that an administrator entered, and one for all strangers together: nobody makes the
//! file longer by knocking.

use super::{At, Pki, PkiError, Presented};
use crate::files;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, HashMap};
use std::path::PathBuf;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// How often what changed is written down: what a crash may lose.
const EVERY: Duration = Duration::from_secs(3);
/// The longest file that is read.
const LONGEST: u64 = 64 * 1024 * 1024;
/// The most characters that are kept of a stranger's subject.
const SUBJECT: usize = 256;

/// What is known of a node.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Row {
    /// From when it is counted.
    pub(crate) since: DateTime<Utc>,
    /// When it was let in last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) seen: Option<DateTime<Utc>>,
    /// How many of its connections and requests were refused.
    #[serde(default)]
    pub(crate) refused: u64,
    /// When the last one was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) last_refused: Option<DateTime<Utc>>,
}

/// What is known of all whose certificates nobody entered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Strangers {
    /// From when they are counted.
    pub(crate) since: DateTime<Utc>,
    /// How many connections were refused.
    pub(crate) refused: u64,
    /// The last one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) last: Option<Stranger>,
}

/// A certificate that nobody entered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Stranger {
    /// When it was presented.
    pub(crate) at: DateTime<Utc>,
    /// Its subject, or the beginning of a long one.
    pub(crate) subject: String,
    /// SHA-256 of it.
    pub(crate) fingerprint: String,
}

/// The file.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Kept {
    /// By the names of nodes.
    #[serde(default)]
    pub(crate) nodes: BTreeMap<String, Row>,
    /// `None` before a house with this count ran.
    #[serde(default)]
    pub(crate) strangers: Option<Strangers>,
}

impl Kept {
    /// What the house of `pki` wrote down last; nothing when it never did.
    ///
    /// # Errors
    /// A file that cannot be read, or is none of ours.
    pub(crate) fn read(pki: &Pki) -> Result<Self, PkiError> {
        let path = pki.sightings_file();
        if !path.exists() {
            return Ok(Self::default());
        }
        let wrong = |reason: String| PkiError::Peer { path: path.clone(), reason };
        if std::fs::metadata(&path).at(&path)?.len() > LONGEST {
            return Err(wrong("長すぎます / is too long".to_owned()));
        }
        let bytes = std::fs::read(&path).at(&path)?;
        serde_json::from_slice(&bytes).map_err(|e| wrong(e.to_string()))
    }
}

/// What is counted of one node. Times are milliseconds since 1970; 0 is never.
#[derive(Debug)]
pub(crate) struct Sighting {
    since: DateTime<Utc>,
    seen: AtomicI64,
    refused: AtomicU64,
    last_refused: AtomicI64,
}

impl Sighting {
    fn new(since: DateTime<Utc>) -> Self {
        let (seen, refused) = (AtomicI64::new(0), AtomicU64::new(0));
        Self { since, seen, refused, last_refused: AtomicI64::new(0) }
    }

    fn of(row: &Row) -> Self {
        let time = |at: Option<DateTime<Utc>>| at.map_or(0, |at| at.timestamp_millis());
        Self {
            since: row.since,
            seen: AtomicI64::new(time(row.seen)),
            refused: AtomicU64::new(row.refused),
            last_refused: AtomicI64::new(time(row.last_refused)),
        }
    }

    /// It is let in now.
    pub(super) fn saw(&self) {
        self.seen.store(Utc::now().timestamp_millis(), Ordering::Relaxed);
    }

    fn refused(&self) {
        self.refused.fetch_add(1, Ordering::Relaxed);
        self.last_refused.store(Utc::now().timestamp_millis(), Ordering::Relaxed);
    }

    fn row(&self) -> Row {
        let time = |at: &AtomicI64| match at.load(Ordering::Relaxed) {
            0 => None,
            at => DateTime::from_timestamp_millis(at),
        };
        Row {
            since: self.since,
            seen: time(&self.seen),
            refused: self.refused.load(Ordering::Relaxed),
            last_refused: time(&self.last_refused),
        }
    }
}

/// All that is counted in one process.
#[derive(Debug)]
pub(crate) struct Sightings {
    file: PathBuf,
    nodes: Mutex<HashMap<String, Arc<Sighting>>>,
    strangers: Mutex<Strangers>,
    /// What the file holds, as far as this process knows.
    written: Mutex<Kept>,
}

impl Sightings {
    /// Goes on where the house of `pki` stopped. A file that cannot be read is told, and is counted anew.
    pub(super) fn open(pki: &Pki) -> Self {
        let kept = Kept::read(pki).unwrap_or_else(|error| {
            tracing::warn!(%error, "when nodes were seen is not known; counted anew");
            Kept::default()
        });
        let rows = kept.nodes.iter();
        let nodes = rows.map(|(name, row)| (name.clone(), Arc::new(Sighting::of(row)))).collect();
        let nobody = Strangers { since: Utc::now(), refused: 0, last: None };
        Self {
            file: pki.sightings_file(),
            nodes: Mutex::new(nodes),
            strangers: Mutex::new(kept.strangers.clone().unwrap_or(nobody)),
            written: Mutex::new(kept),
        }
    }

    /// Where a node of this name, which an administrator entered, is counted.
    pub(super) fn of(&self, name: &str) -> Arc<Sighting> {
        let mut nodes = self.nodes.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = nodes.get(name) {
            return Arc::clone(known);
        }
        let new = Arc::new(Sighting::new(Utc::now()));
        nodes.insert(name.to_owned(), Arc::clone(&new));
        new
    }

    /// A connection or request of the node `name`, which an administrator entered once, was refused.
    pub(crate) fn refused(&self, name: &str) {
        self.of(name).refused();
    }

    /// A connection of somebody whom nobody entered was refused.
    pub(super) fn stranger(&self, presented: &Presented) {
        let mut strangers = self.strangers.lock().unwrap_or_else(PoisonError::into_inner);
        strangers.refused = strangers.refused.saturating_add(1);
        strangers.last = Some(Stranger {
            at: Utc::now(),
            subject: presented.subject.chars().take(SUBJECT).collect(),
            fingerprint: presented.fingerprint.clone(),
        });
    }

    fn kept(&self) -> Kept {
        let nodes = self.nodes.lock().unwrap_or_else(PoisonError::into_inner);
        let rows = nodes.iter().map(|(name, node)| (name.clone(), node.row())).collect();
        drop(nodes);
        let strangers = self.strangers.lock().unwrap_or_else(PoisonError::into_inner).clone();
        Kept { nodes: rows, strangers: Some(strangers) }
    }

    /// Writes down what changed since it was written last.
    pub(crate) fn write(&self) {
        let mut written = self.written.lock().unwrap_or_else(PoisonError::into_inner);
        let now = self.kept();
        if now == *written {
            return;
        }
        let bytes = serde_json::to_vec(&now).map_err(std::io::Error::other);
        match bytes.and_then(|bytes| files::write_private(&self.file, &bytes)) {
            Ok(()) => *written = now,
            // Nobody is kept out for that; the next time may do.
            Err(error) => tracing::warn!(%error, "when nodes were seen was not written down"),
        }
    }

    /// Writes down what changes, for ever.
    pub(crate) async fn watch(self: Arc<Self>) {
        loop {
            tokio::time::sleep(EVERY).await;
            let sightings = Arc::clone(&self);
            if tokio::task::spawn_blocking(move || sightings.write()).await.is_err() {
                tracing::error!("when nodes were seen could not be written down");
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tempfile::TempDir;

    fn place() -> (TempDir, Pki) {
        let dir = TempDir::new().unwrap();
        let pki = Pki::open(dir.path()).unwrap();
        (dir, pki)
    }

    /// A certificate of this name that nobody entered.
    fn stranger(name: &str) -> Presented {
        let (dir, pki) = place();
        let files = pki.server(name).unwrap();
        let pem = std::fs::read(files.certificate).unwrap();
        drop(dir);
        Presented::of(&openssl::x509::X509::from_pem(&pem).unwrap()).unwrap()
    }

    #[test]
    fn what_is_counted_is_there_after_a_restart() {
        let (_dir, pki) = place();
        let began = Utc::now();
        let sightings = Sightings::open(&pki);
        sightings.of("a").saw();
        sightings.refused("b");
        sightings.refused("b");
        let knocked = stranger("localhost");
        sightings.stranger(&knocked);
        assert_eq!(Kept::read(&pki).unwrap(), Kept::default());
        sightings.write();
        let kept = Kept::read(&pki).unwrap();
        let (a, b) = (&kept.nodes["a"], &kept.nodes["b"]);
        assert!(a.seen.unwrap().timestamp_millis() >= began.timestamp_millis());
        assert_eq!((a.refused, a.last_refused), (0, None));
        assert_eq!((b.refused, b.seen), (2, None));
        assert!(b.last_refused.is_some() && b.since >= began);
        let last = kept.strangers.as_ref().unwrap().last.as_ref().unwrap();
        assert_eq!((&last.subject, &last.fingerprint), (&knocked.subject, &knocked.fingerprint));

        let again = Sightings::open(&pki);
        again.refused("b");
        again.stranger(&knocked);
        again.write();
        let later = Kept::read(&pki).unwrap();
        assert_eq!((later.nodes["b"].refused, later.nodes["b"].since), (3, b.since));
        assert_eq!(later.nodes["a"], *a);
        let strangers = later.strangers.unwrap();
        assert_eq!((strangers.refused, strangers.since), (2, kept.strangers.unwrap().since));
    }

    #[test]
    fn knocking_makes_the_file_no_longer() {
        let (_dir, pki) = place();
        let sightings = Sightings::open(&pki);
        let mut knocked = stranger("localhost");
        knocked.subject = "長".repeat(100_000);
        for _ in 0..1_000 {
            sightings.stranger(&knocked);
        }
        sightings.write();
        let length = std::fs::metadata(pki.sightings_file()).unwrap().len();
        assert!(length < 2_000, "{length}");
        assert_eq!(Kept::read(&pki).unwrap().strangers.unwrap().refused, 1_000);
    }

    #[test]
    fn what_did_not_change_is_not_written_and_a_broken_file_is_told_and_begun_anew() {
        let (_dir, pki) = place();
        let sightings = Sightings::open(&pki);
        sightings.of("a").saw();
        sightings.write();
        std::fs::write(pki.sightings_file(), "{").unwrap();
        sightings.write();
        let told = Kept::read(&pki).unwrap_err().to_string();
        assert!(told.contains("seen.json: "), "{told}");
        let anew = Sightings::open(&pki);
        anew.refused("a");
        anew.write();
        assert_eq!(Kept::read(&pki).unwrap().nodes["a"].refused, 1);
    }
}
