//! Who is let in, and what becomes of those who are not (ITI TF-2: 3.19).

use crate::expect::{fault, row};
use anyhow::{Context, Result, ensure};
use openssl::ssl::{SslConnector, SslMethod, SslVersion};
use renkei_hl7v2::ack::rows;
use renkei_metadata::model::AvailabilityStatus;
use renkei_soap::fault::FaultCode;
use renkei_tests::audit::{self, Record};
use renkei_tests::forge::Forged;
use renkei_tests::message::{self, Message};
use renkei_tests::mllp::Feed;
use renkei_tests::wire::{Answer, Wire, connector};
use renkei_tests::world::{Kept, REGISTRY, REPOSITORY};
use renkei_tests::{Form, Identities, Start, World, metrics, program, sample};
use renkei_xds::iti18::QueryBuilder;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::{Mutex, OnceLock};
use std::time::{Duration, Instant};

/// The program of these tests, which fill its audit store with alarms.
fn world() -> Result<&'static World> {
    static WORLD: OnceLock<Kept> = OnceLock::new();
    static STARTING: Mutex<()> = Mutex::new(());
    let _one_at_a_time = STARTING.lock();
    if WORLD.get().is_none() {
        drop(WORLD.set(Kept::start(Start::new(Form::PLAIN))?));
    }
    Ok(WORLD.get().context("no program")?)
}

/// A query, which most roles may ask.
fn query(w: &World) -> Message {
    message::query(&QueryBuilder::find_documents(&w.patient(), &AvailabilityStatus::ALL).build())
}

/// Knocks and asks; an error says that there was no way in. With TLS 1.3 the client's side of the
/// handshake is over before the server has seen its certificate.
pub(crate) fn ask(w: &World, connector: &SslConnector) -> Result<Answer> {
    let message = query(w);
    let mut wire = Wire::connect(connector, w.renkei.port())?;
    wire.post(REGISTRY, &message.content_type, &message.body)
}

/// Fails unless the handshake does, for HTTPS and for MLLP.
fn is_kept_out(w: &World, identity: Option<&Path>) -> Result<()> {
    let connector = connector(&w.renkei.ready.ca, identity)?;
    let answer = ask(w, &connector);
    ensure!(answer.is_err(), "let in: {answer:?}");
    let a04 = sample::a04(&w.patient(), "門前", "モンゼン");
    let fed = Feed::connect(&connector, w.feed_port()?).and_then(|mut f| f.send(&a04));
    ensure!(fed.is_err(), "the feed took it: {fed:?}");
    Ok(())
}

/// The alarm about a node (DICOM PS3.15 A.5.3.11), of which `told` are parts.
fn alarm(w: &World, told: &[&str]) -> Result<Record> {
    audit::wait_for(&w.renkei, |r| {
        let text = format!("{r:?}");
        r.key() == "110113 110126 E 8" && told.iter().all(|t| text.contains(t))
    })
}

/// A new directory for a forged identity.
fn place(w: &World, name: &str) -> PathBuf {
    w.renkei.place().client_dir().join(name)
}

#[test]
fn a_known_node_is_let_in_with_tls_1_3() -> Result<()> {
    let w = world()?;
    assert_eq!(w.consumer.connect()?.tls_version(), "TLSv1.3");
    assert_eq!(ask(w, w.consumer.connector())?.status, 200);
    Ok(())
}

#[test]
fn the_server_is_known_by_name_and_by_address() -> Result<()> {
    let w = world()?;
    for name in ["localhost", "127.0.0.1", "::1"] {
        let tcp = TcpStream::connect(("127.0.0.1", w.renkei.port()))?;
        w.consumer.connector().connect(name, tcp).with_context(|| name.to_owned())?;
    }
    let tcp = TcpStream::connect(("127.0.0.1", w.renkei.port()))?;
    ensure!(w.consumer.connector().connect("registry.example.jp", tcp).is_err());
    Ok(())
}

#[test]
fn a_node_without_certificate_is_kept_out() -> Result<()> {
    let w = world()?;
    let before = refused(w)?;
    is_kept_out(w, None)?;
    let alarm = alarm(w, &["peer did not return a certificate"])?;
    ensure!(alarm.participants.iter().any(|p| p.network.as_deref() == Some("127.0.0.1")));
    ensure!(refused(w)? >= before + 2.0, "not counted");
    Ok(())
}

fn refused(w: &World) -> Result<f64> {
    Ok(metrics::counters(&w.renkei, "renkei_nodes_refused")?.values().sum())
}

#[test]
fn a_node_of_another_ca_is_kept_out() -> Result<()> {
    let w = world()?;
    // A stranger's own CA, one that calls itself as ours does, and that of another house.
    let stranger = Forged::authority("Stranger CA")?.node("stranger", -1, 10)?;
    let ours = Forged::authority_of(&w.renkei.place().data_dir())?;
    let name = ours.certificate.subject_name().entries().next().context("no name")?;
    let alike = Forged::authority(&name.data().to_string()?)?.node("lookalike", -1, 10)?;
    for (name, forged) in [("stranger", stranger), ("lookalike", alike)] {
        forged.write(&place(w, name))?;
        is_kept_out(w, Some(&place(w, name)))?;
        alarm(w, &[&format!("CN={name}")])?;
    }
    let house = tempfile::tempdir()?;
    let neighbour = Identities::new(&house.path().join("data"), house.path())
        .issue("neighbour", &["consumer"])?;
    is_kept_out(w, Some(&neighbour))?;
    alarm(w, &["CN=neighbour"])?;
    Ok(())
}

#[test]
fn an_expired_certificate_is_kept_out() -> Result<()> {
    let w = world()?;
    let ours = Forged::authority_of(&w.renkei.place().data_dir())?;
    for (name, from, until, why) in
        [("expired", -20, -1, "expired"), ("early", 2, 20, "not yet valid")]
    {
        ours.node(name, from, until)?.write(&place(w, name))?;
        is_kept_out(w, Some(&place(w, name)))?;
        alarm(w, &[&format!("CN={name}"), why])?;
    }
    Ok(())
}

#[test]
fn a_certificate_that_nobody_registered_is_told_so() -> Result<()> {
    let w = world()?;
    let ours = Forged::authority_of(&w.renkei.place().data_dir())?;
    ours.node("unlisted", -1, 10)?.write(&place(w, "unlisted"))?;
    let connector = connector(&w.renkei.ready.ca, Some(&place(w, "unlisted")))?;
    let answer = ask(w, &connector)?;
    assert_eq!(answer.status, 403);
    crate::expect::plain(&answer.text())?;
    ensure!(answer.text().contains("CN=unlisted"), "{}", answer.text());
    alarm(w, &["CN=unlisted", "not in the peer table"])?;
    let a04 = sample::a04(&w.patient(), "門前", "モンゼン");
    let fed = Feed::connect(&connector, w.feed_port()?).and_then(|mut f| f.send(&a04));
    ensure!(fed.is_err(), "the feed took it: {fed:?}");
    Ok(())
}

/// Waits until a node is answered with this status, for a second and a half at most. A connection that ends
/// because the table of nodes is read meanwhile has no answer yet.
pub(crate) fn soon(w: &World, connector: &SslConnector, status: u16) -> Result<()> {
    let began = Instant::now();
    loop {
        let found = ask(w, connector).map(|answer| answer.status);
        if found.as_ref().is_ok_and(|found| *found == status) {
            return Ok(());
        }
        ensure!(began.elapsed() < Duration::from_millis(1500), "still {found:?}");
        std::thread::sleep(Duration::from_millis(50));
    }
}

#[test]
fn a_node_is_known_and_forgotten_while_the_program_runs() -> Result<()> {
    let w = world()?;
    let visitor = w.caller("visitor", &["consumer"])?;
    soon(w, visitor.connector(), 200)?;
    let mut kept = visitor.connect()?;
    let message = query(w);
    let mut again = || kept.post(REGISTRY, &message.content_type, &message.body);
    assert_eq!(again()?.status, 200);

    let entry = w.renkei.place().data_dir().join("pki/peers/visitor.toml");
    let text = std::fs::read_to_string(&entry)?;
    std::fs::remove_file(&entry)?;
    soon(w, visitor.connector(), 403)?;
    ensure!(!again().is_ok_and(|a| a.status == 200), "an old connection goes on");
    std::fs::write(&entry, text)?;
    soon(w, visitor.connector(), 200)?;

    // A new certificate takes the place of the old one.
    let old = connector(&w.renkei.ready.ca, Some(&visitor.directory))?;
    let renewed = w.caller("visitor", &["consumer"])?;
    soon(w, renewed.connector(), 200)?;
    soon(w, &old, 403)
}

#[test]
fn two_certificates_of_a_node_are_let_in_while_it_changes_over() -> Result<()> {
    let w = world()?;
    let data = w.renkei.place().data_dir().display().to_string();
    let place = tempfile::tempdir()?;
    let issue = |to: &str, more: &[&str]| -> Result<SslConnector> {
        let out = place.path().join(to);
        let to = out.display().to_string();
        let words =
            ["pki", "issue", "--data-dir", &data, "--name", "rolling", "--role", "consumer"];
        let issued = program::run(&[&words[..], &["--out", &to], more].concat())?;
        ensure!(issued.status.success(), "{}", String::from_utf8_lossy(&issued.stderr));
        connector(&w.renkei.ready.ca, Some(&out))
    };
    let first = issue("first", &[])?;
    soon(w, &first, 200)?;
    let second = issue("second", &["--overlap-days", "7"])?;
    soon(w, &second, 200)?;
    assert_eq!(ask(w, &first)?.status, 200);
    // Two and no more; and none as soon as the node is revoked.
    let third = issue("third", &["--overlap-days", "7"])?;
    soon(w, &third, 200)?;
    assert_eq!(ask(w, &second)?.status, 200);
    soon(w, &first, 403)?;
    let revoked = program::run(&["pki", "revoke", "rolling", "--data-dir", &data])?;
    ensure!(revoked.status.success(), "{}", String::from_utf8_lossy(&revoked.stderr));
    soon(w, &third, 403)?;
    soon(w, &second, 403)
}

#[test]
fn a_node_that_keeps_its_key_to_itself_is_let_in() -> Result<()> {
    let w = world()?;
    let place = tempfile::tempdir()?;
    let out = place.path().join("vendor");
    std::fs::create_dir(&out)?;
    let made = std::process::Command::new("openssl")
        .args(["req", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-384", "-nodes"])
        .args(["-subj", "/CN=whoever", "-keyout"])
        .arg(out.join("key.pem"))
        .arg("-out")
        .arg(place.path().join("vendor.csr"))
        .output()?;
    ensure!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    let data = w.renkei.place().data_dir().display().to_string();
    let (to, csr) =
        (out.display().to_string(), place.path().join("vendor.csr").display().to_string());
    let words = ["pki", "issue", "--data-dir", &data, "--name", "vendor", "--role", "consumer"];
    let issued = program::run(&[&words[..], &["--csr", &csr, "--out", &to]].concat())?;
    ensure!(issued.status.success(), "{}", String::from_utf8_lossy(&issued.stderr));
    soon(w, &connector(&w.renkei.ready.ca, Some(&out))?, 200)
}

#[test]
fn a_node_is_let_in_with_a_certificate_that_it_signed_itself() -> Result<()> {
    let w = world()?;
    let place = tempfile::tempdir()?;
    let out = place.path();
    let data = w.renkei.place().data_dir().display().to_string();
    let openssl = |words: &[&str]| -> Result<()> {
        let made = std::process::Command::new("openssl").args(words).current_dir(out).output()?;
        ensure!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
        Ok(())
    };
    openssl(&[
        "req",
        "-x509",
        "-newkey",
        "rsa:2048",
        "-nodes",
        "-days",
        "9",
        "-subj",
        "/CN=whoever",
        "-keyout",
        "key.pem",
        "-out",
        "cert.pem",
    ])?;
    openssl(&[
        "pkcs12",
        "-export",
        "-inkey",
        "key.pem",
        "-in",
        "cert.pem",
        "-out",
        "a.p12",
        "-passout",
        "pass:geheim",
    ])?;
    std::fs::write(out.join("password"), "geheim\n")?;
    let peer = connector(&w.renkei.ready.ca, Some(out))?;
    ensure!(ask(w, &peer).is_err(), "let in unknown");

    let (p12, password) = (out.join("a.p12"), out.join("password").display().to_string());
    let p12 = p12.display().to_string();
    let words = ["--name", "pinned", "--role", "consumer", "--data-dir", &data, "--json"];
    let entered = |command: &[&str]| -> Result<serde_json::Value> {
        let done = program::run(&[command, &words].concat())?;
        ensure!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
        Ok(serde_json::from_slice(&done.stdout)?)
    };
    let told = entered(&["pki", "import", &p12, "--password-file", &password])?;
    assert_eq!(told["subject"], "CN=whoever");
    soon(w, &peer, 200)?;
    is_known_to_the_feed(w, &peer)?;
    audit::wait_for(&w.renkei, |r| {
        let text = format!("{r:?}");
        r.key() == "110113 110129 E 0" && text.contains("登録 / entered: CN=whoever")
    })?;

    let mut kept = Wire::connect(&peer, w.renkei.port())?;
    let revoked = program::run(&["pki", "revoke", "pinned", "--data-dir", &data])?;
    ensure!(revoked.status.success(), "{}", String::from_utf8_lossy(&revoked.stderr));
    let began = Instant::now();
    while ask(w, &peer).is_ok() {
        ensure!(began.elapsed() < Duration::from_millis(1500), "still let in");
        std::thread::sleep(Duration::from_millis(50));
    }
    ensure!(kept.get("/xds/registry?wsdl").is_err(), "an old connection goes on");
    let pem = out.join("cert.pem").display().to_string();
    entered(&["pki", "trust", "add", &pem])?;
    soon(w, &peer, 200)
}

/// It feeds nobody, but the feed knows it, too.
fn is_known_to_the_feed(w: &World, peer: &SslConnector) -> Result<()> {
    let a04 = sample::a04(&w.patient(), "門前", "モンゼン");
    let answer = Feed::connect(peer, w.feed_port()?).and_then(|mut f| f.send(&a04))?;
    ensure!(answer.contains("MSA|A"), "{answer}");
    Ok(())
}

#[test]
fn older_tls_is_for_houses_that_ask_for_it() -> Result<()> {
    let w = world()?;
    let old = |w: &World, highest| -> Result<SslConnector> {
        let mut builder = SslConnector::builder(SslMethod::tls_client())?;
        builder.set_ca_file(&w.renkei.ready.ca)?;
        builder.set_max_proto_version(Some(highest))?;
        builder.set_min_proto_version(Some(SslVersion::TLS1))?;
        builder.set_cipher_list("DEFAULT:@SECLEVEL=0")?;
        let directory = &w.consumer.directory;
        builder.set_certificate_chain_file(directory.join("cert.pem"))?;
        builder.set_private_key_file(directory.join("key.pem"), openssl::ssl::SslFiletype::PEM)?;
        Ok(builder.build())
    };
    ensure!(ask(w, &old(w, SslVersion::TLS1_2)?).is_err(), "TLS 1.2 by default");
    let lenient = World::start(Start::new(Form::PLAIN).set("tls.min_version=1.2"))?;
    assert_eq!(ask(&lenient, &old(&lenient, SslVersion::TLS1_2)?)?.status, 200);
    assert_eq!(ask(&lenient, lenient.consumer.connector())?.status, 200);
    ensure!(ask(&lenient, &old(&lenient, SslVersion::TLS1_1)?).is_err(), "TLS 1.1");
    Ok(())
}

#[test]
fn a_strangers_tls_1_2_gets_in_by_the_listed_suites_alone() -> Result<()> {
    let w = World::start(Start::new(Form::PLAIN).set("tls.min_version=1.2"))?;
    // The certificate that a house makes has a key on P-256.
    let listed = ["AES256-GCM-SHA384", "CHACHA20-POLY1305", "AES128-GCM-SHA256"];
    for end in listed {
        let told = s_client(&w, &["-tls1_2", "-cipher", &format!("ECDHE-ECDSA-{end}")])?;
        ensure!(told.contains("New, TLSv1.2") && told.contains("HTTP/1.1 "), "{end}: {told}");
        ensure!(told.contains("Secure Renegotiation IS supported"), "{told}");
        ensure!(told.contains("Compression: NONE"), "{told}");
    }
    let others = ["ECDHE-ECDSA-AES256-SHA384", "ECDHE-ECDSA-AES128-SHA", "AES128-SHA"];
    for suite in others.into_iter().chain(["DHE-RSA-AES128-GCM-SHA256", "ECDHE-ECDSA-AES128-CCM"]) {
        let told = s_client(&w, &["-tls1_2", "-cipher", &format!("{suite}:@SECLEVEL=0")])?;
        ensure!(!told.contains("HTTP/1.1 "), "{suite}: {told}");
    }
    let told = s_client(&w, &["-tls1_3"])?;
    ensure!(told.contains("TLS_AES_256_GCM_SHA384") && told.contains("HTTP/1.1 "), "{told}");
    Ok(())
}

/// What `openssl s_client` tells as the consumer, which sends a request.
fn s_client(w: &World, words: &[&str]) -> Result<String> {
    s_client_as(w, &w.consumer.directory, words)
}

/// The same as another node.
pub(crate) fn s_client_as(w: &World, directory: &Path, words: &[&str]) -> Result<String> {
    let mut child = std::process::Command::new("openssl")
        .args(["s_client", "-ign_eof", "-connect", &format!("127.0.0.1:{}", w.renkei.port())])
        .args(["-servername", "localhost", "-verify_return_error", "-CAfile"])
        .arg(&w.renkei.ready.ca)
        .arg("-cert")
        .arg(directory.join("cert.pem"))
        .arg("-key")
        .arg(directory.join("key.pem"))
        .args(words)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()?;
    if let Some(mut input) = child.stdin.take() {
        // One that was refused does not read it.
        drop(input.write_all(
            b"GET /xds/registry HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n",
        ));
    }
    Ok(String::from_utf8_lossy(&child.wait_with_output()?.stdout).into_owned())
}

#[test]
fn what_is_no_tls_is_not_answered() -> Result<()> {
    let w = world()?;
    for port in [w.renkei.port(), w.feed_port()?] {
        let mut tcp = TcpStream::connect(("127.0.0.1", port))?;
        tcp.set_read_timeout(Some(Duration::from_secs(15)))?;
        tcp.write_all(b"GET /xds/registry HTTP/1.1\r\nHost: localhost\r\n\r\n")?;
        let mut answer = Vec::new();
        drop(tcp.read_to_end(&mut answer));
        ensure!(!answer.starts_with(b"HTTP/"), "{}", String::from_utf8_lossy(&answer));
    }
    assert_eq!(ask(w, w.consumer.connector())?.status, 200);
    Ok(())
}

/// Each transaction: the word for it, its path, a message, and the roles that may send it.
type May = (&'static str, &'static str, Message, &'static [&'static str]);

#[test]
fn each_role_may_do_its_own_and_no_more() -> Result<()> {
    let w = world()?;
    let submission = sample::one(&w.patient(), b"x");
    let request = w.request(&sample::new_unique_id())?;
    let transactions: [May; 5] = [
        (
            "ITI-18",
            REGISTRY,
            query(w),
            &["source", "repository", "consumer", "administrator", "gateway"],
        ),
        ("ITI-41", REPOSITORY, message::provide_and_register(&submission, &[b"x"]), &["source"]),
        ("ITI-42", REGISTRY, message::register(&submission), &["repository"]),
        (
            "ITI-43",
            REPOSITORY,
            message::retrieve(&[request]),
            &["consumer", "administrator", "gateway"],
        ),
        ("ITI-61", REGISTRY, message::register_on_demand(&submission), &["repository"]),
    ];
    for role in ["source", "repository", "consumer", "feed", "administrator", "gateway", "auditor"]
    {
        let caller = w.caller(&format!("only-{role}"), &[role])?;
        soon_known(&caller)?;
        for (transaction, path, message, may) in &transactions {
            let reply = caller.post(path, message)?;
            if may.contains(&role) {
                assert_eq!(reply.status, 200, "{role} {transaction}: {}", reply.envelope);
            } else {
                let fault = fault(&reply, FaultCode::Sender)
                    .with_context(|| format!("{role} {transaction}"))?;
                assert_eq!(row(&fault)?, "fault-not-authorized", "{role} {transaction}");
            }
        }
        let answer = w.feed_as(&caller)?.send(&sample::a04(&w.patient(), "役割", "ヤクワリ"))?;
        let accepted = answer.contains("MSA|AA|");
        ensure!(accepted == (role == "feed"), "{role}: {answer}");
        let row = rows::all().iter().find(|row| row.id == "feed-not-a-source");
        let told = row.is_some_and(|row| answer.contains(row.en));
        ensure!(accepted || answer.contains("MSA|AR|") && told, "{role}: {answer}");
    }
    // Several roles at once.
    let both = w.caller("both", &["source", "consumer"])?;
    assert_eq!(both.post(REPOSITORY, &transactions[3].2)?.status, 200);
    assert_eq!(both.post(REGISTRY, &transactions[0].2)?.status, 200);
    Ok(())
}

/// Waits until a new node is known.
pub(crate) fn soon_known(caller: &renkei_tests::world::Caller) -> Result<()> {
    let began = Instant::now();
    while caller.connect()?.get("/")?.status == 403 {
        ensure!(began.elapsed() < Duration::from_secs(1), "not known after a second");
        std::thread::sleep(Duration::from_millis(20));
    }
    Ok(())
}
