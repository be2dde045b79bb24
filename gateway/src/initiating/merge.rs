//! Several answers as one: what of each may pass, and how the whole ended (ITI TF-2: 3.18.4.1.3).

use super::answer::Answer;
use super::object::Object;
use super::rules;
use crate::community::{Community, QuirkKind};
use chrono::{DateTime, Utc};
use renkei_metadata::finding::{Finding, IheCode, Reporter, Rule, Severity};
use renkei_metadata::ids::PatientId;
use renkei_xds::response::{RegistryError, Status, errors_of};

/// How a finding names a community: what people call it, then its id.
pub(super) fn called(community: &Community) -> String {
    if community.name == community.home.as_str() {
        return community.name.clone();
    }
    format!("{} ({})", community.name, community.home)
}

/// What is told of a community.
pub(super) fn told(rule: &'static Rule, community: &Community) -> Finding {
    Finding::new(rule, called(community)).location(community.home.as_str())
}

/// How many objects of one answer are told of by their ids; beyond it, one more says so.
const TOLD: usize = 20;

/// What passes of an answer.
#[derive(Debug, Default)]
pub(super) struct Passed {
    pub(super) objects: Vec<Object>,
    pub(super) errors: Vec<RegistryError>,
    /// What was forgiven, once for each object.
    pub(super) forgiven: Vec<QuirkKind>,
    /// Whether it said that it does not know the patient.
    pub(super) knows_nobody: bool,
}

/// Lets pass what may of an answer of `community` about `patients`.
pub(super) fn pass(
    community: &Community,
    patients: &[PatientId],
    now: DateTime<Utc>,
    answer: Answer,
) -> Passed {
    let mut passed = Passed::default();
    let mut findings: Vec<Finding> = Vec::new();
    for object in answer.objects {
        match fault_of(&object, community, patients, now, &mut passed.forgiven) {
            None => passed.objects.push(object),
            Some(rule) if findings.len() < TOLD => {
                let finding = told(rule, community).attribute("id").value(&object.id);
                findings.push(finding);
            }
            Some(rule) if findings.len() == TOLD => {
                findings.push(told(rule, community).attribute("id").value("…"));
            }
            Some(_) => {}
        }
    }
    if answer.has_more {
        passed.objects.clear();
        findings.push(told(&rules::TOO_MUCH, community));
    }
    // Whoever does not know the patient has nothing to tell, which is no error (ITI TF-2: 3.18.4.1.3).
    let is_nobody = |error: &RegistryError| IheCode::UnknownPatientId.is_named(&error.code);
    let (nobody, errors): (Vec<_>, Vec<_>) = answer.errors.into_iter().partition(is_nobody);
    passed.knows_nobody = !nobody.is_empty();
    if passed.knows_nobody {
        findings.push(told(&rules::KNOWS_NOBODY, community));
    }
    match has_failed(&errors) {
        true => findings.push(told(&rules::OWN_ERRORS, community)),
        false if answer.status == Status::Failure && !passed.knows_nobody => {
            findings.push(told(&rules::REFUSED, community));
        }
        false => {}
    }
    passed.errors.extend(errors.into_iter().map(|error| placed(error, community)));
    passed.errors.extend(errors_of(&findings, Reporter::Registry));
    passed
}

/// Whether there are errors among these, beside which the community has to be named: what others say is in words of
/// their own, and need not say who they are.
pub(super) fn has_failed(errors: &[RegistryError]) -> bool {
    errors.iter().any(|e| e.severity == Severity::Error)
}

/// An error passes as it came; one that does not say whose it is gets that.
pub(super) fn placed(mut error: RegistryError, community: &Community) -> RegistryError {
    if error.location.is_empty() {
        error.location = community.home.to_string();
    }
    error
}

/// Why an object may not pass.
fn fault_of(
    object: &Object,
    community: &Community,
    patients: &[PatientId],
    now: DateTime<Utc>,
    forgiven: &mut Vec<QuirkKind>,
) -> Option<&'static Rule> {
    if object.is_of_another(patients) {
        return Some(&rules::OBJECT_OF_ANOTHER);
    }
    let (kind, rule) = match &object.home {
        Some(home) if home == community.home.as_str() => return None,
        Some(_) => (QuirkKind::HomeDiffers, &rules::OBJECT_STRANGE),
        None if !object.needs_home => return None,
        None => (QuirkKind::HomeMissing, &rules::OBJECT_HOMELESS),
    };
    if community.is_forgiven(kind, now) {
        forgiven.push(kind);
        return None;
    }
    Some(rule)
}

/// How often each was forgiven.
pub(super) fn tally(forgiven: &[QuirkKind]) -> impl Iterator<Item = (QuirkKind, u64)> {
    QuirkKind::ALL.iter().copied().filter_map(|kind| {
        let times = forgiven.iter().filter(|each| **each == kind).count();
        Some((kind, u64::try_from(times).ok().filter(|times| *times > 0)?))
    })
}

/// How the whole ended: only what is an error counts (ITI TF-3: Table 4.2.4.2-3).
pub fn status(errors: &[RegistryError], has_results: bool) -> Status {
    match (has_failed(errors), has_results) {
        (false, _) => Status::Success,
        (true, true) => Status::PartialSuccess,
        (true, false) => Status::Failure,
    }
}
