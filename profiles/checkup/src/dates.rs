//! Dates as institutions write them: western and Japanese eras.

use chrono::{Datelike, NaiveDate};

use crate::fold::nfkc;

/// An era and its first day; it ends the day before the next one begins.
struct Era {
    names: [&'static str; 2],
    first: (i32, u32, u32),
}

/// Newest first.
const ERAS: [Era; 5] = [
    Era { names: ["令和", "R"], first: (2019, 5, 1) },
    Era { names: ["平成", "H"], first: (1989, 1, 8) },
    Era { names: ["昭和", "S"], first: (1926, 12, 25) },
    Era { names: ["大正", "T"], first: (1912, 7, 30) },
    Era { names: ["明治", "M"], first: (1868, 9, 8) },
];

/// Reads `YYYYMMDD`, `YYYY[-/.年]M[-/.月]D[日]` or an era date such as `S55.4.1` or `令和元年5月1日`,
/// in half or full width. `None` when there is no such day, or it lies outside its era.
pub fn read(cell: &str) -> Option<NaiveDate> {
    let text = nfkc(cell);
    for (index, era) in ERAS.iter().enumerate() {
        if let Some(rest) = era.names.iter().find_map(|name| text.strip_prefix(name)) {
            let next = index.checked_sub(1).and_then(|newer| ERAS.get(newer));
            return era_date(era, next, rest);
        }
    }
    if text.len() == 8 && text.bytes().all(|b| b.is_ascii_digit()) {
        return date(text.get(..4)?, text.get(4..6)?, text.get(6..)?);
    }
    let (year, month, day) = split(&text)?;
    if year.len() == 4 { date(year, month, day) } else { None }
}

fn era_date(era: &Era, next: Option<&Era>, rest: &str) -> Option<NaiveDate> {
    let (year, month, day) = split(rest)?;
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

/// 31 March that ends the fiscal year of a day.
pub fn fiscal_year_end(day: NaiveDate) -> Option<NaiveDate> {
    let year = if day.month() >= 4 { day.year() + 1 } else { day.year() };
    NaiveDate::from_ymd_opt(year, 3, 31)
}

#[cfg(test)]
mod tests {
    use super::{completed_years, fiscal_year_end, parse_standard, read};
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
            "s55.4.1",
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
    fn ages() {
        let day = |s| parse_standard(s).unwrap();
        assert_eq!(completed_years(day("1980-04-01"), day("2025-03-31")), 44);
        assert_eq!(completed_years(day("1980-04-01"), day("2025-04-01")), 45);
        assert_eq!(fiscal_year_end(day("2025-03-31")), Some(day("2025-03-31")));
        assert_eq!(fiscal_year_end(day("2025-04-01")), Some(day("2026-03-31")));
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
