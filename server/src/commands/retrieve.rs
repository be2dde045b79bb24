//! `renkei retrieve`.

use super::target::TargetArguments;
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
    /// homeCommunityId (urn:oid:...). コミュニティのID。
    #[arg(long, value_name = "URN")]
    pub(crate) home: Option<String>,
    /// Directory for the documents; made if needed. 出力先。
    #[arg(long, value_name = "DIR")]
    pub(crate) out: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) target: TargetArguments,
}

/// Fetches. Status 0 success, 3 partial, 2 failure.
pub(crate) fn run(arguments: &Arguments) -> anyhow::Result<u8> {
    let _target = arguments.target.target()?;
    anyhow::bail!("retrieve: not part of this build")
}
