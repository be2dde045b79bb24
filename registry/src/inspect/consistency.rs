//! What is registered agrees with itself: what every change keeps true, asked of a real house.

use super::columns;
use crate::change::lifecycle::State;
use crate::store::links::{self, Link};
use crate::store::lookup::Place;
use crate::store::vault::Vault;
use crate::store::versions;
use renkei_database::{DatabaseError, Db};
use renkei_metadata::model::{AssociationType, ObjectKind};

/// How often a row is looked at before it is called wrong: each look is several statements, between
/// which a registry at work may change what they are about.
const LOOKS: usize = 3;

/// What is wrong with an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Contradiction {
    /// Its row says other things than its ebRIM.
    Columns,
    /// Of its versions more than one is current or the newest, or an older one is.
    Versions,
    /// No SubmissionSet holds it.
    NotHeld,
    /// An end of the Association is not there.
    EndMissing,
    /// Its ends are of different patients.
    OtherPatient,
}

impl Contradiction {
    /// For people.
    pub const fn words(self) -> &'static str {
        match self {
            Self::Columns => "検索列とメタデータが異なる / columns differ from the metadata",
            Self::Versions => "版の状態が矛盾 / versions contradict each other",
            Self::NotHeld => "SubmissionSetにない / in no SubmissionSet",
            Self::EndMissing => "端がない / an end is missing",
            Self::OtherPatient => "両端の患者が異なる / its ends are of different patients",
        }
    }
}

/// What is wrong with the object at this place, if anything is.
pub(super) fn contradiction(
    db: &mut Db,
    vault: &Vault,
    at: &Place,
) -> Result<Option<Contradiction>, DatabaseError> {
    let mut found = None;
    for _ in 0..LOOKS {
        found = look(db, vault, at)?;
        if found.is_none() {
            return Ok(None);
        }
    }
    Ok(found)
}

fn look(db: &mut Db, vault: &Vault, at: &Place) -> Result<Option<Contradiction>, DatabaseError> {
    if !columns::agree(db, vault, at)? {
        return Ok(Some(Contradiction::Columns));
    }
    Ok(match at.kind {
        ObjectKind::DocumentEntry | ObjectKind::Folder => versioned(db, at)?,
        ObjectKind::Association => match links::by_keys(db, &[at.key])?.first() {
            Some(link) => association(db, link)?,
            None => None,
        },
        ObjectKind::SubmissionSet => None,
    })
}

/// What is updated in versions: one of them is the newest, no other is current, and a SubmissionSet
/// holds each.
fn versioned(db: &mut Db, at: &Place) -> Result<Option<Contradiction>, DatabaseError> {
    let all = links::versions(db, at)?;
    let Some((newest, older)) = all.split_first() else { return Ok(None) };
    let superseded = older.iter().all(|(_, _, state)| *state == State::Superseded);
    if !newest.2.is_latest() || !superseded {
        return Ok(Some(Contradiction::Versions));
    }
    not_held(db, at)
}

fn not_held(db: &mut Db, at: &Place) -> Result<Option<Contradiction>, DatabaseError> {
    let held = !links::submissions_of(db, at.key, 1)?.is_empty();
    let there = held || links::id_of(db, at)?.is_some();
    Ok((!held && there).then_some(Contradiction::NotHeld))
}

fn association(db: &mut Db, link: &Link) -> Result<Option<Contradiction>, DatabaseError> {
    for end in [&link.source, &link.target] {
        if links::id_of(db, end)?.is_none() {
            return Ok(Some(Contradiction::EndMissing));
        }
    }
    // A SubmissionSet may refer to a document of another patient (ITI TF-3: 4.2.2.1.1).
    if link.source.kind == ObjectKind::SubmissionSet {
        return Ok(None);
    }
    let one = |place: &Place, db: &mut Db| versions::root(db, place.patient_key);
    if one(&link.source, db)? != one(&link.target, db)? {
        return Ok(Some(Contradiction::OtherPatient));
    }
    let membership = link.association_type == AssociationType::HasMember;
    if membership { not_held(db, &link.place) } else { Ok(None) }
}
