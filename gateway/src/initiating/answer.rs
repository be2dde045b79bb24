//! What a gateway answers to a query, read as liberally as it can be without guessing.

use super::object::Object;
use renkei_metadata::finding::Severity;
use renkei_soap::fault::Fault;
use renkei_soap::xml::{Element, Reader, XmlError, ns};
use renkei_xds::response::{RegistryError, Status};

/// The most errors that are read of one answer.
const MOST_ERRORS: usize = 1000;

/// The answer of a community.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Answer {
    pub(super) status: Status,
    pub(super) errors: Vec<RegistryError>,
    pub(super) objects: Vec<Object>,
    /// Whether it had more objects than are taken.
    pub(super) has_more: bool,
}

/// Reads query:AdhocQueryResponse; at most `most` objects are kept.
pub(super) fn read(r: &mut Reader<'_>, body: &Element, most: usize) -> Result<Answer, Fault> {
    if !body.is(ns::QUERY, "AdhocQueryResponse") {
        return Err(Fault::sender(
            "The answer has to hold the element AdhocQueryResponse.",
            "応答の本文には要素 AdhocQueryResponse が必要です。",
        ));
    }
    let mut answer = Answer {
        status: Status::read(body)?,
        errors: Vec::new(),
        objects: Vec::new(),
        has_more: false,
    };
    read_lists(r, &mut answer, most).map_err(|error| Fault::xml(&error))?;
    Ok(answer)
}

fn read_lists(r: &mut Reader<'_>, answer: &mut Answer, most: usize) -> Result<(), XmlError> {
    while let Some(list) = r.next_child()? {
        if list.is(ns::RIM, "RegistryObjectList") {
            while let Some(child) = r.next_child()? {
                if answer.objects.len() >= most {
                    answer.has_more = true;
                    r.skip()?;
                    continue;
                }
                match Object::read(r, &child)? {
                    Some(object) => answer.objects.push(object),
                    None => answer.has_more = true,
                }
            }
        } else if list.is(ns::RS, "RegistryErrorList") {
            while let Some(child) = r.next_child()? {
                if child.is(ns::RS, "RegistryError") && answer.errors.len() < MOST_ERRORS {
                    answer.errors.push(error(&child));
                }
                r.skip()?;
            }
        } else {
            r.skip()?;
        }
    }
    Ok(())
}

fn error(element: &Element) -> RegistryError {
    let attr = |name| element.attr(name).unwrap_or_default().to_owned();
    let is_warning = element.attr("severity").is_some_and(|urn| urn.trim().ends_with("Warning"));
    RegistryError {
        code: attr("errorCode"),
        context: attr("codeContext"),
        severity: if is_warning { Severity::Warning } else { Severity::Error },
        location: attr("location"),
    }
}
