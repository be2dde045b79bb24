//! A whole community on this machine: an institution's exports go in, and an occupational doctor's
//! system reads the results of three years, over the real wire.

mod community;
mod report;

use crate::progress::Meter;
use crate::today::as_of;
use anyhow::{Context as _, bail};
use community::Community;
use renkei_consumer_portal::{Wanted, results_over_years};
use renkei_metadata::ids::PatientId;
use renkei_source_adapter::mapping::Mapping;
use renkei_source_adapter::submit::{Done, Export, Exported, OpenExport, Progress, submit_export};
use renkei_source_adapter::{Mode, Rules, Sample, samples};
use report::{Followed, Report};
use std::collections::BTreeMap;
use std::io::Cursor;
use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

/// The mapping among the files of a sample institution.
const MAPPING: &str = "map.toml";

/// What the demonstration is asked to do.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Wishes {
    /// End when everything was shown.
    pub(crate) once: bool,
    /// One JSON object instead of text.
    pub(crate) json: bool,
}

/// The checkups of a person.
#[derive(Clone, Copy, Default)]
struct Visits {
    all: usize,
    /// Those with a document of the statutory items.
    statutory: usize,
}

/// Runs the demonstration in a data directory.
///
/// # Errors
/// When anything fails but the rows that are planted broken.
pub(crate) async fn run(data_dir: &Path, wishes: Wishes) -> anyhow::Result<()> {
    let started = Instant::now();
    let community = Community::start(data_dir).await?;
    let shown = show(&community, wishes, started).await;
    if shown.is_ok() && !wishes.once {
        report::staying(wishes.json)?;
        tokio::signal::ctrl_c().await.context("Ctrl-C")?;
    }
    community.stop().await;
    shown
}

async fn show(community: &Community, wishes: Wishes, started: Instant) -> anyhow::Result<()> {
    let mut report = Report::new(community.ready());
    let mut visits: BTreeMap<PatientId, Visits> = BTreeMap::new();
    for (institution, mapping, exports) in institutions()? {
        let submitter = community.submitter(&mapping)?;
        let mapping = Arc::new(mapping);
        for export in exports {
            let Sample { name, bytes, .. } = export;
            let open: OpenExport = Arc::new(move || Ok(Box::new(Cursor::new(bytes))));
            // The broken rows are refused; the others shall arrive all the same.
            let rules = Rules { mode: Mode::RejectRow, as_of: as_of(None) };
            let mut meter = if wishes.json { Meter::silent() } else { Meter::new(name) };
            let mapping = Arc::clone(&mapping);
            let size = Some(bytes.len() as u64);
            let export = Export { open, size, mapping, rules, report: None };
            let mut watch = |progress: Progress, done: &Done| {
                meter.show(progress);
                if let Ok(checkup) = &done.outcome {
                    let counted = visits.entry(checkup.patient.clone()).or_default();
                    counted.all += 1;
                    counted.statutory += usize::from(checkup.statutory);
                }
            };
            let exported = submit_export(&submitter, export, &mut watch).await?;
            meter.finish();
            fail_on_trouble(&exported)?;
            report.add(institution, name, &exported);
        }
    }
    let most = visits.iter().max_by_key(|(_, visits)| visits.all);
    let (person, visits) = most.context("nobody was submitted")?;
    let doctor = community.doctor()?;
    let years = results_over_years(&doctor, community.connection(), person, Wanted::Statutory);
    let years = years.await?;
    let expected = visits.statutory;
    if years.found != expected || years.documents.len() != expected {
        bail!("{expected} documents expected, {} found", years.found);
    }
    report.followed = Some(Followed::new(person, years));
    report.audit_records = community.audited().await?;
    report.seconds = started.elapsed().as_secs_f64();
    report.show(wishes.json)
}

/// Each sample institution: name, mapping, exports in order.
fn institutions() -> anyhow::Result<Vec<(&'static str, Mapping, Vec<Sample>)>> {
    let mut names: Vec<&'static str> = samples().iter().map(|s| s.institution).collect();
    names.dedup();
    names
        .into_iter()
        .map(|name| {
            let own = || samples().iter().copied().filter(move |s| s.institution == name);
            let mapping = own().find(|s| s.name == MAPPING).context("a sample without mapping")?;
            let mapping = Mapping::read(MAPPING, std::str::from_utf8(mapping.bytes)?)?;
            Ok((name, mapping, own().filter(|s| s.name != MAPPING).collect()))
        })
        .collect()
}

fn fail_on_trouble(exported: &Exported) -> anyhow::Result<()> {
    match exported.report.failures.first() {
        None => Ok(()),
        Some(first) => bail!("record {}: {} {}", first.record_no, first.code, first.context),
    }
}
