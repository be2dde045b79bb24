//! ITI-62 and ITI-86: an administrator removes metadata from a registry and documents from a
//! repository.

use super::SoapClient;
use super::call::Request;
use super::record::Ending;
use super::retrieve::object;
use crate::error::ClientError;
use renkei_atna::build;
use renkei_atna::record::{Object, Outcome};
use renkei_metadata::ids::{EntryUuid, PatientId};
use renkei_soap::envelope::Envelope;
use renkei_soap::xml::{Element, Reader, Writer};
use renkei_xds::iti43::DocumentRequest;
use renkei_xds::response::RegistryResponse;
use renkei_xds::transaction::{ITI_62, ITI_86};
use renkei_xds::{iti62, iti86};
use url::Url;

impl SoapClient {
    /// ITI-62: removes these objects of a registry, all of them or none. `patients` are those whose
    /// objects they are, for the record.
    pub async fn remove_metadata(
        &self,
        registry: &Url,
        ids: &[EntryUuid],
        patients: &[PatientId],
    ) -> Result<RegistryResponse, ClientError> {
        let write = |w: &mut Writer| iti62::write_request(w, ids);
        let request = Request::new(&ITI_62, registry, &self.call, write, vec![]);
        let patients = patients.iter().map(|id| build::patient(&id.to_string()));
        let objects = ids.iter().map(|id| build::erased(build::registry_object(&id.to_string())));
        let about = patients.chain(objects).collect();
        let read = |r: &mut Reader<'_>, e: &Element| RegistryResponse::read(r, e);
        self.plain(request, vec![about], read, |a| (a.status, &a.errors)).await
    }

    /// ITI-86: removes documents of a repository; [`iti86::left`] tells from the answer which of them
    /// stayed.
    pub async fn remove_documents(
        &self,
        repository: &Url,
        requests: &[DocumentRequest],
    ) -> Result<RegistryResponse, ClientError> {
        let write = |w: &mut Writer| iti86::write_request(w, requests);
        let request = Request::new(&ITI_86, repository, &self.call, write, vec![]);
        let all = requests.iter().map(erased).collect();
        let read = |r: &mut Reader<'_>, e: &Envelope| RegistryResponse::read(r, &e.body);
        let told = |ending: &Ending, answer: Option<&RegistryResponse>| match answer {
            Some(answer) => {
                let left = iti86::left(requests, answer);
                let success = ending.outcome == Outcome::Success;
                requests.iter().filter(|r| left.contains(r) != success).map(erased).collect()
            }
            None => requests.iter().map(erased).collect(),
        };
        let told = |ending: &Ending, answer: Option<&RegistryResponse>| vec![told(ending, answer)];
        self.told(request, vec![all], read, |a| (a.status, &a.errors), told).await
    }
}

fn erased(request: &DocumentRequest) -> Object {
    build::erased(object(request))
}
