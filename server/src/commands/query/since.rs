//! What was submitted since a moment.
//!
//! SubmissionSets and Folders tell when they were submitted or changed, and have a parameter for it.
//! A document has none: it was submitted when the SubmissionSet was that brought it. Therefore the
//! documents are asked for, then the sets of their patient, then what these brought. What is new for everybody
//! is asked otherwise: by when it was registered, which a parameter of our registry tells (`--mine`).

use anyhow::bail;
use chrono::{DateTime, NaiveDate, NaiveTime, TimeDelta, Utc};
use renkei_client::{ClientError, SoapClient};
use renkei_metadata::ids::{Dtm, EntryUuid, ObjectId, PatientId};
use renkei_metadata::model::{AssociationType, ObjectKind, RegistryObject, SubmissionSetStatus};
use renkei_xds::catalogue::{ParamKind, Part, QueryDef, TimeAttribute};
use renkei_xds::iti18::{AdhocQuery, QueryBuilder, QueryResponse, ReturnType};
use renkei_xds::response::Status;
use std::collections::HashSet;
use url::Url;

/// Sets whose associations are asked for at once.
const SETS_AT_ONCE: usize = 500;

/// When documents have to have been submitted.
#[derive(Debug)]
pub(super) struct Since {
    moment: Dtm,
    patient: PatientId,
}

/// A day in Japan, where checkups are dated, or a moment.
pub(super) fn moment(text: &str) -> Result<Dtm, String> {
    let japan = TimeDelta::hours(9);
    let day = NaiveDate::parse_from_str(text, "%Y-%m-%d").ok();
    let day = day.and_then(|day| day.and_time(NaiveTime::MIN).checked_sub_signed(japan));
    let moment = || DateTime::parse_from_rfc3339(text).ok().map(|t| t.with_timezone(&Utc));
    let utc = day.or_else(|| moment().map(|t| t.naive_utc()));
    let utc = utc.map(|t| t.format("%Y%m%d%H%M%S").to_string());
    utc.and_then(|utc| Dtm::parse(&utc).ok()).ok_or_else(|| {
        "expected a day (2026-04-01) or a moment (2026-04-01T09:00:00+09:00)".to_owned()
    })
}

impl Since {
    /// Adds to a query that it is about what came since `moment`; gives what has to be asked before.
    pub(super) fn of(
        definition: &QueryDef,
        builder: QueryBuilder,
        moment: &Dtm,
        patients: &[PatientId],
    ) -> anyhow::Result<(QueryBuilder, Option<Self>)> {
        let own = definition.params.iter().find(|p| {
            matches!(p.kind, ParamKind::From(TimeAttribute::Submission | TimeAttribute::LastUpdate))
        });
        if let Some(param) = own {
            if builder.has(param.name) {
                bail!("{} が二重に指定されています / was given twice, and by --since", param.name);
            }
            return Ok((builder.time(param.name, moment), None));
        }
        let finds = definition.params.iter().any(|p| p.kind == ParamKind::PatientId);
        let documents = |part: &Part| part.kind() == ObjectKind::DocumentEntry;
        if !finds || !definition.answer.iter().all(documents) {
            bail!(
                "{} に --since はありません / {} has no --since: use FindDocuments, FindSubmissionSets or FindFolders",
                definition.name,
                definition.name
            );
        }
        let [patient] = patients else {
            bail!("--since には --patient を一つ指定してください / --since needs one --patient");
        };
        Ok((builder, Some(Self { moment: moment.clone(), patient: patient.clone() })))
    }

    /// Asks `query`, and leaves out what no such SubmissionSet brought. The first answer that is no
    /// success is the answer.
    pub(super) async fn ask(
        &self,
        client: &SoapClient,
        registry: &Url,
        query: &AdhocQuery,
    ) -> Result<QueryResponse, ClientError> {
        let mut answer = client.query(registry, query).await?;
        let brought = match self.brought(client, registry).await? {
            Ok(documents) => documents,
            Err(refused) => return Ok(refused),
        };
        answer.objects.retain(|object| id(object).is_some_and(|id| brought.contains(id)));
        Ok(answer)
    }

    /// What the SubmissionSets of the patient brought, or the answer that is no success.
    async fn brought(
        &self,
        client: &SoapClient,
        registry: &Url,
    ) -> Result<Result<HashSet<ObjectId>, QueryResponse>, ClientError> {
        let sets = QueryBuilder::find_submission_sets(&self.patient)
            .time("$XDSSubmissionSetSubmissionTimeFrom", &self.moment)
            .returning(ReturnType::ObjectRef);
        let sets = client.query(registry, &sets.build()).await?;
        if sets.status != Status::Success {
            return Ok(Err(QueryResponse { objects: Vec::new(), ..sets }));
        }
        let sets: Vec<EntryUuid> = sets.objects.iter().filter_map(|o| id(o)?.uuid()).collect();
        let mut brought = HashSet::new();
        for sets in sets.chunks(SETS_AT_ONCE) {
            let links = QueryBuilder::get_associations(sets).build();
            let links = client.query(registry, &links).await?;
            if links.status != Status::Success {
                return Ok(Err(QueryResponse { objects: Vec::new(), ..links }));
            }
            brought.extend(links.objects.into_iter().filter_map(member));
        }
        Ok(Ok(brought))
    }
}

/// What a SubmissionSet brought, and did not only refer to.
fn member(object: RegistryObject) -> Option<ObjectId> {
    let RegistryObject::Association(link) = object else { return None };
    let own = link.association_type == AssociationType::HasMember
        && link.submission_set_status == Some(SubmissionSetStatus::Original);
    own.then_some(link.target)
}

fn id(object: &RegistryObject) -> Option<&ObjectId> {
    match object {
        RegistryObject::Entry(e) => Some(&e.id),
        RegistryObject::Ref(id, _) => Some(id),
        RegistryObject::SubmissionSet(_)
        | RegistryObject::Folder(_)
        | RegistryObject::Association(_) => None,
    }
}
