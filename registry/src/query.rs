//! Registry Stored Query (ITI TF-2: 3.18), the same between communities (ITI TF-2: 3.38) and Multi-Patient Stored
//! Query (ITI TF-2: 3.51): what is asked is read, found, recorded, and shown as ebRIM.
//!
//! [`find`] is the verb below: it takes a query and a scope, whoever made them, and gives typed
//! [`hits`]; [`ebrim`] is one way to show these.

mod ebrim;
mod find;
mod hits;
mod nobody;

pub use ebrim::AnswerBroken;
pub(crate) use hits::read_object;
pub use hits::{Hit, Hits, HitsBroken};

use crate::{Registry, failure, rules};
use bytes::Bytes;
use futures_util::stream::{self, BoxStream, StreamExt};
use renkei_atna::sink::NotRecorded;
use renkei_context::{Action, Ctx, within};
use renkei_metadata::finding::{Finding, Reporter};
use renkei_metadata::ids::PatientId;
use renkei_xds::catalogue::{self, StoredQuery};
use renkei_xds::iti18::AdhocQuery;
use renkei_xds::response::{RegistryError, RegistryResponse, Status};
use renkei_xds::transaction::{ITI_18, ITI_38, ITI_51, Transaction};

/// The answer to a query.
pub struct QueryAnswer {
    /// How it ended.
    pub status: Status,
    /// Errors and warnings.
    pub errors: Vec<RegistryError>,
    /// The content of rim:RegistryObjectList in pieces; the prefix `rim` is declared around it.
    pub body: BoxStream<'static, Result<Bytes, AnswerBroken>>,
}

/// Of which community objects are told to be.
#[derive(Clone, Copy)]
enum Told {
    /// Of the one that they were registered with.
    AsRegistered,
    /// Of this one.
    OfThisCommunity,
}

impl Registry {
    /// Answers a stored query (ITI-18). The audit record is durable when this returns.
    ///
    /// An unknown patient has no documents: Success and an empty list, with a warning that says so.
    pub async fn query(&self, ctx: &Ctx, query: &AdhocQuery) -> QueryAnswer {
        self.answer(ctx, &ITI_18, Told::AsRegistered, query, Vec::new()).await
    }

    /// The same for the Initiating Gateway that it is grouped with, whose answer holds the objects of
    /// several communities: these are told to be of this one (ITI TF-2: 3.18.4.1.3).
    pub async fn query_beside(&self, ctx: &Ctx, query: &AdhocQuery) -> QueryAnswer {
        self.answer(ctx, &ITI_18, Told::OfThisCommunity, query, Vec::new()).await
    }

    /// Answers a stored query of another community (ITI-38), or refuses it for what its gateway found
    /// wrong. Objects are told to be of this community, whatever they were submitted as: it is here that
    /// they can be asked for again (ITI TF-2: 3.38.4.1.3).
    pub async fn query_across(
        &self,
        ctx: &Ctx,
        query: &AdhocQuery,
        wrong: Vec<Finding>,
    ) -> QueryAnswer {
        self.answer(ctx, &ITI_38, Told::OfThisCommunity, query, wrong).await
    }

    /// Answers a stored query for several patients, or none (ITI-51). There is an audit record for
    /// each patient that it names, all durable when this returns.
    pub async fn query_patients(&self, ctx: &Ctx, query: &AdhocQuery) -> QueryAnswer {
        self.answer(ctx, &ITI_51, Told::AsRegistered, query, Vec::new()).await
    }

    async fn answer(
        &self,
        ctx: &Ctx,
        transaction: &'static Transaction,
        told: Told,
        query: &AdhocQuery,
        wrong: Vec<Finding>,
    ) -> QueryAnswer {
        let most = self.inner.limits.query_values;
        let checked = catalogue::parse_within(transaction, query, most);
        let patients: Vec<PatientId> =
            checked.value.as_ref().map(|q| q.patients().to_vec()).unwrap_or_default();
        let result = match checked.accept() {
            _ if !wrong.is_empty() => Err(wrong),
            Ok((stored, warnings)) => match self.found(ctx, transaction, told, &stored).await {
                Ok((body, further)) => Ok((body, [warnings, further].concat())),
                Err(findings) => Err([warnings, findings].concat()),
            },
            Err(findings) => Err(findings),
        };
        let findings = match &result {
            Ok((_, findings)) | Err(findings) => findings,
        };
        for record in self.query_records(ctx, transaction, query, &patients, findings) {
            if let Err(error) = self.inner.sink.record(record).await {
                return self.not_answered(ctx, transaction, &error).await;
            }
        }
        match result {
            Ok((body, warnings)) => {
                #[cfg(test)]
                crate::tests::samples::seen(warnings.iter().map(|f| f.rule.id));
                let response = RegistryResponse::success(&warnings, Reporter::Registry);
                QueryAnswer { status: response.status, errors: response.errors, body }
            }
            Err(findings) => refused(&findings),
        }
    }

    /// What is not on record is not shown.
    async fn not_answered(
        &self,
        ctx: &Ctx,
        transaction: &'static Transaction,
        error: &NotRecorded,
    ) -> QueryAnswer {
        tracing::error!(%error, "the audit record of a query was not kept");
        let refusal = [Finding::new(&rules::NOT_ANSWERED, "AdhocQuery")];
        if matches!(error, NotRecorded::TooLong(_)) {
            for record in self.query_records(ctx, transaction, &without_text(), &[], &refusal) {
                self.record(record).await;
            }
        }
        refused(&refusal)
    }

    async fn found(
        &self,
        ctx: &Ctx,
        transaction: &'static Transaction,
        told: Told,
        query: &StoredQuery,
    ) -> Result<(BoxStream<'static, Result<Bytes, AnswerBroken>>, Vec<Finding>), Vec<Finding>> {
        let scope = within(ctx, Action::See);
        let mut hits = self.find(ctx, query, &scope).await?;
        // Other communities are told by the policy of the gateway, and an answer of several communities says nothing
        // of who is unknown in one of them. One who has documents is known.
        let is_own = transaction.id != ITI_38.id && matches!(told, Told::AsRegistered);
        let is_told = is_own && (hits.count() == 0 || query.patients().len() > 1);
        let nobodies = match is_told {
            true => self.nobodies(&scope, query.patients(), query.def.name).await?,
            false => Vec::new(),
        };
        match told {
            Told::AsRegistered => {}
            Told::OfThisCommunity => hits = hits.of_this_community(),
        }
        let body = ebrim::stream(hits).await;
        Ok((body.map_err(|e| vec![failure::of_search(&e, query.def.name)])?, nobodies))
    }
}

/// What the record of a query says that is too long to be recorded.
fn without_text() -> AdhocQuery {
    AdhocQuery { id: String::new(), return_type: String::new(), home: None, params: Vec::new() }
}

fn refused(findings: &[Finding]) -> QueryAnswer {
    #[cfg(test)]
    crate::tests::samples::seen(findings.iter().map(|f| f.rule.id));
    let response = RegistryResponse::failure(findings, Reporter::Registry);
    QueryAnswer { status: response.status, errors: response.errors, body: stream::empty().boxed() }
}
