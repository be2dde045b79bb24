//! When a member is to be reviewed: that long after its last review, or after it came (or came back).

use super::{Deed, Member, State};
use chrono::{DateTime, Months, NaiveDate, Utc};
use renkei_context::day_in_japan;
use serde::Serialize;

/// Days before a review is due from which it is spoken of.
pub(crate) const REMIND_DAYS: i64 = 30;
/// As many are named where something is told in one line.
const NAMED: usize = 10;

/// When a member is to be reviewed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Due {
    /// The last day for it, in Japan.
    pub(crate) on: NaiveDate,
    /// Days until then; less than 0 when it is over.
    pub(crate) days: i64,
}

impl Due {
    /// Of a member that is reviewed every so many months; `None` for one that is disabled.
    pub(crate) fn of(member: &Member, months: u32, now: DateTime<Utc>) -> Option<Self> {
        if member.state() == State::Disabled {
            return None;
        }
        let begins = |deed| matches!(deed, Deed::Add | Deed::Review | Deed::Enable);
        let since = member.last(|event| begins(event.what))?.at;
        let on = day_in_japan(since).checked_add_months(Months::new(months))?;
        Some(Self { on, days: (on - day_in_japan(now)).num_days() })
    }

    pub(crate) const fn is_over(self) -> bool {
        self.days < 0
    }

    pub(crate) const fn is_soon(self) -> bool {
        0 <= self.days && self.days <= REMIND_DAYS
    }
}

/// How many reviews are overdue and due soon, as it is told at every start.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub(crate) struct Reviews {
    /// The last day is over.
    pub(crate) overdue: usize,
    /// It comes within [`REMIND_DAYS`].
    pub(crate) soon: usize,
    /// The first of them: `ID: DAY`.
    pub(crate) first: Vec<String>,
    /// Files of members that cannot be read.
    #[serde(skip_serializing_if = "is_none")]
    pub(crate) unreadable: usize,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks for a reference")]
const fn is_none(count: &usize) -> bool {
    *count == 0
}

impl Reviews {
    pub(crate) fn of(members: &[Member], months: u32, now: DateTime<Utc>) -> Self {
        let due =
            |member: &Member| Due::of(member, months, now).map(|due| (due, member.id.clone()));
        let mut due: Vec<_> = members.iter().filter_map(due).collect();
        due.retain(|(due, _)| due.is_over() || due.is_soon());
        due.sort();
        let overdue = due.iter().filter(|(due, _)| due.is_over()).count();
        let first = due.iter().take(NAMED).map(|(due, id)| format!("{id}: {}", due.on));
        Self { overdue, soon: due.len() - overdue, first: first.collect(), unreadable: 0 }
    }

    pub(crate) fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// Says so in the log.
    pub(super) fn log(&self) {
        let Self { overdue, soon, first, unreadable } = self;
        let first = first.join(", ");
        if *unreadable > 0 {
            tracing::error!(files = unreadable, "members cannot be read (renkei member list)");
        }
        match (overdue, soon) {
            (0, 0) => {}
            (0, soon) => tracing::warn!(soon, %first, "members are to be reviewed soon"),
            _ => tracing::error!(overdue, soon, %first, "reviews of members are overdue"),
        }
    }
}
