//! A community that is taken away while it is asked.

use super::meeting::{STRANGER, answer_with, entry, meet, theirs};
use super::{entries, find, retrieve};
use crate::forms::by_form;
use anyhow::{Context, Result, ensure};
use renkei_tests::{Form, program, sample};
use renkei_xds::response::Status;
use std::io::Write;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

on_every_database! { by by_form:
    one_that_is_taken_away_is_asked_no_more_and_what_is_under_way_ends
}

fn one_that_is_taken_away_is_asked_no_more_and_what_is_under_way_ends(form: Form) -> Result<()> {
    let (asked, over) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicBool::new(false)));
    let (count, goes_on) = (Arc::clone(&asked), Arc::clone(&over));
    // The first question is answered when the community is gone, every other one at once.
    let meeting = meet(form, &[], move |patient, asked, stream| {
        let is_first = count.fetch_add(1, Ordering::SeqCst) == 0;
        while is_first && !goes_on.load(Ordering::SeqCst) {
            std::thread::sleep(Duration::from_millis(20));
        }
        Ok(stream.write_all(&answer_with(asked, &[entry(patient, b"theirs", Some(STRANGER))?]))?)
    })?;
    let (house, patient) = (&meeting.house, &meeting.patient);
    let under_way = std::thread::scope(|scope| -> Result<_> {
        let under_way = scope.spawn(|| find(house, patient));
        let until = Instant::now() + Duration::from_secs(10);
        while asked.load(Ordering::SeqCst) == 0 {
            ensure!(Instant::now() < until, "it was not asked");
            std::thread::sleep(Duration::from_millis(10));
        }
        let removed = taken_away(house, patient);
        over.store(true, Ordering::SeqCst);
        removed?;
        under_way.join().ok().context("panicked")?
    })?;
    ensure!(under_way.status == Status::Success && under_way.errors.is_empty(), "{under_way:?}");
    ensure!(entries(&under_way).len() == 2, "what was under way is not whole: {under_way:?}");
    let before = asked.load(Ordering::SeqCst);
    ensure!(entries(&find(house, patient)?).len() == 1, "is asked again");
    let got = retrieve(house, &[theirs(&sample::new_unique_id())?])?;
    let codes: Vec<&str> = got.response.errors.iter().map(|e| e.code.as_str()).collect();
    ensure!(codes == ["XDSUnknownCommunity"], "{got:?}");
    assert_eq!(asked.load(Ordering::SeqCst), before);
    Ok(())
}

/// By command; waits until the house asks it no longer.
fn taken_away(
    house: &renkei_tests::World,
    patient: &renkei_metadata::ids::PatientId,
) -> Result<()> {
    let data = house.renkei.place().data_dir().display().to_string();
    let output = program::run(&["community", "remove", "--data-dir", &data, "--home", STRANGER])?;
    ensure!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    // Within a second; a busy machine may be late.
    let until = Instant::now() + Duration::from_secs(3);
    while entries(&find(house, patient)?).len() != 1 {
        ensure!(Instant::now() < until, "is still asked");
        std::thread::sleep(Duration::from_millis(50));
    }
    Ok(())
}
