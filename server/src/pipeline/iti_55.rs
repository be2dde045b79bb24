//! ITI-55 Cross Gateway Patient Discovery, at the responding side.

use super::answer::{Answer, Body, Record};
use super::documents::Documents;
use super::exchange::Exchange;
use super::work::Work;
use renkei_atna::build;
use renkei_atna::record::{Object, Outcome as Ending};
use renkei_context::Ctx;
use renkei_gateway::responding::discovery::{Discovered, Discovery};
use renkei_hl7v3::iti55::{self, Request};
use renkei_hl7v3::query::{Query, QueryCopy};
use renkei_hl7v3::{Problem, Read, Refusal};
use renkei_metadata::ids::PatientId;
use renkei_soap::fault::Fault;
use renkei_xds::transaction::ITI_55;

/// Reads the request, has the persons of this community looked through, and answers. A request that breaks a
/// rule of the transaction is answered, too: what is wrong stands in the acknowledgement
/// (ITI TF-2: 3.55.4.2.2, case 5).
pub(super) async fn run(mut exchange: Exchange<'_>) -> Result<Work, Fault> {
    let discovery = exchange.house.discovery.clone().ok_or_else(Fault::endpoint_unavailable)?;
    let read = Request::read(&mut exchange.reader, &exchange.body);
    if let Err(Refusal::Fault(fault)) = read {
        return Err(fault);
    }
    exchange.finish().await?;
    let ctx = exchange.ctx;
    match read {
        Ok(Read { message, .. }) => Ok(Work::new(&ctx.clone(), async move {
            let found = discovery.discover(&ctx, &message).await;
            Ok(answer(&discovery, &message, found))
        })),
        Err(refusal) => {
            let answer = refused(&ctx, &discovery, refusal)?;
            Ok(Work::new(&ctx, async move { Ok(answer) }))
        }
    }
}

fn answer(discovery: &Discovery, asked: &Request, found: Discovered) -> Answer {
    let record = record(discovery, asked, &found);
    let result = if found.failure.is_some() { "failure" } else { "success" };
    let headers = found.headers();
    Answer { headers, ..told(found.answer, record, result) }
}

/// What auditors are told of an answer.
pub(super) fn record(discovery: &Discovery, asked: &Request, found: &Discovered) -> Record {
    let query = query(discovery, &asked.query, &asked.copy);
    match found.failure {
        None => {
            let objects = objects(&found.patients, query);
            Record { outcome: Ending::Success, objects, description: None }
        }
        Some(row) => Record {
            outcome: Ending::SeriousFailure,
            objects: vec![query],
            description: Some(row.id.to_owned()),
        },
    }
}

fn refused(ctx: &Ctx, discovery: &Discovery, refusal: Refusal) -> Result<Answer, Fault> {
    let answerable = match refusal {
        Refusal::Fault(fault) => return Err(fault),
        Refusal::Answerable(answerable) => answerable,
    };
    let Some(answer) = discovery.refuse(ctx, &answerable) else {
        return Err(Refusal::Answerable(answerable).into_fault());
    };
    let asked = answerable.query.as_ref().map(|(asked, copy)| query(discovery, asked, copy));
    let record = Record {
        outcome: Ending::SeriousFailure,
        objects: asked.into_iter().collect(),
        description: Some(rows(&answerable.problems)),
    };
    Ok(told(answer, record, "failure"))
}

/// The rows of problems, each once.
pub(super) fn rows(problems: &[Problem]) -> String {
    let mut rows: Vec<&str> = problems.iter().map(|p| p.rule.id).collect();
    rows.sort_unstable();
    rows.dedup();
    rows.join(" ")
}

fn told(answer: iti55::Answer, record: Record, result: &'static str) -> Answer {
    let body = Body::whole(move |w| answer.write(w));
    Answer {
        body,
        documents: Documents::none(),
        records: vec![record],
        headers: Vec::new(),
        result,
    }
}

/// The responder names each patient that it tells of (ITI TF-2: 3.55.5.1.2).
fn objects(patients: &[PatientId], query: Object) -> Vec<Object> {
    let patients = patients.iter().map(|id| build::patient(&id.to_string()));
    patients.chain([query]).collect()
}

fn query(discovery: &Discovery, asked: &Query, copy: &QueryCopy) -> Object {
    let id = match asked.id.extension() {
        Some(extension) => format!("{}^{extension}", asked.id.root()),
        None => asked.id.root().to_owned(),
    };
    let home = Some(discovery.home().as_str());
    build::discovery(ITI_55.id, ITI_55.name, &id, copy.as_xml(), home)
}
