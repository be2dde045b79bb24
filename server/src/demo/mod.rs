//! The picture on this machine: a PHR operator with the exports of three institutions, a second operator and a
//! regional network. The systems of an occupational doctor and of the person read one person's results, over
//! the real wire, and one community is stopped to see what the doctor is told.

mod asked;
mod community;
mod delivery;
mod institution;
mod partners;
mod picture;
mod report;
mod text;

use anyhow::{Context as _, bail, ensure};
use asked::{Asked, Stopped};
use delivery::{People, Visits};
use institution::Institution;
use picture::{OWN_NAME, Picture};
use renkei_consumer_portal::{Wanted, Years, results_over_years, years_document};
use renkei_metadata::ids::PatientId;
use renkei_source_adapter::Sample;
use report::{Export, Followed, Made, Report, View};
use std::path::Path;
use std::sync::Arc;
use std::time::Instant;
use tokio::signal::unix::{SignalKind, signal};

/// What the demonstration is asked to do.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Wishes {
    /// End when everything was shown.
    pub(crate) once: bool,
    /// One JSON object instead of text.
    pub(crate) json: bool,
}

/// Runs the demonstration in a data directory.
///
/// # Errors
/// When anything fails but the rows that are planted broken, and when it is interrupted before it has shown
/// everything.
pub(crate) async fn run(data_dir: &Path, wishes: Wishes) -> anyhow::Result<()> {
    let started = Instant::now();
    // Heard from now on: whoever interrupts it finds every community closed in order.
    let mut interrupt = signal(SignalKind::interrupt()).context("Ctrl-C")?;
    let mut picture = tokio::select! {
        picture = Picture::start(data_dir) => picture?,
        _ = interrupt.recv() => bail!(INTERRUPTED),
    };
    let shown = tokio::select! {
        shown = show(&mut picture, wishes, started) => shown,
        _ = interrupt.recv() => Err(anyhow::anyhow!(INTERRUPTED)),
    };
    if shown.is_ok() && !wishes.once {
        interrupt.recv().await;
    }
    picture.stop().await;
    shown
}

const INTERRUPTED: &str = "中断されました / interrupted";

async fn show(picture: &mut Picture, wishes: Wishes, started: Instant) -> anyhow::Result<()> {
    let mut report = Report::new(picture.community.ready());
    let people = deliver(picture, wishes, &mut report).await?;
    let most = people.iter().max_by_key(|(_, visits)| visits.all);
    let (person, visits) = most.context("nobody was submitted")?;
    let home = picture.community.home().to_string();
    report.communities.push(Asked { name: OWN_NAME.to_owned(), home, export: None });
    let mut elsewhere = Vec::new();
    for partner in &picture.partners {
        let delivery = partner.submit(wishes.json).await?;
        let (name, home) = (partner.about.name.to_owned(), partner.home.clone());
        let export = Some(Export::new(partner.about.folder, &delivery.exported));
        report.communities.push(Asked { name, home, export });
        elsewhere.push(delivery.people.get(person).copied().unwrap_or_default());
    }
    report.followed = Some(followed(picture, person, *visits, &elsewhere).await?);
    report.stopped = Some(stopped(picture, person, *visits, &elsewhere).await?);
    report.audit_records = picture.community.audited().await?;
    report.seconds = started.elapsed().as_secs_f64();
    report.show(wishes.json)?;
    if !wishes.once {
        picture.complete().await?;
        report::staying(wishes.json)?;
    }
    Ok(())
}

/// The exports of the three institutions; who was examined, and how often.
async fn deliver(picture: &Picture, wishes: Wishes, report: &mut Report) -> anyhow::Result<People> {
    let mut people = People::new();
    for institution in institution::all()? {
        let Institution { about, mapping, exports } = institution;
        let submitter = picture.community.submitter(&mapping)?;
        let mapping = Arc::new(mapping);
        report.begin(about);
        for Sample { name, bytes, .. } in exports {
            let done = delivery::submit(&submitter, name, bytes, &mapping, wishes.json).await?;
            report.add(name, &done.exported);
            delivery::count(&mut people, &done.people);
        }
    }
    Ok(people)
}

/// One person's results, as the doctor reads them from every community, and as the person does from their own.
async fn followed(
    picture: &Picture,
    person: &PatientId,
    visits: Visits,
    elsewhere: &[Visits],
) -> anyhow::Result<Followed> {
    let community = &picture.community;
    let names = picture.names();
    let read = everywhere(picture, person).await?;
    ensure!(read.errors.is_empty(), "somebody did not answer: {:?}", read.errors);
    let expected = visits.statutory + elsewhere.iter().map(|v| v.statutory).sum::<usize>();
    let statutory = View::new(found(read, expected)?, &names);
    let portal = community.consumer("demo-portal")?;
    let own = community.connection();
    let read = results_over_years(&portal, own, person, Wanted::Full).await?;
    let full = View::new(found(read, visits.all)?, &names);
    let made = years_document(&portal, own, person, Wanted::Full).await?;
    let made = made.context("no On-Demand document")?;
    if made.years.checkups.len() != visits.all {
        bail!("{} checkups in the On-Demand document", made.years.checkups.len());
    }
    let years = Made::new(&made);
    Ok(Followed { patient: person.to_string(), statutory, full, years })
}

/// What the doctor is told when the last of the others is stopped.
async fn stopped(
    picture: &mut Picture,
    person: &PatientId,
    visits: Visits,
    elsewhere: &[Visits],
) -> anyhow::Result<Stopped> {
    let last = picture.partners.last_mut().context("no other community")?;
    last.stop().await;
    let (home, name) = (last.home.clone(), last.about.name.to_owned());
    let read = everywhere(picture, person).await?;
    let others = elsewhere.split_last().map_or(&[][..], |(_, others)| others);
    let expected = visits.statutory + others.iter().map(|v| v.statutory).sum::<usize>();
    let told: Vec<String> = read.errors.iter().map(|error| error.context.clone()).collect();
    ensure!(told.iter().any(|text| text.contains(&name)), "nobody is told of {name}: {told:?}");
    let view = View::new(found(read, expected)?, &picture.names());
    Ok(Stopped { home, name, view, told })
}

/// The doctor's question: one, which the Initiating Gateway asks every community.
async fn everywhere(picture: &Picture, person: &PatientId) -> anyhow::Result<Years> {
    let doctor = picture.community.consumer("demo-doctor")?;
    let gateway = picture.community.everywhere()?;
    Ok(results_over_years(&doctor, &gateway, person, Wanted::Statutory).await?)
}

fn found(years: Years, expected: usize) -> anyhow::Result<Years> {
    let checkups = years.documents.len();
    ensure!(checkups == expected, "{expected} checkups expected, {checkups} found");
    Ok(years)
}
