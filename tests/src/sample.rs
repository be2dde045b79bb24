//! Submissions of fictitious documents, small and valid; tests change what they are about.

use chrono::Utc;
use renkei_hl7v2::adt::{self, A04, PersonName, Representation};
use renkei_hl7v2::msh::Stamp;
use renkei_metadata::ids::{
    Dtm, LanguageCode, MimeType, ObjectId, Oid, PatientId, Sha1Hash, UniqueId,
};
use renkei_metadata::model::{
    Association, AssociationType, Author, Code, DocumentEntry, EntryType, Folder, LocalizedText,
    Submission, SubmissionSet,
};
use sha1::{Digest, Sha1};
use uuid::Uuid;

/// Root of the project's code systems.
pub const ROOT: &str = "2.25.185732698166007113028036616671757965052";

/// A new patient id of `authority`.
pub fn patient(authority: &str) -> PatientId {
    PatientId { id: Uuid::new_v4().simple().to_string(), authority: oid(authority) }
}

/// A new OID.
pub fn new_oid() -> Oid {
    Oid::from_uuid(Uuid::new_v4())
}

/// A new DocumentEntry.uniqueId.
pub fn new_unique_id() -> UniqueId {
    new_oid().into()
}

/// A code of the project.
pub fn project_code(code: &str, arc: u8, display: &str) -> Code {
    coded(code, &format!("{ROOT}.{arc}"), display)
}

/// A coded value.
pub fn coded(code: &str, scheme: &str, display: &str) -> Code {
    Code { code: code.to_owned(), scheme: scheme.to_owned(), display: LocalizedText::ja(display) }
}

/// An entry for `content`, valid in every attribute; its id is the symbol `Document01`.
pub fn entry(patient: &PatientId, content: &[u8]) -> DocumentEntry {
    DocumentEntry {
        id: symbol("Document01"),
        lid: None,
        version: None,
        home: None,
        status: None,
        object_type: EntryType::Stable,
        mime_type: MimeType::parse("text/csv").expect("media type"),
        title: Some(LocalizedText::ja("健康診断結果 2025-05-12 試験健診センター")),
        comments: None,
        authors: vec![author()],
        class_code: Some(project_code("CHECKUP", 1, "健診・検診")),
        confidentiality_codes: vec![
            coded("N", "2.16.840.1.113883.5.25", "通常"),
            project_code("FULL", 5, "全項目"),
        ],
        event_codes: vec![coded("030", "1.2.392.200119.6.1002", "事業者健診")],
        format_code: Some(project_code("kcsv-1.0", 3, "標準CSV kcsv/1.0")),
        facility_type_code: Some(project_code("KENSHIN", 4, "健診センター")),
        practice_setting_code: Some(project_code("CHECKUP", 6, "健診・予防医学")),
        type_code: Some(coded("53576-5", "2.16.840.1.113883.6.1", "検診・健診報告書")),
        creation_time: Some(dtm("20250520011530")),
        availability: None,
        hash: Some(Sha1Hash::from_digest(Sha1::digest(content).into())),
        size: Some(content.len() as u64),
        language: Some(LanguageCode::parse("ja-JP").expect("language")),
        legal_authenticator: None,
        reference_ids: Vec::new(),
        repository: None,
        service_start: Some(dtm("20250512")),
        service_stop: Some(dtm("20250512")),
        source_patient_id: Some("T-0001^^^&1.2.392.100495.20.3.51.11319900013&ISO".to_owned()),
        source_patient_info: vec![
            "PID-3|T-0001^^^&1.2.392.100495.20.3.51.11319900013&ISO".to_owned(),
            "PID-5|試験^太郎^^^^^L^I".to_owned(),
            "PID-7|19800401".to_owned(),
            "PID-8|M".to_owned(),
        ],
        uri: None,
        patient_id: Some(patient.clone()),
        unique_id: new_unique_id(),
        extra: Vec::new(),
    }
}

/// A submission of `entries`, which keep their ids.
pub fn submission(patient: &PatientId, entries: Vec<DocumentEntry>) -> Submission {
    let set = symbol("SubmissionSet01");
    let associations = entries
        .iter()
        .enumerate()
        .map(|(n, e)| {
            association(&format!("as{n}"), AssociationType::HasMember, &set, &e.id).original()
        })
        .collect();
    Submission {
        submission_set: SubmissionSet {
            id: set,
            lid: None,
            version: None,
            home: None,
            status: None,
            title: Some(LocalizedText::ja("試験の登録")),
            comments: None,
            authors: vec![author()],
            content_type_code: Some(project_code("CHECKUP-DELIVERY", 2, "健診結果納品")),
            intended_recipients: Vec::new(),
            patient_id: Some(patient.clone()),
            source_id: oid(&format!("{ROOT}.10.11319900013")),
            submission_time: dtm("20250520020000"),
            unique_id: new_oid(),
            extra: Vec::new(),
        },
        entries,
        folders: Vec::new(),
        associations,
    }
}

/// A submission of one document.
pub fn one(patient: &PatientId, content: &[u8]) -> Submission {
    submission(patient, vec![entry(patient, content)])
}

/// A submission of one document that replaces a registered one.
pub fn replacement(patient: &PatientId, content: &[u8], replaced: &ObjectId) -> Submission {
    let mut submission = one(patient, content);
    let new = symbol("Document01");
    submission.associations.push(association("rplc", AssociationType::Rplc, &new, replaced));
    submission
}

/// A folder of a year, whose id is the symbol `Folder01`.
pub fn folder(patient: &PatientId, year: u16) -> Folder {
    Folder {
        id: symbol("Folder01"),
        lid: None,
        version: None,
        home: None,
        status: None,
        title: Some(LocalizedText::ja(format!("{year}年度 健診"))),
        comments: None,
        codes: vec![year_code(year)],
        last_update_time: None,
        patient_id: Some(patient.clone()),
        unique_id: new_oid(),
        extra: Vec::new(),
    }
}

/// The code of a year's folders.
pub fn year_code(year: u16) -> Code {
    project_code(&format!("KENSHIN-{year}"), 7, &format!("{year}年度健診"))
}

/// Makes a folder a part of the submission.
pub fn bring(submission: &mut Submission, folder: Folder) {
    let set = submission.submission_set.id.clone();
    let brought = association("of-folder", AssociationType::HasMember, &set, &folder.id);
    submission.associations.push(brought);
    submission.folders.push(folder);
}

/// Puts a document into a folder by the submission, whichever of them are registered already.
pub fn file(submission: &mut Submission, folder: &ObjectId, document: &ObjectId) {
    let set = submission.submission_set.id.clone();
    let member = association("in-folder", AssociationType::HasMember, folder, document);
    let brought = association("of-member", AssociationType::HasMember, &set, &member.id);
    submission.associations.extend([member, brought]);
}

/// An association without circumstances.
pub fn association(
    id: &str,
    association_type: AssociationType,
    source: &ObjectId,
    target: &ObjectId,
) -> Association {
    Association::joining(symbol(id), association_type, source, target)
}

/// A symbolic id.
pub fn symbol(name: &str) -> ObjectId {
    ObjectId::Symbol(name.to_owned())
}

/// A time.
pub fn dtm(text: &str) -> Dtm {
    Dtm::parse(text).expect("time")
}

/// An OID.
pub fn oid(text: &str) -> Oid {
    Oid::parse(text).expect("OID")
}

fn author() -> Author {
    let institution = "試験健診センター^^^^^&1.2.392.200119.6.102&ISO^^^^1319900013";
    Author { institutions: vec![institution.to_owned()], ..Author::default() }
}

/// The message that announces a patient with this name in kanji and kana.
pub fn a04(patient: &PatientId, family: &str, kana: &str) -> Vec<u8> {
    let name = |family: &str, representation| PersonName {
        family: family.to_owned(),
        given: "太郎".to_owned(),
        representation: Some(representation),
    };
    let names =
        vec![name(family, Representation::Ideographic), name(kana, Representation::Phonetic)];
    adt::write_a04(&A04 {
        stamp: Stamp::new(Utc::now(), Uuid::new_v4()),
        sending_application: "SOURCE".to_owned(),
        sending_facility: "TEST".to_owned(),
        receiving_application: "REGISTRY".to_owned(),
        receiving_facility: "RENKEI".to_owned(),
        patient: patient.clone(),
        names,
        birth_date: None,
        sex: None,
    })
}
