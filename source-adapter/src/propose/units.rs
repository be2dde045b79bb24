//! Units in titles, and the factors that lead to the units of the standard record. They stand in
//! `header-units.csv`.

use renkei_checkup::decimal::Decimal;
use renkei_checkup::tables;
use renkei_checkup::tables::drafting::{HeaderRole, HeaderUnit};

use crate::mapping::Item;

/// One spelling for each unit.
fn normal(text: &str) -> String {
    let mut unit: String = text.chars().filter(|letter| !letter.is_whitespace()).collect();
    for row in tables().drafting().header(HeaderRole::UnitSpelling) {
        unit = unit.replace(&row.word, &row.value);
    }
    unit
}

/// The usual spelling of a text that is a unit and nothing else.
pub(super) fn unit(text: &str) -> Option<String> {
    let unit = normal(text);
    tables().drafting().units().iter().any(|row| row.unit == unit).then_some(unit)
}

/// A folded title without its unit, and the unit.
pub(super) fn split(title: &str) -> (String, Option<String>) {
    const OPEN: [char; 5] = ['(', '[', '{', '【', '〔'];
    const CLOSE: [char; 5] = [')', ']', '}', '】', '〕'];
    let mut rest = title;
    let mut before = 0;
    while let Some((head, tail)) = rest.split_once(OPEN) {
        let (inside, after) = tail.split_once(CLOSE).unwrap_or((tail, ""));
        let start = before + head.len();
        if let Some(unit) = unit(inside) {
            let name = title.get(..start).unwrap_or_default();
            return (format!("{name} {after}"), Some(unit));
        }
        before = title.len() - tail.len();
        rest = tail;
    }
    let parted = title.replace([' ', '-'], "_");
    for row in tables().drafting().header(HeaderRole::UnitEnd) {
        if let Some(name) = parted.strip_suffix(row.word.as_str())
            && !name.is_empty()
            && !name.ends_with(|letter: char| letter.is_ascii_alphanumeric())
        {
            let name = title.get(..name.len()).unwrap_or_default();
            return (name.to_owned(), Some(row.value.clone()));
        }
    }
    (title.to_owned(), None)
}

/// What a number in this unit is multiplied by to be in that of the item; none when there is no way.
pub(super) fn factor(unit: &str, item: Item) -> Option<&'static HeaderUnit> {
    let leads = |row: &&HeaderUnit| row.unit == unit && row.ucum == item.unit_ucum;
    let rows = || tables().drafting().units().iter().filter(leads);
    rows().find(|row| row.item == item.id).or_else(|| rows().find(|row| row.item.is_empty()))
}

/// The factors, other than 1, by which exports differ from the unit of an item.
pub(super) fn factors(item: Item) -> impl Iterator<Item = &'static HeaderUnit> {
    let is_of = |row: &&HeaderUnit| {
        row.ucum == item.unit_ucum
            && !row.is_plain()
            && (row.item.is_empty() || row.item == item.id)
    };
    tables().drafting().units().iter().filter(is_of)
}

pub(super) fn decimal(factor: &str) -> Option<Decimal> {
    Decimal::parse(factor)
}

#[cfg(test)]
mod tests {
    use super::{factor, split};
    use renkei_checkup::tables;

    #[test]
    fn units_lead_to_those_of_the_items_or_nowhere() {
        let by = |unit: &str, id: &str| {
            factor(unit, tables().column(id).unwrap()).map(|row| row.factor.as_str())
        };
        assert_eq!(by("mg/dl", "ldl"), Some("1"));
        assert_eq!(by("mmol/l", "ldl"), Some("38.67"));
        assert_eq!(by("mg/dl", "hb"), None, "another unit is never taken for the same");
        assert_eq!(by("10^3/ul", "wbc"), Some("1000"));
        assert_eq!(by("g/dl", "mchc"), Some("1"));
    }

    #[test]
    fn a_title_gives_its_unit() {
        assert_eq!(split("血小板数(×10^4/μl)").1.as_deref(), Some("10^4/ul"));
        assert_eq!(split("weight_kg"), ("weight_".to_owned(), Some("kg".to_owned())));
        assert_eq!(split("ast(got)").1, None);
    }
}
