//! The run: records come in from the conversion, a bounded number of people is under way at once.

use super::document_set::{Converted, DocumentSet, PrepareError, prepare};
use super::outcome::{Done, Failure, Present, SubmitReport};
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
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
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
    /// Submits every row that comes out of `rows`, and reports; `watch` hears of each. Ends when the
    /// other end of the channel is dropped.
    pub async fn run(
        &self,
        rows: mpsc::Receiver<Converted>,
        watch: &mut dyn FnMut(&Done),
    ) -> SubmitReport {
        let rows = futures_util::stream::unfold(rows, |mut r| async move {
            r.recv().await.map(|converted| (converted, r))
        });
        let leftovers = Leftovers::default();
        let leftovers = &leftovers;
        let done = rows
            .map(|converted| async move {
                let item = |id| converted.record.get(id).to_owned();
                let (record_no, person) = (item("record_no"), item("patient_id"));
                let outcome = self.one(&converted, leftovers).await;
                let outcome = outcome.map_err(|trouble| failures(&record_no, trouble));
                Done { record_no, person, outcome }
            })
            .buffer_unordered(self.options.concurrency.max(1));
        let mut done = std::pin::pin!(done);
        let mut report = SubmitReport::default();
        while let Some(done) = done.next().await {
            report.count(&done);
            watch(&done);
        }
        report
    }

    async fn one(&self, converted: &Converted, leftovers: &Leftovers) -> Result<Present, Trouble> {
        let record = &converted.record;
        let institution = record.get("inst_no");
        let source_id = match &self.options.source_id {
            Some(id) => id.clone(),
            None => super::default_source_id(institution)
                .map_err(|_| Trouble::Institution(institution.to_owned()))?,
        };
        let patient = self.patients.patient_id(record);
        let created_at = self.options.created_at;
        let mut set = prepare(converted, &self.practice, patient.clone(), &source_id, created_at)?;
        self.announce(record, &patient).await?;
        let mut waits = LEFTOVER_WAITS.into_iter();
        loop {
            let plan = Plan::new(set, &self.present(record, &patient).await?);
            if plan.decisions.iter().all(|d| *d == Decision::Repeat) {
                return Ok(Present::of(&plan.set, 0, false));
            }
            let errors = match self.send(&plan).await {
                Err(Trouble::Refused(errors)) if is_leftover(&errors) => errors,
                other => return other,
            };
            let Some(wait) = waits.next().filter(|_| leftovers.may_go()) else {
                leftovers.stay();
                return Err(Trouble::Refused(errors));
            };
            tokio::time::sleep(wait).await;
            set = plan.set;
        }
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

    async fn send(&self, plan: &Plan) -> Result<Present, Trouble> {
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
            Status::Success => Ok(Present::of(set, sent.len() as u64, plan.corrects())),
            // The answer to an earlier attempt was lost; its submission set is there.
            _ if is_own_repeat(&answer.errors, own) => Ok(Present::of(set, 0, false)),
            _ => Err(Trouble::Refused(answer.errors)),
        }
    }
}

/// How long to wait for what an attempt that was broken off left in the repository, under the same
/// uniqueIds and with another time of making in it: it is registered or cleared away within about a
/// minute.
const LEFTOVER_WAITS: [Duration; 6] = [
    Duration::from_millis(500),
    Duration::from_secs(2),
    Duration::from_secs(8),
    Duration::from_secs(20),
    Duration::from_secs(25),
    Duration::from_secs(25),
];

/// Whether it is worth waiting: what stayed for the whole time once is nobody's attempt.
#[derive(Default)]
struct Leftovers {
    stay: AtomicBool,
}

impl Leftovers {
    fn may_go(&self) -> bool {
        !self.stay.load(Ordering::Relaxed)
    }

    fn stay(&self) {
        self.stay.store(true, Ordering::Relaxed);
    }
}

fn is_leftover(errors: &[RegistryError]) -> bool {
    let mut errors = errors.iter().filter(|e| e.severity == Severity::Error).peekable();
    errors.peek().is_some() && errors.all(|e| e.code == "XDSNonIdenticalHash")
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
        Trouble::Refused(errors) => {
            let errors = errors.into_iter().filter(|e| e.severity == Severity::Error);
            let told: Vec<Failure> = errors.map(|e| one(&e.code, e.context, e.location)).collect();
            if told.is_empty() { vec![one("refused", String::new(), String::new())] } else { told }
        }
        Trouble::Patient(text) => vec![one("ITI-8", text, String::new())],
        Trouble::Client(e) => vec![one(Failure::CONNECTION, e.to_string(), String::new())],
        other => vec![one("document", other.to_string(), String::new())],
    }
}
