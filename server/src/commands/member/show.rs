//! `renkei member show`: everything that is known of a member.

use super::shown::{self, Nodes};
use crate::commands::house::HouseArguments;
use crate::members::{Event, Member, MemberId, Members};
use crate::show;
use renkei_context::in_japan;

/// Which.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// The member. 会員id。
    #[arg(value_name = "ID", value_parser = super::id)]
    id: MemberId,
    #[command(flatten)]
    house: HouseArguments,
    /// Tell it as JSON. JSONで出力する。
    #[arg(long)]
    json: bool,
}

/// Status 0.
pub(super) fn run(arguments: &Arguments) -> anyhow::Result<u8> {
    let (settings, dir) = arguments.house.founded()?;
    let member = Members::of(&dir).get(&arguments.id)?;
    let nodes = Nodes::of_one(&member, &dir, settings.members.review_months)?;
    match arguments.json {
        true => {
            let mut told = shown::as_json(&member, &nodes);
            let history = member.about.history.iter().map(shown::event_json).collect();
            told.as_object_mut().map(|told| told.insert("history".to_owned(), history));
            show::json_line(&told)?;
        }
        false => lines(&member, &nodes).iter().try_for_each(|line| show::line(line))?,
    }
    Ok(0)
}

fn lines(member: &Member, nodes: &Nodes) -> Vec<String> {
    let (about, state, kind) = (&member.about, member.state().words(), member.about.kind.row());
    let none = || "-".to_owned();
    let mut lines = vec![
        format!("{}  {}", member.id, about.name),
        format!("状態 / state: {} / {}", state.ja, state.en),
        format!("種別 / kind: {} / {}", kind.ja, kind.en),
        format!("番号 / number: {}", about.number.clone().unwrap_or_else(none)),
        format!("親機関 / belongs to: {}", about.parent.clone().unwrap_or_else(none)),
        format!("連絡先 / contact: {}", about.contact),
        format!("棚卸期限 / review by: {}", shown::due(nodes.due(member))),
        "ノード / nodes:".to_owned(),
    ];
    let let_in: Vec<&str> = nodes.let_in(member).map(|peer| peer.name.as_str()).collect();
    lines.extend(nodes.let_in(member).map(|peer| format!("  {}", shown::node_line(peer))));
    let gone = member.nodes().into_iter().filter(|name| !let_in.contains(name));
    lines.extend(gone.map(|name| format!("  {name}  接続不可 / not let in")));
    lines.push("履歴 / history:".to_owned());
    lines.extend(member.about.history.iter().map(event));
    lines
}

fn event(event: &Event) -> String {
    let words = event.what.words();
    let node = event.node.as_deref().map(|node| format!(" {node}")).unwrap_or_default();
    let account = event.account.as_deref().map(|name| format!(" ({name})")).unwrap_or_default();
    let note = event.note.as_deref().map(|note| format!("  {note}")).unwrap_or_default();
    let at = in_japan(event.at).format("%Y-%m-%d %H:%M");
    format!("  {at}  {} / {}{node}  {}{account}{note}", words.ja, words.en, event.by)
}
