//! Databases of their own on the test server that `RENKEI_TEST_POSTGRES` names.

use anyhow::{Result, bail};
use std::process::{Command, Stdio};

/// The URL of the server, if there is one.
pub fn server() -> Option<String> {
    std::env::var("RENKEI_TEST_POSTGRES").ok().filter(|u| !u.is_empty())
}

/// A new, empty database; answers its URL.
pub fn create(name: &str) -> Result<Option<String>> {
    create_all([name])?;
    let Some(server) = server() else { return Ok(None) };
    let Some((base, _)) = server.rsplit_once('/') else { bail!("{server} names no database") };
    Ok(Some(format!("{base}/{name}")))
}

/// New, empty databases, if there is a server.
pub fn create_all<'a>(names: impl IntoIterator<Item = &'a str>) -> Result<()> {
    let anew = |name| [gone(name), format!("CREATE DATABASE {name}")];
    sql(&names.into_iter().flat_map(anew).collect::<Vec<_>>())
}

/// Removes databases, if there is a server.
pub fn drop_all<'a>(names: impl IntoIterator<Item = &'a str>) -> Result<()> {
    sql(&names.into_iter().map(gone).collect::<Vec<_>>())
}

fn gone(name: &str) -> String {
    format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)")
}

/// Runs statements, each a transaction, by one client: to start one costs more than most statements.
fn sql(statements: &[String]) -> Result<()> {
    let Some(server) = server() else { return Ok(()) };
    let status = Command::new("psql")
        .args(["--no-psqlrc", "--quiet", "--set", "ON_ERROR_STOP=1", "--dbname", &server])
        .args(statements.iter().flat_map(|text| ["--command", text]))
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()?;
    if !status.success() {
        bail!("psql: {}: {status}", statements.join("; "));
    }
    Ok(())
}
