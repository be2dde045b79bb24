//! Strangers' clients: Open eHealth IPF and HAPI (`tests/ipf`, run by Maven) play every role against a
//! running house over mutual TLS, and validate what they send and what they get.
//!
//! `RENKEI_IPF=whole` adds the checks that take long.

use anyhow::{Context, Result, ensure};
use renkei_tests::forge::Forged;
use renkei_tests::{Form, Renkei, Start, postgres};
use std::ffi::OsStr;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The roles that the program plays; a folder each.
const ROLES: [&str; 5] = ["source", "consumer", "repository", "administrator", "feed"];

/// The Maven project.
fn project() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("ipf")
}

/// Whether Maven is installed; without it nothing is checked.
fn maven() -> bool {
    // both outputs are kept: it writes to terminals, also where none is
    let found = Command::new("mvn").arg("--version").output();
    found.is_ok_and(|run| run.status.success())
}

/// Writes what makes a listener that the house trusts.
fn listener(renkei: &Renkei, folder: &Path) -> Result<()> {
    Forged::authority_of(&renkei.place().data_dir())?.server("localhost")?.write(folder)?;
    std::fs::copy(&renkei.ready.ca, folder.join("ca.pem"))?;
    Ok(())
}

/// Runs the checks against `renkei`, which may answer to the port `replies`. How each ended stands in
/// `report`.
fn check(renkei: &Renkei, replies: u16, report: &Path) -> Result<()> {
    for role in ROLES {
        renkei.identities().issue(role, &[role])?;
    }
    let identities = renkei.place().client_dir();
    listener(renkei, &identities.join("listener"))?;
    let ready = renkei.connect_file()?;
    let list = project().join("checks.txt");
    let paths = [ready.as_path(), &identities, &list, report];
    let mut words: Vec<String> = paths.iter().map(|path| path.display().to_string()).collect();
    words.push(replies.to_string());
    if std::env::var_os("RENKEI_IPF").as_deref() == Some(OsStr::new("whole")) {
        words.push("--whole".to_owned());
    }
    let run = Command::new("mvn")
        .args(["--quiet", "--batch-mode", "--file"])
        .arg(project().join("pom.xml"))
        .args(["compile", "exec:java"])
        .arg(format!("-Dexec.args={}", words.join(" ")))
        .env("MAVEN_OPTS", "-Xmx512m")
        .output()
        .context("could not run mvn")?;
    let said = String::from_utf8_lossy(&run.stdout);
    ensure!(run.status.success(), "{}\n{}", not_passed(&said), renkei.place().read_log());
    Ok(())
}

/// What Maven and the checks said but for what passed.
fn not_passed(said: &str) -> String {
    said.lines().filter(|line| !line.starts_with("passed")).collect::<Vec<_>>().join("\n")
}

fn every_check_passes(form: Form) -> Result<()> {
    let replies = TcpListener::bind(("127.0.0.1", 0))?.local_addr()?.port();
    let start = Start::new(form)
        .set("patient.policy=known-only")
        .set(&format!("async.allowed_reply_to=https://localhost:{replies}/replies"));
    let database = if form.postgres { "postgresql" } else { "sqlite" };
    let report = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("ipf-{database}.tsv"));
    check(&start.go()?, replies, &report)?;
    let passed = std::fs::read_to_string(&report)?.lines().count();
    ensure!(passed > 0, "nothing was checked");
    eprintln!("{passed} checks passed: {}", report.display());
    Ok(())
}

/// One after the other: both would compile the same classes.
#[test]
fn ipf_and_hapi_find_nothing_wrong() -> Result<()> {
    if !maven() {
        eprintln!("note: no Maven here, left out");
        return Ok(());
    }
    every_check_passes(Form::PLAIN)?;
    if postgres::server().is_some() {
        every_check_passes(Form { postgres: true, wired: true })?;
    }
    Ok(())
}
