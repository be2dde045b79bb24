//! Names and values a mapping may use.

use renkei_checkup::number::Measured;
use renkei_checkup::programmes::programmes;
use renkei_checkup::{Column, Kind, dates, own, tables, terms};

use super::Item;
use super::problems::Problems;

/// An item by its id, or a mistake that names the nearest one.
pub(super) fn item(problems: &Problems, line: usize, key: &str, id: &str) -> Option<Item> {
    let own = problems.own.borrow().get(id).copied();
    let found = own.or_else(|| tables().column(id));
    if found.is_none() && id.starts_with(own::PREFIX) {
        let name = id.trim_start_matches(own::PREFIX);
        let en = format!("there is no [[item]] with id = {name:?}");
        problems.add(line, key, en, format!("id = {name:?} の [[item]] がありません"));
    } else if found.is_none() {
        let (mut en, mut ja) =
            (format!("there is no item {id:?}"), format!("項目 {id:?} はありません"));
        if let Some(nearest) = nearest(id) {
            en.push_str(&format!("; the nearest is {nearest:?}"));
            ja.push_str(&format!("。最も近いのは {nearest:?}"));
        }
        problems.add(line, key, en, ja);
    }
    found
}

/// The id that was probably meant.
fn nearest(id: &str) -> Option<&'static str> {
    let ids = tables().columns().iter().map(|column| column.id.as_str());
    let (far, nearest) = ids.map(|other| (distance(id, other), other)).min()?;
    (far * 2 <= id.len()).then_some(nearest)
}

/// How many letters to change, add or drop (Levenshtein).
fn distance(one: &str, other: &str) -> usize {
    let mut row: Vec<usize> = (0..=other.len()).collect();
    for (i, a) in one.bytes().enumerate() {
        let mut diagonal = i;
        let mut left = i + 1;
        for (b, above) in other.bytes().zip(row.iter_mut().skip(1)) {
            let change = diagonal + usize::from(a != b);
            diagonal = *above;
            left = change.min(left + 1).min(diagonal + 1);
            *above = left;
        }
        if let Some(first) = row.first_mut() {
            *first = i + 1;
        }
    }
    row.last().copied().unwrap_or(usize::MAX)
}

/// What is wrong with a value that is to stand in the standard record as it is.
pub(crate) fn mistake_in_standard_value(item: &Column, value: &str) -> Option<(String, String)> {
    if value.len() > item.max_bytes {
        let limit = item.max_bytes;
        return Some((
            format!("is longer than {limit} bytes of UTF-8"),
            format!("{limit}バイト（UTF-8）を超えています"),
        ));
    }
    if says_why_there_is_no_value(item, value) {
        return None;
    }
    if item.id == "program_code" && !(value.len() == 3 && is_digits(value)) {
        let known: Vec<&str> = programmes().all().iter().map(|row| row.code.as_str()).collect();
        let known = known.join(", ");
        return Some((
            format!("{value:?} is not the code of a programme; known are {known}"),
            format!("健診プログラムのコードではありません。例: {known}"),
        ));
    }
    let (right, en, ja) = match item.kind {
        Kind::Term | Kind::Judge => return mistake_in_term(item, value),
        Kind::Date => (dates::parse_standard(value).is_some(), "YYYY-MM-DD", "YYYY-MM-DD"),
        Kind::Num => (Measured::parse(value).is_some(), "a number", "数値"),
        Kind::Int => (is_digits(value), "a whole number", "整数"),
        Kind::Id | Kind::Code | Kind::Text | Kind::Multi | Kind::Kana | Kind::Name => return None,
    };
    if right {
        return None;
    }
    Some((format!("{value:?} is not right; {en} expected"), format!("{ja}が必要です")))
}

/// What is wrong with a term; nothing when the item has no value set.
pub(super) fn mistake_in_term(item: &Column, term: &str) -> Option<(String, String)> {
    let known = tables().term(&item.value_set, term).is_some();
    if !item.is_term() || known || says_why_there_is_no_value(item, term) {
        return None;
    }
    let known: Vec<&str> =
        tables().terms(&item.value_set).iter().map(|row| row.term.as_str()).collect();
    let known = known.join(", ");
    let id = &item.id;
    Some((
        format!("{term:?} is not a term of {id}; right is one of {known}"),
        format!("{id} の用語ではありません。正: {known}"),
    ))
}

/// 未実施 and 測定不能 are standard values of every item that has a source cell beside it.
fn says_why_there_is_no_value(item: &Column, value: &str) -> bool {
    item.pair && matches!(value, terms::NOT_PERFORMED | terms::NOT_MEASURABLE)
}

pub(super) fn is_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::distance;

    #[test]
    fn distances() {
        assert_eq!(distance("heigth", "height"), 2);
        assert_eq!(distance("", "abc"), 3);
        assert_eq!(distance("abc", "abc"), 0);
        assert_eq!(distance("abc", "ab"), 1);
    }
}
