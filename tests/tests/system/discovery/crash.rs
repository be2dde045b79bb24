//! What the registry has committed is known, whatever ends before the persons have it.

use super::people::{announce, somebody};
use super::{finds, nobody};
use anyhow::{Result, ensure};
use renkei_tests::{Form, Start, World};
use std::time::Duration;

on_every_database! {
    by in_a_house_of_its_own:
    who_was_announced_is_known_after_a_crash
}

/// Where the process ends that takes news.
pub(crate) const STEP: &str = "identity.before_commit";

fn in_a_house_of_its_own(postgres: bool, test: fn(Form) -> Result<()>) -> Result<()> {
    let form = Form { postgres, wired: false };
    if Form::all().contains(&form) { test(form) } else { Ok(()) }
}

fn who_was_announced_is_known_after_a_crash(form: Form) -> Result<()> {
    let w = World::start(Start::new(form).failpoint(STEP))?;
    let person = somebody(&w);
    // The program ends while it acknowledges, or behind that.
    let acknowledged = announce(&w, &person);
    let World { mut renkei, source, consumer, repository, administrator, feed, gateway } = w;
    let status = renkei.wait(Duration::from_secs(30))?;
    ensure!(!status.success(), "{status}: {acknowledged:?}");
    let renkei = Start::new(form).go_in(renkei.into_place())?;
    let w = World { renkei, source, consumer, repository, administrator, feed, gateway };
    finds(&w, &person, &person)?;
    nobody(&w, &somebody(&w))
}
