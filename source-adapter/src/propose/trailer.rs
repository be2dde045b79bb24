//! Lines behind the last record. Only a line that can be no person is proposed to be dropped.

use renkei_checkup::tables;
use renkei_checkup::tables::drafting::HeaderRole;

use super::records::Record;
use crate::cells::trim;

/// How a line that is no record begins; none when it could be a person.
pub(super) fn prefix(record: &Record, width: usize, rows: &[Vec<String>]) -> Option<String> {
    const MOST_FILLED: usize = 2;
    if record.filled().count() > MOST_FILLED || width < 2 * record.filled().count() {
        return None;
    }
    let first = record.cells.first()?;
    let prefix = known_beginning(first)?;
    let begins = |row: &Vec<String>| row.first().is_some_and(|cell| cell.starts_with(&prefix));
    (!rows.iter().any(begins)).then_some(prefix)
}

/// Marks and a word that ends files, such as `#END` or `合計`.
fn known_beginning(cell: &str) -> Option<String> {
    let cell = trim(cell);
    let marks = cell.find(char::is_alphanumeric)?;
    let (mark, text) = cell.split_at_checked(marks)?;
    let word: String = text.chars().take_while(|letter| letter.is_alphabetic()).collect();
    let lower = word.to_lowercase();
    let behind = text.chars().nth(word.chars().count());
    if lower.is_ascii() && behind.is_some_and(|letter| letter.is_numeric()) {
        return None;
    }
    let row = tables()
        .drafting()
        .header(HeaderRole::Trailer)
        .filter(|row| lower == row.word || (!lower.is_ascii() && lower.starts_with(&row.word)))
        .max_by_key(|row| row.word.len())?;
    let word: String = word.chars().take(row.word.chars().count()).collect();
    Some(format!("{mark}{word}"))
}

#[cfg(test)]
mod tests {
    use super::prefix;
    use crate::propose::records::Lines;

    fn of(line: &str, first: &str) -> Option<String> {
        let record = Lines::of(line).record(0, ',', true).unwrap();
        prefix(&record, 8, &[vec![first.to_owned()]])
    }

    #[test]
    fn only_a_line_that_is_no_person_is_dropped() {
        assert_eq!(of("#END 20", "A1").as_deref(), Some("#END"));
        assert_eq!(of("EOF", "A1").as_deref(), Some("EOF"));
        assert_eq!(of("合計,3", "A1").as_deref(), Some("合計"));
        assert_eq!(of("件数：3", "A1").as_deref(), Some("件数"));
        for line in ["B006", "B006,ダテ", "E1,x", "END007", "合計,1,2,3", "合"] {
            assert_eq!(of(line, "A1"), None, "{line}");
        }
        assert_eq!(of("END", "END1"), None, "a person's number begins so");
    }
}
