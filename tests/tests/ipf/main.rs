//! Strangers' clients: Open eHealth IPF and HAPI (`tests/ipf`, run by Maven) play every role against
//! running houses over mutual TLS, and validate what they send and what they get.

mod published;

use anyhow::{Context, Result, ensure};
use renkei_tests::forge::Forged;
use renkei_tests::{Form, Renkei, Start, exports, postgres, program};
use std::path::{Path, PathBuf};
use std::process::Command;

/// The roles that the program plays; a folder each.
const ROLES: [&str; 6] = ["source", "consumer", "repository", "administrator", "feed", "gateway"];
/// The communities that the program is, too (`Neighbour.java`): one that knows patients by the ids of the house,
/// and one that is asked as whom it knows them (`Directory.java`).
const NEIGHBOUR: &str = "urn:oid:1.2.392.200119.9.55";
const FAR: &str = "urn:oid:1.2.392.200119.9.57";
/// Whose cards are known in every community (`Somebody.java`).
const INSURED: &str = "1.2.392.200119.9.3";

/// What the program calls itself as a consumer, and the domains it is interested in (`Notices.java`).
const NOTIFIED: &str = "1.2.392.200119.9.58/2.999.31.46+2.999.31.47";

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

/// A running house, with what the program needs to know of it.
struct House {
    renkei: Renkei,
    /// The port that the house may answer to.
    replies: u16,
    /// How each check ended.
    report: PathBuf,
}

impl House {
    fn start(form: Form) -> Result<Self> {
        let replies = renkei_tests::port::free()?;
        let start = Start::new(form)
            .set("patient.policy=known-only")
            .set("ondemand.entries=automatic")
            .set("gateway.tells_locations=true")
            .set(&format!("identity.insured_authority={INSURED}"))
            .set(&format!("identity.notify=https://localhost:{replies}/replies/notices#{NOTIFIED}"))
            .set(&format!("async.allowed_reply_to=https://localhost:{replies}/replies"));
        let database = if form.postgres { "postgresql" } else { "sqlite" };
        let report = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("ipf-{database}.tsv"));
        let house = Self { renkei: start.go()?, replies, report };
        house.identities()?;
        house.neighbours()?;
        house.checkup()?;
        Ok(house)
    }

    /// An identity for each role, and what makes a listener that the house trusts.
    fn identities(&self) -> Result<()> {
        for role in ROLES {
            self.renkei.identities().issue(role, &[role])?;
        }
        let (place, listener) = (self.renkei.place(), self.folder().join("listener"));
        Forged::authority_of(&place.data_dir())?.server("localhost")?.write(&listener)?;
        std::fs::copy(&self.renkei.ready.ca, listener.join("ca.pem"))?;
        Ok(())
    }

    /// Has the house ask the program's own communities.
    fn neighbours(&self) -> Result<()> {
        let at = |name: &str| format!("https://localhost:{}/replies/{name}", self.replies);
        let data = text(&self.renkei.place().data_dir());
        for (home, name) in [(NEIGHBOUR, "neighbour"), (FAR, "far")] {
            let [query, retrieve, discovery] =
                ["38", "39", "55"].map(|of| at(&format!("{name}{of}")));
            let mut words = vec!["community", "add", "--data-dir", &data, "--home", home];
            words.extend(["--name", "IPF", "--query", &query, "--retrieve", &retrieve]);
            if home == FAR {
                words.extend(["--discovery", &discovery]);
            }
            let output = program::run(&words)?;
            ensure!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        }
        Ok(())
    }

    fn folder(&self) -> PathBuf {
        self.renkei.place().client_dir()
    }

    /// One person's checkup, of which the On-Demand document of the years is made.
    fn checkup(&self) -> Result<()> {
        let identity = self.renkei.identities().issue("institution", &["source", "feed"])?;
        let place = tempfile::tempdir()?;
        let export = exports::good_rows(2024, 1, place.path())?;
        let mut words = vec!["submit".to_owned(), text(&export)];
        for (name, path) in [
            ("--mapping", exports::mapping()),
            ("--connect", self.renkei.connect_file()?),
            ("--identity", identity),
            ("--state-dir", place.path().join("state")),
            ("--report", place.path().join("report")),
        ] {
            words.extend([name.to_owned(), text(&path)]);
        }
        let output = program::run(&words.iter().map(String::as_str).collect::<Vec<_>>())?;
        ensure!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        Ok(())
    }

    /// Its arguments of the program.
    fn words(&self) -> Result<[String; 4]> {
        let ready = text(&self.renkei.connect_file()?);
        Ok([ready, text(&self.folder()), text(&self.report), self.replies.to_string()])
    }

    /// Says how many checks passed, of which there have to be some.
    fn tell(&self) -> Result<()> {
        let passed = std::fs::read_to_string(&self.report)?.lines().count();
        ensure!(passed > 0, "nothing was checked");
        eprintln!("{passed} checks passed: {}", self.report.display());
        Ok(())
    }
}

fn text(path: &Path) -> String {
    path.display().to_string()
}

/// Runs the checks against each of the houses.
fn check(houses: &[House]) -> Result<()> {
    let mut words = vec![text(&project().join("checks.txt"))];
    for house in houses {
        words.extend(house.words()?);
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
    let logs: Vec<_> = houses.iter().map(|house| house.renkei.place().read_log()).collect();
    ensure!(run.status.success(), "{}\n{}", not_passed(&said), logs.join("\n"));
    Ok(())
}

/// What Maven and the checks said but for what passed.
fn not_passed(said: &str) -> String {
    said.lines().filter(|line| !line.starts_with("passed")).collect::<Vec<_>>().join("\n")
}

#[test]
fn ipf_and_hapi_find_nothing_wrong() -> Result<()> {
    if !maven() {
        eprintln!("note: no Maven here, left out");
        return Ok(());
    }
    let mut houses = vec![House::start(Form::PLAIN)?];
    if postgres::server().is_some() {
        houses.push(House::start(Form { postgres: true, wired: true })?);
    }
    check(&houses)?;
    houses.iter().try_for_each(House::tell)
}
