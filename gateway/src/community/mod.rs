//! Other communities: who they are, where their gateways are, whom they are vouched for by, and what of
//! their answers is forgiven them.
//!
//! Each is a file of its own, known to a running gateway within a second ([`Communities`]).

mod file;
mod manner;
mod own;
mod quirk;
mod table;
#[cfg(test)]
mod tests;

pub use file::NotRead;
pub use manner::{By, NotAManner, When, Where};
pub use own::{Loop, Own};
pub use quirk::{NotAQuirk, Quirk, QuirkKind};
pub use table::{Broken, Communities, Known, file_name};

use chrono::{DateTime, Utc};
use renkei_client::{Identity, IdentityError};
use renkei_metadata::ids::HomeCommunityId;
use std::path::Path;
use url::Url;

/// What a community gave us to show at its gateway: a certificate of its CA, and the key.
#[derive(Clone, PartialEq, Eq)]
pub struct Presented {
    /// The certificate and its chain, PEM.
    pub certificate: String,
    /// Its key, PEM.
    pub key: String,
}

/// Another community.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Community {
    /// By which its objects are known.
    pub home: HomeCommunityId,
    /// What people call it.
    pub name: String,
    /// Where its Responding Gateway takes queries (ITI-38).
    pub query: Url,
    /// Where it takes retrievals (ITI-39).
    pub retrieve: Url,
    /// Where it is asked for patients (ITI-55); without it, it knows them by the ids that we have.
    pub discovery: Option<Url>,
    /// By what it is asked for them.
    pub discovery_by: By,
    /// When it answers that.
    pub discovery_answers: When,
    /// Where it answers.
    pub answers: Where,
    /// The node as which its gateway connects here: what it answers later or elsewhere is taken from no other.
    pub peer: Option<String>,
    /// Where it is asked which communities hold data of a patient (ITI-56); without it, where it is asked for
    /// patients.
    pub locations: Option<Url>,
    /// The CAs that vouch for it, PEM. Without them, our own.
    pub authorities: Option<String>,
    /// What we show there. Without it, a certificate of our own CA.
    pub presented: Option<Presented>,
    /// What is forgiven.
    pub quirks: Vec<Quirk>,
}

impl Community {
    /// What we are towards it, and whom we believe to be it: with CAs of its own these alone, so that nobody
    /// but them can vouch for it; else our own CA. `own` is the identity of our gateway; `place` is named in
    /// errors.
    ///
    /// # Errors
    /// When certificates or key cannot be read, or do not fit together.
    pub fn identity(&self, own: &Identity, place: &Path) -> Result<Identity, IdentityError> {
        let authorities = self.authorities.as_deref().map(str::as_bytes);
        match (&self.presented, authorities) {
            (Some(Presented { certificate, key }), Some(ca)) => {
                Identity::of_pem(place, certificate.clone().into(), key.clone().into(), ca)
            }
            (_, Some(ca)) => own.clone().trusting_only(place, ca),
            (_, None) => Ok(own.clone()),
        }
    }

    /// Whether its answers are forgiven `kind` now.
    pub fn is_forgiven(&self, kind: QuirkKind, now: DateTime<Utc>) -> bool {
        self.quirks.iter().any(|quirk| quirk.kind == kind && quirk.is_in_force(now))
    }
}

// A key is no matter for a log.
impl std::fmt::Debug for Presented {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Presented").finish_non_exhaustive()
    }
}
