//! `renkei admin update`: a new version of a registered document or folder (ITI TF-2: 3.57.4.1.3.3.1,
//! 3.57.4.1.3.3.3; 3.92).

use super::registered::{Registry, Versioned};
use super::sending::{SendingArguments, registry_of, told, with_client};
use crate::show;
use anyhow::{Context as _, bail, ensure};
use renkei_metadata::codes::CodeList;
use renkei_metadata::ids::EntryUuid;
use renkei_metadata::model::ExtraSlot;
use renkei_metadata::named::Draft;
use renkei_metadata::update::{Propagation, Update, changed_in_entry, changed_in_folder};
use renkei_source_adapter::set::{Change, changes};
use renkei_xds::response::{RegistryResponse, Status};
use renkei_xds::update::UpdateBuilder;
use serde_json::{Map, json};
use std::path::PathBuf;

/// What to change.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// entryUUID of any version, or logicalID, of the document or folder. 対象のID。
    #[arg(long, value_name = "UUID", value_parser = super::uuid)]
    id: EntryUuid,
    /// A new value of an attribute, by its name in ITI TF-3; repeated for several values; without a value
    /// the attribute is taken away. 属性の新しい値。
    #[arg(long = "set", value_name = "ATTRIBUTE=VALUE", value_parser = assignment)]
    pub(super) set: Vec<(String, String)>,
    /// A TOML file with attributes as in docs/SUBMIT-SETS.md. 属性を書いたTOMLファイル。
    #[arg(long, value_name = "FILE")]
    pub(super) changes: Option<PathBuf>,
    /// Leave the associations to the old version. 関連を新しい版に引き継がない。
    #[arg(long)]
    no_propagation: bool,
    /// As a Restricted Update (ITI-92). 制限付き更新。
    #[arg(long)]
    restricted: bool,
    /// Show what would change; send nothing. 送信せず、変更内容を表示する。
    #[arg(long)]
    check: bool,
    #[command(flatten)]
    sending: SendingArguments,
}

pub(super) fn assignment(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((name, value)) if !name.trim().is_empty() => {
            Ok((name.trim().to_owned(), value.to_owned()))
        }
        _ => Err("expected ATTRIBUTE=VALUE".to_owned()),
    }
}

/// What became of it.
struct Outcome {
    id: EntryUuid,
    /// The entryUUID of the new version.
    new_id: Option<EntryUuid>,
    version: Option<u32>,
    changed: Vec<&'static str>,
    slots: bool,
    answer: Option<RegistryResponse>,
}

/// Sends the new version.
pub(super) fn run(arguments: &Arguments) -> anyhow::Result<u8> {
    ensure!(
        !arguments.set.is_empty() || arguments.changes.is_some(),
        "--set か --changes で変更を指定してください / say what to change: --set or --changes"
    );
    let target = &arguments.sending.target.target()?;
    let url = registry_of(target)?;
    let codes = arguments.sending.list(target)?;
    let outcome = with_client(target, |client| async move {
        let registry = Registry { client: &client, url: &url };
        let old = registry.newest(arguments.id).await?;
        let (new, changed, slots) = changed(arguments, &old, codes.as_ref())?;
        let id = old.id().uuid().context("no entryUUID")?;
        let version = version_of(&new);
        if arguments.check {
            return Ok(Outcome { id, new_id: None, version, changed, slots, answer: None });
        }
        let patient = new.patient().cloned().context("no patientId")?;
        let set = arguments.sending.submission_set(target, &registry, id, patient).await?;
        let update = update(arguments, new, UpdateBuilder::new(set))?;
        let answer = if arguments.restricted {
            client.update_restricted(&url, &update).await?
        } else {
            client.update(&url, &update).await?
        };
        let new_id = match answer.status {
            Status::Success => registry.newest(id).await?.id().uuid(),
            Status::PartialSuccess | Status::Failure => None,
        };
        Ok(Outcome { id, new_id, version, changed, slots, answer: Some(answer) })
    })?;
    report(&outcome, arguments.sending.target.json)
}

/// The new form of an object, which attributes are others, and whether slots of the sender's own are.
fn changed(
    arguments: &Arguments,
    old: &Versioned,
    codes: Option<&CodeList>,
) -> anyhow::Result<(Versioned, Vec<&'static str>, bool)> {
    let (new, changed, slots) = match old {
        Versioned::Entry(entry) => {
            let mut new = entry.clone();
            apply(arguments, &mut *new, codes)?;
            let (changed, slots) = (changed_in_entry(entry, &new), new.extra != entry.extra);
            (Versioned::Entry(new), changed, slots)
        }
        Versioned::Folder(folder) => {
            let mut new = folder.clone();
            apply(arguments, &mut *new, codes)?;
            let (changed, slots) = (changed_in_folder(folder, &new), new.extra != folder.extra);
            (Versioned::Folder(new), changed, slots)
        }
    };
    ensure!(
        slots || !changed.is_empty(),
        "登録済みの内容と同じため、変更はありません / nothing changes: this is what is registered"
    );
    Ok((new, changed, slots))
}

/// Puts what the options and the file say into an object.
pub(super) fn apply<T: Draft>(
    arguments: &Arguments,
    object: &mut T,
    codes: Option<&CodeList>,
) -> anyhow::Result<()> {
    if let Some(path) = &arguments.changes {
        let file = path.display().to_string();
        let text = std::fs::read_to_string(path).with_context(|| file.clone())?;
        let (changes, slots) = changes::<T>(&file, &text, codes)?;
        put(object, &changes)?;
        slots.into_iter().for_each(|slot| exchange(object.slots(), slot));
    }
    let mut written: Vec<(&str, Vec<&str>)> = Vec::new();
    for (name, value) in &arguments.set {
        let values = if value.is_empty() { None } else { Some(value.as_str()) };
        match written.iter_mut().find(|(known, _)| known == name) {
            Some((_, known)) => known.extend(values),
            None => written.push((name, values.into_iter().collect())),
        }
    }
    for (name, values) in written {
        let change = Change::written::<T>(name, &values, codes).map_err(anyhow::Error::msg)?;
        put(object, &[change])?;
    }
    Ok(())
}

fn put<T: Draft>(object: &mut T, changes: &[Change]) -> anyhow::Result<()> {
    for change in changes {
        if let Err(e) = change.put_into(object) {
            bail!(
                "{}: {}が必要です / {}: expected {}",
                change.name,
                e.expected_ja,
                change.name,
                e.expected
            );
        }
    }
    Ok(())
}

/// A slot in place of that of its name; one without values goes.
fn exchange(slots: &mut Vec<ExtraSlot>, slot: ExtraSlot) {
    slots.retain(|known| known.name != slot.name);
    if !slot.values.is_empty() {
        slots.push(slot);
    }
}

fn update(arguments: &Arguments, new: Versioned, builder: UpdateBuilder) -> anyhow::Result<Update> {
    let propagation = if arguments.no_propagation { Propagation::No } else { Propagation::Yes };
    let builder = match new {
        Versioned::Entry(entry) => builder.entry(*entry, propagation)?,
        Versioned::Folder(folder) => builder.folder(*folder, propagation)?,
    };
    Ok(builder.build())
}

fn version_of(object: &Versioned) -> Option<u32> {
    match object {
        Versioned::Entry(entry) => entry.version,
        Versioned::Folder(folder) => folder.version,
    }
}

fn report(outcome: &Outcome, json: bool) -> anyhow::Result<u8> {
    let mut changed = outcome.changed.clone();
    if outcome.slots {
        changed.push("slots");
    }
    let next = outcome.version.map(|version| version.saturating_add(1));
    let mut more = Map::new();
    more.insert("id".to_owned(), json!(outcome.id.to_string()));
    more.insert("newId".to_owned(), json!(outcome.new_id.map(|id| id.to_string())));
    more.insert("changed".to_owned(), json!(changed));
    more.insert("version".to_owned(), json!(next));
    let words = format!(
        "{}  版 / version {}  {}",
        outcome.new_id.unwrap_or(outcome.id),
        next.map(|v| v.to_string()).unwrap_or_default(),
        changed.join(", ")
    );
    match &outcome.answer {
        Some(answer) => told(answer, json, more, &words),
        None => {
            let nothing = RegistryResponse { status: Status::Success, errors: Vec::new() };
            let status = told(&nothing, json, more, &words)?;
            if !json {
                show::error_text("送信していません / nothing was sent")?;
            }
            Ok(status)
        }
    }
}
