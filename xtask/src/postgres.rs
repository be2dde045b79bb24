//! A PostgreSQL server of its own for one test run: a temporary directory, a Unix socket, no network.

use anyhow::{Context, Result, bail};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// A running server; stopped and removed when dropped.
pub(crate) struct Postgres {
    directory: PathBuf,
    bin: PathBuf,
}

/// PostgreSQL refuses to run as root, so root borrows this account, which its package creates.
const ACCOUNT: &str = "postgres";

impl Postgres {
    /// Starts a server, or says `None` when PostgreSQL is not installed.
    pub(crate) fn start() -> Result<Option<Self>> {
        let Some(bin) = find_bin() else { return Ok(None) };
        let directory = std::env::temp_dir().join(format!("renkei-pg-{}", std::process::id()));
        std::fs::create_dir_all(&directory)?;
        if is_root() {
            run(Command::new("chown").arg(ACCOUNT).arg(&directory))?;
        }
        let server = Self { directory, bin };
        server.learn_japanese();
        let data = server.directory.join("data");
        server.tool(
            "initdb",
            &["-D", text(&data)?, "-U", ACCOUNT, "-A", "trust", "-E", "UTF8", "--locale=C"],
        )?;
        // It is never killed itself, so that its own flushes prove nothing and cost minutes on a slow disk.
        let options = format!(
            "-k {} -c listen_addresses='' -c max_connections=200 -c fsync=off -c full_page_writes=off",
            text(&server.directory)?
        );
        let log = server.directory.join("log");
        server.tool(
            "pg_ctl",
            &["-D", text(&data)?, "-o", &options, "-l", text(&log)?, "-w", "start"],
        )?;
        Ok(Some(server))
    }

    /// The URL of the server's maintenance database.
    pub(crate) fn url(&self) -> String {
        let host = self.directory.display().to_string().replace('/', "%2F");
        format!("postgres://{ACCOUNT}@{host}/postgres")
    }

    /// Compiles the locale in which a test has the server speak, where its source is installed
    /// (Debian `locales`); without it that test says that it is left out.
    fn learn_japanese(&self) {
        let folder = self.locales();
        let made = std::fs::create_dir(&folder).is_ok()
            && Command::new("localedef")
                .args(["-i", "ja_JP", "-f", "UTF-8"])
                .arg(folder.join("ja_JP.UTF-8"))
                .stdout(Stdio::null())
                .stderr(Stdio::null())
                .status()
                .is_ok_and(|s| s.success());
        if !made {
            eprintln!("note: no locale ja_JP here, PostgreSQL speaks English only");
        }
    }

    /// Where the C library of the server looks for locales.
    fn locales(&self) -> PathBuf {
        self.directory.join("locales")
    }

    fn tool(&self, name: &str, args: &[&str]) -> Result<()> {
        let program = self.bin.join(name);
        let mut command = if is_root() {
            let mut c = Command::new("setpriv");
            c.args(["--reuid", ACCOUNT, "--regid", ACCOUNT, "--init-groups"]).arg(&program);
            c
        } else {
            Command::new(&program)
        };
        command.env("LOCPATH", self.locales());
        run(command.args(args).current_dir(&self.directory))
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        let data = self.directory.join("data");
        let stopped =
            text(&data).and_then(|d| self.tool("pg_ctl", &["-D", d, "-m", "immediate", "stop"]));
        if let Err(e) = stopped.and_then(|()| Ok(std::fs::remove_dir_all(&self.directory)?)) {
            eprintln!("temporary PostgreSQL in {} is left behind: {e:#}", self.directory.display());
        }
    }
}

fn find_bin() -> Option<PathBuf> {
    let versions = std::fs::read_dir("/usr/lib/postgresql").ok()?;
    let mut bins: Vec<PathBuf> = versions.flatten().map(|v| v.path().join("bin")).collect();
    bins.sort();
    bins.into_iter().rev().find(|b| b.join("initdb").is_file() && b.join("pg_ctl").is_file())
}

fn is_root() -> bool {
    std::fs::metadata("/proc/self").is_ok_and(|m| std::os::unix::fs::MetadataExt::uid(&m) == 0)
}

fn text(path: &Path) -> Result<&str> {
    path.to_str().context("path is not UTF-8")
}

fn run(command: &mut Command) -> Result<()> {
    let output = command.stdin(Stdio::null()).stdout(Stdio::null()).status();
    let status = output.with_context(|| format!("could not run {command:?}"))?;
    if !status.success() {
        bail!("{command:?} ended with {status}");
    }
    Ok(())
}
