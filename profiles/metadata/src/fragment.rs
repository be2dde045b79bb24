//! Write once, read as bytes: an object's ebRIM with holes for what may change after registration.

use crate::ids::{Dtm, EntryUuid, HomeCommunityId, PatientId};
use crate::model::{AvailabilityStatus, DocumentAvailability, RegistryObject};

/// An object's ebRIM with holes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fragment(String);

/// Bytes that are no fragment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the bytes are not a metadata fragment")]
pub struct NotAFragment;

/// What goes into the holes.
#[derive(Clone, Debug)]
pub struct Holes<'a> {
    /// availabilityStatus.
    pub status: AvailabilityStatus,
    /// homeCommunityId; `None` leaves the attribute out.
    pub home: Option<&'a HomeCommunityId>,
    /// logicalID of a DocumentEntry or Folder.
    pub lid: EntryUuid,
    /// version of a DocumentEntry or Folder.
    pub version: u32,
    /// patientId; `None` only for an Association, which has none.
    pub patient_id: Option<&'a PatientId>,
    /// lastUpdateTime of a Folder; `None` leaves the slot out.
    pub last_update_time: Option<&'a Dtm>,
    /// documentAvailability of a DocumentEntry.
    pub availability: DocumentAvailability,
}

impl Fragment {
    /// The fragment of an object whose ids are final.
    pub fn of(object: &RegistryObject) -> Self {
        _ = object;
        Self(String::new())
    }

    /// What is stored.
    pub fn as_bytes(&self) -> &[u8] {
        self.0.as_bytes()
    }

    /// What was stored.
    pub fn from_bytes(bytes: Vec<u8>) -> Result<Self, NotAFragment> {
        String::from_utf8(bytes).map(Self).map_err(|_| NotAFragment)
    }

    /// Appends the object's ebRIM; the prefix `rim` is declared around it.
    pub fn fill(&self, holes: &Holes<'_>, out: &mut String) {
        _ = holes;
        out.push_str(&self.0);
    }
}

/// The compression dictionary of stored fragments.
pub fn dictionary() -> &'static [u8] {
    b""
}
