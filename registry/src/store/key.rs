//! The two names of an object: where its row is, and what it is called on the wire.
//!
//! Both are UUIDs of 16 bytes in every column. They are types of their own so that nothing takes one
//! for the other.

use chrono::{DateTime, Utc};
use renkei_context::Ids;
use renkei_database::uuid_column;
use renkei_metadata::ids::EntryUuid;
use uuid::Uuid;

uuid_column! {
    /// The key of an object's rows: a UUID version 7, so that rows lie in the order in which they
    /// came. Never sent to anybody, for it tells when it was made.
    pub(crate) struct Key;
}

uuid_column! {
    /// The entryUUID of an object, as it goes on the wire. What the registry assigns is random.
    pub(crate) struct Id;
}

impl From<EntryUuid> for Id {
    fn from(id: EntryUuid) -> Self {
        Self(id.0)
    }
}

/// Makes the names of the objects of one submission: the keys are in the order in which they were made.
pub(crate) struct Keys<'a> {
    now: DateTime<Utc>,
    ids: &'a dyn Ids,
}

impl<'a> Keys<'a> {
    pub(crate) fn new(now: DateTime<Utc>, ids: &'a dyn Ids) -> Self {
        Self { now, ids }
    }

    /// A new entryUUID.
    pub(crate) fn new_id(&self) -> Uuid {
        self.ids.new_uuid()
    }

    /// The next key.
    pub(crate) fn next(&self) -> Key {
        Key(self.ids.new_key(self.now))
    }
}
