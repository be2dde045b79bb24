//! The forms in which persons are compared.

use crate::IdentityRules;
use renkei_metadata::ids::PatientId;
use renkei_person::{Address, Contact, ContactSystem, Insured, Name, Person, Writing};
use std::collections::BTreeSet;
use unicode_normalization::UnicodeNormalization;

/// What leads to a person: before it is hashed, and only there.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct Clue(pub(crate) String);

/// The clues that identifiers give: those of authorities whose word counts.
pub(crate) fn by_identifiers(rules: &IdentityRules, person: &Person) -> BTreeSet<Clue> {
    let trusted = person.identifiers.iter().filter(|i| rules.trusts(&i.id.authority));
    trusted.filter_map(|i| by_identifier(rules, &i.id)).collect()
}

/// The clue that an identifier gives. Of an insured person's it is the form in which these are compared; of a
/// card without 枝番 there is none, because a whole family has it.
pub(crate) fn by_identifier(rules: &IdentityRules, id: &PatientId) -> Option<Clue> {
    if rules.shared.insured.as_ref() != Some(&id.authority) {
        return Some(Clue(format!("id\n{}\n{}", id.authority, id.id)));
    }
    let key = Insured::parse(&id.id)?.comparison_key();
    (!key.ends_with(':')).then(|| Clue(format!("insured\n{key}")))
}

/// The clues of names in kana with the day of birth.
pub(crate) fn by_demographics(person: &Person) -> BTreeSet<Clue> {
    let Some(day) = person.birth.and_then(|birth| birth.day()) else { return BTreeSet::new() };
    kana(person).into_iter().map(|name| Clue(format!("kana\n{name}\n{day}"))).collect()
}

/// The names in kana, as they are compared. A name that does not say how it is written is in kana if all of it
/// is.
pub fn kana(person: &Person) -> BTreeSet<String> {
    person.names.iter().filter_map(kana_name).collect()
}

/// Width, hiragana or katakana, and blanks make no difference; where the family name ends, does. Without a
/// given name it is nobody's alone.
fn kana_name(name: &Name) -> Option<String> {
    let (family, given) = name.compared();
    let says_so = name.writing == Some(Writing::Syllabic);
    let is_kana = || family.chars().chain(given.chars()).all(|c| matches!(c, 'ァ'..='ヺ' | 'ー'));
    let counts = says_so || name.writing.is_none() && is_kana();
    (counts && !family.is_empty() && !given.is_empty()).then(|| format!("{family} {given}"))
}

/// An address: the postal code and what stands in its lines, city and state included.
pub(crate) fn address(address: &Address) -> String {
    let parts = [&address.postal_code, &address.state, &address.city];
    let parts = parts.into_iter().flatten().chain(&address.lines);
    let text: String = parts.map(String::as_str).collect();
    text.nfkc().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

/// A number: its digits, those of a country and the zero that stands for it aside.
pub(crate) fn contact(contact: &Contact) -> Option<String> {
    if !matches!(contact.system, ContactSystem::Phone) {
        return None;
    }
    let digits: String = contact.value.nfkc().filter(|c| c.is_ascii_digit() || *c == '+').collect();
    let national = digits.strip_prefix("+81").or(digits.strip_prefix('0')).unwrap_or(&digits);
    (!national.is_empty()).then(|| national.to_owned())
}

/// A name in any writing.
pub(crate) fn name(name: &Name) -> String {
    let (family, given) = name.compared();
    format!("{family} {given}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(writing: Option<Writing>, family: &str, given: &str) -> BTreeSet<String> {
        let name = Name { writing, ..Name::new(Writing::Syllabic, family, given) };
        kana(&Person { names: vec![name], ..Person::default() })
    }

    #[test]
    fn one_name_in_kana_is_written_in_many_ways() {
        let written = of(Some(Writing::Syllabic), "ケンシン", "ハナコ");
        assert_eq!(written.len(), 1);
        for (family, given) in [
            ("ｹﾝｼﾝ", "ﾊﾅｺ"),
            ("けんしん", "はなこ"),
            ("ケン シン", " ハナコ"),
            ("ケンシン", "はなコ"),
        ] {
            assert_eq!(of(None, family, given), written, "{family}");
        }
        assert_ne!(of(None, "ケンシンハ", "ナコ"), written);
        assert_eq!(of(Some(Writing::Syllabic), "ｶﾞ", "ｼﾞｮｰ"), of(None, "ガ", "ジョー"));
    }

    #[test]
    fn a_name_in_other_letters_or_a_half_one_is_none_in_kana() {
        assert!(of(Some(Writing::Ideographic), "ケンシン", "ハナコ").is_empty());
        assert!(of(None, "健診", "花子").is_empty());
        assert!(of(Some(Writing::Syllabic), "ケンシン", "").is_empty());
    }

    #[test]
    fn a_number_is_its_digits() {
        let phone = |value: &str| {
            let system = ContactSystem::Phone;
            contact(&Contact { system, value: value.to_owned(), place: None })
        };
        assert_eq!(phone("03-0000-0000"), phone("+81 3 0000 0000"));
        assert_eq!(phone("０３（００００）００００"), phone("03-0000-0000"));
        assert_ne!(phone("03-0000-0001"), phone("03-0000-0000"));
        assert_eq!(phone("-"), None);
    }
}
