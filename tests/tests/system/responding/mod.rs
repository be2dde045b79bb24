//! The Responding Gateway: what another community may ask of this one (ITI TF-2: 3.38, 3.39, 3.92).

mod busy;
mod houses;
mod records;

use crate::expect::{fault, plain, refused_with};
use crate::shelf::Shelf;
use crate::stored_queries::{cases, id, kinds};
use anyhow::{Context, Result, bail, ensure};
use renkei_metadata::ids::{HomeCommunityId, RepositoryUniqueId};
use renkei_metadata::model::{AvailabilityStatus, DocumentEntry, LocalizedText, RegistryObject};
use renkei_metadata::update::Propagation;
use renkei_soap::fault::FaultCode;
use renkei_tests::row::named;
use renkei_tests::world::{REGISTRY, REPOSITORY, RESPONDING_GATEWAY};
use renkei_tests::{Form, Start, World, message, sample};
use renkei_xds::catalogue;
use renkei_xds::iti18::{AdhocQuery, QueryBuilder, QueryResponse, ReturnType};
use renkei_xds::iti43::DocumentRequest;
use renkei_xds::response::{RegistryError, RegistryResponse, Status};
use renkei_xds::transaction::{ITI_18, ITI_38, ITI_39, ITI_43, ITI_92};
use renkei_xds::update::UpdateBuilder;
use std::collections::BTreeSet;

on_every_database! {
    every_query_is_answered_as_of_this_community
    nothing_is_submitted_as_of_another_community
    a_query_of_another_community_or_of_none_is_refused
    errors_of_the_registry_are_located_at_the_community
    each_document_has_one_outcome
    answers_are_valid_by_the_schemas
    a_restricted_update_comes_in_through_the_gateway
    who_is_no_gateway_is_refused
}

/// A community that is not this one.
fn other() -> Result<HomeCommunityId> {
    Ok(HomeCommunityId::parse("urn:oid:1.2.3.77")?)
}

fn at_home(w: &World, query: QueryBuilder) -> Result<AdhocQuery> {
    Ok(query.home(&w.home()?).build())
}

/// The start tags of the objects in an answer.
fn objects(envelope: &str) -> Vec<&str> {
    let kinds = ["ExtrinsicObject", "RegistryPackage", "ObjectRef", "Association"];
    let tag = |at: usize| envelope[at..].split('>').next().unwrap_or_default();
    let found = kinds.iter().flat_map(|kind| {
        let start = format!("<rim:{kind} ");
        envelope.match_indices(&start).map(|(at, _)| tag(at)).collect::<Vec<_>>()
    });
    found.collect()
}

/// Fails unless a query finds so many objects, in both forms, each of this community.
fn finds(w: &World, query: QueryBuilder, expected: [usize; 4]) -> Result<()> {
    let name = catalogue::any_by_id(&query.clone().build().id).context("no query")?.name;
    let home = format!(" home=\"{}\"", w.home()?);
    let ask = |query: QueryBuilder| -> Result<QueryResponse> {
        let message = message::query_by(&ITI_38, &at_home(w, query)?);
        let reply = w.gateway.post(RESPONDING_GATEWAY, &message)?;
        reply.valid_by("ebRS30/query.xsd")?;
        assert_eq!(reply.addressing()?.action, ITI_38.response_action);
        let tags = objects(&reply.envelope);
        let response = reply.query()?;
        ensure!(response.status == Status::Success, "{name}: {:?}", response.errors);
        ensure!(tags.len() == response.objects.len(), "{name}: {tags:?}");
        ensure!(tags.iter().all(|tag| tag.contains(&home)), "{name}: {tags:?}");
        Ok(response)
    };
    let leaves = ask(query.clone())?;
    ensure!(kinds(&leaves) == expected, "{name}: {:?}", kinds(&leaves));
    let references = ask(query.returning(ReturnType::ObjectRef))?;
    let ids = |r: &QueryResponse| r.objects.iter().map(id).collect::<BTreeSet<_>>();
    ensure!(ids(&references) == ids(&leaves), "{name}: other references");
    Ok(())
}

fn every_query_is_answered_as_of_this_community(w: &World) -> Result<()> {
    let shelf = Shelf::fill(w)?;
    let cases = cases(w, &shelf)?;
    for query in catalogue::asked_by(&ITI_38) {
        let has = cases.iter().any(|(case, _)| case.clone().build().id == query.id);
        ensure!(has, "{} is not asked", query.name);
    }
    for (query, expected) in cases {
        finds(w, query, expected)?;
    }
    // A patient is enough to say where; an unknown one is nothing.
    let found = w.query_across(&shelf.find().build())?;
    assert_eq!(kinds(&found), [0, 5, 0, 0]);
    let nobody = QueryBuilder::find_documents(&w.patient(), &AvailabilityStatus::ALL);
    let found = w.query_across(&nobody.build())?;
    ensure!(found.status == Status::Success && found.objects.is_empty(), "{found:?}");
    ensure!(found.errors.is_empty(), "{found:?}");
    Ok(())
}

fn nothing_is_submitted_as_of_another_community(w: &World) -> Result<()> {
    let patient = w.patient();
    let mut sent = sample::one(&patient, b"here");
    sent.entries[0].home = Some(other()?);
    refused_with(&w.submit(&sent, &[b"here"])?, "XDSRegistryMetadataError")?;
    sent.entries[0].home = Some(w.home()?);
    w.submitted(&sent, &[b"here"])?;
    let query = QueryBuilder::find_documents(&patient, &AvailabilityStatus::ALL).build();
    for found in [w.query(&query)?, w.query_across(&query)?] {
        let [RegistryObject::Entry(entry)] = &found.objects[..] else { bail!("{found:?}") };
        assert_eq!(entry.home, Some(w.home()?));
    }
    Ok(())
}

/// Fails unless every error is located at this community, in words for people.
fn located(w: &World, errors: &[RegistryError]) -> Result<()> {
    for error in errors {
        ensure!(error.location == w.home()?.as_str(), "{error:?}");
        plain(&error.context)?;
    }
    Ok(())
}

/// Fails unless a query is refused with this one code.
fn refused(w: &World, query: &AdhocQuery, code: &str, told: &str) -> Result<()> {
    let reply = w.gateway.post(RESPONDING_GATEWAY, &message::query_by(&ITI_38, query))?;
    reply.valid_by("ebRS30/query.xsd")?;
    let found = reply.query()?;
    ensure!(found.status == Status::Failure && found.objects.is_empty(), "{found:?}");
    let codes: Vec<&str> = found.errors.iter().map(|e| e.code.as_str()).collect();
    ensure!(codes == [code], "{codes:?}");
    ensure!(found.errors[0].context.contains(told), "{told}: {:?}", found.errors);
    located(w, &found.errors)
}

fn a_query_of_another_community_or_of_none_is_refused(w: &World) -> Result<()> {
    let shelf = Shelf::fill(w)?;
    for (query, _) in cases(w, &shelf)? {
        let name = catalogue::any_by_id(&query.clone().build().id).context("no query")?;
        let of_another = query.clone().home(&other()?).build();
        refused(w, &of_another, "XDSUnknownCommunity", other()?.as_str())?;
        if !name.names_patients() {
            refused(w, &query.build(), "XDSMissingHomeCommunityId", name.name)?;
        }
    }
    let malformed = AdhocQuery { home: Some("1.2.3".to_owned()), ..shelf.find().build() };
    refused(w, &malformed, "XDSUnknownCommunity", "1.2.3")
}

fn errors_of_the_registry_are_located_at_the_community(w: &World) -> Result<()> {
    let unknown = at_home(w, QueryBuilder::new("urn:uuid:00000000-0000-4000-8000-000000000000"))?;
    refused(w, &unknown, "XDSUnknownStoredQuery", "AdhocQuery/@id")?;
    let several = QueryBuilder::new(catalogue::FIND_DOCUMENTS_FOR_PATIENTS);
    refused(w, &at_home(w, several)?, "XDSUnknownStoredQuery", "AdhocQuery/@id")?;
    let missing = QueryBuilder::find_documents(&w.patient(), &[]).build();
    refused(w, &missing, "XDSStoredQueryMissingParam", "$XDSDocumentEntryStatus")?;
    // Documents of two patients are not told at once.
    let (one, two) = (Shelf::fill(w)?, Shelf::fill(w)?);
    let both = QueryBuilder::get_documents(&[one.id("A")?, two.id("A")?]);
    refused(w, &at_home(w, both)?, "XDSResultNotSinglePatient", "")
}

/// A registered document.
fn document(w: &World, content: &[u8]) -> Result<DocumentEntry> {
    let patient = w.patient();
    w.submitted(&sample::one(&patient, content), &[content])?;
    w.document_of(&patient)
}

fn each_document_has_one_outcome(w: &World) -> Result<()> {
    let (one, two) = (document(w, b"one")?, document(w, b"two")?);
    let (first, second) = (w.request_across(&one.unique_id)?, w.request_across(&two.unique_id)?);
    let got = w.retrieve_across(&[second.clone(), first.clone()])?;
    assert_eq!((got.response.status, got.response.errors.len()), (Status::Success, 0));
    let home = w.home()?;
    let came: Vec<_> = got.documents.iter().map(|d| (d.home.as_deref(), &d.content[..])).collect();
    assert_eq!(came, [(Some(home.as_str()), &b"two"[..]), (Some(home.as_str()), b"one")]);

    let elsewhere = RepositoryUniqueId::parse("1.2.3.4.5")?;
    let cases = [
        ("XDSMissingHomeCommunityId", DocumentRequest { home: None, ..first.clone() }),
        ("XDSUnknownCommunity", DocumentRequest { home: Some(other()?), ..first.clone() }),
        ("XDSUnknownRepositoryId", DocumentRequest { repository: elsewhere, ..first.clone() }),
        ("XDSDocumentUniqueIdError", w.request_across(&sample::new_unique_id())?),
    ];
    for (code, wrong) in &cases {
        let got = w.retrieve_across(std::slice::from_ref(wrong))?;
        ensure!(got.documents.is_empty(), "{code}");
        is_told(w, &got.response, Status::Failure, &[(code, wrong)])?;
        let got = w.retrieve_across(&[wrong.clone(), second.clone()])?;
        is_told(w, &got.response, Status::PartialSuccess, &[(code, wrong)])?;
        assert_eq!(got.documents[0].content, b"two");
    }
    let all: Vec<DocumentRequest> = cases.iter().map(|(_, r)| r.clone()).chain([second]).collect();
    let got = w.retrieve_across(&all)?;
    let wrong: Vec<(&str, &DocumentRequest)> = cases.iter().map(|(c, r)| (*c, r)).collect();
    is_told(w, &got.response, Status::PartialSuccess, &wrong)?;
    ensure!(named(&got.response.errors, "gateway-unknown-repository")?.len() == 1);
    let nothing = w.retrieve_across(&[])?;
    ensure!(nothing.response.status == Status::Failure);
    located(w, &nothing.response.errors)
}

/// Fails unless these documents, and no others, are told with these codes.
fn is_told(
    w: &World,
    response: &RegistryResponse,
    status: Status,
    expected: &[(&str, &DocumentRequest)],
) -> Result<()> {
    ensure!(response.status == status, "{response:?}");
    ensure!(response.errors.len() == expected.len(), "{response:?}");
    for (code, request) in expected {
        let is =
            |e: &&RegistryError| e.code == *code && e.context.contains(request.unique_id.as_str());
        ensure!(response.errors.iter().any(|e| is(&e)), "{code}: {response:?}");
    }
    located(w, &response.errors)
}

fn answers_are_valid_by_the_schemas(w: &World) -> Result<()> {
    let there = document(w, b"there")?;
    let missing = DocumentRequest { home: None, ..w.request_across(&there.unique_id)? };
    let there = w.request_across(&there.unique_id)?;
    for requests in [vec![there.clone()], vec![missing.clone()], vec![there, missing]] {
        let message = message::retrieve_by(&ITI_39, &requests);
        let reply = w.gateway.post(RESPONDING_GATEWAY, &message)?;
        reply.valid_by("IHE/IHEXDSB.xsd")?;
        assert_eq!(reply.addressing()?.action, ITI_39.response_action);
        ensure!(reply.content_type.starts_with("multipart/related"), "{}", reply.content_type);
    }
    Ok(())
}

/// A new title for a document.
fn titled(entry: &DocumentEntry, title: &str) -> Result<renkei_metadata::update::Update> {
    let patient = entry.patient_id.clone().context("no patient")?;
    let mut set = sample::one(&patient, b"").submission_set;
    set.unique_id = sample::new_oid();
    let entry = DocumentEntry { title: Some(LocalizedText::ja(title)), ..entry.clone() };
    Ok(UpdateBuilder::new(set).entry(entry, Propagation::Yes)?.build())
}

fn a_restricted_update_comes_in_through_the_gateway(w: &World) -> Result<()> {
    let entry = document(w, b"titled")?;
    let update = message::update_restricted(&titled(&entry, "ゲートウェイ経由")?);
    let reply = w.gateway.post(RESPONDING_GATEWAY, &update)?;
    reply.valid_by("ebRS30/rs.xsd")?;
    assert_eq!(reply.addressing()?.action, ITI_92.response_action);
    let response = reply.registry()?;
    ensure!(response.status == Status::Success, "{response:?}");
    let patient = entry.patient_id.clone().context("no patient")?;
    let approved = [AvailabilityStatus::Approved];
    let found = w.entries(QueryBuilder::find_documents(&patient, &approved))?;
    let title = found[0].title.as_ref().context("no title")?;
    assert_eq!(title.text(), "ゲートウェイ経由");

    // What is sent again is answered as before; from the version that was, it is refused.
    let again = w.gateway.post(RESPONDING_GATEWAY, &update)?;
    assert_eq!(again.registry()?.status, Status::Success);
    let stale = message::update_restricted(&titled(&entry, "古い版")?);
    let refusal = w.gateway.post(RESPONDING_GATEWAY, &stale)?.registry()?;
    ensure!(refusal.status == Status::Failure, "{refusal:?}");
    located(w, &refusal.errors)?;
    let mut foreign = found[0].clone();
    foreign.home = Some(other()?);
    let message = message::update_restricted(&titled(&foreign, "他のコミュニティ")?);
    let refusal = w.gateway.post(RESPONDING_GATEWAY, &message)?.registry()?;
    ensure!(refusal.errors.iter().any(|e| e.code == "XDSUnknownCommunity"), "{refusal:?}");
    located(w, &refusal.errors)
}

fn who_is_no_gateway_is_refused(w: &World) -> Result<()> {
    let query = QueryBuilder::find_documents(&w.patient(), &AvailabilityStatus::ALL).build();
    let entry = document(w, b"as it was")?;
    let messages = [
        message::query_by(&ITI_38, &query),
        message::retrieve_by(&ITI_39, &[w.request_across(&sample::new_unique_id())?]),
        message::update_restricted(&titled(&entry, "役割なし")?),
    ];
    for caller in [&w.consumer, &w.source, &w.repository, &w.administrator, &w.feed] {
        for message in &messages {
            fault(&caller.post(RESPONDING_GATEWAY, message)?, FaultCode::Sender)?;
        }
    }
    // Each endpoint has its own transactions.
    for (path, message) in [
        (RESPONDING_GATEWAY, message::query_by(&ITI_18, &query)),
        (RESPONDING_GATEWAY, message::retrieve_by(&ITI_43, &[])),
        (REGISTRY, message::query_by(&ITI_38, &query)),
        (REPOSITORY, message::retrieve_by(&ITI_39, &[])),
        (RESPONDING_GATEWAY, message::update(&titled(&entry, "制限なし")?)),
    ] {
        fault(&w.gateway.post(path, &message)?, FaultCode::Sender)?;
    }
    let unchanged = w.document_of(entry.patient_id.as_ref().context("no patient")?)?;
    ensure!(unchanged == entry, "{unchanged:?}");
    Ok(())
}

#[test]
fn the_ready_line_tells_where_it_is_unless_it_is_not_served() -> Result<()> {
    let w = World::shared(Form::PLAIN)?.context("no program")?;
    let url = w.renkei.ready.endpoints.responding_gateway.as_deref().context("not told")?;
    assert_eq!(url, w.renkei.registry().replace(REGISTRY, RESPONDING_GATEWAY));
    let w = World::start(Start::new(Form::PLAIN).set("actors=registry,repository"))?;
    assert_eq!(w.renkei.ready.endpoints.responding_gateway, None);
    let query = QueryBuilder::find_documents(&w.patient(), &AvailabilityStatus::ALL).build();
    let message = message::query_by(&ITI_38, &query);
    let wire =
        w.gateway.connect()?.post(RESPONDING_GATEWAY, &message.content_type, &message.body)?;
    assert_eq!(wire.status, 404);
    Ok(())
}

#[test]
fn an_unknown_patient_is_an_error_where_the_house_is_set_so() -> Result<()> {
    for form in [Form::PLAIN, Form { postgres: true, wired: false }] {
        if !Form::all().contains(&form) {
            continue;
        }
        let w = World::start(Start::new(form).set("gateway.unknown_patient=error"))?;
        let nobody = w.patient();
        let query = QueryBuilder::find_documents(&nobody, &AvailabilityStatus::ALL).build();
        refused(&w, &query, "XDSUnknownPatientId", &nobody.to_string())?;
        // It is for other communities only, and who has a document is known.
        ensure!(w.query(&query)?.status == Status::Success);
        w.submitted(&sample::one(&nobody, b"x"), &[b"x"])?;
        assert_eq!(w.query_across(&query)?.objects.len(), 1);
    }
    Ok(())
}
