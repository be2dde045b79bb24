//! How an attribute of the model stands in ebRIM and what is asked of it, as a row (ITI TF-3: 4.2.3,
//! Table 4.3.1-3).
//!
//! Reading, writing, and the checks of optionality, form, length and codes walk the rows; a new
//! attribute is one row in the table of its object. The rows are in the order of the schema.

use super::is_urn_uuid;
use super::value::Values;
use crate::fragment::Hole;
use crate::ids::{Invalid, ObjectId};
use crate::model::{Author, Code, ExtraSlot, LocalizedText, ObjectKind};

/// How many values an attribute may have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Count {
    /// Exactly one: the model cannot do without.
    One,
    /// At most one.
    Optional,
    /// Any number.
    Many,
}

/// A cell of the optionality table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Need {
    /// R.
    Required,
    /// R2: its absence is no fault that a receiver could see.
    IfKnown,
    /// O; and what the table says nothing about.
    Optional,
    /// X.
    Prohibited,
}

/// The columns of the optionality table that are offered: XDS-DS, XDS-DR, XDS-OD.
pub(crate) type Needs = [Need; 3];

/// The cells, by the letters of the standard.
pub(crate) mod need {
    pub(crate) use super::Need::{IfKnown as R2, Optional as O, Prohibited as X, Required as R};
}

/// Where an attribute stands, and how it goes in and out of the model.
pub(crate) enum Place<T> {
    /// `@id` of the object's element.
    Id,
    /// An XML attribute that says the same of every object; it is not read.
    Fixed(&'static str),
    /// An XML attribute of the object's element.
    Xml(Values<T>),
    /// A slot.
    Slot(Values<T>),
    /// rim:Name or rim:Description.
    Text(TextElement, Texts<T>),
    /// `rim:VersionInfo/@versionName`.
    Version(Values<T>),
    /// The Classification whose node says what a RegistryPackage is.
    Label,
    /// The Classification whose node marks limited metadata.
    Marker,
    /// A Classification with code, scheme and display name.
    Code { get: fn(&T) -> &[Code], add: fn(&mut T, Code), clear: fn(&mut T) },
    /// A Classification that describes an author.
    Author { get: fn(&T) -> &[Author], add: fn(&mut T, Author), clear: fn(&mut T) },
    /// An ExternalIdentifier.
    Identifier(Values<T>),
}

/// The elements that hold texts for people.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TextElement {
    Name,
    Description,
}

/// A text in and out of the model.
pub(crate) struct Texts<T> {
    pub(crate) get: fn(&T) -> Option<&LocalizedText>,
    pub(crate) set: fn(&mut T, LocalizedText),
    pub(crate) clear: fn(&mut T),
}

/// The form that a value has to have beyond its type.
pub(crate) type Form = fn(&str) -> Result<(), Invalid>;

/// The longest text in one language, in characters (ebRIM: FreeFormText). A longer one would make
/// every answer that shows it invalid by the schema.
pub(crate) const FREE_TEXT: usize = 1024;

/// One attribute.
pub(crate) struct Row<T> {
    /// The name ITI TF-3 gives it.
    pub(crate) attribute: &'static str,
    /// The name of the XML attribute or slot, or the URN of the scheme or node.
    pub(crate) key: &'static str,
    pub(crate) needs: Needs,
    pub(crate) count: Count,
    pub(crate) present: fn(&T) -> bool,
    pub(crate) form: Option<Form>,
    /// The longest text in one language, in characters.
    pub(crate) longest: usize,
    /// Whether its values may say something about a person, so that no finding quotes them.
    pub(crate) personal: bool,
    /// Whether a value that cannot be read is passed over: the registry sets its own.
    pub(crate) set_by_registry: bool,
    /// What is left open in a stored fragment.
    pub(crate) hole: Option<Hole>,
    pub(crate) place: Place<T>,
}

impl<T> Row<T> {
    const fn new(
        attribute: &'static str,
        key: &'static str,
        needs: Needs,
        count: Count,
        present: fn(&T) -> bool,
        place: Place<T>,
    ) -> Self {
        let (form, longest, hole) = (None, FREE_TEXT, None);
        let (personal, set_by_registry) = (false, false);
        Self {
            attribute,
            key,
            needs,
            count,
            present,
            form,
            longest,
            personal,
            set_by_registry,
            hole,
            place,
        }
    }

    /// The object's id.
    pub(super) const fn id(needs: Needs) -> Self {
        Self::new("entryUUID", "id", needs, Count::One, |_| true, Place::Id)
    }

    /// An XML attribute that is the same on every object.
    pub(super) const fn fixed(name: &'static str, value: &'static str) -> Self {
        Self::new(name, name, [Need::Optional; 3], Count::One, |_| true, Place::Fixed(value))
    }

    /// An XML attribute.
    pub(super) const fn xml(
        attribute: &'static str,
        name: &'static str,
        needs: Needs,
        values: Values<T>,
    ) -> Self {
        Self::new(attribute, name, needs, values.count, values.present, Place::Xml(values))
    }

    /// A slot with the name of the attribute.
    pub(super) const fn slot(name: &'static str, needs: Needs, values: Values<T>) -> Self {
        Self::new(name, name, needs, values.count, values.present, Place::Slot(values))
    }

    /// A text for people.
    pub(super) const fn text(
        attribute: &'static str,
        element: TextElement,
        needs: Needs,
        present: fn(&T) -> bool,
        texts: Texts<T>,
    ) -> Self {
        let place = Place::Text(element, texts);
        Self::new(attribute, attribute, needs, Count::Optional, present, place)
    }

    /// The version.
    pub(super) const fn version(values: Values<T>) -> Self {
        let needs = [Need::Optional; 3];
        let place = Place::Version(values);
        Self::new("version", "versionName", needs, Count::Optional, |_| true, place)
    }

    /// What a RegistryPackage is.
    pub(super) const fn label(node: &'static str) -> Self {
        Self::new("label", node, [Need::Optional; 3], Count::One, |_| true, Place::Label)
    }

    /// The marker of limited metadata. The reader refuses it, so that no model has it.
    pub(super) const fn marker(node: &'static str, needs: Needs) -> Self {
        Self::new("limitedMetadata", node, needs, Count::Optional, |_| false, Place::Marker)
    }

    /// A coded attribute of one scheme.
    pub(super) const fn code(
        attribute: &'static str,
        scheme: &'static str,
        needs: Needs,
        (count, present, place): (Count, fn(&T) -> bool, Place<T>),
    ) -> Self {
        Self::new(attribute, scheme, needs, count, present, place)
    }

    /// The authors.
    pub(super) const fn author(
        scheme: &'static str,
        needs: Needs,
        (count, present, place): (Count, fn(&T) -> bool, Place<T>),
    ) -> Self {
        Self::new("author", scheme, needs, count, present, place)
    }

    /// An identifier.
    pub(super) const fn identifier(
        attribute: &'static str,
        scheme: &'static str,
        needs: Needs,
        values: Values<T>,
    ) -> Self {
        Self::new(attribute, scheme, needs, values.count, values.present, Place::Identifier(values))
    }

    /// Under another name on the wire.
    pub(super) const fn on_the_wire(mut self, key: &'static str) -> Self {
        self.key = key;
        self
    }

    /// In this form, and never quoted: it is of people and institutions.
    pub(super) const fn personal(mut self, form: Form) -> Self {
        self.form = Some(form);
        self.personal = true;
        self
    }

    /// Never quoted.
    pub(super) const fn unquoted(mut self) -> Self {
        self.personal = true;
        self
    }

    /// In this form.
    pub(super) const fn in_form(mut self, form: Form) -> Self {
        self.form = Some(form);
        self
    }

    /// No text longer than this.
    pub(super) const fn at_most(mut self, characters: usize) -> Self {
        self.longest = characters;
        self
    }

    /// Passed over when it cannot be read.
    pub(super) const fn set_by_registry(mut self) -> Self {
        self.set_by_registry = true;
        self
    }

    /// Left open in a stored fragment.
    pub(super) const fn open(mut self, hole: Hole) -> Self {
        self.hole = Some(hole);
        self
    }
}

/// An object of the model with its table.
pub(crate) trait Object: Sized + 'static {
    /// Which of the four kinds.
    const KIND: ObjectKind;
    /// The element, with our prefix.
    const ELEMENT: &'static str;
    /// What the Name of an ExternalIdentifier begins with.
    const PREFIX: &'static str;
    /// Slots outside the rows that are known by name and kept like extra metadata.
    const OTHER_SLOTS: &'static [&'static str] = &[];

    /// The table.
    fn rows() -> &'static [Row<Self>];
    /// An object with stand-ins for what the model cannot do without.
    fn blank(id: ObjectId) -> Self;
    /// Its id.
    fn id(&self) -> &ObjectId;
    /// Its slots that are not of the standard.
    fn extra(&self) -> &[ExtraSlot];
    /// The same, to be added to.
    fn extra_mut(&mut self) -> &mut Vec<ExtraSlot>;

    /// Whether `node` labels a RegistryPackage as this kind.
    fn is_label(node: &str) -> bool {
        Self::rows().iter().any(|r| matches!(r.place, Place::Label) && is_urn_uuid(r.key, node))
    }

    /// Whether `node` marks this kind as limited metadata.
    fn is_marker(node: &str) -> bool {
        Self::rows().iter().any(|r| matches!(r.place, Place::Marker) && is_urn_uuid(r.key, node))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Association, DocumentEntry, Folder, SubmissionSet};
    use std::collections::HashSet;

    /// Where the schema has what a row describes (rim.xsd: RegistryObjectType).
    fn rank<T>(row: &Row<T>) -> u8 {
        match row.place {
            Place::Id | Place::Fixed(_) | Place::Xml(_) => 0,
            Place::Slot(_) => 1,
            Place::Text(TextElement::Name, _) => 2,
            Place::Text(TextElement::Description, _) => 3,
            Place::Version(_) => 4,
            Place::Label | Place::Marker | Place::Code { .. } | Place::Author { .. } => 5,
            Place::Identifier(_) => 6,
        }
    }

    fn in_order<T: Object>() {
        let rows = T::rows();
        assert!(rows.is_sorted_by_key(rank), "{}: not the order of the schema", T::KIND);
        let (mut names, mut keys) = (HashSet::new(), HashSet::new());
        for row in rows {
            assert!(keys.insert((rank(row), row.key)), "{}: {} twice", T::KIND, row.key);
            let fixed = matches!(row.place, Place::Fixed(_));
            assert!(fixed || names.insert(row.attribute), "{}: {} twice", T::KIND, row.attribute);
        }
    }

    #[test]
    fn rows_are_in_the_order_of_the_schema_and_each_is_there_once() {
        in_order::<DocumentEntry>();
        in_order::<SubmissionSet>();
        in_order::<Folder>();
        in_order::<Association>();
    }
}
