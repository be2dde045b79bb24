//! Documents: submitted, registered, retrieved, refused.

use crate::house::{home, id, patient, repository};
use crate::messages::{Example, content_id};
use crate::people;
use renkei_metadata::ids::{MimeType, ObjectId, PatientId, RepositoryUniqueId, Sha1Hash, UniqueId};
use renkei_metadata::model::{
    Association, AssociationType, DocumentEntry, EntryType, Folder, LocalizedText, Submission,
    SubmissionSet, SubmissionSetStatus,
};
use renkei_tests::sample;
use renkei_tests::world::REPOSITORY;
use renkei_xds::iti43::DocumentRequest;
use renkei_xds::transaction::{ITI_18, ITI_41, ITI_42, ITI_43, ITI_61};
use renkei_xds::{iti18, iti41, iti42, iti43, iti61};

/// Contents, by the number of the document.
const CONTENTS: [&[u8]; 4] = [
    "受診日,身長,体重\r\n2025-05-12,160.2,54.0\r\n".as_bytes(),
    "受診日,LDL\r\n2025-05-12,101\r\n".as_bytes(),
    "受診日,LDL\r\n2025-05-12,110\r\n".as_bytes(),
    "受診日,血圧\r\n2025-05-12,118/72\r\n".as_bytes(),
];

/// The document of the folder, which is updated later.
pub(crate) const FILED: u32 = 1;
/// The document that is replaced.
const REPLACED: u32 = 2;
/// The document that replaces it.
pub(crate) const REPLACEMENT: u32 = 3;
/// The document that is removed in the end.
pub(crate) const REMOVED: u32 = 4;
/// The document that is registered from another repository.
pub(crate) const ELSEWHERE: u32 = 5;
/// The document that is made on demand.
const ON_DEMAND: u32 = 6;
/// The folder.
pub(crate) const FOLDER: u32 = 50;

/// A reference id of the filed document.
pub(crate) const REFERENCE: &str = "20250512-001^^^&2.999.2.1&ISO^urn:ihe:iti:xds:2013:accession";

/// The content of a document that the repository of the house has.
fn content(number: u32) -> &'static [u8] {
    usize::try_from(number - 1).ok().and_then(|n| CONTENTS.get(n)).copied().unwrap_or_default()
}

/// The uniqueId of a document.
pub(crate) fn unique_id(number: u32) -> UniqueId {
    sample::oid(&format!("2.999.3.{number}")).into()
}

/// A document as it is submitted.
fn entry(number: u32, patient: &PatientId) -> DocumentEntry {
    let mut entry = sample::entry(patient, content(number));
    (entry.id, entry.unique_id) = (id(number), unique_id(number));
    entry
}

/// A document as a query answers it, for those who update it.
pub(crate) fn registered(number: u32, patient: &PatientId) -> DocumentEntry {
    let mut entry = entry(number, patient);
    (entry.lid, entry.version) = (entry.id.uuid(), Some(1));
    (entry.home, entry.repository) = (home(), Some(repository()));
    if number == FILED {
        entry.reference_ids = vec![REFERENCE.to_owned()];
    }
    entry
}

/// The id of the SubmissionSet of this number.
pub(crate) const fn set_number(number: u32) -> u32 {
    100 + number
}

/// The id of an association of a submission.
pub(crate) const fn link_number(submission: u32, number: u32) -> u32 {
    1000 + 10 * submission + number
}

/// The SubmissionSet of this number.
pub(crate) fn submission_set(number: u32, patient: &PatientId) -> SubmissionSet {
    let mut set = sample::submission(patient, Vec::new()).submission_set;
    set.id = id(set_number(number));
    set.unique_id = sample::oid(&format!("2.999.4.{number}"));
    set.source_id = sample::oid("2.999.1.3");
    set
}

/// A submission of entries.
fn submission(number: u32, patient: &PatientId, entries: Vec<DocumentEntry>) -> Submission {
    let mut submission = Submission {
        submission_set: submission_set(number, patient),
        entries: Vec::new(),
        folders: Vec::new(),
        associations: Vec::new(),
    };
    let set = submission.submission_set.id.clone();
    for entry in entries {
        link(&mut submission, number, AssociationType::HasMember, &set, &entry.id);
        submission.entries.push(entry);
    }
    submission
}

/// Adds an association; gives its id.
fn link(
    submission: &mut Submission,
    number: u32,
    kind: AssociationType,
    source: &ObjectId,
    target: &ObjectId,
) -> ObjectId {
    let place = u32::try_from(submission.associations.len()).unwrap_or_default();
    let own = id(link_number(number, place + 1));
    let is_original = kind == AssociationType::HasMember && *source == submission.submission_set.id;
    submission.associations.push(Association {
        id: own.clone(),
        submission_set_status: is_original.then_some(SubmissionSetStatus::Original),
        ..sample::association("", kind, source, target)
    });
    own
}

fn folder(patient: &PatientId) -> Folder {
    Folder {
        id: id(FOLDER),
        lid: None,
        version: None,
        home: None,
        status: None,
        title: Some(LocalizedText::ja("2025年度 健診")),
        comments: None,
        codes: vec![sample::project_code("KENSHIN-2025", 7, "2025年度 健診")],
        last_update_time: None,
        patient_id: Some(patient.clone()),
        unique_id: sample::oid("2.999.5.1"),
        extra: Vec::new(),
    }
}

/// Two documents, one of them in a new folder.
fn two_with_folder() -> Submission {
    let patient = patient(1001);
    let mut filed = entry(FILED, &patient);
    filed.reference_ids = vec![REFERENCE.to_owned()];
    let mut s = submission(1, &patient, vec![filed, entry(REPLACED, &patient)]);
    let (set, folder) = (s.submission_set.id.clone(), folder(&patient));
    let has_member = AssociationType::HasMember;
    link(&mut s, 1, has_member, &set, &folder.id);
    let member = link(&mut s, 1, has_member, &folder.id, &id(FILED));
    link(&mut s, 1, has_member, &set, &member);
    s.folders.push(folder);
    s
}

fn replacement() -> Submission {
    let patient = patient(1001);
    let mut s = submission(2, &patient, vec![entry(REPLACEMENT, &patient)]);
    link(&mut s, 2, AssociationType::Rplc, &id(REPLACEMENT), &id(REPLACED));
    s
}

fn elsewhere() -> Submission {
    let patient = patient(1001);
    let mut entry = entry(ELSEWHERE, &patient);
    entry.repository = Some(RepositoryUniqueId(sample::oid("2.999.9.1")));
    entry.source_patient_id = Some(people::local().to_string());
    entry.source_patient_info = vec!["PID-7|19800401".to_owned(), "PID-8|F".to_owned()];
    submission(4, &patient, vec![entry])
}

fn on_demand() -> Submission {
    let patient = patient(1001);
    let mut entry = entry(ON_DEMAND, &patient);
    entry.object_type = EntryType::OnDemand;
    (entry.creation_time, entry.hash, entry.size) = (None, None, None);
    (entry.service_start, entry.service_stop) = (None, None);
    entry.title = Some(LocalizedText::ja("健診結果の経年記録"));
    entry.mime_type = MimeType::parse("application/fhir+json").expect("media type");
    let format = "urn:renkei:checkup-years:1.0";
    entry.format_code = Some(sample::project_code(format, 3, "健診結果の経年記録 FHIR R4 文書"));
    entry.repository = Some(repository());
    submission(5, &patient, vec![entry])
}

/// ITI-41 of a submission with the content of each of its documents.
fn provide(name: &str, about: [&str; 2], submission: &Submission, numbers: &[u32]) -> Example {
    let contents: Vec<&[u8]> = numbers.iter().map(|number| content(*number)).collect();
    let entries = submission.entries.iter().map(|entry| entry.id.to_string());
    let parts: Vec<(String, String)> =
        entries.enumerate().map(|(place, id)| (id, content_id(place))).collect();
    Example::soap(&ITI_41, name, about, &contents, |w| iti41::write_request(w, submission, &parts))
}

/// ITI-41, ITI-42 and ITI-61.
pub(crate) fn submitted() -> Vec<Example> {
    let third = patient(1003);
    let one = submission(3, &third, vec![entry(REMOVED, &third)]);
    let (elsewhere, on_demand) = (elsewhere(), on_demand());
    vec![
        provide(
            "iti-41/folder",
            [
                "文書2件と、その1件を入れる新しいフォルダー",
                "two documents, one of them in a new folder",
            ],
            &two_with_folder(),
            &[FILED, REPLACED],
        ),
        provide(
            "iti-41/replacement",
            ["登録済みの文書の置換(RPLC)", "replaces a registered document (RPLC)"],
            &replacement(),
            &[REPLACEMENT],
        ),
        provide("iti-41/one", ["文書1件", "one document"], &one, &[REMOVED]),
        Example::soap(
            &ITI_42,
            "iti-42/elsewhere",
            ["別のリポジトリにある文書の登録", "registers a document that another repository has"],
            &[],
            |w| iti42::write_request(w, &elsewhere),
        ),
        Example::soap(
            &ITI_61,
            "iti-61/years",
            [
                "要求時に作成される文書の登録",
                "registers a document that is made when it is asked for",
            ],
            &[],
            |w| iti61::write_request(w, &on_demand),
        ),
    ]
}

/// A request for a document of the house.
pub(crate) fn request(number: u32) -> DocumentRequest {
    DocumentRequest { home: None, repository: repository(), unique_id: unique_id(number) }
}

/// ITI-43.
pub(crate) fn retrieved() -> Vec<Example> {
    let requests = [request(FILED), request(REPLACEMENT)];
    let about = ["文書2件の取得", "retrieves two documents"];
    let write = |w: &mut _| iti43::write_request(w, &requests);
    vec![Example::soap(&ITI_43, "iti-43/documents", about, &[], write)]
}

/// What is refused, and how that looks.
pub(crate) fn refused() -> Vec<Example> {
    let (known, unknown) = (patient(1001), patient(9999));
    let stranger = submission(8, &unknown, vec![entry(8, &unknown)]);
    let mut other = entry(9, &known);
    other.hash = Some(Sha1Hash::from_digest([7; 20]));
    let other = submission(9, &known, vec![other]);
    let failure = "ResponseStatusType:Failure";
    let query = iti18::QueryBuilder::new(renkei_xds::catalogue::FIND_DOCUMENTS).patient(&known);
    let (query, misplaced) = (query.clone().build(), query.build());
    vec![
        Example::soap(
            &ITI_18,
            "errors/missing-parameter",
            ["必須パラメータの不足", "a required parameter is missing"],
            &[],
            |w| iti18::write_request(w, &query),
        )
        .ending("XDSStoredQueryMissingParam"),
        provide(
            "errors/unknown-patient",
            ["患者が登録されていない", "the patient is not known"],
            &stranger,
            &[8],
        )
        .ending("XDSUnknownPatientId"),
        provide(
            "errors/hash",
            ["文書がハッシュと一致しない", "a document is not what its hash says"],
            &other,
            &[9],
        )
        .ending(failure),
        Example::soap(
            &ITI_18,
            "errors/fault",
            ["宛先が違う要求(SOAPフォールト)", "a request to the wrong endpoint (SOAP fault)"],
            &[],
            |w| iti18::write_request(w, &misplaced),
        )
        .at(REPOSITORY)
        .ending("Fault"),
        people::refused(),
    ]
}
