//! What the system of an occupational doctor or of the person does: find the documents they may read,
//! retrieve them, verify each, and put the results of years and institutions side by side.

use crate::checkups::{Form, one_of_each};
use crate::document::{Unreadable, report};
use crate::table::Table;
use crate::verify::{Mismatch, verify};
use renkei_client::{ClientError, Connection, SoapClient};
use renkei_metadata::ids::PatientId;
use renkei_metadata::model::{AvailabilityStatus, DocumentEntry, RegistryObject};
use renkei_xds::iti18::QueryBuilder;
use renkei_xds::iti43::DocumentRequest;
use renkei_xds::response::{RegistryError, Status};

/// The audience code of documents that hold the statutory items only, `code^^scheme`.
const STATUTORY: &str = "STAT^^2.25.185732698166007113028036616671757965052.5";
/// The audience code of documents that hold everything.
const FULL: &str = "FULL^^2.25.185732698166007113028036616671757965052.5";
/// The scheme of the formatCodes.
const FORMATS: &str = "2.25.185732698166007113028036616671757965052.3";
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
    const fn audience(self) -> &'static str {
        match self {
            Self::Statutory => STATUTORY,
            Self::Full => FULL,
        }
    }
}

/// Why the results cannot be shown.
#[derive(Debug, thiserror::Error)]
pub enum YearsError {
    /// The connection names no registry or no repository.
    #[error("no registry or repository to ask")]
    NotServed,
    /// A call failed.
    #[error(transparent)]
    Client(#[from] ClientError),
    /// The registry or the repository refused.
    #[error("refused: {}", codes(.0))]
    Refused(Vec<RegistryError>),
    /// An entry does not say which repository holds the document.
    #[error("the entry of document {0} names no repository")]
    NoRepository(String),
    /// A document is not what was registered.
    #[error("document {0} is not what was registered: {1}")]
    Altered(String, Mismatch),
    /// A document cannot be read.
    #[error("document {0}: {1}")]
    Unreadable(String, Unreadable),
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

/// The results.
#[derive(Clone, Debug)]
pub struct Years {
    /// How many entries the registry answered with.
    pub found: usize,
    /// One document of each checkup, with the size and hash it was registered with.
    pub documents: Vec<Retrieved>,
    /// The results, years side by side.
    pub table: Table,
}

/// Asks, retrieves one document of each checkup, verifies and tabulates.
///
/// # Errors
/// When the registry or the repository is not there or refuses, and when a document is not what was
/// registered or cannot be read.
pub async fn results_over_years(
    client: &SoapClient,
    connection: &Connection,
    patient: &PatientId,
    wanted: Wanted,
) -> Result<Years, YearsError> {
    let registry = connection.registry.as_ref().ok_or(YearsError::NotServed)?;
    let repository = connection.repository.as_ref().ok_or(YearsError::NotServed)?;
    let formats = Form::ALL.map(|form| format!("{}^^{FORMATS}", form.code()));
    let query = QueryBuilder::find_documents(patient, &[AvailabilityStatus::Approved])
        .set("$XDSDocumentEntryConfidentialityCode", [wanted.audience()])
        .set("$XDSDocumentEntryFormatCode", formats.iter().map(String::as_str))
        .build();
    let answer = client.query(registry, &query).await?;
    if answer.status != Status::Success {
        return Err(YearsError::Refused(answer.errors));
    }
    let entries: Vec<DocumentEntry> = answer
        .objects
        .into_iter()
        .filter_map(|o| match o {
            RegistryObject::Entry(e) => Some(*e),
            _ => None,
        })
        .collect();
    let found = entries.len();
    let mut documents = Vec::new();
    let mut reports = Vec::new();
    for entry in one_of_each(entries) {
        let Some(form) = Form::of(&entry) else { continue };
        let content = retrieve(client, repository, &entry).await?;
        let name = || entry.unique_id.to_string();
        verify(&entry, &content).map_err(|m| YearsError::Altered(name(), m))?;
        let report = report(form, &content).map_err(|e| YearsError::Unreadable(name(), e))?;
        reports.push(report);
        documents.push(Retrieved { entry, content });
    }
    Ok(Years { found, documents, table: Table::new(&reports) })
}

async fn retrieve(
    client: &SoapClient,
    repository: &url::Url,
    entry: &DocumentEntry,
) -> Result<Vec<u8>, YearsError> {
    let Some(holder) = entry.repository.clone() else {
        return Err(YearsError::NoRepository(entry.unique_id.to_string()));
    };
    let request = DocumentRequest {
        home: entry.home.clone(),
        repository: holder,
        unique_id: entry.unique_id.clone(),
    };
    let (answer, mut contents) = client.retrieve_whole(repository, &[request], LONGEST).await?;
    match contents.pop() {
        Some(content) if answer.status == Status::Success => Ok(content),
        _ => Err(YearsError::Refused(answer.errors)),
    }
}
