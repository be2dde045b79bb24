//! The one line that `renkei serve` writes to standard output.

use crate::endpoints::Endpoints;
use crate::members::Reviews;
use serde::Serialize;
use std::collections::BTreeMap;
use std::io::{self, Write};
use std::path::PathBuf;

/// What a house says when all its listeners accept.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct ReadyLine {
    /// Always true.
    ready: bool,
    version: &'static str,
    pid: u32,
    /// The data directory, absolute.
    pub(crate) data_dir: PathBuf,
    /// The CA that signed the server's certificate, PEM.
    ca: PathBuf,
    /// Where the actors are.
    pub(crate) endpoints: Endpoints,
    /// Where each repository is, if there are several.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    repositories: BTreeMap<String, String>,
    home_community_id: String,
    repository_unique_id: String,
    assigning_authority: String,
    insured_authority: String,
    /// The nodes that are entitled to everything of a kind without a second administrator's approval, and to what.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    wide: Vec<String>,
    /// How many members are to be reviewed.
    #[serde(skip_serializing_if = "Reviews::is_empty")]
    reviews: Reviews,
}

impl ReadyLine {
    /// The line of this process.
    pub(crate) fn new(
        data_dir: PathBuf,
        ca: PathBuf,
        endpoints: Endpoints,
        settings: &crate::settings::Settings,
    ) -> Self {
        Self {
            ready: true,
            version: env!("CARGO_PKG_VERSION"),
            pid: std::process::id(),
            data_dir,
            ca,
            repositories: endpoints.repositories(settings),
            endpoints,
            home_community_id: settings.ids.home_community.to_string(),
            repository_unique_id: settings.ids.repository.to_string(),
            assigning_authority: settings.ids.assigning_authority.to_string(),
            insured_authority: settings.insured_authority().to_string(),
            wide: Vec::new(),
            reviews: Reviews::default(),
        }
    }

    /// Says which nodes are entitled to everything of a kind.
    pub(crate) fn with_wide(self, wide: Vec<String>) -> Self {
        Self { wide, ..self }
    }

    /// Says how many members are to be reviewed.
    pub(crate) fn with_reviews(self, reviews: Reviews) -> Self {
        Self { reviews, ..self }
    }
}

/// The line of a start that failed.
#[derive(Debug, Serialize)]
pub(crate) struct FailedLine {
    ready: bool,
    error: String,
}

impl FailedLine {
    /// Tells `error`.
    pub(crate) fn new(error: String) -> Self {
        Self { ready: false, error }
    }
}

/// Writes `value` as one line of JSON to standard output, at once.
pub(crate) fn print(value: &impl Serialize) -> io::Result<()> {
    let mut line = serde_json::to_vec(value)?;
    line.push(b'\n');
    let mut out = io::stdout().lock();
    out.write_all(&line)?;
    out.flush()
}
