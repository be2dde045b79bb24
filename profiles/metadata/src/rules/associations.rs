//! What may be joined to what (ITI TF-3: 4.2.2): a row for each type and pair of ends.

use super::{
    ASSOCIATION_ENDS, ASSOCIATION_NOT_OFFERED, ATTRIBUTE_MISSING, DOCUMENTATION_ON_MEMBERSHIP,
    MEMBERSHIP_MISSING, MEMBERSHIP_REPEATED, METADATA_UPDATE, ORIGINAL_NOT_HERE, REFERENCE_HERE,
    REFERENCE_UNRESOLVED, Report, SOURCE_NOT_HERE, TARGET_NOT_REGISTERED,
};
use crate::ebrim::table::Object;
use crate::ids::ObjectId;
use crate::model::{Association, AssociationType, ObjectKind, Submission, SubmissionSetStatus};
use std::collections::HashMap;

/// What an end of an association may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum End {
    /// The SubmissionSet of this message.
    SubmissionSet,
    /// A DocumentEntry of this message.
    NewEntry,
    /// A DocumentEntry registered earlier.
    RegisteredEntry,
    /// A DocumentEntry of either sort.
    Entry,
    /// A Folder of this message.
    NewFolder,
    /// A Folder of this message or registered earlier.
    Folder,
    /// An Association of this message.
    NewAssociation,
    /// Anything a metadata update may name.
    Any,
}

/// A row of the table.
struct Row {
    association: AssociationType,
    source: End,
    target: End,
    /// Whether this registry carries it out.
    offered: bool,
}

const fn row(association: AssociationType, source: End, target: End, offered: bool) -> Row {
    Row { association, source, target, offered }
}

const OFFERED: bool = true;
const NOT_YET: bool = false;

static TABLE: &[Row] = &[
    row(AssociationType::HasMember, End::SubmissionSet, End::Entry, OFFERED),
    row(AssociationType::HasMember, End::SubmissionSet, End::NewFolder, NOT_YET),
    row(AssociationType::HasMember, End::SubmissionSet, End::NewAssociation, NOT_YET),
    row(AssociationType::HasMember, End::Folder, End::Entry, NOT_YET),
    row(AssociationType::Rplc, End::NewEntry, End::RegisteredEntry, OFFERED),
    row(AssociationType::Xfrm, End::NewEntry, End::Entry, OFFERED),
    row(AssociationType::Apnd, End::NewEntry, End::Entry, NOT_YET),
    row(AssociationType::XfrmRplc, End::NewEntry, End::RegisteredEntry, NOT_YET),
    row(AssociationType::Signs, End::NewEntry, End::Entry, NOT_YET),
    row(AssociationType::IsSnapshotOf, End::NewEntry, End::RegisteredEntry, NOT_YET),
    row(AssociationType::UpdateAvailabilityStatus, End::SubmissionSet, End::Any, NOT_YET),
    row(AssociationType::SubmitAssociation, End::SubmissionSet, End::Any, NOT_YET),
];

/// Where the object named by an end is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Whereabouts {
    Here(ObjectKind),
    /// Named by a UUID that is not of this message; only a registry knows what it is.
    Elsewhere,
}

impl End {
    fn takes(self, place: Whereabouts) -> bool {
        match self {
            Self::SubmissionSet => place == Whereabouts::Here(ObjectKind::SubmissionSet),
            Self::NewEntry => place == Whereabouts::Here(ObjectKind::DocumentEntry),
            Self::RegisteredEntry => place == Whereabouts::Elsewhere,
            Self::Entry => Self::NewEntry.takes(place) || place == Whereabouts::Elsewhere,
            Self::NewFolder => place == Whereabouts::Here(ObjectKind::Folder),
            Self::Folder => Self::NewFolder.takes(place) || place == Whereabouts::Elsewhere,
            Self::NewAssociation => place == Whereabouts::Here(ObjectKind::Association),
            Self::Any => true,
        }
    }
}

/// Checks the associations, and that each document is a member of the submission once.
pub(super) fn check(s: &Submission, report: &mut Report<'_>) {
    let here = objects(s);
    for a in &s.associations {
        association(a, &here, report);
    }
    let mut memberships: HashMap<&ObjectId, usize> = HashMap::new();
    for a in &s.associations {
        if a.association_type == AssociationType::HasMember && a.source == s.submission_set.id {
            *memberships.entry(&a.target).or_default() += 1;
        }
    }
    for e in &s.entries {
        match memberships.get(&e.id).copied().unwrap_or_default() {
            0 => report.about(e, &MEMBERSHIP_MISSING, "", |f| f),
            1 => {}
            _ => report.about(e, &MEMBERSHIP_REPEATED, "", |f| f),
        }
    }
}

fn objects(s: &Submission) -> HashMap<&ObjectId, ObjectKind> {
    fn of<T: Object>(objects: &[T]) -> impl Iterator<Item = (&ObjectId, ObjectKind)> {
        objects.iter().map(|o| (o.id(), T::KIND))
    }
    of(&s.associations)
        .chain(of(&s.folders))
        .chain(of(&s.entries))
        .chain(of(std::slice::from_ref(&s.submission_set)))
        .collect()
}

fn association(a: &Association, here: &HashMap<&ObjectId, ObjectKind>, report: &mut Report<'_>) {
    let source = end(a, "sourceObject", &a.source, here, report);
    let target = end(a, "targetObject", &a.target, here, report);
    update(a, report);
    if a.association_type == AssociationType::HasMember && a.documentation.is_some() {
        report.about(a, &DOCUMENTATION_ON_MEMBERSHIP, "documentation", |f| f);
    }
    let (Some(source), Some(target)) = (source, target) else { return };
    let mut rows = TABLE.iter().filter(|r| r.association == a.association_type);
    let fits = rows.clone().find(|r| r.source.takes(source) && r.target.takes(target));
    match fits {
        Some(row) if !row.offered => not_offered(a, report),
        Some(row) if row.source == End::SubmissionSet => member(a, target, report),
        Some(_) => {}
        None if !rows.any(|r| r.offered) => not_offered(a, report),
        None => wrong_ends(a, source, target, report),
    }
}

/// ITI TF-3: 4.2.3.1.5: a symbol is worth something inside its message only.
fn end(
    a: &Association,
    attribute: &'static str,
    id: &ObjectId,
    here: &HashMap<&ObjectId, ObjectKind>,
    report: &mut Report<'_>,
) -> Option<Whereabouts> {
    match (here.get(id), id) {
        (Some(kind), _) => Some(Whereabouts::Here(*kind)),
        (None, ObjectId::Uuid(_)) => Some(Whereabouts::Elsewhere),
        (None, ObjectId::Symbol(symbol)) => {
            report.about(a, &REFERENCE_UNRESOLVED, attribute, |f| f.value(symbol));
            None
        }
    }
}

fn not_offered(a: &Association, report: &mut Report<'_>) {
    let urn = a.association_type.urn();
    report.about(a, &ASSOCIATION_NOT_OFFERED, "associationType", |f| f.value(urn));
}

/// ITI TF-3: 4.2.2.1.1.
fn member(a: &Association, target: Whereabouts, report: &mut Report<'_>) {
    let is_here = target != Whereabouts::Elsewhere;
    let rule = match a.submission_set_status {
        None => &ATTRIBUTE_MISSING,
        Some(SubmissionSetStatus::Original) if !is_here => &ORIGINAL_NOT_HERE,
        Some(SubmissionSetStatus::Reference) if is_here => &REFERENCE_HERE,
        Some(SubmissionSetStatus::Original | SubmissionSetStatus::Reference) => return,
    };
    report.about(a, rule, "SubmissionSetStatus", |f| f);
}

/// What only the transactions of a metadata update carry.
fn update(a: &Association, report: &mut Report<'_>) {
    if let Some(version) = a.previous_version {
        report.about(a, &METADATA_UPDATE, "PreviousVersion", |f| f.value(version.to_string()));
    }
    for slot in &a.extra {
        if Association::OTHER_SLOTS.contains(&slot.name.as_str()) {
            report.about(a, &METADATA_UPDATE, slot.name.clone(), |f| f);
        }
    }
}

fn wrong_ends(a: &Association, source: Whereabouts, target: Whereabouts, report: &mut Report<'_>) {
    let entry = Whereabouts::Here(ObjectKind::DocumentEntry);
    let between_documents = a.association_type != AssociationType::HasMember;
    let (rule, attribute, id) = if between_documents && source == Whereabouts::Elsewhere {
        (&SOURCE_NOT_HERE, "sourceObject", &a.source)
    } else if between_documents && source == entry && target == entry {
        (&TARGET_NOT_REGISTERED, "targetObject", &a.target)
    } else {
        (&ASSOCIATION_ENDS, "associationType", &a.target)
    };
    report.about(a, rule, attribute, |f| f.value(id.to_string()));
}
