//! The key under which sources make the patient ids of the affinity domain.
//!
//! All sources of a domain have to give one person the same id, and a source that lost everything
//! but its identity has to give it again. So the key comes from the house and travels with the
//! identity of each source.

use crate::files;
use anyhow::Context;
use renkei_sealing::{KeyError, KeyRing};
use std::path::Path;
use zeroize::Zeroizing;

/// Its file in the directory of an identity: 64 hexadecimal digits.
pub(crate) const FILE: &str = "patient.key";

/// The key of a house, derived from its root key.
pub(crate) fn of_house(keys: &KeyRing) -> Result<Zeroizing<[u8; 32]>, KeyError> {
    keys.derive("source.patient-id")
}

/// Writes a key into a directory, for the owner only.
pub(crate) fn write(key: &[u8; 32], dir: &Path) -> anyhow::Result<()> {
    let path = dir.join(FILE);
    files::write_private(&path, hex::encode(key).as_bytes())
        .with_context(|| path.display().to_string())
}

/// Reads a key file.
pub(crate) fn read(path: &Path) -> anyhow::Result<[u8; 32]> {
    let text = std::fs::read_to_string(path).with_context(|| path.display().to_string())?;
    let mut key = [0; 32];
    hex::decode_to_slice(text.trim(), &mut key).with_context(|| {
        format!("{}: 64 hexadecimal digits expected / 16進64桁が必要です", path.display())
    })?;
    Ok(key)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    #[test]
    fn comes_back_and_is_private() {
        let dir = tempfile::TempDir::new().unwrap();
        let keys = KeyRing::open_or_create(&dir.path().join("keys")).unwrap();
        let key = of_house(&keys).unwrap();
        write(&key, dir.path()).unwrap();
        let path = dir.path().join(FILE);
        assert_eq!(read(&path).unwrap(), *key);
        assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        let again = KeyRing::open_or_create(&dir.path().join("keys")).unwrap();
        assert_eq!(of_house(&again).unwrap(), key);
    }

    #[test]
    fn something_else_is_refused() {
        let dir = tempfile::TempDir::new().unwrap();
        let path = dir.path().join(FILE);
        assert!(read(&path).is_err());
        std::fs::write(&path, "abc").unwrap();
        assert!(read(&path).is_err());
    }
}
