//! Document Source: from converted records to document sets in the registry.
//!
//! For each record: the patient id is asked of the PIX Manager (ITI-45) or made, the patient is announced (ITI-8), the registry is asked what it has of this
//! checkup (ITI-18), and what is new or corrected is sent (ITI-41). Nothing that is needed is
//! remembered locally: identifiers are derived from content, so a run that was killed is simply started
//! again. What the same checkup had under another patient id is withdrawn where it may be
//! ([`crate::withdraw`]).

mod described;
mod document_set;
mod domain;
mod earlier;
mod entry;
mod export;
mod filing;
mod identifiers;
mod kind;
mod ledger;
mod look;
mod notices;
mod outcome;
mod patient;
mod plan;
mod run;
mod seen;
mod turns;
mod whose;

pub use document_set::{Converted, DocumentSet, PrepareError, Prepared, prepare};
pub use domain::{Domain, DomainError, EMPLOYERS, MissingCode};
pub(crate) use entry::{person, source_patient_id};
pub use export::{Export, Exported, OpenExport, Progress, SubmitError, submit_export};
pub use filing::{Filing, Year};
pub use identifiers::Checkup;
pub use ledger::RECORDS;
pub use notices::{CLOSE_DAYS, ChangedIdentity, CloseCheckup, KnownBy, Notices};
pub use outcome::{Done, Failure, Present, SubmitReport};
pub use patient::{KeyedHash, PatientIds};
pub use plan::{Decision, Plan};
pub use run::{Options, Submitter};
pub use seen::{Number, Seen};
pub use whose::{PatientIdSources, Whose};

#[cfg(test)]
mod tests;
#[cfg(test)]
pub(crate) use tests::an_entry as a_registered_entry;
