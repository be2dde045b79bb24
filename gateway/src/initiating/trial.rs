//! A question to which nobody has an answer, to see whether a community answers at all.

use super::answer::{self, Answer};
use super::merge::told;
use super::rules;
use crate::community::Community;
use renkei_client::{ClientError, SoapClient};
use renkei_metadata::finding::{IheCode, Reporter, Severity};
use renkei_metadata::ids::PatientId;
use renkei_metadata::model::AvailabilityStatus;
use renkei_soap::xml::{Element, Reader};
use renkei_xds::iti18::{QueryBuilder, ReturnType};
use renkei_xds::response::{RegistryError, Status, errors_of};
use renkei_xds::transaction::ITI_38;

/// Asks a community for the documents of `nobody`; the errors that it answers with, or that it refuses
/// and names none, or what is wrong with documents of somebody whom nobody is. That it does not know the patient is
/// none.
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
    let Answer { status, mut errors, objects, .. } = asked.await?;
    if !objects.is_empty() {
        let found = told(&rules::OBJECT_OF_NOBODY, community);
        return Ok(errors_of(&[found], Reporter::Registry));
    }
    if status == Status::Failure && errors.is_empty() {
        let refused = told(&rules::REFUSED, community);
        return Ok(errors_of(&[refused], Reporter::Registry));
    }
    errors.retain(|error| {
        error.severity == Severity::Error && !IheCode::UnknownPatientId.is_named(&error.code)
    });
    Ok(errors)
}
