//! Dates as institutions write them: western and Japanese eras.

use std::borrow::Cow;

use chrono::{Datelike, NaiveDate};

use crate::fold::{has_odd_digits, nfkc};

/// An era and its first day; it ends the day before the next one begins.
struct Era {
    /// In full, by its first letter, and by a Latin letter; the longer ones first.
    names: [&'static str; 3],
    digit: char,
    first: (i32, u32, u32),
}

impl Era {
    /// What follows the name of the era; a separator may stand between.
    fn stripped<'t>(&self, text: &'t str) -> Option<&'t str> {
        let [full, short, letter] = self.names;
        if text.as_bytes().first().is_some_and(u8::is_ascii) {
            let (first, rest) = text.split_at_checked(1)?;
            return first.eq_ignore_ascii_case(letter).then_some(rest);
        }
        text.strip_prefix(full).or_else(|| text.strip_prefix(short))
    }
}

/// Newest first.
const ERAS: [Era; 5] = [
    Era { names: ["令和", "令", "R"], digit: '5', first: (2019, 5, 1) },
    Era { names: ["平成", "平", "H"], digit: '4', first: (1989, 1, 8) },
    Era { names: ["昭和", "昭", "S"], digit: '3', first: (1926, 12, 25) },
    Era { names: ["大正", "大", "T"], digit: '2', first: (1912, 7, 30) },
    Era { names: ["明治", "明", "M"], digit: '1', first: (1868, 9, 8) },
];

/// Whether a single digit may stand for the era, as some systems export it. A date that begins with
/// one looks like a year of seven digits otherwise, so only the institution can know.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum EraDigits {
    /// A digit is no era.
    #[default]
    None,
    /// 1 明治 2 大正 3 昭和 4 平成 5 令和, before six digits.
    First,
}

/// Reads a day as institutions write it, in half or full width, blanks not between two digits:
/// `YYYYMMDD`, `YYYY[-/.年]M[-/.月]D[日]`, an era date such as `S55.4.1`, `昭55年4月1日`, `令和元年5月1日`
/// or, compact, `S550401`; a weekday in brackets and a time may follow. Years of two digits and
/// serial numbers of days are never guessed. `None` when there is no such day, or it lies outside
/// its era.
pub fn read(cell: &str) -> Option<NaiveDate> {
    read_with(cell, EraDigits::None)
}

/// As [`read`]; a digit may stand for the era where `digits` says so.
pub fn read_with(cell: &str, digits: EraDigits) -> Option<NaiveDate> {
    let folded = nfkc(cell);
    // blanks around a cell are not the business of dates
    if has_odd_digits(cell) || folded.trim().len() < folded.len() {
        return None;
    }
    let text = without_blanks(day_of(&folded))?;
    for (index, era) in ERAS.iter().enumerate() {
        let digit = Some(era.digit).filter(|_| digits == EraDigits::First);
        let rest = match (era.stripped(&text), digit) {
            (Some(rest), _) => Some(rest),
            (None, Some(digit)) => {
                text.strip_prefix(digit).filter(|rest| rest.len() == 6 && is_digits(rest))
            }
            (None, None) => None,
        };
        if let Some(rest) = rest {
            let next = index.checked_sub(1).and_then(|newer| ERAS.get(newer));
            return era_date(era, next, rest);
        }
    }
    if text.len() == 8 && is_digits(&text) {
        return date(text.get(..4)?, text.get(4..6)?, text.get(6..)?);
    }
    let (year, month, day) = split(&text)?;
    if year.len() == 4 { date(year, month, day) } else { None }
}

/// The day without the weekday and the time behind it.
fn day_of(text: &str) -> &str {
    if text.bytes().all(|byte| byte.is_ascii_digit() || matches!(byte, b'-' | b'/' | b'.')) {
        return text;
    }
    let (day, time) = match text.split_once('(') {
        Some((day, rest)) => match rest.split_once(')') {
            Some((weekday, time)) if is_weekday(weekday) => (day, time),
            _ => return text,
        },
        None => {
            let behind = text.find(['日', 'T']).filter(|at| *at > 0).map(|at| {
                let mark =
                    if text.get(at..).is_some_and(|rest| rest.starts_with('日')) { 3 } else { 0 };
                at + mark
            });
            let at = behind.or_else(|| time_behind_blank(text));
            match at.and_then(|at| Some((text.get(..at)?, text.get(at..)?))) {
                Some((day, time)) => (day, time.strip_prefix('T').unwrap_or(time)),
                None => return text,
            }
        }
    };
    if is_time(time.trim()) { day.trim() } else { text }
}

/// Where a time begins that only a blank parts from the day.
fn time_behind_blank(text: &str) -> Option<usize> {
    let colon = text.find(':')?;
    text.get(..colon)?.rfind(' ')
}

fn is_weekday(text: &str) -> bool {
    let text = text.trim();
    let text = text.strip_suffix("曜日").or_else(|| text.strip_suffix("曜")).unwrap_or(text);
    const LATIN: [&str; 7] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];
    let mut letters = text.chars();
    let japanese = matches!(
        (letters.next(), letters.next()),
        (Some('月' | '火' | '水' | '木' | '金' | '土' | '日' | '祝'), None)
    );
    japanese || LATIN.contains(&text.to_ascii_lowercase().as_str())
}

/// Nothing, or `9:05`, `09:05:00`, `09:05:00.000`, with a zone behind.
fn is_time(text: &str) -> bool {
    if text.is_empty() {
        return true;
    }
    let text = text.strip_suffix('Z').unwrap_or(text);
    let (clock, zone) = match text.rsplit_once('+') {
        Some((clock, zone)) => (clock, zone),
        None => (text, "00:00"),
    };
    let mut parts = clock.split(':');
    let below = |part: Option<&str>, limit: u32| {
        part.is_some_and(|part| {
            matches!(part.len(), 1 | 2)
                && is_digits(part)
                && part.parse::<u32>().is_ok_and(|number| number < limit)
        })
    };
    let hours = below(parts.next(), 25) && below(parts.next(), 60);
    let seconds = match parts.next() {
        None => true,
        Some(seconds) => {
            let (whole, fraction) = seconds.split_once('.').unwrap_or((seconds, "0"));
            below(Some(whole), 61) && is_digits(fraction)
        }
    };
    let zone = zone.bytes().all(|byte| byte.is_ascii_digit() || byte == b':');
    hours && seconds && parts.next().is_none() && zone
}

/// The text without its blanks; none when one stands between two digits, where it may part a year
/// from a month or break a number.
fn without_blanks(text: &str) -> Option<Cow<'_, str>> {
    if !text.contains(char::is_whitespace) {
        return Some(Cow::Borrowed(text));
    }
    let mut kept = String::with_capacity(text.len());
    let mut blank = false;
    for letter in text.chars() {
        if letter.is_whitespace() {
            blank = true;
            continue;
        }
        let broken =
            blank && letter.is_ascii_digit() && kept.ends_with(|c: char| c.is_ascii_digit());
        if broken {
            return None;
        }
        blank = false;
        kept.push(letter);
    }
    Some(Cow::Owned(kept))
}

fn is_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

fn era_date(era: &Era, next: Option<&Era>, rest: &str) -> Option<NaiveDate> {
    let rest = rest.strip_prefix(['-', '/', '.']).unwrap_or(rest);
    let (year, month, day) = match (rest.len(), is_digits(rest)) {
        // compact: two digits each
        (6, true) => (rest.get(..2)?, rest.get(2..4)?, rest.get(4..)?),
        _ => split(rest)?,
    };
    let year = match year {
        "元" => 1,
        _ if matches!(year.len(), 1 | 2) => year.parse::<i32>().ok()?,
        _ => return None,
    };
    let first = first_day(era)?;
    let found =
        NaiveDate::from_ymd_opt(first.year() + year - 1, month.parse().ok()?, day.parse().ok()?)?;
    let ended = next.and_then(first_day).is_some_and(|end| found >= end);
    if year < 1 || found < first || ended { None } else { Some(found) }
}

fn first_day(era: &Era) -> Option<NaiveDate> {
    NaiveDate::from_ymd_opt(era.first.0, era.first.1, era.first.2)
}

/// Year, month and day, separated by `-`, `/`, `.` or 年, 月; 日 may follow.
fn split(text: &str) -> Option<(&str, &str, &str)> {
    let (year, rest) = text.split_once(['-', '/', '.', '年'])?;
    let (month, day) = rest.split_once(['-', '/', '.', '月'])?;
    let day = day.strip_suffix('日').unwrap_or(day);
    let short =
        |part: &str| matches!(part.len(), 1 | 2) && part.bytes().all(|b| b.is_ascii_digit());
    let digits = year == "元" || (!year.is_empty() && year.bytes().all(|b| b.is_ascii_digit()));
    if digits && short(month) && short(day) { Some((year, month, day)) } else { None }
}

/// The calendar has no year 0.
fn date(year: &str, month: &str, day: &str) -> Option<NaiveDate> {
    let year = year.parse().ok().filter(|year| *year > 0)?;
    NaiveDate::from_ymd_opt(year, month.parse().ok()?, day.parse().ok()?)
}

/// Reads the standard form `YYYY-MM-DD` and nothing else.
pub fn parse_standard(text: &str) -> Option<NaiveDate> {
    let (year, rest) = text.split_once('-')?;
    let (month, day) = rest.split_once('-')?;
    let digits =
        |part: &str, length| part.len() == length && part.bytes().all(|byte| byte.is_ascii_digit());
    if digits(year, 4) && digits(month, 2) && digits(day, 2) {
        date(year, month, day)
    } else {
        None
    }
}

/// Completed years on a day; a person born on 29 February completes a year on 1 March otherwise.
pub fn completed_years(birth: NaiveDate, on: NaiveDate) -> i32 {
    let had_birthday = (on.month(), on.day()) >= (birth.month(), birth.day());
    on.year() - birth.year() - i32::from(!had_birthday)
}

/// 年度: the year in whose April the fiscal year of a day begins.
pub fn fiscal_year(day: NaiveDate) -> i32 {
    if day.month() >= 4 { day.year() } else { day.year() - 1 }
}

/// 31 March that ends the fiscal year of a day.
pub fn fiscal_year_end(day: NaiveDate) -> Option<NaiveDate> {
    NaiveDate::from_ymd_opt(fiscal_year(day) + 1, 3, 31)
}

#[cfg(test)]
mod tests {
    use super::{
        EraDigits, completed_years, fiscal_year, fiscal_year_end, parse_standard, read, read_with,
    };
    use chrono::NaiveDate;
    use proptest::prelude::*;

    fn iso(cell: &str) -> Option<String> {
        read(cell).map(|d| d.to_string())
    }

    #[test]
    fn reads_every_form() {
        for cell in [
            "19800401",
            "1980-4-1",
            "1980/04/01",
            "1980.4.1",
            "1980年4月1日",
            "S55.04.01",
            "昭和55年4月1日",
            "Ｓ５５／４／１",
            "S55-4-1",
            "s55.4.1",
            "S550401",
            "昭55.4.1",
            "昭和 55年 4月 1日",
            "昭和55年4月1日(火)",
            "1980/4/1（火曜日）",
            "1980/04/01 9:05",
            "1980-04-01T00:00:00",
            "1980-04-01T00:00:00.000+09:00",
            "昭和55年4月1日 12:30:00",
            "1980年4月1日(火) 09:05",
            "昭和/55/4/1",
        ] {
            assert_eq!(iso(cell).as_deref(), Some("1980-04-01"), "{cell}");
        }
        assert_eq!(iso("令和元年5月1日").as_deref(), Some("2019-05-01"));
        assert_eq!(iso("R1.5.1").as_deref(), Some("2019-05-01"));
    }

    #[test]
    fn eras_end_where_the_next_begins() {
        assert_eq!(iso("S64.01.07").as_deref(), Some("1989-01-07"));
        assert_eq!(iso("S64.01.08"), None);
        assert_eq!(iso("H01.01.07"), None);
        assert_eq!(iso("H01.01.08").as_deref(), Some("1989-01-08"));
        assert_eq!(iso("H31.04.30").as_deref(), Some("2019-04-30"));
        assert_eq!(iso("H31.05.01"), None);
        assert_eq!(iso("R01.04.30"), None);
        assert_eq!(iso("T15.12.24").as_deref(), Some("1926-12-24"));
        assert_eq!(iso("T15.12.25"), None);
        assert_eq!(iso("M45.07.29").as_deref(), Some("1912-07-29"));
    }

    #[test]
    fn every_era_has_a_first_and_a_last_day() {
        for (cell, day) in [
            ("明治元年9月8日", "1868-09-08"),
            ("M45.07.29", "1912-07-29"),
            ("大正1年7月30日", "1912-07-30"),
            ("T15/12/24", "1926-12-24"),
            ("昭和元年12月25日", "1926-12-25"),
            ("S64-1-7", "1989-01-07"),
            ("平成元年1月8日", "1989-01-08"),
            ("H31.4.30", "2019-04-30"),
            ("R1.05.01", "2019-05-01"),
        ] {
            assert_eq!(iso(cell).as_deref(), Some(day), "{cell}");
        }
        for cell in [
            "M1.9.7",
            "M45.7.30",
            "T1.7.29",
            "T15.12.25",
            "S1.12.24",
            "S64.1.8",
            "H1.1.7",
            "H31.5.1",
            "R1.4.30",
            "S00.1.1",
            "S100.1.1",
            "西暦2025年1月1日",
        ] {
            assert_eq!(iso(cell), None, "{cell}");
        }
    }

    #[test]
    fn refuses_what_is_no_day() {
        for cell in [
            "S64.02.30",
            "20250931",
            "0000-01-01",
            "2025-13-01",
            "R0.5.1",
            "5/4/1",
            "",
            "R7",
            "2025-1-1x",
        ] {
            assert_eq!(iso(cell), None, "{cell}");
        }
    }

    #[test]
    fn a_digit_is_an_era_only_where_it_is_said_so() {
        let with = |cell: &str| read_with(cell, EraDigits::First).map(|day| day.to_string());
        for cell in ["3550401", "３５５０４０１", "1980-04-01", "S55.4.1", "19800401"] {
            assert_eq!(with(cell).as_deref(), Some("1980-04-01"), "{cell}");
        }
        assert_eq!(iso("3550401"), None);
        assert_eq!(with("3-55.04.01"), None, "no other form");
        assert_eq!(with("5070512").as_deref(), Some("2025-05-12"));
        assert_eq!(with("6010101"), None);
        assert_eq!(with("3640108"), None, "the era had ended");
    }

    #[test]
    fn what_could_be_two_things_is_read_as_none() {
        for cell in [
            "80/4/1",
            "29312",
            "45789",
            "550401",
            "1980 04 01",
            "1980/4/1 (祝日前)",
            "1980/4/1 25:61",
            "4/1/1980",
            "S5504",
            "S5504011",
            "1980年4月1日生",
            "1980/4/1 午前",
        ] {
            assert_eq!(iso(cell), None, "{cell}");
        }
    }

    #[test]
    fn ages() {
        let day = |s| parse_standard(s).unwrap();
        assert_eq!(completed_years(day("1980-04-01"), day("2025-03-31")), 44);
        assert_eq!(completed_years(day("1980-04-01"), day("2025-04-01")), 45);
        assert_eq!(fiscal_year_end(day("2025-03-31")), Some(day("2025-03-31")));
        assert_eq!(fiscal_year_end(day("2025-04-01")), Some(day("2026-03-31")));
        assert_eq!(fiscal_year(day("2025-03-31")), 2024);
        assert_eq!(fiscal_year(day("2025-04-01")), 2025);
    }

    proptest! {
        #[test]
        fn written_dates_are_read_back(days in 0_i32..60_000) {
            let date = NaiveDate::from_ymd_opt(1880, 1, 1).unwrap() + chrono::Days::new(days.unsigned_abs().into());
            prop_assert_eq!(read(&date.to_string()), Some(date));
            prop_assert_eq!(parse_standard(&date.to_string()), Some(date));
        }

        #[test]
        fn never_panics(cell in "\\PC{0,20}") {
            let _ = read(&cell);
        }
    }
}
