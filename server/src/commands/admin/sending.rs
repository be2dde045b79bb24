//! What all updates have in common: the SubmissionSet that carries them, and what is told of the answer.

use super::registered::Registry;
use crate::commands::domain;
use crate::commands::target::{Target, TargetArguments};
use crate::show;
use anyhow::Context as _;
use renkei_context::Ctx;
use renkei_metadata::codes::CodeList;
use renkei_metadata::ids::{EntryUuid, ObjectId, Oid, PatientId};
use renkei_metadata::model::{Code, SubmissionSet};
use renkei_metadata::named::{AttributeValue, Draft as _, Named as _};
use renkei_source_adapter::set::Change;
use renkei_xds::response::RegistryResponse;
use serde_json::{Map, Value, json};
use std::future::Future;
use std::path::PathBuf;
use std::time::Duration;
use url::Url;

/// Who sends an update, and as what.
#[derive(Debug, clap::Args)]
pub(super) struct SendingArguments {
    /// sourceId (OID); the repositoryUniqueId of --connect if not given. 送信元のsourceId。
    #[arg(long, value_name = "OID",
          value_parser = |s: &str| Oid::parse(s).map_err(|e| e.to_string()))]
    source_id: Option<Oid>,
    /// contentTypeCode; that of the submission that brought the object if not given. 送信の種別コード。
    #[arg(long, value_name = "CODE")]
    content_type: Option<String>,
    /// The affinity domain's code list (codes.xml form). コード表。
    #[arg(long, value_name = "FILE")]
    codes: Option<PathBuf>,
    #[command(flatten)]
    pub(super) target: TargetArguments,
}

impl SendingArguments {
    /// The code list, where somebody says which it is.
    pub(super) fn list(&self, target: &Target) -> anyhow::Result<Option<CodeList>> {
        let given = self.codes.as_deref();
        let known = given.is_some() || target.connection.codes.is_some();
        known.then(|| domain::list(given, &target.connection)).transpose()
    }

    /// The SubmissionSet of an update of what `of` names.
    pub(super) async fn submission_set(
        &self,
        target: &Target,
        registry: &Registry<'_>,
        of: EntryUuid,
        patient: PatientId,
    ) -> anyhow::Result<SubmissionSet> {
        let ctx = Ctx::internal("administrator", Duration::from_secs(60));
        let mut set = SubmissionSet::draft(ObjectId::Symbol("SubmissionSet01".to_owned()));
        set.content_type_code = Some(self.content_type(target, registry, of).await?);
        set.patient_id = Some(patient);
        set.source_id = self.source(target)?;
        set.submission_time = renkei_metadata::ids::Dtm::from_utc(ctx.now());
        set.unique_id = Oid::from_uuid(ctx.ids.new_uuid());
        Ok(set)
    }

    fn source(&self, target: &Target) -> anyhow::Result<Oid> {
        if let Some(id) = &self.source_id {
            return Ok(id.clone());
        }
        let own = target.connection.repository_unique_id.as_deref();
        let own = own.context("no sourceId: give --source-id / --source-id を指定してください")?;
        Oid::parse(own).context("repository_unique_id")
    }

    async fn content_type(
        &self,
        target: &Target,
        registry: &Registry<'_>,
        of: EntryUuid,
    ) -> anyhow::Result<Code> {
        let Some(code) = &self.content_type else {
            let brought = registry.brought_by(of).await?;
            let code = brought.and_then(|set| set.content_type_code);
            return code.context(
                "no contentTypeCode: give --content-type / --content-type を指定してください",
            );
        };
        let codes = self.list(target)?;
        let change =
            Change::written::<SubmissionSet>("contentTypeCode", &[code.as_str()], codes.as_ref());
        let mut set = SubmissionSet::draft(ObjectId::Symbol(String::new()));
        let values: Vec<AttributeValue> = change.map_err(anyhow::Error::msg)?.values;
        set.put("contentTypeCode", values)?;
        set.content_type_code.context("--content-type")
    }
}

/// The registry of a target.
pub(super) fn registry_of(target: &Target) -> anyhow::Result<Url> {
    let registry = target.connection.registry.clone();
    registry.context("no registry: give --connect or --registry")
}

/// Runs what needs a client, and ends its journal whatever comes of it.
pub(super) fn with_client<T, F: Future<Output = anyhow::Result<T>>>(
    target: &Target,
    work: impl FnOnce(std::sync::Arc<renkei_client::SoapClient>) -> F,
) -> anyhow::Result<T> {
    crate::commands::runtime()?.block_on(async {
        let client = target.client()?;
        let done = work(std::sync::Arc::clone(&client.soap)).await;
        client.finish().await?;
        done
    })
}

/// Tells how it ended; `more` is what the JSON has besides, `done` what a person is told of a success.
pub(super) fn told(
    answer: &RegistryResponse,
    json: bool,
    more: Map<String, Value>,
    done: &str,
) -> anyhow::Result<u8> {
    if json {
        let mut report = Map::new();
        report.insert("status".to_owned(), json!(show::word(answer.status)));
        report.insert("errors".to_owned(), show::errors(&answer.errors));
        report.extend(more);
        show::json_line(&Value::Object(report))?;
    } else {
        show::error_lines(&answer.errors)?;
        if show::exit(answer.status) == 0 {
            show::line(done)?;
        }
    }
    Ok(show::exit(answer.status))
}
