//! How documents are asked for, submitted, corrected and removed.

use super::scene::{Scene, ids_of, refused, response, without};
use super::{About, How, Met, Probe};
use anyhow::{Context, Result};
use renkei_metadata::ids::{EntryUuid, ObjectId, Oid, PatientId, RepositoryUniqueId};
use renkei_metadata::model::{
    AssociationType, AvailabilityStatus, DocumentEntry, EntryType, LocalizedText, RegistryObject,
    Submission,
};
use renkei_metadata::update::{Propagation, Update};
use renkei_tests::message::{self, Message};
use renkei_tests::sample;
use renkei_tests::world::{Caller, INITIATING_GATEWAY, REGISTRY, REPOSITORY, RESPONDING_GATEWAY};
use renkei_xds::catalogue::FIND_DOCUMENTS_FOR_PATIENTS;
use renkei_xds::iti18::QueryBuilder;
use renkei_xds::transaction::{ITI_18, ITI_38, ITI_39, ITI_43, ITI_51, Transaction};
use renkei_xds::update::UpdateBuilder;
use uuid::Uuid;

const OF_A_PATIENT: &str = "documents of a patient";
const A_DOCUMENT: &str = "a document";
const CORRECTED: &str = "a document that is corrected";
const REMOVED: &str = "a document that is removed";
const REPLACED: &str = "a document that is replaced";

pub(super) static PROBES: &[(&str, &str, &str, Probe)] = &[
    ("registry", "ITI-18", OF_A_PATIENT, |s, c, a| queried(s, c, a, REGISTRY, &ITI_18)),
    ("registry", "ITI-51", OF_A_PATIENT, of_patients),
    ("responding_gateway", "ITI-38", OF_A_PATIENT, |s, c, a| {
        queried(s, c, a, RESPONDING_GATEWAY, &ITI_38)
    }),
    ("initiating_gateway", "ITI-18", OF_A_PATIENT, |s, c, a| {
        queried(s, c, a, INITIATING_GATEWAY, &ITI_18)
    }),
    ("repository", "ITI-43", A_DOCUMENT, |s, c, a| retrieved(s, c, a, REPOSITORY, &ITI_43)),
    ("responding_gateway", "ITI-39", A_DOCUMENT, |s, c, a| {
        retrieved(s, c, a, RESPONDING_GATEWAY, &ITI_39)
    }),
    ("initiating_gateway", "ITI-43", A_DOCUMENT, |s, c, a| {
        retrieved(s, c, a, INITIATING_GATEWAY, &ITI_43)
    }),
    ("registry", "ITI-42", "a repositoryUniqueId", registered_for),
    ("registry", "ITI-42", "a sourceId", registered_under),
    ("registry", "ITI-42", REPLACED, registered_instead),
    ("registry", "ITI-61", "a repositoryUniqueId", on_demand_for),
    ("registry", "ITI-61", "a sourceId", on_demand_under),
    ("repository", "ITI-41", "a sourceId", submitted_under),
    ("repository", "ITI-41", REPLACED, submitted_instead),
    ("registry", "ITI-57", CORRECTED, |s, c, a| corrected(s, c, a, REGISTRY, message::update)),
    ("registry", "ITI-92", CORRECTED, |s, c, a| {
        corrected(s, c, a, REGISTRY, message::update_restricted)
    }),
    ("responding_gateway", "ITI-92", CORRECTED, |s, c, a| {
        corrected(s, c, a, RESPONDING_GATEWAY, message::update_restricted)
    }),
    ("registry", "ITI-62", REMOVED, removed),
    ("repository", "ITI-86", REMOVED, erased),
];

/// Asks for what is found.
fn find(caller: &Caller, path: &str, message: &Message, ids: &[String]) -> Result<Met> {
    let reply = caller.post(path, message)?;
    if let Some(met) = refused(&reply) {
        return Ok(met);
    }
    let answer = reply.query()?;
    let how = if answer.objects.is_empty() { How::Nothing } else { How::Done };
    let text = without(format!("{:?} {:?}", answer.status, answer.errors), ids);
    Ok(Met { how, text })
}

fn queried(
    s: &Scene,
    caller: &Caller,
    about: About,
    path: &str,
    transaction: &Transaction,
) -> Result<Met> {
    let patient = match about {
        About::What => s.document()?.0,
        About::Nothing => s.w.patient(),
    };
    let query = QueryBuilder::find_documents(&patient, &AvailabilityStatus::ALL).build();
    find(caller, path, &message::query_by(transaction, &query), &[patient.to_string()])
}

fn of_patients(s: &Scene, caller: &Caller, about: About) -> Result<Met> {
    let patients: [PatientId; 2] = match about {
        About::What => [s.document()?.0, s.document()?.0],
        About::Nothing => [s.w.patient(), s.w.patient()],
    };
    let query = QueryBuilder::new(FIND_DOCUMENTS_FOR_PATIENTS)
        .patients(&patients)
        .statuses(&AvailabilityStatus::ALL)
        .build();
    let ids = patients.map(|of| of.to_string());
    find(caller, REGISTRY, &message::query_by(&ITI_51, &query), &ids)
}

fn retrieved(
    s: &Scene,
    caller: &Caller,
    about: About,
    path: &str,
    transaction: &Transaction,
) -> Result<Met> {
    let id = match about {
        About::What => s.document()?.1.unique_id,
        About::Nothing => sample::new_unique_id(),
    };
    let request = match path {
        REPOSITORY => s.w.request(&id)?,
        _ => s.w.request_across(&id)?,
    };
    let reply = caller.post(path, &message::retrieve_by(transaction, &[request]))?;
    if let Some(met) = refused(&reply) {
        return Ok(met);
    }
    let got = reply.retrieved()?;
    let how = if got.documents.is_empty() { How::Refused } else { How::Done };
    Ok(Met { how, text: without(format!("{:?}", got.response), &[id.to_string()]) })
}

/// Sends what is answered with a status.
fn sent(caller: &Caller, path: &str, message: &Message, ids: &[String]) -> Result<Met> {
    let reply = caller.post(path, message)?;
    match refused(&reply) {
        Some(met) => Ok(met),
        None => Ok(response(&reply.registry()?, ids)),
    }
}

/// Under the sourceId of the right node.
fn submitted_under(s: &Scene, caller: &Caller, _: About) -> Result<Met> {
    let mut set = s.set_of(&s.patient()?);
    set.submission_set.source_id = s.source_id(&s.right);
    sent(caller, REPOSITORY, &message::provide_and_register(&set, &[b"x"]), &[])
}

/// A set that a node would register itself, under these ids.
fn for_registry(s: &Scene, source: Oid, repository: Oid) -> Result<Submission> {
    let mut set = of_repository(s.set_of(&s.patient()?), repository);
    set.submission_set.source_id = source;
    Ok(set)
}

fn of_repository(mut set: Submission, repository: Oid) -> Submission {
    set.entries[0].repository = Some(RepositoryUniqueId(repository));
    set
}

fn on_demand(mut set: Submission) -> Submission {
    let entry = &mut set.entries[0];
    entry.object_type = EntryType::OnDemand;
    (entry.creation_time, entry.hash, entry.size) = (None, None, None);
    set
}

/// For the repository of the right node.
fn registered_for(s: &Scene, caller: &Caller, _: About) -> Result<Met> {
    let set = for_registry(s, s.source_id(caller), s.repository_id(&s.right))?;
    sent(caller, REGISTRY, &message::register(&set), &[])
}

/// Under the sourceId of the right node.
fn registered_under(s: &Scene, caller: &Caller, _: About) -> Result<Met> {
    let set = for_registry(s, s.source_id(&s.right), s.repository_id(caller))?;
    sent(caller, REGISTRY, &message::register(&set), &[])
}

fn on_demand_for(s: &Scene, caller: &Caller, _: About) -> Result<Met> {
    let set = for_registry(s, s.source_id(caller), s.repository_id(&s.right))?;
    sent(caller, REGISTRY, &message::register_on_demand(&on_demand(set)), &[])
}

fn on_demand_under(s: &Scene, caller: &Caller, _: About) -> Result<Met> {
    let set = for_registry(s, s.source_id(&s.right), s.repository_id(caller))?;
    sent(caller, REGISTRY, &message::register_on_demand(&on_demand(set)), &[])
}

/// A set of a node's own that replaces a document of the institution, or none.
fn instead(s: &Scene, caller: &Caller, about: About) -> Result<(Submission, Vec<String>)> {
    let (patient, replaced) = s.document()?;
    let target = match about {
        About::What => replaced.id,
        About::Nothing => ObjectId::Uuid(EntryUuid(Uuid::new_v4())),
    };
    let mut set = s.set_of(&patient);
    set.submission_set.source_id = s.source_id(caller);
    let new = set.entries[0].id.clone();
    set.associations.push(sample::association("link", AssociationType::Rplc, &new, &target));
    Ok((set, vec![target.to_string()]))
}

fn submitted_instead(s: &Scene, caller: &Caller, about: About) -> Result<Met> {
    let (set, ids) = instead(s, caller, about)?;
    sent(caller, REPOSITORY, &message::provide_and_register(&set, &[b"x"]), &ids)
}

fn registered_instead(s: &Scene, caller: &Caller, about: About) -> Result<Met> {
    let (set, ids) = instead(s, caller, about)?;
    let set = of_repository(set, s.repository_id(caller));
    sent(caller, REGISTRY, &message::register(&set), &ids)
}

fn corrected(
    s: &Scene,
    caller: &Caller,
    about: About,
    path: &str,
    write: fn(&Update) -> Message,
) -> Result<Met> {
    let (patient, mut entry) = s.document()?;
    if about == About::Nothing {
        let id = EntryUuid(Uuid::new_v4());
        entry = DocumentEntry {
            id: ObjectId::Uuid(id),
            lid: Some(id),
            unique_id: sample::new_unique_id(),
            ..entry
        };
    }
    let mut set = s.set_of(&patient).submission_set;
    (set.unique_id, set.source_id) = (sample::new_oid(), s.source_id(caller));
    let ids = ids_of(&entry);
    let titled = DocumentEntry { title: Some(LocalizedText::ja("訂正")), ..entry };
    let update = UpdateBuilder::new(set).entry(titled, Propagation::Yes)?.build();
    sent(caller, path, &write(&update), &ids)
}

/// With all that depends on it.
fn removed(s: &Scene, caller: &Caller, about: About) -> Result<Met> {
    let (_, entry) = s.document()?;
    let mut ids = match about {
        About::What => vec![entry.id.uuid().context("no UUID")?],
        About::Nothing => vec![EntryUuid(Uuid::new_v4())],
    };
    let named = ids.clone();
    if caller.name == s.right.name {
        let query = QueryBuilder::get_submission_sets(&ids).build();
        let of_set = |object: &RegistryObject| match object {
            RegistryObject::SubmissionSet(set) => set.id.uuid(),
            RegistryObject::Association(link) => link.id.uuid(),
            RegistryObject::Entry(_) | RegistryObject::Folder(_) | RegistryObject::Ref(..) => None,
        };
        ids.extend(s.w.query(&query)?.objects.iter().filter_map(of_set));
    }
    let texts: Vec<String> =
        named.iter().flat_map(|id| [id.to_string(), id.0.to_string()]).collect();
    sent(caller, REGISTRY, &message::remove_metadata(&ids), &texts)
}

fn erased(s: &Scene, caller: &Caller, about: About) -> Result<Met> {
    let id = match about {
        About::What => s.document()?.1.unique_id,
        About::Nothing => sample::new_unique_id(),
    };
    sent(caller, REPOSITORY, &message::remove_documents(&[s.w.request(&id)?]), &[id.to_string()])
}
