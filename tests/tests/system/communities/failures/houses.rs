//! What real houses do wrong: one behind a network that crawls, and one that is killed while it sends. What no
//! house does of itself (an expired certificate, which it renews when it starts; a wrong home; somebody else's
//! documents) strangers do.

use super::super::{QUERY_SECONDS, entries, find, house, join, request, retrieve};
use crate::forms::by_form;
use anyhow::{Context, Result, ensure};
use renkei_metadata::model::DocumentEntry;
use renkei_tests::community::{enter, noticed};
use renkei_tests::relay::Relay;
use renkei_tests::row::named;
use renkei_tests::world::INITIATING_GATEWAY as INITIATING;
use renkei_tests::{Form, World, audit, message, sample};
use renkei_xds::response::Status;
use std::time::{Duration, Instant};

on_every_database! { by by_form:
    a_house_behind_a_network_that_crawls_costs_the_others_nothing
    a_house_that_is_killed_while_it_sends_breaks_the_answer_off
}

/// The entry of a document of `world` among those that north found.
fn of<'e>(all: &[&'e DocumentEntry], world: &World) -> Result<&'e DocumentEntry> {
    let home = world.home()?;
    let entry = all.iter().find(|entry| entry.home.as_ref() == Some(&home));
    entry.copied().context("nothing of it")
}

/// A byte a second.
fn a_house_behind_a_network_that_crawls_costs_the_others_nothing(form: Form) -> Result<()> {
    let (north, south, east) = (house(form)?, house(form)?, house(form)?);
    join(&north, &east, "東の地域連携")?;
    let relay = Relay::to(south.renkei.port())?;
    let identity = south.renkei.identities().issue("a-gateway", &["gateway"])?;
    let url = format!("https://localhost:{}/xca/responding", relay.port());
    let more = ["--name", "南のPHR", "--identity", &identity.display().to_string()];
    enter(&north.renkei, &south.renkei.ready.home_community_id, &url, &more)?;
    noticed(&north.renkei)?;
    let patient = north.patient();
    for (world, content) in [(&north, b"north"), (&south, b"south"), (&east, b"easty")] {
        world.submitted(&sample::one(&patient, content), &[content])?;
    }
    let found = find(&north, &patient)?;
    ensure!(found.status == Status::Success && entries(&found).len() == 3, "{found:?}");
    let requests = entries(&found).into_iter().map(request).collect::<Result<Vec<_>>>()?;

    relay.slow();
    let most = Duration::from_secs(QUERY_SECONDS + 8);
    let started = Instant::now();
    let found = find(&north, &patient)?;
    ensure!(started.elapsed() < most, "took {:?}", started.elapsed());
    ensure!(found.status == Status::PartialSuccess && entries(&found).len() == 2, "{found:?}");
    let started = Instant::now();
    let got = retrieve(&north, &requests)?;
    ensure!(started.elapsed() < most, "took {:?}", started.elapsed());
    let mut came: Vec<&[u8]> = got.documents.iter().map(|d| &d.content[..]).collect();
    came.sort_unstable();
    assert_eq!(came, [&b"easty"[..], b"north"]);
    for errors in [&found.errors, &got.response.errors] {
        let told = named(errors, "community-silent")?;
        ensure!(errors.len() == 1 && told.len() == 1, "{errors:?}");
        ensure!(told[0].context.contains("南のPHR"), "{told:?}");
    }
    Ok(())
}

/// Octets of the document, more than what is under way between the houses.
const LARGE: usize = 96 << 20;

/// Too late to be told in the answer, so that nobody may take it for whole.
fn a_house_that_is_killed_while_it_sends_breaks_the_answer_off(form: Form) -> Result<()> {
    let (north, south) = (house(form)?, house(form)?);
    join(&north, &south, "南のPHR")?;
    noticed(&north.renkei)?;
    let patient = north.patient();
    let large = vec![b'x'; LARGE];
    south.submitted(&sample::one(&patient, &large), &[&large])?;
    north.submitted(&sample::one(&patient, b"north"), &[b"north"])?;
    let found = find(&north, &patient)?;
    let wanted = request(of(&entries(&found), &south)?)?;

    let mut wire = north.consumer.connect()?;
    let asked = message::retrieve(std::slice::from_ref(&wanted));
    wire.send_post(INITIATING, &asked.content_type, &asked.body)?;
    let (mut octets, mut sending) = (0usize, Some(south.renkei));
    let answer = wire.answer_to(|_, bytes| {
        octets += bytes.len();
        if octets > 2 << 20
            && let Some(south) = sending.take()
        {
            south.kill()?;
        }
        Ok(())
    });
    ensure!(sending.is_none(), "the answer was over after {octets} octets");
    ensure!(answer.is_err() && octets < LARGE, "{octets} octets and an end: {answer:?}");
    let broken = audit::wait_for(&north.renkei, |r| {
        r.event_type.as_deref() == Some("ITI-39") && r.outcome != 0
    })?;
    assert_eq!(broken.key(), "110107 ITI-39 C 12");
    assert_eq!(broken.objects_of(3), [wanted.unique_id.as_str()]);
    let told = audit::wait_for(&north.renkei, |r| r.key() == "110106 ITI-43 R 8")?;
    assert_eq!(told.objects_of(3), [wanted.unique_id.as_str()]);
    assert_eq!(told.description.as_deref(), Some("XDSUnavailableCommunity"));

    // The house itself goes on, and says who is missing.
    let found = find(&north, &patient)?;
    ensure!(entries(&found).len() == 1, "{found:?}");
    ensure!(named(&found.errors, "community-unreachable")?.len() == 1, "{found:?}");
    Ok(())
}
