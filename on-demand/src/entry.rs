//! On-Demand entries (ITI-61): one for a person and for whom it is meant.

use crate::codes::{Audience, Codes};
use crate::look::is_approved;
use crate::{OnDemand, Unreachable};
use renkei_checkup::hs037::years;
use renkei_context::Ctx;
use renkei_metadata::finding::Finding;
use renkei_metadata::ids::{
    Dtm, Invalid, LanguageCode, MimeType, ObjectId, Oid, PatientId, RepositoryUniqueId, UniqueId,
};
use renkei_metadata::model::{
    Association, AssociationType, DocumentEntry, EntryType, LocalizedText, Submission,
    SubmissionSet,
};
use renkei_xds::response::RegistryResponse;
use uuid::Uuid;

/// The symbol of the SubmissionSet.
const SET: &str = "SubmissionSet01";
/// The symbol of the entry.
const DOCUMENT: &str = "Document01";

/// The uniqueId of the entry of a person, for these readers, at this repository: whoever registers it
/// again names the same document. It begins with what all those of the repository begin with, so that the
/// registry need not be asked what a uniqueId is that nobody knows.
pub fn unique_id(
    patient: &PatientId,
    audience: Audience,
    repository: &RepositoryUniqueId,
) -> UniqueId {
    let name = format!("on demand|{repository}|{}|{patient}", audience.code());
    let mut octets = Uuid::new_v5(&Uuid::NAMESPACE_OID, name.as_bytes()).into_bytes();
    for (octet, of_all) in octets.iter_mut().zip(beginning(repository)) {
        *octet = of_all;
    }
    Oid::from_uuid(Uuid::from_bytes(octets)).into()
}

/// Whether a uniqueId may be that of an entry of this repository.
pub(crate) fn may_be(unique_id: &UniqueId, repository: &RepositoryUniqueId) -> bool {
    let number = unique_id.as_str().strip_prefix("2.25.").and_then(|n| n.parse().ok());
    number.is_some_and(|number| {
        let octets = Uuid::from_u128(number).into_bytes();
        octets.starts_with(&beginning(repository))
    })
}

fn beginning(repository: &RepositoryUniqueId) -> [u8; 4] {
    let name = format!("on demand|{repository}");
    let (first, ..) = Uuid::new_v5(&Uuid::NAMESPACE_OID, name.as_bytes()).as_fields();
    first.to_be_bytes()
}

/// An On-Demand entry to be registered.
#[derive(Clone, Debug)]
pub struct Entry<'a> {
    /// The person.
    pub patient: &'a PatientId,
    /// For whom.
    pub audience: Audience,
    /// Who makes the document.
    pub repository: &'a RepositoryUniqueId,
    /// The sourceId of the submission.
    pub source_id: &'a Oid,
    /// The codes of the affinity domain.
    pub codes: &'a Codes,
}

impl Entry<'_> {
    /// The submission that registers it; creationTime, hash and size are prohibited (ITI TF-3: Table
    /// 4.3.1-3).
    ///
    /// # Errors
    /// Never; the values that are parsed are constants.
    pub fn submission(&self, ctx: &Ctx) -> Result<Submission, Invalid> {
        let codes = self.codes;
        let title = match self.audience {
            Audience::Full => "健診結果の経年記録",
            Audience::Statutory => "健診結果の経年記録（法定項目）",
        };
        let entry = DocumentEntry {
            id: ObjectId::Symbol(DOCUMENT.to_owned()),
            lid: None,
            version: None,
            home: None,
            status: None,
            object_type: EntryType::OnDemand,
            mime_type: MimeType::parse(years::MIME_TYPE)?,
            title: Some(LocalizedText::ja(title)),
            comments: None,
            authors: Vec::new(),
            class_code: Some(codes.class.clone()),
            confidentiality_codes: codes.confidentiality(self.audience),
            event_codes: Vec::new(),
            format_code: Some(codes.format.clone()),
            facility_type_code: Some(codes.facility.clone()),
            practice_setting_code: Some(codes.practice.clone()),
            type_code: Some(codes.document_type.clone()),
            creation_time: None,
            availability: None,
            hash: None,
            size: None,
            language: Some(LanguageCode::parse("ja-JP")?),
            legal_authenticator: None,
            reference_ids: Vec::new(),
            repository: Some(self.repository.clone()),
            service_start: None,
            service_stop: None,
            // the document is about the person as the affinity domain knows them
            source_patient_id: Some(self.patient.to_string()),
            source_patient_info: Vec::new(),
            uri: None,
            patient_id: Some(self.patient.clone()),
            unique_id: unique_id(self.patient, self.audience, self.repository),
            extra: Vec::new(),
        };
        let set = Oid::from_uuid(ctx.ids.new_uuid());
        let title = "オンデマンド文書の登録";
        Ok(submission(ctx, entry, set, title, (self.source_id, codes)))
    }
}

/// A submission with one entry.
pub(crate) fn submission(
    ctx: &Ctx,
    entry: DocumentEntry,
    unique_id: Oid,
    title: &str,
    (source_id, codes): (&Oid, &Codes),
) -> Submission {
    let submission_set = SubmissionSet {
        id: ObjectId::Symbol(SET.to_owned()),
        lid: None,
        version: None,
        home: None,
        status: None,
        title: Some(LocalizedText::ja(title)),
        comments: None,
        authors: Vec::new(),
        content_type_code: Some(codes.content_type.clone()),
        intended_recipients: Vec::new(),
        patient_id: entry.patient_id.clone(),
        source_id: source_id.clone(),
        submission_time: Dtm::from_utc(ctx.now()),
        unique_id,
        extra: Vec::new(),
    };
    let kind = AssociationType::HasMember;
    let original = Association::numbered(1, kind, &submission_set.id, &entry.id).original();
    Submission {
        submission_set,
        entries: vec![entry],
        folders: Vec::new(),
        associations: vec![original],
    }
}

/// Why an entry was not registered.
#[derive(Clone, Debug, thiserror::Error)]
pub enum NotRegistered {
    /// The registry gave no answer.
    #[error(transparent)]
    Unreachable(#[from] Unreachable),
    /// It could not be asked whether the entry is there.
    #[error("{}", .0.english())]
    Asked(Box<Finding>),
    /// The submission could not be made.
    #[error("a value of the entry: {0}")]
    Value(#[from] Invalid),
    /// It refused.
    #[error("the registry refused")]
    Refused(RegistryResponse),
}

impl OnDemand {
    /// Sees to it that the person has an entry for these readers; whether it is a new one.
    ///
    /// # Errors
    /// When the registry does not answer or refuses.
    pub async fn ensure(
        &self,
        ctx: &Ctx,
        patient: &PatientId,
        audience: Audience,
    ) -> Result<bool, NotRegistered> {
        let config = &self.inner.config;
        let id = unique_id(patient, audience, &config.repository);
        let found = self.inner.entry(ctx, &id).await.map_err(NotRegistered::Asked)?;
        if found.is_some_and(|entry| is_approved(&entry)) {
            return Ok(false);
        }
        let (repository, source_id, codes) = (&config.repository, &config.source_id, &config.codes);
        let entry = Entry { patient, audience, repository, source_id, codes };
        let answer = config.registry.register(ctx, &entry.submission(ctx)?).await?;
        match answer.status {
            renkei_xds::response::Status::Success => Ok(true),
            _ => Err(NotRegistered::Refused(answer)),
        }
    }

    /// What the years are made of, and for whom, among the entries of a submission.
    pub fn readers(&self, submission: &Submission) -> Vec<(PatientId, Audience)> {
        let codes = &self.inner.config.codes;
        let mut found = Vec::new();
        for entry in submission.entries.iter().filter(|entry| codes.is_source(entry)) {
            let whose = entry.patient_id.clone().zip(codes.audience(entry));
            found.extend(whose.filter(|whose| !found.contains(whose)));
        }
        found
    }
}
