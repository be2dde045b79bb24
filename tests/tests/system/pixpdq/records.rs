//! The audit records of ITI-9, ITI-21 and what cancels the latter at the answering side, field by field (ITI TF-2:
//! 3.9.5.1.2, 3.21.5.1.2).

use super::{CLINIC, announced, asked_for, connected, number, parties, question, somebody, stamp};
use crate::audit::is_complete;
use anyhow::{Context, Result, bail, ensure};
use renkei_hl7v2::msh::Stamp;
use renkei_hl7v2::query::{cancel, cross_reference, demographics};
use renkei_metadata::ids::Oid;
use renkei_person::Person;
use renkei_tests::{Form, Start, World, audit};

on_every_database! {
    by in_a_house_of_its_own:
    each_query_leaves_its_record
}

fn in_a_house_of_its_own(postgres: bool, test: fn(Form) -> Result<()>) -> Result<()> {
    crate::forms::by_form(postgres, test)
}

fn each_query_leaves_its_record(form: Form) -> Result<()> {
    let w = World::start(Start::new(form))?;
    let (person, clinic) = (somebody(&w), number(CLINIC)?);
    announced(&w, &person, &[&clinic])?;
    let own = person.identifiers.first().context("no id")?.id.to_string();
    let mut feed = connected(&w, &w.consumer)?;
    let home = Oid::parse(&w.renkei.ready.assigning_authority)?;
    let asked = cross_reference::Question {
        stamp: stamp(),
        parties: parties(),
        tag: "Q-1".to_owned(),
        id: clinic.clone(),
        domains: vec![home],
    };
    let message = cross_reference::write(&asked);
    ensure!(feed.send(&message)?.contains("QAK|Q-1|OK|"), "not found");
    asked_for(&mut feed, &number(CLINIC)?, &[])?;
    let described = Person { names: Vec::new(), identifiers: Vec::new(), ..person.clone() };
    let searched = question(described);
    let search = demographics::write(&searched);
    ensure!(feed.send(&search)?.contains("|OK|"), "not found");
    let given_up = stamp();
    let cancelling = |stamp: &Stamp| cancel::write(stamp, &parties(), &searched.tag);
    ensure!(feed.send(&cancelling(&given_up))?.contains("MSA|AA|"), "not given up");
    let mut other = connected(&w, &w.feed)?;
    asked_for(&mut other, &clinic, &[])?;
    ensure!(other.send(&cancelling(&stamp()))?.contains("MSA|AR|"), "who may not");
    let settings = w.renkei.settings();
    let (status, place) = w.renkei.stop()?;
    ensure!(status.success(), "{status}");
    let records = audit::list(&place.data_dir(), &settings)?;
    let of = |key: &str| records.iter().filter(|r| r.key() == key).collect::<Vec<_>>();

    let [found] = of("110112 ITI-9 E 0")[..] else { bail!("not one answer") };
    is_complete(found)?;
    let [source, destination] = ["110153", "110152"].map(|role| found.participant(role));
    let (source, destination) = (source.context("none")?, destination.context("none")?);
    ensure!(source.user_id == "TEST|PORTAL" && source.requestor, "{source:?}");
    ensure!(source.network.as_deref() == Some("127.0.0.1"), "{source:?}");
    ensure!(destination.user_id == "RENKEI|PIXPDQ" && !destination.requestor, "{destination:?}");
    ensure!(destination.alternative_user_id.is_some(), "{destination:?}");
    assert_eq!(found.objects_of(1), [clinic.to_string().as_str()]);
    assert_eq!(found.objects_of(24), ["Q-1"]);
    let query = found.objects.iter().find(|o| o.role == 24).context("no query")?;
    assert_eq!((query.type_code, query.id_type.as_str()), (2, "ITI-9"));
    let text = String::from_utf8(message)?;
    let qpd = text.split('\r').find(|line| line.starts_with("QPD|"));
    assert_eq!(query.query.as_deref(), qpd);
    let control_id = ("MSH-10".to_owned(), asked.stamp.control_id.clone());
    assert_eq!(query.details, [control_id]);

    let refused = of("110112 ITI-9 E 8");
    assert_eq!(refused.len(), 2, "an unknown identifier, and a caller who may not");
    refused.iter().try_for_each(|record| is_complete(record))?;
    let told: Vec<_> = refused.iter().filter_map(|r| r.description.as_deref()).collect();
    ensure!(told.contains(&"Unknown key identifier"), "{told:?}");

    let (cancelled, searches): (Vec<_>, Vec<_>) =
        of("110112 ITI-21 E 0").into_iter().partition(|r| r.objects_of(1).is_empty());
    let [one] = searches[..] else { bail!("{} records", searches.len()) };
    is_complete(one)?;
    assert_eq!(one.objects_of(1), [own.as_str()], "who is told of");
    assert_eq!(one.objects_of(24), [searched.tag.as_str()]);

    // What cancels a query names it (ITI TF-2: 3.21.4.1.2.5), and nobody, whether it is taken or refused.
    let refused = of("110112 ITI-21 E 8");
    let [cancelled] = cancelled[..] else { bail!("{} cancelled", cancelled.len()) };
    let [refused] = refused[..] else { bail!("{} refused", refused.len()) };
    for record in [cancelled, refused] {
        is_complete(record)?;
        let source = record.participant("110153").context("none")?;
        ensure!(source.user_id == "TEST|PORTAL" && source.requestor, "{source:?}");
        let [query] = &record.objects[..] else { bail!("{record:?}") };
        assert_eq!((query.role, query.id.as_str()), (24, searched.tag.as_str()));
        let qid = format!("QID|{}|IHE PDQ Query", searched.tag);
        assert_eq!(query.query.as_deref(), Some(qid.as_str()));
    }
    let control_id = ("MSH-10".to_owned(), given_up.control_id.clone());
    assert_eq!(cancelled.objects[0].details, [control_id]);
    Ok(())
}
