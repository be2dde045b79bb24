//! The ebRIM form of the metadata (ITI TF-3: 4.2): reading without stopping at the first fault, and
//! writing in the order of the schema.
//!
//! A message goes through `raw` (what the elements say) and `build` (which row of `table` that
//! is) into the model. Each object's rows are in a file of its name.

mod association;
pub(crate) mod author;
mod build;
mod entry;
mod folder;
mod raw;
mod read;
mod submission_set;
pub(crate) mod table;
mod value;
pub(crate) mod write;

#[cfg(test)]
pub(crate) mod tests;

use crate::ids::ObjectId;

pub use build::own_slot_name;
pub use read::{read_objects, read_submission};
pub use write::{write_object, write_submission};

/// The id of an object in the form in which ids are compared: without blanks around it, a UUID in lower
/// case (ITI TF-3: 4.2.3.1.5). What is no id stays what it is.
pub fn comparable_id(id: &str) -> String {
    let id = id.trim();
    ObjectId::parse(id).map_or_else(|_| id.to_owned(), |id| id.to_string())
}

/// Whether `urn` is this UUID of the standard, in either case (RFC 9562, 4).
fn is_urn_uuid(known: &str, urn: &str) -> bool {
    known.eq_ignore_ascii_case(urn.trim())
}

/// `@objectType` of an Association.
const ASSOCIATION: &str = "urn:oasis:names:tc:ebxml-regrep:ObjectType:RegistryObject:Association";

/// `@objectType` of a RegistryPackage.
const PACKAGE: &str = "urn:oasis:names:tc:ebxml-regrep:ObjectType:RegistryObject:RegistryPackage";
