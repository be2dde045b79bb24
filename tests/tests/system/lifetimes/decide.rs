//! Which operation comes next, in relation to what there is.

use super::PATIENTS;
use super::reference::{Document, House, Operation, Version};
use crate::life::Dice;
use renkei_metadata::ids::EntryUuid;
use renkei_metadata::model::AssociationType::{Apnd, Rplc};
use renkei_tests::sample;
use std::collections::BTreeSet;
use uuid::Uuid;

/// How many local identifiers there are.
const LOCALS: usize = 2;

fn one<T: Copy>(dice: &mut Dice, of: &[T]) -> Option<T> {
    if of.is_empty() { None } else { of.get(dice.below(of.len())).copied() }
}

pub(super) fn decide(house: &House, dice: &mut Dice) -> Operation {
    let newest = |(n, d): (usize, &Document)| Some((n, d.newest()?));
    let all: Vec<Version> = house.documents.iter().enumerate().filter_map(newest).collect();
    let current = |at: &Version| house.documents[at.0].approved;
    let approved: Vec<Version> = all.iter().copied().filter(current).collect();
    let (p, q) = (dice.below(PATIENTS), dice.below(PATIENTS));
    let found = match dice.below(14) {
        0..=1 => one(dice, &approved).map(|to| submission(house, dice, Some(to))),
        2..=3 => one(dice, &approved).map(|of| {
            let (patient, restricted) = (house.patient_of(of.0), dice.below(3) == 0);
            Operation::Update { of, patient, restricted }
        }),
        4..=5 => one(dice, &all).map(|of| {
            let approved = !house.documents[of.0].approved;
            Operation::Status { of, patient: house.patient_of(of.0), approved }
        }),
        6..=7 => one(dice, &approved).and_then(|from| {
            let patient = house.patient_of(from.0);
            let fits = |to: &Version| *to != from && house.patient_of(to.0) == patient;
            let to: Vec<Version> = approved.iter().copied().filter(fits).collect();
            Some(Operation::Append { from, to: one(dice, &to)?, patient })
        }),
        8 => Some(Operation::Move { from: p, to: q, local: dice.below(LOCALS) }),
        9 if dice.below(4) == 0 => Some(Operation::Merge { from: p, into: q }),
        10..=11 => {
            let kept = |(n, d): (usize, &Document)| d.content.is_some().then_some(n);
            let kept: Vec<usize> = house.documents.iter().enumerate().filter_map(kept).collect();
            one(dice, &kept).map(Operation::RemoveDocument)
        }
        12 => {
            let lone = |(n, d): (usize, &Document)| {
                let related = house.relations.iter().any(|(f, _, t)| f.0 == n || t.0 == n);
                (d.versions.contains(&1) && !related).then_some(n)
            };
            let lone: Vec<usize> = house.documents.iter().enumerate().filter_map(lone).collect();
            one(dice, &lone).map(Operation::RemoveMetadata)
        }
        _ => None,
    };
    found.unwrap_or_else(|| submission(house, dice, None))
}

/// A new document, which replaces or appends to `to`.
fn submission(house: &House, dice: &mut Dice, to: Option<Version>) -> Operation {
    let patient = to.map_or_else(|| dice.below(PATIENTS), |to| house.patient_of(to.0));
    let content = (dice.below(6) != 0).then(|| {
        let size = 1 + dice.below(20_000);
        Uuid::new_v4().into_bytes().into_iter().cycle().take(size).collect::<Vec<u8>>()
    });
    let document = Document {
        unique_id: sample::new_unique_id(),
        lid: EntryUuid(Uuid::new_v4()),
        set: sample::new_oid(),
        kept: content.is_some(),
        content,
        local: dice.below(LOCALS),
        patient,
        versions: BTreeSet::from([1]),
        approved: true,
    };
    let kind = if dice.below(2) == 0 { Rplc } else { Apnd };
    Operation::Submit { document, relation: to.map(|to| (kind, to)) }
}
