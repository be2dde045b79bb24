//! Two real houses that share nothing but the person: neither knows the other's patient ids.

use super::stranger::{Hanako, adt};
use super::{entries, find, on};
use crate::discovery::people::merge;
use crate::fields::{End, is_asked, is_discovery, is_document, is_given, is_query, of, stopped};
use anyhow::{Context, Result, ensure};
use renkei_metadata::ids::PatientId;
use renkei_person::Person;
use renkei_tests::audit::Record;
use renkei_tests::row::named;
use renkei_tests::{Form, Start, World, audit, community, program, sample};
use renkei_xds::iti43::DocumentRequest;
use renkei_xds::response::Status;

pub(crate) fn told_of(world: &World, patient: &PatientId) -> Result<()> {
    told_of_as(world, patient, &Hanako::default())
}

pub(crate) fn told_of_as(world: &World, patient: &PatientId, hanako: &Hanako) -> Result<()> {
    let mut feed = world.feed_as(&world.feed)?;
    let answer = feed.send(adt(patient, hanako).as_bytes())?;
    ensure!(answer.contains("MSA|AA|"), "{answer}");
    Ok(())
}

on_every_database! { by on:
    two_houses_ask_and_answer_elsewhere
    a_merge_there_is_noticed_here
}

/// Two houses of which the first asks the second; `more` are further options of its entry. Each has the other
/// entered, which issues it a certificate, and the second answers there, too.
pub(super) fn joined(form: Form, more: &[&str]) -> Result<(World, World)> {
    let north = World::start(Start::new(form))?;
    let answers = format!("the-north=https://localhost:{}/", north.renkei.port());
    let allowed = format!("async.allowed_reply_to={answers}");
    let south = World::start(Start::new(form).set(&allowed))?;
    join(&south, &north, "the-south", &[])?;
    join(&north, &south, "the-north", more)?;
    Ok((north, south))
}

/// A query as it stands on either side: an element without content may have one tag or two.
pub(super) fn in_terms_of(xml: &str) -> String {
    let mut out = String::new();
    let mut rest = xml;
    while let Some(at) = rest.find("/>") {
        let (before, behind) = rest.split_at(at);
        let open = before.rfind('<').map_or("", |at| before.get(at + 1..).unwrap_or_default());
        let name = open.split(' ').next().unwrap_or_default();
        out.push_str(&format!("{before}></{name}>"));
        rest = behind.get(2..).unwrap_or_default();
    }
    out + rest
}

/// Has `world` ask `other`, which issues it a certificate for the node `name`.
pub(crate) fn join(world: &World, other: &World, name: &str, more: &[&str]) -> Result<()> {
    let identity = other.renkei.identities().issue(name, &["gateway"])?;
    let base = format!("https://localhost:{}", other.renkei.port());
    let (xca, xcpd) = (format!("{base}/xca/responding"), format!("{base}/xcpd"));
    let identity = identity.display().to_string();
    let usual = ["--name", "南のPHR", "--discovery", &xcpd, "--identity", &identity];
    let more = [&usual, more].concat();
    community::enter(&world.renkei, &other.renkei.ready.home_community_id, &xca, &more)?;
    community::noticed(&world.renkei)?;
    Ok(())
}

pub(super) fn a_person_with_another_id_elsewhere_is_found_there(form: Form) -> Result<()> {
    let (north, south) = (World::start(Start::new(form))?, World::start(Start::new(form))?);
    join(&north, &south, "a-gateway", &[])?;
    let (here, there) = (north.patient(), south.patient());
    ensure!(here.authority != there.authority, "the houses share an authority");
    told_of(&north, &here)?;
    north.submitted(&sample::one(&here, b"north"), &[b"north"])?;

    // Nobody there knows her yet.
    let found = find(&north, &here)?;
    ensure!(found.status == Status::Success && entries(&found).len() == 1, "{found:?}");
    let error = found.errors.first().context("no warning")?;
    ensure!(error.context.contains("knows no patient like this one"), "{error:?}");
    ensure!(error.context.contains("南のPHR"), "{error:?}");

    told_of(&south, &there)?;
    south.submitted(&sample::one(&there, b"south"), &[b"south"])?;
    let data = north.renkei.place().data_dir().display().to_string();
    let home = south.renkei.ready.home_community_id.clone();
    let settings = north.renkei.settings();
    let sets: Vec<&str> = settings.iter().flat_map(|s| ["--set", s.as_str()]).collect();
    let forget = ["community", "forget", "--data-dir", &data, "--home", &home];
    let output = program::run(&[&forget[..], &sets].concat())?;
    ensure!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let found = find(&north, &here)?;
    ensure!(found.status == Status::Success && found.errors.is_empty(), "{found:?}");
    let all = entries(&found);
    ensure!(all.len() == 2, "{all:?}");
    let of_south = |e: &&&renkei_metadata::model::DocumentEntry| {
        e.home.as_ref().is_some_and(|h| h.as_str() == home)
    };
    let entry = all.iter().find(of_south).context("nothing of the south")?;
    ensure!(entry.patient_id.as_ref() == Some(&there), "{entry:?}");
    let request = DocumentRequest {
        home: entry.home.clone(),
        repository: entry.repository.clone().context("no repository")?,
        unique_id: entry.unique_id.clone(),
    };
    let retrieve = renkei_tests::message::retrieve(&[request]);
    let got = north.consumer.post("/xca/initiating", &retrieve)?.retrieved()?;
    ensure!(got.documents.first().is_some_and(|d| d.content == b"south"), "{got:?}");
    audit::wait_for(&south.renkei, |r| r.key() == "110112 ITI-55 E 0")?;

    // A second one like her there, and nobody can say who is who.
    let twin = south.patient();
    told_of(&south, &twin)?;
    let output = program::run(&[&forget[..], &sets].concat())?;
    ensure!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let found = find(&north, &here)?;
    ensure!(entries(&found).len() == 1, "documents of one of two: {found:?}");
    ensure!(found.errors.len() == 1, "{found:?}");
    Ok(())
}

/// Everything that one asks, the other answers in messages of its own (ITI TF-2: V.5).
fn two_houses_ask_and_answer_elsewhere(form: Form) -> Result<()> {
    let (north, south) = joined(form, &["--answers", "elsewhere", "--peer", "the-south"])?;
    let (here, there) = (north.patient(), south.patient());
    told_of(&north, &here)?;
    told_of(&south, &there)?;
    north.submitted(&sample::one(&here, b"north"), &[b"north"])?;
    south.submitted(&sample::one(&there, b"south"), &[b"south"])?;
    let found = find(&north, &here)?;
    ensure!(found.status == Status::Success && found.errors.is_empty(), "{found:?}");
    let all = entries(&found);
    let home = &south.renkei.ready.home_community_id;
    let is_theirs = |e: &&&renkei_metadata::model::DocumentEntry| {
        e.home.as_ref().is_some_and(|h| h.as_str() == home)
    };
    let entry = all.iter().find(is_theirs).context("nothing of the south")?;
    let request = DocumentRequest {
        home: entry.home.clone(),
        repository: entry.repository.clone().context("no repository")?,
        unique_id: entry.unique_id.clone(),
    };
    let wanted = request.clone();
    let retrieve = renkei_tests::message::retrieve(&[request]);
    let got = north.consumer.post("/xca/initiating", &retrieve)?.retrieved()?;
    ensure!(got.documents.first().is_some_and(|d| d.content == b"south"), "{got:?}");
    are_on_record(north, south, &there, &wanted)
}

/// Each question is recorded once on either side, as if it had been answered on its connection; but whoever asked is
/// named by the address that is answered (the content of wsa:ReplyTo; ITI TF-2: 3.18.5.1.1, 3.43.6.1.1).
fn are_on_record(
    north: World,
    south: World,
    there: &PatientId,
    wanted: &DocumentRequest,
) -> Result<()> {
    let home = south.renkei.ready.home_community_id.clone();
    let (here, patient) = (north.renkei.ready.endpoints.clone(), there.to_string());
    let reply_to = here.community_answers.context("no endpoint")?;
    let at = south.renkei.ready.endpoints.clone();
    let (xcpd, xca) = (at.xcpd.context("none")?, at.responding_gateway.context("none")?);
    let processes = [&north, &south].map(|world| world.renkei.ready.pid.to_string());
    let [own, other] = &processes;
    let (asked, answered) = (stopped(north)?, stopped(south)?);
    let one = |records: &[Record], transaction: &str| -> Result<Record> {
        let [record] = of(records, transaction)[..] else { anyhow::bail!("{records:#?}") };
        Ok(record.clone())
    };
    let asks = |own, network| End {
        by_certificate: Some("CN=the-north,O=Renkei"),
        ..End::new(&reply_to, own, network)
    };
    for (records, client, server) in [
        (&asked, asks(Some(own), "localhost"), None),
        (&answered, asks(None, "127.0.0.1"), Some(other.as_str())),
    ] {
        let record = one(records, "ITI-55")?;
        is_asked(&record, client, End::new(&xcpd, server, "localhost"))?;
        is_discovery(&record, &home)?;
        let told = if server.is_some() { vec![&*patient] } else { Vec::new() };
        assert_eq!(record.objects_of(1), told, "who is told of stands at the side that tells");

        let record = one(records, "ITI-38")?;
        is_asked(&record, client, End::new(&xca, server, "localhost"))?;
        is_query(&record, "ITI-38", &patient, (0, ""))?;

        let record = one(records, "ITI-39")?;
        let key = if server.is_some() { "110106 ITI-39 R 0" } else { "110107 ITI-39 C 0" };
        assert_eq!((record.key(), &record.description), (key.to_owned(), &None));
        is_given(&record, client, End::new(&xca, server, "localhost"))?;
        let [document] = &record.objects[..] else { anyhow::bail!("{record:?}") };
        assert_eq!(document.id, wanted.unique_id.as_str());
        is_document(document, &home)?;
    }
    let query = |records: &[Record]| -> Result<String> {
        let record = one(records, "ITI-55")?;
        let query = is_discovery(&record, &home)?;
        Ok(in_terms_of(query.query.as_deref().unwrap_or_default()))
    };
    assert_eq!(query(&asked)?, query(&answered)?, "the query is the same on both sides");
    Ok(())
}

/// What was kept of a patient is dropped when the other house merged her into another: it says so though it does
/// not tell who is known there (`gateway.unknown_patient = empty`).
fn a_merge_there_is_noticed_here(form: Form) -> Result<()> {
    let (north, south) = (World::start(Start::new(form))?, World::start(Start::new(form))?);
    join(&north, &south, "a-gateway", &[])?;
    let (here, there, survivor) = (north.patient(), south.patient(), south.patient());
    told_of(&north, &here)?;
    told_of(&south, &there)?;
    south.submitted(&sample::one(&there, b"before"), &[b"before"])?;
    let found = find(&north, &here)?;
    ensure!(found.errors.is_empty() && entries(&found).len() == 1, "{found:?}");

    told_of(&south, &survivor)?;
    south.submitted(&sample::one(&survivor, b"after"), &[b"after"])?;
    let person =
        |id: &PatientId| Person { identifiers: vec![id.clone().into()], ..Person::default() };
    merge(&south, &person(&there), &person(&survivor))?;
    let found = find(&north, &here)?;
    let told = named(&found.errors, "community-knows-nobody")?;
    ensure!(found.status == Status::Success && entries(&found).is_empty(), "{found:?}");
    ensure!(told.len() == 1 && told[0].context.contains("南のPHR"), "{told:?}");
    let found = find(&north, &here)?;
    ensure!(found.status == Status::Success && found.errors.is_empty(), "{found:?}");
    let of: Vec<_> = entries(&found).iter().map(|e| e.patient_id.clone()).collect();
    assert_eq!(of, [Some(survivor.clone()), Some(survivor)], "hers, and what she took in");
    Ok(())
}
