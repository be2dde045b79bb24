//! Why something cannot be done with a mandate, in both languages.

use super::{Deed, MandateId, State};
use crate::members::MemberId;
use renkei_sealing::{KeyError, SealError};
use std::io;
use std::path::PathBuf;

/// What is refused, and what to do.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Refused {
    /// The file system.
    #[error("{path}: {error}", path = path.display())]
    Io { path: PathBuf, error: io::Error },
    /// A file that is none of a mandate.
    #[error("{path}: 委任のファイルとして読めません / is not the file of a mandate: {reason}", path = path.display())]
    Broken { path: PathBuf, reason: String },
    /// The keys of the house.
    #[error(transparent)]
    Keys(#[from] KeyError),
    /// The copy was not sealed here, or by a key that is not there.
    #[error("{path}: 封印した写しを開けません。鍵(`keys/`)がこの拠点のものか確認してください / the sealed copy does not open; are the keys (`keys/`) those of this house: {error}", path = path.display())]
    Sealed { path: PathBuf, error: SealError },
    #[error(
        "{0}: この委任はありません(`renkei mandate list` で確認できます) / no such mandate (see `renkei mandate list`)"
    )]
    Unknown(MandateId),
    #[error(
        "このファイルの変換にエラーはありません。閲覧できるのは変換エラーの原因を調べるためだけで、警告は理由になりません / the conversion of this file found no error; a file is looked at to find the cause of an error alone, and a warning is none"
    )]
    NothingWrong,
    #[error(
        "読み込み中にファイルが変わりました。もう一度実行してください / the file changed while it was read; run it again"
    )]
    Changed,
    #[error(
        "{0}: 利用不可の会員です。`renkei member enable {0}` で再開してから申請してください / is a member that is disabled; ask after `renkei member enable {0}`"
    )]
    Disabled(MemberId),
    #[error("{id}: 現在「{}」のため、「{}」はできません。{} / is {} now and cannot be {}: {}", .state.words().ja, .deed.words().ja, .state.way_on().ja, .state.words().en, .deed.words().en, .state.way_on().en)]
    NotNow { id: MandateId, state: State, deed: Deed },
    #[error(
        "{id}: {by} さんは申請した本人です。申請者以外の管理者2人が承認してください / {by} asked for it; two other administrators have to grant it"
    )]
    AskedForIt { id: MandateId, by: String },
    #[error(
        "{id}: {by} さんは承認済みです。別の管理者が承認してください / {by} granted it already; another administrator has to grant it, too"
    )]
    GrantedIt { id: MandateId, by: String },
    #[error(
        "{id}: 時計が最後の記録({last})より前です。時計を直してから、もう一度実行してください / the clock is before the last event ({last}); set it right and run it again"
    )]
    Clock { id: MandateId, last: String },
    #[error("{path}: 既にあります。上書きしません。--out に別のフォルダーを指定してください / is there already and is not overwritten; give another folder by --out", path = .0.display())]
    There(PathBuf),
    #[error(
        "{id}: 封印した写しのSHA-256が申請時と異なります。渡しません。健診機関の依頼でもう一度 `renkei mandate ask` してください / the sealed copy has another SHA-256 than what was asked for, and is not handed out; the institution asks again (`renkei mandate ask`)"
    )]
    Differs { id: MandateId },
}
