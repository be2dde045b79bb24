//! The model of a person: who somebody is, as far as registers of patients tell each other.
//!
//! One model, many wires: HL7 v2 (PID), HL7 v3 (patientPerson) and FHIR (Patient) are encodings of it,
//! each in the crate of its profile. What one of them cannot say is not in here; what two of them say
//! differently is here once. Texts are kept as they came, without the blanks around them; what
//! identifiers and names are compared by is made where it is needed. Stores keep it as serde writes it.

mod address;
mod birth;
mod identifier;
mod insurance;
mod name;
mod shared;

pub use address::{Address, Contact, ContactSystem, Place};
pub use birth::{Birth, Precision};
pub use identifier::{Identifier, Merge};
pub use insurance::Insured;
pub use name::{Name, Writing};
pub use shared::SharedAuthorities;

use serde::{Deserialize, Serialize};

/// How a register calls the sex of a person (HL7 v2 table 0001, HL7 v3 AdministrativeGender).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Sex {
    /// Female.
    Female,
    /// Male.
    Male,
    /// Neither of the two.
    Other,
    /// Said to be unknown, which is more than nothing said.
    Unknown,
}

impl Sex {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Female, Self::Male, Self::Other, Self::Unknown];
}

/// A person.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Person {
    /// What registers call them, insured persons' identifiers among it.
    pub identifiers: Vec<Identifier>,
    /// Each name in each writing.
    pub names: Vec<Name>,
    /// `None` when nothing was said.
    pub sex: Option<Sex>,
    /// As exactly as it is known.
    pub birth: Option<Birth>,
    /// Where they live or work.
    pub addresses: Vec<Address>,
    /// By telephone or otherwise.
    pub contacts: Vec<Contact>,
    /// The name of their mother before she married.
    pub mothers_maiden_name: Option<Name>,
    /// Where they were born.
    pub birth_place: Option<BirthPlace>,
}

/// Where somebody was born: one of the two at least, or it says nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct BirthPlace {
    /// What the place is called.
    pub name: Option<String>,
    /// Where it is.
    pub address: Option<Address>,
}

impl Person {
    /// The identifier that `authority` gave them, if there is just one.
    pub fn identifier_of(&self, authority: &renkei_metadata::ids::Oid) -> Option<&Identifier> {
        let mut of = self.identifiers.iter().filter(|i| i.id.authority == *authority);
        let first = of.next()?;
        of.all(|other| other.id == first.id).then_some(first)
    }

    /// The names in one writing.
    pub fn names_in(&self, writing: Writing) -> impl Iterator<Item = &Name> {
        self.names.iter().filter(move |n| n.writing == Some(writing))
    }
}

/// A text without the blanks around it, ideographic ones included; `None` if nothing is left.
pub(crate) fn filled(text: &str) -> Option<String> {
    let text = text.trim();
    (!text.is_empty()).then(|| text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use renkei_metadata::ids::{Oid, PatientId};

    #[test]
    fn an_authority_that_gave_two_identifiers_has_not_named_one() {
        let [here, there] = ["2.999.1", "2.999.2"].map(|oid| Oid::parse(oid).unwrap());
        let id = |id: &str, of: &Oid| Identifier::from(PatientId::new(id, of.clone()).unwrap());
        let ours = id("1", &here);
        let same = Identifier { authority_name: Some("A".to_owned()), ..ours.clone() };
        let mut person = Person { identifiers: vec![ours.clone(), same], ..Person::default() };
        assert_eq!(person.identifier_of(&here), Some(&ours));
        assert_eq!(person.identifier_of(&there), None);
        person.identifiers.push(id("2", &here));
        assert_eq!(person.identifier_of(&here), None);
    }

    #[test]
    fn names_are_told_apart_by_their_writing() {
        let kana = Name::new(Writing::Syllabic, "ケンシン", "ハナコ");
        let names = vec![Name::new(Writing::Ideographic, "健診", "花子"), kana.clone()];
        let person = Person { names, ..Person::default() };
        assert_eq!(person.names_in(Writing::Syllabic).collect::<Vec<_>>(), [&kana]);
        assert_eq!(person.names_in(Writing::Alphabetic).count(), 0);
    }
}
