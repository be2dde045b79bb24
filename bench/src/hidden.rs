//! How long a refusal takes: what a node may not see beside what does not exist. A difference would tell that there is
//! something.

use crate::Plan;
use crate::fill::EACH;
use crate::load::{Load, Request};
use crate::report;
use crate::scene::Scene;
use crate::scopes::pairs;
use anyhow::{Result, ensure};
use openssl::ssl::SslConnector;
use renkei_metadata::ids::{PatientId, RepositoryUniqueId, UniqueId};
use renkei_metadata::model::AvailabilityStatus;
use renkei_tests::message::{self, Message};
use renkei_tests::sample;
use renkei_tests::wire::Wire;
use renkei_tests::world::{REGISTRY, REPOSITORY};
use renkei_xds::iti18::QueryBuilder;
use renkei_xds::iti43::DocumentRequest;

/// One at a time, as somebody would who takes the time.
const CONNECTIONS: usize = 1;

/// What is asked for, and under which names.
struct Asked {
    patient: PatientId,
    unique_id: UniqueId,
}

/// Asks as `node`, whose scope opens nothing of what is submitted here.
pub(crate) fn run(scene: &Scene, plan: Plan, node: &SslConnector) -> Result<()> {
    let hidden = submit(scene)?;
    let patient = sample::patient(&scene.renkei.ready.assigning_authority);
    let absent = Asked { patient, unique_id: sample::new_unique_id() };
    let repository = RepositoryUniqueId::parse(&scene.renkei.ready.repository_unique_id)?;
    let retrieve = |asked: &Asked| {
        let (repository, unique_id) = (repository.clone(), asked.unique_id.clone());
        message::retrieve(&[DocumentRequest { home: None, repository, unique_id }])
    };
    let get = |asked: &Asked| {
        let ids = std::slice::from_ref(&asked.unique_id);
        message::query(&QueryBuilder::get_documents_by_unique_id(ids).build())
    };
    let find = |asked: &Asked| {
        let approved = [AvailabilityStatus::Approved];
        message::query(&QueryBuilder::find_documents(&asked.patient, &approved).build())
    };
    type Ask<'a> = &'a (dyn Fn(&Asked) -> Message + Sync);
    let questions: [(&str, &'static str, Ask<'_>); 3] = [
        ("ITI-43 of one document", REPOSITORY, &retrieve),
        ("ITI-18, GetDocuments by uniqueId", REGISTRY, &get),
        ("ITI-18, FindDocuments of a patient", REGISTRY, &find),
    ];
    for (what, place, ask) in questions {
        let next = [&hidden, &absent].map(|asked| move || Request::Post(place, ask(asked)));
        let [hidden, absent] = &next;
        // Nothing of a document is in any of the answers.
        let right = |body: &[u8]| memchr::memmem::find(body, b"<rim:ExtrinsicObject").is_none();
        let load = |next| Load {
            connector: node,
            connections: CONNECTIONS,
            each: plan.each,
            next,
            right: &right,
        };
        let pairs = pairs(scene, plan, &load(hidden), &load(absent))?;
        report::same(&format!("{what}, hidden"), "one that does not exist", &pairs);
    }
    Ok(())
}

/// Documents that were sent to nobody.
fn submit(scene: &Scene) -> Result<Asked> {
    let patient = sample::patient(&scene.renkei.ready.assigning_authority);
    let entry = |i| {
        let mut entry = sample::entry(&patient, b"x");
        entry.id = sample::symbol(&format!("Document{i:02}"));
        entry
    };
    let submission = sample::submission(&patient, (0..EACH).map(entry).collect());
    let contents: Vec<&[u8]> = vec![b"x"; EACH];
    let message = message::provide_and_register(&submission, &contents);
    let mut wire = Wire::connect(&scene.connector, scene.renkei.port())?;
    let answer = wire.post(REPOSITORY, &message.content_type, &message.body)?;
    ensure!(answer.text().contains("ResponseStatusType:Success"), "{}", answer.text());
    let unique_id = submission.entries.first().map(|entry| entry.unique_id.clone());
    let unique_id = unique_id.unwrap_or_else(sample::new_unique_id);
    Ok(Asked { patient, unique_id })
}
