//! `renkei member prepare`, `disable` and `enable`.

use super::desk::{Desk, DeskArguments};
use super::{id, said};
use crate::members::{Deed, Member, MemberId};
use crate::pki::{NodeName, Pki};

/// Which, and what is to be remembered.
#[derive(Debug, clap::Args)]
pub(crate) struct NotedArguments {
    /// The member. 会員id。
    #[arg(value_name = "ID", value_parser = id)]
    id: MemberId,
    /// What is to be remembered. 備考。
    #[arg(long, value_name = "TEXT", value_parser = said)]
    note: Option<String>,
    #[command(flatten)]
    desk: DeskArguments,
}

/// Which, and why.
#[derive(Debug, clap::Args)]
pub(crate) struct ReasonedArguments {
    /// The member. 会員id。
    #[arg(value_name = "ID", value_parser = id)]
    id: MemberId,
    /// Why. 理由。
    #[arg(long, value_name = "TEXT", value_parser = said)]
    reason: String,
    #[command(flatten)]
    desk: DeskArguments,
}

/// Status 0.
pub(super) fn prepare(arguments: &NotedArguments) -> anyhow::Result<u8> {
    let desk = arguments.desk.open()?;
    let member = desk.held.members().get(&arguments.id)?;
    let event = desk.event(Deed::Prepare, None, arguments.note.as_deref());
    let member = member.after(event)?;
    desk.carry_out(&member, &[], || Ok(()))?;
    tell(&arguments.desk, &desk, &member, "")
}

/// Status 0.
pub(super) fn reasoned(deed: Deed, arguments: &ReasonedArguments) -> anyhow::Result<u8> {
    let desk = arguments.desk.open()?;
    let member = desk.held.members().get(&arguments.id)?;
    let member = member.after(desk.event(deed, None, Some(&arguments.reason)))?;
    desk.carry_out(&member, &[], || Ok(()))?;
    tell(&arguments.desk, &desk, &member, "")
}

/// Its nodes are revoked first: nobody reads that a member cannot connect while it still can. Interrupted, it is
/// done again.
pub(super) fn disable(arguments: &ReasonedArguments) -> anyhow::Result<u8> {
    let desk = arguments.desk.open()?;
    let member = desk.held.members().get(&arguments.id)?;
    let nodes: Vec<String> = member.nodes().into_iter().map(str::to_owned).collect();
    let member = member.after(desk.event(Deed::Disable, None, Some(&arguments.reason)))?;
    let pki = Pki::open(&desk.dir)?;
    desk.carry_out(&member, &nodes, || {
        for node in &nodes {
            pki.revoke(&node.parse::<NodeName>()?)?;
        }
        Ok(())
    })?;
    let told = match nodes.is_empty() {
        true => "",
        false => {
            "。稼働中の拠点は1秒以内に接続を切断します / a running house ends its connections within a second"
        }
    };
    tell(&arguments.desk, &desk, &member, told)
}

/// Tells what it is now.
fn tell(by: &DeskArguments, desk: &Desk, member: &Member, more: &str) -> anyhow::Result<u8> {
    let (state, name) = (member.state().words(), &member.about.name);
    let told = format!("{}  {name}  {} / {}{more}", member.id, state.ja, state.en);
    by.tell(desk, member, &told)
}
