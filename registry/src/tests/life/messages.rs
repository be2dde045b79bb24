//! The messages of operations.

use super::super::feeding;
use super::super::world::{
    bring, ctx, entry, file, folder, hash, link, member, patient, submission,
};
use super::reference::{
    Document, End, Move, NewVersion, Node, Operation, Registered, Registration, Update, What,
};
use crate::Registry;
use renkei_metadata::finding::Checked;
use renkei_metadata::ids::{EntryUuid, HomeCommunityId, ObjectId, Oid, PatientId, UniqueId};
use renkei_metadata::model::{
    AssociationType, AvailabilityStatus, DocumentEntry, EntryType, Folder, Submission,
    SubmissionSetStatus,
};
use renkei_metadata::update::{self, Form, Propagation, StatusChange};
use renkei_xds::response::Status;
use uuid::Uuid;

fn id_of(w: &Registered, node: Node) -> EntryUuid {
    w.objects[node].id.unwrap()
}

/// What became of an operation: whether it was accepted, and what was said.
pub(super) type Ended = (bool, String);

/// Carries out an operation that was decided on when `w` was registered.
pub(super) async fn perform(registry: &Registry, w: &Registered, operation: &Operation) -> Ended {
    let answer = match operation {
        Operation::Register(r) => {
            let message = Checked::good(registration(w, r));
            match r.on_demand {
                true => registry.register_on_demand(&ctx(), message).await,
                false => registry.register(&ctx(), message).await,
            }
        }
        Operation::Update(u) => {
            let read = update::read(Checked::good(update(w, u).message()), u.form);
            match u.form {
                Form::Full => registry.update(&ctx(), read).await,
                Form::Restricted => registry.update_restricted(&ctx(), read).await,
            }
        }
        Operation::Remove(nodes) => {
            let ids = nodes.iter().map(|node| id_of(w, *node)).collect();
            registry.remove_metadata(&ctx(), Checked::good(ids)).await
        }
        Operation::Merge(subsumed, surviving) => {
            let message = feeding::merge(&subsumed.to_string(), &surviving.to_string());
            let answer = registry.feed(&ctx(), &message).await;
            return (answer.is_ok(), format!("{answer:?}"));
        }
        Operation::Move(Move { previous, new, local, takes_in }) => {
            let takes_in = takes_in.map(|local| local.to_string());
            let patients = [previous.to_string(), new.to_string()];
            let [previous, new] = &patients;
            let message = feeding::link([previous, new], &local.to_string(), takes_in.as_deref());
            let answer = registry.feed(&ctx(), &message).await;
            return (answer.is_ok(), format!("{answer:?}"));
        }
    };
    // Nothing but Success, and Failure for a reason that is the sender's.
    let inside = ["XDSRegistryError", "XDSRegistryBusy", "XDSRegistryOutOfResources"];
    assert!(!answer.errors.iter().any(|e| inside.contains(&e.code.as_str())), "{answer:?}");
    (answer.status == Status::Success, format!("{answer:?}"))
}

fn entry_of(p: &PatientId, id: EntryUuid, document: &Document) -> DocumentEntry {
    let mut e = entry(p);
    let Document { unique, content, on_demand, local } = *document;
    e.id = ObjectId::Uuid(id);
    e.home = HomeCommunityId::parse("urn:oid:1.2.3.99").ok();
    e.unique_id = UniqueId::parse(&format!("2.999.7.{unique}")).unwrap();
    e.reference_ids = vec![format!("{unique}^^^&1.2.3&ISO^urn:ihe:iti:xds:2013:order")];
    e.source_patient_id = Some(format!("{local}^^^&1.2.3.9&ISO"));
    (e.hash, e.size) = (Some(hash(content)), Some(u64::from(content)));
    if on_demand {
        (e.object_type, e.creation_time) = (EntryType::OnDemand, None);
        (e.hash, e.size) = (None, None);
    }
    e
}

/// A version of the folder that was first registered as `first`.
fn folder_of(p: &PatientId, id: EntryUuid, first: EntryUuid) -> Folder {
    let (mut f, _) = folder(p);
    (f.id, f.unique_id) = (ObjectId::Uuid(id), Oid::from_uuid(first.0));
    f
}

fn registration(w: &Registered, r: &Registration) -> Submission {
    let p = patient(&r.patient.to_string());
    let entries = r.documents.iter().map(|(id, document)| entry_of(&p, *id, document));
    let mut s = submission(&p, entries.collect());
    let old = std::mem::replace(&mut s.submission_set.id, ObjectId::Uuid(r.set));
    for a in s.associations.iter_mut().filter(|a| a.source == old) {
        a.source = ObjectId::Uuid(r.set);
    }
    for id in &r.folders {
        bring(&mut s, folder_of(&p, *id, *id));
    }
    let at = |end: &End, new: &dyn Fn(usize) -> EntryUuid| match end {
        End::Registered(node) => id_of(w, *node),
        End::New(n) => new(*n),
    };
    let document = |n: usize| r.documents[n].0;
    for (from, kind, to) in &r.relations {
        let [from, to] = [document(*from), at(to, &document)].map(ObjectId::Uuid);
        s.associations.push(link(*kind, &from, &to));
    }
    for (holder, held) in &r.memberships {
        let holder = at(holder, &|n| r.folders[n]);
        file(&mut s, holder, &ObjectId::Uuid(at(held, &document)));
    }
    if let Some(node) = r.reference {
        let id = ObjectId::Uuid(id_of(w, node));
        s.associations.push(member(&s.submission_set, &id, SubmissionSetStatus::Reference));
    }
    s
}

fn update(w: &Registered, u: &Update) -> update::Update {
    let p = patient(&u.patient.to_string());
    let mut submission_set = submission(&p, Vec::new()).submission_set;
    submission_set.id = ObjectId::Uuid(u.set.unwrap());
    let set = submission_set.id.clone();
    let symbol = |name: &str| ObjectId::Symbol(format!("{name}{}", Uuid::new_v4()));
    let (mut entries, mut folders) = (Vec::new(), Vec::new());
    for version in &u.versions {
        let NewVersion { id, of, previous, propagates, .. } = version;
        let first = id_of(w, w.objects[*of].first);
        let propagation = if *propagates { Propagation::Yes } else { Propagation::No };
        let (lid, member) = (Some(first), (&set, symbol("member")));
        match &w.objects[*of].what {
            What::Document(document) => {
                let entry = DocumentEntry { lid, ..entry_of(&p, id.unwrap(), document) };
                let new = update::NewVersion::of_entry(entry, *previous, propagation, member);
                entries.push(new);
            }
            _ => {
                let folder = Folder { lid, ..folder_of(&p, id.unwrap(), first) };
                let new = update::NewVersion::of_folder(folder, *previous, propagation, member);
                folders.push(new);
            }
        }
    }
    let at = |end: &End| match end {
        End::Registered(node) => ObjectId::Uuid(id_of(w, *node)),
        End::New(n) => ObjectId::Uuid(u.versions[*n].id.unwrap()),
    };
    let new = |(from, kind, to): &(End, AssociationType, End)| {
        let association = link(*kind, &at(from), &at(to));
        update::NewAssociation::new(association, (&set, symbol("submit")))
    };
    let associations = u.associations.iter().map(new).collect();
    let status = |approved| match approved {
        true => AvailabilityStatus::Approved,
        false => AvailabilityStatus::Deprecated,
    };
    let change = |(node, statuses): &(Node, [bool; 2])| {
        let target = ObjectId::Uuid(id_of(w, *node));
        StatusChange::new(&target, statuses.map(status), (&set, symbol("status")))
    };
    let statuses = u.statuses.iter().map(change).collect();
    update::Update { submission_set, entries, folders, associations, statuses }
}
