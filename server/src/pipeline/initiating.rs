//! ITI-18 and ITI-43 at the Initiating Gateway: our own community and all others as one.

use super::answer::{Answer, Body, BrokenOff, Record};
use super::documents::Documents;
use super::exchange::Exchange;
use super::iti_18::result;
use super::unfinished::Unfinished;
use super::work::Work;
use super::{audit, iti_18, iti_43};
use crate::actors::OnDemandSource;
use bytes::Bytes;
use futures_util::stream::{self, StreamExt, TryStreamExt};
use renkei_atna::build;
use renkei_atna::record::Outcome;
use renkei_context::Ctx;
use renkei_gateway::incoming::Share;
use renkei_gateway::initiating::{Answered, Gateway, Sorted, said};
use renkei_gateway::responding::{Responding, Retrieved};
use renkei_metadata::finding::{Checked, Finding};
use renkei_metadata::ids::RepositoryUniqueId;
use renkei_repository::Repository;
use renkei_soap::document::Document;
use renkei_soap::fault::Fault;
use renkei_xds::catalogue::QUERY_VALUES;
use renkei_xds::iti18::{self, AdhocQuery};
use renkei_xds::iti43::{self, DocumentPart, DocumentRequest};
use renkei_xds::response::{RegistryResponse, Status, errors_of};
use renkei_xds::transaction::{ITI_18, ITI_43};

/// Reads the query and has everybody asked whom it is for.
pub(super) async fn query(mut exchange: Exchange<'_>) -> Result<Work, Fault> {
    let (reader, body) = (&mut exchange.reader, &exchange.body);
    let query = iti18::read_request_within(&ITI_18, reader, body, QUERY_VALUES)?;
    exchange.finish().await?;
    let gateway = exchange.house.initiating.clone().ok_or_else(Fault::endpoint_unavailable)?;
    let ctx = exchange.ctx;
    Ok(Work::new(&ctx.clone(), async move {
        let Answered { status, errors, objects, patients, said } =
            gateway.query(&ctx, &query).await;
        let patients: Vec<String> = patients.iter().map(ToString::to_string).collect();
        let response = RegistryResponse { status, errors };
        let records = query_records(&query, &patients, &response);
        let objects = stream::iter([Ok(Bytes::from(objects))]).boxed_local();
        let headers = said::header(&said).into_iter().collect();
        Ok(Answer { records, headers, ..iti_18::answer(status, &response.errors, objects) })
    }))
}

/// As the Document Registry that it is for whoever asks (ITI TF-2: 3.18.5.1, 3.38.5.1): a record for each
/// patient, and one more when a part is missing.
fn query_records(
    query: &AdhocQuery,
    patients: &[String],
    response: &RegistryResponse,
) -> Vec<Record> {
    let spec = &ITI_18.audit;
    let (xml, home) = (query.xml(), query.home.as_deref());
    let asked = build::stored_query(spec.code, spec.text, &query.id, &xml, home);
    let about: Vec<_> = match patients {
        [] => vec![vec![asked]],
        _ => patients.iter().map(|cx| vec![build::patient(cx), asked.clone()]).collect(),
    };
    let mut outcomes = Vec::new();
    if response.status != Status::Failure {
        outcomes.push((Outcome::Success, None));
    }
    if response.status != Status::Success {
        outcomes.push((Outcome::SeriousFailure, audit::codes(&response.errors)));
    }
    let mut records = Vec::new();
    for (outcome, description) in outcomes {
        let record = |objects| Record { outcome, objects, description: description.clone() };
        records.extend(about.iter().cloned().map(record));
    }
    records
}

/// Opens our own documents, has the others' announced, and streams all.
pub(super) async fn retrieve(mut exchange: Exchange<'_>) -> Result<Work, Fault> {
    let limits = &exchange.house.limits;
    let (reader, body) = (&mut exchange.reader, &exchange.body);
    let requests = iti43::read_request_within(&ITI_43, reader, body, limits)?;
    exchange.finish().await?;
    let house = exchange.house;
    let gateway = house.initiating.clone().ok_or_else(Fault::endpoint_unavailable)?;
    let here = Here {
        repository: house.repository.clone().ok_or_else(Fault::endpoint_unavailable)?,
        source: house.on_demand.clone(),
        beside: house.responding.clone(),
    };
    let ctx = exchange.ctx;
    let unfinished = Unfinished::of(house, &ctx, &ITI_43);
    Ok(Work::new(&ctx.clone(), async move {
        Ok(answer(&ctx, &gateway, &here, requests, unfinished).await)
    }))
}

/// Who has our own documents.
struct Here {
    repository: Repository,
    source: Option<OnDemandSource>,
    /// Asks the other repositories of this community.
    beside: Option<Responding>,
}

impl Here {
    fn has(&self, id: &RepositoryUniqueId) -> bool {
        id == self.repository.unique_id()
            || self.source.as_ref().is_some_and(|s| s.source.is(id))
            || self.is_beside(id)
    }

    fn is_beside(&self, id: &RepositoryUniqueId) -> bool {
        self.beside.as_ref().is_some_and(|gateway| gateway.asks(id))
    }

    /// What the other repositories of this community send.
    async fn fetched(
        &self,
        ctx: &Ctx,
        asked: Vec<DocumentRequest>,
        share: Option<&Share>,
    ) -> Option<Retrieved> {
        let gateway = self.beside.as_ref().filter(|_| !asked.is_empty())?;
        let home = |r: &DocumentRequest| DocumentRequest {
            home: Some(gateway.home().clone()),
            ..r.clone()
        };
        let requests = asked.iter().map(home).collect();
        let mut retrieved = gateway.retrieve(ctx, Checked::good(requests), share).await;
        for part in &mut retrieved.parts {
            // As in the request (ITI TF-2: 3.43.4.2.2).
            let home = part.request.home.take();
            part.request.home = home.filter(|_| !asked.contains(&part.request));
        }
        Some(retrieved)
    }
}

async fn answer(
    ctx: &Ctx,
    gateway: &Gateway,
    here: &Here,
    requests: Checked<Vec<DocumentRequest>>,
    unfinished: Unfinished,
) -> Answer {
    let asked = requests.value.unwrap_or_default();
    let sorted = gateway.sort(ctx, &asked, |id| here.has(id));
    let Sorted { own, elsewhere, findings } = gateway.entitled(ctx, sorted).await;
    let (fetching, own): (Vec<_>, Vec<_>) =
        own.into_iter().partition(|r| here.is_beside(&r.repository));
    let here_too = [&own, &fetching].into_iter().filter(|asked| !asked.is_empty()).count();
    let share = (here_too + elsewhere.len() > 1).then(|| gateway.share(ctx));
    let ours = async {
        let opened = iti_43::opened(&ITI_43, ctx, &here.repository, here.source.as_ref(), &own);
        let Some(share) = &share else { return opened.await };
        let opened = tokio::time::timeout_at(share.deadline().into(), opened).await;
        opened.unwrap_or_else(|_| (Vec::new(), gateway.late(&own)))
    };
    let ((opened, refused), fetched, delivery) = tokio::join!(
        ours,
        here.fetched(ctx, fetching, share.as_ref()),
        gateway.retrieve(ctx, &elsewhere, share.as_ref()),
    );
    let (mut parts, mut documents) = numbered(ctx, opened);
    let findings: Vec<Finding> =
        [requests.findings, findings, refused].into_iter().flatten().collect();
    let mut errors = errors_of(&findings, ITI_43.reporter);
    let mut arriving = Vec::new();
    if let Some(fetched) = fetched {
        parts.extend(fetched.parts);
        errors.extend(fetched.response.errors);
        documents.extend(fetched.held);
        arriving.extend(fetched.arriving);
    }
    let has_elsewhere = !arriving.is_empty() || !delivery.parts.is_empty();
    parts.extend(delivery.parts.iter().cloned());
    errors.extend(delivery.errors.iter().cloned());
    let headers = match &delivery.said[..] {
        [] => Vec::new(),
        said => said::header(said).into_iter().collect(),
    };
    let status = renkei_gateway::initiating::status(&errors, !parts.is_empty());
    let response = RegistryResponse { status, errors };
    let given: Vec<&DocumentRequest> = parts.iter().map(|part| &part.request).collect();
    let object = |request: &DocumentRequest| {
        let home = request.home.as_ref().map(|home| home.as_str());
        build::document(request.unique_id.as_str(), request.repository.as_str(), home)
    };
    let records = iti_43::records(&asked, &given, &response, object);
    unfinished.expect(&parts, object);
    let documents = if has_elsewhere {
        let own = stream::iter(documents.into_iter().map(Ok));
        let (tell, fetched_tell) = (unfinished.teller(), unfinished.teller());
        let fetched = stream::iter(arriving).flat_map(move |i| i.documents(fetched_tell.clone()));
        let others = fetched.chain(delivery.documents(tell)).map_err(BrokenOff);
        Documents::Arriving(own.chain(others).boxed_local())
    } else {
        Documents::Known(documents)
    };
    let result = result(status);
    let body = Body::whole(move |w| iti43::write_response(w, &response, &parts));
    Answer { body, documents: unfinished.watch(documents), records, headers, result }
}

/// Our own documents under Content-IDs of their own.
fn numbered(
    ctx: &Ctx,
    opened: Vec<(DocumentPart, Document)>,
) -> (Vec<DocumentPart>, Vec<(String, Document)>) {
    let named = (1..).zip(opened).map(|(number, (part, document))| {
        let content_id = format!("document{number}@{}", ctx.request_id);
        (DocumentPart { content_id: content_id.clone(), ..part }, (content_id, document))
    });
    named.unzip()
}
