//! Bodies that are refused before they can have a response of their own.

use crate::transaction::Transaction;
use renkei_soap::fault::{Fault, rows};
use renkei_soap::xml::{Element, XmlError};

/// Refuses a request whose body is not the element its action calls for (ITI TF-2: V.3).
pub(crate) fn expect_request(
    body: &Element,
    namespace: &str,
    local: &str,
    transaction: &Transaction,
) -> Result<(), Fault> {
    if body.is(namespace, local) {
        Ok(())
    } else {
        Err(Fault::action_not_supported(transaction.request_action))
    }
}

/// Refuses an answer whose body is not the element expected.
pub(crate) fn expect_response(body: &Element, namespace: &str, local: &str) -> Result<(), Fault> {
    if body.is(namespace, local) {
        return Ok(());
    }
    Err(Fault::of(&rows::ANSWER_ELEMENT, &[("name", local)]))
}

/// The fault for XML that cannot be read.
pub(crate) fn unreadable(error: XmlError) -> Fault {
    Fault::xml(&error)
}
