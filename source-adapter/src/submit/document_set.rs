//! A record as an XDS document set: the institution's own row, the standard CSV record, the HS037
//! Bundles and the 特定健診 CDA document, in one submission (ITI TF-3: 4.2.1).

use super::domain::{Domain, MissingCode};
use super::entry::{Common, author, day, entry, xon};
use super::filing::{Filing, Year};
use super::identifiers::Checkup;
use super::kind::Kind;
use crate::made::{Maker, Row};
use chrono::{DateTime, FixedOffset, Utc};
use renkei_checkup::{Record, hs037, kcsv, terms};
use renkei_metadata::ids::{Dtm, Invalid, ObjectId, Oid, PatientId, UniqueId};
use renkei_metadata::model::{
    Association, AssociationType, Code, DocumentEntry, Folder, LocalizedText, Submission,
    SubmissionSet,
};
use sha2::{Digest, Sha256};

/// 保険者番号.
const INSURER: &str = "1.2.392.200119.6.101";

/// A row of an export, converted.
#[derive(Clone, Debug)]
pub struct Converted {
    /// The standard record.
    pub record: Record,
    /// The row as the institution exported it, behind its header, in its own encoding.
    pub source: Vec<u8>,
    /// The institution's own number of the checkup; empty if there is none.
    pub report_no: String,
}

/// One document of a set, ready to be sent or found present.
#[derive(Clone, Debug)]
pub struct Prepared {
    /// Its metadata; the id is a symbol of the submission.
    pub entry: DocumentEntry,
    /// Its bytes.
    pub content: Vec<u8>,
    /// `format|audience`, what a new version has in common with the one it replaces.
    pub slot: String,
    pub(super) kind: Kind,
    key: String,
}

impl Prepared {
    /// Gives it the id of this content's `generation`-th return.
    pub(super) fn renew(&mut self, checkup: &Checkup, generation: u32) {
        self.entry.unique_id = checkup.document_id(&self.slot, &self.key, generation);
    }
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
    /// The fiscal year of the checkup, whose Folder they are put into.
    pub year: Year,
    record: Record,
    source_id: Oid,
    content_type: Code,
    /// Who issues the codes of employers.
    employers: String,
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
    /// The affinity domain's list lacks a code that the record needs.
    #[error(
        "アフィニティドメインのコード表にありません / the affinity domain's code list lacks: {0}"
    )]
    Code(MissingCode),
}

impl From<MissingCode> for PrepareError {
    fn from(missing: MissingCode) -> Self {
        Self::Code(missing)
    }
}

/// Makes the documents of a record.
///
/// # Errors
/// When an item does not fit the metadata.
pub fn prepare(
    converted: &Converted,
    practice: &hs037::Practice,
    patient_id: PatientId,
    source_id: &Oid,
    created_at: DateTime<FixedOffset>,
    domain: &Domain,
) -> Result<DocumentSet, PrepareError> {
    let record = &converted.record;
    let checkup = Checkup::of(record, &converted.report_no, source_id, domain);
    let (record_key, practice_key) = (record.content_key().to_string(), practice.key().clone());
    let mut line = String::new();
    kcsv::write_line(record, &mut line);
    let record_hash = kcsv::record_hash(&line).to_string();
    let mut maker = Maker::new(&Kind::ALL, created_at, practice);
    let report_no = Some(converted.report_no.as_str());
    maker.make(&Row { record, report_no, source: [&converted.source, &[]] });
    let common = Common {
        domain,
        record,
        checkup: &checkup,
        patient_id: &patient_id,
        record_hash: &record_hash,
        created_at,
    };
    let documents = maker.into_documents().enumerate().map(|(number, (kind, content))| {
        let key = match kind {
            Kind::Source => source_key(&content),
            Kind::Kcsv => record_key.clone(),
            Kind::Hs037 | Kind::Hs037Statutory | Kind::Cda => {
                format!("{record_key}|{practice_key}")
            }
        };
        let slot = kind.slot();
        let unique_id: UniqueId = checkup.document_id(&slot, &key, 0);
        let entry = entry(&common, kind, &content, unique_id, number + 1)?;
        Ok(Prepared { entry, content, slot, kind, key })
    });
    let documents = documents.collect::<Result<Vec<_>, PrepareError>>()?;
    let year = Year::of(&patient_id, day(record)?, domain)?;
    let (record, source_id) = (record.clone(), source_id.clone());
    let content_type = domain.codes().delivery.clone();
    let employers = domain.employer_authority();
    Ok(DocumentSet {
        patient_id,
        checkup,
        documents,
        year,
        record,
        source_id,
        content_type,
        employers,
    })
}

/// For whom the checkup was made: the insurer, and the employer whose occupational doctor reads the
/// statutory items (ITI TF-3: 4.2.3.3.7). Who may see which document is decided by these and by the
/// document's audience.
fn recipients(record: &Record, employers: &str) -> Vec<String> {
    let organization = |name: &str, authority: &str, id: &str| {
        let id = record.get(id);
        (!id.is_empty()).then(|| xon(record.get(name), authority, id))
    };
    let insurer = organization("insurer_name", INSURER, "insurer_no");
    let employer = organization("employer_name", employers, "employer_code");
    insurer.into_iter().chain(employer).collect()
}

/// What makes an original another one. The record does not tell: an ignored column may change. A line
/// end at the end of the file comes and goes with what is exported behind the row.
fn source_key(source: &[u8]) -> String {
    let mut row = source;
    while let [before @ .., b'\r' | b'\n'] = row {
        row = before;
    }
    hex::encode(Sha256::digest(row))
}

impl DocumentSet {
    /// Whether one of the documents holds the statutory items alone.
    pub fn is_statutory(&self) -> bool {
        self.record.get("program_code") == terms::PROGRAMME_EMPLOYER
    }

    /// The submission, at `now`, of some of the documents, each with the entries it replaces, into a
    /// Folder.
    pub fn submission(
        &self,
        sent: &[(&Prepared, Vec<ObjectId>)],
        filing: &Filing,
        now: DateTime<Utc>,
    ) -> Submission {
        let set_id = ObjectId::Symbol("SubmissionSet01".to_owned());
        let record = &self.record;
        let submission_set = SubmissionSet {
            id: set_id.clone(),
            lid: None,
            version: None,
            home: None,
            status: None,
            title: Some(LocalizedText::ja("健診結果の登録")),
            comments: None,
            authors: vec![author(record)],
            content_type_code: Some(self.content_type.clone()),
            intended_recipients: recipients(record, &self.employers),
            patient_id: Some(self.patient_id.clone()),
            source_id: self.source_id.clone(),
            submission_time: Dtm::from_utc(now),
            unique_id: self.checkup.submission_id(sent.iter().map(|(d, _)| &d.entry.unique_id)),
            extra: Vec::new(),
        };
        let mut associations = Vec::new();
        for (document, replaced) in sent {
            let number = associations.len() + 1;
            let kind = AssociationType::HasMember;
            let member = Association::numbered(number, kind, &set_id, &document.entry.id);
            associations.push(member.original());
            for old in replaced {
                let (number, kind) = (associations.len() + 1, AssociationType::Rplc);
                associations.push(Association::numbered(number, kind, &document.entry.id, old));
            }
        }
        for (document, original) in transformations(sent) {
            let (number, kind) = (associations.len() + 1, AssociationType::Xfrm);
            associations.push(Association::numbered(
                number,
                kind,
                &document.entry.id,
                &original.entry.id,
            ));
        }
        let folders = self.file(sent, filing, &set_id, &mut associations);
        let entries = sent.iter().map(|(d, _)| d.entry.clone()).collect();
        Submission { submission_set, entries, folders, associations }
    }

    /// Puts what is sent into the Folder (ITI TF-3: 4.2.1.3, 4.2.2.1). A document that replaces another
    /// is told where to go, too: the other may be in the Folder of another year, or in none.
    fn file(
        &self,
        sent: &[(&Prepared, Vec<ObjectId>)],
        filing: &Filing,
        set: &ObjectId,
        associations: &mut Vec<Association>,
    ) -> Vec<Folder> {
        let mut member = |source: &ObjectId, target: &ObjectId| {
            let number = associations.len() + 1;
            let member = Association::numbered(number, AssociationType::HasMember, source, target);
            let id = member.id.clone();
            associations.push(member);
            id
        };
        let folders = match filing {
            Filing::Into(_) => Vec::new(),
            Filing::With(folder) => {
                member(set, &folder.id);
                vec![Folder::clone(folder)]
            }
        };
        for (document, _) in sent {
            let filed = member(filing.id(), &document.entry.id);
            member(set, &filed);
        }
        folders
    }
}

/// Each document that is a transformation of another one of the submission. The two have the same
/// key, so that they come, are replaced and cease to be current together.
fn transformations<'s>(
    sent: &'s [(&Prepared, Vec<ObjectId>)],
) -> impl Iterator<Item = (&'s Prepared, &'s Prepared)> {
    sent.iter().filter_map(|(document, _)| {
        let made_of = document.kind.made_of()?;
        let original = sent.iter().map(|(other, _)| *other).find(|other| other.kind == made_of)?;
        Some((*document, original))
    })
}
