//! Update Document Set (ITI TF-2: 3.57). The answer is a
//! [`RegistryResponse`](crate::response::RegistryResponse).

use crate::refusal::{expect_request, unreadable};
use crate::submit;
use crate::transaction::ITI_57;
use renkei_metadata::finding::Checked;
use renkei_metadata::update::{self, Form, Update};
use renkei_soap::fault::Fault;
use renkei_soap::xml::{Element, Reader, Writer, ns};

/// Reads a request; the reader is inside `body` and at its end afterwards.
pub fn read_request(r: &mut Reader<'_>, body: &Element) -> Result<Checked<Update>, Fault> {
    expect_request(body, ns::LCM, "SubmitObjectsRequest", &ITI_57)?;
    let submission = submit::read(r).map_err(unreadable)?;
    Ok(update::read(submission, Form::Full))
}

/// Writes a request with its namespaces.
pub fn write_request(w: &mut Writer, update: &Update) {
    submit::write(w, &update.message());
}

#[cfg(test)]
mod tests;
