//! An administrator updates and removes metadata while the program ends.

use super::*;
use renkei_metadata::ids::EntryUuid;
use renkei_metadata::model::{LocalizedText, RegistryObject, SubmissionSet};
use renkei_metadata::update::Propagation;
use renkei_tests::message;
use renkei_tests::world::REGISTRY;
use renkei_xds::iti18::QueryBuilder;
use renkei_xds::update::UpdateBuilder;

/// How many documents there are; each second one is removed, the others are updated.
const DOCUMENTS: usize = 3;

/// Of an interrupted request all was done, or nothing; it can be sent again.
pub(super) fn ends_at(start: impl Fn() -> Start, step: &str) -> Result<()> {
    let mut renkei = start().failpoint(step).go()?;
    let identity = identity(&renkei)?;
    let mut peer = Peer::new(&renkei, &identity)?;
    let given: Vec<DocumentSet> = (0..DOCUMENTS)
        .map(|_| DocumentSet::new(&renkei.ready.assigning_authority, &[1_000]))
        .collect();
    for given in &given {
        let answer = peer.submit(given)?;
        ensure!(answer.status == Status::Success, "{answer:?}");
    }
    let mut done = 0;
    let mut requests: Vec<Request> =
        (0..DOCUMENTS).map(|n| request(&mut peer, n, &given[n])).collect::<Result<_>>()?;
    for request in &requests {
        let sent = peer.post(REGISTRY, &request.message);
        let Ok(answer) = sent.and_then(|reply| reply.registry()) else { break };
        ensure!(answer.status == Status::Success, "{answer:?}");
        done += 1;
    }
    ensure!(done < DOCUMENTS, "nothing was interrupted");
    let status = renkei.wait(Duration::from_secs(10))?;
    ensure!(!status.success(), "ended with {status}");
    let renkei = start().go_in(renkei.into_place())?;
    let mut peer = Peer::new(&renkei, &identity)?;
    for (n, given) in given.iter().enumerate() {
        let was_done = is_done(&mut peer, n, given)?;
        ensure!(was_done || n >= done, "{n} is undone: {}", name(given));
        ensure!(!was_done || n <= done, "{n} was never asked for");
        if !was_done {
            let again = request(&mut peer, n, given)?;
            let answer = peer.post(REGISTRY, &again.message)?.registry()?;
            ensure!(answer.status == Status::Success, "again: {answer:?}");
            ensure!(is_done(&mut peer, n, given)?, "not done again");
            requests[n] = again;
        }
    }
    let counts = whole::settled(renkei.place(), &renkei.settings(), REPAIR)?;
    ensure!(counts.faults() == [0; 4], "{counts:?}");
    let told = |request: &Request| on_record(&renkei, request.transaction, &request.objects);
    requests.iter().try_for_each(told)
}

/// A request, and what its record tells of.
struct Request {
    transaction: &'static str,
    objects: Vec<String>,
    message: message::Message,
}

/// An update of the document, or the removal of all that came with it.
fn request(peer: &mut Peer, n: usize, given: &DocumentSet) -> Result<Request> {
    if n % 2 == 1 {
        let ids = contents(peer, given)?;
        let objects = ids.iter().map(ToString::to_string).collect();
        let message = message::remove_metadata(&ids);
        return Ok(Request { transaction: "ITI-62", objects, message });
    }
    let mut entry = peer.entries(&given.unique_ids())?.pop().context("no entry")?;
    entry.title = Some(LocalizedText::ja("訂正された標題"));
    let unique_id = sample::new_oid();
    let objects = vec![unique_id.to_string()];
    let set = SubmissionSet { unique_id, ..given.submission.submission_set.clone() };
    let update = UpdateBuilder::new(set).entry(entry, Propagation::Yes)?.build();
    Ok(Request { transaction: "ITI-57", objects, message: message::update(&update) })
}

fn is_done(peer: &mut Peer, n: usize, given: &DocumentSet) -> Result<bool> {
    let entries = peer.entries(&given.unique_ids())?;
    if n % 2 == 1 {
        let left = contents(peer, given)?.len();
        ensure!(left == 0 || left == 3, "{left} objects of {}", name(given));
        return Ok(entries.is_empty());
    }
    let entry = entries.first().with_context(|| format!("no entry of {}", name(given)))?;
    let is_new = entry.version == Some(2);
    let title = entry.title.as_ref() != given.submission.entries[0].title.as_ref();
    ensure!(entries.len() == 1 && is_new == title, "{entries:?}");
    Ok(is_new)
}

/// The ids of all objects of a submission.
fn contents(peer: &mut Peer, given: &DocumentSet) -> Result<Vec<EntryUuid>> {
    let set = &given.submission.submission_set.unique_id;
    let query = QueryBuilder::get_submission_set_and_contents_by_unique_id(set).build();
    let answer = peer.post(REGISTRY, &message::query(&query))?.query()?;
    Ok(answer.objects.iter().filter_map(id).collect())
}

/// The entryUUID of a whole object.
pub(super) fn id(object: &RegistryObject) -> Option<EntryUuid> {
    match object {
        RegistryObject::SubmissionSet(set) => set.id.uuid(),
        RegistryObject::Entry(entry) => entry.id.uuid(),
        RegistryObject::Folder(folder) => folder.id.uuid(),
        RegistryObject::Association(association) => association.id.uuid(),
        RegistryObject::Ref(..) => None,
    }
}
