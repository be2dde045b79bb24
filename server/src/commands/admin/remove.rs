//! `renkei admin remove`: metadata goes for good, all that is named or none of it (ITI TF-2: 3.62).

use super::registered::Registry;
use super::sending::{registry_of, told, with_client};
use crate::commands::confirm::confirmed;
use crate::commands::target::TargetArguments;
use crate::show;
use renkei_metadata::ids::{EntryUuid, ObjectId, PatientId};
use renkei_metadata::model::RegistryObject;
use renkei_xds::iti18::QueryBuilder;
use renkei_xds::response::RegistryResponse;
use serde_json::{Map, json};
use std::collections::BTreeSet;

/// What to remove.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// entryUUIDs of SubmissionSets, documents, folders, associations. 対象のentryUUID。
    #[arg(required = true, value_name = "UUID", value_parser = super::uuid)]
    ids: Vec<EntryUuid>,
    /// Remove the associations at these objects, too, without which most cannot go. 関連も削除する。
    #[arg(long)]
    with_associations: bool,
    /// Ask nobody. 確認しない。
    #[arg(long)]
    yes: bool,
    #[command(flatten)]
    target: TargetArguments,
}

/// What goes: ids, whose they are, and how they look to a person.
#[derive(Default)]
struct Going {
    ids: Vec<EntryUuid>,
    patients: BTreeSet<PatientId>,
    shown: Vec<String>,
}

/// Shows what goes, asks, and removes it.
pub(super) fn run(arguments: &Arguments) -> anyhow::Result<u8> {
    let target = arguments.target.target()?;
    let url = registry_of(&target)?;
    let done: Option<(Going, RegistryResponse)> = with_client(&target, |client| async move {
        let registry = Registry { client: &client, url: &url };
        let going = going(arguments, &registry).await?;
        going.shown.iter().try_for_each(|line| show::error_text(line))?;
        let many = going.ids.len();
        let what = format!("これら {many} 件を完全に削除しますか / remove these {many} for good?");
        if !confirmed(arguments.yes, &what)? {
            return Ok(None);
        }
        let patients: Vec<PatientId> = going.patients.iter().cloned().collect();
        let answer = client.remove_metadata(&url, &going.ids, &patients).await?;
        Ok(Some((going, answer)))
    })?;
    let Some((going, answer)) = done else {
        show::error_text("何も削除していません / nothing was removed")?;
        return Ok(crate::commands::COULD_NOT_RUN);
    };
    let ids: Vec<String> = going.ids.iter().map(EntryUuid::to_string).collect();
    let mut more = Map::new();
    more.insert("ids".to_owned(), json!(ids));
    let words = format!("削除しました / removed {}", ids.len());
    told(&answer, arguments.target.json, more, &words)
}

/// Looks up what is named; what nobody knows is left to the registry to refuse.
async fn going(arguments: &Arguments, registry: &Registry<'_>) -> anyhow::Result<Going> {
    let mut going = Going::default();
    let mut unseen: BTreeSet<EntryUuid> = arguments.ids.iter().copied().collect();
    going.ids.extend(&unseen);
    for object in registry.versions(&arguments.ids).await? {
        going.add(&mut unseen, &object.into());
    }
    // What is neither document nor folder may be a SubmissionSet.
    for id in unseen.clone() {
        let query = QueryBuilder::get_submission_set_and_contents(id);
        for object in registry.ask(query).await? {
            if matches!(&object, RegistryObject::SubmissionSet(set) if set.id == ObjectId::Uuid(id))
            {
                going.add(&mut unseen, &object);
            }
        }
    }
    if arguments.with_associations {
        for link in registry.associations(&arguments.ids).await? {
            let Some(id) = link.id.uuid() else { continue };
            if !arguments.ids.contains(&id) {
                going.ids.push(id);
            }
            going.add(&mut unseen, &RegistryObject::Association(Box::new(link)));
        }
    }
    going.shown.extend(unseen.iter().map(EntryUuid::to_string));
    Ok(going)
}

impl Going {
    fn add(&mut self, unseen: &mut BTreeSet<EntryUuid>, object: &RegistryObject) {
        let (id, patient) = match object {
            RegistryObject::Entry(entry) => (&entry.id, entry.patient_id.as_ref()),
            RegistryObject::Folder(folder) => (&folder.id, folder.patient_id.as_ref()),
            RegistryObject::SubmissionSet(set) => (&set.id, set.patient_id.as_ref()),
            RegistryObject::Association(link) => (&link.id, None),
            RegistryObject::Ref(id, _) => (id, None),
        };
        if let Some(id) = id.uuid() {
            unseen.remove(&id);
        }
        self.patients.extend(patient.cloned());
        self.shown.push(format!("{id}  {}", show::summary(object)));
    }
}
