//! Answers to a query.

use super::super::meeting::{answer_with, entry};
use super::super::{QUERY_SECONDS, entries, find};
use super::records::{End, Questions};
use super::{Kind, Scene, Shown, Stranger, good, records};
use crate::forms::by_form;
use anyhow::{Context, Result, ensure};
use chrono::TimeDelta;
use renkei_metadata::ids::PatientId;
use renkei_tests::community::noticed;
use renkei_tests::elsewhere::{Asked, Stream, http_head, simple};
use renkei_tests::{Form, World, program};
use renkei_xds::iti18;
use renkei_xds::response::{RegistryError, Status};
use renkei_xds::transaction::ITI_38;
use std::io::Write;
use std::time::{Duration, Instant};

on_every_database! { by by_form:
    the_answer_is_whole_for_those_that_answer_and_tells_of_each_other
    a_clock_that_is_five_minutes_off_is_told_by_the_check
}

fn knows_nobody(_: &Stranger, asked: &Asked, stream: &mut Stream) -> Result<()> {
    failing(asked, stream, &["XDSUnknownPatientId"])
}

fn is_broken(_: &Stranger, asked: &Asked, stream: &mut Stream) -> Result<()> {
    failing(asked, stream, &["XDSRegistryBusy"])
}

fn fails_without_a_reason(_: &Stranger, asked: &Asked, stream: &mut Stream) -> Result<()> {
    failing(asked, stream, &[])
}

fn failing(asked: &Asked, stream: &mut Stream, codes: &[&str]) -> Result<()> {
    let error = |code: &&str| RegistryError {
        code: (*code).to_owned(),
        context: "why".to_owned(),
        severity: renkei_metadata::finding::Severity::Error,
        location: String::new(),
    };
    let errors: Vec<RegistryError> = codes.iter().map(error).collect();
    let (head, tail) = iti18::response_frame(Status::Failure, &errors);
    let answer = simple(asked, &ITI_38, |w| {
        w.raw(&head).raw(&tail);
    });
    Ok(stream.write_all(&answer)?)
}

fn half(stranger: &Stranger, asked: &Asked, stream: &mut Stream) -> Result<()> {
    let whole = stranger.whole(asked)?;
    Ok(stream.write_all(whole.get(..whole.len() / 2).context("no half")?)?)
}

/// HTTP, whatever its status.
fn says(stream: &mut Stream, status: &str, kind: &str, body: &str) -> Result<()> {
    let length = body.len();
    let head = format!(
        "HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n"
    );
    Ok(stream.write_all(format!("{head}{body}").as_bytes())?)
}

fn another_schema(_: &Stranger, _: &Asked, stream: &mut Stream) -> Result<()> {
    let body = "<s:Envelope xmlns:s='http://www.w3.org/2003/05/soap-envelope'><s:Body><x xmlns='urn:x'/></s:Body></s:Envelope>";
    says(stream, "200 OK", "application/soap+xml; charset=UTF-8", body)
}

fn broken(_: &Stranger, _: &Asked, stream: &mut Stream) -> Result<()> {
    says(stream, "502 Bad Gateway", "text/html", "<html>")
}

fn refuses(_: &Stranger, _: &Asked, stream: &mut Stream) -> Result<()> {
    let body = "<s:Envelope xmlns:s='http://www.w3.org/2003/05/soap-envelope'><s:Body><s:Fault><s:Code>\
                <s:Value>s:Receiver</s:Value></s:Code><s:Reason><s:Text xml:lang='en'>no</s:Text>\
                </s:Reason></s:Fault></s:Body></s:Envelope>";
    says(stream, "500 Error", "application/soap+xml; charset=UTF-8", body)
}

fn forbids(_: &Stranger, _: &Asked, stream: &mut Stream) -> Result<()> {
    says(stream, "403 Forbidden", "text/html", "<html>")
}

/// An entry with `home` about `patient`.
fn odd(stream: &mut Stream, asked: &Asked, patient: &PatientId, home: Option<&str>) -> Result<()> {
    Ok(stream.write_all(&answer_with(asked, &[entry(patient, b"theirs", home)?]))?)
}

fn of_somebody_else(stranger: &Stranger, asked: &Asked, stream: &mut Stream) -> Result<()> {
    odd(stream, asked, &stranger.patient, Some("urn:oid:1.2.3.4"))
}

fn of_nobody(stranger: &Stranger, asked: &Asked, stream: &mut Stream) -> Result<()> {
    odd(stream, asked, &stranger.patient, None)
}

fn of_another_patient(stranger: &Stranger, asked: &Asked, stream: &mut Stream) -> Result<()> {
    let other = PatientId { id: "somebody".to_owned(), ..stranger.patient.clone() };
    odd(stream, asked, &other, Some(&stranger.home))
}

/// Ten thousand entries, the same again and again.
fn ten_thousand(stranger: &Stranger, asked: &Asked, stream: &mut Stream) -> Result<()> {
    const TIMES: usize = 10_000;
    let text = String::from_utf8(stranger.whole(asked)?)?;
    let (_, body) = text.split_once("\r\n\r\n").context("no body")?;
    let start = body.find("<rim:ExtrinsicObject").context("no entry")?;
    let end = body.find("</rim:RegistryObjectList>").context("no end")?;
    let (head, entry, tail) = (&body[..start], &body[start..end], &body[end..]);
    let length = head.len() + entry.len() * TIMES + tail.len();
    stream.write_all(&http_head("application/soap+xml; charset=UTF-8", length as u64))?;
    stream.write_all(head.as_bytes())?;
    for _ in 0..TIMES {
        stream.write_all(entry.as_bytes())?;
    }
    Ok(stream.write_all(tail.as_bytes())?)
}

fn a_byte_a_second(stranger: &Stranger, asked: &Asked, stream: &mut Stream) -> Result<()> {
    for byte in stranger.whole(asked)? {
        stream.write_all(&[byte])?;
        std::thread::sleep(Duration::from_secs(1));
    }
    Ok(())
}

fn nothing(_: &Stranger, _: &Asked, _: &mut Stream) -> Result<()> {
    std::thread::sleep(Duration::from_secs(10));
    Ok(())
}

/// The codes of what is missing.
const WHY: &str = "XDSMissingHomeCommunityId XDSRegistryBusy XDSResultNotSinglePatient XDSTooManyResults \
                   XDSUnavailableCommunity XDSUnknownCommunity";

fn the_answer_is_whole_for_those_that_answer_and_tells_of_each_other(form: Form) -> Result<()> {
    const KINDS: &[Kind] = &[
        Kind::fine("普通の町", good),
        Kind::odd("知らない患者の町", "community-knows-nobody", knows_nobody)
            .recorded(8, "XDSUnknownPatientId"),
        Kind::odd("故障した町", "community-own-errors", is_broken).recorded(8, "XDSRegistryBusy"),
        Kind::failing("途切れる町", "community-unreadable", half),
        Kind::failing("別の書式の町", "community-unreadable", another_schema),
        Kind::failing("壊れた町", "community-unreadable", broken).recorded(12, "http"),
        Kind::failing("断る町", "community-refused", refuses).recorded(8, "fault Receiver"),
        Kind::failing("入れない町", "community-refused", forbids).recorded(12, "http"),
        Kind::failing("理由を言わない町", "community-refused", fails_without_a_reason)
            .recorded(8, ""),
        Kind::odd("他人の町", "community-object-strange", of_somebody_else),
        Kind::odd("名乗らない町", "community-object-homeless", of_nobody),
        Kind::odd("別の患者の町", "community-object-of-another", of_another_patient),
        Kind::failing("多すぎる町", "community-too-much", ten_thousand).recorded(12, "too-large"),
        Kind::failing("期限切れの町", "community-not-trusted", good).showing(Shown::Expired),
        Kind::failing("偽の町", "community-not-trusted", good).showing(Shown::OfNobody),
        Kind::failing("南を騙る町", "community-not-trusted", good).showing(Shown::OfAnother),
        Kind::failing("北を騙る町", "community-not-trusted", good).showing(Shown::OfTheHouse),
        Kind::failing("遅い町", "community-silent", a_byte_a_second).recorded(12, "timeout"),
        Kind::failing("黙る町", "community-silent", nothing).recorded(12, "timeout"),
    ];
    let mut scene = Scene::set(form)?;
    scene.meet_all(KINDS)?;
    let Scene { north, south, east, patient, strangers, gateways } = scene;
    let dead = east.renkei.ready.home_community_id.clone();
    let east_url = east.renkei.ready.endpoints.responding_gateway.clone().context("no gateway")?;
    let south_url =
        south.renkei.ready.endpoints.responding_gateway.clone().context("no gateway")?;
    drop(east.renkei.kill()?);
    let started = Instant::now();
    let found = find(&north, &patient)?;
    let most = Duration::from_secs(QUERY_SECONDS + 8);
    ensure!(started.elapsed() < most, "took {:?}", started.elapsed());
    ensure!(found.status == Status::PartialSuccess, "{:?}", found.errors);
    let mut homes: Vec<&str> =
        entries(&found).iter().filter_map(|e| e.home.as_ref()).map(|h| h.as_str()).collect();
    let (own, other) = (north.home()?, south.home()?);
    let mut there = vec![own.as_str(), other.as_str(), &strangers[0].home];
    homes.sort_unstable();
    there.sort_unstable();
    assert_eq!(homes, there, "those that answered, each its one document");
    strangers.iter().try_for_each(|stranger| stranger.is_told(&found.errors))?;
    let killed: Vec<&RegistryError> = found.errors.iter().filter(|e| e.location == dead).collect();
    let [killed] = killed[..] else { anyhow::bail!("{killed:?}") };
    let row = renkei_tests::row::Row::of("community-unreachable")?;
    ensure!(row.is(killed) && killed.context.contains("東の地域連携"), "{killed:?}");
    let broken = strangers.iter().find(|s| s.kind.row == Some("community-own-errors"));
    let passed = found.errors.iter().find(|e| e.code == "XDSRegistryBusy").context("not passed")?;
    assert_eq!((&*passed.context, &passed.location), ("why", &broken.context("none")?.home));
    let wrong = KINDS.iter().filter(|kind| kind.row.is_some()).count();
    assert_eq!(found.errors.len(), wrong + 2, "one row each: {:#?}", found.errors);
    for (gateway, stranger) in gateways.iter().zip(&strangers) {
        let asked = usize::from(stranger.kind.shown == Shown::Good);
        assert_eq!(gateway.asked(), asked, "{}", stranger.kind.name);
    }
    let mut asked = Questions {
        patient: patient.to_string(),
        ends: vec![
            End::new("CN=a-gateway,O=Renkei", south_url.clone(), (0, "")),
            End::new("CN=a-gateway,O=Renkei", east_url, (12, "connect")),
        ],
        found: vec![(0, ""), (8, WHY)],
    };
    for (gateway, stranger) in gateways.iter().zip(&strangers) {
        let end = End::new("CN=own.gateway,O=Renkei", gateway.url(), stranger.kind.recorded);
        asked.ends.push(end);
    }
    records::of_the_one_who_asks(north, &asked)?;
    records::of_one_that_is_asked(south, &asked.patient, &south_url)
}

/// No message of ITI-38 carries a time that is judged (WS-Security has none here): what is answered is good, and
/// whoever checks the community hears of its clock.
fn a_clock_that_is_five_minutes_off_is_told_by_the_check(form: Form) -> Result<()> {
    let mut scene = Scene::set(form)?;
    scene.meet(Kind::fine("時計の遅れた町", good), TimeDelta::minutes(-5))?;
    noticed(&scene.north.renkei)?;
    let found = find(&scene.north, &scene.patient)?;
    ensure!(found.status == Status::Success && entries(&found).len() == 4, "{found:?}");
    let data = scene.north.renkei.place().data_dir().display().to_string();
    let home = &scene.strangers[0].home;
    let words = ["community", "check", "--data-dir", &data, "--home", home, "--json"];
    let output = program::run(&words)?;
    let told = String::from_utf8_lossy(&output.stdout);
    ensure!(output.status.code() == Some(2), "{told}");
    let says = |n: u32| {
        told.contains(&format!("相手の時計と{n}秒ずれています"))
            && told.contains(&format!("its clock is {n} seconds off ours"))
    };
    ensure!((299..=303).any(says), "{told}");

    // Nobody's record is judged by that clock either: each side has one of a question that was answered.
    let Scene { north, south, east, patient, gateways, .. } = scene;
    let url = |world: &World| world.renkei.ready.endpoints.responding_gateway.clone();
    let (south_url, east_url) = (url(&south).context("none")?, url(&east).context("none")?);
    let end = |name, url: &str| End::new(name, url.to_owned(), (0, ""));
    let mut asked = Questions {
        patient: patient.to_string(),
        ends: [&south_url, &east_url].map(|url| end("CN=a-gateway,O=Renkei", url)).into(),
        found: vec![(0, "")],
    };
    asked.ends.extend(gateways.iter().map(|g| end("CN=own.gateway,O=Renkei", &g.url())));
    records::of_the_one_who_asks(north, &asked)?;
    records::of_one_that_is_asked(south, &asked.patient, &south_url)?;
    records::of_one_that_is_asked(east, &asked.patient, &east_url)
}
