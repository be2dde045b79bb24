//! Patients over HL7 v3: the feed (ITI-44), other identifiers of a person (ITI-45), who somebody is (ITI-47).

use super::call::{Called, Request};
use super::record::endings;
use super::{Nothing, SoapClient};
use crate::error::ClientError;
use renkei_atna::build;
use renkei_atna::record::Object;
use renkei_hl7v3::acknowledgement::{AcceptAcknowledgement, Acknowledgement};
use renkei_hl7v3::iti44::{Event, Feed, RoleId};
use renkei_hl7v3::iti47::{Continuation, Wish};
use renkei_hl7v3::query::QueryCopy;
use renkei_hl7v3::{InstanceId, Refusal, iti45, iti47};
use renkei_metadata::finding::Severity;
use renkei_metadata::ids::PatientId;
use renkei_soap::envelope::Envelope;
use renkei_soap::fault::Fault;
use renkei_soap::tolerance::Tolerances;
use renkei_soap::xml::{Reader, Writer};
use renkei_xds::response::{RegistryError, Status};
use renkei_xds::transaction::{
    ITI_44_ADDED, ITI_44_MERGED, ITI_44_REVISED, ITI_44_SUBSUMED, ITI_45, ITI_46, ITI_47,
    ITI_47_CANCEL, ITI_47_CONTINUE, Transaction,
};
use url::Url;

/// An answer, and what the record of the call says of it.
struct Judged<T> {
    answer: T,
    errors: Vec<RegistryError>,
}

impl<T> Judged<T> {
    fn ending(&self) -> (Status, &[RegistryError]) {
        let status = if self.errors.is_empty() { Status::Success } else { Status::Failure };
        (status, &self.errors)
    }
}

impl SoapClient {
    /// ITI-44: tells a PIX Manager or registry of a record. What it acknowledges may be a refusal.
    ///
    /// # Errors
    /// When there was no answer that could be read.
    pub async fn feed_patient(
        &self,
        url: &Url,
        feed: &Feed,
    ) -> Result<Acknowledgement, ClientError> {
        let transaction = match feed.event {
            Event::Added => &ITI_44_ADDED,
            Event::Revised => &ITI_44_REVISED,
            Event::Merged => &ITI_44_MERGED,
        };
        self.told_of(transaction, url, feed).await
    }

    /// ITI-46: tells a consumer that the identifiers of a person have changed; `feed` is of a revised record.
    ///
    /// # Errors
    /// When there was no answer that could be read.
    pub async fn notify_patient(
        &self,
        url: &Url,
        feed: &Feed,
    ) -> Result<Acknowledgement, ClientError> {
        self.told_of(&ITI_46, url, feed).await
    }

    async fn told_of(
        &self,
        transaction: &'static Transaction,
        url: &Url,
        feed: &Feed,
    ) -> Result<Acknowledgement, ClientError> {
        let id = &feed.transmission.id;
        let own = about(&feed.ids, id);
        // A merge ends one identifier, and changes the other (ITI TF-2: 3.44.5.1).
        let ended = (feed.event == Event::Merged).then(|| about(&feed.prior, id));
        let request = Request::new(transaction, url, &self.call, |w| feed.write(w), vec![]);
        let (node, called) = (&self.node, request.called());
        let ending_one = Called { transaction: &ITI_44_SUBSUMED, ..called.clone() };
        let on_record = node.on_record(&called, vec![own.clone()]);
        let limits = node.options.limits;
        let read = |r: &mut Reader<'_>, e: &Envelope, _: &mut Tolerances| {
            acknowledged(r, e, id).map_err(|fault| ClientError::unreadable(&fault, &limits))
        };
        let result = node.call(request, &mut Nothing, read).await.map(|(value, _)| value);
        let mut records = Vec::new();
        for ending in endings(&result, Judged::ending) {
            if let Some(ended) = &ended {
                records.push(node.record(&ending_one, ending.clone(), ended.clone()));
            }
            records.push(node.record(&called, ending, own.clone()));
        }
        on_record.settle(records).await?;
        result.map(|judged| judged.answer)
    }

    /// ITI-45: asks by which identifiers a person is known elsewhere.
    ///
    /// # Errors
    /// When there was no answer that could be read.
    pub async fn cross_reference(
        &self,
        url: &Url,
        asked: &iti45::Request,
    ) -> Result<iti45::Answer, ClientError> {
        let patient = build::patient(&asked.patient.id.to_string());
        let about = vec![patient, query(&ITI_45, &asked.query_id, &asked.copy)];
        let read = |r: &mut Reader<'_>, e: &Envelope| {
            let answer = iti45::Answer::read(r, &e.body).map_err(Refusal::into_fault)?.message;
            let is_error = answer.outcome == iti45::Outcome::Error;
            Ok(Judged { answer, errors: if is_error { vec![error("AE")] } else { Vec::new() } })
        };
        let write = |w: &mut Writer| asked.write(w);
        let told = self.exchange(&ITI_45, url, about, write, read, Judged::ending).await;
        told.map(|judged| judged.answer)
    }

    /// ITI-47: asks who somebody is.
    ///
    /// # Errors
    /// When there was no answer that could be read.
    pub async fn find_patients(
        &self,
        url: &Url,
        asked: &iti47::Request,
    ) -> Result<iti47::Answer, ClientError> {
        let about = vec![query(&ITI_47, &asked.query.id, &asked.copy)];
        let write = |w: &mut Writer| asked.write(w);
        let told = self.exchange(&ITI_47, url, about, write, found, Judged::ending).await;
        told.map(|judged| judged.answer)
    }

    /// The same for the next persons of a query.
    ///
    /// # Errors
    /// When there was no answer that could be read.
    pub async fn find_more_patients(
        &self,
        url: &Url,
        wanted: &Continuation,
    ) -> Result<iti47::Answer, ClientError> {
        let about = vec![continued(wanted)];
        let write = |w: &mut Writer| wanted.write(w);
        let told = self.exchange(&ITI_47_CONTINUE, url, about, write, found, Judged::ending).await;
        told.map(|judged| judged.answer)
    }

    /// Says that no more of them is wanted.
    ///
    /// # Errors
    /// When there was no answer that could be read.
    pub async fn find_no_more_patients(
        &self,
        url: &Url,
        wanted: &Continuation,
    ) -> Result<Acknowledgement, ClientError> {
        let wanted = Continuation { wish: Wish::NoMore, ..wanted.clone() };
        let (about, id) = (vec![continued(&wanted)], wanted.transmission.id.clone());
        let write = |w: &mut Writer| wanted.write(w);
        let read = |r: &mut Reader<'_>, e: &Envelope| acknowledged(r, e, &id);
        let told = self.exchange(&ITI_47_CANCEL, url, about, write, read, Judged::ending).await;
        told.map(|judged| judged.answer)
    }
}

fn found(r: &mut Reader<'_>, envelope: &Envelope) -> Result<Judged<iti47::Answer>, Fault> {
    let answer = iti47::Answer::read(r, &envelope.body).map_err(Refusal::into_fault)?.message;
    let is_error = answer.outcome == iti47::Outcome::Error;
    Ok(Judged { answer, errors: if is_error { vec![error("AE")] } else { Vec::new() } })
}

fn acknowledged(
    r: &mut Reader<'_>,
    envelope: &Envelope,
    of: &InstanceId,
) -> Result<Judged<Acknowledgement>, Fault> {
    let read = AcceptAcknowledgement::read(r, &envelope.body).map_err(Refusal::into_fault)?;
    let answer = read.message.acknowledgement;
    if answer.target != *of {
        return Err(Fault::sender(
            "It acknowledges another message.",
            "別のメッセージに対する受信確認です。",
        ));
    }
    let is_accepted = answer.code.is_accepting();
    let errors = if is_accepted { Vec::new() } else { vec![error(answer.code.code())] };
    Ok(Judged { answer, errors })
}

fn error(code: &str) -> RegistryError {
    RegistryError {
        code: code.to_owned(),
        context: String::new(),
        severity: Severity::Error,
        location: String::new(),
    }
}

/// The patients of a message, with its id (ITI TF-2: 3.44.5.1, 3.46.5.1).
fn about(ids: &[RoleId], message: &InstanceId) -> Vec<Object> {
    let known = ids.iter().filter_map(|id| PatientId::new(&id.extension, id.root.clone()?).ok());
    known.map(|id| build::patient_of_message(&id.to_string(), &named(message))).collect()
}

fn query(transaction: &Transaction, id: &InstanceId, copy: &QueryCopy) -> Object {
    let audit = &transaction.audit;
    build::stored_query(audit.code, audit.text, &named(id), copy.as_xml(), None)
}

/// A continuation names a query and does not hold it: its own words are what was asked.
fn continued(wanted: &Continuation) -> Object {
    let mut w = Writer::new();
    wanted.write(&mut w);
    let audit = &ITI_47.audit;
    build::stored_query(audit.code, audit.text, &named(&wanted.query_id), &w.finish(), None)
}

fn named(id: &InstanceId) -> String {
    match id.extension() {
        Some(extension) => format!("{}^{extension}", id.root()),
        None => id.root().to_owned(),
    }
}
