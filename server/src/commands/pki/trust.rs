//! `renkei pki trust`: the CAs of others, one file a command.

mod add_ca;
mod add_node;
mod list;
mod remove;

use super::import::{self, ImportArguments};
use add_ca::AddCaArguments;
use add_node::AddNodeArguments;
use list::ListArguments;
use remove::RemoveArguments;

/// Whom to trust.
#[derive(Debug, clap::Subcommand)]
pub(crate) enum Trust {
    /// Let a node in with its own certificate, as `pki import` does. 証明書を登録する(pki import と同じ)。
    Add(Box<ImportArguments>),
    /// Trust a CA of others, which lets nobody in by itself. 他の認証局を信頼する(それだけでは誰も接続できない)。
    AddCa(Box<AddCaArguments>),
    /// Let a node in by its subject under a trusted CA, also with renewed certificates.
    /// 信頼した認証局の証明書を持つノードを、主体名で登録する。
    AddNode(Box<AddNodeArguments>),
    /// List the trusted CAs. 信頼している認証局の一覧。
    List(ListArguments),
    /// Trust a CA no more; the connections of its nodes end within a second. 認証局の信頼をやめ、接続を切断する。
    Remove(RemoveArguments),
}

pub(super) fn run(command: &Trust) -> anyhow::Result<u8> {
    match command {
        Trust::Add(arguments) => import::run(arguments),
        Trust::AddCa(arguments) => add_ca::run(arguments),
        Trust::AddNode(arguments) => add_node::run(arguments),
        Trust::List(arguments) => list::run(arguments),
        Trust::Remove(arguments) => remove::run(arguments),
    }
}
