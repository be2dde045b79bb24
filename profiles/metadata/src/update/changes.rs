//! Which attributes differ between two versions of an object.

use crate::ebrim::table::{Object, Place, Row};
use crate::escapes::comparison_form;
use crate::ids::Invalid;
use crate::model::{DocumentEntry, Folder};
use std::borrow::Cow;

/// An attribute of a DocumentEntry, by its name in ITI TF-3: 4.2.3.2.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct EntryAttribute(&'static str);

impl EntryAttribute {
    /// Parses the name of an attribute that an update can change.
    pub fn parse(name: &str) -> Result<Self, Invalid> {
        let mut rows = may_change::<DocumentEntry>();
        rows.find(|row| row.attribute == name).map(|row| Self(row.attribute)).ok_or(Invalid {
            expected: "an attribute of a DocumentEntry (ITI TF-3: 4.2.3.2), such as typeCode",
            expected_ja: "typeCode のような DocumentEntry の属性名(ITI TF-3: 4.2.3.2)",
        })
    }

    /// The name.
    pub const fn name(self) -> &'static str {
        self.0
    }
}

/// The attributes of a DocumentEntry that differ, by the names of ITI TF-3. What the registry gives
/// each version anew is none of them: entryUUID, logicalID, version, availabilityStatus.
pub fn changed_in_entry(old: &DocumentEntry, new: &DocumentEntry) -> Vec<&'static str> {
    changed(old, new)
}

/// The same of a Folder.
pub fn changed_in_folder(old: &Folder, new: &Folder) -> Vec<&'static str> {
    changed(old, new)
}

fn changed<T: Object>(old: &T, new: &T) -> Vec<&'static str> {
    may_change::<T>().filter(|row| differs(row, old, new)).map(|row| row.attribute).collect()
}

/// The rows of what an object says of itself; the rest is the registry's.
fn may_change<T: Object>() -> impl Iterator<Item = &'static Row<T>> {
    let says = |row: &&Row<T>| {
        let given = matches!(row.place, Place::Id | Place::Fixed(_) | Place::Label | Place::Marker);
        !given && !row.set_by_registry && row.attribute != "logicalID"
    };
    T::rows().iter().filter(says)
}

/// Attributes whose values are identifiers kept as submitted: one that is written otherwise is the same.
const IDENTIFIERS: [&str; 2] = ["sourcePatientId", "referenceIdList"];

fn differs<T>(row: &Row<T>, old: &T, new: &T) -> bool {
    match &row.place {
        Place::Id | Place::Fixed(_) | Place::Label | Place::Marker => false,
        Place::Xml(v) | Place::Slot(v) | Place::Version(v) | Place::Identifier(v) => {
            let (old, new) = ((v.get)(old), (v.get)(new));
            let same = |(a, b): (&Cow<'_, str>, &Cow<'_, str>)| match IDENTIFIERS
                .contains(&row.attribute)
            {
                true => comparison_form(a) == comparison_form(b),
                false => a == b,
            };
            old.len() != new.len() || !old.iter().zip(&new).all(same)
        }
        Place::Text(_, texts) => (texts.get)(old) != (texts.get)(new),
        Place::Code { get, .. } => get(old) != get(new),
        Place::Author { get, .. } => get(old) != get(new),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::arbitrary;
    use crate::ids::ObjectId;
    use proptest::prelude::*;

    #[test]
    fn attributes_are_named_as_in_the_standard() {
        for name in ["typeCode", "author", "referenceIdList", "title", "documentAvailability"] {
            assert_eq!(EntryAttribute::parse(name).map(EntryAttribute::name), Ok(name));
        }
        for name in ["", "typecode", "version", "logicalID", "entryUUID", "limitedMetadata"] {
            assert!(EntryAttribute::parse(name).is_err(), "{name}");
        }
    }

    #[test]
    fn an_identifier_that_is_written_otherwise_is_the_same() {
        let with = |source: &str, reference: &str| {
            let mut entry = DocumentEntry::blank(ObjectId::Symbol("d".into()));
            entry.source_patient_id = Some(source.to_owned());
            entry.reference_ids = vec![reference.to_owned()];
            entry
        };
        let old = with(r"W\T\1^^^&1.2&ISO", "ガ1^^^&1.2&ISO^urn:x");
        let same = with(r"W\X26\1^^^&1.2&ISO^", "カ\u{3099}1^^^NAME&1.2&ISO^urn:x");
        assert_eq!(changed_in_entry(&old, &same), Vec::<&str>::new());
        let other = with(r"W\T\2^^^&1.2&ISO", "ガ1^^^&1.2&ISO^urn:y");
        assert_eq!(changed_in_entry(&old, &other), ["referenceIdList", "sourcePatientId"]);
    }

    proptest! {
        #[test]
        fn versions_differ_by_what_was_changed(old in arbitrary::entry(), other in arbitrary::entry()) {
            prop_assert_eq!(changed_in_entry(&old, &old), Vec::<&str>::new());
            let mut new = old.clone();
            (new.id, new.lid, new.version, new.status) =
                (other.id, other.lid, other.version, other.status);
            prop_assert_eq!(changed_in_entry(&old, &new), Vec::<&str>::new());
            (new.unique_id, new.title) = (other.unique_id, None);
            let expected: &[&str] =
                if old.title.is_some() { &["title", "uniqueId"] } else { &["uniqueId"] };
            prop_assert_eq!(changed_in_entry(&old, &new), expected);
        }
    }
}
