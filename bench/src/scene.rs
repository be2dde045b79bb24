//! What every benchmark runs in: our program on core 0, nginx on core 0, the load on core 1.

use crate::Plan;
use crate::load::{Load, Request};
use crate::nginx::Nginx;
use crate::report::Figure;
use anyhow::{Context, Result};
use openssl::ssl::SslConnector;
use renkei_tests::process::{Form, Renkei, Start};
use renkei_tests::wire;
use std::path::PathBuf;
use std::process::{Command, Stdio};

/// The scene.
pub(crate) struct Scene {
    /// Our program, audit on.
    pub(crate) renkei: Renkei,
    /// What its databases are.
    pub(crate) database: &'static str,
    /// The yardstick, where it is installed.
    pub(crate) nginx: Option<Nginx>,
    /// TLS settings of a client with every role it needs.
    pub(crate) connector: SslConnector,
}

impl Scene {
    /// Starts everything and pins it. PostgreSQL runs wherever it is put.
    pub(crate) fn new(form: Form) -> Result<Self> {
        let renkei = Start::new(form).set("limits.workers=1").go()?;
        let roles = ["source", "repository", "consumer"];
        let identity = renkei.identities().issue("load", &roles)?;
        let connector = wire::connector(&renkei.ready.ca, Some(&identity))?;
        let nginx = Nginx::start(&renkei.place().data_dir().join("pki"))?;
        pin(renkei.ready.pid, "0");
        for pid in nginx.iter().flat_map(Nginx::processes) {
            pin(pid, "0");
        }
        pin(std::process::id(), "1");
        let database = if form.postgres { "PostgreSQL" } else { "SQLite, synchronous=FULL" };
        Ok(Self { renkei, database, nginx, connector })
    }

    /// The directory that holds the databases.
    pub(crate) fn databases(&self) -> PathBuf {
        self.renkei.place().data_dir().join("databases")
    }

    /// One run against our program.
    pub(crate) fn ours(&self, load: &Load<'_>) -> Result<(Figure, usize)> {
        let before = processor_time(self.renkei.ready.pid)?;
        let stats = load.run(self.renkei.port())?;
        let used = processor_time(self.renkei.ready.pid)? - before;
        Ok((Figure::new(&stats, used), stats.bytes))
    }

    /// W(n): one run against nginx, which serves `bytes` bytes to as many connections.
    pub(crate) fn static_bytes(
        &self,
        nginx: &Nginx,
        bytes: usize,
        connections: usize,
        plan: Plan,
    ) -> Result<Figure> {
        let path = nginx.serve(bytes)?;
        let load = Load {
            connector: &self.connector,
            connections,
            each: plan.each,
            next: &|| Request::Get(path.clone()),
            right: &|body| body.len() == bytes,
        };
        let used = || -> Result<f64> { nginx.processes().map(processor_time).sum() };
        let before = used()?;
        let stats = load.run(nginx.port())?;
        Ok(Figure::new(&stats, used()? - before))
    }

    /// A figure of our program's memory, bytes: `VmRSS` is what it has, `VmHWM` the most it had.
    pub(crate) fn memory(&self, name: &str) -> Result<u64> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.renkei.ready.pid))?;
        let line =
            status.lines().find(|l| l.split(':').next() == Some(name)).context("no figure")?;
        let kib: u64 = line.split_whitespace().nth(1).context("no number")?.parse()?;
        Ok(kib * 1024)
    }
}

/// Processor time that a process has used, in microseconds.
pub(crate) fn processor_time(pid: u32) -> Result<f64> {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat"))?;
    let after = stat.rsplit_once(')').map_or("", |(_, rest)| rest);
    let ticks = after.split_whitespace().skip(11).take(2).map(str::parse::<f64>);
    // Linux counts in hundredths of a second for every process that asks through /proc.
    Ok(ticks.sum::<Result<f64, _>>()? * 10_000.0)
}

/// Has a process run on this core alone.
pub(crate) fn pin(pid: u32, core: &str) {
    let mut command = Command::new("taskset");
    command.args(["-a", "-c", "-p", core, &pid.to_string()]);
    let done = command.stdout(Stdio::null()).stderr(Stdio::null()).status();
    if !done.is_ok_and(|s| s.success()) {
        eprintln!("process {pid} could not be pinned to core {core}");
    }
}
