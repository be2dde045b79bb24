//! Nodes whose certificates a CA of others signs, kept by the `openssl` command.

use crate::handshake::{ask, s_client_as, soon};
use crate::serve::Served;
use anyhow::{Context, Result, ensure};
use openssl::ssl::SslConnector;
use renkei_tests::mllp::Feed;
use renkei_tests::openssl_ca::OpensslCa;
use renkei_tests::publisher::Publisher;
use renkei_tests::wire::{Answer, Wire, connector};
use renkei_tests::{Form, Start, World, audit, metrics, program, sample};
use serde_json::Value;
use std::path::{Path, PathBuf};
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

/// Puts a list where the house looks for it, whole at once.
fn put(list: &Path, at: &Path) -> Result<()> {
    Ok(std::fs::rename(list, at)?)
}

/// What is listed of the only CA.
fn crl(w: &World) -> Result<Value> {
    Ok(pki(w, &["trust", "list"])?["authorities"][0]["crl"].clone())
}

/// Waits until something is told of the CA's list.
fn soon_listed(w: &World, is_so: impl Fn(&Value) -> bool) -> Result<()> {
    let began = Instant::now();
    while !is_so(&crl(w)?) {
        ensure!(began.elapsed() < Duration::from_secs(3), "{}", crl(w)?);
        std::thread::sleep(Duration::from_millis(100));
    }
    Ok(())
}

#[test]
fn what_its_ca_revoked_is_out_within_a_second_of_the_list() -> Result<()> {
    let w = World::start(Start::new(Form::PLAIN))?;
    let place = tempfile::tempdir()?;
    let partner = OpensslCa::new(place.path(), "partner")?;
    let (one, two) = (partner.issue("one", "one")?, partner.issue("two", "two")?);
    let (one, two) = (presenting(&w, &one)?, presenting(&w, &two)?);
    let (ca, at) = (partner.certificate().display().to_string(), place.path().join("list.crl"));
    let list = at.display().to_string();
    let trust = ["trust", "add-ca", &ca, "--name", "partner", "--crl", &list];
    // A list of somebody else, or none, is refused at once.
    let other = OpensslCa::new(place.path(), "other")?;
    for (written, told) in [(Vec::new(), "is no CRL"), (std::fs::read(other.crl(60)?)?, "CN=other")]
    {
        std::fs::write(&at, written)?;
        let refused = refused(&w, &trust)?;
        ensure!(refused.contains(told) && refused.contains("失効リスト"), "{refused}");
    }
    put(&partner.crl(3600)?, &at)?;
    let first = std::fs::read(&at)?;
    pki(&w, &trust)?;
    on_record(&w, "list.crl")?;
    for name in ["one", "two"] {
        let subject = format!("CN={name},O=Partner");
        let entry = ["--ca", "partner", "--subject", &subject, "--role", "consumer"];
        pki(&w, &[&["trust", "add-node", name], &entry[..]].concat())?;
    }
    soon(&w, &one, 200)?;
    soon(&w, &two, 200)?;
    let mut open = [Wire::connect(&one, w.renkei.port())?, Wire::connect(&two, w.renkei.port())?];
    let mut feed = Feed::connect(&one, w.feed_port()?)?;
    let [theirs, others] = &mut open;
    for wire in [&mut *theirs, &mut *others] {
        assert_eq!(wire.get("/xds/registry?wsdl")?.status, 200);
    }
    partner.revoke("one")?;
    // That of the next second is newer than the first one.
    std::thread::sleep(Duration::from_millis(1100));
    put(&partner.crl(3600)?, &at)?;
    ensure!(theirs.ends_within(Duration::from_secs(1))?, "a revoked connection goes on");
    ensure!(feed.raw(b"\x0b").is_err() || feed.acknowledgement().is_err(), "a feed goes on");
    assert_eq!(others.get("/xds/registry?wsdl")?.status, 200);
    let answer = ask(&w, &one)?;
    assert_eq!(answer.status, 403);
    ensure!(answer.text().contains("certificate revoked"), "{}", answer.text());
    audit::wait_for(&w.renkei, |r| {
        let text = format!("{r:?}");
        r.key() == "110113 110126 E 8" && text.contains("CN=one") && text.contains("revoked")
    })?;
    soon_listed(&w, |crl| {
        crl["state"] == "good" && crl["revoked"] == 1 && crl["failure"].is_null()
    })?;
    // It is the certificate that is revoked, and not the node.
    let again = presenting(&w, &partner.issue("one", "again")?)?;
    assert_eq!(ask(&w, &again)?.status, 200);

    // Neither an older list nor one of somebody else is taken, which is told, and the good one goes on.
    std::fs::write(&at, &first)?;
    soon_listed(&w, |crl| crl["failure"].as_str().is_some_and(|f| f.contains("before that of")))?;
    assert_eq!(ask(&w, &one)?.status, 403);
    put(&other.crl(3600)?, &at)?;
    soon_listed(&w, |crl| crl["failure"].as_str().is_some_and(|f| f.contains("of another CA")))?;
    assert_eq!(ask(&w, &one)?.status, 403);
    assert_eq!(others.get("/xds/registry?wsdl")?.status, 200);
    let (_, health) = metrics::admin(&w.renkei, "/health/ready")?;
    ensure!(health.contains("\"crls\":{\"partner\":") && health.contains("degraded"), "{health}");
    Ok(())
}

/// A house with a CA whose list comes over HTTP.
struct House {
    data: PathBuf,
    served: Served,
}

impl House {
    fn start(data: &Path, more: &[&str]) -> Result<Self> {
        Ok(Self { data: data.to_owned(), served: Served::start(data, more)? })
    }

    fn connect(&self, identity: &Path) -> Result<Wire> {
        let registry = self.served.line["endpoints"]["registry"].as_str().context("no registry")?;
        let port = registry.strip_prefix("https://localhost:").context("no port")?;
        let port = port.split('/').next().unwrap_or_default().parse()?;
        Wire::connect(&connector(&self.data.join("pki/ca.pem"), Some(identity))?, port)
    }

    /// Waits until a node is answered so.
    fn soon(&self, identity: &Path, status: u16, within: Duration) -> Result<Answer> {
        let began = Instant::now();
        loop {
            let found = self.connect(identity).and_then(|mut w| w.get("/xds/registry?wsdl"));
            match found {
                Ok(answer) if answer.status == status => return Ok(answer),
                found => ensure!(began.elapsed() < within, "still {found:?}"),
            }
            std::thread::sleep(Duration::from_millis(100));
        }
    }

    fn pki(&self, words: &[&str]) -> Result<Value> {
        let data = self.data.display().to_string();
        let done = program::run(&[&["pki"], words, &["--data-dir", &data, "--json"]].concat())?;
        ensure!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
        Ok(serde_json::from_slice(&done.stdout)?)
    }

    fn told(&self, path: &str) -> Result<String> {
        let admin = self.served.line["endpoints"]["admin"].as_str().context("no admin")?;
        Ok(metrics::admin_at(admin, path)?.1)
    }
}

#[test]
fn a_list_is_fetched_when_it_is_time_kept_over_a_restart_and_missed_when_it_has_ended() -> Result<()>
{
    let place = tempfile::tempdir()?;
    let (data, publisher) = (place.path().join("data"), Publisher::start()?);
    let partner = OpensslCa::new(place.path(), "partner")?;
    let (good, gone) = (partner.issue("good", "good")?, partner.issue("gone", "gone")?);
    let list = |seconds: u32| -> Result<()> {
        publisher.publish(Some(std::fs::read(partner.crl(seconds)?)?));
        Ok(())
    };
    list(4)?;
    let house = House::start(&data, &[])?;
    let ca = partner.certificate().display().to_string();
    house.pki(&["trust", "add-ca", &ca, "--name", "partner", "--crl", &publisher.url()])?;
    for name in ["good", "gone"] {
        let subject = format!("CN={name},O=Partner");
        let entry = ["--ca", "partner", "--subject", &subject, "--role", "consumer"];
        house.pki(&[&["trust", "add-node", name], &entry[..]].concat())?;
    }
    house.soon(&gone, 200, Duration::from_secs(3))?;
    house.soon(&good, 200, Duration::from_secs(3))?;
    let metrics = house.told("/metrics")?;
    ensure!(metrics.contains("renkei_crl_failing{ca=\"partner\"} 0"), "{metrics}");
    // The next list is there when the first one ends, and then none comes any more.
    partner.revoke("gone")?;
    std::thread::sleep(Duration::from_millis(1100));
    list(10)?;
    let refused = house.soon(&gone, 403, Duration::from_secs(8))?;
    ensure!(!refused.text().is_empty(), "no reason");
    house.soon(&good, 200, Duration::from_secs(8))?;
    let refused = house.soon(&gone, 403, Duration::from_secs(1))?;
    ensure!(refused.text().contains("certificate revoked"), "{}", refused.text());
    publisher.publish(None);
    let mut open = house.connect(&good)?;
    assert_eq!(open.get("/xds/registry?wsdl")?.status, 200);
    ensure!(open.ends_within(Duration::from_secs(12))?, "a connection goes on past nextUpdate");
    let refused = house.soon(&good, 403, Duration::from_secs(1))?;
    ensure!(refused.text().contains("CRL has expired"), "{}", refused.text());
    let began = Instant::now();
    while house.pki(&["trust", "list"])?["authorities"][0]["crl"]["failure"].is_null() {
        ensure!(began.elapsed() < Duration::from_secs(5), "nothing told");
        std::thread::sleep(Duration::from_millis(100));
    }
    let listed = house.pki(&["trust", "list"])?;
    let crl = &listed["authorities"][0]["crl"];
    assert_eq!((&crl["state"], &crl["revoked"]), (&"stale".into(), &1.into()));
    ensure!(crl["failure"].as_str().is_some_and(|f| f.contains("HTTP 404")), "{crl}");
    let health = house.told("/health/ready")?;
    ensure!(health.contains("past its nextUpdate") && health.contains("HTTP 404"), "{health}");
    let metrics = house.told("/metrics")?;
    ensure!(metrics.contains("renkei_crl_failing{ca=\"partner\"} 1"), "{metrics}");
    ensure!(metrics.contains("renkei_crl_seconds{ca=\"partner\"} -"), "{metrics}");
    house.served.stop()?;

    // Where an operator has it so, the last list goes on, also after a restart.
    let house = House::start(&data, &["--set", "tls.stale_crl=admit"])?;
    house.soon(&good, 200, Duration::from_secs(2))?;
    let refused = house.soon(&gone, 403, Duration::from_secs(1))?;
    ensure!(refused.text().contains("certificate revoked"), "{}", refused.text());
    house.served.stop()?;
    // And where a new one is there, it is fetched at the start.
    list(3600)?;
    let house = House::start(&data, &[])?;
    house.soon(&good, 200, Duration::from_secs(2))?;
    house.soon(&gone, 403, Duration::from_secs(1))?;
    house.served.stop()?;
    Ok(())
}

#[test]
fn a_session_that_is_resumed_is_judged_anew() -> Result<()> {
    let w = World::start(Start::new(Form::PLAIN))?;
    let place = tempfile::tempdir()?;
    let partner = OpensslCa::new(place.path(), "partner")?;
    let node = partner.issue("node", "node")?;
    let ca = partner.certificate().display().to_string();
    pki(&w, &["trust", "add-ca", &ca, "--name", "partner"])?;
    let entry = ["--ca", "partner", "--subject", "CN=node,O=Partner", "--role", "consumer"];
    pki(&w, &[&["trust", "add-node", "node"], &entry[..]].concat())?;
    soon(&w, &presenting(&w, &node)?, 200)?;
    let session = place.path().join("session").display().to_string();
    let first = s_client_as(&w, &node, &["-sess_out", &session])?;
    ensure!(first.contains("New, TLSv1.3") && !first.contains("HTTP/1.1 403"), "{first}");
    let again = s_client_as(&w, &node, &["-sess_in", &session, "-sess_out", &session])?;
    ensure!(again.contains("Reused, TLSv1.3") && !again.contains("HTTP/1.1 403"), "{again}");
    pki(&w, &["trust", "remove", "partner"])?;
    soon_out(&w, &presenting(&w, &node)?)?;
    let after = s_client_as(&w, &node, &["-sess_in", &session])?;
    ensure!(!after.contains("HTTP/1.1 ") || after.contains("HTTP/1.1 403"), "{after}");
    Ok(())
}
