//! What real houses do wrong: one behind a network that crawls, and one that is killed while it sends. What no
//! house does of itself (an expired certificate, which it renews when it starts; a wrong home; somebody else's
//! documents) strangers do.

use super::super::{QUERY_SECONDS, entries, find, house, join, request, retrieve};
use super::records::{self, End, Outcome, Questions, Retrieval};
use crate::fields::{self, is_document, is_given, of, stopped};
use crate::forms::by_form;
use anyhow::{Context, Result, ensure};
use renkei_metadata::model::DocumentEntry;
use renkei_tests::community::{enter, noticed};
use renkei_tests::relay::Relay;
use renkei_tests::row::named;
use renkei_tests::world::INITIATING_GATEWAY as INITIATING;
use renkei_tests::{Form, World, audit, message, sample};
use renkei_xds::iti18::QueryResponse;
use renkei_xds::response::Status;
use std::time::{Duration, Instant};

on_every_database! { by by_form:
    a_house_behind_a_network_that_crawls_costs_the_others_nothing
    a_house_that_is_killed_while_it_sends_breaks_the_answer_off
    a_house_that_is_killed_while_it_sends_beside_others_costs_them_nothing
}

/// The entry of a document of `world` among those that north found.
fn of_house<'e>(all: &[&'e DocumentEntry], world: &World) -> Result<&'e DocumentEntry> {
    let home = world.home()?;
    let entry = all.iter().find(|entry| entry.home.as_ref() == Some(&home));
    entry.copied().context("nothing of it")
}

/// Has `world` ask `other` through a relay; its address.
fn join_behind_relay(world: &World, other: &World, name: &str) -> Result<(Relay, String)> {
    let relay = Relay::to(other.renkei.port())?;
    let identity = other.renkei.identities().issue("a-gateway", &["gateway"])?;
    let url = format!("https://localhost:{}/xca/responding", relay.port());
    let more = ["--name", name, "--identity", &identity.display().to_string()];
    enter(&world.renkei, &other.renkei.ready.home_community_id, &url, &more)?;
    Ok((relay, url))
}

/// A byte a second.
fn a_house_behind_a_network_that_crawls_costs_the_others_nothing(form: Form) -> Result<()> {
    let (north, south, east) = (house(form)?, house(form)?, house(form)?);
    join(&north, &east, "東の地域連携")?;
    let (relay, url) = join_behind_relay(&north, &south, "南のPHR")?;
    noticed(&north.renkei)?;
    let patient = north.patient();
    for (world, content) in [(&north, b"north"), (&south, b"south"), (&east, b"easty")] {
        world.submitted(&sample::one(&patient, content), &[content])?;
    }
    let found = find(&north, &patient)?;
    ensure!(found.status == Status::Success && entries(&found).len() == 3, "{found:?}");
    let requests = entries(&found).into_iter().map(request).collect::<Result<Vec<_>>>()?;
    let documents = Documents::of(&found, [&north, &south, &east])?;

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
    let [_, (home, lost), (other, given)] = &documents.0;
    let east_url = east.renkei.ready.endpoints.responding_gateway.clone().context("none")?;
    let end = |url: &str, recorded| End::new("CN=a-gateway,O=Renkei", url.to_owned(), recorded);
    let retrieval = |home: &str, url: &str, recorded, id: &str| Retrieval {
        home: home.to_owned(),
        end: end(url, recorded),
        documents: vec![id.to_owned()],
    };
    let silent = (12, "timeout");
    let asked = Questions {
        patient: patient.to_string(),
        ends: [(0, ""), silent]
            .into_iter()
            .flat_map(|recorded| [end(&url, recorded), end(&east_url, (0, ""))])
            .collect(),
        found: [(0, ""), (0, ""), (8, UNAVAILABLE)].to_vec(),
    };
    let retrieved =
        [retrieval(home, &url, silent, lost), retrieval(other, &east_url, (0, ""), given)];
    let mut outcome = Outcome { given: documents.all(), missing: Vec::new(), why: UNAVAILABLE };
    outcome.missing = vec![outcome.given.remove(1)];
    records::of_a_house(north, &asked, &retrieved, &outcome)?;
    // Whatever becomes of its answers, the house behind the network answered.
    let records = stopped(south)?;
    ensure!(of(&records, "ITI-38").iter().all(|r| r.outcome == 0), "{records:#?}");
    let sent = of(&records, "ITI-39");
    ensure!(sent.iter().all(|r| r.objects_of(3) == [lost.as_str()]), "{sent:#?}");
    Ok(())
}

/// How what a community that does not answer leaves behind is described.
const UNAVAILABLE: &str = "XDSUnavailableCommunity";

/// The one document of each of three houses, with the community that it is of.
struct Documents([(String, String); 3]);

impl Documents {
    fn of(found: &QueryResponse, worlds: [&World; 3]) -> Result<Self> {
        let all = entries(found);
        let document = |world: &World| -> Result<(String, String)> {
            Ok((world.home()?.to_string(), of_house(&all, world)?.unique_id.to_string()))
        };
        let [first, second, third] = worlds.map(document);
        Ok(Self([first?, second?, third?]))
    }

    fn all(&self) -> Vec<(&str, &str)> {
        self.0.iter().map(|(home, id)| (home.as_str(), id.as_str())).collect()
    }
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
    let south_url = south.renkei.ready.endpoints.responding_gateway.clone().context("none")?;
    let (process, south_home) = (south.renkei.ready.pid.to_string(), south.home()?);
    let south_settings = south.renkei.settings();
    let wanted = request(of_house(&entries(&found), &south)?)?;

    let mut wire = north.consumer.connect()?;
    let asked = message::retrieve(std::slice::from_ref(&wanted));
    wire.send_post(INITIATING, &asked.content_type, &asked.body)?;
    let (mut octets, mut sending, mut killed) = (0usize, Some(south.renkei), None);
    let answer = wire.answer_to(|_, bytes| {
        octets += bytes.len();
        if octets > 2 << 20
            && let Some(south) = sending.take()
        {
            killed = Some(south.kill()?);
        }
        Ok(())
    });
    ensure!(sending.is_none(), "the answer was over after {octets} octets");
    ensure!(answer.is_err() && octets < LARGE, "{octets} octets and an end: {answer:?}");
    // The house itself goes on, and says who is missing.
    let found = find(&north, &patient)?;
    ensure!(entries(&found).len() == 1, "{found:?}");
    ensure!(named(&found.errors, "community-unreachable")?.len() == 1, "{found:?}");

    let end = |recorded| End::new("CN=a-gateway,O=Renkei", south_url.clone(), recorded);
    let asked = Questions {
        patient: patient.to_string(),
        ends: vec![end((0, "")), end((12, "connect"))],
        found: vec![(0, ""), (0, ""), (8, UNAVAILABLE)],
    };
    let (home, id) = (south_home.to_string(), wanted.unique_id.to_string());
    let retrieved =
        Retrieval { home: home.clone(), end: end((12, "malformed")), documents: vec![id.clone()] };
    // That it is given was on record before the first octet left, and that it was not whole afterwards.
    let document = vec![(home.as_str(), id.as_str())];
    let outcome = Outcome { given: document.clone(), missing: document, why: UNAVAILABLE };
    records::of_a_house(north, &asked, &[retrieved], &outcome)?;
    // What was killed had it on record that it gives the document before the first octet left.
    let place = killed.context("it was not killed")?;
    let records = audit::list(&place.data_dir(), &south_settings)?;
    let [given] = of(&records, "ITI-39")[..] else { anyhow::bail!("{records:#?}") };
    assert_eq!((given.key(), &given.description), ("110106 ITI-39 R 0".to_owned(), &None));
    is_given(
        given,
        fields::End::new("CN=a-gateway,O=Renkei", None, "127.0.0.1"),
        fields::End::new(&south_url, Some(&process), "localhost"),
    )?;
    let [document] = &given.objects[..] else { anyhow::bail!("{given:?}") };
    assert_eq!(document.id, id);
    is_document(document, &home)
}

/// Octets that have come of the document when its house is killed, past all that is held in memory.
const CAME: u64 = 16 << 20;

/// Beside documents of others it is known before the answer begins whether the large one is whole.
fn a_house_that_is_killed_while_it_sends_beside_others_costs_them_nothing(
    form: Form,
) -> Result<()> {
    let (north, south, east) = (house(form)?, house(form)?, house(form)?);
    join(&north, &east, "東の地域連携")?;
    let (relay, url) = join_behind_relay(&north, &south, "南のPHR")?;
    noticed(&north.renkei)?;
    let patient = north.patient();
    let large = vec![b'x'; LARGE];
    south.submitted(&sample::one(&patient, &large), &[&large])?;
    for (world, content) in [(&north, b"north"), (&east, b"easty")] {
        world.submitted(&sample::one(&patient, content), &[content])?;
    }
    let found = find(&north, &patient)?;
    ensure!(found.status == Status::Success && entries(&found).len() == 3, "{found:?}");
    let requests = entries(&found).into_iter().map(request).collect::<Result<Vec<_>>>()?;
    let [ours, (home, lost), (other, given)] = Documents::of(&found, [&north, &south, &east])?.0;

    relay.hold_after(CAME);
    let killed = south.renkei;
    let got = std::thread::scope(|scope| {
        let asking = scope.spawn(|| retrieve(&north, &requests));
        relay.holds()?;
        let place = killed.kill()?;
        relay.go_on();
        drop(place);
        asking.join().expect("no panic")
    })?;
    let mut came: Vec<&[u8]> = got.documents.iter().map(|d| &d.content[..]).collect();
    came.sort_unstable();
    assert_eq!(came, [&b"easty"[..], b"north"]);
    ensure!(got.response.status == Status::PartialSuccess, "{:?}", got.response);
    let told = named(&got.response.errors, "community-document-broken")?;
    ensure!(got.response.errors.len() == 1 && told.len() == 1, "{:?}", got.response);
    for words in ["南のPHR", lost.as_str()] {
        ensure!(told[0].context.contains(words), "{words}: {told:?}");
    }

    let east_url = east.renkei.ready.endpoints.responding_gateway.clone().context("none")?;
    let end = |url: &str, recorded| End::new("CN=a-gateway,O=Renkei", url.to_owned(), recorded);
    let asked = Questions {
        patient: patient.to_string(),
        ends: vec![end(&url, (0, "")), end(&east_url, (0, ""))],
        found: vec![(0, "")],
    };
    let retrieval = |home: &str, end, id: &str| Retrieval {
        home: home.to_owned(),
        end,
        documents: vec![id.to_owned()],
    };
    let retrieved = [
        retrieval(&home, end(&url, (12, "malformed")), &lost),
        retrieval(&other, end(&east_url, (0, "")), &given),
    ];
    let whole = [&ours, &(other.clone(), given.clone())];
    let outcome = Outcome {
        given: whole.map(|(home, id)| (home.as_str(), id.as_str())).to_vec(),
        missing: vec![(home.as_str(), lost.as_str())],
        why: UNAVAILABLE,
    };
    records::of_a_house(north, &asked, &retrieved, &outcome)
}
