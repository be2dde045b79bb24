//! What is sealed and hashed, and how.

use crate::compare::Clue;
use crate::error::IdentityError;
use crate::find::Found;
use crate::spoken::Spoken;
use crate::whence::Whence;
use hmac::{Hmac, KeyInit, Mac};
use renkei_metadata::ids::PatientId;
use renkei_person::Person;
use renkei_sealing::{KeyError, KeyRing, Sealer};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use sha2::Sha256;
use zeroize::Zeroizing;

/// The sealer of persons and the secret of the keyed hashes.
pub(crate) struct Vault {
    rows: Sealer,
    key: Zeroizing<[u8; 32]>,
}

/// What a row of a person holds. Rows of before say nothing of whence.
#[derive(Deserialize)]
struct Content(String, Person, Spoken, #[serde(default)] Option<Whence>);

impl Vault {
    pub(crate) fn new(keys: &KeyRing) -> Result<Self, KeyError> {
        Ok(Self { rows: keys.sealer("identity.row")?, key: keys.derive("identity.clue")? })
    }

    /// The keyed hash under which a person is filed.
    pub(crate) fn id_hash(&self, id: &PatientId) -> Vec<u8> {
        self.hash("person", &id.to_string())
    }

    /// The keyed hash of a clue: equal for equal ones, telling nothing else.
    pub(crate) fn clue_hash(&self, clue: &Clue) -> Vec<u8> {
        self.hash("clue", &clue.0)
    }

    /// The keyed hash of what leads to records, cut to half: one that led to a stranger would be found out by what
    /// is compared then.
    pub(crate) fn lead_hash(&self, text: &str) -> Vec<u8> {
        let mut hash = self.hash("lead", text);
        hash.truncate(16);
        hash
    }

    fn hash(&self, of: &str, text: &str) -> Vec<u8> {
        // HMAC takes keys of any length; the error arm cannot be reached with 32 bytes.
        let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(&*self.key) else { return Vec::new() };
        mac.update(of.as_bytes());
        mac.update(&[0]);
        mac.update(text.as_bytes());
        mac.finalize().into_bytes().to_vec()
    }

    /// A person opens in its own row only.
    pub(crate) fn seal(
        &self,
        hash: &[u8],
        (found, spoken, whence): (&Found, &Spoken, Option<&Whence>),
    ) -> Result<Vec<u8>, IdentityError> {
        let content = (found.id.to_string(), &found.person, spoken, whence);
        self.seal_content(&[b"person:", hash].concat(), &content)
    }

    pub(crate) fn open(
        &self,
        hash: &[u8],
        sealed: &[u8],
    ) -> Result<(Found, Spoken, Option<Whence>), IdentityError> {
        let Content(id, person, spoken, whence) =
            self.open_content(&[b"person:", hash].concat(), sealed)?;
        let id = PatientId::parse(&id).map_err(|_| IdentityError::Content)?;
        Ok((Found { id, person }, spoken, whence))
    }

    /// What stands in a row, which `context` names.
    pub(crate) fn seal_content(
        &self,
        context: &[u8],
        content: &impl Serialize,
    ) -> Result<Vec<u8>, IdentityError> {
        let plain = serde_json::to_vec(content).map_err(|_| IdentityError::Content)?;
        Ok(self.rows.seal(context, &Zeroizing::new(plain))?)
    }

    pub(crate) fn open_content<T: DeserializeOwned>(
        &self,
        context: &[u8],
        sealed: &[u8],
    ) -> Result<T, IdentityError> {
        let plain = Zeroizing::new(self.rows.open(context, sealed)?);
        serde_json::from_slice(&plain).map_err(|_| IdentityError::Content)
    }
}
