//! `renkei admin status`: availabilityStatus of documents, folders and associations (ITI TF-2:
//! 3.57.4.1.3.3.2, .3.4, .3.5).

use super::registered::Registry;
use super::sending::{SendingArguments, registry_of, told, with_client};
use anyhow::{Context as _, ensure};
use clap::ValueEnum;
use renkei_metadata::ids::{EntryUuid, PatientId};
use renkei_metadata::model::AvailabilityStatus;
use renkei_xds::update::UpdateBuilder;
use serde_json::{Map, json};

/// What gets which status.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// entryUUIDs of documents, folders or associations of one patient. 対象のentryUUID。
    #[arg(required = true, value_name = "UUID", value_parser = super::uuid)]
    ids: Vec<EntryUuid>,
    /// The status they get. 新しいステータス。
    #[arg(long, value_enum, value_name = "STATUS")]
    to: To,
    /// The patient, where only associations are named. 関連だけを指定するときの患者ID(CX)。
    #[arg(long, value_name = "ID",
          value_parser = |s: &str| PatientId::parse(s).map_err(|e| e.to_string()))]
    patient: Option<PatientId>,
    #[command(flatten)]
    sending: SendingArguments,
}

/// availabilityStatus.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum To {
    Approved,
    Deprecated,
}

impl From<To> for AvailabilityStatus {
    fn from(to: To) -> Self {
        match to {
            To::Approved => Self::Approved,
            To::Deprecated => Self::Deprecated,
        }
    }
}

/// The status that an object has when nobody tells: the one that it does not get.
const fn other(status: AvailabilityStatus) -> AvailabilityStatus {
    match status {
        AvailabilityStatus::Approved => AvailabilityStatus::Deprecated,
        AvailabilityStatus::Deprecated => AvailabilityStatus::Approved,
    }
}

/// Sends the changes, all of them or none.
pub(super) fn run(arguments: &Arguments) -> anyhow::Result<u8> {
    let target = &arguments.sending.target.target()?;
    let url = registry_of(target)?;
    let to = AvailabilityStatus::from(arguments.to);
    let answer = with_client(target, |client| async move {
        let registry = Registry { client: &client, url: &url };
        let found = registry.versions(&arguments.ids).await?;
        let named = found.iter().find_map(|object| object.patient().cloned());
        let patient = arguments.patient.clone().or(named);
        let patient = patient.context("--patient を指定してください（見つかった文書・フォルダーがありません） / give --patient: none of the ids is a document or folder")?;
        ensure!(
            found.iter().all(|o| o.patient().is_none_or(|p| *p == patient)),
            "患者ごとに実行してください / one patient at a time"
        );
        // The SubmissionSet that brought it says what kind of submission this is.
        let first = arguments.ids.first().copied().context("no id")?;
        let first = found.first().and_then(|o| o.id().uuid()).unwrap_or(first);
        let set = arguments.sending.submission_set(target, &registry, first, patient).await?;
        let builder = arguments.ids.iter().fold(UpdateBuilder::new(set), |builder, id| {
            let known = found.iter().find(|o| o.id().uuid() == Some(*id)).and_then(|o| o.status());
            builder.status(*id, known.unwrap_or_else(|| other(to)), to)
        });
        Ok(client.update(&url, &builder.build()).await?)
    })?;
    let ids: Vec<String> = arguments.ids.iter().map(EntryUuid::to_string).collect();
    let mut more = Map::new();
    more.insert("ids".to_owned(), json!(ids));
    more.insert("availabilityStatus".to_owned(), json!(format!("{to:?}")));
    let words = format!("{to:?}  {}", ids.join(" "));
    told(&answer, arguments.sending.target.json, more, &words)
}
