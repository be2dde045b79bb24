//! What a node is entitled to, in the words of a command.

use crate::pki::{Entitlement, Id, Node, NotANode, NotASight, NotAnId, Sight};

/// The words.
#[derive(Debug, clap::Args)]
pub(super) struct EntitledArguments {
    /// Whose documents it sees; may be repeated: domain, own, institution=NO, insurer=NO, employer=CODE.
    /// Without it, what it submitted itself. 参照できる範囲。
    #[arg(long = "scope", value_name = "S",
          value_parser = |s: &str| s.parse::<Sight>().map_err(|e: NotASight| e))]
    scope: Vec<Sight>,
    /// SubmissionSet.sourceId under which a source submits, or any; may be repeated. Without it, that of
    /// its first submission, which nobody else may then use. 登録に使う sourceId。
    #[arg(long = "source-id", value_name = "OID",
          value_parser = |s: &str| s.parse::<Id>().map_err(|e: NotAnId| e))]
    source_id: Vec<Id>,
    /// repositoryUniqueId under which a repository registers, or any; may be repeated. Without it, none.
    /// 登録に使う repositoryUniqueId。
    #[arg(long = "repository-id", value_name = "OID",
          value_parser = |s: &str| s.parse::<Id>().map_err(|e: NotAnId| e))]
    repository_id: Vec<Id>,
    /// Node on whose behalf a repository in another process asks the registry, or any; may be repeated. Without it, none.
    /// 別プロセスのリポジトリが代わりにレジストリへ要求できるノード。
    #[arg(long = "speaks-for", value_name = "NODE",
          value_parser = |s: &str| s.parse::<Node>().map_err(|e: NotANode| e))]
    speaks_for: Vec<Node>,
}

impl EntitledArguments {
    pub(super) fn entitlement(&self) -> Entitlement {
        Entitlement {
            scope: self.scope.iter().cloned().collect(),
            source_id: self.source_id.iter().cloned().collect(),
            repository_id: self.repository_id.iter().cloned().collect(),
            institution: None,
            speaks_for: self.speaks_for.iter().cloned().collect(),
        }
    }
}
