//! `renkei mandate`: after a conversion error somebody looks at the one file that it is about: asked for by the
//! institution, granted by two administrators, for a time, each step on record before it is done.

mod ask;
mod close;
mod desk;
mod grant;
mod list;
mod open;
mod show;
mod shown;

use crate::mandates::{MandateId, NotAMandateId};

/// What to do.
#[derive(Debug, clap::Subcommand)]
pub(crate) enum Command {
    /// For an institution: convert its file and, where that finds errors, keep a sealed copy that may be looked at once it
    /// is granted. 健診機関の依頼で、変換エラーのあるファイルの閲覧を申請する。
    Ask(Box<ask::Arguments>),
    /// As one of two administrators, neither of whom asked for it, grant it; the time begins with the second.
    /// 管理者として承認する(申請者以外の2人)。
    Grant(grant::Arguments),
    /// Take the file out, as it was handed in. 承認されたファイルを取り出す。
    Open(open::Arguments),
    /// List the mandates: states, counts, errors, never data. 委任の一覧(状態、件数、エラーのみ)。
    List(list::Arguments),
    /// Show a mandate with its whole history. 委任の詳細と履歴。
    Show(show::Arguments),
    /// End it before its time; the sealed copy is erased. 期限前に終了し、写しを消去する。
    Close(close::Arguments),
}

/// Runs the command.
pub(crate) fn run(command: &Command) -> anyhow::Result<u8> {
    match command {
        Command::Ask(arguments) => ask::run(arguments),
        Command::Grant(arguments) => grant::run(arguments),
        Command::Open(arguments) => open::run(arguments),
        Command::List(arguments) => list::run(arguments),
        Command::Show(arguments) => show::run(arguments),
        Command::Close(arguments) => close::run(arguments),
    }
}

/// The id of a mandate, as every command takes it.
fn id(text: &str) -> Result<MandateId, NotAMandateId> {
    text.parse()
}
