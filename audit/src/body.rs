//! The body of a row: a record as JSON, compressed, sealed for its table and id.

use crate::error::AuditError;
use chrono::{DateTime, Utc};
use renkei_atna::record::AuditRecord;
use renkei_sealing::Sealer;

/// `limits.audit_record_bytes`: the longest record. A query of a record is cut long before.
pub(crate) const MAX_BYTES: usize = 16 << 20;

/// The first byte of a body; another dictionary or encoding is another format.
const FORMAT: u8 = 1;

/// What most records have in common. Never changed: it opens every record of format 1.
const DICTIONARY: &[u8] = include_bytes!("dictionary-1.json");

/// Seals a record for a row of `table`.
pub(crate) fn seal(
    sealer: &Sealer,
    table: &str,
    record: &AuditRecord,
) -> Result<Vec<u8>, AuditError> {
    let json = serde_json::to_vec(record).map_err(|_| AuditError::Format)?;
    if json.len() > MAX_BYTES {
        return Err(AuditError::TooLong(json.len()));
    }
    let context = context(table, &record.id.to_string());
    let sealed = sealer.seal_compressed(&context, &json, DICTIONARY)?;
    let mut body = Vec::with_capacity(sealed.len() + 1);
    body.push(FORMAT);
    body.extend(sealed);
    Ok(body)
}

/// Opens the row `id` of `table`.
pub(crate) fn open(
    sealer: &Sealer,
    table: &str,
    id: &str,
    body: &[u8],
) -> Result<AuditRecord, AuditError> {
    let sealed = match body.split_first() {
        Some((&FORMAT, sealed)) => sealed,
        _ => return Err(AuditError::Format),
    };
    let json = sealer.open_compressed(&context(table, id), sealed, DICTIONARY, MAX_BYTES)?;
    serde_json::from_slice(&json).map_err(|_| AuditError::Format)
}

fn context(table: &str, id: &str) -> Vec<u8> {
    format!("{table}/{id}").into_bytes()
}

/// A time as the tables keep it: text that sorts as time does.
pub(crate) fn time(at: DateTime<Utc>) -> String {
    at.format("%Y-%m-%dT%H:%M:%S%.6fZ").to_string()
}
