//! The source between a registry and a repository that live in memory.

use crate::doors::{Documents, NotRead, Registry, Unreachable};
use crate::{Audience, Codes, Config, DocumentResponse, Limits, OnDemand, snapshot};
use bytes::Bytes;
use futures_util::future::{BoxFuture, ready};
use renkei_checkup::hs037::years::{self, Reason};
use renkei_checkup::hs037::{self, Practice, View};
use renkei_checkup::{Record, terms};
use renkei_context::Ctx;
use renkei_metadata::codes::{CodeList, default_xml};
use renkei_metadata::finding::Finding;
use renkei_metadata::ids::{
    Dtm, EntryUuid, ObjectId, Oid, PatientId, RepositoryUniqueId, Sha1Hash, UniqueId,
};
use renkei_metadata::model::{
    AssociationType, AvailabilityStatus, DocumentEntry, EntryType, RegistryObject, Submission,
};
use renkei_xds::catalogue::{self, Candidate, Subject};
use renkei_xds::iti18::AdhocQuery;
use renkei_xds::iti43::DocumentRequest;
use renkei_xds::response::{RegistryError, RegistryResponse, Status};
use sha1::{Digest, Sha1};
use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use uuid::Uuid;

const OURS: &str = "1.2.3";

/// Registry and repository.
#[derive(Default)]
struct World {
    entries: Mutex<Vec<DocumentEntry>>,
    contents: Mutex<HashMap<UniqueId, Bytes>>,
    submissions: Mutex<Vec<Submission>>,
    refuses: Mutex<bool>,
    is_silent: Mutex<bool>,
}

impl World {
    fn take(&self, submission: &Submission) -> RegistryResponse {
        if *self.refuses.lock().unwrap() {
            let mut refusal = RegistryResponse { status: Status::Failure, errors: Vec::new() };
            refusal.errors.push(RegistryError {
                code: "XDSRegistryBusy".to_owned(),
                context: String::new(),
                severity: renkei_metadata::finding::Severity::Error,
                location: String::new(),
            });
            return refusal;
        }
        let mut entries = self.entries.lock().unwrap();
        for entry in &submission.entries {
            let id = ObjectId::Uuid(EntryUuid(Uuid::new_v4()));
            let status = Some(AvailabilityStatus::Approved);
            entries.push(DocumentEntry { id, status, ..entry.clone() });
        }
        for link in &submission.associations {
            if link.association_type == AssociationType::Rplc {
                let old = entries.iter_mut().find(|entry| entry.id == link.target).unwrap();
                old.status = Some(AvailabilityStatus::Deprecated);
            }
        }
        self.submissions.lock().unwrap().push(submission.clone());
        RegistryResponse { status: Status::Success, errors: Vec::new() }
    }

    /// Registers the document of a checkup.
    fn checkup(&self, day: &str, repository: &str, audience: Audience) -> DocumentEntry {
        let content = Bytes::from(hs037(day));
        let unique_id: UniqueId = Oid::from_uuid(Uuid::new_v4()).into();
        let mut entry = entry(audience).submission(&ctx()).unwrap().entries.remove(0);
        entry.object_type = EntryType::Stable;
        entry.format_code = Some(codes().source);
        entry.hash = Some(Sha1Hash::from_digest(Sha1::digest(&content).into()));
        entry.size = Some(content.len() as u64);
        entry.creation_time = Dtm::parse("20250620010203").ok();
        entry.service_start = Dtm::parse(&day.replace('-', "")).ok();
        entry.repository = Some(RepositoryUniqueId::parse(repository).unwrap());
        entry.unique_id = unique_id.clone();
        let submission = submission(entry.clone());
        assert_eq!(self.take(&submission).status, Status::Success);
        if repository == OURS {
            self.contents.lock().unwrap().insert(unique_id, content);
        }
        entry
    }

    fn approved(&self, format: &str) -> Vec<DocumentEntry> {
        let entries = self.entries.lock().unwrap();
        let is = |entry: &&DocumentEntry| {
            crate::look::is_approved(entry)
                && entry.object_type == EntryType::Stable
                && entry.format_code.as_ref().unwrap().code == format
        };
        entries.iter().filter(is).cloned().collect()
    }
}

struct Doors(Arc<World>);

impl Registry for Doors {
    fn query<'a>(
        &'a self,
        _: &'a Ctx,
        query: &'a AdhocQuery,
    ) -> BoxFuture<'a, Result<Vec<RegistryObject>, Unreachable>> {
        if *self.0.is_silent.lock().unwrap() {
            return Box::pin(ready(Err(Unreachable("nobody there".to_owned()))));
        }
        let query = catalogue::parse(query).accept().unwrap().0;
        let entries = self.0.entries.lock().unwrap();
        let found = entries.iter().filter(|entry| {
            let is_named = match &query.subject {
                Subject::Patients(patients) => {
                    patients.as_slice().iter().any(|id| entry.patient_id.as_ref() == Some(id))
                }
                Subject::UniqueIds { ids, .. } => ids.as_slice().contains(&entry.unique_id),
                Subject::EntryUuids { .. } | Subject::LogicalIds { .. } | Subject::Anyone => false,
            };
            is_named && query.passes(Candidate::Entry(entry))
        });
        let found = found.map(|entry| RegistryObject::Entry(Box::new(entry.clone()))).collect();
        Box::pin(ready(Ok(found)))
    }

    fn register<'a>(
        &'a self,
        _: &'a Ctx,
        submission: &'a Submission,
    ) -> BoxFuture<'a, Result<RegistryResponse, Unreachable>> {
        Box::pin(ready(Ok(self.0.take(submission))))
    }
}

impl Documents for Doors {
    fn read<'a>(
        &'a self,
        _: &'a Ctx,
        document: &'a UniqueId,
        most: usize,
    ) -> BoxFuture<'a, Result<Bytes, NotRead>> {
        let content = self.0.contents.lock().unwrap().get(document).cloned();
        Box::pin(ready(match content {
            None => Err(NotRead::Absent),
            Some(content) if content.len() > most => Err(NotRead::TooLong),
            Some(content) => Ok(content),
        }))
    }

    fn provide<'a>(
        &'a self,
        _: &'a Ctx,
        mut submission: Submission,
        content: Bytes,
    ) -> BoxFuture<'a, RegistryResponse> {
        let entry = &mut submission.entries[0];
        entry.hash = Some(Sha1Hash::from_digest(Sha1::digest(&content).into()));
        entry.size = Some(content.len() as u64);
        let answer = self.0.take(&submission);
        if answer.status == Status::Success {
            let id = submission.entries[0].unique_id.clone();
            self.0.contents.lock().unwrap().insert(id, content);
        }
        Box::pin(ready(answer))
    }
}

fn ctx() -> Ctx {
    Ctx::internal("test", Duration::from_secs(60))
}

fn codes() -> Codes {
    Codes::of(&CodeList::read(default_xml()).unwrap()).unwrap()
}

fn patient() -> PatientId {
    PatientId::parse("P7^^^&1.2.392.7&ISO").unwrap()
}

fn ours() -> RepositoryUniqueId {
    RepositoryUniqueId::parse(OURS).unwrap()
}

fn entry(audience: Audience) -> crate::Entry<'static> {
    let leaked = Box::leak(Box::new((patient(), ours(), Oid::parse("1.2.9").unwrap(), codes())));
    let (patient, repository, source_id, codes) = leaked;
    crate::Entry { patient, audience, repository, source_id, codes }
}

fn submission(document: DocumentEntry) -> Submission {
    let mut submission = entry(Audience::Full).submission(&ctx()).unwrap();
    submission.entries = vec![document];
    submission
}

fn hs037(day: &str) -> Vec<u8> {
    let mut record = Record::new();
    for (id, value) in [
        ("program_code", terms::PROGRAMME_EMPLOYER),
        ("inst_no", "1319900013"),
        ("inst_name", "架空健診所"),
        ("patient_id", "P7"),
        ("name_kana", "カクウ タロウ"),
        ("exam_date", day),
        ("height", "170.0"),
    ] {
        record.set_id(id, value);
    }
    let practice = Practice::default();
    let created_at = chrono::DateTime::UNIX_EPOCH.fixed_offset();
    let options =
        hs037::Options { view: View::Full, created_at, practice: &practice, report_no: None };
    hs037::document(&record, &options)
}

fn source(world: &Arc<World>, persist: bool, limits: Limits) -> OnDemand {
    let doors = || Arc::new(Doors(Arc::clone(world)));
    OnDemand::new(Config {
        repository: ours(),
        source_id: Oid::parse("1.2.9").unwrap(),
        codes: codes(),
        persist,
        limits,
        registry: doors(),
        documents: doors(),
    })
}

fn request(audience: Audience) -> DocumentRequest {
    let unique_id = crate::unique_id(&patient(), audience, &ours());
    DocumentRequest { home: None, repository: ours(), unique_id }
}

async fn ask(
    source: &OnDemand,
    audience: Audience,
) -> Result<Option<DocumentResponse>, Box<Finding>> {
    source.retrieve(&ctx(), &request(audience)).await
}

async fn opened(persist: bool) -> (Arc<World>, OnDemand) {
    let world = Arc::new(World::default());
    let source = source(&world, persist, Limits::default());
    for audience in Audience::ALL {
        assert!(source.ensure(&ctx(), &patient(), audience).await.unwrap());
    }
    (world, source)
}

#[tokio::test]
async fn an_entry_is_registered_once() {
    let (world, source) = opened(false).await;
    assert!(!source.ensure(&ctx(), &patient(), Audience::Full).await.unwrap());
    let submissions = world.submissions.lock().unwrap();
    assert_eq!(submissions.len(), 2);
    let [entry] = &submissions[0].entries[..] else { panic!() };
    assert_eq!(entry.object_type, EntryType::OnDemand);
    assert_eq!((&entry.hash, entry.size, &entry.creation_time), (&None, None, &None));
    assert_eq!(entry.repository, Some(ours()));
}

#[tokio::test]
async fn the_document_holds_what_is_approved_for_its_readers_newest_first() {
    let (world, source) = opened(false).await;
    let old = world.checkup("2023-05-10", OURS, Audience::Full);
    let new = world.checkup("2025-05-12", OURS, Audience::Full);
    let far = world.checkup("2024-05-13", "1.9", Audience::Full);
    world.checkup("2022-05-13", OURS, Audience::Statutory);
    let given = ask(&source, Audience::Full).await.unwrap().unwrap();
    let years = years::read(&given.content).unwrap();
    let sources: Vec<&str> = years.checkups.iter().map(|c| &*c.source.unique_id).collect();
    assert_eq!(sources, [new.unique_id.as_str(), old.unique_id.as_str()]);
    assert_eq!(years.missing[0].source.unique_id, far.unique_id.as_str());
    assert_eq!(years.missing[0].source.repository, "1.9");
    assert_eq!(years.missing[0].reason, Reason::Elsewhere);
    assert_eq!(given.mime_type, years::MIME_TYPE);
    // not persisted, so that it is nowhere to be retrieved again
    assert_eq!(given.made.repository, None);
    assert_ne!(given.made.unique_id, given.request.unique_id);
    assert_eq!(world.approved(years::FORMAT_CODE), []);
}

#[tokio::test]
async fn the_same_content_has_the_same_name_and_other_content_another() {
    let (world, source) = opened(false).await;
    world.checkup("2023-05-10", OURS, Audience::Full);
    let one = ask(&source, Audience::Full).await.unwrap().unwrap();
    let same = ask(&source, Audience::Full).await.unwrap().unwrap();
    assert_eq!((&one.made, &one.content), (&same.made, &same.content));
    world.checkup("2024-05-10", OURS, Audience::Full);
    let other = ask(&source, Audience::Full).await.unwrap().unwrap();
    assert_ne!(one.made.unique_id, other.made.unique_id);
}

#[tokio::test]
async fn what_is_given_out_is_kept_and_replaces_what_was_kept_before() {
    let (world, source) = opened(true).await;
    world.checkup("2023-05-10", OURS, Audience::Full);
    let first = ask(&source, Audience::Full).await.unwrap().unwrap();
    assert_eq!(first.made.repository, Some(ours()));
    let kept = world.approved(years::FORMAT_CODE);
    assert_eq!(kept.len(), 1);
    assert_eq!(kept[0].unique_id, first.made.unique_id);
    assert_eq!(kept[0].size, Some(first.content.len() as u64));
    let days = (kept[0].service_start.clone(), kept[0].service_stop.clone());
    let day = Dtm::parse("20230510").ok();
    assert_eq!(days, (day.clone(), day));

    let before = world.submissions.lock().unwrap().len();
    ask(&source, Audience::Full).await.unwrap().unwrap();
    assert_eq!(world.submissions.lock().unwrap().len(), before, "kept twice");

    world.checkup("2024-05-10", OURS, Audience::Full);
    let second = ask(&source, Audience::Full).await.unwrap().unwrap();
    let now = world.approved(years::FORMAT_CODE);
    assert_eq!(now.len(), 1);
    assert_eq!(now[0].unique_id, second.made.unique_id);
    let submissions = world.submissions.lock().unwrap();
    let links: Vec<_> = submissions.last().unwrap().associations.iter().collect();
    let kinds: Vec<_> = links.iter().map(|link| link.association_type).collect();
    use AssociationType::{HasMember, IsSnapshotOf, Rplc};
    assert_eq!(kinds, [HasMember, IsSnapshotOf, Rplc]);
    assert_eq!(links[2].target, kept[0].id);
    let on_demand = request(Audience::Full).unique_id;
    assert_eq!(now[0].reference_ids, [snapshot::reference(&on_demand)]);
}

#[tokio::test]
async fn what_cannot_be_made_is_told_by_name() {
    let (world, source_) = opened(true).await;
    let code =
        |outcome: Result<Option<DocumentResponse>, Box<Finding>>| outcome.unwrap_err().rule.id;
    assert_eq!(code(ask(&source_, Audience::Full).await), "on-demand-nothing");
    let entry = world.checkup("2023-05-10", OURS, Audience::Full);
    let small = source(&world, false, Limits { octets: 100, ..Limits::default() });
    let finding = ask(&small, Audience::Full).await.unwrap_err();
    assert_eq!(finding.rule.id, "on-demand-too-large");
    assert!(finding.english().contains("ondemand.bytes = 100"), "{}", finding.english());
    let few = source(&world, false, Limits { sources: 0, ..Limits::default() });
    let finding = ask(&few, Audience::Full).await.unwrap_err();
    assert!(finding.japanese().contains("ondemand.sources = 0"), "{}", finding.japanese());

    *world.refuses.lock().unwrap() = true;
    let finding = ask(&source_, Audience::Full).await.unwrap_err();
    assert_eq!(
        (finding.rule.id, finding.value.as_str()),
        ("on-demand-not-kept", "XDSRegistryBusy")
    );
    assert_eq!(finding.location, request(Audience::Full).unique_id.as_str());

    let altered = Bytes::from_static(b"{}");
    world.contents.lock().unwrap().insert(entry.unique_id, altered);
    assert_eq!(code(ask(&source_, Audience::Full).await), "on-demand-source");

    let stranger = DocumentRequest {
        unique_id: UniqueId::parse("1.2.3.4").unwrap(),
        ..request(Audience::Full)
    };
    assert!(source_.retrieve(&ctx(), &stranger).await.unwrap().is_none());
}

#[tokio::test]
async fn who_cannot_wait_or_gets_no_answer_is_told_by_name() {
    let (world, _) = opened(false).await;
    world.checkup("2023-05-10", OURS, Audience::Full);
    let source = source(&world, false, Limits { at_once: 1, ..Limits::default() });
    let turn = source.inner.making.acquire().await.unwrap();
    let hurried = Ctx::internal("test", Duration::from_millis(1));
    let finding = source.retrieve(&hurried, &request(Audience::Full)).await.unwrap_err();
    assert_eq!(finding.rule.id, "on-demand-overdue");
    drop(turn);
    assert!(ask(&source, Audience::Full).await.unwrap().is_some());
    *world.is_silent.lock().unwrap() = true;
    let finding = ask(&source, Audience::Full).await.unwrap_err();
    assert_eq!(finding.rule.id, "on-demand-registry");
}

#[test]
fn an_entry_is_known_by_its_uniqueid_before_anybody_is_asked() {
    let may_be = |id: &str| crate::entry::may_be(&UniqueId::parse(id).unwrap(), &ours());
    for audience in Audience::ALL {
        assert!(may_be(crate::unique_id(&patient(), audience, &ours()).as_str()));
        let elsewhere = RepositoryUniqueId::parse("1.2.4").unwrap();
        assert!(!may_be(crate::unique_id(&patient(), audience, &elsewhere).as_str()));
    }
    for other in ["1.2.3", "2.25.7", "2.25.x", "2.25.999999999999999999999999999999999999999999"] {
        assert!(!may_be(other), "{other}");
    }
}

#[test]
fn a_list_without_the_codes_is_told_by_name() {
    let list = default_xml().lines().filter(|line| !line.contains(years::FORMAT_CODE));
    let list = CodeList::read(&list.collect::<String>()).unwrap();
    let missing = Codes::of(&list).unwrap_err().to_string();
    assert!(missing.ends_with("formatCode urn:renkei:checkup-years:1.0"), "{missing}");
}
