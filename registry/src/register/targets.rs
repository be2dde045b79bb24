//! Associations with registered objects: which there are, and which of them may be joined (ITI TF-2:
//! 3.42.4.1.3.4, 3.42.4.1.3.5).

use super::resolve::Resolved;
use crate::change::lifecycle::{self, Event, State};
use crate::rules;
use crate::store::association_number;
use crate::store::key::Id;
use crate::store::lookup::{self, Known, Named, Place};
use crate::store::search::seen;
use crate::store::versions;
use crate::store::write::WriteError;
use renkei_context::{Action, Ctx, Scope, within};
use renkei_database::Db;
use renkei_metadata::finding::{Finding, Rule};
use renkei_metadata::ids::ObjectId;
use renkei_metadata::model::{Association, AssociationType, ObjectKind};
use renkei_metadata::rules::APPENDED_TO_TRANSFORMATION;
use std::collections::{BTreeSet, HashMap, HashSet};

/// Whether the target of such an association ceases to be current (ITI TF-3: 4.2.2.2.3).
pub(crate) const fn replaces(association_type: AssociationType) -> bool {
    matches!(association_type, AssociationType::Rplc | AssociationType::XfrmRplc)
}

/// Which objects a submission may be joined to.
pub(crate) struct Permitted {
    /// To which its SubmissionSet may refer.
    seen: Scope,
    /// What it may replace, add to, transform and file into.
    changed: Scope,
}

impl Permitted {
    /// Those of whoever submits.
    pub(crate) fn of(ctx: &Ctx) -> Self {
        Self { seen: within(ctx, Action::See), changed: within(ctx, Action::Change) }
    }
}

/// The registered objects at the ends of associations, and what they are.
type Registered = (HashMap<Id, Known>, HashMap<Id, State>);

/// Checks every end outside the submission of a patient who is `root`.
pub(super) fn check(
    db: &mut Db,
    permitted: &Permitted,
    submission: &Resolved,
    root: Option<i64>,
    findings: &mut Vec<Finding>,
) -> Result<Registered, WriteError> {
    let named = named(db, submission, root)?;
    let (states, joined) = (HashMap::new(), HashSet::new());
    let mut ends = Ends { db, submission, root, findings, states, joined };
    let mut registered = HashMap::new();
    let mut replaced = HashSet::new();
    for a in &submission.submission.associations {
        let told = ends.findings.len();
        for (attribute, end) in outer_ends(a) {
            let Some(id) = submission.outside(end) else { continue };
            // What is not permitted is not there.
            let named = match named.get(&id) {
                Some(Named::Object(o)) => ends.is_permitted(permitted, a, o)?.then_some(o),
                Some(Named::Removed) | None => None,
            };
            let problem = match named {
                None => Some(&rules::TARGET_UNKNOWN),
                Some(object) => {
                    registered.insert(id, *object);
                    let twice = replaces(a.association_type) && !replaced.insert(id);
                    let twice = twice.then_some(&rules::TARGET_REPLACED_TWICE);
                    ends.end(a, end == &a.source, (id, object))?.or(twice)
                }
            };
            if let Some(rule) = problem {
                ends.tell(rule, a, attribute, end);
            }
        }
        if ends.is_joined(a, &registered)? && ends.findings.len() == told {
            ends.tell(&rules::TARGET_JOINED, a, "targetObject", &a.target);
        }
    }
    Ok((registered, ends.states))
}

/// The ends at which a registered object may stand. Whatever else is there was refused before.
fn outer_ends(a: &Association) -> impl Iterator<Item = (&'static str, &ObjectId)> {
    let member = a.association_type == AssociationType::HasMember;
    let source = member.then_some(("sourceObject", &a.source));
    let target = association_number(a.association_type).map(|_| ("targetObject", &a.target));
    source.into_iter().chain(target)
}

/// What the ids outside the submission name. Patients that are only referred to are held against the
/// removal of their objects.
fn named(
    db: &mut Db,
    submission: &Resolved,
    root: Option<i64>,
) -> Result<HashMap<Id, Named>, WriteError> {
    let associations = submission.submission.associations.iter();
    let ends = associations.flat_map(outer_ends);
    let ids: BTreeSet<Id> = ends.filter_map(|(_, end)| submission.outside(end)).collect();
    let ids: Vec<Id> = ids.into_iter().collect();
    let named = lookup::objects(db, &ids)?;
    let of_others = |n: &Named| match n {
        Named::Object(o) if Some(o.root) != root => Some(o.patient_key),
        Named::Object(_) | Named::Removed => None,
    };
    let others: BTreeSet<i64> = named.values().filter_map(of_others).collect();
    if others.is_empty() {
        return Ok(named);
    }
    lookup::share_patients(db, &others)?;
    Ok(lookup::objects(db, &ids)?)
}

struct Ends<'a> {
    db: &'a mut Db,
    submission: &'a Resolved,
    root: Option<i64>,
    findings: &'a mut Vec<Finding>,
    states: HashMap<Id, State>,
    /// What the associations so far join: the numbers of their types, and their ends.
    joined: HashSet<(Option<i16>, &'a ObjectId, &'a ObjectId)>,
}

impl<'a> Ends<'a> {
    /// Whether another association of the same type joins the same objects, in the submission or, where
    /// both are registered, in the registry: a document is in a folder once.
    fn is_joined(
        &mut self,
        a: &'a Association,
        registered: &HashMap<Id, Known>,
    ) -> Result<bool, WriteError> {
        let number = association_number(a.association_type);
        if !self.joined.insert((number, &a.source, &a.target)) {
            return Ok(true);
        }
        let key = |end: &ObjectId| Some(registered.get(&self.submission.outside(end)?)?.key);
        let (Some(source), Some(target)) = (key(&a.source), key(&a.target)) else {
            return Ok(false);
        };
        Ok(versions::is_joined(self.db, a.association_type, source, target)?)
    }

    /// Whether the sender may join `a` to the object: a SubmissionSet refers to what its sender sees,
    /// whatever else leads to an object changes it.
    fn is_permitted(
        &mut self,
        permitted: &Permitted,
        a: &Association,
        object: &Known,
    ) -> Result<bool, WriteError> {
        let refers = a.association_type == AssociationType::HasMember
            && a.source == self.submission.submission.submission_set.id;
        let scope = if refers { &permitted.seen } else { &permitted.changed };
        Ok(seen::object(self.db, scope, &Place::from(object))?)
    }

    /// What is wrong with a registered object at one end of `a`.
    fn end(
        &mut self,
        a: &Association,
        is_source: bool,
        (id, object): (Id, &Known),
    ) -> Result<Option<&'static Rule>, WriteError> {
        let wanted = if is_source { ObjectKind::Folder } else { ObjectKind::DocumentEntry };
        if object.kind != wanted {
            return Ok(Some(match is_source {
                true => &rules::SOURCE_NOT_A_FOLDER,
                false => &rules::TARGET_NOT_A_DOCUMENT,
            }));
        }
        // A SubmissionSet may refer to any document, even of another patient (ITI TF-3: 4.2.2.1.1).
        let member = a.association_type == AssociationType::HasMember;
        if member && a.source == self.submission.submission.submission_set.id {
            return Ok(None);
        }
        if self.root.is_some_and(|r| r != object.root) {
            return Ok(Some(&rules::TARGET_OF_OTHER_PATIENT));
        }
        let place = Place::from(object);
        let Some(state) = lookup::state(self.db, &place)? else {
            return Ok(Some(&rules::TARGET_UNKNOWN));
        };
        self.states.insert(id, state);
        if lifecycle::after(object.kind, state, Event::Joined).is_none() {
            return Ok(Some(&rules::TARGET_DEPRECATED));
        }
        self.relationship(a.association_type, &place)
    }

    /// What some relationships ask of the document that they lead to.
    fn relationship(
        &mut self,
        association_type: AssociationType,
        target: &Place,
    ) -> Result<Option<&'static Rule>, WriteError> {
        Ok(match association_type {
            AssociationType::IsSnapshotOf if !lookup::is_on_demand(self.db, target)? => {
                Some(&rules::SNAPSHOT_OF_STABLE)
            }
            AssociationType::Apnd if lookup::is_transformation(self.db, target.key)? => {
                Some(&APPENDED_TO_TRANSFORMATION)
            }
            AssociationType::HasMember
            | AssociationType::Rplc
            | AssociationType::Xfrm
            | AssociationType::Apnd
            | AssociationType::XfrmRplc
            | AssociationType::Signs
            | AssociationType::IsSnapshotOf
            | AssociationType::UpdateAvailabilityStatus
            | AssociationType::SubmitAssociation => None,
        })
    }

    fn tell(
        &mut self,
        rule: &'static Rule,
        a: &Association,
        attribute: &'static str,
        end: &ObjectId,
    ) {
        self.findings.push(
            Finding::new(rule, self.submission.label(&a.id))
                .attribute(attribute)
                .value(end.to_string())
                .location(end.to_string()),
        );
    }
}
