//! Settings: `--set` before `--config` before `renkei.toml` before the default.

mod databases;
mod definitions;
mod file;
mod kind;
pub(crate) mod mistakes;
mod reading;
mod words;

pub(crate) use definitions::{
    Definition, Limits, Settings, Time as TimeSettings, TlsSettings, definitions,
};
pub(crate) use reading::Problem;
pub(crate) use words::{
    Actor, ContentHome, LogFormat, OnDemandEntries, PatientPolicy, StaleCrl, TlsProfile,
    TlsVersion, UnknownPatient,
};

use kind::Form;
pub(crate) use kind::{Consumer, ReplyAddress};
use reading::{Layer, Reading};
use renkei_metadata::ids::Oid;
use std::collections::BTreeMap;
use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};

/// The name of the file in the data directory.
pub(crate) const FILE: &str = "renkei.toml";

/// Where settings come from.
#[derive(Clone, Debug)]
pub(crate) struct Sources {
    /// The data directory; it holds [`FILE`].
    pub(crate) data_dir: PathBuf,
    /// A further file.
    pub(crate) config: Option<PathBuf>,
    /// `key=value` words.
    pub(crate) set: Vec<String>,
}

/// Everything wrong with the settings, never nothing.
#[derive(Debug, thiserror::Error)]
#[error("{}", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "))]
pub(crate) struct SettingsError(pub(crate) Vec<Problem>);

impl Settings {
    /// Reads the settings. The first time, ids that nobody gives are made and [`FILE`] is written.
    ///
    /// Nothing is written when there is a problem.
    pub(crate) fn load(sources: &Sources) -> Result<Self, SettingsError> {
        // `serve` and `pki issue` may both be the first: one of them makes the ids, and the other
        // reads them. A directory that is not there is told when its file is read.
        let _one_at_a_time = File::open(&sources.data_dir).and_then(|d| d.lock().map(|()| d));
        let mut problems = Vec::new();
        let own = sources.data_dir.join(FILE);
        let own_text = read(&own, true, &mut problems);
        let mut layers = vec![Layer::from_words(&sources.set, &mut problems)];
        let given = sources.config.as_deref().map(|path| (path, read(path, false, &mut problems)));
        let own_layer = own_text.as_ref().map(|text| (own.as_path(), Some(text.clone())));
        for (path, text) in given.into_iter().chain(own_layer) {
            let text = text.unwrap_or_default();
            match Layer::from_toml(path.display().to_string(), &text) {
                Ok(layer) => layers.push(layer),
                Err(problem) => problems.push(problem),
            }
        }
        let mut reading = Reading { layers, problems };
        let known: Vec<&str> = definitions().iter().map(|d| d.key).collect();
        reading.refuse_unknown(&known);
        let founded = found(&mut reading);
        let settings = Self::build(&mut reading);
        let shared = settings.as_ref().and_then(|s| databases::shared(s, &sources.data_dir));
        reading.problems.extend(shared);
        match settings {
            Some(settings) if reading.problems.is_empty() => {
                keep(&own, own_text.as_deref(), &reading, &founded).map_err(|e| {
                    SettingsError(vec![Problem::io(&own.display().to_string(), &e)])
                })?;
                Ok(settings)
            }
            _ => Err(SettingsError(reading.problems)),
        }
    }

    /// Whose identifiers those of insured persons are: the authority on which communities agreed, or one of this
    /// house's own (`2.25.<uuid>`), which nobody else knows.
    pub(crate) fn insured_authority(&self) -> Oid {
        let own = || {
            let name = format!("insured persons of {}", self.ids.assigning_authority);
            Oid::from_uuid(uuid::Uuid::new_v5(&uuid::Uuid::NAMESPACE_OID, name.as_bytes()))
        };
        self.identity.insured_authority.clone().unwrap_or_else(own)
    }
}

fn read(path: &Path, optional: bool, problems: &mut Vec<Problem>) -> Option<String> {
    match std::fs::read_to_string(path) {
        Ok(text) => Some(text),
        Err(e) if optional && e.kind() == io::ErrorKind::NotFound => None,
        Err(e) => {
            problems.push(Problem::io(&path.display().to_string(), &e));
            None
        }
    }
}

/// Makes the ids that nobody gives: `2.25.<uuid>` needs no authority (ITU-T X.667).
fn found(reading: &mut Reading) -> BTreeMap<&'static str, String> {
    let mut founded = BTreeMap::new();
    // A list may be empty; an id is one value.
    let one = |d: &Definition| d.key.starts_with("ids.") && d.form != Form::List;
    for row in definitions().into_iter().filter(one) {
        if reading.given(row.key).is_none_or(|(_, text)| text.is_empty()) {
            let oid = Oid::from_uuid(uuid::Uuid::new_v4());
            let prefix = if row.key == "ids.home_community" { "urn:oid:" } else { "" };
            let value = format!("{prefix}{oid}");
            reading.supply(row.key, value.clone());
            founded.insert(row.key, value);
        }
    }
    founded
}

/// Writes the file of a new house, or the new ids into the file of an old one.
///
/// A new file takes the ids in force, also those of the command line: a house that forgot its ids
/// at the next start would not find its documents.
fn keep(
    path: &Path,
    old: Option<&str>,
    reading: &Reading,
    founded: &BTreeMap<&'static str, String>,
) -> io::Result<()> {
    match old {
        None => {
            let mut ids = founded.clone();
            for row in definitions().into_iter().filter(|d| d.key.starts_with("ids.")) {
                if let Some((_, text)) = reading.given(row.key) {
                    ids.insert(row.key, text.to_owned());
                }
            }
            file::write(path, &file::sample(&ids))
        }
        Some(_) if founded.is_empty() => Ok(()),
        Some(text) => file::write(path, &file::with_ids(text, founded)),
    }
}

#[cfg(test)]
mod tests;
