//! ADT messages of the patient feed: A01, A04, A05, A08 and A40 of ITI-8 (ITI TF-2: 3.8.4), A43 of
//! ITI-64 (ITI TF-2: 3.64.4).

mod named;
mod notice;
mod person;
pub(crate) mod pid;
pub(crate) mod read;
pub mod update;
pub(crate) mod write;

pub use named::Named;
pub use notice::{LinkChange, Merge, Notice};
pub use person::{PersonName, Representation, Sex};
pub use read::{of_persons, read};
pub use write::{
    A04, A40, A43, Announcement, Parties, write_a04, write_a04_in, write_a40_in, write_a43_in,
    write_announcement,
};

use crate::authorities::Authorities;
use crate::cx::CxField;
use crate::msh::Msh;
use renkei_person::Person;

/// The events of a feed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FeedEvent {
    /// Admission of an inpatient.
    A01,
    /// Registration of an outpatient.
    A04,
    /// Pre-admission.
    A05,
    /// Change of demographics; a Document Registry has nothing to do.
    A08,
    /// Merge of two identifiers of a patient.
    A40,
    /// Move of a local identifier to another identifier of the affinity domain.
    A43,
}

impl FeedEvent {
    const ALL: [Self; 6] = [Self::A01, Self::A04, Self::A05, Self::A08, Self::A40, Self::A43];

    /// MSH-9.2.
    pub const fn code(self) -> &'static str {
        match self {
            Self::A01 => "A01",
            Self::A04 => "A04",
            Self::A05 => "A05",
            Self::A08 => "A08",
            Self::A40 => "A40",
            Self::A43 => "A43",
        }
    }

    /// Whether the event announces a patient.
    pub const fn announces(self) -> bool {
        matches!(self, Self::A01 | Self::A04 | Self::A05)
    }

    /// Whether the message names an earlier identifier, in MRG.
    const fn has_prior(self) -> bool {
        matches!(self, Self::A40 | Self::A43)
    }
}

/// A message of the feed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PatientFeed {
    /// The header, for the answer and the audit record.
    pub msh: Msh,
    /// MSH-9.2.
    pub event: FeedEvent,
    /// PID-3, each repetition; one of them at least holds an id.
    pub identifiers: Vec<CxField>,
    /// MRG-1 of a message that has a prior identifier, each repetition; one of them at least holds an
    /// id.
    pub prior: Vec<CxField>,
    /// What PID says of the person; A40 and A43 may say nothing. The identifiers are above.
    pub described: Person,
}

impl PatientFeed {
    /// The person of the message, with the identifiers whose authority these configure or it names itself.
    pub fn person(&self, authorities: &Authorities) -> Person {
        let identifiers = pid::identifiers(&self.identifiers, authorities);
        Person { identifiers, ..self.described.clone() }
    }
}

#[cfg(test)]
mod tests;
