//! How an institution measures: its methods and its reference ranges.

use std::collections::HashMap;
use std::sync::OnceLock;

use crate::companions::{self, Companion};
use crate::decimal::Decimal;
use crate::hash::Sha256Hex;
use crate::number::{Comparator, Measured};
use crate::tables::{Column, tables};

/// A reference range of one item.
#[derive(Clone, Debug)]
pub struct ReferenceRange {
    /// The item.
    pub item: &'static Column,
    /// 男 or 女; none for both.
    pub sex: Option<String>,
    /// The least normal value.
    pub low: Option<Decimal>,
    /// The greatest normal value.
    pub high: Option<Decimal>,
}

impl ReferenceRange {
    /// L, N or H; none when a bound such as `<30` leaves it open.
    pub fn interpret(&self, measured: Measured) -> Option<&'static str> {
        let value = measured.value;
        let below = self.low.is_some_and(|low| value < low);
        let above = self.high.is_some_and(|high| value > high);
        // "<60" says that the value is below a limit of 60, "<=60" leaves it open
        let least = self.low.is_some_and(|low| value == low);
        let greatest = self.high.is_some_and(|high| value == high);
        match measured.comparator {
            None if below => Some("L"),
            None if above => Some("H"),
            None => Some("N"),
            Some(Comparator::Less) if least => Some("L"),
            Some(Comparator::Greater) if greatest => Some("H"),
            Some(Comparator::Less | Comparator::LessOrEqual) => match self.low {
                None if !above => Some("N"),
                Some(_) if below => Some("L"),
                _ => None,
            },
            Some(Comparator::Greater | Comparator::GreaterOrEqual) => match self.high {
                None if !below => Some("N"),
                Some(_) if above => Some("H"),
                _ => None,
            },
        }
    }
}

/// Methods and ranges of an institution; the default is the column table and no range.
#[derive(Clone, Debug, Default)]
pub struct Practice {
    codes: HashMap<usize, String>,
    ranges: Vec<ReferenceRange>,
    /// Asked for with each document, and the same for all.
    key: OnceLock<Sha256Hex>,
}

impl Practice {
    /// Names the 17-digit code of the method used for an item.
    pub fn set_code(&mut self, item: &Column, jlac10: &str) {
        self.key.take();
        self.codes.insert(item.position, jlac10.to_owned());
    }

    /// Adds a reference range.
    pub fn add_range(&mut self, range: ReferenceRange) {
        self.key.take();
        self.ranges.push(range);
    }

    /// The 17-digit code of an item here: the one named for it, else the one that comes with the
    /// method of the item it belongs to, else that of the column table.
    pub fn code<'a>(&'a self, item: &'a Column) -> &'a str {
        if let Some(code) = self.codes.get(&item.position) {
            return code;
        }
        self.companion(item).map_or(&item.jlac10, |companion| &companion.jlac10)
    }

    /// The official name of an item under its code here.
    pub fn name<'a>(&'a self, item: &'a Column) -> &'a str {
        let code = self.code(item);
        let companion = || companions::by_code(code).map(|companion| companion.name.as_str());
        let method = tables().method(code).map(|method| method.item_name.as_str());
        method.or_else(companion).unwrap_or(&item.name_ja)
    }

    /// What makes these methods and ranges others, in whatever order they were given: documents of the
    /// same record differ where it does.
    pub fn key(&self) -> &Sha256Hex {
        self.key.get_or_init(|| self.make_key())
    }

    fn make_key(&self) -> Sha256Hex {
        let limit = |limit: Option<Decimal>| limit.map_or(String::new(), |limit| limit.to_string());
        let of_code = |column: &Column| {
            self.codes.get(&column.position).map(|code| format!("{}|{code}\n", column.id))
        };
        let mut lines: Vec<String> = tables().columns().iter().filter_map(of_code).collect();
        lines.extend(self.ranges.iter().map(|range| {
            let sex = range.sex.as_deref().unwrap_or("*");
            format!("{}|{sex}|{}|{}\n", range.item.id, limit(range.low), limit(range.high))
        }));
        lines.sort_unstable();
        Sha256Hex::of(lines.concat().as_bytes())
    }

    /// What the item becomes because of the method of the item it belongs to.
    fn companion(&self, item: &Column) -> Option<&'static Companion> {
        companions::of_item(&item.id).find(|companion| {
            let main = tables().column(&companion.main);
            main.and_then(|main| self.codes.get(&main.position)) == Some(&companion.main_jlac10)
        })
    }

    /// The range for a person of this sex; one made for the sex goes before one for both.
    pub fn range(&self, item: &Column, sex: &str) -> Option<&ReferenceRange> {
        let of_item = || self.ranges.iter().filter(|r| r.item.position == item.position);
        of_item()
            .find(|range| range.sex.as_deref() == Some(sex))
            .or_else(|| of_item().find(|range| range.sex.is_none()))
    }
}

#[cfg(test)]
mod tests {
    use super::{Practice, ReferenceRange};
    use crate::decimal::Decimal;
    use crate::number::Measured;
    use crate::tables;

    fn range(sex: Option<&str>, low: Option<&str>, high: Option<&str>) -> ReferenceRange {
        let number = |text| Decimal::parse(text).unwrap();
        ReferenceRange {
            item: tables().column("hb").unwrap(),
            sex: sex.map(str::to_owned),
            low: low.map(number),
            high: high.map(number),
        }
    }

    #[test]
    fn interprets_values_and_bounds() {
        let both = range(None, Some("12.1"), Some("14.5"));
        let upper = range(None, None, Some("30"));
        for (range, value, expected) in [
            (&both, "12.1", Some("N")),
            (&both, "12.0", Some("L")),
            (&both, "14.6", Some("H")),
            (&both, "<12.0", Some("L")),
            (&both, "<13.0", None),
            (&both, "<12.1", Some("L")),
            (&both, "<=12.1", None),
            (&both, ">14.5", Some("H")),
            (&both, ">=14.5", None),
            (&upper, "<=5", Some("N")),
            (&upper, ">=300", Some("H")),
            (&upper, ">20", None),
        ] {
            assert_eq!(range.interpret(Measured::parse(value).unwrap()), expected, "{value}");
        }
    }

    #[test]
    fn an_indirect_chest_x_ray_changes_its_companions() {
        let [main, text] = ["cxr", "cxr_txt"].map(|id| tables().column(id).unwrap());
        let mut practice = Practice::default();
        assert_eq!(practice.code(text), "9N206160800000049");
        practice.set_code(main, "9N221160700000011");
        assert_eq!(practice.code(text), "9N221160800000049");
        assert_eq!(practice.name(text), "胸部Ｘ線検査(一般:間接撮影)(所見)");
        assert_eq!(practice.code(tables().column("cxr_date").unwrap()), "9N226161100000049");
    }

    #[test]
    fn the_range_of_the_sex_goes_first() {
        let mut practice = Practice::default();
        practice.add_range(range(None, None, Some("20")));
        practice.add_range(range(Some("女"), Some("12.1"), None));
        let hb = tables().column("hb").unwrap();
        assert!(practice.range(hb, "女").unwrap().low.is_some());
        assert!(practice.range(hb, "男").unwrap().low.is_none());
        assert!(practice.range(tables().column("ua").unwrap(), "男").is_none());
    }

    #[test]
    fn the_key_forgets_the_order_and_nothing_else() {
        let item = tables().column("hba1c").unwrap();
        let (men, women) = (range(Some("男"), None, Some("5.5")), range(Some("女"), None, None));
        let mut practice = Practice::default();
        practice.add_range(men.clone());
        practice.add_range(women.clone());
        let mut same = Practice::default();
        same.add_range(women);
        same.add_range(men);
        assert_eq!(practice.key(), same.key());
        same.set_code(item, "3D046000001927102");
        assert_ne!(practice.key(), same.key());
        practice.add_range(range(None, Some("1"), None));
        assert_ne!(practice.key(), Practice::default().key());
    }
}
