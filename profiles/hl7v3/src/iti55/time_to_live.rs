//! How long a correlation of identifiers may be kept: the header block CorrelationTimeToLive (ITI TF-2:
//! 3.55.4.1.2.3), an xs:duration.

use crate::XCPD;
use chrono::{DateTime, Months, TimeDelta, Utc};
use renkei_soap::envelope::{HeaderBlocks, HeaderElement};
use renkei_soap::fault::Fault;
use renkei_soap::xml::{Reader, Writer, XmlError, XmlLimits};
use std::fmt;

const NAME: &str = "CorrelationTimeToLive";

/// A duration as XML Schema counts it: months, which differ in length, and seconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TimeToLive {
    months: u32,
    seconds: u64,
}

impl TimeToLive {
    /// So many days.
    pub const fn days(days: u32) -> Self {
        Self { months: 0, seconds: days as u64 * 86_400 }
    }

    /// Until when, from `now`; what is too far away to be told is the end of time.
    pub fn until(&self, now: DateTime<Utc>) -> DateTime<Utc> {
        let seconds = i64::try_from(self.seconds).ok().and_then(TimeDelta::try_seconds);
        now.checked_add_months(Months::new(self.months))
            .and_then(|then| then.checked_add_signed(seconds?))
            .unwrap_or(DateTime::<Utc>::MAX_UTC)
    }

    /// Reads an xs:duration that is not negative. Fractions of a second are left out.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim().strip_prefix('P')?;
        let (date, time) = match text.split_once('T') {
            Some((date, time)) => (date, Some(time)),
            None => (text, None),
        };
        if time.map_or(date, |time| time).is_empty() {
            return None;
        }
        let mut found = Self { months: 0, seconds: 0 };
        found.add(
            date,
            &[('Y', Unit::Months(12)), ('M', Unit::Months(1)), ('D', Unit::Seconds(86_400))],
        )?;
        let units = [('H', Unit::Seconds(3600)), ('M', Unit::Seconds(60)), ('S', Unit::Seconds(1))];
        found.add(time.unwrap_or_default(), &units)?;
        Some(found)
    }

    /// Adds numbers before units, which come in their order and once.
    fn add(&mut self, text: &str, units: &[(char, Unit)]) -> Option<()> {
        let mut rest = text;
        let mut units = units.iter();
        while !rest.is_empty() {
            let end = rest.find(|c: char| c.is_ascii_alphabetic())?;
            let (number, behind) = rest.split_at_checked(end)?;
            let letter = behind.chars().next()?;
            let (_, unit) = units.find(|(name, _)| *name == letter)?;
            let whole = match number.split_once('.') {
                Some((whole, part)) if letter == 'S' && is_number(part) => whole,
                Some(_) => return None,
                None => number,
            };
            let number = is_number(whole).then_some(whole)?;
            // What is longer than the type counts is as long as it counts.
            match unit {
                Unit::Months(of) => {
                    let more = number.parse().unwrap_or(u32::MAX).saturating_mul(*of);
                    self.months = self.months.saturating_add(more);
                }
                Unit::Seconds(of) => {
                    let more = number.parse().unwrap_or(u64::MAX).saturating_mul(*of);
                    self.seconds = self.seconds.saturating_add(more);
                }
            }
            rest = behind.get(1..)?;
        }
        Some(())
    }

    /// The header block of a message that is sent.
    ///
    /// # Errors
    /// Never: what is written here is XML.
    pub fn header(&self) -> Result<HeaderElement, XmlError> {
        let mut w = Writer::new();
        w.start("xcpd:CorrelationTimeToLive").attr("xmlns:xcpd", XCPD).text(&self.to_string());
        HeaderElement::parse(&w.finish())
    }

    /// Reads it from a message that came; `reader` is the one of the envelope. `None` where there is none.
    ///
    /// # Errors
    /// When it is no duration, or when there are two.
    pub fn in_header(reader: &Reader<'_>, blocks: &HeaderBlocks) -> Result<Option<Self>, Fault> {
        let mut found = blocks.named(XCPD, NAME);
        let Some(block) = found.next() else { return Ok(None) };
        let xml = blocks.alone(reader, block);
        let value = value(&xml).ok().and_then(|text| Self::parse(&text));
        match value {
            Some(value) if found.next().is_none() => Ok(Some(value)),
            Some(_) | None => Err(Fault::sender(
                format!(
                    "The header block {NAME} has to be there at most once and hold an xs:duration such as P7D."
                ),
                format!(
                    "ヘッダーの {NAME} は一つまでとし、P7D のような xs:duration で指定してください。"
                ),
            )),
        }
    }
}

enum Unit {
    Months(u32),
    Seconds(u64),
}

fn is_number(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit())
}

/// The text of a block.
fn value(xml: &str) -> Result<String, XmlError> {
    let mut r = Reader::new(xml, XmlLimits::default());
    r.root()?;
    r.next_child()?;
    r.value()
}

impl fmt::Display for TimeToLive {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (days, seconds) = (self.seconds / 86_400, self.seconds % 86_400);
        f.write_str("P")?;
        if self.months > 0 {
            write!(f, "{}M", self.months)?;
        }
        if days > 0 {
            write!(f, "{days}D")?;
        }
        if seconds > 0 || self.months == 0 && days == 0 {
            write!(f, "T{seconds}S")?;
        }
        Ok(())
    }
}
