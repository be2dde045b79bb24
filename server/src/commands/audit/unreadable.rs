//! Records of a list that do not open, told once for each place: a lost segment has thousands.

use renkei_audit::{AuditError, Place};
use std::collections::BTreeMap;
use uuid::Uuid;

/// What does not open in one segment, for one reason.
#[derive(Debug, PartialEq, Eq)]
struct Lost {
    records: u64,
    /// The least and the greatest number.
    numbers: (u64, u64),
    /// The first and the last place in the segment.
    octets: (u64, u64),
}

/// The records that do not open, by journal, segment and reason.
#[derive(Debug, Default)]
pub(super) struct Unreadable(BTreeMap<(Uuid, u64, String), Lost>);

impl Unreadable {
    pub(super) fn add(&mut self, place: &Place, error: &AuditError) {
        let at = (place.journal, place.segment, error.to_string());
        let (number, octet) = (place.number, place.offset);
        let lost = Lost { records: 0, numbers: (number, number), octets: (octet, octet) };
        let lost = self.0.entry(at).or_insert(lost);
        lost.records += 1;
        lost.numbers = (lost.numbers.0.min(number), lost.numbers.1.max(number));
        lost.octets = (lost.octets.0.min(octet), lost.octets.1.max(octet));
    }

    /// Tells of them on standard error.
    pub(super) fn tell(&self) {
        for line in self.lines() {
            eprintln!("{line}");
        }
    }

    fn lines(&self) -> impl Iterator<Item = String> {
        self.0.iter().map(|((journal, segment, error), lost)| {
            let Lost { records, numbers: (first, last), octets: (from, to) } = lost;
            format!(
                "監査ジャーナル{journal}のセグメント{segment:020}.journal、位置{from}から{to}の記録{records}件\
                 (番号{first}から{last}の間)を開けません。鍵とバックアップを確認してください / audit journal \
                 {journal}, segment {segment:020}.journal, places {from} to {to}: {records} records \
                 (numbers between {first} and {last}) do not open; check the keys and the backup: \
                 {error}"
            )
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lost_segment_is_one_line_with_its_file_its_places_and_its_numbers() {
        let mut unreadable = Unreadable::default();
        let place = |number: u64, segment: u64| Place {
            id: Uuid::from_u128(u128::from(number)),
            journal: Uuid::nil(),
            number,
            segment,
            offset: number * 100,
        };
        for number in [9, 7, 8] {
            unreadable.add(&place(number, 1), &AuditError::Lost);
        }
        unreadable.add(&place(20, 15), &AuditError::Other);
        let lines: Vec<String> = unreadable.lines().collect();
        assert_eq!(lines.len(), 2, "{lines:?}");
        let expected = "segment 00000000000000000001.journal, places 700 to 900: 3 records (numbers \
                        between 7 and 9) do not open";
        assert!(lines[0].contains(expected), "{lines:?}");
        assert!(lines[0].contains("記録3件"), "{lines:?}");
    }
}
