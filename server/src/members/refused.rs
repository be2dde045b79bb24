//! Why something cannot be done with a member, in both languages.

use super::{Deed, MemberId, State, WrongNumber};
use crate::pki::PkiError;
use std::io;
use std::path::PathBuf;

/// What is refused, and what to do.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Refused {
    /// The file system.
    #[error("{path}: {error}", path = path.display())]
    Io { path: PathBuf, error: io::Error },
    /// A file that is none of a member.
    #[error("{path}: 会員のファイルとして読めません / is not the file of a member: {reason}", path = path.display())]
    Broken { path: PathBuf, reason: String },
    /// The certificates of its nodes.
    #[error(transparent)]
    Pki(#[from] PkiError),
    #[error(
        "{0}: この会員は登録されていません(`renkei member list` で確認できます) / no such member (see `renkei member list`)"
    )]
    Unknown(MemberId),
    #[error(
        "{0}: この会員idは使用済みです。利用不可の会員は `renkei member enable` で再開します / this id is taken for good; a member that was disabled goes on by `renkei member enable`"
    )]
    Taken(MemberId),
    #[error(transparent)]
    Number(#[from] WrongNumber),
    #[error("{id}: 現在「{}」のため、「{}」はできません / cannot be {} while it is {}", .state.words().ja, .deed.words().ja, .deed.words().en, .state.words().en)]
    NotNow { id: MemberId, state: State, deed: Deed },
    #[error(
        "{node}: 会員 {other} のノードです。別の名前で発行してください / is a node of the member {other}; issue it under another name"
    )]
    OfAnother { node: String, other: MemberId },
    #[error(
        "{id}: --scope {words} はこの会員の範囲({allowed})を超えます。その番号の会員を登録してそのノードとして発行するか、会員に属さないノードなら別の名前で --member なしで発行してください / is beyond the member ({allowed}): enter the member of that number and issue the node for it, or issue a node of nobody under another name, without --member"
    )]
    Beyond { id: MemberId, words: String, allowed: String },
    #[error(
        "{node}: {by} さんは発行を依頼した本人です。別の管理者が承認してください / {by} asked for it; another administrator has to approve it"
    )]
    SamePerson { node: String, by: String },
    #[error(
        "{node}: 承認を要する指定(domain、any)はありません / nothing of it needs approval (domain, any)"
    )]
    NothingWide { node: String },
    #[error(
        "{node}: 会員 {id} の接続中のノードではありません(`renkei member show {id}` で確認できます) / is no node of the member {id} that is let in (see `renkei member show {id}`)"
    )]
    NotIts { node: String, id: MemberId },
}
