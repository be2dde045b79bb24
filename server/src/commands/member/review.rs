//! `renkei member review`: 棚卸. Somebody looks whether a member still is what is written of it, and signs that off.

use super::desk::Desk;
use super::list::{self, Choice};
use super::shown::{self, Nodes};
use super::{id, said};
use crate::commands::house::HouseArguments;
use crate::members::{Deed, Due, Member, MemberId};
use crate::show;

/// Which, and what was found.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// The member; without it, those that are overdue or due within thirty days are listed, and the nodes that are
    /// nobody's. 会員id。省略すると、期限の近い会員と、会員に属さないノードの一覧。
    #[arg(value_name = "ID", value_parser = id)]
    id: Option<MemberId>,
    /// What was found. 所見。
    #[arg(long, value_name = "TEXT", requires = "id", value_parser = said)]
    note: Option<String>,
    /// Who reviewed it; without it, the account of the system. 実施者。
    #[arg(long, value_name = "NAME", requires = "id", value_parser = said)]
    by: Option<String>,
    #[command(flatten)]
    house: HouseArguments,
    /// Tell it as JSON. JSONで出力する。
    #[arg(long)]
    json: bool,
}

/// Status 0; of the list 2 when the file of a member cannot be read.
pub(super) fn run(arguments: &Arguments) -> anyhow::Result<u8> {
    match &arguments.id {
        Some(id) => sign_off(id, arguments),
        None => waiting(arguments),
    }
}

fn sign_off(id: &MemberId, arguments: &Arguments) -> anyhow::Result<u8> {
    let desk = Desk::open(&arguments.house, arguments.by.as_deref())?;
    let member = desk.held.members().get(id)?;
    let nodes = Nodes::at(&desk, &member)?;
    let note = found(&member, &nodes, arguments.note.as_deref());
    let member = member.after(desk.event(Deed::Review, None, Some(&note)))?;
    desk.carry_out(&member, &[], || Ok(()))?;
    match arguments.json {
        true => show::json_line(&shown::as_json(&member, &nodes))?,
        false => show::line(&format!(
            "{id}  {}  棚卸を記録しました({})。次の期限 / reviewed; to be reviewed again by: {}",
            member.about.name,
            desk.by(),
            shown::due(nodes.due(&member))
        ))?,
    }
    Ok(0)
}

/// What was signed off: the words of whoever did, and the nodes as they were.
fn found(member: &Member, nodes: &Nodes, note: Option<&str>) -> String {
    let let_in: Vec<String> = nodes.let_in(member).map(shown::node_line).collect();
    let let_in = match let_in.is_empty() {
        true => "ノードなし / no nodes".to_owned(),
        false => let_in.join("; "),
    };
    note.map_or_else(|| let_in.clone(), |note| format!("{note} [{let_in}]"))
}

/// Those that are due, the first of them first.
fn waiting(arguments: &Arguments) -> anyhow::Result<u8> {
    let choose = |nodes: &Nodes, members: &[Member]| {
        let is_near = |due: &Due| due.is_over() || due.is_soon();
        let due = |member: &Member| nodes.due(member).filter(is_near);
        let mut waiting = members.to_vec();
        waiting.retain(|member| due(member).is_some());
        waiting.sort_by_key(due);
        waiting
    };
    let none = "期限の近い棚卸はありません / no review is due";
    list::tell(&arguments.house, arguments.json, &Choice { key: "due", none, choose })
}
