//! Nothing refers to what goes, and nothing is left that nothing refers to (ITI TF-2: 3.62.4.1.3).

use super::{Going, about, urn};
use crate::rules;
use crate::store::key::{Id, Key};
use crate::store::links::{self, Link};
use crate::store::lookup::Place;
use crate::store::search::seen;
use crate::store::write::WriteError;
use renkei_context::Scope;
use renkei_database::Db;
use renkei_metadata::finding::Finding;
use renkei_metadata::model::{AssociationType, ObjectKind};
use std::collections::{BTreeSet, HashMap};

/// Associations that a finding names; it counts on no more.
const NAMED: usize = 3;

/// `seen` is what whoever asks may know of.
pub(super) fn check(
    db: &mut Db,
    seen: &Scope,
    going: &Going,
    findings: &mut Vec<Finding>,
) -> Result<(), WriteError> {
    referenced(db, seen, going, findings)?;
    unreferenced(db, going, findings)
}

/// An Association whose end goes has to go with it; one that may not be known is not named.
fn referenced(
    db: &mut Db,
    seen: &Scope,
    going: &Going,
    findings: &mut Vec<Finding>,
) -> Result<(), WriteError> {
    // Of those that lead to an object, at most so many go; one more does not.
    let mut known: HashMap<Key, usize> = HashMap::new();
    for link in &going.links {
        for end in [link.source.key, link.target.key] {
            *known.entry(end).or_default() += 1;
        }
    }
    for (key, (_, id)) in &going.objects {
        let most = limit(known.get(key).copied().unwrap_or(0) + NAMED);
        let mut left = links::from(db, *key, most)?;
        left.extend(links::to(db, *key, most)?);
        left.retain(|link| !going.contains(&link.place));
        if !left.is_empty() {
            let named = named(db, seen, &left)?;
            let finding = about(&rules::REMOVAL_OF_REFERENCED, *id);
            findings.push(if named.is_empty() { finding } else { finding.value(named) });
        }
    }
    Ok(())
}

/// The first of these that may be known.
fn named(db: &mut Db, scope: &Scope, links: &[Link]) -> Result<String, WriteError> {
    let mut named = Vec::new();
    for link in links {
        if named.len() < NAMED && seen::object(db, scope, &link.place)? {
            named.push(urn(link.id));
        }
    }
    Ok(named.join(" "))
}

/// What stays is held by a SubmissionSet, and a SubmissionSet holds something, if that was so before.
fn unreferenced(db: &mut Db, going: &Going, findings: &mut Vec<Finding>) -> Result<(), WriteError> {
    let (mut members, mut sets) = (BTreeSet::new(), BTreeSet::new());
    for link in going.links.iter().filter(|link| is_submission(link)) {
        if !going.contains(&link.target) {
            members.insert(link.target);
        }
        if !going.contains(&link.source) {
            sets.insert(link.source);
        }
    }
    let most = limit(going.links.len() + 1);
    for member in members {
        let left = links::submissions_of(db, member.key, most)?;
        if left.iter().all(|link| going.contains(&link.place)) {
            stays(db, &rules::REMOVAL_LEAVES_UNREFERENCED, member, findings)?;
        }
    }
    for set in sets {
        let left = links::from(db, set.key, most)?;
        if left.iter().all(|link| going.contains(&link.place)) {
            stays(db, &rules::REMOVAL_LEAVES_EMPTY_SET, set, findings)?;
        }
    }
    Ok(())
}

/// Whether a SubmissionSet holds something by it.
fn is_submission(link: &Link) -> bool {
    link.association_type == AssociationType::HasMember
        && link.source.kind == ObjectKind::SubmissionSet
}

fn stays(
    db: &mut Db,
    rule: &'static renkei_metadata::finding::Rule,
    object: Place,
    findings: &mut Vec<Finding>,
) -> Result<(), WriteError> {
    let id: Id = links::id_of(db, &object)?.ok_or(WriteError::Missing("an end"))?;
    let urn = urn(id);
    findings.push(Finding::new(rule, format!("{} {urn}", object.kind)).location(urn));
    Ok(())
}

fn limit(most: usize) -> i64 {
    i64::try_from(most).unwrap_or(i64::MAX)
}
