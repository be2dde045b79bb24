//! lcm:SubmitObjectsRequest, which ITI-41 and ITI-42 share (ITI TF-2: 3.41.4.1.2, 3.42.4.1.2).

use crate::rules;
use renkei_metadata::ebrim;
use renkei_metadata::finding::{Checked, Finding};
use renkei_metadata::model::Submission;
use renkei_soap::xml::{Reader, Writer, XmlError, ns};

/// Reads the lcm:SubmitObjectsRequest that the reader is in.
pub(crate) fn read(r: &mut Reader<'_>) -> Result<Checked<Submission>, XmlError> {
    let mut found: Option<Checked<Submission>> = None;
    while let Some(child) = r.next_child()? {
        if !child.is(ns::RIM, "RegistryObjectList") {
            r.skip()?;
        } else if let Some(first) = &mut found {
            first.findings.push(twice("rim:RegistryObjectList"));
            r.skip()?;
        } else {
            found = Some(ebrim::read_submission(r, &child)?);
        }
    }
    Ok(found.unwrap_or_else(|| absent("rim:RegistryObjectList")))
}

/// Writes lcm:SubmitObjectsRequest with its namespaces.
pub(crate) fn write(w: &mut Writer, submission: &Submission) {
    w.start("lcm:SubmitObjectsRequest").attr("xmlns:lcm", ns::LCM).attr("xmlns:rim", ns::RIM);
    ebrim::write_submission(w, submission);
    w.end();
}

/// The message has no such element.
pub(crate) fn absent(element: &'static str) -> Checked<Submission> {
    Checked::bad(vec![Finding::new(&rules::SUBMISSION_ABSENT, "Message").attribute(element)])
}

/// The message has the element more than once.
pub(crate) fn twice(element: &'static str) -> Finding {
    Finding::new(&rules::SUBMISSION_TWICE, "Message").attribute(element)
}
