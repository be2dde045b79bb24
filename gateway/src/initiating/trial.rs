//! A question to which nobody has an answer, to see whether a community answers at all.

use super::answer::{self, Answer};
use crate::community::Community;
use renkei_client::{ClientError, SoapClient};
use renkei_metadata::finding::{IheCode, Severity};
use renkei_metadata::ids::PatientId;
use renkei_metadata::model::AvailabilityStatus;
use renkei_soap::xml::{Element, Reader};
use renkei_xds::iti18::{QueryBuilder, ReturnType};
use renkei_xds::response::RegistryError;
use renkei_xds::transaction::ITI_38;

/// Asks a community for the documents of `nobody`; the errors that it answers with. That it does not know
/// the patient is none.
///
/// # Errors
/// When it does not answer.
pub async fn trial(
    client: &SoapClient,
    community: &Community,
    nobody: &PatientId,
) -> Result<Vec<RegistryError>, ClientError> {
    let query = QueryBuilder::find_documents(nobody, &[AvailabilityStatus::Approved]);
    let query = query.returning(ReturnType::ObjectRef).build();
    let read = |r: &mut Reader<'_>, e: &Element| answer::read(r, e, 1);
    let asked = client.query_as(&ITI_38, &community.query, &query, read, |answer| {
        (answer.status, &answer.errors)
    });
    let Answer { mut errors, .. } = asked.await?;
    errors.retain(|error| {
        error.severity == Severity::Error && !IheCode::UnknownPatientId.is_named(&error.code)
    });
    Ok(errors)
}
