//! ITI-43 beside nginx serving as many bytes.

use crate::Plan;
use crate::load::{Load, Request};
use crate::report::{self, Goal, Pairs};
use crate::scene::Scene;
use anyhow::{Result, ensure};
use renkei_metadata::ids::RepositoryUniqueId;
use renkei_tests::reply::Reply;
use renkei_tests::wire::Wire;
use renkei_tests::world::REPOSITORY;
use renkei_tests::{message, sample};
use renkei_xds::iti43::DocumentRequest;

/// Connections, as many as nginx gets.
const CONNECTIONS: usize = 8;

/// 10 kB and 1 MB.
pub(crate) fn run(scene: &Scene, plan: Plan) -> Result<()> {
    let sizes = [
        (10_000, "10 kB", Goal { must: 0.20, aim: 0.35 }),
        (1_000_000, "1 MB", Goal { must: 0.65, aim: 0.85 }),
    ];
    for (size, name, goal) in sizes {
        let (request, length) = provide(scene, size)?;
        let load = Load {
            connector: &scene.connector,
            connections: CONNECTIONS,
            each: plan.each,
            next: &|| Request::Post(REPOSITORY, message::retrieve(std::slice::from_ref(&request))),
            // What is in it was checked once; all answers are equally long.
            right: &|body| body.len() == length,
        };
        let mut pairs = Pairs::default();
        let Some(nginx) = &scene.nginx else { return Ok(()) };
        let reference = || scene.static_bytes(nginx, size, CONNECTIONS, plan);
        scene.ours(&load)?;
        reference()?;
        for _ in 0..plan.pairs {
            let (ours, _) = scene.ours(&load)?;
            pairs.push(ours, reference()?);
        }
        let what = format!("ITI-43, {name}, {CONNECTIONS} connections");
        report::ratio(&what, &format!("W({name})"), Some(goal), &pairs);
    }
    Ok(())
}

/// Stores a document; gives how to ask for it and the length of an answer that was checked.
fn provide(scene: &Scene, size: usize) -> Result<(DocumentRequest, usize)> {
    let ready = &scene.renkei.ready;
    let content = vec![0x41; size];
    let patient = sample::patient(&ready.assigning_authority);
    let entry = sample::entry(&patient, &content);
    let unique_id = entry.unique_id.clone();
    let submission = sample::submission(&patient, vec![entry]);
    let message = message::provide_and_register(&submission, &[&content]);
    let mut wire = Wire::connect(&scene.connector, scene.renkei.port())?;
    let answer = wire.post(REPOSITORY, &message.content_type, &message.body)?;
    ensure!(answer.text().contains("ResponseStatusType:Success"), "{}", answer.text());
    let repository = RepositoryUniqueId::parse(&ready.repository_unique_id)?;
    let request = DocumentRequest { home: None, repository, unique_id };
    let message = message::retrieve(std::slice::from_ref(&request));
    let answer = wire.post(REPOSITORY, &message.content_type, &message.body)?;
    let length = answer.body.len();
    let documents = Reply::of(answer)?.retrieved()?.documents;
    ensure!(documents.iter().map(|d| &d.content).eq([&content]), "other octets came back");
    Ok((request, length))
}
