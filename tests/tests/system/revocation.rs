//! A node whose certificate is revoked is gone within a second, with all that it had open.

use crate::forms::by_form;
use anyhow::{Result, ensure};
use renkei_tests::peer::Peer;
use renkei_tests::stream::{self, Pattern, Speed};
use renkei_tests::world::{Caller, REGISTRY};
use renkei_tests::{Form, Start, World, audit, message, program};
use renkei_xds::iti18::QueryBuilder;
use std::thread;
use std::time::{Duration, Instant};

on_every_database! { by by_form:
    connections_end_and_none_begins
}

/// Octets of a document that is on its way.
const LARGE: u64 = 64 << 20;

fn connections_end_and_none_begins(form: Form) -> Result<()> {
    let w = World::start(Start::new(form))?;
    let stolen = w.caller("stolen", &["consumer", "feed"])?;
    let document = Pattern::new(LARGE)?;
    let source = Peer::new(&w.renkei, &w.source.directory)?;
    let unique_id =
        stream::submit(&source, &w.renkei.ready.assigning_authority, &document, Speed::Full)?;
    let query = message::query(
        &QueryBuilder::get_documents_by_unique_id(std::slice::from_ref(&unique_id)).build(),
    );
    let mut idle = stolen.connect()?;
    ensure!(idle.post(REGISTRY, &query.content_type, &query.body)?.status == 200);
    let mut feed = w.feed_as(&stolen)?;
    let reader = Peer::new(&w.renkei, &stolen.directory)?;
    let slow = Speed::Limited(LARGE / 30);
    thread::scope(|scope| -> Result<()> {
        let arriving = scope.spawn(|| stream::retrieve(&reader, &unique_id, &document, slow));
        thread::sleep(Duration::from_secs(1));
        ensure!(!arriving.is_finished(), "nothing is on its way");
        let began = Instant::now();
        revoke(&w, &stolen)?;
        let since = Instant::now();
        ensure!(idle.ends_within(Duration::from_secs(1))?, "an idle connection goes on");
        ensure!(feed.raw(b"\x0b").is_err() || feed.acknowledgement().is_err(), "a feed goes on");
        let arrived = arriving.join().map_err(|_| anyhow::anyhow!("the reader"))?;
        ensure!(arrived.is_err(), "a document goes on");
        let (took, all) = (since.elapsed(), began.elapsed());
        ensure!(took < Duration::from_secs(8), "{took:?} of {all:?}: what was sent already");
        Ok(())
    })?;
    let answer = stolen.connect()?.post(REGISTRY, &query.content_type, &query.body)?;
    ensure!(answer.status == 403, "{}", answer.status);
    let record = audit::wait_for(&w.renkei, |r| {
        r.event == "110113" && r.objects_of(13).contains(&"stolen")
    })?;
    ensure!(record.outcome == 0, "{record:?}");
    Ok(())
}

fn revoke(w: &World, node: &Caller) -> Result<()> {
    let data = w.renkei.place().data_dir().display().to_string();
    let name = node.name.as_str();
    let settings = w.renkei.settings();
    let sets: Vec<&str> = settings.iter().flat_map(|s| ["--set", s.as_str()]).collect();
    let words = [&["pki", "revoke", name, "--data-dir", &data][..], &sets].concat();
    let output = program::run(&words)?;
    ensure!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let again = program::run(&words)?;
    let told = String::from_utf8_lossy(&again.stderr).into_owned();
    ensure!(again.status.code() == Some(1) && told.contains("is not registered"), "{told}");
    Ok(())
}
