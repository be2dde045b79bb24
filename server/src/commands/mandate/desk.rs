//! The mandates of a house while they are looked at and changed, and its audit trail.

use super::shown;
use crate::commands::house::HouseArguments;
use crate::commands::trail::Trail;
use crate::host;
use crate::mandates::{Deed, Event, Held, Mandate, Mandates};
use crate::settings::Settings;
use crate::show;
use crate::site::Site;
use chrono::Utc;
use renkei_sealing::KeyRing;
use std::io::{self, Write};
use std::path::PathBuf;

/// Of which house, and how it is told.
#[derive(Debug, clap::Args)]
pub(super) struct DeskArguments {
    #[command(flatten)]
    pub(super) house: HouseArguments,
    /// Tell it as JSON. JSONで出力する。
    #[arg(long)]
    pub(super) json: bool,
}

impl DeskArguments {
    /// Tells machines the mandate as it is now, and people `text`.
    pub(super) fn tell(&self, mandate: &Mandate, text: &str) -> anyhow::Result<u8> {
        match self.json {
            true => show::json_line(&shown::as_json(mandate, Utc::now()))?,
            false => show::line(text)?,
        }
        Ok(0)
    }

    /// That of the house. What is over is erased before anything else is done.
    pub(super) fn open(&self) -> anyhow::Result<Desk> {
        let (settings, dir) = self.house.founded()?;
        let keys = KeyRing::open_or_create(&Site::keys_dir_of(&dir))?;
        let held = Mandates::of(&dir).hold()?;
        let desk = Desk { dir, settings, keys, held };
        desk.held.clear()?;
        for mandate in desk.held.mandates().read()?.mandates {
            let id = mandate.id.clone();
            // One that cannot be erased keeps nobody from ending another.
            if let Err(error) = desk.erase_if_over(mandate) {
                writeln!(
                    io::stderr(),
                    "renkei: {id}: 写しを消去できません / its copy cannot be erased: {error:#}"
                )?;
            }
        }
        Ok(desk)
    }
}

/// What a command about mandates works with. Nobody else changes them meanwhile.
pub(super) struct Desk {
    dir: PathBuf,
    settings: Settings,
    pub(super) keys: KeyRing,
    pub(super) held: Held,
}

impl Desk {
    /// A mandate after something more that happens; that it was refused is on record, too.
    pub(super) fn after(&self, mandate: &Mandate, event: Event) -> anyhow::Result<Mandate> {
        let why = match mandate.clone().after(event.clone()) {
            Ok(mandate) => return Ok(mandate),
            Err(why) => why,
        };
        let mut tried = mandate.clone();
        tried.about.history.push(event);
        let trail = Trail::open(&self.dir, &self.settings, &self.keys)?;
        let record = |at, id, operator: &_, local: &_| tried.record(at, id, operator, local);
        crate::commands::runtime()?.block_on(trail.refused(record, &why.to_string()))?;
        Err(why.into())
    }

    /// Does `work` for the last event of `mandate`, which is on record before.
    pub(super) fn on_record<T>(
        &self,
        mandate: &Mandate,
        work: impl FnOnce() -> anyhow::Result<T>,
    ) -> anyhow::Result<T> {
        let trail = Trail::open(&self.dir, &self.settings, &self.keys)?;
        let record = |at, id, operator: &_, local: &_| mandate.record(at, id, operator, local);
        crate::commands::runtime()?.block_on(trail.on_record(record, async { work() }))
    }

    /// Erases the copy of what is over, on record; answers the mandate as it is then.
    pub(super) fn erase_if_over(&self, mandate: Mandate) -> anyhow::Result<Mandate> {
        if !mandate.life(Utc::now()).is_over() {
            return Ok(mandate);
        }
        let erased = mandate.after(Event::new(Utc::now(), Deed::Erase, &host::operator()))?;
        self.on_record(&erased, || Ok(self.held.erase(&erased)?))?;
        Ok(erased)
    }
}
