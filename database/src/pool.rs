//! Connections, each lent to one job at a time.

use crate::connect::Link;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

/// Connections for reading, or those for writing. Threads wait for one; a short read takes one or none.
pub(crate) struct Pool {
    shelf: Mutex<Shelf>,
    returned: Condvar,
}

struct Shelf {
    /// The one returned last is lent first: its page cache and its statements are warm. So are those first that are
    /// open, and no more are opened than work at once.
    free: Vec<Link>,
    lent: usize,
    /// Threads that wait.
    waiting: usize,
    closed: bool,
}

impl Pool {
    pub(crate) fn new(links: Vec<Link>) -> Self {
        let shelf = Shelf { free: links, lent: 0, waiting: 0, closed: false };
        Self { shelf: Mutex::new(shelf), returned: Condvar::new() }
    }

    // A panic while the lock is held is impossible: nothing of a job runs under it.
    fn lock(&self) -> MutexGuard<'_, Shelf> {
        self.shelf.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A connection at once, or `None`: none is free, a thread waits for one, or the pool is
    /// closed. What was taken is given back by [`Self::put`].
    pub(crate) fn try_take(&self) -> Option<Link> {
        let mut shelf = self.lock();
        if shelf.closed || shelf.waiting > 0 { None } else { shelf.lend() }
    }

    /// A connection, waited for; `None` when the pool is closed.
    pub(crate) fn take(&self) -> Option<Link> {
        let mut shelf = self.lock();
        while !shelf.closed {
            if let Some(link) = shelf.lend() {
                return Some(link);
            }
            shelf.waiting += 1;
            shelf = self.returned.wait(shelf).unwrap_or_else(PoisonError::into_inner);
            shelf.waiting -= 1;
        }
        None
    }

    /// Gives a connection back.
    pub(crate) fn put(&self, mut link: Link) {
        link.tidy();
        let mut shelf = self.lock();
        shelf.lent = shelf.lent.saturating_sub(1);
        shelf.free.push(link);
        if shelf.waiting > 0 || shelf.closed {
            self.returned.notify_all();
        }
    }

    /// Waits for what is lent, and closes every connection.
    pub(crate) fn close(&self) {
        let mut shelf = self.lock();
        shelf.closed = true;
        self.returned.notify_all();
        while shelf.lent > 0 {
            shelf = self.returned.wait(shelf).unwrap_or_else(PoisonError::into_inner);
        }
        shelf.free.clear();
    }
}

impl Shelf {
    fn lend(&mut self) -> Option<Link> {
        let link = self.free.pop()?;
        self.lent += 1;
        Some(link)
    }
}
