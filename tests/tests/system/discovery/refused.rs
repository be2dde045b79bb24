//! What is not done here, and is refused by name.

use super::elsewhere::deferred;
use super::people::{asking, somebody};
use crate::expect::plain;
use anyhow::{Result, bail, ensure};
use renkei_hl7v3::acknowledgement::AckCode;
use renkei_hl7v3::iti55::Request;
use renkei_soap::fault::FaultCode;
use renkei_tests::row::Row;
use renkei_tests::world::XCPD;
use renkei_tests::{World, audit, message};
use renkei_xds::transaction::{ITI_55_DEFERRED, ITI_56};

on_every_database! {
    nothing_is_deferred_where_no_address_is_listed
    a_location_query_is_refused_by_name
}

fn nothing_is_deferred_where_no_address_is_listed(w: &World) -> Result<()> {
    let ask = |request: &Request| -> Result<_> {
        let message = message::discover_by(ITI_55_DEFERRED.request_action, request);
        Ok(w.gateway.post(XCPD, &message)?.accepted()?.acknowledgement)
    };
    let asked = deferred(asking(w, &somebody(w))?, "https://elsewhere.example/");
    let ack = ask(&asked)?;
    let [detail] = ack.details.as_slice() else { bail!("{ack:?}") };
    ensure!(ack.code == AckCode::ApplicationError, "{ack:?}");
    let row = Row::of("xcpd-not-deferred")?;
    let text = detail.text.as_deref().unwrap_or_default();
    ensure!(row.code == "NS250" && detail.code.as_ref() == Some(&row.code), "{detail:?}");
    ensure!(row.words.iter().all(|words| text.contains(words)), "{text}");
    plain(text)?;
    audit::wait_for(&w.renkei, |r| r.description.as_deref() == Some("xcpd-not-deferred"))?;
    // Without an address there is nowhere to answer to.
    let Request { mut transmission, authority, query, .. } = asked;
    transmission.respond_to = None;
    let ack = ask(&Request::new(transmission, authority, query))?;
    let [detail] = ack.details.as_slice() else { bail!("{ack:?}") };
    ensure!(ack.code == AckCode::CommitError, "{ack:?}");
    ensure!(detail.text.as_ref().is_some_and(|text| text.contains("respondTo")), "{detail:?}");
    Ok(())
}

fn a_location_query_is_refused_by_name(w: &World) -> Result<()> {
    let id = message::message_id();
    let patient = w.patient().into();
    let to = "https://localhost/";
    let envelope = renkei_soap::envelope::write_request(ITI_56.request_action, &id, to, |w| {
        renkei_hl7v3::iti56::write_request(w, &patient);
    });
    let fault = w.gateway.post(XCPD, &message::simple(&envelope))?.fault()?;
    ensure!(fault.code == FaultCode::Sender, "{fault:?}");
    ensure!(fault.en.contains("xcpd-no-locations") && fault.ja.contains("ITI-56"), "{fault:?}");
    Ok(())
}
