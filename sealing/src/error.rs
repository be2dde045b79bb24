//! What can go wrong with keys and with sealed values.

use std::path::PathBuf;

/// The key directory cannot be used. For the operator; never sent to a peer.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// A file or the directory cannot be read or written.
    #[error("{path}: {source}")]
    Io {
        /// Where.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// A key file can be read by others than its owner.
    #[error("{0}: others may read this key file; give it mode 0600")]
    Exposed(PathBuf),
    /// A key file does not hold 64 hexadecimal digits.
    #[error("{0}: a key file holds 64 hexadecimal digits and nothing else")]
    NotAKey(PathBuf),
    /// The file `current` is missing or names a key that is not there.
    #[error("{0}: the file `current` must name one of the key files beside it")]
    NoCurrentKey(PathBuf),
    /// There are keys but not the root secret that was made with them.
    #[error("{0}: the file `root.key` is missing; restore it from the backup of the keys")]
    NoRoot(PathBuf),
    /// OpenSSL failed.
    #[error("key derivation failed")]
    Crypto(#[from] openssl::error::ErrorStack),
}

/// A value cannot be sealed or opened.
#[derive(Debug, thiserror::Error)]
pub enum SealError {
    /// The bytes were changed, belong to another row, or were sealed for another purpose.
    #[error("sealed value does not authenticate")]
    NotAuthentic,
    /// The value was sealed with a key that the ring does not hold.
    #[error("sealed with the key {0:?}, which is not in the key directory")]
    UnknownKey(String),
    /// The bytes are not a sealed value of a known version or algorithm.
    #[error("not a sealed value of a known format")]
    Format,
    /// The opened value would be longer than the caller allows.
    #[error("sealed value is longer than {0} bytes")]
    TooLong(usize),
    /// OpenSSL failed while sealing.
    #[error("encryption failed")]
    Crypto(#[from] openssl::error::ErrorStack),
}
