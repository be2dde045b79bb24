//! Weights learned from pairs of which is known whether they are one person.

use super::Odds;
use crate::level::{Field, Level};
use crate::observe::Observation;
use std::collections::BTreeMap;

/// How often each level was observed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    levels: BTreeMap<Level, u64>,
}

impl Counts {
    /// Counts an observation.
    pub fn add(&mut self, observed: &Observation) {
        for level in observed.levels() {
            *self.levels.entry(level).or_default() += 1;
        }
    }

    /// How often the level was observed.
    pub fn of(&self, level: Level) -> u64 {
        self.levels.get(&level).copied().unwrap_or_default()
    }

    fn of_field(&self, field: Field) -> u64 {
        let of = self.levels.iter().filter(|(level, _)| level.field() == field);
        of.map(|(_, count)| count).sum()
    }

    /// The share of a level among the observations of its field. What was never observed has half an observation,
    /// so that no evidence is without bounds.
    fn share(&self, level: Level) -> f64 {
        let of_all = self.of_field(level.field());
        // counts far below 2^52
        let (one, all) = (self.of(level) as f64, of_all as f64);
        (one + 0.5) / (all + 0.5)
    }
}

/// The odds of each level, from pairs of one person and pairs of two: m and u of Fellegi and Sunter (1969).
///
/// No field weighs more than `most` bits either way. What says less never weighs more: a level that was so seldom
/// that chance put it above the one before gets the odds of that.
pub fn learn(one: &Counts, two: &Counts, most: f64) -> BTreeMap<Level, Odds> {
    let mut odds: BTreeMap<Level, Odds> = BTreeMap::new();
    let mut before: Option<(Field, f64)> = None;
    for level in Level::ALL.iter().copied() {
        let (m, u) = (one.share(level), two.share(level));
        let above = before.filter(|(field, _)| *field == level.field()).map_or(most, |(_, w)| w);
        let bits = (m / u).log2().clamp(-most, above);
        before = Some((level.field(), bits));
        // m is what was observed; u gives way where the weight was bounded.
        let (m, u) = match m / bits.exp2() {
            u if u <= 1.0 => (m, u),
            _ => (bits.exp2(), 1.0),
        };
        odds.insert(level, Odds { m, u });
    }
    odds
}
