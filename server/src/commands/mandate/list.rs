//! `renkei mandate list`: all of them, in states, counts and errors.

use super::desk::DeskArguments;
use super::shown;
use crate::mandates::Read;
use crate::show;
use chrono::Utc;
use serde_json::{Value, json};

/// Of which house.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    #[command(flatten)]
    desk: DeskArguments,
}

/// Some records could not be read.
const NOT_WHOLE: u8 = 2;

/// Status 0; 2 when a record cannot be read.
pub(super) fn run(arguments: &Arguments) -> anyhow::Result<u8> {
    let desk = arguments.desk.open()?;
    let Read { mandates, broken } = desk.held.mandates().read()?;
    let now = Utc::now();
    if arguments.desk.json {
        let mandates: Vec<Value> = mandates.iter().map(|one| shown::as_json(one, now)).collect();
        let broken: Vec<String> = broken.iter().map(ToString::to_string).collect();
        show::json_line(&json!({ "mandates": mandates, "unreadable": broken }))?;
    } else {
        match mandates.is_empty() {
            true => show::line("委任はありません / there are no mandates")?,
            false => show::line(shown::table(&mandates, now).trim_end())?,
        }
        broken.iter().try_for_each(|error| show::error_text(&format!("renkei: {error}")))?;
    }
    Ok(if broken.is_empty() { 0 } else { NOT_WHOLE })
}
