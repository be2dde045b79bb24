//! `renkei ondemand`: the On-Demand document with a person's checkups of all years.

use super::domain;
use super::target::{Target, TargetArguments};
use crate::show;
use anyhow::{Context as _, bail};
use renkei_context::Ctx;
use renkei_metadata::ids::{Oid, PatientId, RepositoryUniqueId};
use renkei_metadata::model::{AvailabilityStatus, EntryType, RegistryObject};
use renkei_on_demand::{Audience, Codes, Entry, unique_id};
use renkei_xds::iti18::QueryBuilder;
use renkei_xds::response::{RegistryResponse, Status};
use serde_json::json;
use std::path::PathBuf;
use std::time::Duration;
use url::Url;

/// What to do about On-Demand documents.
#[derive(Debug, clap::Subcommand)]
pub(crate) enum Command {
    /// Register a person's On-Demand document (ITI-61), once. オンデマンド文書を登録する。
    Register(Arguments),
}

/// Whose document, for whom, and who makes it.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// The patient, as ID^^^&OID&ISO. 患者ID(CX)。
    #[arg(long, value_name = "ID",
          value_parser = |s: &str| PatientId::parse(s).map_err(|e| e.to_string()))]
    patient: PatientId,
    /// For whom the document is meant. どの閲覧範囲の文書か。
    #[arg(long, value_enum, default_value_t = super::results::Audience::Full)]
    audience: super::results::Audience,
    /// repositoryUniqueId (OID) of the house that makes it; that of --connect if not given. リポジトリのID。
    #[arg(long, value_name = "OID")]
    repository_id: Option<String>,
    /// sourceId (OID); the repositoryUniqueId if not given. 送信元のsourceId。
    #[arg(long, value_name = "OID",
          value_parser = |s: &str| Oid::parse(s).map_err(|e| e.to_string()))]
    source_id: Option<Oid>,
    /// The affinity domain's code list (codes.xml form). コード表。
    #[arg(long, value_name = "FILE")]
    codes: Option<PathBuf>,
    #[command(flatten)]
    target: TargetArguments,
}

/// Registers what is not registered. Status 0 success, 2 refused.
pub(crate) fn run(command: &Command) -> anyhow::Result<u8> {
    let Command::Register(arguments) = command;
    let target = arguments.target.target()?;
    let connection = &target.connection;
    let registry = connection.registry.clone();
    let registry = registry.context("no registry: give --connect or --registry")?;
    let named = arguments.repository_id.as_ref().or(connection.repository_unique_id.as_ref());
    let repository = named.context("no repositoryUniqueId: give --repository-id")?;
    let repository = RepositoryUniqueId::parse(repository).context("--repository-id")?;
    let codes = Codes::of(&domain::list(arguments.codes.as_deref(), connection)?)?;
    let audience = match arguments.audience {
        super::results::Audience::Full => Audience::Full,
        super::results::Audience::Stat => Audience::Statutory,
    };
    let source_id = arguments.source_id.clone().unwrap_or_else(|| repository.0.clone());
    let entry = Entry {
        patient: &arguments.patient,
        audience,
        repository: &repository,
        source_id: &source_id,
        codes: &codes,
    };
    let answer = super::runtime()?.block_on(register(&target, &registry, &entry))?;
    let id = unique_id(&arguments.patient, audience, &repository);
    let (status, errors, is_new) = match &answer {
        Some(RegistryResponse { status, errors }) => (*status, &errors[..], true),
        None => (Status::Success, &[][..], false),
    };
    if arguments.target.json {
        show::json_line(&json!({
            "status": show::word(status),
            "errors": show::errors(errors),
            "document": id.as_str(),
            "registered": is_new && status == Status::Success,
        }))?;
    } else {
        show::error_lines(errors)?;
        if status == Status::Success {
            let what = if is_new {
                "登録しました / registered"
            } else {
                "登録済みです / is registered"
            };
            show::line(&format!("{id}  {what}"))?;
        }
    }
    Ok(show::exit(status))
}

/// What the registry answered; nothing when the person has the entry.
async fn register(
    target: &Target,
    registry: &Url,
    entry: &Entry<'_>,
) -> anyhow::Result<Option<RegistryResponse>> {
    let client = target.client()?;
    let done = async {
        let id = unique_id(entry.patient, entry.audience, entry.repository);
        let query = QueryBuilder::get_documents_by_unique_id(&[id]).build();
        let found = client.soap.query(registry, &query).await?;
        if found.status == Status::Failure {
            let codes: Vec<&str> = found.errors.iter().map(|e| e.code.as_str()).collect();
            bail!("GetDocuments: {}", codes.join(" "));
        }
        if found.objects.iter().any(is_current) {
            return Ok(None);
        }
        let ctx = Ctx::internal("on-demand", Duration::from_secs(60));
        let submission = entry.submission(&ctx)?;
        Ok(Some(client.soap.register_on_demand(registry, &submission).await?))
    };
    let done = done.await;
    client.finish().await?;
    done
}

fn is_current(object: &RegistryObject) -> bool {
    match object {
        RegistryObject::Entry(entry) => {
            entry.object_type == EntryType::OnDemand
                && entry.status == Some(AvailabilityStatus::Approved)
        }
        RegistryObject::SubmissionSet(_)
        | RegistryObject::Folder(_)
        | RegistryObject::Association(_)
        | RegistryObject::Ref(..) => false,
    }
}
