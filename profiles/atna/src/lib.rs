//! Audit records (ITI-20): one record format, how each transaction fills it, its XML form.
//!
//! DICOM PS3.15 A.5; ITI TF-2: 3.20.

pub mod build;
pub mod printable;
pub mod record;
pub mod sink;
pub mod spec;
pub mod xml;
