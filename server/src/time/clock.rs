//! What is known of the clock, for everybody who wants to know.

use super::TimeServer;
use super::ask::Trouble;
use super::source::Source;
use crate::settings::TimeSettings;
use arc_swap::ArcSwap;
use renkei_ntp::agreement;
use renkei_soap::fault::{Fault, rows};
use renkei_xds::transaction::{ITI_41, ITI_42, ITI_61, Transaction};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// So long without an agreement is an alarm.
const LOST: Duration = Duration::from_secs(3600);
/// Nanoseconds of a millisecond.
const MILLISECOND: i64 = 1_000_000;

/// The clock of this machine, as far as it was checked; a clone tells the same.
#[derive(Clone, Debug)]
pub(crate) struct Clock(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    settings: TimeSettings,
    now: ArcSwap<Standing>,
}

/// How the clock stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum State {
    /// No server is configured.
    Unchecked,
    /// Most servers have not agreed yet, or not lately.
    Waiting,
    /// Within the limit.
    Right,
    /// Over the limit, by the last that most servers agreed on.
    Wrong,
    /// Nothing was agreed on for an hour.
    Lost,
}

impl State {
    /// The word in health.
    pub(super) const fn word(self) -> &'static str {
        match self {
            Self::Unchecked => "unchecked",
            Self::Waiting => "waiting",
            Self::Right => "right",
            Self::Wrong => "wrong",
            Self::Lost => "lost",
        }
    }

    /// Whether somebody has to look after it.
    pub(super) const fn is_alarming(self) -> bool {
        matches!(self, Self::Wrong | Self::Lost)
    }
}

/// What is known.
#[derive(Clone, Debug)]
pub(super) struct Standing {
    pub(super) state: State,
    /// What most servers say has to be added to the clock, nanoseconds.
    pub(super) offset: Option<i64>,
    /// When they last agreed, or the watch began.
    pub(super) agreed: Instant,
    pub(super) servers: Vec<Server>,
}

/// What is known of a server.
#[derive(Clone, Debug)]
pub(super) struct Server {
    pub(super) server: TimeServer,
    /// What it says has to be added, nanoseconds.
    pub(super) offset: Option<i64>,
    pub(super) stratum: Option<u8>,
    /// Nanoseconds by which it may be off its reference clock.
    pub(super) dispersion: Option<i64>,
    pub(super) answered: Option<Instant>,
    pub(super) agrees: bool,
    pub(super) trouble: Option<Trouble>,
}

impl Clock {
    /// A clock of which nothing is known.
    pub(crate) fn new(settings: &TimeSettings) -> Self {
        let state = if settings.servers.is_empty() { State::Unchecked } else { State::Waiting };
        let now = Standing { state, offset: None, agreed: Instant::now(), servers: Vec::new() };
        Self(Arc::new(Shared { settings: settings.clone(), now: ArcSwap::from_pointee(now) }))
    }

    /// Refuses a submission while the clock is known to be wrong, if that is the policy: its times would be.
    pub(crate) fn admit(&self, transaction: &Transaction) -> Result<(), Fault> {
        let submits = [&ITI_41, &ITI_42, &ITI_61].iter().any(|t| t.id == transaction.id);
        if !self.0.settings.stop_submissions || !submits {
            return Ok(());
        }
        let standing = self.standing();
        match (standing.state, standing.offset) {
            (State::Wrong, Some(offset)) => {
                let values = [("seconds", &*seconds(offset)), ("limit", &self.limit_ms())];
                Err(Fault::of(&rows::CLOCK_WRONG, &values))
            }
            _ => Ok(()),
        }
    }

    pub(super) fn settings(&self) -> &TimeSettings {
        &self.0.settings
    }

    pub(super) fn standing(&self) -> Arc<Standing> {
        self.0.now.load_full()
    }

    pub(super) fn set(&self, standing: Standing) {
        self.0.now.store(Arc::new(standing));
    }

    fn limit_ms(&self) -> String {
        self.0.settings.limit_ms.to_string()
    }

    /// The limit in nanoseconds.
    pub(super) fn limit(&self) -> i64 {
        self.0.settings.limit_ms.saturating_mul(MILLISECOND)
    }
}

/// How the clock stands by what the servers say. One that was wrong is so until they agree on something else.
pub(super) fn judge(before: &Standing, limit: i64, sources: &[Source], now: Instant) -> Standing {
    let opinions: Vec<_> =
        sources.iter().enumerate().filter_map(|(n, s)| Some((n, s.opinion(now)?))).collect();
    let samples: Vec<_> = opinions.iter().map(|(_, sample)| *sample).collect();
    // Most of all, not of those that answer: one that lies is believed by nobody when the others are down.
    let agreed = agreement(&samples).filter(|a| a.members.len() * 2 > sources.len());
    let members: Vec<usize> = agreed
        .iter()
        .flat_map(|a| &a.members)
        .filter_map(|m| opinions.get(*m))
        .map(|(n, _)| *n)
        .collect();
    let servers = sources.iter().enumerate().map(|(n, source)| Server {
        server: source.server.clone(),
        offset: source.opinion(now).map(|s| s.offset),
        stratum: source.answered.map(|(_, answer)| answer.stratum),
        dispersion: source.answered.map(|(_, answer)| answer.root_dispersion),
        answered: source.answered.map(|(at, _)| at),
        agrees: members.contains(&n),
        trouble: source.trouble,
    });
    let servers = servers.collect();
    let Some(agreed) = agreed else {
        let state = match before.state {
            State::Wrong => State::Wrong,
            _ if now.saturating_duration_since(before.agreed) >= LOST => State::Lost,
            _ => State::Waiting,
        };
        return Standing { state, servers, ..before.clone() };
    };
    let is_right = agreed.offset.saturating_abs() < limit;
    let state = if is_right { State::Right } else { State::Wrong };
    Standing { state, offset: Some(agreed.offset), agreed: now, servers }
}

/// Seconds for people.
pub(super) fn seconds(nanos: i64) -> String {
    format!("{:.1}", nanos.saturating_abs() as f64 / 1e9)
}
