//! What a scope will ask of a document: whose it is, and for whom (ITI TF-2: 3.43.4.1.3).

use crate::store::write::About;
use hmac::{Hmac, KeyInit, Mac};
use renkei_metadata::ids::PatientId;
use renkei_metadata::model::{Code, DocumentEntry};
use renkei_metadata::normalise;
use renkei_sealing::{KeyError, KeyRing};
use sha2::Sha256;
use zeroize::Zeroizing;

/// Files what entries say, patients under a keyed hash.
#[derive(Clone)]
pub(crate) struct Filing {
    key: Zeroizing<[u8; 32]>,
}

impl Filing {
    pub(crate) fn new(keys: &KeyRing) -> Result<Self, KeyError> {
        Ok(Self { key: keys.derive("repository.patient-id")? })
    }

    /// What the row of an entry says.
    pub(crate) fn about(&self, entry: &DocumentEntry) -> About {
        About {
            patient: entry.patient_id.as_ref().and_then(|cx| self.hash(cx)),
            audience: audience(entry),
            mime_type: entry.mime_type.as_str().to_owned(),
        }
    }

    /// Equal for equal ids, telling nothing else.
    fn hash(&self, cx: &PatientId) -> Option<Vec<u8>> {
        let mut mac = Hmac::<Sha256>::new_from_slice(self.key.as_slice()).ok()?;
        mac.update(normalise(&cx.to_string()).as_bytes());
        Some(mac.finalize().into_bytes().to_vec())
    }
}

/// The confidentiality codes that name readers, a line feed before each and one at the end.
fn audience(entry: &DocumentEntry) -> Option<String> {
    let lines =
        entry.audience().map(Code::key).map(|key| normalise(&key).replace('\n', " ") + "\n");
    let text: String = lines.collect();
    (!text.is_empty()).then(|| format!("\n{text}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn filing() -> Filing {
        let keys = KeyRing::open_or_create(tempfile::tempdir().unwrap().path()).unwrap();
        Filing::new(&keys).unwrap()
    }

    #[test]
    fn a_patient_is_filed_under_a_hash_that_only_this_house_can_make() {
        let cx = PatientId::parse("100234^^^&2.999.1.1&ISO").unwrap();
        let (one, other) = (filing(), filing());
        assert_eq!(one.hash(&cx), one.hash(&cx));
        assert_ne!(one.hash(&cx), other.hash(&cx));
        assert_eq!(one.hash(&cx).unwrap().len(), 32);
    }
}
