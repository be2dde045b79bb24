//! Write once, read as bytes: an object's ebRIM with holes for what may change after registration.
//!
//! A registry writes the ebRIM of an object when it is registered; a query then copies bytes. What a
//! replacement, an update or a merge may change is not in the bytes but left open, as a character
//! that XML forbids (so that no sender can write it) and a letter.

use crate::ebrim::write::{Style, slot, write_styled};
use crate::ids::{Dtm, EntryUuid, HomeCommunityId, PatientId};
use crate::model::{AvailabilityStatus, DocumentAvailability, RegistryObject};
use renkei_soap::xml::{Writer, escape_attribute};
use std::fmt::Write;

/// What may change after registration.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Hole {
    /// The value of availabilityStatus.
    Status,
    /// The whole attribute homeCommunityId.
    Home,
    /// The value of logicalID.
    LogicalId,
    /// The value of version.
    Version,
    /// The value of patientId.
    PatientId,
    /// The whole slot lastUpdateTime.
    LastUpdateTime,
    /// The whole slot documentAvailability.
    Availability,
}

impl Hole {
    const ALL: [Self; 7] = [
        Self::Status,
        Self::Home,
        Self::LogicalId,
        Self::Version,
        Self::PatientId,
        Self::LastUpdateTime,
        Self::Availability,
    ];

    /// Begins a mark: a character that no XML has.
    const SIGN: char = '\u{1}';

    const fn letter(self) -> char {
        match self {
            Self::Status => 's',
            Self::Home => 'h',
            Self::LogicalId => 'l',
            Self::Version => 'v',
            Self::PatientId => 'p',
            Self::LastUpdateTime => 't',
            Self::Availability => 'a',
        }
    }

    /// Whether the whole attribute or slot is left open, so that it can be left out, or the value.
    pub(crate) const fn is_whole(self) -> bool {
        match self {
            Self::Home | Self::LastUpdateTime | Self::Availability => true,
            Self::Status | Self::LogicalId | Self::Version | Self::PatientId => false,
        }
    }

    /// What a stored fragment has in its place.
    pub(crate) fn mark(self) -> String {
        [Self::SIGN, self.letter()].iter().collect()
    }
}

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
    /// logicalID.
    pub lid: EntryUuid,
    /// version.
    pub version: u32,
    /// patientId; `None` only for an Association, which has none.
    pub patient_id: Option<&'a PatientId>,
    /// lastUpdateTime of a Folder; `None` leaves the slot out.
    pub last_update_time: Option<&'a Dtm>,
    /// documentAvailability of a DocumentEntry.
    pub availability: DocumentAvailability,
}

impl Fragment {
    /// The fragment of an object whose ids are final. What the object says of status, home, lid,
    /// version, patientId, lastUpdateTime and documentAvailability is not kept: that comes from the
    /// holes' values.
    pub fn of(object: &RegistryObject) -> Self {
        let mut w = Writer::new();
        write_styled(&mut w, object, Style::Open);
        Self(w.finish())
    }

    /// What is stored.
    pub fn as_bytes(&self) -> &[u8] {
        self.0.as_bytes()
    }

    /// What was stored.
    pub fn from_bytes(bytes: Vec<u8>) -> Result<Self, NotAFragment> {
        String::from_utf8(bytes).map(Self).map_err(|_| NotAFragment)
    }

    /// Appends the object's ebRIM to `out`; the prefix `rim` is declared around it.
    pub fn fill(&self, holes: &Holes<'_>, out: &mut String) {
        fill(&self.0, holes, out);
    }
}

/// As [`Fragment::fill`] of what was stored.
///
/// # Errors
/// When it is no fragment.
pub fn fill_stored(stored: &[u8], holes: &Holes<'_>, out: &mut String) -> Result<(), NotAFragment> {
    fill(std::str::from_utf8(stored).map_err(|_| NotAFragment)?, holes, out);
    Ok(())
}

fn fill(stored: &str, holes: &Holes<'_>, out: &mut String) {
    out.reserve(stored.len() + 512);
    let mut rest = stored;
    while let Some(at) = memchr::memchr(Hole::SIGN as u8, rest.as_bytes()) {
        let (run, mark) = rest.split_at_checked(at).unwrap_or((rest, ""));
        out.push_str(run);
        let mut mark = mark.chars();
        let letter = mark.nth(1);
        if let Some(hole) = Hole::ALL.into_iter().find(|h| Some(h.letter()) == letter) {
            holes.put(hole, out);
        }
        rest = mark.as_str();
    }
    out.push_str(rest);
}

impl Holes<'_> {
    fn put(&self, hole: Hole, out: &mut String) {
        match hole {
            Hole::Status => out.push_str(self.status.urn()),
            Hole::Home => {
                if let Some(home) = self.home {
                    out.push_str(" home=\"");
                    escape_attribute(out, home.as_str());
                    out.push('"');
                }
            }
            // Writing to a String cannot fail.
            Hole::LogicalId => _ = write!(out, "{}", self.lid),
            Hole::Version => _ = write!(out, "{}", self.version),
            Hole::PatientId => {
                if let Some(id) = self.patient_id {
                    escape_attribute(out, &id.to_string());
                }
            }
            Hole::LastUpdateTime => {
                if let Some(time) = self.last_update_time {
                    put_slot(out, "lastUpdateTime", time.as_str());
                }
            }
            Hole::Availability => put_slot(out, "documentAvailability", self.availability.urn()),
        }
    }
}

fn put_slot(out: &mut String, name: &str, value: &str) {
    let mut w = Writer::new();
    slot(&mut w, name, &[value]);
    out.push_str(&w.finish());
}

/// The compression dictionary of stored fragments. Whatever was compressed with it can be read only
/// with the same bytes: it is never changed, a better one gets a name of its own.
pub fn dictionary() -> &'static [u8] {
    include_bytes!("fragment-dictionary-1.txt")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::arbitrary;
    use crate::ebrim::read_objects;
    use proptest::prelude::*;
    use renkei_soap::xml::{Reader, XmlLimits, ns};
    use sha2::{Digest, Sha256};

    fn read(inner: &str) -> Vec<RegistryObject> {
        let xml = format!(
            "<rim:RegistryObjectList xmlns:rim=\"{}\">{inner}</rim:RegistryObjectList>",
            ns::RIM
        );
        let mut r = Reader::new(&xml, XmlLimits::default());
        let list = r.root().unwrap();
        let checked = read_objects(&mut r, &list).unwrap();
        assert_eq!(checked.findings, []);
        checked.value.unwrap()
    }

    /// The object as the values of the holes make it.
    fn expected(object: &RegistryObject, h: &Holes<'_>) -> RegistryObject {
        let mut object = object.clone();
        let home = h.home.cloned();
        match &mut object {
            RegistryObject::Entry(e) => {
                (e.status, e.home) = (Some(h.status), home);
                (e.lid, e.version) = (Some(h.lid), Some(h.version));
                e.patient_id = e.patient_id.as_ref().and(h.patient_id.cloned());
                e.availability = Some(h.availability);
            }
            RegistryObject::SubmissionSet(s) => {
                (s.status, s.home) = (Some(h.status), home);
                (s.lid, s.version) = (Some(h.lid), Some(h.version));
                s.patient_id = s.patient_id.as_ref().and(h.patient_id.cloned());
            }
            RegistryObject::Folder(f) => {
                (f.status, f.home) = (Some(h.status), home);
                (f.lid, f.version) = (Some(h.lid), Some(h.version));
                f.patient_id = f.patient_id.as_ref().and(h.patient_id.cloned());
                f.last_update_time = h.last_update_time.cloned();
            }
            RegistryObject::Association(a) => {
                (a.status, a.home) = (Some(h.status), home);
                (a.lid, a.version) = (Some(h.lid), Some(h.version));
            }
            RegistryObject::Ref(..) => {}
        }
        object
    }

    proptest! {
        #[test]
        fn a_filled_fragment_reads_as_the_object_with_the_values_of_the_holes(
            object in arbitrary::object(),
            home in proptest::option::of(arbitrary::home()),
            status in arbitrary::status(),
            lid in arbitrary::entry_uuid(),
            version in any::<u32>(),
            patient in arbitrary::patient_id(),
            time in proptest::option::of(arbitrary::dtm()),
            online in any::<bool>(),
        ) {
            let holes = Holes {
                status,
                home: home.as_ref(),
                lid,
                version,
                patient_id: Some(&patient),
                last_update_time: time.as_ref(),
                availability: if online {
                    DocumentAvailability::Online
                } else {
                    DocumentAvailability::Offline
                },
            };
            let stored = Fragment::of(&object).as_bytes().to_vec();
            let mut out = String::from("<!-- kept -->");
            Fragment::from_bytes(stored).unwrap().fill(&holes, &mut out);
            prop_assert_eq!(read(&out), vec![expected(&object, &holes)]);
        }
    }

    #[test]
    fn the_dictionary_is_never_changed() {
        assert_eq!(
            hex::encode(Sha256::digest(dictionary())),
            "a850100a0e1bbf17ec8509c57f109807b2cc87c645445904d127f5dd8863ea60"
        );
    }

    #[test]
    fn a_senders_text_cannot_make_a_hole() {
        let mut out = String::new();
        let mut w = Writer::new();
        w.leaf("a", "\u{1}s");
        out.push_str(&w.finish());
        assert!(!out.contains(Hole::SIGN));
    }
}
