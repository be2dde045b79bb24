//! The administrator's listener, read by hand: it is plain HTTP.

use crate::Renkei;
use anyhow::{Context, Result};
use std::collections::BTreeMap;
use std::io::{Read, Write};
use std::net::TcpStream;

/// Status and body of a resource of the administrator's listener.
pub fn admin(renkei: &Renkei, path: &str) -> Result<(u16, String)> {
    admin_at(renkei.ready.endpoints.admin.as_deref().context("no admin listener")?, path)
}

/// The same of a listener at this URL.
pub fn admin_at(url: &str, path: &str) -> Result<(u16, String)> {
    let address = url.strip_prefix("http://").context("not plain HTTP")?;
    let mut tcp = TcpStream::connect(address)?;
    write!(tcp, "GET {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n")?;
    let mut text = String::new();
    tcp.read_to_string(&mut text)?;
    let status = text.split(' ').nth(1).and_then(|s| s.parse().ok()).context("no status")?;
    let (_, body) = text.split_once("\r\n\r\n").context("no body")?;
    Ok((status, body.to_owned()))
}

/// The counter of this name, by its labels as written.
pub fn counters(renkei: &Renkei, name: &str) -> Result<BTreeMap<String, f64>> {
    let (_, text) = admin(renkei, "/metrics")?;
    let mut found = BTreeMap::new();
    for line in text.lines().filter(|l| !l.starts_with('#')) {
        let Some((series, value)) = line.rsplit_once(' ') else { continue };
        let (series, labels) = series.split_once('{').unwrap_or((series, "}"));
        if series.strip_suffix("_total").unwrap_or(series) == name {
            found.insert(labels.trim_end_matches('}').to_owned(), value.parse()?);
        }
    }
    Ok(found)
}

/// How often each tolerance was counted for a peer.
pub fn tolerances(renkei: &Renkei, peer: &str) -> Result<BTreeMap<String, u32>> {
    let wanted = format!("peer=\"{peer}\"");
    let mut found = BTreeMap::new();
    for (labels, value) in counters(renkei, "renkei_tolerances")? {
        if labels.split(',').any(|l| l == wanted) {
            let name = labels.split("tolerance=\"").nth(1).and_then(|l| l.split('"').next());
            found.insert(name.context("no name")?.to_owned(), value as u32);
        }
    }
    Ok(found)
}
