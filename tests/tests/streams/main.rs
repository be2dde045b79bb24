//! One large document must not hold up those with small ones, nor be seen in memory or in the
//! write-ahead logs. A test program of its own: cargo runs these one after the other, since memory and
//! latencies are compared with those of a moment before. How much slower the others become says as much
//! about the disk as about the program: it is printed here, and counts where [`QUIET`] is set.

mod two_hops;

use anyhow::{Context, Result, ensure};
use renkei_metadata::ids::HomeCommunityId;
use renkei_tests::peer::{DocumentSet, Peer};
use renkei_tests::stream::{self, Pattern, Speed};
use renkei_tests::{Form, Renkei, Start};
use renkei_xds::iti43::DocumentRequest;
use renkei_xds::response::Status;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

/// Clients beside the large transfer, each sending its next submission when it has its answer.
const CLIENTS: usize = 8;
/// The document of each of their submissions, octets.
const SMALL: usize = 20_000;
/// How long they are watched alone.
const ALONE: Duration = Duration::from_secs(6);
/// Set by the benchmark of it, where nothing else runs on the machine.
const QUIET: &str = "RENKEI_QUIET_MACHINE";
/// How much slower one in a hundred submissions may then become beside a large transfer.
const SLOWER: f64 = 2.0;
/// How often such a comparison of latencies is made before it counts.
const CHANCES: usize = 3;
/// The part of the large transfer that one in a hundred submissions may take on any machine: who had to
/// wait for the transfer would take as long as it does.
const HELD_UP: f64 = 0.5;
/// The most that any write-ahead log may hold, octets.
const LOG: u64 = 64 << 20;
/// The most that the program may grow beside what it takes without the transfer, octets.
const GROWTH: u64 = 64 << 20;

/// How often the small submissions alone may make the program grow before anything is compared.
const WARMING: usize = 6;
/// Growth that does not count as growing, octets.
const WARM: u64 = 4 << 20;

const MEGABYTE: u64 = 1_000_000;
/// How long the slow transfers last, seconds: ten times what a request may pause.
const SLOWLY: u64 = 10 * PAUSE;
/// How long a request may pause, seconds: less than any transfer here takes.
const PAUSE: u64 = 2;

/// One at a time, or they would measure each other.
static ALONE_HERE: Mutex<()> = Mutex::new(());

#[test]
fn a_gigabyte_at_full_speed() {
    let document = Pattern::new(1_000 * MEGABYTE).unwrap();
    there_and_back(&document, Speed::Full).unwrap();
}

#[test]
fn a_megabyte_a_second() {
    let document = Pattern::new(SLOWLY * MEGABYTE).unwrap();
    there_and_back(&document, Speed::Limited(MEGABYTE)).unwrap();
}

fn there_and_back(document: &Pattern, speed: Speed) -> Result<()> {
    let _alone = ALONE_HERE.lock();
    // A transfer that keeps moving is not bounded by it.
    let renkei = Start::new(Form::PLAIN).set(&format!("limits.request_seconds={PAUSE}")).go()?;
    let identity = renkei.identities().issue("peer", &["source", "consumer", "gateway"])?;
    let others = Others { renkei: &renkei, identity };
    let large = Peer::new(&renkei, &others.identity)?;
    let authority = &renkei.ready.assigning_authority;
    others.warm_up()?;
    let mut unique_id = None;
    others.compare("ITI-41", || {
        unique_id = Some(stream::submit(&large, authority, document, speed)?);
        Ok(())
    })?;
    let unique_id = unique_id.context("no document")?;
    others.compare("ITI-43", || stream::retrieve(&large, &unique_id, document, speed))?;
    if speed != Speed::Full {
        return Ok(());
    }
    // another community gets it as easily
    let home = HomeCommunityId::parse(&renkei.ready.home_community_id)?;
    let request = DocumentRequest { home: Some(home), ..large.request(&unique_id) };
    others.compare("ITI-39", || stream::retrieve_across(&large, &request, document, speed))
}

fn pause() -> Result<()> {
    thread::sleep(ALONE);
    Ok(())
}

/// The clients with small documents.
struct Others<'a> {
    renkei: &'a Renkei,
    identity: PathBuf,
}

/// What was seen during some time.
#[derive(Debug)]
struct Seen {
    /// Submissions.
    count: usize,
    /// How long one in a hundred took, or longer.
    p99: Duration,
    /// The largest write-ahead log, octets.
    log: u64,
    /// The most resident memory, octets.
    resident: u64,
}

impl Others<'_> {
    /// Lets the program take what it takes once, for connections and caches, until it hardly grows.
    fn warm_up(&self) -> Result<()> {
        let mut before = 0;
        for _ in 0..WARMING {
            let now = self.during(pause)?.resident;
            if now < before + WARM {
                break;
            }
            before = now;
        }
        Ok(())
    }

    /// Compares the time of `transfer` with the time before it. Latencies that count get another chance:
    /// anything else that runs on the machine for a moment lengthens them, but not again and again.
    fn compare(&self, what: &str, mut transfer: impl FnMut() -> Result<()>) -> Result<()> {
        let mut slower = self.slower(what, &mut transfer)?;
        if std::env::var_os(QUIET).is_none() {
            return Ok(());
        }
        for _ in 1..CHANCES {
            if slower <= SLOWER {
                break;
            }
            slower = self.slower(what, &mut transfer)?;
        }
        ensure!(slower <= SLOWER, "{what}: p99 of the others {slower:.2} times as long");
        Ok(())
    }

    /// How many times as long one in a hundred submissions takes beside `transfer`.
    fn slower(&self, what: &str, transfer: impl FnOnce() -> Result<()>) -> Result<f64> {
        let before = self.during(pause)?;
        let started = Instant::now();
        let beside = self.during(transfer)?;
        let seconds = started.elapsed().as_secs_f64();
        let slower = beside.p99.as_secs_f64() / before.p99.as_secs_f64();
        let growth = beside.resident.saturating_sub(before.resident);
        eprintln!(
            "{what}: {seconds:.1} s, p99 of the others {:.1?} -> {:.1?} ({slower:.2} times), {} -> {} \
             submissions, log {} MB, resident {} MB, growth {} MB",
            before.p99,
            beside.p99,
            before.count,
            beside.count,
            beside.log >> 20,
            beside.resident >> 20,
            growth >> 20
        );
        ensure!(beside.log < LOG, "{what}: a write-ahead log of {} octets", beside.log);
        ensure!(growth < GROWTH, "{what}: grew by {growth} octets");
        let held_up = beside.p99.as_secs_f64() / seconds;
        ensure!(held_up < HELD_UP, "{what}: the others waited {:?} of {seconds:.1} s", beside.p99);
        Ok(slower)
    }

    /// Lets the clients submit while `work` is done.
    fn during(&self, work: impl FnOnce() -> Result<()>) -> Result<Seen> {
        let done = AtomicBool::new(false);
        thread::scope(|scope| {
            let clients: Vec<_> =
                (0..CLIENTS).map(|_| scope.spawn(|| self.submit_until(&done))).collect();
            let watch = scope.spawn(|| self.watch_until(&done));
            let worked = work();
            done.store(true, Ordering::Relaxed);
            let mut latencies = Vec::new();
            for client in clients {
                latencies.extend(client.join().map_err(|_| anyhow::anyhow!("a client"))??);
            }
            let (log, resident) = watch.join().map_err(|_| anyhow::anyhow!("the watch"))??;
            worked?;
            latencies.sort_unstable();
            let p99 = latencies.get(latencies.len() * 99 / 100).copied();
            let p99 = p99.context("no submissions")?;
            Ok(Seen { count: latencies.len(), p99, log, resident })
        })
    }

    fn submit_until(&self, done: &AtomicBool) -> Result<Vec<Duration>> {
        let mut peer = Peer::new(self.renkei, &self.identity)?;
        let mut latencies = Vec::new();
        while !done.load(Ordering::Relaxed) {
            let given = DocumentSet::new(&self.renkei.ready.assigning_authority, &[SMALL]);
            let sent = Instant::now();
            let answer = peer.submit(&given)?;
            latencies.push(sent.elapsed());
            ensure!(answer.status == Status::Success, "{answer:?}");
        }
        Ok(latencies)
    }

    /// The largest log and the most memory.
    fn watch_until(&self, done: &AtomicBool) -> Result<(u64, u64)> {
        let databases = self.renkei.place().data_dir().join("databases");
        let (mut log, mut resident) = (0, 0);
        while !done.load(Ordering::Relaxed) {
            log = log.max(largest_log(&databases)?);
            resident = resident.max(self.renkei.resident_bytes()?);
            thread::sleep(Duration::from_millis(100));
        }
        Ok((log, resident))
    }
}

fn largest_log(databases: &Path) -> Result<u64> {
    let mut largest = 0;
    for entry in std::fs::read_dir(databases)? {
        let path = entry?.path();
        if path.to_string_lossy().ends_with("-wal") {
            // The last connection of a database takes the file away.
            largest = largest.max(path.metadata().map_or(0, |m| m.len()));
        }
    }
    Ok(largest)
}
