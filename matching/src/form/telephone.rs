//! Telephone numbers, as they are compared.

use renkei_person::{Contact, ContactSystem, Place};
use unicode_normalization::UnicodeNormalization;

/// A number without the zero or the country before it (ITU-T E.123).
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct Telephone(pub(crate) String);

impl Telephone {
    /// A number at home or in the pocket; that of a workplace is that of all who work there. A number has nine
    /// digits at least, and not the same one all over.
    pub(crate) fn of(contact: &Contact) -> Option<Self> {
        if contact.system != ContactSystem::Phone || contact.place == Some(Place::Work) {
            return None;
        }
        let digits = contact.value.nfkc().filter(|c| c.is_ascii_digit() || *c == '+');
        let digits: String = digits.take(20).collect();
        let national = digits.strip_prefix("+81").unwrap_or(&digits);
        let national = national.strip_prefix('0').unwrap_or(national);
        let mut rest = national.chars();
        let first = rest.next()?;
        (national.len() >= 9 && rest.any(|c| c != first)).then(|| Self(national.to_owned()))
    }

    /// Whether it goes with a person: 070, 080, 090 and eleven digits.
    pub(crate) fn is_mobile(&self) -> bool {
        self.0.len() == 10 && ["70", "80", "90"].iter().any(|begin| self.0.starts_with(begin))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(value: &str, place: Option<Place>) -> Option<Telephone> {
        Telephone::of(&Contact { system: ContactSystem::Phone, value: value.to_owned(), place })
    }

    #[test]
    fn one_number_is_written_in_many_ways() {
        let number = of("090-0000-1234", None).unwrap();
        assert!(number.is_mobile());
        for same in ["+81 90 0000 1234", "０９０（００００）１２３４", "+81-(0)90-0000-1234"]
        {
            assert_eq!(of(same, Some(Place::Home)), Some(number.clone()), "{same}");
        }
        assert!(!of("03-0000-1234", None).unwrap().is_mobile());
    }

    #[test]
    fn what_everybody_has_is_none() {
        assert_eq!(of("03-0000-1234", Some(Place::Work)), None);
        for none in ["000-0000-0000", "0000000000", "なし", "", "110", "099-999-9999"] {
            assert_eq!(of(none, None), None, "{none}");
        }
        let fax = Contact { system: ContactSystem::Fax, value: "03-0000-1234".into(), place: None };
        assert_eq!(Telephone::of(&fax), None);
    }
}
