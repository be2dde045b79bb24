//! The picture on this machine: a PHR operator with the exports of three institutions, a second operator and a
//! regional network. The systems of an occupational doctor and of the person read one person's results, over
//! the real wire, and one community is stopped to see what the doctor is told.

mod asked;
mod community;
mod delivery;
mod hidden;
mod institution;
mod partners;
mod picture;
mod report;
mod text;

use anyhow::{Context as _, bail, ensure};
use asked::{Asked, Stopped};
use delivery::{Delivery, People, Visits};
use institution::Institution;
pub(crate) use partners::take_back;
use picture::{OWN_NAME, Picture};
use renkei_consumer_portal::{Wanted, Years, results_over_years, years_document};
use renkei_metadata::ids::{HomeCommunityId, PatientId};
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
    let mut elsewhere = Vec::new();
    for partner in &picture.partners {
        elsewhere.push(partner.submit(wishes.json).await?);
    }
    let known = Known { person, visits: *visits, elsewhere: &elsewhere };
    let (followed, asked) = followed(picture, &known).await?;
    report.stopped = Some(stopped(picture, &known, &followed).await?);
    report.followed = Some(followed);
    report.communities = asked;
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

/// The person who is followed, and what was submitted of them.
struct Known<'a> {
    /// By the doctor's community.
    person: &'a PatientId,
    visits: Visits,
    /// By each of the others, whose patient ids are their own.
    elsewhere: &'a [Delivery],
}

/// One person's results, as the doctor reads them from every community, and as the person does from their own;
/// as whom each community knows them.
async fn followed(picture: &Picture, known: &Known<'_>) -> anyhow::Result<(Followed, Vec<Asked>)> {
    let (person, visits) = (known.person, known.visits);
    let read = everywhere(picture, person).await?;
    ensure!(read.errors.is_empty(), "somebody did not answer: {:?}", read.errors);
    let asked = asked(picture, known, &read)?;
    let statutory = View::new(read);
    let portal = picture.community.consumer("demo-portal")?;
    let own = picture.community.connection();
    let read = results_over_years(&portal, own, person, Wanted::Full).await?;
    let full = View::new(found(read, visits.all)?);
    let made = years_document(&portal, own, person, Wanted::Full).await?;
    let made = made.context("no On-Demand document")?;
    if made.years.checkups.len() != visits.all {
        bail!("{} checkups in the On-Demand document", made.years.checkups.len());
    }
    let years = Made::new(&made);
    let hidden = hidden::of_doctor(picture, person).await?;
    Ok((Followed { patient: person.to_string(), statutory, hidden, full, years }, asked))
}

/// Whom each community called the person, the doctor's own first, and whether all came that it has of them.
fn asked(picture: &Picture, known: &Known<'_>, read: &Years) -> anyhow::Result<Vec<Asked>> {
    let own = picture.community.home();
    let of = |home: &HomeCommunityId| {
        let entries = read.documents.iter().map(|document| &document.entry);
        let there = entries.filter(|entry| entry.home.as_ref() == Some(home));
        there.filter_map(|entry| entry.patient_id.clone()).collect::<Vec<PatientId>>()
    };
    let found = of(own);
    ensure!(found.len() == known.visits.statutory, "{} of our own documents", found.len());
    let (name, home, patient) = (OWN_NAME.to_owned(), own.to_string(), known.person.to_string());
    let mut asked = vec![Asked { name, home, patient, export: None }];
    for (partner, delivery) in picture.partners.iter().zip(known.elsewhere) {
        let (name, found) = (partner.about.name.to_owned(), of(&partner.home));
        let patient = found.first().with_context(|| format!("nothing of {name}"))?;
        let there = delivery.people.get(patient).copied().unwrap_or_default();
        let all = found.iter().filter(|one| *one == patient).count();
        ensure!(all == found.len() && all == there.statutory, "{name}: {all} documents");
        ensure!(patient.authority != known.person.authority, "{name}: an id of ours");
        let (home, patient) = (partner.home.to_string(), patient.to_string());
        let export = Some(Export::new(partner.about.folder, &delivery.exported));
        asked.push(Asked { name, home, patient, export });
    }
    Ok(asked)
}

/// What the doctor is told when the last of the others is stopped.
async fn stopped(
    picture: &mut Picture,
    known: &Known<'_>,
    followed: &Followed,
) -> anyhow::Result<Stopped> {
    let last = picture.partners.last_mut().context("no other community")?;
    last.stop().await;
    let (home, name) = (last.home.to_string(), last.about.name.to_owned());
    let read = everywhere(picture, known.person).await?;
    let expected = followed.statutory.retrieved - followed.statutory.of_community(&name);
    let told: Vec<String> = read.errors.iter().map(|error| error.context.clone()).collect();
    ensure!(told.iter().any(|text| text.contains(&name)), "nobody is told of {name}: {told:?}");
    let view = View::new(found(read, expected)?);
    Ok(Stopped { home, name, view, told })
}

/// The doctor's question: one, which the Initiating Gateway asks every community.
async fn everywhere(picture: &Picture, person: &PatientId) -> anyhow::Result<Years> {
    let doctor = picture.doctor()?;
    let gateway = picture.community.everywhere(picture.names())?;
    Ok(results_over_years(&doctor, &gateway, person, Wanted::Statutory).await?)
}

fn found(years: Years, expected: usize) -> anyhow::Result<Years> {
    let checkups = years.documents.len();
    ensure!(checkups == expected, "{expected} checkups expected, {checkups} found");
    Ok(years)
}
