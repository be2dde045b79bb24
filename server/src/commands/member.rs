//! `renkei member`: who belongs to the community, from their application to their end.

mod add;
mod approve;
mod change;
pub(super) mod desk;
mod list;
mod review;
mod show;
mod shown;

use crate::members::{Deed, MemberId, NotAMemberId};

/// What to do.
#[derive(Debug, clap::Subcommand)]
pub(crate) enum Command {
    /// Enter a member that applied. 申請した会員を登録する。
    Add(Box<add::Arguments>),
    /// What a member needs to begin is there (its conversion map, its contract). 利用開始の準備が整った。
    Prepare(change::NotedArguments),
    /// List the members with their state and when each is to be reviewed, and the nodes that are nobody's.
    /// 会員の一覧(状態、棚卸の期限、会員に属さないノード)。
    List(list::Arguments),
    /// Show a member: its nodes, what they are entitled to, and its whole history. 会員の詳細と履歴。
    Show(show::Arguments),
    /// Sign off the review of a member; without an id, list those that are due. 棚卸を記録する。idなしで期限の一覧。
    Review(review::Arguments),
    /// As a second administrator, approve that a node is entitled to everything of a kind (domain, any).
    /// 別の管理者として、広い権限(domain、any)を承認する。
    Approve(approve::Arguments),
    /// Let a member's nodes in no more, within a second; everything that is known of it stays. 利用不可にする。
    Disable(change::ReasonedArguments),
    /// A member that was disabled begins anew, as one that applied; its nodes are issued again. 利用を再開する。
    Enable(change::ReasonedArguments),
}

/// Runs the command.
pub(crate) fn run(command: &Command) -> anyhow::Result<u8> {
    match command {
        Command::Add(arguments) => add::run(arguments),
        Command::Prepare(arguments) => change::prepare(arguments),
        Command::List(arguments) => list::run(arguments),
        Command::Show(arguments) => show::run(arguments),
        Command::Review(arguments) => review::run(arguments),
        Command::Approve(arguments) => approve::run(arguments),
        Command::Disable(arguments) => change::disable(arguments),
        Command::Enable(arguments) => change::reasoned(Deed::Enable, arguments),
    }
}

/// The id of a member, as every command takes it.
pub(super) fn id(text: &str) -> Result<MemberId, NotAMemberId> {
    text.parse()
}

/// A text that says something, on one line.
pub(super) fn said(text: &str) -> Result<String, String> {
    let text = text.trim();
    let fits = (1..=500).contains(&text.chars().count()) && !text.chars().any(char::is_control);
    match fits {
        true => Ok(text.to_owned()),
        false => {
            Err("expected 1 to 500 characters on one line / 1〜500文字、改行なしで指定してください"
                .to_owned())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::said;

    #[test]
    fn a_text_says_something_on_one_line() {
        assert_eq!(said(" 異動なし ").as_deref(), Ok("異動なし"));
        for wrong in ["", "  ", "a\nb", &"あ".repeat(501)] {
            let told = said(wrong).unwrap_err();
            assert!(told.contains(" / ") && !told.is_ascii(), "{told}");
        }
    }
}
