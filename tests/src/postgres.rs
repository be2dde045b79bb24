//! Databases of their own on the test server that `RENKEI_TEST_POSTGRES` names.

use anyhow::{Result, bail};
use std::process::{Command, Stdio};

/// The URL of the server, if there is one.
pub fn server() -> Option<String> {
    std::env::var("RENKEI_TEST_POSTGRES").ok().filter(|u| !u.is_empty())
}

/// A new, empty database; answers its URL.
pub fn create(name: &str) -> Result<Option<String>> {
    let Some(server) = server() else { return Ok(None) };
    sql(&server, &format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)"))?;
    sql(&server, &format!("CREATE DATABASE {name}"))?;
    let Some((base, _)) = server.rsplit_once('/') else { bail!("{server} names no database") };
    Ok(Some(format!("{base}/{name}")))
}

/// Removes a database.
pub fn drop(name: &str) -> Result<()> {
    match server() {
        Some(server) => sql(&server, &format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)")),
        None => Ok(()),
    }
}

fn sql(server: &str, text: &str) -> Result<()> {
    let status = Command::new("psql")
        .args(["--no-psqlrc", "--quiet", "--dbname", server, "--command", text])
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()?;
    if !status.success() {
        bail!("psql: {text}: {status}");
    }
    Ok(())
}
