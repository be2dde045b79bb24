//! ITI-41 with 100 kB, durable content and durable metadata, beside F of the same bytes.

use crate::load::{Load, Request};
use crate::report::{self, Figure, Goal, Pairs};
use crate::scene::Scene;
use crate::{Plan, flush};
use anyhow::Result;
use renkei_tests::world::REPOSITORY;
use renkei_tests::{message, sample};

/// Bytes of the document.
const SIZE: usize = 100_000;

/// 1 and 8 clients.
pub(crate) fn run(scene: &Scene, plan: Plan) -> Result<()> {
    let authority = scene.renkei.ready.assigning_authority.clone();
    let content = vec![0x37; SIZE];
    let next = || {
        let submission = sample::one(&sample::patient(&authority), &content);
        Request::Post(REPOSITORY, message::provide_and_register(&submission, &[&content]))
    };
    let goals = [(1, Goal { must: 0.15, aim: 0.25 }), (8, Goal { must: 0.25, aim: 0.45 })];
    for (connections, goal) in goals {
        let load = Load {
            connector: &scene.connector,
            connections,
            each: plan.each,
            next: &next,
            right: &|body| memchr::memmem::find(body, b"ResponseStatusType:Success").is_some(),
        };
        scene.ours(&load)?;
        let mut pairs = Pairs::default();
        for _ in 0..plan.pairs {
            let (ours, _) = scene.ours(&load)?;
            let flushes = flush::rate(&scene.databases(), SIZE, plan.each / 2)?;
            pairs.push(ours, Figure::bare(flushes));
        }
        let clients = if connections == 1 { "1 client" } else { "8 clients" };
        let what = format!("ITI-41, 100 kB, document and metadata durable, {clients}");
        report::ratio(&what, "F(100 kB)", Some(goal), &pairs);
        report::disk(&pairs);
    }
    Ok(())
}
