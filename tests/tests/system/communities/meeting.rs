//! A house, the gateway of a stranger, and what that says.

use super::start;
use anyhow::Result;
use renkei_metadata::ebrim;
use renkei_metadata::ids::{HomeCommunityId, ObjectId, PatientId, RepositoryUniqueId, UniqueId};
use renkei_metadata::model::{AvailabilityStatus, DocumentEntry, RegistryObject};
use renkei_tests::community::{enter, noticed};
use renkei_tests::elsewhere::{Asked, Elsewhere, Stream, simple};
use renkei_tests::forge::Forged;
use renkei_tests::{Form, World, sample};
use renkei_xds::iti18;
use renkei_xds::iti43::{DocumentPart, DocumentRequest};
use renkei_xds::response::{RegistryResponse, Status};
use renkei_xds::transaction::ITI_38;

/// The community of a stranger.
pub(super) const STRANGER: &str = "urn:oid:1.2.392.200119.9.1";

/// A house, and the gateway of a stranger that answers it.
pub(super) struct Meeting {
    pub(super) house: World,
    pub(super) patient: PatientId,
    _gateway: Elsewhere,
}

/// Has a house that has a document of a patient meet a stranger.
pub(super) fn meet(
    form: Form,
    more: &[&str],
    answer: impl Fn(&PatientId, &Asked, &mut Stream) -> Result<()> + Send + Sync + 'static,
) -> Result<Meeting> {
    meet_with(form, &[], more, answer)
}

/// The same, with settings.
pub(super) fn meet_with(
    form: Form,
    settings: &[&str],
    more: &[&str],
    answer: impl Fn(&PatientId, &Asked, &mut Stream) -> Result<()> + Send + Sync + 'static,
) -> Result<Meeting> {
    let house = World::start(start(form, settings))?;
    let ca = Forged::authority("stranger-ca")?;
    let peers = Forged::authority_of(&house.renkei.place().data_dir())?;
    let patient = house.patient();
    house.submitted(&sample::one(&patient, b"ours"), &[b"ours"])?;
    let asked_about = patient.clone();
    let own = ca.server("localhost")?;
    let gateway =
        Elsewhere::serve(&own, &peers, move |asked, stream| answer(&asked_about, asked, stream))?;
    let path = house.renkei.place().client_dir().join("stranger.pem");
    std::fs::write(&path, ca.certificate.to_pem()?)?;
    let path = path.display().to_string();
    let more = [&["--name", "見知らぬ町", "--ca", &path], more].concat();
    enter(&house.renkei, STRANGER, &gateway.url(), &more)?;
    noticed(&house.renkei)?;
    Ok(Meeting { house, patient, _gateway: gateway })
}

/// An entry as a registry would give it.
pub(super) fn entry(
    patient: &PatientId,
    content: &[u8],
    home: Option<&str>,
) -> Result<DocumentEntry> {
    let mut entry = sample::entry(patient, content);
    entry.id = ObjectId::parse(&format!("urn:uuid:{}", uuid::Uuid::new_v4()))?;
    entry.lid = None;
    entry.status = Some(AvailabilityStatus::Approved);
    entry.repository = Some(RepositoryUniqueId::parse("1.2.392.200119.9.1.1")?);
    entry.home = home.map(HomeCommunityId::parse).transpose()?;
    Ok(entry)
}

/// Answers a query with entries.
pub(super) fn answer_with(asked: &Asked, entries: &[DocumentEntry]) -> Vec<u8> {
    let (head, tail) = iti18::response_frame(Status::Success, &[]);
    simple(asked, &ITI_38, |w| {
        w.raw(&head);
        for entry in entries {
            ebrim::write_object(w, &RegistryObject::Entry(Box::new(entry.clone())));
        }
        w.raw(&tail);
    })
}

/// A document of the stranger.
pub(super) fn theirs(unique_id: &UniqueId) -> Result<DocumentRequest> {
    Ok(DocumentRequest {
        home: Some(HomeCommunityId::parse(STRANGER)?),
        repository: RepositoryUniqueId::parse("1.2.392.200119.9.1.1")?,
        unique_id: unique_id.clone(),
    })
}

pub(super) fn part(request: DocumentRequest, content_id: &str) -> DocumentPart {
    let (mime_type, content_id) = ("text/csv".to_owned(), content_id.to_owned());
    DocumentPart { request, made: None, mime_type, content_id }
}

pub(super) fn success() -> RegistryResponse {
    RegistryResponse { status: Status::Success, errors: Vec::new() }
}
