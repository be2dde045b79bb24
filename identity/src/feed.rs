//! What a message of the patient feed (ITI-8, ITI-64) says of persons.

use crate::News;
use renkei_hl7v2::adt::{self, Notice};
use renkei_hl7v2::authorities::Authorities;
use renkei_person::Merge;

impl News {
    /// Reads a message that a registry has carried out, with the authorities that it knows; `None` for one that
    /// it would have refused.
    pub fn of_message(frame: &[u8], authorities: &Authorities) -> Option<Self> {
        let feed = adt::read(frame).ok()?;
        let person = Box::new(feed.person(authorities));
        let notice = feed.elsewhere(authorities).or_else(|| feed.notice(authorities).ok());
        Some(match notice? {
            Notice::Announced(_) => Self::Of(person),
            Notice::Changed(_) => Self::Changed(person),
            Notice::Merged(merge) => {
                let merge = Merge { survivor: merge.surviving, subsumed: merge.subsumed };
                Self::Merged(merge, person)
            }
            Notice::Moved(link) => Self::Moved {
                previous: link.previous,
                new: link.new,
                local: link.local,
                subsumed: link.subsumed,
            },
        })
    }
}
