//! `renkei mandate grant`: one of two administrators agrees.

use super::desk::DeskArguments;
use super::id;
use super::shown;
use crate::commands::member::said;
use crate::mandates::{Deed, Event, HOURS, MOST_HOURS, MandateId, State};
use chrono::Utc;

/// What, who, and for how long.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// The mandate. 委任id。
    #[arg(value_name = "ID", value_parser = id)]
    id: MandateId,
    /// The administrator who grants it. 承認する管理者。
    #[arg(long, value_name = "NAME", value_parser = said)]
    by: String,
    /// For how many hours from the second grant on, 1 to 72; the shorter time of the two counts. 時間(短い方を採る)。
    #[arg(long, value_name = "N", default_value_t = HOURS, value_parser = hours)]
    hours: u32,
    #[command(flatten)]
    desk: DeskArguments,
}

/// Status 0.
pub(super) fn run(arguments: &Arguments) -> anyhow::Result<u8> {
    let desk = arguments.desk.open()?;
    let mandate = desk.held.mandates().get(&arguments.id)?;
    let now = Utc::now();
    let hours = Some(arguments.hours);
    let event = Event { hours, ..Event::new(now, Deed::Grant, &arguments.by) };
    let mandate = desk.after(&mandate, event)?;
    desk.on_record(&mandate, || Ok(desk.held.put(&mandate)?))?;
    let life = mandate.life(now);
    let (id, until) = (&mandate.id, shown::moment(life.until));
    let told = match life.state {
        State::Open => format!(
            "{id}  {until} まで、`renkei mandate open {id} --by NAME --out DIR` で取り出せます / open until then; the file comes by `renkei mandate open {id} --by NAME --out DIR`"
        ),
        _ => format!(
            "{id}  {until} までに、もう1人の管理者が承認してください / one more administrator has to grant it by then"
        ),
    };
    arguments.desk.tell(&mandate, &told)
}

fn hours(text: &str) -> Result<u32, String> {
    let hours = text.parse().ok().filter(|hours| (1..=MOST_HOURS).contains(hours));
    hours.ok_or_else(|| {
        format!("1〜{MOST_HOURS}の時間数を指定してください / expected hours from 1 to {MOST_HOURS}")
    })
}

#[cfg(test)]
mod tests {
    use super::hours;

    #[test]
    fn hours_end_where_nobody_may_grant_more() {
        assert_eq!((hours("1"), hours("72")), (Ok(1), Ok(72)));
        for wrong in ["0", "73", "-1", "x", ""] {
            let told = hours(wrong).unwrap_err();
            assert!(told.contains(" / ") && told.contains("72"), "{told}");
        }
    }
}
