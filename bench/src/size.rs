//! The same look-ups in a registry that grows: what a decade more of entries costs.

use crate::Plan;
use crate::fill::{self, EACH, Loaded};
use crate::load::{Load, Request};
use crate::report;
use crate::scene::Scene;
use anyhow::Result;
use renkei_metadata::model::AvailabilityStatus;
use renkei_tests::message;
use renkei_tests::world::REGISTRY;
use renkei_xds::iti18::{AdhocQuery, QueryBuilder};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

/// The most by which the median latency may grow when the registry grows tenfold.
const GROWTH: f64 = 1.6;
/// Prime to the number of patients, so that they are visited in no order that a cache likes.
pub(crate) const STRIDE: usize = 7919;

/// A look-up: its name, what is asked, and how many entries are found.
type Question = (&'static str, fn(&Loaded) -> AdhocQuery, usize);

const QUESTIONS: [Question; 2] =
    [("FindDocuments, 10 entries", find, EACH), ("GetDocuments by uniqueId", get, 1)];

/// FindDocuments for everything of a patient.
pub(crate) fn find(loaded: &Loaded) -> AdhocQuery {
    QueryBuilder::find_documents(&loaded.patient, &[AvailabilityStatus::Approved]).build()
}

/// GetDocuments for one uniqueId.
fn get(loaded: &Loaded) -> AdhocQuery {
    QueryBuilder::get_documents_by_unique_id(std::slice::from_ref(&loaded.unique_id)).build()
}

/// Asks at each size.
pub(crate) fn run(scene: &Scene, plan: Plan) -> Result<()> {
    let mut loaded = Vec::new();
    let mut before = [None; QUESTIONS.len()];
    for size in plan.sizes {
        let started = Instant::now();
        fill::up_to(scene, &mut loaded, *size)?;
        report::loaded(*size, started.elapsed());
        for ((name, question, found), before) in QUESTIONS.into_iter().zip(&mut before) {
            let p50 = ask(scene, plan, &loaded, question, found)?;
            report::growth(name, p50, before.replace(p50), GROWTH);
        }
        report::resident(scene)?;
    }
    Ok(())
}

/// The median latency of one connection that asks about one patient after the other.
fn ask(
    scene: &Scene,
    plan: Plan,
    loaded: &[Loaded],
    question: fn(&Loaded) -> AdhocQuery,
    found: usize,
) -> Result<Duration> {
    let turn = AtomicUsize::new(0);
    let load = Load {
        connector: &scene.connector,
        connections: 1,
        each: plan.each,
        next: &|| {
            let n = turn.fetch_add(STRIDE, Ordering::Relaxed) % loaded.len().max(1);
            let query = loaded.get(n).map(question);
            let query = query.unwrap_or_else(|| QueryBuilder::new("").build());
            Request::Post(REGISTRY, message::query(&query))
        },
        right: &|body| memchr::memmem::find_iter(body, b"</rim:ExtrinsicObject>").count() == found,
    };
    let mut rounds = Vec::new();
    for _ in 0..plan.pairs {
        rounds.push(load.run(scene.renkei.port())?.p50);
    }
    rounds.sort_unstable();
    Ok(rounds.get(rounds.len() / 2).copied().unwrap_or_default())
}
