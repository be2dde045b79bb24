//! When somebody was born.

use chrono::{Datelike, Months, NaiveDate};
use serde::{Deserialize, Serialize};
use std::fmt;

/// How exactly a date is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Precision {
    /// The year alone.
    Year,
    /// Year and month.
    Month,
    /// The day.
    Day,
}

/// A date of birth, as exactly as it is known. All wires write it with the same digits: `1975`,
/// `197504`, `19750412` (HL7 v2 TS, HL7 v3 TS; FHIR `date` has hyphens between them).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Birth {
    first: NaiveDate,
    precision: Precision,
}

impl Birth {
    /// That day. `None` for a year that has no four digits.
    pub fn on(day: NaiveDate) -> Option<Self> {
        (1..=9999).contains(&day.year()).then_some(Self { first: day, precision: Precision::Day })
    }

    /// Reads four, six or eight digits. What follows the day, a time and its zone, says nothing about the
    /// date and is left out.
    pub fn parse(text: &str) -> Option<Self> {
        let digits = text.bytes().take_while(u8::is_ascii_digit).count();
        let behind = text.get(digits..)?;
        if !(behind.is_empty() || digits >= 8 && behind.starts_with(['.', '+', '-'])) {
            return None;
        }
        let number = |from: usize, to: usize| text.get(from..to)?.parse::<u32>().ok();
        let (month, day, precision) = match digits {
            4 => (1, 1, Precision::Year),
            6 => (number(4, 6)?, 1, Precision::Month),
            8 | 10 | 12 | 14 => (number(4, 6)?, number(6, 8)?, Precision::Day),
            _ => return None,
        };
        let year = i32::try_from(number(0, 4)?).ok().filter(|year| *year > 0)?;
        Some(Self { first: NaiveDate::from_ymd_opt(year, month, day)?, precision })
    }

    /// How exactly it is known.
    pub const fn precision(&self) -> Precision {
        self.precision
    }

    /// The day, if it is known.
    pub fn day(&self) -> Option<NaiveDate> {
        (self.precision == Precision::Day).then_some(self.first)
    }

    /// The first day that it may have been.
    pub const fn first(&self) -> NaiveDate {
        self.first
    }

    /// The last day that it may have been.
    pub fn last(&self) -> NaiveDate {
        let months = match self.precision {
            Precision::Year => 12,
            Precision::Month => 1,
            Precision::Day => return self.first,
        };
        let next = self.first.checked_add_months(Months::new(months));
        next.and_then(|day| day.pred_opt()).unwrap_or(self.first)
    }
}

impl TryFrom<String> for Birth {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        Self::parse(&text).ok_or("no date of birth")
    }
}

impl From<Birth> for String {
    fn from(birth: Birth) -> Self {
        birth.to_string()
    }
}

impl fmt::Display for Birth {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (year, month, day) = (self.first.year(), self.first.month(), self.first.day());
        match self.precision {
            Precision::Year => write!(f, "{year:04}"),
            Precision::Month => write!(f, "{year:04}{month:02}"),
            Precision::Day => write!(f, "{year:04}{month:02}{day:02}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn is_as_exact_as_its_digits() {
        let days = |text: &str| {
            let birth = Birth::parse(text).unwrap();
            (birth.first().to_string(), birth.last().to_string(), birth.to_string())
        };
        let expect = |a: &str, b: &str, c: &str| (a.to_owned(), b.to_owned(), c.to_owned());
        assert_eq!(days("1975"), expect("1975-01-01", "1975-12-31", "1975"));
        assert_eq!(days("197602"), expect("1976-02-01", "1976-02-29", "197602"));
        for day in ["19750412", "197504121030", "19750412103015.5+0900", "1975041210+0900"] {
            assert_eq!(days(day), expect("1975-04-12", "1975-04-12", "19750412"), "{day}");
        }
        assert_eq!(days("9999").1, "9999-12-31");
    }

    #[test]
    fn what_is_no_date_is_none() {
        for bad in
            ["", "19", "0000", "19751", "197513", "19750431", "1975-04-12", "1975+0900", "１９７５"]
        {
            assert_eq!(Birth::parse(bad), None, "{bad}");
        }
        assert_eq!(Birth::on(NaiveDate::from_ymd_opt(10000, 1, 1).unwrap()), None);
    }
}
