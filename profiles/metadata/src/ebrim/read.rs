//! Reading a rim:RegistryObjectList.

use super::association::STATUS_OF_MEMBER;
use super::build::{LONGEST, build, is_marker};
use super::comparable_id;
use super::raw::{Raw, RawClassification, rim};
use super::table::Object;
use crate::finding::{Checked, Finding, Findings};
use crate::ids::{HomeCommunityId, ObjectId};
use crate::model::{
    Association, AssociationType, DocumentEntry, Folder, RegistryObject, Submission, SubmissionSet,
};
use crate::rules;
use renkei_soap::xml::{Element, Reader, XmlError, ns};
use std::collections::{HashMap, HashSet};

/// Reads a submission; the reader is inside `object_list`, the rim:RegistryObjectList.
///
/// The value is there whenever there is a SubmissionSet, even when findings refuse the message, so
/// that the rules can add theirs. Attributes that the model cannot do without then hold stand-ins;
/// therefore nothing but [`crate::rules::check`] may use the value of a refused message.
pub fn read_submission(
    r: &mut Reader<'_>,
    object_list: &Element,
) -> Result<Checked<Submission>, XmlError> {
    let list = List::read(r, object_list)?;
    let (objects, mut findings, of_members) = list.objects();
    let mut sets = Vec::new();
    let (mut entries, mut folders, mut associations) = (Vec::new(), Vec::new(), Vec::new());
    for object in objects {
        match object {
            RegistryObject::Entry(e) => entries.push(*e),
            RegistryObject::SubmissionSet(s) => sets.push(*s),
            RegistryObject::Folder(f) => folders.push(*f),
            RegistryObject::Association(a) => associations.push(*a),
            // Peers add references to registered objects; the associations say the same.
            RegistryObject::Ref(..) => {}
        }
    }
    let mut sets = sets.into_iter();
    let first = sets.next();
    for second in sets {
        let object = format!("SubmissionSet {}", second.id);
        let place = second.id.to_string();
        findings.push(Finding::new(&rules::SUBMISSION_SET_COUNT, object).location(place));
    }
    let Some(submission_set) = first else {
        findings.push(Finding::new(&rules::SUBMISSION_SET_COUNT, "Submission"));
        return Ok(Checked::bad(findings.into_vec()));
    };
    let submission = Submission { submission_set, entries, folders, associations };
    findings.extend(on_documents(&submission, of_members));
    Ok(Checked { value: Some(submission), findings: findings.into_vec() })
}

/// Reads the objects of an answer, ObjectRefs included, in their order. What cannot be understood is
/// left out and told; the caller decides whether that matters.
pub fn read_objects(
    r: &mut Reader<'_>,
    object_list: &Element,
) -> Result<Checked<Vec<RegistryObject>>, XmlError> {
    let (objects, findings, _) = List::read(r, object_list)?.objects();
    Ok(Checked { value: Some(objects), findings: findings.into_vec() })
}

/// A finding on the SubmissionSetStatus of a membership, and the object it leads to.
type MembershipFinding = (ObjectId, Finding);

/// Those that lead to a DocumentEntry, in the message or registered earlier.
fn on_documents(
    s: &Submission,
    of_members: Vec<MembershipFinding>,
) -> impl Iterator<Item = Finding> {
    let others: HashSet<&ObjectId> =
        s.folders.iter().map(|f| &f.id).chain(s.associations.iter().map(|a| &a.id)).collect();
    let found: Vec<Finding> =
        of_members.into_iter().filter(|(t, _)| !others.contains(t)).map(|(_, f)| f).collect();
    found.into_iter()
}

enum Item {
    Object(RegistryObject),
    /// What a package is may be said later in the list.
    Package(Box<Raw>),
}

#[derive(Default)]
struct List {
    items: Vec<Item>,
    /// Labels beside the packages: classifiedObject, classificationNode.
    labels: HashMap<String, Vec<String>>,
    findings: Findings,
    of_members: Vec<MembershipFinding>,
    entries: usize,
    associations: usize,
}

impl List {
    fn read(r: &mut Reader<'_>, object_list: &Element) -> Result<Self, XmlError> {
        let mut list = Self::default();
        if !object_list.is(ns::RIM, "RegistryObjectList") {
            r.skip()?;
            return Ok(list);
        }
        while let Some(child) = r.next_child()? {
            match rim(&child) {
                // Nothing more could be told: the rest need not be kept either.
                _ if list.findings.is_full() => r.skip()?,
                Some("ExtrinsicObject") => {
                    let raw = Raw::read(r, child)?;
                    list.entry(raw);
                }
                Some("RegistryPackage") => {
                    list.items.push(Item::Package(Box::new(Raw::read(r, child)?)))
                }
                Some("Association") => {
                    let raw = Raw::read(r, child)?;
                    list.association(raw);
                }
                Some("Classification") => {
                    let label = RawClassification::read(r, child)?;
                    list.label(&label);
                }
                Some("ObjectRef") => {
                    list.reference(&child);
                    r.skip()?;
                }
                _ => r.skip()?,
            }
        }
        Ok(list)
    }

    fn entry(&mut self, raw: Raw) {
        self.entries += 1;
        let (entry, _) = build::<DocumentEntry>(raw, self.entries, &mut self.findings);
        self.items.push(Item::Object(RegistryObject::Entry(Box::new(entry))));
    }

    /// An association without its type or its ends says nothing and is left out.
    fn association(&mut self, raw: Raw) {
        self.associations += 1;
        let mut findings = Findings::default();
        let (association, complete) = build::<Association>(raw, self.associations, &mut findings);
        for finding in findings.into_vec() {
            if finding.attribute != STATUS_OF_MEMBER {
                self.findings.push(finding);
            } else if association.association_type == AssociationType::HasMember
                && !self.findings.is_full()
            {
                self.of_members.push((association.target.clone(), finding));
            }
        }
        if complete {
            self.items.push(Item::Object(RegistryObject::Association(Box::new(association))));
        }
    }

    /// ITI TF-3: 4.2.1.2 lets the label stand beside the package.
    fn label(&mut self, c: &RawClassification) {
        let object = c.element.attr("classifiedObject").unwrap_or_default();
        let Some(node) = c.node() else {
            // An attribute stands inside its object (ITI TF-3: 4.2.3.1.2).
            let scheme: String = c.scheme().unwrap_or_default().chars().take(LONGEST).collect();
            self.findings.push(
                Finding::new(&rules::EXTRA_NOT_SAVED, format!("Object {object}"))
                    .attribute(scheme)
                    .location(object),
            );
            return;
        };
        if is_marker(node) {
            self.findings.push(
                Finding::new(&rules::LIMITED_METADATA, format!("Object {object}"))
                    .attribute("limitedMetadata")
                    .location(object),
            );
        }
        self.labels.entry(comparable_id(object)).or_default().push(node.to_owned());
    }

    fn reference(&mut self, element: &Element) {
        let id = element.attr("id").map(|id| ObjectId::parse(id.trim()));
        let home = element.attr("home").and_then(|h| HomeCommunityId::parse(h.trim()).ok());
        if let Some(Ok(id)) = id {
            self.items.push(Item::Object(RegistryObject::Ref(id, home)));
        }
    }

    fn objects(self) -> (Vec<RegistryObject>, Findings, Vec<MembershipFinding>) {
        let Self { items, labels, mut findings, of_members, .. } = self;
        let mut objects = Vec::with_capacity(items.len());
        let mut packages = 0;
        for item in items {
            match item {
                Item::Object(object) => objects.push(object),
                Item::Package(raw) => {
                    packages += 1;
                    objects.extend(package(*raw, packages, &labels, &mut findings));
                }
            }
        }
        (objects, findings, of_members)
    }
}

fn package(
    raw: Raw,
    number: usize,
    labels: &HashMap<String, Vec<String>>,
    findings: &mut Findings,
) -> Option<RegistryObject> {
    let id = raw.element.attr("id").map(comparable_id);
    let beside = id.as_ref().and_then(|id| labels.get(id)).into_iter().flatten();
    let inside = raw.classifications.iter().filter_map(RawClassification::node);
    let nodes: HashSet<&str> = inside.chain(beside.map(String::as_str)).collect();
    let is = |label: fn(&str) -> bool| nodes.iter().any(|n| label(n));
    match (is(SubmissionSet::is_label), is(Folder::is_label)) {
        (true, false) => {
            let (set, _) = build::<SubmissionSet>(raw, number, findings);
            Some(RegistryObject::SubmissionSet(Box::new(set)))
        }
        (false, true) => {
            let (folder, _) = build::<Folder>(raw, number, findings);
            Some(RegistryObject::Folder(Box::new(folder)))
        }
        (false, false) | (true, true) => {
            let name = id.clone().unwrap_or_else(|| format!("no. {number}"));
            findings.push(
                Finding::new(&rules::PACKAGE_UNLABELLED, format!("RegistryPackage {name}"))
                    .location(id.unwrap_or_else(|| format!("RegistryPackage[{number}]"))),
            );
            None
        }
    }
}
