//! Nodes whose certificates a CA of others signs, kept by the `openssl` command.

use crate::handshake::{ask, soon};
use anyhow::{Result, ensure};
use openssl::ssl::SslConnector;
use renkei_tests::mllp::Feed;
use renkei_tests::openssl_ca::OpensslCa;
use renkei_tests::wire::{Wire, connector};
use renkei_tests::{Form, Start, World, audit, program, sample};
use serde_json::Value;
use std::path::Path;
use std::time::{Duration, Instant};

/// What `renkei pki` tells, of this house.
fn pki(w: &World, words: &[&str]) -> Result<Value> {
    let data = w.renkei.place().data_dir().display().to_string();
    let done = program::run(&[&["pki"], words, &["--data-dir", &data, "--json"]].concat())?;
    ensure!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    Ok(serde_json::from_slice(&done.stdout)?)
}

/// How it refuses.
fn refused(w: &World, words: &[&str]) -> Result<String> {
    let data = w.renkei.place().data_dir().display().to_string();
    let done = program::run(&[&["pki"], words, &["--data-dir", &data]].concat())?;
    assert_eq!(done.status.code(), Some(1));
    Ok(String::from_utf8(done.stderr)?)
}

fn presenting(w: &World, identity: &Path) -> Result<SslConnector> {
    connector(&w.renkei.ready.ca, Some(identity))
}

/// Waits until a node does not get so far as to be answered.
fn soon_out(w: &World, connector: &SslConnector) -> Result<()> {
    let began = Instant::now();
    while ask(w, connector).is_ok() {
        ensure!(began.elapsed() < Duration::from_millis(1500), "still answered");
        std::thread::sleep(Duration::from_millis(50));
    }
    Ok(())
}

fn on_record(w: &World, told: &str) -> Result<()> {
    audit::wait_for(&w.renkei, |r| {
        r.key() == "110113 110129 E 0" && format!("{r:?}").contains(told)
    })?;
    Ok(())
}

#[test]
fn a_node_of_a_trusted_ca_is_let_in_by_its_subject_also_with_a_renewed_certificate() -> Result<()> {
    let w = World::start(Start::new(Form::PLAIN))?;
    let place = tempfile::tempdir()?;
    let partner = OpensslCa::new(place.path(), "partner")?;
    let first = presenting(&w, &partner.issue("clinic", "first")?)?;
    let other = presenting(&w, &partner.issue("other", "other")?)?;
    ensure!(ask(&w, &first).is_err(), "let in unknown");

    let leaf = place.path().join("partner/first/cert.pem").display().to_string();
    let told = refused(&w, &["trust", "add-ca", &leaf, "--name", "x"])?;
    ensure!(told.contains("認証局の証明書ではありません"), "{told}");
    let ca = partner.certificate().display().to_string();
    let told = pki(&w, &["trust", "add-ca", &ca, "--name", "partner"])?;
    assert_eq!(told["subject"], "CN=partner,O=Partner");
    on_record(&w, "CA trusted: CN=partner,O=Partner")?;
    // Whoever it signed is told what to have entered, and no more.
    soon(&w, &first, 403)?;
    let text = ask(&w, &first)?.text();
    ensure!(text.contains("CN=clinic,O=Partner"), "{text}");

    let entry = ["--ca", "partner", "--subject", "CN=clinic,O=Partner", "--role", "consumer"];
    pki(&w, &[&["trust", "add-node", "clinic"], &entry[..]].concat())?;
    on_record(&w, "entered: CN=clinic,O=Partner (CA partner)")?;
    soon(&w, &first, 200)?;
    let renewed = presenting(&w, &partner.issue("clinic", "renewed")?)?;
    assert_eq!(ask(&w, &renewed)?.status, 200);
    assert_eq!(ask(&w, &other)?.status, 403);
    let a04 = sample::a04(&w.patient(), "門前", "モンゼン");
    let answer = Feed::connect(&renewed, w.feed_port()?).and_then(|mut f| f.send(&a04))?;
    ensure!(answer.contains("MSA|A"), "{answer}");
    ensure!(Feed::connect(&other, w.feed_port()?).and_then(|mut f| f.send(&a04)).is_err());

    let told = refused(&w, &[&["trust", "add-node", "twin"], &entry[..]].concat())?;
    ensure!(told.contains("entered as that of the node clinic"), "{told}");
    let told = refused(
        &w,
        &["trust", "add-node", "b", "--ca", "nobody", "--subject", "CN=b", "--role", "feed"],
    )?;
    ensure!(told.contains("nobody: ") && told.contains("is no CA that is trusted"), "{told}");
    let told = refused(
        &w,
        &["trust", "add-node", "b", "--ca", "partner", "--subject", "b", "--role", "feed"],
    )?;
    ensure!(told.contains("主体名"), "{told}");
    let listed = pki(&w, &["trust", "list"])?;
    assert_eq!(listed["authorities"][0]["name"], "partner");
    assert_eq!(listed["authorities"][0]["nodes"], serde_json::json!(["clinic"]));
    let nodes = pki(&w, &["list"])?;
    let mut nodes = nodes["nodes"].as_array().into_iter().flatten();
    let node = nodes.find(|node| node["name"] == "clinic");
    ensure!(node.is_some_and(|node| node["ca"] == "partner" && node["fingerprint"].is_null()));

    // The subject may be read from a certificate.
    let file = place.path().join("partner/other/cert.pem").display().to_string();
    let entry = ["--ca", "partner", "--certificate", &file, "--role", "consumer"];
    let told = pki(&w, &[&["trust", "add-node", "other"], &entry[..]].concat())?;
    assert_eq!(told["subject"], "CN=other,O=Partner");
    soon(&w, &other, 200)?;
    Ok(())
}

#[test]
fn connections_end_when_a_node_is_revoked_and_when_its_ca_is_trusted_no_more() -> Result<()> {
    let w = World::start(Start::new(Form::PLAIN))?;
    let place = tempfile::tempdir()?;
    let partner = OpensslCa::new(place.path(), "partner")?;
    let (one, two) = (partner.issue("one", "one")?, partner.issue("two", "two")?);
    let (one, two) = (presenting(&w, &one)?, presenting(&w, &two)?);
    let ca = partner.certificate().display().to_string();
    pki(&w, &["trust", "add-ca", &ca, "--name", "partner"])?;
    for name in ["one", "two"] {
        let subject = format!("CN={name},O=Partner");
        let entry = ["--ca", "partner", "--subject", &subject, "--role", "consumer"];
        pki(&w, &[&["trust", "add-node", name], &entry[..]].concat())?;
    }
    soon(&w, &one, 200)?;
    soon(&w, &two, 200)?;
    let mut open = [Wire::connect(&one, w.renkei.port())?, Wire::connect(&two, w.renkei.port())?];
    let mut feed = Feed::connect(&two, w.feed_port()?)?;
    let [first, second] = &mut open;
    for wire in [&mut *first, &mut *second] {
        assert_eq!(wire.get("/xds/registry?wsdl")?.status, 200);
    }
    pki(&w, &["revoke", "one"])?;
    ensure!(first.ends_within(Duration::from_secs(1))?, "a connection of a revoked node goes on");
    assert_eq!(second.get("/xds/registry?wsdl")?.status, 200);
    assert_eq!(ask(&w, &one)?.status, 403);

    pki(&w, &["trust", "remove", "partner"])?;
    on_record(&w, "CA no longer trusted: CN=partner,O=Partner")?;
    ensure!(second.ends_within(Duration::from_secs(1))?, "a connection under the CA goes on");
    ensure!(feed.raw(b"\x0b").is_err() || feed.acknowledgement().is_err(), "a feed goes on");
    soon_out(&w, &two)?;
    let told = refused(&w, &["trust", "remove", "partner"])?;
    ensure!(told.contains("is no CA that is trusted"), "{told}");
    // Trusted again, the node that is still entered comes in.
    pki(&w, &["trust", "add-ca", &ca, "--name", "partner"])?;
    soon_in(&w, &two)
}

/// Waits until a node is let in that could not shake hands.
fn soon_in(w: &World, connector: &SslConnector) -> Result<()> {
    let began = Instant::now();
    while !ask(w, connector).is_ok_and(|answer| answer.status == 200) {
        ensure!(began.elapsed() < Duration::from_millis(1500), "not let in");
        std::thread::sleep(Duration::from_millis(50));
    }
    Ok(())
}
