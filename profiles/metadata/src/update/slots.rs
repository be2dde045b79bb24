//! The slots of operations: which association may carry which, and how their values are read.

use super::operation::Propagation;
use crate::finding::Finding;
use crate::model::{Association, AvailabilityStatus};
use std::borrow::Cow;

pub(super) const PREVIOUS_VERSION: &str = "PreviousVersion";
pub(super) const PROPAGATION: &str = "AssociationPropagation";
pub(super) const ORIGINAL_STATUS: &str = "OriginalStatus";
pub(super) const NEW_STATUS: &str = "NewStatus";
pub(super) const SET_STATUS: &str = "SubmissionSetStatus";

/// What is wrong with a slot: its name, and what was expected in both languages.
pub(super) struct Fault {
    pub(super) slot: Cow<'static, str>,
    pub(super) expected: [&'static str; 2],
}

impl Fault {
    pub(super) const fn of(slot: &'static str, expected: [&'static str; 2]) -> Self {
        Self { slot: Cow::Borrowed(slot), expected }
    }

    /// Adds what is wrong to a finding on the operation.
    pub(super) fn tell(self, finding: Finding) -> Finding {
        finding.attribute(self.slot).expected(self.expected[0], self.expected[1])
    }
}

/// The slots that an operation has besides those that every association of its type may have.
pub(super) fn unknown<'a>(
    a: &'a Association,
    known: &'a [&'static str],
) -> impl Iterator<Item = Fault> + 'a {
    let others = a.extra.iter().filter(|slot| !known.contains(&slot.name.as_str()));
    others.map(|slot| Fault {
        slot: Cow::Owned(slot.name.clone()),
        expected: ["no such slot", "このスロットがないこと"],
    })
}

/// AssociationPropagation; `yes` when it is not there.
pub(super) fn propagation(a: &Association) -> Result<Propagation, Fault> {
    let fault = Fault::of(PROPAGATION, ["yes or no, once", "yes または no を1つ"]);
    match values(a, PROPAGATION) {
        None => Ok(Propagation::default()),
        Some([value]) => Propagation::parse(value).ok_or(fault),
        Some(_) => Err(fault),
    }
}

/// OriginalStatus or NewStatus.
pub(super) fn status(a: &Association, name: &'static str) -> Result<AvailabilityStatus, Fault> {
    let fault = Fault::of(
        name,
        ["the URN of Approved or Deprecated, once", "Approved または Deprecated のURNを1つ"],
    );
    match values(a, name) {
        Some([value]) => AvailabilityStatus::parse(value).map_err(|_| fault),
        None | Some(_) => Err(fault),
    }
}

fn values<'a>(a: &'a Association, name: &str) -> Option<&'a [String]> {
    a.extra.iter().find(|slot| slot.name == name).map(|slot| slot.values.as_slice())
}
