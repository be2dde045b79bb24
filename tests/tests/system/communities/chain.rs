//! Whoever is asked by another community answers for itself, and asks nobody in turn (ITI TF-1: 18.2.3): what the
//! neighbour of a neighbour has is had of that one, or not at all.

use super::{entries, find, house, join, retrieve};
use crate::forms::by_form;
use anyhow::{Result, ensure};
use renkei_metadata::ids::HomeCommunityId;
use renkei_metadata::model::{AvailabilityStatus, DocumentEntry};
use renkei_tests::audit::{self, Record};
use renkei_tests::community::noticed;
use renkei_tests::{Form, sample};
use renkei_xds::iti18::{AdhocQuery, QueryBuilder};
use renkei_xds::response::Status;

on_every_database! { by by_form:
    what_a_neighbour_of_a_neighbour_has_stays_there
}

/// North asks south, and south asks east.
fn what_a_neighbour_of_a_neighbour_has_stays_there(form: Form) -> Result<()> {
    let (north, south, east) = (house(form)?, house(form)?, house(form)?);
    join(&north, &south, "南のPHR")?;
    join(&south, &east, "東の地域連携")?;
    noticed(&north.renkei)?;
    noticed(&south.renkei)?;
    let patient = north.patient();
    let sent = sample::one(&patient, b"easty");
    east.submitted(&sent, &[b"easty"])?;
    for (world, content) in [(&north, b"north"), (&south, b"south")] {
        world.submitted(&sample::one(&patient, content), &[content])?;
    }

    // Whoever asks north reads of north and south.
    let found = find(&north, &patient)?;
    ensure!(found.status == Status::Success && found.errors.is_empty(), "{found:?}");
    ensure!(homes(&entries(&found)) == [north.home()?, south.home()?].into(), "{found:?}");
    let of_east = east.request_across(&sent.entries[0].unique_id)?;
    let got = retrieve(&north, std::slice::from_ref(&of_east))?;
    ensure!(got.documents.is_empty(), "came from a community that north does not know");
    ensure!(codes(&got.response.errors) == ["XDSUnknownCommunity"], "{:?}", got.response);

    // So does a gateway that names east to south.
    let query = QueryBuilder::find_documents(&patient, &[AvailabilityStatus::Approved]).build();
    let found = south.query_across(&query)?;
    ensure!(found.status == Status::Success && found.errors.is_empty(), "{found:?}");
    ensure!(homes(&entries(&found)) == [south.home()?].into(), "{found:?}");
    let there = AdhocQuery { home: Some(east.home()?.to_string()), ..query };
    let found = south.query_across(&there)?;
    ensure!(found.objects.is_empty(), "{found:?}");
    ensure!(codes(&found.errors) == ["XDSUnknownCommunity"], "{found:?}");
    let got = south.retrieve_across(std::slice::from_ref(&of_east))?;
    ensure!(got.documents.is_empty(), "came through south");
    ensure!(codes(&got.response.errors) == ["XDSUnknownCommunity"], "{:?}", got.response);
    let settings = east.renkei.settings();
    let records = audit::list(&east.renkei.place().data_dir(), &settings)?;
    ensure!(asked(&records).is_empty(), "east was asked: {:?}", asked(&records));

    // For its own consumers south does ask.
    let found = find(&south, &patient)?;
    ensure!(homes(&entries(&found)) == [south.home()?, east.home()?].into(), "{found:?}");
    let got = retrieve(&south, &[of_east])?;
    ensure!(got.documents.first().is_some_and(|d| d.content == b"easty"), "{got:?}");
    let (_, place) = east.renkei.stop()?;
    let records = audit::list(&place.data_dir(), &settings)?;
    assert_eq!(asked(&records), ["110112 ITI-38 E 0", "110106 ITI-39 R 0"]);
    Ok(())
}

fn homes(entries: &[&DocumentEntry]) -> std::collections::BTreeSet<HomeCommunityId> {
    entries.iter().filter_map(|entry| entry.home.clone()).collect()
}

fn codes(errors: &[renkei_xds::response::RegistryError]) -> Vec<&str> {
    errors.iter().map(|error| error.code.as_str()).collect()
}

/// What other communities asked, oldest first.
fn asked(records: &[Record]) -> Vec<String> {
    let across = |r: &&Record| {
        r.event_type.as_deref().is_some_and(|t| ["ITI-38", "ITI-39", "ITI-55"].contains(&t))
    };
    records.iter().filter(across).map(Record::key).collect()
}
