//! Asks the servers again and again, and tells when the clock stops or starts to be right.

use super::ask::ask;
use super::clock::{Clock, Standing, State, judge, seconds};
use super::source::Source;
use futures_util::future::join_all;
use renkei_atna::build::{self, Local};
use renkei_atna::record::Outcome;
use renkei_atna::sink::Sink;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// The standing is looked at so often even if nobody is to be asked.
const ROUND: Duration = Duration::from_secs(60);

impl Clock {
    /// Watches the clock; `None` without servers. The alarm goes to `sink` as well.
    pub(crate) fn watch(
        &self,
        sink: Arc<dyn Sink>,
        local: Local,
    ) -> Option<impl Future<Output = ()> + use<>> {
        let clock = self.clone();
        (!clock.settings().servers.is_empty()).then(|| watch(clock, sink, local))
    }
}

async fn watch(clock: Clock, sink: Arc<dyn Sink>, local: Local) {
    let poll = Duration::from_secs(clock.settings().poll_seconds);
    let servers = clock.settings().servers.iter().cloned();
    let mut sources: Vec<Source> =
        servers.map(|server| Source::new(server, poll, Instant::now())).collect();
    loop {
        let now = Instant::now();
        let due = sources.iter_mut().filter(|source| source.is_due(now));
        join_all(due.map(async |source| {
            let asked = ask(&source.server).await;
            source.take(asked, Instant::now());
        }))
        .await;
        let before = clock.standing();
        let after = judge(&before, clock.limit(), &sources, Instant::now());
        tell(&before, &after, clock.limit());
        clock.set(after.clone());
        if let Some((outcome, why)) = alarm(&before, &after) {
            let (at, id) = (chrono::Utc::now(), uuid::Uuid::new_v4());
            let record = build::clock_alarm(at, id, &local, outcome, &why);
            if let Err(error) = sink.record(record).await {
                tracing::error!(%error, "an alarm about the clock was not recorded");
            }
        }
        let next = sources.iter().filter_map(|source| source.due).min();
        let latest = Instant::now() + ROUND;
        tokio::time::sleep_until(next.map_or(latest, |next| next.min(latest)).into()).await;
    }
}

/// The record of an alarm that begins or ends.
fn alarm(before: &Standing, after: &Standing) -> Option<(Outcome, String)> {
    match (before.state.is_alarming(), after.state.is_alarming()) {
        (false, true) => Some((Outcome::MinorFailure, said(after))),
        (true, false) => Some((Outcome::Success, said(after))),
        // The one alarm in the place of the other.
        (true, true) if before.state != after.state => Some((Outcome::MinorFailure, said(after))),
        _ => None,
    }
}

fn said(standing: &Standing) -> String {
    let offset = standing.offset.map(seconds).unwrap_or_default();
    match standing.state {
        State::Wrong => format!("the clock is off by {offset} seconds"),
        State::Lost => "no time servers have agreed on the time for an hour".to_owned(),
        State::Right => format!("the clock is right again, within {offset} seconds"),
        State::Waiting | State::Unchecked => "the clock is not checked at present".to_owned(),
    }
}

/// A line in the log when something changes, and when half of the limit is used up.
fn tell(before: &Standing, after: &Standing, limit: i64) {
    let uses_half = |s: &Standing| s.offset.is_some_and(|o| o.saturating_abs() >= limit / 2);
    match (before.state, after.state) {
        (State::Wrong, State::Wrong) | (State::Lost, State::Lost) => {}
        (_, State::Wrong | State::Lost) => tracing::error!("{}", said(after)),
        (State::Wrong | State::Lost, State::Right) => tracing::info!("{}", said(after)),
        (State::Right, State::Waiting) => tracing::warn!("the time servers agree no more"),
        (_, State::Right) if uses_half(after) && !uses_half(before) => {
            let offset = after.offset.map(seconds).unwrap_or_default();
            tracing::warn!(
                "the clock is off by {offset} seconds, half of what time.limit_ms allows"
            );
        }
        _ => {}
    }
}
