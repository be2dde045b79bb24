//! A house whose databases another program holds, so that it cannot answer in time: another community hears that it is
//! busy (ITI TF-3: Table 4.2.4.1-2 XDSRegistryBusy, ITI TF-2: 3.55.4.2.2 ResponderBusy), and may ask again.

use super::{finds, refused};
use crate::audit::is_complete;
use crate::discovery::people::{announce, asking, somebody};
use crate::forms::by_form;
use anyhow::{Context, Result, ensure};
use renkei_hl7v3::iti55::{Answer, Outcome, Reason};
use renkei_metadata::model::AvailabilityStatus;
use renkei_person::Person;
use renkei_tests::held::Held;
use renkei_tests::world::XCPD;
use renkei_tests::{Form, Start, World, audit, message, sample};
use renkei_xds::iti18::QueryBuilder;
use std::time::{Duration, Instant};

on_every_database! { by by_form:
    a_house_that_is_busy_says_so_to_other_communities
}

/// A request may last so long, in seconds.
const LIMIT: u64 = 2;

fn asked(w: &World, person: &Person) -> Result<Answer> {
    w.gateway.post(XCPD, &message::discover(&asking(w, person)?))?.discovered()
}

fn a_house_that_is_busy_says_so_to_other_communities(form: Form) -> Result<()> {
    let w = World::start(Start::new(form).set(&format!("limits.request_seconds={LIMIT}")))?;
    let patient = w.patient();
    w.submitted(&sample::one(&patient, b"here"), &[b"here"])?;
    let find = || QueryBuilder::find_documents(&patient, &AvailabilityStatus::ALL);
    let person = somebody(&w);
    announce(&w, &person)?;

    let Some(held) = Held::hold(&w.renkei, "registry", "patient")? else { return left_out() };
    if form.postgres {
        let began = Instant::now();
        refused(&w, &find().build(), "XDSRegistryBusy", "registry")?;
        ensure!(began.elapsed() < Duration::from_secs(LIMIT + 2), "{:?}", began.elapsed());
    } else {
        // Nobody who reads waits for a writer there.
        finds(&w, find(), [0, 1, 0, 0])?;
    }
    drop(held);
    finds(&w, find(), [0, 1, 0, 0])?;

    // Of news that wait for the database of the persons nobody can say whether they are about somebody.
    let Some(held) = Held::hold(&w.renkei, "identity", "person")? else { return left_out() };
    let newcomer = somebody(&w);
    announce(&w, &newcomer)?;
    let busy = asked(&w, &newcomer)?;
    ensure!(busy.outcome == Outcome::Error(Some(Reason::ResponderBusy)), "{busy:?}");
    let [detail] = &busy.details[..] else { anyhow::bail!("{busy:?}") };
    ensure!(detail.code.as_deref() == Some("xcpd-busy"), "{detail:?}");
    ensure!(detail.text.as_deref().is_some_and(|text| text.contains("。")), "{detail:?}");
    drop(held);
    for known in [&person, &newcomer] {
        let found = asked(&w, known)?;
        ensure!(matches!(found.outcome, Outcome::Found(_)), "{found:?}");
    }
    is_recorded(w, form)
}

fn left_out() -> Result<()> {
    eprintln!("note: no Python with sqlite3 here, left out");
    Ok(())
}

/// Each refusal is on record as one, beside what was answered.
fn is_recorded(w: World, form: Form) -> Result<()> {
    let settings = w.renkei.settings();
    let (_, place) = w.renkei.stop()?;
    let records = audit::list(&place.data_dir(), &settings)?;
    let of = |key: &str| records.iter().filter(|r| r.key() == key).collect::<Vec<_>>();
    assert_eq!(of("110112 ITI-38 E 8").len(), usize::from(form.postgres));
    let refused = of("110112 ITI-55 E 8");
    assert_eq!((refused.len(), of("110112 ITI-55 E 0").len()), (1, 2));
    is_complete(refused.first().context("no record")?)
}
