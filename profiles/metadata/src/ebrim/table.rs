//! How an attribute of the model stands in ebRIM, as a row (ITI TF-3: 4.2.3.2 to 4.2.3.4).
//!
//! Reading, writing and the check of codes walk the rows; a new attribute is one row in the table of
//! its object.

use crate::ids::{EntryUuid, HomeCommunityId, Invalid, ObjectId};
use crate::model::{Author, AvailabilityStatus, Code, ExtraSlot, LocalizedText, ObjectKind};

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

/// Where an attribute stands, and how it goes in and out of the model.
pub(crate) enum Place<T> {
    /// An XML attribute of the object's element.
    Attribute { get: Get<T>, set: Set<T> },
    /// A slot.
    Slot { get: Get<T>, set: Set<T> },
    /// A Classification with code, scheme and display name.
    Code { get: fn(&T) -> &[Code], add: fn(&mut T, Code) },
    /// A Classification that describes an author.
    Author { get: fn(&T) -> &[Author], add: fn(&mut T, Author) },
    /// An ExternalIdentifier.
    Identifier { get: Get<T>, set: Set<T> },
}

/// All values as they are written.
pub(crate) type Get<T> = fn(&T) -> Vec<String>;
/// Takes one value in; called once for each.
pub(crate) type Set<T> = fn(&mut T, &str) -> Result<(), Invalid>;

/// What may change after registration and is left open in a stored fragment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Hole {
    /// The value of the patientId.
    PatientId,
    /// The whole slot lastUpdateTime.
    LastUpdateTime,
    /// The whole slot documentAvailability.
    Availability,
}

/// One attribute.
pub(crate) struct Row<T> {
    /// The name ITI TF-3 gives it.
    pub(crate) attribute: &'static str,
    /// The name of the XML attribute or slot, or the URN of the scheme.
    pub(crate) key: &'static str,
    pub(crate) count: Count,
    /// Whether its values may say something about a person, so that no finding quotes them.
    pub(crate) personal: bool,
    pub(crate) hole: Option<Hole>,
    pub(crate) place: Place<T>,
}

impl<T> Row<T> {
    const fn new(
        attribute: &'static str,
        key: &'static str,
        count: Count,
        place: Place<T>,
    ) -> Self {
        Self { attribute, key, count, personal: false, hole: None, place }
    }

    /// An XML attribute that must be there.
    pub(super) const fn xml(name: &'static str, get: Get<T>, set: Set<T>) -> Self {
        Self::new(name, name, Count::One, Place::Attribute { get, set })
    }

    /// A slot with the name of the attribute.
    pub(super) const fn slot(name: &'static str, count: Count, get: Get<T>, set: Set<T>) -> Self {
        Self::new(name, name, count, Place::Slot { get, set })
    }

    /// A coded attribute of one scheme.
    pub(super) const fn code(
        attribute: &'static str,
        scheme: &'static str,
        count: Count,
        get: fn(&T) -> &[Code],
        add: fn(&mut T, Code),
    ) -> Self {
        Self::new(attribute, scheme, count, Place::Code { get, add })
    }

    /// The authors.
    pub(super) const fn author(
        scheme: &'static str,
        get: fn(&T) -> &[Author],
        add: fn(&mut T, Author),
    ) -> Self {
        Self::new("author", scheme, Count::Many, Place::Author { get, add })
    }

    /// An identifier.
    pub(super) const fn identifier(
        attribute: &'static str,
        scheme: &'static str,
        count: Count,
        get: Get<T>,
        set: Set<T>,
    ) -> Self {
        Self::new(attribute, scheme, count, Place::Identifier { get, set })
    }

    /// Under another name on the wire.
    pub(super) const fn on_the_wire(mut self, key: &'static str) -> Self {
        self.key = key;
        self
    }

    /// Never quoted.
    pub(super) const fn personal(mut self) -> Self {
        self.personal = true;
        self
    }

    /// Left open in a stored fragment.
    pub(super) const fn open(mut self, hole: Hole) -> Self {
        self.hole = Some(hole);
        self
    }
}

/// What all objects have in common, besides the rows.
#[derive(Default)]
pub(crate) struct Header {
    pub(crate) home: Option<HomeCommunityId>,
    pub(crate) status: Option<AvailabilityStatus>,
    pub(crate) lid: Option<EntryUuid>,
    pub(crate) version: Option<u32>,
    pub(crate) title: Option<LocalizedText>,
    pub(crate) comments: Option<LocalizedText>,
    pub(crate) extra: Vec<ExtraSlot>,
}

/// The same, borrowed for writing.
#[derive(Default)]
pub(crate) struct HeaderRef<'a> {
    pub(crate) home: Option<&'a HomeCommunityId>,
    pub(crate) status: Option<AvailabilityStatus>,
    pub(crate) lid: Option<EntryUuid>,
    pub(crate) version: Option<u32>,
    pub(crate) title: Option<&'a LocalizedText>,
    pub(crate) comments: Option<&'a LocalizedText>,
    pub(crate) extra: &'a [ExtraSlot],
}

/// An object of the model with its table.
pub(crate) trait Object: Sized + 'static {
    /// Which of the four kinds.
    const KIND: ObjectKind;
    /// The element, with our prefix.
    const ELEMENT: &'static str;
    /// What the Name of an ExternalIdentifier begins with.
    const PREFIX: &'static str;
    /// `@objectType`, unless a row says it.
    const OBJECT_TYPE: Option<&'static str>;
    /// The classificationNode that labels a RegistryPackage.
    const LABEL: Option<&'static str>;
    /// Slots outside the rows that are known by name and kept like extra metadata.
    const OTHER_SLOTS: &'static [&'static str];

    /// The table.
    fn rows() -> &'static [Row<Self>];
    /// An object with stand-ins for what the model cannot do without.
    fn blank(id: ObjectId) -> Self;
    /// Its id.
    fn id(&self) -> &ObjectId;
    /// Takes the common part in.
    fn put(&mut self, header: Header);
    /// The common part.
    fn header(&self) -> HeaderRef<'_>;
}

/// The values of an optional attribute.
pub(super) fn texts<V: ToString>(value: Option<&V>) -> Vec<String> {
    value.map(ToString::to_string).into_iter().collect()
}

/// A decimal number without sign.
pub(super) fn number<N: std::str::FromStr>(s: &str) -> Result<N, Invalid> {
    let digits = !s.is_empty() && s.bytes().all(|b| b.is_ascii_digit());
    s.parse().ok().filter(|_| digits).ok_or(Invalid {
        expected: "a decimal number without sign",
        expected_ja: "符号なしの10進数",
    })
}
