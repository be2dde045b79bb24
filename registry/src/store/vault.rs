//! What is sealed in the tables, and how: fragments, patient ids, the texts that only Rust searches.

use super::key::Key;
use super::news::NewsKey;
use hmac::{Hmac, KeyInit, Mac};
use renkei_metadata::fragment::{self, Fragment, Holes};
use renkei_metadata::ids::PatientId;
use renkei_metadata::model::ObjectKind;
use renkei_metadata::normalise;
use renkei_sealing::{KeyError, KeyRing, Room, SealError, Sealer};
use renkei_xds::catalogue::{TextAttribute, comparable};
use sha2::Sha256;
use zeroize::Zeroizing;

/// The sealers of the registry's tables and the secrets of the keyed hashes.
#[derive(Clone)]
pub(crate) struct Vault {
    rows: Sealer,
    patient_key: Zeroizing<[u8; 32]>,
    reference_key: Zeroizing<[u8; 32]>,
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
    /// `object_bytes` is the longest fragment ([`RegistryLimits`](crate::RegistryLimits)).
    pub(crate) fn new(keys: &KeyRing, object_bytes: usize) -> Result<Self, KeyError> {
        Ok(Self {
            rows: keys.sealer("registry.row")?,
            patient_key: keys.derive("registry.patient-id")?,
            reference_key: keys.derive("registry.reference-id")?,
            object_bytes,
        })
    }

    /// The keyed hash under which a patient id is filed: equal for equal ids, telling nothing else.
    pub(crate) fn hash(&self, cx: &PatientId) -> Vec<u8> {
        keyed_hash(&self.patient_key, &cx.to_string())
    }

    /// The keyed hash under which an entry is found by one value of its referenceIdList. Half of the
    /// HMAC is more than enough to tell the reference ids of one registry apart.
    pub(crate) fn reference_hash(&self, reference_id: &str) -> Vec<u8> {
        let compared = TextAttribute::ReferenceId.compared(reference_id);
        let mut hash = keyed_hash(&self.reference_key, &comparable(&compared));
        hash.truncate(16);
        hash
    }

    pub(crate) fn seal_cx(&self, hash: &[u8], cx: &PatientId) -> Result<Vec<u8>, SealError> {
        self.rows.seal(&[b"patient.cx:", hash].concat(), cx.to_string().as_bytes())
    }

    pub(crate) fn open_cx(&self, hash: &[u8], sealed: &[u8]) -> Result<PatientId, VaultError> {
        let plain = self.rows.open(&[b"patient.cx:", hash].concat(), sealed)?;
        let text = std::str::from_utf8(&plain).map_err(|_| VaultError::Content)?;
        PatientId::parse(text).map_err(|_| VaultError::Content)
    }

    pub(crate) fn seal_news(&self, key: &NewsKey, message: &[u8]) -> Result<Vec<u8>, SealError> {
        self.rows.seal(&[b"news:", key.as_bytes()].concat(), message)
    }

    pub(crate) fn open_news(&self, key: &NewsKey, sealed: &[u8]) -> Result<Vec<u8>, VaultError> {
        Ok(self.rows.open(&[b"news:", key.as_bytes()].concat(), sealed)?)
    }

    pub(crate) fn seal_fragment(
        &self,
        kind: ObjectKind,
        key: Key,
        fragment: &Fragment,
    ) -> Result<Vec<u8>, SealError> {
        if fragment.as_bytes().len() > self.object_bytes {
            return Err(SealError::TooLong(self.object_bytes));
        }
        let context = context(kind, "fragment", key);
        self.rows.seal_compressed(&context, fragment.as_bytes(), fragment::dictionary())
    }

    pub(crate) fn open_fragment(
        &self,
        kind: ObjectKind,
        key: Key,
        sealed: &[u8],
    ) -> Result<Fragment, VaultError> {
        let mut room = Room::default();
        let plain = self.open_fragment_in(kind, key, sealed, &mut room)?;
        Fragment::from_bytes(plain.to_vec()).map_err(|_| VaultError::Content)
    }

    /// Appends the ebRIM of a sealed fragment to `out`, opening it in `room`.
    pub(crate) fn fill_fragment(
        &self,
        (kind, key): (ObjectKind, Key),
        sealed: &[u8],
        holes: &Holes<'_>,
        room: &mut Room,
        out: &mut String,
    ) -> Result<(), VaultError> {
        let plain = self.open_fragment_in(kind, key, sealed, room)?;
        fragment::fill_stored(plain, holes, out).map_err(|_| VaultError::Content)
    }

    fn open_fragment_in<'r>(
        &self,
        kind: ObjectKind,
        key: Key,
        sealed: &[u8],
        room: &'r mut Room,
    ) -> Result<&'r [u8], SealError> {
        let (context, dictionary) = (context(kind, "fragment", key), fragment::dictionary());
        self.rows.open_compressed_in(&context, sealed, dictionary, self.object_bytes, room)
    }

    /// Seals the values of one column of one object; nothing for no values.
    pub(crate) fn seal_values<'a>(
        &self,
        kind: ObjectKind,
        column: &str,
        key: Key,
        values: impl Iterator<Item = &'a str>,
    ) -> Result<Option<Vec<u8>>, SealError> {
        match super::columns::framed(values) {
            Some(text) => self.rows.seal(&context(kind, column, key), text.as_bytes()).map(Some),
            None => Ok(None),
        }
    }

    /// The framed text that [`Self::seal_values`] sealed.
    pub(crate) fn open_values(
        &self,
        kind: ObjectKind,
        column: &str,
        key: Key,
        sealed: &[u8],
    ) -> Result<String, VaultError> {
        let plain = self.rows.open(&context(kind, column, key), sealed)?;
        String::from_utf8(plain).map_err(|_| VaultError::Content)
    }
}

/// HMAC-SHA-256 of a text in NFC.
fn keyed_hash(key: &[u8; 32], text: &str) -> Vec<u8> {
    // HMAC takes keys of any length; the error arm cannot be reached with 32 bytes.
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(key) else { return Vec::new() };
    mac.update(normalise(text).as_bytes());
    mac.finalize().into_bytes().to_vec()
}

/// Binds a sealed value to its place, so that no row's value can stand in another's.
fn context(kind: ObjectKind, column: &str, key: Key) -> Vec<u8> {
    [format!("{kind}.{column}:").as_bytes(), key.as_bytes()].concat()
}
