//! What the system of an occupational doctor or of the person does: find the documents they may read,
//! retrieve them, verify each, and put the results of years and institutions side by side.
//!
//! One document that cannot be shown hides no other: it is named, with what to do.

use crate::gathering::{Gathered, Gathering, Shown};
use crate::review::{Series, review};
use crate::table::Table;
use crate::told::{NotShown, Remark};
use crate::trouble::Trouble;
use crate::whose::Person;
use renkei_client::{ClientError, Connection, SoapClient};
use renkei_metadata::ids::PatientId;
use renkei_metadata::model::{AvailabilityStatus, DocumentEntry, RegistryObject};
use renkei_xds::iti18::QueryBuilder;
use renkei_xds::iti43::DocumentRequest;
use renkei_xds::response::{RegistryError, Status};
use serde::Serialize;

/// The arc of the project's own affinity domain, which is for tests.
const TEST_ROOT: &str = "2.25.185732698166007113028036616671757965052";
/// Longest document that is read into memory for the table, octets.
const LONGEST: usize = 4 * 1024 * 1024;

/// Which documents of a person are wanted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Wanted {
    /// Those with the statutory items, which an occupational doctor reads.
    #[default]
    Statutory,
    /// Those with everything, which the person reads.
    Full,
}

impl Wanted {
    /// The audience code of these documents in the affinity domain, `code^^scheme`.
    pub(crate) fn audience(self, connection: &Connection) -> String {
        let code = match self {
            Self::Statutory => "STAT",
            Self::Full => "FULL",
        };
        format!("{code}^^{}.5", connection.oid_root.as_deref().unwrap_or(TEST_ROOT))
    }
}

/// Why nothing at all can be shown.
#[derive(Debug, thiserror::Error)]
pub enum YearsError {
    /// The connection names no registry or no repository.
    #[error(
        "照会先のレジストリまたはリポジトリがありません。--connect を確認してください / \
         no registry or repository to ask; check --connect"
    )]
    NotServed,
    /// The registry could not be asked, or a call could not be recorded.
    #[error(transparent)]
    Client(#[from] ClientError),
    /// The registry refused.
    #[error("拒否されました / refused: {}", codes(.0))]
    Refused(Vec<RegistryError>),
}

fn codes(errors: &[RegistryError]) -> String {
    errors.iter().map(|e| e.code.as_str()).collect::<Vec<_>>().join(" ")
}

/// One document, retrieved and verified.
#[derive(Clone, Debug)]
pub struct Retrieved {
    /// Its metadata.
    pub entry: DocumentEntry,
    /// Its octets.
    pub content: Vec<u8>,
}

/// Results that were registered under the patient id, but seem to be another person's.
#[derive(Clone, Debug, Serialize)]
pub struct Other {
    /// Whom the documents name.
    pub person: Person,
    /// Their results.
    pub table: Table,
}

/// The results.
#[derive(Clone, Debug, Default)]
pub struct Years {
    /// How many documents of checkups the registry knows.
    pub found: usize,
    /// How many were retrieved.
    pub retrieved: usize,
    /// How many of them are what was registered.
    pub verified: usize,
    /// The documents that are shown, with the size and hash they were registered with.
    pub documents: Vec<Retrieved>,
    /// The results, years side by side.
    pub table: Table,
    /// Results that seem to be of other people.
    pub others: Vec<Other>,
    /// The documents that are not shown.
    pub not_shown: Vec<NotShown>,
    /// What to mind in those that are shown.
    pub remarks: Vec<Remark>,
    /// What the registry said beside its answer.
    pub errors: Vec<RegistryError>,
}

impl Years {
    /// Whether everything could be shown, a part of it, or nothing of what there is.
    pub fn status(&self) -> Status {
        match (self.documents.is_empty(), self.not_shown.is_empty() && self.errors.is_empty()) {
            (_, true) => Status::Success,
            (false, false) => Status::PartialSuccess,
            (true, false) => Status::Failure,
        }
    }

    pub(crate) fn of(
        gathered: Gathered,
        errors: Vec<RegistryError>,
        connection: &Connection,
    ) -> Self {
        let Gathered { found, retrieved, verified, mut shown, not_shown, mut remarks } = gathered;
        shown.sort_by_key(Shown::date);
        let mut series = review(&shown, &mut remarks, connection).into_iter();
        let table = |series: &Series| {
            let columns = series.columns.iter();
            let reports = columns
                .filter_map(|(place, source)| Some((source.clone(), &shown.get(*place)?.report)));
            Table::of(reports.collect())
        };
        let first = series.next().map(|series| table(&series)).unwrap_or_default();
        let others = series.map(|series| Other { table: table(&series), person: series.person });
        let others = others.collect();
        let documents = shown.into_iter().map(|shown: Shown| shown.document).collect();
        Self {
            found,
            retrieved,
            verified,
            documents,
            table: first,
            others,
            not_shown,
            remarks,
            errors,
        }
    }
}

/// Asks, retrieves one document of each checkup, verifies and tabulates. A document that cannot be
/// shown is named in the result; another one of its checkup is tried instead.
///
/// # Errors
/// When the registry is not there or refuses, and when a call cannot be recorded.
pub async fn results_over_years(
    client: &SoapClient,
    connection: &Connection,
    patient: &PatientId,
    wanted: Wanted,
) -> Result<Years, YearsError> {
    let registry = connection.registry.as_ref().ok_or(YearsError::NotServed)?;
    if connection.repository.is_none() && connection.repositories.is_empty() {
        return Err(YearsError::NotServed);
    }
    // whatever the format: a checkup that is there in none that is shown has to be named
    let query = QueryBuilder::find_documents(patient, &[AvailabilityStatus::Approved])
        .set("$XDSDocumentEntryConfidentialityCode", [wanted.audience(connection)])
        .build();
    let answer = client.query(registry, &query).await?;
    if answer.status == Status::Failure {
        return Err(YearsError::Refused(answer.errors));
    }
    let entry = |object| match object {
        RegistryObject::Entry(entry) => Some(*entry),
        _ => None,
    };
    let mut gathering = Gathering::new(answer.objects.into_iter().filter_map(entry).collect());
    while let Some(entry) = gathering.next() {
        gathering.give(retrieve(client, connection, &entry).await?);
    }
    Ok(Years::of(gathering.finish(), answer.errors, connection))
}

/// The octets of a document, or why there are none; an error when the call cannot be recorded.
async fn retrieve(
    client: &SoapClient,
    connection: &Connection,
    entry: &DocumentEntry,
) -> Result<Result<Vec<u8>, Trouble>, ClientError> {
    let Some(holder) = entry.repository.clone() else { return Ok(Err(Trouble::NoRepository)) };
    let repository = match connection.holder(&holder) {
        Ok(repository) => repository,
        Err(unknown) => return Ok(Err(Trouble::UnknownRepository(unknown))),
    };
    if entry.size.is_some_and(|size| size > LONGEST as u64) {
        return Ok(Err(Trouble::TooLarge(LONGEST)));
    }
    let request = DocumentRequest {
        home: entry.home.clone(),
        repository: holder,
        unique_id: entry.unique_id.clone(),
    };
    match client.retrieve_whole(repository, &[request], LONGEST).await {
        Ok((answer, mut contents)) => Ok(match contents.pop() {
            Some(content) => Ok(content),
            None if answer.errors.is_empty() => Err(Trouble::NotGiven),
            None => Err(Trouble::Refused(answer.errors)),
        }),
        Err(error @ ClientError::Audit(_)) => Err(error),
        Err(error) => Ok(Err(Trouble::of_call(&error, LONGEST))),
    }
}
