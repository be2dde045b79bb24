//! What may be joined to what (ITI TF-3: 4.2.2): a row for each type and pair of ends.

use super::{
    ASSOCIATION_ENDS, ASSOCIATION_TO_ITSELF, ATTRIBUTE_MISSING, DOCUMENTATION_ON_MEMBERSHIP,
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
    /// A membership of a Folder in this message.
    NewMembership,
}

/// A row of the table.
struct Row {
    association: AssociationType,
    source: End,
    target: End,
}

const fn row(association: AssociationType, source: End, target: End) -> Row {
    Row { association, source, target }
}

static TABLE: &[Row] = &[
    row(AssociationType::HasMember, End::SubmissionSet, End::Entry),
    row(AssociationType::HasMember, End::SubmissionSet, End::NewFolder),
    row(AssociationType::HasMember, End::SubmissionSet, End::NewMembership),
    row(AssociationType::HasMember, End::Folder, End::Entry),
    row(AssociationType::Rplc, End::NewEntry, End::RegisteredEntry),
    row(AssociationType::Xfrm, End::NewEntry, End::Entry),
    row(AssociationType::Apnd, End::NewEntry, End::Entry),
    row(AssociationType::XfrmRplc, End::NewEntry, End::RegisteredEntry),
    row(AssociationType::Signs, End::NewEntry, End::Entry),
    row(AssociationType::IsSnapshotOf, End::NewEntry, End::RegisteredEntry),
];

/// Where the object named by an end is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Whereabouts {
    Here(ObjectKind),
    /// A membership of a Folder, in this message.
    Membership,
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
            Self::NewMembership => place == Whereabouts::Membership,
        }
    }
}

/// Checks the associations, and that whatever the message brings is a member of the submission once.
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
    let count = |id: &ObjectId| memberships.get(id).copied().unwrap_or_default();
    s.entries.iter().for_each(|e| member_once(e, count(&e.id), report));
    s.folders.iter().for_each(|f| member_once(f, count(&f.id), report));
    let of_folders = s.associations.iter().filter(|a| is_of_folder(a, &s.submission_set.id));
    of_folders.for_each(|a| member_once(a, count(&a.id), report));
}

fn member_once<T: Object>(object: &T, memberships: usize, report: &mut Report<'_>) {
    match memberships {
        0 => report.about(object, &MEMBERSHIP_MISSING, "", |f| f),
        1 => {}
        _ => report.about(object, &MEMBERSHIP_REPEATED, "", |f| f),
    }
}

/// Whether an association is a membership in something else than the SubmissionSet.
fn is_of_folder(a: &Association, set: &ObjectId) -> bool {
    a.association_type == AssociationType::HasMember && a.source != *set
}

fn objects(s: &Submission) -> HashMap<&ObjectId, Whereabouts> {
    fn of<T: Object>(objects: &[T]) -> impl Iterator<Item = (&ObjectId, Whereabouts)> {
        objects.iter().map(|o| (o.id(), Whereabouts::Here(T::KIND)))
    }
    let of_folders = s.associations.iter().filter(|a| is_of_folder(a, &s.submission_set.id));
    of(&s.associations)
        .chain(of_folders.map(|a| (&a.id, Whereabouts::Membership)))
        .chain(of(&s.folders))
        .chain(of(&s.entries))
        .chain(of(std::slice::from_ref(&s.submission_set)))
        .collect()
}

fn association(a: &Association, here: &HashMap<&ObjectId, Whereabouts>, report: &mut Report<'_>) {
    if is_update(a, report) {
        return;
    }
    let source = end(a, "sourceObject", &a.source, here, report);
    let target = end(a, "targetObject", &a.target, here, report);
    if a.association_type == AssociationType::HasMember && a.documentation.is_some() {
        report.about(a, &DOCUMENTATION_ON_MEMBERSHIP, "documentation", |f| f);
    }
    let (Some(source), Some(target)) = (source, target) else { return };
    if a.source == a.target {
        report.about(a, &ASSOCIATION_TO_ITSELF, "targetObject", |f| f.value(a.target.to_string()));
        return;
    }
    let mut rows = TABLE.iter().filter(|r| r.association == a.association_type);
    match rows.find(|r| r.source.takes(source) && r.target.takes(target)) {
        Some(row) if row.source == End::SubmissionSet && row.target == End::Entry => {
            member(a, target, report);
        }
        Some(_) => {}
        None => wrong_ends(a, source, target, report),
    }
}

/// ITI TF-3: 4.2.3.1.5: a symbol is worth something inside its message only.
fn end(
    a: &Association,
    attribute: &'static str,
    id: &ObjectId,
    here: &HashMap<&ObjectId, Whereabouts>,
    report: &mut Report<'_>,
) -> Option<Whereabouts> {
    match (here.get(id), id) {
        (Some(place), _) => Some(*place),
        (None, ObjectId::Uuid(_)) => Some(Whereabouts::Elsewhere),
        (None, ObjectId::Symbol(symbol)) => {
            report.about(a, &REFERENCE_UNRESOLVED, attribute, |f| f.value(symbol));
            None
        }
    }
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

/// Tells of what only the transactions of a metadata update carry, and whether `a` as a whole is that.
fn is_update(a: &Association, report: &mut Report<'_>) -> bool {
    if let Some(version) = a.previous_version {
        report.about(a, &METADATA_UPDATE, "PreviousVersion", |f| f.value(version.to_string()));
    }
    for slot in &a.extra {
        if Association::OTHER_SLOTS.contains(&slot.name.as_str()) {
            report.about(a, &METADATA_UPDATE, slot.name.clone(), |f| f);
        }
    }
    let operation = matches!(
        a.association_type,
        AssociationType::UpdateAvailabilityStatus | AssociationType::SubmitAssociation
    );
    if operation {
        let urn = a.association_type.urn();
        report.about(a, &METADATA_UPDATE, "associationType", |f| f.value(urn));
    }
    operation
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
