//! The run: records come in from the conversion, a bounded number of people is under way at once.

use super::document_set::{Converted, DocumentSet, PrepareError, prepare};
use super::patient::PatientIds;
use super::plan::{Decision, Plan};
use chrono::{DateTime, FixedOffset, NaiveDate, Utc};
use futures_util::StreamExt;
use renkei_checkup::Record;
use renkei_checkup::hs037::Practice;
use renkei_client::mllp::{MllpClient, Party, a04};
use renkei_client::{Attachment, Body, ClientError, Connection, SoapClient};
use renkei_metadata::finding::Severity;
use renkei_metadata::ids::{Dtm, Oid, PatientId};
use renkei_metadata::model::{AvailabilityStatus, DocumentEntry, RegistryObject};
use renkei_xds::iti18::QueryBuilder;
use renkei_xds::response::{RegistryError, Status};
use serde::Serialize;
use std::sync::Arc;
use tokio::sync::mpsc;

/// How a run goes.
#[derive(Clone, Debug)]
pub struct Options {
    /// sourceId; by default made from the institution number.
    pub source_id: Option<Oid>,
    /// When the documents are made.
    pub created_at: DateTime<FixedOffset>,
    /// People under way at once.
    pub concurrency: usize,
}

/// What has happened so far; for a progress bar.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Progress {
    /// Records finished, however.
    pub finished: u64,
}

/// A record that could not be submitted.
#[derive(Clone, Debug, Serialize)]
pub struct Failure {
    /// Its number in the export.
    pub record_no: String,
    /// errorCode of the registry or repository, or what kind of call failed.
    pub code: String,
    /// URN-free severity: always `error`.
    pub severity: &'static str,
    /// What the peer said, or why it could not be reached.
    pub context: String,
    /// Which object.
    pub location: String,
}

/// What a run did.
#[derive(Clone, Debug, Default, Serialize)]
pub struct SubmitReport {
    /// Document sets sent and accepted.
    pub submitted: u64,
    /// Document sets that were there already.
    pub repeated: u64,
    /// Of those submitted, how many replaced an earlier version.
    pub corrected: u64,
    /// Documents sent and accepted.
    pub documents: u64,
    /// What was refused or failed.
    pub failures: Vec<Failure>,
    /// The checkups whose documents are there now.
    #[serde(skip)]
    pub checkups: Vec<Present>,
}

/// A checkup whose documents the registry has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Present {
    /// Whose.
    pub patient: PatientId,
    /// Whether there is a document with the statutory items alone.
    pub statutory: bool,
}

impl Present {
    fn of(set: &DocumentSet) -> Self {
        Self { patient: set.patient_id.clone(), statutory: set.is_statutory() }
    }
}

/// Sends document sets.
pub struct Submitter {
    /// SOAP.
    pub client: Arc<SoapClient>,
    /// ITI-8; without it patients are not announced.
    pub feed: Option<Arc<MllpClient>>,
    /// Where to.
    pub connection: Connection,
    /// Who a record is about.
    pub patients: Arc<dyn PatientIds>,
    /// Methods and reference ranges of the institution.
    pub practice: Practice,
    /// How.
    pub options: Options,
}

/// How one record ended.
enum Outcome {
    Submitted { checkup: Present, documents: u64, corrected: bool },
    Repeated(Present),
}

/// Why one record did not.
#[derive(Debug, thiserror::Error)]
enum Trouble {
    #[error(transparent)]
    Prepare(#[from] PrepareError),
    #[error(transparent)]
    Client(#[from] ClientError),
    #[error("the institution number {0:?} makes no OID")]
    Institution(String),
    #[error("no address for {0}")]
    NoAddress(&'static str),
    #[error("the patient was not accepted: {0}")]
    Patient(String),
    #[error("refused")]
    Refused(Vec<RegistryError>),
}

impl Submitter {
    /// Submits every record that comes out of `records`, and reports; `progress` is called after
    /// each. Ends when the other end of the channel is dropped.
    pub async fn run(
        &self,
        records: mpsc::Receiver<Converted>,
        progress: &(dyn Fn(Progress) + Sync),
    ) -> SubmitReport {
        let records = futures_util::stream::unfold(records, |mut r| async move {
            r.recv().await.map(|converted| (converted, r))
        });
        let outcomes = records
            .map(|converted| async move {
                let number = converted.record.get("record_no").to_owned();
                (number, self.one(&converted).await)
            })
            .buffer_unordered(self.options.concurrency.max(1));
        let mut outcomes = std::pin::pin!(outcomes);
        let mut report = SubmitReport::default();
        let mut done = Progress::default();
        while let Some((number, outcome)) = outcomes.next().await {
            done.finished += 1;
            progress(done);
            match outcome {
                Ok(Outcome::Submitted { checkup, documents, corrected }) => {
                    report.submitted += 1;
                    report.documents += documents;
                    report.corrected += u64::from(corrected);
                    report.checkups.push(checkup);
                }
                Ok(Outcome::Repeated(checkup)) => {
                    report.repeated += 1;
                    report.checkups.push(checkup);
                }
                Err(trouble) => report.failures.extend(failures(&number, trouble)),
            }
        }
        report
    }

    async fn one(&self, converted: &Converted) -> Result<Outcome, Trouble> {
        let record = &converted.record;
        let institution = record.get("inst_no");
        let source_id = match &self.options.source_id {
            Some(id) => id.clone(),
            None => super::default_source_id(institution)
                .map_err(|_| Trouble::Institution(institution.to_owned()))?,
        };
        let patient = self.patients.patient_id(record);
        let created_at = self.options.created_at;
        let set = prepare(converted, &self.practice, patient.clone(), &source_id, created_at)?;
        self.announce(record, &patient).await?;
        let plan = Plan::new(set, &self.present(record, &patient).await?);
        if plan.decisions.iter().all(|d| *d == Decision::Repeat) {
            return Ok(Outcome::Repeated(Present::of(&plan.set)));
        }
        self.send(&plan).await
    }

    /// ITI-8: the registry takes documents only of people it knows.
    async fn announce(&self, record: &Record, patient: &PatientId) -> Result<(), Trouble> {
        let Some(feed) = &self.feed else { return Ok(()) };
        let sender =
            Party { application: "CHECKUP".to_owned(), facility: record.get("inst_no").to_owned() };
        let birth = NaiveDate::parse_from_str(record.get("birth_date"), "%Y-%m-%d").ok();
        let sex = if record.get("sex") == "女" { 'F' } else { 'M' };
        let (kanji, kana) = (record.get("name_kanji"), record.get("name_kana"));
        let message = a04(patient, kanji, kana, birth, Some(sex), &sender);
        let ack = feed.announce(&message).await?;
        if ack.is_accepted() { Ok(()) } else { Err(Trouble::Patient(ack.text())) }
    }

    /// Entries of this person on this day, whatever their status.
    async fn present(
        &self,
        record: &Record,
        patient: &PatientId,
    ) -> Result<Vec<DocumentEntry>, Trouble> {
        let registry = self.connection.registry.as_ref().ok_or(Trouble::NoAddress("registry"))?;
        let statuses = [AvailabilityStatus::Approved, AvailabilityStatus::Deprecated];
        let mut query = QueryBuilder::find_documents(patient, &statuses);
        if let Ok(day) = NaiveDate::parse_from_str(record.get("exam_date"), "%Y-%m-%d") {
            query = query.time("$XDSDocumentEntryServiceStartTimeFrom", &Dtm::from_date(day));
            if let Some(next) = day.succ_opt() {
                query = query.time("$XDSDocumentEntryServiceStartTimeTo", &Dtm::from_date(next));
            }
        }
        let answer = self.client.query(registry, &query.build()).await?;
        if answer.status != Status::Success {
            return Err(Trouble::Refused(answer.errors));
        }
        let entries = answer.objects.into_iter().filter_map(|o| match o {
            RegistryObject::Entry(e) => Some(*e),
            _ => None,
        });
        Ok(entries.collect())
    }

    async fn send(&self, plan: &Plan) -> Result<Outcome, Trouble> {
        let repository =
            self.connection.repository.as_ref().ok_or(Trouble::NoAddress("repository"))?;
        let set: &DocumentSet = &plan.set;
        let sent = plan.sent();
        let submission = set.submission(&sent, Utc::now());
        let attachments = sent
            .iter()
            .map(|(document, _)| Attachment {
                entry_id: document.entry.id.to_string(),
                mime_type: document.entry.mime_type.to_string(),
                body: Body::Bytes(document.content.clone().into()),
            })
            .collect();
        let answer = self.client.provide_and_register(repository, &submission, attachments).await?;
        let own = submission.submission_set.unique_id.as_str();
        match answer.status {
            Status::Success => Ok(Outcome::Submitted {
                checkup: Present::of(set),
                documents: sent.len() as u64,
                corrected: plan.corrects(),
            }),
            // The answer to an earlier attempt was lost; its submission set is there.
            _ if is_own_repeat(&answer.errors, own) => Ok(Outcome::Repeated(Present::of(set))),
            _ => Err(Trouble::Refused(answer.errors)),
        }
    }
}

fn is_own_repeat(errors: &[RegistryError], submission: &str) -> bool {
    !errors.is_empty()
        && errors
            .iter()
            .filter(|e| e.severity == Severity::Error)
            .all(|e| e.code == "XDSDuplicateUniqueIdInRegistry" && e.context.contains(submission))
}

fn failures(record_no: &str, trouble: Trouble) -> Vec<Failure> {
    let one = |code: &str, context: String, location: String| Failure {
        record_no: record_no.to_owned(),
        code: code.to_owned(),
        severity: "error",
        context,
        location,
    };
    match trouble {
        Trouble::Refused(errors) => errors
            .into_iter()
            .filter(|e| e.severity == Severity::Error)
            .map(|e| one(&e.code, e.context, e.location))
            .collect(),
        Trouble::Patient(text) => vec![one("ITI-8", text, String::new())],
        Trouble::Client(e) => vec![one("connection", e.to_string(), String::new())],
        other => vec![one("document", other.to_string(), String::new())],
    }
}
