//! Relationships between documents go with the document that they explain (ITI TF-2: 3.62.4.1.3).
//!
//! An addendum, a transformation, a signature or a snapshot that stays and is current says nothing
//! without its other end. A document that stays and was replaced is deprecated with nothing in its
//! place. An Association that an administrator deprecated (ITI TF-2: 3.57) explains nothing any more.

use super::{Going, about, urn};
use crate::change::lifecycle::State;
use crate::rules;
use crate::store::links::{self, Link};
use crate::store::lookup::{self, Place};
use crate::store::write::WriteError;
use renkei_database::Db;
use renkei_metadata::finding::{Finding, Rule};
use renkei_metadata::model::{AssociationType, AvailabilityStatus};

/// The end of a relationship that has to go with it, and when.
struct Bound {
    end: &'static str,
    place: Place,
    /// Whether it may stay in this state.
    may_stay: fn(State) -> bool,
    rule: &'static Rule,
}

fn bound(link: &Link) -> Option<Bound> {
    match link.association_type {
        AssociationType::Apnd
        | AssociationType::Xfrm
        | AssociationType::Signs
        | AssociationType::IsSnapshotOf => Some(Bound {
            end: "sourceObject",
            place: link.source,
            may_stay: |state| state != State::Approved,
            rule: &rules::REMOVAL_BREAKS_RELATION,
        }),
        AssociationType::Rplc | AssociationType::XfrmRplc => Some(Bound {
            end: "targetObject",
            place: link.target,
            may_stay: |state| state == State::Approved,
            rule: &rules::REMOVAL_BREAKS_REPLACEMENT,
        }),
        AssociationType::HasMember
        | AssociationType::UpdateAvailabilityStatus
        | AssociationType::SubmitAssociation => None,
    }
}

pub(super) fn check(
    db: &mut Db,
    going: &Going,
    findings: &mut Vec<Finding>,
) -> Result<(), WriteError> {
    let current = going.links.iter().filter(|l| l.status == AvailabilityStatus::Approved);
    for (link, bound) in current.filter_map(|link| Some((link, bound(link)?))) {
        if going.contains(&bound.place) {
            continue;
        }
        let state = lookup::state(db, &bound.place)?.ok_or(WriteError::Missing("an end"))?;
        if (bound.may_stay)(state) {
            continue;
        }
        let stays = links::id_of(db, &bound.place)?.ok_or(WriteError::Missing("an end"))?;
        findings.push(about(bound.rule, link.id).attribute(bound.end).value(urn(stays)));
    }
    Ok(())
}
