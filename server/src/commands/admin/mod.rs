//! `renkei admin`: what a Document Administrator does (ITI-57, ITI-92, ITI-62, ITI-86).

mod associate;
mod registered;
mod remove;
mod remove_documents;
mod sending;
mod status;
#[cfg(test)]
mod tests;
mod update;

use renkei_metadata::ids::EntryUuid;

/// What to do.
#[derive(Debug, clap::Subcommand)]
pub(crate) enum Command {
    /// Change attributes of a registered document or folder (ITI-57). 属性を更新する。
    Update(update::Arguments),
    /// Deprecate documents, folders or associations, or approve them again (ITI-57). ステータスを変更する。
    Status(status::Arguments),
    /// Associate registered objects (ITI-57). 登録済みのものを関連付ける。
    Associate(associate::Arguments),
    /// Remove metadata for good (ITI-62). メタデータを完全に削除する。
    Remove(remove::Arguments),
    /// Remove documents for good (ITI-86). 文書を完全に削除する。
    RemoveDocuments(remove_documents::Arguments),
}

/// Does it. Status 0 success, 3 partial, 2 failure.
pub(crate) fn run(command: &Command) -> anyhow::Result<u8> {
    match command {
        Command::Update(arguments) => update::run(arguments),
        Command::Status(arguments) => status::run(arguments),
        Command::Associate(arguments) => associate::run(arguments),
        Command::Remove(arguments) => remove::run(arguments),
        Command::RemoveDocuments(arguments) => remove_documents::run(arguments),
    }
}

fn uuid(text: &str) -> Result<EntryUuid, String> {
    EntryUuid::parse(text).map_err(|e| format!("expected {}", e.expected))
}
