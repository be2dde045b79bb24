//! On-Demand documents beside those of the repository: what the repository does not have may be one,
//! and what was submitted may give a person one.

use crate::actors::OnDemandSource;
use renkei_context::{Caller, Ctx, Role};
use renkei_metadata::finding::Finding;
use renkei_metadata::ids::PatientId;
use renkei_on_demand::{Audience, DocumentResponse};
use renkei_repository::{Retrieved, rules};
use renkei_xds::iti43::DocumentRequest;
use std::collections::HashMap;
use std::sync::Arc;

/// The name under which On-Demand entries are made on the way.
const NAME: &str = "on-demand-source";

/// The documents that were made for an answer, one for each request: a document asked for twice is
/// made once. What is said of them takes the place of what the repository said.
pub(super) async fn made(
    ctx: &Ctx,
    source: Option<&OnDemandSource>,
    asked: &[DocumentRequest],
    retrieved: &mut Retrieved,
) -> Vec<DocumentResponse> {
    let Some(OnDemandSource { source, .. }) = source else { return Vec::new() };
    let unknown: Vec<&str> = retrieved
        .findings
        .iter()
        .filter(|finding| finding.rule.id == rules::UNKNOWN_DOCUMENT.id)
        .map(|finding| finding.location.as_str())
        .collect();
    let wanted: Vec<&DocumentRequest> = asked
        .iter()
        .filter(|r| source.is(&r.repository) && unknown.contains(&r.unique_id.as_str()))
        .collect();
    let mut outcomes: HashMap<&str, Result<Option<DocumentResponse>, Box<Finding>>> =
        HashMap::new();
    for request in &wanted {
        if !outcomes.contains_key(request.unique_id.as_str()) {
            let outcome = source.retrieve(ctx, request).await;
            outcomes.insert(request.unique_id.as_str(), outcome);
        }
    }
    let told = |finding: Finding| match outcomes.get(finding.location.as_str()) {
        Some(Ok(Some(_))) if finding.rule.id == rules::UNKNOWN_DOCUMENT.id => None,
        Some(Err(other)) if finding.rule.id == rules::UNKNOWN_DOCUMENT.id => {
            Some((**other).clone())
        }
        _ => Some(finding),
    };
    retrieved.findings =
        std::mem::take(&mut retrieved.findings).into_iter().filter_map(told).collect();
    let given = |request: &&DocumentRequest| match outcomes.get(request.unique_id.as_str()) {
        Some(Ok(Some(given))) => {
            Some(DocumentResponse { request: (*request).clone(), ..given.clone() })
        }
        Some(Ok(None) | Err(_)) | None => None,
    };
    wanted.iter().filter_map(given).collect()
}

/// Sees to it that the people of a submission have their On-Demand entries, where the house is set so.
/// The submission is registered by then: what fails here is done with the next one.
pub(super) async fn announce(
    ctx: &Ctx,
    source: &OnDemandSource,
    readers: Vec<(PatientId, Audience)>,
) {
    // Who has documents is the house's to know, whoever submitted one.
    let ctx = &ctx.by_house(Arc::new(Caller::internal(NAME)), Role::Repository, &ctx.endpoint);
    for (patient, audience) in readers {
        if let Err(error) = source.source.ensure(ctx, &patient, audience).await {
            tracing::warn!(%error, "an On-Demand entry was not registered");
        }
    }
}
