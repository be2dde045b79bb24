//! Withdrawing what a source submitted: a checkup that was nobody's, or stands under a patient id that
//! was a mistake.
//!
//! What is withdrawn is found by the source's own key of the checkup, among what carries its own
//! sourceId. It is made Deprecated first (ITI-57), so that nobody reads it any more; then its documents
//! are removed (ITI-86), and last its metadata (ITI-62), all that belongs to the checkup or none of it.
//! Only the metadata tell which documents there were, so that they go last: a run that was killed
//! anywhere is simply started again.

mod carry;
mod forget;
mod found;
mod key;
mod reasons;
mod removal;
mod report;
mod surroundings;
#[cfg(test)]
mod tests;

pub use carry::{Withdrawer, Withdrawn};
pub use found::Found;
pub use key::{Key, Keys, Selection};
pub use reasons::{Reason, Stays, Texts};
pub use report::{Withdrawal, WithdrawalOutcome};
