//! A registry with many entries, loaded through ITI-42 as any repository would: each row is made and
//! checked as every other.

use crate::scene::Scene;
use anyhow::{Result, bail, ensure};
use renkei_metadata::ids::{PatientId, RepositoryUniqueId, UniqueId};
use renkei_metadata::model::Submission;
use renkei_tests::wire::Wire;
use renkei_tests::world::REGISTRY;
use renkei_tests::{message, sample};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread::ScopedJoinHandle;

/// Entries of each patient, registered by one message.
pub(crate) const EACH: usize = 10;
/// Connections that load.
const CONNECTIONS: usize = 8;

/// A patient with [`EACH`] entries.
#[derive(Clone, Debug)]
pub(crate) struct Loaded {
    /// Whose they are.
    pub(crate) patient: PatientId,
    /// DocumentEntry.uniqueId of one of them.
    pub(crate) unique_id: UniqueId,
}

/// Loads until the registry has `entries`; what it has so far is in `loaded`.
pub(crate) fn up_to(scene: &Scene, loaded: &mut Vec<Loaded>, entries: usize) -> Result<()> {
    up_to_as(scene, loaded, entries, &|_, _| {})
}

/// The same with submissions that `change` makes of the samples, each by its number.
pub(crate) fn up_to_as(
    scene: &Scene,
    loaded: &mut Vec<Loaded>,
    entries: usize,
    change: &(dyn Fn(usize, &mut Submission) + Sync),
) -> Result<()> {
    let missing = (entries / EACH).saturating_sub(loaded.len());
    let turn = AtomicUsize::new(0);
    let parts: Vec<Result<Vec<Loaded>>> = std::thread::scope(|scope| {
        let load = || {
            let mut wire = Wire::connect(&scene.connector, scene.renkei.port())?;
            let mut mine = Vec::new();
            loop {
                let n = turn.fetch_add(1, Ordering::Relaxed);
                if n >= missing {
                    return Ok(mine);
                }
                mine.push(register(scene, &mut wire, &|s| change(n, s))?);
            }
        };
        let threads: Vec<_> = (0..CONNECTIONS).map(|_| scope.spawn(load)).collect();
        let join = |t: ScopedJoinHandle<'_, Result<Vec<Loaded>>>| {
            t.join().unwrap_or_else(|_| bail!("a loading thread ended badly"))
        };
        threads.into_iter().map(join).collect()
    });
    for part in parts {
        loaded.extend(part?);
    }
    Ok(())
}

fn register(scene: &Scene, wire: &mut Wire, change: &dyn Fn(&mut Submission)) -> Result<Loaded> {
    let ready = &scene.renkei.ready;
    let repository = RepositoryUniqueId::parse(&ready.repository_unique_id)?;
    let patient = sample::patient(&ready.assigning_authority);
    let entry = |i| {
        let mut entry = sample::entry(&patient, b"x");
        entry.id = sample::symbol(&format!("Document{i:02}"));
        entry.repository = Some(repository.clone());
        entry
    };
    let mut submission = sample::submission(&patient, (0..EACH).map(entry).collect());
    change(&mut submission);
    let unique_id = match submission.entries.first() {
        Some(entry) => entry.unique_id.clone(),
        None => bail!("a submission without entries"),
    };
    let message = message::register(&submission);
    let answer = wire.post(REGISTRY, &message.content_type, &message.body)?;
    ensure!(answer.text().contains("ResponseStatusType:Success"), "{}", answer.text());
    Ok(Loaded { patient, unique_id })
}
