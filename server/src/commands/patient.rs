//! `renkei patient`: who is one person with whom, and what people decide of that.

mod desk;
mod explain;
mod feed;
mod find;
mod link;
mod merge;
mod rematch;
mod review;
mod shown;
mod xref;

use renkei_metadata::ids::PatientId;

/// What to do.
#[derive(Debug, clap::Subcommand)]
pub(crate) enum Command {
    /// Who is registered, by what is known of them (ITI-47). 登録されている方を探す。
    Find(find::Arguments),
    /// By which other identifiers somebody is known (ITI-45). 他の発行者でのIDを調べる。
    Xref(xref::Arguments),
    /// Send what a file says of patients (ITI-8, ITI-44). 患者情報のファイルを送信する。
    Feed(feed::Arguments),
    /// Show the pairs that wait for somebody, side by side. 確認待ちの組を並べて表示する。
    Review(review::Arguments),
    /// Two records are one person. 2つの記録を同一人物とする。
    Link(link::Arguments),
    /// Two records are two persons. 2つの記録を別人とする。
    Unlink(link::Arguments),
    /// Take back what was decided of two records, or a proposed merge. 判断を取り消す。
    Undo(link::Arguments),
    /// Why two records are, or are not, one person. 名寄せの理由を表示する。
    Explain(explain::Arguments),
    /// Try other rules of matching on all records, or put them in force. 名寄せの規則を試す・適用する。
    Rematch(rematch::Arguments),
    /// One patient id for two, at the registry as well: proposed by one person, confirmed by another (ITI-8 A40).
    /// 患者IDを統合する(提案と、別の人による確認)。
    Merge(merge::Arguments),
}

/// Runs the command.
pub(crate) fn run(command: &Command) -> anyhow::Result<u8> {
    match command {
        Command::Find(arguments) => find::run(arguments),
        Command::Xref(arguments) => xref::run(arguments),
        Command::Feed(arguments) => feed::run(arguments),
        Command::Review(arguments) => review::run(arguments),
        Command::Link(arguments) => link::run(link::Wish::Link, arguments),
        Command::Unlink(arguments) => link::run(link::Wish::Unlink, arguments),
        Command::Undo(arguments) => link::run(link::Wish::Undo, arguments),
        Command::Explain(arguments) => explain::run(arguments),
        Command::Rematch(arguments) => rematch::run(arguments),
        Command::Merge(arguments) => merge::run(arguments),
    }
}

/// Two records, as every command names them.
#[derive(Debug, clap::Args)]
pub(crate) struct PairArguments {
    /// A patient, as ID^^^&OID&ISO. 患者ID(CX)。
    #[arg(value_name = "A", value_parser = cx)]
    a: PatientId,
    /// Another one. もう一方の患者ID(CX)。
    #[arg(value_name = "B", value_parser = cx)]
    b: PatientId,
}

impl PairArguments {
    fn names(&self) -> Vec<String> {
        vec![self.a.to_string(), self.b.to_string()]
    }
}

fn cx(text: &str) -> Result<PatientId, String> {
    PatientId::parse(text)
        .map_err(|wrong| format!("expected {} / {}", wrong.expected, wrong.expected_ja))
}
