//! A whole community on this machine: the exports of three institutions go in, and the systems of an
//! occupational doctor and of the person read one person's results, over the real wire.

mod community;
mod institution;
mod report;
mod text;

use crate::progress::Meter;
use crate::today::as_of;
use anyhow::{Context as _, bail};
use community::Community;
use institution::Institution;
use renkei_consumer_portal::{Wanted, results_over_years, years_document};
use renkei_metadata::ids::PatientId;
use renkei_source_adapter::mapping::Mapping;
use renkei_source_adapter::submit::{Done, Export, Exported, Progress, submit_export};
use renkei_source_adapter::{Mode, Rules, Sample};
use report::{Followed, Made, Report, View};
use std::collections::BTreeMap;
use std::io::Cursor;
use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

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
    for institution in institution::all()? {
        let Institution { about, mapping, exports } = institution;
        let submitter = community.submitter(&mapping)?;
        let mapping = Arc::new(mapping);
        report.begin(about);
        for Sample { name, bytes, .. } in exports {
            let mut meter = if wishes.json { Meter::silent() } else { Meter::new(name) };
            let mut watch = |progress: Progress, done: &Done| {
                meter.show(progress);
                if let Ok(checkup) = &done.outcome {
                    let counted = visits.entry(checkup.patient.clone()).or_default();
                    counted.all += 1;
                    counted.statutory += usize::from(checkup.statutory);
                }
            };
            let export = export(bytes, &mapping);
            let exported = submit_export(&submitter, export, &mut watch).await?;
            meter.finish();
            fail_on_trouble(&exported)?;
            report.add(name, &exported);
        }
    }
    let most = visits.iter().max_by_key(|(_, visits)| visits.all);
    let (person, visits) = most.context("nobody was submitted")?;
    report.followed = Some(followed(community, person, *visits).await?);
    report.audit_records = community.audited().await?;
    report.seconds = started.elapsed().as_secs_f64();
    report.show(wishes.json)
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

/// One person's results, as the doctor and as the person read them.
async fn followed(
    community: &Community,
    person: &PatientId,
    visits: Visits,
) -> anyhow::Result<Followed> {
    let doctor = community.consumer("demo-doctor")?;
    let portal = community.consumer("demo-portal")?;
    let mut read = Vec::new();
    for (client, wanted, expected) in
        [(doctor, Wanted::Statutory, visits.statutory), (portal.clone(), Wanted::Full, visits.all)]
    {
        let years = results_over_years(&client, community.connection(), person, wanted).await?;
        let checkups = years.documents.len();
        if checkups != expected {
            bail!("{expected} checkups expected, {checkups} found");
        }
        read.push(View::new(years));
    }
    let full = read.pop().context("nothing read")?;
    let statutory = read.pop().context("nothing read")?;
    let made = years_document(&portal, community.connection(), person, Wanted::Full).await?;
    let made = made.context("no On-Demand document")?;
    if made.years.checkups.len() != visits.all {
        bail!("{} checkups in the On-Demand document", made.years.checkups.len());
    }
    let years = Made::new(&made);
    Ok(Followed { patient: person.to_string(), statutory, full, years })
}

fn fail_on_trouble(exported: &Exported) -> anyhow::Result<()> {
    match exported.report.failures.first() {
        None => Ok(()),
        Some(first) => bail!("record {}: {} {}", first.record_no, first.code, first.context),
    }
}
