//! `renkei retrieve`.

use super::elsewhere::{self, ElsewhereArguments};
use super::received::Files;
use super::target::{Target, TargetArguments};
use crate::show;
use anyhow::Context as _;
use renkei_metadata::ids::{HomeCommunityId, RepositoryUniqueId, UniqueId};
use renkei_xds::iti43::DocumentRequest;
use renkei_xds::transaction::ITI_43;
use serde_json::json;
use std::path::PathBuf;

/// What to fetch, from where, and where to put it.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// uniqueId of a document. 文書のuniqueId。
    #[arg(required = true, value_name = "UNIQUE_ID")]
    pub(crate) documents: Vec<String>,
    /// repositoryUniqueId (OID); that of --connect if not given. リポジトリのID。
    #[arg(long, value_name = "OID")]
    pub(crate) repository_id: Option<String>,
    /// homeCommunityId (urn:oid:...); that of --connect if not given. コミュニティのID。
    #[arg(long, value_name = "URN")]
    pub(crate) home: Option<String>,
    /// Directory for the documents; made if needed. 出力先。
    #[arg(long, value_name = "DIR")]
    pub(crate) out: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) elsewhere: ElsewhereArguments,
    #[command(flatten)]
    pub(crate) target: TargetArguments,
}

/// Fetches. Status 0 success, 3 partial, 2 failure.
pub(crate) fn run(arguments: &Arguments) -> anyhow::Result<u8> {
    let target = arguments.target.target()?;
    let id = repository_id(arguments, &target)?;
    let repository = target.connection.holder(&id)?.clone();
    let requests = requests(arguments, &target, &id)?;
    if let Some(to) = arguments.elsewhere.addresses() {
        super::runtime()?.block_on(async {
            let client = target.client()?;
            let send = client.soap.retrieve_elsewhere(&repository, &requests, &to);
            let sent = elsewhere::sent(&target.state_dir, ITI_43.id, &repository, &to, send).await;
            client.finish().await?;
            sent
        })?;
        return elsewhere::told(&to, arguments.target.json);
    }
    let out = arguments.out.clone().unwrap_or_else(|| PathBuf::from("."));
    std::fs::create_dir_all(&out).with_context(|| out.display().to_string())?;
    let (answer, received) = super::runtime()?.block_on(async {
        let client = target.client()?;
        let mut files = Files::new(&out);
        let retrieved = client.soap.retrieve(&repository, &requests, &mut files).await;
        client.finish().await?;
        let retrieved = retrieved?;
        let kept = files.keep(&retrieved.documents).await?;
        anyhow::Ok((retrieved.response, kept))
    })?;
    if arguments.target.json {
        show::json_line(&json!({
            "status": show::word(answer.status),
            "errors": show::errors(&answer.errors),
            "documents": received,
        }))?;
    } else {
        show::error_lines(&answer.errors)?;
        for document in &received {
            show::line(&document.line())?;
        }
    }
    Ok(show::exit(answer.status))
}

/// The repository that is named, else that of the house.
fn repository_id(arguments: &Arguments, target: &Target) -> anyhow::Result<RepositoryUniqueId> {
    let named = arguments.repository_id.clone();
    let repository = named.or_else(|| target.connection.repository_unique_id.clone());
    let repository = repository.context("no repositoryUniqueId: give --repository-id")?;
    RepositoryUniqueId::parse(&repository).context("--repository-id")
}

fn requests(
    arguments: &Arguments,
    target: &Target,
    repository: &RepositoryUniqueId,
) -> anyhow::Result<Vec<DocumentRequest>> {
    // Whoever learnt of a document with its community has to name it (ITI TF-2: 3.43.4.1.2).
    let home = arguments.home.clone().or_else(|| target.connection.home_community_id.clone());
    let home = home.as_deref().map(HomeCommunityId::parse).transpose();
    let home = home.context("--home")?;
    let one = |id: &String| {
        let unique_id = UniqueId::parse(id).with_context(|| format!("{id:?}"))?;
        Ok(DocumentRequest { home: home.clone(), repository: repository.clone(), unique_id })
    };
    arguments.documents.iter().map(one).collect()
}
