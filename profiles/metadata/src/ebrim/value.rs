//! The types of attributes as ebRIM writes them, and how a field of the model is reached.

use super::table::Count;
use crate::ids::{
    Dtm, EntryUuid, HomeCommunityId, Invalid, LanguageCode, MimeType, ObjectId, Oid, PatientId,
    RepositoryUniqueId, Sha1Hash, UniqueId,
};
use crate::model::{
    AssociationType, AvailabilityStatus, DocumentAvailability, EntryType, SubmissionSetStatus,
};
use std::borrow::Cow;
use std::str::FromStr;

/// A type with a text form.
pub(crate) trait Value: Sized {
    /// As it is written.
    fn written(&self) -> Cow<'_, str>;
    /// As it is read.
    fn read(text: &str) -> Result<Self, Invalid>;
}

/// The values of one field of the model, as they are written and read.
pub(crate) struct Values<T> {
    pub(crate) count: Count,
    pub(crate) present: fn(&T) -> bool,
    /// All values.
    pub(crate) get: fn(&T) -> Vec<Cow<'_, str>>,
    /// Takes one value in; called once for each.
    pub(crate) set: Set<T>,
    /// Takes all values out, where the model can do without.
    pub(crate) clear: fn(&mut T),
}

/// Takes one value in.
pub(crate) type Set<T> = fn(&mut T, &str) -> Result<(), Invalid>;

/// `values!(one field)`, `values!(optional field)` or `values!(many field)`: the field with its count.
macro_rules! values {
    (one $field:ident) => {
        Values {
            count: Count::One,
            present: |_| true,
            get: |o| vec![o.$field.written()],
            set: |o, v| Value::read(v).map(|v| o.$field = v),
            clear: |_| (),
        }
    };
    (optional $field:ident) => {
        Values {
            count: Count::Optional,
            present: |o| o.$field.is_some(),
            get: |o| o.$field.iter().map(Value::written).collect(),
            set: |o, v| Value::read(v).map(|v| o.$field = Some(v)),
            clear: |o| o.$field = None,
        }
    };
    (many $field:ident) => {
        Values {
            count: Count::Many,
            present: |o| !o.$field.is_empty(),
            get: |o| o.$field.iter().map(Value::written).collect(),
            set: |o, v| Value::read(v).map(|v| o.$field.push(v)),
            clear: |o| o.$field.clear(),
        }
    };
}

/// `text!("title", Name, [O, O], field)`: the row of a text for people.
macro_rules! text {
    ($attribute:literal, $element:ident, $needs:expr, $field:ident) => {
        Attribute::text(
            $attribute,
            TextElement::$element,
            $needs,
            |o| o.$field.is_some(),
            Texts {
                get: |o| o.$field.as_ref(),
                set: |o, t| o.$field = Some(t),
                clear: |o| o.$field = None,
            },
        )
    };
}

/// `parts!(Code optional field)`, `parts!(Author many field)`: a field made of Classifications.
macro_rules! parts {
    ($place:ident optional $field:ident) => {
        (
            Count::Optional,
            |o| o.$field.is_some(),
            Place::$place {
                get: |o| o.$field.as_slice(),
                add: |o, v| o.$field = Some(v),
                clear: |o| o.$field = None,
            },
        )
    };
    ($place:ident many $field:ident) => {
        (
            Count::Many,
            |o| !o.$field.is_empty(),
            Place::$place {
                get: |o| &o.$field,
                add: |o, v| o.$field.push(v),
                clear: |o| o.$field.clear(),
            },
        )
    };
}

pub(super) use {parts, text, values};

/// Types that are read by `parse` and written as they are displayed.
macro_rules! displayed {
    ($($type:ty),*) => {$(
        impl Value for $type {
            fn written(&self) -> Cow<'_, str> {
                Cow::Owned(self.to_string())
            }
            fn read(text: &str) -> Result<Self, Invalid> {
                <$type>::parse(text)
            }
        }
    )*};
}

displayed!(EntryUuid, ObjectId, PatientId, RepositoryUniqueId);

/// Types that hold their text, or are one of a few.
macro_rules! named {
    ($($type:ty: $name:ident),*) => {$(
        impl Value for $type {
            fn written(&self) -> Cow<'_, str> {
                Cow::Borrowed(self.$name())
            }
            fn read(text: &str) -> Result<Self, Invalid> {
                <$type>::parse(text)
            }
        }
    )*};
}

named!(AssociationType: urn, AvailabilityStatus: urn, DocumentAvailability: urn, EntryType: urn);
named!(SubmissionSetStatus: name, Dtm: as_str, HomeCommunityId: as_str, LanguageCode: as_str);
named!(MimeType: as_str, Oid: as_str, Sha1Hash: as_str, UniqueId: as_str);

impl Value for String {
    fn written(&self) -> Cow<'_, str> {
        Cow::Borrowed(self)
    }
    fn read(text: &str) -> Result<Self, Invalid> {
        Ok(text.to_owned())
    }
}

impl Value for u32 {
    fn written(&self) -> Cow<'_, str> {
        Cow::Owned(self.to_string())
    }
    fn read(text: &str) -> Result<Self, Invalid> {
        number(text)
    }
}

impl Value for u64 {
    fn written(&self) -> Cow<'_, str> {
        Cow::Owned(self.to_string())
    }
    fn read(text: &str) -> Result<Self, Invalid> {
        number(text)
    }
}

/// A decimal number without sign.
fn number<N: FromStr>(s: &str) -> Result<N, Invalid> {
    let digits = !s.is_empty() && s.bytes().all(|b| b.is_ascii_digit());
    s.parse().ok().filter(|_| digits).ok_or(Invalid {
        expected: "a decimal number without sign",
        expected_ja: "符号なしの10進数",
    })
}
