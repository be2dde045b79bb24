//! The two names of an object: where its row is, and what it is called on the wire.
//!
//! Both are UUIDs of 16 bytes in every column. They are types of their own so that nothing takes one
//! for the other.

use chrono::{DateTime, Utc};
use diesel::backend::Backend;
use diesel::deserialize::{self, FromSql, FromSqlRow};
use diesel::expression::AsExpression;
use diesel::pg::{Pg, PgValue};
use diesel::serialize::{self, Output, ToSql};
use diesel::sql_types::Binary;
use diesel::sqlite::Sqlite;
use renkei_context::Ids;
use renkei_metadata::ids::EntryUuid;
use uuid::{Builder, Uuid};

macro_rules! uuid_column {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(
            Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, AsExpression, FromSqlRow,
        )]
        #[diesel(sql_type = Binary)]
        pub(crate) struct $name(pub(crate) Uuid);

        impl $name {
            pub(crate) fn as_bytes(&self) -> &[u8] {
                self.0.as_bytes()
            }
        }

        impl<DB: Backend> ToSql<Binary, DB> for $name
        where
            [u8]: ToSql<Binary, DB>,
        {
            fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, DB>) -> serialize::Result {
                ToSql::<Binary, DB>::to_sql(self.as_bytes(), out)
            }
        }

        impl FromSql<Binary, Pg> for $name {
            fn from_sql(value: PgValue<'_>) -> deserialize::Result<Self> {
                Ok(Self(Uuid::from_slice(value.as_bytes())?))
            }
        }

        impl FromSql<Binary, Sqlite> for $name {
            fn from_sql(mut value: <Sqlite as Backend>::RawValue<'_>) -> deserialize::Result<Self> {
                Ok(Self(Uuid::from_slice(value.read_blob())?))
            }
        }
    };
}

uuid_column! {
    /// The key of an object's rows: a UUID version 7, so that rows lie in the order in which they
    /// came. Never sent to anybody, for it tells when it was made.
    Key
}

uuid_column! {
    /// The entryUUID of an object, as it goes on the wire. What the registry assigns is random.
    Id
}

impl From<EntryUuid> for Id {
    fn from(id: EntryUuid) -> Self {
        Self(id.0)
    }
}

/// Makes the keys of one submission, in order.
pub(crate) struct Keys<'a> {
    millis: u64,
    made: u16,
    ids: &'a dyn Ids,
}

impl<'a> Keys<'a> {
    pub(crate) fn new(now: DateTime<Utc>, ids: &'a dyn Ids) -> Self {
        Self { millis: u64::try_from(now.timestamp_millis()).unwrap_or(0), made: 0, ids }
    }

    /// A new entryUUID.
    pub(crate) fn new_id(&self) -> Uuid {
        self.ids.new_uuid()
    }

    /// The next key: the time, then a counter where RFC 9562 has `rand_a` (method 1 of its section
    /// 6.2), so that the objects of a submission keep their order; the rest is random. A counter that
    /// begins again costs the order alone.
    pub(crate) fn next(&mut self) -> Key {
        let [a, b] = self.made.to_be_bytes();
        self.made = self.made.wrapping_add(1) & 0x0fff;
        let (_, random) = self.ids.new_uuid().as_u64_pair();
        let [c, d, e, f, g, h, i, j] = random.to_be_bytes();
        let bytes = [a, b, c, d, e, f, g, h, i, j];
        Key(Builder::from_unix_timestamp_millis(self.millis, &bytes).into_uuid())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use renkei_context::RandomIds;

    #[test]
    fn keys_are_in_the_order_in_which_they_were_made() {
        let at = |text: &str| text.parse::<DateTime<Utc>>().unwrap();
        let mut earlier = Keys::new(at("2026-04-01T00:00:00.001Z"), &RandomIds);
        let mut later = Keys::new(at("2026-04-01T00:00:00.002Z"), &RandomIds);
        let keys: Vec<Key> =
            (0..300).map(|_| earlier.next()).chain((0..300).map(|_| later.next())).collect();
        assert!(keys.is_sorted());
        assert!(keys.iter().all(|k| k.0.get_version_num() == 7));
        let different: std::collections::HashSet<&Key> = keys.iter().collect();
        assert_eq!(different.len(), keys.len());
    }
}
