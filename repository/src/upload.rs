//! The parts of a message as they arrive, perhaps before the metadata that says what they are.

use crate::failure::Failure;
use crate::pass::{Measured, Pass, SealedChunk};
use crate::store::write::{self, Claim};
use crate::{Inner, rules};
use bytes::Bytes;
use renkei_context::{Ctx, reached};
use renkei_metadata::finding::Finding;
use std::collections::HashMap;
use std::sync::Arc;
use uuid::Uuid;

/// Sealed bytes of short documents that one message keeps in memory; further ones are written at
/// once. Most messages stay below it and are stored with one commit.
const KEPT_BYTES: usize = 1 << 20;

/// One submission on its way in. Dropping it gives everything up that it stored.
pub struct Upload {
    inner: Arc<Inner>,
    id: Uuid,
    parts: HashMap<String, Received>,
    kept: usize,
    findings: Vec<Finding>,
    begun: bool,
    _active: Active,
}

/// Marks a submission as being worked on, for as long as it exists.
pub(crate) struct Active {
    inner: Arc<Inner>,
    id: Uuid,
}

impl Active {
    pub(crate) fn new(inner: &Arc<Inner>, id: Uuid) -> Self {
        inner.active().insert(id);
        Self { inner: Arc::clone(inner), id }
    }
}

impl Drop for Active {
    fn drop(&mut self) {
        self.inner.active().remove(&self.id);
    }
}

/// A document that arrived whole.
#[derive(Debug)]
pub(crate) struct Received {
    pub(crate) measured: Measured,
    /// Its only chunk, when it is still in memory.
    pub(crate) chunk: Option<Vec<u8>>,
}

/// Takes the octets of one part. Failures are remembered by the [`Upload`] and told with the answer
/// to the submission, so that the sender gets them as registry errors.
pub struct PartSink<'u> {
    upload: &'u mut Upload,
    claim: Claim,
    name: String,
    /// `None` after a failure: the rest of the part is passed over.
    pass: Option<Pass>,
    written: bool,
}

impl Upload {
    pub(crate) fn new(inner: &Arc<Inner>, id: Uuid) -> Self {
        Self {
            inner: Arc::clone(inner),
            id,
            parts: HashMap::new(),
            kept: 0,
            findings: Vec::new(),
            begun: false,
            _active: Active::new(inner, id),
        }
    }

    pub(crate) fn id(&self) -> Uuid {
        self.id
    }

    /// Whether there are rows of this upload.
    pub(crate) fn begun(&self) -> bool {
        self.begun
    }

    /// A sink for the part with this Content-ID (without angle brackets).
    pub fn part(&mut self, ctx: &Ctx, content_id: &str) -> PartSink<'_> {
        let claim = self.inner.claim(self.id);
        let pass = Pass::new(&self.inner.keys, ctx.ids.new_uuid());
        let mut sink = PartSink {
            claim,
            name: content_id.to_owned(),
            pass: None,
            written: false,
            upload: self,
        };
        match pass {
            Ok(pass) => sink.pass = Some(pass),
            Err(error) => sink.fail(&error.into()),
        }
        sink
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
            let Some(pass) = &mut self.pass else { return };
            match pass.push(rest) {
                Ok((full, left)) => {
                    rest = left;
                    if let Some(chunk) = full {
                        self.keep(chunk).await;
                    }
                }
                Err(error) => self.fail(&error.into()),
            }
        }
    }

    /// The part is complete.
    pub async fn finish(mut self) {
        let Some(pass) = self.pass.take() else { return };
        let name = self.name.clone();
        if self.upload.parts.contains_key(&name) {
            let twice = Finding::new(&rules::PART_TWICE, "Part").value(&name).location(&name);
            self.upload.findings.push(twice);
            return;
        }
        match self.end(pass).await {
            Ok(received) => {
                self.upload.parts.insert(name, received);
            }
            Err(error) => self.fail(&error),
        }
    }

    async fn end(&mut self, pass: Pass) -> Result<Received, Failure> {
        let start = (pass.id(), pass.wrapped_key().clone());
        let (measured, last) = pass.finish()?;
        let kept = self.upload.kept.saturating_add(last.bytes.len());
        if !self.written && kept <= KEPT_BYTES {
            self.upload.kept = kept;
            return Ok(Received { measured, chunk: Some(last.bytes) });
        }
        self.write_chunk(start, last).await?;
        Ok(Received { measured, chunk: None })
    }

    async fn keep(&mut self, chunk: SealedChunk) {
        let Some(pass) = &self.pass else { return };
        let start = (pass.id(), pass.wrapped_key().clone());
        if let Err(error) = self.write_chunk(start, chunk).await {
            self.fail(&error);
        }
    }

    async fn write_chunk(
        &mut self,
        (id, key): (Uuid, renkei_sealing::WrappedKey),
        chunk: SealedChunk,
    ) -> Result<(), Failure> {
        let claim = self.claim.clone();
        let begin = !self.written;
        let job = move |db: &mut renkei_database::Db| {
            if begin {
                write::begin_upload(db, &claim, id, &key)?;
            }
            write::add_chunk(db, id, &chunk)
        };
        self.upload.begun = true;
        self.upload.inner.database.write_bulk::<_, Failure>(job).await?;
        self.written = true;
        reached(if begin { "repository.upload_started" } else { "repository.chunk_stored" });
        Ok(())
    }

    fn fail(&mut self, error: &Failure) {
        self.pass = None;
        let finding = error.finding("Part").location(self.name.as_str());
        self.upload.findings.push(finding);
    }
}
