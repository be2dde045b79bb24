//! When a rule holds.

use crate::level::{Field, Level};
use crate::observe::Observation;

/// What has to have been observed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Condition {
    /// Of each of these lists, one level.
    pub all: Vec<Vec<Level>>,
    /// And none of these.
    pub none: Vec<Level>,
    /// And nothing of these fields, because one side does not have it.
    pub unknown: Vec<Field>,
}

impl Condition {
    /// Whether it holds. What was not observed, because one side does not have it, is no level.
    pub fn holds(&self, observed: &Observation) -> bool {
        let any = |levels: &Vec<Level>| levels.iter().any(|level| observed.has(*level));
        let known = |field: &Field| observed.levels().any(|level| level.field() == *field);
        self.all.iter().all(any) && !any(&self.none) && !self.unknown.iter().any(known)
    }
}
