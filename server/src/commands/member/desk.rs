//! The members of a house while they are changed, and its audit trail.

use super::{said, shown};
use crate::commands::house::HouseArguments;
use crate::commands::trail::Trail;
use crate::host;
use crate::members::{Deed, Event, Held, Member, Members};
use crate::settings::Settings;
use crate::show;
use crate::site::Site;
use anyhow::Context;
use chrono::Utc;
use renkei_atna::build::{self, Local, Peer};
use renkei_sealing::KeyRing;
use std::path::PathBuf;

/// Who changes them, of which house, and how it is told.
#[derive(Debug, clap::Args)]
pub(super) struct DeskArguments {
    /// Who does it; without it, the account of the system. 実施者。
    #[arg(long, value_name = "NAME", value_parser = said)]
    by: Option<String>,
    #[command(flatten)]
    house: HouseArguments,
    /// Tell it as JSON. JSONで出力する。
    #[arg(long)]
    json: bool,
}

impl DeskArguments {
    pub(super) fn open(&self) -> anyhow::Result<Desk> {
        Desk::open(&self.house, self.by.as_deref())
    }

    /// Tells machines the member as it is now, and people `text`.
    pub(super) fn tell(&self, desk: &Desk, member: &Member, text: &str) -> anyhow::Result<u8> {
        match self.json {
            true => show::json_line(&shown::as_json(member, &shown::Nodes::at(desk, member)?))?,
            false => show::line(text)?,
        }
        Ok(0)
    }
}

/// What a change of members works with. Nobody else changes them meanwhile.
pub(in crate::commands) struct Desk {
    pub(super) dir: PathBuf,
    pub(super) settings: Settings,
    pub(in crate::commands) held: Held,
    by: String,
}

impl Desk {
    /// That of a house, which need not have been started yet; `by` says who is there, else the account does.
    pub(in crate::commands) fn open(
        house: &HouseArguments,
        by: Option<&str>,
    ) -> anyhow::Result<Self> {
        let settings = house.settings()?;
        let dir = &house.data_dir;
        let dir = dir.canonicalize().with_context(|| dir.display().to_string())?;
        let held = Members::of(&dir).hold()?;
        let by = by.map_or_else(host::operator, str::to_owned);
        Ok(Self { dir, settings, held, by })
    }

    /// Who is there.
    pub(super) fn by(&self) -> &str {
        &self.by
    }

    /// What happens now.
    pub(in crate::commands) fn event(
        &self,
        what: Deed,
        node: Option<&str>,
        note: Option<&str>,
    ) -> Event {
        let account = host::operator();
        Event {
            at: Utc::now(),
            what,
            by: self.by.clone(),
            account: (account != self.by).then_some(account),
            node: node.map(str::to_owned),
            note: note.map(str::to_owned),
        }
    }

    /// Does `work` for the last event of `member`, which is on record before, with the nodes that it is about, and in
    /// the member's history after: what failed did not happen.
    pub(in crate::commands) fn carry_out<T>(
        &self,
        member: &Member,
        nodes: &[String],
        work: impl FnOnce() -> anyhow::Result<T>,
    ) -> anyhow::Result<T> {
        let keys = KeyRing::open_or_create(&Site::keys_dir_of(&self.dir))?;
        let trail = Trail::open(&self.dir, &self.settings, &keys)?;
        let told = told(member);
        let record = |at, id, operator: &Peer, local: &Local| {
            build::member_changed(at, id, operator, (member.id.as_str(), nodes), &told, local)
        };
        let deed = async {
            let done = work()?;
            self.held.put(member)?;
            anyhow::Ok(done)
        };
        crate::commands::runtime()?.block_on(trail.on_record(record, deed))
    }
}

/// The last event of a member, as an auditor reads it.
fn told(member: &Member) -> String {
    let Some(event) = member.about.history.last() else { return String::new() };
    let words = event.what.words();
    let node = event.node.as_deref().map(|node| format!(" {node}")).unwrap_or_default();
    let note = event.note.as_deref().map(|note| format!(": {note}")).unwrap_or_default();
    format!("{} / {}{node} ({}, by {}){note}", words.ja, words.en, member.about.name, event.by)
}
