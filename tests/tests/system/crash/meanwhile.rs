//! The program ends between a registration and its confirmation, and an administrator changes what was
//! registered before repair gets there: the content stays.

use super::*;
use renkei_metadata::ids::EntryUuid;
use renkei_metadata::model::{LocalizedText, RegistryObject, SubmissionSet};
use renkei_metadata::update::Propagation;
use renkei_tests::message;
use renkei_tests::world::REGISTRY;
use renkei_xds::iti18::QueryBuilder;
use renkei_xds::update::UpdateBuilder;

/// What the administrator does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Deed {
    /// Removes the first document, and its membership.
    Document,
    /// Updates all documents.
    Update,
    /// Updates all documents, and removes what was submitted.
    Submitted,
}

#[test]
fn content_stays_sqlite() {
    after_every_deed(Form { postgres: false, wired: false });
}

#[test]
fn content_stays_sqlite_wired() {
    after_every_deed(Form { postgres: false, wired: true });
}

#[test]
fn content_stays_postgres() {
    after_every_deed(Form { postgres: true, wired: false });
}

#[test]
fn content_stays_postgres_wired() {
    after_every_deed(Form { postgres: true, wired: true });
}

fn after_every_deed(form: Form) {
    if !Form::all().contains(&form) {
        return;
    }
    for deed in [Deed::Document, Deed::Update, Deed::Submitted] {
        settled_after(form, deed).unwrap_or_else(|e| panic!("{form:?}, {deed:?}: {e:?}"));
    }
}

/// A start whose repair leaves an administrator some time.
fn slow(form: Form) -> Start {
    Start::new(form)
        .set("repository.lease_seconds=8")
        .set("repository.grace_seconds=1")
        .set("repository.sweep_seconds=1")
}

fn settled_after(form: Form, deed: Deed) -> Result<()> {
    let mut renkei = slow(form).failpoint("registry.after_commit:2").go()?;
    let identity = identity(&renkei)?;
    let mut peer = Peer::new(&renkei, &identity)?;
    let given = loop {
        let given = DocumentSet::new(&renkei.ready.assigning_authority, &[20_000, 3_000]);
        if peer.submit(&given).is_err() {
            break given;
        }
    };
    renkei.wait(Duration::from_secs(10))?;
    let renkei = slow(form).go_in(renkei.into_place())?;
    let mut peer = Peer::new(&renkei, &identity)?;
    ensure!(registered(&mut peer, &given)?, "nothing was registered");
    let gone = done(&mut peer, &given, deed)?;
    let counts = whole::settled(renkei.place(), &renkei.settings(), REPAIR)?;
    ensure!(counts.faults() == [0; 4], "{counts:?}");
    for (unique_id, content) in given.documents().skip(gone) {
        ensure!(peer.entries(std::slice::from_ref(unique_id))?.len() == 1, "no entry");
        let held = peer.document(unique_id)?.context("no content")?;
        ensure!(held == content, "other content");
    }
    audited(&renkei, &[given])
}

/// Does the deed; how many of the first documents have no entry any more.
fn done(peer: &mut Peer, given: &DocumentSet, deed: Deed) -> Result<usize> {
    let objects = contents(peer, given)?;
    if deed == Deed::Document {
        let first = &given.submission.entries[0].unique_id;
        let entry = objects.iter().find_map(|object| match object {
            RegistryObject::Entry(entry) if entry.unique_id == *first => Some(&entry.id),
            _ => None,
        });
        let entry = entry.context("no entry")?;
        let goes = |object: &&RegistryObject| match object {
            RegistryObject::Entry(e) => e.id == *entry,
            RegistryObject::Association(a) => a.target == *entry,
            _ => false,
        };
        removed(peer, objects.iter().filter(goes))?;
        return Ok(1);
    }
    let unique_id = sample::new_oid();
    let set = SubmissionSet { unique_id, ..given.submission.submission_set.clone() };
    let mut update = UpdateBuilder::new(set);
    for mut entry in peer.entries(&given.unique_ids())? {
        entry.title = Some(LocalizedText::ja("訂正された標題"));
        update = update.entry(entry, Propagation::Yes)?;
    }
    let answer = peer.post(REGISTRY, &message::update(&update.build()))?.registry()?;
    ensure!(answer.status == Status::Success, "{answer:?}");
    if deed == Deed::Submitted {
        removed(peer, objects.iter())?;
    }
    Ok(0)
}

fn removed<'o>(peer: &mut Peer, objects: impl Iterator<Item = &'o RegistryObject>) -> Result<()> {
    let ids: Vec<EntryUuid> = objects.filter_map(administrator::id).collect();
    let answer = peer.post(REGISTRY, &message::remove_metadata(&ids))?.registry()?;
    ensure!(answer.status == Status::Success, "{answer:?}");
    Ok(())
}

/// All that came with a submission.
fn contents(peer: &mut Peer, given: &DocumentSet) -> Result<Vec<RegistryObject>> {
    let set = &given.submission.submission_set.unique_id;
    let query = QueryBuilder::get_submission_set_and_contents_by_unique_id(set).build();
    Ok(peer.post(REGISTRY, &message::query(&query))?.query()?.objects)
}
