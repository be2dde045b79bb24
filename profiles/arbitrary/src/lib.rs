//! Generators of metadata for the property tests of the crates above `renkei-metadata`.
//!
//! The files lie in that crate, whose own tests compile them into it. Here they are compiled once more on
//! top of it: as a feature of that crate they would have it, and all that stands on it, built twice, with
//! the tests' libraries in one of the two.

// By these names the generators know the crate that they lie in.
use renkei_metadata::{ids, model};

#[path = "../../metadata/src/arbitrary.rs"]
pub mod arbitrary;
pub mod person;
pub mod update;
