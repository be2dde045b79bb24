//! Every call is on record, however it ends: answered, failed, or given up by whoever waited for it.

use crate::error::ClientError;
use renkei_atna::record::AuditRecord;
use renkei_atna::sink::{NotRecorded, Sink};
use std::sync::Arc;
use tokio::runtime::Handle;

/// EventOutcomeDescription of a call that nobody waited for to its end.
pub(crate) const GIVEN_UP: &str = "given-up";

/// A call under way. Dropped before it is settled, it records that the call was given up.
pub(crate) struct OnRecord {
    sink: Arc<dyn Sink>,
    given_up: Option<Box<dyn FnOnce() -> Vec<AuditRecord> + Send>>,
}

impl OnRecord {
    /// A call that begins; `given_up` makes the record of one that is given up.
    pub(crate) fn new(
        sink: Arc<dyn Sink>,
        given_up: impl FnOnce() -> AuditRecord + Send + 'static,
    ) -> Self {
        Self::of_several(sink, move || vec![given_up()])
    }

    /// The same for a call of which there are several records.
    pub(crate) fn of_several(
        sink: Arc<dyn Sink>,
        given_up: impl FnOnce() -> Vec<AuditRecord> + Send + 'static,
    ) -> Self {
        Self { sink, given_up: Some(Box::new(given_up)) }
    }

    /// Writes the records of a call that has ended, and waits until they are durable. They are written
    /// even when nobody waits.
    pub(crate) async fn settle(mut self, records: Vec<AuditRecord>) -> Result<(), ClientError> {
        let written = tokio::spawn(write(Arc::clone(&self.sink), records));
        self.given_up = None;
        match written.await {
            Ok(written) => written.map_err(ClientError::Audit),
            // The runtime is going down, and the sink with it.
            Err(_) => Err(ClientError::Audit(NotRecorded::Closed)),
        }
    }
}

async fn write(sink: Arc<dyn Sink>, records: Vec<AuditRecord>) -> Result<(), NotRecorded> {
    for record in records {
        sink.record(record).await?;
    }
    Ok(())
}

impl Drop for OnRecord {
    fn drop(&mut self) {
        let Some(given_up) = self.given_up.take() else { return };
        let Ok(runtime) = Handle::try_current() else {
            tracing::error!("a call was given up outside of a runtime and is not on record");
            return;
        };
        let writing = write(Arc::clone(&self.sink), given_up());
        runtime.spawn(async move {
            if let Err(error) = writing.await {
                tracing::error!(%error, "a call that was given up is not on record");
            }
        });
    }
}
