//! The affinity-domain patient id, until a PIX manager gives it.

use hmac::{Hmac, KeyInit, Mac};
use renkei_checkup::{Record, identity};
use renkei_metadata::ids::{Oid, PatientId};
use sha2::Sha256;

/// Says under which id the affinity domain knows the person of a record.
pub trait PatientIds: Send + Sync {
    /// The id, the same for every record of the same person.
    fn patient_id(&self, record: &Record) -> PatientId;
}

/// A keyed hash over what makes the person ([`identity::patient`]), so that neither the id nor the
/// registry that holds it tells who the person is.
pub struct KeyedHash {
    key: [u8; 32],
    authority: Oid,
}

impl KeyedHash {
    /// Ids of `authority` under a key that every source of the affinity domain shares.
    pub fn new(key: [u8; 32], authority: Oid) -> Self {
        Self { key, authority }
    }
}

impl PatientIds for KeyedHash {
    fn patient_id(&self, record: &Record) -> PatientId {
        // HMAC takes a key of any length; these 32 bytes are never refused.
        let mut id = String::new();
        if let Ok(mut mac) = <Hmac<Sha256> as KeyInit>::new_from_slice(&self.key) {
            mac.update(&identity::patient(record));
            let hash = mac.finalize().into_bytes();
            id = hex::encode(hash.get(..16).unwrap_or(&hash));
        }
        PatientId { id, authority: self.authority.clone() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(items: &[(&str, &str)]) -> Record {
        let mut record = Record::new();
        for (id, value) in items {
            record.set_id(id, value);
        }
        record
    }

    fn id(items: &[(&str, &str)]) -> String {
        let authority = Oid::parse("2.999.1").unwrap();
        KeyedHash::new([7; 32], authority).patient_id(&record(items)).id
    }

    #[test]
    fn follows_the_person_over_years_and_institutions() {
        let person = [
            ("insurer_no", "06139992"),
            ("card_symbol", "１２３"),
            ("card_number", "4107"),
            ("birth_date", "1967-08-15"),
            ("name_kana", "サトウ カズヤ"),
            ("sex", "男"),
        ];
        let first = id(&[&person[..], &[("patient_id", "A1"), ("inst_no", "1319900013")]].concat());
        let later = id(&[&person[..], &[("patient_id", "B9"), ("inst_no", "1419900011")]].concat());
        assert_eq!(first, later);
        assert_eq!(first.len(), 32);
        let mut written_otherwise = person;
        written_otherwise[1].1 = "123";
        assert_eq!(first, id(&written_otherwise));
        let mut other = person;
        other[2].1 = "4108";
        assert_ne!(first, id(&other));
    }

    #[test]
    fn without_a_card_the_institution_s_number_counts() {
        let base = [("birth_date", "1967-08-15"), ("name_kana", "サトウ カズヤ"), ("sex", "男")];
        let a = id(&[&base[..], &[("patient_id", "A1"), ("inst_no", "1")]].concat());
        let b = id(&[&base[..], &[("patient_id", "A2"), ("inst_no", "1")]].concat());
        assert_ne!(a, b);
    }
}
