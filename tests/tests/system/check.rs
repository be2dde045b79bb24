//! `renkei check`: clean houses, and what a lost backup, a lost file and a rotten disk make of them.

use anyhow::{Context, Result, ensure};
use renkei_tests::peer::{DocumentSet, Peer};
use renkei_tests::whole::{self, Counts};
use renkei_tests::{Form, Place, Start, process, program};
use renkei_xds::response::Status;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

const SETTLED: Duration = Duration::from_secs(10);

fn clean(documents: u64) -> Counts {
    Counts { documents, unsettled: 0, missing: 0, orphaned: 0, mismatched: 0, unreadable: 0 }
}

/// Submits documents of these sizes to a house, which is stopped then.
fn fill(start: Start, place: Option<std::sync::Arc<Place>>, sizes: &[usize]) -> Result<House> {
    let renkei = match place {
        Some(place) => start.go_in(place)?,
        None => start.go()?,
    };
    let identity = renkei.identities().issue("peer", &["source", "consumer"])?;
    let given = DocumentSet::new(&renkei.ready.assigning_authority, sizes);
    let answer = Peer::new(&renkei, &identity)?.submit(&given)?;
    ensure!(answer.status == Status::Success, "{answer:?}");
    let settings = renkei.settings();
    let running = whole::settled(renkei.place(), &settings, SETTLED)?;
    ensure!(running.faults() == [0; 4], "beside a running server: {running:?}");
    let (_, place) = renkei.stop()?;
    Ok(House { place, settings })
}

struct House {
    place: std::sync::Arc<Place>,
    settings: Vec<String>,
}

impl House {
    fn check(&self) -> Result<Counts> {
        whole::check(&self.place, &self.settings)
    }

    fn database(&self, actor: &str) -> PathBuf {
        self.place.data_dir().join(format!("databases/{actor}.sqlite"))
    }

    /// The largest file of the content.
    fn segment(&self) -> Result<PathBuf> {
        let files = process::files_below(&self.place.data_dir().join("content/segments"))?;
        let largest = files.into_iter().max_by_key(|(_, bytes)| bytes.len());
        Ok(largest.context("no segment")?.0)
    }
}

#[test]
fn a_house_is_whole_in_every_form() -> Result<()> {
    for form in Form::all() {
        let house = fill(Start::new(form), None, &[20_000, 700_000, 0, 1_500_000])?;
        ensure!(house.check()? == clean(4), "{form:?}: {:?}", house.check()?);
    }
    Ok(())
}

#[test]
fn a_backup_that_does_not_fit_is_counted() -> Result<()> {
    let house = fill(Start::new(Form::PLAIN), None, &[20_000])?;
    let copies = tempfile::tempdir()?;
    let copy = |actor: &str, when: &str| copies.path().join(format!("{actor}-{when}"));
    let each = |when: &str| -> Result<()> {
        for actor in ["registry", "repository"] {
            fs::copy(house.database(actor), copy(actor, when))?;
        }
        Ok(())
    };
    each("before")?;
    let later = fill(Start::new(Form::PLAIN), Some(house.place.clone()), &[30_000, 10])?;
    ensure!(later.check()? == clean(3), "{:?}", later.check()?);
    each("after")?;

    fs::copy(copy("registry", "before"), house.database("registry"))?;
    let old_registry = later.check()?;
    ensure!(old_registry == Counts { orphaned: 2, ..clean(1) }, "{old_registry:?}");
    fs::copy(copy("registry", "after"), house.database("registry"))?;
    fs::copy(copy("repository", "before"), house.database("repository"))?;
    let old_repository = later.check()?;
    ensure!(old_repository == Counts { missing: 2, ..clean(3) }, "{old_repository:?}");
    fs::copy(copy("repository", "after"), house.database("repository"))?;
    ensure!(later.check()? == clean(3));
    Ok(())
}

#[test]
fn a_rotten_disk_is_counted_and_named() -> Result<()> {
    let house = fill(Start::new(Form::PLAIN), None, &[1_700_000, 900])?;
    let segment = house.segment()?;
    let good = fs::read(&segment)?;
    let damaged = |bytes: &[u8]| {
        fs::write(&segment, bytes)?;
        house.check()
    };
    let mut flipped = good.clone();
    let middle = flipped.len() / 2;
    flipped[middle] ^= 1;
    let counts = damaged(&flipped)?;
    ensure!(counts == Counts { unreadable: 1, ..clean(2) }, "a flipped bit: {counts:?}");
    let told = people(&house.place.data_dir())?;
    ensure!(told.contains("読めない / does not open: "), "{told}");
    ensure!(told.contains("異常があります / something is wrong"), "{told}");
    let counts = damaged(&good[..middle])?;
    ensure!(counts == Counts { missing: 1, ..clean(2) }, "cut off: {counts:?}");
    fs::remove_file(&segment)?;
    let counts = house.check()?;
    ensure!(counts == Counts { missing: 1, ..clean(2) }, "gone: {counts:?}");
    ensure!(damaged(&good)? == clean(2));
    Ok(())
}

/// What people are told of a house that is not whole.
fn people(data_dir: &Path) -> Result<String> {
    let output = program::run(&["check", "--data-dir", &data_dir.display().to_string()])?;
    ensure!(output.status.code() == Some(2), "{output:?}");
    Ok(String::from_utf8(output.stdout)?)
}

#[test]
fn a_house_that_never_was_is_not_founded() -> Result<()> {
    let directory = tempfile::tempdir()?;
    let output = program::run(&["check", "--data-dir", &directory.path().display().to_string()])?;
    ensure!(output.status.code() == Some(1), "{output:?}");
    ensure!(fs::read_dir(directory.path())?.next().is_none(), "something was made");
    Ok(())
}
