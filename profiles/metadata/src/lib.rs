//! The Document Sharing metadata model and its ebRIM form (ITI TF-3: 4.1 to 4.3).
//!
//! One model, many wires: ebRIM, the database and, later, FHIR are encodings of the types in
//! [`model`]. What was wrong with a message is told in [`finding`]s.

pub mod finding;
pub mod ids;
pub mod model;
