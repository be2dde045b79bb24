//! What the demonstration says of the communities that were asked.

use super::report::{Export, View};
use serde_json::{Value, json};

/// A community that the doctor's gateway asks, its own among them.
pub(super) struct Asked {
    pub(super) name: String,
    pub(super) home: String,
    /// The id by which it knows the person who is followed.
    pub(super) patient: String,
    /// What was submitted to it for the demonstration; the doctor's own has the exports of the institutions.
    pub(super) export: Option<Export>,
}

/// What the doctor read when a community was stopped.
pub(super) struct Stopped {
    /// Which.
    pub(super) home: String,
    pub(super) name: String,
    /// What the others have.
    pub(super) view: View,
    /// What is said of the one that was stopped.
    pub(super) told: Vec<String>,
}

impl Asked {
    /// `submitted` and `repeated` are checkups, `read` what the doctor read of all.
    pub(super) fn json(
        &self,
        (submitted, repeated): (u64, u64),
        read: Option<&View>,
        stopped: Option<&Stopped>,
    ) -> Value {
        let documents = read.map_or(0, |view| view.of_community(&self.name));
        let stopped = stopped.filter(|stopped| stopped.home == self.home);
        let told = stopped
            .map(|stopped| json!({ "documents": stopped.view.retrieved, "told": stopped.told }));
        json!({
            "name": self.name,
            "home": self.home,
            "patient": self.patient,
            "answered": documents > 0,
            "documents": documents,
            "submitted": submitted,
            "repeated": repeated,
            "stopped": stopped.is_some(),
            "when_stopped": told,
        })
    }
}
