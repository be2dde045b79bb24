//! Random sequences of submissions and removals over the network: what can be retrieved, what is
//! registered, and whether the house is whole, against a list of what was done.

use anyhow::{Context, Result, ensure};
use renkei_metadata::ids::{EntryUuid, Oid};
use renkei_metadata::model::RegistryObject;
use renkei_tests::peer::{DocumentSet, Peer};
use renkei_tests::world::REGISTRY;
use renkei_tests::{Form, Start, message, whole};
use renkei_xds::iti18::QueryBuilder;
use renkei_xds::response::Status;
use std::time::Duration;

const STEPS: usize = 60;
const SETTLED: Duration = Duration::from_secs(10);

/// Numbers that look random and are the same in every run (xorshift, Marsaglia 2003).
pub(crate) struct Dice(u64);

impl Dice {
    /// `seed` is not 0.
    pub(crate) const fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// A number below `sides`.
    pub(crate) fn below(&mut self, sides: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % sides as u64).unwrap_or_default()
    }
}

/// Documents, and under which SubmissionSets they are registered.
struct Registered {
    documents: DocumentSet,
    sets: Vec<Oid>,
    /// Whether the repository has them.
    kept: bool,
}

impl Registered {
    fn submit(&mut self, peer: &mut Peer) -> Result<()> {
        self.documents = self.documents.again();
        let answer = peer.submit(&self.documents)?;
        ensure!(answer.status == Status::Success, "{answer:?}");
        self.sets.push(self.documents.submission.submission_set.unique_id.clone());
        self.kept = true;
        Ok(())
    }

    fn remove_documents(&mut self, peer: &mut Peer) -> Result<()> {
        let answer = peer.remove_documents(&self.documents.unique_ids())?;
        let expected = if self.kept { Status::Success } else { Status::Failure };
        ensure!(answer.status == expected, "{answer:?}");
        self.kept = false;
        Ok(())
    }

    /// The metadata of one of the submissions.
    fn remove_metadata(&mut self, peer: &mut Peer, which: usize) -> Result<()> {
        if self.sets.is_empty() {
            return Ok(());
        }
        let set = self.sets.swap_remove(which % self.sets.len());
        let ids = contents(peer, &set)?;
        let part = peer.post(REGISTRY, &message::remove_metadata(&ids[1..]))?.registry()?;
        ensure!(part.status == Status::Failure, "a part of {set} was removed");
        let all = peer.post(REGISTRY, &message::remove_metadata(&ids))?.registry()?;
        ensure!(all.status == Status::Success, "{all:?}");
        Ok(())
    }

    /// What is there is what was given and not taken away.
    fn is_as_it_should_be(&self, peer: &mut Peer) -> Result<()> {
        for (id, content) in self.documents.documents() {
            let found = peer.document(id)?;
            ensure!(found.as_deref() == self.kept.then_some(content), "{id}");
            let entries = peer.entries(std::slice::from_ref(id))?;
            ensure!(entries.len() == self.sets.len(), "{} entries of {id}", entries.len());
        }
        Ok(())
    }
}

/// The ids of all objects of a submission.
fn contents(peer: &mut Peer, set: &Oid) -> Result<Vec<EntryUuid>> {
    let query = QueryBuilder::get_submission_set_and_contents_by_unique_id(set).build();
    let answer = peer.post(REGISTRY, &message::query(&query))?.query()?;
    let id = |object: &RegistryObject| match object {
        RegistryObject::SubmissionSet(set) => set.id.uuid(),
        RegistryObject::Entry(entry) => entry.id.uuid(),
        RegistryObject::Folder(folder) => folder.id.uuid(),
        RegistryObject::Association(association) => association.id.uuid(),
        RegistryObject::Ref(..) => None,
    };
    let ids: Vec<EntryUuid> = answer.objects.iter().filter_map(id).collect();
    ensure!(ids.len() > 2, "{answer:?}");
    Ok(ids)
}

#[test]
fn a_house_stays_whole_through_submissions_and_removals() -> Result<()> {
    for (seed, form) in Form::all().into_iter().enumerate() {
        run(form, 0x9e37_79b9_7f4a_7c15 ^ seed as u64).with_context(|| format!("{form:?}"))?;
    }
    Ok(())
}

fn run(form: Form, seed: u64) -> Result<()> {
    let renkei = Start::new(form).go()?;
    let roles = ["source", "consumer", "administrator"];
    let identity = renkei.identities().issue("peer", &roles)?;
    let mut peer = Peer::new(&renkei, &identity)?;
    let mut dice = Dice::new(seed);
    let mut all: Vec<Registered> = Vec::new();
    for step in 0..STEPS {
        let new = all.is_empty() || dice.below(4) == 0;
        if new {
            let sizes: Vec<usize> = (0..=dice.below(2)).map(|_| 1 + dice.below(40_000)).collect();
            let documents = DocumentSet::new(&renkei.ready.assigning_authority, &sizes);
            all.push(Registered { documents, sets: Vec::new(), kept: false });
        }
        let which = if new { all.len() - 1 } else { dice.below(all.len()) };
        let given = &mut all[which];
        let done = match dice.below(5) {
            _ if new => given.submit(&mut peer),
            0 | 1 => given.submit(&mut peer),
            2 => given.remove_documents(&mut peer),
            _ => given.remove_metadata(&mut peer, dice.below(9)),
        };
        done.with_context(|| format!("step {step}"))?;
        given.is_as_it_should_be(&mut peer).with_context(|| format!("step {step}"))?;
    }
    all.iter().try_for_each(|given| given.is_as_it_should_be(&mut peer))?;
    let counts = whole::settled(renkei.place(), &renkei.settings(), SETTLED)?;
    ensure!(counts.faults() == [0; 4], "{counts:?}");
    let registered: usize = all.iter().map(|g| g.sets.len() * g.documents.contents.len()).sum();
    ensure!(counts.documents == registered as u64, "{counts:?} of {registered}");
    Ok(())
}
