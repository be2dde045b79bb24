//! The files of a journal: `<first entry>.journal` with `<first entry>.keys` beside it, `expired`
//! with the number of the oldest entry that has to be there, and `lock`, held by who writes.

use super::entry::{Header, Payload};
use super::frame;
use crate::error::AuditError;
use renkei_sealing::{KeyRing, KeyWrapper, WRAPPED_ENTRY_KEY};
use std::fs::{self, DirBuilder, File, OpenOptions, TryLockError};
use std::io::Write;
use std::os::unix::fs::{DirBuilderExt, FileExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

/// The slots of a key file begin here, behind its header.
const SLOTS: u64 = 512;

/// The directory of a journal.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Dir(PathBuf);

impl Dir {
    pub(crate) fn new(path: PathBuf) -> Self {
        Self(path)
    }

    /// Makes it if it is not there, for the owner alone.
    pub(crate) fn make(&self) -> Result<(), AuditError> {
        let made = DirBuilder::new().recursive(true).mode(0o700).create(&self.0);
        made.map_err(AuditError::file(&self.0))
    }

    /// Takes the lock, unless another process has it. It ends with the process, however that ends.
    pub(crate) fn lock(&self) -> Result<Option<File>, AuditError> {
        let path = self.0.join("lock");
        let mut options = OpenOptions::new();
        let options = options.create(true).truncate(false).write(true).mode(0o600);
        let file = options.open(&path).map_err(AuditError::file(&path))?;
        match file.try_lock() {
            Ok(()) => Ok(Some(file)),
            Err(TryLockError::WouldBlock) => Ok(None),
            Err(TryLockError::Error(error)) => Err(AuditError::file(&path)(error)),
        }
    }

    /// Whether nobody writes this journal now.
    pub(crate) fn is_free(&self) -> bool {
        matches!(self.lock(), Ok(Some(_)))
    }

    pub(crate) fn path(&self) -> &Path {
        &self.0
    }

    /// What an operator calls it.
    pub(crate) fn name(&self) -> String {
        self.0.file_name().unwrap_or_default().to_string_lossy().into_owned()
    }

    pub(crate) fn segment(&self, number: u64) -> PathBuf {
        self.0.join(format!("{number:020}.journal"))
    }

    pub(crate) fn keys(&self, number: u64) -> PathBuf {
        self.0.join(format!("{number:020}.keys"))
    }

    /// Where what is cut off the end of a segment is put.
    pub(crate) fn cut(&self, number: u64, at: u64) -> PathBuf {
        self.0.join(format!("{number:020}.cut-{at}"))
    }

    /// The segments, oldest first.
    pub(crate) fn segments(&self) -> Result<Vec<u64>, AuditError> {
        self.numbers("journal")
    }

    /// The key files, oldest first.
    pub(crate) fn key_files(&self) -> Result<Vec<u64>, AuditError> {
        self.numbers("keys")
    }

    fn numbers(&self, extension: &str) -> Result<Vec<u64>, AuditError> {
        let entries = fs::read_dir(&self.0).map_err(AuditError::file(&self.0))?;
        let mut numbers = Vec::new();
        for entry in entries {
            let path = entry.map_err(AuditError::file(&self.0))?.path();
            let stem = path.file_stem().and_then(|s| s.to_str());
            if path.extension().is_some_and(|e| e == extension)
                && let Some(number) = stem.and_then(|s| s.parse().ok())
            {
                numbers.push(number);
            }
        }
        numbers.sort_unstable();
        Ok(numbers)
    }

    /// The number of the oldest entry that has not expired.
    pub(crate) fn first(&self) -> u64 {
        let text = fs::read_to_string(self.0.join("expired")).unwrap_or_default();
        text.trim().parse().unwrap_or(1)
    }

    /// Notes, before anything is removed, that everything before `first` will be.
    pub(crate) fn note_expired(&self, first: u64) -> Result<(), AuditError> {
        self.publish(&self.0.join("expired"), format!("{first}\n").as_bytes())
    }

    /// Writes a file whole and durably, or not at all.
    pub(crate) fn publish(&self, path: &Path, bytes: &[u8]) -> Result<(), AuditError> {
        let draft = self.0.join("draft");
        let mut options = OpenOptions::new();
        let options = options.create(true).truncate(true).write(true).mode(0o600);
        let write = || {
            let mut file = options.open(&draft)?;
            file.write_all(bytes)?;
            file.sync_all()?;
            fs::rename(&draft, path)?;
            self.sync()
        };
        write().map_err(AuditError::file(path))
    }

    pub(crate) fn sync(&self) -> std::io::Result<()> {
        File::open(&self.0)?.sync_all()
    }

    /// The head of a segment, from the segment or else from its key file: damage to one of them does
    /// not hide the entries.
    pub(crate) fn header(&self, number: u64) -> Result<Option<Header>, AuditError> {
        for path in [self.segment(number), self.keys(number)] {
            let Ok(file) = File::open(&path) else { continue };
            let mut head = vec![0; SLOTS as usize];
            let read = read_up_to(&file, &mut head, 0).map_err(AuditError::file(&path))?;
            head.truncate(read);
            if let Some((payload, _)) = frame::parse(&head, 0)
                && let Payload::Header(header) = Payload::read(payload)
            {
                return Ok(Some(header));
            }
        }
        Ok(None)
    }
}

/// Fills `buffer` from `offset`, or less at the end of the file.
pub(crate) fn read_up_to(file: &File, buffer: &mut [u8], offset: u64) -> std::io::Result<usize> {
    let mut filled = 0;
    while let Some(rest) = buffer.get_mut(filled..).filter(|rest| !rest.is_empty()) {
        match file.read_at(rest, offset + filled as u64)? {
            0 => break,
            read => filled += read,
        }
    }
    Ok(filled)
}

/// The octets of a file from `from` up to `to` or its end.
pub(crate) fn read_range(path: &Path, from: u64, to: Option<u64>) -> Result<Vec<u8>, AuditError> {
    let read = || {
        let file = File::open(path)?;
        let end = file.metadata()?.len();
        let length = to.map_or(end, |to| to.min(end)).saturating_sub(from);
        let mut bytes = vec![0; usize::try_from(length).unwrap_or(usize::MAX)];
        let filled = read_up_to(&file, &mut bytes, from)?;
        bytes.truncate(filled);
        Ok(bytes)
    };
    read().map_err(AuditError::file(path))
}

/// Where the key `slot` stands in its file.
pub(crate) fn slot_place(slot: u32) -> u64 {
    SLOTS + u64::from(slot) * WRAPPED_ENTRY_KEY as u64
}

/// How many whole slots a key file of this length has.
pub(crate) fn slots(length: u64) -> u32 {
    let slots = length.saturating_sub(SLOTS) / WRAPPED_ENTRY_KEY as u64;
    u32::try_from(slots).unwrap_or(u32::MAX)
}

/// The octets of a key file up to its first slot.
pub(crate) fn key_file_head(header: &Header) -> Vec<u8> {
    let mut head = Vec::with_capacity(SLOTS as usize);
    frame::write(&mut head, &header.payload());
    head.resize(SLOTS as usize, 0);
    head
}

/// What wraps the keys of the file with this header.
pub(crate) fn wrapper(keys: &KeyRing, header: &Header) -> Result<KeyWrapper, AuditError> {
    Ok(keys.wrapper(&header.key_name, "audit.entry", &header.salt)?)
}
