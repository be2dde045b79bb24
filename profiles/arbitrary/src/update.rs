//! Generators of updates.

use renkei_metadata::update::{NewAssociation, NewVersion, Propagation, StatusChange, Update};

#[path = "../../metadata/src/update/arbitrary.rs"]
pub mod arbitrary;
