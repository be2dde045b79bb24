//! The life of a mandate: what may be done with it when, by whom, and what it is then. Pure: what happened and the time go
//! in. Its table is shown in docs/ACCESS.md.

use super::Event;
use crate::members::{Words, is_same, words};
use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

/// Hours for which access is granted where nobody says how many.
pub(crate) const HOURS: u32 = 24;
/// The most that may be granted.
pub(crate) const MOST_HOURS: u32 = 72;
/// Days within which two administrators grant what was asked for. A copy of people's results does not wait for ever.
pub(crate) const DAYS_TO_GRANT: u32 = 14;

/// What a mandate is at a time. It follows from its history and the clock, and is kept nowhere.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum State {
    Asked,
    GrantedOnce,
    Open,
    Ended,
    Closed,
}

/// What is done with a mandate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Deed {
    Ask,
    Grant,
    Open,
    Close,
    Erase,
}

/// What a deed makes of a state.
pub(crate) struct Step {
    pub(crate) deed: Deed,
    pub(crate) from: State,
    pub(crate) to: State,
}

const fn step(deed: Deed, from: State, to: State) -> Step {
    Step { deed, from, to }
}

/// All that may be done with a mandate that was asked for; what is not in it is refused.
pub(crate) static STEPS: &[Step] = &[
    step(Deed::Grant, State::Asked, State::GrantedOnce),
    step(Deed::Grant, State::GrantedOnce, State::Open),
    step(Deed::Open, State::Open, State::Open),
    step(Deed::Close, State::Asked, State::Closed),
    step(Deed::Close, State::GrantedOnce, State::Closed),
    step(Deed::Close, State::Open, State::Closed),
    step(Deed::Erase, State::Ended, State::Ended),
    step(Deed::Erase, State::Closed, State::Closed),
];

/// Why something cannot be done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Cannot {
    /// Not in this state.
    NotNow(State, Deed),
    /// Who grants it asked for it.
    AskedForIt,
    /// Who grants it granted it already.
    GrantedIt,
}

/// Everything that follows from what happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Life {
    pub(crate) state: State,
    /// When it ends by itself, or when it ended.
    pub(crate) until: DateTime<Utc>,
    /// Who asked for it.
    pub(crate) asked_by: String,
    /// Who granted it, and for how many hours.
    pub(crate) grants: Vec<(String, u32)>,
    /// How often it was opened.
    pub(crate) opened: u32,
    /// Whether the sealed copy is gone.
    pub(crate) erased: bool,
}

impl Life {
    /// That of a mandate that is asked for by `event`.
    pub(crate) fn begun(event: &Event) -> Self {
        Self {
            state: State::Asked,
            until: later(event.at, TimeDelta::days(DAYS_TO_GRANT.into())),
            asked_by: event.by.clone(),
            grants: Vec::new(),
            opened: 0,
            erased: false,
        }
    }

    /// That of a record of nothing, which opens nothing.
    pub(super) fn nothing(now: DateTime<Utc>) -> Self {
        let (asked_by, grants) = (String::new(), Vec::new());
        Self { state: State::Ended, until: now, asked_by, grants, opened: 0, erased: false }
    }

    /// The same at a time: what has an end is over from that moment on.
    pub(crate) fn at(mut self, now: DateTime<Utc>) -> Self {
        if self.state.has_an_end() && now >= self.until {
            self.state = State::Ended;
        }
        self
    }

    /// The same after something more happened, at the time of that.
    pub(crate) fn after(&self, event: &Event) -> Result<Self, Cannot> {
        let mut life = self.clone().at(event.at);
        let to = life.state.after(event.what).filter(|_| !life.erased);
        life.state = to.ok_or(Cannot::NotNow(life.state, event.what))?;
        match event.what {
            Deed::Ask => {}
            Deed::Grant => life.grant(event)?,
            Deed::Open => life.opened = life.opened.saturating_add(1),
            Deed::Close => life.until = event.at,
            Deed::Erase => life.erased = true,
        }
        Ok(life)
    }

    /// Two persons grant it, neither of whom asked for it; the access begins with the second, for the shorter time.
    fn grant(&mut self, event: &Event) -> Result<(), Cannot> {
        if is_same(&self.asked_by, &event.by) {
            return Err(Cannot::AskedForIt);
        }
        if self.grants.iter().any(|(by, _)| is_same(by, &event.by)) {
            return Err(Cannot::GrantedIt);
        }
        // A hand in the file grants no more than the command does.
        let hours = event.hours.unwrap_or(HOURS).clamp(1, MOST_HOURS);
        self.grants.push((event.by.clone(), hours));
        if self.state == State::Open {
            let hours = self.grants.iter().map(|(_, hours)| *hours).min().unwrap_or(1);
            self.until = later(event.at, TimeDelta::hours(hours.into()));
        }
        Ok(())
    }

    /// Whether the sealed copy has to go.
    pub(crate) const fn is_over(&self) -> bool {
        matches!(self.state, State::Ended | State::Closed) && !self.erased
    }
}

/// A time that no calendar has is over at once.
fn later(at: DateTime<Utc>, time: TimeDelta) -> DateTime<Utc> {
    at.checked_add_signed(time).unwrap_or(at)
}

impl State {
    #[cfg(test)]
    pub(crate) const ALL: [Self; 5] =
        [Self::Asked, Self::GrantedOnce, Self::Open, Self::Ended, Self::Closed];

    /// What it becomes by a deed; `None` when that cannot be done now.
    pub(crate) fn after(self, deed: Deed) -> Option<Self> {
        let step = STEPS.iter().find(|step| step.deed == deed && step.from == self);
        step.map(|step| step.to)
    }

    /// Whether it ends by itself.
    pub(crate) const fn has_an_end(self) -> bool {
        match self {
            Self::Asked | Self::GrantedOnce | Self::Open => true,
            Self::Ended | Self::Closed => false,
        }
    }

    pub(crate) const fn words(self) -> Words {
        match self {
            Self::Asked => words("申請中", "asked for"),
            Self::GrantedOnce => words("承認1人", "granted once"),
            Self::Open => words("閲覧可", "open"),
            Self::Ended => words("期限切れ", "ended"),
            Self::Closed => words("終了", "closed"),
        }
    }

    /// What to do where something cannot be done.
    pub(crate) const fn way_on(self) -> Words {
        match self {
            Self::Asked => words(
                "申請者以外の管理者2人の承認が必要です(`renkei mandate grant ID --by NAME`)",
                "two administrators, neither of whom asked for it, have to grant it first (`renkei mandate grant ID --by NAME`)",
            ),
            Self::GrantedOnce => words(
                "もう1人の管理者の承認が必要です(`renkei mandate grant ID --by NAME`)",
                "one more administrator has to grant it first (`renkei mandate grant ID --by NAME`)",
            ),
            Self::Open => words(
                "承認済みです。ファイルは `renkei mandate open ID --by NAME --out DIR` で取り出せます",
                "it is granted; the file comes by `renkei mandate open ID --by NAME --out DIR`",
            ),
            Self::Ended | Self::Closed => words(
                "封印した写しは消去されます。なお必要なら、健診機関の依頼でもう一度 `renkei mandate ask` してください",
                "the sealed copy is erased; if it is still needed, the institution asks again (`renkei mandate ask`)",
            ),
        }
    }
}

impl Deed {
    #[cfg(test)]
    pub(crate) const ALL: [Self; 5] =
        [Self::Ask, Self::Grant, Self::Open, Self::Close, Self::Erase];

    pub(crate) const fn words(self) -> Words {
        match self {
            Self::Ask => words("申請", "asked for"),
            Self::Grant => words("承認", "granted"),
            Self::Open => words("取り出し", "opened"),
            Self::Close => words("終了", "closed"),
            Self::Erase => words("写しの消去", "its copy erased"),
        }
    }
}
