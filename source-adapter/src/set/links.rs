//! The associations of a set: those that the file writes, and the memberships of the SubmissionSet, which
//! are made for whatever it brings (ITI TF-3: 4.2.2).

use super::attributes::{self, Codes};
use super::mistakes;
use super::objects::{Objects, new_id};
use crate::mapping::{Located, Table};
use renkei_context::Ctx;
use renkei_metadata::ids::{EntryUuid, ObjectId};
use renkei_metadata::model::{Association, AssociationType, SubmissionSetStatus};
use renkei_metadata::named::Draft;

/// What associations call the SubmissionSet of the file.
pub(super) const SUBMISSION_SET: &str = "submission_set";

/// The types that a submission knows; the other two are of metadata updates.
fn types() -> impl Iterator<Item = AssociationType> {
    let of_updates =
        [AssociationType::UpdateAvailabilityStatus, AssociationType::SubmitAssociation];
    AssociationType::ALL.into_iter().filter(move |t| !of_updates.contains(t))
}

/// Reads the associations and adds the memberships.
pub(super) fn read(ctx: &Ctx, root: &Table<'_>, codes: Codes<'_>, objects: &mut Objects) {
    let set = objects.submission.submission_set.id.clone();
    let original = Some(SubmissionSetStatus::Original);
    let entries = objects.submission.entries.iter();
    let mut links: Vec<Association> = entries.map(|e| member(ctx, &set, &e.id, original)).collect();
    links.extend(objects.submission.folders.iter().map(|f| member(ctx, &set, &f.id, None)));
    for table in root.tables("association") {
        let Some(link) = association(ctx, &table, codes, objects) else { continue };
        objects.remember(&link.id, "", table.line, &table.path);
        // A document comes into a folder with this submission (ITI TF-3: 4.2.1.3).
        if link.association_type == AssociationType::HasMember && link.source != set {
            links.push(member(ctx, &set, &link.id, None));
        }
        links.push(link);
    }
    objects.submission.associations = links;
}

fn member(
    ctx: &Ctx,
    set: &ObjectId,
    target: &ObjectId,
    status: Option<SubmissionSetStatus>,
) -> Association {
    let mut link = Association::draft(new_id(ctx));
    link.association_type = AssociationType::HasMember;
    (link.source, link.target) = (set.clone(), target.clone());
    link.submission_set_status = status;
    link
}

fn association(
    ctx: &Ctx,
    table: &Table<'_>,
    codes: Codes<'_>,
    objects: &Objects,
) -> Option<Association> {
    let names: Vec<&str> = types().map(short).collect();
    let names = names.join(", ");
    let (en, ja) = (format!("one of {names}"), format!("次のいずれかが必要です: {names}"));
    let written = table.required("type", &en, &ja);
    let association_type = written.as_ref().and_then(|w| {
        let found = types().find(|t| short(*t).eq_ignore_ascii_case(w.value) || t.urn() == w.value);
        if found.is_none() {
            let (value, key) = (format!("{:?}", w.value), table.key("type"));
            let values = [("value", value.as_str()), ("names", &names)];
            table.problems.tell(w.line, &key, &mistakes::ASSOCIATION_TYPE, &values);
        }
        found
    });
    let (source, target) = (end(table, "source", objects), end(table, "target", objects));
    let documentation = attributes::code_at(table, "documentation", codes);
    let slots = attributes::slots(table);
    table.finish();
    let set = &objects.submission.submission_set.id;
    let (association_type, source, target) = (association_type?, source?, target?);
    if association_type == AssociationType::HasMember && source == *set {
        return reference(ctx, table, set, &target, objects);
    }
    let mut link = Association::draft(new_id(ctx));
    link.association_type = association_type;
    (link.source, link.target) = (source, target);
    (link.documentation, link.extra) = (documentation, slots);
    Some(link)
}

/// A registered document that belongs to the submission, too.
fn reference(
    ctx: &Ctx,
    table: &Table<'_>,
    set: &ObjectId,
    target: &ObjectId,
    objects: &Objects,
) -> Option<Association> {
    let here = objects.names.iter().any(|(_, id)| *target == ObjectId::Uuid(*id));
    if here {
        table.problems.tell(table.line, &table.key("target"), &mistakes::MEMBER_ALREADY, &[]);
        return None;
    }
    Some(member(ctx, set, target, Some(SubmissionSetStatus::Reference)))
}

/// An end: a name of this file, or the entryUUID of what is registered.
fn end(table: &Table<'_>, key: &'static str, objects: &Objects) -> Option<ObjectId> {
    let en = "a name of this file, \"submission_set\", or the entryUUID of a registered object";
    let ja =
        "このファイルの名前、\"submission_set\"、または登録済みオブジェクトの entryUUID が必要です";
    let Located { value, line } = table.required(key, en, ja)?;
    if value == SUBMISSION_SET {
        return Some(objects.submission.submission_set.id.clone());
    }
    if let Ok(id) = EntryUuid::parse(value) {
        return Some(ObjectId::Uuid(id));
    }
    let named = objects.names.iter().find(|(name, _)| name == value);
    if named.is_none() {
        let known: Vec<&str> = objects.names.iter().map(|(name, _)| name.as_str()).collect();
        let known = known.join(", ");
        let values = [("value", &*format!("{value:?}")), ("names", &known)];
        table.problems.tell(line, &table.key(key), &mistakes::END_UNKNOWN, &values);
    }
    named.map(|(_, id)| ObjectId::Uuid(*id))
}

/// The last part of a type's URN.
fn short(association_type: AssociationType) -> &'static str {
    association_type.urn().rsplit(':').next().unwrap_or_default()
}
