//! One question, several communities: real houses with a CA and a database each, and gateways of strangers
//! that do everything wrong that a gateway can.

mod chain;
mod documents;
mod elsewhere;
mod entitled;
mod failures;
mod leaving;
mod limits;
mod meeting;

use crate::expect::row;
use crate::forms::by_form;
use anyhow::{Context, Result, ensure};
use meeting::{STRANGER, answer_with, entry, meet};
use renkei_metadata::ids::{HomeCommunityId, PatientId, RepositoryUniqueId};
use renkei_metadata::model::{AvailabilityStatus, DocumentEntry, RegistryObject};
use renkei_soap::envelope;
use renkei_soap::tolerance::Tolerances;
use renkei_soap::xml::{Reader, XmlLimits};
use renkei_tests::community::{enter, noticed};
use renkei_tests::reply::Retrieved;
use renkei_tests::row::named;
use renkei_tests::world::{Caller, INITIATING_GATEWAY as INITIATING};
use renkei_tests::{Form, Start, World, audit, message, metrics, program, sample};
use renkei_xds::iti18::{AdhocQuery, QueryBuilder, QueryResponse};
use renkei_xds::iti43::DocumentRequest;
use renkei_xds::response::Status;
use serde_json::Value;
use std::collections::BTreeMap;
use std::io::Write;
use std::path::Path;
use std::time::{Duration, Instant};

on_every_database! { by by_form:
    all_answer_as_one_and_one_that_is_killed_is_named_spared_and_noticed_again
    a_quirk_is_forgiven_and_counted
    what_nobody_has_is_told_by_its_own_code
}

/// What the houses here share: they know patients by the same ids.
const AUTHORITY: &str = "ids.assigning_authority=1.2.392.200119.9.77";
/// Seconds that a community has to answer.
const QUERY_SECONDS: u64 = 6;

fn start(form: Form, more: &[&str]) -> Start {
    let start = Start::new(form)
        .set(AUTHORITY)
        .set(&format!("gateway.query_seconds={QUERY_SECONDS}"))
        .set(&format!("gateway.retrieve_seconds={QUERY_SECONDS}"));
    more.iter().fold(start, |start, setting| start.set(setting))
}

fn house(form: Form) -> Result<World> {
    World::start(start(form, &[]))
}

/// Has `world` ask `other`, which issues it a certificate.
fn join(world: &World, other: &World, name: &str) -> Result<()> {
    let identity = other.renkei.identities().issue("a-gateway", &["gateway"])?;
    let url = format!("https://localhost:{}/xca/responding", other.renkei.port());
    let identity = identity.display().to_string();
    let more = ["--name", name, "--identity", &identity];
    enter(&world.renkei, &other.renkei.ready.home_community_id, &url, &more)
}

/// What the consumer of `world` is answered by its gateway.
fn query(world: &World, query: &AdhocQuery) -> Result<QueryResponse> {
    let reply = world.consumer.post(INITIATING, &message::query(query))?;
    reply.valid_by("ebRS30/query.xsd")?;
    reply.query()
}

fn find(world: &World, patient: &PatientId) -> Result<QueryResponse> {
    query(world, &QueryBuilder::find_documents(patient, &[AvailabilityStatus::Approved]).build())
}

/// What the header of an answer says of each community, by its homeCommunityId.
fn said(caller: &Caller, query: &AdhocQuery) -> Result<BTreeMap<String, String>> {
    let reply = caller.post(INITIATING, &message::query(query))?;
    let mut reader = Reader::new(&reply.envelope, XmlLimits::default());
    let opened = envelope::open(&mut reader, &mut Tolerances::default())?;
    let block = opened.blocks.named("urn:renkei:communities:1.0", "Communities").next();
    let block = reader.span(block.context("no block")?.span.clone()).context("no text")?;
    let attribute = |text: &str, name: &str| -> Result<String> {
        let (_, rest) = text.split_once(&format!("{name}=\"")).context(name.to_owned())?;
        Ok(rest.split('"').next().unwrap_or_default().to_owned())
    };
    let each = block.split("<c:Community ").skip(1);
    each.map(|text| Ok((attribute(text, "home")?, attribute(text, "said")?))).collect()
}

fn retrieve(world: &World, requests: &[DocumentRequest]) -> Result<Retrieved> {
    world.consumer.post(INITIATING, &message::retrieve(requests))?.retrieved()
}

fn entries(response: &QueryResponse) -> Vec<&DocumentEntry> {
    let objects = response.objects.iter();
    let entries = objects.filter_map(|object| match object {
        RegistryObject::Entry(entry) => Some(&**entry),
        _ => None,
    });
    entries.collect()
}

fn request(entry: &DocumentEntry) -> Result<DocumentRequest> {
    Ok(DocumentRequest {
        home: entry.home.clone(),
        repository: entry.repository.clone().context("no repository")?,
        unique_id: entry.unique_id.clone(),
    })
}

/// The codes of the errors, and all that they say.
fn told(response: &QueryResponse) -> (Vec<&str>, String) {
    let codes = response.errors.iter().map(|e| e.code.as_str()).collect();
    let said =
        response.errors.iter().map(|e| format!("{} [{}]\n", e.context, e.location)).collect();
    (codes, said)
}

fn all_answer_as_one_and_one_that_is_killed_is_named_spared_and_noticed_again(
    form: Form,
) -> Result<()> {
    let (north, south, east) = (house(form)?, house(form)?, house(form)?);
    join(&north, &south, "南のPHR")?;
    join(&north, &east, "東の地域連携")?;
    noticed(&north.renkei)?;
    let patient = north.patient();
    for (world, content) in [(&north, b"north"), (&south, b"south"), (&east, b"easty")] {
        world.submitted(&sample::one(&patient, content), &[content])?;
    }
    let found = find(&north, &patient)?;
    ensure!(found.status == Status::Success && found.errors.is_empty(), "{found:?}");
    let all = entries(&found);
    ensure!(all.len() == 3, "{all:?}");
    for (world, content) in [(&north, b"north"), (&south, b"south"), (&east, b"easty")] {
        let is_there = |e: &&&DocumentEntry| e.home.as_ref() == world.home().ok().as_ref();
        let entry = all.iter().find(is_there).context("nothing of it")?;
        let got = retrieve(&north, &[request(entry)?])?;
        ensure!(got.response.status == Status::Success, "{:?}", got.response);
        ensure!(got.documents.first().is_some_and(|d| d.content == content), "{got:?}");
        let by_id =
            QueryBuilder::get_documents_by_unique_id(std::slice::from_ref(&entry.unique_id))
                .build();
        let known = AdhocQuery { home: entry.home.as_ref().map(|h| h.to_string()), ..by_id };
        ensure!(entries(&query(&north, &known)?).len() == 1, "not found by its id");
    }
    let homes = [north.home()?, south.home()?, east.home()?].map(|home| home.to_string());
    let for_all = QueryBuilder::find_documents(&patient, &[AvailabilityStatus::Approved]).build();
    let words = |words: [&str; 3]| -> BTreeMap<String, String> {
        homes.iter().cloned().zip(words.map(str::to_owned)).collect()
    };
    assert_eq!(said(&north.consumer, &for_all)?, words(["answered"; 3]));
    let for_one = AdhocQuery { home: Some(homes[1].clone()), ..for_all.clone() };
    assert_eq!(said(&north.consumer, &for_one)?, words(["not-asked", "answered", "not-asked"]));
    // Others answer our house: for who sees only what it submitted itself, there are none.
    let outsider = north.entitled("outsider", &["consumer"], &[])?;
    let alone = BTreeMap::from([(homes[0].clone(), "answered".to_owned())]);
    assert_eq!(said(&outsider, &for_all)?, alone);
    let nothing = outsider.post(INITIATING, &message::query(&for_all))?.query()?;
    ensure!(nothing.status == Status::Success && nothing.objects.is_empty(), "{nothing:?}");
    let theirs = |e: &&&DocumentEntry| e.home.as_ref() == south.home().ok().as_ref();
    let theirs = request(all.iter().find(theirs).context("nothing of it")?)?;
    let refused = outsider.post(INITIATING, &message::retrieve(&[theirs]))?.retrieved()?;
    ensure!(refused.documents.is_empty(), "{refused:?}");
    named(&refused.response.errors, "community-unknown")?;
    let requests: Vec<DocumentRequest> = all.iter().map(|e| request(e)).collect::<Result<_>>()?;
    let got = retrieve(&north, &requests)?;
    ensure!(got.documents.len() == 3 && got.response.status == Status::Success, "{got:?}");
    for kind in ["ITI-18", "ITI-38"] {
        audit::wait_for(&north.renkei, |r| r.event_type.as_deref() == Some(kind))?;
    }
    for (kind, event) in [("ITI-43", "110106"), ("ITI-39", "110107")] {
        audit::wait_for(&north.renkei, |r| {
            r.event_type.as_deref() == Some(kind) && r.event == event && r.outcome == 0
        })?;
    }
    audit::wait_for(&south.renkei, |r| r.event_type.as_deref() == Some("ITI-39"))?;

    let World { renkei, .. } = east;
    let place = renkei.kill()?;
    for n in 0..6 {
        let found = find(&north, &patient)?;
        ensure!(found.status == Status::PartialSuccess && entries(&found).len() == 2, "{found:?}");
        let what = if n < 5 { "community-unreachable" } else { "community-resting" };
        let told = named(&found.errors, what).with_context(|| format!("question {n}"))?;
        ensure!(found.errors.len() == 1 && told[0].context.contains("東の地域連携"), "{told:?}");
    }
    assert_eq!(
        said(&north.consumer, &for_all)?,
        words(["answered", "answered", "community-resting"])
    );
    let counted = metrics::counters(&north.renkei, "renkei_community_answers")?;
    ensure!(counted.keys().any(|l| l.contains("community-resting")), "{counted:?}");
    let _again = start(form, &[]).go_in(place)?;
    let until = Instant::now() + Duration::from_secs(45);
    while entries(&find(&north, &patient)?).len() != 3 {
        ensure!(Instant::now() < until, "its return was not noticed");
        std::thread::sleep(Duration::from_millis(500));
    }
    Ok(())
}

fn a_quirk_is_forgiven_and_counted(form: Form) -> Result<()> {
    let quirk = ["--quirk", "home-missing=2099-03-31:they mend it"];
    let meeting = meet(form, &quirk, |patient, asked, stream| {
        Ok(stream.write_all(&answer_with(asked, &[entry(patient, b"theirs", None)?]))?)
    })?;
    let found = find(&meeting.house, &meeting.patient)?;
    ensure!(found.status == Status::Success && entries(&found).len() == 2, "{found:?}");
    let homes = entries(&found)
        .iter()
        .filter(|e| e.home.as_ref().is_some_and(|h| h.as_str() == STRANGER))
        .count();
    ensure!(homes == 1, "{found:?}");
    let counted = metrics::counters(&meeting.house.renkei, "renkei_community_quirks")?;
    ensure!(counted.iter().any(|(l, n)| l.contains("home-missing") && *n == 1.0), "{counted:?}");

    // Who decides whether it still has to be forgiven is told by the command, whatever became of the process.
    find(&meeting.house, &meeting.patient)?;
    let renkei = meeting.house.renkei;
    let settings = renkei.settings();
    is_told_as_used(&renkei.place().data_dir(), &settings)?;
    let (status, place) = renkei.stop()?;
    ensure!(status.success(), "{status}");
    is_told_as_used(&place.data_dir(), &settings)
}

/// Fails unless the command tells of a quirk that was used twice, a moment ago.
fn is_told_as_used(data: &Path, settings: &[String]) -> Result<()> {
    let data = data.display().to_string();
    let sets: Vec<&str> = settings.iter().flat_map(|s| ["--set", s.as_str()]).collect();
    let list = |more: &[&str]| -> Result<String> {
        let words = [&["community", "list", "--data-dir", &data], more, &sets].concat();
        Ok(String::from_utf8(program::run(&words)?.stdout)?)
    };
    let told = list(&[])?;
    ensure!(told.contains("2回適用") && told.contains("used 2 times, last 20"), "{told}");
    let told: Value = serde_json::from_str(&list(&["--json"])?)?;
    let quirk = &told["communities"][0]["quirks"][0];
    ensure!(quirk["used"] == 2, "{told}");
    let last = quirk["lastUsed"].as_str().context("no lastUsed")?;
    let ago = chrono::Utc::now() - last.parse::<chrono::DateTime<chrono::Utc>>()?;
    ensure!((0..120).contains(&ago.num_seconds()), "{told}");
    Ok(())
}

fn what_nobody_has_is_told_by_its_own_code(form: Form) -> Result<()> {
    let house = house(form)?;
    let id = sample::new_unique_id();
    let by_id = QueryBuilder::get_documents_by_unique_id(std::slice::from_ref(&id)).build();
    let (missing, strange) =
        (by_id.clone(), AdhocQuery { home: Some(STRANGER.to_owned()), ..by_id });
    for (asked, code) in [(missing, "XDSMissingHomeCommunityId"), (strange, "XDSUnknownCommunity")]
    {
        let found = query(&house, &asked)?;
        ensure!(found.status == Status::Failure && told(&found).0 == [code], "{found:?}");
    }
    let repository = RepositoryUniqueId::parse("1.2.3.4")?;
    let request =
        |home| DocumentRequest { home, repository: repository.clone(), unique_id: id.clone() };
    let strange = Some(HomeCommunityId::parse(STRANGER)?);
    for (home, code) in [(None, "XDSMissingHomeCommunityId"), (strange, "XDSUnknownCommunity")] {
        let got = retrieve(&house, &[request(home)])?;
        let codes: Vec<&str> = got.response.errors.iter().map(|e| e.code.as_str()).collect();
        ensure!(codes == [code] && got.response.status == Status::Failure, "{got:?}");
    }
    // Whoever comes from another community asked this one, and no question goes round.
    let query = QueryBuilder::get_documents_by_unique_id(std::slice::from_ref(&id)).build();
    for caller in [&house.gateway, &house.administrator, &house.source] {
        for message in [message::query(&query), message::retrieve(&[request(None)])] {
            let fault = caller.post(INITIATING, &message)?.fault()?;
            ensure!(row(&fault)? == "fault-not-authorized", "{}: {fault:?}", caller.name);
        }
    }
    Ok(())
}
