//! The folder of a person's fiscal year.

use super::encoding::encode;
use uuid::Uuid;

/// The folder of a fiscal year of the person who has this patient id. It is the same for every source,
/// so that two that make it at once notice each other; `generation` counts those that are no longer
/// current.
pub fn year_folder(patient_id: &str, year: i32, generation: u32) -> Uuid {
    let (year, generation) = (year.to_string(), generation.to_string());
    let name = encode("folder of a year", [patient_id, &year, &generation]);
    Uuid::new_v5(&Uuid::NAMESPACE_OID, &name)
}
