//! The run: records come in from the conversion, a bounded number of people is under way at once.

use super::described::local_id;
use super::document_set::{Converted, DocumentSet, PrepareError, prepare};
use super::domain::Domain;
use super::filing::Filing;
use super::look;
use super::notices::{CLOSE_DAYS, Notices};
use super::outcome::{Done, Failure, Present, SubmitReport};
use super::patient::PatientIds;
use super::plan::{Decision, Plan};
use super::seen::Seen;
use super::turns::Turns;
use super::whose::{Known, Whose};
use chrono::{DateTime, FixedOffset, NaiveDate, TimeDelta, Utc};
use futures_util::StreamExt;
use renkei_checkup::Record;
use renkei_checkup::hs037::Practice;
use renkei_client::mllp::MllpClient;
use renkei_client::{Attachment, Body, ClientError, Connection, SoapClient};
use renkei_metadata::finding::{IheCode, Severity};
use renkei_metadata::ids::{Dtm, Oid};
use renkei_metadata::model::{AvailabilityStatus, DocumentEntry, RegistryObject};
use renkei_xds::iti18::QueryBuilder;
use renkei_xds::response::{RegistryError, Status};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use tokio::sync::mpsc;
use uuid::Uuid;

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
    /// The affinity domain there.
    pub domain: Arc<Domain>,
    /// Who a record is about, where no PIX Manager says so.
    pub patients: Arc<dyn PatientIds>,
    /// Who said so.
    pub whose: Whose,
    /// Under which patient ids the institution's numbers were seen.
    pub seen: Arc<Seen>,
    /// Methods and reference ranges of the institution.
    pub practice: Practice,
    /// How.
    pub options: Options,
}

/// Why one record did not.
#[derive(Debug, thiserror::Error)]
pub(super) enum Trouble {
    #[error(transparent)]
    Prepare(#[from] PrepareError),
    #[error(transparent)]
    Client(#[from] ClientError),
    #[error("the institution number {0:?} makes no OID")]
    Institution(String),
    #[error("no address for {0}")]
    NoAddress(&'static str),
    #[error("the patient was not accepted: {text}")]
    Patient {
        /// What the other side says.
        text: String,
        /// By which codes.
        codes: Vec<String>,
    },
    #[error(
        "この受診者番号は別の方(氏名・生年月日・性別・保険証が異なる方)の番号として登録されています。番号を確認してください / \
         this number of the institution is known as that of somebody else (name, birth date, sex or card differ); have the number looked at"
    )]
    NumberTaken,
    #[error(
        "この方にはアフィニティドメインの患者IDが{0}件あります。統合(renkei patient merge)の後に再度実行してください / \
         the affinity domain knows this person by {0} patient ids; have them merged (renkei patient merge), and run it again"
    )]
    SeveralIds(usize),
    #[error("refused")]
    Refused(Vec<RegistryError>),
    /// The registry has, or had, this SubmissionSet.
    #[error("known")]
    Known(Vec<RegistryError>),
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
        let (leftovers, turns, numbers) = <(Leftovers, Turns, Turns)>::default();
        let (leftovers, turns, numbers) = (&leftovers, &turns, &numbers);
        let done = rows
            .map(|converted| async move {
                let item = |id| converted.record.get(id).to_owned();
                let (record_no, person) = (item("record_no"), item("patient_id"));
                let mut notices = Notices::default();
                // Nor may two rows of one number be asked about at once: both would be nobody.
                let local = local_id(&converted.record);
                let number = match &local {
                    Some(local) => Some(numbers.of(local).await),
                    None => None,
                };
                let known = match self.whose(&converted.record, local.as_ref()).await {
                    Ok(known) => known,
                    Err(trouble) => {
                        let outcome = Err(failures((&record_no, &person), trouble));
                        return Done { record_no, person, outcome, notices };
                    }
                };
                // The second checkup of a person in this export has to find the first.
                let turn = turns.of(known.id()).await;
                let outcome = self.one(&converted, &known, leftovers, &mut notices).await;
                drop((turn, number));
                let patient = known.id();
                if outcome.is_ok() {
                    self.earlier(&converted, patient, turns, &mut notices).await;
                }
                let outcome = outcome.map_err(|trouble| failures((&record_no, &person), trouble));
                Done { record_no, person, outcome, notices }
            })
            .buffer_unordered(self.options.concurrency.max(1));
        let mut done = std::pin::pin!(done);
        let mut report = SubmitReport::default();
        while let Some(done) = done.next().await {
            report.count(&done);
            watch(&done);
        }
        report.patient_ids = self.whose.sources();
        if let Err(error) = self.seen.flush() {
            tracing::warn!(%error, "changed identities of this run are not remembered");
        }
        report
    }

    async fn one(
        &self,
        converted: &Converted,
        known: &Known,
        leftovers: &Leftovers,
        notices: &mut Notices,
    ) -> Result<Present, Trouble> {
        let record = &converted.record;
        let source_id = self.source_id(record)?;
        let Self { practice, domain, options, .. } = self;
        let at = options.created_at;
        let mut set = prepare(converted, practice, known.id().clone(), &source_id, at, domain)?;
        // Of whom the PIX Manager knows the id, the registry knows it: told by us, its guess would be our word.
        if let Known::Hashed(hash) = known {
            let ids = [Some(hash.clone()), local_id(record)];
            self.announce(self.described(record, ids.into_iter().flatten())).await?;
        }
        let mut waits = LEFTOVER_WAITS.into_iter();
        let (mut overtaken, mut taken, mut withdrawn) = (0, 0, false);
        loop {
            let present = self.present(record, &set).await?;
            notices.close = look::close(record, &set, &present);
            let plan = Plan::new(set, &present);
            if plan.decisions.iter().all(|d| *d == Decision::Repeat) {
                return Ok(Present::of(&plan.set, 0, false));
            }
            let filing = self.filing(&plan.set, taken).await?;
            let errors = match self.send(&plan, &filing, withdrawn).await {
                // The answer to an earlier attempt was lost, and its documents are there; or they were
                // withdrawn since, and come back by another submission.
                Err(Trouble::Known(_)) if !withdrawn => {
                    withdrawn = true;
                    set = plan.set;
                    continue;
                }
                Err(Trouble::Refused(errors)) if filing.is_taken(&errors) && taken < TAKEN => {
                    taken += 1;
                    set = plan.set;
                    continue;
                }
                Err(Trouble::Refused(errors)) if is_overtaken(&errors) && overtaken < OVERTAKEN => {
                    overtaken += 1;
                    set = plan.set;
                    continue;
                }
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

    pub(super) fn source_id(&self, record: &Record) -> Result<Oid, Trouble> {
        let institution = record.get("inst_no");
        match &self.options.source_id {
            Some(id) => Ok(id.clone()),
            None => self
                .domain
                .default_source_id(institution)
                .map_err(|_| Trouble::Institution(institution.to_owned())),
        }
    }

    /// Checkup documents of this person, whatever their status: around this day, or, since a checkup
    /// with a number may have been entered under any day, all of them.
    async fn present(
        &self,
        record: &Record,
        set: &DocumentSet,
    ) -> Result<Vec<DocumentEntry>, Trouble> {
        let statuses = [AvailabilityStatus::Approved, AvailabilityStatus::Deprecated];
        let mut query = QueryBuilder::find_documents(&set.patient_id, &statuses);
        let day = NaiveDate::parse_from_str(record.get("exam_date"), "%Y-%m-%d").ok();
        if let Some(day) = day.filter(|_| !set.checkup.is_numbered()) {
            // The range ends before its second value.
            for (name, days) in [("From", -CLOSE_DAYS), ("To", CLOSE_DAYS + 1)] {
                if let Some(day) = day.checked_add_signed(TimeDelta::days(days)) {
                    let name = format!("$XDSDocumentEntryServiceStartTime{name}");
                    query = query.time(&name, &Dtm::from_date(day));
                }
            }
        }
        self.find(query).await
    }

    /// The Folder of the year of a checkup. `taken` as in [`Year::filing`](super::filing::Year::filing).
    async fn filing(&self, set: &DocumentSet, taken: u32) -> Result<Filing, Trouble> {
        let folders = self.ask(set.year.query()).await?.into_iter().filter_map(|o| match o {
            RegistryObject::Folder(f) => Some(*f),
            _ => None,
        });
        Ok(set.year.filing(&folders.collect::<Vec<_>>(), taken))
    }

    /// Asks for checkup documents.
    pub(super) async fn find(&self, query: QueryBuilder) -> Result<Vec<DocumentEntry>, Trouble> {
        let kind = [&self.domain.codes().checkup_report];
        let found = self.ask(query.codes("$XDSDocumentEntryTypeCode", kind)).await?;
        let entries = found.into_iter().filter_map(|o| match o {
            RegistryObject::Entry(e) => Some(*e),
            _ => None,
        });
        Ok(entries.collect())
    }

    /// Asks the registry (ITI-18).
    async fn ask(&self, query: QueryBuilder) -> Result<Vec<RegistryObject>, Trouble> {
        let registry = self.connection.registry.as_ref().ok_or(Trouble::NoAddress("registry"))?;
        let answer = self.client.query(registry, &query.build()).await?;
        match answer.status {
            Status::Success => Ok(answer.objects),
            _ => Err(Trouble::Refused(answer.errors)),
        }
    }

    /// Sends what a plan says. What was `withdrawn` comes back in a SubmissionSet of its own: uniqueIds of
    /// removed ones are never given again.
    async fn send(
        &self,
        plan: &Plan,
        filing: &Filing,
        withdrawn: bool,
    ) -> Result<Present, Trouble> {
        let repository =
            self.connection.repository.as_ref().ok_or(Trouble::NoAddress("repository"))?;
        let set: &DocumentSet = &plan.set;
        let sent = plan.sent();
        let mut submission = set.submission(&sent, filing, Utc::now());
        if withdrawn {
            submission.submission_set.unique_id = Oid::from_uuid(Uuid::new_v4());
        }
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
            _ if is_own_repeat(&answer.errors, own) => Err(Trouble::Known(answer.errors)),
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

/// How often a plan is made anew because another run replaced a document meanwhile.
const OVERTAKEN: u32 = 3;

/// How many Folders of a year may have been removed before one is brought.
const TAKEN: u32 = 16;

fn is_overtaken(errors: &[RegistryError]) -> bool {
    are_all(errors, |e| IheCode::DeprecatedDocument.is_named(&e.code))
}

fn is_leftover(errors: &[RegistryError]) -> bool {
    are_all(errors, |e| IheCode::NonIdenticalHash.is_named(&e.code))
}

/// Whether there are errors, and all of one kind.
pub(super) fn are_all(errors: &[RegistryError], kind: impl Fn(&RegistryError) -> bool) -> bool {
    let mut errors = errors.iter().filter(|e| e.severity == Severity::Error).peekable();
    errors.peek().is_some() && errors.all(kind)
}

/// The Folder that came with the submission is there, too.
fn is_own_repeat(errors: &[RegistryError], submission: &str) -> bool {
    let is_own = |e: &RegistryError| e.context.contains(submission);
    are_all(errors, |e| IheCode::DuplicateUniqueIdInRegistry.is_named(&e.code))
        && errors.iter().any(is_own)
}

fn failures((record_no, person): (&str, &str), trouble: Trouble) -> Vec<Failure> {
    let one = |code: &str, context: String, location: String| Failure {
        record_no: record_no.to_owned(),
        patient_id: person.to_owned(),
        code: code.to_owned(),
        severity: "error",
        context,
        location,
    };
    match trouble {
        Trouble::Refused(errors) | Trouble::Known(errors) => {
            let errors = errors.into_iter().filter(|e| e.severity == Severity::Error);
            let told: Vec<Failure> = errors.map(|e| one(&e.code, e.context, e.location)).collect();
            if told.is_empty() { vec![one("refused", String::new(), String::new())] } else { told }
        }
        trouble @ Trouble::SeveralIds(_) => {
            vec![one("patient-ambiguous", trouble.to_string(), String::new())]
        }
        trouble @ Trouble::NumberTaken => {
            vec![one("patient-number-taken", trouble.to_string(), String::new())]
        }
        Trouble::Patient { text, .. } => vec![one("ITI-8", text, String::new())],
        Trouble::Client(e) => vec![one(Failure::CONNECTION, e.to_string(), String::new())],
        other => vec![one("document", other.to_string(), String::new())],
    }
}
