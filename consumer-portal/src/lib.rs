//! Document Consumer: asks the registry, retrieves, verifies, and shows results over the years.
//!
//! The library has no pages yet; the command line prints what it makes.

mod checkups;
mod community;
mod document;
mod gathering;
mod review;
mod table;
#[cfg(test)]
mod tests;
mod text;
mod told;
mod trouble;
mod verify;
mod whose;
mod years;
mod years_document;

pub use community::Community;
pub use document::Unreadable;
pub use table::{Table, TableCell, TableColumn, TableRow};
pub use told::{About, NotShown, Remark};
pub use verify::{Mismatch, verify};
pub use whose::Person;
pub use years::{Other, Retrieved, Wanted, Years, YearsError, results_over_years};
pub use years_document::{YearsDocument, YearsDocumentError, years_document};
