//! Erasing what is removed, and what was left behind.
//!
//! A segment with a marker may hold bytes of no row: of a document that was refused before its row
//! came, of one that was cut off, of a process that was killed. They are the gaps between the
//! documents of the rows and those under way. When nothing is under way any more the file is cut
//! behind its last document and the marker goes; a segment without documents goes with it.

use super::directory::error;
use super::erase::overwrite;
use super::{Shared, lock, on_disk};
use crate::content::under_way::Span;
use crate::content::{ContentError, Location, Place};
use crate::store::key::SegmentId;
use std::sync::Arc;

impl Shared {
    /// Overwrites a document, and removes its segment when it was the last one there.
    pub(super) async fn erase(self: &Arc<Self>, location: &Location) -> Result<(), ContentError> {
        let Place::Segment { segment, position } = location.place else { return Ok(()) };
        let length = location.length;
        let shared = Arc::clone(self);
        on_disk(move || match shared.directory.file(segment, true)? {
            Some(file) => overwrite(&file, position, length).map_err(error(&segment.file_name())),
            // Erased before, with the others of its segment.
            None => Ok(()),
        })
        .await?;
        if self.references.within(segment).await?.is_empty() {
            let shared = Arc::clone(self);
            on_disk(move || shared.remove_unused(segment)).await?;
        }
        Ok(())
    }

    /// Removes a segment without documents, unless somebody writes to it.
    fn remove_unused(&self, segment: SegmentId) -> Result<(), ContentError> {
        if self.appended(segment).is_some() || !self.arrivals.within(segment).is_empty() {
            return Ok(());
        }
        let ours = lock(&self.marked).contains_key(&segment);
        if !ours && self.directory.is_marked(segment) {
            // Another process writes there, or one did, and then it is swept.
            return Ok(());
        }
        self.remove(segment)?;
        lock(&self.marked).remove(&segment);
        Ok(())
    }

    /// Sweeps the segments of this process, and those of processes that are gone.
    pub(super) async fn sweep(self: &Arc<Self>) -> Result<(), ContentError> {
        let shared = Arc::clone(self);
        on_disk(move || shared.take_over()).await?;
        self.sweep_own().await
    }

    /// Sweeps the segments of this process.
    pub(super) async fn sweep_own(self: &Arc<Self>) -> Result<(), ContentError> {
        let segments: Vec<SegmentId> = lock(&self.marked).keys().copied().collect();
        for segment in segments {
            // In this order: what was appended before is under way or has its row by now.
            let appended = self.appended(segment);
            let arriving = self.arrivals.within(segment);
            let documents = self.references.within(segment).await?;
            let shared = Arc::clone(self);
            on_disk(move || shared.sweep_one(segment, appended, &arriving, &documents)).await?;
        }
        Ok(())
    }

    /// Takes over the segments that nobody has the lock of.
    fn take_over(&self) -> Result<(), ContentError> {
        for segment in self.directory.marked()? {
            if !lock(&self.marked).contains_key(&segment)
                && let Some(marker) = self.directory.take_over(segment)?
            {
                lock(&self.marked).insert(segment, marker);
            }
        }
        Ok(())
    }

    fn sweep_one(
        &self,
        segment: SegmentId,
        appended: Option<u64>,
        arriving: &[Span],
        documents: &[Span],
    ) -> Result<(), ContentError> {
        let settled = appended.is_none() && arriving.is_empty();
        let Some(file) = self.directory.file(segment, true)? else {
            self.directory.unmark(segment)?;
            lock(&self.marked).remove(&segment);
            return Ok(());
        };
        let of_segment = || error(&segment.file_name());
        let end = match appended {
            Some(end) => end,
            None => file.metadata().map_err(of_segment())?.len(),
        };
        for (from, to) in gaps(arriving.iter().chain(documents), end) {
            overwrite(&file, from, to - from).map_err(of_segment())?;
        }
        if !settled {
            return Ok(());
        }
        if documents.is_empty() {
            self.remove(segment)?;
        } else {
            let last = documents.iter().map(|d| d.position.saturating_add(d.length)).max();
            // Only ever cut: a file that is too short is told when it is read.
            if last.is_some_and(|last| last < end) {
                let cut = file.set_len(last.unwrap_or(end)).and_then(|()| file.sync_all());
                cut.map_err(of_segment())?;
            }
            self.directory.unmark(segment)?;
        }
        lock(&self.marked).remove(&segment);
        Ok(())
    }
}

/// The parts of `0..end` that none of the spans takes.
fn gaps<'a>(spans: impl Iterator<Item = &'a Span>, end: u64) -> Vec<(u64, u64)> {
    let mut taken: Vec<(u64, u64)> =
        spans.map(|s| (s.position, s.position.saturating_add(s.length))).collect();
    taken.sort_unstable();
    let mut gaps = Vec::new();
    let mut at = 0;
    for (from, to) in taken.into_iter().chain([(end, end)]) {
        let from = from.min(end);
        if from > at {
            gaps.push((at, from));
        }
        at = at.max(to);
    }
    gaps
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(spans: &[(u64, u64)], end: u64) -> Vec<(u64, u64)> {
        let segment = SegmentId::FIRST;
        let spans: Vec<Span> =
            spans.iter().map(|&(position, length)| Span { segment, position, length }).collect();
        gaps(spans.iter(), end)
    }

    #[test]
    fn gaps_are_what_no_document_takes() {
        assert_eq!(of(&[], 9), [(0, 9)]);
        assert_eq!(of(&[(0, 9)], 9), []);
        assert_eq!(of(&[(6, 2), (1, 3)], 9), [(0, 1), (4, 6), (8, 9)]);
        assert_eq!(of(&[(0, u64::MAX)], 9), []);
        assert_eq!(
            of(&[(2, 2), (20, 5)], 9),
            [(0, 2), (4, 9)],
            "what is not appended yet is no gap"
        );
        assert_eq!(of(&[], 0), []);
    }
}
