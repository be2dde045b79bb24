//! A data directory, held by one process.

use crate::files;
use crate::pki::{Pki, PkiError};
use std::fs::{File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};

/// Why a data directory cannot be used.
#[derive(Debug, thiserror::Error)]
pub(crate) enum SiteError {
    /// The file system.
    #[error("{path}: {error}", path = path.display())]
    Io { path: PathBuf, error: io::Error },
    /// Another process serves it.
    #[error(
        "{path}: another renkei serves this data directory; stop it, or use another --data-dir / \
         別のrenkeiがこのデータディレクトリを使用中です。停止するか、別の --data-dir を指定してください",
        path = .0.display()
    )]
    InUse(PathBuf),
    /// The PKI.
    #[error(transparent)]
    Pki(#[from] PkiError),
}

/// A data directory that is ours until the value is dropped.
pub(crate) struct Site {
    dir: PathBuf,
    pki: Pki,
    // The lock is the open file: it ends with the process, however that ends.
    _lock: File,
}

impl Site {
    /// Makes the directory if needed and takes it, or says who is in the way.
    pub(crate) fn open(dir: &Path) -> Result<Self, SiteError> {
        let at = |path: &Path, error| SiteError::Io { path: path.to_owned(), error };
        files::private_dir(dir).map_err(|e| at(dir, e))?;
        let dir = dir.canonicalize().map_err(|e| at(dir, e))?;
        let path = dir.join("lock");
        let lock = File::options()
            .create(true)
            .truncate(false)
            .write(true)
            .open(&path)
            .map_err(|e| at(&path, e))?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(SiteError::InUse(dir)),
            Err(TryLockError::Error(e)) => return Err(at(&path, e)),
        }
        let databases = dir.join("databases");
        files::private_dir(&databases).map_err(|e| at(&databases, e))?;
        let pki = Pki::open(&dir)?;
        Ok(Self { dir, pki, _lock: lock })
    }

    /// The directory, absolute.
    pub(crate) fn dir(&self) -> &Path {
        &self.dir
    }

    /// Its PKI.
    pub(crate) fn pki(&self) -> &Pki {
        &self.pki
    }

    /// Where key-encryption keys live: outside the directory of the databases.
    pub(crate) fn keys_dir(&self) -> PathBuf {
        Self::keys_dir_of(&self.dir)
    }

    /// The same for a data directory that another process may be holding.
    pub(crate) fn keys_dir_of(dir: &Path) -> PathBuf {
        dir.join("keys")
    }

    /// Where the audit journals of a data directory are.
    pub(crate) fn audit_dir_of(dir: &Path) -> PathBuf {
        dir.join("audit")
    }

    /// A path of the settings: relative ones begin here.
    pub(crate) fn path(&self, path: &Path) -> PathBuf {
        self.dir.join(path)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_process_at_a_time() {
        let dir = tempfile::TempDir::new().unwrap();
        let first = Site::open(dir.path()).unwrap();
        let second = Site::open(dir.path()).err().unwrap().to_string();
        assert!(second.contains("another renkei serves this data directory"), "{second}");
        drop(first);
        assert!(Site::open(dir.path()).is_ok());
    }
}
