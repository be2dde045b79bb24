//! Mandates: after a conversion error, and as long as two administrators say, somebody looks at the one file that it is
//! about. Each is a record in the data directory, `mandates/ID.toml`, which stays, and a sealed copy of the file,
//! `mandates/ID.sealed`, which is erased when the time is over (docs/decisions/0058-mandates.md).

mod copy;
mod id;
mod life;
mod mandate;
mod refused;
#[cfg(test)]
mod tests;
mod watch;

pub(crate) use copy::{CopyError, Measures, measure};
pub(crate) use id::{MandateId, NotAMandateId};
#[cfg(test)]
pub(crate) use life::{DAYS_TO_GRANT, STEPS};
pub(crate) use life::{Deed, HOURS, Life, MOST_HOURS, State};
pub(crate) use mandate::{About, Event, Mandate};
pub(crate) use refused::Refused;
pub(crate) use watch::watch;

use crate::files;
use chrono::{DateTime, Utc};
use renkei_sealing::KeyRing;
use std::fs::{File, TryLockError};
use std::io::{self, Read as _, Write};
use std::path::{Path, PathBuf};

/// The longest record that is read.
const LONGEST: u64 = 4 << 20;
const RECORD: &str = "toml";
const SEALED: &str = "sealed";

/// The folder `mandates` of a data directory.
#[derive(Clone, Debug)]
pub(crate) struct Mandates {
    dir: PathBuf,
}

/// All mandates that could be read, in the order of their ids, and why others could not.
#[derive(Debug, Default)]
pub(crate) struct Read {
    pub(crate) mandates: Vec<Mandate>,
    pub(crate) broken: Vec<Refused>,
}

/// The mandates while nobody else changes them.
#[derive(Debug)]
pub(crate) struct Held {
    mandates: Mandates,
    _lock: File,
}

impl Mandates {
    /// Those of a data directory; the folder is made when there is a first one.
    pub(crate) fn of(data_dir: &Path) -> Self {
        Self { dir: data_dir.join("mandates") }
    }

    /// Whether there never was one.
    pub(crate) fn is_absent(&self) -> bool {
        !self.dir.exists()
    }

    /// Reads every record.
    pub(crate) fn read(&self) -> Result<Read, Refused> {
        let mut read = Read::default();
        for path in self.paths(RECORD)? {
            match mandate(&path) {
                Ok(mandate) => read.mandates.push(mandate),
                Err(broken) => read.broken.push(broken),
            }
        }
        read.mandates.sort_by(|a, b| a.id.order().cmp(&b.id.order()));
        Ok(read)
    }

    /// The mandate of this id.
    pub(crate) fn get(&self, id: &MandateId) -> Result<Mandate, Refused> {
        let path = self.path(id, RECORD);
        match path.exists() {
            true => mandate(&path),
            false => Err(Refused::Unknown(id.clone())),
        }
    }

    /// Keeps others from changing them until the value is dropped.
    pub(crate) fn hold(&self) -> Result<Held, Refused> {
        let (path, lock) = self.lock()?;
        lock.lock().map_err(|error| at(&path, error))?;
        Ok(Held { mandates: self.clone(), _lock: lock })
    }

    /// The same where nobody is at it.
    pub(crate) fn hold_if_free(&self) -> Result<Option<Held>, Refused> {
        let (path, lock) = self.lock()?;
        match lock.try_lock() {
            Ok(()) => Ok(Some(Held { mandates: self.clone(), _lock: lock })),
            Err(TryLockError::WouldBlock) => Ok(None),
            Err(TryLockError::Error(error)) => Err(at(&path, error)),
        }
    }

    fn lock(&self) -> Result<(PathBuf, File), Refused> {
        files::private_dir(&self.dir).map_err(|error| at(&self.dir, error))?;
        let path = self.dir.join(".lock");
        let lock = File::options().create(true).truncate(false).write(true).open(&path);
        let lock = lock.map_err(|error| at(&path, error))?;
        Ok((path, lock))
    }

    fn path(&self, id: &MandateId, extension: &str) -> PathBuf {
        self.dir.join(format!("{id}.{extension}"))
    }

    fn paths(&self, extension: &str) -> Result<Vec<PathBuf>, Refused> {
        let entries = match std::fs::read_dir(&self.dir) {
            Ok(entries) => entries,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(at(&self.dir, error)),
        };
        let mut paths = Vec::new();
        for entry in entries {
            let path = entry.map_err(|error| at(&self.dir, error))?.path();
            let hidden = path.file_name().is_some_and(|n| n.as_encoded_bytes().starts_with(b"."));
            if !hidden && path.extension().is_some_and(|e| e == extension) {
                paths.push(path);
            }
        }
        paths.sort();
        Ok(paths)
    }
}

impl Held {
    /// The same, for looking.
    pub(crate) fn mandates(&self) -> &Mandates {
        &self.mandates
    }

    /// An id that no mandate ever had.
    pub(crate) fn new_id(&self, now: DateTime<Utc>) -> MandateId {
        let mut ids = (1..=u32::MAX).map(|number| MandateId::new(now, number));
        let is_free = |id: &MandateId| !self.mandates.path(id, RECORD).exists();
        ids.find(is_free).unwrap_or_else(|| MandateId::new(now, 0))
    }

    /// Writes a record: whole, or not at all.
    pub(crate) fn put(&self, mandate: &Mandate) -> Result<(), Refused> {
        let path = self.mandates.path(&mandate.id, RECORD);
        let text = toml::to_string(&mandate.about)
            .map_err(|e| Refused::Broken { path: path.clone(), reason: e.to_string() })?;
        files::write_private(&path, text.as_bytes()).map_err(|error| at(&path, error))
    }

    /// Keeps a sealed copy of a file that is to be the one which `mandate` names, and the record behind it.
    pub(crate) fn keep(
        &self,
        mandate: &Mandate,
        keys: &KeyRing,
        file: &mut dyn io::Read,
    ) -> Result<(), Refused> {
        let path = self.mandates.path(&mandate.id, SEALED);
        let kept = match copy::seal(&path, keys, file) {
            Ok(measures) if measures == mandate.measures() => self.put(mandate),
            Ok(_) => Err(Refused::Changed),
            Err(error) => Err(copied(&path, error)),
        };
        // Another's copy is left as it is. Who removes what is left of this one, if not this, is `clear`; the first error is
        // the one to tell.
        let is_ours = |error: &Refused| !matches!(error, Refused::Io { error, .. } if error.kind() == io::ErrorKind::AlreadyExists);
        if kept.as_ref().err().is_some_and(is_ours) {
            drop(copy::erase(&path));
        }
        kept
    }

    /// Writes the file of a mandate, which is exactly that file or an error; what was written is then worth nothing.
    pub(crate) fn hand_out(
        &self,
        mandate: &Mandate,
        keys: &KeyRing,
        to: &mut dyn Write,
    ) -> Result<(), Refused> {
        let path = self.mandates.path(&mandate.id, SEALED);
        let measures = copy::unseal(&path, keys, to).map_err(|error| copied(&path, error))?;
        match measures == mandate.measures() {
            true => Ok(()),
            false => Err(Refused::Differs { id: mandate.id.clone() }),
        }
    }

    /// Erases the copy of a mandate and writes down that it is gone.
    pub(crate) fn erase(&self, mandate: &Mandate) -> Result<(), Refused> {
        let path = self.mandates.path(&mandate.id, SEALED);
        copy::erase(&path).map_err(|error| at(&path, error))?;
        self.put(mandate)
    }

    /// Erases copies of what was never asked for: of commands that ended on their way.
    pub(crate) fn clear(&self) -> Result<(), Refused> {
        for path in self.mandates.paths(SEALED)? {
            // What could not be looked for may be there.
            let record = path.with_extension(RECORD);
            if !record.try_exists().map_err(|error| at(&record, error))? {
                copy::erase(&path).map_err(|error| at(&path, error))?;
            }
        }
        Ok(())
    }
}

fn mandate(path: &Path) -> Result<Mandate, Refused> {
    let broken = |reason: String| Refused::Broken { path: path.to_owned(), reason };
    let stem = path.file_stem().and_then(|name| name.to_str()).unwrap_or_default();
    let id: MandateId = stem.parse().map_err(|e: NotAMandateId| broken(e.to_string()))?;
    let file = File::open(path).map_err(|error| at(path, error))?;
    let mut text = String::new();
    let read = file.take(LONGEST + 1).read_to_string(&mut text).map_err(|error| at(path, error))?;
    if read as u64 > LONGEST {
        return Err(broken(format!("長すぎます / too long (> {LONGEST})")));
    }
    let about: About = toml::from_str(&text).map_err(|e| broken(e.message().to_owned()))?;
    if about.history.first().is_none_or(|first| first.what != Deed::Ask) {
        return Err(broken(
            "履歴が申請で始まっていません / its history does not begin with being asked for"
                .to_owned(),
        ));
    }
    Ok(Mandate { id, about })
}

fn copied(path: &Path, error: CopyError) -> Refused {
    let path = path.to_owned();
    match error {
        CopyError::Io(error) => Refused::Io { path, error },
        CopyError::Seal(error) => Refused::Sealed { path, error },
    }
}

fn at(path: &Path, error: io::Error) -> Refused {
    Refused::Io { path: path.to_owned(), error }
}
