//! Answers, taken apart.

use crate::schema;
use crate::wire::Answer;
use anyhow::{Context, Result, bail, ensure};
use bytes::Bytes;
use renkei_hl7v3::acknowledgement::AcceptAcknowledgement;
use renkei_hl7v3::{iti45, iti47, iti55};
use renkei_soap::envelope::{self, Addressing};
use renkei_soap::fault::Fault;
use renkei_soap::limits::MessageLimits;
use renkei_soap::message::{Event, MessageReader};
use renkei_soap::tolerance::Tolerances;
use renkei_soap::xml::{Element, Reader, XmlLimits};
use renkei_xds::iti18::{self, QueryResponse};
use renkei_xds::iti41::Content;
use renkei_xds::iti43::{self, Made};
use renkei_xds::response::RegistryResponse;

/// A SOAP answer.
#[derive(Debug)]
pub struct Reply {
    /// HTTP status.
    pub status: u16,
    /// Content-Type.
    pub content_type: String,
    /// The envelope.
    pub envelope: String,
    /// Content-ID and octets of each further part.
    pub parts: Vec<(String, Vec<u8>)>,
}

/// A document of an answer.
#[derive(Debug, PartialEq, Eq)]
pub struct Document {
    /// repositoryUniqueId as the answer gives it.
    pub repository: String,
    /// uniqueId as the answer gives it.
    pub unique_id: String,
    /// homeCommunityId as the answer gives it.
    pub home: Option<String>,
    /// What was made of it for the answer, if it is an On-Demand document.
    pub made: Option<Made>,
    /// mimeType.
    pub mime_type: String,
    /// Octets.
    pub content: Vec<u8>,
}

/// The answer to a retrieval.
#[derive(Debug)]
pub struct Retrieved {
    /// How it ended.
    pub response: RegistryResponse,
    /// What came, in message order.
    pub documents: Vec<Document>,
}

impl Reply {
    /// Takes an answer apart.
    pub fn of(answer: Answer) -> Result<Self> {
        let content_type = answer.header("content-type").context("no Content-Type")?.to_owned();
        let mut reader = MessageReader::new(&content_type, &MessageLimits::default())?;
        let mut envelope = None;
        let mut parts: Vec<(String, Vec<u8>)> = Vec::new();
        reader.push(Bytes::from(answer.body));
        reader.finish();
        loop {
            match reader.next()? {
                Event::Root(text) => envelope = Some(text),
                Event::PartStart(part) => parts.push((part.content_id, Vec::new())),
                Event::Data(octets) => {
                    parts.last_mut().context("no part")?.1.extend_from_slice(&octets);
                }
                Event::PartEnd => {}
                Event::NeedMore => bail!("the message is not complete"),
                Event::End => break,
            }
        }
        // Our own answers give no cause for tolerance.
        ensure!(reader.tolerances().is_empty(), "{content_type}: not as the standard has it");
        let envelope = envelope.context("no envelope")?;
        Ok(Self { status: answer.status, content_type, envelope, parts })
    }

    fn body<T>(
        &self,
        read: impl FnOnce(&mut Reader<'_>, &Element) -> Result<T>,
    ) -> Result<(Addressing, T)> {
        let mut reader = Reader::new(&self.envelope, XmlLimits::default());
        let mut tolerances = Tolerances::default();
        let opened = envelope::open(&mut reader, &mut tolerances)?;
        ensure!(tolerances.is_empty(), "envelope not as the standard has it");
        let value = read(&mut reader, &opened.body)?;
        envelope::close(&mut reader)?;
        Ok((opened.addressing, value))
    }

    /// Its addressing headers.
    pub fn addressing(&self) -> Result<Addressing> {
        Ok(self.body(|_, _| Ok(()))?.0)
    }

    /// The XML of the one element in its body, as it came.
    pub fn payload(&self) -> Result<&str> {
        let start = self.envelope.find("<soap12:Body>").context("no body")? + "<soap12:Body>".len();
        let end = self.envelope.rfind("</soap12:Body>").context("no end of body")?;
        self.envelope.get(start..end).context("no body")
    }

    /// Fails unless the payload is valid by the schema of this name, where schemas are at hand.
    ///
    /// The schema is about the message before its documents were put into parts (XOP 1.0, 3).
    pub fn valid_by(&self, schema: &str) -> Result<()> {
        let mut xml = self.payload()?.to_owned();
        while let Some(start) = xml.find("<xop:Include") {
            let rest = xml.get(start..).context("no rest")?;
            let length = rest.find("/>").context("xop:Include has content")? + "/>".len();
            xml.replace_range(start..start + length, "");
        }
        schema::check(schema, &xml)
    }

    /// The fault that it is.
    pub fn fault(&self) -> Result<Fault> {
        let read = |reader: &mut Reader<'_>, body: &Element| {
            ensure!(Fault::is_fault(body), "not a fault: {}", self.envelope);
            Ok(Fault::read(reader)?)
        };
        Ok(self.body(read)?.1)
    }

    /// The registry response that it is.
    pub fn registry(&self) -> Result<RegistryResponse> {
        self.ok()?;
        Ok(self.body(|r, body| Ok(RegistryResponse::read(r, body)?))?.1)
    }

    /// The query response that it is.
    pub fn query(&self) -> Result<QueryResponse> {
        self.ok()?;
        let response = self.body(|r, body| Ok(iti18::read_response(r, body)?))?.1;
        ensure!(response.findings.is_empty(), "{:?}", response.findings);
        Ok(response)
    }

    /// The answer to patient discovery that it is, valid by the schema of HL7 where that is at hand.
    pub fn discovered(&self) -> Result<iti55::Answer> {
        self.ok()?;
        schema::check_hl7v3("PRPA_IN201306UV02", self.payload()?)?;
        Ok(self.body(|r, body| Ok(iti55::Answer::read(r, body)?.message))?.1)
    }

    /// The answer to a PIX query that it is, valid likewise.
    pub fn cross_referenced(&self) -> Result<iti45::Answer> {
        self.ok()?;
        schema::check_hl7v3("PRPA_IN201310UV02", self.payload()?)?;
        Ok(self.body(|r, body| Ok(iti45::Answer::read(r, body)?.message))?.1)
    }

    /// The answer to a demographics query that it is, valid likewise.
    pub fn discovered_by_demographics(&self) -> Result<iti47::Answer> {
        self.ok()?;
        schema::check_hl7v3("PRPA_IN201306UV02", self.payload()?)?;
        Ok(self.body(|r, body| Ok(iti47::Answer::read(r, body)?.message))?.1)
    }

    /// The acknowledgement that it is, valid likewise.
    pub fn accepted(&self) -> Result<AcceptAcknowledgement> {
        self.ok()?;
        schema::check_hl7v3("MCCI_IN000002UV01", self.payload()?)?;
        Ok(self.body(|r, body| Ok(AcceptAcknowledgement::read(r, body)?.message))?.1)
    }

    /// The retrieval that it is.
    pub fn retrieved(&self) -> Result<Retrieved> {
        self.ok()?;
        let limits = MessageLimits::default();
        let mut tolerances = Tolerances::default();
        let read = |r: &mut Reader<'_>, body: &Element| {
            Ok(iti43::read_response(r, body, &limits, &mut tolerances)?)
        };
        let response = self.body(read)?.1;
        let mut documents = Vec::new();
        for document in response.documents {
            let Content::Include(cid) = document.content else { bail!("a document inline") };
            let part = self.parts.iter().find(|(id, _)| *id == cid).context("no part")?;
            documents.push(Document {
                repository: document.request.repository.to_string(),
                unique_id: document.request.unique_id.to_string(),
                home: document.request.home.map(|h| h.to_string()),
                made: document.made,
                mime_type: document.mime_type,
                content: part.1.clone(),
            });
        }
        ensure!(documents.len() == self.parts.len(), "parts that nothing refers to");
        Ok(Retrieved { response: response.registry, documents })
    }

    fn ok(&self) -> Result<()> {
        ensure!(self.status == 200, "HTTP status {}: {}", self.status, self.envelope);
        Ok(())
    }
}
