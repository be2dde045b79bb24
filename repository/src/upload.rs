//! The parts of a message as they arrive, perhaps before the metadata that says what they are.

use crate::content::{Arrival, ContentStore, LongArrival, SealedBytes};
use crate::failure::Failure;
use crate::intake::{Intake, Measured};
use crate::store::key::{ContentId, SubmissionId};
use crate::{Inner, rules};
use bytes::Bytes;
use renkei_context::{Ctx, reached};
use renkei_metadata::finding::Finding;
use std::collections::HashMap;
use std::sync::{Arc, Weak};

/// Sealed bytes that a document may have to be held, and that all documents of a message may have to
/// be held together until nothing refuses them any more. A longer document is written as it comes, a
/// further one when it is complete. Most messages stay below it.
const HELD_BYTES: usize = 1 << 20;

/// One submission on its way in. Dropping it gives everything up that it stored.
pub struct Upload {
    inner: Arc<Inner>,
    id: SubmissionId,
    parts: HashMap<String, Received>,
    /// Sealed bytes of the documents in `parts` that are in memory.
    held: usize,
    findings: Vec<Finding>,
    /// The Content-IDs in the order in which they came, and the SHA-256 of what arrived.
    content_ids: Vec<String>,
    arrived: Vec<[u8; 32]>,
    active: Arc<Active>,
}

/// Marks a submission as being worked on, for as long as it exists.
pub(crate) struct Active {
    // Weak, since what waits to be confirmed belongs to the repository itself.
    inner: Weak<Inner>,
    id: SubmissionId,
}

impl Active {
    pub(crate) fn new(inner: &Arc<Inner>, id: SubmissionId) -> Self {
        inner.active().insert(id);
        Self { inner: Arc::downgrade(inner), id }
    }
}

impl Drop for Active {
    fn drop(&mut self) {
        if let Some(inner) = self.inner.upgrade() {
            inner.active().remove(&self.id);
        }
    }
}

/// A document that arrived whole.
#[derive(Debug)]
pub(crate) struct Received {
    pub(crate) measured: Measured,
    /// Its octets, sealed.
    pub(crate) octets: Octets,
}

/// Where the sealed octets of a document are before it is stored.
#[derive(Debug)]
pub(crate) enum Octets {
    /// In memory.
    Held(Vec<SealedBytes>),
    /// Durable in their home.
    Kept(Arrival),
}

/// Takes the octets of one part. Failures are remembered by the [`Upload`] and told with the answer
/// to the submission, so that the sender gets them as registry errors.
pub struct PartSink<'u> {
    upload: &'u mut Upload,
    id: ContentId,
    name: String,
    /// `None` after a failure: the rest of the part is passed over.
    intake: Option<Intake>,
    held: Vec<SealedBytes>,
    held_bytes: usize,
    /// A document that is too long to be held.
    long: Option<Box<dyn LongArrival>>,
}

impl Upload {
    pub(crate) fn new(inner: &Arc<Inner>, id: SubmissionId) -> Self {
        Self {
            inner: Arc::clone(inner),
            id,
            parts: HashMap::new(),
            held: 0,
            findings: Vec::new(),
            content_ids: Vec::new(),
            arrived: Vec::new(),
            active: Arc::new(Active::new(inner, id)),
        }
    }

    pub(crate) fn id(&self) -> SubmissionId {
        self.id
    }

    /// Marks the submission as being worked on, for as long as somebody holds it.
    pub(crate) fn active(&self) -> Arc<Active> {
        Arc::clone(&self.active)
    }

    /// A sink for the part with this Content-ID (without angle brackets).
    pub fn part(&mut self, ctx: &Ctx, content_id: &str) -> PartSink<'_> {
        let id = ContentId(ctx.new_key());
        let intake = Intake::new(&self.inner.keys, id);
        let mut sink = PartSink {
            id,
            name: content_id.to_owned(),
            intake: None,
            held: Vec::new(),
            held_bytes: 0,
            long: None,
            upload: self,
        };
        match intake {
            Ok(intake) => sink.intake = Some(intake),
            Err(error) => sink.fail(&error.into()),
        }
        sink
    }

    /// Says that the next part comes with this Content-ID.
    pub fn next_part(&mut self, content_id: &str) {
        self.content_ids.push(content_id.to_owned());
    }

    /// What arrived under the Content-IDs that were said, with its SHA-256, in order.
    pub fn arrived(&self) -> impl Iterator<Item = (&str, [u8; 32])> {
        self.content_ids.iter().map(String::as_str).zip(self.arrived.iter().copied())
    }

    /// The Content-IDs of the parts that arrived.
    pub fn parts(&self) -> Vec<String> {
        self.parts.keys().cloned().collect()
    }

    /// Gives a part another name.
    pub fn rename(&mut self, content_id: &str, name: &str) {
        if let Some(part) = self.parts.remove(content_id) {
            self.parts.insert(name.to_owned(), part);
        }
    }

    /// The document that came in the part `content_id`; each can be taken once.
    pub(crate) fn take(&mut self, content_id: &str) -> Option<Received> {
        self.parts.remove(content_id)
    }

    /// Whether the part arrived and could not be kept.
    pub(crate) fn lost(&self, content_id: &str) -> bool {
        self.findings.iter().any(|f| f.location == content_id)
    }

    /// What went wrong while parts arrived.
    pub(crate) fn take_findings(&mut self) -> Vec<Finding> {
        std::mem::take(&mut self.findings)
    }
}

impl PartSink<'_> {
    /// Takes the next octets; resolves when there is room for more.
    pub async fn write(&mut self, bytes: Bytes) {
        let mut rest = bytes.as_ref();
        while !rest.is_empty() {
            let Some(intake) = &mut self.intake else { return };
            match intake.push(rest) {
                Ok((full, left)) => {
                    rest = left;
                    if let Some(chunk) = full
                        && let Err(error) = self.keep(chunk).await
                    {
                        self.fail(&error);
                    }
                }
                Err(error) => self.fail(&error.into()),
            }
        }
    }

    /// The part is complete.
    pub async fn finish(mut self) {
        let Some(intake) = self.intake.take() else { return };
        let name = self.name.clone();
        if self.upload.parts.contains_key(&name) {
            let twice = Finding::new(&rules::PART_TWICE, "Part").value(&name).location(&name);
            self.upload.findings.push(twice);
            return;
        }
        match self.end(intake).await {
            Ok(received) => {
                self.upload.arrived.push(received.measured.sha256);
                self.upload.parts.insert(name, received);
            }
            Err(error) => self.fail(&error),
        }
    }

    async fn end(&mut self, intake: Intake) -> Result<Received, Failure> {
        let (measured, last) = intake.finish()?;
        self.keep(last).await?;
        let octets = match self.long.take() {
            Some(long) => Octets::Kept(long.finish().await?),
            None => self.hold_or_put().await?,
        };
        Ok(Received { measured, octets })
    }

    /// A short document that is complete.
    async fn hold_or_put(&mut self) -> Result<Octets, Failure> {
        let chunks = std::mem::take(&mut self.held);
        let held = self.upload.held.saturating_add(self.held_bytes);
        if held <= HELD_BYTES {
            self.upload.held = held;
            return Ok(Octets::Held(chunks));
        }
        let arrival = self.upload.inner.content.put(self.id, chunks).await?;
        Ok(Octets::Kept(arrival))
    }

    async fn keep(&mut self, chunk: SealedBytes) -> Result<(), Failure> {
        if let Some(long) = &mut self.long {
            long.add(chunk).await?;
            reached("repository.chunk_stored");
            return Ok(());
        }
        self.held_bytes = self.held_bytes.saturating_add(chunk.len());
        self.held.push(chunk);
        if self.held_bytes <= HELD_BYTES {
            return Ok(());
        }
        let long = self.long.insert(self.upload.inner.content.begin(self.id).await?);
        for chunk in self.held.drain(..) {
            long.add(chunk).await?;
        }
        reached("repository.upload_started");
        Ok(())
    }

    fn fail(&mut self, error: &Failure) {
        self.intake = None;
        self.long = None;
        self.held.clear();
        let finding = error.finding("Part").location(self.name.as_str());
        self.upload.findings.push(finding);
    }
}
