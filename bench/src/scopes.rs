//! What it costs that a node sees only what it is entitled to: ITI-18 and ITI-43 by a node of an insurer, beside the same by
//! one that sees everything, in a house with ten thousand nodes and a hundred thousand recipients; and whether what is hidden
//! takes as long as what does not exist.

use crate::Plan;
use crate::fill::{self, EACH, Loaded};
use crate::hidden;
use crate::load::{Load, Request};
use crate::report::{self, Goal, Pairs};
use crate::scene::Scene;
use crate::size::{STRIDE, find};
use anyhow::{Result, ensure};
use openssl::ssl::SslConnector;
use renkei_metadata::ids::RepositoryUniqueId;
use renkei_metadata::model::Submission;
use renkei_tests::wire::{self, Wire};
use renkei_tests::world::{REGISTRY, REPOSITORY};
use renkei_tests::{message, program, sample};
use renkei_xds::iti18::QueryBuilder;
use renkei_xds::iti43::DocumentRequest;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

const CONNECTIONS: usize = 8;
/// The insurer whose node asks.
const NUMBER: &str = "06139463";
/// Recipients of each submission, that insurer among them.
const RECIPIENTS: usize = 10;
const GOAL: Option<Goal> = Some(Goal { must: 0.9, aim: 0.97 });

/// Fills the house and asks as either.
pub(crate) fn run(scene: &Scene, plan: Plan) -> Result<()> {
    let entries = plan.sizes.get(1).copied().unwrap_or(plan.entries);
    let nodes = entries / RECIPIENTS;
    let began = Instant::now();
    issue(scene, nodes)?;
    eprintln!("{nodes} nodes issued in {} s", began.elapsed().as_secs());
    let mut loaded = Vec::new();
    let began = Instant::now();
    fill::up_to_as(scene, &mut loaded, entries, &addressed)?;
    report::loaded(entries, began.elapsed());
    let words = ["--scope", &format!("insurer={NUMBER}")];
    let identity = scene.renkei.identities().entitled("insurer", &["consumer"], &words)?;
    let insurer = wire::connector(&scene.renkei.ready.ca, Some(&identity))?;
    std::thread::sleep(Duration::from_secs(2));
    queries(scene, plan, &insurer, &loaded)?;
    retrievals(scene, plan, &insurer)?;
    hidden::run(scene, plan, &insurer)
}

/// Has the house let in so many nodes of insurers.
fn issue(scene: &Scene, nodes: usize) -> Result<()> {
    let place = scene.renkei.place();
    let (table, out) = (place.client_dir().join("nodes.csv"), place.client_dir().join("nodes"));
    let line = |n: usize| format!("insurer-{n},consumer,insurer={:08}\n", 10_000_000 + n);
    let lines: String = (0..nodes).map(line).collect();
    std::fs::write(&table, format!("name,roles,scopes\n{lines}"))?;
    let [table, out, data] = [table, out, place.data_dir()].map(|path| path.display().to_string());
    let words = ["pki", "issue", "--bulk", &table, "--out", &out, "--data-dir", &data, "--json"];
    let issued = program::run(&words)?;
    ensure!(issued.status.success(), "{}", String::from_utf8_lossy(&issued.stderr));
    Ok(())
}

/// Sends the n-th submission to the insurer and to others, each its own.
fn addressed(n: usize, s: &mut Submission) {
    let xon = |number: String| format!("架空健保^^^^^&1.2.392.200119.6.101&ISO^^^^{number}");
    let others = (1..RECIPIENTS).map(|other| format!("{:08}", 20_000_000 + n * RECIPIENTS + other));
    let all = others.chain([NUMBER.to_owned()]);
    s.submission_set.intended_recipients = all.map(xon).collect();
    for entry in &mut s.entries {
        entry.confidentiality_codes.truncate(1);
        entry.confidentiality_codes.push(sample::project_code("FULL", 5, "対象"));
    }
}

fn queries(scene: &Scene, plan: Plan, insurer: &SslConnector, loaded: &[Loaded]) -> Result<()> {
    let turn = AtomicUsize::new(0);
    let next = || {
        let n = turn.fetch_add(STRIDE, Ordering::Relaxed) % loaded.len().max(1);
        let query = loaded.get(n).map(find).unwrap_or_else(|| QueryBuilder::new("").build());
        Request::Post(REGISTRY, message::query(&query))
    };
    let as_node = |connector| Load {
        connector,
        connections: CONNECTIONS,
        each: plan.each,
        next: &next,
        right: &|body: &[u8]| {
            memchr::memmem::find_iter(body, b"</rim:ExtrinsicObject>").count() == EACH
        },
    };
    let pairs = pairs(scene, plan, &as_node(insurer), &as_node(&scene.connector))?;
    report::ratio(
        "ITI-18 by a node of an insurer",
        "ITI-18 by one that sees everything",
        GOAL,
        &pairs,
    );
    Ok(())
}

fn retrievals(scene: &Scene, plan: Plan, insurer: &SslConnector) -> Result<()> {
    let content = vec![0x41; 10_000];
    let patient = sample::patient(&scene.renkei.ready.assigning_authority);
    let entry = sample::entry(&patient, &content);
    let unique_id = entry.unique_id.clone();
    let mut submission = sample::submission(&patient, vec![entry]);
    addressed(0, &mut submission);
    let message = message::provide_and_register(&submission, &[&content]);
    let mut wire = Wire::connect(&scene.connector, scene.renkei.port())?;
    let answer = wire.post(REPOSITORY, &message.content_type, &message.body)?;
    ensure!(answer.text().contains("ResponseStatusType:Success"), "{}", answer.text());
    let repository = RepositoryUniqueId::parse(&scene.renkei.ready.repository_unique_id)?;
    let request = DocumentRequest { home: None, repository, unique_id };
    let next = || Request::Post(REPOSITORY, message::retrieve(std::slice::from_ref(&request)));
    let right = |body: &[u8]| body.len() > content.len();
    let as_node = |connector| Load {
        connector,
        connections: CONNECTIONS,
        each: plan.each,
        next: &next,
        right: &right,
    };
    let pairs = pairs(scene, plan, &as_node(insurer), &as_node(&scene.connector))?;
    report::ratio(
        "ITI-43, 10 kB, by a node of an insurer",
        "ITI-43 by one that sees everything",
        GOAL,
        &pairs,
    );
    Ok(())
}

/// Interleaved runs of both.
pub(crate) fn pairs(
    scene: &Scene,
    plan: Plan,
    ours: &Load<'_>,
    reference: &Load<'_>,
) -> Result<Pairs> {
    let mut pairs = Pairs::default();
    scene.ours(ours)?;
    scene.ours(reference)?;
    for _ in 0..plan.pairs {
        pairs.push(scene.ours(ours)?.0, scene.ours(reference)?.0);
    }
    Ok(pairs)
}
