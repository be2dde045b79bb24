//! `renkei mandate show`: everything that is known of a mandate.

use super::desk::DeskArguments;
use super::{id, shown};
use crate::mandates::{Event, Mandate, MandateId};
use crate::show;
use chrono::{DateTime, Utc};

/// Which.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// The mandate. 委任id。
    #[arg(value_name = "ID", value_parser = id)]
    id: MandateId,
    #[command(flatten)]
    desk: DeskArguments,
}

/// Status 0.
pub(super) fn run(arguments: &Arguments) -> anyhow::Result<u8> {
    let desk = arguments.desk.open()?;
    let mandate = desk.held.mandates().get(&arguments.id)?;
    let now = Utc::now();
    match arguments.desk.json {
        true => {
            let mut told = shown::as_json(&mandate, now);
            let history = mandate.about.history.iter().map(shown::event_json).collect();
            told.as_object_mut().map(|told| told.insert("history".to_owned(), history));
            show::json_line(&told)?;
        }
        false => lines(&mandate, now).iter().try_for_each(|line| show::line(line))?,
    }
    Ok(0)
}

fn lines(mandate: &Mandate, now: DateTime<Utc>) -> Vec<String> {
    let (about, life) = (&mandate.about, mandate.life(now));
    let (state, until) = (life.state.words(), shown::moment(life.until));
    let mut lines = vec![
        format!("{}  {} / {}  {until}", mandate.id, state.ja, state.en),
        format!("会員 / member: {}", about.member),
        format!("目的 / reason: {}", about.reason),
        format!("SHA-256: {}  {} bytes", about.sha256, about.size),
        format!("行 / rows: {}  受理 / accepted: {}", about.rows, about.accepted),
        format!("エラー / errors: {}", mandate.errors()),
        format!("写し / copy: {}", shown::copy(&life)),
        "履歴 / history:".to_owned(),
    ];
    lines.extend(about.history.iter().map(event));
    lines
}

fn event(event: &Event) -> String {
    let words = event.what.words();
    let account = event.account.as_deref().map(|name| format!(" ({name})")).unwrap_or_default();
    let hours = event.hours.map(|hours| format!("  {hours}時間 / hours")).unwrap_or_default();
    let note = event.note.as_deref().map(|note| format!("  {note}")).unwrap_or_default();
    let at = shown::moment(event.at);
    format!("  {at}  {} / {}  {}{account}{hours}{note}", words.ja, words.en, event.by)
}
