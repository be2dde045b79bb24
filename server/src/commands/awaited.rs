//! Requests whose answers go to another address: remembered in the state directory until the answer is
//! there, so that `renkei listen` takes nothing that nobody asked for.

use crate::files;
use anyhow::Context as _;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use std::io;
use std::path::{Path, PathBuf};
use uuid::Uuid;

/// A request that was sent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Asked {
    /// Its wsa:MessageID.
    #[serde(rename = "messageId")]
    pub(super) message_id: String,
    /// Which transaction, such as `ITI-18`.
    pub(super) transaction: String,
    /// Where it was sent.
    pub(super) to: String,
    /// When.
    pub(super) at: DateTime<Utc>,
}

/// The requests of a state directory.
#[derive(Clone, Debug)]
pub(super) struct Awaited {
    open: PathBuf,
    answered: PathBuf,
}

/// Whether an answer is wanted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Wanted {
    /// It is, to this request.
    Yes(Asked),
    /// It was here before.
    Again,
    /// Nobody asked.
    No,
}

impl Awaited {
    /// Those of a state directory.
    pub(super) fn open(state_dir: &Path) -> io::Result<Self> {
        let folder = state_dir.join("awaited");
        let awaited = Self { open: folder.join("open"), answered: folder.join("answered") };
        files::private_dir(&awaited.open)?;
        files::private_dir(&awaited.answered)?;
        Ok(awaited)
    }

    /// Remembers a request that is about to be sent.
    pub(super) fn remember(&self, asked: &Asked) -> anyhow::Result<()> {
        let name = name(&asked.message_id).context("wsa:MessageID")?;
        let path = self.open.join(name);
        let text = serde_json::to_vec(asked)?;
        files::write_private(&path, &text).with_context(|| path.display().to_string())
    }

    /// Forgets one that was not taken.
    pub(super) fn forget(&self, asked: &Asked) {
        if let Some(name) = name(&asked.message_id) {
            // What stays awaits an answer that will not come, and harms nobody.
            drop(std::fs::remove_file(self.open.join(name)));
        }
    }

    /// Whether an answer to the request with this wsa:MessageID is wanted.
    pub(super) fn wanted(&self, relates_to: &str) -> Wanted {
        let Some(name) = name(relates_to) else { return Wanted::No };
        let text = std::fs::read(self.open.join(&name)).ok();
        match text.and_then(|text| serde_json::from_slice(&text).ok()) {
            Some(asked) => Wanted::Yes(asked),
            None if self.answered.join(&name).exists() => Wanted::Again,
            None => Wanted::No,
        }
    }

    /// Notes that the answer is here.
    pub(super) fn settle(&self, asked: &Asked) -> io::Result<()> {
        let name = name(&asked.message_id).ok_or(io::ErrorKind::InvalidInput)?;
        std::fs::rename(self.open.join(&name), self.answered.join(&name))
    }
}

/// The file of a request: its UUID, so that no id can name another place.
fn name(message_id: &str) -> Option<String> {
    let uuid = message_id.trim().strip_prefix("urn:uuid:")?;
    let uuid = Uuid::try_parse(uuid).ok()?;
    Some(format!("{}.json", uuid.as_hyphenated()))
}

/// The stem of files that belong to a request.
pub(super) fn stem(message_id: &str) -> Option<String> {
    name(message_id).map(|name| name.trim_end_matches(".json").to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_wanted_once() {
        let folder = tempfile::tempdir().unwrap();
        let awaited = Awaited::open(folder.path()).unwrap();
        let asked = |n: u128| Asked {
            message_id: format!("urn:uuid:{}", Uuid::from_u128(n)),
            transaction: "ITI-18".to_owned(),
            to: "https://a.example/".to_owned(),
            at: Utc::now(),
        };
        let (one, two) = (asked(1), asked(2));
        awaited.remember(&one).unwrap();
        awaited.remember(&two).unwrap();
        assert_eq!(awaited.wanted(&one.message_id), Wanted::Yes(one.clone()));
        // Another process sees the same.
        let other = Awaited::open(folder.path()).unwrap();
        other.settle(&one).unwrap();
        assert_eq!(awaited.wanted(&one.message_id), Wanted::Again);
        awaited.forget(&two);
        assert_eq!(awaited.wanted(&two.message_id), Wanted::No);
        for strange in ["", "urn:uuid:", "urn:uuid:../../x", "x", "urn:uuid:..."] {
            assert_eq!(awaited.wanted(strange), Wanted::No, "{strange}");
        }
    }
}
