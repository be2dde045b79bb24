//! The key directory: one file `<name>.key` a key, and the file `current` with the name of the key
//! for new values.

use crate::aead::{self, Key};
use crate::error::KeyError;
use std::collections::BTreeMap;
use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{ErrorKind, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt};
use std::path::Path;
use uuid::Uuid;
use zeroize::Zeroizing;

const CURRENT: &str = "current";
const EXTENSION: &str = "key";
/// Held while the directory is read or made.
const LOCK: &str = "lock";

/// The root secret: what is derived from it has to stay the same for the life of the installation.
const ROOT: &str = "root";

/// The keys of a directory and the name of the current one.
pub(crate) struct KeyFiles {
    pub(crate) current: String,
    pub(crate) root: Key,
    pub(crate) keys: BTreeMap<String, Key>,
}

fn io(path: &Path) -> impl Fn(std::io::Error) -> KeyError {
    let path = path.to_owned();
    move |source| KeyError::Io { path: path.clone(), source }
}

/// Reads the directory; makes it with a first key when there is none.
pub(crate) fn open_or_create(dir: &Path) -> Result<KeyFiles, KeyError> {
    DirBuilder::new().recursive(true).mode(0o700).create(dir).map_err(io(dir))?;
    // A process that starts beside us may be about to remove the key that came second.
    let path = dir.join(LOCK);
    let lock = OpenOptions::new().create(true).truncate(false).write(true).mode(0o600).open(&path);
    let lock = lock.map_err(io(&path))?;
    lock.lock().map_err(io(&path))?;
    if !dir.join(CURRENT).exists() {
        create_first(dir)?;
    }
    let mut keys = read_keys(dir)?;
    let root = keys.remove(ROOT).ok_or_else(|| KeyError::NoRoot(dir.to_owned()))?;
    let path = dir.join(CURRENT);
    let current = fs::read_to_string(&path).map_err(io(&path))?.trim().to_owned();
    if !keys.contains_key(&current) {
        return Err(KeyError::NoCurrentKey(path));
    }
    Ok(KeyFiles { current, root, keys })
}

fn read_keys(dir: &Path) -> Result<BTreeMap<String, Key>, KeyError> {
    let mut keys = BTreeMap::new();
    for entry in fs::read_dir(dir).map_err(io(dir))? {
        let path = entry.map_err(io(dir))?.path();
        if path.extension().is_some_and(|e| e == EXTENSION) {
            let (name, key) = read_key(&path)?;
            keys.insert(name, key);
        }
    }
    Ok(keys)
}

fn read_key(path: &Path) -> Result<(String, Key), KeyError> {
    let mode = fs::metadata(path).map_err(io(path))?.permissions().mode();
    if mode & 0o077 != 0 {
        return Err(KeyError::Exposed(path.to_owned()));
    }
    let not_a_key = || KeyError::NotAKey(path.to_owned());
    let name = path.file_stem().and_then(|s| s.to_str()).ok_or_else(not_a_key)?;
    // The name travels in front of every sealed value, behind a length of one byte.
    if name.is_empty() || name.len() > 64 {
        return Err(not_a_key());
    }
    let text = Zeroizing::new(fs::read_to_string(path).map_err(io(path))?);
    let mut key = Key::default();
    hex::decode_to_slice(text.trim(), key.as_mut()).map_err(|_| not_a_key())?;
    Ok((name.to_owned(), key))
}

/// Makes the root secret, if there are no keys at all, and a current key with a name that was never
/// used, so that values sealed with a lost key are told apart from values that were changed.
///
/// Each file appears whole or not at all, `current` last; of several processes that start at once
/// one wins and the others use its keys.
fn create_first(dir: &Path) -> Result<(), KeyError> {
    if read_keys(dir)?.is_empty() {
        publish(dir, &format!("{ROOT}.{EXTENSION}"), new_key()?.as_bytes())?;
    }
    let unique = Uuid::new_v4().simple().to_string();
    let name = format!("key-{}", unique.get(..12).unwrap_or(&unique));
    let key_file = format!("{name}.{EXTENSION}");
    publish(dir, &key_file, new_key()?.as_bytes())?;
    if !publish(dir, CURRENT, name.as_bytes())? {
        let path = dir.join(key_file);
        fs::remove_file(&path).map_err(io(&path))?;
    }
    File::open(dir).and_then(|d| d.sync_all()).map_err(io(dir))
}

fn new_key() -> Result<Zeroizing<String>, KeyError> {
    Ok(Zeroizing::new(hex::encode(aead::random_key()?.as_slice())))
}

/// Writes the file `name` unless it exists; says whether it was written.
fn publish(dir: &Path, name: &str, bytes: &[u8]) -> Result<bool, KeyError> {
    let draft = dir.join(format!("draft-{}", Uuid::new_v4().simple()));
    write_new(&draft, bytes)?;
    let linked = fs::hard_link(&draft, dir.join(name));
    fs::remove_file(&draft).map_err(io(&draft))?;
    match linked {
        Ok(()) => Ok(true),
        Err(e) if e.kind() == ErrorKind::AlreadyExists => Ok(false),
        Err(e) => Err(io(&dir.join(name))(e)),
    }
}

fn write_new(path: &Path, bytes: &[u8]) -> Result<(), KeyError> {
    let mut file =
        OpenOptions::new().write(true).create_new(true).mode(0o600).open(path).map_err(io(path))?;
    file.write_all(bytes).and_then(|()| file.sync_all()).map_err(io(path))
}
