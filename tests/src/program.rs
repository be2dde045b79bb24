//! Where the program under test is, and how to run it once.

use anyhow::{Context, Result, bail};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Output, Stdio};
use std::time::{Duration, Instant};

/// Which build of the program.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Build {
    /// As users get it.
    Plain,
    /// With failpoints.
    Failpoints,
}

/// The program: from the environment (`cargo xtask test` sets it), else built by cargo's default.
pub fn path(build: Build) -> Result<PathBuf> {
    let variable = match build {
        Build::Plain => "RENKEI_BIN",
        Build::Failpoints => "RENKEI_BIN_FAILPOINTS",
    };
    if let Some(given) = std::env::var_os(variable) {
        return Ok(PathBuf::from(given));
    }
    let release = std::env::current_exe()?
        .ancestors()
        .nth(2)
        .map(Path::to_path_buf)
        .context("no target directory")?;
    let found = match build {
        Build::Plain => release.join("renkei"),
        Build::Failpoints => release.join("renkei-failpoints"),
    };
    if !found.is_file() {
        bail!("{} is not built; run `cargo xtask test`", found.display());
    }
    Ok(found)
}

/// Runs the program to its end and answers what it said.
pub fn run(args: &[&str]) -> Result<Output> {
    Command::new(path(Build::Plain)?)
        .args(args)
        .stdin(Stdio::null())
        .output()
        .context("could not run the program")
}

/// The same, run by the operator `user`.
pub fn run_as(user: &str, args: &[&str]) -> Result<Output> {
    Command::new(path(Build::Plain)?)
        .args(args)
        .env("USER", user)
        .stdin(Stdio::null())
        .output()
        .context("could not run the program")
}

/// Starts the program and lets it run; standard output can be read.
pub fn start(args: &[&str]) -> Result<Child> {
    start_logging(args, Stdio::null())
}

/// The same with its log somewhere.
pub fn start_logging(args: &[&str], log: Stdio) -> Result<Child> {
    Command::new(path(Build::Plain)?)
        .args(args)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(log)
        .spawn()
        .context("could not run the program")
}

/// Sends a signal, such as `TERM`, and waits for the end, ten seconds at most.
pub fn end_with(child: &mut Child, signal: &str) -> Result<ExitStatus> {
    self::signal(child.id(), signal)?;
    let until = Instant::now() + Duration::from_secs(10);
    loop {
        if let Some(status) = child.try_wait()? {
            return Ok(status);
        }
        if Instant::now() > until {
            child.kill()?;
            bail!("still running ten seconds after SIG{signal}");
        }
        std::thread::sleep(Duration::from_millis(10));
    }
}

/// Sends a signal by its name, such as `TERM`, to a process that may have ended already. Every shell
/// has `kill` built in; not every machine has the program.
pub fn signal(pid: u32, name: &str) -> Result<()> {
    let mut shell = Command::new("sh");
    shell.args(["-c", &format!("kill -{name} {pid}")]).stderr(Stdio::null()).status()?;
    Ok(())
}
