//! What whoever asks may have of the other repositories of this community, which let the gateway in and
//! know nothing of whom it asks for.

use super::{Responding, Untold, rules};
use renkei_context::{Action, Ctx, Scope, within};
use renkei_metadata::finding::{Finding, Rule};
use renkei_metadata::ids::{RepositoryUniqueId, UniqueId};
use renkei_xds::iti43::DocumentRequest;

impl Responding {
    /// The requests for documents of `repository` of which whoever asks may know. What they may not know of
    /// is not there: it is told as what nobody ever registered.
    pub(super) async fn permitted(
        &self,
        ctx: &Ctx,
        repository: &RepositoryUniqueId,
        requests: Vec<DocumentRequest>,
        findings: &mut Vec<Finding>,
    ) -> Vec<DocumentRequest> {
        if within(ctx, Action::See) == Scope::Everything {
            return requests;
        }
        let ids: Vec<UniqueId> = requests.iter().map(|r| r.unique_id.clone()).collect();
        let opened = match self.inner.registry.opens(ctx, repository, &ids).await {
            Ok(opened) => opened,
            Err(untold) => {
                let rule = match untold {
                    Untold::Busy(_) => &rules::REGISTRY_BUSY,
                    Untold::Failed(_) => &rules::REGISTRY_SILENT,
                };
                findings.extend(requests.iter().map(|request| on(rule, request)));
                return Vec::new();
            }
        };
        let (opened, hidden): (Vec<_>, Vec<_>) =
            requests.into_iter().partition(|r| opened.contains(r.unique_id.as_str()));
        findings.extend(hidden.iter().map(|request| on(&rules::UNKNOWN_DOCUMENT, request)));
        opened
    }
}

fn on(rule: &'static Rule, request: &DocumentRequest) -> Finding {
    let id = request.unique_id.as_str();
    let finding = Finding::new(rule, format!("Document {id}"));
    finding.attribute("DocumentUniqueId").value(id).location(id)
}
