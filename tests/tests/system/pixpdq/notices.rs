//! ITI-10: consumers are told when the identifiers of a person change (ITI TF-2: 3.10).

use super::{CLINIC, OTHER, announced, number, somebody};
use crate::audit::is_complete;
use crate::discovery::people::merge;
use crate::matching::patient;
use anyhow::{Context, Result, bail, ensure};
use renkei_metadata::ids::PatientId;
use renkei_tests::consumer::{Consumer, Notified};
use renkei_tests::forge::Forged;
use renkei_tests::{Form, Start, World, audit};
use std::collections::BTreeSet;
use std::time::{Duration, Instant};

/// The affinity domain.
const HOME: &str = "2.999.31.10";
/// Longer than a notification that is tried again.
const PATIENCE: Duration = Duration::from_secs(30);
/// Longer than whoever took a row has it to himself.
const LEASE: Duration = Duration::from_secs(90);

/// Where the process ends that tells of a change.
pub(crate) const STEPS: [&str; 2] = ["notices.taken", "notices.put"];

on_every_database! {
    by in_a_house_of_its_own:
    a_consumer_is_told_of_the_domains_in_which_it_is_interested
    what_there_is_no_room_for_is_told_later
    what_changed_is_told_wherever_the_house_ended
}

fn in_a_house_of_its_own(postgres: bool, test: fn(Form) -> Result<()>) -> Result<()> {
    crate::forms::by_form(postgres, test)
}

/// What proves the consumer is issued by the house, which has to know of the address before.
fn notifying(form: Form, port: u16) -> Start {
    Start::new(form)
        .set(&format!("ids.assigning_authority={HOME}"))
        .set(&format!("identity.notify={}#{HOME}+{CLINIC}", Consumer::url(port)))
}

fn listening(w: &World, port: u16, failures: usize) -> Result<Consumer> {
    let authority = Forged::authority_of(&w.renkei.place().data_dir())?;
    Consumer::listen(port, &authority, &authority, failures)
}

fn ids(notified: &Notified) -> Result<Vec<PatientId>> {
    let ids: Result<Vec<PatientId>, _> =
        notified.update.identifiers.iter().map(|cx| cx.patient_id()).collect();
    let mut ids = ids?;
    ids.sort_by_key(ToString::to_string);
    Ok(ids)
}

fn sorted(mut ids: Vec<PatientId>) -> Vec<PatientId> {
    ids.sort_by_key(ToString::to_string);
    ids
}

fn a_consumer_is_told_of_the_domains_in_which_it_is_interested(form: Form) -> Result<()> {
    let port = renkei_tests::port::free()?;
    let w = World::start(notifying(form, port))?;
    let consumer = listening(&w, port, 1)?;

    let (person, clinic, other) = (somebody(&w), number(CLINIC)?, number(OTHER)?);
    let own = person.identifiers.first().context("no id")?.id.clone();
    announced(&w, &person, &[&clinic, &other])?;
    // The first attempt is left without an answer; it comes again.
    let told = consumer.next(PATIENCE)?;
    assert_eq!(consumer.failures_left(), 0);
    assert_eq!(ids(&told)?, sorted(vec![own.clone(), clinic.clone()]), "not of other domains");
    assert_eq!(told.update.msh.receiver(), "INSURER|PORTAL");
    ensure!(
        told.text.contains("|ITI-10^IHE\r") && told.text.contains("|| \rPV1||N\r"),
        "{}",
        told.text
    );
    ensure!(told.from == "own.replies", "{}", told.from);
    // Nothing is told of what changes in other domains alone, or of somebody who is known by one identifier; a merge is
    // told of whoever stays.
    announced(&w, &person, &[&number(OTHER)?])?;
    let survivor = somebody(&w);
    announced(&w, &survivor, &[])?;
    let stays = survivor.identifiers.first().context("no id")?.id.clone();
    merge(&w, &person, &survivor)?;
    assert_eq!(ids(&consumer.next(PATIENCE)?)?, sorted(vec![stays, clinic]));
    what_clerks_do(&w, &consumer)?;

    let settings = w.renkei.settings();
    let (status, place) = w.renkei.stop()?;
    ensure!(status.success(), "{status}");
    let records = audit::list(&place.data_dir(), &settings)?;
    let of = |outcome: u8| {
        let key = format!("110110 ITI-10 R {outcome}");
        records.iter().filter(|r| r.key() == key).collect::<Vec<_>>()
    };
    // One was left without an answer. On a busy machine others may have been too late.
    ensure!(!of(12).is_empty(), "the attempt that was not answered: {records:#?}");
    let [first, ..] = of(0)[..] else { bail!("no record") };
    is_complete(first)?;
    let [from, to] = ["110153", "110152"].map(|role| first.participant(role).context("none"));
    let (from, to) = (from?, to?);
    assert_eq!((from.user_id.as_str(), from.requestor), ("RENKEI|PIXPDQ", true));
    assert_eq!((to.user_id.as_str(), to.requestor), ("INSURER|PORTAL", false));
    assert_eq!(to.network.as_deref(), Some("localhost"));
    assert_eq!(first.objects_of(1).len(), 2);
    let details: Vec<_> =
        first.objects.iter().flat_map(|o| &o.details).map(|d| d.0.as_str()).collect();
    assert_eq!(details, ["MSH-10", "MSH-10"]);
    ensure!(
        own.to_string() == first.objects[0].id || own.to_string() == first.objects[1].id,
        "{first:?}"
    );
    Ok(())
}

/// A consumer that does not listen, of whom one notification at a time may wait.
fn what_there_is_no_room_for_is_told_later(form: Form) -> Result<()> {
    let port = renkei_tests::port::free()?;
    let w = World::start(notifying(form, port).set("async.partner_replies=1"))?;
    let mut expected = Vec::new();
    for _ in 0..3 {
        let (person, clinic) = (somebody(&w), number(CLINIC)?);
        announced(&w, &person, &[&clinic])?;
        let own = person.identifiers.first().context("no id")?.id.clone();
        expected.push(sorted(vec![own, clinic]));
    }
    let until = Instant::now() + PATIENCE;
    while !w.renkei.place().read_log().contains("too many wait for this consumer") {
        ensure!(Instant::now() < until, "there was room: {}", w.renkei.place().read_log());
        std::thread::sleep(Duration::from_millis(50));
    }
    let consumer = listening(&w, port, 0)?;
    let told = (0..3).map(|_| ids(&consumer.next(LEASE)?)).collect::<Result<BTreeSet<_>>>()?;
    assert_eq!(told, expected.into_iter().collect());
    Ok(())
}

/// Links, and what parts them, on the command line: who was one person and is two is told twice.
fn what_clerks_do(w: &World, consumer: &Consumer) -> Result<()> {
    let (here, mut there, clinic) = (somebody(w), somebody(w), number(CLINIC)?);
    there.identifiers = Vec::new();
    announced(w, &here, &[])?;
    announced(w, &there, &[&clinic])?;
    let own = here.identifiers.first().context("no id")?.id.clone();
    let pair = [own.to_string(), clinic.to_string()];
    // News are taken behind their acknowledgement.
    let until = Instant::now() + PATIENCE;
    while let Err(error) = patient(w, "clerk", &["explain", &pair[0], &pair[1]]) {
        ensure!(Instant::now() < until, "{error}");
        std::thread::sleep(Duration::from_millis(100));
    }
    let both = sorted(vec![own.clone(), clinic.clone()]);
    for parting in ["undo", "unlink"] {
        patient(w, "clerk", &["link", &pair[0], &pair[1]])?;
        assert_eq!(ids(&consumer.next(PATIENCE)?)?, both);
        patient(w, "clerk", &[parting, &pair[0], &pair[1]])?;
        let mut told = [ids(&consumer.next(PATIENCE)?)?, ids(&consumer.next(PATIENCE)?)?].concat();
        told.sort_by_key(ToString::to_string);
        assert_eq!(told, both, "{parting}: of each by itself");
    }
    Ok(())
}

/// From the change to its row, from the row to the change being done with, and on its way to the consumer.
fn what_changed_is_told_wherever_the_house_ended(form: Form) -> Result<()> {
    for step in STEPS.into_iter().map(Some).chain([None]) {
        let port = renkei_tests::port::free()?;
        let start = notifying(form, port);
        let w = World::start(step.iter().fold(start, |start, step| start.failpoint(step)))?;
        // Without a step, the one attempt there is goes to nobody.
        let consumer = listening(&w, port, usize::from(step.is_none()))?;
        let (person, clinic) = (somebody(&w), number(CLINIC)?);
        let own = person.identifiers.first().context("no id")?.id.clone();
        // The program may end while it acknowledges.
        let acknowledged = announced(&w, &person, &[&clinic]);
        let mut renkei = w.renkei;
        let place = match step {
            Some(_) => {
                let status = renkei.wait(PATIENCE)?;
                ensure!(!status.success(), "{status}: {acknowledged:?}");
                renkei.into_place()
            }
            None => {
                let until = Instant::now() + PATIENCE;
                while consumer.failures_left() > 0 {
                    ensure!(Instant::now() < until, "no attempt");
                    std::thread::sleep(Duration::from_millis(10));
                }
                renkei.kill()?
            }
        };
        let _again = notifying(form, port).go_in(place)?;
        let told = consumer.next(LEASE).with_context(|| format!("{step:?}"))?;
        assert_eq!(ids(&told)?, sorted(vec![own, clinic]), "{step:?}");
    }
    Ok(())
}
