//! The metadata of one document (ITI TF-3: 4.2.3; code tables of the affinity domain).

use super::document_set::PrepareError;
use super::domain::{Domain, PROGRAMME, REPORT_CATEGORY};
use super::identifiers::{Checkup, record_reference};
use super::kind::Kind;
use chrono::{DateTime, FixedOffset, NaiveDate, Utc};
use renkei_checkup::Record;
use renkei_checkup::programmes::{Form, programmes};
use renkei_metadata::ids::{
    Dtm, Invalid, LanguageCode, MimeType, ObjectId, PatientId, Sha1Hash, UniqueId,
};
use renkei_metadata::model::{Author, DocumentEntry, EntryType, LocalizedText};
use sha1::{Digest, Sha1};

/// 健診・保健指導機関番号.
const INSTITUTION: &str = "1.2.392.200119.6.102";

/// What all documents of a record have in common.
pub(super) struct Common<'r> {
    pub(super) domain: &'r Domain,
    pub(super) record: &'r Record,
    pub(super) checkup: &'r Checkup,
    pub(super) patient_id: &'r PatientId,
    /// SHA-256 of the standard record.
    pub(super) record_hash: &'r str,
    pub(super) created_at: DateTime<FixedOffset>,
}

/// The metadata of the document that stands at `number` in its submission.
pub(super) fn entry(
    common: &Common<'_>,
    kind: Kind,
    content: &[u8],
    unique_id: UniqueId,
    number: usize,
) -> Result<DocumentEntry, PrepareError> {
    let Common { record, checkup, domain, .. } = common;
    let codes = domain.codes();
    let item = |item| move |source| PrepareError::Item { item, source };
    let day = Dtm::from_date(day(record)?);
    let programme = record.get("program_code");
    let category = record.get("report_category");
    let programme_name = programmes().get(programme).map_or("", |row| &row.name);
    let category_name = programmes().category_name(Form::Cda, category).unwrap_or_default();
    Ok(DocumentEntry {
        id: ObjectId::Symbol(format!("Document{number:02}")),
        lid: None,
        version: None,
        home: None,
        status: None,
        object_type: EntryType::Stable,
        mime_type: MimeType::parse(kind.mime_type()).map_err(item("report_category"))?,
        title: Some(LocalizedText::ja(format!(
            "健康診断結果 {} {}",
            record.get("exam_date"),
            record.get("inst_name")
        ))),
        comments: None,
        authors: vec![author(record)],
        class_code: Some(kind.class_code(codes)),
        confidentiality_codes: kind.confidentiality_codes(codes),
        event_codes: vec![
            domain.event(programme, PROGRAMME, programme_name)?,
            domain.event(category, REPORT_CATEGORY, category_name)?,
        ],
        format_code: Some(kind.format_code(codes)),
        facility_type_code: Some(codes.facility.clone()),
        practice_setting_code: Some(codes.practice_setting.clone()),
        type_code: Some(codes.checkup_report.clone()),
        creation_time: Some(Dtm::from_utc(common.created_at.with_timezone(&Utc))),
        availability: None,
        hash: Some(Sha1Hash::from_digest(Sha1::digest(content).into())),
        size: Some(content.len() as u64),
        language: Some(LanguageCode::parse("ja-JP").map_err(item("checkup_name"))?),
        legal_authenticator: None,
        reference_ids: std::iter::once(record_reference(common.record_hash, domain))
            .chain(checkup.reference_ids())
            .collect(),
        repository: None,
        service_start: Some(day.clone()),
        service_stop: Some(day),
        source_patient_id: Some(source_patient_id(record)),
        source_patient_info: source_patient_info(record),
        uri: None,
        patient_id: Some(common.patient_id.clone()),
        unique_id,
        extra: Vec::new(),
    })
}

/// The day of a checkup.
pub(super) fn day(record: &Record) -> Result<NaiveDate, PrepareError> {
    let (item, expected) = ("exam_date", "a date YYYY-MM-DD");
    NaiveDate::parse_from_str(record.get(item), "%Y-%m-%d").map_err(|_| {
        let source = Invalid { expected, expected_ja: "YYYY-MM-DD の日付" };
        PrepareError::Item { item, source }
    })
}

pub(super) fn author(record: &Record) -> Author {
    let institution = xon(record.get("inst_name"), INSTITUTION, record.get("inst_no"));
    Author { institutions: vec![institution], ..Author::default() }
}

/// XON: name and an id of a namespace (ITI TF-3: Table 4.2.3.1.7-2).
pub(super) fn xon(name: &str, namespace: &str, id: &str) -> String {
    let name = if name.is_empty() { id } else { name };
    format!("{}^^^^^&{namespace}&ISO^^^^{}", escape(name), escape(id))
}

/// The person's number at the institution, as a CX.
pub(crate) fn source_patient_id(record: &Record) -> String {
    let (id, institution) = (record.get("patient_id"), record.get("inst_no"));
    format!("{}^^^&1.2.392.100495.20.3.51.1{institution}&ISO", escape(id))
}

/// Name and birth date as [`source_patient_info`] has them: by what two documents of one number are
/// known to be of one person.
pub(crate) fn person(record: &Record) -> Vec<String> {
    let mut info = source_patient_info(record);
    info.retain(|line| line.starts_with("PID-5|") || line.starts_with("PID-7|"));
    info
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
