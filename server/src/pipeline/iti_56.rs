//! ITI-56 Patient Location Query. This community announces to nobody that it knows where else persons are known
//! (`NotHealthDataLocator`), and says so to whoever asks all the same.

use super::exchange::Exchange;
use super::work::Work;
use renkei_gateway::responding::discovery::told::NO_LOCATIONS;
use renkei_hl7v3::{Rule, iti56};
use renkei_soap::fault::Fault;

/// Reads the query and refuses it by name.
pub(super) async fn run(mut exchange: Exchange<'_>) -> Result<Work, Fault> {
    iti56::read_request(&mut exchange.reader, &exchange.body)?;
    exchange.finish().await?;
    let Rule { id, en, fix_en, ja, fix_ja, .. } = &NO_LOCATIONS;
    Err(Fault::sender(format!("{en}: {fix_en} ({id})."), format!("{ja}。{fix_ja}({id})。")))
}
