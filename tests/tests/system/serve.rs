//! `renkei serve` and `renkei pki`, as scripts use them.

use anyhow::{Context, Result, ensure};
use openssl::nid::Nid;
use openssl::pkcs12::Pkcs12;
use openssl::x509::X509;
use renkei_tests::process::files_below;
use renkei_tests::world::{Caller, REPOSITORY};
use renkei_tests::{Form, Identities, Start, World, message, metrics, postgres, program, sample};
use serde_json::Value;
use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::net::TcpListener;
use std::path::Path;
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

/// Options that let several run at once.
const PORTS: [&str; 6] = [
    "--set",
    "listen.systems=127.0.0.1:0",
    "--set",
    "listen.mllp=127.0.0.1:0",
    "--set",
    "listen.admin=127.0.0.1:0",
];

/// A program with these further options, and its first line.
pub(crate) struct Served {
    child: Child,
    out: BufReader<std::process::ChildStdout>,
    pub(crate) line: Value,
}

impl Served {
    pub(crate) fn start(data_dir: &Path, more: &[&str]) -> Result<Self> {
        Self::start_with(data_dir, more, Stdio::null())
    }

    /// The same with its log in a file.
    pub(crate) fn start_logging(data_dir: &Path, more: &[&str], log: &Path) -> Result<Self> {
        Self::start_with(data_dir, more, File::create(log)?.into())
    }

    fn start_with(data_dir: &Path, more: &[&str], log: Stdio) -> Result<Self> {
        let data_dir = data_dir.display().to_string();
        let args = [&["serve", "--data-dir", &data_dir][..], &PORTS, more].concat();
        let mut child = program::start_logging(&args, log)?;
        let mut out = BufReader::new(child.stdout.take().context("no output")?);
        let mut line = String::new();
        out.read_line(&mut line)?;
        ensure!(line.ends_with('\n'), "no line: {line:?}");
        Ok(Self { child, out, line: serde_json::from_str(&line)? })
    }

    /// Ends it in order; answers what else it wrote.
    pub(crate) fn stop(mut self) -> Result<String> {
        let status = program::end_with(&mut self.child, "TERM")?;
        ensure!(status.code() == Some(0), "{status}");
        let mut rest = String::new();
        self.out.read_to_string(&mut rest)?;
        Ok(rest)
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        // It has ended already, mostly.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

/// Runs `serve` that has to fail: status 1 and a line that says why; answers the reason.
pub(crate) fn fails(args: &[&str]) -> Result<String> {
    let output = program::run(&[&["serve"], args].concat())?;
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    let line = String::from_utf8(output.stdout)?;
    assert_eq!(line.lines().count(), 1, "{line}");
    let line: Value = serde_json::from_str(&line)?;
    assert_eq!(line["ready"], Value::Bool(false));
    assert_eq!(line.as_object().context("no object")?.len(), 2, "{line}");
    Ok(line["error"].as_str().context("no error")?.to_owned())
}

fn keys(value: &Value) -> Vec<&str> {
    value.as_object().map(|o| o.keys().map(String::as_str).collect()).unwrap_or_default()
}

#[test]
fn one_line_says_where_everything_is() -> Result<()> {
    let place = tempfile::tempdir()?;
    let served = Served::start(&place.path().join("data"), &[])?;
    let line = &served.line;
    let expected = [
        "ready",
        "version",
        "pid",
        "data_dir",
        "ca",
        "endpoints",
        "home_community_id",
        "repository_unique_id",
        "assigning_authority",
        "insured_authority",
    ];
    assert_eq!(keys(line), expected);
    assert_eq!(line["ready"], Value::Bool(true));
    assert_eq!(line["pid"], Value::from(served.child.id()));
    assert_eq!(line["version"], Value::from(env!("CARGO_PKG_VERSION")));
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    ensure!(Path::new(&text(&line["data_dir"])).is_absolute(), "{line}");
    X509::from_pem(&std::fs::read(text(&line["ca"]))?)?;
    ensure!(text(&line["home_community_id"]).starts_with("urn:oid:"), "{line}");

    let endpoints = &line["endpoints"];
    let expected = [
        "registry",
        "repository",
        "patient_feed",
        "patient_feed_v3",
        "pixpdq_v2",
        "pix_v3",
        "pdq_v3",
        "responding_gateway",
        "initiating_gateway",
        "community_answers",
        "xcpd",
        "xcpd_initiating",
        "xdr_recipient",
        "fhir",
        "portal",
        "audit",
        "admin",
    ];
    assert_eq!(keys(endpoints), expected);
    // Port 0 has become a real one, and what is not served is null.
    for (name, scheme) in [
        ("registry", "https://localhost:"),
        ("repository", "https://localhost:"),
        ("responding_gateway", "https://localhost:"),
        ("initiating_gateway", "https://localhost:"),
        ("community_answers", "https://localhost:"),
        ("patient_feed_v3", "https://localhost:"),
        ("pix_v3", "https://localhost:"),
        ("pdq_v3", "https://localhost:"),
        ("xcpd", "https://localhost:"),
        ("xcpd_initiating", "https://localhost:"),
        ("admin", "http://127.0.0.1:"),
    ] {
        let url = text(&endpoints[name]);
        let port = url.strip_prefix(scheme).and_then(|p| p.split('/').next());
        ensure!(port.is_some_and(|p| p.parse::<u16>().is_ok_and(|p| p > 0)), "{name}: {url}");
    }
    for name in ["xdr_recipient", "fhir", "portal"] {
        ensure!(endpoints[name].is_null(), "{name}");
    }
    assert_eq!(served.stop()?, "", "nothing else is written to standard output");
    Ok(())
}

#[test]
fn what_is_not_served_is_null() -> Result<()> {
    let place = tempfile::tempdir()?;
    let served =
        Served::start(place.path(), &["--set", "actors=registry", "--set", "listen.admin="])?;
    let endpoints = &served.line["endpoints"];
    ensure!(endpoints["registry"].is_string(), "{endpoints}");
    for name in ["repository", "patient_feed", "admin"] {
        ensure!(endpoints[name].is_null(), "{name}: {endpoints}");
    }
    served.stop()?;
    Ok(())
}

#[test]
fn an_unknown_setting_is_named() -> Result<()> {
    let place = tempfile::tempdir()?;
    let data = place.path().join("data").display().to_string();
    let error = fails(&["--data-dir", &data, "--set", "limits.tea=3"])?;
    ensure!(error.contains("limits.tea"), "{error}");
    let file = place.path().join("more.toml");
    std::fs::write(&file, "[listen]\nfax = \"127.0.0.1:1\"\n")?;
    let error = fails(&["--data-dir", &data, "--config", &file.display().to_string()])?;
    ensure!(error.contains("listen.fax"), "{error}");
    // All problems at once.
    let sets = ["--set", "limits.parts=many", "--set", "patient.policy=all", "--set", "x=1"];
    let error = fails(&[&["--data-dir", &data][..], &sets].concat())?;
    for told in ["limits.parts", "many", "patient.policy", "known-only", "\"x\""] {
        ensure!(error.contains(told.trim_matches('"')), "{told} is not in: {error}");
    }
    // Nothing was founded by the failed starts.
    ensure!(!Path::new(&data).join("renkei.toml").exists());

    Served::start(Path::new(&data), &[])?.stop()?;
    let own = Path::new(&data).join("renkei.toml");
    std::fs::write(&own, std::fs::read_to_string(&own)? + "\n[tea]\nmilk = true\n")?;
    let error = fails(&["--data-dir", &data])?;
    ensure!(error.contains("tea.milk"), "{error}");
    Ok(())
}

#[test]
fn the_first_start_writes_every_setting_with_its_meaning() -> Result<()> {
    let place = tempfile::tempdir()?;
    let first = Served::start(place.path(), &[])?;
    let line = first.line.clone();
    first.stop()?;
    let text = std::fs::read_to_string(place.path().join("renkei.toml"))?;
    for told in [
        "public_host",
        "actors",
        "[listen]",
        "systems",
        "people",
        "mllp",
        "admin",
        "[registry]",
        "[repository]",
        "[audit]",
        "database",
        "url",
        "[ids]",
        "home_community",
        "assigning_authority",
        "insured_authority",
        "source",
        "[patient]",
        "policy",
        "known-only",
        "[codes]",
        "[tls]",
        "min_version",
        "[limits]",
        "root_bytes",
        "inline_document_bytes",
        "[retention]",
    ] {
        ensure!(text.contains(told), "{told} is not in renkei.toml");
    }
    for entry in text.lines().filter(|l| l.contains(" = ") && !l.starts_with('#')) {
        let at = text.find(&format!("\n{entry}\n")).context("no entry")?;
        let before = &text[..at];
        ensure!(before.lines().last().is_some_and(|l| l.starts_with('#')), "{entry}: no comment");
    }
    // The ids are those of the house from now on.
    let second = Served::start(place.path(), &[])?;
    for id in ["home_community_id", "repository_unique_id", "assigning_authority"] {
        assert_eq!(second.line[id], line[id]);
        let bare = line[id].as_str().context("no id")?;
        ensure!(text.contains(bare), "{id} is not in renkei.toml");
    }
    second.stop()?;
    Ok(())
}

#[test]
fn the_command_line_goes_before_files() -> Result<()> {
    let place = tempfile::tempdir()?;
    let data = place.path().join("data");
    Served::start(&data, &[])?.stop()?;
    let id = |n: u8| format!("ids.repository=1.2.3.{n}");
    let own = data.join("renkei.toml");
    let text = std::fs::read_to_string(&own)?;
    let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
    let ids = lines.iter().position(|l| l == "[ids]").context("no [ids]")?;
    let line = lines.iter().skip(ids).position(|l| l.starts_with("repository = "));
    lines[ids + line.context("no repository")?] = "repository = \"1.2.3.1\"".to_owned();
    std::fs::write(&own, lines.join("\n"))?;
    let is = |more: &[&str], expected: &str| -> Result<()> {
        let served = Served::start(&data, more)?;
        assert_eq!(served.line["repository_unique_id"], Value::from(expected));
        served.stop()?;
        Ok(())
    };
    is(&[], "1.2.3.1")?;
    let config = place.path().join("config.toml");
    std::fs::write(&config, "[ids]\nrepository = \"1.2.3.2\"\n")?;
    let config = config.display().to_string();
    is(&["--config", &config], "1.2.3.2")?;
    is(&["--config", &config, "--set", &id(3)], "1.2.3.3")?;
    is(&["--set", &id(4)], "1.2.3.4")
}

#[test]
fn what_stands_in_the_way_of_a_start_is_told() -> Result<()> {
    let place = tempfile::tempdir()?;
    let data = place.path().join("data");
    let served = Served::start(&data, &[])?;
    let again = data.display().to_string();
    let error = fails(&[&["--data-dir", &again][..], &PORTS].concat())?;
    ensure!(error.contains("another renkei"), "{error}");

    let taken = TcpListener::bind("127.0.0.1:0")?;
    let address = format!("listen.systems={}", taken.local_addr()?);
    let other = place.path().join("other").display().to_string();
    let error = fails(&["--data-dir", &other, "--set", &address])?;
    ensure!(error.contains("listen.systems"), "{error}");
    let url = "registry.database=postgres://nobody@127.0.0.1:1/none";
    let error = fails(&[&["--data-dir", &other][..], &PORTS, &["--set", url]].concat())?;
    ensure!(error.contains("registry.database"), "{error}");
    let file = place.path().join("file");
    std::fs::write(&file, "")?;
    fails(&["--data-dir", &file.display().to_string()])?;
    served.stop()?;
    Ok(())
}

/// Each actor takes tables of its own kind for granted: nothing would work, and nothing would say so.
#[test]
fn two_actors_on_one_database_are_refused_before_the_start() -> Result<()> {
    let place = tempfile::tempdir()?;
    let data = place.path().join("data").display().to_string();
    let start = |settings: &[String]| -> Result<String> {
        let mut args = vec!["--data-dir", &data];
        args.extend(PORTS);
        for setting in settings {
            args.extend(["--set", setting]);
        }
        fails(&args)
    };
    let told = |error: &str, keys: [&str; 2]| {
        let parts = [keys[0], keys[1], "a database of its own", "アクターごとに別のデータベース"];
        parts.iter().all(|part| error.contains(part))
    };
    let one = ["registry", "audit"].map(|actor| format!("{actor}.database=sqlite:one.sqlite"));
    let error = start(&one)?;
    ensure!(told(&error, ["registry.database", "audit.database"]), "{error}");

    let name = format!("renkei_{}_shared", std::process::id());
    let Some(url) = postgres::create(&name)? else {
        eprintln!("note: no PostgreSQL here, left out");
        return Ok(());
    };
    let all = ["registry", "repository", "audit"].map(|a| format!("{a}.database={url}"));
    let error = start(&all)?;
    ensure!(told(&error, ["registry.database", "repository.database"]), "{error}");
    // By two names, which only the database can tell.
    let other = format!("{url}?application_name=other");
    let two = [format!("registry.database={url}"), format!("repository.database={other}")];
    let error = start(&two)?;
    ensure!(told(&error, ["registry.database", "repository.database"]), "{error}");
    // Nobody else's it stays the registry's.
    let served = Served::start(Path::new(&data), &["--set", &two[0]])?;
    ensure!(served.line["ready"] == true, "{}", served.line);
    served.stop()?;
    postgres::drop_all([name.as_str()])
}

#[test]
fn usage_errors_end_with_status_1() -> Result<()> {
    for args in [&["brew"][..], &[], &["pki", "issue"], &["convert"], &["query"], &["demo", "--x"]]
    {
        let output = program::run(args)?;
        assert_eq!(output.status.code(), Some(1), "{args:?}");
        ensure!(output.stdout.is_empty() && !output.stderr.is_empty(), "{args:?}");
    }
    // Who starts a server reads one line, whatever went wrong.
    for args in [&[][..], &["--data-dir"], &["--data-dir", "x", "--port", "1"]] {
        fails(args)?;
    }
    for args in [&["--help"][..], &["--version"], &["serve", "--help"]] {
        let output = program::run(args)?;
        assert_eq!(output.status.code(), Some(0), "{args:?}");
    }
    Ok(())
}

#[test]
fn the_administrator_sees_health_and_metrics() -> Result<()> {
    let w = World::shared(Form::PLAIN)?.context("no program")?;
    assert_eq!(metrics::admin(&w.renkei, "/health/live")?.0, 200);
    assert_eq!(metrics::admin(&w.renkei, "/health/ready")?.0, 200);
    assert_eq!(metrics::admin(&w.renkei, "/nothing")?.0, 404);
    let patient = w.patient();
    w.submitted(&sample::one(&patient, b"x"), &[b"x"])?;
    let counted = metrics::counters(&w.renkei, "renkei_answers")?;
    let is = |l: &&String| l.contains("ITI-41") && l.contains("success");
    ensure!(counted.keys().any(|l| is(&l)), "{counted:?}");
    let (_, text) = metrics::admin(&w.renkei, "/metrics")?;
    ensure!(!text.contains(&patient.id), "a patient id is in the metrics");
    // Only on loopback (a plain listener anywhere else is refused).
    let place = tempfile::tempdir()?.path().join("data").display().to_string();
    let error = fails(&["--data-dir", &place, "--set", "listen.admin=0.0.0.0:0"])?;
    ensure!(error.contains("listen.admin"), "{error}");
    Ok(())
}

#[test]
fn a_signal_ends_it_in_order_while_work_is_under_way() -> Result<()> {
    let w = World::start(Start::new(Form::PLAIN))?;
    let patient = w.patient();
    let sent = sample::one(&patient, b"before the end");
    w.submitted(&sent, &[b"before the end"])?;
    // One connection waits, one stopped in the middle of a request.
    let _idle = w.source.connect()?;
    let half = message::provide_and_register(&sample::one(&patient, b"half"), &[b"half"]);
    let mut stuck = w.source.connect()?;
    stuck.send_head(REPOSITORY, &half.content_type, half.body.len() as u64)?;
    stuck.send(&half.body[..half.body.len() / 2])?;
    // And one asks all the time: what was answered is there afterwards.
    let asked = std::thread::scope(|s| -> Result<Vec<_>> {
        let running = s.spawn(|| {
            let mut done = Vec::new();
            loop {
                let more = sample::one(&patient, b"more");
                match w.submit(&more, &[b"more"]) {
                    Ok(answer) if answer.errors.is_empty() => {
                        done.push(more.entries[0].unique_id.clone());
                    }
                    _ => return done,
                }
            }
        });
        std::thread::sleep(Duration::from_millis(300));
        let began = Instant::now();
        program::signal(w.renkei.ready.pid, "TERM")?;
        let done = running.join().expect("no panic");
        ensure!(began.elapsed() < Duration::from_secs(10));
        Ok(done)
    })?;
    ensure!(!asked.is_empty(), "nothing was answered");
    let consumer = w.consumer.directory.clone();
    let (status, place) = w.renkei.stop()?;
    assert_eq!(status.code(), Some(0));
    let renkei = Start::new(Form::PLAIN).go_in(place)?;
    let consumer = Caller::new(&renkei, "test-consumer", consumer)?;
    let query = renkei_xds::iti18::QueryBuilder::get_documents_by_unique_id(&asked).build();
    let found = consumer.post(renkei_tests::world::REGISTRY, &message::query(&query))?.query()?;
    assert_eq!(found.objects.len(), asked.len());
    Ok(())
}

#[test]
fn identities_are_issued_before_the_first_start() -> Result<()> {
    let place = tempfile::tempdir()?;
    let data = place.path().join("data");
    let ids = Identities::new(&data, place.path());
    let directory = ids.issue_with("early", &["consumer", "source"], &["--days", "30"])?;
    let read = |name: &str| std::fs::read(directory.join(name));
    let certificate = X509::from_pem(&read("cert.pem")?)?;
    let key = openssl::pkey::PKey::private_key_from_pem(&read("key.pem")?)?;
    assert_eq!(key.ec_key()?.group().curve_name(), Some(Nid::X9_62_PRIME256V1));
    ensure!(certificate.public_key()?.public_eq(&key), "the key is another's");
    let ca = X509::from_pem(&read("ca.pem")?)?;
    ensure!(certificate.verify(&*ca.public_key()?)?, "not signed by ca.pem");
    let left = openssl::asn1::Asn1Time::days_from_now(0)?.diff(certificate.not_after())?;
    ensure!((29..=30).contains(&left.days), "{} days", left.days);
    let p12 = Pkcs12::from_der(&read("identity.p12")?)?.parse2("")?;
    assert_eq!(p12.cert.context("no certificate")?.to_der()?, certificate.to_der()?);
    ensure!(p12.pkey.is_some_and(|k| k.public_eq(&key)));

    let served = Served::start(&data, &[])?;
    let ready: renkei_tests::Ready = serde_json::from_value(served.line.clone())?;
    let connector = renkei_tests::wire::connector(&ready.ca, Some(&directory))?;
    let registry = ready.endpoints.registry.context("no registry")?;
    let port = registry.split(':').nth(2).and_then(|p| p.split('/').next()).context("no port")?;
    let mut wire = renkei_tests::wire::Wire::connect(&connector, port.parse()?)?;
    let query =
        renkei_xds::iti18::QueryBuilder::get_documents_by_unique_id(&[sample::new_unique_id()]);
    let message = message::query(&query.build());
    let answer = wire.post("/xds/registry", &message.content_type, &message.body)?;
    assert_eq!(answer.status, 200);
    served.stop()?;
    Ok(())
}

#[test]
fn identities_are_refused_with_a_reason() -> Result<()> {
    let place = tempfile::tempdir()?;
    let data = place.path().join("data").display().to_string();
    let out = place.path().join("out").display().to_string();
    for (name, role, told) in [
        ("x", "king", "king"),
        ("../x", "source", "../x"),
        ("own.repository", "source", "own.repository"),
    ] {
        let args =
            ["pki", "issue", "--data-dir", &data, "--name", name, "--role", role, "--out", &out];
        let output = program::run(&args)?;
        assert_eq!(output.status.code(), Some(1), "{name} {role}");
        let said = String::from_utf8(output.stderr)?;
        ensure!(said.contains(told), "{said}");
    }
    ensure!(!Path::new(&out).exists());
    Ok(())
}

#[test]
fn what_is_secret_is_for_its_owner_only() -> Result<()> {
    use std::os::unix::fs::PermissionsExt;
    let w = World::shared(Form::PLAIN)?.context("no program")?;
    let data = w.renkei.place().data_dir();
    let keys = files_below(&data.join("keys"))?;
    ensure!(!keys.is_empty(), "no keys");
    let mut secret: Vec<_> = keys.into_iter().map(|(path, _)| path).collect();
    secret.extend([data.join("pki/ca.key"), data.join("pki/server.key"), data.join("renkei.toml")]);
    secret.push(w.source.directory.join("key.pem"));
    secret.push(w.source.directory.join("identity.p12"));
    for path in secret {
        let mode = std::fs::metadata(&path)?.permissions().mode() & 0o077;
        assert_eq!(mode, 0, "{}", path.display());
    }
    let databases = std::fs::metadata(data.join("databases"))?.permissions().mode() & 0o077;
    assert_eq!(databases, 0, "databases");
    ensure!(!data.join("databases/keys").exists(), "keys beside what they lock");
    Ok(())
}
