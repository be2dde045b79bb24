//! What registers call a person.

use renkei_metadata::ids::PatientId;

/// An identifier and, where it was told, what its authority is called (HL7 v2 CX.4.1, HL7 v3
/// `assigningAuthorityName`, FHIR `assigner.display`).
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Identifier {
    /// The identifier, as it is compared everywhere in the house.
    pub id: PatientId,
    /// The name of its authority; nothing follows from it.
    pub authority_name: Option<String>,
}

impl From<PatientId> for Identifier {
    fn from(id: PatientId) -> Self {
        Self { id, authority_name: None }
    }
}

/// Two identifiers of one person became one (HL7 v2 A40, HL7 v3 PRPA_IN201304UV02, FHIR
/// `link.replaced-by`).
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Merge {
    /// The identifier that stays.
    pub survivor: PatientId,
    /// The one that is used no more.
    pub subsumed: PatientId,
}
