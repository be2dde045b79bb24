//! The life of a version of an object, as a table: what may happen to it, and what it is then.
//!
//! Every operation asks [`after`]; docs/LIFECYCLE.md is the same table for people.

use renkei_metadata::model::{AvailabilityStatus, ObjectKind};

/// What a version of an object is. Each metadata update makes a new version of the same logicalID;
/// what never had one is its own only version.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum State {
    /// Not registered.
    Absent,
    /// The newest version, and current.
    Approved,
    /// The newest version, and no longer current.
    Deprecated,
    /// A newer version is there.
    Superseded,
    /// Removed for good; its id is taken for ever.
    Removed,
}

impl State {
    /// Every state.
    #[cfg(test)]
    pub(crate) const ALL: [Self; 5] =
        [Self::Absent, Self::Approved, Self::Deprecated, Self::Superseded, Self::Removed];

    /// The state of a registered version by what is stored of it.
    pub(crate) const fn of(status: AvailabilityStatus, latest: bool) -> Self {
        match (status, latest) {
            (AvailabilityStatus::Approved, _) => Self::Approved,
            (AvailabilityStatus::Deprecated, true) => Self::Deprecated,
            (AvailabilityStatus::Deprecated, false) => Self::Superseded,
        }
    }

    /// availabilityStatus, as answers show it.
    pub(crate) const fn status(self) -> AvailabilityStatus {
        match self {
            Self::Approved => AvailabilityStatus::Approved,
            Self::Absent | Self::Deprecated | Self::Superseded | Self::Removed => {
                AvailabilityStatus::Deprecated
            }
        }
    }

    /// Whether it is the newest version of its logicalID.
    pub(crate) const fn is_latest(self) -> bool {
        match self {
            Self::Approved | Self::Deprecated => true,
            Self::Absent | Self::Superseded | Self::Removed => false,
        }
    }
}

/// What happens to a version.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum Event {
    /// It is registered, or is the new version of one that was current.
    Registered,
    /// It is the new version of one that was no longer current, by a restricted update or because it
    /// moves to another patient.
    RegisteredDeprecated,
    /// A new association leads to it or from it.
    Joined,
    /// Another document replaces it.
    Replaced,
    /// The document that it transforms or adds to is replaced, or what that transforms or adds to, and by
    /// another document than this one.
    ParentReplaced,
    /// A new version takes its place.
    Updated,
    /// A new version takes its place by a restricted update.
    UpdatedRestricted,
    /// A new version takes its place under the patient of its local identifier.
    Moved,
    /// Its availabilityStatus is set to Approved.
    StatusApproved,
    /// Its availabilityStatus is set to Deprecated.
    StatusDeprecated,
    /// It is removed.
    Removed,
    /// The newer version is removed.
    NewerRemoved,
}

impl Event {
    /// Every event.
    #[cfg(test)]
    pub(crate) const ALL: [Self; 12] = [
        Self::Registered,
        Self::RegisteredDeprecated,
        Self::Joined,
        Self::Replaced,
        Self::ParentReplaced,
        Self::Updated,
        Self::UpdatedRestricted,
        Self::Moved,
        Self::StatusApproved,
        Self::StatusDeprecated,
        Self::Removed,
        Self::NewerRemoved,
    ];
}

/// A row: to which kinds of object an event may happen in a state, and what follows.
pub(crate) struct Row {
    pub(crate) event: Event,
    pub(crate) kinds: &'static [ObjectKind],
    pub(crate) from: State,
    pub(crate) to: State,
    /// Where it is said, for the page.
    #[cfg_attr(not(test), allow(dead_code, reason = "only the page shows it"))]
    pub(crate) section: &'static str,
}

const fn row(
    event: Event,
    kinds: &'static [ObjectKind],
    from: State,
    to: State,
    section: &'static str,
) -> Row {
    Row { event, kinds, from, to, section }
}

const SET: ObjectKind = ObjectKind::SubmissionSet;
const ENTRY: ObjectKind = ObjectKind::DocumentEntry;
const FOLDER: ObjectKind = ObjectKind::Folder;
const LINK: ObjectKind = ObjectKind::Association;

/// Anything.
const ANY: &[ObjectKind] = &[SET, ENTRY, FOLDER, LINK];
/// What is updated in versions.
const VERSIONED: &[ObjectKind] = &[ENTRY, FOLDER];
/// What a status can be set of: all but the SubmissionSet.
const WITH_STATUS: &[ObjectKind] = &[ENTRY, FOLDER, LINK];
/// Documents.
const DOCUMENT: &[ObjectKind] = &[ENTRY];

/// The machine.
#[rustfmt::skip]
pub(crate) static TABLE: &[Row] = &{
    use Event as E;
    use State::{Absent, Approved, Deprecated, Removed, Superseded};
    [
        row(E::Registered, ANY, Absent, Approved, "ITI TF-2: 3.42.4.1.3.3.5"),
        row(E::RegisteredDeprecated, DOCUMENT, Absent, Deprecated, "ITI TF-2: 3.92.4.1.3, 3.64.4.1.3"),
        row(E::Joined, VERSIONED, Approved, Approved, "ITI TF-2: 3.42.4.1.3.4, 3.42.4.1.3.5"),
        row(E::Replaced, DOCUMENT, Approved, Deprecated, "ITI TF-3: 4.2.2.2.3"),
        row(E::ParentReplaced, DOCUMENT, Approved, Deprecated, "ITI TF-3: 4.2.2.2.3"),
        row(E::ParentReplaced, DOCUMENT, Deprecated, Deprecated, "ITI TF-3: 4.2.2.2.3"),
        row(E::ParentReplaced, DOCUMENT, Superseded, Superseded, "ITI TF-3: 4.2.2.2.3"),
        row(E::Updated, VERSIONED, Approved, Superseded, "ITI TF-2: 3.57.4.1.3.3"),
        row(E::UpdatedRestricted, DOCUMENT, Approved, Superseded, "ITI TF-2: 3.92.4.1.3"),
        row(E::UpdatedRestricted, DOCUMENT, Deprecated, Superseded, "ITI TF-2: 3.92.4.1.3"),
        row(E::Moved, VERSIONED, Approved, Superseded, "ITI TF-2: 3.64.4.1.3"),
        row(E::Moved, DOCUMENT, Deprecated, Superseded, "ITI TF-2: 3.64.4.1.3"),
        row(E::StatusApproved, WITH_STATUS, Deprecated, Approved, "ITI TF-2: 3.57.4.1.3.3.2"),
        row(E::StatusDeprecated, WITH_STATUS, Approved, Deprecated, "ITI TF-2: 3.57.4.1.3.3.2"),
        row(E::Removed, ANY, Approved, Removed, "ITI TF-2: 3.62.4.1.3"),
        row(E::Removed, WITH_STATUS, Deprecated, Removed, "ITI TF-2: 3.62.4.1.3"),
        row(E::Removed, VERSIONED, Superseded, Removed, "ITI TF-2: 3.62.4.1.3"),
        row(E::NewerRemoved, VERSIONED, Superseded, Deprecated, "ITI TF-2: 3.62.4.1.3"),
    ]
};

/// What a version of an object of this kind is after `event`; `None` when that cannot happen to it.
pub(crate) fn after(kind: ObjectKind, state: State, event: Event) -> Option<State> {
    let mut rows = TABLE.iter();
    rows.find(|r| r.event == event && r.from == state && r.kinds.contains(&kind)).map(|r| r.to)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;
    use std::fmt::Write;
    use std::path::Path;

    #[test]
    fn each_event_has_one_outcome_in_each_state_of_each_kind() {
        let mut seen = HashSet::new();
        for r in TABLE {
            for kind in r.kinds {
                assert!(seen.insert((r.event, r.from, *kind)), "{:?} of {kind} twice", r.event);
                assert_eq!(after(*kind, r.from, r.event), Some(r.to));
            }
        }
        for event in Event::ALL {
            assert!(TABLE.iter().any(|r| r.event == event), "{event:?} never happens");
        }
    }

    #[test]
    fn what_was_removed_stays_removed_and_nothing_happens_before_registration() {
        for kind in ANY {
            for event in Event::ALL {
                assert_eq!(after(*kind, State::Removed, event), None);
                let begins = matches!(event, Event::Registered | Event::RegisteredDeprecated);
                assert!(after(*kind, State::Absent, event).is_none() || begins);
            }
        }
    }

    #[test]
    fn only_the_newest_version_is_or_becomes_current() {
        for r in TABLE.iter().filter(|r| r.to == State::Approved) {
            assert!(r.from == State::Absent || r.from.is_latest(), "{:?}", r.event);
        }
        for state in State::ALL.into_iter().filter(|s| !matches!(s, State::Absent | State::Removed))
        {
            assert_eq!(State::of(state.status(), state.is_latest()), state);
        }
    }

    fn page() -> String {
        let mut out = String::from(
            "# The life of an object\n\nWhat may happen to a version of an object, and what it is then; \
             whatever is not listed is refused. `status` and `latest` are what the registry stores of a \
             state. What replaces the document that it transforms or adds to stays Approved (ITI TF-3: 4.2.2.2.3): \
             ParentReplaced happens to the others. Written from `registry/src/change/lifecycle.rs`; do not edit.\n\n\
             | state | availabilityStatus | newest version |\n| --- | --- | --- |\n",
        );
        for state in State::ALL {
            let shown = match state {
                State::Absent | State::Removed => "-".to_owned(),
                State::Approved | State::Deprecated | State::Superseded => {
                    format!("{:?}", state.status())
                }
            };
            let latest = if state.is_latest() { "yes" } else { "no" };
            writeln!(out, "| {state:?} | {shown} | {latest} |").unwrap();
        }
        out.push_str("\n| event | of | from | to | section |\n| --- | --- | --- | --- | --- |\n");
        for r in TABLE {
            let kinds: Vec<String> = r.kinds.iter().map(ToString::to_string).collect();
            let (event, kinds) = (r.event, kinds.join(", "));
            writeln!(out, "| {event:?} | {kinds} | {:?} | {:?} | {} |", r.from, r.to, r.section)
                .unwrap();
        }
        out
    }

    /// `RENKEI_WRITE_DOCS=1 cargo test -p renkei-registry lifecycle` writes the page anew.
    #[test]
    fn the_page_says_what_the_table_says() {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/LIFECYCLE.md");
        if std::env::var_os("RENKEI_WRITE_DOCS").is_some() {
            std::fs::write(&path, page()).unwrap();
        }
        let found = std::fs::read_to_string(&path).unwrap_or_default();
        assert!(found == page(), "docs/LIFECYCLE.md has fallen behind its table; write it anew");
    }

    #[test]
    fn a_submission_set_is_registered_and_removed_and_nothing_else() {
        let events: HashSet<Event> =
            TABLE.iter().filter(|r| r.kinds.contains(&SET)).map(|r| r.event).collect();
        assert_eq!(events, HashSet::from([Event::Registered, Event::Removed]));
    }
}
