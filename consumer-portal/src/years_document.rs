//! The On-Demand document of a person: their checkups over all years as one document, as its maker puts
//! them together.

use crate::years::{Wanted, YearsError};
use renkei_checkup::hs037::years;
use renkei_client::{ClientError, Connection, SoapClient, UnknownRepository};
use renkei_metadata::ids::PatientId;
use renkei_metadata::model::{AvailabilityStatus, DocumentEntry, EntryType, RegistryObject};
use renkei_xds::iti18::QueryBuilder;
use renkei_xds::iti43::DocumentRequest;
use renkei_xds::response::Status;

/// Longest document that is read into memory, octets: what a house makes by default.
const LONGEST: usize = 32 << 20;

/// The document, made for this retrieval.
#[derive(Clone, Debug)]
pub struct YearsDocument {
    /// Its On-Demand entry.
    pub entry: DocumentEntry,
    /// Its octets.
    pub content: Vec<u8>,
    /// What they say.
    pub years: years::Years,
}

/// Why there is no document.
#[derive(Debug, thiserror::Error)]
pub enum YearsDocumentError {
    /// The registry could not be asked, or refused.
    #[error(transparent)]
    Years(#[from] YearsError),
    /// The call failed.
    #[error(transparent)]
    Client(#[from] ClientError),
    /// Nobody says where its repository is.
    #[error(transparent)]
    Repository(#[from] UnknownRepository),
    /// It cannot be read.
    #[error(transparent)]
    Unreadable(#[from] years::ReadError),
}

/// Retrieves the On-Demand document that is meant for a kind of reader; `None` when the person has none.
///
/// # Errors
/// When the registry or the repository is not there or refuses, and when the document cannot be read.
pub async fn years_document(
    client: &SoapClient,
    connection: &Connection,
    patient: &PatientId,
    wanted: Wanted,
) -> Result<Option<YearsDocument>, YearsDocumentError> {
    let registry = connection.registry.as_ref().ok_or(YearsError::NotServed)?;
    let query = QueryBuilder::find_documents(patient, &[AvailabilityStatus::Approved])
        .set("$XDSDocumentEntryType", [EntryType::OnDemand.urn()])
        .set("$XDSDocumentEntryConfidentialityCode", [wanted.audience(connection)])
        .build();
    let answer = client.query(registry, &query).await?;
    if answer.status == Status::Failure {
        return Err(YearsError::Refused(answer.errors).into());
    }
    let Some((entry, repository)) = answer.objects.into_iter().find_map(of_the_years) else {
        return Ok(None);
    };
    let url = connection.holder(&repository)?;
    let (home, unique_id) = (entry.home.clone(), entry.unique_id.clone());
    let request = DocumentRequest { home, repository, unique_id };
    let (response, mut contents) = client.retrieve_whole(url, &[request], LONGEST).await?;
    let Some(content) = contents.pop() else {
        return Err(YearsError::Refused(response.errors).into());
    };
    let years = years::read(&content)?;
    Ok(Some(YearsDocument { entry, content, years }))
}

fn of_the_years(
    object: RegistryObject,
) -> Option<(DocumentEntry, renkei_metadata::ids::RepositoryUniqueId)> {
    let RegistryObject::Entry(entry) = object else { return None };
    let is_one = entry.format_code.as_ref().is_some_and(|code| code.code == years::FORMAT_CODE);
    let repository = entry.repository.clone().filter(|_| is_one)?;
    Some((*entry, repository))
}
