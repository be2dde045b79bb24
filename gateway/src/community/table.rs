//! The communities of a folder, looked at twice a second.

use super::file::LONGEST;
use super::{Community, NotRead, Own};
use arc_swap::ArcSwap;
use chrono::SecondsFormat::Nanos;
use chrono::{DateTime, Utc};
use renkei_metadata::ids::HomeCommunityId;
use std::collections::BTreeMap;
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime};

/// How often the folder is looked at.
const POLL: Duration = Duration::from_millis(500);

/// A file that is left out.
#[derive(Debug)]
pub struct Broken {
    /// Which.
    pub path: PathBuf,
    /// Why.
    pub reason: NotRead,
}

/// What a folder holds.
#[derive(Debug, Default)]
pub struct Known {
    /// By homeCommunityId, in its order.
    pub communities: BTreeMap<HomeCommunityId, Arc<Community>>,
    /// What could not be read.
    pub broken: Vec<Broken>,
}

/// What the file of a community is called.
pub fn file_name(home: &HomeCommunityId) -> String {
    format!("{}.toml", home.oid())
}

impl Broken {
    /// The community that it is of by its name; `None` when it is not called as files of communities are.
    pub fn home(&self) -> Option<HomeCommunityId> {
        let oid = self.path.file_stem()?.to_str()?;
        HomeCommunityId::parse(&format!("urn:oid:{oid}")).ok()
    }

    /// What it is called in an answer: by its community, or else by its name, without where it is.
    pub fn called(&self) -> String {
        let stem = || self.path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        self.home().map_or_else(stem, |home| home.to_string())
    }
}

impl Known {
    /// Whether there is a file of this community that cannot be read.
    pub fn is_broken(&self, home: &HomeCommunityId) -> bool {
        self.broken.iter().any(|broken| broken.home().as_ref() == Some(home))
    }

    /// Reads a folder. One that is not there holds nothing; a file that is wrong leaves out its community
    /// alone.
    ///
    /// # Errors
    /// When the folder cannot be listed.
    pub fn read(dir: &Path, own: &Own) -> io::Result<Self> {
        Ok(Self::of(&stamp(dir)?, own))
    }

    fn of(stamp: &Stamp, own: &Own) -> Self {
        let mut known = Self::default();
        for (path, _, _) in stamp {
            match read(path, own) {
                Ok(community) => {
                    known.communities.insert(community.home.clone(), Arc::new(community));
                }
                Err(reason) => known.broken.push(Broken { path: path.clone(), reason }),
            }
        }
        known
    }

    /// Says what was read and who goes by it from now on; `newest` is when the last of the files was written.
    fn tell(&self, stamp: &Stamp, reader: &str) {
        for Broken { path, reason } in &self.broken {
            tracing::warn!(path = %path.display(), %reason, "community left out");
        }
        let newest = stamp.iter().map(|(_, written, _)| *written).max();
        let newest = newest.map(|at| DateTime::<Utc>::from(at).to_rfc3339_opts(Nanos, true));
        let (communities, files) = (self.communities.len(), stamp.len());
        let newest = newest.as_deref().unwrap_or("none");
        tracing::info!(communities, files, newest, reader, "communities read");
    }
}

fn read(path: &Path, own: &Own) -> Result<Community, NotRead> {
    if std::fs::metadata(path)?.len() > LONGEST {
        return Err(NotRead::Form("too long / 長すぎます".to_owned()));
    }
    let community = Community::of_text(&std::fs::read_to_string(path)?)?;
    // One file a community: two of the same would hide one another.
    let name = file_name(&community.home);
    if path.file_name().is_none_or(|found| found.to_str() != Some(name.as_str())) {
        return Err(NotRead::Name(name));
    }
    own.check(&community)?;
    Ok(community)
}

/// What tells one state of the folder from another. A file replaced within one tick of the clock still has
/// another inode.
type Stamp = Vec<(PathBuf, SystemTime, u64)>;

fn stamp(dir: &Path) -> io::Result<Stamp> {
    let mut stamp = Vec::new();
    let entries = match std::fs::read_dir(dir) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(stamp),
        Err(error) => return Err(error),
    };
    for entry in entries {
        let path = entry?.path();
        let hidden = path.file_name().is_some_and(|n| n.as_encoded_bytes().starts_with(b"."));
        if hidden || path.extension().is_none_or(|e| e != "toml") {
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

/// The communities that a running gateway knows.
#[derive(Debug)]
pub struct Communities {
    dir: PathBuf,
    own: Own,
    /// Who goes by them, for the log.
    reader: &'static str,
    known: ArcSwap<Known>,
    last: Mutex<Stamp>,
}

impl Communities {
    /// Reads the folder for `reader`, by whose name the log says what was read.
    ///
    /// # Errors
    /// When it cannot be listed.
    pub fn open(dir: PathBuf, own: Own, reader: &'static str) -> io::Result<Self> {
        let stamp = stamp(&dir)?;
        let known = Known::of(&stamp, &own);
        known.tell(&stamp, reader);
        let (known, last) = (ArcSwap::from_pointee(known), Mutex::new(stamp));
        Ok(Self { dir, own, reader, known, last })
    }

    /// What is known now.
    pub fn known(&self) -> Arc<Known> {
        self.known.load_full()
    }

    /// Our own community.
    pub fn own(&self) -> &Own {
        &self.own
    }

    /// Where the file of a community is.
    pub fn path(&self, home: &HomeCommunityId) -> PathBuf {
        self.dir.join(file_name(home))
    }

    /// Looks at the folder and reads it again if something changed.
    pub fn reload(&self) {
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        match stamp(&self.dir) {
            Ok(now) if now != *last => {
                let known = Known::of(&now, &self.own);
                let known = Arc::new(known);
                self.known.store(Arc::clone(&known));
                // Told when it holds: whoever reads it may go by it.
                known.tell(&now, self.reader);
                *last = now;
            }
            Ok(_) => {}
            // What is known stays known: a folder that cannot be read is no reason to ask nobody.
            Err(error) => tracing::error!(%error, "the communities cannot be read"),
        }
    }

    /// Looks at the folder twice a second, for ever.
    pub async fn watch(self: Arc<Self>) {
        loop {
            tokio::time::sleep(POLL).await;
            let table = Arc::clone(&self);
            if tokio::task::spawn_blocking(move || table.reload()).await.is_err() {
                tracing::error!("the communities could not be looked at");
            }
        }
    }
}
