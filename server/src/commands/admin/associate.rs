//! `renkei admin associate`: an association between registered objects (ITI TF-2: 3.57.4.1.3.3.6).

use super::registered::Registry;
use super::sending::{SendingArguments, registry_of, told, with_client};
use anyhow::Context as _;
use renkei_metadata::ids::{EntryUuid, ObjectId};
use renkei_metadata::model::{Association, AssociationType};
use renkei_metadata::named::Draft as _;
use renkei_source_adapter::set::Change;
use renkei_xds::update::UpdateBuilder;
use serde_json::Map;

/// What to associate.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// HasMember, RPLC, XFRM, APND, XFRM_RPLC, signs or IsSnapshotOf. 関連の種別。
    #[arg(long = "type", value_name = "TYPE", value_parser = crate::commands::query::association)]
    association_type: AssociationType,
    /// entryUUID of the object it begins at. 起点のentryUUID。
    #[arg(long, value_name = "UUID", value_parser = super::uuid)]
    source: EntryUuid,
    /// entryUUID of the object it ends at. 終点のentryUUID。
    #[arg(long = "to", value_name = "UUID", value_parser = super::uuid)]
    to: EntryUuid,
    /// Association documentation, a code. 関連の説明コード。
    #[arg(long, value_name = "CODE")]
    documentation: Option<String>,
    #[command(flatten)]
    sending: SendingArguments,
}

/// Sends it.
pub(super) fn run(arguments: &Arguments) -> anyhow::Result<u8> {
    let target = &arguments.sending.target.target()?;
    let url = registry_of(target)?;
    let mut link = Association::draft(ObjectId::Symbol("association".to_owned()));
    link.association_type = arguments.association_type;
    link.source = ObjectId::Uuid(arguments.source);
    link.target = ObjectId::Uuid(arguments.to);
    if let Some(code) = &arguments.documentation {
        let codes = arguments.sending.list(target)?;
        let change = Change::written::<Association>("documentation", &[code], codes.as_ref());
        change.map_err(anyhow::Error::msg)?.put_into(&mut link)?;
    }
    let answer = with_client(target, |client| async move {
        let registry = Registry { client: &client, url: &url };
        let found = registry.versions(&[arguments.source, arguments.to]).await?;
        let patient = found.iter().find_map(|o| o.patient().cloned());
        let patient = patient.context(
            "どちらのIDの文書・フォルダーも見つかりません / neither id is a document or folder",
        )?;
        let first = found.first().and_then(|o| o.id().uuid()).context("no entryUUID")?;
        let set = arguments.sending.submission_set(target, &registry, first, patient).await?;
        let update = UpdateBuilder::new(set).association(link).build();
        Ok(client.update(&url, &update).await?)
    })?;
    let words = format!("{} → {}", arguments.source, arguments.to);
    told(&answer, arguments.sending.target.json, Map::new(), &words)
}
