//! Chance that repeats itself.

/// Numbers that follow from a seed (SplitMix64: Steele, Lea and Flood, 2014). For populations, never for secrets.
#[derive(Clone, Debug)]
pub struct Random(u64);

impl Random {
    /// Begins at the seed.
    pub const fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// The next 64 bits.
    pub const fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// One of `0..bound`; 0 for no bound.
    pub fn below(&mut self, bound: usize) -> usize {
        let bound = u64::try_from(bound).unwrap_or(u64::MAX).max(1);
        usize::try_from(self.next() % bound).unwrap_or_default()
    }

    /// One of `from..=to`.
    pub fn within(&mut self, from: u32, to: u32) -> u32 {
        let span = u64::from(to.saturating_sub(from)) + 1;
        from.saturating_add(u32::try_from(self.next() % span).unwrap_or_default())
    }

    /// True so many times in a thousand.
    pub fn permille(&mut self, of_a_thousand: u64) -> bool {
        self.next() % 1000 < of_a_thousand
    }

    /// One of a list.
    pub fn one<'a, T>(&mut self, list: &'a [T]) -> Option<&'a T> {
        list.get(self.below(list.len()))
    }

    /// One of a list by the running sums of its shares.
    pub fn by_share<'a, T>(&mut self, list: &'a [T], sums: &[u64]) -> Option<&'a T> {
        let at = self.next() % sums.last().copied()?.max(1);
        list.get(sums.partition_point(|sum| *sum <= at))
    }

    /// Puts a list into an order of chance.
    pub fn shuffle<T>(&mut self, list: &mut [T]) {
        for last in (1..list.len()).rev() {
            list.swap(last, self.below(last + 1));
        }
    }
}
