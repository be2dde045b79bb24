//! The audit records of ITI-55 at the responding side, field by field (ITI TF-2: 3.55.5.1.2).

use super::as_copied;
use super::people::{announce, asking, two_alike, without_card};
use crate::audit::is_complete;
use crate::expect::fault;
use anyhow::{Context, Result, ensure};
use renkei_soap::fault::FaultCode;
use renkei_tests::world::XCPD;
use renkei_tests::{Form, Start, World, audit, message, postgres};

#[test]
fn each_answer_leaves_its_record_on_sqlite() -> Result<()> {
    leaves_its_records(Form::PLAIN)
}

#[test]
fn each_answer_leaves_its_record_on_postgres() -> Result<()> {
    leaves_its_records(Form { postgres: true, wired: false })
}

fn leaves_its_records(form: Form) -> Result<()> {
    if form.postgres && postgres::server().is_none() {
        eprintln!("note: no PostgreSQL here, left out");
        return Ok(());
    }
    let w = World::start(Start::new(form))?;
    let [person, twin] = two_alike(&w)?;
    announce(&w, &person)?;
    let request = asking(&w, &without_card(person.clone()))?;
    w.gateway.post(XCPD, &message::discover(&request))?.discovered()?;
    announce(&w, &twin)?;
    w.gateway.post(XCPD, &message::discover(&request))?.discovered()?;
    fault(&w.consumer.post(XCPD, &message::discover(&request))?, FaultCode::Sender)?;
    let (home, url) = (w.home()?, w.renkei.ready.endpoints.xcpd.clone().context("no xcpd")?);
    let settings = w.renkei.settings();
    let (status, place) = w.renkei.stop()?;
    ensure!(status.success(), "{status}");
    let records = audit::list(&place.data_dir(), &settings)?;
    let of = |key: &str| records.iter().filter(|r| r.key() == key).collect::<Vec<_>>();

    let [found] = of("110112 ITI-55 E 0")[..] else { anyhow::bail!("not one answer") };
    is_complete(found)?;
    let [source, destination] = ["110153", "110152"].map(|role| found.participant(role));
    let (source, destination) = (source.context("none")?, destination.context("none")?);
    ensure!(source.user_id.contains("test-gateway") && source.requestor, "{source:?}");
    ensure!(destination.user_id == url && !destination.requestor, "{destination:?}");
    let own = person.identifiers.first().context("no id")?.id.to_string();
    assert_eq!(found.objects_of(1), [own.as_str()], "the patient who is told of");
    let [query] = found.objects.iter().filter(|o| o.role == 24).collect::<Vec<_>>()[..] else {
        anyhow::bail!("{found:?}")
    };
    assert_eq!((query.type_code, query.id_type.as_str()), (2, "ITI-55"));
    assert_eq!(query.id, request.query.id.root());
    assert_eq!(query.query.as_deref(), Some(as_copied(request.copy.as_xml()).as_str()));
    let details = [("QueryEncoding", "UTF-8"), ("ihe:homeCommunityID", home.as_str())];
    let details = details.map(|(name, value)| (name.to_owned(), value.to_owned()));
    assert_eq!(query.details, details);

    let refused = of("110112 ITI-55 E 8");
    let told: Vec<_> = refused.iter().filter_map(|r| r.description.as_deref()).collect();
    assert_eq!(told, ["xcpd-several", "SOAP fault Sender"]);
    refused.iter().try_for_each(|record| is_complete(record))?;
    ensure!(refused.iter().all(|r| r.objects_of(1).is_empty()), "nobody is told of");
    Ok(())
}
