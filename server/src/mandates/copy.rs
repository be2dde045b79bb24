//! The sealed copy of one file: a line that holds its wrapped key, then its chunks, each behind its length. Who
//! overwrites the line has destroyed the file (docs/decisions/0023-erasing-content.md).

use renkei_checkup::hash::RunningHash;
use renkei_sealing::{CHUNK, ContentKey, KeyRing, SealError, WrappedKey};
use serde::{Deserialize, Serialize};
use std::fs::File;
use std::io::{self, BufRead, BufReader, BufWriter, Read, Seek, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use uuid::Uuid;

/// The longest first line.
const LONGEST_HEAD: u64 = 4096;
/// More than sealing adds to a chunk.
const SEALED: usize = CHUNK + 1024;

/// Why a copy is not made or not read.
#[derive(Debug, thiserror::Error)]
pub(crate) enum CopyError {
    #[error(transparent)]
    Io(#[from] io::Error),
    #[error(transparent)]
    Seal(#[from] SealError),
}

/// By what a file is known again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Measures {
    /// Octets.
    pub(crate) size: u64,
    /// SHA-256, hexadecimal.
    pub(crate) sha256: String,
}

#[derive(Default)]
struct Measuring {
    size: u64,
    hash: RunningHash,
}

#[derive(Serialize, Deserialize)]
struct Head {
    key_name: String,
    algorithm: String,
    key: String,
    content: Uuid,
}

impl Measuring {
    fn add(&mut self, octets: &[u8]) {
        self.size = self.size.saturating_add(octets.len() as u64);
        self.hash.update(octets);
    }

    fn finish(self) -> Measures {
        Measures { size: self.size, sha256: self.hash.finish().to_string() }
    }
}

/// Reads a file to its end.
pub(crate) fn measure(mut from: impl Read) -> io::Result<Measures> {
    let mut measuring = Measuring::default();
    loop {
        let octets = piece(&mut from)?;
        if octets.is_empty() {
            return Ok(measuring.finish());
        }
        measuring.add(&octets);
    }
}

/// Makes a sealed copy at `path`, where nothing is yet.
pub(super) fn seal(
    path: &Path,
    keys: &KeyRing,
    from: &mut dyn Read,
) -> Result<Measures, CopyError> {
    let (key, WrappedKey { key_name, algorithm, bytes }) = keys.new_content_key()?;
    let head = Head { key_name, algorithm, key: hex::encode(bytes), content: Uuid::new_v4() };
    let file = File::options().write(true).create_new(true).mode(0o600).open(path)?;
    let mut out = BufWriter::new(file);
    writeln!(out, "{}", serde_json::to_string(&head).map_err(io::Error::other)?)?;
    let mut measuring = Measuring::default();
    let (mut plain, mut number) = (piece(&mut *from)?, 0_u32);
    loop {
        let next = piece(&mut *from)?;
        let last = next.is_empty();
        measuring.add(&plain);
        let chunk = key.seal_chunk(head.content, number, last, &plain)?;
        let length = u32::try_from(chunk.len()).map_err(|_| SealError::Format)?;
        out.write_all(&length.to_be_bytes())?;
        out.write_all(&chunk)?;
        if last {
            break;
        }
        number = number.checked_add(1).ok_or(SealError::Format)?;
        plain = next;
    }
    out.into_inner().map_err(io::IntoInnerError::into_error)?.sync_all()?;
    Ok(measuring.finish())
}

/// Writes what a sealed copy holds. What was written is worth nothing where it fails.
pub(super) fn unseal(
    path: &Path,
    keys: &KeyRing,
    to: &mut dyn Write,
) -> Result<Measures, CopyError> {
    let mut from = BufReader::new(File::open(path)?);
    let (key, content) = opened(&mut from, keys)?;
    let (mut measuring, mut number) = (Measuring::default(), 0_u32);
    loop {
        let mut length = [0; 4];
        from.read_exact(&mut length)?;
        let length = usize::try_from(u32::from_be_bytes(length)).unwrap_or(usize::MAX);
        if length > SEALED {
            return Err(SealError::Format.into());
        }
        let mut chunk = vec![0; length];
        from.read_exact(&mut chunk)?;
        let last = from.fill_buf()?.is_empty();
        let plain = key.open_chunk(content, number, last, &chunk)?;
        measuring.add(&plain);
        to.write_all(&plain)?;
        if last {
            return Ok(measuring.finish());
        }
        number = number.checked_add(1).ok_or(SealError::Format)?;
    }
}

fn opened(from: &mut impl BufRead, keys: &KeyRing) -> Result<(ContentKey, Uuid), CopyError> {
    let mut line = Vec::new();
    from.take(LONGEST_HEAD).read_until(b'\n', &mut line)?;
    let head: Head = serde_json::from_slice(&line).map_err(|_| SealError::Format)?;
    let bytes = hex::decode(&head.key).map_err(|_| SealError::Format)?;
    let wrapped = WrappedKey { key_name: head.key_name, algorithm: head.algorithm, bytes };
    Ok((keys.unwrap(&wrapped)?, head.content))
}

/// Overwrites the key, then removes the copy; one that is gone already is fine.
pub(super) fn erase(path: &Path) -> io::Result<()> {
    let mut file = match File::options().read(true).write(true).open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(error),
    };
    let length = file.metadata()?.len().min(LONGEST_HEAD);
    file.rewind()?;
    io::copy(&mut io::repeat(0).take(length), &mut file)?;
    file.sync_all()?;
    std::fs::remove_file(path)?;
    path.parent().map_or(Ok(()), |dir| File::open(dir)?.sync_all())
}

/// As much as one chunk holds; less only at the end.
fn piece(from: &mut (impl Read + ?Sized)) -> io::Result<Vec<u8>> {
    let mut octets = Vec::with_capacity(CHUNK);
    from.take(CHUNK as u64).read_to_end(&mut octets)?;
    Ok(octets)
}

#[cfg(test)]
mod tests {
    use super::*;
    use tempfile::TempDir;

    fn octets(length: usize) -> Vec<u8> {
        (0..length).map(|n| (n % 251) as u8).collect()
    }

    fn sealed(dir: &TempDir, octets: &[u8]) -> (KeyRing, std::path::PathBuf, Measures) {
        let keys = KeyRing::open_or_create(&dir.path().join("keys")).unwrap();
        let path = dir.path().join("copy");
        let measures = seal(&path, &keys, &mut &octets[..]).unwrap();
        (keys, path, measures)
    }

    #[test]
    fn what_is_sealed_comes_back_octet_for_octet() {
        for length in [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 3 * CHUNK, 3 * CHUNK + 7] {
            let (dir, plain, mut out) = (TempDir::new().unwrap(), octets(length), Vec::new());
            let (keys, path, measures) = sealed(&dir, &plain);
            assert_eq!(measures, measure(&plain[..]).unwrap());
            assert_eq!(unseal(&path, &keys, &mut out).unwrap(), measures);
            assert!(out == plain, "{length}");
        }
    }

    #[test]
    fn nobody_reads_it_from_the_disk_nor_changes_it_unseen() {
        let dir = TempDir::new().unwrap();
        let secret = "連携太郎,19630229".repeat(20_000);
        let (keys, path, _) = sealed(&dir, secret.as_bytes());
        let there = std::fs::read(&path).unwrap();
        assert!(!there.windows(8).any(|octets| octets == b"19630229"));
        let fails = |octets: &[u8]| {
            std::fs::write(&path, octets).unwrap();
            unseal(&path, &keys, &mut Vec::new()).is_err()
        };
        let mut changed = there.clone();
        *changed.last_mut().unwrap() ^= 1;
        assert!(fails(&changed));
        let first = there.iter().position(|b| *b == b'\n').unwrap() + 1 + 4 + CHUNK + 28;
        assert!(fails(&there[..first]), "cut off behind a whole chunk");
        assert!(fails(&there[..first + 10]), "cut off");
        assert!(fails(b"{}\n") && fails(b""));
        let other = KeyRing::open_or_create(&dir.path().join("other")).unwrap();
        std::fs::write(&path, &there).unwrap();
        assert!(unseal(&path, &other, &mut Vec::new()).is_err(), "another house's keys");
    }

    #[test]
    fn what_is_erased_has_lost_its_key_first() {
        let dir = TempDir::new().unwrap();
        let (keys, path, _) = sealed(&dir, &octets(10_000));
        // A second name sees what is left of the octets.
        let other = dir.path().join("other-name");
        std::fs::hard_link(&path, &other).unwrap();
        erase(&path).unwrap();
        assert!(!path.exists() && unseal(&other, &keys, &mut Vec::new()).is_err());
        let left = std::fs::read(&other).unwrap();
        assert!(left.iter().take(300).all(|octet| *octet == 0));
        erase(&path).unwrap();
    }
}
