//! Which profile a resource of the document is held to.

use serde_json::Value;

use crate::hs037::json::{codings, has_profile, list, text};
use crate::hs037::systems;

/// A profile of the guide.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Target {
    /// Every resource, the Bundle included.
    Any,
    /// Every result, of an item of the profile or of an institution's own.
    Observation,
    /// The document itself.
    Bundle,
    /// The table of contents.
    Composition,
    /// The person.
    Patient,
    /// A doctor.
    Practitioner,
    /// Who entered the data.
    PractitionerRole,
    /// An Organization that is not an insurer.
    Institution,
    /// The insurer.
    Insurer,
    /// The visit.
    Encounter,
    /// The Coverage of the insurance.
    Insurance,
    /// The Coverage of a consultation ticket (受診券).
    Ticket,
    /// A result of an item with a national code.
    StandardItem,
    /// A result of an institution's own item.
    OwnItem,
    /// A 一連検査グループ.
    Group,
    /// A result with an attachment.
    DiagnosticReport,
    /// An image.
    Media,
    /// An attached document.
    DocumentReference,
    /// What was examined.
    Specimen,
    /// A type of resource that the guide does not speak of.
    Other,
}

impl Target {
    /// The profile that a resource is held to, by its type and what distinguishes it.
    pub fn of(resource: &Value) -> Self {
        let has_type = |system: &str, code: &str| {
            let list = list(resource, "type").iter();
            let kinds =
                list.flat_map(|kind| codings(Some(kind))).chain(codings(resource.get("type")));
            let mut kinds = kinds.filter(|c| text(c, "system") == system);
            kinds.any(|c| code.is_empty() || text(c, "code") == code)
        };
        match text(resource, "resourceType") {
            "Bundle" => Self::Bundle,
            "Composition" => Self::Composition,
            "Patient" => Self::Patient,
            "Practitioner" => Self::Practitioner,
            "PractitionerRole" => Self::PractitionerRole,
            "Organization"
                if has_profile(resource, systems::INSURER_PROFILE)
                    || has_type(systems::ORGANIZATION_TYPE, "ins") =>
            {
                Self::Insurer
            }
            "Organization" => Self::Institution,
            "Encounter" => Self::Encounter,
            "Coverage"
                if has_profile(resource, systems::TICKET_PROFILE)
                    || has_type(systems::TICKET, "") =>
            {
                Self::Ticket
            }
            "Coverage" => Self::Insurance,
            "Observation"
                if has_profile(resource, systems::GROUP_PROFILE)
                    || codings(resource.get("code"))
                        .iter()
                        .any(|c| text(c, "system") == systems::GROUP) =>
            {
                Self::Group
            }
            "Observation"
                if codings(resource.get("code"))
                    .iter()
                    .any(|c| text(c, "system").starts_with(systems::OWN_ITEM)) =>
            {
                Self::OwnItem
            }
            "Observation" => Self::StandardItem,
            "DiagnosticReport" => Self::DiagnosticReport,
            "Media" => Self::Media,
            "DocumentReference" => Self::DocumentReference,
            "Specimen" => Self::Specimen,
            _ => Self::Other,
        }
    }

    /// Whether a rule for this target is one for the other.
    pub(super) fn covers(self, other: Self) -> bool {
        // an own item is a result that may have no national code and no unit of UCUM
        let is_result =
            self == Self::Observation && matches!(other, Self::StandardItem | Self::OwnItem);
        self == other || is_result || (self == Self::Any && other != Self::Other)
    }
}
