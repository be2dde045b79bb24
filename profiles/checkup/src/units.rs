//! Units as documents write them, and the factors that lead to the unit of an item.
//!
//! Both are tables (`units.csv`, `unit-factors.csv`). Units that measure different things never meet:
//! a molar concentration becomes a mass only for the items whose substance is known.

use std::sync::LazyLock;

use hashbrown::HashMap;
use serde::Deserialize;

use crate::decimal::Decimal;
use crate::fold::nfkc;
use crate::tables::Column;

const UNITS: &str = include_str!("../tables/units.csv");
const FACTORS: &str = include_str!("../tables/unit-factors.csv");

/// Separates the words of a cell of the tables.
const SEPARATOR: char = ';';

/// A unit of the table; two are equal when they are the same unit, however written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Unit(&'static str);

impl Unit {
    /// The unit of a UCUM code, which is case-sensitive.
    pub fn of_code(code: &str) -> Option<Self> {
        table().codes.get(code).map(|unit| Self(unit))
    }

    /// The unit that people write so, in whatever width and case.
    pub fn of_text(text: &str) -> Option<Self> {
        table().spellings.get(&fold(text)).map(|unit| Self(unit))
    }

    /// Its code in UCUM.
    pub const fn code(self) -> &'static str {
        self.0
    }

    /// What a number in this unit is multiplied by to be one of the item; none when the table does
    /// not lead there.
    pub fn factor(self, item: &Column) -> Option<Decimal> {
        if Self::of_code(&item.unit_ucum) == Some(self) {
            return Some(Decimal::ONE);
        }
        let leads = |row: &&Factor| row.from == self.0 && row.leads_to(item);
        table().factors.iter().find(leads).and_then(|row| Decimal::parse(&row.factor))
    }
}

/// One spelling for what people write in different widths, cases and signs.
fn fold(text: &str) -> String {
    let letters = nfkc(text);
    let letters = letters.chars().filter(|letter| !letter.is_whitespace());
    let one = |letter: char| match letter {
        'μ' => 'u',
        '*' => '^',
        '×' | '✕' => 'x',
        _ => letter,
    };
    letters.map(one).flat_map(char::to_lowercase).collect::<String>().replace("^^", "^")
}

#[derive(Clone, Debug, Deserialize)]
struct Row {
    unit: String,
    ucum: String,
    spellings: String,
}

#[derive(Clone, Debug, Deserialize)]
struct Factor {
    from: String,
    to: String,
    items: String,
    factor: String,
}

impl Factor {
    /// A row without items is for all that have the unit.
    fn leads_to(&self, item: &Column) -> bool {
        let named = || self.items.split(SEPARATOR).any(|id| id == item.id);
        self.to == item.unit_ucum && (self.items.is_empty() || named())
    }
}

#[derive(Debug, Default)]
struct Table {
    codes: HashMap<&'static str, &'static str>,
    spellings: HashMap<String, &'static str>,
    factors: Vec<Factor>,
}

/// As with [`crate::tables()`], the tests find a mistake in the data files.
fn table() -> &'static Table {
    static ROWS: LazyLock<Vec<Row>> = LazyLock::new(|| rows(UNITS).unwrap_or_default());
    static TABLE: LazyLock<Table> = LazyLock::new(|| {
        let mut table = Table { factors: rows(FACTORS).unwrap_or_default(), ..Table::default() };
        for row in ROWS.iter() {
            table.codes.extend(words(&row.ucum).map(|code| (code, row.unit.as_str())));
            let spellings = words(&row.spellings).chain(words(&row.ucum));
            table.spellings.extend(spellings.map(|text| (fold(text), row.unit.as_str())));
        }
        table
    });
    &TABLE
}

fn rows<T: for<'de> Deserialize<'de>>(text: &str) -> Result<Vec<T>, csv::Error> {
    csv::Reader::from_reader(text.as_bytes()).deserialize().collect()
}

fn words(cell: &str) -> impl Iterator<Item = &str> {
    cell.split(SEPARATOR).filter(|word| !word.is_empty())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::{FACTORS, Factor, Row, UNITS, Unit, fold, rows, words};
    use crate::decimal::Decimal;
    use crate::tables::{Column, tables};

    fn units() -> Vec<Row> {
        rows(UNITS).unwrap()
    }

    fn factors() -> Vec<Factor> {
        rows(FACTORS).unwrap()
    }

    fn items_of(factor: &Factor) -> Vec<&'static Column> {
        tables().columns().iter().filter(|item| factor.leads_to(item)).collect()
    }

    #[test]
    fn every_word_is_one_unit() {
        let mut spellings: BTreeMap<String, String> = BTreeMap::new();
        for row in units() {
            assert_eq!(words(&row.ucum).next(), Some(row.unit.as_str()), "its own code first");
            for word in words(&row.spellings).chain(words(&row.ucum)) {
                let other = spellings.insert(fold(word), row.unit.clone());
                assert!(other.is_none_or(|other| other == row.unit), "{word}");
                assert_eq!(Unit::of_text(word).unwrap().code(), row.unit, "{word}");
            }
            for code in words(&row.ucum) {
                assert_eq!(Unit::of_code(code).unwrap().code(), row.unit, "{code}");
            }
        }
    }

    #[test]
    fn the_unit_of_every_item_is_known_in_both_forms() {
        for item in tables().columns().iter().filter(|item| !item.unit_ucum.is_empty()) {
            let unit = Unit::of_code(&item.unit_ucum).unwrap_or_else(|| panic!("{}", item.id));
            assert_eq!(unit.factor(item), Decimal::parse("1"), "{}", item.id);
            if !item.unit_display.is_empty() {
                assert_eq!(Unit::of_text(&item.unit_display), Some(unit), "{}", item.id);
            }
        }
    }

    #[test]
    fn every_factor_leads_from_a_unit_to_items_by_one_way() {
        let mut ways = Vec::new();
        for row in factors() {
            assert!(Unit::of_code(&row.from).is_some_and(|unit| unit.code() == row.from));
            assert!(Decimal::parse(&row.factor).is_some_and(|f| f > Decimal::ZERO), "{row:?}");
            let items = items_of(&row);
            assert!(!items.is_empty(), "{row:?}");
            assert_eq!(
                words(&row.items).count(),
                if row.items.is_empty() { 0 } else { items.len() }
            );
            ways.extend(items.iter().map(|item| (row.from.clone(), item.id.clone())));
        }
        let all = ways.len();
        ways.sort();
        ways.dedup();
        assert_eq!(ways.len(), all, "two factors for one unit of an item");
    }

    #[test]
    fn people_write_a_unit_in_many_ways() {
        for text in ["10*6/uL", "×10⁶/µL", "10^6/μl", "X10**6 / ㎣", "百万/μL", "10^12/L", "M/uL"]
        {
            assert_eq!(Unit::of_text(text).map(Unit::code), Some("10*6/uL"), "{text}");
        }
        for text in ["万/mm3", "万／ｍｍ３", "10*4/mm3", "×10⁴/μL", "万/㎣"] {
            assert_eq!(Unit::of_text(text).map(Unit::code), Some("10*4/mm3"), "{text}");
        }
        assert_eq!(Unit::of_text("㎎/㎗").map(Unit::code), Some("mg/dL"));
        for text in ["", "g/day", "mg", "10e4/uL", "万"] {
            assert_eq!(Unit::of_text(text), None, "{text}");
        }
        assert_eq!(Unit::of_code("MG/DL"), None, "a megagram is no milligram");
    }

    #[test]
    fn what_depends_on_the_substance_is_converted_for_it_alone() {
        let molar = Unit::of_code("mmol/L").unwrap();
        let factor = |id: &str| molar.factor(tables().column(id).unwrap()).map(|f| f.to_string());
        assert_eq!(factor("tc").as_deref(), Some("38.67"));
        assert_eq!(factor("tg_fast").as_deref(), Some("88.57"));
        assert_eq!(factor("fpg").as_deref(), Some("18.02"));
        assert_eq!(factor("tp"), None);
        assert_eq!(factor("hb"), None, "of the monomer or of the tetramer, nobody says");
        let percent = Unit::of_code("g/dL").unwrap();
        assert_eq!(percent.factor(tables().column("ht").unwrap()), None);
    }

    /// `value / factor` with more digits than any document has.
    fn there(value: Decimal, factor: Decimal) -> Decimal {
        let sent = format!("{:.12}", value.to_f64() / factor.to_f64());
        Decimal::parse(sent.get(..15).unwrap_or(&sent)).unwrap()
    }

    proptest! {
        #[test]
        fn a_value_comes_back_from_every_unit(digits in 1_i32..20_000) {
            for row in factors() {
                let factor = Decimal::parse(&row.factor).unwrap();
                for item in items_of(&row) {
                    let decimals = item.decimals.unwrap();
                    let value = Decimal::from_parts(digits, u8::try_from(decimals).unwrap());
                    let found = Unit::of_code(&row.from).unwrap().factor(item).unwrap();
                    let back = there(value, factor).times(found).round(decimals);
                    prop_assert_eq!(back, value, "{:?} {}", row, item.id);
                }
            }
        }
    }
}
