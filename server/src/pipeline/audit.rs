//! Our side's record of an exchange, durable before the answer leaves.

use super::answer::Record;
use crate::house::House;
use renkei_atna::sink::NotRecorded;
use renkei_audit::AuditContext;
use renkei_context::Ctx;
use renkei_xds::response::{RegistryError, codes_of};
use renkei_xds::transaction::Transaction;

/// Writes `records` to the audit journal and waits until they are durable.
pub(super) async fn write(
    house: &House,
    ctx: &Ctx,
    transaction: &Transaction,
    records: Vec<Record>,
) -> Result<(), NotRecorded> {
    let own = AuditContext { local: house.local.clone() };
    for record in records {
        let Record { outcome, objects, description } = record;
        let record = own.server(ctx, &transaction.audit, outcome, objects, description);
        house.audit.record(record).await?;
    }
    Ok(())
}

/// The codes of the errors, for EventOutcomeDescription; never their values.
pub(super) fn codes(errors: &[RegistryError]) -> Option<String> {
    let codes = codes_of(errors);
    (!codes.is_empty()).then(|| codes.join(" "))
}
