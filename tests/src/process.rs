//! A running `renkei serve`.

use crate::program::{self, Build};
use crate::{Identities, postgres};
use anyhow::{Context, Result, bail};
use serde::Deserialize;
use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};
use tempfile::TempDir;

/// Which database, and how the repository reaches the registry: the suite runs in every form.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Form {
    /// PostgreSQL instead of SQLite.
    pub postgres: bool,
    /// ITI-42 over mutual TLS instead of a function call.
    pub wired: bool,
}

impl Form {
    /// Every form that this machine can run.
    pub fn all() -> Vec<Form> {
        let mut forms = Vec::new();
        for postgres in [false, true] {
            if postgres && crate::postgres::server().is_none() {
                eprintln!("note: no PostgreSQL here, its forms are left out");
                continue;
            }
            forms.extend([false, true].map(|wired| Form { postgres, wired }));
        }
        forms
    }

    /// SQLite and a function call.
    pub const PLAIN: Form = Form { postgres: false, wired: false };
}

/// The ready line, as far as tests need it.
#[derive(Clone, Debug, Deserialize)]
pub struct Ready {
    /// Always true.
    pub ready: bool,
    /// Process id.
    pub pid: u32,
    /// Path of the CA certificate.
    pub ca: PathBuf,
    /// URLs and addresses; `None` for what is not served.
    pub endpoints: Endpoints,
    /// Where each repository is, by its id, if there are several.
    #[serde(default)]
    pub repositories: BTreeMap<String, String>,
    /// `urn:oid:...`.
    pub home_community_id: String,
    /// OID.
    pub repository_unique_id: String,
    /// OID.
    pub assigning_authority: String,
    /// OID of the identifiers of insured persons.
    pub insured_authority: String,
    /// How many members are to be reviewed, if any are.
    #[serde(default)]
    pub reviews: serde_json::Value,
}

/// Endpoints of the ready line.
#[derive(Clone, Debug, Deserialize)]
pub struct Endpoints {
    /// ITI-18 and ITI-42.
    pub registry: Option<String>,
    /// ITI-41 and ITI-43.
    pub repository: Option<String>,
    /// ITI-8.
    pub patient_feed: Option<String>,
    /// ITI-44.
    pub patient_feed_v3: Option<String>,
    /// ITI-45.
    pub pix_v3: Option<String>,
    /// ITI-47.
    pub pdq_v3: Option<String>,
    /// ITI-38, ITI-39 and ITI-92, from other communities.
    pub responding_gateway: Option<String>,
    /// ITI-18 and ITI-43 to all communities.
    pub initiating_gateway: Option<String>,
    /// What other communities answer in messages of their own.
    pub community_answers: Option<String>,
    /// ITI-55, from other communities.
    pub xcpd: Option<String>,
    /// What other communities answer later to ITI-55.
    pub xcpd_initiating: Option<String>,
    /// Health and metrics.
    pub admin: Option<String>,
}

/// The actors that have a database.
const DATABASES: [&str; 4] = ["registry", "repository", "audit", "identity"];

/// The authority under which the communities of the tests name insured persons.
pub const INSURED: &str = "2.999.392.1.3";

/// How to start one.
#[derive(Clone, Debug)]
pub struct Start {
    form: Form,
    build: Build,
    settings: Vec<String>,
    environment: Vec<(String, String)>,
}

impl Start {
    /// A start in `form` with free ports and any patient accepted.
    pub fn new(form: Form) -> Self {
        let settings = vec![
            "patient.policy=accept-any".to_owned(),
            format!("identity.insured_authority={INSURED}"),
        ];
        Self { form, build: Build::Plain, settings, environment: Vec::new() }
    }

    /// Adds a setting.
    pub fn set(mut self, setting: &str) -> Self {
        self.settings.push(setting.to_owned());
        self
    }

    /// Ends the process at the failpoint; uses the build that has them.
    pub fn failpoint(mut self, name: &str) -> Self {
        self.build = Build::Failpoints;
        self.environment.push(("RENKEI_FAILPOINT".to_owned(), name.to_owned()));
        self
    }

    /// Starts in a new place.
    pub fn go(self) -> Result<Renkei> {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let name = format!("renkei_{}_{number}", std::process::id());
        let place = Place {
            directory: TempDir::with_prefix("renkei-test-")?,
            databases: self.form.postgres.then(|| Databases::new(&name)).transpose()?,
            port: crate::port::free()?,
        };
        self.go_in(Arc::new(place))
    }

    /// Starts a second process of the house whose first is `other`: the same keys, certificates and
    /// PostgreSQL databases, a directory and ports of its own.
    pub fn beside(self, other: &Renkei) -> Result<Renkei> {
        let place = Place {
            directory: TempDir::with_prefix("renkei-test-")?,
            databases: other.place.databases.clone(),
            port: crate::port::free()?,
        };
        let (from, to) = (other.place.data_dir(), place.data_dir());
        std::fs::create_dir_all(&to)?;
        for entry in std::fs::read_dir(&from)? {
            let name = entry?.file_name();
            // What each process has for itself.
            if ["audit", "content", "databases"].iter().any(|own| name == *own) {
                continue;
            }
            let copied = Command::new("cp").arg("-a").arg(from.join(&name)).arg(&to).status()?;
            if !copied.success() {
                bail!("{} was not copied", name.display());
            }
        }
        self.go_in(Arc::new(place))
    }

    /// Starts where another one ran before.
    pub fn go_in(self, place: Arc<Place>) -> Result<Renkei> {
        let mut command = Command::new(program::path(self.build)?);
        command.arg("serve").arg("--data-dir").arg(place.data_dir());
        let mut settings = place.settings(self.form)?;
        settings.extend(self.settings);
        for setting in &settings {
            command.arg("--set").arg(setting);
        }
        let log = std::fs::File::options().create(true).append(true).open(place.log())?;
        command
            .envs(self.environment)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::from(log));
        let mut child = command.spawn().context("could not start the program")?;
        let stdout = child.stdout.take().context("no standard output")?;
        let mut line = String::new();
        BufReader::new(stdout).read_line(&mut line)?;
        let ready = match serde_json::from_str::<Ready>(&line) {
            Ok(ready) if ready.ready => ready,
            _ => {
                let status = child.wait()?;
                bail!("not ready: {line:?}, {status}\n{}", place.read_log());
            }
        };
        Ok(Renkei { child, ready, place, settings })
    }
}

/// Where a program runs: its directory, databases and port survive it.
pub struct Place {
    directory: TempDir,
    /// On PostgreSQL; all processes of a house have the same ones.
    databases: Option<Arc<Databases>>,
    port: u16,
}

/// Databases on the test server, a name each actor. They go when the last place that has them goes.
struct Databases(Vec<(&'static str, String)>);

impl Databases {
    fn new(name: &str) -> Result<Arc<Self>> {
        let all = Self(DATABASES.map(|actor| (actor, format!("{name}_{actor}"))).to_vec());
        postgres::create_all(all.names())?;
        Ok(Arc::new(all))
    }

    fn names(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(|(_, name)| name.as_str())
    }
}

impl Drop for Databases {
    fn drop(&mut self) {
        if let Err(e) = postgres::drop_all(self.names()) {
            eprintln!("note: {e}");
        }
    }
}

impl Place {
    /// The data directory.
    pub fn data_dir(&self) -> PathBuf {
        self.directory.path().join("data")
    }

    /// A directory for what belongs to clients.
    pub fn client_dir(&self) -> PathBuf {
        self.directory.path().join("clients")
    }

    /// The log of every process that ran here.
    pub fn log(&self) -> PathBuf {
        self.directory.path().join("log")
    }

    /// The log as text.
    pub fn read_log(&self) -> String {
        std::fs::read_to_string(self.log()).unwrap_or_default()
    }

    fn settings(&self, form: Form) -> Result<Vec<String>> {
        let mut settings = vec![
            format!("listen.systems=127.0.0.1:{}", self.port),
            "listen.people=127.0.0.1:0".to_owned(),
            "listen.mllp=127.0.0.1:0".to_owned(),
            "listen.admin=127.0.0.1:0".to_owned(),
        ];
        if form.wired {
            settings.push(format!("registry.url=https://localhost:{}/xds/registry", self.port));
        }
        if form.postgres {
            let server = postgres::server().context("no PostgreSQL")?;
            let base = server.rsplit_once('/').map_or(server.as_str(), |(base, _)| base);
            let databases = self.databases.as_ref().context("no databases were made")?;
            let each = databases.0.iter();
            settings.extend(each.map(|(actor, name)| format!("{actor}.database={base}/{name}")));
        }
        Ok(settings)
    }
}

/// A running program; killed when dropped.
pub struct Renkei {
    child: Child,
    /// What it said when it was ready.
    pub ready: Ready,
    place: Arc<Place>,
    settings: Vec<String>,
}

impl Renkei {
    /// Where it runs.
    pub fn place(&self) -> &Place {
        &self.place
    }

    /// The settings it was started with, each `key=value`.
    pub fn settings(&self) -> Vec<String> {
        self.settings.clone()
    }

    /// A shell script that ends it and removes its place, for when nobody is left to drop it.
    pub fn epitaph(&self) -> String {
        let mut script = format!("kill -KILL {}\n", self.child.id());
        script += &format!("rm -rf '{}'\n", self.place.directory.path().display());
        if let (Some(server), Some(databases)) = (postgres::server(), &self.place.databases) {
            for name in databases.names() {
                script += &format!(
                    "psql -qXd '{server}' -c 'DROP DATABASE IF EXISTS {name} WITH (FORCE)'\n"
                );
            }
        }
        script
    }

    /// Issues identities of its community.
    pub fn identities(&self) -> Identities {
        let ids = Identities::new(&self.place.data_dir(), &self.place.client_dir());
        ids.of(&self.ready.repository_unique_id)
    }

    /// The URL of the registry.
    pub fn registry(&self) -> &str {
        self.ready.endpoints.registry.as_deref().unwrap_or_default()
    }

    /// The URL of the repository.
    pub fn repository(&self) -> &str {
        self.ready.endpoints.repository.as_deref().unwrap_or_default()
    }

    /// The port of the systems listener.
    pub fn port(&self) -> u16 {
        self.place.port
    }

    /// The ready line's file as `--connect` takes it.
    pub fn connect_file(&self) -> Result<PathBuf> {
        let path = self.place.directory.path().join("ready.json");
        let e = &self.ready.endpoints;
        let line = serde_json::json!({
            "ready": true, "pid": self.ready.pid, "ca": self.ready.ca,
            "endpoints": {"registry": e.registry, "repository": e.repository,
                "patient_feed": e.patient_feed, "patient_feed_v3": e.patient_feed_v3,
                "pix_v3": e.pix_v3, "pdq_v3": e.pdq_v3, "admin": e.admin,
                "responding_gateway": e.responding_gateway, "initiating_gateway": e.initiating_gateway,
                "xcpd": e.xcpd, "patient_feed_v3": e.patient_feed_v3, "pix_v3": e.pix_v3, "pdq_v3": e.pdq_v3},
            "repositories": self.ready.repositories,
            "home_community_id": self.ready.home_community_id,
            "repository_unique_id": self.ready.repository_unique_id,
            "assigning_authority": self.ready.assigning_authority,
            "insured_authority": self.ready.insured_authority,
        });
        // Tests that share a house ask at the same time: none may read what another has begun.
        let mut file = tempfile::NamedTempFile::new_in(self.place.directory.path())?;
        file.write_all(line.to_string().as_bytes())?;
        file.persist(&path)?;
        Ok(path)
    }

    /// Bytes of resident memory now.
    pub fn resident_bytes(&self) -> Result<u64> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id()))?;
        let line = status.lines().find(|l| l.starts_with("VmRSS:")).context("no VmRSS")?;
        let kib: u64 = line.split_whitespace().nth(1).context("no number")?.parse()?;
        Ok(kib * 1024)
    }

    /// Asks it to end (SIGTERM) and waits; fails after 10 seconds.
    pub fn stop(mut self) -> Result<(ExitStatus, Arc<Place>)> {
        self.signal("TERM")?;
        let status = self.wait(Duration::from_secs(10))?;
        Ok((status, self.into_place()))
    }

    /// Ends it as a power failure would (SIGKILL).
    pub fn kill(mut self) -> Result<Arc<Place>> {
        self.child.kill()?;
        self.child.wait()?;
        Ok(self.into_place())
    }

    /// Sends it a signal, such as `TERM`.
    pub fn signal(&self, name: &str) -> Result<()> {
        program::signal(self.child.id(), name)
    }

    /// Waits until it ends by itself.
    pub fn wait(&mut self, most: Duration) -> Result<ExitStatus> {
        let until = Instant::now() + most;
        loop {
            if let Some(status) = self.child.try_wait()? {
                return Ok(status);
            }
            if Instant::now() > until {
                bail!("still running after {most:?}");
            }
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    /// Whether it still runs.
    pub fn is_running(&mut self) -> bool {
        matches!(self.child.try_wait(), Ok(None))
    }

    /// Gives up the process, which has ended, and keeps its place.
    pub fn into_place(self) -> Arc<Place> {
        Arc::clone(&self.place)
    }
}

impl Drop for Renkei {
    fn drop(&mut self) {
        if self.is_running() && self.child.kill().is_ok() {
            drop(self.child.wait());
        }
    }
}

/// The bytes of every file below a directory, with its name.
pub fn files_below(directory: &Path) -> Result<Vec<(PathBuf, Vec<u8>)>> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(directory)? {
        let path = entry?.path();
        if path.is_dir() {
            files.extend(files_below(&path)?);
        } else {
            files.push((path.clone(), std::fs::read(&path)?));
        }
    }
    Ok(files)
}
