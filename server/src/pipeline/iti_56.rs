//! ITI-56 Patient Location Query, at the responding side (XCPD supplement, Health Data Locator option).

use super::answer::{Answer, Body, Record};
use super::documents::Documents;
use super::exchange::Exchange;
use super::work::Work;
use renkei_atna::build;
use renkei_atna::record::{Object, Outcome as Ending};
use renkei_gateway::responding::discovery::told::{BUSY, UNLOCATED};
use renkei_hl7v3::Rule;
use renkei_hl7v3::iti56::{self, Location};
use renkei_person::Identifier;
use renkei_soap::fault::{Fault, FaultCode};
use renkei_soap::xml::Writer;

/// Reads the query, and tells which communities hold data of the person: this one, and those that told that
/// they know them. A query that is not answered so is a fault: the answer has no place for a reason.
pub(super) async fn run(mut exchange: Exchange<'_>) -> Result<Work, Fault> {
    let discovery = exchange.house.discovery.clone().ok_or_else(Fault::endpoint_unavailable)?;
    let asked = iti56::read_request(&mut exchange.reader, &exchange.body)?.message;
    exchange.finish().await?;
    let ctx = exchange.ctx;
    Ok(Work::new(&ctx.clone(), async move {
        let locations = discovery.locate(&ctx, &asked).await.map_err(fault)?;
        Ok(answer(&asked, locations))
    }))
}

fn answer(asked: &Identifier, locations: Vec<Location>) -> Answer {
    let record = Record { outcome: Ending::Success, objects: objects(asked), description: None };
    Answer {
        body: Body::whole(move |w| iti56::write_response(w, &locations)),
        documents: Documents::none(),
        records: vec![record],
        headers: Vec::new(),
        result: "success",
    }
}

fn objects(asked: &Identifier) -> Vec<Object> {
    let mut query = Writer::new();
    iti56::write_request(&mut query, asked);
    build::location_query(&asked.id.to_string(), &query.finish())
}

fn fault(row: &'static Rule) -> Fault {
    let Rule { id, en, fix_en, ja, fix_ja, .. } = row;
    let (en, ja) = (format!("{en}: {fix_en} ({id})."), format!("{ja}。{fix_ja}({id})。"));
    // What failed here is no mistake of whoever asks.
    let ours = [&UNLOCATED, &BUSY].iter().any(|own| std::ptr::eq(row, *own));
    Fault::new(if ours { FaultCode::Receiver } else { FaultCode::Sender }, en, ja)
}
