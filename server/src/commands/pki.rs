//! `renkei pki`: one file a command.

mod issue;
mod list;
mod revoke;

use issue::IssueArguments;
use list::ListArguments;
use revoke::RevokeArguments;

/// What to do with the PKI of a house.
#[derive(Debug, clap::Subcommand)]
pub(crate) enum Command {
    /// Issue a certificate for a node and let it in. 証明書を発行し、接続を許可する。
    Issue(Box<IssueArguments>),
    /// List the nodes that may connect, and what they are entitled to. 登録済みのノードの一覧。
    List(ListArguments),
    /// Let a node in no more; its connections end within a second. 証明書を失効させ、接続を切断する。
    Revoke(RevokeArguments),
}

/// Runs the command; status 0.
pub(crate) fn run(command: &Command) -> anyhow::Result<u8> {
    match command {
        Command::Issue(arguments) => issue::run(arguments),
        Command::List(arguments) => list::run(arguments),
        Command::Revoke(arguments) => revoke::run(arguments),
    }
}
