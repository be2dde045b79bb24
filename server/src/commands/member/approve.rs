//! `renkei member approve`: a second administrator agrees that a node is entitled to everything of a kind.

use super::desk::Desk;
use super::shown::{self, Nodes};
use super::{id, said};
use crate::commands::house::HouseArguments;
use crate::members::{Deed, MemberId, Refused};
use crate::pki::{NodeName, NotAName, Pki};
use crate::show;

/// Which node of whom.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// The member. 会員id。
    #[arg(value_name = "ID", value_parser = id)]
    id: MemberId,
    /// Its node. ノード名。
    #[arg(value_name = "NODE", value_parser = |s: &str| s.parse::<NodeName>().map_err(|e: NotAName| e))]
    node: NodeName,
    /// Why. 理由。
    #[arg(long, value_name = "TEXT", value_parser = said)]
    note: Option<String>,
    /// Who approves it, another person than who issued it; without it, the account of the system. 承認者。
    #[arg(long, value_name = "NAME", value_parser = said)]
    by: Option<String>,
    #[command(flatten)]
    house: HouseArguments,
    /// Tell it as JSON. JSONで出力する。
    #[arg(long)]
    json: bool,
}

/// Status 0.
pub(super) fn run(arguments: &Arguments) -> anyhow::Result<u8> {
    let Arguments { id, node, .. } = arguments;
    let desk = Desk::open(&arguments.house, arguments.by.as_deref())?;
    let member = desk.held.members().get(id)?;
    member.may_approve(node.as_str(), desk.by())?;
    let pki = Pki::open(&desk.dir)?;
    let not_its = || Refused::NotIts { node: node.to_string(), id: id.clone() };
    let peer = pki.peer(node)?.ok_or_else(not_its)?;
    let words = peer.entitlement.wide().join(", ");
    if words.is_empty() {
        return Err(Refused::NothingWide { node: node.to_string() }.into());
    }
    let note = arguments.note.as_ref().map_or_else(|| words.clone(), |n| format!("{words}: {n}"));
    let member = member.after(desk.event(Deed::Approve, Some(node.as_str()), Some(&note)))?;
    let by = desk.by().to_owned();
    desk.carry_out(&member, &[node.to_string()], || {
        pki.approve(node, &by)?.ok_or_else(not_its)?;
        Ok(())
    })?;
    match arguments.json {
        true => show::json_line(&shown::as_json(&member, &Nodes::at(&desk, &member)?))?,
        false => show::line(&format!(
            "{node}  {words} を承認しました。起動時に知らせません / approved; told at the start no more"
        ))?,
    }
    Ok(0)
}
