//! The life of a member: what may be done with it when, and what it is then. It is a table; docs/ACCESS.md shows it.

use serde::{Deserialize, Serialize};

/// What a member is at a time. It follows from its history and is kept nowhere.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum State {
    Applied,
    Prepared,
    Issued,
    Reviewed,
    Disabled,
}

/// What is done with a member.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Deed {
    Add,
    Prepare,
    Issue,
    Approve,
    Revoke,
    Review,
    Disable,
    Enable,
}

/// Words of a state or a deed.
pub(crate) struct Words {
    pub(crate) ja: &'static str,
    pub(crate) en: &'static str,
}

pub(crate) const fn words(ja: &'static str, en: &'static str) -> Words {
    Words { ja, en }
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

/// All that may be done with a member that is there; what is not in it is refused.
pub(crate) static STEPS: &[Step] = &[
    step(Deed::Prepare, State::Applied, State::Prepared),
    step(Deed::Issue, State::Applied, State::Issued),
    step(Deed::Issue, State::Prepared, State::Issued),
    step(Deed::Issue, State::Issued, State::Issued),
    step(Deed::Issue, State::Reviewed, State::Issued),
    step(Deed::Approve, State::Issued, State::Issued),
    step(Deed::Approve, State::Reviewed, State::Reviewed),
    step(Deed::Revoke, State::Issued, State::Issued),
    step(Deed::Revoke, State::Reviewed, State::Reviewed),
    // What was put back by hand goes out all the same.
    step(Deed::Revoke, State::Applied, State::Applied),
    step(Deed::Revoke, State::Prepared, State::Prepared),
    step(Deed::Revoke, State::Disabled, State::Disabled),
    step(Deed::Review, State::Applied, State::Applied),
    step(Deed::Review, State::Prepared, State::Prepared),
    step(Deed::Review, State::Issued, State::Reviewed),
    step(Deed::Review, State::Reviewed, State::Reviewed),
    step(Deed::Disable, State::Applied, State::Disabled),
    step(Deed::Disable, State::Prepared, State::Disabled),
    step(Deed::Disable, State::Issued, State::Disabled),
    step(Deed::Disable, State::Reviewed, State::Disabled),
    // Again: whatever of its nodes was put back by hand goes out.
    step(Deed::Disable, State::Disabled, State::Disabled),
    step(Deed::Enable, State::Disabled, State::Applied),
];

impl State {
    #[cfg(test)]
    pub(crate) const ALL: [Self; 5] =
        [Self::Applied, Self::Prepared, Self::Issued, Self::Reviewed, Self::Disabled];

    /// What it becomes by a deed; `None` when that cannot be done now.
    pub(crate) fn after(self, deed: Deed) -> Option<Self> {
        let step = STEPS.iter().find(|step| step.deed == deed && step.from == self);
        step.map(|step| step.to)
    }

    pub(crate) const fn words(self) -> Words {
        match self {
            Self::Applied => words("申請", "applied"),
            Self::Prepared => words("準備", "prepared"),
            Self::Issued => words("発行済", "issued"),
            Self::Reviewed => words("棚卸済", "reviewed"),
            Self::Disabled => words("利用不可", "disabled"),
        }
    }
}

impl Deed {
    #[cfg(test)]
    pub(crate) const ALL: [Self; 8] = [
        Self::Add,
        Self::Prepare,
        Self::Issue,
        Self::Approve,
        Self::Revoke,
        Self::Review,
        Self::Disable,
        Self::Enable,
    ];

    pub(crate) const fn words(self) -> Words {
        match self {
            Self::Add => words("登録", "added"),
            Self::Prepare => words("準備完了", "prepared"),
            Self::Issue => words("証明書の発行", "issued a certificate"),
            Self::Approve => words("承認", "approved"),
            Self::Revoke => words("失効", "revoked"),
            Self::Review => words("棚卸", "reviewed"),
            Self::Disable => words("利用不可", "disabled"),
            Self::Enable => words("利用再開", "enabled"),
        }
    }
}
