//! Cross Gateway Query (ITI TF-2: 3.38).

use super::doors::in_time;
use super::rules;
use super::{Found, Known, Responding, UnknownPatient, Untold};
use renkei_context::Ctx;
use renkei_metadata::finding::Finding;
use renkei_metadata::ids::HomeCommunityId;
use renkei_xds::catalogue;
use renkei_xds::iti18::AdhocQuery;
use renkei_xds::transaction::ITI_38;

/// Where an error about the community of a query is.
const HOME: &str = "AdhocQuery/@home";

impl Responding {
    /// Answers a stored query (ITI-38), which is on record when this ends.
    pub async fn query(&self, ctx: &Ctx, query: &AdhocQuery) -> Found {
        let mut wrong: Vec<Finding> = self.wrong_home(query).into_iter().collect();
        if wrong.is_empty() {
            wrong = self.unknown_patients(ctx, query).await;
        }
        let found = self.inner.registry.query(ctx, query, wrong).await;
        Found { errors: self.located(found.errors), ..found }
    }

    /// ITI TF-2: 3.38.4.1.3: a query of another community, or one by ids that does not say whose they
    /// are. What is no homeCommunityId at all is for the registry to tell.
    fn wrong_home(&self, query: &AdhocQuery) -> Option<Finding> {
        let definition = catalogue::by_id(&ITI_38, &query.id);
        let name = definition.map_or("AdhocQuery", |d| d.name);
        let about = |rule| Finding::new(rule, name).attribute("home").location(HOME);
        match query.home.as_deref().map(str::trim) {
            None => definition.filter(|d| !d.names_patients()).map(|_| about(&rules::HOME_MISSING)),
            Some(home) if home == self.inner.home.as_str() => None,
            Some(home) => HomeCommunityId::parse(home)
                .is_ok()
                .then(|| about(&rules::UNKNOWN_COMMUNITY).value(home)),
        }
    }

    async fn unknown_patients(&self, ctx: &Ctx, query: &AdhocQuery) -> Vec<Finding> {
        let Some(stored) = catalogue::parse(query).value else { return Vec::new() };
        let mut wrong = Vec::new();
        for patient in stored.patients() {
            let known = in_time(ctx, self.inner.registry.knows(patient)).await;
            match (known, self.inner.unknown_patient) {
                (Ok(Known::Active), _) | (Ok(Known::Not), UnknownPatient::Empty) => {}
                (Ok(Known::Subsumed), _) | (Ok(Known::Not), UnknownPatient::Error) => wrong.push(
                    Finding::new(&rules::UNKNOWN_PATIENT, stored.def.name)
                        .attribute("patientId")
                        .value(patient.to_string()),
                ),
                (Err(error), _) => {
                    let request = ctx.request_id;
                    tracing::error!(%request, %error, "whether a patient is known cannot be told");
                    let rule = match error {
                        Untold::Busy(_) => &rules::REGISTRY_BUSY,
                        Untold::Failed(_) => &rules::REGISTRY_SILENT,
                    };
                    wrong.push(Finding::new(rule, stored.def.name));
                }
            }
        }
        wrong
    }
}
