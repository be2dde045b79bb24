//! Documents of strangers too large to be held, on their way through. What is small is known before the answer
//! begins: `failures.rs`.

use super::meeting::{STRANGER, answer_with, entry, meet, part, success, theirs};
use super::{entries, find, retrieve};
use crate::forms::by_form;
use anyhow::{Context, Result, bail, ensure};
use renkei_metadata::finding::Severity;
use renkei_tests::elsewhere::{http_head, multipart, multipart_ends};
use renkei_tests::row::named as row_of;
use renkei_tests::stream::Pattern;
use renkei_tests::world::INITIATING_GATEWAY as INITIATING;
use renkei_tests::{Form, audit, message, sample};
use renkei_xds::iti43;
use renkei_xds::response::{RegistryError, RegistryResponse, Status};
use renkei_xds::transaction::ITI_39;
use std::io::Write;

on_every_database! { by by_form:
    a_large_document_that_is_not_what_its_entry_says_is_broken_off_and_recorded
    a_large_document_streams_through_in_flat_memory
    who_breaks_off_each_time_is_spared
    what_does_not_come_is_told_whatever_else_is_said
}

fn a_large_document_that_is_not_what_its_entry_says_is_broken_off_and_recorded(
    form: Form,
) -> Result<()> {
    let unique_id = sample::new_unique_id();
    let behind = [sample::new_unique_id(), sample::new_unique_id()];
    let (asked_for, with_it) = (unique_id.clone(), behind.clone());
    let (mut truth, mut lies) = (vec![b'x'; 2 << 20], vec![b'x'; 2 << 20]);
    truth.push(b'1');
    lies.push(b'0');
    let meeting = meet(form, &[], move |patient, asked, stream| {
        if asked.envelope.contains("CrossGatewayQuery") {
            let mut entry = entry(patient, &truth, Some(STRANGER))?;
            entry.unique_id = asked_for.clone();
            return Ok(stream.write_all(&answer_with(asked, &[entry]))?);
        }
        let parts: [(&str, &[u8]); 3] =
            [("d@stranger", &lies), ("e@stranger", b"e"), ("f@stranger", b"f")];
        let listed = [
            part(theirs(&asked_for)?, "d@stranger"),
            part(theirs(&with_it[0])?, "e@stranger"),
            part(theirs(&with_it[1])?, "f@stranger"),
        ];
        Ok(stream.write_all(&multipart(asked, &ITI_39, &parts, |w| {
            iti43::write_response(w, &success(), &listed);
        }))?)
    })?;
    let requests = [theirs(&unique_id)?, theirs(&behind[0])?, theirs(&behind[1])?];
    let unknown = retrieve(&meeting.house, &requests)?;
    ensure!(unknown.documents.len() == 3, "nothing is known of it yet: {:?}", unknown.response);
    ensure!(entries(&find(&meeting.house, &meeting.patient)?).len() == 2, "no entries");
    if let Ok(got) = retrieve(&meeting.house, &requests) {
        bail!("{:?}", got.response);
    }
    let record = audit::wait_for(&meeting.house.renkei, |r| {
        r.description.as_deref() == Some("XDSNonIdenticalHash")
    })?;
    ensure!(record.event_type.as_deref() == Some("ITI-43"), "{record:?}");
    ensure!(record.objects_of(3) == [unique_id.as_str()], "{record:?}");
    // Those behind it did not come either.
    let record = audit::wait_for(&meeting.house.renkei, |r| {
        r.description.as_deref() == Some("the answer was broken off")
    })?;
    let mut lost: Vec<&str> = behind.iter().map(|id| id.as_str()).collect();
    let mut told = record.objects_of(3);
    lost.sort_unstable();
    told.sort_unstable();
    ensure!(told == lost && record.outcome == 8, "{record:?}");
    Ok(())
}

/// A warning, or an error about another one, explains nothing.
fn what_does_not_come_is_told_whatever_else_is_said(form: Form) -> Result<()> {
    let [given, named, silent] = [(); 3].map(|()| sample::new_unique_id());
    let (first, second) = (given.clone(), named.clone());
    let meeting = meet(form, &[], move |_, asked, stream| {
        let error = |severity, context: &str| RegistryError {
            code: "XDSRepositoryError".to_owned(),
            context: context.to_owned(),
            severity,
            location: String::new(),
        };
        let errors = vec![
            error(Severity::Warning, "the disk is nearly full"),
            error(Severity::Error, &format!("{second} is lost")),
        ];
        let response = RegistryResponse { status: Status::PartialSuccess, errors };
        let listed = [part(theirs(&first)?, "d@stranger")];
        Ok(stream.write_all(&multipart(asked, &ITI_39, &[("d@stranger", b"x")], |w| {
            iti43::write_response(w, &response, &listed);
        }))?)
    })?;
    let requests = [theirs(&given)?, theirs(&named)?, theirs(&silent)?];
    let got = retrieve(&meeting.house, &requests)?;
    ensure!(got.documents.len() == 1, "{got:?}");
    ensure!(got.response.status == Status::PartialSuccess, "{:?}", got.response);
    let told = row_of(&got.response.errors, "community-document-unanswered")?;
    let [told] = told[..] else { bail!("{:?}", got.response) };
    ensure!(told.context.contains(silent.as_str()), "{told:?}");
    Ok(())
}

/// Octets of the large document.
const LARGE: u64 = 100_000_000;
/// What the house may grow while it passes through.
const GROWTH: u64 = 32 << 20;

fn a_large_document_streams_through_in_flat_memory(form: Form) -> Result<()> {
    let pattern = Pattern::new(LARGE)?;
    let (unique_id, sent) = (sample::new_unique_id(), pattern.clone());
    let asked_for = unique_id.clone();
    let meeting = meet(form, &[], move |_, asked, stream| {
        let listed = [part(theirs(&asked_for)?, "d@stranger")];
        let (kind, before, after) = multipart_ends(asked, &ITI_39, "d@stranger", |w| {
            iti43::write_response(w, &success(), &listed);
        });
        let length = before.len() as u64 + sent.size() + after.len() as u64;
        stream.write_all(&http_head(&kind, length))?;
        stream.write_all(&before)?;
        sent.each(|octets| Ok(stream.write_all(octets)?))?;
        Ok(stream.write_all(&after)?)
    })?;
    let renkei = &meeting.house.renkei;
    let before = renkei.resident_bytes()?;
    let mut wire = meeting.house.consumer.connect()?;
    let asked = message::retrieve(&[theirs(&unique_id)?]);
    wire.send_post(INITIATING, &asked.content_type, &asked.body)?;
    let (mut octets, mut most) = (0u64, before);
    wire.answer_to(|_, bytes| {
        octets += bytes.len() as u64;
        if octets % (8 << 20) < bytes.len() as u64 {
            most = most.max(renkei.resident_bytes()?);
        }
        Ok(())
    })?;
    ensure!(octets > LARGE, "{octets} octets");
    ensure!(most < before + GROWTH, "grew by {} MB", (most - before) >> 20);
    Ok(())
}

/// That it began to answer is no answer.
fn who_breaks_off_each_time_is_spared(form: Form) -> Result<()> {
    let unique_id = sample::new_unique_id();
    let asked_for = unique_id.clone();
    let meeting = meet(form, &[], move |_, asked, stream| {
        let parts: [(&str, &[u8]); 1] = [("d@stranger", b"in part only")];
        let listed = [part(theirs(&asked_for)?, "d@stranger")];
        let whole = multipart(asked, &ITI_39, &parts, |w| {
            iti43::write_response(w, &success(), &listed);
        });
        let at = whole.windows(4).rposition(|w| w == b"only").context("no document")?;
        Ok(stream.write_all(&whole[..at])?)
    })?;
    for n in 0..6 {
        let got = retrieve(&meeting.house, &[theirs(&unique_id)?])?;
        let row = if n < 5 { "community-document-broken" } else { "community-resting" };
        let told = row_of(&got.response.errors, row).with_context(|| format!("{n}: {got:?}"))?;
        ensure!(told.len() == 1 && got.documents.is_empty(), "{n}: {got:?}");
    }
    Ok(())
}
