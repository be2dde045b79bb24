//! Attributes by their names in the standard (ITI TF-3: 4.2.3), for metadata that people write by hand:
//! which there are, what each takes, and how a value gets into an object.

use crate::ebrim::author::AUTHOR;
use crate::ebrim::table::{Count, Object, Place, Row};
use crate::ids::{Invalid, ObjectId};
use crate::model::{
    Association, Author, Code, DocumentAvailability, DocumentEntry, EntryType, ExtraSlot, Folder,
    LocalizedText, SubmissionSet,
};

/// What an attribute takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Takes {
    /// Values as ebRIM has them.
    Value,
    /// A text for people.
    Words,
    /// Codes.
    Code,
    /// Authors.
    Author,
}

/// An attribute.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Attribute {
    /// Its name.
    pub name: &'static str,
    /// What it takes.
    pub takes: Takes,
    /// Whether it takes more than one.
    pub many: bool,
    /// Whether the model cannot do without.
    pub needed: bool,
    /// Whether a registry sets it, whatever a sender says.
    pub set_by_registry: bool,
}

/// One value of an attribute.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AttributeValue {
    /// As ebRIM has it, or a short word for one of the standard's URNs.
    Value(String),
    /// A text for people.
    Words(LocalizedText),
    /// A code.
    Code(Code),
    /// An author.
    Author(Author),
}

/// Something that has attributes with names.
pub trait Named: Sized {
    /// Its attributes, without the id and what is the same of every object.
    fn attributes() -> Vec<Attribute>;

    /// Replaces the values of an attribute; without values, takes it away.
    ///
    /// # Errors
    /// When the attribute or its value is none of this object, or it cannot do without. Values before
    /// the wrong one are in it then.
    fn put(&mut self, name: &str, values: Vec<AttributeValue>) -> Result<(), Invalid>;
}

/// An object that can be begun with its id alone.
pub trait Draft: Named {
    /// Nothing but an id. What the model cannot do without ([`Attribute::needed`]) holds a stand-in until
    /// it is put in.
    fn draft(id: ObjectId) -> Self;

    /// Its slots that are not of the standard.
    fn slots(&mut self) -> &mut Vec<ExtraSlot>;
}

/// URNs of the standard that have a word.
static WORDS: &[(&str, &str, &str)] = &[
    ("documentAvailability", "Online", DocumentAvailability::Online.urn()),
    ("documentAvailability", "Offline", DocumentAvailability::Offline.urn()),
    ("objectType", "Stable", EntryType::Stable.urn()),
    ("objectType", "On-Demand", EntryType::OnDemand.urn()),
];

macro_rules! objects {
    ($($object:ty),*) => {$(
        impl Named for $object {
            fn attributes() -> Vec<Attribute> {
                <$object as Object>::rows().iter().filter_map(attribute).collect()
            }

            fn put(&mut self, name: &str, values: Vec<AttributeValue>) -> Result<(), Invalid> {
                put(<$object as Object>::rows(), self, name, values)
            }
        }

        impl Draft for $object {
            fn draft(id: ObjectId) -> Self {
                <$object as Object>::blank(id)
            }

            fn slots(&mut self) -> &mut Vec<ExtraSlot> {
                self.extra_mut()
            }
        }
    )*};
}

objects!(DocumentEntry, SubmissionSet, Folder, Association);

impl Named for Author {
    fn attributes() -> Vec<Attribute> {
        AUTHOR.iter().filter_map(attribute).collect()
    }

    fn put(&mut self, name: &str, values: Vec<AttributeValue>) -> Result<(), Invalid> {
        put(AUTHOR, self, name, values)
    }
}

fn attribute<T>(row: &Row<T>) -> Option<Attribute> {
    let takes = match row.place {
        Place::Xml(_) | Place::Slot(_) | Place::Version(_) | Place::Identifier(_) => Takes::Value,
        Place::Text(..) => Takes::Words,
        Place::Code { .. } => Takes::Code,
        Place::Author { .. } => Takes::Author,
        Place::Id | Place::Fixed(_) | Place::Label | Place::Marker => return None,
    };
    Some(Attribute {
        name: row.attribute,
        takes,
        many: row.count == Count::Many,
        needed: row.count == Count::One,
        set_by_registry: row.set_by_registry,
    })
}

fn put<T>(
    rows: &[Row<T>],
    object: &mut T,
    name: &str,
    values: Vec<AttributeValue>,
) -> Result<(), Invalid> {
    let row = rows.iter().find(|row| row.attribute == name && attribute(*row).is_some());
    let row = row.ok_or(Invalid {
        expected: "an attribute of this object by its name in ITI TF-3",
        expected_ja: "ITI TF-3 にあるこのオブジェクトの属性名",
    })?;
    if row.count == Count::One && values.is_empty() {
        return Err(Invalid { expected: "a value", expected_ja: "値" });
    }
    if row.count != Count::Many && values.len() > 1 {
        return Err(Invalid { expected: "one value", expected_ja: "1つの値" });
    }
    clear(row, object);
    values.into_iter().try_for_each(|value| add(row, object, value))
}

fn clear<T>(row: &Row<T>, object: &mut T) {
    match &row.place {
        Place::Xml(v) | Place::Slot(v) | Place::Version(v) | Place::Identifier(v) => {
            (v.clear)(object);
        }
        Place::Text(_, texts) => (texts.clear)(object),
        Place::Code { clear, .. } => clear(object),
        Place::Author { clear, .. } => clear(object),
        Place::Id | Place::Fixed(_) | Place::Label | Place::Marker => {}
    }
}

fn add<T>(row: &Row<T>, object: &mut T, value: AttributeValue) -> Result<(), Invalid> {
    match (&row.place, value) {
        (
            Place::Xml(v) | Place::Slot(v) | Place::Version(v) | Place::Identifier(v),
            AttributeValue::Value(text),
        ) => {
            let text = text.trim();
            let word = WORDS.iter().find(|(name, word, _)| (*name, *word) == (row.attribute, text));
            let text = word.map_or(text, |(_, _, urn)| urn);
            row.form.map_or(Ok(()), |form| form(text))?;
            (v.set)(object, text)
        }
        (Place::Text(_, texts), AttributeValue::Words(words)) => {
            (texts.set)(object, words);
            Ok(())
        }
        (Place::Code { add, .. }, AttributeValue::Code(code)) => {
            add(object, code);
            Ok(())
        }
        (Place::Author { add, .. }, AttributeValue::Author(author)) => {
            add(object, author);
            Ok(())
        }
        (
            Place::Id
            | Place::Fixed(_)
            | Place::Label
            | Place::Marker
            | Place::Xml(_)
            | Place::Slot(_)
            | Place::Version(_)
            | Place::Identifier(_)
            | Place::Text(..)
            | Place::Code { .. }
            | Place::Author { .. },
            _,
        ) => Err(Invalid {
            expected: "a value of its kind", expected_ja: "属性の種類に合う値"
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::arbitrary;
    use crate::update::changed_in_entry;
    use proptest::prelude::*;

    /// What an object says, by the names of its attributes.
    fn said<T: Object>(object: &T) -> Vec<(&'static str, Vec<AttributeValue>)> {
        let one = |row: &Row<T>| {
            let values = match &row.place {
                Place::Xml(v) | Place::Slot(v) | Place::Version(v) | Place::Identifier(v) => {
                    (v.get)(object)
                        .into_iter()
                        .map(|v| AttributeValue::Value(v.into_owned()))
                        .collect()
                }
                Place::Text(_, t) => {
                    (t.get)(object).cloned().map(AttributeValue::Words).into_iter().collect()
                }
                Place::Code { get, .. } => {
                    get(object).iter().cloned().map(AttributeValue::Code).collect()
                }
                Place::Author { get, .. } => {
                    get(object).iter().cloned().map(AttributeValue::Author).collect()
                }
                Place::Id | Place::Fixed(_) | Place::Label | Place::Marker => return None,
            };
            Some((row.attribute, values))
        };
        T::rows().iter().filter_map(one).collect()
    }

    fn draft() -> DocumentEntry {
        DocumentEntry::draft(ObjectId::Symbol("d".into()))
    }

    fn value(text: &str) -> Vec<AttributeValue> {
        vec![AttributeValue::Value(text.to_owned())]
    }

    proptest! {
        #[test]
        fn what_an_entry_says_by_names_makes_it_again(entry in arbitrary::entry()) {
            let mut made = draft();
            for (name, values) in said(&entry) {
                // Forms beyond the type are the rules' business, and generated values need not have them.
                prop_assume!(made.put(name, values).is_ok());
            }
            prop_assert_eq!(changed_in_entry(&made, &entry), Vec::<&str>::new());
        }
    }

    #[test]
    fn every_attribute_can_be_put_and_taken_away() {
        for attribute in DocumentEntry::attributes() {
            let taken = draft().put(attribute.name, Vec::new());
            assert_eq!(taken.is_err(), attribute.needed, "{}", attribute.name);
        }
        let mut entry = draft();
        entry.put("referenceIdList", value("1^^^&1.2&ISO^urn:x")).unwrap();
        entry.put("referenceIdList", value("2^^^&1.2&ISO^urn:x")).unwrap();
        assert_eq!(entry.reference_ids, ["2^^^&1.2&ISO^urn:x"]);
        entry.put("referenceIdList", Vec::new()).unwrap();
        assert_eq!(entry.reference_ids, Vec::<String>::new());
    }

    #[test]
    fn what_does_not_fit_is_refused() {
        for (name, wrong) in [
            ("size", value("-1")),
            ("creationTime", value("yesterday")),
            ("sourcePatientId", value("1^^^&1.2&ISO^^x^y")),
            ("title", value("words are none")),
            ("classCode", value("CHECKUP")),
            ("size", [value("1"), value("2")].concat()),
            ("entryUUID", value("urn:uuid:6a007b24-4dfa-4f4f-861c-d2df9dea19a3")),
            ("Title", value("x")),
            ("mimeType", Vec::new()),
        ] {
            assert!(draft().put(name, wrong).is_err(), "{name}");
        }
    }

    #[test]
    fn urns_have_words() {
        let mut entry = draft();
        entry.put("documentAvailability", value("Offline")).unwrap();
        assert_eq!(entry.availability, Some(DocumentAvailability::Offline));
        entry.put("objectType", value("On-Demand")).unwrap();
        assert_eq!(entry.object_type, EntryType::OnDemand);
        assert!(entry.put("languageCode", value("Online")).is_ok(), "words belong to attributes");
    }

    #[test]
    fn an_author_has_attributes_of_its_own() {
        let mut author = Author::default();
        author.put("authorRole", [value("a"), value("b")].concat()).unwrap();
        author.put("authorPerson", value("1^連携^太郎")).unwrap();
        assert_eq!((author.roles.len(), author.person.as_deref()), (2, Some("1^連携^太郎")));
        assert!(author.put("authorPerson", [value("a"), value("b")].concat()).is_err());
        assert_eq!(Author::attributes().len(), 5);
    }
}
