//! A message that was not understood, not allowed, or not dealt with: its record and its fault.

use super::answer::{self, Record};
use super::audit;
use crate::house::House;
use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::http::header::{ACCEPT_ENCODING, HeaderValue};
use renkei_atna::record::Outcome;
use renkei_context::Ctx;
use renkei_soap::fault::Fault;
use renkei_xds::transaction::Transaction;

/// A refusal, with what was known when it happened.
pub(super) struct Refusal {
    fault: Box<Fault>,
    /// Which transaction it was, if that could be told and is not on record yet.
    to_record: Option<&'static Transaction>,
    relates_to: Option<String>,
    /// The HTTP status, where HTTP has a finer one than SOAP.
    status: Option<StatusCode>,
}

impl From<Fault> for Refusal {
    fn from(fault: Fault) -> Self {
        Self { fault: Box::new(fault), to_record: None, relates_to: None, status: None }
    }
}

impl Refusal {
    /// A refusal of a request of `transaction`.
    pub(super) fn of(fault: Fault, transaction: Option<&'static Transaction>) -> Self {
        Self { to_record: transaction, ..fault.into() }
    }

    /// A refusal that whoever refuses has recorded, or will.
    pub(super) fn recorded(fault: Fault) -> Self {
        fault.into()
    }

    /// What is told.
    pub(super) fn fault(&self) -> &Fault {
        &self.fault
    }

    /// Gives it an HTTP status of its own.
    #[must_use]
    pub(super) fn with_status(mut self, status: StatusCode) -> Self {
        self.status = Some(status);
        self
    }

    /// Adds the wsa:MessageID of the request.
    #[must_use]
    pub(super) fn relating_to(mut self, message_id: Option<String>) -> Self {
        self.relates_to = message_id;
        self
    }

    /// Records it, where that is to be done, and makes the answer of it.
    pub(super) async fn answer(self, house: &House, ctx: &Ctx) -> HttpResponse {
        let fault = description(&self.fault);
        tracing::info!(request = %ctx.request_id, peer = %ctx.caller.name, fault, "refused");
        if let Some(transaction) = self.to_record {
            record(house, ctx, transaction, &self.fault).await;
        }
        let mut response = answer::fault(&self.fault, self.relates_to.as_deref());
        if let Some(status) = self.status {
            *response.status_mut() = status;
        }
        if self.status == Some(StatusCode::UNSUPPORTED_MEDIA_TYPE) {
            // RFC 9110, 12.5.3: what would be taken.
            response.headers_mut().insert(ACCEPT_ENCODING, HeaderValue::from_static("identity"));
        }
        response
    }
}

/// EventOutcomeDescription of a fault.
pub(super) fn description(fault: &Fault) -> String {
    format!("SOAP fault {}", fault.code.local())
}

/// Records a fault as the outcome of a request.
pub(super) async fn record(house: &House, ctx: &Ctx, transaction: &Transaction, fault: &Fault) {
    let record = Record {
        outcome: Outcome::SeriousFailure,
        objects: Vec::new(),
        description: Some(description(fault)),
    };
    if let Err(error) = audit::write(house, ctx, transaction, vec![record]).await {
        tracing::error!(request = %ctx.request_id, %error, "refusal could not be audited");
    }
}
