//! A record as an XDS document set: the standard CSV record and the HS037 Bundles, with their
//! metadata (ITI TF-3: 4.2.3; code tables of the affinity domain).

use super::identifiers::{Checkup, PROJECT_ROOT, record_reference};
use chrono::{DateTime, FixedOffset, NaiveDate, Utc};
use renkei_checkup::programmes::{Form, programmes};
use renkei_checkup::{Record, hs037, kcsv, terms};
use renkei_metadata::ids::{
    Dtm, Invalid, LanguageCode, MimeType, ObjectId, Oid, PatientId, Sha1Hash, UniqueId,
};
use renkei_metadata::model::{
    Association, AssociationType, Author, Code, DocumentEntry, EntryType, LocalizedText,
    Submission, SubmissionSet, SubmissionSetStatus,
};
use sha1::{Digest, Sha1};

/// LOINC; 53576-5 is the national choice for a checkup report.
const LOINC: &str = "2.16.840.1.113883.6.1";
/// HL7 Confidentiality.
const CONFIDENTIALITY: &str = "2.16.840.1.113883.5.25";
/// 健診プログラムサービスコード.
const PROGRAMME: &str = "1.2.392.200119.6.1002";
/// 報告区分.
const REPORT_CATEGORY: &str = "1.2.392.200119.6.1001";
/// 健診・保健指導機関番号.
const INSTITUTION: &str = "1.2.392.200119.6.102";
/// 保険者番号.
const INSURER: &str = "1.2.392.200119.6.101";

/// Who may read a document without the person's consent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Audience {
    /// 全項目.
    Full,
    /// 法定項目 only.
    Stat,
}

impl Audience {
    const fn code(self) -> &'static str {
        match self {
            Self::Full => "FULL",
            Self::Stat => "STAT",
        }
    }

    const fn display(self) -> &'static str {
        match self {
            Self::Full => "全項目",
            Self::Stat => "法定項目",
        }
    }
}

/// A kind of document in the set.
struct Kind {
    format: &'static str,
    format_display: &'static str,
    mime_type: &'static str,
    audience: Audience,
}

const KCSV: Kind = Kind {
    format: "kcsv-1.0",
    format_display: "標準CSV kcsv/1.0",
    mime_type: "text/csv",
    audience: Audience::Full,
};
const HS037: Kind = Kind {
    format: "hs037-fhir-r4",
    format_display: "HS037 FHIR R4 文書",
    mime_type: "application/fhir+json",
    audience: Audience::Full,
};
const HS037_STAT: Kind = Kind { audience: Audience::Stat, ..HS037 };

/// One document of a set, ready to be sent or found present.
#[derive(Clone, Debug)]
pub struct Prepared {
    /// Its metadata; the id is a symbol of the submission.
    pub entry: DocumentEntry,
    /// Its bytes.
    pub content: Vec<u8>,
    /// `format|audience`, what a new version has in common with the one it replaces.
    pub slot: String,
}

/// A record's documents, before it is known which of them the registry has.
#[derive(Clone, Debug)]
pub struct DocumentSet {
    /// The person.
    pub patient_id: PatientId,
    /// The checkup.
    pub checkup: Checkup,
    /// The documents.
    pub documents: Vec<Prepared>,
    record: Record,
    source_id: Oid,
}

/// Why a record cannot become documents.
#[derive(Debug, thiserror::Error)]
pub enum PrepareError {
    /// An item of the record does not fit the metadata attribute made of it.
    #[error("item {item} does not fit: {source}")]
    Item {
        /// The item of the standard record.
        item: &'static str,
        /// What was expected.
        source: Invalid,
    },
}

/// Makes the documents of a record.
pub fn prepare(
    record: &Record,
    practice: &hs037::Practice,
    patient_id: PatientId,
    source_id: &Oid,
    created_at: DateTime<FixedOffset>,
) -> Result<DocumentSet, PrepareError> {
    let line = kcsv::document(record);
    let checkup = Checkup::of(record, source_id);
    let mut contents = vec![(KCSV, line.clone().into_bytes())];
    let options = |view| hs037::Options { view, created_at, practice };
    contents.push((HS037, hs037::document(record, &options(hs037::View::Full))));
    if record.get("program_code") == terms::PROGRAMME_EMPLOYER {
        contents.push((HS037_STAT, hs037::document(record, &options(hs037::View::Statutory))));
    }
    let hash = kcsv::record_hash(line.lines().nth(1).unwrap_or_default()).to_string();
    let documents = contents
        .into_iter()
        .enumerate()
        .map(|(number, (kind, content))| {
            let entry = entry(record, &kind, &content, &checkup, &patient_id, &hash, created_at);
            let mut entry = entry?;
            entry.id = ObjectId::Symbol(format!("Document{:02}", number + 1));
            let slot = format!("{}|{}", kind.format, kind.audience.code());
            Ok(Prepared { entry, content, slot })
        })
        .collect::<Result<Vec<_>, PrepareError>>()?;
    Ok(DocumentSet {
        patient_id,
        checkup,
        documents,
        record: record.clone(),
        source_id: source_id.clone(),
    })
}

impl DocumentSet {
    /// Whether one of the documents holds the statutory items alone.
    pub fn is_statutory(&self) -> bool {
        self.record.get("program_code") == terms::PROGRAMME_EMPLOYER
    }

    /// The submission, at `now`, of some of the documents, each with the entry it replaces, if any.
    pub fn submission(
        &self,
        sent: &[(&Prepared, Option<ObjectId>)],
        now: DateTime<Utc>,
    ) -> Submission {
        let set_id = ObjectId::Symbol("SubmissionSet01".to_owned());
        let record = &self.record;
        let insurer = record.get("insurer_no");
        let recipient = (!insurer.is_empty())
            .then(|| xon(record.get("insurer_name"), INSURER, insurer))
            .map(|organization| vec![organization]);
        let submission_set = SubmissionSet {
            id: set_id.clone(),
            home: None,
            status: None,
            title: Some(LocalizedText::ja("健診結果の登録")),
            comments: None,
            authors: vec![author(record)],
            content_type_code: Some(project("CHECKUP-DELIVERY", 2, "健診結果納品")),
            intended_recipients: recipient.unwrap_or_default(),
            patient_id: Some(self.patient_id.clone()),
            source_id: self.source_id.clone(),
            submission_time: Dtm::from_utc(now),
            unique_id: self.checkup.submission_id(sent.iter().map(|(d, _)| &d.entry.unique_id)),
            extra: Vec::new(),
        };
        let mut associations = Vec::new();
        for (document, replaced) in sent {
            let number = associations.len() + 1;
            associations.push(Association {
                submission_set_status: Some(SubmissionSetStatus::Original),
                ..association(number, AssociationType::HasMember, &set_id, &document.entry.id)
            });
            if let Some(old) = replaced {
                let kind = AssociationType::Rplc;
                associations.push(association(number + 1, kind, &document.entry.id, old));
            }
        }
        let entries = sent.iter().map(|(d, _)| d.entry.clone()).collect();
        Submission { submission_set, entries, folders: Vec::new(), associations }
    }
}

fn association(
    number: usize,
    association_type: AssociationType,
    source: &ObjectId,
    target: &ObjectId,
) -> Association {
    Association {
        id: ObjectId::Symbol(format!("Association{number:02}")),
        home: None,
        status: None,
        association_type,
        source: source.clone(),
        target: target.clone(),
        submission_set_status: None,
        previous_version: None,
        documentation: None,
        extra: Vec::new(),
    }
}

fn entry(
    record: &Record,
    kind: &Kind,
    content: &[u8],
    checkup: &Checkup,
    patient_id: &PatientId,
    record_hash: &str,
    created_at: DateTime<FixedOffset>,
) -> Result<DocumentEntry, PrepareError> {
    let item = |item| move |source| PrepareError::Item { item, source };
    let day = day(record.get("exam_date")).map_err(item("exam_date"))?;
    let programme = record.get("program_code");
    let category = record.get("report_category");
    let programme_name = programmes().get(programme).map_or("", |row| &row.name);
    let category_name = programmes().category_name(Form::Cda, category).unwrap_or_default();
    Ok(DocumentEntry {
        id: ObjectId::Symbol(String::new()),
        lid: None,
        version: None,
        home: None,
        status: None,
        object_type: EntryType::Stable,
        mime_type: MimeType::parse(kind.mime_type).map_err(item("report_category"))?,
        title: Some(LocalizedText::ja(format!(
            "健康診断結果 {} {}",
            record.get("exam_date"),
            record.get("inst_name")
        ))),
        comments: None,
        authors: vec![author(record)],
        class_code: Some(project("CHECKUP", 1, "健診・検診")),
        confidentiality_codes: vec![
            code("N", CONFIDENTIALITY, "通常"),
            project(kind.audience.code(), 5, kind.audience.display()),
        ],
        event_codes: vec![
            code(programme, PROGRAMME, programme_name),
            code(category, REPORT_CATEGORY, category_name),
        ],
        format_code: Some(project(kind.format, 3, kind.format_display)),
        facility_type_code: Some(project("KENSHIN", 4, "健診センター")),
        practice_setting_code: Some(project("CHECKUP", 6, "健診・予防医学")),
        type_code: Some(code("53576-5", LOINC, "検診・健診報告書")),
        creation_time: Some(Dtm::from_utc(created_at.with_timezone(&Utc))),
        availability: None,
        hash: Some(Sha1Hash::from_digest(Sha1::digest(content).into())),
        size: Some(content.len() as u64),
        language: Some(LanguageCode::parse("ja-JP").map_err(item("checkup_name"))?),
        legal_authenticator: None,
        reference_ids: vec![record_reference(record_hash), checkup.reference_id()],
        repository: None,
        service_start: Some(day.clone()),
        service_stop: Some(day),
        source_patient_id: Some(source_patient_id(record)),
        source_patient_info: source_patient_info(record),
        uri: None,
        patient_id: Some(patient_id.clone()),
        unique_id: unique_id(checkup, kind),
        extra: Vec::new(),
    })
}

fn unique_id(checkup: &Checkup, kind: &Kind) -> UniqueId {
    checkup.document_id(kind.format, kind.audience.code(), 0)
}

fn day(text: &str) -> Result<Dtm, Invalid> {
    NaiveDate::parse_from_str(text, "%Y-%m-%d")
        .map(Dtm::from_date)
        .map_err(|_| Invalid { expected: "a date YYYY-MM-DD", expected_ja: "YYYY-MM-DD の日付" })
}

fn code(code: &str, scheme: &str, display: &str) -> Code {
    // A coded attribute needs a name; where the record has none, the code itself tells enough.
    let display = if display.is_empty() { code } else { display };
    Code { code: code.to_owned(), scheme: scheme.to_owned(), display: LocalizedText::ja(display) }
}

fn project(value: &str, arc: u8, display: &str) -> Code {
    code(value, &format!("{PROJECT_ROOT}.{arc}"), display)
}

fn author(record: &Record) -> Author {
    let institution = xon(record.get("inst_name"), INSTITUTION, record.get("inst_no"));
    Author { institutions: vec![institution], ..Author::default() }
}

/// XON: name and an id of a namespace (ITI TF-3: Table 4.2.3.1.7-2).
fn xon(name: &str, namespace: &str, id: &str) -> String {
    let name = if name.is_empty() { id } else { name };
    format!("{}^^^^^&{namespace}&ISO^^^^{}", escape(name), escape(id))
}

fn source_patient_id(record: &Record) -> String {
    let (id, institution) = (record.get("patient_id"), record.get("inst_no"));
    format!("{}^^^&1.2.392.100495.20.3.51.1{institution}&ISO", escape(id))
}

/// ITI TF-3: 4.2.3.2.23: identifiers, names with their representation, birth date, sex, address.
fn source_patient_info(record: &Record) -> Vec<String> {
    let mut info = vec![format!("PID-3|{}", source_patient_id(record))];
    for (item, representation) in [("name_kanji", 'I'), ("name_kana", 'P')] {
        let name = record.get(item);
        if !name.is_empty() {
            let (family, given) = name.split_once(' ').unwrap_or((name, ""));
            let (family, given) = (escape(family), escape(given));
            info.push(format!("PID-5|{family}^{given}^^^^^L^{representation}"));
        }
    }
    info.push(format!("PID-7|{}", record.get("birth_date").replace('-', "")));
    info.push(format!("PID-8|{}", if record.get("sex") == "女" { "F" } else { "M" }));
    let postal = record.get("postal");
    if !postal.is_empty() {
        info.push(format!("PID-11|^^^^{postal}^JP"));
    }
    info
}

/// HL7 V2 escapes for text inside a component.
fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\\' => out.push_str("\\E\\"),
            '|' => out.push_str("\\F\\"),
            '^' => out.push_str("\\S\\"),
            '~' => out.push_str("\\R\\"),
            '&' => out.push_str("\\T\\"),
            _ => out.push(c),
        }
    }
    out
}
