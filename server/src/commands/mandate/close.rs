//! `renkei mandate close`: nobody needs to look any more.

use super::desk::DeskArguments;
use super::id;
use crate::commands::member::said;
use crate::host;
use crate::mandates::{Deed, Event, MandateId};
use chrono::Utc;

/// What, who, and what was found.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// The mandate. 委任id。
    #[arg(value_name = "ID", value_parser = id)]
    id: MandateId,
    /// Who ends it; without it, the account of the system. 実施者。
    #[arg(long, value_name = "NAME", value_parser = said)]
    by: Option<String>,
    /// What was found; it stays on record, so it names nobody. 判明した原因(記録に残るため、個人名は書かない)。
    #[arg(long, value_name = "TEXT", value_parser = said)]
    note: Option<String>,
    #[command(flatten)]
    desk: DeskArguments,
}

/// Status 0.
pub(super) fn run(arguments: &Arguments) -> anyhow::Result<u8> {
    let desk = arguments.desk.open()?;
    let mandate = desk.held.mandates().get(&arguments.id)?;
    let by = arguments.by.clone().unwrap_or_else(host::operator);
    let note = arguments.note.clone();
    let event = Event { note, ..Event::new(Utc::now(), Deed::Close, &by) };
    let mandate = desk.after(&mandate, event)?;
    desk.on_record(&mandate, || Ok(desk.held.put(&mandate)?))?;
    let mandate = desk.erase_if_over(mandate)?;
    let told = format!(
        "{}  終了しました。封印した写しは消去しました / closed; the sealed copy is erased",
        mandate.id
    );
    arguments.desk.tell(&mandate, &told)
}
