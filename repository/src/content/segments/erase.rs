//! Overwriting.

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;

/// Bytes looked at and written at a time.
const PIECE: usize = 64 * 1024;

/// Overwrites a part of a file with zeros where it has others, flushes that, and gives the room back
/// to the file system, as far as it can make holes. Nothing is written behind the end of the file.
pub(super) fn overwrite(file: &File, position: u64, length: u64) -> io::Result<()> {
    let end = position.saturating_add(length).min(file.metadata()?.len());
    if position >= end {
        return Ok(());
    }
    let zeros = vec![0; PIECE];
    let mut found = vec![0; PIECE];
    let (mut at, mut changed) = (position, false);
    while at < end {
        let some = usize::try_from(end - at).unwrap_or(PIECE).min(PIECE);
        let (Some(found), Some(zeros)) = (found.get_mut(..some), zeros.get(..some)) else { break };
        file.read_exact_at(found, at)?;
        if found != zeros {
            file.write_all_at(zeros, at)?;
            changed = true;
        }
        at += some as u64;
    }
    if changed {
        file.sync_data()?;
        free(file, position, end - position)?;
    }
    Ok(())
}

/// Makes a hole of whole blocks. A file system without holes keeps the zeros.
fn free(file: &File, position: u64, length: u64) -> io::Result<()> {
    use rustix::fs::{FallocateFlags, fallocate};
    use rustix::io::Errno;
    match fallocate(file, FallocateFlags::PUNCH_HOLE | FallocateFlags::KEEP_SIZE, position, length)
    {
        Ok(()) | Err(Errno::OPNOTSUPP | Errno::NOSYS) => Ok(()),
        Err(e) => Err(e.into()),
    }
}
