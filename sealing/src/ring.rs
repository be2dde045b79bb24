//! The key-encryption keys of one installation.

use crate::aead::{self, Key};
use crate::content::{ContentKey, WrappedKey, Wrapping};
use crate::error::{KeyError, SealError};
use crate::files::{self, KeyFiles};
use crate::sealer::Sealer;
use crate::single::KeyWrapper;
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use zeroize::Zeroizing;

/// Key-encryption keys by name, and which of them new values use. Clones share the keys.
#[derive(Clone)]
pub struct KeyRing {
    files: Arc<KeyFiles>,
    /// What each key-encryption key wraps with, derived once.
    wrappings: Arc<BTreeMap<String, Wrapping>>,
}

impl KeyRing {
    /// Reads the key directory `dir`, or makes it (mode 0700) with one new 256-bit key (mode 0600).
    ///
    /// A further key is added by putting its file `<name>.key` there and its name into `current`;
    /// values sealed before stay readable as long as their key's file stays.
    ///
    /// # Errors
    /// When a file cannot be read, is not a key, or may be read by others.
    pub fn open_or_create(dir: &Path) -> Result<Self, KeyError> {
        let files = files::open_or_create(dir)?;
        let wrapping = |(name, key): (&String, &Key)| Ok((name.clone(), Wrapping::of(key)?));
        let wrappings = files.keys.iter().map(wrapping).collect::<Result<_, KeyError>>()?;
        Ok(Self { files: Arc::new(files), wrappings: Arc::new(wrappings) })
    }

    /// The name of the key that new values use.
    pub fn current(&self) -> &str {
        &self.files.current
    }

    /// A sealer for rows of one `purpose`, such as `registry.fragment`.
    ///
    /// # Errors
    /// When OpenSSL cannot derive the row keys.
    pub fn sealer(&self, purpose: &str) -> Result<Sealer, KeyError> {
        let derive = |(name, key): (&String, &Key)| {
            aead::derive(key, &["row", purpose]).map(|row_key| (name.clone(), row_key))
        };
        let keys = self.files.keys.iter().map(derive).collect::<Result<_, _>>()?;
        Ok(Sealer::new(self.files.current.clone(), keys))
    }

    /// A secret of 256 bits that depends on `purpose` and on the root secret only, so that it stays
    /// the same when the current key changes: a keyed hash must still find what it filed.
    ///
    /// # Errors
    /// When OpenSSL cannot derive it.
    pub fn derive(&self, purpose: &str) -> Result<Zeroizing<[u8; 32]>, KeyError> {
        Ok(aead::derive(&self.files.root, &["secret", purpose])?)
    }

    /// A new random key for one document, and its wrapped form to be kept beside the document.
    ///
    /// # Errors
    /// When OpenSSL fails.
    pub fn new_content_key(&self) -> Result<(ContentKey, WrappedKey), SealError> {
        let name = &self.files.current;
        self.wrapping(name)?.new_key(name)
    }

    /// What wraps the entry keys of one file: `name` is the key-encryption key it was made with,
    /// `salt` the file's own.
    ///
    /// # Errors
    /// When the key-encryption key is not in the ring.
    pub fn wrapper(
        &self,
        name: &str,
        purpose: &str,
        salt: &[u8; 16],
    ) -> Result<KeyWrapper, SealError> {
        let key =
            self.files.keys.get(name).ok_or_else(|| SealError::UnknownKey(name.to_owned()))?;
        KeyWrapper::new(key, purpose, salt)
    }

    /// The document key in `wrapped`.
    ///
    /// # Errors
    /// When its key-encryption key is not in the ring or the bytes were changed.
    pub fn unwrap(&self, wrapped: &WrappedKey) -> Result<ContentKey, SealError> {
        self.wrapping(&wrapped.key_name)?.unwrap(wrapped)
    }

    fn wrapping(&self, name: &str) -> Result<&Wrapping, SealError> {
        self.wrappings.get(name).ok_or_else(|| SealError::UnknownKey(name.to_owned()))
    }
}
