//! `renkei member approve`: a second administrator agrees that a node is entitled to everything of a kind.

use super::desk::DeskArguments;
use super::{id, said};
use crate::members::{Deed, MemberId, Refused};
use crate::pki::{NodeName, NotAName, Pki};

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
    #[command(flatten)]
    desk: DeskArguments,
}

/// Status 0.
pub(super) fn run(arguments: &Arguments) -> anyhow::Result<u8> {
    let Arguments { id, node, .. } = arguments;
    let desk = arguments.desk.open()?;
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
    let told = format!(
        "{node}  {words} を承認しました。起動時に知らせません / approved; told at the start no more"
    );
    arguments.desk.tell(&desk, &member, &told)
}
