//! Submissions, small and valid.

use super::*;

fn code(code: &str) -> Option<Code> {
    Some(Code {
        code: code.to_owned(),
        scheme: "2.999.6".to_owned(),
        display: LocalizedText::ja("コード"),
    })
}

fn dtm(s: &str) -> Dtm {
    Dtm::parse(s).unwrap()
}

pub fn entry(id: &str, unique_id: &str) -> DocumentEntry {
    DocumentEntry {
        id: ObjectId::Symbol(id.to_owned()),
        lid: None,
        version: None,
        home: None,
        status: None,
        object_type: EntryType::Stable,
        mime_type: MimeType::parse("text/csv").unwrap(),
        title: Some(LocalizedText::ja("健診結果")),
        comments: None,
        authors: vec![Author {
            person: Some("1234^山田^太郎".to_owned()),
            institutions: vec!["健診機関^^^^^^^^^1.2.3".to_owned()],
            ..Author::default()
        }],
        class_code: code("class"),
        confidentiality_codes: vec![code("N").unwrap()],
        event_codes: vec![],
        format_code: code("format"),
        facility_type_code: code("facility"),
        practice_setting_code: code("setting"),
        type_code: code("type"),
        creation_time: Some(dtm("20240401")),
        availability: None,
        hash: None,
        size: None,
        language: Some(LanguageCode::parse("ja-JP").unwrap()),
        legal_authenticator: None,
        reference_ids: vec![],
        repository: None,
        service_start: None,
        service_stop: None,
        source_patient_id: Some("1^^^&2.999.5&ISO".to_owned()),
        source_patient_info: vec![],
        uri: None,
        patient_id: Some(patient()),
        unique_id: UniqueId::parse(unique_id).unwrap(),
        extra: vec![],
    }
}

fn patient() -> PatientId {
    PatientId::parse("100234^^^&2.999.1.1&ISO").unwrap()
}

pub fn submission(entries: Vec<DocumentEntry>) -> Submission {
    let set = ObjectId::Symbol("SubmissionSet01".to_owned());
    let member = |(n, entry): (usize, &DocumentEntry)| {
        Association::numbered(n, AssociationType::HasMember, &set, &entry.id).original()
    };
    Submission {
        associations: entries.iter().enumerate().map(member).collect(),
        submission_set: SubmissionSet {
            id: set,
            lid: None,
            version: None,
            home: None,
            status: None,
            title: None,
            comments: None,
            authors: vec![],
            content_type_code: code("content"),
            intended_recipients: vec![],
            patient_id: Some(patient()),
            source_id: Oid::parse("2.999.3").unwrap(),
            submission_time: dtm("20240402120000"),
            unique_id: Oid::parse("2.999.4.1").unwrap(),
            extra: vec![],
        },
        entries,
        folders: vec![],
    }
}

/// A request for documents with these uniqueIds, each in a part `<n>@test`.
pub fn request(unique_ids: &[&str]) -> Request {
    let entries =
        unique_ids.iter().enumerate().map(|(n, uid)| entry(&format!("Document{n:02}"), uid));
    let documents = (0..unique_ids.len()).map(|n| Document {
        id: format!("Document{n:02}"),
        content: Content::Include(format!("{n}@test")),
    });
    Request {
        submission: Checked::good(submission(entries.collect())),
        documents: documents.collect(),
    }
}

/// Gives the SubmissionSet of a request another uniqueId.
pub fn rename_set(request: &mut Request, unique_id: &str) {
    let submission = request.submission.value.as_mut().unwrap();
    submission.submission_set.unique_id = Oid::parse(unique_id).unwrap();
}
