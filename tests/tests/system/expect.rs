//! What every refusal has to look like.

use anyhow::{Context, Result, ensure};
use renkei_soap::fault::{Fault, FaultCode, rows};
use renkei_tests::reply::Reply;
use renkei_xds::response::{RegistryError, RegistryResponse, Status};

/// The codes of a response, sorted.
pub(crate) fn codes(response: &RegistryResponse) -> Vec<&str> {
    let mut codes: Vec<&str> = response.errors.iter().map(|e| e.code.as_str()).collect();
    codes.sort_unstable();
    codes
}

/// Fails unless the response is Failure with exactly these codes, in words that a person can use.
pub(crate) fn refused(response: &RegistryResponse, expected: &[&str]) -> Result<()> {
    ensure!(response.status == Status::Failure, "{response:?}");
    let found = codes(response);
    ensure!(found == expected, "expected {expected:?}, found {found:?}: {response:#?}");
    response.errors.iter().try_for_each(|e| plain(&e.context))
}

/// The one error of a refusal with this code.
pub(crate) fn refused_with<'r>(
    response: &'r RegistryResponse,
    code: &str,
) -> Result<&'r RegistryError> {
    refused(response, &[code])?;
    response.errors.first().context("no error")
}

/// Fails unless a text is in Japanese and in English and holds nothing of the inside.
pub(crate) fn plain(text: &str) -> Result<()> {
    let japanese = |c: char| matches!(c, '\u{3040}'..='\u{30ff}' | '\u{4e00}'..='\u{9fff}');
    ensure!(text.chars().any(japanese), "no Japanese: {text}");
    let english = |w: &str| w.len() > 1 && w.bytes().all(|b| b.is_ascii_lowercase());
    let words = text.split(' ').map(|w| w.trim_matches(['.', ',', ';', ':']));
    ensure!(words.filter(|w| english(w)).count() > 2, "no English: {text}");
    let inside = [
        "SELECT", "INSERT", "sqlite", "SQLite", "postgres", "diesel", ".rs", "src/", "/tmp",
        "Some(", "None", "Err(", "unwrap", "panick", "thread", " { ", "::",
    ];
    for word in inside {
        ensure!(!text.contains(word), "{word:?} in: {text}");
    }
    Ok(())
}

/// The name of a fault's row; every fault of the house has one.
pub(crate) fn row(fault: &Fault) -> Result<&'static str> {
    rows::of(fault).map(|row| row.id).with_context(|| format!("{fault:?} is of no row"))
}

/// Fails unless the reply is a fault of this code with the HTTP status that SOAP gives it; answers it.
pub(crate) fn fault(reply: &Reply, code: FaultCode) -> Result<Fault> {
    let fault = reply.fault()?;
    ensure!(fault.code == code, "{fault:?}");
    let status = match code {
        FaultCode::Sender => 400,
        FaultCode::Receiver | FaultCode::VersionMismatch | FaultCode::MustUnderstand => 500,
    };
    ensure!(reply.status == status, "HTTP {} for {fault:?}", reply.status);
    ensure!(reply.content_type.starts_with("application/soap+xml"), "{}", reply.content_type);
    row(&fault)?;
    ensure!(fault.en.is_ascii() || fault.en.contains('…'), "{}", fault.en);
    plain(&format!("{} / {}", fault.ja, fault.en))?;
    Ok(fault)
}
