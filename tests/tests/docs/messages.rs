//! The examples: each a whole message, the same in every run, and how its answer ends.

use crate::house::House;
use crate::pretty::pretty;
use crate::{across, changes, discovery, documents, identities, people, queries};
use anyhow::Result;
use renkei_soap::envelope;
use renkei_soap::message::Framing;
use renkei_soap::multipart::{MultipartWriter, simple_content_type};
use renkei_soap::xml::Writer;
use renkei_tests::message::Message;
use renkei_tests::reply::Reply;
use renkei_tests::schema;
use renkei_tests::world::{
    PATIENT_FEED_V3, PDQ_V3, PIX_V3, REGISTRY, REPOSITORY, RESPONDING_GATEWAY, XCPD,
};
use renkei_xds::transaction::Transaction;
use sha1::{Digest, Sha1};
use uuid::Uuid;

/// The schema of both messages of ITI-56, beside those of HL7 v3.
const LOCATIONS: &str = "../../../IHE/XCPD_PLQ";

/// What an answer holds that says that all is well.
pub(crate) const SUCCESS: &str = "ResponseStatusType:Success";

/// An example.
pub(crate) struct Example {
    /// Folder and name of its files, such as `iti-18/FindDocuments`.
    pub(crate) name: String,
    /// What it is about, in both languages.
    pub(crate) about: [String; 2],
    pub(crate) sent: Sent,
    /// What the answer holds.
    pub(crate) ends: &'static str,
}

/// How a message travels.
pub(crate) enum Sent {
    Soap(Soap),
    /// HL7 v2, without its frame.
    Feed(Vec<u8>),
}

/// A SOAP message.
pub(crate) struct Soap {
    pub(crate) path: &'static str,
    pub(crate) message: Message,
    envelope: String,
    transaction: &'static Transaction,
}

/// Every example, in an order in which they can be sent to a new house.
pub(crate) fn all() -> Vec<Example> {
    [
        people::announced(),
        documents::submitted(),
        queries::asked(),
        documents::retrieved(),
        across::asked(),
        discovery::asked(),
        identities::told(),
        changes::updated(),
        changes::removed(),
        people::moved(),
        documents::refused(),
        across::refused(),
        discovery::refused(),
    ]
    .into_iter()
    .flatten()
    .collect()
}

impl Example {
    /// A SOAP example of a transaction; `content` are the documents that go in parts.
    pub(crate) fn soap(
        transaction: &'static Transaction,
        name: &str,
        about: [&str; 2],
        content: &[&[u8]],
        body: impl FnOnce(&mut Writer),
    ) -> Self {
        let seed = seed(name);
        let id = format!("urn:uuid:{seed}");
        let path = path_of(transaction);
        let to = format!("https://localhost:8443{path}");
        let action = transaction.request_action;
        let envelope = pretty(&envelope::write_request(action, &id, &to, body));
        let message = framed(transaction, seed, &envelope, content);
        let sent = Sent::Soap(Soap { path, message, envelope, transaction });
        Self::of(name, about, sent, SUCCESS)
    }

    /// An HL7 v2 example.
    pub(crate) fn feed(name: &str, about: [&str; 2], message: Vec<u8>) -> Self {
        Self::of(name, about, Sent::Feed(message), "MSA|AA|")
    }

    fn of(name: &str, about: [&str; 2], sent: Sent, ends: &'static str) -> Self {
        Self { name: name.to_owned(), about: about.map(str::to_owned), sent, ends }
    }

    /// The same, answered in another way.
    pub(crate) fn ending(self, ends: &'static str) -> Self {
        Self { ends, ..self }
    }

    /// The same, sent to another endpoint.
    pub(crate) fn at(mut self, to: &'static str) -> Self {
        if let Sent::Soap(soap) = &mut self.sent {
            soap.path = to;
        }
        self
    }

    /// What its files end with, and what the request's file holds.
    pub(crate) fn file(&self) -> (&'static str, Vec<u8>) {
        match &self.sent {
            Sent::Soap(soap) if soap.is_in_parts() => ("mime", soap.message.body.clone()),
            Sent::Soap(soap) => ("xml", soap.message.body.clone()),
            Sent::Feed(message) => {
                let line = |octet: &u8| if *octet == b'\r' { b'\n' } else { *octet };
                ("hl7", message.iter().map(line).collect())
            }
        }
    }

    /// Sends it; needed by those that come after it.
    pub(crate) fn send(&self, house: &House) -> Result<()> {
        match &self.sent {
            Sent::Soap(soap) => drop(house.me.post(soap.path, &soap.message)?),
            Sent::Feed(message) => drop(house.feed()?.send(message)?),
        }
        Ok(())
    }
}

impl Soap {
    fn is_in_parts(&self) -> bool {
        self.transaction.framing == Framing::Mtom
    }

    /// Fails unless the message is valid by the published schemas. ITI-86 has none among them.
    pub(crate) fn is_valid(&self) -> Result<()> {
        let (content_type, envelope) = (String::new(), self.envelope.clone());
        let message = Reply { status: 200, content_type, envelope, parts: Vec::new() };
        let schema = match self.transaction.id {
            "ITI-18" | "ITI-38" | "ITI-51" => "ebRS30/query.xsd",
            "ITI-39" | "ITI-41" | "ITI-43" => "IHE/IHEXDSB.xsd",
            "ITI-44" | "ITI-45" | "ITI-47" | "ITI-55" => {
                let action = self.transaction.request_action;
                let interaction = action.trim_start_matches("urn:hl7-org:v3:").split(':').next();
                return schema::check_hl7v3(interaction.unwrap_or(action), message.payload()?);
            }
            "ITI-56" => return schema::check_hl7v3(LOCATIONS, message.payload()?),
            "ITI-86" => return Ok(()),
            _ => "ebRS30/lcm.xsd",
        };
        message.valid_by(schema)
    }

    /// The same of its answer.
    pub(crate) fn is_answered_validly(&self, reply: &Reply) -> Result<()> {
        match self.transaction.id {
            _ if reply.status != 200 => Ok(()),
            "ITI-18" | "ITI-38" | "ITI-51" => reply.valid_by("ebRS30/query.xsd"),
            "ITI-39" | "ITI-43" => reply.valid_by("IHE/IHEXDSB.xsd"),
            "ITI-44" => reply.accepted().map(drop),
            "ITI-45" => reply.cross_referenced().map(drop),
            "ITI-47" => reply.discovered_by_demographics().map(drop),
            "ITI-55" => reply.discovered().map(drop),
            "ITI-56" => schema::check_hl7v3(LOCATIONS, reply.payload()?),
            _ => reply.valid_by("ebRS30/rs.xsd"),
        }
    }
}

/// An id that only the example of this name has.
pub(crate) fn seed(name: &str) -> Uuid {
    let digest: [u8; 20] = Sha1::digest(name).into();
    let mut octets = [0; 16];
    octets.copy_from_slice(&digest[..16]);
    uuid::Builder::from_sha1_bytes(octets).into_uuid()
}

fn path_of(transaction: &Transaction) -> &'static str {
    match transaction.id {
        "ITI-38" | "ITI-39" => RESPONDING_GATEWAY,
        "ITI-41" | "ITI-43" | "ITI-86" => REPOSITORY,
        "ITI-44" => PATIENT_FEED_V3,
        "ITI-45" => PIX_V3,
        "ITI-47" => PDQ_V3,
        "ITI-55" | "ITI-56" => XCPD,
        _ => REGISTRY,
    }
}

fn framed(transaction: &Transaction, seed: Uuid, envelope: &str, content: &[&[u8]]) -> Message {
    let action = Some(transaction.request_action);
    if transaction.framing == Framing::Simple {
        let content_type = simple_content_type(action);
        return Message { content_type, body: envelope.as_bytes().to_vec() };
    }
    let parts = MultipartWriter::new(seed);
    let mut body = parts.root(envelope).to_vec();
    for (number, content) in content.iter().enumerate() {
        body.extend_from_slice(&parts.part_start(&content_id(number), "text/csv"));
        body.extend_from_slice(content);
    }
    body.extend_from_slice(&parts.close());
    Message { content_type: parts.content_type(action), body }
}

/// The Content-ID of a document by its place in the message.
pub(crate) fn content_id(number: usize) -> String {
    format!("document{}@source.example.jp", number + 1)
}
