//! The program is ended where it hurts most. What it acknowledged is there afterwards, and of what
//! it did not acknowledge there is all or nothing.

mod administrator;
mod bare;
mod feed;
mod meanwhile;
mod moment;

use anyhow::{Context, Result, bail, ensure};
use renkei_metadata::ids::PatientId;
use renkei_tests::peer::{DocumentSet, Peer};
use renkei_tests::world::REPOSITORY;
use renkei_tests::{Form, Renkei, Start, audit, sample, whole};
use renkei_xds::response::{RegistryResponse, Status};
use std::collections::HashSet;
use std::iter;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::thread;
use std::time::{Duration, Instant};

/// What makes the program reach a step.
#[derive(Clone, Copy, PartialEq, Eq)]
enum By {
    Submission,
    /// A submission that the registry refuses.
    Refusal,
    /// An administrator removes the documents of a submission.
    Removal,
    /// An administrator updates and removes metadata, after three submissions.
    Administrator,
    Feed,
}

/// The named steps of the program, what leads there, and how often it may pass before it ends.
const STEPS: [(&str, By, u32); 20] = [
    ("repository.upload_started", By::Submission, 3),
    ("repository.chunk_stored", By::Submission, 4),
    ("repository.content_kept", By::Submission, 3),
    ("repository.content_stored", By::Submission, 3),
    ("repository.registered", By::Submission, 3),
    ("repository.confirmed", By::Submission, 3),
    ("repository.key_erased", By::Refusal, 3),
    ("repository.content_erased", By::Refusal, 3),
    ("repository.removal_before_commit", By::Removal, 3),
    ("repository.documents_removed", By::Removal, 3),
    ("repository.key_erased", By::Removal, 3),
    ("repository.content_erased", By::Removal, 3),
    ("registry.before_commit", By::Submission, 3),
    ("registry.after_commit", By::Submission, 3),
    ("registry.before_commit", By::Administrator, 4),
    ("registry.after_commit", By::Administrator, 4),
    ("audit.written", By::Submission, 3),
    ("audit.flushed", By::Submission, 3),
    ("audit.appended", By::Submission, 3),
    ("registry.feed.before_commit", By::Feed, 2),
];

/// How long repair may take: it begins after two seconds here.
const REPAIR: Duration = Duration::from_secs(30);

#[test]
fn every_step_of_the_source_is_tested() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let mut found = Vec::new();
    let crates = [
        "registry",
        "repository",
        "on-demand",
        "audit",
        "exchange",
        "database",
        "gateway",
        "identity",
        "source-adapter",
        "server",
    ];
    for krate in crates {
        steps_below(&root.join(krate).join("src"), &mut found).unwrap();
    }
    found.sort();
    found.dedup();
    let here = STEPS.iter().map(|(name, _, _)| *name);
    let elsewhere = crate::on_demand::STEPS.into_iter().chain(crate::withdraw::STEPS);
    let elsewhere =
        elsewhere.chain(crate::correlations::later::STEPS).chain(crate::matching::STEPS);
    let elsewhere =
        elsewhere.chain([crate::discovery::crash::STEP]).chain(crate::pixpdq::notices::STEPS);
    let mut tested: Vec<String> = here.chain(elsewhere).map(str::to_owned).collect();
    tested.sort();
    tested.dedup();
    assert_eq!(found, tested);
}

/// The first words of every line, or the one after it, that calls `reached`.
fn steps_below(directory: &Path, found: &mut Vec<String>) -> Result<()> {
    for entry in std::fs::read_dir(directory)? {
        let path = entry?.path();
        if path.is_dir() {
            steps_below(&path, found)?;
        } else if path.extension().is_some_and(|e| e == "rs") {
            let text = std::fs::read_to_string(&path)?;
            for call in text.split("reached(").skip(1) {
                let arguments = call.split(';').next().unwrap_or_default();
                found.extend(arguments.split('"').skip(1).step_by(2).map(str::to_owned));
            }
        }
    }
    Ok(())
}

#[test]
fn any_step_sqlite() {
    at_every_step(Form { postgres: false, wired: false });
}

#[test]
fn any_step_sqlite_wired() {
    at_every_step(Form { postgres: false, wired: true });
}

#[test]
fn any_step_postgres() {
    at_every_step(Form { postgres: true, wired: false });
}

#[test]
fn any_step_postgres_wired() {
    at_every_step(Form { postgres: true, wired: true });
}

/// The home of the content that is not the usual one beside the database.
#[test]
fn any_step_sqlite_rows() {
    in_home(Form { postgres: false, wired: false }, "repository.content=database");
}

#[test]
fn any_step_postgres_segments() {
    in_home(Form { postgres: true, wired: false }, "repository.content=segments");
}

fn at_every_step(form: Form) {
    in_home(form, USUAL);
}

/// Segments beside SQLite, rows on PostgreSQL.
const USUAL: &str = "repository.content=auto";

fn in_home(form: Form, home: &str) {
    if !Form::all().contains(&form) {
        return;
    }
    // Most of the time goes into waiting for repair: two steps share it.
    let next = Mutex::new(STEPS.into_iter().enumerate());
    let take = || next.lock().ok()?.next();
    let work = || {
        let faults = iter::from_fn(take).filter_map(|(place, step)| {
            at_step(form, home, (place, step))
                .err()
                .map(|fault| format!("{form:?}, {home}, {fault:?}"))
        });
        faults.collect::<Vec<_>>()
    };
    let failed = thread::scope(|scope| {
        let other = scope.spawn(work);
        let own = work();
        let failed = other.join().unwrap_or_else(|_| vec!["a step panicked".to_owned()]);
        [own, failed].concat()
    });
    assert!(failed.is_empty(), "{}", failed.join("\n"));
}

/// Every other submission is one of documents that were confirmed before. A form meets each step
/// at one of both, and its neighbour (the same database, wired or not) at the other. A home that is not the
/// usual one has no neighbour: it meets all of them at documents that are sent again.
fn at_step(form: Form, home: &str, (place, step): (usize, (&str, By, u32))) -> Result<()> {
    let (step, by, times) = step;
    let later = home != USUAL || place.is_multiple_of(2) != form.wired;
    let step = format!("{step}:{}", times + u32::from(later));
    let start = || start(form).set(home);
    let tested = match by {
        By::Submission => submissions_end_at(start, &step),
        By::Refusal => refusals_end_at(start, &step),
        By::Removal => removals_end_at(start, &step),
        By::Administrator => administrator::ends_at(start, &step),
        By::Feed => feed::ends_at(start, &step),
    };
    tested.with_context(|| step.clone())
}

/// A start whose repair takes seconds, not minutes.
fn start(form: Form) -> Start {
    Start::new(form)
        .set("repository.lease_seconds=2")
        .set("repository.grace_seconds=1")
        .set("repository.sweep_seconds=1")
}

fn submissions_end_at(start: impl Fn() -> Start, step: &str) -> Result<()> {
    let mut renkei = start().failpoint(step).go()?;
    let identity = identity(&renkei)?;
    let mut peer = Peer::new(&renkei, &identity)?;
    let authority = renkei.ready.assigning_authority.clone();
    let mut acknowledged = Vec::new();
    let mut interrupted = None;
    // Small ones take another way than large ones.
    let sizes = [[20_000, 3_000], [1_700_000, 5_000]];
    let given = sizes.iter().cycle().take(80).flat_map(|sizes| {
        let given = DocumentSet::new(&authority, sizes);
        [given.again(), given]
    });
    for (n, given) in given.enumerate() {
        // What is quick shares a flush, and records are taken up once a second: on a fast machine the
        // steps of the audit trail are reached by what comes later.
        if n >= 60 {
            thread::sleep(Duration::from_millis(150));
        }
        match peer.submit(&given) {
            Ok(answer) => {
                ensure!(answer.status == Status::Success, "{answer:?}");
                acknowledged.push(given);
            }
            Err(_) => {
                interrupted = Some(given);
                break;
            }
        }
        if !renkei.is_running() {
            break;
        }
    }
    let status = renkei.wait(Duration::from_secs(10))?;
    ensure!(!status.success(), "ended with {status}");
    let renkei = start().go_in(renkei.into_place())?;
    let mut peer = Peer::new(&renkei, &identity)?;
    for given in &acknowledged {
        whole(&mut peer, given).context("acknowledged")?;
    }
    if let Some(given) = &interrupted {
        settled(&renkei, &mut peer, given)?;
        told_as_it_was(&renkei, &mut peer, given)?;
        again(&mut peer, given)?;
    }
    audited(&renkei, &acknowledged)
}

/// The documents of refused submissions are erased, also by the next process.
fn refusals_end_at(start: impl Fn() -> Start, step: &str) -> Result<()> {
    let mut renkei = start().failpoint(step).go()?;
    let identity = identity(&renkei)?;
    let mut peer = Peer::new(&renkei, &identity)?;
    let mut acknowledged = Vec::new();
    let mut refused = Vec::new();
    for sizes in [[20_000, 3_000], [1_700_000, 5_000]].iter().cycle().take(20) {
        let given = DocumentSet::new(&renkei.ready.assigning_authority, sizes);
        let answer = peer.submit(&given)?;
        ensure!(answer.status == Status::Success, "{answer:?}");
        acknowledged.push(given);
        let stranger = PatientId::parse("1^^^&2.999.404&ISO")?;
        let given = DocumentSet::of(&stranger, sizes);
        let answer = peer.submit(&given);
        refused.push(given);
        match answer {
            Ok(answer) => ensure!(is_only(&answer, "XDSUnknownPatientId"), "{answer:?}"),
            Err(_) => break,
        }
    }
    let status = renkei.wait(Duration::from_secs(10))?;
    ensure!(!status.success(), "ended with {status}");
    let renkei = start().go_in(renkei.into_place())?;
    let mut peer = Peer::new(&renkei, &identity)?;
    for given in &refused {
        ensure!(!registered(&mut peer, given)?, "registered: {}", name(given));
        settled(&renkei, &mut peer, given)?;
    }
    for given in &acknowledged {
        whole(&mut peer, given).context("acknowledged")?;
    }
    audited(&renkei, &acknowledged)
}

/// Documents that were removed stay so, with their record; of an interrupted removal either all went,
/// or none, and it can be sent again.
fn removals_end_at(start: impl Fn() -> Start, step: &str) -> Result<()> {
    let mut renkei = start().failpoint(step).go()?;
    let identity = identity(&renkei)?;
    let mut peer = Peer::new(&renkei, &identity)?;
    let mut removed = Vec::new();
    let mut interrupted = None;
    for sizes in [[20_000, 3_000], [1_700_000, 5_000]].iter().cycle().take(20) {
        let given = DocumentSet::new(&renkei.ready.assigning_authority, sizes);
        let answer = peer.submit(&given)?;
        ensure!(answer.status == Status::Success, "{answer:?}");
        match peer.remove_documents(&given.unique_ids()) {
            Ok(answer) => {
                ensure!(answer.status == Status::Success, "{answer:?}");
                removed.push(given);
            }
            Err(_) => {
                interrupted = Some(given);
                break;
            }
        }
    }
    let interrupted = interrupted.context("nothing was interrupted")?;
    let status = renkei.wait(Duration::from_secs(10))?;
    ensure!(!status.success(), "ended with {status}");
    let renkei = start().go_in(renkei.into_place())?;
    let mut peer = Peer::new(&renkei, &identity)?;
    for given in &removed {
        ensure!(kept(&mut peer, given)? == 0, "back again: {}", name(given));
    }
    let left = kept(&mut peer, &interrupted)?;
    ensure!([0, interrupted.contents.len()].contains(&left), "{left} of {}", name(&interrupted));
    let answer = peer.remove_documents(&interrupted.unique_ids())?;
    let was_done = left == 0 && is_only(&answer, "XDSDocumentUniqueIdError");
    ensure!(was_done || (left > 0 && answer.status == Status::Success), "again: {answer:?}");
    ensure!(kept(&mut peer, &interrupted)? == 0);
    removed.push(interrupted);
    for given in &removed {
        // Its metadata is another transaction's to remove, and lacks nothing.
        ensure!(registered(&mut peer, given)?, "not registered: {}", name(given));
    }
    let counts = whole::settled(renkei.place(), &renkei.settings(), REPAIR)?;
    ensure!(counts.faults() == [0; 4], "{counts:?}");
    let documents: Vec<String> =
        removed.iter().flat_map(DocumentSet::unique_ids).map(|id| id.to_string()).collect();
    on_record(&renkei, "ITI-86", &documents)
}

/// How many of its documents can be retrieved.
fn kept(peer: &mut Peer, given: &DocumentSet) -> Result<usize> {
    let mut kept = 0;
    for id in given.unique_ids() {
        kept += usize::from(peer.document(&id)?.is_some());
    }
    Ok(kept)
}

#[test]
fn a_retry_after_a_lost_answer_ends_well() {
    for form in Form::all() {
        lost_answers(form).unwrap_or_else(|e| panic!("{form:?}: {e:?}"));
    }
}

fn lost_answers(form: Form) -> Result<()> {
    let renkei = start(form).go()?;
    let mut peer = Peer::new(&renkei, &identity(&renkei)?)?;
    for n in 0..12 {
        let given = DocumentSet::new(&renkei.ready.assigning_authority, &[20_000, 300_000]);
        let message = given.message();
        let mut wire = peer.connect()?;
        wire.send_post(REPOSITORY, &message.content_type, &message.body)?;
        // Hangs up before, while and after the answer is made.
        thread::sleep(Duration::from_millis(n * 4));
        drop(wire);
        again(&mut peer, &given).with_context(|| format!("hung up after {} ms", n * 4))?;
    }
    Ok(())
}

fn identity(renkei: &Renkei) -> Result<PathBuf> {
    renkei.identities().issue("peer", &["source", "consumer", "feed", "administrator"])
}

/// All of it is registered, once, and every octet can be retrieved.
fn whole(peer: &mut Peer, given: &DocumentSet) -> Result<()> {
    ensure!(registered(peer, given)?, "not registered: {}", name(given));
    for (unique_id, content) in given.documents() {
        let held = peer.document(unique_id)?;
        let held = held.with_context(|| format!("no content: {unique_id}"))?;
        ensure!(held == content, "other content: {unique_id}");
    }
    Ok(())
}

/// Whether it is registered; never in part, never twice.
fn registered(peer: &mut Peer, given: &DocumentSet) -> Result<bool> {
    let entries = peer.entries_of(&given.submission.submission_set.unique_id)?;
    let mut found: Vec<String> = entries.iter().map(|e| e.unique_id.to_string()).collect();
    found.sort();
    let mut all: Vec<String> = given.unique_ids().iter().map(ToString::to_string).collect();
    all.sort();
    ensure!(found.is_empty() || found == all, "{}: {found:?} of {all:?}", name(given));
    Ok(!found.is_empty())
}

/// Waits until repair has settled everything. Then what is registered is wholly there, and nothing
/// is there that is not registered.
fn settled(renkei: &Renkei, peer: &mut Peer, given: &DocumentSet) -> Result<()> {
    at_rest(renkei).with_context(|| name(given))?;
    all_or_nothing(peer, given)
}

/// Waits until repair has settled everything, and looks through the whole house.
fn at_rest(renkei: &Renkei) -> Result<()> {
    let counts = whole::settled(renkei.place(), &renkei.settings(), REPAIR)?;
    ensure!(counts.faults() == [0; 4], "{counts:?}");
    Ok(())
}

fn all_or_nothing(peer: &mut Peer, given: &DocumentSet) -> Result<()> {
    match registered(peer, given)? {
        true => whole(peer, given).context("interrupted, and registered"),
        false => Ok(()),
    }
}

/// The audit trail has a success of what is registered, and of nothing else.
fn told_as_it_was(renkei: &Renkei, peer: &mut Peer, given: &DocumentSet) -> Result<()> {
    match registered(peer, given)? {
        true => audited(renkei, std::slice::from_ref(given)),
        false => {
            let told = told(renkei, "ITI-41")?;
            ensure!(
                !told.contains(given.submission.submission_set.unique_id.as_str()),
                "a success"
            );
            Ok(())
        }
    }
}

/// The same submission once more: done now, or refused because it was done.
fn again(peer: &mut Peer, given: &DocumentSet) -> Result<()> {
    let answer = peer.submit(given)?;
    let done = answer.status == Status::Success;
    let was_done = is_only(&answer, "XDSDuplicateUniqueIdInRegistry");
    ensure!(done || was_done, "again: {answer:?}");
    whole(peer, given).context("again")
}

fn is_only(answer: &RegistryResponse, code: &str) -> bool {
    answer.status == Status::Failure && answer.errors.iter().all(|e| e.code == code)
}

fn name(given: &DocumentSet) -> String {
    format!("submission {}", given.submission.submission_set.unique_id)
}

/// What the trail has successes of a transaction of.
fn told(renkei: &Renkei, transaction: &str) -> Result<HashSet<String>> {
    let records = audit::list(&renkei.place().data_dir(), &renkei.settings())?;
    let succeeded =
        |r: &audit::Record| r.event_type.as_deref() == Some(transaction) && r.outcome == 0;
    let objects = records.into_iter().filter(succeeded).flat_map(|r| r.objects);
    Ok(objects.map(|o| o.id).collect())
}

/// Each of these has its record of success.
fn audited(renkei: &Renkei, acknowledged: &[DocumentSet]) -> Result<()> {
    let sets = acknowledged.iter().map(|g| g.submission.submission_set.unique_id.to_string());
    on_record(renkei, "ITI-41", &sets.collect::<Vec<_>>())
}

/// The trail has a success of the transaction for each of these objects.
fn on_record(renkei: &Renkei, transaction: &str, objects: &[String]) -> Result<()> {
    let until = Instant::now() + REPAIR;
    loop {
        let told = told(renkei, transaction)?;
        let silent: Vec<&String> = objects.iter().filter(|id| !told.contains(*id)).collect();
        if silent.is_empty() {
            return Ok(());
        }
        if Instant::now() > until {
            bail!("without audit record: {silent:?}");
        }
        thread::sleep(Duration::from_millis(200));
    }
}
