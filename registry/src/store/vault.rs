//! What is sealed in the tables, and how: fragments, patient ids, the texts that only Rust searches.

use hmac::{Hmac, KeyInit, Mac};
use renkei_metadata::fragment::{self, Fragment};
use renkei_metadata::ids::PatientId;
use renkei_metadata::model::ObjectKind;
use renkei_metadata::normalise;
use renkei_sealing::{KeyError, KeyRing, SealError, Sealer};
use sha2::Sha256;
use uuid::Uuid;
use zeroize::Zeroizing;

/// The sealers of the registry's tables and the secret of the keyed hash of patient ids.
#[derive(Clone)]
pub(crate) struct Vault {
    rows: Sealer,
    hash_key: Zeroizing<[u8; 32]>,
    object_bytes: usize,
}

/// What stands between a row and its plain form.
#[derive(Debug, thiserror::Error)]
pub(crate) enum VaultError {
    /// The seal does not open.
    #[error(transparent)]
    Seal(#[from] SealError),
    /// It opened, and holds something else.
    #[error("the sealed value is not what its column holds")]
    Content,
}

impl Vault {
    /// `object_bytes` is the longest fragment, `limits.object_bytes`.
    pub(crate) fn new(keys: &KeyRing, object_bytes: usize) -> Result<Self, KeyError> {
        Ok(Self {
            rows: keys.sealer("registry.row")?,
            hash_key: keys.derive("registry.patient-id")?,
            object_bytes,
        })
    }

    /// The keyed hash under which a patient id is filed: equal for equal ids, telling nothing else.
    pub(crate) fn hash(&self, cx: &PatientId) -> Vec<u8> {
        // HMAC takes keys of any length; the error arm cannot be reached with 32 bytes.
        let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(self.hash_key.as_slice()) else {
            return Vec::new();
        };
        mac.update(normalise(&cx.to_string()).as_bytes());
        mac.finalize().into_bytes().to_vec()
    }

    pub(crate) fn seal_cx(&self, hash: &[u8], cx: &PatientId) -> Result<Vec<u8>, SealError> {
        self.rows.seal(&[b"patient.cx:", hash].concat(), cx.to_string().as_bytes())
    }

    pub(crate) fn open_cx(&self, hash: &[u8], sealed: &[u8]) -> Result<PatientId, VaultError> {
        let plain = self.rows.open(&[b"patient.cx:", hash].concat(), sealed)?;
        let text = std::str::from_utf8(&plain).map_err(|_| VaultError::Content)?;
        PatientId::parse(text).map_err(|_| VaultError::Content)
    }

    pub(crate) fn seal_fragment(
        &self,
        kind: ObjectKind,
        id: Uuid,
        fragment: &Fragment,
    ) -> Result<Vec<u8>, SealError> {
        if fragment.as_bytes().len() > self.object_bytes {
            return Err(SealError::TooLong(self.object_bytes));
        }
        let context = context(kind, "fragment", id);
        self.rows.seal_compressed(&context, fragment.as_bytes(), fragment::dictionary())
    }

    pub(crate) fn open_fragment(
        &self,
        kind: ObjectKind,
        id: Uuid,
        sealed: &[u8],
    ) -> Result<Fragment, VaultError> {
        let context = context(kind, "fragment", id);
        let plain = self.rows.open_compressed(
            &context,
            sealed,
            fragment::dictionary(),
            self.object_bytes,
        )?;
        Fragment::from_bytes(plain).map_err(|_| VaultError::Content)
    }

    /// Seals the values of one column of one object; nothing for no values.
    pub(crate) fn seal_values<'a>(
        &self,
        kind: ObjectKind,
        column: &str,
        id: Uuid,
        values: impl Iterator<Item = &'a str>,
    ) -> Result<Option<Vec<u8>>, SealError> {
        match super::columns::framed(values) {
            Some(text) => self.rows.seal(&context(kind, column, id), text.as_bytes()).map(Some),
            None => Ok(None),
        }
    }

    /// The framed text that [`Self::seal_values`] sealed.
    pub(crate) fn open_values(
        &self,
        kind: ObjectKind,
        column: &str,
        id: Uuid,
        sealed: &[u8],
    ) -> Result<String, VaultError> {
        let plain = self.rows.open(&context(kind, column, id), sealed)?;
        String::from_utf8(plain).map_err(|_| VaultError::Content)
    }
}

/// Binds a sealed value to its place, so that no row's value can stand in another's.
fn context(kind: ObjectKind, column: &str, id: Uuid) -> Vec<u8> {
    format!("{kind}.{column}:{id}").into_bytes()
}
