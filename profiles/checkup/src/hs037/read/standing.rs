//! Whether what a document says still stands: `Observation.status`, `Composition.status`.

/// How final a result or a document is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Standing {
    /// `final`
    #[default]
    Final,
    /// `amended`: changed after it was final.
    Amended,
    /// `corrected`: an error was corrected after it was final.
    Corrected,
    /// `preliminary`: may change.
    Preliminary,
    /// `registered`: not verified by anybody.
    Registered,
    /// `cancelled`: the examination was given up.
    Cancelled,
    /// `unknown`, no status, or one that FHIR does not have.
    Unknown,
    /// `entered-in-error`: withdrawn.
    EnteredInError,
}

impl Standing {
    /// The standing of a FHIR status.
    pub(super) fn of(status: &str) -> Self {
        match status {
            "final" => Self::Final,
            "amended" => Self::Amended,
            "corrected" => Self::Corrected,
            "preliminary" => Self::Preliminary,
            "registered" => Self::Registered,
            "cancelled" => Self::Cancelled,
            "entered-in-error" => Self::EnteredInError,
            _ => Self::Unknown,
        }
    }

    /// Short name for machines: the FHIR status.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Final => "final",
            Self::Amended => "amended",
            Self::Corrected => "corrected",
            Self::Preliminary => "preliminary",
            Self::Registered => "registered",
            Self::Cancelled => "cancelled",
            Self::Unknown => "unknown",
            Self::EnteredInError => "entered-in-error",
        }
    }
}
