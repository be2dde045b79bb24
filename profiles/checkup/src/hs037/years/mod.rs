//! The checkups of a person over all years as one FHIR R4 document Bundle, made of HS037 documents.
//!
//! The Composition has a section a checkup. In it stands what the source document holds, its own
//! Composition included, as it stands there: nothing is guessed, and nothing is put together from two
//! documents. A DocumentReference a section tells of the source: uniqueId, repository, size and SHA-1;
//! each Observation is `derivedFrom` it. What is not in the document stands in a section of its own,
//! with the reason.
//!
//! The same sources give the same octets. The identifier of the Bundle is made of them, so that two
//! documents of one identifier are one document (ITI TF-2: 3.43.4.2.2).

mod check;
mod copy;
mod read;
mod reference;
mod tokens;
mod write;

#[cfg(test)]
mod tests;

pub use check::check;
pub use read::{Checkup, Missing, ReadError, Years, read};
pub use write::{Made, Writer};

use chrono::{DateTime, Utc};

/// The formatCode of these documents.
pub const FORMAT_CODE: &str = "urn:renkei:checkup-years:1.0";
/// Their media type.
pub const MIME_TYPE: &str = "application/fhir+json";

/// The code system of the sections.
const SECTION: &str = "urn:renkei:checkup-years:section";
/// The code of a section with a checkup.
const CHECKUP: &str = "checkup";
/// The system of identifiers that are URIs (FHIR R4: 2.1.27.8).
const URI: &str = "urn:ietf:rfc:3986";

/// What the document is about.
#[derive(Clone, Copy, Debug)]
pub struct About<'a> {
    /// The uniqueId of the On-Demand entry that it is made for.
    pub on_demand: &'a str,
    /// The person's id.
    pub patient_id: &'a str,
    /// The assigning authority of that id, an OID.
    pub authority: &'a str,
    /// The repositoryUniqueId of who makes it.
    pub maker: &'a str,
}

/// A document that the years are made of, or might have been, as its DocumentEntry tells of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Source {
    /// Its uniqueId.
    pub unique_id: String,
    /// The repositoryUniqueId of who has it.
    pub repository: String,
    /// SHA-1 of its octets.
    pub sha1: [u8; 20],
    /// How many there are.
    pub size: u64,
    /// Its media type.
    pub mime_type: String,
    /// Its title; empty when it has none.
    pub title: String,
    /// When it was made.
    pub created: DateTime<Utc>,
}

/// Why a document is not in the years.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Reason {
    /// Another repository has it.
    Elsewhere,
    /// It is no HS037 document, or was withdrawn by its author.
    Unreadable,
}

impl Reason {
    /// All of them, in the order of their sections.
    pub const ALL: [Self; 2] = [Self::Elsewhere, Self::Unreadable];

    /// The code of the section.
    const fn code(self) -> &'static str {
        match self {
            Self::Elsewhere => "elsewhere",
            Self::Unreadable => "unreadable",
        }
    }

    /// The title of the section.
    const fn title(self) -> &'static str {
        match self {
            Self::Elsewhere => "他のリポジトリにあるため含まれていない文書",
            Self::Unreadable => "読めないため含まれていない文書",
        }
    }
}
