//! 一連検査グループ: the examinations whose results, eligibility and reason belong together.

use std::sync::LazyLock;

use serde::Deserialize;

use crate::tables::Column;

const GROUPS: &str = include_str!("../../tables/cda-groups.csv");

/// How a member belongs to its group (`entryRelationship/@typeCode`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub(super) enum Relation {
    /// A result.
    Comp,
    /// Eligibility (対象者) or reason (実施理由).
    Rson,
}

impl Relation {
    pub(super) const fn code(self) -> &'static str {
        match self {
            Self::Comp => "COMP",
            Self::Rson => "RSON",
        }
    }
}

/// One member; the members of a group follow one another in the order in which they are written.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Member {
    pub(super) group: String,
    pub(super) item: String,
    pub(super) relation: Relation,
    /// The programme in which the item stands alone.
    not_under: String,
}

/// As with [`crate::tables()`], the tests find a mistake in the data file.
fn all() -> &'static [Member] {
    static TABLE: LazyLock<Vec<Member>> = LazyLock::new(|| read(GROUPS).unwrap_or_default());
    &TABLE
}

fn read(text: &str) -> Result<Vec<Member>, csv::Error> {
    csv::Reader::from_reader(text.as_bytes()).deserialize().collect()
}

/// The group of an item under a programme.
pub(super) fn of(column: &Column, programme: &str) -> Option<&'static str> {
    all()
        .iter()
        .find(|member| member.item == column.id && member.not_under != programme)
        .map(|member| member.group.as_str())
}

/// The members of a group under a programme.
pub(super) fn members(group: &str, programme: &str) -> impl Iterator<Item = &'static Member> {
    all().iter().filter(move |member| member.group == group && member.not_under != programme)
}

#[cfg(test)]
mod tests {
    use super::{GROUPS, Relation, members, read};
    use crate::programmes::programmes;
    use crate::tables::tables;

    #[test]
    fn every_member_is_an_item_once_and_results_come_first() {
        let rows = read(GROUPS).unwrap();
        let mut items: Vec<&str> = rows.iter().map(|row| row.item.as_str()).collect();
        items.sort_unstable();
        items.dedup();
        assert_eq!(items.len(), rows.len());
        for item in items {
            assert!(tables().column(item).is_some(), "{item}");
        }
        for pair in rows.windows(2).filter(|pair| pair[0].group == pair[1].group) {
            assert!(pair[0].relation == Relation::Comp || pair[1].relation == Relation::Rson);
        }
    }

    #[test]
    fn a_group_stands_in_one_section() {
        for programme in programmes().all().iter().map(|row| row.code.as_str()) {
            for row in read(GROUPS).unwrap() {
                let mut sections: Vec<&str> = members(&row.group, programme)
                    .map(|member| tables().column(&member.item).unwrap().cda_section.as_str())
                    .collect();
                sections.dedup();
                assert!(sections.len() == 1 || programme != "010", "{}: {sections:?}", row.group);
            }
        }
    }
}
