//! Every key of a person, a checkup and a document, in one place.
//!
//! | Key | Made of | Used for |
//! |---|---|---|
//! | [`duplicate`] | institution, insurer, card (else the person's number), birth date, kana, day, programme | E017 |
//! | [`content`] | all standard values but `record_no` | E017: whether two rows say the same |
//! | [`local_person`] | institution, the person's number there | E020 |
//! | [`patient`] | card (else institution and number), birth date, kana, sex | the patient id of the affinity domain |
//! | [`Checkup`] | source, institution and its number of the checkup, else person, day and programme | reference id, uniqueIds |
//! | [`year_folder`] | patient id, fiscal year | uniqueId of the Folder of a year |
//! | [`Resources`] | institution, person, day, programme, place in the document | `fullUrl`s of HS037 |
//! | [`document`] | the checkup and what the document shows | `Bundle.identifier` |
//! | [`composition_number`] | the institution's number of the checkup, else the checkup | `Composition.identifier` |
//!
//! What a key is made of is encoded so that no two lists of fields give the same bytes. Two people or
//! two checkups never share a key (the eight digits of a Composition aside, which cannot be unique by
//! derivation), the same record always gives the same one, and the place of a record in its file never
//! matters. A number that an institution gives to a person belongs to one person: within a file that is
//! checked (E020), between files it is taken on trust where a recipe names nothing else (`Resources`).
//! `report_no` is the institution's own number of a checkup, stable and unique there; it is no
//! item of the record.

mod checkup;
mod comparison;
mod document;
mod encoding;
mod folder;
mod person;
mod resources;
mod rows;

pub use checkup::Checkup;
pub use comparison::{comparison_form, is_hyphen};
pub use document::{bundle_year, composition_number, document};
pub use encoding::{Encoder, Key};
pub use folder::year_folder;
pub use person::{local_person, patient};
pub use resources::Resources;
pub use rows::{content, duplicate};

#[cfg(test)]
mod tests;
