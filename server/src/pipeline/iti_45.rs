//! ITI-45 PIXV3 Query: by which identifiers other domains know a person (ITI TF-2: 3.45.4.2.3).

use super::answer::{Answer, Body, Record};
use super::exchange::Exchange;
use super::iti_55::rows;
use super::reach::Reach;
use super::work::Work;
use crate::actors::Persons;
use renkei_atna::build;
use renkei_atna::record::{Object, Outcome as Ending};
use renkei_context::Ctx;
use renkei_hl7v2::authorities::Authorities;
use renkei_hl7v3::acknowledgement::Detail;
use renkei_hl7v3::iti45::{self, Outcome, Request};
use renkei_hl7v3::query::QueryCopy;
use renkei_hl7v3::{InstanceId, Read, Refusal, Time, told};
use renkei_identity::{CrossReference, CrossReferences};
use renkei_metadata::ids::{Oid, PatientId};
use renkei_person::Identifier;
use renkei_soap::fault::Fault;
use renkei_xds::transaction::{ITI_45, Transaction};

/// Reads the query, has the identifiers of the person looked up, and answers.
pub(super) async fn run(mut exchange: Exchange<'_>) -> Result<Work, Fault> {
    let house = exchange.house;
    let persons = house.persons.clone().ok_or_else(Fault::endpoint_unavailable)?;
    let authorities = house.authorities.clone();
    let reach = Reach::of(house, &exchange.ctx);
    let read = Request::read(&mut exchange.reader, &exchange.body);
    if let Err(Refusal::Fault(fault)) = read {
        return Err(fault);
    }
    exchange.finish().await?;
    let ctx = exchange.ctx;
    match read {
        Ok(Read { message, .. }) => Ok(Work::new(&ctx.clone(), async move {
            let mut found = found(&ctx, &persons, &reach, &message).await;
            if let Known::Here(ids) = &mut found {
                reach.narrow(ids, None, authorities.own());
            }
            Ok(answer(&ctx, &authorities, &message, found))
        })),
        Err(refusal) => refused(&ctx, refusal),
    }
}

/// What is known, or what is to be said instead, with the row for auditors.
enum Known {
    Here(Vec<PatientId>),
    Refused(Vec<Detail>, &'static str),
}

async fn found(ctx: &Ctx, persons: &Persons, reach: &Reach, asked: &Request) -> Known {
    let patient = &asked.patient.id;
    if let Some(detail) = reach.refuses([patient].into_iter(), Request::patient_place()) {
        return Known::Refused(vec![detail], told::NOT_OWN_DOMAIN.id);
    }
    let domains: Vec<Oid> = asked.domains.iter().map(|domain| domain.id.clone()).collect();
    match persons.cross_reference(ctx, patient, &domains).await {
        Ok(references) => known(asked, references),
        Err(error) => {
            tracing::error!(%error, "a query for identifiers was not answered");
            Known::Refused(vec![failed()], told::FAILED.id)
        }
    }
}

/// Cases 4 and 5: each identifier and domain that is unknown, with its place.
fn known(asked: &Request, references: CrossReferences) -> Known {
    let CrossReferences { of, unknown } = references;
    let unknown = unknown.iter().filter_map(|at| asked.domains.get(*at));
    let mut details: Vec<Detail> =
        unknown.map(|domain| unknown_domain(&domain.id, Request::domain_place(domain))).collect();
    let (row, place) = (&told::PATIENT_UNKNOWN, Request::patient_place());
    match of {
        CrossReference::Known(ids) if details.is_empty() => return Known::Here(ids),
        CrossReference::Known(_) => return Known::Refused(details, told::DOMAIN_UNKNOWN.id),
        CrossReference::UnknownId => {
            details.push(told::detail(row, "", Some(place)));
        }
        CrossReference::UnknownDomain => {
            details.push(unknown_domain(&asked.patient.id.authority, place));
            return Known::Refused(details, told::DOMAIN_UNKNOWN.id);
        }
    }
    Known::Refused(details, row.id)
}

/// A domain of which nothing is known here.
pub(super) fn unknown_domain(domain: &Oid, place: String) -> Detail {
    told::detail(&told::DOMAIN_UNKNOWN, domain.as_str(), Some(place))
}

/// It could not be told.
pub(super) fn failed() -> Detail {
    told::detail(&told::FAILED, "", None)
}

/// The identifier with the name of its authority, which a manager has to tell (ITI TF-2: E.2).
pub(super) fn named(authorities: &Authorities, id: PatientId) -> Identifier {
    let authority_name = Some(authorities.name_of(&id.authority));
    Identifier { id, authority_name }
}

fn answer(ctx: &Ctx, authorities: &Authorities, asked: &Request, known: Known) -> Answer {
    let query = query(&ITI_45, &asked.query_id, &asked.copy);
    let objects = vec![build::patient(&asked.patient.id.to_string()), query];
    let (outcome, details, record) = match known {
        Known::Here(ids) => {
            let identifiers: Vec<_> = ids.into_iter().map(|id| named(authorities, id)).collect();
            let outcome = match identifiers.is_empty() {
                true => Outcome::NotFound,
                false => Outcome::Found { identifiers, names: Vec::new() },
            };
            let record = Record { outcome: Ending::Success, objects, description: None };
            (outcome, Vec::new(), record)
        }
        // Nobody is known of whom the record could tell.
        Known::Refused(details, row) => {
            let objects = objects.into_iter().skip(1).collect();
            let description = Some(row.to_owned());
            let record = Record { outcome: Ending::SeriousFailure, objects, description };
            (Outcome::Error, details, record)
        }
    };
    let result = if outcome == Outcome::Error { "failure" } else { "success" };
    let (id, created) = (InstanceId::new(ctx.ids.new_uuid()), Time::at(ctx.now().fixed_offset()));
    let told = iti45::Answer::to(asked, outcome, details, id, created);
    whole(told, vec![record], result)
}

fn whole(told: iti45::Answer, records: Vec<Record>, result: &'static str) -> Answer {
    Answer::whole(Body::whole(move |w| told.write(w)), records, result)
}

fn refused(ctx: &Ctx, refusal: Refusal) -> Result<Work, Fault> {
    let answerable = match refusal {
        Refusal::Fault(fault) => return Err(fault),
        Refusal::Answerable(answerable) => answerable,
    };
    let (id, created) = (InstanceId::new(ctx.ids.new_uuid()), Time::at(ctx.now().fixed_offset()));
    let Some(told) = iti45::Answer::refusing(&answerable, id, created) else {
        return Err(Refusal::Answerable(answerable).into_fault());
    };
    let asked = answerable.query.as_ref().map(|(asked, copy)| query(&ITI_45, &asked.id, copy));
    let record = Record {
        outcome: Ending::SeriousFailure,
        objects: asked.into_iter().collect(),
        description: Some(rows(&answerable.problems)),
    };
    let answer = whole(told, vec![record], "failure");
    Ok(Work::new(ctx, async move { Ok(answer) }))
}

/// The query for auditors (ITI TF-2: 3.45.5.1, 3.47.5.1).
pub(super) fn query(transaction: &Transaction, id: &InstanceId, copy: &QueryCopy) -> Object {
    let id = match id.extension() {
        Some(extension) => format!("{}^{extension}", id.root()),
        None => id.root().to_owned(),
    };
    let audit = &transaction.audit;
    build::stored_query(audit.code, audit.text, &id, copy.as_xml(), None)
}
