//! ITI-46 (ITI TF-2: 3.46): consumers are told over HL7 v3 when the identifiers of a person change.

use super::{fed, feed, merge};
use crate::audit::is_complete;
use crate::discovery::people::somebody;
use anyhow::{Context, Result, bail, ensure};
use chrono::Utc;
use renkei_hl7v3::acknowledgement::{AcceptAcknowledgement, AckCode};
use renkei_hl7v3::iti44::{Event, Feed};
use renkei_hl7v3::{InstanceId, Time};
use renkei_metadata::ids::{Oid, PatientId};
use renkei_person::Person;
use renkei_soap::envelope;
use renkei_soap::tolerance::Tolerances;
use renkei_soap::xml::{Reader, XmlLimits};
use renkei_tests::elsewhere::{self, Asked, Elsewhere, Look};
use renkei_tests::forge::Forged;
use renkei_tests::world::PATIENT_FEED_V3;
use renkei_tests::{Form, Start, World, audit, schema};
use renkei_xds::transaction::ITI_46;
use std::io::Write;
use std::sync::Mutex;
use std::sync::mpsc::{self, Receiver};
use std::time::Duration;
use uuid::Uuid;

/// The affinity domain, one that the consumer is interested in, and one that it is not.
const HOME: &str = "2.999.46.10";
const CLINIC: &str = "2.999.46.11";
const OTHER: &str = "2.999.46.12";
/// What the consumer calls itself.
const DEVICE: &str = "2.999.46.7";
/// Longer than a notification that is tried again.
const PATIENCE: Duration = Duration::from_secs(30);

on_every_database! {
    by in_a_house_of_its_own:
    a_consumer_of_hl7_v3_is_told_of_the_domains_in_which_it_is_interested
}

fn in_a_house_of_its_own(postgres: bool, test: fn(Form) -> Result<()>) -> Result<()> {
    crate::forms::by_form(postgres, test)
}

fn number(domain: &str) -> Result<PatientId> {
    Ok(PatientId::new(&Uuid::new_v4().simple().to_string(), Oid::parse(domain)?)?)
}

/// Announces a person by an identifier of the affinity domain, with these beside it.
fn announced(w: &World, person: &Person, others: &[&PatientId]) -> Result<PatientId> {
    let mut person = person.clone();
    person.identifiers.extend(others.iter().map(|id| (*id).clone().into()));
    told(w, &feed(Event::Added, &person)?)?;
    Ok(person.identifiers.first().context("no id")?.id.clone())
}

fn told(w: &World, feed: &Feed) -> Result<()> {
    let ack = w.feed.post(PATIENT_FEED_V3, &fed(feed))?.accepted()?.acknowledgement;
    ensure!(ack.code.is_accepting(), "{ack:?}");
    Ok(())
}

/// The notification in an envelope, which has to be one.
fn notification(asked: &Asked) -> Result<(Feed, String)> {
    let mut reader = Reader::new(&asked.envelope, XmlLimits::default());
    let opened = envelope::open(&mut reader, &mut Tolerances::default())?;
    ensure!(opened.addressing.action == ITI_46.request_action, "another action");
    let read = Feed::read(&mut reader, &opened.body);
    let read = read.map_err(|refusal| anyhow::anyhow!("{:?}", refusal.into_fault()))?;
    let (_, payload) = asked.envelope.split_once("<PRPA_IN201302UV02").context("no message")?;
    let (payload, _) = payload.split_once("</PRPA_IN201302UV02>").context("no end")?;
    Ok((read.message, format!("<PRPA_IN201302UV02{payload}</PRPA_IN201302UV02>")))
}

/// What came, as identifiers in order.
fn ids(told: &Feed) -> Result<Vec<String>> {
    let id = |id: &renkei_hl7v3::iti44::RoleId| {
        ensure!(id.authority_name.as_ref().is_some_and(|name| !name.is_empty()), "{id:?}");
        let root = id.root.clone().context("no root")?;
        Ok(PatientId::new(&id.extension, root)?.to_string())
    };
    let mut ids = told.ids.iter().map(id).collect::<Result<Vec<_>>>()?;
    ids.sort();
    Ok(ids)
}

fn sorted(ids: &[&PatientId]) -> Vec<String> {
    let mut ids: Vec<String> = ids.iter().map(ToString::to_string).collect();
    ids.sort();
    ids
}

/// A consumer that leaves the first message without an answer, refuses the second, and accepts the others; what it
/// answered goes into the channel.
fn consumer(port: u16, authority: &Forged) -> Result<(Elsewhere, Receiver<(Feed, String)>)> {
    let (sender, arrived) = mpsc::channel();
    let codes = Mutex::new(vec![AckCode::CommitAccept, AckCode::CommitError]);
    let asked = Mutex::new(0);
    let answer = move |question: &Asked, stream: &mut elsewhere::Stream| {
        let mut before = asked.lock().map_err(|_| anyhow::anyhow!("poisoned"))?;
        *before += 1;
        if *before == 1 {
            bail!("left without an answer");
        }
        let (feed, xml) = notification(question)?;
        let code = codes.lock().map_err(|_| anyhow::anyhow!("poisoned"))?.pop();
        let code = code.unwrap_or(AckCode::CommitAccept);
        let (id, created) = (InstanceId::new(Uuid::new_v4()), Time::at(Utc::now().into()));
        let ack = AcceptAcknowledgement::of(&feed.transmission, code, Vec::new(), id, created);
        stream.write_all(&elsewhere::simple(question, &ITI_46, |w| ack.write(w)))?;
        sender.send((feed, xml))?;
        Ok(())
    };
    let (own, look) = (authority.server("localhost")?, Look::default());
    Ok((Elsewhere::serve_at(port, &own, authority, look, answer)?, arrived))
}

fn a_consumer_of_hl7_v3_is_told_of_the_domains_in_which_it_is_interested(form: Form) -> Result<()> {
    // What proves the consumer is issued by the house, which has to know of the address before.
    let port = renkei_tests::port::free()?;
    let url = format!("https://localhost:{port}/pix");
    let w = World::start(
        Start::new(form)
            .set(&format!("ids.assigning_authority={HOME}"))
            .set(&format!("identity.notify={url}#{DEVICE}/{HOME}+{CLINIC}")),
    )?;
    let authority = Forged::authority_of(&w.renkei.place().data_dir())?;
    let (_listening, arrived) = consumer(port, &authority)?;

    let (clinic, other) = (number(CLINIC)?, number(OTHER)?);
    let person = somebody(&w);
    let own = announced(&w, &person, &[&clinic, &other])?;
    // The first attempt is left without an answer; it comes again, and is refused for good.
    let (first, xml) = arrived.recv_timeout(PATIENCE)?;
    schema::check_hl7v3("PRPA_IN201302UV02", &xml)?;
    assert_eq!(ids(&first)?, sorted(&[&own, &clinic]), "not of other domains");
    assert_eq!((first.event, &first.person), (Event::Revised, &Person::default()));
    assert_eq!(first.transmission.receiver.device.as_str(), DEVICE);
    let home = w.renkei.ready.home_community_id.replace("urn:oid:", "");
    assert_eq!(first.transmission.sender.device.as_str(), home);
    // Nothing is told of what changes in other domains alone; a merge is told of whoever stays.
    announced(&w, &person, &[&number(OTHER)?])?;
    let stays = announced(&w, &somebody(&w), &[])?;
    told(&w, &merge(&own, &stays)?)?;
    let (second, xml) = arrived.recv_timeout(PATIENCE)?;
    schema::check_hl7v3("PRPA_IN201302UV02", &xml)?;
    assert_eq!(ids(&second)?, sorted(&[&stays, &clinic]));

    let settings = w.renkei.settings();
    let (status, place) = w.renkei.stop()?;
    ensure!(status.success(), "{status}");
    let log = place.read_log();
    let given_up = log.lines().find(|line| line.contains("a reply is given up"));
    ensure!(given_up.is_some_and(|line| line.contains("ITI-46")), "what is refused ends: {log}");
    let records = audit::list(&place.data_dir(), &settings)?;
    let of = |outcome: u8| {
        let key = format!("110110 ITI-46 R {outcome}");
        records.iter().filter(|r| r.key() == key).collect::<Vec<_>>()
    };
    ensure!(of(12).len() == 1, "the attempt that was not answered: {records:#?}");
    let [refused] = of(8)[..] else { bail!("the refusal: {records:#?}") };
    let [accepted] = of(0)[..] else { bail!("what was accepted: {records:#?}") };
    assert_eq!(refused.description.as_deref(), Some("CE"));
    for (record, message, patients) in
        [(refused, &first, [&own, &clinic]), (accepted, &second, [&stays, &clinic])]
    {
        is_complete(record)?;
        let [from, to] = ["110153", "110152"].map(|role| record.participant(role).context("none"));
        let (from, to) = (from?, to?);
        ensure!(from.requestor && from.user_id.contains("own.replies"), "{from:?}");
        ensure!(from.alternative_user_id.is_some(), "{from:?}");
        assert_eq!((to.user_id.as_str(), to.requestor), (url.as_str(), false));
        assert_eq!(to.network.as_deref(), Some("localhost"));
        let mut about = record.objects_of(1);
        about.sort_unstable();
        assert_eq!(about, sorted(&patients));
        let id = ("II".to_owned(), message.transmission.id.root().to_owned());
        ensure!(record.objects.iter().all(|o| o.details == [id.clone()]), "{record:?}");
    }
    Ok(())
}
