//! What several servers agree on.

use crate::Sample;

/// What most of the servers say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Agreement {
    /// The median of what they say has to be added to the own clock, nanoseconds.
    pub offset: i64,
    /// Which of them agree, by their place.
    pub members: Vec<usize>,
}

/// The offset on which more than half of the servers agree, or none.
///
/// A server says that the truth lies in an interval. Those agree whose intervals have a point in common (the
/// idea of RFC 5905, 11.2.1); a point where most of them meet is the lower end of one of them.
pub fn agreement(samples: &[Sample]) -> Option<Agreement> {
    let low = |s: &Sample| s.offset.saturating_sub(s.error);
    let high = |s: &Sample| s.offset.saturating_add(s.error);
    let meeting = |point: i64| -> Vec<usize> {
        let fits = |s: &Sample| low(s) <= point && point <= high(s);
        samples.iter().enumerate().filter(|(_, s)| fits(s)).map(|(place, _)| place).collect()
    };
    let members = samples.iter().map(|s| meeting(low(s))).max_by_key(Vec::len)?;
    if members.len() * 2 <= samples.len() {
        return None;
    }
    let mut offsets: Vec<i64> =
        members.iter().filter_map(|place| samples.get(*place)).map(|s| s.offset).collect();
    offsets.sort_unstable();
    let offset = *offsets.get((offsets.len() - 1) / 2)?;
    Some(Agreement { offset, members })
}
