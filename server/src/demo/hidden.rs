//! What the doctor may not see is not there.

use super::picture::Picture;
use anyhow::{Context as _, ensure};
use renkei_client::SoapClient;
use renkei_metadata::ids::PatientId;
use renkei_metadata::model::{AvailabilityStatus, DocumentEntry, RegistryObject};
use renkei_xds::iti18::QueryBuilder;
use renkei_xds::iti43::DocumentRequest;
use url::Url;

/// How many documents of the person the doctor's own community has that the doctor does not see; one of
/// them is asked for, and is answered like one that does not exist.
pub(super) async fn of_doctor(picture: &Picture, person: &PatientId) -> anyhow::Result<usize> {
    let connection = picture.community.connection();
    let registry = connection.registry.as_ref().context("no registry")?;
    let repository = connection.repository.as_ref().context("no repository")?;
    let (doctor, portal) = (picture.doctor()?, picture.community.consumer("demo-portal")?);
    let (seen, all) =
        (documents(&doctor, registry, person).await?, documents(&portal, registry, person).await?);
    ensure!(!seen.is_empty(), "the doctor sees nothing");
    let is_statutory = |e: &&DocumentEntry| e.audience().any(|code| code.code == "STAT");
    ensure!(seen.iter().all(|e| is_statutory(&e)), "the doctor sees more than the statutory items");
    let hidden: Vec<&DocumentEntry> =
        all.iter().filter(|e| seen.iter().all(|s| s.unique_id != e.unique_id)).collect();
    let one = hidden.first().context("nothing is hidden")?;
    let request = DocumentRequest {
        home: None,
        repository: one.repository.clone().context("no repositoryUniqueId")?,
        unique_id: one.unique_id.clone(),
    };
    let (_, given) = doctor.retrieve_whole(repository, &[request], 1 << 20).await?;
    ensure!(given.is_empty(), "a hidden document was handed out");
    Ok(hidden.len())
}

async fn documents(
    client: &SoapClient,
    registry: &Url,
    person: &PatientId,
) -> anyhow::Result<Vec<DocumentEntry>> {
    let query = QueryBuilder::find_documents(person, &[AvailabilityStatus::Approved]).build();
    let found = client.query(registry, &query).await?;
    let entry = |object| match object {
        RegistryObject::Entry(entry) => Some(*entry),
        RegistryObject::SubmissionSet(_)
        | RegistryObject::Folder(_)
        | RegistryObject::Association(_)
        | RegistryObject::Ref(..) => None,
    };
    Ok(found.objects.into_iter().filter_map(entry).collect())
}
