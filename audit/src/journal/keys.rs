//! The keys of entries to come: made in blocks, durable before the first of a block is used, so that
//! an entry needs one flush, its own.

use super::entry::{Header, KeyPlace};
use super::files::{self, Dir};
use crate::error::AuditError;
use renkei_sealing::{EntryKey, KeyRing, KeyWrapper, WRAPPED_ENTRY_KEY};
use std::collections::VecDeque;
use std::fs::{File, OpenOptions};
use std::os::unix::fs::FileExt;
use std::path::PathBuf;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Keys for whoever has a record to seal.
pub(crate) struct KeyPool {
    block: u32,
    maker: Mutex<Maker>,
    ready: Mutex<Ready>,
}

/// Makes keys at the end of the current key file.
struct Maker {
    path: PathBuf,
    file: File,
    wrapper: KeyWrapper,
    segment: u64,
    made: u32,
}

struct Ready {
    segment: u64,
    keys: VecDeque<(u32, EntryKey)>,
}

impl KeyPool {
    /// Takes up the key file of `header`, whose slots before `unused` are taken; `block` keys are
    /// made at a time.
    pub(crate) fn resume(
        ring: &KeyRing,
        dir: &Dir,
        header: &Header,
        unused: u32,
        block: u32,
    ) -> Result<Self, AuditError> {
        let maker = Maker::open(ring, dir, header)?;
        let mut keys = VecDeque::new();
        for slot in unused..maker.made {
            // One that does not open is passed over: nothing was sealed with it.
            if let Ok(key) = maker.read(slot) {
                keys.push_back((slot, key));
            }
        }
        let ready = Ready { segment: header.segment, keys };
        let pool = Self { block, maker: Mutex::new(maker), ready: Mutex::new(ready) };
        pool.top_up()?;
        Ok(pool)
    }

    /// Writes the key file of a segment that is about to begin.
    pub(crate) fn write_file(dir: &Dir, header: &Header) -> Result<(), AuditError> {
        dir.publish(&dir.keys(header.segment), &files::key_file_head(header))
    }

    /// Goes on to the key file of `header`.
    pub(crate) fn follow(
        &self,
        ring: &KeyRing,
        dir: &Dir,
        header: &Header,
    ) -> Result<(), AuditError> {
        let mut maker = lock(&self.maker);
        *maker = Maker::open(ring, dir, header)?;
        let keys = maker.make(self.block)?;
        *lock(&self.ready) = Ready { segment: header.segment, keys };
        Ok(())
    }

    /// A key nobody had before.
    pub(crate) fn draw(&self) -> Result<(KeyPlace, EntryKey), AuditError> {
        loop {
            let mut ready = lock(&self.ready);
            let segment = ready.segment;
            if let Some((slot, key)) = ready.keys.pop_front() {
                return Ok((KeyPlace { segment, slot }, key));
            }
            drop(ready);
            self.make()?;
        }
    }

    /// Makes a further block when less than half of one is left.
    pub(crate) fn top_up(&self) -> Result<(), AuditError> {
        let left = lock(&self.ready).keys.len();
        if left < self.block as usize / 2 { self.make() } else { Ok(()) }
    }

    fn make(&self) -> Result<(), AuditError> {
        let mut maker = lock(&self.maker);
        if lock(&self.ready).keys.len() >= self.block as usize / 2 {
            // Another caller made some while this one waited for the lock.
            return Ok(());
        }
        let made = maker.make(self.block)?;
        lock(&self.ready).keys.extend(made);
        Ok(())
    }
}

impl Maker {
    fn open(ring: &KeyRing, dir: &Dir, header: &Header) -> Result<Self, AuditError> {
        let path = dir.keys(header.segment);
        let open = || {
            let file = OpenOptions::new().read(true).write(true).open(&path)?;
            let length = file.metadata()?.len();
            Ok((file, files::slots(length)))
        };
        let (file, made) = open().map_err(AuditError::file(&path))?;
        let wrapper = files::wrapper(ring, header)?;
        Ok(Self { path, file, wrapper, segment: header.segment, made })
    }

    fn read(&self, slot: u32) -> Result<EntryKey, AuditError> {
        let mut wrapped = [0; WRAPPED_ENTRY_KEY];
        let read = self.file.read_exact_at(&mut wrapped, files::slot_place(slot));
        read.map_err(AuditError::file(&self.path))?;
        Ok(self.wrapper.unwrap(slot, &wrapped)?)
    }

    fn make(&mut self, count: u32) -> Result<VecDeque<(u32, EntryKey)>, AuditError> {
        let mut wrapped = Vec::with_capacity(count as usize * WRAPPED_ENTRY_KEY);
        let mut keys = VecDeque::with_capacity(count as usize);
        let first = self.made;
        for slot in first..first.saturating_add(count) {
            keys.push_back((slot, self.wrapper.new_key(slot, &mut wrapped)?));
        }
        let written = self.file.write_all_at(&wrapped, files::slot_place(first));
        let durable = written.and_then(|()| self.file.sync_data());
        durable.map_err(AuditError::file(&self.path))?;
        self.made = first.saturating_add(count);
        tracing::debug!(segment = self.segment, made = self.made, "audit keys made");
        Ok(keys)
    }
}

// Nothing that can panic runs while one of these locks is held: a poisoned one is used on.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
