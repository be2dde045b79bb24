//! ITI-1: the clock is checked by a real time server, by liars, and by none.

use crate::expect::{fault, row};
use anyhow::{Context, Result, bail, ensure};
use renkei_soap::fault::FaultCode;
use renkei_tests::time::{Chrony, Says, Server};
use renkei_tests::world::{REGISTRY, REPOSITORY};
use renkei_tests::{Form, Start, World, audit, message, metrics, sample};
use serde_json::Value;
use std::time::{Duration, Instant};

on_every_database! { by run:
    nothing_is_submitted_while_the_clock_is_wrong
}

fn run(postgres: bool, test: fn(Form) -> Result<()>) -> Result<()> {
    if postgres && renkei_tests::postgres::server().is_none() {
        eprintln!("note: no PostgreSQL here, left out");
        return Ok(());
    }
    test(Form { postgres, wired: false })
}

/// A program that asks these servers every second: they are its own machine's.
fn asking(form: Form, servers: &[String], more: &[&str]) -> Result<World> {
    let start = Start::new(form)
        .set(&format!("time.servers={}", servers.join(",")))
        .set("time.poll_seconds=1");
    World::start(more.iter().fold(start, |start, setting| start.set(setting)))
}

fn health(w: &World) -> Result<Value> {
    let (status, body) = metrics::admin(&w.renkei, "/health/ready")?;
    assert_eq!(status, 200, "{body}");
    Ok(serde_json::from_str(&body)?)
}

/// Waits until health says this of the clock; what else it says.
fn until(w: &World, fits: impl Fn(&Value) -> bool) -> Result<Value> {
    let end = Instant::now() + Duration::from_secs(30);
    loop {
        let health = health(w)?;
        if fits(&health) {
            return Ok(health);
        }
        if Instant::now() > end {
            bail!("it says {health}");
        }
        std::thread::sleep(Duration::from_millis(100));
    }
}

fn time_is(word: &'static str) -> impl Fn(&Value) -> bool {
    move |health| health["time"] == word
}

fn gauge(w: &World, name: &str, server: &str) -> Result<f64> {
    let found = metrics::counters(&w.renkei, name)?;
    let label = if server.is_empty() { String::new() } else { format!("server=\"{server}\"") };
    found.get(&label).copied().with_context(|| format!("{name} of {label}: {found:?}"))
}

#[test]
fn without_servers_it_is_unchecked() -> Result<()> {
    let w = World::shared(Form::PLAIN)?.context("no program")?;
    let mut told = health(w)?;
    // Who is entitled to everything is told, too.
    let wide = told.as_object_mut().and_then(|told| told.remove("wide")).context("nobody")?;
    assert_eq!(told, serde_json::json!({"status": "ready", "time": "unchecked"}));
    ensure!(wide.to_string().contains("test-consumer: scope domain"), "{wide}");
    Ok(())
}

#[test]
fn a_real_server_is_understood() -> Result<()> {
    let Some(chrony) = Chrony::start(5)? else { return Ok(()) };
    let w = asking(Form::PLAIN, &[chrony.name()], &[])?;
    let health = until(&w, time_is("right"))?;
    assert_eq!(health["status"], "ready");
    let server = &health["clock"]["servers"][0];
    assert_eq!(server["server"], Value::from(chrony.name()));
    assert_eq!(server["stratum"], 5);
    assert_eq!(server["agrees"], true);
    ensure!(server["problem"].is_null(), "{server}");
    // It is the clock of this machine that it serves.
    for offset in [&server["offset_ms"], &health["clock"]["offset_ms"]] {
        ensure!(offset.as_f64().is_some_and(|ms| ms.abs() < 50.0), "{health}");
    }
    ensure!(gauge(&w, "renkei_clock_offset_seconds", "")?.abs() < 0.05);
    assert_eq!(gauge(&w, "renkei_clock_alarm", "")?, 0.0);
    assert_eq!(gauge(&w, "renkei_time_server_stratum", &chrony.name())?, 5.0);
    ensure!(gauge(&w, "renkei_time_server_offset_seconds", &chrony.name())?.abs() < 0.05);
    ensure!(gauge(&w, "renkei_time_server_dispersion_seconds", &chrony.name())? < 1.0);
    ensure!(gauge(&w, "renkei_time_server_answer_age_seconds", &chrony.name())? < 10.0);
    Ok(())
}

#[test]
fn one_liar_among_three_alarms_nobody() -> Result<()> {
    let Some(chrony) = Chrony::start(5)? else { return Ok(()) };
    let (honest, liar) = (Server::start(Says::Off(0))?, Server::start(Says::Off(300))?);
    let w = asking(Form::PLAIN, &[liar.name(), chrony.name(), honest.name()], &[])?;
    let health = until(&w, time_is("right"))?;
    let servers = health["clock"]["servers"].as_array().context("no servers")?;
    let agrees: Vec<Option<bool>> = servers.iter().map(|s| s["agrees"].as_bool()).collect();
    assert_eq!(agrees, [Some(false), Some(true), Some(true)], "{health}");
    let lie = servers.first().and_then(|s| s["offset_ms"].as_f64()).context("no lie")?;
    ensure!((lie - 300_000.0).abs() < 1000.0, "{health}");
    // Nor is it believed when the others are gone.
    drop(chrony);
    honest.say(Says::Unsynchronised);
    let health = until(&w, time_is("waiting"))?;
    assert_eq!(health["clock"]["servers"][2]["problem"], "its own clock is not synchronised");
    assert_eq!(gauge(&w, "renkei_clock_alarm", "")?, 0.0);
    Ok(())
}

#[test]
fn a_server_that_is_not_there_stops_nothing() -> Result<()> {
    let nobody = Server::start(Says::Off(0))?.name();
    let w = asking(Form::PLAIN, &[nobody], &["time.stop_submissions=true"])?;
    let problem = |h: &Value| h["clock"]["servers"][0]["problem"] == "it cannot be reached";
    let health = until(&w, problem)?;
    assert_eq!((&health["time"], &health["status"]), (&"waiting".into(), &"ready".into()));
    w.submitted(&sample::one(&w.patient(), b"x"), &[b"x"])
}

#[test]
fn kisses_of_death_are_honoured() -> Result<()> {
    let (rate, deny) = (Server::start(Says::Kiss(b"RATE"))?, Server::start(Says::Kiss(b"DENY"))?);
    let w = asking(Form::PLAIN, &[rate.name(), deny.name()], &[])?;
    std::thread::sleep(Duration::from_secs(8));
    let asked = rate.asked();
    // At 0, 2 and 6 seconds, and then at 14.
    ensure!((2..=3).contains(&asked.len()), "{}", asked.len());
    for pair in asked.windows(2) {
        let waited = pair[1] - pair[0];
        ensure!(waited > Duration::from_millis(1900), "{waited:?}");
    }
    assert_eq!(deny.asked().len(), 1);
    let health = health(&w)?;
    let problem = |n: usize| health["clock"]["servers"][n]["problem"].as_str();
    assert_eq!(problem(0), Some("it does not want to be asked so often"));
    assert_eq!(problem(1), Some("it does not want to be asked at all"));
    Ok(())
}

#[test]
fn an_answer_to_another_question_is_passed_over() -> Result<()> {
    let (one, two) = (Server::start(Says::ForgedFirst)?, Server::start(Says::ForgedFirst)?);
    let forger = Server::start(Says::Forged)?;
    let w = asking(Form::PLAIN, &[one.name(), two.name(), forger.name()], &[])?;
    let told = |h: &Value| {
        h["time"] == "right" && h["clock"]["servers"][2]["problem"] == "it answers another question"
    };
    let health = until(&w, told)?;
    let offset = health["clock"]["servers"][0]["offset_ms"].as_f64();
    ensure!(offset.is_some_and(|ms| ms.abs() < 50.0), "{health}");
    ensure!(health["clock"]["servers"][2]["offset_ms"].is_null(), "{health}");
    Ok(())
}

fn nothing_is_submitted_while_the_clock_is_wrong(form: Form) -> Result<()> {
    let server = Server::start(Says::Off(300))?;
    let w = asking(form, &[server.name()], &["time.stop_submissions=true"])?;
    let health = until(&w, time_is("wrong"))?;
    assert_eq!(health["status"], "degraded");
    assert_eq!(gauge(&w, "renkei_clock_alarm", "")?, 1.0);

    let patient = w.patient();
    let sent = sample::one(&patient, b"x");
    let provided = message::provide_and_register(&sent, &[b"x"]);
    let refusals = [
        w.source.post(REPOSITORY, &provided)?,
        w.repository.post(REGISTRY, &message::register(&sent))?,
    ];
    for refusal in refusals {
        let fault = fault(&refusal, FaultCode::Receiver)?;
        assert_eq!(row(&fault)?, "fault-clock-wrong");
        ensure!(fault.en.contains("300.0 seconds"), "{fault:?}");
    }
    // What is here can be read, and nothing came.
    w.nothing_of(&sent)?;
    audit::wait_for(&w.renkei, |r| {
        let told = r.objects.iter().flat_map(|o| &o.details).any(|(_, t)| t.contains("300.0"));
        r.key() == "110113 110129 E 4" && told
    })?;
    for import in ["110107 ITI-41 C 8", "110107 ITI-42 C 8"] {
        audit::wait_for(&w.renkei, |r| r.key() == import)?;
    }
    ensure!(w.renkei.place().read_log().contains("the clock is off by 300.0 seconds"));

    server.say(Says::Off(0));
    until(&w, |h| h["time"] == "right" && h["status"] == "ready")?;
    w.submitted(&sent, &[b"x"])?;
    audit::wait_for(&w.renkei, |r| r.key() == "110113 110129 E 0")?;
    Ok(())
}
