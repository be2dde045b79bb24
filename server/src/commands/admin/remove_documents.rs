//! `renkei admin remove-documents`: documents go for good; their metadata is removed on its own (ITI TF-2:
//! 3.86).

use super::registered::Registry;
use super::sending::{told, with_client};
use crate::commands::confirm::confirmed;
use crate::commands::target::TargetArguments;
use crate::show;
use anyhow::Context as _;
use renkei_metadata::ids::{HomeCommunityId, RepositoryUniqueId, UniqueId};
use renkei_xds::iti18::QueryBuilder;
use renkei_xds::iti43::DocumentRequest;
use renkei_xds::iti86;
use renkei_xds::response::RegistryResponse;
use serde_json::{Map, json};

/// What to remove, and where.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// uniqueIds of documents. 文書のuniqueId。
    #[arg(required = true, value_name = "UNIQUE_ID",
          value_parser = |s: &str| UniqueId::parse(s).map_err(|e| e.to_string()))]
    documents: Vec<UniqueId>,
    /// repositoryUniqueId (OID); that of --connect if not given. リポジトリのID。
    #[arg(long, value_name = "OID")]
    repository_id: Option<String>,
    /// homeCommunityId (urn:oid:...); that of --connect if not given. コミュニティのID。
    #[arg(long, value_name = "URN")]
    home: Option<String>,
    /// Ask nobody. 確認しない。
    #[arg(long)]
    yes: bool,
    #[command(flatten)]
    target: TargetArguments,
}

/// Shows what goes, asks, and removes it. Status 3 when some stayed.
pub(super) fn run(arguments: &Arguments) -> anyhow::Result<u8> {
    let target = arguments.target.target()?;
    let connection = &target.connection;
    let id = arguments.repository_id.as_ref().or(connection.repository_unique_id.as_ref());
    let id = id.context("no repositoryUniqueId: give --repository-id")?;
    let id = RepositoryUniqueId::parse(id).context("--repository-id")?;
    let home = arguments.home.as_ref().or(connection.home_community_id.as_ref());
    let home = home.map(|home| HomeCommunityId::parse(home)).transpose().context("--home")?;
    let repository = connection.holder(&id)?;
    let one = |unique_id: &UniqueId| DocumentRequest {
        home: home.clone(),
        repository: id.clone(),
        unique_id: unique_id.clone(),
    };
    let requests: Vec<DocumentRequest> = arguments.documents.iter().map(one).collect();
    let answer: Option<RegistryResponse> = with_client(&target, |client| async move {
        let registry = connection.registry.as_ref().map(|url| Registry { client: &client, url });
        show_documents(&arguments.documents, registry).await?;
        let many = arguments.documents.len();
        let what = format!(
            "これら {many} 件の文書を完全に削除しますか / remove these {many} documents for good?"
        );
        if !confirmed(arguments.yes, &what)? {
            return Ok(None);
        }
        Ok(Some(client.remove_documents(repository, &requests).await?))
    })?;
    let Some(answer) = answer else {
        show::error_text("何も削除していません / nothing was removed")?;
        return Ok(crate::commands::COULD_NOT_RUN);
    };
    let requests: Vec<DocumentRequest> = arguments.documents.iter().map(one).collect();
    let left = iti86::left(&requests, &answer);
    let gone: Vec<&str> = requests
        .iter()
        .filter(|request| !left.contains(request))
        .map(|request| request.unique_id.as_str())
        .collect();
    let mut more = Map::new();
    more.insert("removed".to_owned(), json!(gone));
    let words = format!("削除しました / removed {}", gone.len());
    told(&answer, arguments.target.json, more, &words)
}

/// What the registry knows of the documents, where there is one to ask.
async fn show_documents(
    documents: &[UniqueId],
    registry: Option<Registry<'_>>,
) -> anyhow::Result<()> {
    let known = match registry {
        Some(registry) => registry.ask(QueryBuilder::get_documents_by_unique_id(documents)).await?,
        None => Vec::new(),
    };
    for object in &known {
        show::error_text(&show::summary(object))?;
    }
    let said: Vec<String> = known.iter().map(show::summary).collect();
    let unknown = documents.iter().filter(|id| !said.iter().any(|line| line.contains(id.as_str())));
    unknown.map(ToString::to_string).try_for_each(|id| show::error_text(&id))?;
    Ok(())
}
