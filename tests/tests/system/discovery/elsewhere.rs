//! Answers to ITI-55 that are messages of their own: asynchronous (ITI TF-2: 3.55.6.1) and deferred
//! (ITI TF-2: 3.55.6.2).

use super::KEEPS;
use super::people::{announce, asking, somebody};
use crate::asynchronous::{PATIENCE, accepted, both, id_of, to};
use anyhow::{Result, bail, ensure};
use renkei_hl7v3::acknowledgement::AckCode;
use renkei_hl7v3::interaction::ITI_55_DEFERRED_ANSWER;
use renkei_hl7v3::iti55::{Outcome, Request};
use renkei_hl7v3::query::Priority;
use renkei_soap::fault::FaultCode;
use renkei_tests::world::XCPD;
use renkei_tests::{Form, Renkei, Start, World, message};
use renkei_xds::transaction::{ITI_55, ITI_55_DEFERRED};

on_every_database! {
    by in_a_house_of_its_own:
    an_asynchronous_answer_goes_to_the_address_that_was_named
    a_deferred_query_is_acknowledged_and_answered_where_it_says
    a_deferred_answer_outlives_the_program
}

fn in_a_house_of_its_own(postgres: bool, test: fn(Form) -> Result<()>) -> Result<()> {
    test(Form { postgres, wired: false })
}

fn an_asynchronous_answer_goes_to_the_address_that_was_named(form: Form) -> Result<()> {
    let Some((w, receiver, _requester)) = both(form)? else { return Ok(()) };
    let person = somebody(&w);
    announce(&w, &person)?;
    let request = asking(&w, &person)?;
    let asked = to(message::discover(&request), &receiver.url("/replies/xcpd"))?;
    accepted(&w.gateway, XCPD, &asked)?;
    let reply = receiver.next(PATIENCE)?.reply;
    let addressing = reply.addressing()?;
    ensure!(addressing.action == ITI_55.response_action, "{addressing:?}");
    ensure!(addressing.relates_to == Some(id_of(&asked)?), "{addressing:?}");
    ensure!(matches!(reply.discovered()?.outcome, Outcome::Found(_)));
    ensure!(reply.envelope.contains(KEEPS), "{}", reply.envelope);
    Ok(())
}

/// The same question, whose answer is to follow at `url`.
pub(crate) fn deferred(request: Request, url: &str) -> Request {
    let Request { mut transmission, authority, mut query, .. } = request;
    transmission.respond_to = Some(url.to_owned());
    query.priority = Priority::Deferred;
    Request::new(transmission, authority, query)
}

fn a_deferred_query_is_acknowledged_and_answered_where_it_says(form: Form) -> Result<()> {
    let Some((w, receiver, _requester)) = both(form)? else { return Ok(()) };
    // Fails once: the answer is not lost with its first attempt.
    receiver.fail(1);
    let person = somebody(&w);
    announce(&w, &person)?;
    let asked = deferred(asking(&w, &person)?, &receiver.url("/replies/deferred"));
    let first = message::discover_by(ITI_55_DEFERRED.request_action, &asked);
    let reply = w.gateway.post(XCPD, &first)?;
    let (addressing, ack) = (reply.addressing()?, reply.accepted()?);
    ensure!(addressing.action == ITI_55_DEFERRED.response_action, "{addressing:?}");
    ensure!(addressing.relates_to == Some(id_of(&first)?), "{addressing:?}");
    ensure!(ack.acknowledgement.code == AckCode::CommitAccept, "{ack:?}");
    ensure!(ack.acknowledgement.target == asked.transmission.id, "{ack:?}");

    let second = receiver.next(PATIENCE)?;
    ensure!(second.path == "/replies/deferred", "{}", second.path);
    let addressing = second.reply.addressing()?;
    ensure!(addressing.action == ITI_55_DEFERRED_ANSWER.request_action, "{addressing:?}");
    ensure!(addressing.relates_to == Some(id_of(&first)?), "{addressing:?}");
    ensure!(addressing.message_id.is_some(), "{addressing:?}");
    ensure!(second.reply.envelope.contains(KEEPS), "{}", second.reply.envelope);
    let answer = second.reply.discovered()?;
    ensure!(answer.target == asked.transmission.id && answer.query_id == asked.query.id);
    let Outcome::Found(found) = answer.outcome else { bail!("{:?}", answer.outcome) };
    ensure!(found.len() == 1, "{found:?}");

    // Whoever may ask must not be able to make this house call whomever he likes.
    let asked = deferred(asking(&w, &person)?, "https://elsewhere.example/");
    let elsewhere = message::discover_by(ITI_55_DEFERRED.request_action, &asked);
    crate::expect::fault(&w.gateway.post(XCPD, &elsewhere)?, FaultCode::Sender)?;
    Ok(())
}

fn a_deferred_answer_outlives_the_program(form: Form) -> Result<()> {
    let Some((w, receiver, _requester)) = both(form)? else { return Ok(()) };
    // Nothing gets there before the program is killed.
    receiver.fail(usize::MAX);
    let person = somebody(&w);
    announce(&w, &person)?;
    let asked = deferred(asking(&w, &person)?, &receiver.url("/replies/deferred"));
    let first = message::discover_by(ITI_55_DEFERRED.request_action, &asked);
    let ack = w.gateway.post(XCPD, &first)?.accepted()?;
    ensure!(ack.acknowledgement.code == AckCode::CommitAccept, "{ack:?}");
    let settings = w.renkei.settings();
    let World { renkei, .. } = w;
    let place = renkei.kill()?;
    receiver.fail(0);
    let again = settings.iter().fold(Start::new(form), |start, setting| start.set(setting));
    let _renkei: Renkei = again.go_in(place)?;
    let reply = receiver.next(PATIENCE)?.reply;
    ensure!(reply.addressing()?.relates_to == Some(id_of(&first)?), "{}", reply.envelope);
    ensure!(matches!(reply.discovered()?.outcome, Outcome::Found(_)), "{}", reply.envelope);
    Ok(())
}
