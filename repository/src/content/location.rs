//! Where a document is, as its row says it.

use crate::store::key::SegmentId;

/// Which home new documents get (`repository.content`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Home {
    /// Rows of the repository's database.
    Rows,
    /// Segment files in the data directory.
    Segments,
}

/// The place of a document in its home.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    /// Rows of the table `chunk`.
    Rows,
    /// A part of a segment file.
    Segment {
        /// The file.
        segment: SegmentId,
        /// Where its first chunk begins.
        position: u64,
    },
}

impl Place {
    /// The number of its home in the column `home`.
    pub(crate) const fn number(&self) -> i16 {
        match self {
            Self::Rows => 0,
            Self::Segment { .. } => 1,
        }
    }
}

/// Where a document is and how its chunks lie.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Location {
    /// Where.
    pub(crate) place: Place,
    /// Bytes of all chunks, sealed.
    pub(crate) length: u64,
    /// Bytes of each chunk but the last, which has at most as many.
    pub(crate) stride: u32,
}

impl Location {
    /// Where chunk `number` lies behind the first, and its length; `None` behind the end.
    pub(crate) fn chunk(&self, number: u32) -> Option<(u64, usize)> {
        let offset = u64::from(self.stride).checked_mul(number.into())?;
        let rest = self.length.checked_sub(offset).filter(|rest| *rest > 0)?;
        Some((offset, usize::try_from(rest.min(self.stride.into())).ok()?))
    }
}

/// The length of all chunks and of one that is not the last.
pub(crate) fn measure(chunks: &[Vec<u8>]) -> Option<(u64, u32)> {
    let length = chunks.iter().map(|c| c.len() as u64).sum();
    let stride = u32::try_from(chunks.first()?.len()).ok()?;
    Some((length, stride))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chunks_lie_behind_each_other_and_end_with_the_document() {
        let location = Location { place: Place::Rows, length: 25, stride: 10 };
        let chunks: Vec<_> = (0..4).map(|n| location.chunk(n)).collect();
        assert_eq!(chunks, [Some((0, 10)), Some((10, 10)), Some((20, 5)), None]);
        let whole = Location { length: 20, ..location };
        assert_eq!((whole.chunk(1), whole.chunk(2)), (Some((10, 10)), None));
    }
}
