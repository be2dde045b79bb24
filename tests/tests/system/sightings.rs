//! When a node was last seen, and how often it was refused.

use crate::serve::Served;
use anyhow::{Context, Result, ensure};
use renkei_tests::forge::Forged;
use renkei_tests::mllp::Feed;
use renkei_tests::wire::{Wire, connector};
use renkei_tests::world::REGISTRY;
use renkei_tests::{Identities, message, program, sample};
use renkei_xds::iti18::QueryBuilder;
use serde_json::Value;
use std::path::Path;
use std::time::{Duration, Instant};

fn port(line: &Value, endpoint: &str) -> Result<u16> {
    let url = line["endpoints"][endpoint].as_str().with_context(|| endpoint.to_owned())?;
    let after = url.split("://localhost:").nth(1).context("no port")?;
    Ok(after.split('/').next().unwrap_or_default().parse()?)
}

/// What `pki list` tells, for machines and for people.
fn listed(data: &Path) -> Result<(Value, String)> {
    let data = data.display().to_string();
    let words = ["pki", "list", "--data-dir", &data];
    let json = program::run(&[&words[..], &["--json"]].concat())?;
    ensure!(json.status.success(), "{}", String::from_utf8_lossy(&json.stderr));
    Ok((serde_json::from_slice(&json.stdout)?, String::from_utf8(program::run(&words)?.stdout)?))
}

fn node(listed: &Value, name: &str) -> Result<Value> {
    let nodes = listed["nodes"].as_array().context("no nodes")?;
    Ok(nodes.iter().find(|node| node["name"] == name).context("not listed")?.clone())
}

#[test]
fn the_list_tells_when_nodes_were_seen_and_who_was_refused_also_after_a_restart() -> Result<()> {
    let place = tempfile::tempdir()?;
    let data = place.path().join("data");
    let identities = Identities::new(&data, place.path());
    let (reader, feeder) =
        (identities.issue("reader", &["consumer"])?, identities.issue("feeder", &["feed"])?);
    let gone = identities.issue("gone", &["consumer"])?;
    identities.issue("idle", &["consumer"])?;
    let served = Served::start(&data, &[])?;
    let ca = data.join("pki/ca.pem");
    let ask = |own: &Path| -> Result<u16> {
        let ids = [sample::new_unique_id()];
        let query = message::query(&QueryBuilder::get_documents_by_unique_id(&ids).build());
        let mut wire = Wire::connect(&connector(&ca, Some(own))?, port(&served.line, "registry")?)?;
        Ok(wire.post(REGISTRY, &query.content_type, &query.body)?.status)
    };
    assert_eq!(ask(&reader)?, 200);
    // A query is no business of a feed, nor is feeding one of a consumer.
    ensure!(ask(&feeder)? != 200, "the feed asked");
    let feed = |own: &Path| {
        let fed = Feed::connect(&connector(&ca, Some(own))?, port(&served.line, "patient_feed")?);
        fed.and_then(|mut feed| feed.send(&sample::a04(&sample::patient("2.999.1"), "門", "モン")))
    };
    ensure!(feed(&reader)?.contains("MSA|AR|"), "the consumer fed");
    let to = data.display().to_string();
    let revoked = program::run(&["pki", "revoke", "gone", "--data-dir", &to])?;
    ensure!(revoked.status.success(), "{}", String::from_utf8_lossy(&revoked.stderr));
    let began = Instant::now();
    // A connection that ends meanwhile has no answer.
    while !ask(&gone).is_ok_and(|status| status == 403) {
        ensure!(began.elapsed() < Duration::from_secs(2), "still let in");
    }
    let unlisted = place.path().join("unlisted");
    Forged::authority_of(&data)?.node("unlisted", -1, 10)?.write(&unlisted)?;
    assert_eq!(ask(&unlisted)?, 403);
    let foreign = place.path().join("foreign");
    Forged::authority("Stranger CA")?.node("foreign", -1, 10)?.write(&foreign)?;
    ensure!(ask(&foreign).is_err(), "let in");

    // A few seconds later it is written down, and at the latest when the program ends.
    let began = Instant::now();
    while listed(&data)?.0["strangers"]["refused"] != 2 {
        ensure!(began.elapsed() < Duration::from_secs(8), "{:?}", listed(&data)?);
        std::thread::sleep(Duration::from_millis(200));
    }
    assert_eq!(ask(&reader)?, 200);
    let seen = chrono::Utc::now();
    served.stop()?;
    let (json, text) = listed(&data)?;
    let at = |name: &str, what: &str| -> Result<String> {
        Ok(node(&json, name)?[what].as_str().unwrap_or_default().to_owned())
    };
    let last: chrono::DateTime<chrono::Utc> = at("reader", "seen")?.parse()?;
    ensure!((seen - last).num_seconds() <= 2, "{last} {seen}");
    for (name, refused) in [("reader", 1), ("feeder", 1), ("idle", 0)] {
        assert_eq!(node(&json, name)?["refused"], refused, "{name}");
        ensure!(!at(name, "refused_since")?.is_empty(), "{name}");
        assert_eq!(at(name, "last_refused")?.is_empty(), refused == 0, "{name}");
    }
    ensure!(node(&json, "idle")?["seen"].is_null(), "{json}");
    assert_eq!(json["former"][0]["name"], "gone");
    ensure!(json["former"][0]["refused"].as_u64() >= Some(1), "{json}");
    assert_eq!(json["strangers"]["last"]["subject"], "CN=foreign");
    let print = json["strangers"]["last"]["fingerprint"].as_str().unwrap_or_default();
    assert_eq!(print.len(), 64);
    let line = |name: &str| text.lines().find(|line| line.starts_with(name)).context("no line");
    ensure!(line("reader")?.contains("/ last seen 20"), "{text}");
    ensure!(line("reader")?.contains(", refused 1 times since 20"), "{text}");
    ensure!(line("reader")?.contains("から拒否 1 回"), "{text}");
    ensure!(line("idle")?.ends_with("（接続なし / never seen）"), "{text}");
    ensure!(line("gone")?.contains("not entered any more"), "{text}");
    ensure!(text.contains("were refused 2 times since") && text.contains("CN=foreign"), "{text}");

    Served::start(&data, &[])?.stop()?;
    let (after, _) = listed(&data)?;
    for name in ["reader", "feeder", "idle"] {
        assert_eq!(node(&after, name)?, node(&json, name)?);
    }
    assert_eq!((&after["strangers"], &after["former"]), (&json["strangers"], &json["former"]));
    Ok(())
}
