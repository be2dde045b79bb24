//! Document Consumer: asks the registry, retrieves, verifies, and shows results over the years.
//!
//! The library has no pages yet; the command line prints what it makes.

mod checkups;
mod document;
mod table;
mod verify;
mod years;

pub use document::Unreadable;
pub use table::{Table, TableCell, TableRow};
pub use verify::{Mismatch, verify};
pub use years::{Retrieved, Wanted, Years, YearsError, results_over_years};
