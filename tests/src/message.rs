//! Whole messages as bytes, for the hand-made client.

use renkei_hl7v3::iti55::Request;
use renkei_metadata::ids::EntryUuid;
use renkei_metadata::model::Submission;
use renkei_metadata::update::Update;
use renkei_soap::envelope;
use renkei_soap::multipart::MultipartWriter;
use renkei_soap::xml::Writer;
use renkei_xds::catalogue;
use renkei_xds::iti18::AdhocQuery;
use renkei_xds::iti43::DocumentRequest;
use renkei_xds::transaction::{
    ITI_18, ITI_41, ITI_42, ITI_43, ITI_55, ITI_57, ITI_61, ITI_62, ITI_86, ITI_92, Transaction,
};
use renkei_xds::{iti18, iti41, iti42, iti43, iti61, iti62, iti86};
use uuid::Uuid;

/// A message: its Content-Type and its bytes.
pub struct Message {
    /// Content-Type.
    pub content_type: String,
    /// The entity.
    pub body: Vec<u8>,
}

/// Where messages say they go.
const TO: &str = "https://localhost/";

/// ITI-41 with each entry's content in a part of its own.
pub fn provide_and_register(submission: &Submission, contents: &[&[u8]]) -> Message {
    let ids: Vec<String> = submission.entries.iter().map(|e| e.id.to_string()).collect();
    let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
    let cids = cids(contents.len());
    let parts: Vec<(&str, &[u8])> =
        cids.iter().map(String::as_str).zip(contents.iter().copied()).collect();
    multipart(&provide_and_register_root(submission, &ids), &parts, ITI_41.request_action)
}

/// The envelope of [`provide_and_register`], with a document for each of `ids`.
pub fn provide_and_register_root(submission: &Submission, ids: &[&str]) -> String {
    let documents: Vec<(String, String)> =
        ids.iter().map(|id| (*id).to_owned()).zip(cids(ids.len())).collect();
    envelope::write_request(ITI_41.request_action, &message_id(), TO, |w| {
        iti41::write_request(w, submission, &documents);
    })
}

/// The Content-IDs that the messages here use.
pub fn cids(count: usize) -> Vec<String> {
    (1..=count).map(|n| format!("doc{n}@source.example.jp")).collect()
}

/// A multipart message from a root and parts.
pub fn multipart(root: &str, parts: &[(&str, &[u8])], action: &str) -> Message {
    let writer = MultipartWriter::new(Uuid::new_v4());
    let mut body = writer.root(root).to_vec();
    for (cid, content) in parts {
        body.extend_from_slice(&writer.part_start(cid, "application/octet-stream"));
        body.extend_from_slice(content);
    }
    body.extend_from_slice(&writer.close());
    Message { content_type: writer.content_type(Some(action)), body }
}

/// A message of one part with this XML at the end of its header.
pub fn with_header(message: Message, blocks: &str) -> Message {
    const END: &str = "</soap12:Header>";
    let text = String::from_utf8_lossy(&message.body);
    let body = text.replacen(END, &format!("{blocks}{END}"), 1).into_bytes();
    Message { body, ..message }
}

/// ITI-42.
pub fn register(submission: &Submission) -> Message {
    simple(&envelope::write_request(ITI_42.request_action, &message_id(), TO, |w| {
        iti42::write_request(w, submission);
    }))
}

/// ITI-57.
pub fn update(update: &Update) -> Message {
    update_message(&update.message())
}

/// ITI-57 with whatever the message says.
pub fn update_message(message: &Submission) -> Message {
    simple(&envelope::write_request(ITI_57.request_action, &message_id(), TO, |w| {
        iti42::write_request(w, message);
    }))
}

/// ITI-92.
pub fn update_restricted(update: &Update) -> Message {
    restricted_message(&update.message())
}

/// ITI-92 with whatever the message says.
pub fn restricted_message(message: &Submission) -> Message {
    simple(&envelope::write_request(ITI_92.request_action, &message_id(), TO, |w| {
        iti42::write_request(w, message);
    }))
}

/// ITI-61.
pub fn register_on_demand(submission: &Submission) -> Message {
    simple(&envelope::write_request(ITI_61.request_action, &message_id(), TO, |w| {
        iti61::write_request(w, submission);
    }))
}

/// ITI-18, or ITI-51 where the query is one of that.
pub fn query(query: &AdhocQuery) -> Message {
    let transaction = catalogue::any_by_id(&query.id).map_or(&ITI_18, |def| def.transaction);
    query_by(transaction, query)
}

/// A query of either transaction, whether it knows it or not.
pub fn query_by(transaction: &Transaction, query: &AdhocQuery) -> Message {
    simple(&envelope::write_request(transaction.request_action, &message_id(), TO, |w| {
        iti18::write_request(w, query);
    }))
}

/// ITI-43.
pub fn retrieve(requests: &[DocumentRequest]) -> Message {
    retrieve_by(&ITI_43, requests)
}

/// A retrieval of either transaction.
pub fn retrieve_by(transaction: &Transaction, requests: &[DocumentRequest]) -> Message {
    let root = envelope::write_request(transaction.request_action, &message_id(), TO, |w| {
        iti43::write_request(w, requests);
    });
    multipart(&root, &[], transaction.request_action)
}

/// ITI-55.
pub fn discover(request: &Request) -> Message {
    discover_by(ITI_55.request_action, request)
}

/// ITI-55 under another action: its deferred query has one of its own.
pub fn discover_by(action: &str, request: &Request) -> Message {
    simple(&envelope::write_request(action, &message_id(), TO, |w| request.write(w)))
}

/// A message of HL7 v3 under its action.
pub fn hl7v3(action: &str, write: impl FnOnce(&mut Writer)) -> Message {
    simple(&envelope::write_request(action, &message_id(), TO, write))
}

/// ITI-62.
pub fn remove_metadata(ids: &[EntryUuid]) -> Message {
    simple(&envelope::write_request(ITI_62.request_action, &message_id(), TO, |w| {
        iti62::write_request(w, ids);
    }))
}

/// ITI-86.
pub fn remove_documents(requests: &[DocumentRequest]) -> Message {
    simple(&envelope::write_request(ITI_86.request_action, &message_id(), TO, |w| {
        iti86::write_request(w, requests);
    }))
}

/// A simple SOAP message around an envelope.
pub fn simple(envelope: &str) -> Message {
    Message {
        content_type: "application/soap+xml; charset=UTF-8".to_owned(),
        body: envelope.as_bytes().to_vec(),
    }
}

/// A new wsa:MessageID.
pub fn message_id() -> String {
    format!("urn:uuid:{}", Uuid::new_v4())
}
