//! Reading: on the calling thread what is in the page cache, elsewhere what the disk has to bring.

use rustix::io::{ReadWriteFlags, preadv2};
use std::fs::File;
use std::io::{self, ErrorKind, IoSliceMut};
use std::os::unix::fs::FileExt;

/// Fills `buffer` from the page cache; `None` where that does not hold all of it.
pub(super) fn cached(file: &File, buffer: &mut [u8], position: u64) -> Option<()> {
    let mut at = 0;
    while at < buffer.len() {
        let rest = buffer.get_mut(at..)?;
        let mut rest = [IoSliceMut::new(rest)];
        // A kernel or file system that cannot do this answers with an error, and the caller reads
        // as one always can.
        let from = position.checked_add(at as u64)?;
        let read = preadv2(file, &mut rest, from, ReadWriteFlags::NOWAIT).ok()?;
        if read == 0 {
            return None;
        }
        at += read;
    }
    Some(())
}

/// Fills `buffer`, waiting for the disk; `false` when the file ends before.
pub(super) fn waiting(file: &File, buffer: &mut [u8], position: u64) -> io::Result<bool> {
    match file.read_exact_at(buffer, position) {
        Ok(()) => Ok(true),
        Err(e) if e.kind() == ErrorKind::UnexpectedEof => Ok(false),
        Err(e) => Err(e),
    }
}
