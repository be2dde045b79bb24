//! Exact decimal numbers: measured values are rounded half up in decimal, never through binary
//! floating point.

use std::cmp::Ordering;
use std::fmt;

/// `mantissa / 10^scale`.
#[derive(Clone, Copy, Debug)]
pub struct Decimal {
    mantissa: i128,
    scale: u32,
}

/// The digits a number may have; more are not a measured value, and the arithmetic stays in range.
const MAX_DIGITS: usize = 15;

impl Decimal {
    /// Zero.
    pub const ZERO: Self = Self { mantissa: 0, scale: 0 };

    /// One.
    pub const ONE: Self = Self { mantissa: 1, scale: 0 };

    /// `mantissa / 10^scale`.
    pub fn from_parts(mantissa: i32, scale: u8) -> Self {
        Self { mantissa: mantissa.into(), scale: scale.into() }
    }

    /// Reads `-?[0-9]+(\.[0-9]+)?` in ASCII; nothing else, and at most 15 digits.
    pub fn parse(text: &str) -> Option<Self> {
        let (negative, digits) = match text.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, text),
        };
        let point = digits.bytes().position(|byte| byte == b'.');
        let whole = point.unwrap_or(digits.len());
        let fraction = point.map_or(0, |point| digits.len() - point - 1);
        if whole == 0 || (point.is_some() && fraction == 0) || whole + fraction > MAX_DIGITS {
            return None;
        }
        let mut mantissa: i64 = 0;
        for (place, byte) in digits.bytes().enumerate() {
            if byte.is_ascii_digit() {
                mantissa = mantissa * 10 + i64::from(byte - b'0');
            } else if point != Some(place) {
                return None;
            }
        }
        let scale = u32::try_from(fraction).ok()?;
        let mantissa = if negative { -mantissa } else { mantissa };
        Some(Self { mantissa: mantissa.into(), scale })
    }

    /// Digits behind the decimal point, zeros included.
    pub const fn decimals(self) -> u32 {
        self.scale
    }

    /// As [`Decimal::parse`], of any length: leading zeros count for nothing, digits that no measured
    /// value has are cut off behind the point, and what is too large becomes the largest number.
    pub fn parse_long(text: &str) -> Option<Self> {
        let short = Self::parse(text);
        if short.is_some() || text.len() <= MAX_DIGITS {
            return short;
        }
        let (sign, digits) = match text.strip_prefix('-') {
            Some(rest) => ("-", rest),
            None => ("", text),
        };
        let (whole, fraction) = digits.split_once('.').unwrap_or((digits, "0"));
        let is_digits = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
        if !is_digits(whole) || !is_digits(fraction) {
            return None;
        }
        let whole = whole.trim_start_matches('0');
        if whole.len() > MAX_DIGITS {
            return Self::parse(&format!("{sign}{}", "9".repeat(MAX_DIGITS)));
        }
        let room = MAX_DIGITS.saturating_sub(whole.len().max(1));
        let fraction = fraction.get(..room).unwrap_or(fraction);
        let point = if fraction.is_empty() { "" } else { "." };
        Self::parse(&format!("{sign}{whole:0>1}{point}{fraction}"))
    }

    /// As [`Decimal::parse`], also with a sign `+`, digits grouped by `_` and an exponent, as TOML
    /// has them.
    pub fn parse_scientific(text: &str) -> Option<Self> {
        let text = text.replace('_', "").to_ascii_lowercase();
        let (digits, exponent) = match text.split_once('e') {
            Some((digits, exponent)) => (digits, exponent.parse::<i32>().ok()?),
            None => (text.as_str(), 0),
        };
        let value = Self::parse(digits.strip_prefix('+').unwrap_or(digits))?;
        let power = power_of_ten(exponent.unsigned_abs());
        let (mantissa, scale) = if exponent < 0 {
            (value.mantissa, value.scale.checked_add(exponent.unsigned_abs())?)
        } else {
            (value.mantissa.checked_mul(power)?, value.scale)
        };
        let holds = mantissa.abs() < power_of_ten(15) && scale <= 15;
        holds.then_some(Self { mantissa, scale })
    }

    /// The product; both factors come from [`Decimal::parse`], so it cannot overflow.
    #[must_use]
    pub fn times(self, other: Self) -> Self {
        Self {
            mantissa: self.mantissa.saturating_mul(other.mantissa),
            scale: self.scale.saturating_add(other.scale),
        }
    }

    /// The sum.
    #[must_use]
    pub fn plus(self, other: Self) -> Self {
        let scale = self.scale.max(other.scale);
        let (one, two) = (self.round(scale), other.round(scale));
        Self { mantissa: one.mantissa.saturating_add(two.mantissa), scale }
    }

    /// The number without its sign.
    #[must_use]
    pub fn abs(self) -> Self {
        Self { mantissa: self.mantissa.saturating_abs(), scale: self.scale }
    }

    /// The number with the other sign.
    #[must_use]
    pub fn negative(self) -> Self {
        Self { mantissa: self.mantissa.saturating_neg(), scale: self.scale }
    }

    /// Rounds to `decimals` places, half away from zero; or pads with zeros.
    #[must_use]
    pub fn round(self, decimals: u32) -> Self {
        if self.scale == decimals {
            return self;
        }
        if self.scale < decimals {
            let power = power_of_ten(decimals - self.scale);
            return Self { mantissa: self.mantissa.saturating_mul(power), scale: decimals };
        }
        let power = power_of_ten(self.scale - decimals);
        let half = if self.mantissa < 0 { -power / 2 } else { power / 2 };
        Self { mantissa: self.mantissa.saturating_add(half) / power, scale: decimals }
    }

    /// The nearest binary number, for JSON and for plausibility checks between values.
    #[expect(clippy::cast_precision_loss, reason = "at most 15 digits, which f64 holds")]
    pub fn to_f64(self) -> f64 {
        self.mantissa as f64 / power_of_ten(self.scale) as f64
    }

    /// The value as an integer when nothing follows the decimal point.
    pub fn to_integer(self) -> Option<i64> {
        if self.scale == 0 { i64::try_from(self.mantissa).ok() } else { None }
    }
}

/// Saturates; scales stay below 31 because of [`MAX_DIGITS`].
fn power_of_ten(exponent: u32) -> i128 {
    10_i128.saturating_pow(exponent)
}

impl Ord for Decimal {
    fn cmp(&self, other: &Self) -> Ordering {
        let scale = self.scale.max(other.scale);
        self.round(scale).mantissa.cmp(&other.round(scale).mantissa)
    }
}

impl PartialOrd for Decimal {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Decimal {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Decimal {}

impl fmt::Display for Decimal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.mantissa < 0 {
            f.write_str("-")?;
        }
        let (magnitude, power) =
            (self.mantissa.unsigned_abs(), power_of_ten(self.scale).unsigned_abs());
        let width = usize::try_from(self.scale).unwrap_or(0);
        // measured values are short, and short numbers are written much faster
        match (u64::try_from(magnitude), u64::try_from(power)) {
            (Ok(magnitude), Ok(1)) => write!(f, "{magnitude}"),
            (Ok(magnitude), Ok(power)) => {
                write!(f, "{}.{:0width$}", magnitude / power, magnitude % power)
            }
            _ if self.scale == 0 => write!(f, "{magnitude}"),
            _ => write!(f, "{}.{:0width$}", magnitude / power, magnitude % power),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Decimal;
    use proptest::prelude::*;

    fn rounded(text: &str, decimals: u32) -> String {
        Decimal::parse(text).unwrap().round(decimals).to_string()
    }

    #[test]
    fn rounds_half_up_away_from_zero() {
        assert_eq!(rounded("22.25", 1), "22.3");
        assert_eq!(rounded("22.24", 1), "22.2");
        assert_eq!(rounded("-0.05", 1), "-0.1");
        assert_eq!(rounded("-0.04", 1), "0.0", "no negative zero");
        assert_eq!(rounded("117", 1), "117.0");
        assert_eq!(rounded("0.5", 0), "1");
    }

    #[test]
    fn multiplies_exactly() {
        let factor = Decimal::parse("0.1").unwrap();
        assert_eq!(Decimal::parse("158").unwrap().times(factor).round(1).to_string(), "15.8");
        let hundred = Decimal::parse("100").unwrap();
        assert_eq!(Decimal::parse("5.10").unwrap().times(hundred).round(0).to_string(), "510");
    }

    #[test]
    fn compares_by_value() {
        assert_eq!(Decimal::parse("7.0"), Decimal::parse("7"));
        assert!(Decimal::parse("-60") < Decimal::parse("0.5"));
    }

    #[test]
    fn refuses_what_is_no_number() {
        for text in ["", "-", ".5", "5.", "1.2.3", "１", "1e3", "+5", "1,000", "1234567890123456"]
        {
            assert!(Decimal::parse(text).is_none(), "{text}");
        }
    }

    #[test]
    fn reads_numbers_of_any_length() {
        let read = |text: &str| Decimal::parse_long(text).map(|d| d.round(1).to_string());
        assert_eq!(read("0000000000000060").as_deref(), Some("60.0"));
        assert_eq!(read("60.00000000000000000").as_deref(), Some("60.0"));
        assert_eq!(read("-0.04999999999999999999").as_deref(), Some("0.0"));
        assert_eq!(read("1111111111111111").as_deref(), Some("999999999999999.0"));
        assert_eq!(read("0000000000000000").as_deref(), Some("0.0"));
        for text in
            ["11111111111111111x", "1111111111111111.", ".1111111111111111", "-----------------"]
        {
            assert_eq!(read(text), None, "{text}");
        }
    }

    #[test]
    fn adds_exactly() {
        let sum = |one, other| {
            let parse = |text| Decimal::parse(text).unwrap();
            parse(one).plus(parse(other).negative()).abs().to_string()
        };
        assert_eq!(sum("20.15", "20.3"), "0.15");
        assert_eq!(sum("20.3", "20.15"), "0.15");
    }

    #[test]
    fn reads_the_numbers_of_toml() {
        let read = |text: &str| Decimal::parse_scientific(text).map(|d| d.round(3).to_string());
        assert_eq!(read("1e3").as_deref(), Some("1000.000"));
        assert_eq!(read("1E-2").as_deref(), Some("0.010"));
        assert_eq!(read("+1_0.5").as_deref(), Some("10.500"));
        for text in ["1e30", "nan", "inf", "1e", "1e-99999999999"] {
            assert_eq!(read(text), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn written_numbers_are_read_back(mantissa in -999_999_999_i64..999_999_999, scale in 0_u32..6) {
            let value = Decimal { mantissa: mantissa.into(), scale };
            prop_assert_eq!(Decimal::parse(&value.to_string()), Some(value));
        }
    }
}
