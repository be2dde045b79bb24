//! Register On-Demand Document Entry (ITI TF-2: 3.61). The message is that of ITI-42, and so is the
//! answer.

use crate::refusal::{expect_request, unreadable};
use crate::submit;
use crate::transaction::ITI_61;
use renkei_metadata::finding::Checked;
use renkei_metadata::model::Submission;
use renkei_soap::fault::Fault;
use renkei_soap::xml::{Element, Reader, Writer, ns};

/// Reads a request; the reader is inside `body` and at its end afterwards.
pub fn read_request(r: &mut Reader<'_>, body: &Element) -> Result<Checked<Submission>, Fault> {
    expect_request(body, ns::LCM, "SubmitObjectsRequest", &ITI_61)?;
    submit::read(r).map_err(unreadable)
}

/// Writes a request with its namespaces.
pub fn write_request(w: &mut Writer, submission: &Submission) {
    submit::write(w, submission);
}
