//! What evidence weighs.

use std::fmt;
use std::iter::Sum;
use std::ops::{Add, Sub};

/// Evidence for or against one person, in hundredths of a bit: log2 of how much likelier an observation is of
/// one person than of two. Whole numbers, so that a sum is the same in every order.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Weight(i32);

impl Weight {
    /// No evidence.
    pub const ZERO: Self = Self(0);

    /// More than any rule gives: a hundred thousand bits.
    const MOST: f64 = 10_000_000.0;

    /// So many bits; what is no number is no evidence.
    pub fn bits(bits: f64) -> Self {
        let hundredths = (bits * 100.0).round().clamp(-Self::MOST, Self::MOST);
        // a number within ±MOST, and NaN becomes 0
        Self(hundredths as i32)
    }

    /// log2 of one probability over another; both above 0.
    pub fn ratio(of_one: f64, of_two: f64) -> Self {
        Self::bits((of_one / of_two).log2())
    }

    /// In bits.
    pub fn as_bits(self) -> f64 {
        f64::from(self.0) / 100.0
    }
}

impl Add for Weight {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }
}

impl Sub for Weight {
    type Output = Self;

    fn sub(self, other: Self) -> Self {
        Self(self.0.saturating_sub(other.0))
    }
}

impl Sum for Weight {
    fn sum<I: Iterator<Item = Self>>(all: I) -> Self {
        all.fold(Self::ZERO, Add::add)
    }
}

/// `+12.34`, in bits.
impl fmt::Display for Weight {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:+.2}", self.as_bits())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weighs_in_hundredths_of_a_bit() {
        assert_eq!(Weight::ratio(0.8, 0.1).to_string(), "+3.00");
        assert_eq!(Weight::ratio(0.01, 0.99).to_string(), "-6.63");
        assert_eq!(Weight::bits(f64::NAN), Weight::ZERO);
        let most = Weight::bits(f64::INFINITY);
        assert_eq!(most + most - most, most, "it never overflows");
    }
}
