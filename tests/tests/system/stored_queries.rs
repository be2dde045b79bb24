//! ITI-18 and ITI-51: every query of the catalogue over the wire, as whole objects and as references
//! (ITI TF-2: 3.18.4.1.2.3.7, 3.51.4.1.2.1).

use crate::expect::refused;
use crate::shelf::{Shelf, event};
use anyhow::{Context, Result, ensure};
use renkei_metadata::ids::{EntryUuid, ObjectId, UniqueId};
use renkei_metadata::model::{AssociationType, AvailabilityStatus, RegistryObject};
use renkei_tests::world::REGISTRY;
use renkei_tests::{World, message, sample};
use renkei_xds::catalogue::{
    self, FIND_DOCUMENTS, FIND_DOCUMENTS_BY_REFERENCE_ID_FOR_PATIENTS, FIND_DOCUMENTS_EXCLUDE,
    FIND_DOCUMENTS_FOR_PATIENTS, FIND_FOLDERS_FOR_PATIENTS, GET_FOLDER_AND_CONTENTS, GET_FOLDERS,
    GET_FOLDERS_FOR_DOCUMENT, GET_RELATED_DOCUMENTS, QUERIES,
};
use renkei_xds::iti18::{AdhocQuery, QueryBuilder, QueryResponse, ReturnType};
use renkei_xds::response::{RegistryResponse, Status};
use renkei_xds::transaction::{ITI_18, ITI_51};
use std::collections::BTreeSet;

on_every_database! {
    every_query_answers_as_objects_and_as_references
    several_patients_or_none_are_asked_at_once
    each_transaction_knows_its_own_queries
    a_code_without_its_scheme_is_refused
    required_parameters_are_named_when_they_are_missing
}

pub(crate) fn id(object: &RegistryObject) -> ObjectId {
    match object {
        RegistryObject::Entry(e) => e.id.clone(),
        RegistryObject::SubmissionSet(s) => s.id.clone(),
        RegistryObject::Folder(f) => f.id.clone(),
        RegistryObject::Association(a) => a.id.clone(),
        RegistryObject::Ref(id, _) => id.clone(),
    }
}

/// SubmissionSets, entries, folders and associations.
pub(crate) fn kinds(response: &QueryResponse) -> [usize; 4] {
    response.objects.iter().fold([0; 4], |mut n, object| {
        match object {
            RegistryObject::SubmissionSet(_) => n[0] += 1,
            RegistryObject::Entry(_) => n[1] += 1,
            RegistryObject::Folder(_) => n[2] += 1,
            RegistryObject::Association(_) | RegistryObject::Ref(..) => n[3] += 1,
        }
        n
    })
}

/// Fails unless a query finds so many objects, the same in both forms, and answers validly.
pub(crate) fn finds(w: &World, query: QueryBuilder, expected: [usize; 4]) -> Result<()> {
    let name = catalogue::any_by_id(&query.clone().build().id).context("no query")?.name;
    let reply = w.consumer.post(REGISTRY, &message::query(&query.clone().build()))?;
    reply.valid_by("ebRS30/query.xsd")?;
    let leaves = reply.query()?;
    ensure!(leaves.status == Status::Success, "{name}: {:?}", leaves.errors);
    ensure!(kinds(&leaves) == expected, "{name}: {:?}", kinds(&leaves));
    let references = w.query(&query.returning(ReturnType::ObjectRef).build())?;
    let ids = |r: &QueryResponse| r.objects.iter().map(id).collect::<BTreeSet<_>>();
    ensure!(ids(&references) == ids(&leaves), "{name}: other references");
    let only = |o: &RegistryObject| matches!(o, RegistryObject::Ref(..));
    ensure!(references.objects.iter().all(only), "{name}: no references");
    Ok(())
}

fn every_query_answers_as_objects_and_as_references(w: &World) -> Result<()> {
    for (query, expected) in cases(w, &Shelf::fill(w)?)? {
        finds(w, query.clone(), expected)?;
        // Nothing was updated here: the second level shows nothing more.
        finds(w, query.everything(), expected)?;
    }
    Ok(())
}

/// Each query of ITI-18, and what it finds on a shelf: SubmissionSets, entries, folders, associations.
pub(crate) fn cases(w: &World, shelf: &Shelf) -> Result<Vec<(QueryBuilder, [usize; 4])>> {
    let (p, all) = (&shelf.patient, &AvailabilityStatus::ALL);
    let approved = &[AvailabilityStatus::Approved][..];
    let [a, d, e] = ["A", "D", "E"].map(|title| shelf.id(title));
    let (a, d, e) = (a?, d?, e?);
    let set = w.query(&QueryBuilder::get_submission_sets(&[a]).build())?;
    let set = set.objects.iter().find(|o| matches!(o, RegistryObject::SubmissionSet(_)));
    let set = set.map(id).and_then(|id| id.uuid()).context("no SubmissionSet")?;
    let nobody = EntryUuid(uuid::Uuid::new_v4());
    let unique_id = shelf.get("E")?.unique_id.clone();
    let by = |query: &str, id: &UniqueId| QueryBuilder::new(query).unique_ids([id.as_str()]);
    let rplc = &[AssociationType::Rplc][..];
    let class = crate::shelf::code("OCC", 1);
    let exclude = QueryBuilder::new(FIND_DOCUMENTS_EXCLUDE).patient(p).statuses(all);
    let reference = |id: &str| QueryBuilder::find_documents_by_reference_id(p, all, [id]);
    Ok(vec![
        (QueryBuilder::find_documents(p, all), [0, 5, 0, 0]),
        (QueryBuilder::find_submission_sets(p), [3, 0, 0, 0]),
        (QueryBuilder::find_folders(p, all), [0; 4]),
        (QueryBuilder::get_all(p, all), [3, 5, 0, 6]),
        (QueryBuilder::get_all(p, approved), [3, 4, 0, 6]),
        (QueryBuilder::get_documents(&[a, d, nobody]), [0, 2, 0, 0]),
        (QueryBuilder::get_folders(&[a, nobody]), [0; 4]),
        (by(GET_FOLDERS, &sample::new_unique_id()), [0; 4]),
        (QueryBuilder::get_associations(&[a, d]), [0, 0, 0, 3]),
        (QueryBuilder::get_associations(&[set]), [0, 0, 0, 3]),
        (QueryBuilder::get_documents_and_associations(&[d, e]), [0, 2, 0, 3]),
        (QueryBuilder::get_submission_sets(&[a, d]), [2, 0, 0, 2]),
        (QueryBuilder::get_submission_set_and_contents(set), [1, 3, 0, 3]),
        (QueryBuilder::get_folder_and_contents(nobody), [0; 4]),
        (by(GET_FOLDER_AND_CONTENTS, &sample::new_unique_id()), [0; 4]),
        (QueryBuilder::get_folders_for_document(a), [0; 4]),
        (by(GET_FOLDERS_FOR_DOCUMENT, &unique_id), [0; 4]),
        (QueryBuilder::get_related_documents(d, rplc), [0, 2, 0, 1]),
        (by(GET_RELATED_DOCUMENTS, &unique_id).association_types(rplc), [0, 2, 0, 1]),
        (QueryBuilder::get_related_documents(a, rplc), [0; 4]),
        (QueryBuilder::get_related_documents(d, &[AssociationType::Apnd]), [0; 4]),
        (reference("%"), [0; 4]),
        (exclude.clone().codes("$XDSDocumentEntryClassCodeExclude", [&class]), [0, 4, 0, 0]),
        (exclude.set("$XDSDocumentEntryAuthorPersonExclude", ["%佐藤%"]), [0, 4, 0, 0]),
    ])
}

fn several_patients_or_none_are_asked_at_once(w: &World) -> Result<()> {
    let (one, two) = (Shelf::fill(w)?, Shelf::fill(w)?);
    let approved = &[AvailabilityStatus::Approved][..];
    let of = |query: &str| QueryBuilder::new(query).statuses(approved);
    let documents = || of(FIND_DOCUMENTS_FOR_PATIENTS);
    let both = [&one.patient, &two.patient];
    finds(w, documents().patients(both), [0, 8, 0, 0])?;
    finds(w, documents().patients([&one.patient]), [0, 4, 0, 0])?;
    let events = "$XDSDocumentEntryEventCodeList";
    finds(w, documents().patients(both).codes(events, [&event("060")]), [0, 2, 0, 0])?;
    // Without a patient, those of everybody; other tests have theirs there, too.
    let all = w.query(&documents().codes(events, [&event("060")]).build())?;
    let patients: BTreeSet<_> = all
        .objects
        .iter()
        .filter_map(|o| match o {
            RegistryObject::Entry(e) => e.patient_id.clone(),
            _ => None,
        })
        .collect();
    ensure!(both.iter().all(|p| patients.contains(p)), "{} patients", patients.len());
    finds(w, of(FIND_FOLDERS_FOR_PATIENTS).patients(both), [0; 4])?;
    let references = "$XDSDocumentEntryReferenceIdList";
    let by_reference = of(FIND_DOCUMENTS_BY_REFERENCE_ID_FOR_PATIENTS);
    finds(w, by_reference.clone().patients(both).set(references, ["%none%"]), [0; 4])?;
    finds(w, by_reference.clone().set(references, ["none"]), [0; 4])?;
    is_refused(
        &w.query(&by_reference.set(references, ["%"]).build())?,
        "XDSRegistryError",
        "patient",
    )?;
    is_refused(
        &w.query(&documents().build())?,
        "XDSStoredQueryMissingParam",
        "$XDSDocumentEntryPatientId",
    )
}

/// Fails unless there is this error alone, in words that hold `told`, and no object.
fn is_refused(response: &QueryResponse, code: &str, told: &str) -> Result<()> {
    ensure!(response.objects.is_empty(), "objects");
    let answer = RegistryResponse { status: response.status, errors: response.errors.clone() };
    refused(&answer, &[code])?;
    let context = &response.errors[0].context;
    ensure!(context.contains(told), "{told} is not in: {context}");
    Ok(())
}

fn each_transaction_knows_its_own_queries(w: &World) -> Result<()> {
    for (transaction, id) in [(&ITI_18, FIND_DOCUMENTS_FOR_PATIENTS), (&ITI_51, FIND_DOCUMENTS)] {
        let query = QueryBuilder::new(id).build();
        let reply = w.consumer.post(REGISTRY, &message::query_by(transaction, &query))?;
        assert_eq!(reply.addressing()?.action, transaction.response_action);
        is_refused(&reply.query()?, "XDSUnknownStoredQuery", id)?;
    }
    // Sources and repositories look up what they sent, patient by patient.
    let query = QueryBuilder::new(FIND_DOCUMENTS_FOR_PATIENTS).build();
    let reply = w.source.post(REGISTRY, &message::query(&query))?;
    crate::expect::fault(&reply, renkei_soap::fault::FaultCode::Sender)?;
    Ok(())
}

fn a_code_without_its_scheme_is_refused(w: &World) -> Result<()> {
    let shelf = Shelf::fill(w)?;
    let name = "$XDSDocumentEntryEventCodeList";
    let ask = |value: &str| {
        let mut query = shelf.find().build();
        query.params.push((name.to_owned(), vec![value.to_owned()]));
        w.query(&query)
    };
    for bare in ["P99", "('P99')", "('P99^^')", "('P99','Q1')"] {
        let response = ask(bare)?;
        ensure!(response.status == Status::Failure && response.objects.is_empty(), "{bare}");
        for error in &response.errors {
            ensure!(error.code == "XDSRegistryError" && error.context.contains(name), "{bare}");
        }
    }
    let whole = ask(&format!("('{}')", event("060").key()))?;
    ensure!(whole.status == Status::Success && whole.objects.len() == 1, "{whole:?}");
    Ok(())
}

fn required_parameters_are_named_when_they_are_missing(w: &World) -> Result<()> {
    for definition in QUERIES {
        let query = AdhocQuery { params: Vec::new(), ..QueryBuilder::new(definition.id).build() };
        let response = w.query(&query)?;
        ensure!(response.status == Status::Failure, "{}", definition.name);
        for error in &response.errors {
            ensure!(error.code == "XDSStoredQueryMissingParam", "{}: {error:?}", definition.name);
            ensure!(error.context.contains('$'), "{error:?}");
        }
    }
    Ok(())
}
