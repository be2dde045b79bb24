//! Encryption at rest: key-encryption keys, data keys, sealed rows and chunks.
