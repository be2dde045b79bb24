//! What is told of a journal that is not as it was written.

use crate::index::{DamageRow, signed, unsigned};
use crate::journal::Found;
use std::fmt;
use uuid::Uuid;

/// Something in a journal that should be there and is not, or is not what was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Damage {
    /// The journal.
    pub journal: Uuid,
    /// The segment, by the number of its first entry.
    pub segment: u64,
    /// What is wrong.
    pub kind: DamageKind,
}

/// What is wrong in a journal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DamageKind {
    /// The entries with these numbers are not there, or not whole.
    Missing {
        /// The first of them.
        first: u64,
        /// The last of them.
        last: u64,
    },
    /// The end of the journal moved back behind what the index had read: it was cut, or an older copy
    /// was put in its place. Of the entries with these numbers, others may have taken the place since.
    MovedBack {
        /// The first of those that were read once and are not there.
        first: u64,
        /// The last of them.
        last: u64,
        /// Up to where the segment had been read.
        place: u64,
    },
    /// These octets are no entry.
    Octets {
        /// Where in the segment.
        place: u64,
        /// How many.
        octets: u64,
    },
}

impl Damage {
    /// Whether `other` says nothing that this does not say.
    pub(crate) fn tells(&self, other: &Self) -> bool {
        match (self.kind, other.kind) {
            (
                DamageKind::MovedBack { first, last, .. },
                DamageKind::Missing { first: from, last: to },
            ) => self.journal == other.journal && first <= from && to <= last,
            (
                DamageKind::Missing { .. }
                | DamageKind::Octets { .. }
                | DamageKind::MovedBack { .. },
                _,
            ) => false,
        }
    }
}

impl fmt::Display for Damage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { journal, segment, kind } = self;
        match kind {
            DamageKind::Missing { first, last } => write!(
                f,
                "監査ジャーナル{journal}の記録{first}から{last}が見つかりません。バックアップと照合してください / \
                 audit journal {journal}, segment {segment}: the entries {first} to {last} are not \
                 there; compare with a backup"
            ),
            DamageKind::MovedBack { first, last, place } => write!(
                f,
                "監査ジャーナル{journal}の末尾が、セグメント{segment}の位置{place}まで読み込んだ後に\
                 失われています(切り詰め、または古いコピーの復元)。記録{first}から{last}がありません。\
                 バックアップと照合してください / audit journal {journal}: its end moved back after it was \
                 read up to {place} of segment {segment} (it was cut, or an older copy was restored): \
                 the entries {first} to {last} are not there any more; compare with a backup"
            ),
            DamageKind::Octets { place, octets } => write!(
                f,
                "監査ジャーナル{journal}のセグメント{segment}、位置{place}から{octets}バイトが壊れています。\
                 バックアップと照合してください / audit journal {journal}, segment {segment}: {octets} \
                 octets from {place} on are damaged; compare with a backup"
            ),
        }
    }
}

pub(crate) fn damage(journal: Uuid, found: &Found) -> Option<Damage> {
    match found {
        Found::Entry { .. } => None,
        Found::Missing { segment, numbers } => {
            let kind = DamageKind::Missing { first: *numbers.start(), last: *numbers.end() };
            Some(Damage { journal, segment: *segment, kind })
        }
        Found::Damage { segment, octets, offset } => {
            let kind = DamageKind::Octets { place: *offset, octets: *octets };
            Some(Damage { journal, segment: *segment, kind })
        }
    }
}

pub(crate) fn damage_row(damage: &Damage) -> DamageRow {
    let (first, last, place, octets) = match damage.kind {
        DamageKind::Missing { first, last } => (signed(first), signed(last), -1, -1),
        DamageKind::MovedBack { first, last, place } => {
            (signed(first), signed(last), signed(place), -1)
        }
        DamageKind::Octets { place, octets } => (-1, -1, signed(place), signed(octets)),
    };
    let journal = damage.journal.into_bytes().to_vec();
    DamageRow { journal, segment: signed(damage.segment), first, last, place, octets }
}

pub(crate) fn read_damage(row: &DamageRow) -> Option<Damage> {
    let (first, last) = (unsigned(row.first), unsigned(row.last));
    let (place, octets) = (unsigned(row.place), unsigned(row.octets));
    let kind = match (row.first >= 0, row.place >= 0) {
        (true, true) => DamageKind::MovedBack { first, last, place },
        (true, false) => DamageKind::Missing { first, last },
        (false, _) => DamageKind::Octets { place, octets },
    };
    let journal = Uuid::from_slice(&row.journal).ok()?;
    Some(Damage { journal, segment: unsigned(row.segment), kind })
}
