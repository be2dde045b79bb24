//! Requests whose answers go to another address, in messages of their own (ITI TF-2: V.5). What comes back
//! on the connection says that the request was taken, or why not.

use super::call::{Called, Request};
use super::record::Ending;
use super::retrieve::object;
use super::{SoapClient, asked, in_parts};
use crate::attachment::Attachment;
use crate::error::ClientError;
use crate::response::fault_codes;
use renkei_atna::build;
use renkei_atna::record::{Object, Outcome};
use renkei_metadata::model::Submission;
use renkei_soap::envelope::ReplyAddresses;
use renkei_soap::xml::Writer;
use renkei_xds::iti18::{self, AdhocQuery};
use renkei_xds::iti43::DocumentRequest;
use renkei_xds::transaction::{ITI_18, ITI_41, ITI_43, Transaction};
use renkei_xds::{catalogue, iti41, iti43};
use url::Url;
use uuid::Uuid;

/// EventOutcomeDescription of a request that was taken, and whose answer has not come.
const TAKEN: &str = "reply-to-follow";

/// Where the answer to one request goes, and what it will relate to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Elsewhere {
    /// The wsa:MessageID of the request.
    pub message_id: String,
    /// Where answers go.
    pub reply_to: Url,
    /// Where faults go, if not there.
    pub fault_to: Option<Url>,
}

impl Elsewhere {
    /// For a new request.
    pub fn new(reply_to: Url, fault_to: Option<Url>) -> Self {
        Self { message_id: format!("urn:uuid:{}", Uuid::new_v4()), reply_to, fault_to }
    }
}

impl SoapClient {
    /// ITI-18 or ITI-51, answered elsewhere.
    ///
    /// # Errors
    /// When the request was not taken, as far as that is known.
    pub async fn query_elsewhere(
        &self,
        registry: &Url,
        query: &AdhocQuery,
        to: &Elsewhere,
    ) -> Result<(), ClientError> {
        let transaction = catalogue::any_by_id(&query.id).map_or(&ITI_18, |def| def.transaction);
        let write = |w: &mut Writer| iti18::write_request(w, query);
        let about = asked(transaction, query);
        self.hand_over(transaction, registry, to, write, Vec::new(), about).await
    }

    /// ITI-43, answered elsewhere.
    ///
    /// # Errors
    /// When the request was not taken, as far as that is known.
    pub async fn retrieve_elsewhere(
        &self,
        repository: &Url,
        requests: &[DocumentRequest],
        to: &Elsewhere,
    ) -> Result<(), ClientError> {
        let write = |w: &mut Writer| iti43::write_request(w, requests);
        let about = vec![requests.iter().map(object).collect()];
        self.hand_over(&ITI_43, repository, to, write, Vec::new(), about).await
    }

    /// ITI-41, answered elsewhere.
    ///
    /// # Errors
    /// When the request was not taken, as far as that is known.
    pub async fn provide_and_register_elsewhere(
        &self,
        repository: &Url,
        submission: &Submission,
        attachments: Vec<Attachment>,
        to: &Elsewhere,
    ) -> Result<(), ClientError> {
        let (documents, pairs) = in_parts(attachments);
        let write = |w: &mut Writer| iti41::write_request(w, submission, &pairs);
        let about = vec![build::submission(&submission.submission_set)];
        self.hand_over(&ITI_41, repository, to, write, documents, about).await
    }

    async fn hand_over(
        &self,
        transaction: &'static Transaction,
        url: &Url,
        to: &Elsewhere,
        write: impl FnOnce(&mut Writer),
        documents: Vec<(String, Attachment)>,
        about: Vec<Vec<Object>>,
    ) -> Result<(), ClientError> {
        let addresses = ReplyAddresses {
            reply: to.reply_to.as_str(),
            fault: to.fault_to.as_ref().map(Url::as_str),
        };
        let named = (to.message_id.as_str(), addresses);
        let request = Request::answered(named, transaction, url, &self.call, write, documents);
        let reply_to = Some(to.reply_to.to_string());
        let called = Called { transaction, url: url.clone(), reply_to };
        let on_record = self.node.on_record(&called, about.clone());
        let result = self.node.hand_over(request).await;
        let (outcome, description) = match &result {
            Ok(()) => (Outcome::Success, TAKEN.to_owned()),
            Err(ClientError::Fault(fault)) => (Outcome::SeriousFailure, fault_codes(fault)),
            Err(error) => (Outcome::MajorFailure, error.code().to_owned()),
        };
        let ending = Ending { outcome, description: Some(description) };
        let record = |objects| self.node.record(&called, ending.clone(), objects);
        on_record.settle(about.into_iter().map(record).collect()).await?;
        result
    }

    /// Records the answer to such a request, now that it has come; `documents` are those that it brought.
    ///
    /// # Errors
    /// When it cannot be recorded.
    pub async fn replied(
        &self,
        transaction: &'static Transaction,
        asked_at: &Url,
        reply: &crate::Answered,
        documents: &[DocumentRequest],
    ) -> Result<(), ClientError> {
        let objects: Vec<Object> = documents.iter().map(object).collect();
        // Whoever takes the answer in does not know the address that the request named.
        let called = Called { transaction, url: asked_at.clone(), reply_to: None };
        let on_record = self.node.on_record(&called, vec![objects.clone()]);
        let endings = reply.endings();
        let record = |ending| self.node.record(&called, ending, objects.clone());
        on_record.settle(endings.into_iter().map(record).collect()).await
    }
}
