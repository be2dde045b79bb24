//! `renkei member list`: all members, and the nodes that are nobody's.

use super::shown::{self, Nodes};
use crate::commands::house::HouseArguments;
use crate::members::{Member, Members, Read};
use crate::show;
use serde_json::{Value, json};

/// Of which house.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    #[command(flatten)]
    house: HouseArguments,
    /// Tell it as JSON. JSONで出力する。
    #[arg(long)]
    json: bool,
}

/// Some files could not be read.
const NOT_WHOLE: u8 = 2;

/// Which members a command tells.
pub(super) struct Choice {
    /// What they are called in JSON.
    pub(super) key: &'static str,
    /// What people are told where there are none.
    pub(super) none: &'static str,
    pub(super) choose: fn(&Nodes, &[Member]) -> Vec<Member>,
}

/// Status 0; 2 when the file of a member cannot be read.
pub(super) fn run(arguments: &Arguments) -> anyhow::Result<u8> {
    let all = Choice {
        key: "members",
        none: "会員はありません / there are no members",
        choose: |_, members| members.to_vec(),
    };
    tell(&arguments.house, arguments.json, &all)
}

/// The chosen members, the nodes that are nobody's, and what cannot be read.
pub(super) fn tell(house: &HouseArguments, as_json: bool, choice: &Choice) -> anyhow::Result<u8> {
    let (settings, dir) = house.founded()?;
    let Read { members, broken } = Members::of(&dir).read()?;
    let nodes = Nodes::of(&dir, settings.members.review_months)?;
    let of_nobody = match broken.is_empty() {
        true => nodes.of_nobody(&members),
        // They may be those of whose file cannot be read.
        false => Vec::new(),
    };
    let chosen = (choice.choose)(&nodes, &members);
    if as_json {
        let chosen: Vec<Value> = chosen.iter().map(|one| shown::as_json(one, &nodes)).collect();
        let of_nobody = of_nobody.iter().map(|peer| shown::node_json(peer, nodes.now));
        let broken: Vec<String> = broken.iter().map(ToString::to_string).collect();
        show::json_line(&json!({
            choice.key: chosen,
            "of_nobody": of_nobody.collect::<Vec<_>>(),
            "unreadable": broken,
        }))?;
    } else {
        match chosen.is_empty() {
            true => show::line(choice.none)?,
            false => show::line(shown::table(chosen.iter(), &nodes).trim_end())?,
        }
        if !of_nobody.is_empty() {
            show::line("\n会員に属さないノード / nodes that are nobody's")?;
        }
        for peer in of_nobody {
            show::line(&shown::node_line(peer))?;
        }
        broken.iter().try_for_each(|error| show::error_text(&format!("renkei: {error}")))?;
    }
    Ok(if broken.is_empty() { 0 } else { NOT_WHOLE })
}
