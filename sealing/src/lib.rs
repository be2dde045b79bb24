//! Encryption at rest.
//!
//! A [`KeyRing`] holds the key-encryption keys of one installation, each under a name, in files
//! that only the service may read. From them come
//!
//! - a [`Sealer`] per purpose, for rows: the row key is derived from the key-encryption key, the
//!   table and id of the row are authenticated with it, so a sealed value moved to another row does
//!   not open;
//! - a [`ContentKey`] per document, kept wrapped beside it, for chunks of at most [`CHUNK`] bytes:
//!   removing the wrapped key removes the document;
//! - an [`EntryKey`] per entry of a journal, wrapped by a [`KeyWrapper`] in a file beside the journal.
//!
//! The cipher is AES-256-GCM (NIST SP 800-38D) with random 96-bit nonces; a key is expanded once and
//! kept so for those who use it next. `cargo run --release -p renkei-sealing --example cost` says what
//! each step takes. Keys are derived with HKDF-SHA-256 (RFC 5869).

mod aead;
mod content;
mod error;
mod files;
mod nonce;
mod ring;
mod sealer;
mod single;

pub use content::{CHUNK, ContentKey, WrappedKey};
pub use error::{KeyError, SealError};
pub use ring::KeyRing;
pub use sealer::{Room, Sealer};
pub use single::{EntryKey, KeyWrapper, WRAPPED_ENTRY_KEY};
