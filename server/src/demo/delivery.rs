//! One export on its way into a community.

use crate::progress::Meter;
use crate::today::as_of;
use anyhow::bail;
use renkei_metadata::ids::PatientId;
use renkei_source_adapter::mapping::Mapping;
use renkei_source_adapter::submit::{Done, Export, Exported, Progress, Submitter, submit_export};
use renkei_source_adapter::{Mode, Rules};
use std::collections::BTreeMap;
use std::io::Cursor;
use std::sync::Arc;

/// The checkups of a person.
#[derive(Clone, Copy, Default)]
pub(super) struct Visits {
    pub(super) all: usize,
    /// Those with a document of the statutory items.
    pub(super) statutory: usize,
}

/// The checkups of people.
pub(super) type People = BTreeMap<PatientId, Visits>;

/// What became of an export.
pub(super) struct Delivery {
    pub(super) exported: Exported,
    pub(super) people: People,
}

/// Converts and submits it.
///
/// # Errors
/// When anything fails but the rows that are planted broken.
pub(super) async fn submit(
    submitter: &Submitter,
    name: &str,
    bytes: &'static [u8],
    mapping: &Arc<Mapping>,
    silent: bool,
) -> anyhow::Result<Delivery> {
    let mut meter = if silent { Meter::silent() } else { Meter::new(name) };
    let mut people = People::new();
    let mut watch = |progress: Progress, done: &Done| {
        meter.show(progress);
        if let Ok(checkup) = &done.outcome {
            let counted = people.entry(checkup.patient.clone()).or_default();
            counted.all += 1;
            counted.statutory += usize::from(checkup.statutory);
        }
    };
    let exported = submit_export(submitter, export(bytes, mapping), &mut watch).await?;
    meter.finish();
    if let Some(first) = exported.report.failures.first() {
        bail!("record {}: {} {}", first.record_no, first.code, first.context);
    }
    Ok(Delivery { exported, people })
}

fn export(bytes: &'static [u8], mapping: &Arc<Mapping>) -> Export {
    Export {
        open: Arc::new(move || Ok(Box::new(Cursor::new(bytes)))),
        mapping: Arc::clone(mapping),
        // The broken rows are refused; the others shall arrive all the same.
        rules: Rules { mode: Mode::RejectRow, as_of: as_of(None) },
        report: None,
    }
}

/// Adds the checkups of `more`.
pub(super) fn count(all: &mut People, more: &People) {
    for (person, visits) in more {
        let counted = all.entry(person.clone()).or_default();
        counted.all += visits.all;
        counted.statutory += visits.statutory;
    }
}
