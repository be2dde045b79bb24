//! Keys of 16 octets as columns.

use crate::db::{MultiBackend, MultiRawValue};
use diesel::backend::Backend;
use diesel::deserialize;
use diesel::pg::{Pg, PgValue};
use diesel::sqlite::Sqlite;

/// How each dialect gives the octets of a key.
pub trait KeyBackend: Backend {
    /// The octets.
    ///
    /// # Errors
    /// When there are not 16 of them.
    fn key(value: Self::RawValue<'_>) -> deserialize::Result<[u8; 16]>;
}

impl KeyBackend for Pg {
    fn key(value: PgValue<'_>) -> deserialize::Result<[u8; 16]> {
        Ok(value.as_bytes().try_into()?)
    }
}

impl KeyBackend for Sqlite {
    fn key(mut value: <Self as Backend>::RawValue<'_>) -> deserialize::Result<[u8; 16]> {
        Ok(value.read_blob().try_into()?)
    }
}

// For a statement that is not split by dialect.
impl KeyBackend for MultiBackend {
    fn key(value: <Self as Backend>::RawValue<'_>) -> deserialize::Result<[u8; 16]> {
        match value {
            MultiRawValue::Pg(value) => Pg::key(value),
            MultiRawValue::Sqlite(value) => Sqlite::key(value),
        }
    }
}

/// Makes a type whose values are UUIDs in a BLOB or BYTEA column, so that nothing takes the key of one
/// table for that of another. The crate that uses it depends on `diesel` and `uuid`.
///
/// A new value is a UUID of version 7 (`renkei_context::Ids::new_key`) unless it goes on the wire.
#[macro_export]
macro_rules! uuid_column {
    ($(#[$doc:meta])* $vis:vis struct $name:ident;) => {
        $(#[$doc])*
        #[derive(
            Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord,
            ::diesel::expression::AsExpression, ::diesel::deserialize::FromSqlRow,
        )]
        #[diesel(sql_type = ::diesel::sql_types::Binary)]
        $vis struct $name($vis ::uuid::Uuid);

        impl $name {
            /// Before all others.
            $vis const FIRST: Self = Self(::uuid::Uuid::nil());

            /// The 16 octets.
            $vis fn as_bytes(&self) -> &[u8] {
                self.0.as_bytes()
            }
        }

        impl ::std::fmt::Display for $name {
            fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                ::std::fmt::Display::fmt(&self.0, f)
            }
        }

        impl From<$name> for $crate::statement::Bind {
            fn from(key: $name) -> Self {
                Self::Bytes(key.as_bytes().to_vec())
            }
        }

        impl<DB: ::diesel::backend::Backend>
            ::diesel::serialize::ToSql<::diesel::sql_types::Binary, DB> for $name
        where
            [u8]: ::diesel::serialize::ToSql<::diesel::sql_types::Binary, DB>,
        {
            fn to_sql<'b>(
                &'b self,
                out: &mut ::diesel::serialize::Output<'b, '_, DB>,
            ) -> ::diesel::serialize::Result {
                ::diesel::serialize::ToSql::<::diesel::sql_types::Binary, DB>::to_sql(
                    self.as_bytes(),
                    out,
                )
            }
        }

        impl<DB: $crate::KeyBackend>
            ::diesel::deserialize::FromSql<::diesel::sql_types::Binary, DB> for $name
        {
            fn from_sql(value: DB::RawValue<'_>) -> ::diesel::deserialize::Result<Self> {
                Ok(Self(::uuid::Uuid::from_bytes(DB::key(value)?)))
            }
        }
    };
}
