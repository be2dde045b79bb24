//! The audit records of a Responding Gateway (ITI TF-2: 3.38.5.1, 3.39.6.1).

use super::{document, other, titled};
use crate::audit::is_complete;
use crate::expect::fault;
use anyhow::{Context, Result, ensure};
use renkei_metadata::model::AvailabilityStatus;
use renkei_soap::fault::FaultCode;
use renkei_tests::audit::{self, Record};
use renkei_tests::world::RESPONDING_GATEWAY;
use renkei_tests::{Form, Start, World, message, postgres};
use renkei_xds::catalogue;
use renkei_xds::iti18::QueryBuilder;
use renkei_xds::iti43::DocumentRequest;
use renkei_xds::response::Status;
use renkei_xds::transaction::ITI_38;
use std::collections::BTreeSet;

#[test]
fn each_transaction_leaves_its_records_on_sqlite() -> Result<()> {
    leaves_its_records(Form::PLAIN)
}

#[test]
fn each_transaction_leaves_its_records_on_postgres() -> Result<()> {
    leaves_its_records(Form { postgres: true, wired: false })
}

/// ITI TF-2: 3.38.5.1, 3.39.6.1: those of a registry and of a repository, under numbers of their own.
fn leaves_its_records(form: Form) -> Result<()> {
    if form.postgres && postgres::server().is_none() {
        eprintln!("note: no PostgreSQL here, left out");
        return Ok(());
    }
    let w = World::start(Start::new(form))?;
    let home = w.home()?;
    let entry = document(&w, b"recorded")?;
    let patient = entry.patient_id.clone().context("no patient")?.to_string();
    let find = QueryBuilder::find_documents(
        entry.patient_id.as_ref().context("no patient")?,
        &AvailabilityStatus::ALL,
    );
    w.query_across(&find.clone().build())?;
    w.query_across(&find.home(&other()?).build())?;
    let by_id = QueryBuilder::get_documents(&[entry.id.uuid().context("no UUID")?]).build();
    w.query_across(&by_id)?;
    let there = w.request_across(&entry.unique_id)?;
    let missing = DocumentRequest { home: None, ..there.clone() };
    w.retrieve_across(&[there, missing])?;
    let update = message::update_restricted(&titled(&entry, "監査")?);
    ensure!(w.gateway.post(RESPONDING_GATEWAY, &update)?.registry()?.status == Status::Success);
    let by_consumer = message::query_by(&ITI_38, &by_id);
    fault(&w.consumer.post(RESPONDING_GATEWAY, &by_consumer)?, FaultCode::Sender)?;
    let url = w.renkei.ready.endpoints.responding_gateway.clone().context("no gateway")?;
    let settings = w.renkei.settings();
    let (status, place) = w.renkei.stop()?;
    ensure!(status.success(), "{status}");
    let records = audit::list(&place.data_dir(), &settings)?;
    let of = |key: &str| records.iter().filter(|r| r.key() == key).collect::<Vec<_>>();

    let [found] = of("110112 ITI-38 E 0")[..] else { anyhow::bail!("not one query") };
    is_complete(found)?;
    ends(found, ["test-gateway", &url], [true, false])?;
    assert_eq!(found.objects_of(1), [patient.as_str()]);
    let query = found.objects.iter().find(|o| o.role == 24).context("no query")?;
    assert_eq!((query.type_code, query.id_type.as_str()), (2, "ITI-38"));
    assert_eq!(query.id, catalogue::FIND_DOCUMENTS);
    ensure!(query.query.as_deref().is_some_and(|q| q.starts_with("<query:AdhocQueryRequest")));
    let details =
        [("QueryEncoding", "UTF-8"), ("urn:ihe:iti:xca:2010:homeCommunityId", home.as_str())];
    let details = details.map(|(name, value)| (name.to_owned(), value.to_owned()));
    ensure!(details.iter().all(|d| query.details.contains(d)), "{:?}", query.details);

    let refused = of("110112 ITI-38 E 8");
    let told: BTreeSet<&str> = refused.iter().filter_map(|r| r.description.as_deref()).collect();
    let codes = ["SOAP fault Sender", "XDSMissingHomeCommunityId", "XDSUnknownCommunity"];
    assert_eq!(told, BTreeSet::from(codes));
    let of_another = refused.iter().find(|r| r.description.as_deref() == Some(codes[2]));
    let of_another = of_another.context("no refusal")?;
    is_complete(of_another)?;
    assert_eq!(of_another.objects_of(1), [patient.as_str()], "of whom, although it is refused");

    let [given] = of("110106 ITI-39 R 0")[..] else { anyhow::bail!("not one retrieval") };
    is_complete(given)?;
    ends(given, [&url, "test-gateway"], [false, true])?;
    let [document] = &given.objects[..] else { anyhow::bail!("{given:?}") };
    assert_eq!((document.type_code, document.role, document.id_type.as_str()), (2, 3, "9"));
    assert_eq!(document.id, entry.unique_id.as_str());
    let repository = entry.repository.as_ref().context("no repository")?;
    let details =
        [("Repository Unique Id", repository.as_str()), ("ihe:homeCommunityID", home.as_str())];
    let details = details.map(|(name, value)| (name.to_owned(), value.to_owned()));
    ensure!(details.iter().all(|d| document.details.contains(d)), "{:?}", document.details);
    let [not_given] = of("110106 ITI-39 R 8")[..] else { anyhow::bail!("not one refusal") };
    assert_eq!(not_given.description.as_deref(), Some("XDSMissingHomeCommunityId"));
    assert_eq!(not_given.objects_of(3), [entry.unique_id.as_str()]);

    let [updated] = of("110107 ITI-92 U 0")[..] else { anyhow::bail!("not one update") };
    is_complete(updated)?;
    ends(updated, ["test-gateway", &url], [true, false])?;
    assert_eq!(updated.objects_of(1), [patient.as_str()]);
    // Nothing else was asked in the house: there is no message between its parts.
    ensure!(of("110106 ITI-43 R 0").is_empty() && of("110112 ITI-18 E 0").len() == 1);
    Ok(())
}

/// Source and destination: whose certificate, or which endpoint, and who asked.
fn ends(record: &Record, names: [&str; 2], requestors: [bool; 2]) -> Result<()> {
    for ((role, name), requestor) in ["110153", "110152"].into_iter().zip(names).zip(requestors) {
        let end = record.participant(role).context("no participant")?;
        ensure!(end.user_id.contains(name), "{role}: {end:?}");
        assert_eq!(end.requestor, requestor, "{role}");
        // The house is the one that writes.
        assert_eq!(end.alternative_user_id.is_some(), !requestor, "{role}");
    }
    Ok(())
}
