//! ITI-57 and ITI-92 over the wire: the sections of NIST's tests for Metadata Update and Restricted
//! Metadata Update, by their numbers.

mod full;
mod records;
mod restricted;

use crate::expect::{fault, plain};
use anyhow::{Context, Result, ensure};
use renkei_metadata::ids::{EntryUuid, MimeType, ObjectId, PatientId, RepositoryUniqueId};
use renkei_metadata::model::{
    Association, AssociationType, AvailabilityStatus, DocumentAvailability, DocumentEntry,
    EntryType, ExtraSlot, Folder, LocalizedText, RegistryObject, Submission,
};
use renkei_metadata::update::{Propagation, Update};
use renkei_soap::fault::FaultCode;
use renkei_tests::audit::{self, Record};
use renkei_tests::world::{Caller, REGISTRY};
use renkei_tests::{Form, Start, World, message, postgres, sample};
use renkei_xds::iti18::{QueryBuilder, QueryResponse, ReturnType};
use renkei_xds::response::{RegistryResponse, Status};
use renkei_xds::update::UpdateBuilder;
use uuid::Uuid;

const APPROVED: AvailabilityStatus = AvailabilityStatus::Approved;
const DEPRECATED: AvailabilityStatus = AvailabilityStatus::Deprecated;
const UPDATE: &str = "XDSMetadataUpdateError";
const OPERATION: &str = "XDSMetadataUpdateOperationError";
const VERSION: &str = "XDSMetadataVersionError";
const METADATA: &str = "XDSRegistryMetadataError";
const PATIENT: &str = "XDSPatientIDReconciliationError";

/// A Document Administrator and what it looks at.
struct Admin<'w> {
    w: &'w World,
    caller: &'w Caller,
}

impl<'w> Admin<'w> {
    const fn of(w: &'w World) -> Self {
        Self { w, caller: &w.administrator }
    }

    /// ITI-57.
    fn send(&self, update: &Update) -> Result<RegistryResponse> {
        self.caller.post(REGISTRY, &message::update(update))?.registry()
    }

    /// ITI-57 that has to take effect.
    fn done(&self, update: UpdateBuilder) -> Result<()> {
        let response = self.send(&update.build())?;
        ensure!(response.status == Status::Success, "{response:#?}");
        Ok(())
    }

    /// ITI-57 that has to be refused with this code, in words for people that name the object.
    fn refused(&self, update: &Update, code: &str) -> Result<()> {
        refused(&self.send(update)?, code)
    }

    /// The same of a message changed by hand.
    fn refused_message(&self, message: &Submission, code: &str) -> Result<()> {
        refused(&self.caller.post(REGISTRY, &message::update_message(message))?.registry()?, code)
    }

    /// ITI-92.
    fn restricted(&self, update: &Submission) -> Result<RegistryResponse> {
        self.caller.post(REGISTRY, &message::restricted_message(update))?.registry()
    }

    /// Every version of the patient's documents, the older before the newer.
    fn versions(&self, patient: &PatientId) -> Result<Vec<DocumentEntry>> {
        let query = all_versions(QueryBuilder::find_documents(patient, &AvailabilityStatus::ALL));
        let mut found: Vec<DocumentEntry> = objects(&self.w.query(&query)?, |o| match o {
            RegistryObject::Entry(e) => Some((**e).clone()),
            _ => None,
        });
        found.sort_by_key(|e| e.version);
        Ok(found)
    }

    fn newest(&self, patient: &PatientId) -> Result<DocumentEntry> {
        self.versions(patient)?.pop().context("no document")
    }

    /// A new patient with one registered document.
    fn document(&self) -> Result<(PatientId, DocumentEntry)> {
        let patient = self.w.patient();
        Ok((patient.clone(), self.document_of(&patient)?))
    }

    /// One more registered document of a patient.
    fn document_of(&self, patient: &PatientId) -> Result<DocumentEntry> {
        let before: Vec<ObjectId> = self.versions(patient)?.into_iter().map(|e| e.id).collect();
        let content = Uuid::new_v4().to_string();
        self.w.submitted(&sample::one(patient, content.as_bytes()), &[content.as_bytes()])?;
        let mut found = self.versions(patient)?.into_iter().filter(|e| !before.contains(&e.id));
        found.next().context("no new document")
    }

    /// A registered folder with a document, and what the submission of them answers.
    fn filed(&self, patient: &PatientId) -> Result<Filed> {
        let mut s = sample::one(patient, b"x");
        let (set, document) = (s.submission_set.id.clone(), s.entries[0].id.clone());
        let folder = folder(patient);
        let has_member = AssociationType::HasMember;
        s.associations.push(sample::association("of", has_member, &set, &folder.id));
        s.associations.push(sample::association("fm", has_member, &folder.id, &document));
        s.associations.push(sample::association("hm", has_member, &set, &sample::symbol("fm")));
        s.folders.push(folder);
        self.w.submitted(&s, &[b"x"])?;
        let query =
            QueryBuilder::get_submission_set_and_contents_by_unique_id(&s.submission_set.unique_id);
        let answer = self.w.query(&all_versions(query))?;
        let folder = objects(&answer, |o| match o {
            RegistryObject::Folder(f) => Some((**f).clone()),
            _ => None,
        });
        let document = objects(&answer, |o| match o {
            RegistryObject::Entry(e) => Some((**e).clone()),
            _ => None,
        });
        let folder = folder.into_iter().next().context("no folder")?;
        let document = document.into_iter().next().context("no document")?;
        let members = associations(&answer);
        let member = members.into_iter().find(|a| a.source == folder.id).context("no member")?;
        Ok(Filed { folder, document, member })
    }

    /// What the SubmissionSet of an update brought.
    fn brought(&self, update: &Update) -> Result<QueryResponse> {
        let set = &update.submission_set.unique_id;
        let query = QueryBuilder::get_submission_set_and_contents_by_unique_id(set);
        self.w.query(&all_versions(query))
    }
}

struct Filed {
    folder: Folder,
    document: DocumentEntry,
    member: Association,
}

fn all_versions(query: QueryBuilder) -> renkei_xds::iti18::AdhocQuery {
    let mut query = query.build();
    query.params.push(("$MetadataLevel".to_owned(), vec!["2".to_owned()]));
    query
}

fn objects<T>(answer: &QueryResponse, of: impl Fn(&RegistryObject) -> Option<T>) -> Vec<T> {
    answer.objects.iter().filter_map(of).collect()
}

fn associations(answer: &QueryResponse) -> Vec<Association> {
    objects(answer, |o| match o {
        RegistryObject::Association(a) => Some((**a).clone()),
        _ => None,
    })
}

fn refused(response: &RegistryResponse, code: &str) -> Result<()> {
    ensure!(response.status == Status::Failure, "{response:?}");
    let codes: Vec<&str> = response.errors.iter().map(|e| e.code.as_str()).collect();
    ensure!(!codes.is_empty() && codes.iter().all(|c| *c == code), "{code}: {response:#?}");
    response.errors.iter().try_for_each(|e| plain(&e.context))
}

fn folder(patient: &PatientId) -> Folder {
    Folder {
        id: sample::symbol("Folder01"),
        lid: None,
        version: None,
        home: None,
        status: None,
        title: Some(LocalizedText::ja("試験のフォルダー")),
        comments: None,
        codes: vec![folder_code()],
        last_update_time: None,
        patient_id: Some(patient.clone()),
        unique_id: sample::new_oid(),
        extra: Vec::new(),
    }
}

fn folder_code() -> renkei_metadata::model::Code {
    sample::project_code("KENSHIN-2025", 7, "2025年度 健診")
}

/// An update by a new SubmissionSet of the patient.
fn by(patient: &PatientId) -> UpdateBuilder {
    let mut set = sample::one(patient, b"").submission_set;
    set.unique_id = sample::new_oid();
    UpdateBuilder::new(set)
}

fn of(patient: &PatientId, entry: &DocumentEntry) -> Result<UpdateBuilder> {
    Ok(by(patient).entry(entry.clone(), Propagation::Yes)?)
}

fn id_of(id: &ObjectId) -> Result<EntryUuid> {
    id.uuid().context("no UUID")
}

/// The membership of the first new version in a message.
fn member(m: &mut Submission) -> Result<&mut Association> {
    let named = m.associations.iter_mut().find(|a| a.previous_version.is_some());
    named.context("no membership with a version")
}

fn slot(name: &str, values: &[&str]) -> ExtraSlot {
    ExtraSlot { name: name.into(), values: values.iter().map(|v| (*v).to_owned()).collect() }
}

fn link(association_type: AssociationType, source: &ObjectId, target: &ObjectId) -> Association {
    sample::association("link", association_type, source, target)
}

/// A change to a message, and the error that it makes.
type Breach = (&'static str, fn(&mut Submission));

/// A change to a document, and what it is called.
type Change = (&'static str, fn(&mut DocumentEntry));

/// The attributes of test 15801, and more.
const CHANGES: &[Change] = &[
    ("author", |e| e.authors.clear()),
    ("extra metadata", |e| e.extra = vec![slot("urn:x-kenshin:a", &["甲"])]),
    ("classCode", |e| e.class_code = Some(sample::project_code("SOURCE", 1, "原本"))),
    ("comments", |e| e.comments = Some(LocalizedText::ja("備考"))),
    ("confidentialityCode", |e| e.confidentiality_codes.truncate(1)),
    ("creationTime", |e| e.creation_time = Some(sample::dtm("20250101"))),
    ("eventCodeList", |e| e.event_codes.clear()),
    ("languageCode", |e| e.language = renkei_metadata::ids::LanguageCode::parse("en").ok()),
    ("legalAuthenticator", |e| e.legal_authenticator = Some("D2^佐藤^花子".into())),
    ("serviceStartTime", |e| e.service_start = Some(sample::dtm("20250101"))),
    ("serviceStopTime", |e| e.service_stop = Some(sample::dtm("20250601"))),
    ("size", |e| e.size = Some(7)),
    ("sourcePatientInfo", |e| e.source_patient_info = vec!["PID-8|F".into()]),
    ("title", |e| e.title = None),
    ("mimeType", |e| {
        if let Ok(mime_type) = MimeType::parse("application/fhir+json") {
            e.mime_type = mime_type;
        }
    }),
    ("URI", |e| e.uri = Some("a.csv".into())),
    ("referenceIdList", |e| {
        e.reference_ids = vec!["7^^^&1.2.3.8&ISO^urn:ihe:iti:xds:2013:accession".into()];
    }),
    ("documentAvailability", |e| e.availability = Some(DocumentAvailability::Offline)),
];
