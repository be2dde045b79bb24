//! Columns beside each other that hold one item together: 姓 and 名, or 所見1, 所見2 and 所見3.

use renkei_checkup::tables;
use renkei_checkup::tables::drafting::HeaderRole;
use unicode_normalization::UnicodeNormalization;

use super::decide::{self, Choice, Verdict, Verdicts};
use super::score::Shape;
use super::sheet::SheetColumn;
use super::{Column, header};
use renkei_checkup::Kind;

/// Columns that are read as one.
pub(super) struct Series {
    /// Their places among the columns, in order.
    pub(super) members: Vec<usize>,
    /// What stands between their cells.
    pub(super) join: &'static str,
    /// The cells joined, row by row.
    pub(super) column: Column,
    pub(super) choice: Choice,
}

/// Finds columns that are one item together, and that are none alone.
pub(super) fn find(columns: &[Column], verdicts: &Verdicts) -> Vec<Series> {
    let mut found: Vec<Series> = Vec::new();
    let mut at = 0;
    while at < columns.len() {
        let series = set(columns, verdicts, at).or_else(|| numbered(columns, verdicts, at));
        match series.filter(|series| is_free(series, verdicts, &found)) {
            Some(series) => {
                at += series.members.len();
                found.push(series);
            }
            None => at += 1,
        }
    }
    found
}

/// Whether no other column has the items.
fn is_free(series: &Series, verdicts: &Verdicts, found: &[Series]) -> bool {
    let items = &series.choice.target.items;
    let claims = |choice: &Choice| {
        choice.target.items.iter().any(|item| items.iter().any(|i| i.position == item.position))
    };
    !verdicts.decided().any(|(_, choice)| claims(choice))
        && !found.iter().any(|other| claims(&other.choice))
}

/// 姓 and 名, or another set of titles of the table.
fn set(columns: &[Column], verdicts: &Verdicts, at: usize) -> Option<Series> {
    let row = tables().drafting().header(HeaderRole::Set).find(|row| {
        row.word.split('+').enumerate().all(|(offset, title)| {
            columns.get(at + offset).is_some_and(|column| {
                header::bare(&column.from) == header::bare(title) && is_open(verdicts, at + offset)
            })
        })
    })?;
    let members: Vec<usize> = (at..at + row.word.split('+').count()).collect();
    let item = tables().column(&row.value)?;
    let join = if item.kind == Kind::Text { "" } else { " " };
    series(columns, members, join, &item.name_ja)
}

/// 所見1, 所見2 and so on.
fn numbered(columns: &[Column], verdicts: &Verdicts, at: usize) -> Option<Series> {
    let (base, number) = base_and_number(&columns.get(at)?.from)?;
    if number != 1 {
        return None;
    }
    let is_next = |offset: &usize| {
        columns.get(at + offset).and_then(|column| base_and_number(&column.from)).is_some_and(
            |(other, number)| {
                other == base && number == offset + 1 && is_open(verdicts, at + offset)
            },
        )
    };
    let members: Vec<usize> = (0..).take_while(is_next).map(|offset: usize| at + offset).collect();
    if members.len() < 2 {
        return None;
    }
    let has = |mark: &str| {
        let cells = members.iter().filter_map(|index| columns.get(*index));
        cells.flat_map(|column| &column.cells).any(|cell| cell.contains(mark))
    };
    let join = ["、", "／", "；", "|"].into_iter().find(|mark| !has(mark))?;
    let series = series(columns, members, join, &base)?;
    let is_list = |choice: &Choice| match choice.target.shape {
        Shape::Finding => true,
        Shape::One => choice.target.items.iter().all(|item| item.kind == Kind::Multi),
        Shape::Ignored | Shape::Shared(_) => false,
    };
    is_list(&series.choice).then_some(series)
}

fn is_open(verdicts: &Verdicts, index: usize) -> bool {
    matches!(verdicts.of.get(index), Some(Verdict::Asked { .. } | Verdict::Unknown(_)))
}

/// `所見1`: the title without its number, and the number.
fn base_and_number(title: &str) -> Option<(String, usize)> {
    let folded: String = title.nfkc().collect();
    let folded = folded.trim().trim_end_matches([')', ']']);
    let base = folded.trim_end_matches(|letter: char| letter.is_ascii_digit());
    let number = folded.get(base.len()..)?.parse().ok()?;
    let base = base.trim_end_matches(['(', '[', '_', ' ', '-']);
    (!base.is_empty() && !base.ends_with('#') && number < 20).then(|| (base.to_owned(), number))
}

/// The columns as one, when it is certain what they are together.
fn series(
    columns: &[Column],
    members: Vec<usize>,
    join: &'static str,
    title: &str,
) -> Option<Series> {
    let parts: Vec<&Column> = members.iter().filter_map(|index| columns.get(*index)).collect();
    let first = parts.first()?;
    if parts.iter().any(|part| part.never.is_some()) {
        return None;
    }
    let row = |row: usize| {
        let cells = parts.iter().filter_map(|part| part.rows.get(row));
        let filled: Vec<&str> = cells.map(String::as_str).filter(|cell| !cell.is_empty()).collect();
        filled.join(join)
    };
    let column = Column::of(SheetColumn {
        place: first.place,
        from: first.from.clone(),
        titles: vec![title.to_owned()],
        cells: (0..first.rows.len()).map(row).collect(),
        per_test: false,
    });
    match decide::alone(&column) {
        Verdict::Decided(choice) => Some(Series { members, join, column, choice }),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::base_and_number;

    #[test]
    fn titles_end_in_their_number() {
        let of = |title: &str| base_and_number(title);
        assert_eq!(of("心電図所見1"), Some(("心電図所見".into(), 1)));
        assert_eq!(of("所見②"), Some(("所見".into(), 2)));
        assert_eq!(of("既往歴(3)"), Some(("既往歴".into(), 3)));
        assert_eq!(of("既往歴_10"), Some(("既往歴".into(), 10)));
        assert_eq!(of("所見#2"), None, "a title that stands twice");
        assert_eq!(of("所見"), None);
        assert_eq!(of("12"), None);
    }
}
