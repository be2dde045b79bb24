//! Rules that need no registry.

mod rows;

pub use rows::*;

use crate::codes::CodeList;
use crate::finding::{Finding, Rule};
use crate::model::Submission;

/// A column of the optionality table (ITI TF-3: Table 4.3.1-3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Column {
    /// A Document Source sends [ITI-41].
    XdsDs,
    /// A Document Repository sends [ITI-42].
    XdsDr,
}

/// Everything that is wrong with a submission as far as it can be said without a registry.
///
/// `already` holds what the reader found: an attribute of an object that has a finding there gets
/// no second one here. The answer holds the new findings only.
pub fn check(
    s: &Submission,
    column: Column,
    codes: Option<&CodeList>,
    already: &[Finding],
) -> Vec<Finding> {
    _ = (s, column, codes, already);
    Vec::new()
}

/// Every row of this crate's error table.
pub fn all() -> &'static [&'static Rule] {
    rows::ALL
}
