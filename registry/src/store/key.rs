//! The two names of an object: where its row is, and what it is called on the wire.
//!
//! Both are UUIDs of 16 bytes in every column. They are types of their own so that nothing takes one
//! for the other.

use chrono::{DateTime, NaiveDateTime, Utc};
use renkei_context::Ids;
use renkei_database::uuid_column;
use renkei_metadata::ids::EntryUuid;
use renkei_xds::catalogue::Instant;
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

impl Key {
    /// How the keys begin that were made at this moment, compared octet by octet (RFC 9562: 5.7, the first 48 bits
    /// are milliseconds). A moment that no calendar has stands before all, so that nothing is missed.
    pub(crate) fn beginning(moment: &Instant) -> Vec<u8> {
        let at = NaiveDateTime::parse_from_str(moment.as_str(), "%Y%m%d%H%M%S");
        let millis = at.ok().and_then(|at| u64::try_from(at.and_utc().timestamp_millis()).ok());
        let [_, _, beginning @ ..] = millis.unwrap_or(0).to_be_bytes();
        beginning.to_vec()
    }
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

#[cfg(test)]
mod tests {
    use super::*;
    use renkei_context::RandomIds;
    use renkei_metadata::ids::Dtm;

    #[test]
    fn keys_begin_with_the_moment_in_which_they_were_made() {
        let at = |text: &str| Key::beginning(&Instant::of(&Dtm::parse(text).unwrap()));
        let now = Utc::now();
        let key = Keys::new(now, &RandomIds).next();
        let made = &key.0.as_bytes()[..6];
        let second = |at: DateTime<Utc>| at.format("%Y%m%d%H%M%S").to_string();
        assert!(at(&second(now)).as_slice() <= made, "{key:?}");
        assert!(at(&second(now + chrono::TimeDelta::seconds(2))).as_slice() > made, "{key:?}");
        assert_eq!(at("19700101000001"), [0, 0, 0, 0, 3, 0xe8]);
        assert_eq!(at("1969"), [0; 6]);
    }
}
