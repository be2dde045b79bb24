//! `renkei member prepare`, `disable` and `enable`.

use super::desk::Desk;
use super::{id, said, shown};
use crate::commands::house::HouseArguments;
use crate::members::{Deed, Member, MemberId};
use crate::pki::{NodeName, Pki};
use crate::show;

/// Which, and what is to be remembered.
#[derive(Debug, clap::Args)]
pub(crate) struct NotedArguments {
    /// The member. 会員id。
    #[arg(value_name = "ID", value_parser = id)]
    id: MemberId,
    /// What is to be remembered. 備考。
    #[arg(long, value_name = "TEXT", value_parser = said)]
    note: Option<String>,
    /// Who says so; without it, the account of the system. 実施者。
    #[arg(long, value_name = "NAME", value_parser = said)]
    by: Option<String>,
    #[command(flatten)]
    house: HouseArguments,
    /// Tell it as JSON. JSONで出力する。
    #[arg(long)]
    json: bool,
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
    /// Who decides it; without it, the account of the system. 実施者。
    #[arg(long, value_name = "NAME", value_parser = said)]
    by: Option<String>,
    #[command(flatten)]
    house: HouseArguments,
    /// Tell it as JSON. JSONで出力する。
    #[arg(long)]
    json: bool,
}

/// Status 0.
pub(super) fn prepare(arguments: &NotedArguments) -> anyhow::Result<u8> {
    let desk = Desk::open(&arguments.house, arguments.by.as_deref())?;
    let member = desk.held.members().get(&arguments.id)?;
    let event = desk.event(Deed::Prepare, None, arguments.note.as_deref());
    let member = member.after(event)?;
    desk.carry_out(&member, &[], || Ok(()))?;
    tell(&desk, &member, arguments.json, "")
}

/// Status 0.
pub(super) fn reasoned(deed: Deed, arguments: &ReasonedArguments) -> anyhow::Result<u8> {
    let desk = Desk::open(&arguments.house, arguments.by.as_deref())?;
    let member = desk.held.members().get(&arguments.id)?;
    let member = member.after(desk.event(deed, None, Some(&arguments.reason)))?;
    desk.carry_out(&member, &[], || Ok(()))?;
    tell(&desk, &member, arguments.json, "")
}

/// Its nodes are revoked first: nobody reads that a member cannot connect while it still can. Interrupted, it is
/// done again.
pub(super) fn disable(arguments: &ReasonedArguments) -> anyhow::Result<u8> {
    let desk = Desk::open(&arguments.house, arguments.by.as_deref())?;
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
    tell(&desk, &member, arguments.json, told)
}

fn tell(desk: &Desk, member: &Member, as_json: bool, more: &str) -> anyhow::Result<u8> {
    match as_json {
        true => show::json_line(&shown::as_json(member, &shown::Nodes::at(desk, member)?))?,
        false => {
            let state = member.state().words();
            let name = &member.about.name;
            show::line(&format!("{}  {name}  {} / {}{more}", member.id, state.ja, state.en))?;
        }
    }
    Ok(0)
}
