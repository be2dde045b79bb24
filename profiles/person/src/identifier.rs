//! What registers call a person.

use renkei_metadata::ids::PatientId;
use serde::{Deserialize, Serialize};

/// An identifier and, where it was told, what its authority is called (HL7 v2 CX.4.1, HL7 v3
/// `assigningAuthorityName`, FHIR `assigner.display`).
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Identifier {
    /// The identifier, as it is compared everywhere in the house.
    #[serde(with = "cx")]
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

/// An identifier as one text, as document metadata have it.
mod cx {
    use renkei_metadata::ids::PatientId;
    use serde::de::{Deserialize, Deserializer, Error};
    use serde::ser::Serializer;

    pub(super) fn serialize<S: Serializer>(id: &PatientId, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(id)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<PatientId, D::Error> {
        let text = String::deserialize(from)?;
        PatientId::parse(&text).map_err(|_| D::Error::custom("no identifier"))
    }
}
