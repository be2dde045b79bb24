//! Whose a document is (ITI TF-3: 4.2.3.1.7, CX).

use super::{Invalid, Oid, invalid};
use crate::escapes::{escape, unescape};
use crate::normalise;
use std::fmt;

/// A patient identifier: CX with id and assigning authority OID, nothing else.
///
/// The one type for the patient feed, metadata and queries: what its parts hold is plain text in NFC
/// without outer blanks, separators included; on the wire, separators are escaped. Two texts that
/// name one identifier are therefore equal as values, and as they are printed.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct PatientId {
    /// CX.1, as [`PatientId::new`] takes it.
    pub id: String,
    /// CX.4.2.
    pub authority: Oid,
}

impl PatientId {
    /// The identifier `id`, a plain text without escapes, of `authority`.
    pub fn new(id: &str, authority: Oid) -> Result<Self, Invalid> {
        let id = normalise(id.trim()).into_owned();
        if (1..=128).contains(&id.len()) && !id.chars().any(char::is_control) {
            Ok(Self { id, authority })
        } else {
            invalid(
                "an identifier of 1 to 128 bytes without control characters",
                "制御文字を含まない1〜128バイトのID",
            )
        }
    }

    /// Parses `ID^^^&OID&ISO`, in which separators inside ID are escaped. A backslash that begins no
    /// escape is a backslash; separators at the end say nothing (HL7 V2.5: 2.10).
    pub fn parse(s: &str) -> Result<Self, Invalid> {
        let form = || Invalid {
            expected: "a CX value of the form ID^^^&OID&ISO",
            expected_ja: "ID^^^&OID&ISO の形のCX値",
        };
        let (id, rest) = s.split_once("^^^&").ok_or_else(form)?;
        let authority = rest.trim_end_matches('^').trim_end_matches('&');
        let oid = authority.strip_suffix("&ISO").ok_or_else(form)?;
        let authority = Oid::parse(oid).map_err(|_| form())?;
        if id.contains(['^', '~', '&', '|']) {
            return Err(form());
        }
        Self::new(&unescape(id), authority).map_err(|_| form())
    }
}

impl fmt::Display for PatientId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}^^^&{}&ISO", escape(&self.id), self.authority)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn patient(s: &str) -> PatientId {
        PatientId::parse(s).unwrap()
    }

    #[test]
    fn texts_that_name_one_patient_are_one_identifier() {
        for (a, b) in
            [(r"W\1", r"W\E\1"), (r"W\T\1", r"W\X26\1"), ("カ\u{3099}1", "ガ1"), (" W1 ", "W1")]
        {
            let [a, b] = [a, b].map(|id| patient(&format!("{id}^^^&1.2&ISO")));
            assert_eq!(a, b);
            assert_eq!(a.to_string(), b.to_string());
        }
        assert_eq!(patient(r"W\T\1^^^&1.2&ISO").id, "W&1");
        for end in ["^^", "&", "&&^"] {
            assert_eq!(patient(&format!("W1^^^&1.2&ISO{end}")), patient("W1^^^&1.2&ISO"), "{end}");
        }
        for end in ["^PI", "&x", "^&", "~"] {
            assert!(PatientId::parse(&format!("W1^^^&1.2&ISO{end}")).is_err(), "{end}");
        }
        assert_ne!(patient("w1^^^&1.2&ISO"), patient("W1^^^&1.2&ISO"));
    }

    #[test]
    fn control_characters_and_separators_are_no_part_of_an_identifier() {
        for bad in [r"W\X0D\1", "W\r1", "W|1", "W~1", "W^1", "W&1", "", " "] {
            assert!(PatientId::parse(&format!("{bad}^^^&1.2&ISO")).is_err(), "{bad}");
        }
    }

    proptest! {
        #[test]
        fn what_is_printed_is_parsed(id in any::<String>()) {
            if let Ok(id) = PatientId::new(&id, Oid::unknown()) {
                prop_assert_eq!(PatientId::parse(&id.to_string()), Ok(id));
            }
        }
    }
}
