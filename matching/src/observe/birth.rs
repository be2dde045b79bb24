//! Two dates of birth.

use crate::level::Level;
use chrono::{Datelike, NaiveDate};
use renkei_person::Birth;

/// The first years of 明治, 大正, 昭和, 平成 and 令和.
const ERAS: [i32; 5] = [1868, 1912, 1926, 1989, 2019];

/// How far they agree.
pub(super) fn level(a: Birth, b: Birth) -> Level {
    let (Some(day), Some(other)) = (a.day(), b.day()) else {
        let meets = a.first() <= b.last() && b.first() <= a.last();
        return if meets { Level::BirthPartly } else { Level::BirthOther };
    };
    if day == other {
        Level::BirthSame
    } else if day.year() == other.year() && (day.month(), day.day()) == (other.day(), other.month())
    {
        Level::BirthSwapped
    } else if is_of_another_era(day, other) {
        Level::BirthEra
    } else if is_one_digit_off(day, other) {
        Level::BirthDigit
    } else if parts_in_common(day, other) == 2 {
        Level::BirthTwo
    } else {
        Level::BirthOther
    }
}

/// Whether a year of one era was taken for that of another: 昭和5年 for 平成5年.
fn is_of_another_era(a: NaiveDate, b: NaiveDate) -> bool {
    let within = |year: i32| ERAS.iter().filter(move |first| **first <= year);
    (a.month(), a.day()) == (b.month(), b.day())
        && within(a.year()).any(|ours| {
            within(b.year()).any(|theirs| ours != theirs && a.year() - ours == b.year() - theirs)
        })
}

/// Whether one digit is another, or two neighbours have changed places.
fn is_one_digit_off(a: NaiveDate, b: NaiveDate) -> bool {
    let [a, b] = [digits(a), digits(b)];
    let differ: Vec<usize> = (0..8).filter(|at| a.get(*at) != b.get(*at)).collect();
    match differ.as_slice() {
        [_] => true,
        [one, two] => two - one == 1 && a.get(*one) == b.get(*two) && a.get(*two) == b.get(*one),
        _ => false,
    }
}

fn digits(day: NaiveDate) -> [u32; 8] {
    let year = day.year().unsigned_abs();
    let [y, m, d] = [year, day.month(), day.day()];
    [y / 1000, y / 100 % 10, y / 10 % 10, y % 10, m / 10, m % 10, d / 10, d % 10]
}

fn parts_in_common(a: NaiveDate, b: NaiveDate) -> usize {
    let same = [a.year() == b.year(), a.month() == b.month(), a.day() == b.day()];
    same.into_iter().filter(|same| *same).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(a: &str, b: &str) -> Level {
        let [one, two] = [a, b].map(|text| Birth::parse(text).unwrap());
        assert_eq!(level(one, two), level(two, one), "either way");
        level(one, two)
    }

    #[test]
    fn dates_are_mistaken_in_several_ways() {
        for (other, level) in [
            ("19750412", Level::BirthSame),
            ("1975", Level::BirthPartly),
            ("197504", Level::BirthPartly),
            ("197505", Level::BirthOther),
            ("19751204", Level::BirthSwapped),
            ("19750413", Level::BirthDigit),
            ("19750421", Level::BirthDigit),
            ("19570412", Level::BirthDigit),
            ("19750430", Level::BirthTwo),
            ("19810412", Level::BirthTwo),
            ("19810430", Level::BirthOther),
            ("19760413", Level::BirthOther),
        ] {
            assert_eq!(told("19750412", other), level, "{other}");
        }
    }

    #[test]
    fn an_era_is_taken_for_another() {
        // 昭和5年 and 平成5年, 大正10年 and 昭和10年, 平成1年 and 令和1年
        assert_eq!(told("19300412", "19930412"), Level::BirthEra);
        assert_eq!(told("19210412", "19350412"), Level::BirthEra);
        assert_eq!(told("19890412", "20190412"), Level::BirthEra);
        assert_ne!(told("19300412", "19940412"), Level::BirthEra);
    }
}
