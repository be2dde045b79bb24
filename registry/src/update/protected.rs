//! Which attributes an update leaves as they are, a row each.

use super::rules::{
    IDENTITY_CHANGED, RESTRICTED_BY_POLICY, RESTRICTED_IDENTIFIER, RESTRICTED_PATIENT,
    RESTRICTED_UNMODIFIABLE,
};
use renkei_metadata::finding::Rule;
use renkei_metadata::update::{EntryAttribute, Form};

type Row = (&'static str, &'static Rule);

/// ITI TF-2: 3.57.4.1.3.1.
static FULL: [Row; 2] = [("objectType", &IDENTITY_CHANGED), ("uniqueId", &IDENTITY_CHANGED)];

/// ITI TF-2: 3.92.4.1.3.
static RESTRICTED: [Row; 8] = [
    ("availabilityStatus", &RESTRICTED_UNMODIFIABLE),
    ("documentAvailability", &RESTRICTED_UNMODIFIABLE),
    ("homeCommunityId", &RESTRICTED_UNMODIFIABLE),
    ("objectType", &RESTRICTED_UNMODIFIABLE),
    ("patientId", &RESTRICTED_PATIENT),
    ("repositoryUniqueId", &RESTRICTED_UNMODIFIABLE),
    ("sourcePatientId", &RESTRICTED_UNMODIFIABLE),
    ("uniqueId", &RESTRICTED_IDENTIFIER),
];

/// The row that a change of this attribute breaks. `policy` are the attributes that the house
/// protects besides, from restricted updates alone: a Document Administrator of its own may do all.
pub(super) fn broken(
    form: Form,
    policy: &[EntryAttribute],
    attribute: &str,
) -> Option<&'static Rule> {
    let table: &[Row] = match form {
        Form::Full => &FULL,
        Form::Restricted => &RESTRICTED,
    };
    let by_policy = || {
        let is_protected = form == Form::Restricted && policy.iter().any(|a| a.name() == attribute);
        is_protected.then_some(&RESTRICTED_BY_POLICY)
    };
    table.iter().find(|(name, _)| *name == attribute).map(|(_, rule)| *rule).or_else(by_policy)
}
